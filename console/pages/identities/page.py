"""The identities page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from baas import roles
from baas.services.identities import IdentityRecord, OrganizationInfo
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import number
from console.models.tables import RowsModel
from console.page import Action, Page
from console.pages.identities.answering import ask_invite
from console.pages.identities.authorities import AuthoritiesTab
from console.pages.identities.certificate_cells import identity_cells, identity_columns, kind_title
from console.pages.identities.issue import ask_import, ask_issue
from console.pages.identities.keystore import KeystoreTab
from console.pages.identities.letters import PATTERN, ask_recovery_file, open_letter
from console.pages.identities.panel import inspect_identity
from console.pages.identities.pin import token_names
from console.pages.identities.renewal import ask_renew, renewable
from console.pages.identities.revoked import RevokedTab
from console.tasks.runner import later
from console.theme import tokens
from console.titles import organization_icon
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.choice import Segmented
from console.widgets.forms import filter_box, pick_files, save_file
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from console.widgets.timeline import Certificate, CertificateTimeline, Group
from fabric_sdk import clock

if TYPE_CHECKING:
    from network.tokens.address import TokenAddress

T = TypeVar("T", bound=QWidget)


@dataclass(frozen=True)
class IdentitiesView:
    """What the page shows."""

    network: str
    organizations: tuple[OrganizationInfo, ...]
    records: tuple[IdentityRecord, ...]
    locked: bool
    protected: bool
    idle_minutes: int
    runtime: str = "embedded"
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The token's name of every key that is in one, by MSP id and name."""
    waiting: tuple[TokenAddress, ...] = ()
    """Tokens whose PIN this program does not know yet."""


