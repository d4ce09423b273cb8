"""What does not fit: words cut by their label or button, parts outside the window, dialogs larger than it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QPushButton, QWidget

from console.widgets.basic import Chip, Elided, KeyLink

SLACK = 2
"""Pixels that a text may be wider than its place, for what fonts round."""


def _scroller(widget: QWidget, root: QWidget) -> QAbstractScrollArea | None:
    above = widget.parentWidget()
    while above is not None and above is not root:
        if isinstance(above, QAbstractScrollArea):
            return above
        above = above.parentWidget()
    return None


def cut(root: QWidget) -> list[str]:
    """Labels and buttons that have less room than their words take."""
    found = []
    for one in root.findChildren(QLabel):
        if not one.isVisibleTo(root) or isinstance(one, Elided) or not one.text() or not one.pixmap().isNull():
            continue
        here = one.contentsRect()
        if one.wordWrap():
            needs = one.heightForWidth(one.width())
            if needs > one.height() + SLACK:
                found.append(f"{one.height()} of {needs} px high: {one.text()[:60]}")
        else:
            needs = one.fontMetrics().size(Qt.TextFlag.TextExpandTabs, one.text()).width()
            if needs > here.width() + SLACK:
                found.append(f"{here.width()} of {needs} px wide: {one.text()[:60]}")
    for button in root.findChildren(QPushButton):
        if not button.isVisibleTo(root) or isinstance(button, KeyLink) or not button.text():
            continue
        if button.fontMetrics().horizontalAdvance(button.text()) > button.width() - 4:
            found.append(f"button {button.width()} of {button.sizeHint().width()} px wide: {button.text()}")
    for chip in root.findChildren(Chip):
        if chip.isVisibleTo(root) and chip.width() < chip.sizeHint().width():
            found.append(f"chip {chip.width()} of {chip.sizeHint().width()} px wide: {chip.accessibleName()}")
    return found


def outside(root: QWidget) -> list[str]:
    """Labels and buttons that stand partly beyond the window, or beyond the side of what scrolls up and down only."""
    found = []
    for one in [*root.findChildren(QLabel), *root.findChildren(QPushButton), *root.findChildren(Chip)]:
        if not one.isVisibleTo(root) or not one.width() or not one.accessibleName() + getattr(one, "text", str)():
            continue
        place = QRect(one.mapTo(root, QPoint(0, 0)), one.size())
        area = _scroller(one, root)
        if area is None:
            room = root.rect()
            gone = place.right() > room.right() + 1 or place.bottom() > room.bottom() + 1 or place.left() < -1
        else:
            view = area.viewport()
            at = one.mapTo(view, QPoint(0, 0)) if view.isAncestorOf(one) else QPoint(0, 0)
            gone = at.x() + one.width() > view.width() + 1 and not area.horizontalScrollBar().isVisible()
        if gone:
            found.append(f"outside: {type(one).__name__} {one.accessibleName() or getattr(one, 'text', str)()}"[:90])
    return found


def sideways(root: QWidget) -> list[str]:
    """Things that have to be scrolled from left to right."""
    return [
        f"scrolls sideways: {type(area).__name__} {area.accessibleName()}"
        f" {area.viewport().width()} of {area.viewport().width() + area.horizontalScrollBar().maximum()}"
        for area in root.findChildren(QAbstractScrollArea)
        if area.isVisibleTo(root) and area.horizontalScrollBar().maximum() > 1
    ]
