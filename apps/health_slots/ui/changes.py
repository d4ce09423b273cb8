"""停诊, 改诊, 替诊, 加号 and withdrawing single slots: each says before it is done what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots.papers import day_list
from apps.health_slots.schedule.fields import FieldProblem, read_minute
from apps.health_slots.services.desk_day import DayRow
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.services.schedules import read_numbers
from apps.health_slots.ui.board import BoardSession
from apps.health_slots.ui.phrases import clock, minute_of_day, session_words, short_name, tr, yuan
from apps.health_slots.ui.printing import print_paper
from apps.kit.service import OpenAct
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.appkit.editors import Invalid
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Button, Label, Status, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form
from console.widgets.states import Note
from console.widgets.table import DataTable
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

LIVE = ("pending", "booked")


class Foreseen(QWidget):
    """What follows from a change of a session, read from the ledger's index and said anew with every edit."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__()
        self.page, self.item = page, item
        column = vbox(self, spacing=10)
        self.consequence = Label("", "body", "text", wrap=True)
        self.money = Status("", "warn", role="body")
        self.money.hide()
        column.addWidget(self.consequence)
        column.addWidget(self.money)
        self.visits: tuple[VisitRow, ...] = ()

    def follow(self, dialog: ActDialog, show: Callable[[Form], object]) -> ActDialog:
        """Read who has an appointment in the session; `show` says what follows, then and after every edit."""
        form, service, session = dialog.form, self.page.service, self.item.session
        assert form is not None and service is not None
        form.edited.connect(lambda: show(form))

        def arrived(visits: tuple[VisitRow, ...]) -> None:
            self.visits = tuple(v for v in visits if v.state in LIVE)
            show(form)

        self.page.context.tasks.fetch(
            lambda: service.lists.visits(session.hospital, session=session.id, limit=1000),
            arrived,
            dialog.show_error,
            owner=dialog,
        )
        return dialog

    def say_cancelled(self, visits: Sequence[VisitRow]) -> None:
        """Say that these appointments end, and what is owed back for them."""
        if not visits:
            self.consequence.setText(tr("没有预约受影响。"))
            self.money.hide()
            return
        self.consequence.setText(
            tr("{n} 个预约会取消，不能撤回；居民不算退号，也不算爽约。").format(n=number(len(visits)))
        )
        owed = sum(v.paid - v.refunded for v in visits)
        self.money.set(tr("应退 {n}").format(n=yuan(owed)), "warn")
        self.money.setVisible(owed > 0)


class ToldDialog(Dialog):
    """Whom the desk must tell, with names and phones; the look left its trace."""

    def __init__(self, page: SlotsPage, rows: Sequence[DayRow]) -> None:
        super().__init__(
            page,
            tr("要通知的人"),
            tr("这些预约已取消，不算退号也不算爽约。查看已留痕。"),
            accept=tr("关闭"),
            width=560,
            writes=False,
        )
        self.cancel_button.hide()
        columns = [Column(tr("时间"), 70), Column(tr("号"), 60), Column(tr("姓名")), Column(tr("手机"), 140)]
        model = RowsModel(columns, _told_cells)
        table = DataTable(model, tr("要通知的人"))
        model.set_rows(rows)
        table.fit(min(10, max(3, len(rows))))
        self.body.addWidget(table)
        title = tr("要通知的人")
        name = next((row.name for row in page.hospitals if row.id == page.hospital), page.hospital)
        date = rows[0].visit.date if rows else ""
        self.body.addWidget(
            Button(
                tr("打印"), lambda: print_paper(page, title, lambda lang: day_list(rows, name, date, lang)), small=True
            )
        )


def _told_cells(row: DayRow) -> list[Cell]:
    return [
        Cell(clock(row.visit.begins_at)),
        Cell(f"{row.visit.number:03d}"),
        Cell(row.name or short_name(row.visit.resident)),
        Cell(row.phone or "—"),
    ]


def record_of(item: BoardSession) -> Record:
    """A session as its acts know it."""
    session = item.session
    return {"id": session.id, "state": session.state, "item": item, "called": session_words(session)}


