"""The check-up page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import when
from console.page import Action, Page
from console.pages.doctor.serving import serving_card
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Icon, Label, clear, hbox, line, vbox
from console.widgets.card import Card, Scroll
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.serving.duties import DutyRecord
    from baas.serving.presence import Presence

ORDER = ("bad", "warn", "info", "ok")
SAID_ABOVE = "duty-"
"""What the card of services shows with its times; once is enough while it is well."""


class DoctorPage(Page):
    """What is not well stands first, with what to do; the rest below."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.checks: tuple[Any, ...] = ()
        self._scroll = Scroll((tokens.PAGE_MARGIN, 4, tokens.PAGE_MARGIN, 24))
        self.outer.addWidget(self._scroll, 1)
        self.set_header(tr("体检"))

    def refresh(self) -> None:
        if not self.context.ready:
            return
        from baas.services.doctor import examine

        platform = self.context.platform
        from baas.serving.duties import records
        from baas.serving.presence import running

        self.read(
            lambda: (
                examine(platform.workspace.folder, platform),
                running(platform.workspace),
                records(platform.workspace),
            ),
            lambda found: self._show(*found),
        )

    def _show(
        self, checks: tuple[Any, ...], parts: tuple[Presence, ...] = (), duties: tuple[DutyRecord, ...] = ()
    ) -> None:
        self.checks = checks
        counts = Counter(check.state for check in checks)
        worst = next((state for state in ORDER if counts[state]), "ok")
        words = {
            "bad": tr("{n} 项需要处理").format(n=counts["bad"]),
            "warn": tr("{n} 项请留意").format(n=counts["warn"]),
            "info": tr("一切正常"),
            "ok": tr("一切正常"),
        }[worst]
        self.set_header(
            tr("体检"),
            tr("{words} · 共 {n} 项 · {at}").format(words=words, n=len(checks), at=when(clock.local())),
            [
                Action("copy", tr("复制报告"), self._copy, "copy"),
                Action("again", tr("重新检查"), self.refresh, "refresh", "primary"),
            ],
        )
        column = self._scroll.column
        clear(column)
        open_ = [c for c in checks if c.state in {"bad", "warn"}]
        if open_:
            column.addWidget(_card(tr("需要处理"), open_))
        if parts or duties:
            column.addWidget(serving_card(parts, duties))
        rest = [c for c in checks if c not in open_ and not c.id.startswith(SAID_ABOVE)]
        column.addWidget(_card(tr("其他检查") if open_ else tr("检查"), rest))
        column.addStretch(1)

    def _copy(self) -> None:
        lines = [
            f"[{c.state}] {say(c.title)}: {say(c.detail)}" + (f" -> {say(c.hint)}" if c.hint else "")
            for c in self.checks
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.context.notice(tr("报告已复制"))


def _card(title: str, checks: list[Any]) -> Card:
    card = Card(title, tr("{n} 项").format(n=len(checks)), flush=True)
    for number, check in enumerate(sorted(checks, key=lambda c: ORDER.index(c.state))):
        if number:
            card.add(line())
        row = QWidget()
        layout = hbox(row, margins=(16, 9, 16, 9), spacing=12)
        layout.addWidget(Icon(*STATE_ICONS[check.state]))
        name = Label(say(check.title), "strong")
        name.setFixedWidth(230)
        layout.addWidget(name)
        words = vbox(spacing=2)
        words.addWidget(Label(say(check.detail), "body", "text", wrap=True))
        if check.hint:
            words.addWidget(Label(say(check.hint), "caption", "text2", wrap=True))
        layout.addLayout(words, 1)
        row.setAccessibleName(f"{say(check.title)}: {say(check.detail)}")
        card.add(row)
    return card
