"""``config/alerts.yml`` as plain values → rules. Every fault is reported, each beginning with the place it is at."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

from worker.alert.rules import NEWS, ChannelKind, ChannelSpec, Match, Predicate, QuietHours, Rule, RuleBook
from worker.errors import ConfigurationError, QueryRefused
from worker.identity import digest
from worker.model import Act, Level
from worker.topic import Topic

_RULE_KEYS = frozenset(
    "id match channels min_confidence min_families cooldown_h quiet digest shadow deadline_within_h".split()  # noqa: SIM905 - reads better
)
_MATCH_KEYS = frozenset({"topics", "parties", "acts", "issues", "targets", "levels", "words", "kql"})
_CHANNEL_KEYS = {
    ChannelKind.CONSOLE: frozenset({"kind", "per_hour"}),
    ChannelKind.FILE: frozenset({"kind", "path", "per_hour"}),
    ChannelKind.WEBHOOK: frozenset({"kind", "url", "secret", "per_hour"}),
    ChannelKind.APPRISE: frozenset({"kind", "url", "secret", "per_hour"}),
}
_MANY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDefaults:
    """What a rule or channel has where it says nothing (settings), and what it may name (topics)."""

    min_confidence: float = 0.6
    per_hour: int = 30
    topics: Mapping[str, Topic] = field(default_factory=dict)
    compile_kql: Callable[[str], Predicate] | None = None


def rules_from_mapping(data: Mapping[str, Any], defaults: RuleDefaults | None = None) -> RuleBook:
    """Return rules and channels. Raises ConfigurationError with all faults (``rules[2].match.levels: …``)."""
    reader = _Reader(defaults or RuleDefaults())
    book = reader.book(data)
    if reader.faults:
        raise ConfigurationError(reader.faults)
    return book


class _Reader:
    def __init__(self, defaults: RuleDefaults) -> None:
        self.faults: list[str] = []
        self._defaults = defaults
        topics = defaults.topics.values()
        self._parties = {party.id: party.label for topic in topics for party in topic.parties}
        self._issues = {issue.id: issue.label for topic in topics for issue in topic.issues}

    def book(self, data: Mapping[str, Any]) -> RuleBook:
        self._only("", data, {"channels", "rules"})
        channels = self._mapping("channels", data.get("channels"))
        specs = {key: self._channel(key, value) for key, value in channels.items()}
        rules = [self._rule(i, value, specs) for i, value in enumerate(self._list("rules", data.get("rules")))]
        ids = [rule.id for rule in rules]
        for place, each in enumerate(ids):
            if each in ids[:place]:
                self._fault(f"rules[{place}].id", f"{each} is the id of an earlier rule")
        return RuleBook(rules=tuple(rules), channels=specs, labels=self._parties | self._issues)

    def _channel(self, key: str, value: object) -> ChannelSpec:
        at = f"channels.{key}"
        form = self._mapping(at, value)
        kind = ChannelKind(self._one_of(f"{at}.kind", form.get("kind"), list(ChannelKind)) or ChannelKind.CONSOLE)
        self._only(at, form, _CHANNEL_KEYS[kind])
        target = self._text(f"{at}.path", form.get("path")) or self._text(f"{at}.url", form.get("url"))
        secret = self._text(f"{at}.secret", form.get("secret")) or None
        needs = {
            ChannelKind.FILE: (bool(target), "needs `path`"),
            ChannelKind.WEBHOOK: (bool(target and secret), "needs `url` and `secret`, the name of the signing key"),
            ChannelKind.APPRISE: (bool(target or secret), "needs `secret`, the name of the one that holds the address"),
        }
        is_complete, need = needs.get(kind, (True, ""))
        if not is_complete:
            self._fault(at, f"a channel of kind {kind} {need}")
        per_hour = int(self._number(f"{at}.per_hour", form.get("per_hour"), self._defaults.per_hour, 1, _MANY))
        return ChannelSpec(id=key, kind=kind, target=target, secret=secret, per_hour=per_hour)

    def _rule(self, place: int, value: object, channels: Mapping[str, ChannelSpec]) -> Rule:
        at = f"rules[{place}]"
        form = self._mapping(at, value)
        self._only(at, form, _RULE_KEYS)
        if not self._text(f"{at}.id", form.get("id")):
            self._fault(f"{at}.id", "is missing")
        match = self._match(f"{at}.match", form.get("match"))
        least = self._number(f"{at}.min_confidence", form.get("min_confidence"), self._defaults.min_confidence, 0, 1)
        families = int(self._number(f"{at}.min_families", form.get("min_families"), 1, 1, 100))
        within = self._number(f"{at}.deadline_within_h", form.get("deadline_within_h"), 0, 0, _MANY)
        return Rule(
            id=str(form.get("id")),
            version=_version(form, least, families),
            channels=self._several(f"{at}.channels", form.get("channels"), channels, needed=True),
            match=match,
            min_confidence=least,
            min_families=families,
            cooldown=timedelta(hours=self._number(f"{at}.cooldown_h", form.get("cooldown_h"), 0, 0, _MANY)),
            quiet=self._quiet(f"{at}.quiet", form.get("quiet")),
            digest=self._cron(f"{at}.digest", form.get("digest")),
            shadow=self._flag(f"{at}.shadow", form.get("shadow")),
            deadline_within=timedelta(hours=within) if within else None,
            predicate=self._predicate(f"{at}.match.kql", match.kql),
        )

    def _match(self, at: str, value: object) -> Match:
        form = self._mapping(at, value)
        self._only(at, form, _MATCH_KEYS)
        return Match(
            topics=self._several(f"{at}.topics", form.get("topics"), self._defaults.topics or None),
            parties=self._several(f"{at}.parties", form.get("parties"), self._parties or None),
            issues=self._several(f"{at}.issues", form.get("issues"), self._issues or None),
            targets=self._several(f"{at}.targets", form.get("targets"), self._parties or None),
            acts=tuple(Act(each) for each in self._several(f"{at}.acts", form.get("acts"), list(Act))),
            levels=tuple(Level(e) for e in self._several(f"{at}.levels", form.get("levels"), list(Level))) or NEWS,
            words=self._several(f"{at}.words", form.get("words"), None),
            kql=self._text(f"{at}.kql", form.get("kql")),
        )

    def _predicate(self, at: str, kql: str) -> Predicate | None:
        if not kql:
            return None
        if self._defaults.compile_kql is None:
            self._fault(at, "KQL cannot be used here")
            return None
        try:
            return self._defaults.compile_kql(kql)
        except QueryRefused as error:
            self._fault(at, str(error))
            return None

    def _quiet(self, at: str, value: object) -> QuietHours | None:
        if value is None:
            return None
        form = self._mapping(at, value)
        self._only(at, form, {"from", "to", "zone"})
        begin, end = self._time(f"{at}.from", form.get("from")), self._time(f"{at}.to", form.get("to"))
        zone = self._zone(f"{at}.zone", form.get("zone"))
        if begin == end:
            self._fault(at, "`from` and `to` must differ")
        return QuietHours(begin=begin, end=end, zone=zone)

    def _time(self, at: str, value: object) -> time:
        try:
            return time.fromisoformat(str(value))
        except ValueError:
            self._fault(at, "must be a time of day such as 22:30")
            return time()

    def _zone(self, at: str, value: object) -> ZoneInfo:
        try:
            return ZoneInfo(str(value or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            self._fault(at, "is no time zone; write it as Europe/Vilnius")
            return ZoneInfo("UTC")

    def _cron(self, at: str, value: object) -> str | None:
        text = self._text(at, value)
        if text and not croniter.is_valid(text):
            self._fault(at, "must be five fields of cron, such as `0 7 * * *`")
        return text or None

    def _several(
        self, at: str, value: object, known: Collection[str] | None, *, needed: bool = False
    ) -> tuple[str, ...]:
        items = self._list(at, value)
        if needed and not items:
            self._fault(at, "must name at least one")
        for place, item in enumerate(items):
            self._one_of(f"{at}[{place}]", item, known)
        return tuple(item for item in items if isinstance(item, str) and (known is None or item in known))

    def _one_of(self, at: str, value: object, known: Collection[str] | None) -> str | None:
        if isinstance(value, str) and value and (known is None or value in known):
            return value
        self._fault(at, _unknown(value, known))
        return None

    def _only(self, at: str, form: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in form:
            if key not in known:
                self._fault(f"{at}.{key}".lstrip("."), f"unknown key{_hint(key, known)}")

    def _mapping(self, at: str, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self._fault(at, "must be `key: value` lines")
        return {}

    def _list(self, at: str, value: object) -> list[Any]:
        if value is None or isinstance(value, list):
            return value or []
        self._fault(at, "must be a list")
        return []

    def _text(self, at: str, value: object) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        self._fault(at, "must be text: put it in quotes")
        return ""

    def _flag(self, at: str, value: object) -> bool:
        if value is not None and not isinstance(value, bool):
            self._fault(at, "must be true or false")
        return value is True

    def _number(self, at: str, value: object, default: float, least: float, most: float) -> float:
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self._fault(at, f"must be a number from {least:g} to {most:g}")
            return default
        return value

    def _fault(self, at: str, message: str) -> None:
        self.faults.append(f"{at}: {message}")


def _unknown(value: object, known: Collection[str] | None) -> str:
    if value is None:
        return "is missing"
    if not isinstance(value, str):
        return "must be text: put it in quotes"
    return f"{value!r} is not known{_hint(value, known or ())}"


def _hint(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(names)}" if names else ""


def _version(form: Mapping[str, Any], least: float, families: int) -> str:
    return digest("rule", json.dumps([form.get("match"), least, families], sort_keys=True, default=str))[:8]
