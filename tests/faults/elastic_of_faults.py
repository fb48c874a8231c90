"""A real Elasticsearch that can be killed, frozen and blocked."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psutil
import servers_elastic
from elasticsearch import Elasticsearch


class Elastic:
    """One server on one port, through kills; use it as a context manager."""

    def __init__(self) -> None:
        version = servers_elastic.DEFAULT_VERSION
        java = servers_elastic.java_home(servers_elastic.OLDEST_JAVA[version.split(".", maxsplit=1)[0]])
        assert java, "no JDK"
        self._home = servers_elastic.fetching.fetch(version)
        self._java = java
        self._folder = Path(tempfile.mkdtemp(prefix="sw-elastic-faults-"))
        self._port = servers_elastic.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._env: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._process = servers_elastic.start(self._home, self._folder, port=self._port, java=self._java, extra={})
        self._env = psutil.Process(self._process.pid).environ()
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        self.freeze(on=False)
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill launcher and server."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        """Start it again on the data that it left."""
        user = servers_elastic.nobody()
        self._process = subprocess.Popen(
            [str(self._home / "bin" / "elasticsearch")],
            cwd=self._folder,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=user[0] if user else None,
            group=user[1] if user else None,
        )
        self._await()

    def freeze(self, *, on: bool) -> None:
        """Stop all its processes, or wake them."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGSTOP if on else signal.SIGCONT)

    def block_writes(self, *, on: bool) -> None:
        """Make every index read-only, as a full disk does, or writable again."""
        with Elasticsearch(self.url, request_timeout=30) as client:
            client.indices.put_settings(
                index="_all", expand_wildcards="all", settings={"index.blocks.read_only_allow_delete": on or None}
            )

    def _await(self) -> None:
        assert self._process
        servers_elastic.wait_until_ready(self.url, self._process, self._folder)
