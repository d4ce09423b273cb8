"""CouchDB's Mango selectors: from JSON to a predicate over a document.

Source: CouchDB documentation, "/db/_find", selector syntax. Values compare in CouchDB's order: null, false, true,
numbers, strings, arrays, objects; strings first without regard to case, then lower before upper case (the root
collation, for Latin letters; other scripts go by code point).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from network.embedded.faults import Refusal

Predicate = Callable[[Any], bool]
MISSING: Any = object()
_MAX_DEPTH = 40
_MAX_PATTERN = 1000


def compile_selector(selector: Any) -> Predicate:
    """Build a predicate; Refusal if the selector is not one."""
    if not isinstance(selector, dict):
        raise Refusal("Selector must be a JSON object")
    return _object(selector, (), 0)


def field_path(name: str) -> tuple[str, ...]:
    """Split `a.b` at dots; a backslash keeps a dot in a name."""
    parts = [""]
    escaped = False
    for character in name:
        if escaped:
            parts[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ".":
            parts.append("")
        else:
            parts[-1] += character
    return tuple(parts)


def value_at(document: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`, MISSING if there is none."""
    for part in path:
        if isinstance(document, dict):
            document = document.get(part, MISSING)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return MISSING
        if document is MISSING:
            return MISSING
    return document


def order_key(value: Any) -> tuple[Any, ...]:
    """A sort key in CouchDB's order of values."""
    if value is None:
        return (0,)
    if value is False or value is True:
        return (1, value)
    if isinstance(value, int | float):
        return (2, value)
    if isinstance(value, str):
        return (3, value.casefold(), value.swapcase())
    if isinstance(value, list):
        return (4, [order_key(v) for v in value])
    return (5, [(order_key(k), order_key(v)) for k, v in sorted(value.items())])


def _object(selector: dict[str, Any], path: tuple[str, ...], depth: int) -> Predicate:
    if depth > _MAX_DEPTH:
        raise Refusal("the selector is nested too deeply")
    tests = [_member(name, argument, path, depth + 1) for name, argument in selector.items()]
    if len(tests) == 1:
        return tests[0]
    return lambda document: all(test(document) for test in tests)


def _member(name: str, argument: Any, path: tuple[str, ...], depth: int) -> Predicate:
    if name.startswith("$"):
        return _operator(name, argument, path, depth)
    inner = path + field_path(name)
    if isinstance(argument, dict) and argument:
        return _object(argument, inner, depth)
    return _compare("$eq", argument, inner)


def _operator(name: str, argument: Any, path: tuple[str, ...], depth: int) -> Predicate:
    if name in ("$and", "$or", "$nor"):
        return _combination(name, argument, path, depth)
    if name == "$not":
        negated = _argument(argument, path, depth)
        return lambda document: not negated(document)
    if name in ("$elemMatch", "$allMatch", "$keyMapMatch"):
        return _each(name, _argument(argument, (), depth), path)
    if name in _COMPARISONS:
        return _compare(name, argument, path)
    maker = _TESTS.get(name)
    if maker is None:
        raise Refusal(f"Invalid operator: {name}")
    test = maker(argument)
    if name == "$exists":
        return lambda document: test(value_at(document, path))

    def present(document: Any) -> bool:
        value = value_at(document, path)
        return value is not MISSING and test(value)

    return present


def _combination(name: str, argument: Any, path: tuple[str, ...], depth: int) -> Predicate:
    if not isinstance(argument, list):
        raise Refusal(f"Bad argument for operator {name}: {argument!r}")
    parts = [_argument(part, path, depth) for part in argument]
    if name == "$and":
        return lambda document: all(part(document) for part in parts)
    if name == "$or":
        return lambda document: any(part(document) for part in parts)
    return lambda document: not any(part(document) for part in parts)


def _argument(argument: Any, path: tuple[str, ...], depth: int) -> Predicate:
    if isinstance(argument, dict):
        return _object(argument, path, depth)
    return _compare("$eq", argument, path)


