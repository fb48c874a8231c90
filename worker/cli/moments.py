"""Times as people type them: ``7d``, ``36h``, ``2026-01-31``, ``2026-01-31T06:00``."""

import re
from datetime import UTC, datetime, timedelta

import typer

_AGO = re.compile(r"^(\d{1,5})([hdw])$")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def moment(text: str | None, *, now: datetime) -> datetime | None:
    """Return the moment meant, in UTC; None for None. Wrong use if it cannot be understood."""
    if text is None:
        return None
    ago = _AGO.match(text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time: write 36h, 7d, 2w, 2026-01-31 or 2026-01-31T06:00") from None
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
