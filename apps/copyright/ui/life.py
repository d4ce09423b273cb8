"""权利一生: the life of a work's rights on one time axis: registration, owners, licences, pledges, disputes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from apps.copyright.model import Registration, Work
from apps.copyright.rights_words import LICENCE
from apps.copyright.ui.matter_words import matter_state, party_name, share_words
from apps.copyright.ui.terms import label, state_words, tr
from chaincode.copyright import kinds
from chaincode.copyright.kinds import Licence
from console.i18n import language, say
from console.i18n.formats import day, moment
from console.theme import theme, tokens, ui_font
from console.widgets.picture import Picture, Spot, draw_box, draw_text
from fabric_sdk import clock
from fabric_sdk.kinds import Record

_LABEL, _HEAD, _LANE, _BAR = 92.0, 34.0, 34.0, 26.0
_LANES = 4
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Happening:
    """Something on a row: a moment (`end` None) or a span. `id` is the record's, so that it can be opened."""

    id: str
    row: str
    text: str
    start: datetime
    end: datetime | None = None
    tone: str = "accent"


def rows() -> list[tuple[str, str]]:
    """The rows in their order with their titles."""
    return [
        ("registration", tr("登记")),
        ("owners", label(kinds.Registration.owners)),
        ("licence", tr("许可")),
        ("pledge", tr("质押")),
        ("dispute", tr("异议")),
    ]


def happenings(
    work: Work,
    registration: Registration | None,
    records: Sequence[Record],
    versions: Sequence[tuple[str, Sequence[tuple[str, int]]]],
) -> list[Happening]:
    """Everything that the picture shows. `versions` are (time, owners) of the work, oldest first."""
    now = clock.now()
    found = [_moment(work.id, tr("存证"), work.created, "accent")]
    if registration is not None:
        for entry in registration.record.get("log", ()):
            if entry["to"] in ("SUBMITTED", "CERTIFIED", "PUBLISHED", "REFUSED", "CANCELLED"):
                words = {"SUBMITTED": tr("提交"), "CERTIFIED": tr("发证"), "PUBLISHED": tr("公告")}
                text = words.get(entry["to"]) or state_words(entry["to"])[0]
                tone = "badg" if entry["to"] in ("REFUSED", "CANCELLED") else "okg"
                found.append(_moment(registration.id, text, entry["at"], tone))
    for at, (start, owners) in enumerate(versions):
        end = _time(versions[at + 1][0]) if at + 1 < len(versions) else None
        names = tr("、").join(party_name(p) if s == 10_000 else f"{party_name(p)} {share_words(s)}" for p, s in owners)
        found.append(Happening(work.id, "owners", names, _time(start), end or now + timedelta(days=3650), "accent"))
    for record in reversed(records):
        found += _of_record(record, now)
    return found


def _of_record(record: Record, now: datetime) -> list[Happening]:
    which, kind = str(record["id"]), record["type"]
    log = {entry["to"]: entry["at"] for entry in record.get("log", ())}
    state = matter_state(record)[0]
    if kind == "licence" and "ACTIVE" in log:
        end = _time(log["TERMINATED"]) if "TERMINATED" in log else _day(record["until"])
        text = f"{say(LICENCE.fields[Licence.kind].codes[record['kind']])} · {party_name(record['licensee'])}"
        return [Happening(which, "licence", text, _day(record["from"]), end, "okg")]
    if kind == "pledge" and "REGISTERED" in log:
        end = _time(log["DISCHARGED"]) if "DISCHARGED" in log else max(_day(record["debt_until"]), now)
        return [Happening(which, "pledge", f"{tr('质押')} · {state}", _time(log["REGISTERED"]), end, "violet")]
    if kind == "dispute":
        ended = log.get("DECIDED") or log.get("WITHDRAWN")
        return [Happening(which, "dispute", state, _time(log["OPEN"]), _time(ended) if ended else now, "warng")]
    if kind == "change" and "APPROVED" in log:
        return [_moment(which, tr("变更"), log["APPROVED"], "okg")]
    return []


def _moment(which: str, text: str, at: str, tone: str) -> Happening:
    return Happening(which, "registration", text, _time(at), None, tone)


def _time(text: str) -> datetime:
    return moment(text) or clock.now()


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class _Lane:
    row: str
    title: str
    items: list[Happening]


