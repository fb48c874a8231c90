"""A topic made ready: its names, its issue patterns, its plans, compiled once and kept by the tagger."""

from dataclasses import dataclass
from functools import lru_cache

from worker.tag.gazetteer import Gazetteer
from worker.tag.lexicon.acts import ALL_CLASSES
from worker.tag.phrases import PhraseSet
from worker.topic import Issue, Topic

OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTopic:
    """What the stages of the tagger look up."""

    topic: Topic
    gazetteer: Gazetteer
    issues: PhraseSet[tuple[str, float]]
    blockers: PhraseSet[str]
    by_id: dict[str, Issue]
    belligerents: tuple[str, ...]
    sets: dict[str, tuple[str, ...]]
    """Party id of a set such as "both sides" → the parties it stands for."""


def compile_topic(topic: Topic) -> CompiledTopic:
    """Return the compiled topic; costs some tens of milliseconds."""
    patterns = [(phrase, (issue.id, weight)) for issue in topic.issues for phrase, weight in issue.patterns.items()]
    return CompiledTopic(
        topic=topic,
        gazetteer=Gazetteer(topic),
        issues=PhraseSet(patterns),
        blockers=PhraseSet((phrase, issue.id) for issue in topic.issues for phrase in issue.blockers),
        by_id={issue.id: issue for issue in topic.issues},
        belligerents=tuple(p.id for p in topic.parties if p.belligerent),
        sets={p.id: p.members for p in topic.parties if p.members},
    )


@lru_cache(maxsize=1)
def cues() -> PhraseSet[tuple[str, str]]:
    """Return the act phrases of the lexicon, compiled at first use."""
    return PhraseSet((phrase, (name, phrase)) for name, phrases in ALL_CLASSES.items() for phrase in phrases)
