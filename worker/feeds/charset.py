"""Decides a feed's character set; no parser may choose one for us.

Order: byte order mark, the ``charset`` of the Content-Type header (RFC 7303), the shape of UTF-16 and UTF-32 without
a mark, the XML declaration, UTF-8. Only character sets on the list of
``worker.charset`` are used.
"""

import re

from worker.charset import MARKS, charset_of_header, known_charset

_SHAPES = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00r\x00", "utf-16-le"),
    (b"\x00<\x00r", "utf-16-be"),
)
_WIDE = ("utf-16", "utf-32")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_REWRITTEN = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")

_C1 = re.compile("[\x80-\x9f]")
# Windows-1252 that was copied into UTF-8 byte by byte: quotes and dashes, nearly always.
_FROM_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


def charset_of(body: bytes, content_type: str = "") -> str:
    """Return the codec to decode the feed with."""
    marked = next((name for mark, name in MARKS if body.startswith(mark)), None)
    if marked:
        return marked
    header = known_charset(charset_of_header(content_type) or "")
    shaped = next((name for shape, name in _SHAPES if body.startswith(shape)), None)
    if header and _fits(header, shaped):
        return header
    if shaped:
        return shaped
    declared = _DECLARATION.match(body[:1000])
    name = known_charset(declared[1].decode("ascii")) if declared else None
    # A declaration that could be read as ASCII is not in a wide character set, whatever it says.
    return name if name and not name.startswith(_WIDE) else "utf-8"


def decode_feed(body: bytes, content_type: str = "") -> str:
    """Return the feed as text, without mark and XML declaration.

    Bytes that the character set does not have become U+FFFD, after UTF-8 and Windows-1252 were tried: most feeds that
    break their own declaration are one of the two.
    """
    text = _decoded(body, charset_of(body, content_type))
    if _C1.search(text):
        text = text.translate(_FROM_1252)
    return _REWRITTEN.sub("", text.lstrip("\ufeff"), count=1)


def _fits(header: str, shaped: str | None) -> bool:
    """Return whether the header may be believed: wide bytes are wide, and narrow ones narrow, whoever says what."""
    return header.startswith(_WIDE) == (shaped is not None)


def _decoded(body: bytes, charset: str) -> str:
    for attempt in (charset, "utf-8", "cp1252"):
        try:
            return body.decode(attempt)
        except UnicodeError:
            continue
    return body.decode(charset, errors="replace")
