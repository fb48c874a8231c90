"""docs/reference/fields.md and the templates say the same."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.adapters.store_templates import read_templates
from worker.alert.outbox import claimed, settled
from worker.alert.rows import RowKind, plain_row
from worker.index.mapping import unknown_paths
from worker.model import Act
from worker.novelty.history import Entry, History, claim_document
from worker.ports import Delivery, Kind

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


NOW = datetime(2026, 3, 10, tzinfo=UTC)


def test_every_field_of_a_claim_is_in_its_template():
    entry = Entry(
        statement_id="s",
        topic="valley",
        party="arvenia",
        act=Act.DEMAND,
        issue="territory",
        evidence="Leave.",
        effective=NOW,
        article_id="a",
        story_id="a",
        arrived=NOW,
    )
    document = claim_document(History(key="valley/arvenia/demand/territory", entries=(entry,), sequence=1))
    assert unknown_paths(document, MAPPINGS[Kind.CLAIMS]) == []


@pytest.mark.parametrize("is_sent", [True, False])
def test_every_field_of_an_outbox_row_is_in_its_template(is_sent):
    row = plain_row(RowKind.SYSTEM, subject="x", channel="c", rule="r", title="t", text="t", now=NOW, due_at=NOW)
    after = settled(claimed(row, NOW), Delivery(ok=is_sent, final=True, detail="said"), NOW, jitter=0.0)
    assert unknown_paths(after, MAPPINGS[Kind.ALERTS]) == []
