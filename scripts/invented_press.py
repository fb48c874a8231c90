"""An invented press over years, written in bulk into an embedded result store, for benchmarks of what reads it.

The parties, people and issues are those of a topic, drawn by Zipf's law; the words of the sentences are drawn likewise.
"""

# ruff: noqa: S608 - names come from the mapping

import random
import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from worker.adapters.sqlite_store import SqliteStore, _row
from worker.adapters.store_templates import read_templates
from worker.alert.rows import RowKind, plain_row
from worker.identity import claim_key, position_key
from worker.index.sqlite_tables import Tables, column_names, statements
from worker.model import Act, Level
from worker.novelty.history import EARLIEST_KEPT, LATEST_KEPT, Entry, History, added, claim_document
from worker.ports import Kind
from worker.topic import Topic

ROOT = Path(__file__).parents[1]
TOPIC = "russia-ukraine"
DAYS = 1_095
END = datetime(2026, 1, 1, tzinfo=UTC)
ACTS = (Act.DEMAND, Act.REJECT, Act.ACCUSE, Act.OFFER, Act.PLEDGE, Act.THREATEN, Act.ACCEPT)
LEVELS = (*Level,)
LEVEL_WEIGHTS = {Level.REPEAT: 90, Level.CHANGED: 1, Level.FIRST: 0}
WORDS = [f"word{n}" for n in range(4_000)]
OUTLETS = [f"Outlet {n}" for n in range(80)]
STATEMENTS_AN_ARTICLE = 4
CONDITIONAL, WITH_TERMS = 0.05, 0.2
ALERTS, VERDICTS = 20_000, 2_000
BATCH = 4_000


class Press:
    """Invents statements about one topic, the same ones each time."""

    def __init__(self, topic: Topic, count: int) -> None:
        self._dice = random.Random(7)  # noqa: S311 - the same data each time
        self._topic = topic
        self._count = count
        self._parties = _zipf([party.id for party in topic.parties])
        self._issues = _zipf([issue.id for issue in topic.issues])
        self._people = {party.id: [person.name for person in party.people[:12]] for party in topic.parties}
        self.claims: dict[str, History] = {}
        self._waiting: dict[str, list[Entry]] = {}

    def sentence(self) -> str:
        """Return words that follow Zipf's law as a text's do."""
        dice = self._dice
        return " ".join(WORDS[min(len(WORDS) - 1, int(dice.paretovariate(0.6)))] for _ in range(22))

    def entry(self, number: int) -> Entry:
        """Return the statement of a number; its claim remembers it."""
        dice = self._dice
        party, issue = _drawn(dice, self._parties), _drawn(dice, self._issues)
        act = _drawn(dice, ACT_WEIGHTS)
        moment = END - timedelta(days=DAYS) * (1 - (number + 1) / self._count)
        outlet = _drawn(dice, OUTLET_WEIGHTS)
        entry = Entry(
            statement_id=f"s{number:08d}",
            topic=TOPIC,
            party=party,
            act=act,
            issue=issue,
            target=_drawn(dice, self._parties),
            speaker=dice.choice(self._people[party] or [""]) or None,
            conditional=dice.random() < CONDITIONAL,
            terms=(f"{dice.randrange(90)} days",) if dice.random() < WITH_TERMS else (),
            evidence=self.sentence(),
            confidence=round(dice.uniform(0.5, 1), 4),
            effective=moment,
            arrived=moment,
            article_id=f"a{number // STATEMENTS_AN_ARTICLE:07d}",
            story_id=f"a{number // STATEMENTS_AN_ARTICLE // 3 * 3:07d}",
            url=f"https://{outlet.lower().replace(' ', '-')}.example/{number // STATEMENTS_AN_ARTICLE}",
            publisher=outlet,
            family=outlet,
            tagger="rules/1",
            level=self._level(claim_key(TOPIC, party, act, issue)),
        )
        self._remember(entry)
        return entry

    def _level(self, key: str) -> Level:
        if key not in self.claims and key not in self._waiting:
            return Level.FIRST
        return self._dice.choices(LEVELS, [LEVEL_WEIGHTS.get(level, 2) for level in LEVELS])[0]

    def _remember(self, entry: Entry) -> None:
        waiting = self._waiting.setdefault(entry.claim_key, [])
        waiting.append(entry)
        if len(waiting) >= EARLIEST_KEPT + LATEST_KEPT:
            self._settle(entry.claim_key)

    def _settle(self, key: str) -> None:
        self.claims[key] = added(self.claims.get(key, History(key=key)), self._waiting.pop(key, []))

    def settled_claims(self) -> dict[str, History]:
        """Return every claim with its bounded history."""
        for key in list(self._waiting):
            self._settle(key)
        return self.claims


def _zipf(names: Sequence[Any]) -> tuple[list[Any], list[float]]:
    return list(names), [1 / rank for rank in range(1, len(names) + 1)]


def _drawn(dice: random.Random, weighted: tuple[list[Any], list[float]]) -> Any:  # noqa: ANN401 - whatever was weighted
    return dice.choices(*weighted)[0]


ACT_WEIGHTS, OUTLET_WEIGHTS = _zipf(ACTS), _zipf(OUTLETS)


