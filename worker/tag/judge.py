"""The learnt part: small linear models over named features, whose weights are data (``weights.json``)."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from importlib import resources

ACTS = ("demand", "reject", "offer", "accept", "threaten", "accuse", "pledge")
NONE = "none"
ENCODER_ACT = "encoder_act"
"""The feature that says that the encoder has read a candidate."""

Features = Mapping[str, float]
Index = tuple[int, int]
"""A segment: the number of its sentence, its place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What the encoder says of one segment: probabilities, those by holder in the order of the holders it was given."""

    holders: Sequence[float]
    acts: Sequence[Mapping[str, float]]
    """For each holder: act, or ``none``, → probability."""
    issues: Mapping[str, float]
    """Every issue of the topic → probability; they add up to 1."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A yes-or-no model: weight by feature name."""

    weights: Mapping[str, float]

    def score(self, features: Features) -> float:
        """Return the log-odds."""
        weights = self.weights
        return sum(weights[name] * value for name, value in features.items() if name in weights)

    def probability(self, features: Features) -> float:
        """Return the probability, never exactly 0 or 1."""
        return sigmoid(self.score(features))


@dataclass(frozen=True, slots=True)
class Softmax:
    """A model with several classes: for each feature one weight a class."""

    classes: Sequence[str]
    weights: Mapping[str, Sequence[float]]

    def probabilities(self, features: Features) -> dict[str, float]:
        """Return class → probability; they add up to 1."""
        totals = [0.0] * len(self.classes)
        for name, value in features.items():
            row = self.weights.get(name)
            if row is not None:
                for at, weight in enumerate(row):
                    totals[at] += weight * value
        top = max(totals)
        exps = [math.exp(t - top) for t in totals]
        whole = sum(exps)
        return {c: e / whole for c, e in zip(self.classes, exps, strict=True)}


def sigmoid(x: float) -> float:
    """Return the logistic function, safe for any x."""
    if x < -30:  # noqa: PLR2004 - beyond, a float cannot tell it from 0
        return 1e-13
    return 1.0 / (1.0 + math.exp(-min(x, 30.0)))


def logit(p: float) -> float:
    """Return the log-odds of a probability, bounded."""
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """All that was learnt, with the hash of it."""

    holder: Logistic
    act: Softmax
    issue: Logistic
    target: Logistic
    attribution: Softmax
    condition: Logistic
    final: Logistic
    threshold: float
    final_encoded: Logistic
    threshold_encoded: float
    digest: str = ""

    def with_encoder(self) -> "Models":
        """Return these with the threshold that belongs to articles which the encoder has read too."""
        return replace(self, threshold=self.threshold_encoded)

    def final_for(self, features: Features) -> Logistic:
        """Return the final judge of a candidate: long articles have some that the encoder has not read."""
        return self.final_encoded if ENCODER_ACT in features else self.final


@lru_cache(maxsize=1)
def load_models() -> Models:
    """Return the models of the package; reads ``weights.json`` once."""
    raw = resources.files("worker.tag").joinpath("weights.json").read_bytes()
    return models_of(json.loads(raw), digest=sha256(raw).hexdigest()[:8])


def models_of(data: Mapping, digest: str = "") -> Models:  # type: ignore[type-arg]
    """Return the models of parsed weights."""
    return Models(
        holder=Logistic(data["holder"]),
        act=Softmax(tuple(data["act"]["classes"]), data["act"]["weights"]),
        issue=Logistic(data["issue"]),
        target=Logistic(data["target"]),
        attribution=Softmax(tuple(data["attribution"]["classes"]), data["attribution"]["weights"]),
        condition=Logistic(data["condition"]),
        final=Logistic(data["final"]),
        threshold=float(data["threshold"]),
        final_encoded=Logistic(data["final_encoded"]),
        threshold_encoded=float(data["threshold_encoded"]),
        digest=digest,
    )
