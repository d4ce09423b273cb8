"""核验: drop an evidence package, a certificate or any file; every check is listed with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from apps.copyright import permissions
from apps.copyright.evidence.part_titles import part_words
from apps.copyright.model import Work
from apps.copyright.service import CopyrightService
from apps.copyright.ui.terms import tr
from apps.copyright.ui.view import View
from console.appkit.editors import digest_of
from console.i18n import say
from console.i18n.formats import short_hash, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, HashLabel, Icon, Label, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import DropZone, pick_files
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage
    from fabric_sdk.proof.report import Report

Kind = Literal["package", "certificate", "file"]
_ORDER = ("bad", "cap", "low", "note", "ok")
_ICONS = {"ok": "ok", "note": "info", "low": "warn", "cap": "warn", "bad": "bad"}
_STATES = {"agrees": "ok", "consistent": "warn", "invalid": "bad", "unreadable": "bad"}


@dataclass(frozen=True)
class Check:
    """One check: its part of the package, how it came out (ok, warn, bad), and why."""

    state: str
    part: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What a file turned out to be and to prove."""

    kind: Kind
    path: Path
    sha256: str
    valid: bool
    checks: tuple[Check, ...] = ()
    works: tuple[Work, ...] = ()
    report: Report | None = None
    sentence: tuple[str, str] = ("", "")
    sections: tuple[tuple[str, Sequence[str]], ...] = ()
    became: str = ""
    """Of a certificate: what became of it (`CopyrightService.certificate_state`)."""


def kind_of(path: Path) -> Kind:
    """An evidence package is a zip, a certificate a PDF; anything else is taken for a work."""
    with path.open("rb") as file:
        head = file.read(5)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06") or path.suffix.lower() == ".zip":
        return "package"
    return "certificate" if head == b"%PDF-" else "file"


def verify_file(
    service: CopyrightService, path: Path, card: Path | None = None, roots: Path | None = None, *, ctx: Any
) -> Verdict:
    """Check a file by what it is; a zip that is no evidence package is looked up like any file."""
    from apps.copyright.proof import check_evidence, load_card, load_roots, told
    from fabric_sdk.proof.report import AGREES, CONSISTENT, UNREADABLE

    service.platform.session.require(permissions.EVIDENCE)
    ctx.step("verify", Text("核验 {n}", "Verify {n}", n=path.name))
    kind = kind_of(path)
    digest = digest_of(path)
    if kind == "package":
        report = check_evidence(path, load_card(card) if card else None, load_roots(roots) if roots else ())
        words = told(report, say(Text("zh", "en")))
        checks = tuple(Check(*one) for one in words["checks"])
        if report.verdict == UNREADABLE and (works := service.find("sha256", digest)):
            return Verdict("file", path, digest, True, (Check("info", works[0].id, checks[0].text),), works)
        return Verdict(
            "package",
            path,
            digest,
            report.verdict in (AGREES, CONSISTENT),
            checks,
            report=report,
            sentence=(words["verdict"], words["sentence"]),
            sections=tuple(words["sections"]),
        )
    if kind == "certificate" and (works := service.find("certificate", digest)):
        state = service.certificate_state(digest)
        return Verdict("certificate", path, digest, state == "valid", works=works, became=state)
    works = service.find("sha256", digest)
    return Verdict(
        "certificate" if kind == "certificate" and not works else "file", path, digest, bool(works), works=works
    )


