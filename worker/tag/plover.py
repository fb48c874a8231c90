"""Our acts in the vocabularies that other event data use: PLOVER category and mode, CAMEO root.

Mapping and its known clashes are told in ``docs/reference/acts.md``. Sources: PLOVER manual (draft of 2021) and CAMEO
1.1b3 codebook. Where no category fits, there is none: a forced one would be counted as an event by whoever imports it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from worker.model import Act, Statement
from worker.tag.phrases import PhraseSet
from worker.tag.words import fold, split_words
from worker.topic import Issue


@dataclass(frozen=True, slots=True)
class EventCode:
    """PLOVER category with its mode and CAMEO root; each is None where the vocabulary has nothing that fits."""

    category: str | None
    mode: str | None
    root: str | None


_SOFT = PhraseSet(
    (phrase, True)
    for phrase in (
        "appeal*", "call* for", "call* on", "call* upon", "urg*", "ask*", "plead*", "beg*", "hope*", "request*",
        "invit*", "encourag*", "would like", "wish*", "suggest*", "expect*", "advis*",
    )
)  # fmt: skip
"""Appeals (CAMEO 02); everything else that demands is 10."""
_ENDORSES = PhraseSet(
    (phrase, True)
    for phrase in (
        "welcom*", "back*", "endors*", "support*", "sign*", "ratif*", "approv*", "recogni*", "hail*", "prais*",
        "adopt*",
    )
)  # fmt: skip
_ALLEGES = PhraseSet((phrase, True) for phrase in ("accus*", "alleg*", "blam*", "claim*", "charg*", "responsible for"))
_THREATS = PhraseSet(
    (phrase, mode)
    for mode, phrases in {
        "relations": (
            "sever*",
            "break* off",
            "cut* ties",
            "recall* .. ambassador",
            "diplomatic relations",
            "walk* out",
            "leave",
        ),
        "expel": ("expel*", "expuls*", "deport*"),
        "arrest": ("arrest*", "prosecut*", "courts", "detain*"),
        "territory": ("annex*", "occup*", "seize* .. land", "take .. by force", "buffer zone"),
        "restrict": (
            "sanction*",
            "tariff*",
            "embargo*",
            "ban*",
            "block*",
            "freez*",
            "confiscat*",
            "cut* off",
            "suspend*",
        ),
        "violence": (
            "strike*",
            "attack*",
            "bomb*",
            "target*",
            "destroy*",
            "military",
            "army",
            "retaliat*",
            "war",
            "nuclear",
        ),
    }.items()
    for phrase in phrases
)
Words = tuple[str, ...]
_YIELDS = "yield"
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "DEMAND": "demand", "REQUEST": "demand", "REJECT": "reject", "THREATEN": "threaten",
        "AGREE": "agree", "CONCEDE": "agree", "SUPPORT": "agree",
        "ACCUSE": "accuse", "DISAPPROVE": "accuse",
        "02": "demand", "10": "demand", "12": "reject", "13": "threaten", "11": "accuse", "03": "agree", "05": "agree",
        "08": "agree",
    }
)  # fmt: skip


def event_code(statement: Statement, issue: Issue) -> EventCode:
    """Return the event code of a statement on this issue."""
    words = split_words(fold(statement.evidence)).lower
    return EventCode("CONCEDE", None, "08") if statement.withdrawn else _CODERS[statement.act](words, issue)


def with_event_code(statement: Statement, issue: Issue) -> Statement:
    """Return the statement with ``plover``, ``plover_mode`` and ``cameo`` filled in."""
    code = event_code(statement, issue)
    return replace(statement, plover=code.category, plover_mode=code.mode, cameo=code.root)


def family_of_act(act: str) -> str:
    """Return the family in which our act is compared with event data: offers, acceptances and pledges are one."""
    return "agree" if act in {Act.OFFER, Act.ACCEPT, Act.PLEDGE} else act


def family_of_code(code: str) -> str | None:
    """Return the family of a PLOVER category (old or new name) or CAMEO code, None for deeds and mere meetings."""
    return _CODES.get(code.upper()) or _CODES.get(code[:2])


def _has(phrases: PhraseSet[bool], words: Words) -> bool:
    return any(True for _ in phrases.hits(words))


def _demanded(words: Words, issue: Issue) -> EventCode:
    return EventCode("REQUEST", issue.mode, "02" if _has(_SOFT, words) else "10")


def _rejected(_: Words, issue: Issue) -> EventCode:
    return EventCode("REJECT", issue.mode, "12")


def _offered(_: Words, issue: Issue) -> EventCode:
    return EventCode("CONCEDE" if issue.mode == _YIELDS else "AGREE", None, "03")


def _threatened(words: Words, issue: Issue) -> EventCode:
    return EventCode("THREATEN", _threat_mode(words, issue), "13")


def _accused(words: Words, _: Issue) -> EventCode:
    return EventCode("ACCUSE", "allege" if _has(_ALLEGES, words) else "disapprove", "11")


def _accepted(words: Words, issue: Issue) -> EventCode:
    if _has(_ENDORSES, words):
        return EventCode("SUPPORT", None, "05")
    return EventCode("CONCEDE", None, "08") if issue.mode == _YIELDS else EventCode("AGREE", None, "05")


def _pledged(words: Words, issue: Issue) -> EventCode:
    if not issue.cooperative:
        return _threatened(words, issue)
    return EventCode("AGREE", None, "03") if issue.mode in {"assist", "meet", _YIELDS} else EventCode(None, None, "01")


def _threat_mode(words: Words, issue: Issue) -> str | None:
    """Return what is threatened, read from the first phrase that says so; force where the issue is force."""
    first = next((hit.value for hit in _THREATS.hits(words)), None)
    return first or (None if issue.cooperative else "violence")


_CODERS: Mapping[Act, Callable[[Words, Issue], EventCode]] = MappingProxyType(
    {
        Act.DEMAND: _demanded,
        Act.REJECT: _rejected,
        Act.OFFER: _offered,
        Act.ACCEPT: _accepted,
        Act.THREATEN: _threatened,
        Act.ACCUSE: _accused,
        Act.PLEDGE: _pledged,
    }
)
