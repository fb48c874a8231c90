"""Who is mentioned where: names of the topic, role nouns with a people's name, unknown names, pronouns.

``find_mentions`` reads the words once, from left to right. What it cannot settle from the words around (the minister,
he) it leaves with party None for ``worker.tag.reference``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from worker.tag.gazetteer import Entity, Gazetteer, Kind
from worker.tag.lexicon.roles import (
    FIRST,
    FORMER,
    LEADER,
    MINISTER,
    MODIFIER,
    NOT_NAMES,
    OFFICIAL,
    OUTSIDE,
    PRONOUNS,
    SECOND,
    TITLES,
)
from worker.tag.lexicon.verbs import SAYING
from worker.tag.words import Words, name_key

_ROLE = LEADER | MINISTER | OFFICIAL | OUTSIDE
_CHAIN = 7
"""Words that a title may have: "Deputy Secretary of State for European Affairs" is cut, which costs nothing."""
_APPOSITION = 24
_BODIES = frozenset(
    {"ministry", "embassy", "delegation", "government", "presidency", "administration", "cabinet", "army", "office"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words ``start`` to ``end`` (exclusive); ``np_end`` is where its noun phrase with appositions ends."""

    start: int
    end: int
    np_end: int
    party: str | None
    kind: Kind
    name: str | None = None
    gender: str | None = None
    role: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    word: str = ""
    is_guess: bool = False
    """The party was inferred from the surroundings."""


@dataclass(slots=True)
class _Scan:
    words: Words
    keys: Sequence[str]
    gazetteer: Gazetteer
    on: date | None
    bound: dict[str, Mention] = field(default_factory=dict)


def find_mentions(words: Words, gazetteer: Gazetteer, on: date | None) -> list[Mention]:
    """Return the mentions in order, none overlapping another."""
    scan = _Scan(words, [name_key(w) for w in words.lower], gazetteer, on)
    found: list[Mention] = []
    at = 0
    while at < len(words):
        mention = _at(scan, at)
        if mention is None:
            at += 1
            continue
        mention = _with_apposition(scan, mention)
        found.append(mention)
        _bind(scan, mention)
        at = max(mention.end, at + 1)
    return found


def _at(scan: _Scan, at: int) -> Mention | None:
    low = scan.words.lower[at]
    if not low[0].isalnum():
        return None
    named = scan.gazetteer.longest(scan.keys, scan.words.raw, at)
    if named:
        return _from_name(scan, at, named)
    if low in PRONOUNS or low in FIRST or low in SECOND:
        gender = PRONOUNS.get(low) or ("1" if low in FIRST else "2")
        return Mention(start=at, end=at + 1, np_end=at + 1, party=None, kind=Kind.PRONOUN, gender=gender, word=low)
    if low in _ROLE or low in MODIFIER or low in FORMER:
        return _from_role(scan, at)
    return _unknown_name(scan, at)


def _from_name(scan: _Scan, at: int, named: tuple[Entity, int]) -> Mention:
    entity, end = named
    if entity.kind in {Kind.STATE, Kind.DEMONYM, Kind.METONYM, Kind.INSTITUTION}:
        titled = _titled(scan, at, entity, end)
        if titled:
            return titled
    lower = scan.words.lower
    if entity.kind is Kind.DEMONYM and end + 1 < len(lower) and lower[end].isalpha() and lower[end + 1] in SAYING:
        return replace(_mention_of(entity, at, end + 1), kind=Kind.ROLE)
    return _mention_of(entity, at, end)


def _mention_of(entity: Entity, at: int, end: int) -> Mention:
    return Mention(
        start=at, end=end, np_end=end, party=entity.party, kind=entity.kind, name=entity.name, gender=entity.gender,
        members=entity.members,
    )  # fmt: skip


def _titled(scan: _Scan, at: int, entity: Entity, end: int) -> Mention | None:
    """Read ``Ukraine's foreign minister (Name Name)``, ``Russian officials``."""
    lower = scan.words.lower
    begin = end + 1 if end < len(lower) and lower[end] in {"'s", "'"} else end
    begin += begin < len(lower) and lower[begin] == "own"
    role_end = _role_end(scan, begin)
    if role_end is None:
        return None
    bearer = _bearer(scan, at, (begin, role_end), entity.party)
    if entity.kind is Kind.INSTITUTION and bearer.name is None and bearer.party:
        return replace(bearer, name=entity.name, kind=Kind.INSTITUTION)
    return bearer


