"""Labelled articles as the tagger reads them, with each gold statement laid on the segment that carries it."""

import datetime as dt
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from written_articles import FOLDER, read_articles, topic_data

from worker.tag.candidates import Analysis, analyse
from worker.tag.clauses import Segment, is_bare
from worker.tag.compiled import CompiledTopic, compile_topic
from worker.tag.judge import ACTS, NONE, Encoded, Index
from worker.tag.reading import read
from worker.topic import Issue, Office, Party, Person, Topic

ROOT = Path(__file__).parent.parent
EXAMPLES = Path(__file__).parent / "examples"
CODES = dict(
    zip("DROATCPN", ("demand", "reject", "offer", "accept", "threaten", "accuse", "pledge", "none"), strict=True)
)
Gold = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Article:
    """``labels``: segment (sentence, place) → its statements. ``ignored``: segments of evidence that carry no label."""

    id: str
    topic: str
    statements: Sequence[Gold]
    analysis: Analysis
    labels: Mapping[Index, Sequence[Gold]]
    ignored: frozenset[Index]
    fold: int

    @property
    def triples(self) -> Counter[tuple[str, str, str]]:
        """Return the gold (party, act, issue) of the article."""
        return Counter((s["party"], s["act"], s["issue"]) for s in self.statements)

    def segments(self) -> Iterator[tuple[Index, Segment]]:
        """Yield every segment with its index."""
        for number, segments in enumerate(self.analysis.by_sentence):
            for place, segment in enumerate(segments):
                yield (number, place), segment


ENCODED = EXAMPLES / "encoded.json.gz"


def load_encoded() -> dict[str, dict[Index, Encoded]]:
    """Return article id → what an encoder that has not seen the article says of its segments."""
    raw = json.loads(gzip.decompress(ENCODED.read_bytes()))
    return {key: dict(_encoded(*row, topic["issues"]) for row in topic["rows"]) for key, topic in raw.items()}


def _encoded(
    number: int, place: int, holders: list[float], acts: list[list[float]], about: list[float], issues: list[str]
) -> tuple[Index, Encoded]:
    by_holder = [dict(zip((NONE, *ACTS), each, strict=True)) for each in acts]
    return (number, place), Encoded(holders=holders, acts=by_holder, issues=dict(zip(issues, about, strict=True)))


def keep_encoded(said: Mapping[str, Mapping[Index, Encoded]]) -> None:
    """Write what ``load_encoded`` reads, to four digits."""
    kept = {
        key: {
            "issues": list(next(iter(rows.values())).issues),
            "rows": [
                [
                    *index,
                    [round(p, 4) for p in row.holders],
                    [[round(p, 4) for p in each.values()] for each in row.acts],
                    [round(p, 4) for p in row.issues.values()],
                ]
                for index, row in rows.items()
            ],
        }
        for key, rows in said.items()
        if rows
    }
    ENCODED.write_bytes(gzip.compress(json.dumps(kept, separators=(",", ":")).encode(), mtime=0))


def topic_of_file(path: Path) -> Topic:
    """Return the topic of a YAML file that ``stancewatch check`` has passed."""
    return topic_of(yaml.safe_load(path.read_text(encoding="utf-8")))


def topic_of(data: Mapping[str, Any]) -> Topic:
    """Return the topic of parsed YAML."""
    return Topic(
        id=data["id"],
        label=data["label"],
        parties=tuple(_party(p) for p in data["parties"]),
        issues=tuple(
            Issue(**{"label": i["id"], **i, "blockers": tuple(i.get("blockers", ()))}) for i in data["issues"]
        ),
        plans=data.get("plans") or {},
        places=tuple(data.get("places") or ()),
    )


def _party(raw: Mapping[str, Any]) -> Party:
    simple = {k: tuple(raw.get(k) or ()) for k in ("names", "demonyms", "metonyms", "roles", "members")}
    return Party(
        id=raw["id"],
        label=raw.get("label", raw["id"]),
        belligerent=bool(raw.get("belligerent")),
        institutions={k: tuple(v or ()) for k, v in (raw.get("institutions") or {}).items()},
        people=tuple(_person(p) for p in raw.get("people") or ()),
        **simple,
    )


