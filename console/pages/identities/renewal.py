"""Renewing certificates: which ones, a rehearsal that touches nothing, then one after the other with live progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from baas import roles
from baas.jobs import JobContext, JobStep
from baas.services.changes import RenewalStep
from baas.services.identities import IdentityRecord
from baas.services.renewal_rehearsal import Rehearsal
from console.i18n import say, tr
from console.i18n.formats import day, duration
from console.pages.identities.certificate_cells import kind_title, state_words
from console.shell.inspector import Inspected
from console.tasks import JobView
from console.widgets.basic import STATE_ICONS, Button, Icon, Label, Status, clear, hbox, vbox
from console.widgets.card import Scroll
from console.widgets.dialogs import Dialog
from console.widgets.facts import Section
from console.widgets.states import BusyBar
from fabric_sdk import clock
from network.text import Text

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage
    from network.renewal import What
    from network.succession import Kind

NODES = ("peer", "orderer", "tls")
AUTHORITIES = ("ca", "tlsca")
STEP_SIGNS = {"running": "busy", "done": "ok", "failed": "bad", "cancelled": "none"}


def renewable(page: IdentitiesPage, record: IdentityRecord) -> bool:
    """Whether this workspace can renew the certificate and the acting person may."""
    view, session = page.view, page.context.platform.session
    if view is None or record.state == "revoked":
        return False
    held = any(o.msp_id == record.msp_id and o.has_ca for o in view.organizations)
    if record.kind == "person":
        return bool(record.renewable and session.allows(roles.IDENTITY_ISSUE, record.msp_id))
    nodes = record.kind in (*NODES, *AUTHORITIES) and view.runtime != "attached"
    return bool(held and nodes and session.allows(roles.NETWORK_CHANGE))


class RenewDialog(Dialog):
    """Certificates to tick; what a rehearsal found; the renewal begins when nothing would fail."""

    def __init__(
        self, page: IdentitiesPage, records: Sequence[IdentityRecord], ticked: Sequence[IdentityRecord]
    ) -> None:
        super().__init__(
            page,
            tr("续期证书"),
            tr("先演练再执行：演练不碰正在运行的节点。节点逐个换证，前一个恢复后才轮到下一个。"),
            accept=tr("开始续期"),
            width=640,
        )
        self._page = page
        self.boxes: list[tuple[QCheckBox, IdentityRecord]] = []
        scroll = Scroll(spacing=2)
        scroll.setFixedHeight(min(232, 34 * len(records) + 8))
        for record in records:
            scroll.column.addWidget(self._row(record, record in ticked))
        scroll.column.addStretch(1)
        self.body.addWidget(scroll)
        head = hbox()
        head.addWidget(Label(tr("演练"), "strong"), 1)
        self.again = Button(tr("重新演练"), self.rehearse, kind="link", small=True, icon="refresh")
        head.addWidget(self.again)
        self.body.addLayout(head)
        self.busy = BusyBar()
        self.body.addWidget(self.busy)
        self._found = vbox(spacing=4)
        self.body.addLayout(self._found)
        self.rehearsal: Rehearsal | None = None
        self.rehearse()

    def _row(self, record: IdentityRecord, ticked: bool) -> QWidget:
        row = QWidget()
        row.setFixedHeight(30)
        layout = hbox(row, spacing=10)
        words, sign = state_words(record)
        organization = self._page.context.organization(record.msp_id)
        box = QCheckBox(f"{record.name} · {organization} · {kind_title(record.kind)}")
        box.setAccessibleName(f"{box.text()}, {words}")
        box.setChecked(ticked)
        box.toggled.connect(lambda _: self.rehearse())
        layout.addWidget(box, 1)
        layout.addWidget(Status(words, sign))
        layout.addWidget(Label(day(record.not_after.astimezone().date()), "caption", "text2"))
        self.boxes.append((box, record))
        return row

    def chosen(self) -> list[IdentityRecord]:
        return [record for box, record in self.boxes if box.isChecked()]

    def rehearse(self) -> None:
        """Try the renewal of what is ticked; people need no rehearsal, their old certificate stays valid."""
        self.rehearsal = None
        clear(self._found)
        chosen = self.chosen()
        nodes, what = node_plan(chosen)
        self.accept_button.setEnabled(False)
        self.reason.setText("" if chosen else tr("至少选择一张证书"))
        if not chosen:
            return
        if not nodes:
            self._found.addWidget(Status(tr("只有个人身份，旧证书到期前仍然有效，无需演练"), "ok"))
            self.accept_button.setEnabled(True)
            return
        self.busy.show()
        changes, network = self._page.context.platform.changes, self._page.context.network

        def tried(found: Rehearsal) -> None:
            if node_plan(self.chosen()) == (nodes, what):
                self.busy.hide()
                self._show(found)

        def refused(error: Any) -> None:
            self.busy.hide()
            self.show_error(error)

        self._page.context.tasks.fetch(
            lambda: changes.rehearse_renewal(network, nodes, what), tried, refused, owner=self
        )

    def _show(self, found: Rehearsal) -> None:
        self.rehearsal = found
        clear(self._found)
        order = {"bad": 0, "warn": 1, "ok": 2}
        for step in sorted(found.steps, key=lambda one: order[one.state])[:12]:
            row = hbox(spacing=8)
            row.addWidget(Icon(*STATE_ICONS[step.state], 14), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(say(step.title), "caption"), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(say(step.detail) if step.detail else "", "caption", "text2", wrap=True), 1)
            self._found.addLayout(row)
        if len(found.steps) > 12:
            more = tr("另有 {n} 项都正常").format(n=len(found.steps) - 12)
            self._found.addWidget(Label(more, "caption", "text2"))
        self.accept_button.setEnabled(found.passed)
        self.reason.setText("" if found.passed else tr("演练没有通过，先处理标出的问题"))


class StepsDialog(Dialog):
    """What would be done, in order, and nothing to choose. `read` gives the steps, in a worker."""

    def __init__(
        self,
        page: IdentitiesPage,
        title: str,
        about: str,
        accept: str,
        read: Callable[[], Sequence[RenewalStep | Text]],
    ) -> None:
        super().__init__(page, title, about, accept=accept, width=640)
        self.busy = BusyBar()
        self.body.addWidget(self.busy)
        self._found = vbox(spacing=4)
        self.body.addLayout(self._found)
        self.accept_button.setEnabled(False)
        self.busy.show()
        page.context.tasks.fetch(read, self._show, self._refused, owner=self)

    def _show(self, steps: Sequence[RenewalStep | Text]) -> None:
        self.busy.hide()
        if any(isinstance(step, RenewalStep) and step.apart for step in steps):
            words = tr("证书已到期，无法连接节点：会先停止网络，换好证书再启动。")
            self._found.addWidget(Status(words, "warn"))
        for step in steps[:14]:
            words = say(step.title if isinstance(step, RenewalStep) else step)
            self._found.addWidget(Label(words, "caption", wrap=True))
        if len(steps) > 14:
            self._found.addWidget(Label(tr("另有 {n} 项").format(n=len(steps) - 14), "caption", "text2"))
        self.accept_button.setEnabled(bool(steps))

    def _refused(self, error: Any) -> None:
        self.busy.hide()
        self.show_error(error)


def _follow(
    page: IdentitiesPage, run: Callable[..., Any], title: Text, heading: str, done: str, again: Callable[[], object]
) -> JobView:
    """Do something of many steps as a job; the inspector shows each as it happens."""

    def ended(_: Any) -> None:
        page.context.notice(done)
        page.refresh()

    view = page.context.job(
        run,
        title=title,
        network=page.context.network,
        done=ended,
        failed=lambda error: page.banner.show_error(error, again),
    )
    page.inspect(ProgressPanel(view, heading, tr("中断后再次续期会接着做，已换好的不会重做。")))
    return view


def mend(page: IdentitiesPage) -> JobView:
    """Renew everything that has ended."""
    platform, network = page.context.platform, page.context.network

    def run(*, ctx: JobContext) -> int:
        return len(platform.changes.renew_nodes(network, ctx=ctx).steps)

    title = Text("续期已到期的证书", "Renew what has ended")
    return _follow(page, run, title, tr("续期证书"), tr("证书已续期，网络已启动"), lambda: mend(page))


def may_succeed(page: IdentitiesPage, record: IdentityRecord) -> bool:
    """Whether this is an authority that the acting person may give a new key from here."""
    view = page.view
    own = view is not None and any(o.msp_id == record.msp_id and o.has_ca for o in view.organizations)
    return record.kind in AUTHORITIES and own and _may_mend(page)


def ask_succeed(page: IdentitiesPage, record: IdentityRecord) -> None:
    """Show what a new key of an authority would bring about, and do it."""
    authorities, network, msp_id = page.context.platform.authorities, page.context.network, record.msp_id
    kind: Kind = "tlsca" if record.kind == "tlsca" else "ca"
    if kind == "tlsca":
        title = tr("{o} 的 TLS CA 换用新密钥").format(o=msp_id)
        about = tr(
            "节点逐个换证，网络照常工作；旧证书都换下后，旧根证书移出通道。此前导出的连接配置在旧根证书到期前仍然可用。"
        )
    else:
        title = tr("{o} 的 CA 换用新密钥").format(o=msp_id)
        about = tr(
            "旧证书、账本和存证仍然有效；最后一张旧证书到期后，旧根证书随下一次续期移出通道。需要其他组织签名时会说明请谁签。"
        )
    dialog = StepsDialog(
        page, title, about, tr("换用新密钥"), lambda: authorities.succession_plan(msp_id, network, kind)
    )
    if dialog.exec():
        succeed(page, msp_id, kind)


def succeed(page: IdentitiesPage, msp_id: str, kind: Kind) -> JobView:
    """Give an organisation's authority a new key."""
    authorities, network = page.context.platform.authorities, page.context.network

    def run(*, ctx: JobContext) -> int:
        return len(authorities.succeed(msp_id, network, kind=kind, ctx=ctx).steps)

    if kind == "tlsca":
        title = Text("{o} 的 TLS CA 换用新密钥", "New key for the TLS authority of {o}", o=msp_id)
        done = tr("{o} 已改用新的 TLS CA 密钥签发").format(o=msp_id)
    else:
        title = Text("{o} 的 CA 换用新密钥", "New key for the authority of {o}", o=msp_id)
        done = tr("{o} 已改用新的 CA 密钥签发").format(o=msp_id)
    return _follow(page, run, title, tr("换用新密钥"), done, lambda: succeed(page, msp_id, kind))


