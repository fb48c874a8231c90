"""What a rule would have told of the statements that are stored already; nothing is written or sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.alert.rules import Fired, Rule, fires
from worker.dates import moment
from worker.model import (
    Act,
    Article,
    Attribution,
    DateSource,
    GradedStatement,
    Level,
    Statement,
    TaggedStatement,
)
from worker.ports import Document, Kind, Query, ResultStore

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A stored statement for which the rule would have fired."""

    statement_id: str
    document: Document
    fired: Fired


def rehearse(store: ResultStore, rule: Rule, *, since: datetime, now: datetime) -> Iterator[Rehearsed]:
    """Yield the matches since a time of arrival, oldest first.

    Levels are those that stand now. Each statement counts as told by its own publisher family alone, so a rule with
    ``min_families`` over one shows nothing here; cooldowns, caps, quiet hours and mutes are not applied.
    """
    query = Query(
        kind=Kind.STATEMENTS,
        size=PAGE,
        since=since,
        until=now,
        time_field="event.ingested",
        sort=(("event.ingested", "asc"),),
    )
    after: str | None = None
    while True:
        page = store.search(replace(query, after=after))
        for hit in page.hits:
            fired = _fired(rule, hit.id, hit.document, now)
            if fired:
                yield Rehearsed(statement_id=hit.id, document=hit.document, fired=fired)
        after = page.next
        if after is None:
            return


def _fired(rule: Rule, statement_id: str, document: Document, now: datetime) -> Fired | None:
    claim = document.get("claim", {})
    if not claim.get("level") or document.get("stance", {}).get("retracted_at"):
        return None
    tagged = TaggedStatement(
        statement_id=statement_id,
        claim_key=claim.get("key", ""),
        position_key=document.get("position", {}).get("key", ""),
        topic=document.get("topic", ""),
        article_id=document.get("article", {}).get("id", ""),
        statement=_statement(document["stance"]),
        tagger="",
        tagger_version="",
    )
    family = document.get("publisher", {}).get("family", "")
    graded = GradedStatement(tagged=tagged, level=Level(claim["level"]), reason=claim["level"], families=(family,))
    return fires(rule, graded, _article(document, now), document)


def _statement(stance: Mapping[str, Any]) -> Statement:
    return Statement(
        party=stance["party"],
        speaker=stance.get("speaker"),
        act=Act(stance["act"]),
        issue=stance["issue"],
        target=stance.get("target"),
        conditional=stance.get("conditional", False),
        condition_issue=stance.get("condition_issue"),
        attribution=Attribution(stance.get("attribution", "reported")),
        evidence=stance["evidence"],
        start=stance.get("start", 0),
        end=stance.get("end", 0),
        confidence=stance.get("confidence", 1.0),
        withdrawn=stance.get("withdrawn", False),
    )


def _article(document: Document, now: datetime) -> Article:
    """Return as much of the article as rules look at."""
    article, url = document.get("article", {}), document.get("url", {})
    when = moment(document.get("@timestamp"), now=now) or now
    return Article(
        article_id=article.get("id", ""),
        item_id="",
        url=url.get("full", ""),
        title=article.get("title", ""),
        text="",
        text_hash="",
        language=article.get("language", "en"),
        authors=(),
        published=when,
        published_source=DateSource.GIVEN,
        modified=None,
        fetched=when,
        effective=when,
        publisher=document.get("publisher", {}).get("name", ""),
        family=document.get("publisher", {}).get("family", ""),
        feed_id=document.get("feed", {}).get("id", ""),
        domain=url.get("domain", ""),
        registered_domain=url.get("registered_domain", ""),
        topics=(document.get("topic", ""),),
        origin=article.get("origin", "feed"),
    )