class IdentitiesPage(Page):
    """Addresses: "" certificates; "authorities"; "revoked"; "keystore"; "issue"; "renew"; MSP/NAME chooses a person."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.view: IdentitiesView | None = None
        self._wanted = ""
        self.hand_over = ""
        """The identity that was just issued here: its panel says how its person gets it."""
        self._filter = ""
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.empty = EmptyState(
            "identity",
            tr("还没有身份"),
            tr("建立网络后，各组织的 CA 和管理员会出现在这里。"),
            Button(tr("新建网络…"), lambda: context.go("networks/new"), icon="plus", kind="primary"),
        )
        self.stack.addWidget(self.empty)
        self._modes = QStackedWidget()
        self.certificates = self._certificates()
        self.stack.addWidget(self.certificates)
        self._soon = later(300, self, self.refresh)
        self.set_header(tr("身份与证书"))

    # The other tabs are made when they are first needed: the page itself then opens at once.
    @cached_property
    def authorities(self) -> AuthoritiesTab:
        return self._tab(AuthoritiesTab(self))

    @cached_property
    def revoked(self) -> RevokedTab:
        return self._tab(RevokedTab(self))

    @cached_property
    def keystore(self) -> KeystoreTab:
        return self._tab(KeystoreTab(self))

    def _tab(self, tab: T) -> T:
        self.stack.addWidget(tab)
        return tab

    def _certificates(self) -> QWidget:
        holder = QWidget()
        column = vbox(holder, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox(spacing=8)
        self.mode = Segmented(tr("显示方式"), [("timeline", tr("时间线")), ("list", tr("列表"))])
        self.mode.chosen.connect(lambda mode: self._modes.setCurrentIndex(0 if mode == "timeline" else 1))
        bar.addWidget(self.mode)
        self.organization = _combo(tr("组织"), self._show_rows)
        bar.addWidget(self.organization)
        self.kind = _combo(tr("类型"), self._show_rows)
        bar.addWidget(self.kind)
        bar.addWidget(filter_box(tr("筛选名称"), self._on_filter, 170))
        bar.addStretch(1)
        self._counts = hbox(spacing=16)
        bar.addLayout(self._counts)
        column.addLayout(bar)
        self.timeline = CertificateTimeline()
        self.timeline.chosen.connect(self._on_chosen)
        card = Card(flush=True)
        scroll = Scroll(spacing=0)
        scroll.column.addWidget(self.timeline)
        scroll.column.addStretch(1)
        card.add(scroll, 1)
        self._modes.addWidget(card)
        card = Card(flush=True)
        self.model = RowsModel(identity_columns(), partial(identity_cells, self.context))
        self.table = DataTable(self.model, tr("证书"))
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        self._modes.addWidget(card)
        column.addWidget(self._modes, 1)
        foot = hbox()
        self.note = Label("", "caption", "text2")
        foot.addWidget(self.note)
        foot.addStretch(1)
        column.addLayout(foot)
        return holder

    # -- reading -------------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        if address in {"certificates", "keystore", "revoked", "authorities"}:
            self.tab = address
        elif address and address not in {"issue", "renew"}:
            self._wanted = address
            self.tab = "certificates"
        self.refresh()
        if address == "issue":
            self._issue_when_read = True
        if address == "renew":
            self._renew_when_read = True

    _issue_when_read = False
    _renew_when_read = False

    @property
    def places(self) -> Mapping[tuple[str, str], str]:
        """The token's name of every key that is in one."""
        return self.view.places if self.view is not None else {}

    def refresh(self) -> None:
        if not self.context.ready:
            return
        network = self.context.network
        if not network:
            self.set_header(tr("身份与证书"), tr("还没有网络"), [], tabs=[])
            self.stack.setCurrentWidget(self.empty)
            return
        platform = self.context.platform

        def read() -> IdentitiesView:
            keystore = platform.keystore
            return IdentitiesView(
                network,
                platform.identities.organizations(network),
                tuple(platform.identities.list(network)),
                keystore.locked,
                keystore.has_passphrase,
                int(keystore.idle_seconds // 60),
                platform.networks.spec(network).runtime,
                token_names(platform.token_keys.places(network)),
                platform.token_keys.needed(network),
            )

        self.read(read, self._show)

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed

        if not isinstance(event, BlockIndexed):
            self._soon.start()

    def _show(self, view: IdentitiesView) -> None:
        self.view = view
        lock = tr("密钥库已锁定") if view.locked else tr("密钥库已解锁")
        lock = lock if view.protected else tr("密钥库未设口令")
        self.set_header(
            tr("身份与证书"),
            tr("{o} 个组织 · {n} 张证书 · {lock}").format(o=len(view.organizations), n=len(view.records), lock=lock),
            self._header(view),
            tabs=[
                ("certificates", tr("全部证书")),
                ("authorities", tr("组织与 CA")),
                ("revoked", tr("吊销列表")),
                ("keystore", tr("密钥库")),
            ],
            notes={
                "certificates": str(len(view.records)),
                "authorities": str(len(view.organizations)),
                "revoked": str(sum(o.revoked for o in view.organizations)),
            },
        )
        _fill(self.organization, [("", tr("全部组织"))] + [(o.msp_id, say(o.title)) for o in view.organizations])
        kinds = sorted({r.kind for r in view.records})
        _fill(self.kind, [("", tr("全部类型"))] + [(k, kind_title(k)) for k in kinds])
        now = clock.now()
        states = Counter(_certificate(r).state(now) for r in view.records)
        clear(self._counts)
        for state, words in (
            ("ok", tr("有效 {n}")),
            ("info", tr("90 天内到期 {n}")),
            ("warn", tr("30 天内到期 {n}")),
            ("bad", tr("已过期 {n}")),
            ("none", tr("已吊销 {n}")),
        ):
            if states[state]:
                self._counts.addWidget(Status(words.format(n=states[state]), state))
        self._show_rows()
        self._show_tab()
        if self._wanted:
            wanted = self._wanted if ":" in self._wanted else f"{self._wanted}:person"
            which = wanted if wanted in self._shown_ids() else ""
            if which and which == self.timeline.current and not self.inspecting:
                self._on_chosen(which)  # it was closed meanwhile
            self.timeline.choose(which)
            self._wanted = ""
        if self._issue_when_read:
            self._issue_when_read = False
            ask_issue(self)
        if self._renew_when_read:
            self._renew_when_read = False
            ask_renew(self, self.due())

    def _header(self, view: IdentitiesView) -> list[Action]:
        session = self.context.platform.session
        found = []
        platform = self.context.platform
        if self.context.network in platform.networks.attached() and session.allows(roles.NETWORK_ATTACH):
            found.append(Action("recovery", tr("恢复文件…"), lambda: ask_recovery_file(self.context), "key"))
            found.append(Action("ask-renewal", tr("申请续期…"), self._ask_renewal, "refresh"))
        if session.allows(roles.IDENTITY_EXPORT):
            found.append(Action("import", tr("导入身份…"), lambda: ask_import(self), "inbox"))
        due = self.due()
        if session.allows(roles.IDENTITY_ISSUE) and any(o.has_ca for o in view.organizations):
            found.append(Action("answer", tr("按申请签发…"), self._ask_answer, "file"))
            found.append(Action("invite", tr("邀请…"), lambda: ask_invite(self), "identity"))
            kind = "plain" if due else "primary"
            found.append(Action("issue", tr("签发身份…"), lambda: ask_issue(self), "plus", kind))
        if due:
            words = tr("续期 {n} 张证书…").format(n=len(due))
            found.append(Action("renew", words, lambda: ask_renew(self, self.due()), "refresh", "primary"))
        return found

    def _ask_renewal(self) -> None:
        """At one's own desk: the request for a renewal, signed with the present key."""
        platform, network = self.context.platform, self.context.network
        label = platform.identities.acting(network).label
        name = label.partition("/")[2]
        path = save_file(self, tr("保存续期申请"), f"{name}-renewal.citychain", PATTERN)
        if path:
            self.read(
                lambda: platform.entrance.renewal(Path(path), label, network),
                lambda file: self.context.notice(tr("申请已写好，请发给您的组织：{f}").format(f=file)),
            )

    def _ask_answer(self) -> None:
        chosen = pick_files(self, tr("打开身份申请"), PATTERN)
        if chosen:
            open_letter(self.context, Path(chosen[0]))

    def due(self) -> list[IdentityRecord]:
        """What expires within thirty days or has expired, and can be renewed here."""
        view = self.view
        found = [r for r in view.records if r.state in {"expiring", "expired"}] if view is not None else []
        return [r for r in found if renewable(self, r)]

    # -- rows ----------------------------------------------------------------------------------------
    def _shown(self) -> list[IdentityRecord]:
        view = self.view
        if view is None:
            return []
        msp, kind = self.organization.currentData() or "", self.kind.currentData() or ""
        return [
            r
            for r in view.records
            if (not msp or r.msp_id == msp)
            and (not kind or r.kind == kind)
            and self._filter in f"{r.label} {r.subject}".lower()
        ]

    def _shown_ids(self) -> list[str]:
        return [_id(r) for r in self._shown()]

    def _show_rows(self) -> None:
        view = self.view
        if view is None:
            return
        rows = self._shown()
        groups = [Group(o.msp_id, say(o.title), o.msp_id, organization_icon(o.msp_id)) for o in view.organizations]
        self.timeline.set_certificates(groups, [_certificate(r) for r in rows])
        self.model.set_rows(rows)
        self.note.setText(tr("列出 {n} 张，共 {all} 张").format(n=number(len(rows)), all=number(len(view.records))))

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._show_rows()

    def _on_chosen(self, which: str) -> None:
        record = next((r for r in self._shown() if _id(r) == which), None)
        if record is not None:
            self._inspect(record)

    def _inspect(self, record: IdentityRecord) -> None:
        self.inspect(inspect_identity(self, record))

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self._show_tab()

    def _show_tab(self) -> None:
        shown = {"authorities", "revoked", "keystore"}
        widget: QWidget = getattr(self, self.tab) if self.tab in shown else self.certificates
        self.stack.setCurrentWidget(widget)
        if isinstance(widget, AuthoritiesTab | KeystoreTab) and self.view is not None:
            widget.show_view(self.view)
        elif isinstance(widget, RevokedTab):
            widget.enter()


def _id(record: IdentityRecord) -> str:
    return f"{record.label}:{record.kind}"


def _certificate(r: IdentityRecord) -> Certificate:
    names = {"ca": tr("根 CA"), "tlsca": tr("TLS 根 CA")}
    name = names.get(r.kind) or (r.name if r.kind == "person" else r.name.partition(".")[0])
    return Certificate(_id(r), r.msp_id, name, kind_title(r.kind), r.not_after, r.revoked_at)


def _combo(name: str, changed: Any) -> QComboBox:
    box = QComboBox()
    box.setFixedHeight(30)
    box.setMinimumWidth(118)
    box.setAccessibleName(name)
    box.currentIndexChanged.connect(lambda index: changed())
    return box


def _fill(box: QComboBox, options: list[tuple[str, str]]) -> None:
    if [(box.itemData(i), box.itemText(i)) for i in range(box.count())] == options:
        return
    current = box.currentData()
    box.blockSignals(True)
    box.clear()
    for data, text in options:
        box.addItem(text, data)
    box.setCurrentIndex(max(0, box.findData(current)))
    box.blockSignals(False)