def _role_end(scan: _Scan, begin: int) -> int | None:
    """Return where a title that begins here ends, None if there is none."""
    lower, best = scan.words.lower, None
    for position in range(begin, min(begin + _CHAIN, len(lower))):
        word = lower[position]
        if word in _ROLE:
            best = position + 1
            if position + 1 < len(lower) and lower[position + 1] in {"of", "for"}:
                break
        elif word not in MODIFIER and word not in FORMER:
            break
    return best


def _bearer(scan: _Scan, at: int, role: tuple[int, int], party: str | None) -> Mention:
    """Return the person or body that a title at ``role`` stands for, with the name that follows it if any."""
    lower = scan.words.lower
    title = tuple(lower[role[0] : role[1]])
    outside = title[-1] in OUTSIDE or bool(FORMER & set(title))
    after = role[1]
    if after < len(lower):
        named = scan.gazetteer.longest(scan.keys, scan.words.raw, after)
        if named and named[0].kind is Kind.PERSON:
            return replace(_mention_of(named[0], at, named[1]), role=title)
        name_end = _name_end(scan, after, least=1)
        if name_end and title[-1] not in _BODIES:
            name = " ".join(scan.words.raw[after:name_end])
            kind = Kind.OUTSIDER if outside else Kind.PERSON
            return Mention(
                start=at, end=name_end, np_end=name_end, party=None if outside else party, kind=kind, name=name,
                role=title,
                gender=_gender(title),
            )  # fmt: skip
    if outside:
        return Mention(start=at, end=role[1], np_end=role[1], party=None, kind=Kind.OUTSIDER, role=title)
    return _title_alone(scan, at, role, party)


def _gender(title: tuple[str, ...]) -> str | None:
    if title[-1].endswith("woman"):
        return "f"
    return "m" if title[-1] in {"spokesman", "king", "pontiff", "pope", "chairman"} else None


def _title_alone(scan: _Scan, at: int, role: tuple[int, int], party: str | None) -> Mention:
    title = tuple(scan.words.lower[role[0] : role[1]])
    end = role[1]
    lower = scan.words.lower
    if party is None and end < len(lower) - 1 and lower[end] in {"of", "for"}:
        begin = end + 1 + (lower[end + 1] == "the")
        named = scan.gazetteer.longest(scan.keys, scan.words.raw, begin) if begin < len(lower) else None
        if named and named[0].kind is not Kind.PERSON:
            party, end = named[0].party, named[1]
    holder = office_holder(scan.gazetteer.offices, title, party, scan.on)
    if holder and party:
        return replace(_mention_of(holder, at, end), role=title)
    kind = Kind.INSTITUTION if title[-1] in _BODIES else Kind.ROLE
    return Mention(start=at, end=end, np_end=end, party=party, kind=kind, role=title, gender=_gender(title))


def office_holder(
    people: Sequence[Entity], title: tuple[str, ...], party: str | None, on: date | None
) -> Entity | None:
    """Return the only person of the party whose office fits the title on that day, None if nobody or several do."""
    wanted = {"minister" if w == "secretary" else w for w in title} - {"the", "then", "top", "veteran"}
    wanted = {"president" if w == "leader" else w for w in wanted}
    if not wanted or title[-1] in {"spokesman", "spokeswoman", "official", "diplomat", "officials", "aide", "adviser"}:
        return None
    fitting = [
        p
        for p in people
        if p.party == party
        and any(
            wanted <= {"minister" if w == "secretary" else w for w in t.replace("-", " ").split()} for t in p.held(on)
        )
    ]
    exact = [p for p in fitting if any(set(t.split()) == wanted for t in p.held(on))]
    fitting = exact or fitting
    return fitting[0] if len({p.name for p in fitting}) == 1 else None


def _from_role(scan: _Scan, at: int) -> Mention | None:
    role_end = _role_end(scan, at)
    if role_end is None:
        return _unknown_name(scan, at)
    previous = scan.words.lower[at - 1] if at else ""
    capital = scan.words.raw[at][0].isupper()
    title_word = scan.words.lower[role_end - 1]
    if title_word in {
        "side",
        "team",
        "chief",
        "head",
        "forces",
        "military",
        "state",
        "office",
        "commission",
        "council",
    } and (previous not in {"the", "his", "her", "their", "its", "our"} and not capital):
        return None
    return _bearer(scan, at, (at, role_end), None)


