"""A page parsed once; every reader of it shares the tree."""

import re

from lxml.etree import ElementDefaultClassLookup
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# What XML cannot hold and libxml2 stops at: the page goes on behind a NUL. In UTF-8 these bytes are nothing else.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>]{0,1000}>", re.IGNORECASE)
"""Taken out: libxml2 drops a document whose DOCTYPE it cannot make out."""
_ELEMENT = re.compile(
    r"<(?:html|head|body|meta|title|main|article|section|div|p|h[1-6]|span|table|ul|ol|blockquote|br|a)[\s/>]",
    re.IGNORECASE,
)
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"\x1f\x8b", b"\x00\x00\x00")
_HEAD_BYTES = 2_000
_PLAIN_ELEMENTS = ElementDefaultClassLookup(element=HtmlElement)
"""lxml.html asks a function in Python for the class of every element; forms and inputs are none of ours."""


def is_markup(body: bytes) -> bool:
    """Return False for the first bytes of documents, pictures, films and archives."""
    return not body.startswith(_MAGIC)


def parse(html: str) -> HtmlElement | None:
    """Return the page's ``<html>`` element, or None where there is no element of a page in it.

    A fragment is read as the page that a browser would make of it. Raises ``lxml.etree.ParserError`` for what libxml2
    gives up on.
    """
    if not _ELEMENT.search(html):
        return None
    readable = html.encode("utf-8", "ignore").translate(None, _CONTROLS)
    for none in _NO_CHARACTERS:
        readable = readable.replace(none, b"")
    head = _DOCTYPE.sub(b"", readable[:_HEAD_BYTES], count=1)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_PLAIN_ELEMENTS)
    found: HtmlElement = document_fromstring(head + readable[_HEAD_BYTES:], parser=parser)
    return found
