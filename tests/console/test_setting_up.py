"""A contract that others deployed and nobody set up: looking writes nothing, its administrator's press does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from baas.services.deploying import Deploying
from console.appkit.page import AppPage
from console.widgets.basic import Label
from tests.conftest import City


def test_looking_sets_nothing_up(
    fresh_city: Callable[[], City], make_desk: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deploying, "_tell_first", lambda *_: None)
    city = fresh_city()
    platform = city.platform
    platform.identities.issue("HospitalMSP", "carol", "licensee", network=city.network)

    def height() -> int:
        return max(node.height or 0 for node in platform.networks.status(city.network).nodes)

    before = height()
    desk = make_desk(platform)
    pages = [spec.id for spec in desk.window.specs if spec.id in desk.window.rail.items]
    unset = []
    for page in pages:
        desk.go(page)
        desk.no_error()
        shown = desk.window.page
        if isinstance(shown, AppPage) and shown.stack.currentWidget() is shown._unset:
            unset.append(page)
    assert "copyright" in unset
    assert height() == before, "whoever looks writes nothing"

    platform.session.act_as(platform.identities.actor("HospitalMSP/carol", city.network))
    desk.settle()
    desk.go("copyright")
    page = desk.window.page
    said = [label.text() for label in page._unset.findChildren(Label)]
    assert any("CopyrightMSP" in text for text in said)
    assert not page._unset.findChildren(QPushButton)

    platform.act_as("owner")
    desk.settle()
    desk.go("copyright")
    button = desk.button("完成初始设置")
    assert "admin" in button.accessibleDescription() and "CopyrightMSP" in button.accessibleDescription()
    desk.press("完成初始设置")
    desk.settle()
    desk.no_error()
    assert desk.window.page.service is not None
    assert height() == before + 1
