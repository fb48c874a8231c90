"""Rows that no statement writes but the clock: digests, deadlines that come near, and alerts of the service itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from croniter import croniter

from worker.alert.digest import Coverage, StandingDemand, digest_text, digest_title
from worker.alert.rows import RowKind, create_rows, plain_row
from worker.alert.rules import Rule, RuleBook
from worker.alert.system import SystemAlert
from worker.ports import Document, Kind, Query, ResultStore

SETTLING = timedelta(seconds=60)
"""How long after its time a digest is made: until then ``search`` may not show the last rows, nor a retry be done."""
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNews:
    """What a digest says beside its rows."""

    coverage: Coverage | None = None
    demands: Sequence[StandingDemand] = ()
    in_service_since: datetime | None = None
    """Digests of times before this are not made: a fresh start begins with the next one."""


def enqueue_digests(store: ResultStore, book: RuleBook, news: DigestNews, *, now: datetime) -> list[str]:
    """Write the digest of every rule whose time has come, empty ones too; return the ids of the rows written.

    A digest holds what came in between its last two times, so making it twice makes the same.
    """
    written: list[str] = []
    for rule in book.rules:
        if rule.digest and not rule.shadow:
            until, since = window(rule.digest, now - SETTLING)
            if news.in_service_since is not None and until <= news.in_service_since:
                continue
            written += _digest(store, rule, book, news, (since, until, now))
    return written


def window(cron: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the last time of a cron expression and the one before it, both aware."""
    times = croniter(cron, now + timedelta(microseconds=1), ret_type=datetime)
    return times.get_prev(datetime), times.get_prev(datetime)


def _digest(
    store: ResultStore, rule: Rule, book: RuleBook, news: DigestNews, times: tuple[datetime, datetime, datetime]
) -> list[str]:
    since, until, now = times
    subject = f"{rule.id}/{until.isoformat()}"
    blank = [_digest_row(rule, channel, subject, now) for channel in rule.channels]
    present = store.get(Kind.ALERTS, [row["id"] for row in blank])
    open_rows = [row for row in blank if row["id"] not in present]
    if not open_rows:
        return []
    waiting = list(_waiting(store, rule, since, until))
    return create_rows(store, [_filled(row, waiting, book, news, since, until) for row in open_rows])


def _digest_row(rule: Rule, channel: str, subject: str, now: datetime) -> dict[str, Any]:
    return plain_row(
        RowKind.DIGEST, subject=subject, channel=channel, rule=rule.id, title="", text="", now=now, due_at=now
    )


def _filled(
    row: dict[str, Any],
    waiting: Sequence[Document],
    book: RuleBook,
    news: DigestNews,
    since: datetime,
    until: datetime,
) -> dict[str, Any]:
    mine = [each for each in waiting if each["channel"] == row["channel"]]
    title = digest_title(mine, since, until)
    text = digest_text(mine, demands=news.demands, coverage=news.coverage, labels=book.labels)
    alerts = [each["alert_id"] for each in mine]
    data = {**row["message"]["data"], "title": title, "text": text, "alerts": alerts}
    return {**row, "reason": title, "message": {"title": title, "text": text, "data": data}}


def _waiting(store: ResultStore, rule: Rule, since: datetime, until: datetime) -> Iterable[Document]:
    after: str | None = None
    while True:
        page = store.search(
            Query(
                kind=Kind.ALERTS,
                kql=f'state: digest and rule: "{rule.id}"',
                size=PAGE,
                sort=(("@timestamp", "asc"),),
                since=since,
                until=until,
                after=after,
            )
        )
        yield from (hit.document for hit in page.hits)
        after = page.next
        if after is None:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Approaching:
    """A demand whose deadline is near."""

    claim_key: str
    party: str
    issue: str
    topic: str
    target: str | None
    deadline: datetime
    sentence: str
    url: str


def enqueue_reminders(store: ResultStore, book: RuleBook, near: Sequence[Approaching], *, now: datetime) -> list[str]:
    """Write one reminder a rule, claim, deadline and channel for the rules that ask for it; return the ids written."""
    rows = [
        _reminder(rule, channel, each, book, now)
        for rule in book.rules
        for each in near
        if _is_wanted(rule, each, now)
        for channel in rule.channels
    ]
    return create_rows(store, rows)


def _is_wanted(rule: Rule, each: Approaching, now: datetime) -> bool:
    match = rule.match
    fields = ((match.topics, each.topic), (match.parties, each.party), (match.issues, each.issue))
    is_near = rule.deadline_within is not None and now <= each.deadline <= now + rule.deadline_within
    return is_near and not rule.shadow and all(not allowed or value in allowed for allowed, value in fields)


def _reminder(rule: Rule, channel: str, each: Approaching, book: RuleBook, now: datetime) -> dict[str, Any]:
    party, issue = book.labels.get(each.party, each.party), book.labels.get(each.issue, each.issue)
    title = f"Deadline {each.deadline:%Y-%m-%d %H:%M} UTC: {party}, {issue}"
    return plain_row(
        RowKind.REMINDER,
        subject=f"{rule.id}/{each.claim_key}/{each.deadline.isoformat()}",
        channel=channel,
        rule=rule.id,
        title=title,
        text=f"{title}\n\n“{each.sentence}”\n{each.url}",
        now=now,
        due_at=now,
    )


def enqueue_system(store: ResultStore, book: RuleBook, alerts: Sequence[SystemAlert], *, now: datetime) -> list[str]:
    """Write alerts of the service itself to every channel, one a day for each kind and subject; return the ids."""
    rows = [
        plain_row(
            RowKind.SYSTEM,
            subject=f"{each.kind}/{each.subject}/{now:%Y-%m-%d}",
            channel=channel,
            rule="",
            title=each.title,
            text=each.text,
            now=now,
            due_at=now,
        )
        for each in alerts
        for channel in sorted(book.channels)
    ]
    return create_rows(store, rows)
