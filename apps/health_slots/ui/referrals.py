"""转诊: reserved slots that a clinic refers to and books, its referrals, those to a hospital, and which clinics may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from apps.health_slots.kinds import Clinic, Referral
from apps.health_slots.services.referrals import ReferralRow, Reserve
from apps.health_slots.ui.phrases import appointment_word, day_of, minute_of_day, short_name, stamp, tr, yuan
from apps.health_slots.ui.view import View
from console.appkit.acting import open_act
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Button, HashLabel, Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.signing import signs
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk.kinds import Act

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


@dataclass(frozen=True)
class Found:
    """What the view shows of an institution: who may refer, what is reserved elsewhere, its referrals out and in."""

    clinics: Mapping[str, Any]
    reserved: tuple[Reserve, ...]
    out: tuple[ReferralRow, ...]
    into: tuple[ReferralRow, ...]


class ReferralsView(View):
    """Of the institution that is chosen: a clinic that refers, or a hospital to which others refer."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self.found = Found({}, (), (), ())
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 16), spacing=12)
        row = hbox(spacing=10)
        self.standing = Status("", "none", role="body")
        row.addWidget(self.standing)
        row.addStretch(1)
        admit, dismiss = partial(self._decide, Clinic.admit), partial(self._decide, Clinic.dismiss)
        self.may_button = Button(tr("准许这家机构转诊"), admit, small=True, icon="check")
        self.end_button = Button(tr("不再准许"), dismiss, small=True, kind="danger")
        signs(self.may_button, page.signs_as("authority"))
        for button in (self.may_button, self.end_button):
            button.hide()
            row.addWidget(button)
        column.addLayout(row)
        self.reserves = Card(tr("各医院的社区预留号"), tr("到时间后向公众开放"), flush=True)
        self.reserved = RowsModel(
            [
                Column(tr("日期"), 100),
                Column(tr("医院")),
                Column(tr("科室与医生")),
                Column(tr("时间"), 120),
                Column(tr("余号"), 70, right=True),
                Column(tr("向公众开放"), 120),
            ],
            _reserve_cells,
        )
        self.reserved_table = DataTable(self.reserved, tr("社区预留号"))
        self.details(self.reserved_table, self._inspect_reserve)
        self.no_reserve = EmptyState("slots", tr("现在没有预留的号"), tr("医院在规则里留出“社区预留”后会列在这里。"))
        self.reserves.add_table(self.reserved_table, self.no_reserve)
        column.addWidget(self.reserves, 1)
        self.referred = Card(tr("转诊", "several"), tr("居民只显示当天的编号"), flush=True)
        self.referrals = RowsModel(
            [
                Column(tr("日期"), 100),
                Column(tr("转出机构")),
                Column(tr("转往")),
                Column(tr("居民"), 130),
                Column(tr("预约"), 90),
                Column(tr("登记时间"), 110),
            ],
            _referral_cells,
        )
        self.referral_table = DataTable(self.referrals, tr("转诊", "several"))
        self.details(self.referral_table, self._inspect_referral)
        self.no_referral = EmptyState("people", tr("还没有转诊"), tr("这家机构转出的，和转到这里的，都列在这里。"))
        self.referred.add_table(self.referral_table, self.no_referral)
        column.addWidget(self.referred, 1)

    def enter(self, rest: str = "") -> None:
        service, hospital = self.service, self.hospital

        def read() -> Found:
            service.refresh()
            clinics = service.referrals.clinics()
            reserved = service.referrals.reserved(hospital) if hospital in clinics else ()
            out = service.referrals.listed(clinic=hospital)
            return Found(clinics, reserved, out, service.referrals.listed(hospital=hospital))

        self.read(read, self._show)

    def _show(self, found: Found) -> None:
        self.found = found
        refers = self.hospital in found.clinics
        self.standing.set(
            tr("主管部门准许这家机构转诊") if refers else tr("这家机构不转出；下面是转到这里的"),
            "ok" if refers else "none",
        )
        self.may_button.setVisible(self.may(Clinic.admit) and not refers)
        self.end_button.setVisible(self.may(Clinic.dismiss) and refers)
        self.reserves.setVisible(refers)
        self.show_rows(self.reserved_table, found.reserved)
        rows = (*found.out, *found.into)
        self.show_rows(self.referral_table, rows)
        self.page.show_actions()

    def header_actions(self) -> list[Action]:
        row: Reserve | None = self.reserved_table.current_row()
        if not self.may(Referral.refer):
            return []
        reason = ""
        if self.hospital not in self.found.clinics:
            reason = tr("主管部门还没有准许这家机构转诊")
        elif row is None:
            reason = tr("先选一个预留的出诊单元")
        return [
            Action("refer", tr("转诊并预约…"), self.refer, "plus", "primary", enabled=not reason, reason=reason),
        ]

    # -- a clinic ------------------------------------------------------------------------------------
    def _inspect_reserve(self, row: Reserve) -> None:
        self.page.show_panel(row, lambda: self._reserve_panel(row))
        self.page.show_actions()

    def _reserve_panel(self, row: Reserve) -> Inspected:
        session = row.session
        panel = Inspected(session.department_name, f"{session.house} · {session.doctor_name}")
        facts = Facts(88)
        facts.add(tr("日期"), day_of(session.date))
        facts.add(tr("时间"), _hours(row))
        facts.add(tr("费用"), yuan(session.fee))
        facts.add(tr("余号"), str(row.left))
        facts.add(tr("向公众开放"), stamp(session.referral_until, "%Y-%m-%d %H:%M"))
        panel.add(Section(first=True).add(facts))
        if self.may(Referral.refer):
            section = Section(tr("转诊", "several"))
            section.add(
                Label(
                    tr("核对居民的证件后登记。约不到时转诊仍有效，可约该科室当天的其他号。"),
                    "caption",
                    "text2",
                    wrap=True,
                )
            )
            buttons = hbox()
            buttons.addWidget(Button(tr("转诊并预约…"), self.refer, kind="primary", small=True))
            buttons.addWidget(Button(tr("只登记转诊…"), lambda: self.refer(books=False), small=True))
            buttons.addStretch(1)
            section.body.addLayout(buttons)
            panel.add(section)
        return panel

    def refer(self, *, books: bool = True) -> None:
        """Refer somebody who stands here to the chosen session, and book a slot of it unless told otherwise."""
        row: Reserve | None = self.reserved_table.current_row()
        if row is None:
            return
        given = {"session": row.session}
        act = Referral.book if books else Referral.refer
        self.page.act(act, {**vars(row.session), "id": self.hospital}, also=given).exec()

    def _inspect_referral(self, row: ReferralRow) -> None:
        self.page.show_panel(row, lambda: self._referral_panel(row))

    def _referral_panel(self, row: ReferralRow) -> Inspected:
        panel = Inspected(f"{day_of(row.date)} {row.department_name}", f"{row.clinic_name} → {row.hospital_name}")
        facts = Facts(72)
        facts.add(tr("登记人"), row.officer.rpartition("/")[2])
        facts.add(tr("登记时间"), stamp(row.at, "%Y-%m-%d %H:%M"))
        facts.add(tr("预约"), appointment_word(row.state) if row.state else tr("还没有约"))
        section = Section(first=True).add(facts)
        section.add(HashLabel(row.resident, short_name(row.resident), what=tr("居民当天的编号")))
        panel.add(section)
        if row.clinic == self.hospital and self.may(Referral.take_back):
            button = Button(tr("撤回转诊…"), lambda: self._take_back(row), kind="danger", small=True)
            section = Section(tr("撤回"))
            section.add(Label(tr("已经约好的号不受影响。"), "caption", "text2"))
            line = hbox()
            line.addWidget(button)
            line.addStretch(1)
            section.body.addLayout(line)
            panel.add(section)
        return panel

    def _take_back(self, row: ReferralRow) -> None:
        record = vars(row)
        given = {one.name: record[one.name] for one in Referral.take_back.asks}
        self.page.act(Referral.take_back, record, also=given, done=lambda receipt: self.page.inspect(None)).exec()

    # -- the authority -------------------------------------------------------------------------------
    def _decide(self, act: Act) -> None:
        row = next(row for row in self.page.hospitals if row.id == self.hospital)
        open_act(self.page, self.page.acts.open_act(act), {"id": row.id, "name": row.name})


def _hours(row: Reserve) -> str:
    return f"{minute_of_day(row.session.start)}–{minute_of_day(row.session.end)}"


def _reserve_cells(row: Reserve) -> list[Cell]:
    session = row.session
    return [
        Cell(day_of(session.date)),
        Cell(session.house),
        Cell(f"{session.department_name} · {session.doctor_name}"),
        Cell(_hours(row)),
        Cell(str(row.left), bold=True),
        Cell(stamp(session.referral_until)),
    ]


def _referral_cells(row: ReferralRow) -> list[Cell]:
    return [
        Cell(day_of(row.date)),
        Cell(row.clinic_name),
        Cell(f"{row.hospital_name} · {row.department_name}"),
        Cell(short_name(row.resident), mono=True, tip=row.resident),
        Cell(appointment_word(row.state) if row.state else "—"),
        Cell(stamp(row.at)),
    ]