class LifePicture(Picture):
    """Rows of bars and dots; arrow keys go from one to the next, Enter opens the record behind it."""

    def __init__(self, found: Sequence[Happening]) -> None:
        super().__init__(tr("权利一生"))
        self._now = clock.now()
        self._lanes = _lanes(found)
        spans = [h.end for h in found if h.end is not None and h.row != "owners"]
        first = min((h.start for h in found), default=self._now)
        last = max([self._now, *spans])
        room = max(last - first, timedelta(days=90))
        self._first = first - room * 0.06
        self._last = min(last, self._now + timedelta(days=1461)) + room * 0.08
        self._height = int(_HEAD + len(self._lanes) * _LANE + 8)
        self.setFixedHeight(self._height)
        self.setMinimumWidth(420)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(760, self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _x(self, at: datetime) -> float:
        share = (at - self._first) / (self._last - self._first)
        return _LABEL + max(0.0, min(1.0, share)) * (self.width() - _LABEL - 8)

    def _box(self, item: Happening, y: float) -> QRectF:
        left = self._x(item.start)
        if item.end is None:
            return QRectF(left - 6, y + 4, 12, _BAR)
        return QRectF(left, y + 4, max(10.0, self._x(item.end) - left), _BAR)

    def _place(self) -> None:
        self.spots = []
        for number, lane in enumerate(self._lanes):
            y = _HEAD + number * _LANE
            for at, item in enumerate(lane.items):
                said = f"{lane.title} {item.text} {day(item.start.date())}"
                if item.end is not None and item.row != "owners":
                    said += f" – {day(item.end.date())}"
                self.spots.append(Spot(f"{item.id}#{number}-{at}", self._box(item, y), said))

    @staticmethod
    def record_of(spot: str) -> str:
        """The id of the record behind a spot."""
        return spot.partition("#")[0]

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._axis(painter)
        title = ""
        for number, lane in enumerate(self._lanes):
            y = _HEAD + number * _LANE
            if lane.title != title:
                draw_text(painter, QRectF(0, y, _LABEL - 8, _LANE), lane.title, "text2", ui_font(tokens.SIZE_CAPTION))
                title = lane.title
            if lane.items and lane.items[0].end is None:
                self._dots(painter, lane, y)
                continue
            for at, item in enumerate(lane.items):
                self._bar(painter, item, self._box(item, y), chosen=self.current == f"{item.id}#{number}-{at}")
        x = self._x(self._now)
        painter.setPen(QPen(look.colour("badg"), 1.5))
        painter.drawLine(QPointF(x, 26), QPointF(x, self._height - 4))
        pill = QRectF(x - 19, 6, 38, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("badg" if look.tokens.dark else "bad"))
        painter.drawRoundedRect(pill, 4, 4)
        tone = "bg" if look.tokens.dark else "onfill"
        draw_text(painter, pill, tr("今天"), tone, ui_font(11, bold=True), Qt.AlignmentFlag.AlignHCenter)

    def _axis(self, painter: QPainter) -> None:
        months = (self._last - self._first).days / 30.4
        step = next(s for s in (1, 2, 3, 6, 12, 24, 60) if months / s <= 9 or s == 60)
        at = self._first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        small = ui_font(tokens.SIZE_BADGE)
        today = self._x(self._now)
        while at < self._last:
            if at > self._first and (at.year * 12 + at.month - 1) % step == 0:
                x = self._x(at)
                painter.setPen(QPen(theme().colour("line"), 1))
                painter.drawLine(QPointF(x, 26), QPointF(x, self._height - 4))
                if abs(x + 26 - today) > 50:
                    words = f"{at:%Y-%m}" if language() == "zh" else f"{MONTHS_EN[at.month - 1]} {at.year}"
                    draw_text(painter, QRectF(x + 4, 6, 66, 18), words, "text2", small)
            at = (at + timedelta(days=32)).replace(day=1)

    def _dots(self, painter: QPainter, lane: _Lane, y: float) -> None:
        """Moments that lie together share one line of words."""
        groups: list[tuple[float, list[Happening]]] = []
        for item in sorted(lane.items, key=lambda h: h.start):
            x = self._x(item.start)
            if groups and x - groups[-1][0] < 16:
                groups[-1][1].append(item)
            else:
                groups.append((x, [item]))
        font = ui_font(tokens.SIZE_BADGE)
        for number, (x, items) in enumerate(groups):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour(items[-1].tone))
            painter.drawEllipse(QPointF(x, y + _LANE / 2), 4.5, 4.5)
            limit = groups[number + 1][0] - 12 if number + 1 < len(groups) else float(self.width())
            words = " → ".join(h.text for h in items) + f" {day(items[-1].start.date())}"
            width = QFontMetrics(font).horizontalAdvance(words)
            left = x + 9
            if left + width > self.width() and x - 9 - width > _LABEL:
                left = x - 9 - width
                limit = x
            draw_text(painter, QRectF(left, y, max(20.0, limit - left), _LANE), words, "text", font)

    def _bar(self, painter: QPainter, item: Happening, box: QRectF, *, chosen: bool) -> None:
        soft = {"okg": "oksoft", "warng": "warnsoft", "violet": "violetsoft", "accent": "asoft"}[item.tone]
        border = {"accent": "aline"}.get(item.tone, item.tone)
        draw_box(painter, box, soft, "fill" if chosen else border, radius=4, width=2 if chosen else 1)
        font = ui_font(tokens.SIZE_BADGE)
        if QFontMetrics(font).horizontalAdvance(item.text) + 16 <= box.width() or box.width() > 120:
            draw_text(painter, box.adjusted(8, 0, -6, 0), item.text, "text", font)
            return
        beside = QRectF(box.right() + 6, box.top(), self.width() - box.right() - 8, box.height())
        if beside.width() < 60:
            beside = QRectF(_LABEL, box.top(), box.left() - _LABEL - 6, box.height())
            draw_text(painter, beside, item.text, "text", font, Qt.AlignmentFlag.AlignRight)
        else:
            draw_text(painter, beside, item.text, "text", font)


def _lanes(found: Sequence[Happening]) -> list[_Lane]:
    """Bars that overlap get lanes of their own, at most a few a row; rows without anything are left out."""
    lanes: list[_Lane] = []
    for row, title in rows():
        mine = sorted((h for h in found if h.row == row), key=lambda h: h.start)
        own: list[_Lane] = []
        for item in mine:
            free = next(
                (lane for lane in own if item.end is None or (lane.items[-1].end or item.start) <= item.start), None
            )
            if free is None and len(own) < _LANES:
                free = _Lane(row, title, [])
                own.append(free)
            if free is not None:
                free.items.append(item)
        lanes += own
    return lanes
