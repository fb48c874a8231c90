"""Is it alive, can it work: answers for supervisors, load balancers and Prometheus."""

from collections.abc import Callable
from dataclasses import dataclass

from worker.errors import StancewatchError


@dataclass(frozen=True, slots=True)
class Probe:
    """A thing that must answer: ``ask`` returns faults, or raises a StancewatchError."""

    name: str
    ask: Callable[[], list[str]]


def readiness(probes: tuple[Probe, ...]) -> tuple[bool, dict[str, str]]:
    """Ask each probe; return whether all are well and one line for each."""
    lines = {probe.name: _asked(probe) for probe in probes}
    return all(line == "ok" for line in lines.values()), lines


def _asked(probe: Probe) -> str:
    try:
        faults = probe.ask()
    except StancewatchError as error:
        return str(error)
    return "; ".join(faults) or "ok"
