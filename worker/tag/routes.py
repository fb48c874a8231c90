"""How a mention's place in its sentence ties it to what is said there."""

from collections.abc import Sequence

from worker.tag.gazetteer import Kind
from worker.tag.lexicon.acts import ALL_CLASSES
from worker.tag.lexicon.verbs import ADVERBS_BEFORE_VERB, FINITE_HELPERS, PREPOSITIONS, REPORTING, SAYING
from worker.tag.mentions import Mention

_SPEECH_NOUNS = frozenset(
    [
        "demand",
        "demands",
        "call",
        "calls",
        "appeal",
        "appeals",
        "request",
        "requests",
        "refusal",
        "rejection",
        "statement",
        "claim",
        "claims",
        "proposal",
        "proposals",
        "offer",
        "offers",
        "threat",
        "threats",
        "warning",
        "warnings",
        "pledge",
        "promise",
        "vow",
        "insistence",
        "condition",
        "conditions",
        "position",
        "stance",
        "view",
        "words",
        "message",
        "ultimatum",
        "accusation",
        "accusations",
        "criticism",
        "complaint",
        "plea",
        "answer",
        "reply",
        "response",
        "comment",
        "comments",
        "remarks",
        "terms",
        "objection",
        "objections",
        "opposition",
        "red",
        "text",
        "draft",
        "memorandum",
        "plan",
        "paper",
        "list",
        "version",
        "counter",
        "goals",
        "aim",
        "aims",
        "wish",
        "readiness",
        "willingness",
    ]
)
_VERB_CLASSES = (
    "demand_ask",
    "demand_want",
    "reject_say",
    "offer_say",
    "accept_say",
    "threaten_say",
    "accuse_say",
    "pledge_say",
)
_ACT_VERB_FORMS = frozenset(
    phrase.split()[0].rstrip("*")
    for name, phrases in ALL_CLASSES.items()
    if name.split(".")[0] in _VERB_CLASSES
    for phrase in phrases
)
_REACH = 6
_ASIDE = 18
"""Words that an aside between commas may have."""
_ACCORDING = (
    ("according", "to"),
    ("words", "of"),
    ("opinion", "of"),
    ("quoted", ""),
    ("quoting", ""),
    ("cited", "by"),
    ("to", "hear"),
)


def route_of(lower: Sequence[str], mention: Mention, in_quote: Sequence[int], span: tuple[int, int]) -> str:
    """Return the route of a mention in the sentence of words ``span``.

    ``subject-says``: subject of a reporting verb. ``inverted``: after one ("said the minister"). ``according``. ``by``:
    agent of a passive. ``noun``: "the capital's demand". ``subject``: of another verb. ``prep``: after a
    preposition. ``possessive``. ``quoted``: inside a quotation. ``object``: anything else.
    ``first-person``, ``second-person`` are pronouns.
    """
    if mention.kind is Kind.PRONOUN and mention.gender in {"1", "2"}:
        return "first-person" if mention.gender == "1" else "second-person"
    if in_quote[mention.start] >= 0:
        return "quoted"
    before = _before(lower, mention, span)
    if before in {"according", "by", "inverted"}:
        return before
    after = _after(lower, mention, in_quote, span)
    if before == "prep" and after != "noun":
        return "prep"
    return after


def _before(lower: Sequence[str], mention: Mention, span: tuple[int, int]) -> str:
    at = mention.start - 1
    while at >= span[0] and lower[at] in {"the", "a", "an", "mr", "mrs", "ms", "president", "also", "both"}:
        at -= 1
    if at < span[0]:
        return ""
    word, earlier = lower[at], lower[at - 1] if at > span[0] else ""
    if (earlier, word) in _ACCORDING or (word == "for" and at == span[0]):
        return "according"
    if word == "by" and any(w in REPORTING or w.endswith("ed") for w in lower[max(span[0], at - 3) : at]):
        return "by"
    if word in SAYING and (
        at == span[0] or earlier in {",", "”", '"', "’", "'", "so", "–", "?", "!"} or mention.end >= span[1] - 1
    ):
        return "inverted"
    return "prep" if word in PREPOSITIONS else ""


def _after(lower: Sequence[str], mention: Mention, in_quote: Sequence[int], span: tuple[int, int]) -> str:
    at = mention.np_end
    if (at < span[1] and lower[at] in {"'s", "'"}) or (
        mention.gender in {"m", "f", "n", "p"} and mention.word in {"his", "its", "their", "her"}
    ):
        return _possessive(lower, at, span)
    at = _past_aside(lower, at, in_quote, span)
    for position in range(at, min(at + _REACH, span[1])):
        word = lower[position]
        if word in REPORTING:
            return "subject-says"
        if in_quote[position] >= 0 or word in {".", ";", ":", "“"}:
            return "subject-says" if word == ":" else "object"
        if word in FINITE_HELPERS or word in _ACT_VERB_FORMS or (word.endswith(("ed", "es")) and position <= at + 2):
            return _through_helper(lower, position, span)
        if (
            word not in ADVERBS_BEFORE_VERB
            and not word.endswith("ly")
            and word not in {",", "–"}
            and not word[0].isdigit()
        ):
            return "subject" if word.endswith("s") and position == at else "object"
    return "object"


def _past_aside(lower: Sequence[str], at: int, in_quote: Sequence[int], span: tuple[int, int]) -> int:
    """Return where a clause goes on after ", on a visit to the capital,", ``at`` itself where it does not."""
    if at >= span[1] or lower[at] not in {",", "–", "("}:
        return at
    for position in range(at + 2, min(at + _ASIDE, span[1] - 1)):
        if in_quote[position] >= 0 or lower[position] in {";", ":", "and"}:
            return at
        if lower[position] in {",", "–", ")"}:
            following = lower[position + 1]
            goes_on = following in REPORTING or following in FINITE_HELPERS or following in _ACT_VERB_FORMS
            return position + 1 if goes_on and not following.endswith("ing") else at
    return at


def _through_helper(lower: Sequence[str], position: int, span: tuple[int, int]) -> str:
    """Tell ``has said`` from ``has fallen``."""
    if lower[position] in {"has", "had", "have", "did", "was", "is", "would", "will", "also"}:
        for word in lower[position + 1 : min(position + 4, span[1])]:
            if word in REPORTING:
                return "subject-says"
            if not (word in ADVERBS_BEFORE_VERB or word.endswith("ly") or word in {"been", "not"}):
                break
    return "subject-says" if lower[position] in REPORTING else "subject"


def _possessive(lower: Sequence[str], at: int, span: tuple[int, int]) -> str:
    following = lower[at : min(at + 4, span[1])]
    return "noun" if any(w in _SPEECH_NOUNS for w in following) else "possessive"


def act_verbs() -> frozenset[str]:
    """Return the first words of the act phrases: verbs that begin a clause of their own."""
    return _ACT_VERB_FORMS
