"""Automatic checks of a standard's clauses: each looks at the running network and says what it measured.

A check says `met`, `partly`, `unmet`, or `unknown` where it could not look: what nobody saw is never met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from baas.errors import CityChainError, Text

if TYPE_CHECKING:
    from apps.catalogue.checking.looking import Look

Result = Literal["met", "partly", "unmet", "unknown"]
MOST_NAMED = 12


@dataclass(frozen=True)
class Finding:
    """What a check saw: its result, the figure in one phrase, and what stands against it by name."""

    result: Result
    measured: Text
    against: tuple[str, ...] = ()


Check = Callable[["Look"], Finding]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under the name that standards use for it."""

    def add(function: Check) -> Check:
        if name in CHECKS:
            raise ValueError(f"two checks are called {name}")
        CHECKS[name] = function
        return function

    return add


def met(zh: str, en: str, **values: object) -> Finding:
    return Finding("met", Text(zh, en, **values))


def judged(against: list[str], whole: int, zh: str, en: str) -> Finding:
    """Met when nothing stands against it; `zh` and `en` say what `whole` counts ({n})."""
    if not whole:
        return Finding("unknown", Text("没有可查的对象", "there is nothing to look at"))
    if not against:
        return met(zh, en, n=whole)
    bad = Text("{b} / {n} 不符", "{b} of {n} do not hold", b=len(against), n=whole)
    return Finding("unmet", bad, tuple(against[:MOST_NAMED]))


def run(name: str, look: Look) -> Finding:
    """Do one check; whatever keeps it from looking is `unknown`, with the reason."""
    from apps.catalogue.checking import contracts, evidence, operation, privacy  # noqa: F401 - they register themselves

    function = CHECKS.get(name)
    if function is None:
        return Finding("unknown", Text("本程序不认识这项检查", "this program does not know the check"), (name,))
    try:
        return function(look)
    except CityChainError as error:
        said = error.message if isinstance(error.message, Text) else Text("{t}", "{t}", t=str(error.message))
        return Finding("unknown", Text("没有查成：{t}", "could not look: {t}", t=said))
    except (OSError, ValueError) as error:
        return Finding("unknown", Text("没有查成：{t}", "could not look: {t}", t=str(error)[:200]))