def stopping(page: SlotsPage, one: OpenAct, record: Record) -> ActDialog:
    """停诊: the whole session, or what comes after a moment of its day."""
    item: BoardSession = record["item"]
    foreseen = Foreseen(page, item)

    def check(form: Form) -> None:
        try:
            minute = _minute(form)
        except FieldProblem as problem:
            raise Invalid(form.fields["since"], say(problem.text)) from problem
        if minute is not None and not any(s.start >= minute and s.state != "stopped" for s in item.slots):
            raise Invalid(form.fields["since"], tr("那时起已经没有号了"))

    def show(form: Form) -> None:
        try:
            minute = _minute(form)
        except FieldProblem:
            return
        later = {s.number for s in item.slots if minute is None or s.start >= minute}
        foreseen.say_cancelled([v for v in foreseen.visits if v.number in later])

    def tell(result: Any) -> None:
        if result[1]:
            ToldDialog(page, result[1]).open()

    first = {"reason": "doctor-leave"}
    dialog = dialog_of(page, page.kit, one, record, first=first, foresee=foreseen, check=check, done=tell)
    return foreseen.follow(dialog, show)


def _minute(form: Form) -> int | None:
    """The moment that was typed, None for the whole session; FieldProblem for what is no time."""
    text = form["since"].strip()
    return read_minute(text) if text else None


def withdrawing(page: SlotsPage, one: OpenAct, record: Record) -> ActDialog:
    """Single slots by their numbers."""
    item: BoardSession = record["item"]
    foreseen = Foreseen(page, item)

    def check(form: Form) -> None:
        known = {slot.number for slot in item.slots if slot.state != "stopped"}
        try:
            wrong = [n for n in read_numbers(form["numbers"]) if n not in known]
        except ValueError as error:
            raise Invalid(form.fields["numbers"], tr("写成 3, 7-9 这样")) from error
        if wrong:
            words = tr("没有这些号，或已撤：{n}")
            raise Invalid(form.fields["numbers"], words.format(n=", ".join(map(str, wrong[:8]))))

    def show(form: Form) -> None:
        try:
            wanted = set(read_numbers(form["numbers"]))
        except ValueError:
            wanted = set()
        foreseen.say_cancelled([v for v in foreseen.visits if v.number in wanted])

    first = {"reason": "equipment"}
    return foreseen.follow(dialog_of(page, page.kit, one, record, first=first, foresee=foreseen, check=check), show)


def moving(page: SlotsPage, one: OpenAct, record: Record) -> ActDialog:
    """改诊."""
    item: BoardSession = record["item"]
    session, foreseen = item.session, Foreseen(page, item)
    first = {"date": session.date, "shift": 0, "reason": "meeting"}
    dialog = dialog_of(page, page.kit, one, record, first=first, foresee=foreseen)

    def show(form: Form) -> None:
        shift = form["shift"]
        changed = form["date"] != session.date or shift != 0
        dialog.accept_button.setEnabled(changed)
        dialog.reason.setText("" if changed else tr("日期和钟点都没有变"))
        foreseen.consequence.setText(
            tr("改为 {date} {a}–{b}。{n} 个预约随之改到新的时间；居民在开始前都可以免责退号。").format(
                date=form["date"],
                a=minute_of_day(session.start + shift),
                b=minute_of_day(session.end + shift),
                n=number(len(foreseen.visits)),
            )
        )

    return foreseen.follow(dialog, show)


def substituting(page: SlotsPage, one: OpenAct, record: Record) -> ActDialog:
    """替诊: by a doctor of the same department."""
    item: BoardSession = record["item"]
    session, service, foreseen = item.session, page.service, Foreseen(page, item)
    dialog = dialog_of(page, page.kit, one, record, first={"reason": "doctor-leave"}, foresee=foreseen)
    assert dialog.form is not None and service is not None
    box: Any = dialog.form.fields["doctor"].editor

    def fill(units: dict[str, Any]) -> None:
        for code, doctor in sorted(units["doctors"].items()):
            if doctor["department"] == session.department and code != session.doctor:
                box.addItem(f"{doctor['name']} {doctor['title']}".strip(), code)
        dialog.accept_button.setEnabled(box.count() > 0)
        if not box.count():
            dialog.reason.setText(tr("本科室没有别的医生"))

    def show(form: Form) -> None:
        words = tr("{n} 个预约改由接诊医生看，号和时间不变。")
        foreseen.consequence.setText(words.format(n=number(len(foreseen.visits))))

    dialog.accept_button.setEnabled(False)
    page.context.tasks.fetch(lambda: service.rules.units(session.hospital), fill, dialog.show_error, owner=dialog)
    return foreseen.follow(dialog, show)


def adding(page: SlotsPage, one: OpenAct, record: Record) -> ActDialog:
    """加号."""
    end = record["item"].session.end
    first = {"hour": min(23, (end - 10) // 60), "minute": (end - 10) % 60, "minutes": 10, "reason": "revisit"}
    note = Note(tr("要留给某位复诊居民时选“窗口”，只有本院窗口能约。"))
    return dialog_of(page, page.kit, one, record, first=first, foresee=note)
