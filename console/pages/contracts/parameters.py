"""A form made from a function's parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from console.i18n import tr
from console.pages.contracts.metadata import Parameter
from console.widgets.forms import Field, Form, area_field, check_field, choice_field, text_field
from network.errors import UserError
from network.text import Text


class ParameterForm(Form):
    """One field for each parameter, chosen by its schema."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        super().__init__(1)
        for parameter in parameters:
            self.add(parameter.name, _field(parameter))

    def values(self) -> dict[str, Any]:
        """Return the texts as typed; booleans as `true` and `false`."""
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = field.value
            found[name] = json.dumps(value) if isinstance(value, bool) else str(value)
        return found

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


def _field(parameter: Parameter) -> Field:  # noqa: PLR0911 - one per kind
    kind, schema = parameter.kind, parameter.schema
    if kind == "enum":
        return choice_field(parameter.name, [(str(v), str(v)) for v in schema["enum"]])
    if kind == "boolean":
        return check_field(parameter.name)
    if kind == "integer":
        return text_field(parameter.name, hint=tr("整数"))
    if kind == "number":
        return text_field(parameter.name, hint=tr("数字"))
    if kind == "date":
        return text_field(parameter.name, placeholder="2026-11-23")
    if kind == "date-time":
        return text_field(parameter.name, placeholder="2026-11-23T10:24:00Z")
    if kind == "json":
        field = area_field(parameter.name, rows=5, hint="JSON")
        sample = _sample(schema)
        if sample is not None:
            field.set_value(json.dumps(sample, ensure_ascii=False, indent=2))
        return field
    return text_field(parameter.name)


def _sample(schema: Mapping[str, Any]) -> Any:
    """Return an empty value of the schema's shape, so that nobody has to guess the fields' names."""
    kind = schema.get("type")
    if kind == "array":
        return []
    if kind != "object":
        return None
    empty: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    required = schema.get("required", list(schema.get("properties", {})))
    properties = schema.get("properties", {})
    return {name: empty.get(str(properties.get(name, {}).get("type", ""))) for name in required}