def statement(entry: Entry) -> dict[str, Any]:
    """Return the document of an entry."""
    moment = entry.effective.isoformat()
    return {
        "@timestamp": moment,
        "event": {"created": moment, "ingested": moment},
        "stance": {
            "party": entry.party,
            "act": str(entry.act),
            "issue": entry.issue,
            "target": entry.target,
            "conditional": entry.conditional,
            "attribution": "reported",
            "evidence": entry.evidence,
            "start": 0,
            "end": len(entry.evidence),
            "confidence": entry.confidence,
            "withdrawn": False,
            "terms": list(entry.terms),
            "rule": "verb",
        }
        | ({"speaker": entry.speaker} if entry.speaker else {}),
        "claim": {"key": entry.claim_key, "level": str(entry.level), "reason": "as it was said", "families": 1},
        "position": {"key": position_key(entry.topic, entry.party, entry.issue)},
        "topic": TOPIC,
        "article": {"id": entry.article_id, "title": entry.evidence[:60], "language": "en", "revision": 1},
        "story": {"id": entry.story_id},
        "url": {"full": entry.url, "domain": entry.url.split("/")[2]},
        "publisher": {"name": entry.publisher, "family": entry.family},
        "feed": {"id": entry.family},
        "tagger": {"name": "rules", "version": "1"},
    }


def article(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the article that holds the sentences of some entries."""
    first = entries[0]
    moment = first.effective.isoformat()
    return {
        "@timestamp": moment,
        "event": {"created": moment, "ingested": moment},
        "article": {
            "id": first.article_id,
            "title": first.evidence[:60],
            "text": "\n\n".join(entry.evidence for entry in entries),
            "language": "en",
            "revision": 1,
            "statements": len(entries),
        },
        "story": {"id": first.story_id},
        "url": {"full": first.url, "domain": first.url.split("/")[2]},
        "publisher": {"name": first.publisher, "family": first.family},
        "feed": {"id": first.family},
        "topic": [TOPIC],
    }


def fill(path: Path, topic: Topic, count: int) -> None:
    """Fill a new store and say how long it took."""
    began = time.monotonic()
    press, bulk = Press(topic, count), Bulk(path)
    for first in range(0, count, BATCH):
        entries = [press.entry(number) for number in range(first, min(first + BATCH, count))]
        bulk.add(Kind.STATEMENTS, ((each.statement_id, statement(each)) for each in entries))
        groups = [entries[at : at + STATEMENTS_AN_ARTICLE] for at in range(0, len(entries), STATEMENTS_AN_ARTICLE)]
        bulk.add(Kind.ARTICLES, ((group[0].article_id, article(group)) for group in groups))
    claims = press.settled_claims()
    bulk.add(Kind.CLAIMS, ((key, claim_document(each)) for key, each in claims.items()))
    bulk.add(Kind.ALERTS, (_alert(number) for number in range(min(ALERTS, count // 10))))
    bulk.add(Kind.VERDICTS, (_verdict(number, count) for number in range(min(VERDICTS, count // 10))))
    bulk.close()
    size = path.stat().st_size / 1e6
    print(f"filled: {count:,} statements, {len(claims):,} claims, {size:,.0f} MB, {time.monotonic() - began:,.0f} s")


class Bulk:
    """Fills the tables of an embedded store without its indexes and words, which are made at the end, all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._templates = read_templates(ROOT / "config" / "elasticsearch")
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        for mapping in self._templates.mappings.values():
            for line in statements(mapping):
                if not line.startswith("CREATE INDEX"):
                    self._connection.execute(line)
        self._rows = dict.fromkeys(Kind, 0)

    def add(self, kind: Kind, documents: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Add documents that are not there yet."""
        mapping, names = self._templates.mappings[kind], Tables(kind)
        whole, narrow, many = [], [], []
        for document_id, document in documents:
            self._rows[kind] += 1
            at = self._rows[kind]
            row = _row(document_id, document, mapping)
            whole.append((at, document_id, at, row.document))
            narrow.append((at, *row.columns))
            many += [(at, *each) for each in row.many]
        marks = ", ?" * len(column_names(mapping))
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO {names.documents} VALUES (?, ?, ?, ?)", whole)
        self._connection.executemany(f"INSERT INTO {names.fields} VALUES (?{marks})", narrow)
        if many:
            self._connection.executemany(f"INSERT INTO {names.many} VALUES (?, ?, ?)", many)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Make the words and, as at any start, what else is missing."""
        for kind, mapping in self._templates.mappings.items():
            if mapping.texts() and self._rows[kind]:
                words = Tables(kind).words
                self._connection.execute(f"INSERT INTO {words} ({words}) VALUES ('rebuild')")
        self._connection.close()
        store = SqliteStore(self._path, self._templates)
        store.setup()
        store.close()


def _alert(number: int) -> tuple[str, dict[str, Any]]:
    moment = END - timedelta(minutes=number)
    row = plain_row(
        RowKind.ALERT,
        subject=str(number),
        channel="desk",
        rule="new-or-changed",
        title=f"New: something that was said, number {number}",
        text="A sentence of some length that a message shows as its evidence.",
        now=moment,
        due_at=moment,
    )
    return row["id"], {**row, "state": "sent", "level": "first"}


def _verdict(number: int, count: int) -> tuple[str, dict[str, Any]]:
    payload = {"rule": f"rule-{number % 40}", "act": str(ACTS[number % 7]), "publisher": OUTLETS[number % 80]}
    document = {
        "@timestamp": (END - timedelta(minutes=number)).isoformat(),
        "statement": {"id": f"s{count - 1 - number:08d}"},
        "verdict": "wrong" if number % 5 == 0 else "right",
        "payload": payload | {"language": "en", "topic": TOPIC},
    }
    return f"s{count - 1 - number:08d}", document
