"""What stands in a cell, before it is known which column it belongs to."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

MAX_COLUMNS = 64
MAX_CELL = 200
_ARITHMETIC = re.compile(r"[-+*/(). 0-9]{1,60}")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SIGNS = str.maketrans({"—": "-", "–": "-", "−": "-", "～": "~", "〜": "~"})


class NoValue:
    """A formula whose result the file does not hold and that is not plain arithmetic."""

    def __init__(self, formula: str) -> None:
        self.formula = formula

    def __str__(self) -> str:
        return self.formula


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def plain(cell: Any) -> str:
    """A cell as one line: full-width letters, digits and signs as the usual ones, no surrounding space."""
    text = unicodedata.normalize("NFKC", str(cell)).translate(_SIGNS)
    return " ".join(text.split())


def shorten(cell: Any) -> str:
    """A cell for a message: one line, at most 40 characters."""
    text = " ".join(str(cell)[:400].split())
    return text if len(text) <= 40 else f"{text[:40]}…"


def chinese_number(text: str) -> int | None:
    """The value of 三十, 一百二十 or 二〇二六; None for anything else or beyond 9,999."""
    if not 0 < len(text) <= 9:
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if len(text) <= 4 else None
    total, digit = 0, None
    for c in text:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif c in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[c]
            digit = None
        else:
            return None
    return total + (digit or 0)


def arithmetic(formula: str) -> float | int | None:
    """The value of a formula that is nothing but numbers and + - * / ( ), such as `=20+4`; None for any other."""
    text = formula.removeprefix("=").strip()
    if not _ARITHMETIC.fullmatch(text) or "**" in text or "//" in text:
        return None
    try:
        return _Sum(text).value()
    except (ValueError, ZeroDivisionError, RecursionError):
        return None


class _Sum:
    """Recursive descent over sums, products and brackets."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = re.findall(r"\d+\.?\d*|\.\d+|[-+*/()]", text)
        if "".join(self._tokens) != text.replace(" ", ""):
            raise ValueError(text)

    def value(self) -> float | int:
        found = self._sum()
        if self._tokens:
            raise ValueError(self._tokens[0])
        return int(found) if float(found).is_integer() else round(found, 9)

    def _take(self, wanted: str) -> str:
        if self._tokens and self._tokens[0] in wanted:
            return self._tokens.pop(0)
        return ""

    def _sum(self) -> float:
        found = self._product()
        while sign := self._take("+-"):
            found += self._product() if sign == "+" else -self._product()
        return found

    def _product(self) -> float:
        found = self._factor()
        while sign := self._take("*/"):
            found = found * self._factor() if sign == "*" else found / self._factor()
        return found

    def _factor(self) -> float:
        if sign := self._take("+-"):
            return self._factor() if sign == "+" else -self._factor()
        if self._take("("):
            found = self._sum()
            if not self._take(")"):
                raise ValueError("(")
            return found
        if not self._tokens:
            raise ValueError("")
        return float(self._tokens.pop(0))
