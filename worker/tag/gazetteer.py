"""A topic's names compiled for look-up: who or what a run of words may stand for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from worker.tag.lexicon.world import states
from worker.tag.words import fold, name_key, split_words
from worker.topic import Office, Party, Person, Topic


class Kind(StrEnum):
    """What sort of thing a mention names."""

    PERSON = "person"
    INSTITUTION = "institution"
    STATE = "state"
    METONYM = "metonym"
    DEMONYM = "demonym"
    ROLE = "role"
    SET = "set"
    OUTSIDER = "outsider"
    """Somebody who speaks for no party: an analyst, a resident, an unknown name."""
    PRONOUN = "pronoun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What a name stands for. ``name`` is the canonical speaker, None where only the party is known."""

    party: str
    kind: Kind
    name: str | None = None
    gender: str | None = None
    offices: tuple[Office, ...] = ()
    members: tuple[str, ...] = ()
    is_partial: bool = False
    """A surname alone."""

    def held(self, on: date | None) -> tuple[str, ...]:
        """Return the titles held on a day (all of them where the day is unknown), in lower case."""
        return tuple(
            o.title.lower()
            for o in self.offices
            if on is None or ((o.since is None or o.since <= on) and (o.until is None or on <= o.until))
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    keys: tuple[str, ...]
    entity: Entity
    shape: str
    """``upper``: only in capitals (US, not us); ``capital``: first letter; ``any``."""


def _shape(name: str) -> str:
    letters = [c for c in name if c.isalpha()]
    if letters and all(c.isupper() for c in letters) and len(letters) <= 3:  # noqa: PLR2004 - US, UN, EU, but not NATO
        return "upper"
    return "capital" if name[:1].isupper() else "any"


def _keys(name: str) -> tuple[str, ...]:
    return tuple(name_key(word) for word in split_words(fold(name)).lower)


def _strip_article(name: str) -> str:
    return name[4:] if name.lower().startswith("the ") else name


_PARTICLES = frozenset({"van", "von", "der", "de", "al", "bin", "el", "del", "la", "le", "ben"})
_TOO_COMMON = frozenset({"will", "may", "sky", "rice", "green", "brown", "white", "young", "long", "day", "price"})


def _surname(person: Person) -> str | None:
    parts = person.name.replace("-", " - ").split()
    if len(parts) < 2:  # noqa: PLR2004 - one name only
        return None
    plain = person.name.split()
    at = len(plain) - 1
    while at > 1 and plain[at - 1].lower() in _PARTICLES:
        at -= 1
    surname = " ".join(plain[at:])
    return None if surname.lower() in _TOO_COMMON else surname


def _person_entries(party: Party, person: Person) -> Iterator[tuple[str, Entity]]:
    entity = Entity(party=party.id, kind=Kind.PERSON, name=person.name, gender=person.gender, offices=person.offices)
    yield person.name, entity
    for alias in person.aliases:
        yield alias, entity
    surname = _surname(person)
    if surname:
        partial = Entity(
            party=party.id,
            kind=Kind.PERSON,
            name=person.name,
            gender=person.gender,
            offices=person.offices,
            is_partial=True,
        )
        yield surname, partial
        if surname.split()[0].lower() in _PARTICLES:
            yield " ".join(surname.split()[1:]), partial


def _party_entries(party: Party) -> Iterator[tuple[str, Entity]]:
    kind = Kind.SET if party.members else Kind.STATE
    for canonical, spellings in party.institutions.items():
        for name in (canonical, *spellings):
            yield name, Entity(party=party.id, kind=Kind.INSTITUTION, name=canonical)
    for name in party.names:
        yield name, Entity(party=party.id, kind=kind, members=party.members)
    for name in party.demonyms:
        yield name, Entity(party=party.id, kind=Kind.DEMONYM)
    for name in party.metonyms:
        yield name, Entity(party=party.id, kind=Kind.METONYM)
    for name in party.roles:
        yield name, Entity(party=party.id, kind=Kind.STATE, members=party.members)
    for person in party.people:
        yield from _person_entries(party, person)


def _world_entries(party_id: str) -> Iterator[tuple[str, Entity]]:
    for names, peoples, capitals in states():
        for words, kind in ((names, Kind.STATE), (peoples, Kind.DEMONYM), (capitals, Kind.METONYM)):
            for word in words:
                yield word, Entity(party=party_id, kind=kind)


class Gazetteer:
    """Names by their first word; the longest wins, names of the topic go before names of the world."""

    def __init__(self, topic: Topic) -> None:
        self._by_first: dict[str, list[_Entry]] = {}
        self._whole: set[tuple[str, ...]] = set()
        for party in topic.parties:
            self._add(_party_entries(party))
        other = next((p.id for p in topic.parties if p.id == "other"), None)
        if other:
            self._add(_world_entries(other))
        for entries in self._by_first.values():
            entries.sort(key=lambda e: -len(e.keys))
        self.offices = tuple(
            Entity(party=p.id, kind=Kind.PERSON, name=x.name, gender=x.gender, offices=x.offices)
            for p in topic.parties
            for x in p.people
            if x.offices
        )

    def _add(self, pairs: Iterable[tuple[str, Entity]]) -> None:
        fresh: list[_Entry] = []
        for name, entity in pairs:
            bare = _strip_article(name)
            keys = _keys(bare)
            if keys and keys not in self._whole:
                fresh.append(_Entry(keys, entity, _shape(bare)))
                self._whole.add(keys)
        for entry in fresh:
            self._by_first.setdefault(entry.keys[0], []).append(entry)

    def longest(self, keys: Sequence[str], raw: Sequence[str], at: int) -> tuple[Entity, int] | None:
        """Return the entity named at this word and the end of its name, None if there is none."""
        for entry in self._by_first.get(keys[at], ()):
            end = at + len(entry.keys)
            if tuple(keys[at:end]) == entry.keys and _has_shape(entry.shape, raw[at:end]):
                return entry.entity, end
        return None


def _has_shape(shape: str, raw: Sequence[str]) -> bool:
    if shape == "upper":
        return all(word.isupper() or not word.isalpha() for word in raw)
    return shape == "any" or raw[0][:1].isupper()
