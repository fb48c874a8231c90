"""Read by every interpreter of the service under test: its clock is off by as many seconds as a file says."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worker.adapters.clock import SystemClock

_OFFSET = Path(os.environ["FAULTS_CLOCK_OFFSET"])


def _now(_clock: SystemClock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(_OFFSET.read_text()))


SystemClock.now = _now  # type: ignore[method-assign]
