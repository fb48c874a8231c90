"""Writes an article with all that follows from it: statements, retractions, its story.

Statements come first and the article last, for its document is what says that they are all there. Every document is
changed by compare-and-set; where another writer was faster, all is read and decided again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.errors import StoreRejected, StoreUnavailable
from worker.index.document import (
    alias_document,
    article_document,
    retracted_document,
    retracted_ids,
    statement_document,
    story_document,
    with_story,
)
from worker.model import Article, Placement, TaggedStatement
from worker.ports import CREATE, Document, Kind, ResultStore, Stored, Write, WriteStatus

TRIES = 25
"""Each lost race means that another writer won; the workers of one installation never make ten in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """What came of an article. ``changed`` is False if the store had this very text from another entry or poll.

    ``repeated``: an earlier attempt with this entry wrote this text already, and died before it was settled.
    ``retracted`` are all statements that the article once had and has no more, not only those of this run: taking
    them out of the ledger of claims may then be repeated until it has been done.
    """

    changed: bool
    retracted: tuple[str, ...]
    written: int
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the store holds of an article and around it."""

    article: Stored | None
    story: Stored | None
    opening: Stored | None
    statements: Mapping[str, Stored]


def write_article(
    store: ResultStore,
    article: Article,
    placement: Placement,
    statements: Sequence[TaggedStatement],
    *,
    entry_hash: str,
    now: datetime,
) -> WriteReport:
    """Bring the store to what was found and return what changed. May run twice: the second run writes nothing.

    ``entry_hash`` tells a second attempt with the same feed entry from a later poll that brings the same text.

    Raises StoreUnavailable if the store asks for patience or others keep winning, StoreRejected if a document does
    not fit.
    """
    seen = _read(store, article, placement, statements)
    is_new, repeated = _is_new_text(article, seen.article), _is_repeated(article, entry_hash, seen.article)
    for _ in range(TRIES):
        around = _around(article, placement, statements, seen, now)
        own = _own(article, placement, statements, seen, entry_hash=entry_hash, now=now)
        if _carried_out(store, around) and _carried_out(store, own):
            before = seen.article.document if seen.article else {}
            gone = retracted_ids(before, (each.statement_id for each in statements))
            return WriteReport(
                changed=is_new or repeated,
                retracted=tuple(gone),
                written=len(around) + len(own),
                repeated=repeated,
            )
        seen = _read(store, article, placement, statements)
    raise StoreUnavailable(f"article {article.article_id} is changed by others faster than it can be read")


def is_superseded(store: ResultStore, article: Article) -> bool:
    """Return True if the store holds another text of the article, fetched later: a replay then brings an old one."""
    stored = store.get(Kind.ARTICLES, [article.article_id]).get(article.article_id)
    if stored is None or not _is_new_text(article, stored):
        return False
    return article.fetched < datetime.fromisoformat(stored.document["event"]["created"])


def remember_entry(
    store: ResultStore, article: Article, entry_hash: str, *, now: datetime, is_news: bool = True
) -> None:
    """Write the alias by which a lost work ledger knows that this entry is done. Call it when all else is written.

    An entry that is no news, since a replay brought it, may have changed in its feed: the alias that is there stays.
    """
    stored = store.get(Kind.ALIASES, [article.item_id]).get(article.item_id)
    if stored and not is_news:
        return
    document = alias_document(article, entry_hash, stored.document if stored else {}, now=now)
    if stored is None or stored.document != document:
        _carried_out(store, [Write(kind=Kind.ALIASES, id=article.item_id, document=document)])


def _is_new_text(article: Article, stored: Stored | None) -> bool:
    head = stored.document["article"] if stored else {}
    return bool(head.get("text_hash") != article.text_hash)


def _is_repeated(article: Article, entry_hash: str, stored: Stored | None) -> bool:
    """Return True if this very entry brought the very text that is there."""
    head = stored.document["article"] if stored else {}
    brought_by = (head.get("item_id"), head.get("entry_hash"))
    return not _is_new_text(article, stored) and brought_by == (article.item_id, entry_hash)


def _read(store: ResultStore, article: Article, placement: Placement, statements: Sequence[TaggedStatement]) -> _Seen:
    articles = store.get(Kind.ARTICLES, list({article.article_id, placement.story_id}))
    stored = articles.get(article.article_id)
    found = [each.statement_id for each in statements]
    gone = retracted_ids(stored.document if stored else {}, found)
    wanted = [*found, *gone]
    return _Seen(
        article=stored,
        opening=articles.get(placement.story_id) if placement.story_id != article.article_id else None,
        story=store.get(Kind.STORIES, [placement.story_id]).get(placement.story_id),
        statements=store.get(Kind.STATEMENTS, wanted) if wanted else {},
    )


def _around(
    article: Article, placement: Placement, statements: Sequence[TaggedStatement], seen: _Seen, now: datetime
) -> list[Write]:
    """Return the writes of everything but the article itself."""
    found = {each.statement_id: each for each in statements}
    writes = []
    for statement_id, tagged in found.items():
        stored = seen.statements.get(statement_id)
        document = statement_document(tagged, article, placement, _document(stored), now=now)
        writes.append(_write(Kind.STATEMENTS, statement_id, document, stored))
    for statement_id, stored in seen.statements.items():
        if statement_id not in found:
            document = retracted_document(stored.document, now=now)
            writes.append(_write(Kind.STATEMENTS, statement_id, document, stored))
    story = story_document(article, placement, _document(seen.story))
    writes.append(_write(Kind.STORIES, placement.story_id, story, seen.story))
    if seen.opening is not None:
        opening = with_story(seen.opening.document, story)
        writes.append(_write(Kind.ARTICLES, placement.story_id, opening, seen.opening))
    return [write for write in writes if write is not None]


def _own(
    article: Article,
    placement: Placement,
    statements: Sequence[TaggedStatement],
    seen: _Seen,
    *,
    entry_hash: str,
    now: datetime,
) -> list[Write]:
    """Return the write of the article's own document, if it differs from the stored one."""
    stored = _document(seen.article)
    document = article_document(article, placement, statements, stored, entry_hash=entry_hash, now=now)
    if placement.story_id == article.article_id:
        document = with_story(document, story_document(article, placement, _document(seen.story)))
    write = _write(Kind.ARTICLES, article.article_id, document, seen.article)
    return [] if write is None else [write]


def _document(stored: Stored | None) -> Document:
    return stored.document if stored else {}


def _write(kind: Kind, document_id: str, document: Document, stored: Stored | None) -> Write | None:
    if stored is not None and stored.document == document:
        return None
    return Write(kind=kind, id=document_id, document=document, token=stored.token if stored else CREATE)


def _carried_out(store: ResultStore, writes: Sequence[Write]) -> bool:
    """Carry out the writes; False if one of them met a document that had changed. Anything else raises."""
    results = store.write(writes) if writes else []
    for result in results:
        if result.status is WriteStatus.LATER:
            raise StoreUnavailable(f"the store has no room for {result.id} now: {result.reason}")
        if result.status is WriteStatus.REJECTED:
            raise StoreRejected(f"{result.id}: {result.reason}", reason="store_rejected")
    return all(result.status is WriteStatus.OK for result in results)