def _name_end(scan: _Scan, at: int, least: int) -> int | None:
    """Return the end of a run of at least ``least`` capitalised unknown words, None if there is none."""
    raw, lower, end = scan.words.raw, scan.words.lower, at
    while end < min(len(raw), at + 4):
        word = raw[end]
        particle = end > at and lower[end] in {"von", "van", "der", "de", "al", "bin", "el", "del", "da", "di"}
        if not particle and (
            not word[0].isupper() or lower[end] in NOT_NAMES or len(word) < 2 or lower[end] in _ROLE  # noqa: PLR2004
        ):
            break
        if end > at and scan.gazetteer.longest(scan.keys, raw, end):
            break
        end += 1
    while end > at and lower[end - 1] in {"von", "van", "der", "de", "al", "bin", "el", "del", "da", "di"}:
        end -= 1
    return end if end - at >= least else None


def _unknown_name(scan: _Scan, at: int) -> Mention | None:
    word = scan.words.raw[at]
    if not word[0].isupper() or scan.words.lower[at] in NOT_NAMES | TITLES:
        return None
    bound = scan.bound.get(scan.keys[at])
    if bound:
        end = at + 1
        return replace(bound, start=at, end=end, np_end=end, role=())
    title = _title_before(scan.words.lower, at)
    end = _name_end(scan, at, 2 if title is None else 1) or 0
    if not end:
        return None
    start = at if title is None else title
    last = scan.bound.get(scan.keys[end - 1])
    if last:
        return replace(last, start=start, end=end, np_end=end, role=())
    name = " ".join(scan.words.raw[at:end])
    return Mention(start=start, end=end, np_end=end, party=None, kind=Kind.OUTSIDER, name=name)


def _title_before(lower: Sequence[str], at: int) -> int | None:
    """Return where ``Mr``, with a full stop or without, stands before a word, None if it does not."""
    before = at - 2 if at > 1 and lower[at - 1] == "." else at - 1
    return before if before >= 0 and lower[before] in TITLES else None


def _bind(scan: _Scan, mention: Mention) -> None:
    """Remember an unknown person, so that the surname alone finds him later."""
    if mention.name and mention.kind in {Kind.PERSON, Kind.OUTSIDER}:
        surname = name_key(mention.name.split()[-1])
        known = scan.bound.get(surname)
        if known is None or (known.party is None and mention.party):
            scan.bound[surname] = mention


def _with_apposition(scan: _Scan, mention: Mention) -> Mention:
    """Extend a mention over ``, the Russian foreign minister,``; an unknown name takes its party from there."""
    lower = scan.words.lower
    at = mention.end
    if mention.kind in {Kind.PRONOUN, Kind.DEMONYM} or at >= len(lower) or lower[at] not in {",", "("}:
        return mention
    closing = next(
        (p for p in range(at + 1, min(at + _APPOSITION, len(lower))) if lower[p] in {",", ")", ".", ";", "”", "“"}),
        None,
    )
    begin = (
        at
        + 1
        + (at + 1 < len(lower) and lower[at + 1] in {"the", "a", "an", "its", "his", "their", "who", "head", "chief"})
    )
    if closing is None or begin >= closing:
        return mention
    title = _appositive_title(scan, begin, closing)
    named = scan.gazetteer.longest(scan.keys, scan.words.raw, begin) if lower[at] == "(" else None
    if named and named[1] == closing and mention.name and mention.party is None:
        return replace(mention, np_end=closing + 1, party=named[0].party, kind=Kind.PERSON)
    if (
        title is None
        and lower[at] != "("
        and lower[at + 1] not in {"who", "which", "whose", "head", "chief", "himself"}
    ):
        return mention
    np_end = closing + (lower[closing] in {",", ")"})
    if title and mention.party is None and mention.name:
        return replace(mention, np_end=np_end, party=title.party, kind=title.kind, role=title.role)
    return replace(mention, np_end=np_end)


def _appositive_title(scan: _Scan, begin: int, closing: int) -> Mention | None:
    for at in range(begin, min(begin + 3, closing)):
        named = scan.gazetteer.longest(scan.keys, scan.words.raw, at)
        if named and named[0].kind is not Kind.PERSON:
            titled = _titled(scan, at, *named)
            if titled and titled.end <= closing:
                return replace(titled, kind=Kind.PERSON if titled.kind is not Kind.OUTSIDER else Kind.OUTSIDER)
        if scan.words.lower[at] in _ROLE | MODIFIER | FORMER:
            alone = _from_role(scan, at)
            if alone and alone.role and alone.end <= closing + 1:
                return replace(alone, kind=Kind.PERSON if alone.kind is not Kind.OUTSIDER else Kind.OUTSIDER)
    return None
