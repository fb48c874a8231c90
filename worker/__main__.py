"""``python -m worker`` and the ``stancewatch`` command."""

import sys

from worker.cli.main import main as run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
