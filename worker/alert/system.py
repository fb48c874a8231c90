"""When the service itself is in trouble: alerts about feeds, queues and stores. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemAlert:
    """``subject`` names what it is about; one message a day is sent for a kind and subject."""

    kind: str
    subject: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From when on something is worth a message."""

    feed_silence: float = 4.0
    """A feed is silent when nothing new came for so many times its longest usual gap."""
    feed_silence_least: timedelta = timedelta(hours=6)
    no_article: timedelta = timedelta(hours=3)
    queue_age: timedelta = timedelta(minutes=30)
    quarantine_growth: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSign:
    """When a feed last had something new, and its longest usual gap between new entries."""

    last_new: datetime
    usual_gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was seen at one moment. ``parked_before`` is the quarantine a day ago."""

    feeds: Mapping[str, FeedSign] = field(default_factory=dict)
    last_article: datetime | None = None
    oldest_due: datetime | None = None
    parked: int = 0
    parked_before: int = 0
    unreachable: Mapping[str, str] = field(default_factory=dict)
    """Store or channel → what it answered."""


def system_alerts(signs: Signs, limits: Limits, *, now: datetime) -> list[SystemAlert]:
    """Return what is wrong now; empty is well, and then the heartbeat may be called."""
    return [
        *_silent_feeds(signs, limits, now),
        *_no_article(signs, limits, now),
        *_old_queue(signs, limits, now),
        *_quarantine(signs, limits),
        *_unreachable(signs),
    ]


def _silent_feeds(signs: Signs, limits: Limits, now: datetime) -> Iterator[SystemAlert]:
    for feed, sign in sorted(signs.feeds.items()):
        silent = now - sign.last_new
        if silent > max(sign.usual_gap * limits.feed_silence, limits.feed_silence_least):
            usual = _span(sign.usual_gap)
            text = f"Feed {feed} has had nothing new for {_span(silent)}; its longest usual gap is {usual}."
            yield SystemAlert(kind="feed-silent", subject=feed, title=f"Feed silent: {feed}", text=text)


def _no_article(signs: Signs, limits: Limits, now: datetime) -> Iterator[SystemAlert]:
    if signs.last_article is not None and now - signs.last_article > limits.no_article:
        text = (
            f"No article was extracted for {_span(now - signs.last_article)}. Silence now says nothing about the world."
        )
        yield SystemAlert(kind="no-article", subject="all", title="No article extracted", text=text)


def _old_queue(signs: Signs, limits: Limits, now: datetime) -> Iterator[SystemAlert]:
    if signs.oldest_due is not None and now - signs.oldest_due > limits.queue_age:
        text = f"The oldest waiting item is due since {_span(now - signs.oldest_due)}: alerts come late."
        yield SystemAlert(kind="queue-age", subject="all", title="Work is piling up", text=text)


def _quarantine(signs: Signs, limits: Limits) -> Iterator[SystemAlert]:
    grown = signs.parked - signs.parked_before
    if grown >= limits.quarantine_growth:
        text = f"{grown} items were parked in the last day, {signs.parked} in all: stancewatch parked list."
        yield SystemAlert(kind="quarantine", subject="all", title="Quarantine grows", text=text)


def _unreachable(signs: Signs) -> Iterator[SystemAlert]:
    for name, answer in sorted(signs.unreachable.items()):
        yield SystemAlert(kind="unreachable", subject=name, title=f"{name} unreachable", text=f"{name}: {answer}")


def _span(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    if minutes < 120:  # noqa: PLR2004 - two hours, in minutes
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 72 else f"{round(hours / 24)} days"  # noqa: PLR2004 - three days, in hours
