"""The OpenAPI 3.1 description of all that programs may ask. Pure: endpoints and index fields in, a document out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from worker.index.mapping import FieldType, KindMapping
from worker.ports import Kind

Schema = Mapping[str, Any]
Handler = Callable[[Request], Response | Awaitable[Response]]

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}


def listed(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def maybe(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {**schema, "type": [schema["type"], "null"]}


def named(name: str) -> Schema:
    """Return a reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(**properties: Schema) -> Schema:
    """Return the schema of an object that has just these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One word of an address: of its query, or of its path. ``schema`` None: any text."""

    name: str
    about: str
    schema: Schema | None = None
    in_path: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address for programs. ``answer``: the schema of a JSON answer, None for any other media type."""

    path: str
    handler: Handler
    summary: str
    parameters: tuple[Parameter, ...] = ()
    media_type: str = "application/json"
    answer: Schema | None = None
    is_open: bool = False
    """Answers without a token too."""


def describe(
    endpoints: Sequence[Endpoint], mappings: Mapping[Kind, KindMapping], *, schemas: Mapping[str, Schema], version: str
) -> dict[str, Any]:
    """Return the description; the schemas of stored documents come from the fields of their index."""
    documents = {
        kind.value.removesuffix("s").title(): document_schema(mappings[kind])
        for kind in (Kind.STATEMENTS, Kind.ARTICLES, Kind.ALERTS)
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stancewatch",
            "version": version,
            "description": "Who demands what of whom, with the sentence as evidence. Unreviewed machine reading.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "paths": {one.path: {"get": _operation(one)} for one in endpoints},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Needed where a token is set."}
            },
            "schemas": documents | dict(schemas),
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    answers = {"200": {"description": "The answer.", "content": {one.media_type: {"schema": one.answer or TEXT}}}}
    if one.parameters:
        answers["400"] = _refusal("A word of the address cannot be understood; `detail` says which.")
    if any(each.in_path for each in one.parameters):
        answers["404"] = _refusal("There is no such record.")
    if not one.is_open:
        answers["401"] = {"description": "A token is set and was not shown."}
        answers["503"] = _refusal("The store does not answer: try again in a moment.")
    operation: dict[str, Any] = {"summary": one.summary, "operationId": operation_id(one.path)}
    if one.is_open:
        operation["security"] = []
    return operation | {"parameters": [_parameter(each) for each in one.parameters], "responses": answers}


def operation_id(path: str) -> str:
    """Return a name that programs made from the description can call the endpoint by."""
    plain = path.removeprefix("/").replace("{", "by_").replace("}", "")
    return plain.replace("/", "_").replace(".", "_") or "root"


def _refusal(why: str) -> dict[str, Any]:
    return {"description": why, "content": {"application/problem+json": {"schema": named("Problem")}}}


def _parameter(each: Parameter) -> dict[str, Any]:
    where = {"in": "path", "required": True} if each.in_path else {"in": "query"}
    return {"name": each.name, **where, "description": each.about, "schema": each.schema or TEXT}


_TYPES: Mapping[FieldType, Schema] = {
    FieldType.KEYWORD: TEXT,
    FieldType.TEXT: TEXT,
    FieldType.DATE: MOMENT,
    FieldType.NUMBER: NUMBER,
    FieldType.BOOLEAN: TRUTH,
}


def document_schema(mapping: KindMapping) -> dict[str, Any]:
    """Return the schema of a stored document with its id; what a document does not have is left out or null."""
    root: dict[str, Any] = {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}
    for field in mapping.fields.values():
        if field.path == field.source:
            of = maybe(_TYPES[field.type])
            _put(root, field.path.split("."), {"type": ["array", "string", "null"], "items": of} if field.many else of)
    for path in mapping.stored_only:
        _put(root, path.split("."), {"description": "kept, not searchable"})
    return root


def _put(target: dict[str, Any], path: Sequence[str], schema: Schema) -> None:
    for name in path[:-1]:
        target = target["properties"].setdefault(name, {"type": "object", "properties": {}})
    target["properties"].setdefault(path[-1], schema)
