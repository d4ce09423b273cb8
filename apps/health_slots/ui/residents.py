"""授权与留痕: a resident's identity and key at this hospital, consents given and taken back, and who looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.health_slots.kinds import Key
from apps.health_slots.services.lists import ConsentRow
from apps.health_slots.ui.consents import ask_consent, ask_look, ask_revoke, purpose_word
from apps.health_slots.ui.families import FamilyPart
from apps.health_slots.ui.phrases import short_name, stamp, tr
from apps.health_slots.ui.resident import IdentityDialog, ResidentCard, title_of
from apps.health_slots.ui.resident_key import making
from apps.health_slots.ui.view import View
from baas.errors import LedgerError
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import ConfirmName
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


@dataclass(frozen=True)
class Standing:
    """What the ledger knows of a resident, for this hospital."""

    held: bool
    key: dict[str, Any] | None
    consents: tuple[ConsentRow, ...]
    accesses: tuple[dict[str, Any], ...]

    @property
    def signs(self) -> bool:
        """Whether the resident has a key that counts."""
        return self.key is not None and self.key.get("state", "active") == "active"


class ResidentsView(View):
    """Of the resident at the desk."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self.standing: Standing | None = None
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=12)
        self.resident = ResidentCard(page)
        column.addWidget(self.resident)
        row = hbox(spacing=tokens.CARD_GAP)
        left = Card(tr("在本院"))
        self._left = vbox(spacing=8)
        left.add(self._left)
        self.family = FamilyPart(page)
        left.add(self.family)
        left.body.addStretch(1)
        left.setFixedWidth(312)
        row.addWidget(left)
        right = vbox(spacing=tokens.CARD_GAP)
        consents = Card(tr("授权"), tr("居民签名，随时可撤回"), flush=True)
        self.consents = RowsModel(
            [
                Column(tr("状态"), 104),
                Column(tr("给哪家医院")),
                Column(tr("从"), 130),
                Column(tr("到"), 130),
                Column(tr("区块"), 80, right=True),
            ],
            self._consent_cells,
        )
        self.consent_table = DataTable(self.consents, tr("授权"))
        self.consent_table.row_chosen.connect(lambda row: self._show_buttons())
        self.no_consents = EmptyState("key", tr("没有授权"), tr("别的医院要看这位居民的预约，须有他签名的授权。"))
        consents.add_table(self.consent_table, self.no_consents)
        foot = hbox(margins=(12, 8, 12, 8))
        self.revoke_button = Button(tr("撤回这份授权…"), self._revoke, kind="danger", small=True)
        self.look_button = Button(tr("查看跨院记录…"), self._look, icon="eye", small=True)
        foot.addWidget(self.look_button)
        foot.addWidget(self.revoke_button)
        foot.addStretch(1)
        consents.add(foot)
        right.addWidget(consents, 1)
        traces = Card(tr("谁看过"), tr("每次查看先留痕，再给看"), flush=True)
        self.traces = RowsModel(
            [Column(tr("时间"), 150), Column(tr("医院"), 130), Column(tr("谁")), Column(tr("目的"), 120)],
            self._trace_cells,
        )
        self.trace_table = DataTable(self.traces, tr("谁看过"))
        self.no_traces = EmptyState("eye", tr("没有人看过"), tr("查看跨院记录会在这里留下时间、职员和目的，不能删除。"))
        traces.add_table(self.trace_table, self.no_traces)
        right.addWidget(traces, 1)
        row.addLayout(right, 1)
        column.addLayout(row, 1)
        page.resident_changed.connect(lambda: self.enter() if self.isVisible() else None)

    def header_actions(self) -> list[Action]:
        standing = self.standing
        reason = ""
        if self.page.resident is None:
            reason = tr("先选一位居民")
        elif standing is None or not standing.signs:
            reason = tr("居民还没有登记签名公钥")
        return [
            Action("consent", tr("新授权…"), self._give, "key", "primary", enabled=not reason, reason=reason),
        ]

    def enter(self, rest: str = "") -> None:
        self.resident.show_resident()
        self.family.load()
        resident, service, hospital = self.page.resident, self.service, self.hospital
        if resident is None:
            self._show(None)
            return
        who = resident.id

        def read() -> Standing:
            try:
                key: dict[str, Any] | None = service.residents.key(who)
            except LedgerError as error:
                if error.code not in {"not_found", "no_key"}:
                    raise
                key = None
            return Standing(
                service.bookings.has_identity(hospital, who),
                key,
                service.lists.consents(who),
                tuple(service.residents.accesses(who)),
            )

        self.read(read, self._show)

    def _show(self, standing: Standing | None) -> None:
        self.standing = standing
        clear(self._left)
        if standing is None:
            self._left.addWidget(Label(tr("在上面查找居民，看他的授权和留痕。"), "body", "text2", wrap=True))
        else:
            self._show_here(standing)
        consents = standing.consents if standing is not None else ()
        self.show_rows(self.consent_table, consents)
        traces = sorted(standing.accesses, key=lambda t: -t["at"]) if standing is not None else []
        self.traces.set_rows(traces)
        self._show_buttons()
        self.page.show_actions()

    def _show_here(self, standing: Standing) -> None:
        if standing.held:
            self._left.addWidget(Status(tr("身份信息在本院私有集合"), "ok", role="body"))
            row = hbox()
            row.addWidget(Button(tr("查看…"), self._identity, icon="eye", small=True))
            row.addWidget(Button(tr("清除…"), self._purge, icon="trash", kind="danger", small=True))
            row.addStretch(1)
            self._left.addLayout(row)
        else:
            self._left.addWidget(Status(tr("本院没有身份信息"), "none", role="body"))
        self._left.addSpacing(8)
        key = standing.key
        if key is not None and not standing.signs:
            self._left.addWidget(Status(tr("签名公钥已作废，可登记新的"), "warn", role="body"))
        elif key is None:
            self._left.addWidget(Status(tr("没有签名公钥"), "none", role="body"))
        if key is None or not standing.signs:
            words = tr("登记公钥要先有本院核对过的身份。")
            if not standing.held:
                self._left.addWidget(Label(words, "caption", "text2", wrap=True))
            button = Button(tr("登记签名公钥…"), self._bind, icon="key", small=True)
            button.setEnabled(standing.held)
            row = hbox()
            row.addWidget(button)
            row.addStretch(1)
            self._left.addLayout(row)
            return
        self._left.addWidget(Status(tr("有签名公钥"), "ok", role="body"))
        self._left.addWidget(HashLabel(key["public"], what=tr("公钥")))
        self._left.addWidget(Label(tr("{t} 登记").format(t=stamp(key["at"], "%Y-%m-%d %H:%M")), "caption", "text2"))

    def _show_buttons(self) -> None:
        row: ConsentRow | None = self.consent_table.current_row()
        now = self.service.now()
        live = row is not None and row.state == "given" and row.until > now
        self.revoke_button.setEnabled(row is not None and row.state == "given")
        self.look_button.setEnabled(live and row is not None and row.hospital == self.hospital)

    def _consent_cells(self, row: ConsentRow) -> list[Cell]:
        over = row.until <= self.service.now()
        sign = "ok" if row.state == "given" and not over else "none"
        words = tr("有效") if sign == "ok" else tr("已撤回") if row.state != "given" else tr("已到期")
        icon, tone = STATE_ICONS[sign]
        return [
            Cell(words, icon=icon, tone=tone, word_tone="text2"),
            Cell(row.hospital_name, copy=row.id, tip=row.id),
            Cell(stamp(row.at)),
            Cell(stamp(row.revoked_at) if row.revoked_at else stamp(row.until, "%Y-%m-%d")),
            Cell(number(row.block)),
        ]

    def _trace_cells(self, trace: dict[str, Any]) -> list[Cell]:
        names = {h.id: h.name for h in self.page.hospitals}
        return [
            Cell(stamp(trace["at"], "%Y-%m-%d %H:%M:%S")),
            Cell(names.get(trace["hospital"], trace["hospital"])),
            Cell(self.page.context.person(trace["signer"]), copy=trace["signer"], tip=trace["signer"]),
            Cell(purpose_word(trace["purpose"])),
        ]

    # -- doing ---------------------------------------------------------------------------------------
    def _give(self) -> None:
        if self.page.resident is not None:
            ask_consent(self.page, self.page.resident)

    def _revoke(self) -> None:
        row: ConsentRow | None = self.consent_table.current_row()
        if row is not None:
            ask_revoke(self.page, row)

    def _look(self) -> None:
        row: ConsentRow | None = self.consent_table.current_row()
        if row is not None:
            ask_look(self.page, row)

    def _identity(self) -> None:
        if self.page.resident is not None:
            IdentityDialog(self.page, self.page.resident.id).exec()

    def _bind(self) -> None:
        if self.page.resident is not None:
            here = {"hospital": self.hospital}
            record = {"id": self.page.resident.id}
            self.page.act(Key.bind, record, also=here, beside=making(self.page)).exec()

    def _purge(self) -> None:
        resident, hospital = self.page.resident, self.hospital
        if resident is None:
            return
        words = tr(
            "将从本院所有节点永久清除 {who} 的姓名、证件和手机，连同历史，无法恢复。"
            "账本上的假名、预约和留痕保留；他再来就诊须重新登记。"
        )
        dialog = ConfirmName(
            self.page,
            tr("清除身份信息"),
            words.format(who=title_of(resident)),
            short_name(resident.id)[:6],
            tr("永久清除"),
        )

        def done(receipt: Any) -> None:
            from apps.health_slots.ui.page import ChosenResident

            self.page.set_resident(ChosenResident(resident.id))

        self.page.ask(
            dialog,
            lambda service, v: service.bookings.purge(hospital, resident.id),
            Text("清除身份信息", "Purge an identity"),
            tr("身份信息已清除"),
            done=done,
        )
