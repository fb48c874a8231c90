"""The embedded server through real kills."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from worker.adapters.embedded_server import EmbeddedServer, answers, running_url, socket_path
from worker.errors import DependencyMissing

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "redis")
    yield server
    server.stop()


def test_what_was_written_is_there_after_kill_9(server: EmbeddedServer) -> None:
    with redis.Redis.from_url(server.start()) as client:
        for number in range(200):
            client.set(f"key:{number}", number)
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)

    with redis.Redis.from_url(server.start()) as client:
        assert client.dbsize() == 200


def test_it_stops_clean_and_leaves_no_socket(server: EmbeddedServer, tmp_path: Path) -> None:
    server.start()
    assert running_url(tmp_path / "redis") == server.url

    server.stop()

    assert running_url(tmp_path / "redis") is None
    assert not socket_path(tmp_path / "redis").exists()
    assert not (tmp_path / "redis" / "server.pid").exists()


def test_a_frozen_server_can_be_stopped(server: EmbeddedServer) -> None:
    server.start()
    assert server.pid
    os.kill(server.pid, signal.SIGSTOP)

    started = time.monotonic()
    server.stop()

    assert time.monotonic() - started < 20


def test_an_orphan_on_the_folder_is_stopped_before_a_new_one_starts(server: EmbeddedServer, tmp_path: Path) -> None:
    orphan = EmbeddedServer(tmp_path / "redis")
    with redis.Redis.from_url(orphan.start()) as client:
        client.set("kept", "yes")
    left_behind = orphan.pid

    with redis.Redis.from_url(server.start()) as client:
        assert client.get("kept") == b"yes"

    assert server.pid != left_behind
    assert not orphan.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_it_dies_with_whoever_started_it(tmp_path: Path) -> None:
    program = """
import pathlib, sys, time
from worker.adapters.embedded_server import EmbeddedServer
EmbeddedServer(pathlib.Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(60)
"""
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "redis")], stdout=subprocess.PIPE)
    with starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        starter.kill()

    deadline = time.monotonic() + 30
    while running_url(tmp_path / "redis") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running_url(tmp_path / "redis") is None


def test_a_folder_that_cannot_be_read_gives_the_servers_own_words(server: EmbeddedServer, tmp_path: Path) -> None:
    folder = tmp_path / "redis" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("this is no manifest\n")

    with pytest.raises(DependencyMissing, match=r"did not start: .*manifest"):
        server.start()


def test_an_address_without_a_server_does_not_answer(tmp_path: Path) -> None:
    assert not answers(f"unix://{tmp_path}/none.sock")
