"""Places an article among those already seen. Placing twice gives the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worker.dedup.decide import Joins, candidates, choose
from worker.dedup.diff import Edit, edit_between
from worker.dedup.sketch import sketch
from worker.model import Article, Placement
from worker.ports import Document, FingerprintStore, Kind, ResultStore

COMPARED = 3
"""How many near articles are read for the guard against templates."""


def place(article: Article, *, store: ResultStore, fingerprints: FingerprintStore, now: datetime) -> Placement:
    """Return the article's story and revision; claims its near-duplicate buckets on the way.

    A stored article keeps its story for ever. A text that changed under the same extractor is a revision.
    """
    stored = store.get(Kind.ARTICLES, [article.article_id]).get(article.article_id)
    kept = _value(stored.document, "story", "id") if stored else None
    story = _story(article, kept, store=store, fingerprints=fingerprints, now=now)
    known = store.get(Kind.STORIES, [story]).get(story)
    members = _value(known.document, "story", "members") if known else None
    number, is_revision = revision_of(article, stored.document if stored else None)
    before = str(_value(stored.document, "article", "text") or "") if stored else ""
    edit = edit_between(before, article.text) if is_revision else Edit()
    return Placement(
        article_id=article.article_id,
        story_id=story,
        revision=number,
        is_revision=is_revision,
        copy_of=story if story != article.article_id else None,
        members=tuple(one for one in members or () if one != article.article_id),
        removed=edit.removed,
        added=edit.added,
    )


def revision_of(article: Article, stored: Document | None) -> tuple[int, bool]:
    """Return (number of text versions seen, whether this text is a change of the stored one)."""
    if stored is None:
        return 1, False
    number = int(_value(stored, "article", "revision") or 1)
    same_text = _value(stored, "article", "text_hash") == article.text_hash
    same_extractor = _value(stored, "extractor", "version") == article.extractor_version
    changed = not same_text and same_extractor
    return number + changed, changed


def _story(
    article: Article, kept: str | None, *, store: ResultStore, fingerprints: FingerprintStore, now: datetime
) -> str:
    found = sketch(article.text)
    near = fingerprints.claim(article.article_id, kept or article.article_id, found.signature, found.shingles, now=now)
    if kept:
        return kept
    joins = candidates(found, near)[:COMPARED]
    choice = choose(article.text, joins, _texts(store, joins))
    if not isinstance(choice, Joins) or choice.story_id == article.article_id:
        return article.article_id
    fingerprints.assign(article.article_id, choice.story_id, now=now)
    return choice.story_id


def _texts(store: ResultStore, joins: list[Joins]) -> dict[str, str]:
    found = store.get(Kind.ARTICLES, [join.like for join in joins]) if joins else {}
    return {key: str(_value(stored.document, "article", "text") or "") for key, stored in found.items()}


def _value(document: Mapping[str, Any], head: str, name: str) -> Any:  # noqa: ANN401 - documents hold any JSON
    return (document.get(head) or {}).get(name)
