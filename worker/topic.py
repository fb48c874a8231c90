"""A topic: the parties, people, offices and issues of one conflict, as ``config/topics/<id>.yml`` gives them.

Only data. The loader in ``worker.settings`` validates the file and builds these values; the tagger compiles them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a person was, from when until when (either end open)."""

    title: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who speaks for a party. ``name`` is canonical ASCII; ``aliases`` hold other spellings."""

    name: str
    aliases: tuple[str, ...] = ()
    gender: str | None = None
    """``m`` or ``f``; None where pronouns must not be resolved to this person."""
    offices: tuple[Office, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A state, body or camp whose stance counts.

    ``names``: how texts call it as an actor. ``demonyms``: adjectives and peoples ("Russian", "Russians").
    ``metonyms``: capitals and palaces that speak for it and may be mere places ("Moscow", "the Kremlin").
    ``institutions``: canonical name → other spellings ("Russian Foreign Ministry").
    """

    id: str
    label: str
    names: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    metonyms: tuple[str, ...] = ()
    institutions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    roles: tuple[str, ...] = ()
    """Role nouns that mean this party without its name: "the alliance", "the bloc"."""
    belligerent: bool = False
    """A side of the conflict: the other side is the default target."""
    members: tuple[str, ...] = ()
    """For a set such as "both sides": ids of the parties it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A thing that is demanded, offered, rejected.

    ``patterns`` map a phrase (words; ``*`` ends a stem: ``withdraw* troops``; ``..`` allows a few words between:
    ``withdraw* .. troops``) to a weight. ``blockers`` are phrases in which a pattern means something else.
    ``mode`` is the PLOVER mode of a demand or rejection on it (assist, change, yield, meet).
    """

    id: str
    label: str
    patterns: Mapping[str, float] = field(default_factory=dict)
    blockers: tuple[str, ...] = ()
    mode: str = "change"
    cooperative: bool = True
    """False for issues that are harm itself (military-action): announcing them is a threat, not an offer."""
    default_actor: str | None = None
    """Party that must act if a demand on this issue names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One conflict. ``renames`` map an old party or issue id to the id that carries its claims on."""

    id: str
    label: str
    parties: tuple[Party, ...]
    issues: tuple[Issue, ...]
    plans: Mapping[str, str] = field(default_factory=dict)
    """Name of a plan in lower case → canonical name ("28-point plan")."""
    places: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    def party(self, party_id: str) -> Party:
        """Return the party; KeyError if the topic has none of that id."""
        return next(p for p in self.parties if p.id == party_id)
