"""What an operator knows better of a site than any heuristic: where its text, title, date and authors are. Pure.

The expressions are XPath 1.0 of ``config/sites.yml``. One that finds nothing leaves the page to the general way, so
that a site's new layout costs quality and no article.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from lxml.etree import XPath
from lxml.html import HtmlElement

from worker.extract.body import Body, joined
from worker.extract.metadata import PageFacts, split_authors
from worker.model import Site
from worker.text import TEXT_CHARS, clean, clean_line

_BLOCKS = ("p", "li", "blockquote", "h2", "h3", "h4", "pre")


def site_of(host: str, sites: Mapping[str, Site]) -> Site | None:
    """Return the rule of the host or of the nearest domain above it."""
    labels = host.removeprefix("www.").split(".")
    names = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((sites[name] for name in names if name in sites), None)


def drop_parts(tree: HtmlElement, site: Site) -> None:
    """Take out of the tree what the site's rule says is not the article."""
    for node in _found(tree, site.drop):
        if isinstance(node, HtmlElement) and node.getparent() is not None:
            node.drop_tree()


def facts_of_site(facts: PageFacts, tree: HtmlElement, site: Site) -> PageFacts:
    """Return the page's facts with those that the site's rule finds in place of the general ones."""
    title, published = _line(tree, site.title), _line(tree, site.published)
    authors = tuple(name for node in _found(tree, site.authors) for name in split_authors(_text(node)))
    return replace(
        facts,
        title=title or facts.title,
        published=published or facts.published,
        published_from="meta" if published else facts.published_from,
        authors=tuple(dict.fromkeys(authors)) or facts.authors,
    )


def body_of_site(tree: HtmlElement, site: Site, title: str) -> Body | None:
    """Return the text that the site's rule finds, None if there is none."""
    lines = [clean(line, limit=TEXT_CHARS) for node in _found(tree, site.body) for line in _lines(node)]
    body = joined(lines, title)
    return body if body.text else None


def _lines(node: object) -> Iterator[str]:
    blocks = list(node.iter(*_BLOCKS)) if isinstance(node, HtmlElement) else []
    inside = set(blocks)
    for block in blocks:
        if not any(parent in inside for parent in block.iterancestors()):
            yield _text(block)
    if not blocks:
        yield _text(node)


def _found(tree: HtmlElement, expressions: tuple[str, ...]) -> Iterator[object]:
    for expression in expressions:
        found = _compiled(expression)(tree)
        yield from found if isinstance(found, list) else [found]


def _line(tree: HtmlElement, expressions: tuple[str, ...]) -> str:
    return next((line for node in _found(tree, expressions) if (line := clean_line(_text(node)))), "")


def _text(node: object) -> str:
    return node.text_content() if isinstance(node, HtmlElement) else str(node)


@lru_cache(maxsize=1_000)
def _compiled(expression: str) -> XPath:
    return XPath(expression)
