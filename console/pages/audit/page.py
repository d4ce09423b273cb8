"""The audit page: a table of what was done, the state of the log and its seals, and who may do something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from baas import roles
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import duration, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action, Page
from console.signing import Signing
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.forms import filter_box
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from baas.audit_file import AuditCheck
    from baas.services.audit import AuditEntry

SEAL = "catalogue.keep"
"""The catalogue's right to seal a log."""


class AuditPage(Page):
    """What was done, newest first; the log is checked each time the page is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entries: tuple[AuditEntry, ...] = ()
        self.found: AuditCheck | None = None
        self._sealer: Signing | None = None
        self._titles: dict[str, Text] = {}
        column = vbox(margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=12)
        self.notes = vbox(spacing=8)
        column.addLayout(self.notes)
        row = hbox()
        self.filter = filter_box(tr("身份或操作"), self._filter)
        row.addWidget(self.filter)
        row.addStretch(1)
        column.addLayout(row)
        self.stack = QStackedWidget()
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("时间"), 160),
                Column(tr("身份", "one"), 220),
                Column(tr("操作")),
                Column(tr("对象"), 230),
                Column(tr("结果"), 150),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("操作记录"), two_lines=True)
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        self.stack.addWidget(card)
        self.stack.addWidget(
            EmptyState("shield", tr("还没有操作记录"), tr("更改网络、身份、合约或账本的操作都会记在这里。"))
        )
        column.addWidget(self.stack, 1)
        self.outer.addLayout(column, 1)
        self.set_header(tr("审计"))

    def refresh(self) -> None:
        if not self.context.ready:
            return
        platform = self.context.platform
        self._titles = {**roles.PERMISSION_TITLES, **platform.applications.permission_titles()}
        self.read(lambda: (platform.audit.entries(), platform.audit.check(sealed=False)), lambda got: self._show(*got))

    def _show(self, entries: tuple[AuditEntry, ...], found: AuditCheck) -> None:
        self.entries, self.found = entries, found
        self._filter(self.filter.text())
        self._head()
        if self.context.network and self._running():
            platform, network = self.context.platform, self.context.network
            # The ledger may not answer: then the file's own verdict stands.
            self.read(
                lambda: (platform.audit.check(network), platform.audit.sealer(network)),
                lambda got: self._sealed(*got),
                lambda _error: None,
            )

    def _running(self) -> bool:
        return any(one.anchors for one in self.context.platform.applications.all())

    def _sealed(self, found: AuditCheck, sealer: tuple[str, str]) -> None:
        self.found = found
        party, role = sealer
        self._sealer = self.signs(party, [role]) if party else None
        self._head()

    def _head(self) -> None:
        found = self.found
        if found is None:
            return
        clear(self.notes)
        if not found.whole:
            for one in found.findings[:5]:
                self.notes.addWidget(Status(_finding(one), "bad"))
        facts = tr("记录完整") if found.whole else tr("{n} 处不符").format(n=len(found.findings))
        if found.anchored:
            facts = tr("{state} · 第 {n} 行以前已封存在账本").format(state=facts, n=f"{found.anchored:,}")
        else:
            facts = tr("{state} · 还没有封存").format(state=facts)
        actions = [
            Action("export", tr("导出…"), self.export, "download"),
            Action("check", tr("重新核对"), self.refresh, "refresh"),
        ]
        if self.context.platform.session.allows(SEAL):
            actions.append(
                Action("seal", tr("封存到账本"), self.seal, "shield", "primary", signs=self._sealer or self.signs())
            )
        self.set_header(tr("审计"), facts, actions)

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        rows = [one for one in self.entries if wanted in self._searched(one)]
        self.model.set_rows(rows)
        self.stack.setCurrentIndex(0 if self.entries else 1)

    def _searched(self, one: AuditEntry) -> str:
        signed = " ".join(one.signed)
        return f"{one.who} {one.party} {signed} {one.what} {self._what(one)} {_on(one)}".casefold()

    def _what(self, one: AuditEntry) -> str:
        """What people read: a job's own title, else what the right is for that was asked."""
        if one.title is not None:
            return say(one.title)
        known = [say(self._titles[word]) for word in one.asks if word in self._titles]
        contract, colon, function = one.what.partition(":")
        called = f"{self.context.contract(contract)} · {function}" if colon else one.what
        return tr("、").join(known) or called

    def _in_whose_name(self, one: AuditEntry) -> str:
        """In whose name somebody signed who is somebody else."""
        people = tr("、").join(map(self.context.person, one.signed))
        return tr("代 {who} 签署").format(who=people) if people else ""

    def _cells(self, one: AuditEntry) -> list[Cell]:
        words, state = _outcome(one)
        icon, tone = STATE_ICONS[state]
        return [
            Cell(when(one.at, seconds=True), sub=_door(one.door)),
            Cell(self.context.person(one.who) or "—", sub=self._in_whose_name(one), icon="identity", tip=one.who),
            Cell(self._what(one), sub=one.what, bold=True),
            Cell(_on(one)),
            Cell(words, icon=icon, tone=tone, word_tone=state if state in {"warn", "bad"} else "text2"),
        ]

    def _inspect(self, one: Any) -> None:
        if one is not None:
            self.inspect(self._panel(one))

    def _panel(self, one: AuditEntry) -> QWidget:
        panel = QWidget()
        column = vbox(panel, spacing=0)
        head = Section(tr("第 {n} 行").format(n=f"{one.line:,}"), first=True)
        head.text(self._what(one))
        words, state = _outcome(one)
        head.status(words, state)
        column.addWidget(head)
        facts = Facts()
        facts.add(tr("身份", "one"), self.context.person(one.who) or "—", tip=one.who)
        if one.party and one.party != one.who:
            facts.add(tr("账本上"), self.context.person(one.party), tip=one.party)
        if one.signed:
            facts.add(tr("代签"), tr("、").join(map(self.context.person, one.signed)))
        facts.add(tr("入口"), _door(one.door))
        facts.add(tr("操作"), one.what, mono=True)
        facts.add(tr("权限"), tr("、").join(say(self._titles.get(word, word)) for word in one.asks))
        facts.add(tr("对象"), _on(one) or "—")
        facts.add(tr("开始"), when(one.at, seconds=True))
        facts.add(tr("用时"), duration(one.ended - one.at) if one.ended else "—")
        section = Section(tr("详情"))
        section.add(facts)
        column.addWidget(section)
        if self.found is not None:
            sealed = one.line <= self.found.anchored
            seal = Section(tr("封存"))
            seal.status(tr("账本上的封存包含这一行") if sealed else tr("下次封存时包含"), "ok" if sealed else "info")
            column.addWidget(seal)
        column.addStretch(1)
        return panel

    def seal(self) -> None:
        """Put the newest line's hash on the ledger."""
        network = self.context.network
        self.context.job(
            _seal,
            self.context.platform,
            network,
            title=Text("封存审计记录", "Seal the audit log"),
            network=network,
            done=self._sealed_now,
            failed=self.banner.show_error,
        )

    def _sealed_now(self, made: Any) -> None:
        self.context.notice(tr("已封存到第 {n} 行").format(n=f"{made.n:,}"))
        self.refresh()

    def export(self) -> None:
        """Write log, seals and the checking program into a folder."""
        chosen = QFileDialog.getExistingDirectory(self, tr("导出到空文件夹"))
        if not chosen:
            return
        platform, network = self.context.platform, self.context.network
        self.read(
            lambda: platform.audit.export(Path(chosen), network),
            lambda found: self.context.notice(tr("已导出 {n} 行").format(n=f"{found.lines:,}")),
        )


