"""What a rule would have sent in the past, with reasons; nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.alert.rules import Fired, Rule, fires
from worker.model import Act, Article, Attribution, DateSource, GradedStatement, Level, Statement, TaggedStatement
from worker.ports import Document, Kind, Query, ResultStore

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One statement for which the rule would have fired."""

    fired: Fired
    when: datetime
    document: Document


def rehearse(store: ResultStore, rule: Rule, *, since: datetime, until: datetime) -> Iterator[Rehearsed]:
    """Yield what would have fired on statements published in the time, oldest first.

    Statements are taken at the level that they have now. Cooldown, caps and mutes are left out: this shows what the
    rule looks for, not how often it may speak.
    """
    after: str | None = None
    while True:
        query = Query(
            kind=Kind.STATEMENTS, size=PAGE, sort=(("@timestamp", "asc"),), since=since, until=until, after=after
        )
        page = store.search(query)
        for hit in page.hits:
            found = _rehearsed(hit.id, hit.document, rule)
            if found is not None:
                yield found
        after = page.next
        if after is None:
            return


def _rehearsed(statement_id: str, document: Document, rule: Rule) -> Rehearsed | None:
    claim = document.get("claim", {})
    if "level" not in claim or "retracted_at" in document["stance"]:
        return None
    graded = graded_from(statement_id, document)
    fired = fires(rule, graded, _article_from(document), document)
    if fired is None:
        return None
    return Rehearsed(fired=fired, when=datetime.fromisoformat(document["@timestamp"]), document=document)


def graded_from(statement_id: str, document: Document) -> GradedStatement:
    """Return the graded statement that a statement's document holds."""
    said, claim = document["stance"], document["claim"]
    tagger: Mapping[str, str] = document.get("tagger", {})
    return GradedStatement(
        tagged=TaggedStatement(
            statement_id=statement_id,
            claim_key=claim["key"],
            position_key=document.get("position", {}).get("key", ""),
            topic=document["topic"],
            article_id=document["article"]["id"],
            statement=_statement_from(said),
            tagger=tagger.get("name", ""),
            tagger_version=tagger.get("version", ""),
        ),
        level=Level(claim["level"]),
        reason=claim.get("reason") or f"graded {claim['level']}",
        families=tuple(claim.get("families") or [document.get("publisher", {}).get("family", "")]),
    )


def _statement_from(said: Mapping[str, Any]) -> Statement:
    deadline = said.get("deadline")
    return Statement(
        party=said["party"],
        speaker=said.get("speaker"),
        act=Act(said["act"]),
        issue=said["issue"],
        target=said.get("target"),
        conditional=said.get("conditional", False),
        condition_issue=said.get("condition_issue"),
        attribution=Attribution(said.get("attribution", Attribution.NARRATED)),
        evidence=said["evidence"],
        start=said.get("start", 0),
        end=said.get("end", 0),
        confidence=said.get("confidence", 1.0),
        withdrawn=said.get("withdrawn", False),
        deadline=datetime.fromisoformat(deadline) if deadline else None,
        terms=tuple(said.get("terms") or ()),
    )


def _article_from(document: Document) -> Article:
    """Return what rules look at of an article; the rest is not in a statement's document."""
    when = datetime.fromisoformat(document["@timestamp"])
    article, publisher, url = document["article"], document.get("publisher", {}), document.get("url", {})
    return Article(
        article_id=article["id"],
        item_id="",
        url=url.get("full", ""),
        title=article.get("title", ""),
        text="",
        text_hash="",
        language=article.get("language", ""),
        authors=(),
        published=when,
        published_source=DateSource.GIVEN,
        modified=None,
        fetched=when,
        effective=when,
        publisher=publisher.get("name", ""),
        family=publisher.get("family", ""),
        feed_id=document.get("feed", {}).get("id", ""),
        domain=url.get("domain", ""),
        registered_domain=url.get("registered_domain", ""),
        topics=(document["topic"],),
        origin=article.get("origin", ""),
    )
