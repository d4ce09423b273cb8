"""Checks values against the part of JSON schema that contracts' metadata uses; says what is wrong in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from console.i18n import tr

MAX_DEPTH = 32


def problem(schema: Mapping[str, Any], value: Any, depth: int = 0) -> str:  # noqa: PLR0911 - one rule each
    """Return what is wrong with `value`, "" when it fits."""
    if depth > MAX_DEPTH:
        return tr("层次太深")
    if "enum" in schema and value not in schema["enum"]:
        return tr("应为其中之一：{all}").format(all=tr("、").join(str(v) for v in schema["enum"][:12]))
    kind = schema.get("type", "")
    if kind and not _is(kind, value):
        return tr("应为{kind}").format(kind=kind_word(str(kind)))
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return _number(schema, value)
    if isinstance(value, str):
        return _string(schema, value)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            return tr("至少 {n} 项").format(n=schema["minItems"])
        for number, item in enumerate(value, 1):
            if wrong := problem(schema.get("items") or {}, item, depth + 1):
                return tr("第 {n} 项：{wrong}").format(n=number, wrong=wrong)
        return ""
    if isinstance(value, dict):
        return _object(schema, value, depth)
    return ""


def _object(schema: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> str:
    known = schema.get("properties") or {}
    for name in schema.get("required", ()):
        if name not in value:
            return tr("缺少 {name}").format(name=name)
    extra = schema.get("additionalProperties", True)
    for name, item in value.items():
        inner = known.get(name, extra if isinstance(extra, Mapping) else None)
        if inner is None and name not in known and extra is False:
            return tr("没有名为 {name} 的字段").format(name=name)
        if inner is not None and (wrong := problem(inner, item, depth + 1)):
            return f"{name}: {wrong}"
    return ""


def _number(schema: Mapping[str, Any], value: float) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and value < low:
        return tr("不能小于 {n}").format(n=low)
    if high is not None and value > high:
        return tr("不能大于 {n}").format(n=high)
    return ""


def _string(schema: Mapping[str, Any], value: str) -> str:  # noqa: PLR0911 - one rule each
    if len(value) < schema.get("minLength", 0):
        return tr("至少 {n} 个字符").format(n=schema["minLength"])
    if len(value) > schema.get("maxLength", len(value)):
        return tr("最多 {n} 个字符").format(n=schema["maxLength"])
    form = schema.get("format", "")
    if form == "date" and not _parses(date.fromisoformat, value):
        return tr("应为日期，例如 2026-11-23")
    if form == "date-time" and not ("T" in value and _parses(datetime.fromisoformat, value.replace("Z", "+00:00"))):
        return tr("应为时间，例如 2026-11-23T10:24:00Z")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) < 200 and len(value) < 2000:
        try:
            fits = re.search(pattern, value) is not None
        except re.error:
            return ""
        return "" if fits else tr("不符合格式 {p}").format(p=pattern)
    return ""


def _parses(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _is(kind: Any, value: Any) -> bool:
    if isinstance(kind, list):
        return any(_is(one, value) for one in kind)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "integer": number and float(value).is_integer(),
        "number": number,
        "boolean": isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
        "null": value is None,
    }.get(str(kind), True)


def kind_word(kind: str) -> str:
    """What a JSON type is called."""
    return {
        "string": tr("文字"),
        "integer": tr("整数"),
        "number": tr("数字"),
        "boolean": tr("是或否"),
        "array": tr("列表"),
        "object": tr("JSON 对象"),
    }.get(kind, kind)