def _seal(platform: Any, network: str, *, ctx: Any) -> Any:
    ctx.step("seal", Text("写入账本", "Write to the ledger"))
    return platform.audit.seal(network)


def _on(one: AuditEntry) -> str:
    values = (one.on or {}).values()
    return tr("、").join(", ".join(value) if isinstance(value, list) else str(value) for value in values)


def _door(door: str) -> str:
    known = {
        "command": tr("命令行"),
        "console": tr("工作台"),
        "duty": tr("定期任务"),
        "service": tr("服务"),
        "api": tr("接口"),
    }
    return known.get(door, tr("程序"))


def _outcome(one: AuditEntry) -> tuple[str, str]:
    if not one.outcome:
        return tr("没有结束"), "warn"
    known = {
        "ok": (tr("完成"), "ok"),
        "permission_denied": (tr("无权，已拒绝"), "bad"),
        "denied": (tr("无权，已拒绝"), "bad"),
        "cancelled": (tr("已取消"), "none"),
    }
    return known.get(one.outcome, (tr("失败：{code}").format(code=one.outcome), "bad"))


def _finding(one: Any) -> str:
    if not one.line:
        return tr("账本上封存过的一行已不在记录里")
    return tr("第 {n} 行与写入时不同").format(n=f"{one.line:,}")
