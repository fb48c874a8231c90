"""What a page may be before any parser sees it; counted in linear time over the bytes.

C code cannot be interrupted: one page of 64,000 spans holds trafilatura for over a minute, one attribute of 5 MB for
nine seconds. The child process that parses is killed after 25 s; these bounds keep it from coming to that.
"""

import re

PAGE_BYTES = 10_000_000
MAX_TAGS = 40_000
"""The largest of 1,700 news pages measured has 19,000."""
MAX_TAG_BYTES = 300_000
"""Scripts and inlined images in attributes reach 120 kB on real pages."""
MAX_ATTRIBUTES_BYTES = 6_000_000
MAX_INLINE_TAGS = 15_000
"""Trafilatura's cost grows with the square of a paragraph's inline tags."""
MAX_MARKS = 200_000
"""Of ``<`` and of ``&``, tags or not: parsers report each stray one, and patterns start anew at it."""
MAX_UNCLOSED = 2_000
"""libxml2 gives up below 256 levels and drops what is deeper; a page that forgets some end tags is still read."""

_TAG = re.compile(rb"<[a-zA-Z]")
_INLINE = re.compile(rb"<(?:span|a|b|i|em|strong|font|br)[\s/>]", re.IGNORECASE)
_QUOTED = re.compile(rb"=\s*(?:\"([^\"]*)\"|'([^']*)')")
_LONG_RUN = re.compile(rb"=\s*(?:\"[^\"]{%d}|'[^']{%d})" % (MAX_TAG_BYTES - 8, MAX_TAG_BYTES - 8))
"""What every attribute that is too long begins with: far cheaper than to measure all of them."""
_LONG_TAG = re.compile(rb"<[a-zA-Z](?=[^<>]{%d})" % MAX_TAG_BYTES)
_DOCTYPE_SUBSET = re.compile(rb"<!DOCTYPE[^>\[]{0,500}\[", re.IGNORECASE)
_NESTING = (b"div", b"span", b"table", b"section", b"article", b"b", b"i", b"font", b"blockquote", b"ul", b"svg")
_HEAD_BYTES = 100_000


def refusal(body: bytes) -> str | None:
    """Return why the page must not be parsed, or None."""
    if len(body) > PAGE_BYTES:
        return f"{len(body)} bytes"
    head = body[:_HEAD_BYTES]
    if b"<!ENTITY" in head.upper() or _DOCTYPE_SUBSET.search(head):
        return "entity declarations"
    marks = max(body.count(b"<"), body.count(b"&"))
    if marks > MAX_MARKS:
        return f"{marks} signs of markup"
    # Counting bytes costs nothing; the patterns below run only where they could find something.
    return (
        (_tags(body) if marks > MAX_INLINE_TAGS else None)
        or (_nesting(body) if marks > MAX_UNCLOSED else None)
        or (_attributes(body) if len(body) > MAX_TAG_BYTES else None)
    )


def _tags(body: bytes) -> str | None:
    tags = sum(1 for _ in _TAG.finditer(body))
    if tags > MAX_TAGS:
        return f"{tags} tags"
    inline = sum(1 for _ in _INLINE.finditer(body))
    return f"{inline} inline tags" if inline > MAX_INLINE_TAGS else None


def _nesting(body: bytes) -> str | None:
    lower = body.lower()
    for name in _NESTING:
        if lower.count(b"<" + name) <= MAX_UNCLOSED:
            continue
        unclosed = lower.count(b"<" + name + b">") + lower.count(b"<" + name + b" ") - lower.count(b"</" + name)
        if unclosed > MAX_UNCLOSED:
            return f"{unclosed} unclosed {name.decode()} elements"
    return None


def _attributes(body: bytes) -> str | None:
    if not _LONG_RUN.search(body) and len(body) <= MAX_ATTRIBUTES_BYTES:
        return f"a tag of over {MAX_TAG_BYTES} bytes" if _LONG_TAG.search(body) else None
    longest = total = 0
    for match in _QUOTED.finditer(body):
        size = match.end() - match.start()
        total += size
        longest = max(longest, size)
    if longest > MAX_TAG_BYTES:
        return f"an attribute of {longest} bytes"
    if _LONG_TAG.search(body):
        return f"a tag of over {MAX_TAG_BYTES} bytes"
    return f"{total} bytes of attributes" if total > MAX_ATTRIBUTES_BYTES else None
