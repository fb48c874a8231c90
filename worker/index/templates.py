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


def kind_template(template: Mapping[str, Any], mapping_hash: str, analysis_hash: str) -> dict[str, Any]:
    """Return a kind's component template whose mapping says of itself what it was made of."""
    meta = {"version": template["_meta"]["version"], "hash": mapping_hash, "analysis": analysis_hash}
    inner = template["template"]
    mappings = {"_meta": meta, **inner["mappings"]}
    return {"_meta": {"version": template["_meta"]["version"]}, "template": {**inner, "mappings": mappings}}


def index_template(template: Mapping[str, Any], prefix: str, kind: Kind) -> dict[str, Any]:
    """Return the index template of a kind: names filled in."""
    text = json.dumps(template).replace("{prefix}", prefix).replace("{kind}", kind.value)
    filled_in: dict[str, Any] = json.loads(text)
    return filled_in


def filled(body: Mapping[str, Any], content_hash: str) -> dict[str, Any]:
    """Return the template with the hash of its content in ``_meta``, by which a change is seen."""
    return {**body, "_meta": {**body.get("_meta", {}), "content": content_hash, "managed_by": "stancewatch"}}
