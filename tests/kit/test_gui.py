"""The sample clicked: taken, refused at its field, tested, released by another inspector, recalled."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from baas.session import OWNER_ACTOR
from tests.console.conftest import Desk


def fill(desk: Desk, **values: Any) -> Any:
    """Fill in a dialog's fields and press its button; the dialog closes when the act is done."""

    def answer(dialog: Any) -> None:
        for key, value in values.items():
            dialog.form.fields[key].set_value(value)
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    return answer


def choose(desk: Desk, record_id: str) -> None:
    page: Any = desk.window.page
    table = page.stack.currentWidget().table
    desk.until(lambda: table.choose_id(record_id))
    desk.settle()


def test_a_sample_from_its_taking_to_its_recall(food_desk: Desk) -> None:
    desk, platform = food_desk, food_desk.platform
    desk.go("food/sample")
    desk.answer(fill(desk, number="G-1", product="鲜牛奶", producer="城东乳业", taken_on="2026-01-31"))
    desk.press_header("sample.take")
    desk.settle(30000)
    service = platform.applications.get("food").build_service(platform, "city")
    sample_id = service.find(service.catalogue.kinds["sample"], "number", "G-1")["id"]
    choose(desk, sample_id)

    def too_many(dialog: Any) -> None:
        said = " ".join(label.text() for label in dialog.findChildren(type(dialog.reason)))
        assert "由您代 food-food_analyst（食品检验员 · 政务数据局 DataBureauMSP）签署" in said, "who signs, for whom"
        dialog.form.fields["germs"].set_value(200_000)
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        field = dialog.form.fields["germs"]
        desk.until(lambda: field._below.text().startswith("应为 0 至"))
        assert dialog.isVisible() and not dialog.banner.isVisible(), "the form stays, the refusal stands at its field"
        field.set_value(10)
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        desk.until(lambda: not dialog.isVisible())

    desk.answer(too_many)
    desk.press("记录检验…", desk.window.inspector)
    desk.settle(30000)
    assert service.read(sample_id)["state"] == "TESTED"
    choose(desk, sample_id)
    texts = [button.text() for button in desk.window.inspector.findChildren(type(desk.button("召回…")))]
    assert "放行…" not in texts, "whoever took it is not offered its release"

    platform.identities.ensure("HealthMSP", "third", "food_inspector", network="city")
    platform.act_as("HealthMSP/third")
    try:
        desk.settle()
        desk.go("food/inbox")
        choose(desk, sample_id)
        desk.answer(fill(desk))
        desk.press("放行…", desk.window.inspector)
        desk.settle(30000)
        assert service.read(sample_id)["state"] == "RELEASED"
        desk.go("food/sample")
        choose(desk, sample_id)
        desk.answer(fill(desk, reason="变质"))
        desk.press("召回…", desk.window.inspector)
        desk.settle(30000)
        assert service.read(sample_id)["log"][-1]["reasons"] == ["变质"]
        choose(desk, sample_id)
        desk.press("全部历史", desk.window.inspector)
        desk.settle()
        said = [label.text() for label in desk.window.inspector.findChildren(QLabel)]
        assert "样品 · 已召回" in said and "样品 · 待检验" in said
        assert "菌落总数 · 空 → 10" in [text.replace("\u200b", "") for text in said]
    finally:
        platform.session.act_as(OWNER_ACTOR)
        desk.settle()
    desk.no_error()


def test_its_pictures_can_be_taken(food_desk: Desk) -> None:
    page = next(one for one in food_desk.platform.applications.get("food").page_specs() if one.id == "food")
    scenes = list(page.scenes(food_desk.window.context))
    assert {scene.name for scene in scenes} == {"food-inbox", "food-sample"}
    for scene in scenes:
        food_desk.go(scene.address)
        assert scene.prepare is not None
        scene.prepare(food_desk.window)
        food_desk.settle()
