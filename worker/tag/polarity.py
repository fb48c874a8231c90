"""What a negation does to an act: a negated offer is none, but demanding that somebody not do a thing is a demand."""

from collections.abc import Mapping

_CARRIERS = {
    "offer": ("offer_say", "offer_ready"),
    "accept": ("accept_say",),
    "pledge": ("pledge_say",),
    "threaten": ("threaten_say",),
    "accuse": ("accuse_say",),
}
"""Classes whose negation takes the act away. A demand keeps its act: "demands that they do not join"."""


def is_cancelled(features: Mapping[str, float], act: str) -> bool:
    """Say whether every word that carries the act in a segment is negated: "was not ready", "did not accept"."""
    if act == "reject":  # "will never withdraw" refuses: only a negated governing verb ("did not reject") takes it away
        return "ng:reject_say" in features and "g:reject_say" not in features
    carriers = _CARRIERS.get(act, ())
    negated = any(f"n:{name}" in features for name in carriers)
    return negated and not any(f"c:{name}" in features for name in carriers)
