"""Deletion on request: an article goes with all that quotes it, and a tombstone keeps it from coming back.

A tombstone holds a hash of the address and a time, nothing that could be read.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from worker.index.upkeep import PAGE, carry_out, pages, remove
from worker.ports import Document, Kind, Query, ResultStore, Stored, Write

REDACTED = "[deleted on request]"
SHORTEST_QUOTE = 20
"""Shorter texts ("He agreed.") are nobody's own, and stand in messages about other articles as well."""


def bury(store: ResultStore, article_ids: Iterable[str], *, now: datetime) -> None:
    """Write a tombstone for each article; one that is there keeps its time."""
    fresh = sorted(set(article_ids) - buried(store, article_ids))
    document = {"@timestamp": now.isoformat()}
    carry_out(store, [Write(kind=Kind.STATE, id=_tombstone(each), document=document) for each in fresh])


def buried(store: ResultStore, article_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the articles that were deleted on request."""
    by_id = {_tombstone(each): each for each in article_ids}
    return frozenset(by_id[each] for each in store.get(Kind.STATE, list(by_id)))


def is_buried(store: ResultStore, article_id: str) -> bool:
    """Return True if the article was deleted on request and must not come in again."""
    return bool(buried(store, [article_id]))


def _tombstone(article_id: str) -> str:
    return f"deleted/{article_id}"


def delete_article(store: ResultStore, article_id: str) -> dict[Kind, int]:
    """Delete an article, its statements, verdicts, aliases and alerts; return how many of each. May run again.

    The claims still hold its sentences: take them out first (``novelty.withdraw_from``). What other articles' messages
    quote of it is ``redact``'s.
    """
    store.refresh()
    verdicts = list(store.get(Kind.VERDICTS, statements_of(store, article_id)))
    deleted = {Kind.VERDICTS: remove(store, Kind.VERDICTS, verdicts)}
    deleted |= {kind: _remove_of(store, kind, article_id) for kind in (Kind.STATEMENTS, Kind.ALERTS)}
    _leave_story(store, article_id)
    deleted[Kind.ARTICLES] = remove(store, Kind.ARTICLES, list(store.get(Kind.ARTICLES, [article_id])))
    return deleted | {Kind.ALIASES: _remove_of(store, Kind.ALIASES, article_id)}


def _remove_of(store: ResultStore, kind: Kind, article_id: str) -> int:
    return remove(store, kind, list(_ids_of(store, kind, article_id)))


def statements_of(store: ResultStore, article_id: str) -> list[str]:
    """Return the ids of the statements that are stored of an article, retracted ones too."""
    return list(_ids_of(store, Kind.STATEMENTS, article_id))


def aliases_of(store: ResultStore, article_id: str) -> list[str]:
    """Return the ids of the items that led to an article."""
    return list(_ids_of(store, Kind.ALIASES, article_id))


def _ids_of(store: ResultStore, kind: Kind, article_id: str) -> Iterable[str]:
    query = Query(kind=kind, kql=f'article.id: "{article_id}"', sort=(), size=PAGE, fields=("article.id",))
    return (hit.id for hits in pages(store, query) for hit in hits)


def _leave_story(store: ResultStore, article_id: str) -> None:
    """Take the article out of its story; a story without members goes."""
    stored = store.get(Kind.ARTICLES, [article_id]).get(article_id)
    story_id = stored.document.get("story", {}).get("id", article_id) if stored else article_id
    story = store.get(Kind.STORIES, [story_id]).get(story_id)
    members = story.document["story"]["members"] if story else []
    if story is None or article_id not in members:
        return
    left = store.get(Kind.ARTICLES, [each for each in members if each != article_id])
    document = _story_of(story.document, members, left) if left else None
    carry_out(store, [Write(kind=Kind.STORIES, id=story_id, document=document, token=story.token)])


def _story_of(story: Document, members: Iterable[str], left: Mapping[str, Stored]) -> dict[str, Any]:
    publishers = {str(each.document["publisher"]["name"]) for each in left.values()}
    counted = {"copies": len(left) - 1, "publishers": sorted(publishers)}
    return {**story, "story": {**story["story"], **counted, "members": [each for each in members if each in left]}}


def redact(store: ResultStore, quotes: Collection[str]) -> int:
    """Blank these texts in the messages of other articles' alerts and in digests; return how many were changed."""
    wanted = sorted({each for each in quotes if len(each) >= SHORTEST_QUOTE}, key=len, reverse=True)
    found = [
        hit.id
        for hits in pages(store, Query(kind=Kind.ALERTS, sort=(), size=PAGE))
        for hit in hits
        if redacted(hit.document.get("message"), wanted) != hit.document.get("message")
    ]
    for stored in store.get(Kind.ALERTS, found).values():
        document = {**stored.document, "message": redacted(stored.document["message"], wanted)}
        carry_out(store, [Write(kind=Kind.ALERTS, id=stored.id, document=document, token=stored.token)])
    return len(found)


def redacted(value: Any, quotes: Collection[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value with each of the texts blanked wherever it stands in a string; longest first."""
    if isinstance(value, str):
        for each in quotes:
            value = value.replace(each, REDACTED)
        return value
    if isinstance(value, Mapping):
        return {name: redacted(each, quotes) for name, each in value.items()}
    return [redacted(each, quotes) for each in value] if isinstance(value, list) else value
