"""The network as a picture: organisations with their peers above and below the channel, live health on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from console.i18n import tr
from console.theme import theme, tokens, ui_font
from console.widgets.basic import STATE_ICONS
from console.widgets.picture import Picture, Spot, draw_box, draw_icon, draw_text

_NODE_HEIGHT = 52.0
_GAP = 12.0
_BESIDE = 54.0
"""Pixels of a contract's box that its note leaves to the icon and the margins."""


@dataclass(frozen=True)
class NodeBox:
    """A node: `id` is its full name, `note` its second line, `state` a health word of `STATE_ICONS`."""

    id: str
    name: str
    note: str
    state: str


@dataclass(frozen=True)
class OrganizationBox:
    """An organisation with its peers on the channel."""

    id: str
    title: str
    msp_id: str
    icon: str
    peers: tuple[NodeBox, ...]


@dataclass(frozen=True)
class ContractBox:
    """A contract on the channel."""

    id: str
    title: str
    version: str
    note: str
    icon: str


@dataclass(frozen=True)
class Topology:
    """Everything the picture shows of one channel."""

    channel: str
    note: str
    quorum: str
    quorum_state: str
    consensus: str
    organizations: tuple[OrganizationBox, ...]
    orderers: tuple[NodeBox, ...]
    contracts: tuple[ContractBox, ...]


