"""Documents on disk for ``ingest``: saved pages (plain or gzip), texts, JSON lines of whole articles, web archives."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from worker.adapters.documents import MAX_BYTES, FileDocument, Unreadable
from worker.adapters.warc_files import read_warc
from worker.errors import ConfigurationError
from worker.text import clean_line

MAX_LINE_BYTES = 5_000_000
_HEAD_BYTES = 300_000
_PAGES = {".html", ".htm", ".xhtml"}
_TEXTS = {".txt", ".text", ".md"}
_LINES = {".jsonl", ".ndjson"}
_ARCHIVES = {".warc", ".arc"}
_OWN_URL = re.compile(
    rb"""<link[^>]{0,300}?rel=["']?canonical["']?[^>]{0,300}?href=["']?(?P<a>https?://[^"'\s>]{4,2000})"""
    rb"""|<link[^>]{0,300}?href=["']?(?P<b>https?://[^"'\s>]{4,2000})["']?[^>]{0,300}?rel=["']?canonical"""
    rb"""|<meta[^>]{0,300}?og:url[^>]{0,300}?content=["'](?P<c>https?://[^"'\s>]{4,2000})""",
    re.IGNORECASE,
)


def count_documents(path: Path) -> int | None:
    """Return how many documents a file or folder holds, without opening pages; None if an archive is among them."""
    if any(_kind(file) in _ARCHIVES for file in _files(path)):
        return None
    return sum(_line_count(file) if _kind(file) in _LINES else 1 for file in _files(path))


def read_documents(path: Path) -> Iterator[FileDocument | Unreadable]:
    """Yield the documents of a file or folder in the order of their names, whatever state they are in."""
    files = list(_files(path))
    if not files:
        raise ConfigurationError([f"{path}: no page, text, JSON lines or archive ({', '.join(sorted(_known()))})"])
    for file in files:
        if _kind(file) in _ARCHIVES:
            yield from read_warc(file)
        elif _kind(file) in _LINES:
            yield from _lines(file)
        else:
            yield _document(file)


def _known() -> set[str]:
    return _PAGES | _TEXTS | _LINES | _ARCHIVES


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    yield from (file for file in sorted(path.rglob("*")) if file.is_file() and _kind(file) in _known())


def _kind(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return name[name.rfind(".") :] if "." in name else ""


def _document(path: Path) -> FileDocument | Unreadable:
    try:
        body = _bytes(path)
    except (OSError, EOFError, zlib.error) as error:
        return Unreadable(path.name, clean_line(str(error), limit=200))
    if len(body) > MAX_BYTES:
        return Unreadable(path.name, f"more than {MAX_BYTES} bytes")
    content_type = "text/plain; charset=utf-8" if _kind(path) in _TEXTS else "text/html"
    title = path.stem if _kind(path) in _TEXTS else ""
    return FileDocument(url=_url_of(body), body=body, content_type=content_type, title=title)


def _bytes(path: Path) -> bytes:
    """Return at most one byte more than is allowed: a compressed bomb is not inflated any further."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as source:
        return source.read(MAX_BYTES + 1)


def _url_of(body: bytes) -> str:
    """Return the address that a page gives itself, or one of our own that stays the same for the same bytes."""
    found = _OWN_URL.search(body[:_HEAD_BYTES])
    if found:
        return (found["a"] or found["b"] or found["c"]).decode("utf-8", "replace")
    return f"https://ingested.invalid/{sha256(body).hexdigest()[:32]}"


def _line_count(path: Path) -> int:
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as source:
        return sum(1 for line in source if line.strip())


def _lines(path: Path) -> Iterator[FileDocument | Unreadable]:
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as source:
        for number, line in enumerate(source, 1):
            if line.strip():
                yield _line(f"{path.name}:{number}", line)


def _line(name: str, line: bytes) -> FileDocument | Unreadable:
    if len(line) > MAX_LINE_BYTES:
        return Unreadable(name, f"more than {MAX_LINE_BYTES} bytes")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(name, f"not JSON: {clean_line(str(error), limit=100)}")
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        return Unreadable(name, "must be an object with at least `text`")
    given = {key: found[key] for key in ("title", "text", "published", "language") if isinstance(found.get(key), str)}
    body = json.dumps(given, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    own = found.get("url")
    url = own if isinstance(own, str) and own.startswith(("http://", "https://")) else _made_url(found, body)
    return FileDocument(
        url=url,
        body=body,
        content_type="application/json",
        title=given.get("title", ""),
        published=given.get("published", ""),
        given=given,
    )


def _made_url(found: Mapping[str, Any], body: bytes) -> str:
    name = found.get("id")
    known = isinstance(name, str) and re.fullmatch(r"[\w.-]{1,100}", name)
    return f"https://ingested.invalid/{name if known else sha256(body).hexdigest()[:32]}"
