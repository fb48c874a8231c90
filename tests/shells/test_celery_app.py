"""The Celery application's promises that are plain settings."""

import subprocess
import sys

import pytest

from worker.adapters.celery_app import QUEUES, ROUTES, ForgivingQoS, celery_url, create_app, node_name, worker_arguments

APP = create_app("redis://127.0.0.1:6379/3", "sw")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("rediss://user:pass@host/0", "rediss://user:pass@host/0"),
        ("unix:///run/x/r.sock", "redis+socket:///run/x/r.sock"),
        ("unix:///run/x/r.sock?db=2", "redis+socket:///run/x/r.sock?virtual_host=2"),
    ],
)
def test_every_redis_address_has_a_spelling_for_celery(given: str, expected: str) -> None:
    assert celery_url(given) == expected


def test_every_task_has_a_queue() -> None:
    assert set(ROUTES.values()) == set(QUEUES)
    assert {queue.name for queue in APP.conf.task_queues} == {"fetch", "process", "tick"}


def test_nothing_but_json_is_read_and_no_result_is_kept() -> None:
    assert APP.conf.accept_content == ["json"]
    assert APP.conf.task_ignore_result
    assert APP.conf.result_backend is None
    assert not APP.conf.worker_enable_remote_control


def test_the_times_fit_each_other() -> None:
    options = APP.conf.broker_transport_options
    assert APP.conf.task_time_limit == 25
    assert APP.conf.task_soft_time_limit is None
    assert options["visibility_timeout"] == APP.conf.visibility_timeout == 120
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (5, 1)
    assert APP.conf.worker_soft_shutdown_timeout == 25


def test_all_broker_keys_are_under_our_prefix() -> None:
    assert APP.conf.broker_transport_options["global_keyprefix"] == "sw:broker:"


def test_beat_only_rings_and_a_late_tick_is_dropped() -> None:
    tick = APP.conf.beat_schedule["tick"]
    assert (tick["task"], tick["schedule"], tick["options"]) == ("tick", 5, {"expires": 15})
    assert APP.conf.beat_max_loop_interval == 5
    assert set(APP.conf.beat_schedule) == {"tick", "upkeep"}


def test_each_worker_consumes_its_queues_and_its_own_canaries() -> None:
    fetch = worker_arguments("fetch", concurrency=32)
    assert fetch[fetch.index("--queues") + 1] == f"fetch,tick,canary.{node_name('fetch')}"
    assert fetch[fetch.index("--pool") + 1] == "threads"
    process = worker_arguments("process", concurrency=2)
    assert process[process.index("--queues") + 1] == f"process,canary.{node_name('process')}"
    assert process[process.index("--pool") + 1] == "prefork"


def test_importing_the_module_needs_no_configuration() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import worker.app, sys; sys.exit('worker.wiring' in sys.modules)"],
        env={"STANCEWATCH_CONFIG": "/nowhere", "STANCEWATCH_REDIS_URL": "bad"},
        check=False,
        cwd="/",
    )
    assert done.returncode == 0


def test_a_place_in_the_prefetch_window_comes_back_although_the_broker_was_not_told() -> None:
    class Deaf(ForgivingQoS):
        def _remove_from_indices(self, *_: object) -> None:
            raise ConnectionError("the server is gone")

    qos = Deaf.__new__(Deaf)
    qos.prefetch_count, qos._delivered, qos._dirty = 1, {"tag": object()}, set()
    qos._quick_ack = qos._dirty.add
    assert not qos.can_consume()

    with pytest.raises(ConnectionError):
        qos.ack("tag")

    assert qos.can_consume()
