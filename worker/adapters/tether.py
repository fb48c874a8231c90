"""Start a program that dies with its parent: ``python tether.py SIGNAL GROUP PROGRAM ARGUMENT…``.

SIGNAL (a name) is sent to the program when whoever started it is gone, however it went; GROUP is ``own`` to keep
Ctrl-C of the terminal away from it, else ``shared``. A file of its own, run by path, so that it starts in 20 ms.
Linux does it; elsewhere the program runs untied, and the next start deals with an orphan.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> None:
    """Have the kernel send the signal to this process when its parent ends; nothing where it cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def main(arguments: list[str]) -> None:
    """Become the program; never returns."""
    name, group, *program = arguments
    parent = os.getppid()
    die_with_parent(signal.Signals[name])
    if os.getppid() != parent:  # it died before the kernel knew
        sys.exit(1)
    if group == "own":
        os.setpgid(0, 0)
    os.execv(program[0], program)  # noqa: S606 - the program is ours, no shell is in between


if __name__ == "__main__":
    main(sys.argv[1:])
