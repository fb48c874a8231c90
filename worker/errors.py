"""The error tree. Adapters translate their library's errors into it and keep the cause.

::

    StancewatchError
    ├── TransientError        later: the ledger sets ``due_at`` and leaves attempts alone
    │   ├── StoreUnavailable      result store, Redis or blob store does not answer or refuses for now
    │   └── HostUnavailable       a feed's or page's server: time-out, refused connection, 429, 5xx
    ├── PermanentError        park or settle with a reason: trying again gives the same
    │   ├── Refused               we will not fetch or parse this: guard, robots, size, type
    │   ├── StoreRejected         the store refuses this very document
    │   └── QueryRefused          a search that cannot be understood or done
    └── ConfigurationError    nothing starts; every fault in one go
        └── DependencyMissing     a server or file that must be there is not (exit code 3)

Anything else that is raised is our own bug and goes up loudly.
"""

from collections.abc import Sequence


class StancewatchError(Exception):
    """Root of every error that the program raises on purpose."""


class TransientError(StancewatchError):
    """Try again, not before ``retry_after_s`` seconds if the other side named a time."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreUnavailable(TransientError):
    """A store of ours does not answer, is read-only or asks for patience."""


class HostUnavailable(TransientError):
    """A server of somebody else does not answer as it should, for now."""


class PermanentError(StancewatchError):
    """Trying again gives the same answer. ``reason`` is a fixed word of ``worker.outcomes``."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Refused(PermanentError):
    """We will not fetch or parse this."""


class StoreRejected(PermanentError):
    """The store refuses this document for what it is, not for when it came."""


class QueryRefused(PermanentError):
    """A search that cannot be understood or that this store cannot do; the message names the part."""


class ConfigurationError(StancewatchError):
    """One or more faults in configuration; ``faults`` are whole lines with file and line number."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class DependencyMissing(ConfigurationError):
    """A server, file or optional package that must be there is not."""