def _each(name: str, test: Predicate, path: tuple[str, ...]) -> Predicate:
    def matches(document: Any) -> bool:
        value = value_at(document, path)
        if name == "$keyMapMatch":
            return isinstance(value, dict) and any(test(key) for key in value)
        if not isinstance(value, list) or not value:
            return False
        found = (test(item) for item in value)
        return any(found) if name == "$elemMatch" else all(found)

    return matches


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda a, b: a == b,
    "$ne": lambda a, b: a != b,
    "$lt": lambda a, b: a < b,
    "$lte": lambda a, b: a <= b,
    "$gt": lambda a, b: a > b,
    "$gte": lambda a, b: a >= b,
}


def _compare(name: str, argument: Any, path: tuple[str, ...]) -> Predicate:
    wanted = order_key(argument)
    test = _COMPARISONS[name]

    def compare(document: Any) -> bool:
        value = value_at(document, path)
        return value is not MISSING and test(order_key(value), wanted)

    return compare


def _listed(name: str) -> Callable[[Any], Predicate]:
    def make(argument: Any) -> Predicate:
        if not isinstance(argument, list):
            raise Refusal(f"Bad argument for operator {name}: {argument!r}")
        wanted = [order_key(item) for item in argument]
        if name == "$in":
            return lambda value: _any_of(value, wanted)
        if name == "$nin":
            return lambda value: not _any_of(value, wanted)
        return lambda value: (
            isinstance(value, list) and bool(wanted) and all(w in [order_key(v) for v in value] for w in wanted)
        )

    return make


def _any_of(value: Any, wanted: list[tuple[Any, ...]]) -> bool:
    if isinstance(value, list):
        return any(order_key(item) in wanted for item in value) or order_key(value) in wanted
    return order_key(value) in wanted


def _exists(argument: Any) -> Predicate:
    if not isinstance(argument, bool):
        raise Refusal(f"Bad argument for operator $exists: {argument!r}")
    return lambda value: (value is not MISSING) is argument


_TYPES: dict[str, Predicate] = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def _type(argument: Any) -> Predicate:
    if not isinstance(argument, str) or argument not in _TYPES:
        raise Refusal(f"Bad argument for operator $type: {argument!r}")
    return _TYPES[argument]


def _size(argument: Any) -> Predicate:
    if not isinstance(argument, int) or isinstance(argument, bool) or argument < 0:
        raise Refusal(f"Bad argument for operator $size: {argument!r}")
    return lambda value: isinstance(value, list) and len(value) == argument


def _mod(argument: Any) -> Predicate:
    good = isinstance(argument, list) and len(argument) == 2 and all(type(n) is int for n in argument)
    if not good or argument[0] == 0:
        raise Refusal(f"Bad argument for operator $mod: {argument!r}")
    divisor, rest = argument
    return lambda value: type(value) is int and abs(value) % abs(divisor) * (1 if value >= 0 else -1) == rest


def _regex(argument: Any) -> Predicate:
    if not isinstance(argument, str) or len(argument) > _MAX_PATTERN:
        raise Refusal("Bad argument for operator $regex")
    if _NESTED_REPEAT.search(argument):
        raise Refusal("Bad argument for operator $regex: a repeated group that itself repeats is not supported")
    try:
        pattern = re.compile(argument)
    except (re.error, RecursionError, OverflowError) as e:
        raise Refusal(f"Bad argument for operator $regex: {e}") from e
    return lambda value: isinstance(value, str) and pattern.search(value[:100_000]) is not None


# (a+)+ and its kin need time exponential in the text.
_NESTED_REPEAT = re.compile(r"\([^()]*[*+}][^()]*\)\s*[*+{]")


def _begins_with(argument: Any) -> Predicate:
    if not isinstance(argument, str):
        raise Refusal(f"Bad argument for operator $beginsWith: {argument!r}")
    return lambda value: isinstance(value, str) and value.startswith(argument)


_TESTS: dict[str, Callable[[Any], Predicate]] = {
    "$exists": _exists,
    "$type": _type,
    "$in": _listed("$in"),
    "$nin": _listed("$nin"),
    "$all": _listed("$all"),
    "$size": _size,
    "$mod": _mod,
    "$regex": _regex,
    "$beginsWith": _begins_with,
}
