from pathlib import Path

from worker.alert.rule_form import rules_from_mapping
from worker.settings.yaml_source import parse_yaml, read_yaml

ROOT = Path(__file__).parents[3]


def test_the_shipped_rules_load() -> None:
    book = rules_from_mapping(read_yaml(ROOT / "config" / "alerts.yml", "config/alerts.yml").value)
    assert [rule.id for rule in book.rules] == [
        "new-demands",
        "changed-positions",
        "new-terms",
        "deadlines",
        "threats-trial",
    ]
    assert set(book.channels) == {"console", "file"}


def test_the_rule_in_the_documentation_loads() -> None:
    text = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    form = parse_yaml(example.encode(), "docs/alerts.md").value | {"channels": {"console": {"kind": "console"}}}
    rule = rules_from_mapping(_without_kql(form)).rules[0]
    assert (rule.min_families, rule.digest, rule.shadow) == (2, "0 7 * * *", True)


def _without_kql(form: dict) -> dict:  # type: ignore[type-arg]
    """KQL is compiled by the store's side, which this test has none of."""
    form["rules"][0]["match"].pop("kql")
    return form
