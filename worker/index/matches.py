"""Does a document fit a KQL query? The same meaning as in both stores, decided in memory, for alert rules. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from worker.index.compile_sqlite import bound_value, term_value
from worker.index.kql import Tree, parse, refuse
from worker.index.mapping import Field, KindMapping, Scalar, folded, indexed_values
from worker.ports import Document

Values = Mapping[str, Sequence[Scalar]]
Test = Callable[[Values], bool]

_WORD = re.compile(r"\w+")
_MOMENTS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC))


def matcher(kql: str, mapping: KindMapping) -> Callable[[Document], bool]:
    """Return the test that a document of this kind passes or not.

    QueryRefused says which part cannot be done; dates that move with the clock (``now-7d``) are such a part, because
    a rule speaks of every statement at the moment when it comes.
    """
    tree, later = (parse(kql, mapping, now=moment) for moment in _MOMENTS)
    if tree != later:
        refuse("a rule cannot speak of now")
    test = _compiled(tree, mapping)
    return lambda document: test(indexed_values(document, mapping))


def _compiled(tree: Tree, mapping: KindMapping) -> Test:
    ((name, body),) = tree.items()
    if name == "bool":
        return _bool(body, mapping)
    if name == "match_all":
        return lambda _: True
    if name == "exists":
        return _exists(mapping.fields[body["field"]])
    if name == "multi_match":
        tests = [
            _words(mapping.fields[path], body["query"], is_phrase=body["type"] == "phrase") for path in body["fields"]
        ]
        return lambda values: any(test(values) for test in tests)
    ((path, inner),) = body.items()
    return _of_field(name, mapping.fields[path], inner)


def _of_field(name: str, field: Field, body: Mapping[str, Any]) -> Test:
    if name == "range":
        return _range(field, body)
    if name in {"match", "match_phrase"}:
        return _words(field, body["query"], is_phrase=name == "match_phrase")
    if name == "term":
        wanted = term_value(field, body["value"])
        return lambda values: wanted in values.get(field.path, ())
    if name == "prefix":
        start = str(term_value(field, body["value"]))
        return lambda values: any(str(each).startswith(start) for each in values.get(field.path, ()))
    pattern = str(term_value(field, body["value"])).replace("[", "[[]").replace("?", "[?]")
    return lambda values: any(fnmatchcase(str(each), pattern) for each in values.get(field.path, ()))


def _bool(body: Mapping[str, Any], mapping: KindMapping) -> Test:
    musts = [_compiled(each, mapping) for each in body.get("filter", ())]
    shoulds = [_compiled(each, mapping) for each in body.get("should", ())]
    nots = [_compiled(each, mapping) for each in body.get("must_not", ())]

    def test(values: Values) -> bool:
        return (
            all(each(values) for each in musts)
            and (not shoulds or any(each(values) for each in shoulds))
            and not any(each(values) for each in nots)
        )

    return test


def _exists(field: Field) -> Test:
    return lambda values: bool(values.get(field.path))


def _range(field: Field, body: Mapping[str, Any]) -> Test:
    bounds = {sign: bound_value(field, value) for sign, value in body.items()}

    def fits(value: Scalar) -> bool:
        number = float(value)
        return (
            number >= bounds.get("gte", number)
            and number <= bounds.get("lte", number)
            and ("gt" not in bounds or number > bounds["gt"])
            and ("lt" not in bounds or number < bounds["lt"])
        )

    return lambda values: any(fits(each) for each in values.get(field.path, ()))


def _words(field: Field, query: str, *, is_phrase: bool) -> Test:
    """Return the test for words of a text: all in a row for a phrase, else any of them."""
    wanted = _split(query)

    def test(values: Values) -> bool:
        texts = [_split(str(each)) for each in values.get(field.source, ())]
        if is_phrase:
            return any(_has_run(text, wanted) for text in texts)
        return any(word in text for text in texts for word in wanted)

    return test


def _split(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _has_run(text: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return size > 0 and any(text[at : at + size] == wanted for at in range(len(text) - size + 1))
