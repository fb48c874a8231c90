"""Decides a page's character set and decodes it: mark, HTTP header, ``<meta>``, UTF-8, then a guess."""

import re

from charset_normalizer import from_bytes

from worker.charset import MARKS, charset_of_header, known_charset

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 4_096
"""Browsers look for the declaration in the first 1,024; CMSs put it later."""
_GUESS_BYTES = 64_000


def decode_page(body: bytes, content_type: str = "") -> str:
    """Return the page as text. Bytes that no character set fits become U+FFFD; nothing raises."""
    for name in _candidates(body, content_type):
        try:
            return body.decode(name).lstrip("\ufeff")
        except UnicodeError:
            continue
    broken = body.decode("utf-8", errors="replace")
    if _is_mostly_whole(broken):
        return broken.lstrip("\ufeff")
    return body.decode(_guess(body), errors="replace").lstrip("\ufeff")


def _is_mostly_whole(text: str) -> bool:
    """Return True for UTF-8 with a few broken bytes in it: a cut comment must not turn the page into another script."""
    lost = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", errors="ignore")) > 2 * lost


def _candidates(body: bytes, content_type: str) -> list[str]:
    marked = [name for mark, name in MARKS if body.startswith(mark)][:1]
    declared = _META.search(body[:_HEAD_BYTES])
    labels = [charset_of_header(content_type) or "", declared[1].decode("ascii") if declared else ""]
    named = [found for label in labels if label and (found := known_charset(label))]
    # A declaration that could be read as ASCII is not in a wide character set, whatever it says.
    narrow = [name for name in named if not name.startswith(("utf-16", "utf-32"))]
    return [*marked, *narrow, "utf-8"]


def _guess(body: bytes) -> str:
    best = from_bytes(body[:_GUESS_BYTES]).best()
    return (known_charset(best.encoding) if best else None) or "cp1252"
