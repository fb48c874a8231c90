"""What the store remembers to keep messages few: cooldowns, mutes, and each channel's messages of the hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.alert.render import Occasion
from worker.alert.rows import RowKind, checked, create_rows, plain_row, replaced
from worker.alert.rules import Rule
from worker.errors import StoreUnavailable
from worker.model import TaggedStatement
from worker.ports import CREATE, Document, Kind, ResultStore, Write, WriteStatus

TRIES = 50
MUTABLE = ("rule:", "claim:", "position:", "party:")


def muted(store: ResultStore, tagged: TaggedStatement, rule: Rule, now: datetime) -> str | None:
    """Return what of a match is muted and until when, or None."""
    party = "/".join(tagged.position_key.split("/")[:2])
    keys = [f"rule:{rule.id}", f"claim:{tagged.claim_key}", f"position:{tagged.position_key}", f"party:{party}"]
    for key, stored in store.get(Kind.MUTES, keys).items():
        until = stored.document.get("until")
        if until is None or datetime.fromisoformat(until) > now:
            return f"{key} is muted {f'until {until}' if until else 'for good'}"
    return None


def mute(store: ResultStore, key: str, *, until: datetime | None, by: str, now: datetime) -> None:
    """Mute ``rule:ID``, ``claim:KEY``, ``position:KEY`` or ``party:TOPIC/ID``; until None is for good."""
    document = {"id": key, "until": until.isoformat() if until else None, "by": by, "@timestamp": now.isoformat()}
    checked(store.write([Write(kind=Kind.MUTES, id=key, document=document)]))


def unmute(store: ResultStore, key: str) -> None:
    """Lift a mute."""
    checked(store.write([Write(kind=Kind.MUTES, id=key, document=None)]))


def cooling_until(store: ResultStore, about: Occasion, *, now: datetime) -> datetime | None:
    """Return until when another alert of this rule and claim keeps this one back; None: this one may go.

    The alert that may go owns the pause from then on, and stays its owner when it is written again.
    """
    rule = about.fired.rule
    if not rule.cooldown or rule.shadow:
        return None
    key = f"cooldown/{rule.id}/{about.graded.tagged.claim_key}"
    mine = {"id": key, "alert_id": about.alert_id, "until": (now + rule.cooldown).isoformat()}
    for _ in range(TRIES):
        stored = store.get(Kind.STATE, [key]).get(key)
        if stored is None:
            write = Write(kind=Kind.STATE, id=key, document=mine, token=CREATE)
            if checked(store.write([write]))[0].status is WriteStatus.OK:
                return None
            continue
        until = datetime.fromisoformat(stored.document["until"])
        if stored.document["alert_id"] == about.alert_id:
            return None
        if until > now:
            return until
        if replaced(store, Kind.STATE, stored, mine):
            return None
    raise StoreUnavailable(f"{key} is changed by others faster than it can be read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A channel's messages of an hour. The last place is kept for the notice of how many were held back."""

    channel: str
    per_hour: int

    def take(self, store: ResultStore, *, now: datetime) -> int:
        """Count one message and return how many there were left with it: under 1 means that it is held back.

        The first one held back writes the notice, which is due when the hour is over.
        """
        key = hour_key(self.channel, now)
        for _ in range(TRIES):
            stored = store.get(Kind.STATE, [key]).get(key)
            count = int(stored.document["count"]) + 1 if stored else 1
            document = {"id": key, "channel": self.channel, "count": count, "held": max(0, count - self._places)}
            if stored is None:
                write = Write(kind=Kind.STATE, id=key, document=document, token=CREATE)
                taken = checked(store.write([write]))[0].status is WriteStatus.OK
            else:
                taken = replaced(store, Kind.STATE, stored, document)
            if taken:
                return self._left(store, count, now)
        raise StoreUnavailable(f"{key} is changed by others faster than it can be read")

    @property
    def _places(self) -> int:
        return max(1, self.per_hour - 1)

    def _left(self, store: ResultStore, count: int, now: datetime) -> int:
        left = self._places - count + 1
        if left < 1:
            create_rows(store, [self._notice(now)])
        return left

    def _notice(self, now: datetime) -> Document:
        over = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return plain_row(
            RowKind.NOTICE,
            subject=hour_key(self.channel, now),
            channel=self.channel,
            rule="",
            title="More matches were held back",
            text="",
            now=now,
            due_at=over,
        )


def hour_key(channel: str, now: datetime) -> str:
    """Return the id under which an hour's messages are counted."""
    return f"alerts-of-hour/{channel}/{now:%Y-%m-%dT%H}"


def with_count(row: Document, hour: Document | None) -> Document:
    """Return a notice that says how many were held back, known only when its hour is over."""
    held = int(hour["held"]) if hour else 0
    title = (
        f"Suppressed {held} more alerts in the hour from {row['subject'].rsplit('/', 1)[-1].replace('T', ' ')}:00 UTC"
    )
    text = f"{title}: the channel had used up its messages. They are listed: stancewatch alerts list --state suppressed"
    data = {**row["message"]["data"], "title": title, "text": text, "suppressed": held}
    return {**row, "reason": title, "message": {"title": title, "text": text, "data": data}}
