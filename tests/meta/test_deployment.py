"""The containers and units start commands that exist, hardened, with nothing published beyond loopback."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from worker.cli.main import app
from worker.settings.load import KEYS

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)


def parses(words: list[str]) -> bool:
    """Return True if the command line knows these words: its help for them ends well."""
    command: Any = typer.main.get_command(app)
    for word in words:
        inner = getattr(command, "commands", None)
        if inner is None:
            return any(parameter.param_type_name == "argument" for parameter in command.params) or word.startswith("-")
        if word not in inner:
            return False
        command = inner[word]
    return not getattr(command, "commands", None)


def test_compose_itself_accepts_the_file() -> None:
    tool = Path(sys.executable).with_name("docker-compose")
    done = subprocess.run(
        [tool, "-f", "docker-compose.yml", "--profile", "kibana", "config", "--quiet"],
        cwd=ROOT,
        env={"STANCEWATCH_WEB_TOKEN": "x", "PATH": "/usr/bin:/bin", "HOME": "/tmp"},  # noqa: S108 - no home is needed
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_a_command_that_exists(name: str) -> None:
    assert parses(SERVICES[name]["command"])


@pytest.mark.parametrize("name", OURS)
def test_each_setting_that_a_service_is_given_exists(name: str) -> None:
    given = {key for key in SERVICES[name]["environment"] if key.startswith("STANCEWATCH_")}
    assert given <= {f"STANCEWATCH_{key.upper()}" for key in KEYS}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_service_is_hardened_limited_and_pinned(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["image"].rpartition(":")[2] not in {"", "latest"}
    assert service["read_only"] or name in {"elasticsearch", "kibana"}
    assert name == "setup" or service["healthcheck"]["test"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_only_the_page_and_kibana_are_published() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web", "kibana"}


def test_our_image_does_not_run_as_root() -> None:
    assert "\nUSER 10001\n" in (ROOT / "Dockerfile").read_text()
    assert all(SERVICES[name]["user"] == "10001:10001" for name in OURS)


@pytest.mark.parametrize("process", ["fetch", "process", "beat", "web"])
def test_each_systemd_instance_is_a_command(process: str) -> None:
    script = (ROOT / "ops" / "systemd" / "start").read_text()
    assert process in script
    assert parses(["worker", process] if process in {"fetch", "process"} else [process])


def test_every_file_that_the_image_copies_exists() -> None:
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            assert all((ROOT / source).exists() for source in line.split()[1:-1]), line
