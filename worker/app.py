"""Where ``celery -A worker.app`` finds the application: made from the settings when it is first asked for."""

import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery, Task, signals
from celery.exceptions import CPendingDeprecationWarning

from worker.adapters import child_limits
from worker.adapters.celery_app import HARD_LIMIT_S, create_app
from worker.adapters.embedded_server import server_url
from worker.adapters.redis_link import RedisLink
from worker.adapters.redis_vitals import RedisVitals
from worker.errors import StoreUnavailable
from worker.log import configure
from worker.settings import Settings, load_settings


def live(
    app: Celery,
    *,
    vitals: Callable[[], RedisVitals],
    begin_child: Callable[[], object],
    before_fork: Callable[[], object] = lambda: None,
) -> None:
    """Have the workers of the application show that they work, and limit the children of the process worker.

    ``before_fork`` runs in the parent: what it loads, every child inherits. ``begin_child`` runs once in each child;
    ``vitals`` is asked for at the first task.
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

    signals.worker_before_create_process.connect(lambda **_: before_fork(), weak=False)
    signals.worker_process_init.connect(lambda **_: begin_child(), weak=False)
    signals.task_prerun.connect(begin_task, weak=False)


@cache
def _before_fork() -> None:
    """Load the tables and models of extraction once for all children; it opens no connection."""
    from worker.extract.service import warm  # noqa: PLC0415 - only the process worker needs them

    warm()


def _begin_child() -> None:
    """Bind a new child to its parent and to its memory, and build its services: connections are not forked."""
    child_limits.begin(memory_mb=settings().child_memory_mb)
    from worker.wiring import services  # noqa: PLC0415 - it imports every stage; only those who work need them

    services().warm()


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
    app.set_default()
    live(app, vitals=_vitals, begin_child=_begin_child, before_fork=_before_fork)
    signals.setup_logging.connect(_log_our_way)
    # Celery warns at each lost connection that running tasks go on; that is what we want (celery_app._broker).
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
    return app


def __getattr__(name: str) -> Celery:
    """Make ``app`` when it is first asked for: importing this module needs no configuration."""
    if name in {"app", "celery"}:
        return _configured()
    raise AttributeError(name)
