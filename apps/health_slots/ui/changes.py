"""停诊, 改诊, 替诊, 加号 and withdrawing single slots: each says before it is done what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.health_slots.model import POOL_TITLES, REASON_TITLES, SessionRow
from apps.health_slots.papers import day_list
from apps.health_slots.schedule.fields import FieldProblem, read_minute
from apps.health_slots.services.desk_day import DayRow
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.board import BoardSession
from apps.health_slots.ui.phrases import clock, minute_of_day, short_name, tr, yuan
from apps.health_slots.ui.printing import print_paper
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Button, Label, Status
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, date_field, number_field, text_field
from console.widgets.states import Note
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

LIVE = ("pending", "booked")


def _reasons() -> list[tuple[Any, str]]:
    return [(key, say(title)) for key, title in REASON_TITLES.items()]


class ChangeDialog(Dialog):
    """A change of a session: form, and under it what follows, read from the ledger's index."""

    def __init__(self, page: SlotsPage, item: BoardSession, title: str, text: str, *, columns: int = 2) -> None:
        super().__init__(page, title, text, accept=title, width=540)
        self.page, self.item = page, item
        self.form = Form(columns)
        self.body.addWidget(self.form)
        self.consequence = Label("", "body", "text", wrap=True)
        self.money = Status("", "warn", role="body")
        self.money.hide()
        self.body.addWidget(self.consequence)
        self.body.addWidget(self.money)
        self.visits: tuple[VisitRow, ...] = ()

    def ask_reason(self, preset: str) -> None:
        self.form.add("reason", choice_field(tr("理由，写入账本"), _reasons()))
        self.form.fields["reason"].set_value(preset)

    def read_visits(self) -> None:
        """Read who has an appointment in the session; `show_consequence` follows."""
        service, session = self.page.service, self.item.session
        if service is None:
            return

        def arrived(visits: tuple[VisitRow, ...]) -> None:
            self.visits = tuple(v for v in visits if v.state in LIVE)
            self.show_consequence()

        self.page.context.tasks.fetch(
            lambda: service.lists.visits(session.hospital, session=session.id, limit=1000),
            arrived,
            self.show_error,
            owner=self,
        )

    def show_consequence(self) -> None:
        """Say what follows from the form as it stands; subclasses' forms differ."""

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


class StopDialog(ChangeDialog):
    """停诊: the whole session, or what comes after a moment of its day (`minute`)."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__(page, item, tr("停诊"), tr("理由与签名人写入账本，所有人可见。之后列出要通知的人。"))
        self.accept_button.set_kind("danger")
        since = text_field(tr("从几点起，留空为整个单元"), placeholder="10:40")
        self.form.add("since", since)
        self.ask_reason("doctor-leave")
        since.edited.connect(self.show_consequence)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)
        self.read_visits()

    @property
    def minute(self) -> int | None:
        """The moment that was typed, None for the whole session; FieldProblem for what is no time."""
        text = self.form["since"].strip()
        return read_minute(text) if text else None

    def _attempt(self) -> None:
        try:
            minute = self.minute
        except FieldProblem as problem:
            self.form.fields["since"].set_error(say(problem.text))
            return
        if minute is not None and not any(s.start >= minute and s.state != "stopped" for s in self.item.slots):
            self.form.fields["since"].set_error(tr("那时起已经没有号了"))
            return
        self.accept()

    def show_consequence(self) -> None:
        try:
            minute = self.minute
        except FieldProblem:
            return
        later = {s.number for s in self.item.slots if minute is None or s.start >= minute}
        self.say_cancelled([v for v in self.visits if v.number in later])


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


class WithdrawDialog(ChangeDialog):
    """Withdraw single slots by their numbers."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__(page, item, tr("撤号"), tr("撤下的号不能再约，审计会列出每一个撤下的号和签名人。"))
        self.accept_button.set_kind("danger")
        numbers = text_field(tr("号，用逗号分开，可写 3-5"), placeholder="3, 7-9", required=True)
        self.form.add("numbers", numbers)
        self.ask_reason("equipment")
        self.watch(self.form)
        numbers.edited.connect(self.show_consequence)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)
        self.read_visits()

    @property
    def numbers(self) -> list[int]:
        """The numbers that were typed; ValueError for anything else."""
        return read_numbers(self.form["numbers"])

    def _attempt(self) -> None:
        known = {slot.number for slot in self.item.slots if slot.state != "stopped"}
        try:
            wrong = [n for n in self.numbers if n not in known]
        except ValueError:
            self.form.fields["numbers"].set_error(tr("写成 3, 7-9 这样"))
            return
        if wrong:
            words = tr("没有这些号，或已撤：{n}")
            self.form.fields["numbers"].set_error(words.format(n=", ".join(map(str, wrong[:8]))))
            return
        self.accept()

    def show_consequence(self) -> None:
        try:
            wanted = set(self.numbers)
        except ValueError:
            wanted = set()
        self.say_cancelled([v for v in self.visits if v.number in wanted])


