"""Build ops/kibana/stancewatch.ndjson, what Kibana imports, from ops/kibana/source.yml.

python scripts/build_kibana.py            write the file
python scripts/build_kibana.py --check    fail if the file differs from what would be written

The same source gives the same bytes: ids are made of the source's keys, keys are sorted, no time is written. Version
marks are those of Kibana 8.8, since Kibana takes objects of its own version and of older ones and refuses newer ones.
"""

import json
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "ops" / "kibana" / "source.yml"
TARGET = ROOT / "ops" / "kibana" / "stancewatch.ndjson"
TEMPLATES = ROOT / "config" / "elasticsearch"

IDS = uuid.UUID("6f1c7f0e-2f0b-5a52-9a51-0d5b8a3f6c11")
INDEX_PREFIX = "stancewatch"
KIBANA = "8.8.0"
MARKS = {"index-pattern": "8.0.0", "search": "7.9.3", "dashboard": "8.7.0"}
"""Type of object → version of its last change before Kibana 8.8."""

Json = dict[str, Any]

FORMATS: Mapping[str, Json] = {
    "link": {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}},
    "percent": {"id": "percent", "params": {"pattern": "0%"}},
    "seconds": {"id": "duration", "params": {"inputFormat": "seconds", "outputFormat": "humanize"}},
}
NUMBERS = {"unique": "unique_count", "sum": "sum", "average": "average", "median": "median", "max": "max"}
"""How the source names a number over a field → how Lens does."""

LAYER = "layer"
RECORDS = "___records___"
GROUPS_SHOWN = 20


def build(source: Mapping[str, Any]) -> list[Json]:
    """Return the saved objects that the source describes, data views first."""
    views = source["data_views"]
    return [
        *(_data_view(kind, view) for kind, view in views.items()),
        *(_search(key, one, views) for key, one in source["searches"].items()),
        *(_dashboard(key, one, views) for key, one in source["dashboards"].items()),
    ]


def ndjson(objects: Sequence[Json]) -> str:
    """Return the objects one a line, always in the same order of keys."""
    return "".join(_text(each) + "\n" for each in objects)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def object_id(kind: str, key: str) -> str:
    """Return the id of an object, for ever the same for this key."""
    return str(uuid.uuid5(IDS, f"{kind}/{key}"))


def _object(kind: str, key: str, attributes: Json, references: Sequence[Json] = ()) -> Json:
    return {
        "type": kind,
        "id": object_id(kind, key),
        "attributes": attributes,
        "references": list(references),
        "coreMigrationVersion": KIBANA,
        "typeMigrationVersion": MARKS[kind],
        "managed": False,
    }


def _reference(kind: str, key: str, name: str) -> Json:
    return {"type": kind, "id": object_id(kind, key), "name": name}


def _data_view(kind: str, view: Mapping[str, Any]) -> Json:
    attributes = {
        "title": f"{INDEX_PREFIX}-{kind}",
        "name": view["name"],
        "fieldFormatMap": _text({field: FORMATS[name] for field, name in view.get("formats", {}).items()}),
        # A desk imported before the first article must not complain of an index that is not there yet.
        "allowNoIndex": True,
    }
    return _object("index-pattern", kind, attributes | ({"timeFieldName": view["time"]} if "time" in view else {}))


def _kuery(query: str, view: Mapping[str, Any]) -> Json:
    always = view.get("always", "")
    joined = f"({always}) and ({query})" if always and query else always or query
    return {"query": joined, "language": "kuery"}


def _search(key: str, search: Mapping[str, Any], views: Mapping[str, Any]) -> Json:
    index = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": _kuery(search["query"], views[search["view"]]), "filter": [], "indexRefName": index}
    attributes = {
        "title": f"Stancewatch: {search['title'][:1].lower()}{search['title'][1:]}",
        "description": search.get("description", ""),
        "columns": search["columns"],
        "sort": [[search["sort"], "desc"]],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text(source)},
        **_time_range(search.get("from")),
    }
    return _object("search", key, attributes, [_reference("index-pattern", search["view"], index)])


def _time_range(since: str | None) -> Json:
    return {"timeRestore": True, "timeRange": {"from": since, "to": "now"}} if since else {"timeRestore": False}


