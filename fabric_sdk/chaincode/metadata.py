"""What a chaincode can do, in the official contract API's JSON form.

Answered by `org.hyperledger.fabric:GetMetadata`; explorers and our forms are built from it. The form is the contract
schema of hyperledger/fabric-chaincode-node (`apis/fabric-contract-api/schema/contract-schema.json`).
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

from fabric_sdk.chaincode import values
from fabric_sdk.chaincode.contract import Contract, ContractFunction

SYSTEM_CONTRACT = "org.hyperledger.fabric"
GET_METADATA = "GetMetadata"
SCHEMA_URL = "https://hyperledger.github.io/fabric-chaincode-node/main/api/contract-schema.json"

_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number", "format": "double"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "format": "byte"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    list: {"type": "array", "items": {}},
    dict: {"type": "object"},
    Any: {},
    object: {},
    type(None): {"type": "null"},
}


def describe(contracts: Sequence[Contract]) -> dict[str, Any]:
    """Return the metadata of a chaincode made of `contracts`; the first one is the default."""
    schemas: dict[str, Any] = {}
    described = {
        contract.name: {
            "name": contract.name,
            "contractInstance": {"name": contract.name, "default": index == 0},
            "transactions": [_transaction(f, schemas) for f in contract.functions.values()],
            "info": {"title": contract.title or contract.name, "version": contract.version},
            "default": index == 0,
        }
        for index, contract in enumerate(contracts)
    }
    described[SYSTEM_CONTRACT] = _system_contract()
    first = contracts[0]
    return {
        "$schema": SCHEMA_URL,
        "info": {"title": first.title or first.name, "version": first.version},
        "contracts": described,
        "components": {"schemas": schemas},
    }


def _system_contract() -> dict[str, Any]:
    return {
        "name": SYSTEM_CONTRACT,
        "contractInstance": {"name": SYSTEM_CONTRACT},
        "transactions": [{"name": GET_METADATA, "tag": ["evaluate"], "parameters": [], "returns": {"type": "string"}}],
        "info": {"title": SYSTEM_CONTRACT, "version": "1.0.0"},
    }


def _transaction(function: ContractFunction, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": function.name,
        "tag": ["submit", "submitTx"] if function.submit else ["evaluate"],
        "parameters": [{"name": p.name, "schema": schema_of(p.annotation, schemas)} for p in function.parameters],
    }
    if function.doc:
        described["description"] = function.doc.splitlines()[0]
    if function.returns not in (None, type(None)):
        described["returns"] = schema_of(function.returns, schemas)
    return described


def schema_of(annotation: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a type; dataclasses are entered into `schemas` and referred to."""
    try:
        simple = _SIMPLE.get(annotation)
    except TypeError:
        simple = None
    if simple is not None:
        return dict(simple)
    origin = get_origin(annotation)
    if origin is not None:
        return _generic_schema(annotation, origin, schemas)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enumeration([m.value for m in annotation])
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        if annotation.__name__ not in schemas:
            schemas[annotation.__name__] = {}
            schemas[annotation.__name__] = _object_schema(annotation, schemas)
        return {"$ref": f"#/components/schemas/{annotation.__name__}"}
    raise TypeError(f"unsupported parameter type {annotation!r}")


def _generic_schema(annotation: Any, origin: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    arguments = get_args(annotation)
    if origin in (Union, types.UnionType):
        # The official schema knows no alternatives: an optional value is described by its type, others not at all.
        given = [a for a in arguments if a is not type(None)]
        return schema_of(given[0], schemas) if len(given) == 1 else {}
    if origin is Literal:
        return _enumeration(list(arguments))
    if origin is typing.Annotated:
        return schema_of(arguments[0], schemas)
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], schemas)}
    return {"type": "array", "items": schema_of(arguments[0], schemas)}


def _object_schema(annotation: type, schemas: dict[str, Any]) -> dict[str, Any]:
    members = values.fields_of(annotation)
    described: dict[str, Any] = {
        "$id": annotation.__name__,
        "type": "object",
        "additionalProperties": False,
        "properties": {name: schema_of(kind, schemas) for name, (kind, _) in members.items()},
    }
    required = [name for name, (_, needed) in members.items() if needed]
    return described | ({"required": required} if required else {})


def _enumeration(allowed: list[Any]) -> dict[str, Any]:
    kind = {str: "string", int: "integer"}.get(type(allowed[0])) if allowed else None
    return {"type": kind, "enum": allowed} if kind else {"enum": allowed}