def node_plan(records: Sequence[IdentityRecord]) -> tuple[list[str], list[What]]:
    """The nodes among `records`, and which of their certificates are meant (tls, identity)."""
    chosen = [r for r in records if r.kind in NODES]
    what: list[What] = []
    if any(r.kind == "tls" for r in chosen):
        what.append("tls")
    if any(r.kind != "tls" for r in chosen):
        what.append("identity")
    return list(dict.fromkeys(r.name for r in chosen)), what


def ask_renew(page: IdentitiesPage, ticked: Sequence[IdentityRecord]) -> None:
    """Ask which certificates, rehearse, renew as a job and follow it in the inspector."""
    view = page.view
    if view is None:
        return
    ended = any(r.state in {"expired", "not_yet"} and r.kind != "person" for r in view.records)
    if (ended or any(r.kind in AUTHORITIES for r in ticked)) and _may_mend(page):
        changes, network = page.context.platform.changes, page.context.network
        everything = StepsDialog(
            page,
            tr("续期全部证书"),
            tr("账本、密钥和存证都不变；中断后再次续期会接着做。"),
            tr("开始续期"),
            lambda: changes.renewal_plan(network),
        )
        if everything.exec():
            mend(page)
        return
    wanted = list(ticked)
    records = wanted + [r for r in view.records if r not in wanted and renewable(page, r) and r.state != "valid"]
    dialog = RenewDialog(page, records, wanted)
    if dialog.exec():
        renew(page, dialog.chosen())


