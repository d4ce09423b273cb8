"""The open board and the FHIR interface, started and stopped here; portals and their tokens, each shown once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from apps.health_slots import permissions
from apps.health_slots.serving.background import BackgroundServer, board_server, fhir_server
from apps.health_slots.serving.limits import Portal
from apps.health_slots.serving.portals import PlatformPortals
from apps.health_slots.ui.phrases import stamp, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import STATE_ICONS, Button, HashLabel, Label, Mono, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import ConfirmName, Dialog
from console.widgets.forms import Form, number_field, text_field
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage


class ServingCard(Card):
    """Two services on loopback, with their addresses.

    Signals: `changed` after one of them started or stopped.
    """

    changed = Signal()

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(tr("对外服务"), tr("只在本机 127.0.0.1 监听"))
        self._page = page
        self.servers: dict[str, BackgroundServer] = {}
        self._network = ""
        self._rows = vbox(spacing=12)
        self.add(self._rows)
        servers = self.servers
        self.destroyed.connect(lambda: stop_all(servers))
        self.show_servers()

    def show_servers(self) -> None:
        """Show what runs; servers of another network are stopped first."""
        network = self._page.context.network
        if network != self._network:
            stop_all(self.servers)
            self._network = network
        clear(self._rows)
        self._row("board", tr("公开看板"), tr("网页，只读，没有姓名，人人可核对承诺"))
        self._row("fhir", tr("FHIR R4 接口"), tr("预约门户凭令牌查号、锁定、预约、退号"))

    def _row(self, which: str, title: str, text: str) -> None:
        server = self.servers.get(which)
        running = server is not None and server.running
        cell = vbox(spacing=4)
        head = hbox()
        head.addWidget(Label(title, "strong"))
        head.addStretch(1)
        head.addWidget(Status(tr("运行中") if running else tr("未启动"), "ok" if running else "off"))
        cell.addLayout(head)
        cell.addWidget(Label(text, "caption", "text2", wrap=True))
        line = hbox()
        if running and server is not None:
            address = server.address
            cell.addWidget(HashLabel(address, address, what=tr("地址")))
            if which == "board":
                line.addWidget(
                    Button(
                        tr("在浏览器打开"),
                        lambda: QDesktopServices.openUrl(QUrl(address)),
                        icon="open",
                        small=True,
                        name=tr("在浏览器打开{what}").format(what=title),
                    )
                )
            line.addWidget(
                Button(
                    tr("停止"),
                    lambda: self.stop(which),
                    icon="stop",
                    small=True,
                    name=tr("停止{what}").format(what=title),
                )
            )
        else:
            line.addWidget(
                Button(
                    tr("启动"),
                    lambda: self.start(which),
                    icon="play",
                    small=True,
                    name=tr("启动{what}").format(what=title),
                )
            )
        line.addStretch(1)
        cell.addLayout(line)
        self._rows.addLayout(cell)

    def start(self, which: str) -> None:
        """Start one of the services on a free port."""
        service, platform, network = self._page.service, self._page.context.platform, self._page.context.network
        if service is None:
            return

        def run() -> BackgroundServer:
            platform.session.require(permissions.SERVE)
            made = (
                board_server(service)
                if which == "board"
                else fhir_server(PlatformPortals(platform, network, service.index), service)
            )
            made.start()
            return made

        def started(server: BackgroundServer) -> None:
            self.servers[which] = server
            self.show_servers()
            self.changed.emit()

        self._page.read(run, started)

    def stop(self, which: str) -> None:
        """Stop one of the services."""
        server = self.servers.pop(which, None)
        if server is None:
            return

        def stopped(value: None) -> None:
            self.show_servers()
            self.changed.emit()

        self._page.read(server.stop, stopped)


def stop_all(servers: dict[str, BackgroundServer]) -> None:
    """Stop every server; the page that started them has gone."""
    while servers:
        servers.popitem()[1].stop()


class PortalsCard(Card):
    """Portals with their tokens' state and limits."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(tr("预约门户"), tr("令牌只存指纹"), flush=True)
        self._page = page
        self.model = RowsModel(
            [
                Column(tr("门户")),
                Column(tr("每秒"), 64, right=True),
                Column(tr("登记"), 100),
                Column(tr("状态"), 96),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("预约门户"))
        self.table.row_chosen.connect(self._on_chosen)
        self.none = Label(tr("还没有门户。登记后把令牌交给它，它才能用 FHIR 接口。"), "body", "text2", wrap=True)
        self.none.setContentsMargins(16, 16, 16, 16)
        self.add_table(self.table, self.none)
        foot = hbox(margins=(12, 8, 12, 8))
        self.revoke_button = Button(tr("吊销…"), self.ask_revoke, kind="danger", small=True)
        self.revoke_button.setEnabled(False)
        foot.addWidget(self.revoke_button)
        foot.addStretch(1)
        self.add(foot)

    def _portals(self) -> PlatformPortals | None:
        service = self._page.service
        if service is None:
            return None
        return PlatformPortals(self._page.context.platform, self._page.context.network, service.index)

    def load(self) -> None:
        """Read the portals."""
        portals = self._portals()
        if portals is not None:
            self._page.read(portals.registry.all, self._show)

    def _show(self, portals: Sequence[Portal]) -> None:
        self.model.set_rows(portals)
        self.revoke_button.setVisible(bool(portals))
        self.revoke_button.setEnabled(False)

    def _on_chosen(self, portal: Portal) -> None:
        self.revoke_button.setEnabled(portal.revoked_at is None)

    def ask_add(self) -> None:
        """Admit a portal and show its token once."""
        words = tr("令牌只在登记后显示一次，本机只存它的指纹。")
        dialog = Dialog(self._page, tr("登记门户"), words, accept=tr("登记"), signs=self._page.context.signs())
        form = Form(2)
        form.add("name", text_field(tr("名称"), placeholder="citymini", required=True), wide=True)
        form.add("rate", number_field(tr("每秒请求数"), 20, 1, 10_000))
        form.add("burst", number_field(tr("瞬时请求数"), 40, 1, 100_000))
        dialog.body.addWidget(form)
        dialog.watch(form)
        portals, page = self._portals(), self._page
        assert portals is not None

        def add(service: HealthSlotsService, given: dict[str, Any]) -> str:
            page.context.platform.session.require(permissions.PORTALS)
            return portals.registry.add(given["name"], per_second=float(given["rate"]), burst=given["burst"])

        def done(token: str) -> None:
            self.load()
            TokenDialog(page, form["name"], token).open()

        page.ask(dialog, add, Text("登记门户", "Admit a portal"), part="portal_admin", done=done)

    def ask_revoke(self) -> None:
        """Take a portal's token away."""
        portal: Portal | None = self.table.current_row()
        portals, page = self._portals(), self._page
        if portal is None or portals is None:
            return
        words = tr("{name} 的令牌立即失效，不能恢复；它已经约好的号不受影响。").format(name=portal.name)
        dialog = ConfirmName(page, tr("吊销门户"), words, portal.name, tr("吊销"))

        def revoke(service: HealthSlotsService, given: dict[str, Any]) -> None:
            page.context.platform.session.require(permissions.PORTALS)
            portals.registry.revoke(portal.name)

        said = tr("已吊销 {name}").format(name=portal.name)
        title = Text("吊销门户 {n}", "Revoke portal {n}", n=portal.name)
        page.ask(dialog, revoke, title, said, part="portal_admin", done=lambda _: self.load())


class TokenDialog(Dialog):
    """A new token, shown this once."""

    def __init__(self, page: SlotsPage, name: str, token: str) -> None:
        super().__init__(
            page,
            tr("{name} 的令牌").format(name=name),
            tr("现在复制并安全地交给门户。关闭后再也看不到，只能吊销后重新登记。"),
            accept=tr("我已保存"),
            width=560,
            writes=False,
        )
        self.cancel_button.hide()
        self.token = Mono(token)
        self.token.setAccessibleName(tr("令牌"))
        self.body.addWidget(self.token)
        copy = Button(tr("复制"), icon="copy", small=True)
        copy.clicked.connect(_copier(token, copy))
        row = hbox()
        row.addWidget(copy)
        row.addStretch(1)
        self.body.addLayout(row)


def _copier(token: str, button: Button) -> Callable[[], None]:
    def copy() -> None:
        QGuiApplication.clipboard().setText(token)
        button.set_icon("check")

    return copy


def _cells(portal: Portal) -> list[Cell]:
    live = portal.revoked_at is None
    icon, tone = STATE_ICONS["ok" if live else "none"]
    return [
        Cell(portal.name, bold=True, struck=not live),
        Cell(number(portal.per_second)),
        Cell(stamp(portal.created_at)),
        Cell(tr("可用") if live else tr("已吊销"), icon=icon, tone=tone, word_tone="text2"),
    ]
