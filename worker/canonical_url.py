"""What an article's URL is known by, and what it is fetched by; the two are not the same.

``canonical_url`` is a key: two addresses of one article should have one, two articles never. It is lossy (no scheme,
no ``www.``, mobile and AMP forms undone) and not meant to be opened. ``clean_fetch_url`` opens, and changes only what
cannot matter to the server. Where a rule could merge two articles, the rule is not here: an unmerged copy is found
by its text, a lost article is not found at all.
"""

# ruff: noqa: SIM905 - a list of words is easier to read than a list of quotes

import html
import posixpath
import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import idna
from tld import get_fld

MAX_CHARS = 4096

# Names that only trackers use. Sources: courlan 1.4 (AdGuard, ClearURLs, Mozilla query stripping), the outlets' own.
_TRACKING = re.compile(
    r"""(?:utm|pk|piwik|mtm|matomo|hsa|itm|trk|at|ns|oly|vero|mkt|mc|ml|guce|wt|wt\.|__hs|_hs|fb|gad|rb|sc)_\w*
    |(?:fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igsh|igshid|srsltid)
    |_g[al]|_branch_match_id|__twitter_impression|_openstat|xtor|xtref|ito|ocid|ncid|cmpid|cmp|intcmp|icid|s_cid|smid
    |smtyp|taid|ftag|mbid|cndid|bxid|esrc|guccounter|traffic_?source|dm_i|ef_id|hsctatracking|spm|fromrss|ref_?src
    |ref_url|feedtype|feedname|wt\.mc_\w+|wt\.\w+|ga_\w+|campaign_?(?:id|name)|share_?source|phpsessid|jsessionid
    |sessionid|aspsessionid\w*|cftoken|amp|outputtype|__cf_chl_\w+|_cf_chl_\w+""",
    re.IGNORECASE | re.VERBOSE,
)
# Names that some sites use for tracking and others for articles: dropped unless the value looks like an id.
_DOUBTFUL = frozenset(
    "ref referer referrer source src from via medium campaign partner feature share shared rss output output_type "
    "cid eid link_source origin sr_share soc_src soc_trk mod reflink fr s_kwcid sh smprod emc nl te".split()
)
_ID_LIKE = re.compile(r"\d{3,}|[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{27}", re.IGNORECASE)

_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|cfm|shtml)$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)
"""What a host may be made of; a key with a blank in it would be another key when read again."""
_HOST_PREFIX = re.compile(r"^(?:www\d{0,2}|m|mobile|touch|wap|amp)\.(?=[^.]+\.[^.])")
_INNER_MOBILE = re.compile(r"^([a-z]{2,3})\.m\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|[./]amp(?=\.html?$)|\.amp$")
_SLASHES = re.compile(r"/{2,}")
_MARKUP_ESCAPE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff]")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = "%:@!$&'()*+,;=~-._/?[]"

_AMP_CACHE = re.compile(r"^/(?:c|v|amp)/(s/)?([^/]+\.[^/]+)(/.*)?$")
_ARCHIVED = re.compile(r"^/web/\d{4,14}(?:[a-z]{2}_)?/(https?:/{1,2}.+)$")
_MAX_WRAPPERS = 3


@lru_cache(maxsize=8192)  # a feed brings the same links at every poll
def canonical_url(url: str) -> str:
    """Return the key of an article's URL: ``host/path?query``. The key of a key is the key itself.

    What is no web address is returned stripped, so that it is at least equal to itself.
    """
    key = _key(url)
    for _ in range(_MAX_WRAPPERS):  # a wrapper can show only once what hid it is gone
        again = _key(key)
        if again == key:
            break
        key = again
    return key


def _key(url: str) -> str:
    parts = _parts(url)
    if parts is None:
        return url.strip()[:MAX_CHARS].strip()
    host, path, query, fragment = parts[1], parts[2], parts[3], parts[4]
    key = _canonical_host(host) + _canonical_path(path)
    given = set(parse_qsl(query, keep_blank_values=True))
    kept = sorted(pair for pair in given if not _is_noise(*pair))
    if kept:
        key += "?" + urlencode(kept, quote_via=quote, safe="/:,")
    return key + (f"#{fragment}" if fragment else "")


@lru_cache(maxsize=8192)
def clean_fetch_url(url: str) -> str:
    """Return the URL as it should be asked, or an empty text if it is no web address.

    Wrappers of search engines and AMP caches are opened, parameters that only trackers read are dropped, what a URL
    cannot hold is percent-encoded. Order and spelling of everything else stay.
    """
    parts = _parts(url)
    if parts is None:
        return ""
    scheme, host, path, query, fragment = parts
    if any(_is_tracking(name, value) for name, value in parse_qsl(query, keep_blank_values=True)):
        pieces = [piece for piece in query.split("&") if not _is_tracking(*_pair(piece))]
        query = "&".join(pieces)
    return urlunsplit((scheme, host, quote(path or "/", safe=_PATH_SAFE), quote(query, safe=_QUERY_SAFE), fragment))


