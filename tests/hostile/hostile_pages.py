"""Pages and answers as nobody should give them, each made by seeded dice from a kind that is named in the report."""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import zstandard
from hostile_feeds import TOKENS, WAYS
from site_of_faults import ISSUES, PARTIES, page
from web_server import endless, gzip_bomb

P = "<p>The council of the old harbour town met on a rainy evening and spoke for hours about bridges and bread.</p>" * 8
ODD_URLS = (
    "http://[::1", "javascript:alert(1)", "//", "http://169.254.169.254/latest", "http://127.0.0.77:22/", "file:///etc/passwd", "\u202ehttp:",
    "http://user:word@127.0.0.1/", "http:\\\\127.0.0.1", "http://0x7f.1/", "?", "#", "http://" + "a" * 5_000, "http://a b/", "https://xn--a/",
)  # fmt: skip
ODD_STATUS = (204, 206, 304, 400, 401, 403, 404, 406, 410, 418, 451, 600, 999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the site says. ``raw`` goes out as it is, without status line or headers; ``stream`` has no length."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    raw: bytes | None = None
    stream: Callable[[], Iterator[bytes]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What pages are made of: whole pages to break, strings to plant, the site's own address."""

    pages: Sequence[bytes]
    strings: Sequence[str]
    base: str


Maker = Callable[[Random, Ground], Answer]


def ground(shared: Path | None, base: str) -> Ground:
    """Return reference pages and naughty strings, or our own where there is no reference data."""
    own = [page(number).encode() for number in range(20)]
    if shared is None:
        return Ground(
            pages=own,
            strings=["\u202ered\x1b[31m", "'; DROP TABLE articles; --", "<script>alert(1)</script>"],
            base=base,
        )
    pages = [gzip.decompress(path.read_bytes()) for path in sorted((shared / "data" / "pages").rglob("*.gz"))]
    strings = json.loads((shared / "data" / "strings" / "blns.json").read_text("utf-8"))
    return Ground(pages=[*own, *pages], strings=strings, base=base)


def hostile(dice: Random, made_of: Ground) -> tuple[str, Answer]:
    """Return the name of a kind and one answer of it."""
    name = dice.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]
    return name, KINDS[name][0](dice, made_of)


def html(body: str, *, head: str = "", title: str = "A hostile page") -> Answer:
    text = f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head><body><article>{body}</article></body></html>"
    return Answer(body=text.encode("utf-8", "surrogatepass"))


def _mutated(dice: Random, made_of: Ground) -> Answer:
    body = bytearray(dice.choice(made_of.pages))
    for _ in range(dice.randint(1, 6)):
        dice.choice(WAYS)(body, dice, made_of.pages)
    charset = dice.choice(("utf-8", "", "utf-16", "punycode", "cp1251", "x" * 300))
    return Answer(body=bytes(body), headers={"Content-Type": f"text/html; charset={charset}"})


def _naughty(dice: Random, made_of: Ground) -> Answer:
    words = [dice.choice(made_of.strings) for _ in range(6)]
    meta = "".join(
        f'<meta name="{name}" content="{words[0]}">' for name in ("author", "description", "date", "og:title")
    )
    said = f"<p>{PARTIES[0]} demanded that {words[1]} change the {next(iter(ISSUES.values()))} by {words[2]}.</p>"
    return html(f"<h1>{words[3]}</h1>{said}{P}<p>{words[4]}</p>", head=meta, title=words[5])


def _deep(dice: Random, _: Ground) -> Answer:
    tag, depth = (
        dice.choice(("div", "b", "table", "ul", "span", "font", "blockquote")),
        dice.choice((300, 2_000, 4_000)),
    )
    return html(f"<{tag}>" * depth + P + f"</{tag}>" * dice.choice((0, depth)))


def _many(dice: Random, _: Ground) -> Answer:
    unit = dice.choice(
        ("<span>a</span>", "<br>", "<a href='/x'>words of a link</a>", "<td>x", "<p>x", "<li>y", "<i></i>", "<form>")
    )
    return html(P + unit * dice.choice((1_000, 6_000, 64_000)))


def _attributes(dice: Random, _: Ground) -> Answer:
    one = f"<p title='{'x' * dice.choice((10_000, 5_000_000))}'>{P}"
    many = "<p " + " ".join(f"a{n}='{n}'" for n in range(20_000)) + f">{P}"
    return html(dice.choice((one, many)))


def _entities(_dice: Random, _: Ground) -> Answer:
    names = [f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'lol'}'>" for n in range(10)]
    return Answer(body=f"<!DOCTYPE html [{''.join(names)}]><html><body><p>&e9;</p>{P}</body></html>".encode())


def _metadata(dice: Random, _: Ground) -> Answer:
    junk = dice.choice(
        (None, [], {}, 1e308, -1, True, "\ud800", ["a", {"name": 3}], "x" * 100_000, "99999-99-99", {"@value": []})
    )
    kind = dice.choice(("NewsArticle", "LiveBlogPosting", ["Article", 3], {}, "WebPage"))
    names = (
        "headline",
        "author",
        "datePublished",
        "dateModified",
        "publisher",
        "isAccessibleForFree",
        "articleBody",
        "mainEntityOfPage",
        "@graph",
    )
    updates = [
        {
            "@type": "BlogPosting",
            "headline": junk,
            "articleBody": P,
            "url": dice.choice(ODD_URLS),
            "datePublished": junk,
        }
    ] * 700
    data = {
        "@type": kind,
        "@context": "https://schema.org",
        "liveBlogUpdate": dice.choice((junk, updates)),
        **{n: junk for n in names if dice.random() < 0.6},
    }
    canonical = f'<link rel="canonical" href="{dice.choice(ODD_URLS)}"><base href="{dice.choice(ODD_URLS)}">'
    return html(P, head=f'{canonical}<script type="application/ld+json">{json.dumps(data)}</script>')


def _json_depth(dice: Random, _: Ground) -> Answer:
    unit = dice.choice(("[", '{"@graph":', '{"a":[', "1,", "\\u0000"))
    return html(P, head='<script type="application/ld+json">' + unit * dice.choice((500, 20_000)) + "</script>")


def _tagger(dice: Random, _: Ground) -> Answer:
    cues = (
        "demanded",
        "rejects",
        "“",
        "”",
        "unless",
        "must",
        "said that",
        "not",
        "never",
        "if",
        ";",
        "—",
        "the talks",
        ":",
        "Q:",
    )
    words = [dice.choice((*PARTIES, *ISSUES.values(), *cues)) for _ in range(dice.choice((500, 5_000, 30_000)))]
    return html("<p>" + dice.choice((" ", ". ", "", "\n")).join(words) + "</p>")


def _long_word(dice: Random, _: Ground) -> Answer:
    return html(P + "<p>" + dice.choice("aA.,“ 界\u0301") * dice.choice((10_000, 1_000_000)) + "</p>")


def _binary(dice: Random, _: Ground) -> Answer:
    head = dice.choice(
        (b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\x1f\x8b\x08", b"", b"RIFF", b"\0" * 64)
    )
    return Answer(body=head + dice.randbytes(dice.choice((0, 10, 5_000))))


def _tokens(dice: Random, _: Ground) -> Answer:
    return Answer(body=P.encode() + b"".join(dice.choice(TOKENS) for _ in range(2_000)) + P.encode())


@cache
def _packed(kind: str) -> tuple[str, bytes]:
    bombs = {
        "gzip": ("gzip", gzip_bomb(200_000_000)),
        "nested": ("gzip, gzip", gzip.compress(gzip_bomb(20_000_000))),
        "gzip in gzip": ("gzip", gzip.compress(gzip_bomb(50_000_000))),
        "deflate": ("deflate", zlib.compress(b"\0" * 50_000_000)),
        "br": ("br", b"\x5b\xff\xff\x83\x05"),
        "zstd": ("zstd", zstandard.compress(b"\0" * 50_000_000)),
        "broken": ("gzip", gzip.compress(P.encode())[:-20] + b"rubbish"),
        "unnamed": ("", gzip.compress(P.encode())),
        "odd": ("x" * 3_000, b"x"),
    }
    return bombs[kind]


def _bomb(dice: Random, _: Ground) -> Answer:
    encoding, body = _packed(
        dice.choice(("gzip", "nested", "gzip in gzip", "deflate", "br", "zstd", "broken", "unnamed", "odd"))
    )
    return Answer(body=body, headers={"Content-Type": "text/html", "Content-Encoding": encoding})


def _endless(_dice: Random, _: Ground) -> Answer:
    return Answer(stream=endless)


def _slow(_dice: Random, _: Ground) -> Answer:
    return Answer(stream=drops)


def drops() -> Iterator[bytes]:
    """Yield a byte a second."""
    while True:
        time.sleep(1)
        yield b"x"


def _redirect(dice: Random, made_of: Ground) -> Answer:
    places = (
        *ODD_URLS,
        "/x/loop",
        made_of.base + "/x/again",
        "",
        "/" + "a" * 8_000,
        "\xff\xfe",
        "..//..",
        "http://printer/",
        "/\x01",
    )
    return Answer(status=dice.choice((301, 302, 303, 307, 308, 300)), headers={"Location": dice.choice(places)})


def _status(dice: Random, _: Ground) -> Answer:
    return Answer(status=dice.choice(ODD_STATUS), body=P.encode())


def _headers(dice: Random, _: Ground) -> Answer:
    count, length = dice.choice(((10_000, 3), (500, 3), (10, 9_000), (1, 1_000_000), (150, 100)))
    return Answer(body=P.encode(), headers={f"X-{number}": "a" * length for number in range(count)})


def _odd_headers(dice: Random, _: Ground) -> Answer:
    name = dice.choice(
        ("Content-Type", "Last-Modified", "ETag", "Content-Language", "Retry-After", "Cache-Control", "Link", "Date")
    )
    value = dice.choice(
        (
            "\xff\xfe\x80",
            "x" * 5_000,
            "99999999999999999999",
            "-1",
            "max-age=1e99",
            ";;;=,",
            "text/html; charset=" + "\x80" * 9,
            "NaN",
            "",
        )
    )
    return Answer(body=(html(P).body), headers={name: value})


def _no_http(dice: Random, _: Ground) -> Answer:
    lines = (
        b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"HTTP/1.1 200 OK\r\nA\r\n\r\n", b"HTTP/0.9 200\r\n\r\n", b"\0" * 5_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 200 OK\r\n\r\n<p>x",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", b"HTTP/1.1 200 \xff\r\n\r\n<p>x",
    )  # fmt: skip
    return Answer(raw=dice.choice(lines))


KINDS: dict[str, tuple[Maker, float]] = {
    "mutated page": (_mutated, 30),
    "naughty strings": (_naughty, 12),
    "nested markup": (_deep, 4),
    "many elements": (_many, 4),
    "attributes": (_attributes, 4),
    "entity bomb": (_entities, 4),
    "metadata of wrong types": (_metadata, 8),
    "JSON without end": (_json_depth, 3),
    "salad for the tagger": (_tagger, 4),
    "long words": (_long_word, 3),
    "binary": (_binary, 4),
    "hostile tokens": (_tokens, 4),
    "compression bomb": (_bomb, 6),
    "endless body": (_endless, 1),
    "a byte a second": (_slow, 0.5),
    "odd redirect": (_redirect, 6),
    "odd status": (_status, 3),
    "header flood": (_headers, 3),
    "odd headers": (_odd_headers, 4),
    "no HTTP": (_no_http, 4),
}
