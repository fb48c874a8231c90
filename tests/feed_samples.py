"""Feeds of invented outlets, in every format that is read."""

from collections.abc import Sequence

Entry = tuple[str, str, str]
"""guid, link, title"""

TALKS: Entry = ("tag:1", "https://news.example/talks", "Norland asks for talks")
BORDER: Entry = ("tag:2", "https://news.example/border", "Border stays shut")


def rss(
    *entries: Entry, head: str = "", published: str = "Sun, 04 May 2031 09:00:00 GMT", version: str = "2.0"
) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{title}</title>"
        f"<pubDate>{published}</pubDate></item>"
        for guid, link, title in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}"><channel><title>Desk</title>'
        f"<link>https://news.example/</link><language>en</language>{head}{items}</channel></rss>"
    ).encode()


def atom(entries: Sequence[Entry]) -> bytes:
    items = "".join(
        f'<entry><id>{guid}</id><link href="{link}"/><title>{title}</title><author><name>Anna Bell</name></author>'
        f"<published>2031-05-04T09:00:00Z</published><updated>2031-05-04T10:00:00+02:00</updated></entry>"
        for guid, link, title in entries
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Desk</title>{items}</feed>'.encode()


def rdf(entries: Sequence[Entry]) -> bytes:
    items = "".join(
        f'<item rdf:about="{link}"><title>{title}</title><link>{link}</link>'
        f"<dc:date>2031-05-04T09:00:00Z</dc:date></item>"
        for _, link, title in entries
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>Desk</title>'
        f"<link>https://news.example/</link></channel>{items}</rdf:RDF>"
    ).encode()


def news_sitemap(entries: Sequence[Entry]) -> bytes:
    items = "".join(
        f"<url><loc>{link}</loc><news:news><news:publication><news:name>Desk</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>2031-05-04T09:00:00Z</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
        for _, link, title in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!-- made by hand -->'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{items}</urlset>'
    ).encode()