@lru_cache(maxsize=8192)
def host_of(url: str) -> str:
    """Return the host of a URL, ASCII in lower case and without port; empty if there is none."""
    parts = _parts(url)
    return parts[1].rpartition("]")[0].lstrip("[") or parts[1].partition(":")[0] if parts else ""


@lru_cache(maxsize=8192)
def registered_domain(host: str) -> str:
    """Return the domain that somebody registered (``bbc.co.uk`` for ``www.bbc.co.uk``); an address is its own.

    By the public suffix list that ``tld`` ships. For a suffix that the list does not know, the last two labels.
    """
    name = host.strip(".").lower()
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        known: str | None = get_fld(f"http://{name}", fail_silently=True)
        return known or ".".join(name.split(".")[-2:])
    return name


def _parts(url: str) -> tuple[str, str, str, str, str] | None:
    """Return (scheme, host with port, path, query, route) of the page meant, or None."""
    text = _unescaped(_INVISIBLE.sub("", url)).strip()[:MAX_CHARS]
    if "://" not in text[:12]:
        text = f"https://{text.removeprefix('//')}" if _looks_like_host(text) else text
    for _ in range(_MAX_WRAPPERS):
        parts = _split(text)
        inner = _unwrapped(parts) if parts else None
        if inner is None:
            return parts
        text = inner
    return _split(text)


def _unescaped(text: str) -> str:
    """Return the text without the escapes of markup, doubled ones included, and without what an escape may hide.

    Only whole escapes: ``html.unescape`` takes ``&section=`` for a paragraph sign, as ``&sect`` needs no semicolon.
    """
    for _ in range(_MAX_WRAPPERS):
        plain = _INVISIBLE.sub("", _MARKUP_ESCAPE.sub(lambda found: html.unescape(found[0]), text))
        if plain == text:
            break
        text = plain
    return text


def _looks_like_host(text: str) -> bool:
    host = text.removeprefix("//").partition("/")[0].partition("?")[0]
    return "." in host and "@" not in host and " " not in host and not text.startswith((".", "/."))


def _split(text: str) -> tuple[str, str, str, str, str] | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "\\" in parts.netloc:
        return None
    host = _ascii_host(parts.hostname)
    if not _HOST.fullmatch(host):
        return None
    if port not in {None, 80, 443}:
        host = f"{host}:{port}"
    route = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return parts.scheme, host, parts.path, parts.query, route


def _ascii_host(host: str) -> str:
    bare = host.rstrip(".")
    if ":" in bare:
        return f"[{bare}]"
    if bare.isascii():
        return bare
    try:
        return idna.encode(bare, uts46=True).decode("ascii").rstrip(".")
    except idna.IDNAError:
        return bare


def _unwrapped(parts: tuple[str, str, str, str, str]) -> str | None:
    """Return the address that a search engine, AMP cache or archive wraps, or None."""
    _, host, path, query, _ = parts
    bare = host.removeprefix("www.")
    if re.fullmatch(r"(?:google|bing)\.[a-z.]{2,6}|[\w-]+\.cdn\.ampproject\.org|cdn\.ampproject\.org", bare):
        cached = _AMP_CACHE.match(path)
        if cached:
            scheme = "https" if cached[1] else "http"
            return f"{scheme}://{cached[2]}{cached[3] or '/'}" + (f"?{query}" if query else "")
    if bare == "web.archive.org":
        archived = _ARCHIVED.match(path)
        return archived[1].replace(":/", "://", 1).replace(":///", "://", 1) if archived else None
    return _named_target(bare, path, query)


_WRAPPERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"google\.[a-z.]{2,6}/url"), ("url", "q")),
    (re.compile(r"l\.facebook\.com/l\.php|lm\.facebook\.com/l\.php"), ("u",)),
    (re.compile(r"(?:bing|yahoo)\.com/news/apiclick\.aspx"), ("url",)),
)


def _named_target(host: str, path: str, query: str) -> str | None:
    for pattern, names in _WRAPPERS:
        if pattern.fullmatch(host + path):
            given = dict(parse_qsl(query))
            return next((given[name] for name in names if given.get(name, "").startswith("http")), None)
    return None


def _canonical_host(host: str) -> str:
    return _INNER_MOBILE.sub(r"\1.", _HOST_PREFIX.sub("", host))


def _canonical_path(path: str) -> str:
    plain = _ESCAPE.sub(_canonical_escape, quote(path, safe=_PATH_SAFE))
    plain = _SLASHES.sub("/", _SESSION.sub("", plain))
    plain = posixpath.normpath(plain) if "/." in plain else plain
    plain = _INDEX.sub("/", _AMP_PATH.sub("", plain))
    return plain.rstrip("/")


def _canonical_escape(escape: re.Match[str]) -> str:
    byte = int(escape[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return unquote(name), unquote(value)


def _is_tracking(name: str, _value: str = "") -> bool:
    return _TRACKING.fullmatch(name) is not None


def _is_noise(name: str, value: str) -> bool:
    if _is_tracking(name):
        return True
    return name.lower() in _DOUBTFUL and not _ID_LIKE.fullmatch(value)
