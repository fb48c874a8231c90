"""docs/reference/fields.md and the templates say the same."""

import re
from pathlib import Path

import pytest

from worker.adapters.store_templates import read_templates
from worker.ports import Kind

ROOT = Path(__file__).parents[2]
MAPPINGS = read_templates(ROOT / "config" / "elasticsearch").mappings
PAGE = (ROOT / "docs" / "reference" / "fields.md").read_text(encoding="utf-8")


def documented(kind: Kind) -> dict[str, str]:
    section = PAGE.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", section, flags=re.MULTILINE))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_is_documented_with_its_type_and_no_other(kind):
    mapping = MAPPINGS[kind]
    types = {
        field.path: field.type + ", folded" * field.folds + ", list" * field.many for field in mapping.fields.values()
    }
    assert documented(kind) == types | dict.fromkeys(mapping.stored_only, "object")


@pytest.mark.parametrize("kind", list(Kind))
def test_lookups_and_default_fields_name_fields_that_exist(kind):
    mapping = MAPPINGS[kind]
    columns = {field.path for field in mapping.columns()}
    assert {path for lookup in mapping.lookups for path in lookup} <= columns
    assert set(mapping.default_fields) <= {field.path for field in mapping.texts()}
