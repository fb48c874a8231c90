"""The system's clock: the only place that reads it."""

from datetime import UTC, datetime


class SystemClock:
    """``Clock`` by the operating system."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)
