"""A deposit beside an earlier work, the application with its checks, correction, the office's private view."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from tests.moments import notice_of

RESIDENT = "11010519491231002X"


def test_an_alike_work_asks_for_the_relation_and_names_its_source(
    office: Any, deposited: Callable[..., Any], ledger: Any, tmp_path: Path
) -> None:
    from baas.content import Cid

    earlier = deposited("在先之作")
    body = b"".join(office.platform.content.cat(Cid(earlier.cid))).decode()
    path = tmp_path / "改写.txt"
    path.write_text(body + "又一行\n", encoding="utf-8")
    office.act_as(f"PublicMSP/{uuid.uuid4().hex[:8]}", "creator")
    office.go("copyright/new")
    view = office.page.deposit
    view.take(path)
    office.settle(30000)
    assert view.examined.earlier.id == earlier.id
    view.form.fields["kind"].set_value("original")
    view.form.fields["author"].set_value("样例乙、样例丙")
    assert "关系" in view.missing(), "nothing is deposited beside another's work without a word about it"
    view.relation.buttons["independent"].click()
    assert "备注" in view.missing()
    view.relation.buttons["adapted"].click()
    assert (view.form["kind"], view.form["sources"]) == ("adaptation", earlier.id)
    view.form.fields["published"].set_value("不是日期")
    assert "首次发表" in view.missing()
    view.form.fields["published"].set_value("2026-01-31")
    assert "早于" in view.missing()
    view.form.fields["completed"].set_value("2026-01-30")
    assert view.missing() == ""
    office.press_header("deposit")
    office.settle(30000)
    office.no_error()
    work = office.page.work.facts.work
    assert work.record["sources"] == [{"work_id": earlier.id}]
    assert work.record["relations"] == [{"work_id": earlier.id, "relation": "adapted", "words": ""}]
    assert [one["name"] for one in work.record["authors"]] == ["样例乙", "样例丙"]
    assert work.record["published"]["date"] == "2026-01-31"
    tree = ledger.family_tree(earlier.id)
    assert work.id in {one["id"] for one in tree["works"]}


def asked_for(*codes: str) -> Callable[[Any], None]:
    """An answer to the dialog that asks for a correction: these fields, with a reason."""

    def answer(dialog: Any) -> None:
        from console.appkit.editors import CodesBox

        (box,) = dialog.findChildren(CodesBox)
        box.set_value(list(codes))
        dialog.form.fields["reasons"].set_value("请更正题名，补充创作过程")
        dialog.submit()

    return answer


def _filled(dialog: Any, number: str) -> None:
    dialog.form.fields["number"].set_value(number)
    for key in ("purpose", "process", "originality"):
        dialog.form.fields[key].set_value("样例说明")


def test_an_application_is_checked_corrected_and_read_by_the_office(
    office: Any, deposited: Callable[..., Any], ledger: Any
) -> None:
    work = deposited("补正之作")
    office.go(f"copyright/work/{work.id}")
    wrong: list[str] = []

    def apply(dialog: Any) -> None:
        _filled(dialog, "110105194912310021")
        dialog.submit()
        wrong.append(dialog.form.fields["number"].error)
        dialog.form.fields["attribution"].set_value("commissioned")
        _filled(dialog, RESIDENT)
        dialog.submit()
        wrong.append(dialog.form.fields["attribution_proof"].error)
        dialog.form.fields["attribution"].set_value("individual")
        office.fill()(dialog)

    office.answer(apply)
    office.press_header("apply")
    office.settle(30000)
    office.no_error()
    assert "身份证" in wrong[0]
    assert "证明" in wrong[1]
    case = ledger.registration(ledger.work(work.id).registration)
    assert case.state == "SUBMITTED"

    office.act_as("CopyrightMSP/reviewer", "registrar")
    office.go("copyright/inbox")
    office.choose(case.id)
    office.press("开始核查", office.panel)
    office.settle()
    office.choose(case.id)
    look = office.button("看权利人证件", office.panel)
    assert "签署" in look.accessibleDescription(), "the look is noted on the ledger"
    office.press("看权利人证件", office.panel)
    office.settle()
    assert RESIDENT in office.said()
    office.press("返回案件", office.panel)
    office.settle()

    office.do("要求补正", asked_for("title", "statement"))
    assert ledger.registration(case.id).state == "CORRECTION"

    office.act_as("")
    office.go("copyright/inbox")
    office.choose(case.id)

    def correct(dialog: Any) -> None:
        assert "title" in dialog.form.fields and "authors" not in dialog.form.fields, "only what was named"
        office.fill(process="先起草，再修改", title="补正之作（定稿）")(dialog)

    office.do("补正申请", correct)
    office.no_error()
    again = ledger.registration(case.id)
    assert (again.state, again.record["statement"]["process"]) == ("SUBMITTED", "先起草，再修改")
    assert ledger.work(work.id).title == "补正之作（定稿）"
    assert again.record["corrections"][0]["before"]["title"] == "补正之作"


def test_the_office_examines_certifies_and_publishes(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    work = deposited("审查之作", accepted=True)
    case = ledger.registration(work.registration)
    office.act_as("CopyrightMSP/examiner", "registrar")
    office.go("copyright/inbox")
    office.choose(case.id)
    office.press("开始审查", office.panel)
    office.settle(30000)
    assert ledger.registration(case.id).state == "EXAMINING", "a step that asks nothing is done at once"

    def approve(dialog: Any) -> None:
        dialog.form.fields["opinion"].set_value("字" * 5000)
        office.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        field = dialog.form.fields["opinion"]
        office.until(lambda: bool(field.error))
        assert dialog.isVisible() and len(field.value) == 5000, "the form stays, the refusal stands at its field"
        assert "examiner（" in dialog.sign_line.label.text(), "who signs is named"
        assert "CopyrightMSP" in dialog.sign_line.label.text()
        office.fill(opinion="符合登记要求")(dialog)

    office.choose(case.id)
    office.press("全网查重", office.panel)
    office.settle(30000)
    assert ledger.registration(case.id).record["comparison"]["basis"] == "content"
    office.choose(case.id)
    office.do("初审通过", approve)
    office.act_as("CopyrightMSP/second", "registrar")
    office.go("copyright/inbox")
    office.choose(case.id)
    office.do("复审通过", office.fill(opinion="同意"))
    office.act_as("")  # who keeps the office's seal
    office.go("copyright/inbox")
    office.choose(case.id)
    office.do("予以发证", office.fill())
    office.choose(case.id)
    office.press("予以公告", office.panel)
    office.settle(30000)
    office.no_error()
    published = ledger.registration(case.id)
    assert published.state == "PUBLISHED"
    assert published.record["certificate"]["sha256"]


def test_a_licence_is_offered_by_keyboard_alone(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    work = deposited("键盘之作", registered=True)
    office.act_as("PublicMSP/copyright-creator")
    office.go(f"copyright/work/{work.id}")

    def type_it(dialog: Any) -> None:
        dialog.form.fields["licensee"].editor.setFocus()
        office.bot.keyClicks(dialog.form.fields["licensee"].editor.lineEdit(), "HospitalMSP/typed")
        office.bot.keyClick(dialog.form.fields["licensee"].editor, Qt.Key.Key_Tab)
        assert dialog.accept_button.isEnabled(), dialog.reason.text()
        office.bot.keyClick(dialog, Qt.Key.Key_Return)
        office.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    office.window.activateWindow()
    office.until(office.window.isActiveWindow)
    office.answer(type_it)
    office.bot.keyClick(office.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    office.settle(30000)
    assert ledger.dossier(work.id)["licences"][0]["licensee"] == "HospitalMSP/typed"


def test_a_deadline_in_a_year_without_a_calendar_says_so_until_it_is_imported(
    office: Any, deposited: Callable[..., Any], city: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue's deadlines as if they fell in a year that no notice covers; the button gives the ledger the notice."""
    from apps.copyright.service import CopyrightService
    from baas.working_days import guessed

    year = 2033
    monkeypatch.setattr("apps.copyright.ui.queue.guessed", lambda days, _due: guessed(days, [dt.date(year, 3, 1)]))
    deposited("日历外的一件", accepted=True)
    path = tmp_path / "notice.json"
    path.write_text(json.dumps(notice_of(year), ensure_ascii=False), encoding="utf-16")
    monkeypatch.setattr("apps.copyright.ui.queue.pick_files", lambda *_: [str(path)])
    office.go("copyright/queue")
    queue = office.page.stack.currentWidget()
    office.until(queue.guess.isVisible)
    assert str(year) in queue.guess.text()
    assert "导入年度日历" in queue.guess.text()
    office.press_header("calendar")
    office.settle(30000)
    office.until(lambda: not queue.guess.isVisible())
    with CopyrightService(city.platform, city.network) as service:
        assert year in service.calendar().years


