"""Every way an item or a poll can end. The words are metric labels and stored values: never built from input."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an item ended. Each item ends in exactly one; numbers in equal outcomes out."""

    INDEXED = "indexed"
    REVISED = "revised"
    COPY = "copy"
    UNCHANGED = "unchanged"
    KNOWN = "known"
    SPLIT = "split"
    LANGUAGE_NOT_TAGGED = "language_not_tagged"
    NOT_FOUND = "not_found"
    GONE = "gone"
    BLOCKED = "blocked"
    PAYWALLED = "paywalled"
    CONSENT_PAGE = "consent_page"
    ROBOTS_DENIED = "robots_denied"
    ADDRESS_REFUSED = "address_refused"
    BAD_URL = "bad_url"
    REDIRECT_REFUSED = "redirect_refused"
    NOT_HTML = "not_html"
    TOO_LARGE = "too_large"
    ENCODING_REFUSED = "encoding_refused"
    MARKUP_REFUSED = "markup_refused"
    NO_TEXT = "no_text"
    TOO_SHORT = "too_short"
    HTTP_ERROR = "http_error"
    UNREACHABLE = "unreachable"
    DELETED = "deleted"
    DROPPED = "dropped"
    """An operator dropped a parked item."""


MEANINGS: dict[Outcome, str] = {
    Outcome.INDEXED: "a new article, indexed with its statements",
    Outcome.REVISED: "a known article whose text changed, indexed anew",
    Outcome.COPY: "a copy of a story that is known from another outlet, indexed and joined to it",
    Outcome.UNCHANGED: "a known article with the same text; nothing written but the time it was seen",
    Outcome.SPLIT: "a live blog; each of its updates is an item of its own",
    Outcome.KNOWN: "the entry was indexed before (the work ledger was lost); not fetched again",
    Outcome.LANGUAGE_NOT_TAGGED: "indexed and searchable, in a language that no tagger reads",
    Outcome.NOT_FOUND: "the page does not exist (404)",
    Outcome.GONE: "the page was taken away for good (410)",
    Outcome.BLOCKED: "the server refuses us (401, 403, 451 or a challenge page)",
    Outcome.PAYWALLED: "the page shows only a teaser to those who do not pay",
    Outcome.CONSENT_PAGE: "a consent or cookie wall stands in place of the article",
    Outcome.ROBOTS_DENIED: "the site's robots.txt forbids it",
    Outcome.ADDRESS_REFUSED: "the address is not a public one, or the port or scheme is not allowed",
    Outcome.BAD_URL: "the link is not a URL that can be fetched",
    Outcome.REDIRECT_REFUSED: "too many redirects, a loop, or a redirect to a place that is refused",
    Outcome.NOT_HTML: "the answer is no web page (PDF, image, video, feed)",
    Outcome.TOO_LARGE: "the answer is over the size limit",
    Outcome.ENCODING_REFUSED: "a compression or character set that is not on the list",
    Outcome.MARKUP_REFUSED: "markup built to exhaust a parser",
    Outcome.NO_TEXT: "no article text could be found in the page",
    Outcome.TOO_SHORT: "less text than an article has",
    Outcome.HTTP_ERROR: "another answer of the server that will not change by itself",
    Outcome.UNREACHABLE: "the server did not answer for longer than we keep trying",
    Outcome.DELETED: "deleted on request; will not be fetched again",
    Outcome.DROPPED: "dropped from quarantine by an operator",
}


class ParkReason(StrEnum):
    """Why an item waits in quarantine for a human after its third failed attempt."""

    CRASHED = "crashed"
    ERROR = "error"
    STORE_REJECTED = "store_rejected"
    BODY_LOST = "body_lost"


PARK_MEANINGS: dict[ParkReason, str] = {
    ParkReason.CRASHED: "its process died or was killed: memory, time or a fault in C code",
    ParkReason.ERROR: "an exception of ours; the first lines of its trace are kept",
    ParkReason.STORE_REJECTED: "the result store refuses this very document",
    ParkReason.BODY_LOST: "its body is gone, and fetching it again fails",
}


class PollOutcome(StrEnum):
    """How one poll of a feed ended."""

    NOT_MODIFIED = "not_modified"
    UNCHANGED_BODY = "unchanged_body"
    PARSED = "parsed"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    BLOCKED = "blocked"
    NOT_FOUND = "not_found"
    GONE = "gone"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server_error"


POLL_MEANINGS: dict[PollOutcome, str] = {
    PollOutcome.NOT_MODIFIED: "the server says nothing changed (304)",
    PollOutcome.UNCHANGED_BODY: "the same bytes as last time; not parsed",
    PollOutcome.PARSED: "read, with at least one entry",
    PollOutcome.EMPTY: "a feed without entries",
    PollOutcome.NOT_A_FEED: "the address answers something else, mostly a web page: look for the feed's new address",
    PollOutcome.BLOCKED: "the server refuses us (401, 403, 451 or a challenge page)",
    PollOutcome.NOT_FOUND: "404: the feed moved or ended",
    PollOutcome.GONE: "410: the feed ended; polling stopped",
    PollOutcome.REFUSED: "our guard refused the address or the answer",
    PollOutcome.RATE_LIMITED: "429: the server asks for patience",
    PollOutcome.UNREACHABLE: "no answer: DNS, connection or time-out",
    PollOutcome.SERVER_ERROR: "the server failed (5xx)",
}
