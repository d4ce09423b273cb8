"""Bills: the three books with a difference, settling, points; and rules whose old version stays for old slots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from apps.health_slots.kinds import Booking


def test_a_difference_between_the_books_is_found_and_recorded(
    window: Any, hospital: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    here = hospital()
    session = here.publish()
    first, second = (here.book(f"{session}.{n:03d}", paid=True) for n in (1, 2))
    view = window.at(here.id, "bills/reconcile")
    assert not window.window.header.buttons["record"].isEnabled()
    mine, theirs = tmp_path / "hospital.csv", tmp_path / "wechat.csv"
    monkeypatch.setattr("apps.health_slots.ui.reconcile.save_file", lambda *_: str(mine))
    window.head("book")
    assert len(mine.read_text("utf-8").splitlines()) == 3
    theirs.write_text(f"order,type,amount\n{first.id},payment,3000\nAunknown,payment,500\n", "utf-8")
    part = view.reconcile
    part.take("hospital", mine)
    part.take("payment", theirs)
    window.settle()
    assert {(d.order, d.hospital, d.platform, d.payment) for d in part.model.rows} == {
        (second.id, 1, 1, 0),
        ("Aunknown", 0, 0, 1),
    }
    assert "2 笔不一致" in window.said(part)
    advice = [part.model.index(row, 6).data() for row in range(2)]
    assert any("渠道收了而账本没有" in words for words in advice)
    window.head("record")
    block = here.service.ledger.height() - 1
    written = [w for b in here.service.ledger.blocks(block) for t in b.transactions for w in t.writes]
    assert [(kind, record["differences"]) for kind, _, record in written] == [("reconciliation", 2)]

    theirs.write_text("order,amount\nx,1\n", "utf-8")
    part.take("payment", theirs)
    window.settle()
    assert "账本缺少列" in window.page.banner.message.text()


def test_a_day_is_settled_once_it_is_over(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    here.book(f"{here.publish()}.001", paid=True)
    view = window.at(here.id, "bills/day")
    button = window.window.header.buttons["settle"]
    assert not button.isEnabled()
    assert window.window.header.reason.text() == "当天结束后才能结算"
    assert view.day.model.rows[0].cleared == ("wechat", 3000)
    view.day.show_day(view.day.day - dt.timedelta(days=1))
    window.settle()
    assert window.window.header.reason.text() == "这一天没有经过渠道的收支"
    assert view.day.empty.isVisible()


def test_points_are_spent_and_taken_back(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    resident = here.resident()
    booked = here.book(f"{here.publish()}.001", resident=resident)
    here.service.bookings.check_in(booked.id, here.service.bookings.issue_code(booked.id))
    here.service.acts.do(Booking.fulfil, on=booked.id)
    here.settle()
    view = window.at(here.id, "bills/points")
    view.points.resident.number.set_value(resident)
    window.do("查找", None, view.points)
    window.head("spend", window.fill(amount=4, purpose="parking"))
    account = here.service.residents.points(resident)
    assert account["balance"] == 6
    at = next(i for i, e in enumerate(view.points.model.rows) if e.amount == -4)
    view.points.table.choose(at)
    window.do("冲回这一笔", window.confirm(), view.points)
    assert here.service.residents.points(resident)["balance"] == 10
    assert sorted(e.amount for e in view.points.model.rows) == [-4, 4, 10]


def test_new_rules_keep_the_old_ones_for_old_slots(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital(hold_s=600)
    old = here.publish()
    view = window.at(here.id, "policies/own")
    before = view.versions[0]["version"]

    def change(dialog: Any) -> None:
        assert not dialog.accept_button.isEnabled()
        dialog.fields["hold_s"].set_value(300)
        dialog.fields["cancel_minute"].set_value("25:00")
        window.until(lambda: "有一项写法不对" in window.said(dialog))
        dialog.fields["cancel_minute"].set_value("23:59")
        dialog.fields["reopen_min_s"].set_value(9000)
        window.until(lambda: "账本不会接受" in window.said(dialog))
        dialog.fields["reopen_min_s"].set_value(600)
        window.until(lambda: dialog.accept_button.isEnabled() and "原来：锁定" in window.said(dialog))
        said = window.said(dialog)
        assert "原来：锁定的号保留 10 分钟" in said
        assert "锁定的号保留 5 分钟" in said
        assert "已承诺的 1 个仍按原来的版本" in said
        window.bot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
        window.until(lambda: "现行 → 试算" in window.said(dialog))
        assert "过了时限的退号  0 → 0" in window.said(dialog) and "账本上看不出的" in window.said(dialog)
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())

    window.head("new", change)
    assert [v["version"] for v in view.versions] == [before + 1, *range(before, 0, -1)]
    assert "锁定的号保留 5 分钟" in window.said(view.pane)
    assert "和第" in window.said(view.pane)
    new = here.publish(doctor="D2", start="04:00")
    assert here.service.lists.rules_of(old) == f"{here.id}/{before}"
    assert here.service.lists.rules_of(new) == f"{here.id}/{before + 1}"
    held = [here.service.bookings.hold(f"{s}.001", here.resident(), part="staff") for s in (old, new)]
    assert [h.expires - h.created_at for h in held] == [600, 300]
    view.enter()
    window.settle()
    view.table.choose(1)
    window.settle()
    assert "本院有 1 个出诊单元按这一版承诺" in window.said(view.pane)