def _dashboard(key: str, board: Mapping[str, Any], views: Mapping[str, Any]) -> Json:
    panels: list[Json] = []
    references: list[Json] = []
    for name, panel in board["panels"].items():
        panel_id = object_id("panel", f"{key}/{name}")
        body, needs = _panel(panel_id, panel, views)
        panels.append(body)
        references += needs
    controls = {object_id("control", f"{key}/{each['field']}"): each for each in board.get("controls", ())}
    references += [
        _reference("index-pattern", each["view"], f"controlGroup_{control_id}:optionsListDataView")
        for control_id, each in controls.items()
    ]
    attributes = {
        "title": board["title"],
        "description": board["description"],
        "timeRestore": True,
        "timeFrom": board["from"],
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60_000},
        "optionsJSON": _text({"useMargins": True, "syncColors": True, "syncCursor": True, "hidePanelTitles": False}),
        "panelsJSON": _text(panels),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text({"query": _kuery("", {}), "filter": []})},
        "version": 1,
        **({"controlGroupInput": _control_group(controls)} if controls else {}),
    }
    return _object("dashboard", key, attributes, references)


def _control_group(controls: Mapping[str, Mapping[str, Any]]) -> Json:
    panels = {
        control_id: {
            "type": "optionsListControl",
            "order": order,
            "grow": True,
            "width": "medium",
            "explicitInput": {
                "id": control_id,
                "fieldName": each["field"],
                "title": each["title"],
                "singleSelect": each.get("single", False),
                "selectedOptions": [],
                "enhancements": {},
            },
        }
        for order, (control_id, each) in enumerate(controls.items())
    }
    nothing_ignored = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    return {
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": _text(nothing_ignored),
        "panelsJSON": _text(panels),
    }


def _panel(panel_id: str, panel: Mapping[str, Any], views: Mapping[str, Any]) -> tuple[Json, list[Json]]:
    """Return a panel and the references that its dashboard needs for it."""
    x, y, width, height = panel["at"]
    place = {
        "version": KIBANA,
        "panelIndex": panel_id,
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": panel_id},
    }
    if panel["kind"] == "search":
        body = {"type": "search", "panelRefName": f"panel_{panel_id}", "embeddableConfig": {"enhancements": {}}}
        return place | body, [_reference("search", panel["search"], f"{panel_id}:panel_{panel_id}")]
    layer = _reference("index-pattern", panel["view"], f"indexpattern-datasource-layer-{LAYER}")
    lens = {
        "title": panel["title"],
        "type": "lens",
        "visualizationType": _PICTURES[panel["kind"]][0],
        "state": _lens_state(panel, views[panel["view"]], Templates(panel["view"])),
        "references": [layer],
    }
    body = {
        "type": "lens",
        "title": panel["title"],
        "embeddableConfig": {"attributes": lens, "enhancements": {}, "hidePanelTitles": False},
    }
    return place | body, [layer | {"name": f"{panel_id}:{layer['name']}"}]


class Templates:
    """The types of a kind's fields, as Lens calls them."""

    def __init__(self, kind: str) -> None:
        template = json.loads((TEMPLATES / f"{kind}.json").read_text(encoding="utf-8"))
        self._properties = template["template"]["mappings"]["properties"]

    def type_of(self, path: str) -> str:
        """Return string, date, number or boolean; KeyError names a field that is not there."""
        found: Any = {"properties": self._properties}
        for name in path.split("."):
            inner = found.get("properties", found.get("fields", {}))
            if name not in inner:
                raise KeyError(path)
            found = inner[name]
        return {"date": "date", "boolean": "boolean", "long": "number", "double": "number"}.get(found["type"], "string")


def _lens_state(panel: Mapping[str, Any], view: Mapping[str, Any], types: Templates) -> Json:
    columns = dict(_columns(panel, types))
    layer = {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}, "sampling": 1}
    return {
        "visualization": _PICTURES[panel["kind"]][1](panel, list(columns)),
        "query": _kuery(panel.get("query", ""), view),
        "filters": [],
        "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
        "internalReferences": [],
        "adHocDataViews": {},
    }


def _columns(panel: Mapping[str, Any], types: Templates) -> Iterator[tuple[str, Json]]:
    """Yield the columns in Lens's order: what groups, the outer first, then the values."""
    values = panel.get("values") or [panel["value"]]
    order = _ordering(values[0])
    for number, (name, field) in enumerate(_groups(panel, types)):
        # A row must not vanish because one of its later columns is empty.
        is_inner_row = number > 0 and "rows" in panel
        yield name, _bucket(field, types.type_of(field), order | {"otherBucket": is_inner_row})
    for number, value in enumerate(values):
        yield f"value{number}", _number(value, types)


