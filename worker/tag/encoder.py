"""A small sentence encoder's reading of an article: for each segment who acts, which act, which issue.

The network is all-MiniLM-L6-v2 (six layers of BERT, 384 wide), fitted further on labelled articles by
``scripts/train_encoder.py`` and kept with eight-bit weights. Nothing is downloaded: it lies in the package.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import islice
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from worker.tag.candidates import Analysis, Draft
from worker.tag.holders import Holder
from worker.tag.judge import ACTS, NONE, Encoded, Index
from worker.tag.windows import PLAIN, Window, plain_window, windows_of
from worker.topic import Issue, Topic

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
MOST_WINDOWS = 48
"""Some five thousand words; what comes after them in one article is judged by the rules alone."""
UNTOUCHED = -4.0
"""Log-odds given to an issue of which no pattern is near."""
ISSUE_PIECES = 48
"""Word pieces of an issue's text that are read."""
_ISSUE_PHRASES, _PHRASE_WEIGHT = 14, 2
_KEPT_TOPICS = 16


@dataclass(frozen=True, slots=True)
class Heads:
    """The layers over the encoder's vectors. Shapes: D the encoder's width (384), rows are inputs."""

    attention: Floats
    """D: which pieces of a segment count."""
    act_in: Floats
    act_in_bias: Floats
    act_out: Floats
    act_out_bias: Floats
    issue_segment: Floats
    issue_text: Floats
    holder_segment: Floats
    holder_segment_bias: Floats
    holder_mention: Floats
    holder_out: Floats
    scales: Floats
    """Of the issue match, of the rules' issue, of the rules' holder; last, what a holder out of sight starts with."""


class Encoder:
    """Loads the network at first use and keeps it and the issues of the last topics; no state otherwise."""

    def __init__(self, network: "Network | None" = None, heads: Heads | None = None) -> None:
        self._given = network, heads
        self._issues: dict[int, tuple[Topic, tuple[str, ...], Floats]] = {}

    def read(self, analysis: Analysis, drafts: Mapping[Index, Draft]) -> dict[Index, Encoded]:
        """Return what the encoder says of each drafted segment within the first ``MOST_WINDOWS`` windows."""
        found: dict[Index, Encoded] = {}
        for window in islice(windows_of(analysis), MOST_WINDOWS):
            inside = {index: draft for index, draft in drafts.items() if index[0] in window.sentences}
            if inside:
                found |= self._of_window(analysis, window, inside)
        return found

    def _of_window(self, analysis: Analysis, window: Window, drafts: Mapping[Index, Draft]) -> dict[Index, Encoded]:
        vectors = self._network.vectors(window.ids, window.kinds)
        own = np.stack([self._segment_vector(vectors, window, analysis, index) for index in drafts])
        mentions = [_mention_vector(vectors, window, analysis, h) for draft in drafts.values() for h in draft.holders]
        counts = [len(draft.holders) for draft in drafts.values()]
        by_rules = np.array([s for draft in drafts.values() for s in draft.holder_scores], dtype=np.float32)
        probabilities, acts = self._of_holders(
            own, np.stack(mentions), np.repeat(np.arange(len(own)), counts), by_rules
        )
        names, about = self._about(analysis.topic.topic, own, drafts)
        found: dict[Index, Encoded] = {}
        first = 0
        for place, (index, count) in enumerate(zip(drafts, counts, strict=True)):
            mine = slice(first, first + count)
            found[index] = Encoded(
                holders=probabilities[mine].tolist(),
                acts=[dict(zip((NONE, *ACTS), row, strict=True)) for row in acts[mine].tolist()],
                issues=dict(zip(names, about[place].tolist(), strict=True)),
            )
            first += count
        return found

    def _segment_vector(self, vectors: Floats, window: Window, analysis: Analysis, index: Index) -> Floats:
        """Return 2D numbers: the mean of the segment's pieces, and their mean by attention."""
        words, segment = analysis.reading.words, analysis.by_sentence[index[0]][index[1]]
        first, last = window.span(words.start[segment.first], words.end[segment.last - 1])
        inside = vectors[first:last] if last else vectors[:1]
        weights = _softmax(inside @ self._heads.attention)
        return np.concatenate([inside.mean(axis=0), weights @ inside])

    def _of_holders(self, own: Floats, mentions: Floats, of: Rows, by_rules: Floats) -> tuple[Floats, Floats]:
        """Return how likely each mention is of the holder of its segment (``of``: the row of ``own``), and its acts."""
        heads, width = self._heads, own.shape[1]
        seen = mentions[:, -1]
        by_segment = own @ heads.holder_segment + heads.holder_segment_bias
        hidden = _gelu(by_segment[of] + mentions[:, :-1] @ heads.holder_mention)
        score = hidden @ heads.holder_out * seen + heads.scales[3] * (1 - seen) + heads.scales[2] * by_rules
        said = (own @ heads.act_in[:width] + heads.act_in_bias)[of] + mentions @ heads.act_in[width:]
        acts = _gelu(said) @ heads.act_out + heads.act_out_bias
        return _sigmoid(score), _softmax(acts)

    def _about(self, topic: Topic, own: Floats, drafts: Mapping[Index, Draft]) -> tuple[tuple[str, ...], Floats]:
        """Return the issues of the topic and how likely each segment is about each."""
        names, issues = self._issues_of(topic)
        touched = np.array(
            [[draft.issue_scores.get(name, UNTOUCHED) for name in names] for draft in drafts.values()], dtype=np.float32
        )
        match = own @ self._heads.issue_segment @ issues.T
        return names, _softmax(match * self._heads.scales[0] + touched * self._heads.scales[1])

    def _issues_of(self, topic: Topic) -> tuple[tuple[str, ...], Floats]:
        """Return the ids of a topic's issues and a vector for each, kept for the next article."""
        known = self._issues.get(id(topic))
        if known is None or known[0] is not topic:
            if len(self._issues) >= _KEPT_TOPICS:
                self._issues.clear()
            known = (topic, tuple(issue.id for issue in topic.issues), self._issue_vectors(topic.issues))
            self._issues[id(topic)] = known
        return known[1], known[2]

    def _issue_vectors(self, issues: Sequence[Issue]) -> Floats:
        found = []
        for ids in plain_window(map(issue_text, issues), ISSUE_PIECES):
            mean = self._network.vectors(ids, (PLAIN,) * len(ids)).mean(axis=0)
            found.append(mean / np.linalg.norm(mean))
        return np.stack(found) @ self._heads.issue_text

    @cached_property
    def _network(self) -> "Network":
        return self._given[0] or Network(_folder().joinpath("encoder.onnx").read_bytes())

    @cached_property
    def _heads(self) -> Heads:
        return self._given[1] or load_heads(_folder().joinpath("heads.npz"))


