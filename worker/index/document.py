"""From an article and its statements to the documents of the result store. Pure.

A document is a function of what was found and of what the store already has: written twice, it is the same. From the
stored one it keeps when it first came in and what later stages wrote into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.model import Article, Placement, Statement, TaggedStatement
from worker.ports import Document

REVISIONS_KEPT = 20
SENTENCES_KEPT = 100
"""Of one edit, each way: a page that was swapped for another one is not kept twice."""
KEPT_OF_A_CLAIM = ("level", "reason", "families")
"""What the novelty stage writes into a statement's ``claim``; a new index run leaves it alone."""


def article_document(
    article: Article,
    placement: Placement,
    statements: Sequence[TaggedStatement],
    stored: Document,
    *,
    entry_hash: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the article's document. ``stored`` is the present one or empty.

    An article with the same text keeps its times and the entry that brought it: it was seen again, not written anew.
    """
    head = _of(stored, "article")
    same = head.get("text_hash") == article.text_hash
    event = _of(stored, "event") if same else {}
    found = sorted({each.statement_id for each in statements})
    about = {
        "item_id": head.get("item_id") if same else article.item_id,
        "entry_hash": head.get("entry_hash") if same else entry_hash,
        "revision": placement.revision,
        "statements": len(found),
        "statement_ids": found,
        "retracted_ids": retracted_ids(stored, found),
        "revisions": _revisions(head, placement, now=None if same else now) or None,
    }
    return {
        "@timestamp": _time(article.effective),
        "event": {
            "created": event.get("created", _time(article.fetched)),
            "ingested": event.get("ingested", _time(now)),
        },
        "article": _present(_own_words(article) | about),
        "story": {"id": placement.story_id},
        "url": _url(article),
        "publisher": _publisher(article),
        "feed": {"id": article.feed_id},
        "extractor": {"version": article.extractor_version},
        "tagger": {"version": sorted({f"{each.tagger}/{each.tagger_version}" for each in statements})},
        "topic": list(article.topics),
    }


def _revisions(head: Mapping[str, Any], placement: Placement, *, now: datetime | None) -> list[dict[str, Any]]:
    """Return the edits that were seen of the article, oldest first; ``now`` None if this text brings none."""
    known = list(head.get("revisions", ()))
    if now is None or not placement.is_revision:
        return known
    edit = {
        "revision": placement.revision,
        "seen": _time(now),
        "removed": list(placement.removed[:SENTENCES_KEPT]),
        "added": list(placement.added[:SENTENCES_KEPT]),
    }
    return [*known, edit][-REVISIONS_KEPT:]


def _own_words(article: Article) -> dict[str, Any]:
    return {
        "id": article.article_id,
        "title": article.title,
        "text": article.text,
        "authors": list(article.authors),
        "language": article.language,
        "text_hash": article.text_hash,
        "published": _time(article.published),
        "published_source": str(article.published_source),
        "modified": _time(article.modified),
        "origin": article.origin,
        "credits": article.origin_name,
        "agreement": article.agreement,
    }


def retracted_ids(stored: Document, found: Iterable[str]) -> list[str]:
    """Return the statements that the article once had and has no more. Kept for ever, so that a crash forgets none."""
    head = _of(stored, "article")
    once = {*head.get("statement_ids", ()), *head.get("retracted_ids", ())}
    return sorted(once - set(found))


def with_story(document: Document, story: Document) -> dict[str, Any]:
    """Return the story's opening article with the number of its copies and their publishers."""
    counted = _of(story, "story")
    return {**document, "story": {name: counted[name] for name in ("id", "copies", "publishers")}}


def statement_document(
    tagged: TaggedStatement, article: Article, placement: Placement, stored: Document, *, now: datetime
) -> dict[str, Any]:
    """Return the document of one statement, with what is needed of its article. ``stored`` as above.

    It keeps the time of its first arrival, because readers page by it, and its level. A mark of retraction goes:
    the statement was found.
    """
    event, claim = _of(stored, "event"), _of(stored, "claim")
    return {
        "@timestamp": _time(article.effective),
        "event": {
            "created": event.get("created", _time(article.fetched)),
            "ingested": event.get("ingested", _time(now)),
        },
        "stance": stance(tagged.statement),
        "claim": {"key": tagged.claim_key, **{name: claim[name] for name in KEPT_OF_A_CLAIM if name in claim}},
        "position": {"key": tagged.position_key},
        "tagger": {"name": tagged.tagger, "version": tagged.tagger_version},
        "topic": tagged.topic,
        "article": _present(
            {
                "id": article.article_id,
                "title": article.title,
                "language": article.language,
                "published": _time(article.published),
                "revision": placement.revision,
                "origin": article.origin,
            }
        ),
        "story": {"id": placement.story_id},
        "url": _url(article),
        "publisher": _publisher(article),
        "feed": {"id": article.feed_id},
    }


def stance(said: Statement) -> dict[str, Any]:
    """Return a statement's own fields; those without a value are left out."""
    return _present(
        {
            "party": said.party,
            "speaker": said.speaker,
            "act": str(said.act),
            "issue": said.issue,
            "target": said.target,
            "conditional": said.conditional,
            "condition_issue": said.condition_issue,
            "attribution": str(said.attribution),
            "evidence": said.evidence,
            "start": said.start,
            "end": said.end,
            "confidence": round(said.confidence, 4),
            "position": position(said),
            "withdrawn": said.withdrawn,
            "plover": said.plover,
            "plover_mode": said.plover_mode,
            "cameo": said.cameo,
            "deadline": _time(said.deadline),
            "terms": list(said.terms),
            "rule": said.rule,
        }
    )


def position(said: Statement) -> str:
    """Return where the party stands by this statement, in one word."""
    if said.withdrawn:
        return "withdrawn"
    return "conditional" if said.conditional else str(said.act)


def retracted_document(stored: Document, *, now: datetime) -> dict[str, Any]:
    """Return the document of a statement that its article has no more; the first mark stays."""
    said = _of(stored, "stance")
    return {**stored, "stance": {**said, "retracted_at": said.get("retracted_at", _time(now))}}


def alias_document(article: Article, entry_hash: str, stored: Document, *, now: datetime) -> dict[str, Any]:
    """Return what remembers that a feed's entry led to an article, and in which state the entry was."""
    return {
        "entry_hash": entry_hash,
        "article": {"id": article.article_id},
        "url": {"full": article.url},
        "feed": {"id": article.feed_id},
        "event": {"ingested": _of(stored, "event").get("ingested", _time(now))},
    }


def story_document(article: Article, placement: Placement, stored: Document) -> dict[str, Any]:
    """Return the story with the article among its members. Its time is that of its earliest member."""
    before = _of(stored, "story")
    members = [*before.get("members", ())]
    if article.article_id not in members:
        members.append(article.article_id)
    return {
        "@timestamp": min(stored.get("@timestamp") or _time(article.effective), _time(article.effective)),
        "story": {
            "id": placement.story_id,
            "copies": len(members) - 1,
            "publishers": sorted({*before.get("publishers", ()), article.publisher}),
            "members": members,
        },
    }


def _url(article: Article) -> dict[str, str]:
    return {"full": article.url, "domain": article.domain, "registered_domain": article.registered_domain}


def _publisher(article: Article) -> dict[str, str]:
    return {"name": article.publisher, "family": article.family}


def _of(document: Document, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.get(name) or {}
    return found


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _time(moment: datetime | None) -> Any:  # noqa: ANN401 - str for a datetime, None for None
    return None if moment is None else moment.isoformat()