def _person(raw: Mapping[str, Any]) -> Person:
    offices = tuple(
        Office(title=o["title"], since=_day(o.get("since")), until=_day(o.get("until")))
        for o in raw.get("offices") or ()
    )
    return Person(name=raw["name"], aliases=tuple(raw.get("aliases") or ()), gender=raw.get("gender"), offices=offices)


def _day(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) or value is None else dt.date.fromisoformat(str(value))


def load_articles(paths: Sequence[Path], folds: int) -> list[Article]:
    """Return the articles of JSONL files; the fold goes by the order, so that it never changes."""
    topics: dict[str, CompiledTopic] = {}
    found: list[Article] = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            name = data["topic"]
            if name not in topics:
                topics[name] = compile_topic(topic_of_file(ROOT / "config" / "topics" / f"{name}.yml"))
            found.append(_article(data, topics[name], len(found) % folds))
    return found


def load_written() -> list[Article]:
    """Return the articles of ``examples/articles/``, out of every fold: they are learnt from, never measured on."""
    topics: dict[str, CompiledTopic] = {}
    found: list[Article] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for data in read_articles(path):
            name = data["topic"]
            if name not in topics:
                topics[name] = compile_topic(topic_of(topic_data(name)))
            found.append(_article(data, topics[name], -1))
    return found


def load_examples() -> list[Article]:
    """Return the sentences of ``examples/acts.txt`` as articles: only the act model learns from them."""
    topic = compile_topic(topic_of_file(EXAMPLES / "topic.yml"))
    found: list[Article] = []
    for line in (EXAMPLES / "acts.txt").read_text(encoding="utf-8").splitlines():
        if line[1:2] == " " and line[0] in CODES:
            act = CODES[line[0]]
            gold = [] if act == "none" else [{"party": "", "act": act, "issue": "", "evidence": line[2:]}]
            data = {"id": "example", "topic": "examples", "text": line[2:], "title": "", "statements": gold}
            found.append(_article(data, topic, -1))
    return found


def _article(data: Mapping[str, Any], topic: CompiledTopic, fold: int) -> Article:
    published = data.get("published")
    on = dt.date.fromisoformat(published[:10]) if published else None
    analysis = analyse(read(data["text"], data["title"], topic.gazetteer, on), topic)
    labels, ignored = align(analysis, data["statements"])
    return Article(
        id=data["id"],
        topic=data["topic"],
        statements=data["statements"],
        analysis=analysis,
        labels=labels,
        ignored=ignored,
        fold=fold,
    )


def align(analysis: Analysis, statements: Sequence[Gold]) -> tuple[dict[Index, list[Gold]], frozenset[Index]]:
    """Return segment → statements, and the segments that evidence covers without being the one that carries it."""
    labels: dict[Index, list[Gold]] = defaultdict(list)
    touched: set[Index] = set()
    for statement in statements:
        start = analysis.reading.text.find(statement["evidence"])
        scored = list(_overlaps(analysis, statement, start, start + len(statement["evidence"])))
        touched |= {index for _, share, index in scored if share >= 0.5}  # noqa: PLR2004 - most of the segment
        if scored:
            labels[max(scored)[2]].append(statement)
    return dict(labels), frozenset(touched - labels.keys())


def _overlaps(analysis: Analysis, statement: Gold, start: int, end: int) -> Iterator[tuple[float, float, Index]]:
    words = analysis.reading.words
    for number, segments in enumerate(analysis.by_sentence):
        sentence = analysis.reading.sentences[number]
        if sentence.end <= start or sentence.start >= end:
            continue
        for place, segment in enumerate(segments):
            inside = sum(words.start[w] < end and words.end[w] > start for w in range(segment.first, segment.last))
            share = inside / max(1, segment.last - segment.first)
            if share >= 0.3 and not is_bare(analysis.reading, segment, analysis.issues):  # noqa: PLR2004 - less is an edge
                score = share + 0.02 * min(inside, 10)
                score += analysis.issues.scores(segment.first, segment.last).get(statement["issue"], 0.0) / 3
                cue = any(
                    h.value[0].startswith(statement["act"]) for h in analysis.cues.within(segment.first, segment.last)
                )
                yield score + 0.2 * cue, share, (number, place)
