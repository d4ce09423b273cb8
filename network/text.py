"""Sentences for people, in Chinese and English at once.

Everything below the console that a person may read (errors, job progress, command output) is a `Text`, so that a
sentence cannot exist in one language only and no global language setting is needed: whoever shows it picks.
"""

from __future__ import annotations

import string
from typing import Any, Literal

Lang = Literal["zh", "en"]


class Counting(string.Formatter):
    """Formats sentences in which a word follows a figure: `{n} {n:line|lines}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, chosen, many = format_spec.partition("|")
        if not chosen:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else many


COUNTING = Counting()


class Text:
    """One sentence in both languages, with named parameters filled in by `str.format` (or `Counting`).

    Parameters may themselves be `Text`. Comparison is by content, so tests can compare sentences.
    """

    __slots__ = ("_en", "_zh", "params")

    def __init__(self, zh: str, en: str, **params: Any) -> None:
        self._zh = zh
        self._en = en
        self.params = params

    def render(self, lang: Lang) -> str:
        """Return the sentence in `lang` with its parameters filled in."""
        template = self._zh if lang == "zh" else self._en
        if not self.params:
            return template
        values = {k: v.render(lang) if isinstance(v, Text) else v for k, v in self.params.items()}
        return COUNTING.vformat(template, (), values) if "|" in template else template.format(**values)

    @property
    def zh(self) -> str:
        return self.render("zh")

    @property
    def en(self) -> str:
        return self.render("en")

    def __str__(self) -> str:
        return self.en

    def __repr__(self) -> str:
        return f"Text({self.zh!r}, {self.en!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.zh, self.en) == (other.zh, other.en)

    def __hash__(self) -> int:
        return hash((self.zh, self.en))


def render(value: Text | str, lang: Lang) -> str:
    """Return `value` for a reader of `lang`; plain strings (names, ids, foreign messages) pass through."""
    return value.render(lang) if isinstance(value, Text) else value
