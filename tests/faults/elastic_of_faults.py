"""A real Elasticsearch that can be killed, frozen and blocked."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil
import servers_elastic
from elasticsearch import ApiError, AuthenticationException, Elasticsearch, TransportError

_SECURED = ("xpack.security.enabled: false", "xpack.security.enabled: true")
_TOO_MANY = 429


class Elastic:
    """One server on one port, through kills; use it as a context manager."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = dict(settings)
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
        self._process = servers_elastic.start(
            self._home, self._folder, port=self._port, java=self._java, extra=self._settings
        )
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

    def restart(self, *, secured: bool = False) -> None:
        """Start it again on the data that it left; ``secured``: it asks everybody for a key that nobody has."""
        file = self._folder / "config" / "elasticsearch.yml"
        text = file.read_text().replace(_SECURED[not secured], _SECURED[secured])
        file.write_text(text)
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
        self._await_refusal() if secured else self._await()

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

    def flood(self, *, seconds: float) -> int:
        """Write from 32 threads for so long; return how many of these writes were refused (429)."""
        refused: list[int] = []
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self._flood_until, args=(end, refused)) for _ in range(32)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return sum(refused)

    def _flood_until(self, end: float, refused: list[int]) -> None:
        lines = [
            line for number in range(500) for line in ({"index": {"_index": "storm"}}, {"text": "words " * number})
        ]
        with Elasticsearch(self.url, request_timeout=60, max_retries=0) as client:
            while time.monotonic() < end:
                with contextlib.suppress(ApiError):
                    items = client.bulk(operations=lines)["items"]
                    refused.append(sum(item["index"]["status"] == _TOO_MANY for item in items))

    @contextlib.contextmanager
    def in_its_place(self, alias: str, properties: Mapping[str, object]) -> Iterator[None]:
        """Have another index, with this mapping, stand behind the alias."""
        with Elasticsearch(self.url, request_timeout=30) as client:
            (index,) = client.indices.get_alias(name=alias).body
            client.indices.create(index="in-its-place", mappings={"properties": dict(properties)})
            self._swap(client, alias, index, "in-its-place")
            try:
                yield
            finally:
                self._swap(client, alias, "in-its-place", index)
                client.indices.delete(index="in-its-place")

    @staticmethod
    def _swap(client: Elasticsearch, alias: str, old: str, new: str) -> None:
        add = {"index": new, "alias": alias, "is_write_index": True}
        client.indices.update_aliases(actions=[{"remove": {"index": old, "alias": alias}}, {"add": add}])

    def _await_refusal(self) -> None:
        end = time.monotonic() + servers_elastic.START_S
        with Elasticsearch(self.url, request_timeout=5, max_retries=0) as client:
            while time.monotonic() < end:
                with contextlib.suppress(TransportError):
                    try:
                        client.cluster.health()
                    except AuthenticationException:
                        return
                time.sleep(0.5)
        raise AssertionError("Elasticsearch asks nobody for a key")

    def _await(self) -> None:
        assert self._process
        servers_elastic.wait_until_ready(self.url, self._process, self._folder)
