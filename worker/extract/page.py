"""A page parsed once; every reader of it shares the tree."""

import re

from lxml.html import HtmlElement, HTMLParser, document_fromstring

# What XML cannot hold and libxml2 stops at: the page goes on behind a NUL.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]{0,1000}>", re.IGNORECASE)
"""Taken out: libxml2 drops a document whose DOCTYPE it cannot make out."""
_ELEMENT = re.compile(
    r"<(?:html|head|body|meta|title|main|article|section|div|p|h[1-6]|span|table|ul|ol|blockquote|br|a)[\s/>]",
    re.IGNORECASE,
)
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"\x1f\x8b", b"\x00\x00\x00")
_HEAD_CHARS = 2_000


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
    readable = _UNREADABLE.sub("", html)
    head = _DOCTYPE.sub("", readable[:_HEAD_CHARS], count=1)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    found: HtmlElement = document_fromstring((head + readable[_HEAD_CHARS:]).encode(), parser=parser)
    return found