class MoveDialog(ChangeDialog):
    """改诊."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__(page, item, tr("改诊"), tr("换一天或换个钟点出诊，预约跟着走。"), columns=3)
        from PySide6.QtCore import QDate

        session = item.session
        day = date_field(tr("新的日期"))
        day.editor.setDate(QDate.fromString(session.date, "yyyy-MM-dd"))  # type: ignore[union-attr]
        self.form.add("date", day)
        self.form.add("shift", number_field(tr("推迟，可为负"), 0, -1439, 1439, unit=tr("分钟")))
        self.ask_reason("meeting")
        self.form.edited.connect(self.show_consequence)
        self.read_visits()

    def show_consequence(self) -> None:
        session: SessionRow = self.item.session
        shift = self.form["shift"]
        changed = self.form["date"] != session.date or shift != 0
        self.accept_button.setEnabled(changed)
        self.reason.setText("" if changed else tr("日期和钟点都没有变"))
        self.consequence.setText(
            tr("改为 {date} {a}–{b}。{n} 个预约随之改到新的时间；居民在开始前都可以免责退号。").format(
                date=self.form["date"],
                a=minute_of_day(session.start + shift),
                b=minute_of_day(session.end + shift),
                n=number(len(self.visits)),
            )
        )


class SubstituteDialog(ChangeDialog):
    """替诊."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__(page, item, tr("替诊"), tr("同科室的另一位医生接诊，时间和号不变。"))
        self.doctor = choice_field(tr("接诊医生"), [], required=True)
        self.form.add("doctor", self.doctor)
        self.ask_reason("doctor-leave")
        self.accept_button.setEnabled(False)
        service, session = page.service, item.session
        if service is not None:
            page.context.tasks.fetch(
                lambda: service.rules.units(session.hospital), self._fill, self.show_error, owner=self
            )
        self.read_visits()

    def _fill(self, units: dict[str, Any]) -> None:
        session = self.item.session
        box: Any = self.doctor.editor
        for code, doctor in sorted(units["doctors"].items()):
            if doctor["department"] == session.department and code != session.doctor:
                box.addItem(f"{doctor['name']} {doctor['title']}".strip(), code)
        self.accept_button.setEnabled(box.count() > 0)
        if not box.count():
            self.reason.setText(tr("本科室没有别的医生"))

    def show_consequence(self) -> None:
        self.consequence.setText(tr("{n} 个预约改由接诊医生看，号和时间不变。").format(n=number(len(self.visits))))


class AddDialog(ChangeDialog):
    """加号."""

    def __init__(self, page: SlotsPage, item: BoardSession) -> None:
        super().__init__(page, item, tr("加号"), tr("加的号不在放号前的承诺里，会永远标成紫色，理由和签名人公开。"))
        end = item.session.end
        self.form.add("hour", number_field(tr("开始（时）"), min(23, (end - 10) // 60), 0, 23))
        self.form.add("minute", number_field(tr("开始（分）"), (end - 10) % 60, 0, 59))
        self.form.add("minutes", number_field(tr("时长"), 10, 1, 240, unit=tr("分钟")))
        pools = [(key, say(title)) for key, title in POOL_TITLES.items()]
        self.form.add("pool", choice_field(tr("号源池"), pools))
        self.ask_reason("revisit")
        self.body.addWidget(Note(tr("要留给某位复诊居民时选“窗口”，只有本院窗口能约。")))


def read_numbers(text: str) -> list[int]:
    """Read "3, 7-9" as [3, 7, 8, 9]; ValueError for anything that is no such list, or longer than 400."""
    found: list[int] = []
    for part in text.replace("，", ",").replace("、", ",").split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isascii() or not first.isdigit() or (dash and not last.strip().isdigit()):
            raise ValueError(text)
        low, high = int(first), int(last) if dash else int(first)
        if not 0 < low <= high <= 400:
            raise ValueError(text)
        found += range(low, high + 1)
    return sorted(set(found))


def ask_stop(page: SlotsPage, item: BoardSession) -> None:
    dialog, session = StopDialog(page, item), item.session.id

    def tell(result: Any) -> None:
        if result[1]:
            ToldDialog(page, result[1]).open()

    page.ask(
        dialog,
        lambda service, v: service.day.stop_from(session, dialog.minute, v["reason"]),
        Text("停诊 {s}", "Stop {s}", s=session),
        tr("已停诊"),
        done=tell,
    )


def ask_withdraw(page: SlotsPage, item: BoardSession) -> None:
    dialog, session = WithdrawDialog(page, item), item.session.id
    page.ask(
        dialog,
        lambda service, v: service.schedules.withdraw(session, read_numbers(v["numbers"]), v["reason"]),
        Text("撤号 {s}", "Withdraw slots of {s}", s=session),
        done=lambda _: page.context.notice(tr("已撤下 {n} 个号").format(n=len(dialog.numbers))),
    )


def ask_move(page: SlotsPage, item: BoardSession) -> None:
    session = item.session.id
    page.ask(
        MoveDialog(page, item),
        lambda service, v: service.schedules.move(session, v["date"], v["shift"], v["reason"]),
        Text("改诊 {s}", "Move {s}", s=session),
        tr("已改诊"),
    )


def ask_substitute(page: SlotsPage, item: BoardSession) -> None:
    session = item.session.id
    page.ask(
        SubstituteDialog(page, item),
        lambda service, v: service.schedules.substitute(session, v["doctor"], v["reason"]),
        Text("替诊 {s}", "Substitute in {s}", s=session),
        tr("已换医生"),
    )


def ask_add(page: SlotsPage, item: BoardSession) -> None:
    session = item.session.id
    page.ask(
        AddDialog(page, item),
        lambda service, v: service.schedules.add(
            session, v["hour"] * 60 + v["minute"], v["minutes"], v["pool"], v["reason"]
        ),
        Text("加号 {s}", "Add a slot to {s}", s=session),
        tr("已加号"),
    )
