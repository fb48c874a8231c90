"""Web archives for ``ingest``: the pages of a WARC or ARC file, as they were answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from worker.adapters.documents import MAX_BYTES, FileDocument, Unreadable
from worker.text import clean_line

_HELD = frozenset({"response", "resource"})
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_OK = "200"


def read_warc(path: Path) -> Iterator[FileDocument | Unreadable]:
    """Yield the web pages that were answered with 200; redirects, pictures, scripts and revisits are passed over.

    A record that cannot be read is yielded as such; after a break in the file itself nothing more is.
    """
    with path.open("rb") as source:
        records = iter(ArchiveIterator(source, arc2warc=True))
        number = 0
        while True:
            number += 1
            try:
                record = next(records, None)
                if record is None:
                    return
                found = _document(record)
            except Exception as error:  # noqa: BLE001 - warcio stumbles over broken headers in many ways
                yield Unreadable(f"{path.name}:{number}", clean_line(f"{type(error).__name__}: {error}", limit=200))
                return
            if found is not None:
                yield found


def _document(record: Any) -> FileDocument | Unreadable | None:  # noqa: ANN401 - warcio has no types
    if record.rec_type not in _HELD:
        return None
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    answer = record.http_headers
    if answer is not None and answer.get_statuscode() != _OK:
        return None
    content_type = (answer or record.rec_headers).get_header("Content-Type") or ""
    if not url.startswith(("http://", "https://")) or not content_type.lower().startswith(_PAGE_TYPES):
        return None
    body = record.content_stream().read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return Unreadable(clean_line(url, limit=200), f"more than {MAX_BYTES} bytes")
    if getattr(record.raw_stream, "limit", 0):
        return Unreadable(clean_line(url, limit=200), "cut short")
    fetched = record.rec_headers.get_header("WARC-Date") or ""
    return FileDocument(url=url, body=body, content_type=clean_line(content_type, limit=200), fetched=fetched)
