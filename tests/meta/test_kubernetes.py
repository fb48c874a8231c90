"""The Kubernetes example starts commands that exist with settings that exist, hardened and limited as the containers are."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from test_deployment import parses

from worker.settings.load import ALSO_READ, KEYS

ROOT = Path(__file__).parents[2]
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((ROOT / "ops/kubernetes/stancewatch.yml").read_text()))
PODS = {each["metadata"]["name"]: each["spec"]["template"] for each in OBJECTS if "template" in each.get("spec", {})}
KNOWN = {f"STANCEWATCH_{key.upper()}" for key in KEYS} | set(ALSO_READ)


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in OBJECTS if each["kind"] == kind]


def test_it_is_one_of_each_process_and_the_set_up() -> None:
    assert sorted(PODS) == [f"stancewatch-{name}" for name in ("beat", "fetch", "process", "setup", "web")]


@pytest.mark.parametrize("name", sorted(PODS))
def test_each_pod_runs_a_command_that_exists_hardened_and_limited(name: str) -> None:
    spec = PODS[name]["spec"]
    [container] = spec["containers"]
    assert parses(container["args"])
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert spec["securityContext"]["runAsUser"] == 10001
    assert not spec["automountServiceAccountToken"]
    assert "memory" in container["resources"]["limits"]
    assert container["image"].rpartition(":")[2] not in {"", "latest"}
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_every_setting_that_pods_are_given_exists() -> None:
    [environment] = of_kind("ConfigMap")
    given = set(environment["data"])
    for template in PODS.values():
        [container] = template["spec"]["containers"]
        given |= {each["name"] for each in container.get("env", [])}
        assert {"configMapRef": {"name": environment["metadata"]["name"]}} in container["envFrom"]
    assert given <= KNOWN


def test_services_policies_and_deployments_choose_pods_that_are_there() -> None:
    labels = [template["metadata"]["labels"] for template in PODS.values()]
    chosen = [each["spec"]["selector"] for each in of_kind("Service")]
    chosen += [each["spec"]["selector"]["matchLabels"] for each in of_kind("Deployment")]
    chosen += [each["spec"]["podSelector"]["matchLabels"] for each in of_kind("NetworkPolicy")]
    assert all(any(want.items() <= have.items() for have in labels) for want in chosen)


def test_a_stop_has_the_time_that_the_workers_ask_for() -> None:
    deployed = [each["spec"]["template"]["spec"] for each in of_kind("Deployment")]
    assert all(spec["terminationGracePeriodSeconds"] > 40 for spec in deployed)
