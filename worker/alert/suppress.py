"""What happens to a match before it may become a message. Pure; the answer always says why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.alert.outbox import RowState
from worker.alert.rules import QuietHours, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the store knows that bears on one match and channel."""

    muted: str | None = None
    """What is muted and until when, as a clause."""
    cooling_until: datetime | None = None
    left_this_hour: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The state in which a row begins, why, and when it is due."""

    state: RowState
    due_at: datetime
    reason: str = ""
    over_cap: bool = False


def decide(rule: Rule, about: Circumstances, *, now: datetime) -> Decision:
    """Return what becomes of a match; the first thing that holds it back counts."""
    held = _held_back(rule, about, now)
    if held:
        return Decision(state=RowState.SUPPRESSED, due_at=now, reason=held)
    if rule.digest:
        return Decision(state=RowState.DIGEST, due_at=now, reason="waits for the digest")
    if about.left_this_hour < 1:
        return Decision(
            state=RowState.SUPPRESSED,
            due_at=now,
            reason="the channel's messages of this hour are used up",
            over_cap=True,
        )
    awake = wakes_at(rule.quiet, now)
    return Decision(state=RowState.PENDING, due_at=awake, reason="quiet hours" if awake > now else "")


def _held_back(rule: Rule, about: Circumstances, now: datetime) -> str:
    if rule.shadow:
        return "shadow rule: would have been sent"
    if about.muted:
        return about.muted
    if about.cooling_until is not None and about.cooling_until > now:
        return f"the rule told of this claim already; quiet about it until {about.cooling_until:%Y-%m-%d %H:%M} UTC"
    return ""


def wakes_at(quiet: QuietHours | None, now: datetime) -> datetime:
    """Return when a message may go out: now, or the end of the quiet hours that it falls into."""
    if quiet is None:
        return now
    local = now.astimezone(quiet.zone)
    clock = local.time().replace(tzinfo=None)
    over_midnight = quiet.begin > quiet.end
    is_quiet = (clock >= quiet.begin or clock < quiet.end) if over_midnight else quiet.begin <= clock < quiet.end
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=1) if over_midnight and clock >= quiet.begin else local.date()
    return datetime.combine(day, quiet.end, tzinfo=quiet.zone).astimezone(now.tzinfo)
