"""A result store in memory, for tests of whatever works through the port. Thread-safe; keeps the port's promises."""

import itertools
import json
import re
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from worker.errors import QueryRefused
from worker.ports import CREATE, Document, Hit, Kind, Page, Query, Stored, Write, WriteResult, WriteStatus

_TERM = re.compile(r'^([\w.@]+)\s*:\s*(?:"([^"]*)"|(\S+))$')


class FakeResultStore:
    """Documents in dictionaries. KQL: ``field: value`` joined by ``and``; anything else is refused."""

    def __init__(self) -> None:
        self._documents: dict[Kind, dict[str, tuple[str, str]]] = {kind: {} for kind in Kind}
        self._tokens = itertools.count(1)
        self._lock = threading.RLock()

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        with self._lock:
            found = {each: self._documents[kind][each] for each in ids if each in self._documents[kind]}
        return {each: Stored(id=each, document=json.loads(raw), token=token) for each, (raw, token) in found.items()}

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        with self._lock:
            return [self._write(write) for write in writes]

    def _write(self, write: Write) -> WriteResult:
        table = self._documents[write.kind]
        present = table.get(write.id)
        expected = present is None if write.token == CREATE else present is not None and present[1] == write.token
        if write.token is not None and not expected:
            return WriteResult(id=write.id, status=WriteStatus.CONFLICT)
        if write.document is None:
            table.pop(write.id, None)
            return WriteResult(id=write.id, status=WriteStatus.OK)
        token = str(next(self._tokens))
        table[write.id] = (json.dumps(write.document), token)
        return WriteResult(id=write.id, status=WriteStatus.OK, token=token)

    def search(self, query: Query) -> Page:
        with self._lock:
            everything = [(each, json.loads(raw)) for each, (raw, _) in self._documents[query.kind].items()]
        found = sorted((each for each in everything if _matches(query, each[1])), key=lambda each: each[0])
        for field, direction in reversed(query.sort):
            found.sort(key=lambda each: str(_value(each[1], field) or ""), reverse=direction == "desc")
        start = int(query.after or 0)
        hits = found[start : start + query.size]
        following = str(start + query.size) if start + query.size < len(found) else None
        return Page(
            hits=tuple(Hit(id=each, document=document) for each, document in hits), total=len(found), next=following
        )

    def setup(self) -> list[str]:
        return []

    def check(self) -> list[str]:
        return []

    def refresh(self) -> None:
        return None

    def close(self) -> None:
        return None

    def all(self, kind: Kind) -> dict[str, Document]:
        """Return every document of a kind, for looking at the whole of it."""
        return {each: stored.document for each, stored in self.get(kind, list(self._documents[kind])).items()}


def _matches(query: Query, document: Document) -> bool:
    moment = _value(document, query.time_field)
    if query.since and (moment is None or datetime.fromisoformat(moment) < query.since):
        return False
    if query.until and (moment is None or datetime.fromisoformat(moment) >= query.until):
        return False
    return all(_term(document, term) for term in _terms(query.kql))


def _terms(kql: str) -> Iterable[tuple[str, str]]:
    for part in kql.split(" and ") if kql else ():
        match = _TERM.match(part.strip())
        if match is None:
            raise QueryRefused(f"the fake store cannot do {part!r}", reason="query_refused")
        yield match[1], match[2] if match[2] is not None else match[3]


def _term(document: Document, term: tuple[str, str]) -> bool:
    value = _value(document, term[0])
    values = value if isinstance(value, list) else [value]
    return term[1] in {str(each) for each in values}


def _value(document: Document, field: str) -> Any:
    value: Any = document
    for part in field.split("."):
        if isinstance(value, dict) and field in value:
            return value[field]
        value = value.get(part) if isinstance(value, dict) else None
    return value
