"""Rich queries on JSON values, answered from SQLite.

SQLite picks the candidates, by an index on JSON fields where the contract's package brought one; the selector itself is
then evaluated exactly. As with CouchDB, sorting needs an index over the sorted fields.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from network.embedded.faults import Refusal
from network.embedded.mango_selector import MISSING, compile_selector, field_path, order_key, value_at
from network.embedded.state_view import KeyedValue, StateView
from network.embedded.versions import Version

_MAX_QUERY = 256 * 1024
_MEMBERS = {
    "selector",
    "sort",
    "fields",
    "limit",
    "skip",
    "use_index",
    "bookmark",
    "execution_stats",
    "r",
    "conflicts",
    "update",
    "stable",
    "stale",
    "allow_fallback",
}


@dataclass(frozen=True)
class Query:
    """A parsed query: `sort` as (path, descending) pairs, `fields` as paths."""

    selector: dict[str, Any]
    sort: tuple[tuple[str, bool], ...]
    fields: tuple[str, ...]
    limit: int | None
    skip: int
    bookmark: str


def parse_query(text: str) -> Query:
    """Read a query; Refusal if it is not one."""
    if len(text) > _MAX_QUERY:
        raise Refusal("the query is too long")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise Refusal(f"error unmarshalling query: {e}") from e
    if not isinstance(body, dict):
        raise Refusal("the query must be a JSON object")
    unknown = set(body) - _MEMBERS
    if unknown or not isinstance(body.get("selector"), dict):
        reason = f"Invalid key {sorted(unknown)[0]} for this request" if unknown else "Missing required key: selector"
        raise _couch("invalid_key" if unknown else "missing_required_key", reason)
    fields = body.get("fields", [])
    if not isinstance(fields, list) or not all(isinstance(f, str) for f in fields):
        raise Refusal("fields definition must be an array of strings")
    return Query(
        body["selector"],
        tuple(_sort_field(item) for item in _list(body, "sort")),
        tuple(fields),
        _number(body, "limit"),
        _number(body, "skip") or 0,
        str(body.get("bookmark", "")),
    )


def run(view: StateView, namespace: str, collection: str, text: str) -> Iterator[KeyedValue]:
    """Yield the values of a namespace (or private collection) that a query selects."""
    query = parse_query(text)
    matching = _ordered(view, namespace, collection, query)
    end = None if query.limit is None else query.skip + query.limit
    for position, item in enumerate(matching):
        if end is not None and position >= end:
            return
        if position >= query.skip:
            yield _projected(item, query)


def run_page(view: StateView, namespace: str, text: str, size: int, bookmark: str) -> tuple[list[KeyedValue], str]:
    """Return one page and the bookmark after it, "nil" when the page is empty, as CouchDB."""
    query = parse_query(text)
    start = _position(bookmark or query.bookmark)
    items: list[KeyedValue] = []
    for position, item in enumerate(_ordered(view, namespace, "", query)):
        if len(items) >= size:
            break
        if position >= query.skip + start:
            items.append(_projected(item, query))
    return items, _bookmark(start + len(items)) if items else "nil"


def _ordered(view: StateView, namespace: str, collection: str, query: Query) -> Iterator[KeyedValue]:
    matches = compile_selector(query.selector)
    found = _candidates(view, namespace, collection, query)
    documents = ((item, document) for item in found if (document := _document(item)) is not None)
    selected = ((item, document) for item, document in documents if matches(document))
    if not query.sort:
        for item, _ in selected:
            yield item
        return
    _require_index(view, namespace, collection, query)
    paths = [field_path(name) for name, _ in query.sort]
    rows = [(item, [value_at(document, path) for path in paths]) for item, document in selected]
    # A document that lacks a sorted field is not in the index, and so not in the result.
    rows = [row for row in rows if MISSING not in row[1]]
    rows.sort(key=lambda row: [order_key(v) for v in row[1]], reverse=query.sort[0][1])
    for item, _ in rows:
        yield item


def _candidates(view: StateView, namespace: str, collection: str, query: Query) -> Iterator[KeyedValue]:
    table, scope = (
        ("state", "namespace = ?")
        if not collection
        else (
            "private_state",
            "namespace = ? AND collection = ?",
        )
    )
    parameters: list[object] = [namespace] if not collection else [namespace, collection]
    conditions = [scope]
    indexed = {field for _, fields in view.indexes(namespace, collection) for field in json.loads(fields)}
    for name, value in _equalities(query.selector):
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            conditions.append(f"{json_field(name)} = ?")
            parameters.append(value)
    if indexed and len(conditions) > 1:
        # Spelt out so that SQLite can prove that a partial index applies.
        conditions[0] = f"namespace = {_literal(namespace)}"
        del parameters[0]
        if collection:
            conditions[0] += f" AND collection = {_literal(collection)}"
            del parameters[0]
    sql = f"SELECT key, value, block, tx FROM {table} WHERE {' AND '.join(conditions)} ORDER BY key"
    for key, value, block, tx in view.query(sql, tuple(parameters)):
        yield KeyedValue(key, value, Version(block, tx))  # type: ignore[arg-type]


def _equalities(selector: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields that a matching document must hold with exactly this value."""
    for name, argument in selector.items():
        if name == "$and" and isinstance(argument, list):
            for part in argument:
                if isinstance(part, dict):
                    yield from _equalities(part)
        elif not name.startswith("$") and "\\" not in name and '"' not in name and _is_sql_value(name):
            value = argument.get("$eq", argument) if isinstance(argument, dict) else argument
            if not isinstance(value, dict) and _is_sql_value(value):
                yield name, value


