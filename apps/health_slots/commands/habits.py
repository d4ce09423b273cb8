"""The options by which a schedule's questions are answered, the same for the preview and the import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from apps.health_slots.schedule.fields import COLUMNS, KIND_WORDS, PART_WORDS, POOL_WORDS
from apps.health_slots.schedule.habits import Habits, Question, read_span
from baas.cli.kit import option
from baas.errors import Text, UserError

F = TypeVar("F", bound=Callable[..., Any])


def habit_options() -> Callable[[F], F]:
    """Options that become one keyword, `told`: what the command line says of the hospital's way of writing."""
    options = (
        option("--column", "columns", multiple=True, metavar="HEADING=FIELD", help=_help("columns")),
        option("--part", "parts", multiple=True, metavar="WORD=am|pm|night", help=_help("parts")),
        option("--kind", "kinds", multiple=True, metavar="WORD=KIND", help=_help("kinds")),
        option("--pool", "pools", multiple=True, metavar="WORD=POOL", help=_help("pools")),
        option("--hours", "hours", multiple=True, metavar="PART=HH:MM-HH:MM", help=_help("hours")),
        option("--dates", type=click.Choice(["mdy", "dmy"]), help=_help("dates")),
        option("--spread", type=click.Choice(["minutes", "half-hours"]), default="minutes", help=_help("spread")),
        option("--names-as-ids", is_flag=True, help=_help("names_as_ids")),
        option("--fill-down", is_flag=True, help=_help("fill_down")),
    )

    def decorate(function: F) -> F:
        for one in reversed(options):
            function = one(function)
        return function

    return decorate


def told(words: Mapping[str, Any]) -> Habits:
    """The habits that the options say; UserError for one that makes no sense. `words` are the options by name."""
    return Habits(
        columns={h: _one_of(f, COLUMNS) for h, f in _pairs(words["columns"])},
        hours={_one_of(p, PART_WORDS): read_span(span) for p, span in _pairs(words["hours"])},
        spread=words["spread"],
        dates=words["dates"] or "",
        names_as_ids=words["names_as_ids"],
        fill_down=words["fill_down"],
        parts=_choices(words["parts"], PART_WORDS),
        kinds=_choices(words["kinds"], KIND_WORDS),
        pools=_choices(words["pools"], POOL_WORDS),
    )


def how_to_answer(question: Question) -> str:
    """The option that answers a question, with its choices."""
    values = "|".join(value for value, _ in question.choices)
    match question.about:
        case "columns":
            return f"--column HEADING={question.subject}"
        case "names_as_ids":
            return "--names-as-ids"
        case "fill_down":
            return "--fill-down"
        case "dates":
            return f"--dates {values}"
        case "hours":
            return f"--hours {question.subject}=08:00-12:00"
        case about:
            return f"--{about.removesuffix('s')} {question.subject}={values}"


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        left, separator, right = text.rpartition("=")
        if not separator or not left or not right:
            raise UserError(Text("应写作 左=右：{t}", "Write it as LEFT=RIGHT: {t}", t=text[:60]))
        pairs.append((left, right))
    return pairs


def _choices(texts: tuple[str, ...], known: Mapping[str, Text]) -> dict[str, str]:
    return {word: _one_of(value, known) for word, value in _pairs(texts)}


def _one_of(value: str, known: Mapping[str, Any]) -> str:
    if value in known:
        return value
    raise UserError(
        Text(
            "没有“{v}”，可用：{k}", "There is no '{v}'; there are: {k}", v=value[:40], k=", ".join(known)
        )
    )  # fmt: skip


def _help(name: str) -> Text:
    return _HELP[name]


_HELP = {
    "columns": Text("文件的某一列是哪一项。", "Which field a column of the file is."),
    "parts": Text("医院的班次代码是哪个时段。", "Which part of the day a code of the hospital means."),
    "kinds": Text("医院的号别名称算哪一类。", "Which kind a word of the hospital means."),
    "pools": Text("医院的渠道名称是哪个号源池。", "Which pool a word of the hospital means."),
    "hours": Text("文件没有起止时间时，各时段的时间。", "The hours of a part, for files without times."),
    "dates": Text("12/02/2026 这样的日期：月在前或日在前。", "How 12/02/2026 is meant: month or day first."),
    "spread": Text("号数不能平分时间时怎样分配。", "How numbers that do not divide the time are spread."),
    "names_as_ids": Text("没有编号时用名称作编号。", "Use names as ids where there are none."),
    "fill_down": Text("空单元格沿用上一行。", "An empty cell means the line above."),
}
