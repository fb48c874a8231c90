"""How a statement is made: whose words carry it, and whether it depends on something. Features out of the act's own."""

from collections.abc import Mapping

ATTRIBUTIONS = ("direct", "reported", "narrated")
_OF_ATTRIBUTION = ("gk:", "gv:", "hr:", "hk:", "hw:", "in_", "partial_", "zone:", "g:", "ng:", "short", "long")
_OF_CONDITION = ("condition", "depends", "c:cond", "r:cond", "l:cond", "cs:cond", "m:", "p:cond", "c1:")


def attribution_features(act_features: Mapping[str, float], act: str) -> dict[str, float]:
    """Return what tells direct, reported and narrated apart."""
    chosen = {n: v for n, v in act_features.items() if n.startswith(_OF_ATTRIBUTION)}
    quoted = "partial_quote" in act_features or "in_quote" in act_features
    route = next((n for n in act_features if n.startswith("hr:")), "hr:")
    return {**chosen, "bias": 1.0, f"is:{act}": 1.0, f"{route}|{quoted}": 1.0}


def condition_features(act_features: Mapping[str, float], act: str) -> dict[str, float]:
    """Return what tells conditional statements from others."""
    chosen = {n: v for n, v in act_features.items() if n.startswith(_OF_CONDITION)}
    depends = next((n for n in chosen if n.startswith("depends:")), "free")
    return {**chosen, "bias": 1.0, f"is:{act}": 1.0, f"{depends}|{act}": 1.0}