def _may_mend(page: IdentitiesPage) -> bool:
    view, session = page.view, page.context.platform.session
    return view is not None and view.runtime != "attached" and session.allows(roles.NETWORK_CHANGE)


def renew(page: IdentitiesPage, chosen: Sequence[IdentityRecord]) -> JobView:
    """Renew people at once and nodes one after the other; the inspector shows each step as it happens."""
    platform, network = page.context.platform, page.context.network
    people = [r for r in chosen if r.kind == "person"]
    nodes, what = node_plan(chosen)

    def run(*, ctx: JobContext) -> int:
        for record in people:
            ctx.check_cancelled()
            ctx.step(f"renew-{record.label}", Text("续期 {n}", "Renew {n}", n=record.label))
            platform.identities.renew(record.label, network=network)
        if nodes:
            platform.changes.renew_nodes(network, nodes, what, ctx=ctx)
        return len(chosen)

    def done(count: int) -> None:
        page.context.notice(tr("已续期 {n} 张证书").format(n=count))
        page.refresh()

    view = page.context.job(
        run,
        title=Text("续期 {n} 张证书", "Renew {n} certificates", n=len(chosen)),
        network=network,
        done=done,
        failed=lambda error: page.banner.show_error(error, lambda: renew(page, chosen)),
    )
    page.inspect(ProgressPanel(view, tr("续期证书"), tr("中断后再次续期会接着做，已换好的不会重做。")))
    return view


class ProgressPanel(Inspected):
    """A job's steps as they happen, in the inspector."""

    def __init__(self, view: JobView, title: str, advice: str) -> None:
        super().__init__(title, view.title)
        self._view = view
        self.steps = Section(tr("步骤"))
        self._rows = vbox(spacing=6)
        self.steps.body.addLayout(self._rows)
        self.add(self.steps)
        foot = Section()
        self.cancel = Button(tr("取消"), view.cancel, icon="close")
        foot.add(self.buttons(self.cancel))
        foot.text(advice, tone="text2")
        self.add(foot)
        view.changed.connect(self._show)
        view.finished.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self._view.job
        if job is None:
            return
        clear(self._rows)
        for step in job.steps:
            self._rows.addWidget(_step_row(step))
        if job.error is not None:
            self._rows.addWidget(Label(say(job.error.message), "body", "bad", wrap=True))
        self.cancel.setVisible(self._view.running)

    def shown(self) -> list[str]:
        """The titles of the steps so far."""
        return [say(step.title) for step in self._view.job.steps] if self._view.job else []


def _step_row(step: JobStep) -> QWidget:
    row = QWidget()
    layout = hbox(row, spacing=8)
    layout.addWidget(Icon(*STATE_ICONS[STEP_SIGNS[step.state]], 14))
    layout.addWidget(Label(say(step.title), "caption", "text", wrap=True), 1)
    seconds = (step.finished or clock.seconds()) - step.started
    layout.addWidget(Label(duration(seconds) if step.finished else "", "caption", "text2"))
    return row
