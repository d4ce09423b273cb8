"""Fields as arguments and options of a command, and what a person wrote there as the contract takes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from apps.kit.files import given_files, holds_files
from apps.kit.formats import basis_points_of, fen_of
from apps.kit.words import FieldWords
from baas.cli.kit import argument, option
from baas.errors import Text, UserError
from fabric_sdk import kinds
from fabric_sdk.kinds import Field
from network.encodings import read_text

Command = Callable[..., Any]


def option_name(one: Field[Any], words: FieldWords) -> str:
    """How a field is called at the command line."""
    return words.option or one.name.removesuffix("_fen").removesuffix("_bp").removesuffix("_sha256").replace("_", "-")


def variable(text: str) -> str:
    """The name of an option in the command's function."""
    return f"o_{text.replace('-', '_')}"


class CodeType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """A code of a table, or its Chinese title; others are wrong use before anything is done."""

    name = "code"

    def __init__(self, table: Callable[[], Mapping[str, Text]]) -> None:
        self.table = table

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        words = self.table()
        for code, title in words.items():
            if value in ("", code, title.zh) or value == title.zh.removesuffix("作品") != "":
                return value and code
        known = Text(
            "、".join(code if code == title.zh else f"{code} {title.zh}" for code, title in words.items()),
            ", ".join(code if code == title.en else f"{code} ({title.en})" for code, title in words.items()),
        )
        raise UserError(
            Text("不认识“{v}”。", "{v} is not known.", v=str(value)[:60]),
            Text("可用：{k}", "Known: {k}", k=known),
            code="unknown_code",
        )


def argument_of(text: str, one: Field[Any], words: FieldWords) -> Callable[[Command], Command]:
    """A field as an argument, which stands without a name."""
    kind = CodeType(words.code_words) if isinstance(one, kinds.Code) and not words.free else _range_of(one, words)
    return argument(variable(text), metavar=text.upper().replace("-", "_"), type=kind)


def option_of(text: str, one: Field[Any], words: FieldWords) -> Callable[[Command], Command]:
    """A field as an option."""
    kind = _type_of(one, words)
    if isinstance(one, kinds.Flag):
        kind = {"is_flag": True}
    elif isinstance(one, kinds.Reasons):
        kind = {"multiple": True}
    elif holds_files(one):
        kind = {"multiple": True, "metavar": "KIND=FILE"}
    elif isinstance(one, kinds.Sha256):
        kind = {"metavar": "HEX|FILE"}
    elif isinstance(one, kinds.Id):
        kind = {"metavar": "ID"}
    needed = one.required and words.given is None
    return option(f"--{text}", variable(text), required=needed, default=words.given, help=_help(one, words), **kind)


def _type_of(one: Field[Any], words: FieldWords) -> dict[str, Any]:
    if number := _range_of(one, words):
        return {"type": number}
    if isinstance(one, kinds.Code) and not isinstance(one, kinds.Codes) and not words.free:
        return {"type": click.Choice(list(one.codes)) if one.codes else CodeType(words.code_words)}
    return {}


def _range_of(one: Field[Any], words: FieldWords) -> Any:
    if not isinstance(one, kinds.Whole) or (isinstance(one, kinds.Fen | kinds.Share) and not words.raw):
        return None
    return click.IntRange(one.low, one.high) if words.ranged else int


def _help(one: Field[Any], words: FieldWords) -> Text:
    hint = words.help or (words.hint if isinstance(words.hint, Text) else None)
    unit = _unit(one, raw=words.raw) if words.help is None else None
    unit = Text("可重复", "may be repeated") if isinstance(one, kinds.Reasons) else unit
    unit = Text("种类=文件，可重复", "KIND=FILE; may be repeated") if holds_files(one) else unit
    more = [part for part in (unit, hint) if part is not None]
    zh = words.label.zh + (f"（{'，'.join(part.zh for part in more)}）" if more else "") + "。"
    en = words.label.en + (f" ({', '.join(part.en for part in more)})" if more else "") + "."
    return Text(zh, en)


def _unit(one: Field[Any], *, raw: bool) -> Text | None:
    if isinstance(one, kinds.Fen):
        return Text("分", "fen") if raw else Text("元", "yuan")
    if isinstance(one, kinds.Share):
        return Text("万分之", "basis points") if raw else Text("%", "%")
    return None


def value_of(one: Field[Any], text: Any, words: FieldWords) -> Any:  # noqa: PLR0911 - one a type
    """What a person wrote, as the contract takes it."""
    if text in (None, "", ()):
        return None
    if words.raw:
        return text
    try:
        if isinstance(one, kinds.Fen):
            return fen_of(str(text))
        if isinstance(one, kinds.Share):
            return basis_points_of(str(text))
    except ValueError as error:
        raise UserError(
            Text("{f}应为数字，最多两位小数。", "{f} must be a number with two decimals at most.", f=words.label),
            code="bad_number",
        ) from error
    if isinstance(one, kinds.Codes):
        return "all" if text == "all" else [part.strip() for part in str(text).split(",") if part.strip()]
    if isinstance(one, kinds.Reasons):
        return list(text)
    if holds_files(one):
        return given_files(text)
    if isinstance(one, kinds.Sha256) and Path(str(text)).is_file():
        with Path(str(text)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if isinstance(one, kinds.Items | kinds.Data):
        return _json(str(text), one, words)
    return text


def _json(text: str, one: Field[Any], words: FieldWords) -> Any:
    """A JSON value given directly or as @FILE."""
    try:
        return json.loads(read_text(Path(text[1:])) if text.startswith("@") else text)
    except OSError as error:
        raise UserError(Text("读不了 {f}。", "{f} cannot be read.", f=text[1:]), code="file_unreadable") from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            Text("{f}不是可读的 JSON。", "{f} is no readable JSON.", f=words.label),
            Text("请写成 JSON 或 @文件。", "Write JSON or @FILE."),
            code="not_json",
        ) from error
