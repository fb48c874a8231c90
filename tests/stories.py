"""Articles and statements from an invented conflict, for tests of novelty and alerts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from worker.identity import claim_key, position_key, statement_id
from worker.model import Act, Article, Attribution, DateSource, Placement, Statement, TaggedStatement
from worker.novelty.history import Entry, entry_of

DAY_ONE = datetime(2031, 3, 1, 8, 0, tzinfo=UTC)


def moment(days: float) -> datetime:
    return DAY_ONE + timedelta(days=days)


def article(name: str, *, days: float = 0, arrives: float | None = None, **fields: Any) -> Article:
    values: dict[str, Any] = {
        "article_id": name,
        "item_id": f"item-{name}",
        "url": f"https://{fields.get('publisher', 'kell-courier')}.example/{name}",
        "title": "Vesmar and Ostrania",
        "text": "",
        "text_hash": name,
        "language": "en",
        "authors": (),
        "published": moment(days),
        "published_source": DateSource.FEED,
        "modified": None,
        "fetched": moment(days if arrives is None else arrives),
        "effective": moment(days),
        "publisher": "kell-courier",
        "family": "kell",
        "feed_id": "kell",
        "domain": "kell-courier.example",
        "registered_domain": "kell-courier.example",
        "topics": ("vesmar-ostrania",),
        "origin": "feed",
    }
    return Article(**(values | fields))


def statement(act: str, issue: str, evidence: str, **fields: Any) -> Statement:
    values: dict[str, Any] = {
        "party": "vesmar",
        "speaker": None,
        "act": Act(act),
        "issue": issue,
        "target": None,
        "conditional": False,
        "condition_issue": None,
        "attribution": Attribution.REPORTED,
        "evidence": evidence,
        "start": 0,
        "end": len(evidence),
        "confidence": 0.9,
    }
    return Statement(**(values | fields))


def tagged(said: Statement, article_id: str, *, version: str = "1", topic: str = "vesmar-ostrania") -> TaggedStatement:
    return TaggedStatement(
        statement_id=statement_id(topic, article_id, said),
        claim_key=claim_key(topic, said.party, said.act, said.issue),
        position_key=position_key(topic, said.party, said.issue),
        topic=topic,
        article_id=article_id,
        statement=said,
        tagger="rules",
        tagger_version=version,
    )


def placement(article_id: str, story: str | None = None) -> Placement:
    story_id = story or article_id
    copy_of = None if story_id == article_id else story_id
    return Placement(article_id=article_id, story_id=story_id, revision=1, is_revision=False, copy_of=copy_of)


def entry(
    name: str,
    act: str,
    evidence: str,
    *,
    days: float = 0,
    issue: str = "ceasefire",
    story: str | None = None,
    version: str = "1",
    family: str = "kell",
    **said: Any,
) -> Entry:
    text = article(name, days=days, family=family, publisher=f"{family}-post")
    each = tagged(statement(act, issue, evidence, **said), name, version=version)
    return entry_of(each, text, placement(name, story), arrived=moment(days))
