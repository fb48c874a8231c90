"""The default tagger: rules propose, an encoder reads along, a small fitted model judges. No download, no network."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from worker.model import Act, Attribution, Statement
from worker.ports import TaggerInput, TaggerOutput
from worker.tag.candidates import Analysis, Candidate, Draft, analyse, candidates_of, drafts_of
from worker.tag.compiled import CompiledTopic, compile_topic
from worker.tag.conditions import condition_for
from worker.tag.deadlines import deadline_of
from worker.tag.evidence import evidence_span
from worker.tag.judge import Encoded, Index, Models, load_models
from worker.tag.manner import attribution_features, condition_features
from worker.tag.merge import Judged, judge_all, merge
from worker.tag.plover import with_event_code
from worker.tag.reading import read
from worker.tag.relevance import concerns
from worker.tag.targets import best_target, target_features
from worker.tag.terms import terms_of
from worker.tag.withdrawn import is_withdrawn
from worker.topic import Topic

if TYPE_CHECKING:
    from worker.tag.encoder import Encoder

CODE_VERSION = "3"
"""Raised whenever the code may give other records for the same text and weights."""
MOST_CHARACTERS = 200_000
_KEPT_TOPICS = 16


class RuleTagger:
    """Finds statements in English text. Cheap to build: weights, encoder and topics are loaded at first use and kept.

    ``light`` leaves the encoder out: a fifth of the time, and fewer of the statements found.
    """

    name = "rules"
    languages = frozenset({"en"})

    def __init__(self, models: Models | None = None, *, light: bool = False) -> None:
        self._given = models
        self._light = light
        self._compiled: dict[int, tuple[Topic, CompiledTopic]] = {}

    @cached_property
    def models(self) -> Models:
        """Return the weights, with the final judge that belongs to how this one reads."""
        models = self._given or load_models()
        return models if self._light else models.with_encoder()

    @cached_property
    def _encoder(self) -> "Encoder | None":
        if self._light:
            return None
        from worker.tag.encoder import Encoder  # noqa: PLC0415 - the runtime of the network is slow to import

        return Encoder()

    @property
    def version(self) -> str:
        """Return the version of code and weights together."""
        digest = self.models.digest or sha256(repr(self.models.threshold).encode()).hexdigest()[:8]
        return f"{CODE_VERSION}+{digest}{'.light' if self._light else ''}"

    def compiled(self, topic: Topic) -> CompiledTopic:
        """Return the compiled topic, kept for the next article."""
        known = self._compiled.get(id(topic))
        if known is None or known[0] is not topic:
            if len(self._compiled) >= _KEPT_TOPICS:
                self._compiled.clear()
            known = (topic, compile_topic(topic))
            self._compiled[id(topic)] = known
        return known[1]

    def analysis(self, document: TaggerInput, topic: Topic) -> Analysis:
        """Return the article cut into segments: what ``explain`` shows."""
        compiled = self.compiled(topic)
        on: date | None = document.published.date() if document.published else None
        text = document.text[:MOST_CHARACTERS]
        return analyse(read(text, document.title[:1000], compiled.gazetteer, on), compiled)

    def candidates(self, analysis: Analysis) -> list[Candidate]:
        """Return what may be a statement, nothing if the article is not about the topic's conflict."""
        drafts, encoded = self.drafts(analysis)
        return candidates_of(analysis, self.models, drafts, encoded)

    def drafts(self, analysis: Analysis) -> tuple[Mapping[Index, Draft], Mapping[Index, Encoded]]:
        """Return what the rules and what the encoder say of segments, nothing of an article about something else."""
        if not concerns(analysis):
            return {}, {}
        drafts = drafts_of(analysis, self.models)
        return drafts, self._encoder.read(analysis, drafts) if self._encoder else {}

    def tag(self, document: TaggerInput, topic: Topic) -> TaggerOutput:
        """Return the statements of the document that belong to the topic, in text order."""
        analysis = self.analysis(document, topic)
        judged = judge_all(self.candidates(analysis), self.models, analysis.topic)
        merged = merge(judged, self.models.threshold)
        busy = {j.candidate.segment.sentence: 0 for j in merged}
        for segment in {j.candidate.segment for j in merged}:
            busy[segment.sentence] += 1
        return TaggerOutput(
            statements=tuple(
                self._statement(analysis, j, busy[j.candidate.segment.sentence], document) for j in merged
            ),
            read_chars=len(analysis.reading.text),
            tagger=self.name,
            version=self.version,
        )

    def _statement(self, analysis: Analysis, judged: Judged, busy: int, document: TaggerInput) -> Statement:
        candidate = judged.candidate
        reading, topic = analysis.reading, analysis.topic
        segment = candidate.segment
        dropped = is_withdrawn(reading, segment)
        conditional, condition_issue = self._condition(analysis, judged)
        manner = self.models.attribution.probabilities(attribution_features(candidate.words, candidate.act))
        options = target_features(reading, segment, judged.party, candidate.act, topic)
        start, end = evidence_span(reading, segment, is_alone=busy == 1)
        evidence = reading.text[start:end]
        statement = Statement(
            party=judged.party,
            speaker=judged.speaker,
            act=Act.DEMAND if dropped else Act(candidate.act),
            issue=candidate.issue,
            target=best_target([(self.models.target.score(f), name) for name, f in options.items()]),
            conditional=conditional,
            condition_issue=condition_issue,
            attribution=_attribution(analysis, candidate, manner),
            evidence=evidence,
            start=start,
            end=end,
            confidence=round(judged.confidence, 4),
            withdrawn=dropped,
            deadline=deadline_of(evidence, document.published),
            terms=terms_of(evidence, topic.topic),
            rule=candidate.rule,
            features=candidate.features,
        )
        return with_event_code(statement, topic.by_id[candidate.issue])

    def _condition(self, analysis: Analysis, judged: Judged) -> tuple[bool, str | None]:
        """Return whether the statement depends on something, and the issue of that."""
        candidate = judged.candidate
        if self.models.condition.score(condition_features(candidate.words, candidate.act)) <= 0:
            return False, None
        segments = analysis.by_sentence[candidate.segment.sentence]
        found = condition_for(analysis.reading.words.lower, segments, segments.index(candidate.segment))
        where = found.segment if found else candidate.segment
        scores = analysis.issues.scores(where.first, where.last)
        return True, max(scores, key=lambda i: scores[i]) if scores else None


def _attribution(analysis: Analysis, candidate: Candidate, manner: Mapping[str, float]) -> Attribution:
    """Return direct for words inside quotation marks or in a transcript, else what the words around suggest."""
    in_turn = analysis.reading.sentences[candidate.segment.sentence].kind in {"turn", "answer"}
    if candidate.segment.in_quote or in_turn:
        return Attribution.DIRECT
    return Attribution(max(manner, key=lambda name: manner[name]))
