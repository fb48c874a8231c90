"""The Celery application: queues, routes and times. The broker is a doorbell; the work stands in the ledger."""

import platform
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from celery import Celery
from kombu import Exchange, Queue
from kombu.transport import redis as transport
from kombu.transport import virtual

from worker.liveness import canary_queue

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


class ForgivingQoS(transport.QoS):
    """Gives a place in the prefetch window back even if the broker could not be told that its message is done.

    kombu 5.7 keeps the place: after a restart of Redis a worker with two places waits for ever once both are lost.
    The message itself is handed out again after the visibility timeout, and the ledger knows that it is done.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge, or at least stop counting the message as under way."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


def create_app(broker_url: str, prefix: str, *, tick_s: float = 5, hard_limit_s: float = HARD_LIMIT_S) -> Celery:
    """Return the application on a broker (``redis://``, ``rediss://`` or ``unix://``); all its keys get the prefix."""
    transport.Channel.QoS = ForgivingQoS
    app = Celery("stancewatch", broker=celery_url(broker_url), set_as_current=False)
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
