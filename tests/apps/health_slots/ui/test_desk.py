"""At a hospital's window: book, pay, check in by code; stop, withdraw and move sessions; hand returned slots on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt

from apps.health_slots.ui.changes import Foreseen
from apps.health_slots.ui.check_in import CodeSection
from apps.health_slots.ui.page import ChosenResident
from console.widgets.forms import Form

ENTER = Qt.Key.Key_Return


def choose_slot(window: Any, hospital: Any, slot: str) -> None:
    """Find a slot on the search tab and show it in the inspector."""
    view = window.at(hospital.id, "search")
    view.text.set_value(f"样例医院{hospital.number}")
    window.until(lambda: any(s.id == slot for s in view.model.rows) and window.window.context.tasks.idle)
    view.table.choose([s.id for s in view.model.rows].index(slot))
    window.settle()


def test_hold_book_pay_check_in_and_the_replay_is_refused(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital(prepay=True)
    slot = f"{here.publish()}.001"
    who = here.person()
    desk = window.at(here.id, "desk")
    values = {"name": who.name, "document": who.document, "phone": who.phone}
    window.do("登记新居民", window.fill(**values), desk)
    assert window.page.resident.masked == "样＊＊＊"
    assert who.name not in window.said(desk)

    choose_slot(window, here, slot)
    window.do("先锁定")
    assert window.chips() == ["待确认"]
    booking = here.service.index.appointments(slot=slot)[0]
    assert booking.state == "pending"
    window.do("确认预约")
    window.go(f"health_slots/desk/{booking.id}")
    assert "还应付 30.00 元" in window.said()
    window.do("记录支付", window.fill(channel="wechat", reference="WX-0001"))
    assert here.service.bookings.get(booking.id).state == "booked"

    window.go(f"health_slots/desk/{booking.id}")
    window.do("出示取号码")
    section = next(s for s in window.panel.findChildren(CodeSection) if s.isVisible())
    code = section.code
    assert not section.picture.pixmap().isNull()
    assert "内有效" in section.left.text()

    card = window.view.check_in
    card.field.editor.setFocus()
    window.bot.keyClicks(card.field.editor, code)
    window.bot.keyClick(card.field.editor, ENTER)
    window.settle(30000)
    assert "已取号：心血管内科 001 号" in window.said(card)
    assert here.service.bookings.get(booking.id).state == "checked-in"

    card.field.set_value(code)
    window.bot.keyClick(card.field.editor, ENTER)
    window.settle(30000)
    said = window.said(card)
    assert "取号码已经用过" in said
    assert "每个码只能用一次" in said
    card.field.set_value("CC1.nonsense")
    window.bot.keyClick(card.field.editor, ENTER)
    window.settle(30000)
    assert "这不是取号码" in window.said(card)

    window.go(f"health_slots/desk/{booking.id}")
    window.do("记录已就诊")
    assert here.service.bookings.get(booking.id).state == "fulfilled"
    here.settle()
    window.at(here.id, "bills/points")
    assert "10" in window.said(window.view.points)


def test_a_refused_payment_keeps_its_dialog_and_its_form(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital(prepay=True)
    session = here.publish()
    first, second = here.book(f"{session}.001"), here.book(f"{session}.002")
    here.service.bills.pay(first.id, "wechat", f"WX-{here.number}", first.due)
    window.at(here.id, "desk")
    window.go(f"health_slots/desk/{second.id}")

    def pay(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["channel"].set_value("wechat")
        form.fields["reference"].set_value(f"WX-{here.number}")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: form.fields["reference"].error)
        assert "已经记过" in form.fields["reference"].error and "请核对流水号" in form.fields["reference"].error
        assert not dialog.banner.isVisible()
        assert dialog.isVisible() and form["reference"] == f"WX-{here.number}"
        form.fields["reference"].set_value(f"WX-{here.number}-2")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: not dialog.isVisible())

    window.do("记录支付", pay)
    assert here.service.bookings.get(second.id).state == "booked"


def test_a_resident_is_found_again_and_sees_a_free_slot_instead_of_a_taken_one(
    window: Any, hospital: Callable[..., Any]
) -> None:
    here = hospital()
    slot = f"{here.publish()}.002"
    who = here.person()
    here.service.bookings.deposit(here.id, who, part="staff")
    desk = window.at(here.id, "desk")
    desk.resident.number.set_value(who.document)
    window.bot.keyClick(desk.resident.number.editor, ENTER)
    window.settle()
    assert window.page.resident.masked == "样＊＊＊"
    choose_slot(window, here, slot)
    here.book(slot)
    window.press("预约", window.panel)
    window.settle(30000)
    said = window.said()
    assert "该号源已被他人预约" in said
    assert "可改约" in said


def test_stopping_a_session_says_what_follows_and_shows_the_refunds(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    session = here.publish()
    booked = [here.book(f"{session}.{n:03d}", paid=True) for n in (1, 2)]
    board = window.at(here.id, "board")
    window.settle()
    board.board.choose(session)
    window.settle()
    seen = []

    def stop(dialog: Any) -> None:
        foreseen = dialog.findChild(Foreseen)
        window.until(foreseen.consequence.text)
        seen.append(f"{foreseen.consequence.text()} {window.said(foreseen.money)}")
        dialog.form.fields["reason"].set_value("doctor-ill")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.do("停诊", stop)
    window.told().accept()
    assert "2 个预约会取消" in seen[0]
    assert "应退 60.00 元" in seen[0]
    bills = window.at(here.id, "bills/day")
    assert {v.id: v.refund_due for v in bills.day.owing.rows} == {b.id: 3000 for b in booked}
    bills.day.owing_table.choose(0)
    window.settle()
    assert window.chips() == ["已取消 · 停诊"]
    window.do("记录退款", window.fill(channel="wechat", reference=f"RF-{here.id}"))
    assert sum(v.refund_due for v in window.view.day.owing.rows) == 3000
    balance = window.at(here.id, "bills/balance")
    assert "借贷相等" in window.said(balance)


def test_a_returned_slot_goes_to_who_waits(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    session = here.publish(slots=2)
    booked = here.book(f"{session}.001")
    here.book(f"{session}.002")
    waiter = here.resident()
    board = window.at(here.id, "board")
    window.settle()
    board.board.choose(session)
    window.settle()
    window.page.set_resident(ChosenResident(waiter))
    window.do("加入候补", window.confirm())
    window.page.set_resident(None)
    window.go(f"health_slots/desk/{booked.id}")
    window.do("退号", window.confirm())
    view = window.at(here.id, "waitlist")
    (row,) = view.model.rows
    assert (row.waiting, row.returned) == (1, 1)
    window.head("hand_on")
    assert "1 个号已为候补的人保留" in window.said(view)
    taken = here.service.index.appointments(slot=f"{session}.001")[0]
    assert (taken.resident, taken.state) == (here.visit(waiter, session), "pending")


def test_withdrawing_moving_and_substituting_name_their_reasons(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    session = here.publish()
    here.publish(doctor="D2", start="04:00")
    here.book(f"{session}.003")
    board = window.at(here.id, "board")
    window.settle()
    board.board.choose(session)
    window.settle()

    def withdraw(dialog: Any) -> None:
        dialog.form.fields["numbers"].set_value("3, 99")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        assert "99" in dialog.form.fields["numbers"].error
        dialog.form.fields["numbers"].set_value("3, 7-8")
        window.until(lambda: "1 个预约会取消" in dialog.findChild(Foreseen).consequence.text())
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.do("撤号", withdraw)
    states = {s.number: s.state for s in here.service.slots(session)}
    assert [n for n, state in states.items() if state == "stopped"] == [3, 7, 8]
    window.do("替诊", window.fill(doctor="D2", reason="doctor-leave"))
    assert here.service.index.session(session).doctor == "D2"
    window.do("改诊", window.fill(shift=480, reason="meeting"))
    assert here.service.index.session(session).start == 480
    whats = [(c.what, c.reason) for c in here.service.lists.changes(here.id)]
    assert sorted(whats) == [("moved", "meeting"), ("substituted", "doctor-leave")]


def test_the_home_lists_who_comes_without_a_name(window: Any, hospital: Callable[..., Any]) -> None:
    """Numbers, hours and what is still to pay, of the desk's own list; those who have come stand below."""
    from apps.health_slots.ui.home import _desk

    here = hospital(prepay=True)
    session = here.publish()
    date = here.service.index.session(session).date
    assert _desk(here.service, [here.id], date).rows == ()
    first, second = here.resident(), here.resident()
    one = here.service.bookings.hold(f"{session}.001", first, part="staff")
    here.service.bookings.hold(f"{session}.002", second, part="staff")
    section = _desk(here.service, [here.id], date)
    visits = here.service.lists.visits(here.id, date_from=date, date_to=date)
    assert section.count == len(visits) == 2
    assert [row.title[:5] for row in section.rows] == ["001 号", "002 号"]
    assert {row.detail for row in section.rows} == {"待付 30.00 元"}
    assert {row.address for row in section.rows} == {f"health_slots/desk/{visit.id}" for visit in visits}
    here.service.bookings.cancel(one.id, part="staff")
    assert [row.title[:5] for row in _desk(here.service, [here.id], date).rows] == ["002 号", "001 号"]
    window.at(hospital().id, "desk")
    window.go(section.rows[1].address)
    assert window.page.hospital == here.id, "the page spoke of another hospital, and showed nothing"
    assert "还应付 30.00 元" in window.said()
    window.go("health_slots/board")
    window.page.choose_hospital(hospital().id)
    window.settle()
    window.go(f"health_slots/board/{session}")
    assert window.page.hospital == here.id and window.view.board.current == session
