"""What a page may be before any parser sees it; counted in linear time over the bytes.

C code cannot be interrupted: one page of 64,000 spans holds trafilatura for over a minute, one attribute of 5 MB for
nine seconds. The child process that parses is killed after 25 s; these bounds keep it from coming to that.
"""

import re

PAGE_BYTES = 10_000_000
MAX_TAGS = 40_000
"""The largest of 1,700 news pages measured has 19,000."""
MAX_ATTRIBUTE_BYTES = 300_000
"""Scripts and inlined images in attributes reach 120 kB on real pages."""
MAX_INLINE_RUN = 15_000
"""Inline tags of one kind; trafilatura's cost grows with their square."""

_TAG = re.compile(rb"<[a-zA-Z]")
_INLINE = re.compile(rb"<(?:span|a|b|i|em|strong|font|br)[\s/>]", re.IGNORECASE)
_QUOTED = re.compile(rb"=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DOCTYPE_SUBSET = re.compile(rb"<!DOCTYPE[^>\[]{0,500}\[", re.IGNORECASE)


def refusal(body: bytes) -> str | None:
    """Return why the page must not be parsed, or None."""
    if len(body) > PAGE_BYTES:
        return f"{len(body)} bytes"
    if b"<!ENTITY" in body[:100_000].upper() or _DOCTYPE_SUBSET.search(body[:100_000]):
        return "entity declarations"
    tags = sum(1 for _ in _TAG.finditer(body))
    if tags > MAX_TAGS:
        return f"{tags} tags"
    inline = sum(1 for _ in _INLINE.finditer(body))
    if inline > MAX_INLINE_RUN:
        return f"{inline} inline tags"
    longest = max((len(match[0]) for match in _QUOTED.finditer(body)), default=0)
    return f"an attribute of {longest} bytes" if longest > MAX_ATTRIBUTE_BYTES else None
