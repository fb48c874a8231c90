"""Alarms, dashboard and runbooks speak of metrics that exist, and of each other."""

import json
import re
from pathlib import Path

import pytest
import yaml

from worker.adapters.metrics import MEANINGS

OPS = Path(__file__).parents[2] / "ops"
RULES = yaml.safe_load((OPS / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = json.loads((OPS / "grafana" / "stancewatch.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [t["expr"] for panel in PANELS for t in panel["targets"]]
BALANCED = str.maketrans("", "", "".join(set(map(chr, range(128))) - set("(){}[]")))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_that_is_asked_for_exists(expression: str) -> None:
    asked = {name.removesuffix("_bucket") for name in re.findall(r"stancewatch_(\w+)", expression)}
    assert asked
    assert asked <= set(MEANINGS)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_bracket_is_closed(expression: str) -> None:
    rest = expression.translate(BALANCED)
    while (shorter := re.sub(r"\(\)|\{\}|\[\]", "", rest)) != rest:
        rest = shorter
    assert rest == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alarm_has_a_runbook_that_names_it(rule: dict[str, dict[str, str]]) -> None:
    book = OPS.parent / rule["annotations"]["runbook"]
    assert f"`{rule['alert']}`" in book.read_text()


def test_every_runbook_of_an_alarm_is_reached_from_it() -> None:
    named = {Path(rule["annotations"]["runbook"]).name for rule in RULES}
    recipes = {"backup.md", "deletion.md", "upgrade.md", "elasticsearch-snapshot.md"}
    assert {path.name for path in (OPS / "runbooks").glob("*.md")} - recipes == named
