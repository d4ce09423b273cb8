"""The OpenAPI 3.1 document, made from the declarations; a test holds that the server answers as it says."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import baas.api.operations
from baas.api.answers import End, Problem
from baas.api.declaration import OPERATIONS, PREFIX, Operation
from baas.api.problems import MEDIA_TYPE, STATUSES
from baas.api.schema import Schema
from baas.api.scopes import SCOPES
from baas.api.shapes import schema_of
from baas.errors import Lang, Text

assert baas.api.operations  # declares them
OPENAPI = "3.1.0"
_TITLE = Text("城链服务接口", "CityChain service API")
_ABOUT = Text(
    "平台的命令，供程序使用。每个请求带令牌（citychain api token new），令牌只能做它的范围所列的事。"
    "出错时应答为 RFC 9457 的 problem+json，按 Accept-Language 用中文或英文。",
    "The platform's commands for programs. Each request has a token (citychain api token new), which may do what its "
    "scopes say. What is refused is answered as problem+json (RFC 9457), in Chinese or English by Accept-Language.",
)
_BEARER = Text("令牌，建立时只显示一次。", "A token; it is shown once, when it is made.")
_REFUSED = Text("请求被拒绝；code 说明原因。", "The request was refused; code says why.")
_DONE = Text("完成", "Done")
_STREAM = Text(
    "服务器推送事件：每个 data 为一个 JSON 值；最后一个事件是 end。",
    "Server-sent events: each data is one JSON value; the last event is `end`.",
)


def openapi(lang: Lang) -> dict[str, Any]:
    """The whole document, its sentences in one language."""
    found: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    problem = schema_of(Problem, found)
    found["Problem"]["additionalProperties"] = True
    for one in OPERATIONS:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, found)
    whole: dict[str, Any] = {
        "openapi": OPENAPI,
        "info": {"title": _TITLE, "description": _ABOUT, "version": _version()},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": found,
            "responses": {"Problem": {"description": _REFUSED, "content": {MEDIA_TYPE: {"schema": problem}}}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _BEARER}},
        },
        "x-scopes": {name: scope.title for name, scope in SCOPES.items()},
    }
    rendered: dict[str, Any] = _rendered(whole, lang)
    return rendered


def _operation(one: Operation, found: dict[str, Any]) -> dict[str, Any]:
    refusals = {str(status): {"$ref": "#/components/responses/Problem"} for status in STATUSES}
    made: dict[str, Any] = {
        "operationId": one.id,
        "summary": one.summary,
        "tags": [one.path.split("/")[1] if one.scope == "" else str(one.scope).partition(".")[0]],
        "security": [{"token": [one.scope] if one.scope else []}],
        "parameters": [
            *(_parameter(name, "path", schema, needed=True) for name, schema in one.parameters.items()),
            *(_parameter(name, "query", schema, needed=name in one.needed) for name, schema in one.query.items()),
        ],
        "responses": {str(one.status): _answer(one, found), **refusals},
    }
    if one.body is not None:
        made["requestBody"] = {
            "required": bool(one.body.get("required")),
            "content": {"application/json": {"schema": one.body}},
        }
    return made


def _answer(one: Operation, found: dict[str, Any]) -> dict[str, Any]:
    if one.status == 204:
        return {"description": _DONE}
    schema = schema_of(one.answer, found)
    if one.streams:
        event = {
            "type": "object",
            "properties": {
                "event": {"type": "string"},
                "id": {"type": "string"},
                "retry": {"type": "integer"},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"anyOf": [schema, schema_of(End, found)]},
                },
            },
            "required": ["event", "data"],
        }
        return {"description": _STREAM, "content": {"text/event-stream": {"schema": event}}}
    answer: dict[str, Any] = {"description": _DONE, "content": {"application/json": {"schema": schema}}}
    if one.status == 202:
        answer["headers"] = {"Location": {"schema": {"type": "string"}, "required": True}}
    return answer


def _parameter(name: str, place: str, schema: Schema, *, needed: bool) -> dict[str, Any]:
    said = {key: value for key, value in schema.items() if key != "description"}
    made: dict[str, Any] = {"name": name, "in": place, "required": needed, "schema": said}
    return made | ({"description": schema["description"]} if "description" in schema else {})


def _rendered(value: Any, lang: Lang) -> Any:
    if isinstance(value, Text):
        return value.render(lang)
    if isinstance(value, dict):
        return {name: _rendered(one, lang) for name, one in value.items()}
    if isinstance(value, list):
        return [_rendered(one, lang) for one in value]
    return value


def _version() -> str:
    try:
        return version("citychain")
    except PackageNotFoundError:
        return "0"