def _is_sql_value(value: object) -> bool:
    """Whether SQLite takes it; the selector itself still judges what is left out here."""
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 63
    return not isinstance(value, str) or value.isprintable()


def json_field(name: str) -> str:
    """The SQL expression of a JSON field; indexes use the very same text."""
    path = "$" + "".join(f'."{part}"' for part in field_path(name))
    text = "CAST(value AS TEXT)"
    return f"CASE WHEN json_valid({text}) THEN json_extract({text}, {_literal(path)}) END"


def _require_index(view: StateView, namespace: str, collection: str, query: Query) -> None:
    wanted = [name for name, _ in query.sort]
    if len({descending for _, descending in query.sort}) > 1:
        raise _couch("unsupported_mixed_sort", "Sorts currently only support a single direction for all fields.")
    for _, fields in view.indexes(namespace, collection):
        columns = json.loads(fields)
        fixed = {name for name, _ in _equalities(query.selector)}
        if columns[: len(wanted)] == wanted or [c for c in columns if c not in fixed][: len(wanted)] == wanted:
            return
    raise _couch("no_index", "No index exists for this sort, try indexing by the sort fields.")


def _couch(error: str, reason: str) -> Refusal:
    return Refusal(f"error handling CouchDB request. Error:{error},  Status Code:400,  Reason:{reason}")


def _document(item: KeyedValue) -> Any:
    try:
        document = json.loads(item.value)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _projected(item: KeyedValue, query: Query) -> KeyedValue:
    if not query.fields:
        return item
    document = json.loads(item.value)
    projected: dict[str, Any] = {}
    for name in query.fields:
        path = field_path(name)
        value = value_at(document, path)
        if value is not MISSING:
            target = projected
            for part in path[:-1]:
                target = target.setdefault(part, {})
            target[path[-1]] = value
    return KeyedValue(item.key, json.dumps(projected, separators=(",", ":"), ensure_ascii=False).encode(), item.version)


def _sort_field(item: Any) -> tuple[str, bool]:
    if isinstance(item, str):
        return item, False
    if isinstance(item, dict) and len(item) == 1:
        name, direction = next(iter(item.items()))
        if direction in ("asc", "desc"):
            return name, direction == "desc"
    raise Refusal(f"Invalid sort field: {item!r}")


def _list(body: dict[str, Any], name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > 100:
        raise Refusal(f"{name} must be an array")
    return value


def _number(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refusal(f"{name} must be a non-negative number")
    return value


def _bookmark(position: int) -> str:
    return base64.urlsafe_b64encode(b"mango:%d" % position).decode()


def _position(bookmark: str) -> int:
    if bookmark in ("", "nil"):
        return 0
    try:
        kind, _, number = base64.urlsafe_b64decode(bookmark.encode()).partition(b":")
        if kind == b"mango" and number.isdigit() and len(number) < 18:
            return int(number)
    except ValueError:
        pass
    raise _couch("invalid_bookmark", f"Invalid bookmark value: {bookmark[:100]!r}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
