"""A form made from a function's parameters: an input that fits each schema, checked while it is filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from console.i18n import tr
from console.pages.contracts.metadata import Parameter
from console.pages.contracts.schema import problem
from console.widgets.forms import Field, Form, area_field, check_field, choice_field, date_field, text_field
from network.errors import UserError
from network.text import Text


class Unfit(Exception):
    """A field's content is not of its kind; the message says what is wanted."""


@dataclass(frozen=True)
class Input:
    """One editor: its field, how its content becomes a value (raises `Unfit`), and the schema to hold."""

    field: Field
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def value(self) -> Any:
        """Return the value; `Unfit` when it does not hold the schema."""
        value = self.read(self.field.value)
        if value is not None and (wrong := problem(self.schema, value)):
            raise Unfit(wrong)
        return value


class ParameterForm(Form):
    """Inputs for every parameter; an object with known fields gets one input for each of them.

    `fields` are named by parameter, those of an object `parameter.field`.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        super().__init__(2)
        self._inputs: dict[str, Input | dict[str, Input]] = {}
        for parameter in parameters:
            properties = _simple_properties(parameter.schema)
            if properties is None:
                self._inputs[parameter.name] = self._put(parameter.name, parameter.name, parameter.schema)
                continue
            required = parameter.schema.get("required", list(properties))
            self._inputs[parameter.name] = {
                name: self._put(f"{parameter.name}.{name}", f"{parameter.name} · {name}", schema, name in required)
                for name, schema in properties.items()
            }
        self.edited.connect(self._recheck)
        self._checked = False

    def _put(self, key: str, label: str, schema: Mapping[str, Any], required: bool = True) -> Input:
        made = _input(label, schema, required)
        self.add(key, made.field, wide=isinstance(made.field.editor, QPlainTextEdit))
        return made

    def values(self) -> dict[str, Any]:
        """Return each parameter's text as the contract API reads it: strings raw, the rest JSON.

        `UserError` names the first that does not fit; each is marked at its field.
        """
        self._checked = True
        found: dict[str, Any] = {}
        first: tuple[str, str] | None = None
        for name, entry in self._inputs.items():
            parts = entry if isinstance(entry, dict) else {"": entry}
            values: dict[str, Any] = {}
            for part, one in parts.items():
                try:
                    value = one.value()
                except Unfit as wrong:
                    one.field.set_error(str(wrong))
                    first = first or (one.field.label.text(), str(wrong))
                    continue
                if value is not None:
                    values[part] = value
            whole: Any = values if isinstance(entry, dict) else values.get("", "")
            found[name] = whole if isinstance(whole, str) else json.dumps(whole, ensure_ascii=False)
        if first is not None:
            raise UserError(
                Text("{p}：{w}。", "{p}: {w}.", p=first[0], w=first[1]),
                Text("请改正标出的字段。", "Correct the marked fields."),
                code="bad_argument",
            )
        return found

    def _recheck(self) -> None:
        """Once somebody tried to send, mark and unmark fields while they type."""
        if not self._checked:
            return
        for entry in self._inputs.values():
            for one in entry.values() if isinstance(entry, dict) else (entry,):
                try:
                    one.value()
                    one.field.set_error("")
                except Unfit as wrong:
                    one.field.set_error(str(wrong))

    @staticmethod
    def transient(text: str) -> dict[str, bytes]:
        """Return the transient data that a JSON object names; `UserError` when it is none."""
        if not text:
            return {}
        try:
            found = json.loads(text)
        except ValueError as error:
            raise _not_an_object() from error
        if not isinstance(found, dict):
            raise _not_an_object()
        return {
            str(key): (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
            for key, value in found.items()
        }


def _not_an_object() -> UserError:
    return UserError(Text("瞬态数据应为 JSON 对象。", "Transient data must be a JSON object."), code="bad_argument")


SIMPLE = ("string", "integer", "number", "boolean")


def _simple_properties(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]] | None:
    """The fields of an object that has only simple ones (or lists of texts), at most twelve."""
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, Mapping) or not 0 < len(properties) <= 12:
        return None
    plain = all(
        "enum" in p or p.get("type") in SIMPLE or (p.get("type") == "array" and _of(p) == "string")
        for p in properties.values()
    )
    return properties if plain and schema.get("additionalProperties") in (None, False) else None


def _of(schema: Mapping[str, Any]) -> str:
    items = schema.get("items")
    return str(items.get("type", "")) if isinstance(items, Mapping) else ""


def _input(label: str, schema: Mapping[str, Any], required: bool) -> Input:  # noqa: PLR0911 - one per kind
    note = str(schema.get("description") or schema.get("title") or "")
    optional = not required
    if "enum" in schema:
        options = [(v, str(v)) for v in schema["enum"]]
        field = choice_field(label, options, hint=note, empty=tr("不填") if optional else "")
        return Input(field, lambda value: None if optional and value == "" else value, schema)
    kind = schema.get("type")
    if kind == "boolean":
        return Input(check_field(label, hint=note), bool, schema)
    if kind in {"integer", "number"}:
        field = text_field(label, hint=note or _range(schema), required=required)
        read = _whole if kind == "integer" else _number
        return Input(field, _or_nothing(read, optional), schema)
    if kind == "string":
        return _text_input(label, schema, note, optional)
    if kind == "array" and _of(schema) in {"string", "integer", "number"}:
        field = area_field(label, rows=3, hint=note or tr("每行一个"))
        readers: dict[str, Callable[[str], Any]] = {"string": str, "integer": _whole, "number": _number}
        each = readers[_of(schema)]
        return Input(field, lambda text: [each(line.strip()) for line in text.splitlines() if line.strip()], schema)
    extra = schema.get("additionalProperties")
    if (
        kind == "object"
        and isinstance(extra, Mapping)
        and extra.get("type") == "string"
        and not schema.get("properties")
    ):
        return Input(area_field(label, rows=3, hint=note or tr("每行一个，写作 名称=值，可留空")), _pairs, schema)
    field = area_field(label, rows=5, hint=note or "JSON")
    sample = _sample(schema)
    if sample is not None:
        field.set_value(json.dumps(sample, ensure_ascii=False, indent=2))
    return Input(field, _json, schema)


def _text_input(label: str, schema: Mapping[str, Any], note: str, optional: bool) -> Input:
    form, longest = schema.get("format"), schema.get("maxLength")
    if form == "date" and not optional:
        return Input(date_field(label, hint=note), str, schema)
    if isinstance(longest, int) and longest > 200:
        return Input(area_field(label, rows=3, hint=note), str, schema)
    sample = {"date-time": "2026-11-23T10:24:00Z", "date": "2026-11-23"}.get(str(form), "")
    field = text_field(label, placeholder=sample, hint=note)
    if isinstance(longest, int) and isinstance(field.editor, QLineEdit):
        field.editor.setMaxLength(longest)
    return Input(field, lambda text: None if optional and not text else text, schema)


def _or_nothing(read: Callable[[str], Any], optional: bool) -> Callable[[str], Any]:
    return lambda text: None if optional and not text else read(text)


def _whole(text: str) -> int:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise Unfit(tr("应为整数")) from None


def _number(text: str) -> float:
    try:
        found = json.loads(text.replace(",", ""))
    except ValueError:
        found = None
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise Unfit(tr("应为数字"))
    return found


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not (equals and name.strip()):
            raise Unfit(tr("请写作 名称=值：{line}").format(line=line))
        found[name.strip()] = value.strip()
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        where = getattr(error, "lineno", 0)
        raise Unfit(tr("不是 JSON（第 {n} 行）").format(n=where) if text else tr("请填写 JSON")) from None


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return tr("{a} 至 {b}").format(a=low, b=high)
    return tr("整数") if schema.get("type") == "integer" else tr("数字")


def _sample(schema: Mapping[str, Any]) -> Any:
    """Return an empty value of the schema's shape, so that nobody has to guess the fields' names."""
    kind = schema.get("type")
    if kind == "array":
        inner = schema.get("items")
        sample = _sample(inner) if isinstance(inner, Mapping) and inner.get("properties") else None
        return [sample] if sample is not None else []
    if kind != "object":
        return None
    empty: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    required = schema.get("required", list(schema.get("properties", {})))
    properties = schema.get("properties", {})
    return {name: empty.get(str(properties.get(name, {}).get("type", ""))) for name in required}
