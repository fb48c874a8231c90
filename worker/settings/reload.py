"""Follows edits of the configuration while the service runs; a bad edit leaves the old one in force and says so."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from worker.errors import ConfigurationError
from worker.settings.catalogue import Catalogue, config_fingerprint

Rules = TypeVar("Rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What a look at the files led to: ``changed`` True means a new catalogue, ``faults`` mean that it was refused."""

    changed: bool
    faults: tuple[str, ...] = ()


class Reloader(Generic[Rules]):
    """Holds the catalogue in force. One per process, used by one thread at a time."""

    def __init__(self, config_dir: Path, load: Callable[[], Catalogue[Rules]]) -> None:
        self._config_dir = config_dir
        self._load = load
        self.catalogue = load()
        self._seen = self.catalogue.fingerprint

    def refresh(self) -> Reloaded:
        """Load anew if a file changed since the last look. A refused edit is reported once, until the next edit."""
        fingerprint = config_fingerprint(self._config_dir)
        if fingerprint == self._seen:
            return Reloaded(changed=False)
        self._seen = fingerprint
        try:
            self.catalogue = self._load()
        except ConfigurationError as error:
            return Reloaded(changed=False, faults=error.faults)
        return Reloaded(changed=True)
