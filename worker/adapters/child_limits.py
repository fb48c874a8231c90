"""What a child of the process worker may use. It parses hostile bytes; the kernel ends what Python cannot."""

import resource
import signal
import sys

from worker.adapters.tether import die_with_parent

_GROUND_MB = 1_536
"""Address space that libraries map and never touch: rensa's allocator alone reserves a gigabyte."""
_FRAMES = 1000
"""Python's own limit. A library that raised it would let nested input overrun the stack of a parser written in C."""


def begin(*, memory_mb: int) -> None:
    """Cap this process's address space and the depth of its calls, and have it die with its parent at once."""
    sys.setrecursionlimit(_FRAMES)
    die_with_parent(signal.SIGKILL)
    if sys.platform == "linux":  # macOS does not enforce it
        cap = (memory_mb + _GROUND_MB) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (cap, resource.getrlimit(resource.RLIMIT_AS)[1]))
    _limited.append(True)


def allow_cpu(seconds: int) -> None:
    """Let this child use so many more seconds of processor time; the kernel kills it after that.

    Nothing happens in a process that ``begin`` was not called in: a worker of threads lives long.
    """
    if not _limited:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


_limited: list[bool] = []