class VerifyView(View):
    """Addresses `verify` and `verify/FILE` (a path on this machine)."""

    live = False

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.verdict: Verdict | None = None
        self.card_file: Path | None = None
        self.roots: Path | None = None
        self._opened = ""
        outer = vbox(self)
        self._scroll = Scroll((tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 24))
        outer.addWidget(self._scroll)
        self.reset()

    def enter(self, rest: str) -> None:
        self._header()
        if rest and rest != self._opened:
            self._opened = rest
            self.take(Path(rest))

    def _header(self) -> None:
        actions = []
        if self.verdict is not None:
            actions.append(Action("again", tr("核验另一个文件"), self.reset, "refresh"))
            if self.verdict.kind == "package":
                actions.append(Action("card", tr("用通道名片核验…"), self.ask_card, "shield"))
                stamps: list[tuple[str, Callable[[], object]]] = [
                    (tr("时间戳机构的根证书…"), self.ask_roots),
                    (tr("时间戳机构…"), self.ask_authority),
                ]
                actions.append(Action("tsa", tr("更多"), self.ask_authority, "stamp", menu=stamps))
        if not any(action.menu for action in actions):
            actions.append(Action("tsa", tr("时间戳机构…"), self.ask_authority, "stamp"))
        self.page.show_tab("verify", tr("与包内的离线核验程序相同，不需要网络"), actions)

    def reset(self) -> None:
        """Wait for another file."""
        from console.widgets.basic import clear

        self.verdict, self.card_file, self.roots, self._opened = None, None, None, ""
        column = self._scroll.column
        clear(column)
        card = Card(tr("核验证据包、证书或作品文件"))
        self.zone = DropZone(
            tr("拖入证据包（zip）、登记证书（PDF）或任意文件，或点此选择"), pattern=tr("所有文件 (*)"), height=150
        )
        self.zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        card.add(self.zone)
        for title, text in (
            (tr("证据包"), tr("逐项核对容器、文件、区块、签名和证书，指出哪一部分被改动。")),
            (tr("登记证书"), tr("核对这份 PDF 的散列是否由登记机构写在账本上。")),
            (tr("其他文件"), tr("查账本上有没有内容完全相同的存证。")),
        ):
            row = hbox(spacing=8)
            name = Label(title, "strong")
            name.setFixedWidth(110)
            row.addWidget(name)
            row.addWidget(Label(text, "body", "text2", wrap=True), 1)
            card.add(row)
        column.addWidget(card)
        column.addStretch(1)
        if self.shown:
            self._header()

    def ask_card(self) -> None:
        """Check again against a channel card that came from elsewhere."""
        if self.verdict is None:
            return
        for name in pick_files(self, tr("选择另行取得的通道名片"), "JSON (*.json)"):
            self.card_file = Path(name)
            self.take(self.verdict.path)

    def ask_authority(self) -> None:
        """Name the time-stamp authority of this workspace."""
        from apps.copyright.ui.stamps import ask_authority

        ask_authority(self.page)

    def ask_roots(self) -> None:
        """Check again, with the roots of time-stamp authorities out of a PEM file."""
        if self.verdict is None:
            return
        for name in pick_files(self, tr("选择时间戳机构的根证书（PEM）"), "PEM (*.pem *.crt)"):
            self.roots = Path(name)
            self.take(self.verdict.path)

    def take(self, path: Path) -> None:
        """Check a file."""
        service, card, roots = self.service, self.card_file, self.roots
        self.page.banner.hide()
        self.page.context.job(
            lambda *, ctx: verify_file(service, path, card, roots, ctx=ctx),
            title=Text("核验 {n}", "Verify {n}", n=path.name),
            done=self._show,
            failed=self.page.banner.show_error,
        )

    def _show(self, verdict: Verdict) -> None:
        from console.widgets.basic import clear

        self.verdict = verdict
        column = self._scroll.column
        clear(column)
        column.addWidget(self._result(verdict))
        if verdict.checks and verdict.kind == "package":
            for heading, lines in verdict.sections:
                column.addWidget(_section(heading, lines))
            column.addWidget(self._checks(verdict))
        else:
            if verdict.works:
                column.addWidget(self._works(verdict))
            column.addWidget(self._meaning(verdict))
        column.addStretch(1)
        if self.shown:
            self._header()

    def _result(self, verdict: Verdict) -> Card:
        title, text, state = _verdict_words(verdict)
        card = Card()
        row = hbox(spacing=14)
        row.addWidget(Icon(*STATE_ICONS[state], 32))
        words = vbox(spacing=3)
        self.headline = Label(title, "section", "bad" if state == "bad" else "text")
        words.addWidget(self.headline)
        words.addWidget(Label(text, "body", "text2", wrap=True))
        facts = Facts(64)
        facts.add(tr("文件"), verdict.path.name)
        facts.add("SHA-256", HashLabel(verdict.sha256, short_hash(verdict.sha256, 8), what="SHA-256"))
        words.addWidget(facts)
        row.addLayout(words, 1)
        card.add(row)
        return card

    def _checks(self, verdict: Verdict) -> Card:
        bad = sum(one.state == "bad" for one in verdict.checks)
        note = tr("{n} 项核对").format(n=len(verdict.checks)) + (" · " + tr("{n} 项不符").format(n=bad) if bad else "")
        card = Card(tr("逐项核对"), note, flush=True)
        model = RowsModel([Column(tr("结果"), 110), Column(tr("部分"), 290), Column(tr("说明"))], _check_cells)
        self.table = DataTable(model, tr("逐项核对"))
        model.set_rows(sorted(verdict.checks, key=lambda one: _ORDER.index(one.state)))
        self.table.fit(10)
        card.add(self.table)
        return card

    def _meaning(self, verdict: Verdict) -> Card:
        card = Card(tr("这说明什么"))
        if verdict.became in _BECAME:
            card.add(Label(_became(verdict.became)[1], "body", wrap=True))
            return card
        if not verdict.valid:
            card.add(Label(tr("不能作为依据。请向出具方重新取得，并用原始文件核对。"), "body", wrap=True))
            return card
        if verdict.kind == "certificate":
            proves: tuple[str, ...] = (tr("这份 PDF 与登记机构发出的证书逐字节相同"),)
        else:
            proves = (tr("这份文件与存证时的内容逐字节相同"), tr("在所示时间之前，存证人已持有这份内容"))
        for text in proves:
            card.add(_point(text, "ok"))
        card.add(_point(tr("不证明独创性，也不证明存证人就是作者"), "info"))
        return card

    def _works(self, verdict: Verdict) -> Card:
        card = Card(tr("账本上的记录"), tr("{n} 件").format(n=len(verdict.works)))
        for work in verdict.works[:20]:
            row = hbox(spacing=10)
            go = Button(work.title, partial(self.page.context.go, f"copyright/work/{work.id}"), kind="link")
            row.addWidget(go)
            parts = [work.number, work.owners[0][0], tr("存证于 {t}").format(t=when(work.created))]
            row.addWidget(Label(" · ".join(p for p in parts if p), "caption", "text2"), 1)
            card.add(row)
        return card


