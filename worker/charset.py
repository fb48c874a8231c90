"""Which character sets we read, by what name; no parser may choose one for us.

Python knows codecs that decompress, run state machines over megabytes or raise on anything (``punycode``,
``undefined``, ``idna``): only those on the list are used.
"""

import codecs
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
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


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
