"""Every control of the network, identity and contract pages has a name, in dialogs and wizard steps too."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from console.scenes import Scene
from tests.console.test_shell import _unnamed

PAGES = ("networks", "identities", "contracts", "doctor", "settings")


def _scenes(desk: Any, page: str) -> list[Scene]:
    spec = next(one for one in desk.window.specs if one.id == page)
    return list(spec.scenes(desk.window.context))


@pytest.mark.parametrize("page", PAGES)
def test_every_view_and_dialog_names_its_controls(desk: Any, page: str) -> None:
    """Walks the very scenes that are photographed, so that a new view cannot be forgotten."""
    wrong: dict[str, list[str]] = {}
    for scene in _scenes(desk, page):
        desk.go(scene.address)
        if scene.prepare is None:
            wrong[scene.name] = _unnamed(desk.window)
            continue
        seen: list[QWidget] = []

        def look(dialog: Any, name: str = scene.name, seen: list[QWidget] = seen) -> None:
            seen.append(dialog)
            wrong[name] = [*_unnamed(dialog), *([] if dialog.windowTitle() else ["the dialog itself"])]
            dialog.reject()

        desk.answer(look)
        scene.prepare(desk.window)
        desk.settle()
        desk.stop_answering()
        if not seen:
            wrong[scene.name] = _unnamed(desk.window)
    desk.window.page.banner.hide()
    assert {name: found for name, found in wrong.items() if found} == {}
    assert wrong or page in {"doctor", "settings"}


def test_the_record_tab_and_every_form_of_a_contract_name_their_controls(desk: Any) -> None:
    """One generated form for every combination of kinds of parameters, of both contracts."""
    seen = set()
    for contract in ("copyright", "health_slots"):
        desk.go(f"contracts/{contract}/call")
        tab = desk.window.page.call
        for row, function in enumerate(tab.model.rows):
            kinds = (function.submit, *sorted({parameter.kind for parameter in function.parameters}))
            if kinds not in seen:
                seen.add(kinds)
                tab.table.choose(row)
                assert _unnamed(tab) == [], function.name
    assert len(seen) > 3