def _point(text: str, state: str) -> QWidget:
    """A point of the meaning, which may take several lines."""
    holder = QWidget()
    row = hbox(holder, spacing=6)
    row.addWidget(Icon(*STATE_ICONS[state], 15), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(text, "body", "text2", wrap=True), 1)
    return holder


_BECAME = ("cancelled", "replaced")


def _became(state: str) -> tuple[str, str]:
    """What to say of a genuine certificate that no longer counts."""
    if state == "cancelled":
        return tr("登记已撤销，证书失效"), tr("证书是登记机构发出的原件，但这项登记已被撤销。存证仍在账本上。")
    return tr("证书已被新证替代"), tr("登记事项已变更，登记机构另发了新证。请核对新证。")


def _verdict_words(verdict: Verdict) -> tuple[str, str, str]:
    if verdict.report is not None:
        return *verdict.sentence, _STATES[
            verdict.report.verdict if verdict.report.complete else _lowered(verdict.report)
        ]
    if verdict.became in _BECAME:
        return *_became(verdict.became), "bad" if verdict.became == "cancelled" else "warn"
    if verdict.kind == "certificate":
        if verdict.valid:
            return tr("证书与账本相符"), tr("登记机构把这份证书的散列写在了账本上。"), "ok"
        return tr("账本上没有这份证书"), tr("它不是登记机构发出的原件，或者被改动过。"), "bad"
    if verdict.works:
        return tr("账本上有这份内容的存证"), tr("文件与存证的内容逐字节相同。"), "ok"
    return tr("账本上没有这份内容"), tr("内容哪怕改动一个字节也会不同。可以到“查重”看有没有疑似相近的作品。"), "none"


def part_name(part: str) -> str:
    """A part of a package in words, with its own name."""
    name = say(part_words(part))
    return name if part.lower() in (name.lower(), "container", "package", "timestamps") else f"{name} · {part}"


def _lowered(report: Report) -> str:
    """A verdict with reservations is shown as something to heed."""
    return "consistent" if report.verdict == "agrees" else report.verdict


def _section(heading: str, lines: Sequence[str]) -> Card:
    card = Card(heading)
    for line in lines:
        card.add(Label(line, "body", wrap=True))
    return card


def _check_cells(check: Check) -> list[Cell]:
    icon, tone = STATE_ICONS[_ICONS[check.state]]
    words = {
        "ok": tr("相符"),
        "note": tr("备注"),
        "low": tr("保留"),
        "cap": tr("未证实"),
        "bad": tr("不符"),
    }[check.state]
    loud = {"bad": "bad", "low": "warn", "cap": "warn"}.get(check.state, "text2")
    return [
        Cell(words, icon=icon, tone=tone, word_tone=loud),
        Cell(part_name(check.part), tip=check.part),
        Cell(check.text, tip=check.text, word_tone=loud if check.state == "bad" else ""),
    ]
