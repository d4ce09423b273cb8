"""A contract's description of itself, made ready for forms, and arguments made ready for the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fabric_sdk.chaincode.intent import submits
from network.errors import UserError
from network.text import Text

SYSTEM = "org.hyperledger.fabric"


@dataclass(frozen=True)
class Parameter:
    """One parameter: name and JSON schema with references resolved."""

    name: str
    schema: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """string, integer, number, boolean, enum, date, date-time or json."""
        schema = self.schema
        if "enum" in schema:
            return "enum"
        kind = str(schema.get("type", ""))
        if kind == "string" and schema.get("format") in {"date", "date-time"}:
            return str(schema["format"])
        return kind if kind in {"string", "integer", "number", "boolean"} else "json"


@dataclass(frozen=True)
class Function:
    """A function of a contract; `submit` says whether it writes."""

    name: str
    submit: bool
    parameters: tuple[Parameter, ...]
    description: str = ""


def functions_of(metadata: Mapping[str, Any]) -> list[Function]:
    """Return the functions that metadata describes, sorted by name; those of other than the default contract with
    their contract's name before a colon, as Fabric calls them."""
    schemas = metadata.get("components", {}).get("schemas", {})
    found = []
    for name, contract in metadata.get("contracts", {}).items():
        if name == SYSTEM:
            continue
        default = bool(contract.get("default", len(metadata["contracts"]) <= 2))
        for transaction in contract.get("transactions", ()):
            parameters = tuple(
                Parameter(str(p.get("name", f"p{i}")), _resolved(p.get("schema", {}), schemas))
                for i, p in enumerate(transaction.get("parameters", ()))
            )
            called = str(transaction["name"]) if default else f"{name}:{transaction['name']}"
            found.append(Function(called, submits(transaction), parameters, str(transaction.get("description", ""))))
    return sorted(found, key=lambda function: function.name)


def by_name() -> list[Function]:
    """Two functions without a name: any function, asked or submitted, of a contract that does not describe its own."""
    any_function = Parameter("function", {"type": "string", "minLength": 1})
    arguments = Parameter("arguments", {"type": "array", "items": {"type": "string"}})
    return [Function("", submit, (any_function, arguments)) for submit in (False, True)]


def called_with(function: Function, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The function that is called and its arguments as they go on the wire; `UserError` where a value does not fit."""
    if function.name:
        return function.name, wire_arguments(function, values)
    name = values.get("function", "").strip()
    if not name:
        raise UserError(Text("请填写方法名。", "Give the function's name."), code="bad_argument")
    return name, [str(one) for one in json.loads(values.get("arguments") or "[]")]


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """The schema with references replaced, inside lists and objects too; one that leads in a circle is left open."""
    reference = str(schema.get("$ref", ""))
    if reference.startswith("#/components/schemas/"):
        schema = {"type": "object", **schemas.get(reference.rsplit("/", 1)[1], {})}
    if depth > 6:
        return {}
    found = dict(schema)
    if isinstance(found.get("items"), Mapping):
        found["items"] = _resolved(found["items"], schemas, depth + 1)
    if isinstance(found.get("properties"), Mapping):
        found["properties"] = {k: _resolved(v, schemas, depth + 1) for k, v in found["properties"].items()}
    if isinstance(found.get("additionalProperties"), Mapping):
        found["additionalProperties"] = _resolved(found["additionalProperties"], schemas, depth + 1)
    return found


def wire_arguments(function: Function, values: Mapping[str, str]) -> list[str]:
    """Return the arguments as the contract API reads them: strings raw, everything else as JSON.

    `UserError` names the first value that does not fit its parameter.
    """
    arguments = []
    for parameter in function.parameters:
        text = values.get(parameter.name, "")
        if parameter.kind in {"string", "enum", "date", "date-time"}:
            arguments.append(text)
            continue
        try:
            value = json.loads(text)
        except ValueError as error:
            raise _unfit(parameter, text) from error
        fits = {
            "integer": isinstance(value, int) and not isinstance(value, bool),
            "number": isinstance(value, int | float) and not isinstance(value, bool),
            "boolean": isinstance(value, bool),
        }.get(parameter.kind, True)
        if not fits:
            raise _unfit(parameter, text)
        arguments.append(json.dumps(value, ensure_ascii=False))
    return arguments


def _unfit(parameter: Parameter, text: str) -> UserError:
    wanted = {
        "integer": Text("整数", "a whole number"),
        "number": Text("数字", "a number"),
        "boolean": Text("true 或 false", "true or false"),
    }.get(parameter.kind, Text("JSON", "JSON"))
    return UserError(
        Text("参数 {p} 应为{w}。", "The parameter {p} must be {w}.", p=parameter.name, w=wanted),
        Text("现在是：{t}", "It is: {t}", t=text[:80] or "—"),
        code="bad_argument",
    )