class TopologyView(Picture):
    """Draws a `Topology`; node, organisation and contract boxes can be chosen: `node/…`, `org/…`, `contract/…`."""

    def __init__(self, narrowest: int = 480) -> None:
        """`narrowest` is the width in pixels below which it asks for no less room."""
        super().__init__(tr("网络拓扑"))
        self._narrowest = narrowest
        self._topology: Topology | None = None
        self._organizations: list[tuple[OrganizationBox, QRectF, bool]] = []
        self._nodes: list[tuple[NodeBox, QRectF, bool | None]] = []
        self._contracts: list[tuple[ContractBox, QRectF]] = []
        self._channel = QRectF()
        self._height = 300.0
        self._room = 0
        self.can_grow = False
        self._additions: list[tuple[str, QRectF]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_topology(self, topology: Topology) -> None:
        self._topology = topology
        self._arrange()
        self._speak()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(760, int(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._narrowest, int(self._height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- arranging -----------------------------------------------------------------------------------
    def use_room(self, height: int) -> None:
        """Spread over `height` pixels where there is room."""
        self._room = height
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        """Place everything; the links take what room is left, up to 90 pixels each."""
        if self._topology is None:
            return
        needed = self._arranged(44.0)
        links = 2 if len(self._topology.organizations) > 1 else 1
        spare = min(46.0, max(0.0, (self._room - needed) / links))
        total = self._arranged(44.0 + spare)
        if total != self._height:
            self._height = total
            self.updateGeometry()
        self._make_spots()

    def _arranged(self, link: float) -> float:
        topology = self._topology
        if topology is None:
            return 0.0
        self._organizations, self._nodes, self._contracts, self._additions = [], [], [], []
        width = float(self.width())
        members = list(topology.organizations)
        half = (len(members) + 1) // 2 if len(members) > 1 else len(members)
        per_row = max(1, min(4, int(width // 330)))
        upper = _rows(members[:half], per_row)
        lower = _rows(members[half:], per_row)
        y = 0.0
        for row in upper:
            y = self._row(row, y, width, above=True) + _GAP
        y = y - _GAP + link if upper else y
        y = self._arrange_channel(topology, y, width)
        if lower:
            y += link
            for row in lower:
                y = self._row(row, y, width, above=False) + _GAP
            y -= _GAP
        return y

    def _row(self, row: Sequence[OrganizationBox], top: float, width: float, *, above: bool) -> float:
        each = (width - 24.0 * (len(row) - 1)) / len(row)
        lines = max((len(o.peers) + 1) // 2 if each < 420 else (len(o.peers) + 2) // 3 for o in row)
        lines = max(1, lines)
        height = 54 + lines * (_NODE_HEIGHT + 8) + 4
        for number, organization in enumerate(row):
            box = QRectF(number * (each + 24.0), top, each, height)
            self._organizations.append((organization, box, above))
            columns = max(1, min(2 if each < 420 else 3, len(organization.peers)))
            columns = max(columns, 2)
            inner = (each - 24 - (columns - 1) * _GAP) / columns
            for index, peer in enumerate(organization.peers):
                line, column = divmod(index, columns)
                x = box.left() + 12 + column * (inner + _GAP)
                y = box.top() + (52 if above else 10) + line * (_NODE_HEIGHT + 8)
                self._nodes.append((peer, QRectF(x, y, inner, _NODE_HEIGHT), above))
            line, column = divmod(len(organization.peers), columns)
            if self.can_grow and column:
                x = box.left() + 12 + column * (inner + _GAP)
                y = box.top() + (52 if above else 10) + line * (_NODE_HEIGHT + 8)
                self._additions.append((organization.id, QRectF(x, y, inner, _NODE_HEIGHT)))
        return top + height

    def _arrange_channel(self, topology: Topology, top: float, width: float) -> float:
        y = top + 52
        tall = 0.0
        for count in (len(topology.orderers), len(topology.contracts)):
            if not count:
                continue
            y += 26.0
            columns = max(3, -(-count // -(-count // 4)))  # rows of about the same length, at most 4 in one
            each = (width - 32 - (columns - 1) * 8) / columns
            orderers = y == top + 78 and bool(topology.orderers)
            tall = _NODE_HEIGHT if orderers else _contract_height(topology.contracts, each)
            for index in range(count):
                line, column = divmod(index, columns)
                box = QRectF(16 + column * (each + 8), y + line * (tall + 8), each, tall)
                if orderers:
                    self._nodes.append((topology.orderers[index], box, None))
                else:
                    self._contracts.append((topology.contracts[index], box))
            lines = (count + columns - 1) // columns
            y += lines * (tall + 8) + 6
        y += 8
        self._channel = QRectF(0, top, width, y - top)
        return y

    def _make_spots(self) -> None:
        self.spots = [
            Spot(f"org/{o.id}", QRectF(box.left(), box.top() if above else box.bottom() - 46, box.width(), 46), o.title)
            for o, box, above in self._organizations
        ]
        words = {"ok": tr("正常"), "bad": tr("已停止"), "warn": tr("留意")}
        self.spots += [
            Spot(f"node/{n.id}", box, f"{n.id}, {words.get(n.state, n.state)}, {n.note}") for n, box, _ in self._nodes
        ]
        self.spots += [
            Spot(f"contract/{c.id}", box, f"{c.title} {c.version}, {c.note}", act=True) for c, box in self._contracts
        ]
        titles = {o.id: o.title for o, _, _ in self._organizations}
        self.spots += [
            Spot(f"add/{msp}", box, tr("{title}：添加节点").format(title=titles[msp]), act=True)
            for msp, box in self._additions
        ]

    # -- painting ------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        topology = self._topology
        if topology is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_channel(painter, topology)
        # The far rows first: their links pass behind the organisations of the near ones.
        middle = self._channel.center().y()
        for organization, box, above in sorted(self._organizations, key=lambda one: -abs(one[1].center().y() - middle)):
            self._paint_organization(painter, organization, box, above=above)
            for node, place, side in self._nodes:
                if side is not None and node in organization.peers:
                    self._paint_link(painter, node, place, above=side)
        for node, box, side in self._nodes:
            self._paint_node(painter, node, box, orderer=side is None)
        for msp, box in self._additions:
            current = self.current == f"add/{msp}"
            draw_box(painter, box, "", "fill" if current else "ctl", dashed=True)
            words = tr("添加节点")
            used = draw_text(painter, box.adjusted(20, 0, 0, 0), words, "text2", None, Qt.AlignmentFlag.AlignHCenter)
            draw_icon(
                painter, QPointF(box.center().x() + 10 - used / 2 - 22, box.center().y() - 7), "plus", "text2", 14
            )
        for contract, box in self._contracts:
            self._paint_contract(painter, contract, box)

    def _paint_organization(self, painter: QPainter, o: OrganizationBox, box: QRectF, *, above: bool) -> None:
        current = self.current == f"org/{o.id}"
        draw_box(painter, box, "sunken", "fill" if current else "line", radius=8, width=2 if current else 1)
        y = box.top() + 6 if above else box.bottom() - 46
        draw_icon(painter, QPointF(box.left() + 16, y + 13), o.icon, "text2")
        used = draw_text(
            painter,
            QRectF(box.left() + 40, y, box.width() * 0.55, 40),
            o.title,
            "text",
            ui_font(tokens.SIZE_CARD, bold=True),
        )
        left = box.left() + 40 + used + 9
        draw_text(painter, QRectF(left, y, box.right() - left - 12, 40), o.msp_id, "text2")
        if not o.peers:
            words = QRectF(box.left() + 16, box.top() + (52 if above else 10), box.width() - 32, _NODE_HEIGHT)
            draw_text(painter, words, tr("没有节点，成员凭证书参加"), "text3", ui_font(tokens.SIZE_CAPTION))

    def _paint_channel(self, painter: QPainter, topology: Topology) -> None:
        box = self._channel
        draw_box(painter, box, "asoft", "aline", radius=8)
        draw_icon(painter, QPointF(box.left() + 16, box.top() + 17), "ledger", "accent", 16)
        used = draw_text(
            painter, QRectF(box.left() + 40, box.top() + 6, 240, 40), topology.channel, "text", ui_font(15, bold=True)
        )
        left = box.left() + 40 + used + 9
        draw_text(
            painter, QRectF(left, box.top() + 7, box.width() - left - 220, 40), topology.note, "text2", ui_font(12)
        )
        sign, tone = STATE_ICONS[topology.quorum_state]
        right = Qt.AlignmentFlag.AlignRight
        font = ui_font(tokens.SIZE_CAPTION)
        word = "text2" if topology.quorum_state == "ok" else tone
        used = draw_text(painter, QRectF(box.right() - 316, box.top() + 6, 300, 40), topology.quorum, word, font, right)
        draw_icon(painter, QPointF(box.right() - 16 - used - 20, box.top() + 18), sign, tone, 15)
        first_orderer = next((b for _, b, above in self._nodes if above is None), None)
        if first_orderer is not None:
            caption = tr("排序节点 · {c}").format(c=topology.consensus)
            draw_text(painter, QRectF(16, first_orderer.top() - 24, 300, 20), caption, "text2", font)
        if self._contracts:
            draw_text(painter, QRectF(16, self._contracts[0][1].top() - 24, 300, 20), tr("合约"), "text2", font)

    def _paint_link(self, painter: QPainter, node: NodeBox, box: QRectF, *, above: bool) -> None:
        look = theme()
        broken = node.state == "bad"
        colour = look.colour({"ok": "okg", "bad": "badg", "warn": "warng"}.get(node.state, "idleg"))
        pen = QPen(colour, 2)
        if broken:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        owner, organization = next((o, b) for o, b, _ in self._organizations if node in o.peers)
        start = organization.bottom() if above else organization.top()
        end = self._channel.top() if above else self._channel.bottom()
        near = box.bottom() if above else box.top()
        x = box.center().x()
        same_line = [b for n, b, _ in self._nodes if n in owner.peers and b.center().x() == x]
        nearest = max(b.bottom() for b in same_line) if above else min(b.top() for b in same_line)
        if near != nearest:
            return
        painter.drawLine(QPointF(x, near if abs(near - start) < 24 else start), QPointF(x, end))
        painter.setPen(QPen(colour, 2))
        painter.setBrush(look.colour("card"))
        painter.drawEllipse(QPointF(x, end), 4, 4)
        if broken:
            middle = QPointF(x, (start + end) / 2)
            painter.setPen(QPen(look.colour("bad"), 2.2))
            painter.drawLine(middle + QPointF(-5, -5), middle + QPointF(5, 5))
            painter.drawLine(middle + QPointF(5, -5), middle + QPointF(-5, 5))

    def _paint_node(self, painter: QPainter, node: NodeBox, box: QRectF, *, orderer: bool) -> None:
        current = self.current == f"node/{node.id}"
        draw_box(painter, box, "card", "fill" if current else "btn", width=2 if current else 1)
        draw_icon(painter, QPointF(box.left() + 11, box.top() + 10), "ledger" if orderer else "server", "text2", 14)
        draw_text(
            painter, QRectF(box.left() + 31, box.top() + 6, box.width() - 62, 22), node.name, "text", ui_font(bold=True)
        )
        tone = node.state if node.state in {"warn", "bad"} else "text2"
        draw_text(
            painter,
            QRectF(box.left() + 11, box.top() + 28, box.width() - 20, 18),
            node.note,
            tone,
            ui_font(tokens.SIZE_BADGE),
        )
        sign, sign_tone = STATE_ICONS[node.state]
        draw_icon(painter, QPointF(box.right() - 25, box.top() + 10), sign, sign_tone, 15)

    def _paint_contract(self, painter: QPainter, contract: ContractBox, box: QRectF) -> None:
        current = self.current == f"contract/{contract.id}"
        draw_box(painter, box, "card", "fill" if current else "btn", width=2 if current else 1)
        draw_icon(painter, QPointF(box.left() + 14, box.center().y() - 8), contract.icon, "text2", 16)
        used = draw_text(
            painter,
            QRectF(box.left() + 42, box.top() + 9, box.width() * 0.6, 22),
            contract.title,
            "text",
            ui_font(bold=True),
        )
        left = box.left() + 42 + used + 5
        draw_text(painter, QRectF(left, box.top() + 9, box.right() - left - 8, 22), contract.version, "text2")
        painter.setFont(ui_font(tokens.SIZE_CAPTION))
        painter.setPen(theme().colour("text2"))
        note = QRectF(box.left() + 42, box.top() + 33, box.width() - _BESIDE, box.height() - 38)
        painter.drawText(note, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, contract.note)


def _contract_height(contracts: Sequence[ContractBox], width: float) -> float:
    """Pixels of height that the contracts' boxes need, so that the longest note stands whole in them."""
    metrics, room = QFontMetrics(ui_font(tokens.SIZE_CAPTION)), QRect(0, 0, int(width - _BESIDE), 1000)
    wraps = Qt.TextFlag.TextWordWrap
    return max(60.0, *(40.0 + metrics.boundingRect(room, int(wraps), one.note).height() for one in contracts))


def _rows(items: Sequence[OrganizationBox], size: int) -> list[list[OrganizationBox]]:
    """Return the items in rows of about the same length, at most `size`."""
    if not items:
        return []
    lines = -(-len(items) // size)
    each = -(-len(items) // lines)
    return [list(items[i : i + each]) for i in range(0, len(items), each)]
