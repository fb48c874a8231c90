"""What is restarted, when, and what is left alone."""

import pytest

from worker.liveness import Vitals, Watch, is_catatonic, unheard, watched
from worker.supervisor import Action, Program, State, What, decide, ended

WORKER = Program(name="worker fetch", command=("true",), node="fetch@host")
BEFORE = Vitals(started=6, canary_waits=False)
IDLE, WAITING = Vitals(started=7, canary_waits=False), Vitals(started=7, canary_waits=True)


def watch(*looks: tuple[float, Vitals]) -> Watch:
    found = Watch()
    for now, vitals in looks:
        found = watched(found, vitals, now=now)
    return found


def test_what_is_not_running_is_started() -> None:
    state = State(program=WORKER, start_at=10)
    assert decide([state], now=9.9, broker_answers=True) == []
    assert decide([state], now=10, broker_answers=True) == [Action(What.START, "worker fetch")]


def test_nothing_is_touched_while_the_broker_is_away() -> None:
    dead = State(program=WORKER)
    stuck = State(program=WORKER, running=True, watch=Watch(vitals=WAITING, idle_since=0))
    assert decide([dead, stuck], now=1_000, broker_answers=False) == []


def test_a_catatonic_worker_is_killed_so_that_it_is_started_again() -> None:
    stuck = State(program=WORKER, running=True, watch=watch((0, BEFORE), (1, WAITING), (32, WAITING)))
    assert decide([stuck], now=32, broker_answers=True) == [Action(What.KILL, "worker fetch")]


def test_a_worker_that_has_not_worked_yet_may_take_two_minutes_to_begin() -> None:
    loading = watch((0, WAITING), (31, WAITING))
    assert not is_catatonic(loading, now=120)
    assert is_catatonic(loading, now=120.1)


def test_a_worker_that_worked_is_known_to_have_done_so_after_the_broker_was_away() -> None:
    back = watched(unheard(watch((0, BEFORE), (1, WAITING))), WAITING, now=100)
    assert not is_catatonic(back, now=130)
    assert is_catatonic(back, now=130.1)


def test_a_worker_that_has_nothing_to_do_lives() -> None:
    assert not is_catatonic(watch((0, IDLE), (500, IDLE)), now=1_000)


def test_a_worker_that_starts_any_task_lives_although_its_canary_waits() -> None:
    busy = watch(*((10.0 * n, Vitals(started=n, canary_waits=True)) for n in range(30)))
    assert not is_catatonic(busy, now=300)


def test_the_wait_begins_when_the_canary_is_first_seen_waiting() -> None:
    looks = watch((0, BEFORE), (1, IDLE), (500, IDLE), (510, WAITING), (535, WAITING))
    assert not is_catatonic(looks, now=540)
    assert is_catatonic(looks, now=540.1)


@pytest.mark.parametrize(("end", "pause"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60)])
def test_who_keeps_ending_waits_longer_each_time(end: int, pause: float) -> None:
    state = State(program=WORKER, running=True)
    for _ in range(end):
        state = ended(state, now=5)
    assert state.start_at == 5 + pause


def test_a_steady_run_is_forgiven() -> None:
    state = State(program=WORKER, running=True, started_at=100, ends=6)
    assert ended(state, now=160).start_at == 161
