"""What the panel beside a list says of a record, beside the ledger: of those that were written since the last look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QWidget

from console.widgets.basic import Chip, Elided, Label
from tests.console.walk.ledger import Ledger

MOST = 3
"""How many records of one list, and how many sessions, are opened at each look."""


def said(part: QWidget) -> list[str]:
    """Every word that is shown in a part of the window."""
    shown = [one for one in part.findChildren(Label) if one.isVisible()]
    found = [one.accessibleName() if isinstance(one, Elided) else one.text().replace("\u200b", "") for one in shown]
    return found + [one.accessibleName() for one in part.findChildren(Chip) if one.isVisible()]


def of_list(desk: Any, address: str, view: Any, truth: dict[str, dict[str, Any]], touched: set[str]) -> Iterator[str]:
    """Open records of a list that were written lately, one of each state, and read their panels."""
    from console.i18n import say

    states: set[str] = set()
    for record in list(view.records):
        there = truth.get(record["id"])
        if there is None or there["state"] in states or len(states) == MOST or record["id"] not in touched:
            continue
        states.add(there["state"])
        word = say(desk.window.page.kit.catalogue.of(there).state(there)[0])
        view.table.choose_id(record["id"])
        view.table.row_chosen.emit(record)  # it may be the row that was chosen before, its panel closed
        desk.settle()
        panel = desk.window.inspector
        chips = [one.accessibleName() for one in panel.findChildren(Chip) if one.isVisible()]
        if not panel.isVisible() or not any(word in text for text in chips[:1]):
            yield f"{address}: the panel of {record['id']} says {chips}, on the ledger it is {word}"
    desk.window.context.inspect(None)


def of_sessions(desk: Any, ledger: Ledger, hospital: str, by_session: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Open sessions that were written lately: slots, booked and free ones as the ledger has them."""
    from tests.console.walk.claims import numbers

    changed: dict[str, None] = {}
    for key in sorted(ledger.touched.get("health_slots", ())):
        kind, *rest = key.strip("\0").split("\0")
        if kind in {"slot", "session"} and rest[0] == hospital:
            changed[f"{hospital}.{rest[1]}"] = None
    for name in list(changed)[:MOST]:
        desk.go(f"health_slots/board/{name}")
        panel, there = desk.window.inspector, by_session[name]
        line = next((numbers(text) for text in said(panel) if text.endswith(f"加号 {there['added']}")), [])
        if line != [there["slots"], there["booked"], there["free"], there["added"]]:
            yield f"slots: the panel of {name} says {line or said(panel)[:6]}, the ledger has {there}"
