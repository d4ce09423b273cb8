"""The strip in the window's frame while somebody acts who is not at home here, or signs for somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame

from baas.session import OWNER
from console.i18n import tr
from console.widgets.basic import Button, Elided, Icon, hbox, set_surface

if TYPE_CHECKING:
    from console.context import Context
    from console.shell.window import MainWindow


class ActingStrip(QFrame):
    """Says in whose name is signed here, with the way back; hidden while everybody acts as themselves at home."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self.setProperty("surface", "acting")
        self.setFixedHeight(34)
        row = hbox(self, margins=(16, 0, 12, 0), spacing=8)
        self._icon = Icon("edit", "warn", 14)
        row.addWidget(self._icon)
        self.words = Elided("", "caption")
        row.addWidget(self.words, 1)
        self.back = Button("", self._go_back, small=True)
        row.addWidget(self.back)
        self.hide()

    def show_acting(self) -> None:
        """Read anew who acts and for whom."""
        context: Context = self._window.context
        if not context.ready:
            self.hide()
            return
        actor = context.platform.session.actor
        if context.agreed:
            names = tr("、").join(one.who for one in context.agreed.values())
            self._show(tr("您正代 {who}签署，审计记录写明由您代签").format(who=names), tr("结束代签"), "warn")
        elif actor.party and not actor.desk:
            mine = context.signs()
            who = mine.who if mine is not None else actor.party
            self._show(tr("正以 {who}的身份操作").format(who=who), tr("回到平台管理员"), "accent")
        else:
            self.hide()

    def _show(self, words: str, back: str, tone: str) -> None:
        self._icon.set("edit", tone)
        set_surface(self, "standingin" if tone == "warn" else "acting")
        self.words.setText(words)
        self.back.setText(back)
        self.back.setAccessibleName(back)
        self.show()

    def _go_back(self) -> None:
        from console.shell.account import act_as

        if self._window.context.agreed:
            self._window.context.end_standing_in()
        else:
            act_as(self._window, OWNER)
