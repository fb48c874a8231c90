"""Reads a topic as a wary editor would: what contradicts itself, and what is too thin to find anything with."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from worker.tag.phrases import PhraseSet
from worker.tag.words import fold, split_words
from worker.topic import Issue, Office, Party, Person, Topic

OTHER = "other"
FEW_PATTERNS = 5
FEW_PARTIES = 2
MODES = frozenset({"assist", "change", "yield", "meet"})
GENDERS = frozenset({"m", "f"})
MOST_WEIGHT = 3.0


def check_topic(topic: Topic) -> list[str]:
    """Return one line per contradiction or thin spot, each led by where it stands; empty if all is well.

    Contradictions begin with ``contradiction:`` and make alerts wrong; thin spots begin with ``thin:`` and make them
    rare.
    """
    contradictions = (
        _doubled_ids(topic),
        _doubled_names(topic),
        _unknown_references(topic),
        _people(topic),
        _issues(topic),
    )
    return [
        *(f"contradiction: {line}" for check in contradictions for line in check),
        *(f"thin: {line}" for line in _thin(topic)),
    ]


def _doubled_ids(topic: Topic) -> Iterator[str]:
    for kind, ids in (("party", [p.id for p in topic.parties]), ("issue", [i.id for i in topic.issues])):
        for double in sorted({name for name in ids if ids.count(name) > 1}):
            yield f"{kind} {double} is there twice"


def _key(name: str) -> str:
    return " ".join(split_words(fold(name)).lower)


def _names(party: Party) -> Iterator[str]:
    yield from (*party.names, *party.demonyms, *party.metonyms, *party.roles)
    for canonical, spellings in party.institutions.items():
        yield from (canonical, *spellings)
    for person in party.people:
        yield from (person.name, *person.aliases)


def _doubled_names(topic: Topic) -> Iterator[str]:
    """A name in two parties binds to whichever comes first; a set of parties may share names with its members."""
    holders: dict[str, set[str]] = defaultdict(set)
    for party in topic.parties:
        for name in _names(party):
            holders[_key(name)].add(party.id)
    members = {party.id: {party.id, *party.members} for party in topic.parties}
    for name, found in sorted(holders.items()):
        if len(found) > 1 and not any(found <= members[one] for one in found):
            yield f"the name {name!r} stands in parties {', '.join(sorted(found))}"


def _unknown_references(topic: Topic) -> Iterator[str]:
    parties = {party.id for party in topic.parties}
    known = parties | {issue.id for issue in topic.issues}
    for party in topic.parties:
        for member in party.members:
            if member not in parties or member == party.id:
                yield f"party {party.id}: member {member} is no other party of this topic"
    for issue in topic.issues:
        if issue.default_actor is not None and issue.default_actor not in parties:
            yield f"issue {issue.id}: default_actor {issue.default_actor} is no party of this topic"
    for old, new in topic.renames.items():
        if new not in known:
            yield f"renames: {old} leads to {new}, which is neither party nor issue"
        if old in known:
            yield f"renames: {old} is renamed and still in use"


def _people(topic: Topic) -> Iterator[str]:
    parties: dict[str, list[str]] = defaultdict(list)
    for party in topic.parties:
        for person in party.people:
            parties[person.name].append(party.id)
            yield from _person(party, person)
    for name, found in parties.items():
        if len(found) > 1:
            yield f"{name} is listed {len(found)} times: {', '.join(found)}"
    yield from _crowded_offices(topic)


def _person(party: Party, person: Person) -> Iterator[str]:
    if not person.name.isascii():
        yield f"party {party.id}: {person.name} must be spelled in ASCII; other spellings are aliases"
    if person.gender is not None and person.gender not in GENDERS:
        yield f"party {party.id}: the gender of {person.name} must be m or f, or be left out"
    for office in person.offices:
        if office.since and office.until and office.since > office.until:
            yield f"party {party.id}: {person.name} is {office.title} until before since"


def _crowded_offices(topic: Topic) -> Iterator[str]:
    """Two people of one party who hold one singular office at the same time: the title alone names neither."""
    for party in topic.parties:
        for left, right in combinations(party.people, 2):
            for one in left.offices:
                for two in right.offices:
                    if one.title.lower() == two.title.lower() and _is_singular(one.title) and _overlap(one, two):
                        yield f"party {party.id}: {left.name} and {right.name} are both {one.title} at once"


_SINGULAR = frozenset(
    {"president", "prime minister", "foreign minister", "chancellor", "supreme leader", "king", "pope"}
)


def _is_singular(title: str) -> bool:
    return title.lower() in _SINGULAR


def _overlap(one: Office, two: Office) -> bool:
    if None in {one.since, two.since}:
        return False
    starts, ends = [o.since for o in (one, two) if o.since], [o.until for o in (one, two) if o.until]
    return not ends or max(starts) < min(ends)


def _issues(topic: Topic) -> Iterator[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    for issue in topic.issues:
        yield from _issue(issue)
        for pattern, weight in issue.patterns.items():
            if weight >= MOST_WEIGHT:
                owners[_pattern_key(pattern)].append(issue.id)
    for pattern, found in sorted(owners.items()):
        if len(set(found)) > 1:
            yield f"the pattern {pattern!r} names the issues {', '.join(sorted(set(found)))} with full weight each"


def _pattern_key(pattern: str) -> str:
    return " ".join(pattern.lower().replace("-", " ").split())


def _issue(issue: Issue) -> Iterator[str]:
    if issue.mode not in MODES:
        yield f"issue {issue.id}: mode must be one of {', '.join(sorted(MODES))}, not {issue.mode}"
    patterns = {_pattern_key(pattern) for pattern in issue.patterns}
    for blocker in issue.blockers:
        if _pattern_key(blocker) in patterns:
            yield f"issue {issue.id}: {blocker!r} is both pattern and blocker"
    for pattern in (*issue.patterns, *issue.blockers):
        if not _has_words(pattern):
            yield f"issue {issue.id}: the pattern {pattern!r} holds no word to start from"
        elif _is_bare_stem(pattern.split(maxsplit=1)[0]):
            yield f"issue {issue.id}: the pattern {pattern!r} matches almost every word"


def _has_words(pattern: str) -> bool:
    return bool(pattern.split()) and pattern.split(maxsplit=1)[0] != ".." and any(c.isalnum() for c in pattern)


def _is_bare_stem(word: str) -> bool:
    return word.endswith("*") and len(word) < 3  # noqa: PLR2004 - one letter and the star


def _thin(topic: Topic) -> Iterator[str]:
    if len(topic.parties) < FEW_PARTIES:
        yield "fewer than two parties"
    if not any(party.belligerent for party in topic.parties):
        yield "no party is marked belligerent: a demand that names nobody gets no target"
    if OTHER not in {issue.id for issue in topic.issues}:
        yield "no issue 'other': a stance that no issue covers is left out"
    if OTHER not in {party.id for party in topic.parties}:
        yield "no party 'other': third states that the file does not list are left out"
    yield from _thin_parties(topic.parties)
    yield from _thin_issues(topic.issues)


def _thin_parties(parties: Iterable[Party]) -> Iterator[str]:
    for party in parties:
        if not any(_names(party)):
            yield f"party {party.id}: no name, so nothing is ever ascribed to it"
        elif party.belligerent and not party.people:
            yield f"party {party.id}: a side of the conflict without people"
        for person in party.people:
            if not person.offices and party.belligerent:
                yield f"party {party.id}: {person.name} has no office, so a title alone never names them"


def _thin_issues(issues: Iterable[Issue]) -> Iterator[str]:
    for issue in issues:
        if issue.id == OTHER:
            continue
        if not issue.patterns:
            yield f"issue {issue.id}: no patterns, so it is never found"
        elif len(issue.patterns) < FEW_PATTERNS:
            yield f"issue {issue.id}: only {len(issue.patterns)} patterns"
        for blocker in _idle_blockers(issue):
            yield f"issue {issue.id}: the blocker {blocker!r} holds none of its patterns, so it blocks nothing"


def _idle_blockers(issue: Issue) -> Iterator[str]:
    """Yield blockers inside which no pattern can match: a stem is read as a pattern's word that begins with it."""
    patterns = PhraseSet((pattern, pattern) for pattern in issue.patterns)
    vocabulary = sorted({word for pattern in issue.patterns for word in split_words(pattern.replace("*", "")).lower})
    for blocker in issue.blockers:
        words = [
            next((known for known in vocabulary if known.startswith(word[:-1])), word[:-1])
            if word.endswith("*")
            else word
            for word in _pattern_key(blocker).split()
            if word != ".."
        ]
        if not any(True for _ in patterns.hits(words)):
            yield blocker
