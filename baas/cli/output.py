"""Results for people (tables, key and value) and for programs (JSON), from the same frozen values."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from baas.errors import CityChainError, Lang, Text, render

if TYPE_CHECKING:
    from rich.console import Console


def plain(value: Any, lang: Lang) -> Any:  # noqa: PLR0911 - one return for each kind of value
    """`value` as JSON types: dataclasses become objects, `Text` a sentence in `lang`, bytes text or hex."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Text):
        return value.render(lang)
    if isinstance(value, Enum):
        return plain(value.value, lang)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), lang) for f in dataclasses.fields(value) if f.repr}
    if isinstance(value, Mapping):
        return {str(plain(k, lang)): plain(v, lang) for k, v in value.items()}
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v, lang) for v in value)
    if isinstance(value, Iterable):
        return [plain(v, lang) for v in value]
    return str(value)


def write_json(value: Any, lang: Lang) -> None:
    """Print `value` as JSON on standard output."""
    sys.stdout.write(json.dumps(plain(value, lang), ensure_ascii=not unicode(sys.stdout), indent=2) + "\n")


def unicode(stream: TextIO) -> bool:
    """JSON is UTF-8 (RFC 8259, 8.1); where a stream is not, escapes keep it so."""
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def console(*, stderr: bool = False) -> Console:
    """A terminal writer that never guesses markup out of foreign text."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # Into a file or a pipe a table keeps its lines whole.
    width = None if stream.isatty() else 240
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True, width=width)


def write_table(rows: Sequence[Any], columns: Mapping[str, Text], lang: Lang) -> None:
    """Print `rows` (dataclasses or mappings) as a table; `columns` maps field to heading."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as Cell

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in columns.values():
        table.add_column(title.render(lang), overflow="fold")
    for row in rows:
        table.add_row(*(Cell(cell(field_of(row, name), lang)) for name in columns))
    console().print(table, soft_wrap=False)


def write_fields(value: Any, lang: Lang, titles: Mapping[str, Text] | None = None) -> None:
    """Print one record as lines of key and value."""
    from rich.table import Table
    from rich.text import Text as Cell

    data = plain(value, lang)
    if not isinstance(data, dict):
        console().print(cell(data, lang))
        return
    table = Table.grid(padding=(0, 2))
    for name, item in data.items():
        title = titles[name].render(lang) if titles and name in titles else name
        table.add_row(Cell(title, style="bold"), Cell(cell(item, lang)))
    console().print(table, soft_wrap=False)


def field_of(row: Any, name: str) -> Any:
    """The field `name` of a dataclass or mapping."""
    return row.get(name, "") if isinstance(row, Mapping) else getattr(row, name)


def cell(value: Any, lang: Lang) -> str:  # noqa: PLR0911 - one return for each kind of value
    """A value as a person reads it in one cell."""
    if isinstance(value, bool):
        return Text("是", "yes").render(lang) if value else Text("否", "no").render(lang)
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    data = plain(value, lang)
    if isinstance(data, list) and all(isinstance(item, (str, int)) for item in data):
        return ", ".join(str(item) for item in data)
    if isinstance(data, (list, dict)):
        return json.dumps(data, ensure_ascii=False)
    return str(data)


def error_record(error: CityChainError, lang: Lang) -> dict[str, Any]:
    """An error for programs."""
    return {
        "error": {
            "code": error.code,
            "message": render(error.message, lang),
            "hint": render(error.hint, lang) if error.hint else None,
            "exit_code": error.exit_code,
            "details": plain(error.details, lang),
        }
    }
