"""What an answer means for an item: it is the page, it never will be, or ask later. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.dates import retry_after
from worker.fetch.challenge import is_challenge
from worker.outcomes import Outcome
from worker.ports import HttpResponse

FIRST_WAIT_S = 60
LONGEST_WAIT_S = 6 * 3_600
GIVE_UP_AFTER = timedelta(days=3)
LONGEST_RETRY_AFTER = timedelta(days=1)
SNIFFED_BYTES = 1_024

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"})
_XML_TYPES = frozenset({"text/xml", "application/xml"})
_OTHER_FILES = re.compile(
    rb"%PDF-|\x89PNG|\xff\xd8\xff|GIF8|RIFF|PK\x03\x04|\x1f\x8b|\x00\x00\x00.ftyp|ID3|OggS|\x7fELF|MZ", re.DOTALL
)
_HTML_START = re.compile(rb"<!doctype\s+html|<html|<head|<body|<meta|<article|<div|<p[\s>]", re.IGNORECASE)
_OTHER_XML = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex|svg)[\s>]", re.IGNORECASE)
_BLOCKED = frozenset({401, 402, 403, 405, 406, 418, 451})
_LATER = frozenset({408, 421, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How often an item's host failed us before, since when, and for how long we go on trying."""

    tries: int
    since: datetime
    keep_for: timedelta = GIVE_UP_AFTER


@dataclass(frozen=True, slots=True)
class Fetched:
    """The body is a web page."""


@dataclass(frozen=True, slots=True)
class Deny:
    """The item ends here."""

    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Ask again, not before ``due_at``. ``host_until`` closes the host for others too."""

    due_at: datetime
    why: str
    host_until: datetime | None = None


def classify(answer: HttpResponse, *, trial: Trial, now: datetime) -> Fetched | Deny | Later:
    """Return what the answer means for an item with these trials behind it."""
    if answer.status in _LATER or answer.status >= 500:  # noqa: PLR2004 - RFC 9110: server errors
        if is_challenge(answer.headers, answer.body):
            return Deny(Outcome.BLOCKED, "a challenge page")
        asked = retry_after(answer.headers, now=now)
        return later(f"status {answer.status}", trial=trial, now=now, asked=asked)
    if answer.status == 200:  # noqa: PLR2004 - RFC 9110: OK
        return _page(answer)
    return _refusal(answer.status)


def later(why: str, *, trial: Trial, now: datetime, asked: datetime | None = None) -> Deny | Later:
    """Return when to ask again after a failure that may pass, or UNREACHABLE when there were enough of them."""
    if now - trial.since > trial.keep_for:
        return Deny(Outcome.UNREACHABLE, why)
    wait = timedelta(seconds=min(FIRST_WAIT_S << min(trial.tries, 12), LONGEST_WAIT_S))
    host_until = min(asked, now + LONGEST_RETRY_AFTER) if asked else None
    return Later(max(now + wait, host_until or now), why, host_until)


def _page(answer: HttpResponse) -> Fetched | Deny:
    if is_challenge(answer.headers, answer.body):
        return Deny(Outcome.BLOCKED, "a challenge page")
    if not answer.body.strip():
        return Deny(Outcome.NO_TEXT, "an empty answer")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not is_html(kind, answer.body):
        return Deny(Outcome.NOT_HTML, kind)
    return Fetched()


def is_html(kind: str, body: bytes) -> bool:
    """Return whether a body is a web page, by its first bytes before its declared type: types are often wrong."""
    head = body[:SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _OTHER_FILES.match(head) or _OTHER_XML.search(head):
        return False
    if kind in _HTML_TYPES - {"text/plain", "application/octet-stream"}:
        return b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return kind in _HTML_TYPES | _XML_TYPES and _HTML_START.search(head) is not None


def _refusal(status: int) -> Deny:
    if status == 404:  # noqa: PLR2004 - RFC 9110
        return Deny(Outcome.NOT_FOUND)
    if status == 410:  # noqa: PLR2004 - RFC 9110
        return Deny(Outcome.GONE)
    if status in _BLOCKED:
        return Deny(Outcome.BLOCKED, f"status {status}")
    return Deny(Outcome.HTTP_ERROR, f"status {status}")
