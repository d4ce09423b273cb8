"""The pages clicked: a document captured, the graph walked, a recall begun, stopped and reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from apps.traceability import demo, epcis
from apps.traceability.service import TraceabilityService, build_service
from apps.traceability.ui.graph import placed
from baas.applications import DemoOptions
from baas.jobs import NULL_CONTEXT
from chaincode.traceability.kinds import Notice, Recall
from fabric_sdk import clock
from tests.apps.traceability.conftest import make
from tests.conftest import City, close_city
from tests.console.conftest import IGNORED, Desk, close_desk, open_desk

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore(IGNORED)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = make(tmp_path_factory.mktemp("pages") / "workspace", "embedded")
    demo.run(city.platform, city.network, DemoOptions(), NULL_CONTEXT)
    yield city
    close_city(city)


@pytest.fixture
def desk(qapp: Any, qtbot: Any, told: City) -> Iterator[Desk]:
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")
    made = open_desk(qapp, qtbot, told.platform)
    yield made
    made.stop_answering()
    close_desk(made)


@pytest.fixture
def service(told: City) -> Iterator[TraceabilityService]:
    with build_service(told.platform, told.network) as made:
        yield made


def view(desk: Desk) -> Any:
    page: Any = desk.window.page
    return page.stack.currentWidget()


def test_the_graph_shows_the_recalled_set_and_is_walked(desk: Desk) -> None:
    desk.go("traceability/graph")
    found = view(desk)
    desk.until(lambda: found.room.picture is not None)
    picture = found.room.picture
    assert found.note.text() == "上游 0，下游 6；召回涉及 7 件，装在 2 个容器中"
    assert {one.name for one in found.wares() if one.stopped} == set(picture._wares)
    assert "召回" in picture.spots[0].spoken
    boxes = [QRectF(one.box) for one in picture.spots]
    assert not any(one.intersects(other) for one in boxes for other in boxes if one is not other)
    picture.setFocus()
    desk.bot.keyClick(picture, Qt.Key.Key_Right)  # type: ignore[attr-defined]
    assert picture.current == demo.lot(demo.PARTS, "B-01")
    desk.settle()
    desk.bot.keyClick(picture, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    desk.until(lambda: found._name == demo.lot(demo.PARTS, "B-01"))
    desk.settle()
    assert found.note.text().startswith("上游 1，下游 5")
    found.look.choose("table")
    assert found.table.isVisible() and len(found.rows.rows) == 7
    found.look.choose("picture")
    found.search.setText("urn:epc:id:sgtin:6900003.000202.E008")
    desk.until(lambda: found._name.endswith("E008"))
    desk.settle()
    assert not any(one.stopped for one in found.wares())
    found.search.setText("https://example.com/nothing")
    desk.settle()
    assert "没有这件货物" in found.note.text() and found.trace is not None


def test_a_document_is_captured(desk: Desk, service: TraceabilityService, tmp_path: Path) -> None:
    event = {"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTime": clock.now().isoformat(),
             "eventTimeZoneOffset": "+08:00", "epcList": [demo.item(demo.SHOP, "G1")]}  # fmt: skip
    file = tmp_path / "events.json"
    file.write_text(json.dumps(epcis.document([event])), encoding="utf-8")

    def wrong_then_right(dialog: Any) -> None:
        for text in ("nothing.json", str(file)):
            dialog.form.fields["file"].set_value(text)
            desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
            if text == "nothing.json":
                assert dialog.isVisible() and dialog.form.fields["file"]._below.text() == "没有这个文件"
        desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    desk.go("traceability/event")
    desk.answer(wrong_then_right)
    desk.press_header("event.capture")
    desk.settle(30000)
    service.sync()
    assert service.index.events_of(demo.item(demo.SHOP, "G1"))[0]["step"] == "commissioning"


def test_a_recall_from_the_graph_to_its_report(desk: Desk, service: TraceabilityService) -> None:
    desk.go(f"traceability/graph/{demo.lot(demo.BIKES, 'F-09')}")
    desk.settle()

    def begin(dialog: Any) -> None:
        assert dialog.form.fields["goods"].value == demo.lot(demo.BIKES, "F-09")
        dialog.form.fields["cause"].set_value("焊缝开裂")
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    desk.answer(begin)
    desk.press("发起召回…", desk.window.inspector)
    desk.settle(30000)
    recall = next(one for one in service.all(Recall) if one["cause"] == "焊缝开裂")
    assert recall["marked"] == 1

    desk.go("traceability/recall")
    desk.until(lambda: view(desk).table.choose_id(recall["id"]))
    desk.settle()
    texts = [label.text() for label in desk.window.inspector.findChildren(type(view(desk).note))]
    assert "还有 8 件没有停止流通" in texts
    desk.answer(lambda dialog: desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton))  # type: ignore[attr-defined]
    desk.press("停止受影响的货物…", desk.window.inspector)
    desk.settle(30000)
    desk.until(lambda: service.read(recall["id"])["marked"] == 9)
    desk.until(lambda: len(service.under(recall["id"], Notice)) == 2)
    assert service.missing(service.read(recall["id"])) == []


def test_processes_stand_between_what_they_use_and_make() -> None:
    names = ["a", "b", "c", "d"]
    boxes = placed(names, [("a", "p"), ("b", "p"), ("p", "c"), ("c", "q"), ("q", "d"), ("b", "q")])
    assert boxes["a"].right() < boxes["p"].left() < boxes["p"].right() < boxes["c"].left() < boxes["q"].left()
    assert boxes["d"].left() > boxes["q"].right() and QPointF(boxes["d"].center()) != QPointF(QPoint(0, 0))
    loop = placed(["a", "b"], [("a", "p"), ("p", "b"), ("b", "q"), ("q", "a")])
    assert set(loop) == {"a", "b", "p", "q"}, "a picture ends even where a graph cannot be"


def test_views_by_hand_speak_english_too(desk: Desk) -> None:
    from baas.applications import Applications
    from console.catalogue import application_catalogues
    from console.i18n import use_language

    folders = application_catalogues(Applications())
    assert "traceability" in {folder.parent.name for folder in folders}
    use_language("en", folders)
    try:
        desk.go("traceability/graph")
        found = view(desk)
        assert found.tab_title() == "Goods" and placed([], []) == {}
    finally:
        use_language("zh")
