"""The left rail: workspace, search, pages by section, the account with its lock."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.i18n.plain import tip
from console.theme import theme, tokens, ui_font
from console.widgets.basic import Elided, IconButton, Label, hbox, line, vbox


class NavItem(QWidget):
    """One page in the rail. Signals: `pressed`."""

    pressed = Signal()

    def __init__(self, text: str, icon: str) -> None:
        super().__init__()
        self._text, self._icon = text, icon
        self._badge = 0
        self._current = False
        self.setFixedHeight(tokens.CONTROL_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._speak()

    def set_badge(self, count: int) -> None:
        """Show how many things need handling; 0 shows nothing."""
        if count != self._badge:
            self._badge = count
            self._speak()
            self.update()

    def set_current(self, current: bool) -> None:
        if current != self._current:
            self._current = current
            self._speak()
            self.update()

    def _speak(self) -> None:
        words = [self._text]
        if self._badge:
            words.append(tr("{n} 项待处理").format(n=self._badge))
        if self._current:
            words.append(tr("当前页"))
        self.setAccessibleName(", ".join(words))
        self.setToolTip(tip(", ".join(words[:2] if self._badge else words[:1])))

    def sizeHint(self) -> QSize:
        return QSize(tokens.RAIL_WIDTH - 22, tokens.CONTROL_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(10.5, 0.5, -10.5, -0.5)
        if self._current:
            painter.setPen(QPen(look.colour("line"), 1))
            painter.setBrush(look.colour("card"))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("fill"))
            painter.drawRoundedRect(QRectF(0, 7, 3, self.height() - 14), 1.5, 1.5)
        elif self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("track"))
            painter.drawRoundedRect(box, 6, 6)
        tone = "accent" if self._current else "text2"
        narrow = self.width() <= tokens.RAIL_NARROW
        left = (self.width() - 16) // 2 if narrow else 20
        painter.drawPixmap(left, (self.height() - 16) // 2, look.pixmap(self._icon, tone, 16, self.devicePixelRatioF()))
        if narrow:
            if self._badge:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("warng"))
                painter.drawEllipse(QRectF(left + 13, 5, 7, 7))
            return
        painter.setPen(look.colour("text" if self._current else "text2"))
        painter.setFont(ui_font(bold=self._current))
        font = ui_font(bold=self._current)
        room = self.width() - (46 + 16 + (34 if self._badge else 0))
        shown = QFontMetrics(font).elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(46, 0, room + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if self._badge:
            font = ui_font(tokens.SIZE_BADGE)
            text = str(self._badge)
            width = max(20.0, QFontMetrics(font).horizontalAdvance(text) + 12)
            pill = QRectF(self.width() - 20 - width, (self.height() - 20) / 2, width, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("warnsoft"))
            painter.drawRoundedRect(pill, 10, 10)
            painter.setPen(look.colour("warn"))
            painter.setFont(font)
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


class SearchButton(QWidget):
    """Looks like a search field, opens the command palette. Signals: `pressed`."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(30)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("搜索或跳转") + ", Ctrl+K")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("btn"), 1))
        painter.setBrush(look.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        narrow = self.width() < 80
        left = (self.width() - 14) // 2 if narrow else 10
        painter.drawPixmap(left, 8, look.pixmap("search", "text3", 14, self.devicePixelRatioF()))
        if narrow:
            return
        painter.setPen(look.colour("text2"))
        painter.setFont(ui_font(tokens.SIZE_CAPTION))
        painter.drawText(QRectF(31, 0, 110, 30), Qt.AlignmentFlag.AlignVCenter, tr("搜索或跳转"))
        keys = QRectF(self.width() - 48, 6, 39, 18)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(keys, 4, 4)
        painter.setPen(look.colour("text3"))
        painter.setFont(ui_font(tokens.SIZE_BADGE))
        painter.drawText(keys, Qt.AlignmentFlag.AlignCenter, "Ctrl K")


class _Mark(QWidget):
    """The program's sign."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(28, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("fill"))
        painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
        painter.drawPixmap(5, 5, look.pixmap("brand", "onfill", 18, self.devicePixelRatioF()))


class Rail(QFrame):
    """The rail. Signals: `went(page id)`, `search_pressed`, `lock_pressed`, `account_pressed`, `workspace_pressed`."""

    went = Signal(str)
    search_pressed = Signal()
    lock_pressed = Signal()
    account_pressed = Signal()
    workspace_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "rail")
        self.setFixedWidth(tokens.RAIL_WIDTH)
        self.setAccessibleName(tr("导航"))
        self.items: dict[str, NavItem] = {}
        self._narrow = False
        self._captions: list[QWidget] = []
        column = vbox(self, margins=(0, 12, 0, 8), spacing=0)
        head = hbox(margins=(16, 0, 12, 0), spacing=8)
        head.addWidget(_Mark())
        names_of = QWidget()
        names = vbox(names_of, spacing=0)
        self.network = Elided(tr("城链"), "card")
        names.addWidget(self.network)
        self.workspace = Elided("", "badge", "text2")
        names.addWidget(self.workspace)
        head.addWidget(names_of, 1)
        self.switch = switch = IconButton("updown", tr("切换网络或工作区"), self.workspace_pressed.emit, size=24)
        head.addWidget(switch)
        column.addLayout(head)
        column.addSpacing(12)
        search = SearchButton()
        search.pressed.connect(self.search_pressed)
        box = hbox(margins=(12, 0, 12, 0))
        box.addWidget(search)
        column.addLayout(box)
        column.addSpacing(11)
        self._top = vbox(spacing=1)
        column.addLayout(self._top)
        column.addStretch(1)
        self._foot = vbox(spacing=1)
        column.addLayout(self._foot)
        column.addSpacing(6)
        rule = hbox(margins=(10, 0, 10, 0))
        rule.addWidget(line())
        column.addLayout(rule)
        column.addSpacing(6)
        self._account = self._make_account()
        column.addLayout(self._account)
        self._wide = [names_of, switch, self.actor, self.actor_note]

    def _make_account(self) -> QGridLayout:
        account = QGridLayout()
        account.setContentsMargins(16, 0, 12, 0)
        account.setHorizontalSpacing(10)
        account.setVerticalSpacing(0)
        self._avatar = _Avatar(self.account_pressed.emit)
        account.addWidget(self._avatar, 0, 0, 2, 1)
        self.actor = Elided("", "caption")
        self.actor.setFont(ui_font(tokens.SIZE_CAPTION, bold=True))
        self.actor_note = Elided("", "badge", "text2")
        self.lock = IconButton("lock", tr("锁定密钥库"), self.lock_pressed.emit, size=22)
        account.addWidget(self.actor, 0, 1, 1, 2)
        account.addWidget(self.actor_note, 1, 1)
        account.addWidget(self.lock, 1, 2)
        account.setColumnStretch(1, 1)
        return account

    def set_narrow(self, narrow: bool) -> None:
        """Show icons only, or names too; the names are then in the tooltips."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.setFixedWidth(tokens.RAIL_NARROW if narrow else tokens.RAIL_WIDTH)
        for widget in (*self._wide, *self._captions):
            widget.setVisible(not narrow)
        self._account.removeWidget(self.lock)
        self._account.addWidget(self.lock, 2 if narrow else 1, 0 if narrow else 2, Qt.AlignmentFlag.AlignHCenter)

    def fill(self, sections: list[tuple[str, str, list[tuple[str, str, str]]]]) -> None:
        """Show the pages: (section id, section title, [(page id, title, icon)])."""
        from console.widgets.basic import clear

        clear(self._top)
        clear(self._foot)
        self.items.clear()
        self._captions.clear()
        for section, title, entries in sections:
            target: QVBoxLayout = self._foot if section == "foot" else self._top
            if title:
                caption = hbox(margins=(20, 10, 12, 4))
                words = Label(title, "badge", "text3")
                self._captions.append(words)
                caption.addWidget(words)
                target.addLayout(caption)
                words.setVisible(not self._narrow)
            for page, text, icon in entries:
                item = NavItem(text, icon)
                item.pressed.connect(self._goer(page))
                self.items[page] = item
                target.addWidget(item)

    def _goer(self, page: str) -> Callable[[], None]:
        return lambda: self.went.emit(page)

    def set_place(self, network: str, workspace: str) -> None:
        """Say which network the pages speak of, by the name that people gave it, and which workspace is open."""
        self.network.setText(network or tr("城链"))
        self.workspace.setText(workspace)

    def set_current(self, page: str) -> None:
        for which, item in self.items.items():
            item.set_current(which == page)

    def set_account(self, name: str, note: str, *, locked: bool) -> None:
        self.actor.setText(name)
        self.actor_note.setText(note)
        self._avatar.set(name)
        self.lock.set_icon("lock" if locked else "unlock")
        words = tr("解锁密钥库") if locked else tr("锁定密钥库")
        self.lock.setToolTip(words)
        self.lock.setAccessibleName(words)


class _Avatar(QWidget):
    """The first character of who acts; opens the account menu."""

    def __init__(self, press: Callable[[], object]) -> None:
        super().__init__()
        self._letter = ""
        self._press = press
        self.setFixedSize(28, 28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set(self, name: str) -> None:
        self._letter = name[:1]
        self.setAccessibleName(tr("账号：{name}").format(name=name))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self._press()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("asoft"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setPen(look.colour("accent"))
        painter.setFont(ui_font(tokens.SIZE_CAPTION, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
