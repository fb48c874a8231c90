"""What is done to time: beats doubled, stopped and late, clocks set by an hour."""

import itertools
import signal
import time
from random import Random

from process_faults import BEAT
from stage_of_faults import POLL_S, Stage

SHORTEST_S, LONGEST_S = 0.8 * POLL_S, 1.8 * POLL_S
"""Polls are spread by a tenth of the interval; the rest is what a busy machine may take to begin one."""


def double_beat(stage: Stage, _chance: Random) -> None:
    """Run a second beat for three intervals."""
    with stage.another("beat") as second:
        time.sleep(3 * POLL_S)
        assert second.poll() is None, "the second beat ended by itself"
        second.send_signal(signal.SIGTERM)
        second.wait(30)


def stop_beat(stage: Stage, _chance: Random) -> None:
    """Stop beat for three intervals; then it goes on as if nothing had been."""
    beat = stage.service.part(BEAT)
    assert beat
    beat.suspend()
    time.sleep(3 * POLL_S)
    beat.resume()
    time.sleep(2 * POLL_S)


def set_clock(stage: Stage, _chance: Random) -> None:
    """Set the clock an hour forward, back, back again and forward, each time for two intervals."""
    for offset_s in (3_600, 0, -3_600, 0):
        stage.set_clock(offset_s)
        time.sleep(2 * POLL_S)


def polled_once(stage: Stage) -> list[str]:
    """Return what is wrong: a feed polled twice within its interval, or not for too long."""
    return [*_too_early(stage, borne=0), *_too_late(stage)]


def caught_up_once(stage: Stage) -> list[str]:
    """Return what is wrong after a beat that was late: feeds are polled once then, not once a missed interval."""
    return _too_early(stage, borne=0)


def followed_clock(stage: Stage) -> list[str]:
    """Return what is wrong after the clock was set. By one set forward, twice, an interval has passed for each feed."""
    return [*_too_early(stage, borne=2 * len(stage.site.feeds)), *_too_late(stage)]


def _too_early(stage: Stage, *, borne: int) -> list[str]:
    early = [pause for pause in _pauses(stage) if pause < SHORTEST_S]
    return [f"polled {len(early)} times too early, after {min(early):.0f} s"] if len(early) > borne else []


def _too_late(stage: Stage) -> list[str]:
    late = [pause for pause in _pauses(stage) if pause > LONGEST_S]
    return [f"polled {len(late)} times too late, after {max(late):.0f} s"] if late else []


def _pauses(stage: Stage) -> list[float]:
    return [after - before for polls in stage.site.polls.values() for before, after in itertools.pairwise(polls)]
