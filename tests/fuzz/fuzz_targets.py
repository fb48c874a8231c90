"""What is fuzzed, as functions of bytes: each fails only where a promise of the program is broken."""

from collections.abc import Callable
from datetime import UTC, datetime

from worker.canonical_url import canonical_url, clean_fetch_url, host_of, registered_domain
from worker.errors import Refused
from worker.extract.bounds import refusal
from worker.extract.decode import decode_page
from worker.feeds.charset import decode_feed
from worker.feeds.document import FeedDocument, ParseRefused
from worker.feeds.parse import parse_feed
from worker.fetch.target import target_of
from worker.ports import TaggerInput
from worker.tag.rules import RuleTagger
from worker.text import clean
from worker.topic import Issue, Office, Party, Person, Topic

NOW = datetime(2031, 5, 4, 12, tzinfo=UTC)
FEED_URL = "https://news.example/feeds/all.xml"
TOPIC = Topic(
    id="river",
    label="Aldovia and Brenland",
    parties=tuple(
        Party(
            id=name.lower(),
            label=name,
            names=(name,),
            demonyms=(f"{name}n",),
            belligerent=True,
            people=(Person(name=person, offices=(Office(title="president"),)),),
        )
        for name, person in (("Aldovia", "Ivo Kareliy"), ("Brenland", "Mira Holt"))
    ),
    issues=(
        Issue(id="ceasefire", label="ceasefire", mode="change", patterns={"ceasefire": 3.0, "truce": 3.0}),
        Issue(id="withdrawal", label="withdrawal", mode="change", patterns={"withdraw": 3.0, "troops": 1.0}),
    ),
)
TAGGER = RuleTagger()


def feed(data: bytes) -> None:
    """Any body becomes a document or a refusal with a reason; what it holds is clean and can be fetched."""
    content_type, body = _headed(data)
    found = parse_feed(body, url=FEED_URL, now=NOW, content_type=content_type)
    if isinstance(found, ParseRefused):
        assert found.why
        return
    assert isinstance(found, FeedDocument)
    for entry in found.entries:
        assert entry.identity
        assert clean_fetch_url(entry.url)
        for text in (entry.title, entry.summary, *entry.authors):
            assert clean(text) == text


def decode(data: bytes) -> None:
    """Any bytes in any character set become text, and the bounds are counted."""
    content_type, body = _headed(data)
    for text in (decode_page(body, content_type), decode_feed(body, content_type)):
        clean(text).encode("utf-8")
    refusal(body)


def canonicalise(data: bytes) -> None:
    """The key of a key is the key; a URL that may be fetched stays the same when cleaned again, and its host is one."""
    url = data.decode("utf-8", "surrogateescape")
    key = canonical_url(url)
    assert canonical_url(key) == key, (url, key, canonical_url(key))
    fetched = clean_fetch_url(url)
    assert clean_fetch_url(fetched) == fetched, (url, fetched, clean_fetch_url(fetched))
    registered_domain(host_of(url))
    for one in (url, fetched):
        try:
            target = target_of(one)
        except Refused:
            continue
        assert target.url.isascii()
        assert target_of(target.url) == target


def tag(data: bytes) -> None:
    """Any text gives records or none, and the evidence is the text's own."""
    text = clean(data.decode("utf-8", "replace"))
    for statement in TAGGER.tag(TaggerInput(text=text, title=text[:80], published=NOW), TOPIC).statements:
        assert text[statement.start : statement.end] == statement.evidence
        assert statement.evidence
        assert 0 < statement.confidence <= 1


def _headed(data: bytes) -> tuple[str, bytes]:
    """Return a Content-Type and a body: the first line and the rest."""
    head, _, body = data.partition(b"\n")
    return head.decode("latin-1")[:200], body


TARGETS: dict[str, Callable[[bytes], None]] = {"feed": feed, "decode": decode, "canonicalise": canonicalise, "tag": tag}
