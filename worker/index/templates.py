"""Component and index templates for Elasticsearch, made of the files in ``config/elasticsearch/``. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from worker.ports import Kind

PARTS: Mapping[str, Mapping[str, Any]] = {
    "asciifolding": {"tokenizer": "standard", "filter": ["asciifolding"]},
    "english": {"analyzer": "english"},
    "russian": {"analyzer": "russian"},
    "ukrainian": {"analyzer": "ukrainian"},
}
"""Part of ``analysis.json`` → the analysis to ask a server for, to know whether it can do that part."""


def analysis_template(analysis: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    """Return the component template of analysis: what every server can do, and over it the parts that this one can."""
    merged: dict[str, dict[str, Any]] = {}
    for part in ("always", *parts):
        for group, members in analysis[part].items():
            merged.setdefault(group, {}).update(members)
    return {"_meta": {"version": 1, "parts": list(parts)}, "template": {"settings": {"index": {"analysis": merged}}}}


def index_template(
    shared: Mapping[str, Any], template: Mapping[str, Any], kind: Kind, *, prefix: str, meta: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the index template of a kind; its mapping says of itself in ``meta`` what it was made of.

    The mapping stands here and not in a component template, since Elasticsearch refuses one that names an analyzer of
    another.
    """
    named = json.loads(json.dumps(shared).replace("{prefix}", prefix).replace("{kind}", kind.value))
    mappings = {"_meta": {"version": template["_meta"]["version"], **meta}, **template["template"]["mappings"]}
    return {**named, "template": {**template["template"], "mappings": mappings}}


def marked(body: Mapping[str, Any], content_hash: str) -> dict[str, Any]:
    """Return the template with the hash of its content in ``_meta``, by which a change is seen."""
    return {**body, "_meta": {**body.get("_meta", {}), "content": content_hash, "managed_by": "stancewatch"}}
