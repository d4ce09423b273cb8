"""Reading files that people write by hand: bounded, strict, and every complaint names its place.

YAML is narrowed to what a spec needs: no aliases (they make small files explode), no duplicate keys, no tags beyond
plain data, at most one megabyte and 64 levels.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from network.errors import NotFound, Unavailable, UserError
from network.file_names import reserved_on_windows
from network.text import Text

MAX_DOCUMENT_BYTES = 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MAX_DEPTH = 64
MAX_STRING = 4096

Choice = TypeVar("Choice", bound=str)


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader without aliases, without duplicate keys and with a depth limit."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self._mark())
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", self._mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _mark(self) -> Any:
        return self.peek_event().start_mark  # type: ignore[no-untyped-call]

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key_node.value!r} is there twice", key_node.start_mark
                )
            seen.add(key_node.value)
        return cast("dict[Any, Any]", super().construct_mapping(node, deep))


def read_document(path: Path) -> object:
    """Read one YAML or JSON file as plain data; `UserError` or `Unavailable` in one sentence otherwise."""
    origin = Text("文件 {f}", "File {f}", f=path.name)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_DOCUMENT_BYTES + 1)
    except FileNotFoundError as e:
        raise NotFound(Text("找不到文件 {f}。", "There is no file {f}.", f=str(path))) from e
    except IsADirectoryError as e:
        raise UserError(Text("{f} 是文件夹，不是文件。", "{f} is a folder, not a file.", f=str(path))) from e
    except OSError as e:
        reason = e.strerror or str(e)
        raise Unavailable(
            Text("无法读取文件 {f}：{r}。", "File {f} cannot be read: {r}.", f=str(path), r=reason)
        ) from e
    return parse_document(raw, origin)


def parse_document(raw: bytes, origin: Text) -> object:
    """Parse YAML (JSON is part of it) of at most `MAX_DOCUMENT_BYTES` bytes."""
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise UserError(Text("{o} 超过 1 MB。", "{o} is larger than 1 MB.", o=origin))
    try:
        text = raw.decode("utf-16") if raw.startswith(_UTF16) else raw.decode("utf-8-sig")
        document: object = yaml.load(text, Loader=_StrictLoader)
    except UnicodeDecodeError as e:
        raise UserError(
            Text("{o} 不是 UTF-8 文本。", "{o} is not UTF-8 text.", o=origin),
            Text("请另存为 UTF-8 后重试。", "Save it as UTF-8 and try again."),
        ) from e
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise UserError(
            Text(
                "{o} 第 {l} 行第 {c} 列无法解析：{p}。",
                "{o} cannot be parsed at line {l}, column {c}: {p}.",
                o=origin,
                l=line,
                c=column,
                p=e.problem or "syntax",
            )
        ) from e
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise UserError(Text("{o} 不是有效的 YAML 或 JSON。", "{o} is not valid YAML or JSON.", o=origin)) from e
    return document


class SpecReader:
    """A mapping at a known place of a document, read key by key with its place in every error."""

    def __init__(self, document: object, place: str, origin: Text) -> None:
        self._place = place
        self._origin = origin
        if not isinstance(document, Mapping):
            raise self.error("", Text("应为键值结构", "a mapping is expected"))
        self._values: Mapping[Any, Any] = document

    def error(self, key: str, what: Text) -> UserError:
        """Return the error for `key` below this place; `what` is a clause without a full stop."""
        place = ".".join(part for part in (self._place, key) if part)
        if not place:
            return UserError(Text("{o}：{w}。", "{o}: {w}.", o=self._origin, w=what), code="bad_spec")
        return UserError(
            Text("{o} 的 {p}：{w}。", "{o}, at {p}: {w}.", o=self._origin, p=place, w=what),
            code="bad_spec",
            details={"place": place},
        )

    def only_keys(self, *allowed: str) -> None:
        """Refuse keys outside `allowed`."""
        for key in self._values:
            if key not in allowed:
                raise self.error(
                    str(key)[:60],
                    Text("未知的键，可用：{a}", "unknown key; known are {a}", a=", ".join(allowed)),
                )

    def word(self, key: str, pattern: str, rule: Text, default: str | None = None) -> str:
        """Return a string that matches `pattern` entirely; `rule` says that pattern to people."""
        value = self._values.get(key, default)
        if value is None:
            raise self.error(key, Text("缺少此项", "is missing"))
        if not isinstance(value, str) or len(value) > MAX_STRING or not re.fullmatch(pattern, value):
            raise self.error(key, Text("“{v}”不可用：{r}", "{v} cannot be used: {r}", v=_short(value), r=rule))
        if key == "name" and reserved_on_windows(value):
            raise self.error(
                key,
                Text(
                    "“{v}”是 Windows 的设备名，请换一个",
                    "{v} names a device on Windows; choose another",
                    v=_short(value),
                ),
            )
        return value

    def words(self, key: str, default: Sequence[str]) -> list[str]:
        """Return a list of strings."""
        value = self._values.get(key, default)
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise self.error(key, Text("应为字符串列表", "a list of strings is expected"))
        return [str(v) for v in value]

    def text(self, key: str, default: str) -> Text:
        """Return a bilingual text: a string, or a mapping with `zh` and `en`."""
        value = self._values.get(key, default)
        if isinstance(value, Mapping):
            inner = SpecReader(value, ".".join(p for p in (self._place, key) if p), self._origin)
            inner.only_keys("zh", "en")
            zh, en = inner._line("zh"), inner._line("en")
            return Text(zh or en, en or zh)
        if not isinstance(value, str) or not value.strip() or len(value) > 200:
            raise self.error(key, Text("应为 1–200 字的文字", "a text of 1 to 200 characters is expected"))
        return Text(value, value)

    def _line(self, key: str) -> str:
        value = self._values.get(key, "")
        if not isinstance(value, str) or len(value) > 200:
            raise self.error(key, Text("应为 1–200 字的文字", "a text of 1 to 200 characters is expected"))
        return value

    def choice(self, key: str, choices: Sequence[Choice], default: Choice) -> Choice:
        """Return one of `choices`."""
        value = self._values.get(key, default)
        for choice in choices:
            if value == choice:
                return choice
        raise self.error(
            key,
            Text(
                "“{v}”不可用，可选：{c}",
                "{v} is not one of {c}",
                v=_short(value),
                c=", ".join(choices),
            ),
        )

    def integer(self, key: str, low: int, high: int, default: int) -> int:
        """Return an integer between `low` and `high`, both included."""
        value = self._values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(
                key,
                Text("应为 {a} 到 {b} 的整数", "an integer from {a} to {b} is expected", a=low, b=high),
            )
        return value

    def policy(self, key: str, default: str) -> str:
        """Return a policy rule; its grammar is checked where it is compiled."""
        value = self._values.get(key, default)
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_STRING:
            raise self.error(key, Text("应为策略表达式", "a policy rule is expected"))
        return value

    def mapping(self, key: str) -> SpecReader | None:
        """Return the mapping under `key`, or None when it is absent."""
        if self._values.get(key) is None:
            return None
        return SpecReader(self._values[key], ".".join(p for p in (self._place, key) if p), self._origin)

    def items(self, key: str, at_least: int, at_most: int) -> list[SpecReader]:
        """Return the mappings of the list under `key`."""
        value = self._values.get(key) or []
        if not isinstance(value, (list, tuple)):
            raise self.error(key, Text("应为列表", "a list is expected"))
        if not at_least <= len(value) <= at_most:
            raise self.error(
                key,
                Text("应有 {a} 到 {b} 项", "{a} to {b} entries are expected", a=at_least, b=at_most),
            )
        prefix = f"{self._place}." if self._place else ""
        return [SpecReader(item, f"{prefix}{key}[{i}]", self._origin) for i, item in enumerate(value)]


def _short(value: object) -> str:
    if isinstance(value, (list, tuple, Mapping)):
        return type(value).__name__
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
