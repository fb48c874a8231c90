"""Reads ``config/elasticsearch/``: what both result stores are built from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from worker.errors import ConfigurationError
from worker.index.mapping import KindMapping, read_mapping
from worker.ports import Kind

SHARED_FILES = ("settings", "analysis", "index")
OTHER_VERSION = "{} as another version made it; run `stancewatch setup`"
"""What is said of kinds whose templates have changed since they were set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The template files as they are, and the mapping that each kind's file describes."""

    kinds: Mapping[Kind, Mapping[str, Any]]
    mappings: Mapping[Kind, KindMapping]
    settings: Mapping[str, Any]
    analysis: Mapping[str, Any]
    index: Mapping[str, Any]


def read_templates(folder: Path) -> Templates:
    """Return the templates of a folder; ConfigurationError names each file that is missing or broken."""
    faults: list[str] = []
    found = {name: _read(folder / f"{name}.json", faults) for name in (*Kind, *SHARED_FILES)}
    if faults:
        raise ConfigurationError(faults)
    return Templates(
        kinds={kind: found[kind] for kind in Kind},
        mappings={kind: read_mapping(kind, found[kind]) for kind in Kind},
        settings=found["settings"],
        analysis=found["analysis"],
        index=found["index"],
    )


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"{path}: {error.strerror}")
    except ValueError as error:
        faults.append(f"{path}: {error}")
    else:
        return content
    return {}


def fingerprint(content: object) -> str:
    """Return a hash of JSON by which a template that was changed is recognised."""
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def index_fingerprint(template: Mapping[str, Any]) -> str:
    """Return the fingerprint of what Elasticsearch makes of a template.

    Look-ups are SQLite's; a change of them alone must not move an index of millions of documents.
    """
    meta = {name: value for name, value in template["_meta"].items() if name != "lookups"}
    return fingerprint({**template, "_meta": meta})
