"""Feeds as nobody should write them: real and conformance feeds, broken anew at every run by seeded dice."""

import gzip
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from feed_samples import BORDER, TALKS, atom, news_sitemap, rdf, rss

CONTENT_TYPES = (
    "application/rss+xml", "application/atom+xml; charset=utf-8", "text/xml; charset=utf-16", "text/html", "", "a/b; charset=punycode",
    "application/json", 'text/xml; charset="undefined"', "text/xml; charset=iso-2022-kr", "image/png", "text/plain; charset=zlib_codec",
)  # fmt: skip
TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"&#xD800;", b"&#99999999999999999999;", b"&#0;", b"]]>", b"<![CDATA[", b"<!--", b"-->",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<!ENTITY % x SYSTEM 'file:///etc/passwd'>", b"<?xml version='1.0' encoding='utf-7'?>", b"<item>",
    b"</item>", b"<entry>", b"</channel>", b"<link/>", b"<guid></guid>", b"%00", b"%", b"\r\n\r\n", b"\xe2\x80\xae", b"{", b"\\ud800",
    b"99999-99-99T99:99:99Z", b"-1", b"1e999", b"NaN", b"xmlns='\x01'", b"<a:b:c>", b"&", b"<", b"'\"", b"http://[::1", b"//", b"javascript:",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"e\xcc\x81" * 40, b"\xf0\x9f\x98\x80",
)  # fmt: skip
REAL_SHARE = 0.05
"""Real feeds have dozens of entries; each leads to one more hostile page."""
_LINK = re.compile(rb"(?<=>|\[|\"|')https?://[^/\s\"'<>&\]]+")
_SPACES_OF_NAMES = (
    b"www.w3.org",
    b"purl.org",
    b"sitemaps.org",
    b"google.com/schemas",
    b"jsonfeed.org",
    b"ns.adobe",
    b"search.yahoo",
)


def seeds(shared: Path | None) -> tuple[list[bytes], list[bytes]]:
    """Return small feeds and whole real ones; of our own samples alone where there is no reference data."""
    small = [rss(TALKS, BORDER), atom([TALKS, BORDER]), rdf([TALKS]), news_sitemap([TALKS, BORDER])]
    if shared is None:
        return small, small
    folder = shared / "data" / "feeds"
    small += [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in {".xml", ".json"}]
    return small, [gzip.decompress(path.read_bytes()) for path in sorted((folder / "real").glob("*.gz"))]


def mutated(dice: Random, small: Sequence[bytes], real: Sequence[bytes], *, base: str) -> bytes:
    """Return a feed that was broken in one to six ways, its links leading to ``base``."""
    body = bytearray(led_to(dice.choice(real if dice.random() < REAL_SHARE else small), base))
    for _ in range(dice.randint(1, 6)):
        dice.choice(WAYS)(body, dice, small)
    return bytes(body)


def led_to(body: bytes, base: str) -> bytes:
    """Return the feed with the hosts of its links replaced; names of XML name spaces stay."""

    def host(found: re.Match[bytes]) -> bytes:
        near = body[found.start() : found.end() + 20]
        return found[0] if any(name in near for name in _SPACES_OF_NAMES) else base.encode()

    return _LINK.sub(host, body)


def _flip(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    for _ in range(dice.randint(1, 8)):
        if body:
            body[dice.randrange(len(body))] = dice.randrange(256)


def _cut(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    start = dice.randrange(len(body) + 1)
    del body[start : start + dice.randint(1, 200)]


def _end_early(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    del body[dice.randrange(len(body) + 1) :]


def _insert(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    place = dice.randrange(len(body) + 1)
    body[place:place] = dice.choice(TOKENS)


def _flood(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    place = dice.randrange(len(body) + 1)
    body[place:place] = dice.choice(TOKENS) * dice.choice((10, 300, 5_000))


def _repeat(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    start = dice.randrange(len(body) + 1)
    part = body[start : start + dice.randint(1, 400)]
    body[start:start] = part * dice.choice((2, 20, 400))


def _splice(body: bytearray, dice: Random, others: Sequence[bytes]) -> None:
    other = dice.choice(others)
    body[dice.randrange(len(body) + 1) :] = other[dice.randrange(len(other) + 1) :]


def _swap_tags(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    tags = [found.span() for found in re.finditer(rb"</?[\w:]+", bytes(body))]
    if len(tags) > 1:
        (start, end), (other, other_end) = sorted(dice.sample(tags, 2))
        body[start:end], body[other:other_end] = body[start:end], body[start:end]


def _claim_charset(body: bytearray, dice: Random, _others: Sequence[bytes]) -> None:
    name = dice.choice(
        (b"utf-16", b"utf-32", b"punycode", b"idna", b"gb18030", b"cp037", b"shift_jis", b"x" * 500, b"\xff")
    )
    declared = re.sub(rb"encoding\s*=\s*[\"'][^\"']*", b'encoding="' + name, bytes(body), count=1)
    body[:] = declared if declared != body else b'<?xml version="1.0" encoding="' + name + b'"?>' + body


WAYS: tuple[Callable[[bytearray, Random, Sequence[bytes]], None], ...] = (
    _flip, _flip, _cut, _cut, _end_early, _insert, _insert, _insert, _flood, _repeat, _splice, _swap_tags, _claim_charset,
)  # fmt: skip
