"""Decides a feed's character set; no parser may choose one for us.

Order: byte order mark, the ``charset`` of the Content-Type header (RFC 7303), the shape of UTF-16 and UTF-32 without
a mark, the XML declaration, UTF-8. Only character sets on the list are used: Python knows codecs that decompress,
run state machines over megabytes or raise on anything (``punycode``, ``undefined``, ``idna``).
"""

import codecs
import re
from email.message import Message

ALLOWED = frozenset(
    [
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii", "cp1252",
        "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
        "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1253", "cp1254",
        "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874", "koi8-r", "koi8-u", "mac-cyrillic", "gb18030",
        "big5hkscs", "cp932", "euc_jp", "iso2022_jp", "cp949",
    ]
)  # fmt: skip
# Older names stand for a part of what their successor holds, and are used for all of it.
_SUCCESSORS = {
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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


def known_charset(label: str) -> str | None:
    """Return the codec that a label stands for, or None if it stands for none on the list."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _SUCCESSORS.get(name, name)
    return name if name in ALLOWED else None


def charset_of_header(content_type: str) -> str | None:
    """Return the ``charset`` parameter of a Content-Type header, whatever it says."""
    message = Message()
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    found = message.get_param("charset")
    return found if isinstance(found, str) else None


def charset_of(body: bytes, content_type: str = "") -> str:
    """Return the codec to decode the feed with."""
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), None)
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
