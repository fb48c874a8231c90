"""The Celery application: queues, routes and times. The broker is a doorbell; what must be done stands in the ledger.

``celery -A worker.app worker`` finds ``app`` here, made from the settings when it is first asked for.
"""

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from celery import Celery, Task, signals
from kombu import Exchange, Queue

from worker.adapters import child_limits
from worker.adapters.embedded_server import server_url
from worker.adapters.redis_link import RedisLink
from worker.adapters.redis_vitals import RedisVitals
from worker.errors import StoreUnavailable
from worker.liveness import canary_queue
from worker.log import configure
from worker.settings import Settings, load_settings

FETCH, PROCESS, TICK = "fetch", "process", "tick"
QUEUES = (FETCH, PROCESS, TICK)
"""``tick`` is a queue of its own, so that a tick never waits behind the work that it is there to ring for."""
ROUTES = {
    "tick": TICK,
    "upkeep": TICK,
    "feeds.fetch": FETCH,
    "feeds.parse": PROCESS,
    "items.fetch": FETCH,
    "items.process": PROCESS,
    "alerts.deliver": FETCH,
}
"""Task name → queue. Names are for life: messages of the previous release carry them. ``canary`` is sent by queue."""
WORKERS = {FETCH: (FETCH, TICK), PROCESS: (PROCESS,)}
"""Worker → the queues it consumes, besides that of its own canaries."""

HARD_LIMIT_S = 25
VISIBILITY_S = 120
"""After this the broker hands an unacknowledged message out again; over four times the longest task."""
SOFT_SHUTDOWN_S = 25
UPKEEP_S = 60
_CHILD_TASKS = 300
_CHILD_RSS_KB = 400_000
"""A child is replaced after its task when it has grown to this: lxml and regular expressions give little back."""


def create_app(broker_url: str, prefix: str, *, tick_s: float = 5, hard_limit_s: float = HARD_LIMIT_S) -> Celery:
    """Return the application on a broker (``redis://``, ``rediss://`` or ``unix://``); all its keys get the prefix."""
    app = Celery("stancewatch", broker=celery_url(broker_url), set_as_current=True)
    app.conf.update(
        imports=("worker.tasks",),
        task_queues=[_queue(name) for name in QUEUES],
        task_routes={task: {"queue": queue} for task, queue in ROUTES.items()},
        task_default_queue=FETCH,
        beat_schedule={
            # An expired tick is dropped: after a rest of hours one tick does all that is due.
            "tick": {"task": "tick", "schedule": tick_s, "options": {"expires": max(3 * tick_s, 15)}},
            "upkeep": {"task": "upkeep", "schedule": UPKEEP_S, "options": {"expires": UPKEEP_S}},
        },
        beat_max_loop_interval=min(tick_s, 5),
        beat_scheduler="celery.beat:Scheduler",  # in memory: beat decides nothing that is worth keeping
        **_broker(f"{prefix}:broker:"),
        **_delivery(hard_limit_s),
    )
    return app


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name, type="direct"), routing_key=name)


def _broker(key_prefix: str) -> dict[str, Any]:
    """Return how we talk to the broker: any silence is noticed, any outage is waited out."""
    return {
        "broker_transport_options": {
            "global_keyprefix": key_prefix,
            "visibility_timeout": VISIBILITY_S,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 30,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 5,
            "max_retries": 1,  # of those who ring: they have other things to do than to wait
        },
        "visibility_timeout": VISIBILITY_S,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_pool_limit": 4,
        # A lease in the ledger keeps two workers off one item; a task cut short would cost the item an attempt.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


def _delivery(hard_limit_s: float) -> dict[str, Any]:
    """Return how tasks are taken, bounded and forgotten. Failures live in the ledger, never in the queue."""
    return {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,
        "task_ignore_result": True,
        "task_time_limit": hard_limit_s,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "enable_utc": True,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": _CHILD_TASKS,
        "worker_max_memory_per_child": _CHILD_RSS_KB,
        "worker_soft_shutdown_timeout": SOFT_SHUTDOWN_S,  # after SIGQUIT; SIGTERM waits for tasks alone
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


def celery_url(url: str) -> str:
    """Return a Redis address in Celery's spelling: sockets are ``redis+socket://``, the database a virtual host."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    options = {{"db": "virtual_host"}.get(name, name): value for name, value in parse_qsl(parts.query)}
    return f"redis+socket://{parts.path}" + (f"?{urlencode(options)}" if options else "")


def worker_arguments(worker: str, *, concurrency: int) -> list[str]:
    """Return what follows ``celery -A worker.app``: threads that move bytes, or children that can be killed."""
    queues = ",".join((*WORKERS[worker], canary_queue(node_name(worker))))
    pool = "threads" if worker == FETCH else "prefork"
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    size = ["--pool", pool, "--concurrency", str(concurrency)]
    return ["worker", "--queues", queues, "--hostname", node_name(worker), *size, *quiet]


def node_name(worker: str) -> str:
    """Return how the worker is known among all hosts."""
    return f"{worker}@{platform.node()}"


def live(app: Celery, *, vitals: Callable[[], RedisVitals], begin_child: Callable[[], object]) -> None:
    """Have the workers of the application show that they work, and limit the children of the process worker.

    ``begin_child`` runs once in each child, after the fork; ``vitals`` is asked for at the first task.
    """

    @app.task(name="canary")
    def canary(node: str, **_: object) -> None:
        """Run: that is all a canary is for."""
        with suppress(StoreUnavailable):
            vitals().canary_ran(node)

    def begin_task(task: Task[..., Any], **_: object) -> None:
        child_limits.allow_cpu(HARD_LIMIT_S)
        with suppress(StoreUnavailable):
            vitals().task_started(task.request.hostname or "")

    signals.worker_process_init.connect(lambda **_: begin_child(), weak=False)
    signals.task_prerun.connect(begin_task, weak=False)


def _begin_child() -> None:
    """Bind a new child to its parent and to its memory, and build its services: connections are not forked."""
    child_limits.begin(memory_mb=settings().child_memory_mb)
    from worker.wiring import services  # noqa: PLC0415 - it imports every stage; only those who work need them

    services()


def _log_our_way(**_: object) -> None:
    """Take logging out of Celery's hands; being connected is what does it."""
    configure(level=settings().log_level, secrets=settings().secret_texts(), json=settings().log_json)


@cache
def settings() -> Settings:
    """Return the settings of this process, from ``STANCEWATCH_CONFIG`` or ``./config``."""
    return load_settings(Path(os.environ.get("STANCEWATCH_CONFIG", "config")).resolve())  # noqa: TID251 - where settings are cannot be a setting


@cache
def redis_url() -> str:
    """Return the address of the broker and ledger: the one given, or where our own server listens."""
    given = settings().redis_url
    return given.get_secret_value() if given else server_url(settings().data_dir / "redis")


@cache
def _vitals() -> RedisVitals:
    return RedisVitals(RedisLink(redis_url(), settings().redis_prefix, timeout_s=2))


@cache
def _configured() -> Celery:
    app = create_app(redis_url(), settings().redis_prefix, tick_s=settings().tick_s)
    live(app, vitals=_vitals, begin_child=_begin_child)
    signals.setup_logging.connect(_log_our_way)
    return app


def __getattr__(name: str) -> Celery:
    """Make ``app`` when it is first asked for: importing this module needs no configuration."""
    if name in {"app", "celery"}:
        return _configured()
    raise AttributeError(name)