def _groups(panel: Mapping[str, Any], types: Templates) -> list[tuple[str, str]]:
    """Return name and field of each grouping. Series go before a time axis, to be the same at every point of it."""
    rows = [(f"row{number}", field) for number, field in enumerate(panel.get("rows", ()))]
    is_over_time = "x" in panel and types.type_of(panel["x"]) == "date"
    names = ("across", "by", "x") if is_over_time else ("across", "x", "by")
    return rows + [(name, panel[name]) for name in names if name in panel]


def _ordering(value: object) -> Json:
    """Return how groups are ordered: by the first value, or by name where that is not a number."""
    if isinstance(value, dict) and "last" in value:
        return {"orderBy": {"type": "alphabetical", "fallback": True}, "orderDirection": "asc"}
    return {"orderBy": {"type": "column", "columnId": "value0"}, "orderDirection": "desc"}


def _bucket(field: str, kind: str, order: Json) -> Json:
    column: Json = {
        "label": _label(field),
        "customLabel": True,
        "dataType": kind,
        "isBucketed": True,
        "sourceField": field,
    }
    if kind == "date":
        params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
        return column | {"operationType": "date_histogram", "scale": "interval", "params": params}
    params = {
        **order,
        "size": GROUPS_SHOWN,
        "missingBucket": order["otherBucket"],
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }
    return column | {"operationType": "terms", "scale": "ordinal", "params": params}


def _number(value: Any, types: Templates) -> Json:  # noqa: ANN401 - a word or a mapping of the source
    column: Json = {"isBucketed": False, "scale": "ratio", "dataType": "number", "customLabel": True, "params": {}}
    if value == "count":
        return column | {"operationType": "count", "sourceField": RECORDS, "label": "Count"}
    (name, field), *_ = value.items()
    column |= {"sourceField": field, "label": _label(field)}
    if name == "last":
        return column | {
            "operationType": "last_value",
            "dataType": types.type_of(field),
            "scale": "ordinal",
            "filter": {"query": f'"{field}": *', "language": "kuery"},
            "params": {"sortField": value["by"], "showArrayValues": False},
        }
    label = {"unique": "different", "max": "latest" if types.type_of(field) == "date" else "highest"}.get(name, name)
    kind = "date" if name == "max" and types.type_of(field) == "date" else "number"
    return column | {"operationType": NUMBERS[name], "dataType": kind, "label": f"{_label(field)}, {label}"}


def _label(field: str) -> str:
    """Return what people call a field: ``stance.condition_issue`` is Condition issue, ``feed.lag_s`` Lag."""
    if field == "@timestamp":
        return "Time"
    group, _, last = field.rpartition(".")
    name = group if last in {"id", "name"} else last
    return name.removesuffix("_s").replace("_", " ").capitalize()


def _metric(_: Mapping[str, Any], columns: list[str]) -> Json:
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": columns[0]}


def _chart(panel: Mapping[str, Any], columns: list[str]) -> Json:
    series = "bar_stacked" if panel["kind"] == "bars" else "line"
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": "x",
        "accessors": columns[-1:],
        "position": "top",
        "showGridlines": False,
        **({"splitAccessor": "by"} if "by" in panel else {}),
    }
    return {
        "preferredSeriesType": series,
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "layers": [layer],
    }


def _pie(_: Mapping[str, Any], columns: list[str]) -> Json:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": columns[:-1],
        "metrics": columns[-1:],
        "numberDisplay": "value",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return {"shape": "donut", "layers": [layer]}


def _table(_: Mapping[str, Any], columns: list[str]) -> Json:
    shown = [{"columnId": each, **({"isTransposed": True} if each == "across" else {})} for each in columns]
    return {"layerId": LAYER, "layerType": "data", "columns": shown, "paging": {"size": 20, "enabled": True}}


_PICTURES: Mapping[str, tuple[str, Any]] = {
    "metric": ("lnsMetric", _metric),
    "bars": ("lnsXY", _chart),
    "lines": ("lnsXY", _chart),
    "pie": ("lnsPie", _pie),
    "table": ("lnsDatatable", _table),
}


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with --check say whether it is as the source wants it."""
    wanted = ndjson(build(yaml.safe_load(SOURCE.read_text(encoding="utf-8"))))
    shown = TARGET.relative_to(ROOT)
    if arguments != ["--check"]:
        TARGET.write_text(wanted, encoding="utf-8")
        print(f"{shown}: {wanted.count(chr(10))} objects")
        return 0
    is_same = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == wanted
    print(f"{shown} {'is up to date' if is_same else 'differs: run python scripts/build_kibana.py'}")
    return int(not is_same)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