def load_heads(path: Traversable) -> Heads:
    """Return the heads of a file, in single precision."""
    with path.open("rb") as file:
        stored = np.load(file)
        return Heads(**{field.name: stored[field.name].astype(np.float32) for field in fields(Heads)})


def _folder() -> Traversable:
    return resources.files("worker.tag").joinpath("model")


def _mention_vector(vectors: Floats, window: Window, analysis: Analysis, holder: Holder) -> Floats:
    """Return the mean of the mention's pieces and 1; zeros if it stands outside of the window."""
    words, mention = analysis.reading.words, holder.placed.mention
    first, last = window.span(words.start[mention.start], words.end[mention.end - 1])
    if not last:
        return np.zeros(vectors.shape[1] + 1, dtype=np.float32)
    return np.append(vectors[first:last].mean(axis=0), np.float32(1))


class Network:
    """The encoder proper, from an ONNX model, in one thread: a worker has as many processes as it should use cores."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # a child's address space is capped: what one window needed is given back
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def vectors(self, ids: Sequence[int], kinds: Sequence[int]) -> Floats:
        """Return one vector a piece, shape (pieces, D)."""
        row = np.array([ids], dtype=np.int64)
        fed = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.array([kinds], dtype=np.int64),
        }
        found: Floats = self._session.run(["last_hidden_state"], fed)[0][0]
        return found


def issue_text(issue: Issue) -> str:
    """Return an issue in words: its label and the phrases that name it best."""
    phrases = [phrase for phrase, weight in issue.patterns.items() if weight >= _PHRASE_WEIGHT][:_ISSUE_PHRASES]
    plain = (" ".join(phrase.replace("*", "").replace("..", "").replace("|", " ").split()) for phrase in phrases)
    return f"{issue.label}: {', '.join(plain)}"


def _softmax(scores: Floats) -> Floats:
    raw: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raw / raw.sum(axis=-1, keepdims=True)
    return shares


def _sigmoid(x: Floats) -> Floats:
    half: Floats = np.tanh(x / 2)
    return 0.5 * (1 + half)


def _gelu(x: Floats) -> Floats:
    """Return x Φ(x) by the tanh approximation (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    inner: Floats = np.tanh(0.7978845608 * (x + 0.044715 * x**3))
    return 0.5 * x * (1 + inner)
