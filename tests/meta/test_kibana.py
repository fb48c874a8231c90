"""The saved objects for Kibana, checked as far as that goes without a Kibana: references, fields, queries, ids, bytes."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.adapters.kibana import with_prefix
from worker.adapters.store_templates import read_templates
from worker.errors import QueryRefused
from worker.index.kql import parse
from worker.index.mapping import FieldType, KindMapping
from worker.ports import Kind

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "scripts" / "build_kibana.py"
TEXT = (ROOT / "ops" / "kibana" / "stancewatch.ndjson").read_text(encoding="utf-8")
MAPPINGS = read_templates(ROOT / "config" / "elasticsearch").mappings
NOW = datetime(2026, 3, 10, tzinfo=UTC)
LENS = {"lnsXY", "lnsPie", "lnsMetric", "lnsDatatable"}
SAFE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Json = dict[str, Any]


def unfolded(value: Any, key: str = "") -> Any:
    """Return the value with every string that is JSON inside, by its name, read."""
    if isinstance(value, dict):
        return {name: unfolded(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [unfolded(each) for each in value]
    return unfolded(json.loads(value)) if key.endswith("JSON") or key == "fieldFormatMap" else value


OBJECTS: list[Json] = [unfolded(json.loads(line)) for line in TEXT.splitlines()]
BY_ID = {one["id"]: one for one in OBJECTS}
VIEWS = {
    one["id"]: Kind(one["attributes"]["title"].removeprefix("stancewatch-"))
    for one in OBJECTS
    if one["type"] == "index-pattern"
}
SEARCHES = [one for one in OBJECTS if one["type"] == "search"]
DASHBOARDS = [one for one in OBJECTS if one["type"] == "dashboard"]

FIRST_IDS = {
    "Stancewatch: situation": "fbb72521-a5e3-5f10-8bae-cac91a4ae711",
    "Stancewatch: party profile": "3056a97b-abb0-52cd-8dae-375a6bc19be5",
    "Stancewatch: source coverage and lag": "01f542a6-af77-5103-9eb6-2d10293ac5b6",
    "Stancewatch: pipeline health": "70abfccf-8b4b-5f85-8a3b-41e7710697c9",
}


def named(one: Json) -> str:
    return str(one["attributes"].get("title", one["id"]))


def mapping_of(references: list[Json]) -> KindMapping:
    """Return the mapping behind the one data view among the references."""
    (view,) = [each["id"] for each in references if each["type"] == "index-pattern"]
    return MAPPINGS[VIEWS[view]]


PANELS = [
    pytest.param(board, panel, id=f"{named(board)} - {panel.get('title', panel['type'])}")
    for board in DASHBOARDS
    for panel in board["attributes"]["panelsJSON"]
]
LENS_PANELS = [
    pytest.param(each.values[1]["embeddableConfig"]["attributes"], id=each.id)
    for each in PANELS
    if each.values[1]["type"] == "lens"
]


def columns(lens: Json) -> dict[str, Json]:
    (layer,) = lens["state"]["datasourceStates"]["formBased"]["layers"].values()
    assert sorted(layer["columnOrder"]) == sorted(layer["columns"])
    return layer["columns"]


def test_the_file_is_what_the_script_builds_of_the_source() -> None:
    checked = subprocess.run([sys.executable, str(BUILD), "--check"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "ops/kibana/stancewatch.ndjson is up to date\n")


def test_two_builds_have_the_same_bytes() -> None:
    spec = importlib.util.spec_from_file_location("build_kibana", BUILD)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    source = (ROOT / "ops" / "kibana" / "source.yml").read_text(encoding="utf-8")
    first, second = (script.ndjson(script.build(yaml.safe_load(source))) for _ in range(2))
    assert first.encode() == second.encode() == TEXT.encode()


def test_the_desk_has_what_an_analyst_looks_for() -> None:
    assert sorted(VIEWS.values()) == ["alerts", "articles", "claims", "feeds", "parked", "statements"]
    assert {named(one) for one in DASHBOARDS} == {
        "Stancewatch: situation",
        "Stancewatch: party profile",
        "Stancewatch: source coverage and lag",
        "Stancewatch: pipeline health",
    }
    assert {named(one) for one in SEARCHES} >= {
        "Stancewatch: new demands of the last 7 days",
        "Stancewatch: open demands",
        "Stancewatch: one party's positions",
        "Stancewatch: changed positions",
        "Stancewatch: for review, least certain",
    }


def test_ids_are_unique_and_stay_as_they_were_first_given() -> None:
    assert len(BY_ID) == len(OBJECTS)
    assert all(SAFE_ID.fullmatch(each) for each in BY_ID)
    # Links and bookmarks of readers hold these ids.
    assert {named(one): one["id"] for one in DASHBOARDS} == FIRST_IDS


def test_versions_are_low_enough_for_the_oldest_kibana() -> None:
    marks = {(one["type"], one["coreMigrationVersion"], one["typeMigrationVersion"]) for one in OBJECTS}
    assert marks == {
        ("index-pattern", "8.8.0", "8.0.0"),
        ("search", "8.8.0", "7.9.3"),
        ("dashboard", "8.8.0", "8.7.0"),
    }


@pytest.mark.parametrize("one", OBJECTS, ids=named)
def test_every_reference_leads_to_an_object_of_its_type(one: Json) -> None:
    assert all(BY_ID[each["id"]]["type"] == each["type"] for each in one["references"])
    names = [each["name"] for each in one["references"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_every_panel_finds_its_references_in_the_dashboard(board: Json, panel: Json) -> None:
    found = {each["name"]: each["id"] for each in board["references"]}
    if panel["type"] == "search":
        assert f"{panel['panelIndex']}:{panel['panelRefName']}" in found
        return
    lens = panel["embeddableConfig"]["attributes"]
    layers = lens["state"]["datasourceStates"]["formBased"]["layers"]
    assert [each["name"] for each in lens["references"]] == [f"indexpattern-datasource-layer-{key}" for key in layers]
    for each in lens["references"]:
        assert found[f"{panel['panelIndex']}:{each['name']}"] == each["id"]


@pytest.mark.parametrize("board", DASHBOARDS, ids=named)
def test_panels_lie_on_the_grid_and_not_on_each_other(board: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["attributes"]["panelsJSON"]:
        grid = panel["gridData"]
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken
        assert grid["x"] + grid["w"] <= 48
        assert grid["i"] == panel["panelIndex"]
        taken |= cells


@pytest.mark.parametrize("lens", LENS_PANELS)
def test_a_picture_is_of_lens_and_shows_columns_that_it_has(lens: Json) -> None:
    assert lens["visualizationType"] in LENS
    known = set(columns(lens))
    assert set(shown_columns(lens["state"]["visualization"])) == known
    for column in columns(lens).values():
        ordered = column["params"].get("orderBy", {})
        assert ordered.get("columnId", "value0") in known


def shown_columns(value: Any, key: str = "") -> Iterator[str]:
    """Yield every column that a visualization names."""
    accessors = {"metricAccessor", "accessors", "xAccessor", "splitAccessor", "primaryGroups", "metrics", "columnId"}
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from shown_columns(inner, name)
    elif isinstance(value, list):
        for each in value:
            yield from shown_columns(each, key)
    elif key in accessors:
        yield value


AGGREGATABLE = {
    "terms": {FieldType.KEYWORD, FieldType.NUMBER, FieldType.BOOLEAN},
    "date_histogram": {FieldType.DATE},
    "unique_count": {FieldType.KEYWORD},
    "last_value": {FieldType.KEYWORD, FieldType.NUMBER, FieldType.DATE},
    "max": {FieldType.NUMBER, FieldType.DATE},
    "sum": {FieldType.NUMBER},
    "average": {FieldType.NUMBER},
    "median": {FieldType.NUMBER},
}
LENS_TYPES = {
    FieldType.KEYWORD: "string",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "boolean",
}


@pytest.mark.parametrize("lens", LENS_PANELS)
def test_every_field_of_a_picture_is_in_the_template_and_can_be_aggregated(lens: Json) -> None:
    fields = mapping_of(lens["references"]).fields
    for column in columns(lens).values():
        if column["operationType"] == "count":
            assert column["sourceField"] == "___records___"
            continue
        field = fields[column["sourceField"]]
        assert field.type in AGGREGATABLE[column["operationType"]], field.path
        if column["operationType"] in {"terms", "date_histogram", "last_value"}:
            assert column["dataType"] == LENS_TYPES[field.type]
        if column["operationType"] == "last_value":
            assert not field.many
            assert fields[column["params"]["sortField"]].type is FieldType.DATE


@pytest.mark.parametrize("lens", LENS_PANELS)
def test_every_query_of_a_picture_can_be_read(lens: Json) -> None:
    mapping = mapping_of(lens["references"])
    kql = lens["state"]["query"]["query"]
    assert not kql or parse(kql, mapping, now=NOW)
    for column in columns(lens).values():
        if "filter" in column:  # a quoted field name is Lens's own way of writing it
            assert parse(column["filter"]["query"].replace('"', ""), mapping, now=NOW)


@pytest.mark.parametrize("search", SEARCHES, ids=named)
def test_a_search_asks_and_shows_fields_that_exist(search: Json) -> None:
    mapping, attributes = mapping_of(search["references"]), search["attributes"]
    assert set(attributes["columns"]) <= set(mapping.fields)
    ((field, direction),) = attributes["sort"]
    assert (mapping.fields[field].type, mapping.fields[field].many, direction) == (FieldType.DATE, False, "desc")
    source = attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]
    assert parse(source["query"]["query"], mapping, now=NOW)
    assert source["indexRefName"] in {each["name"] for each in search["references"]}


@pytest.mark.parametrize("board", DASHBOARDS, ids=named)
def test_a_control_filters_by_a_field_that_every_panel_of_its_dashboard_has(board: Json) -> None:
    # Kibana applies a control to all panels: one without the field would be empty.
    controls = board["attributes"].get("controlGroupInput", {"panelsJSON": {}})["panelsJSON"]
    found = {each["name"]: each["id"] for each in board["references"]}
    for key, control in controls.items():
        field = control["explicitInput"]["fieldName"]
        assert MAPPINGS[VIEWS[found[f"controlGroup_{key}:optionsListDataView"]]].fields[field].type is FieldType.KEYWORD
        for reference in board["references"]:
            holder = BY_ID[reference["id"]]
            view = holder["references"][0]["id"] if holder["type"] == "search" else holder["id"]
            assert field in MAPPINGS[VIEWS[view]].fields


@pytest.mark.parametrize("view", [one for one in OBJECTS if one["type"] == "index-pattern"], ids=named)
def test_a_data_view_formats_and_times_by_fields_that_exist(view: Json) -> None:
    fields, attributes = MAPPINGS[VIEWS[view["id"]]].fields, view["attributes"]
    assert set(attributes["fieldFormatMap"]) <= set(fields)
    if "timeFieldName" in attributes:
        assert fields[attributes["timeFieldName"]].type is FieldType.DATE


@pytest.mark.parametrize("kql", ["stance.partei: x", "stance.party: (x", "claim: x"])
def test_a_query_with_a_fault_would_be_found(kql: str) -> None:
    with pytest.raises(QueryRefused):
        parse(kql, MAPPINGS[Kind.STATEMENTS], now=NOW)


def test_another_index_prefix_changes_the_data_views_and_nothing_else() -> None:
    changed = [unfolded(json.loads(line)) for line in with_prefix(TEXT, "desk").splitlines()]
    titles = [one["attributes"].pop("title") for one in changed if one["type"] == "index-pattern"]
    assert titles == [f"desk-{kind}" for kind in VIEWS.values()]
    rest = [unfolded(json.loads(line)) for line in TEXT.splitlines()]
    for one in rest:
        if one["type"] == "index-pattern":
            one["attributes"].pop("title")
    assert changed == rest


RULES = sorted((ROOT / "ops" / "kibana" / "rules").glob("*.json"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_an_example_rule_watches_arrivals_and_asks_for_fields_that_exist(path: Path) -> None:
    rule = json.loads(path.read_text(encoding="utf-8"))
    params = rule["params"]
    (index,) = params["index"]
    fields = MAPPINGS[Kind(index.removeprefix("stancewatch-"))].fields
    assert params["timeField"] == ("event.ingested" if "event.ingested" in fields else "@timestamp")
    assert set(asked(json.loads(params["esQuery"])["query"])) <= set(fields)
    assert (rule["rule_type_id"], rule["actions"]) == (".es-query", [])


def asked(query: Json) -> Iterator[str]:
    """Yield the fields of a query that is made of bool, term, range, exists and match_all."""
    ((kind, body),) = query.items()
    match kind:
        case "bool":
            for clauses in body.values():
                for each in clauses:
                    yield from asked(each)
        case "exists":
            yield body["field"]
        case "term" | "range":
            yield from body
        case _:
            assert kind == "match_all"
