"""The demo's press room: which feeds and pages exist after which wave. Pure; ``adapters.demo_site`` serves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from importlib import resources
from typing import Any

import yaml

LAST_WAVE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented outlet; ``family`` is its owner group."""

    id: str
    name: str
    family: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One page. From wave ``revised_wave`` on it shows ``revised_text``."""

    outlet: str
    slug: str
    wave: int
    published: datetime
    title: str
    author: str
    text: str
    copy_of: str | None = None
    revised_at: datetime | None = None
    revised_text: str | None = None

    def text_at(self, wave: int) -> str:
        """Return the text that the page shows in a wave: a revision appears the wave after the page."""
        return self.revised_text if self.revised_text and wave > self.wave else self.text

    def updated_at(self, wave: int) -> datetime:
        """Return when the text of that wave was written."""
        return self.revised_at if self.revised_at and wave > self.wave else self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """All outlets and stories of the demo."""

    outlets: Mapping[str, Outlet]
    stories: tuple[Story, ...]


def load_press() -> Press:
    """Return the press that ships with the package."""
    data = yaml.safe_load(resources.files("worker.demo").joinpath("stories.yml").read_text("utf-8"))
    outlets = {key: Outlet(id=key, **fields) for key, fields in data["outlets"].items()}
    return Press(outlets=outlets, stories=tuple(_story(fields) for fields in data["stories"]))


def _story(fields: Mapping[str, Any]) -> Story:
    plain = {key: value for key, value in fields.items() if key != "revised"}
    revised = fields.get("revised") or {}
    return Story(**plain, revised_at=revised.get("at"), revised_text=revised.get("text"))


def render(press: Press, path: str, *, wave: int, base: str) -> tuple[str, str] | None:
    """Return (content type, body) of a path, or None where the press has no such page in this wave."""
    outlet_id, _, rest = path.strip("/").partition("/")
    outlet = press.outlets.get(outlet_id)
    if outlet is None:
        return None
    if rest == "feed.xml":
        return "application/rss+xml; charset=utf-8", _feed(press, outlet, wave=wave, base=base)
    for story in press.stories:
        if story.outlet == outlet_id and story.slug == rest and story.wave <= wave:
            return "text/html; charset=utf-8", _page(outlet, story, wave=wave, base=base)
    return None


def _feed(press: Press, outlet: Outlet, *, wave: int, base: str) -> str:
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>{base}/{outlet.id}/{s.slug}</link>"
        f'<guid isPermaLink="false">{outlet.id}-{s.slug}</guid>'
        f"<pubDate>{format_datetime(s.published)}</pubDate>"
        f"<atom:updated>{s.updated_at(wave).isoformat()}</atom:updated>"
        f"<description>{escape(_teaser(s.text_at(wave)))}</description></item>"
        for s in press.stories
        if s.outlet == outlet.id and s.wave <= wave
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
        f"<channel><title>{escape(outlet.title)}</title><link>{base}/{outlet.id}</link>"
        f"<description>{escape(outlet.name)}</description><language>en</language>{items}</channel></rss>"
    )


def _teaser(text: str) -> str:
    """Return the first and the last paragraph: an edit of either is seen in the feed."""
    paragraphs = [line for line in text.splitlines() if line]
    return f"{paragraphs[0]} {paragraphs[-1]}"


def _page(outlet: Outlet, story: Story, *, wave: int, base: str) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in story.text_at(wave).splitlines() if line)
    address = f"{base}/{outlet.id}/{story.slug}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(story.title)}</title>'
        f'<link rel="canonical" href="{address}"><meta property="og:title" content="{escape(story.title)}">'
        f'<meta property="og:site_name" content="{escape(outlet.name)}">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">'
        f'<meta property="article:modified_time" content="{story.updated_at(wave).isoformat()}">'
        f'<meta name="author" content="{escape(story.author)}"></head><body>'
        f'<nav><a href="{base}/{outlet.id}/feed.xml">Feed</a></nav>'
        f"<article><h1>{escape(story.title)}</h1>{paragraphs}</article>"
        f"<footer>{escape(outlet.name)}, an invented outlet of the Stancewatch demo.</footer></body></html>"
    )