def test_the_content_service_is_started_and_stopped_from_the_cases(office: Any, city: Any) -> None:
    from apps.copyright.service import CopyrightService
    from apps.copyright.serving import signer_of

    office.go("copyright/queue")
    with CopyrightService(city.platform, city.network) as service:
        try:
            office.press_header("content")
            office.settle(30000)
            office.no_error()
            (listed,) = service.files.services()
            serving = office.page.queue._serving
            assert (listed.msp_id, listed.address) == ("CopyrightMSP", serving.address)
            office.press_header("content")
            office.settle(30000)
            assert serving.address == ""
        finally:
            office.page.queue._serving.close()
            service.ledger.submit(signer_of(service), "PutContentService", "", "")


def test_a_refused_deposit_stands_at_its_field_and_goes_with_the_next_try(
    office: Any, fresh_text: Callable[..., Path]
) -> None:
    office.go("copyright/new")
    view = office.page.deposit
    view.take(fresh_text("改编.txt"))
    office.settle(30_000)
    fields = view.form.fields
    for name, value in {"author": "样\u200b例", "kind": "adaptation", "sources": "CZ20260101-00000000beef"}.items():
        fields[name].set_value(value)

    def refused() -> list[str]:
        office.press_header("deposit")
        office.settle(30_000)
        assert not office.page.banner.isVisible(), office.page.banner.message.text()
        return [name for name, field in fields.items() if field.error]

    assert refused() == ["sources"]
    assert "编号" in fields["sources"].error
    fields["kind"].set_value("original")
    fields["sources"].set_value("")
    assert refused() == ["author"]
    assert "U+200B" in fields["author"].error
    fields["author"].set_value("样例甲")
    assert not refused()
    office.no_error()
    assert office.page.stack.currentWidget() is not view
