"""Who "the minister", "he" and "the alliance" are: memory of the people met so far, read from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from worker.tag.gazetteer import Kind
from worker.tag.lexicon.roles import LEADER, MINISTER
from worker.tag.mentions import Mention

if TYPE_CHECKING:
    from worker.tag.reading import Placed

_ACTING = frozenset({"label", "subject-says", "inverted", "according", "by", "noun", "subject"})
_KEPT = 12
_BODY_WORDS = frozenset(
    {"ministry", "embassy", "delegation", "government", "office", "administration", "commission", "council"}
)
_PLURAL = frozenset(
    {"officials", "diplomats", "ministers", "leaders", "delegates", "negotiators", "authorities", "aides", "envoys"}
)


class Memory:
    """The discourse so far.

    ``hosts`` are the mentions of the title, ``titles`` the offices that a person holds on the day. ``turn``
    is who has the floor in a transcript, until a label gives it to somebody else.
    """

    def __init__(self, hosts: Sequence[Mention], titles: Mapping[str, tuple[str, ...]]) -> None:
        self.speaker: Placed | None = None
        self.turn: Placed | None = None
        self._titles = titles
        self._hosts = hosts
        self._people: list[Mention] = []
        self._bodies: list[Mention] = []
        self._acting: list[Mention] = []
        self._interviewee: Placed | None = None
        self._paragraphs_silent = 0

    def open_paragraph(self, *, is_turn: bool, is_transcript: bool) -> None:
        """A new paragraph begins; in a transcript the turn ends with it."""
        self._paragraphs_silent += 1
        if is_turn or not is_transcript:
            self.turn = None
        if is_turn or self._paragraphs_silent > 2:  # noqa: PLR2004 - beyond two paragraphs nobody is still speaking
            self.speaker = None

    def spoke(self, speaker: "Placed | None", *, is_turn: bool) -> None:
        """A sentence was spoken by somebody, or by nobody."""
        if speaker is not None:
            self._paragraphs_silent = 0
            self.speaker = speaker
        elif not is_turn:
            self.speaker = None

    def interviewee(self) -> "Placed | None":
        """Return the person whose answers an interview prints: the first person that the article names."""
        from worker.tag.reading import Placed  # noqa: PLC0415 - reading builds on this module

        if self._interviewee is None:
            people = [m for m in (*self._people[:1], *self._hosts, *self._acting[:1]) if m.party]
            person = next((m for m in people if m.kind is Kind.PERSON), people[0] if people else None)
            if person:
                self._interviewee = Placed(mention=person, route="label", group=0)
        return self._interviewee

    def note(self, mention: Mention, route: str) -> None:
        """Remember a resolved mention."""
        if mention.kind is Kind.PERSON or (mention.kind is Kind.OUTSIDER and mention.name):
            self._people.append(mention)
        if mention.kind in {Kind.STATE, Kind.INSTITUTION, Kind.METONYM} and route != "prep":
            self._bodies.append(mention)
        if route in _ACTING and (mention.party or mention.kind is Kind.OUTSIDER):
            self._acting.append(mention)
        for kept in (self._people, self._bodies, self._acting):
            if len(kept) > _KEPT * 4:
                del kept[1:_KEPT]

    def resolve(self, mention: Mention) -> Mention:
        """Return the mention with the party and name that its reference gives, unchanged if nothing is sure."""
        if mention.kind is Kind.PRONOUN:
            found = self._of_pronoun(mention)
        elif mention.role and mention.name is None:
            found = self._of_role(mention)
        elif mention.kind is Kind.PERSON and mention.party is None and mention.name:
            found = self._guess_party()
        else:
            return mention
        if found is None:
            return mention
        name = found.name or mention.name
        kind = found.kind if mention.kind in {Kind.PRONOUN, Kind.ROLE} and found.name else mention.kind
        return replace(
            mention,
            party=found.party,
            name=name,
            kind=kind,
            gender=mention.gender or found.gender,
            members=found.members,
        )

    def _of_pronoun(self, mention: Mention) -> Mention | None:
        gender = mention.gender
        if gender in {"m", "f"}:
            fitting = [
                m
                for m in self._acting[-_KEPT:]
                if m.kind in {Kind.PERSON, Kind.OUTSIDER} and m.gender in {gender, None}
            ]
            if self.speaker and self.speaker.mention in fitting:
                return self.speaker.mention
            people = [m for m in self._people[-3:] if m.gender in {gender, None}]
            return (fitting or people or [None])[-1]  # type: ignore[list-item]
        if gender in {"n", "p"}:
            speaker = self.speaker.mention if self.speaker else None
            if speaker and speaker.party and speaker.kind not in {Kind.PERSON, Kind.OUTSIDER}:
                return speaker
            bodies = [m for m in self._acting[-4:] if m.kind not in {Kind.PERSON, Kind.OUTSIDER} and m.party]
            return (bodies or self._bodies[-1:] or [None])[-1]  # type: ignore[list-item]
        return None

    def _of_role(self, mention: Mention) -> Mention | None:
        noun = mention.role[-1]
        if noun in _PLURAL:
            return None
        if noun in _BODY_WORDS:
            same = [m for m in self._bodies if m.role and m.role[-1] == noun and m.name is None and m.party]
            named = [m for m in self._bodies if m.name and noun in m.name.lower()]
            return (named or same or [None])[-1] if mention.party is None else None  # type: ignore[list-item]
        fits = [m for m in self._people if mention.party in {None, m.party}]
        titled = [m for m in fits if (m.role and m.role[-1] == noun) or self._holds(m, mention.role)]
        if titled:
            return titled[-1]
        if mention.party is not None and noun not in LEADER | MINISTER:
            return None
        if noun in LEADER | MINISTER | {
            "diplomat",
            "official",
            "spokesman",
            "spokeswoman",
            "envoy",
            "negotiator",
            "chief",
            "adviser",
            "aide",
            "head",
            "politician",
        }:
            return self._last_speaker(fits)
        return None

    def _holds(self, person: Mention, role: tuple[str, ...]) -> bool:
        return any(
            set(role) <= set(title.replace("-", " ").split()) for title in self._titles.get(person.name or "", ())
        )

    def _last_speaker(self, fitting: list[Mention]) -> Mention | None:
        speaker = self.speaker.mention if self.speaker else None
        if speaker and speaker in fitting:
            return speaker
        recent = [m for m in self._acting[-4:] if m in fitting]
        return (recent or [None])[-1]  # type: ignore[list-item]

    def _guess_party(self) -> Mention | None:
        for earlier in reversed(self._acting[-3:] or self._bodies[-1:]):
            if earlier.party and earlier.kind is not Kind.SET:
                return replace(earlier, name=None, is_guess=True)
        return None
