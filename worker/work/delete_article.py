"""An article out of every store for good, for good reasons of law, and what keeps it from coming back.

The tombstone comes first: from then on no worker takes the article in. Then messages and bodies, then the claims, which
are graded anew and page nobody, and last the documents that lead to all of it: a crash is mended by running it again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.canonical_url import canonical_url
from worker.identity import article_id, item_id
from worker.index import deletion
from worker.index.upkeep import PAGE, pages, remove
from worker.log import logger
from worker.model import Capture
from worker.novelty import service as novelty
from worker.novelty.history import Entry, history_from
from worker.ports import BlobStore, Clock, Kind, Leases, Query, ResultStore, WorkLedger

log = logger(__name__)

LEASE_S = 45
_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")
EVIDENCE_IN_MESSAGES = (280, 600, 1_000)
"""Digests, claims and alerts cut a long sentence to these lengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleter:
    """The ports of a deletion. ``owner`` names this process in leases."""

    store: ResultStore
    ledger: WorkLedger
    leases: Leases
    blobs: BlobStore
    clock: Clock
    policy: novelty.Policy
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What was removed. ``others``: addresses of the same story that stay, since other outlets published them.

    ``documents`` counts by kind, ``messages`` are alerts of other articles that quoted this one.
    """

    article_ids: tuple[str, ...]
    documents: Mapping[Kind, int]
    items: int
    bodies: int
    messages: int
    regraded: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traces:
    """Ids under which the article may be known, and the texts by which others quote it."""

    articles: frozenset[str]
    items: frozenset[str]
    others: tuple[str, ...]
    quotes: frozenset[str]


def delete_article(address: str, ports: Deleter) -> Deletion | None:
    """Delete the article at a URL, or of an article id. None: a worker is at it; try again in some seconds.

    An address that is not known yet gets its tombstone all the same.
    """
    traces = _traces(address, ports)
    deletion.bury(ports.store, traces.articles, now=ports.clock.now())
    if not all(_is_free(each, ports) for each in traces.articles):
        return None
    now = ports.clock.now()
    items = sum(ports.ledger.erase(each, now=now) for each in traces.items)
    entries = list(_entries(traces.articles, ports.store))
    quotes = traces.quotes | {text for _, entry in entries for text in _cuts(entry.evidence)}
    messages = deletion.redact(ports.store, quotes)
    bodies = ports.blobs.erase(_of_article(traces))
    keys, statements = {key for key, _ in entries}, {entry.statement_id for _, entry in entries}
    regraded = novelty.withdraw_from(ports.store, sorted(keys), sorted(statements), policy=ports.policy)
    done = Deletion(
        article_ids=tuple(sorted(traces.articles)),
        documents=_documents(traces, ports.store),
        items=items,
        bodies=bodies,
        messages=messages,
        regraded=len(regraded),
        others=traces.others,
    )
    log.info("article_deleted", article_ids=done.article_ids, bodies=bodies, messages=messages)
    return done


def _documents(traces: _Traces, store: ResultStore) -> dict[Kind, int]:
    """Delete the documents, last of all since they lead to the rest; return how many of each kind."""
    documents: Counter[Kind] = Counter()
    for each in sorted(traces.articles):
        documents.update(deletion.delete_article(store, each))
    parked = list(store.get(Kind.PARKED, sorted(traces.items)))
    documents[Kind.PARKED] = remove(store, Kind.PARKED, parked)
    return dict(documents)


def _is_free(article: str, ports: Deleter) -> bool:
    """Return True if nobody is in the middle of writing it; whoever begins after the tombstone looks first."""
    lease = f"article:{article}"
    taken = ports.leases.take(lease, ports.owner, ttl_s=LEASE_S)
    if taken:
        ports.leases.drop(lease, ports.owner)
    return taken


def _traces(address: str, ports: Deleter) -> _Traces:
    ports.store.refresh()
    asked = address if _ARTICLE_ID.fullmatch(address) else article_id(canonical_url(address))
    named = sorted({item_id("", address), item_id("", canonical_url(address))})
    articles = {asked, *_led_to(named, ports)}
    items = {*named, *(alias for each in articles for alias in deletion.aliases_of(ports.store, each))}
    stored = ports.store.get(Kind.ARTICLES, sorted(articles)).values()
    urls = {str(each.document["url"]["full"]) for each in stored}
    stories = {str(each.document["story"]["id"]) for each in stored}
    return _Traces(
        articles=frozenset({*articles, *(article_id(canonical_url(url)) for url in urls)}),
        items=frozenset(items),
        others=tuple(sorted(_addresses(stories, ports.store) - urls)),
        quotes=frozenset({*urls, *_sentences(articles, ports.store)}),
    )


def _led_to(items: Sequence[str], ports: Deleter) -> Iterator[str]:
    """Yield the articles that these items became: by a page's own word its address may be another."""
    for alias in ports.store.get(Kind.ALIASES, items).values():
        yield str(alias.document["article"]["id"])
    for record in ports.ledger.get_many(items):
        if record and record.article_id:
            yield record.article_id


def _addresses(stories: set[str], store: ResultStore) -> set[str]:
    """Return the addresses of all members of the stories."""
    found = store.get(Kind.STORIES, sorted(stories)).values()
    members = sorted({member for each in found for member in each.document["story"]["members"]})
    return {str(each.document["url"]["full"]) for each in store.get(Kind.ARTICLES, members).values()}


def _sentences(articles: set[str], store: ResultStore) -> Iterator[str]:
    ids = [each for article in sorted(articles) for each in deletion.statements_of(store, article)]
    for stored in store.get(Kind.STATEMENTS, ids).values():
        yield from _cuts(str(stored.document["stance"]["evidence"]))


def _cuts(evidence: str) -> Iterator[str]:
    yield evidence
    yield from (evidence[:length] for length in EVIDENCE_IN_MESSAGES)


def _entries(articles: frozenset[str], store: ResultStore) -> Iterator[tuple[str, Entry]]:
    """Yield (claim key, entry) of the articles. All claims are read: they outlive the statements they were made of."""
    for hits in pages(store, Query(kind=Kind.CLAIMS, sort=(), size=PAGE)):
        for hit in hits:
            for entry in history_from(hit.id, hit.document).entries:
                if entry.article_id in articles:
                    yield hit.id, entry


def _of_article(traces: _Traces) -> Callable[[Capture], bool]:
    def is_meant(capture: Capture) -> bool:
        addresses = (capture.entry.url, *capture.chain)
        return capture.item_id in traces.items or any(
            article_id(canonical_url(each)) in traces.articles for each in addresses
        )

    return is_meant
