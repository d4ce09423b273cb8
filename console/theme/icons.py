# ruff: noqa: E501  (drawings are data)
"""The icon set: line drawings on a 24-unit grid, stroke 1.9 with round caps, drawn for this project.

An icon is a name and the inner markup of an SVG; it is tinted when it is rendered, so one drawing serves every theme
and state. `{c}` inside a drawing stands for the tint, for the rare solid dot.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_CIRCLE = '<circle cx="12" cy="12" r="9"/>'
_OCTAGON = '<path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3z"/>'
_FILE = '<path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8z"/><path d="M14 3v5h5"/>'
_SHIELD = '<path d="M12 3l7.5 2.8v5.4c0 4.6-3.1 8-7.5 9.8-4.4-1.8-7.5-5.2-7.5-9.8V5.8z"/>'

DRAWINGS: dict[str, str] = {
    # health and meaning
    "ok": _CIRCLE + '<path d="M8 12.3l2.8 2.7L16 9.6"/>',
    "warn": '<path d="M12 4L21.3 20H2.7z"/><path d="M12 10v4.4"/><circle cx="12" cy="17.2" r=".6" fill="{c}"/>',
    "bad": _OCTAGON + '<path d="M9.2 9.2l5.6 5.6M14.8 9.2l-5.6 5.6"/>',
    "off": '<circle cx="12" cy="12" r="9" stroke-dasharray="3.6 3.4"/>',
    "none": _CIRCLE + '<path d="M8 12h8"/>',
    "busy": '<path d="M20.5 12a8.5 8.5 0 1 1-3-6.5"/><path d="M20.6 3.6v4.2h-4.2"/>',
    "activity": '<path d="M3 12.5h4l2.6-7.5 4.6 14 2.7-6.5H21"/>',
    "clock": _CIRCLE + '<path d="M12 7v5.2l3.4 2"/>',
    "info": _CIRCLE + '<path d="M12 11v5.4"/><circle cx="12" cy="7.8" r=".6" fill="{c}"/>',
    # navigation
    "overview": '<rect x="3.5" y="3.5" width="7" height="9" rx="1.4"/><rect x="13.5" y="3.5" width="7" height="5" rx="1.4"/>'
    '<rect x="3.5" y="15.5" width="7" height="5" rx="1.4"/><rect x="13.5" y="11.5" width="7" height="9" rx="1.4"/>',
    "network": '<circle cx="12" cy="5" r="2.4"/><circle cx="5" cy="18.5" r="2.4"/><circle cx="19" cy="18.5" r="2.4"/>'
    '<path d="M11 7.3L6.2 16.3M13 7.3l4.8 9M7.4 18.5h9.2"/>',
    "identity": '<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.6" cy="11" r="2"/>'
    '<path d="M5.6 16c.5-1.6 1.6-2.4 3-2.4s2.5.8 3 2.4M14.5 10h3.5M14.5 14h3.5"/>',
    "contract": _FILE + '<path d="M10 12l-2 2.2 2 2.2M14 12l2 2.2-2 2.2"/>',
    "ledger": '<path d="M12 3l9 4.6-9 4.6-9-4.6z"/><path d="M3 12.2l9 4.6 9-4.6M3 16.6l9 4.6 9-4.6"/>',
    "copyright": _CIRCLE + '<path d="M15 9.3a4 4 0 1 0 0 5.4"/>',
    "slots": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M8 3v4M16 3v4M3.5 9.8h17M12 12.4v5M9.5 14.9h5"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M8 3v4M16 3v4M3.5 9.8h17M12 12.4v5M9.5 14.9h5"/>',
    "doctor": '<path d="M12 20.5C6.5 16.6 3 13.3 3 9.2 3 6.5 5 4.5 7.5 4.5c1.8 0 3.5 1 4.5 2.6 1-1.6 2.7-2.6 4.5-2.6'
    ' 2.5 0 4.5 2 4.5 4.7 0 4.1-3.5 7.4-9 11.3z"/><path d="M7 12.5h2.7l1.5-2.8 2 4.3 1.3-1.5H17"/>',
    "settings": '<path d="M3 8h9M17.5 8H21M3 16h3.5M12 16h9"/><circle cx="14.8" cy="8" r="2.5"/>'
    '<circle cx="9.2" cy="16" r="2.5"/>',
    "apps": '<rect x="4" y="4" width="6.5" height="6.5" rx="1.4"/><rect x="13.5" y="4" width="6.5" height="6.5" rx="1.4"/>'
    '<rect x="4" y="13.5" width="6.5" height="6.5" rx="1.4"/><path d="M16.8 13.5v6.5M13.5 16.8h6.5"/>',
    # organisations and nodes
    "bureau": '<path d="M3.5 9.5L12 4l8.5 5.5zM4 20h16M6.5 9.5V17M10.2 9.5V17M13.8 9.5V17M17.5 9.5V17"/>',
    "hospital": '<rect x="5" y="3.5" width="14" height="17" rx="1.6"/><path d="M12 7v5M9.5 9.5h5M10 20.5v-4h4v4"/>',
    "building": '<rect x="5" y="3.5" width="14" height="17" rx="1.6"/><path d="M9 8h1.5M13.5 8H15M9 12h1.5M13.5 12H15M10.5 20.5v-4h3v4"/>',
    "server": '<rect x="3.5" y="4.5" width="17" height="6" rx="1.6"/><rect x="3.5" y="13.5" width="17" height="6" rx="1.6"/>'
    '<path d="M7 7.5h.6M7 16.5h.6M11 7.5h6M11 16.5h6"/>',
    "cube": '<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9z"/><path d="M4 7.5l8 4.5 8-4.5M12 12v9"/>',
    "cloud": '<path d="M7 18.5a4 4 0 0 1-.6-8A6 6 0 0 1 18 9.6a4.5 4.5 0 0 1-.5 8.9z"/>',
    "storage": '<ellipse cx="12" cy="6" rx="7.5" ry="3"/><path d="M4.5 6v12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V6M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3"/>',
    "plug": '<path d="M9 3v5M15 3v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0zM12 17v4"/>',
    "bolt": '<path d="M13 3L5 13.5h6L10.5 21 19 10.2h-6.3z"/>',
    # actions
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "check": '<path d="M5 12.5l4.6 4.5L19 7.5"/>',
    "search": '<circle cx="10.8" cy="10.8" r="6.3"/><path d="M15.5 15.5L20.5 20.5"/>',
    "copy": '<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M5.5 15.5A1.5 1.5 0 0 1 4 14V5.5A1.5 1.5 0 0 1 5.5 4H14a1.5 1.5 0 0 1 1.5 1.5"/>',
    "download": '<path d="M12 4v10.5M7.5 10.5L12 15l4.5-4.5M4.5 19.5h15"/>',
    "upload": '<path d="M12 15V4.5M7.5 8.7L12 4.2l4.5 4.5M4.5 19.5h15"/>',
    "inbox": '<path d="M4 13.5L6.5 5h11L20 13.5v5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18.5z"/><path d="M4 13.5h4.5l1.2 2.5h4.6l1.2-2.5H20"/>',
    "open": '<path d="M13.5 4.5h6v6M19.5 4.5L11 13M17 14v4.5A1.5 1.5 0 0 1 15.5 20h-10A1.5 1.5 0 0 1 4 18.5v-10A1.5 1.5 0 0 1 5.5 7H10"/>',
    "play": '<path d="M7.5 5l11 7-11 7z"/>',
    "stop": '<rect x="6" y="6" width="12" height="12" rx="1.6"/>',
    "refresh": '<path d="M20 12a8 8 0 1 1-2.6-5.9"/><path d="M20 3.8v4.4h-4.4"/>',
    "undo": '<path d="M8 5L4 9l4 4"/><path d="M4 9h10.5a5 5 0 0 1 0 10H10"/>',
    "arrow": '<path d="M4.5 12h15M13.5 6l6 6-6 6"/>',
    "left": '<path d="M14.5 6l-6 6 6 6"/>',
    "right": '<path d="M9.5 6l6 6-6 6"/>',
    "down": '<path d="M6 9.5l6 6 6-6"/>',
    "up": '<path d="M6 14.5l6-6 6 6"/>',
    "updown": '<path d="M8.5 9.5L12 6l3.5 3.5M8.5 14.5L12 18l3.5-3.5"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
    "unlock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 7.7-1.5"/>',
    "key": '<circle cx="8" cy="15.5" r="4"/><path d="M11 12.7L19.5 4.5M16 7.8l2.7 2.7"/>',
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
    "shield": _SHIELD + '<path d="M8.7 12l2.3 2.3 4.3-4.4"/>',
    "filter": '<path d="M4 5h16l-6.2 7.5V19l-3.6-2v-4.5z"/>',
    "edit": '<path d="M4 20l1-4.2L16.2 4.6a1.6 1.6 0 0 1 2.3 0l1 1a1.6 1.6 0 0 1 0 2.3L8.2 19z"/>',
    "trash": '<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7"/>',
    "flag": '<path d="M5.5 21V4.5M5.5 5c5-2.5 8 2.5 13 0v9c-5 2.5-8-2.5-13 0"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15z"/><path d="M10 20.5a2.2 2.2 0 0 0 4 0"/>',
    "help": _CIRCLE
    + '<path d="M9.3 9.3a2.7 2.7 0 1 1 3.9 2.4c-.8.4-1.2 1-1.2 1.9"/><circle cx="12" cy="16.7" r=".6" fill="{c}"/>',
    "list": '<path d="M9 6.5h11M9 12h11M9 17.5h11"/><path d="M4.5 6.5h.4M4.5 12h.4M4.5 17.5h.4"/>',
    "branch": '<circle cx="6.5" cy="5.5" r="2.2"/><circle cx="6.5" cy="18.5" r="2.2"/><circle cx="17.5" cy="8.5" r="2.2"/><path d="M6.5 7.7v8.6M17.5 10.7c0 4-6 3-10 5.5"/>',
    "route": '<path d="M4 14.5V7l4-2.2L12 7v7.5l-4 2.2z"/><path d="M4 7l4 2.3L12 7M8 9.3v7.4"/>'
    '<path d="M12 10.8h2.5a2.7 2.7 0 0 1 2.7 2.7v1.3"/><circle cx="17.2" cy="17.6" r="2.6"/>',
    "history": '<path d="M4 12a8 8 0 1 0 2.6-5.9L4 8.5"/><path d="M4 4v4.5h4.5M12 7.5V12l3.2 2"/>',
    "stamp": '<path d="M9.5 13.5V9.8a3.5 3.5 0 1 1 5 0v3.7h3a2 2 0 0 1 2 2v1.5h-15v-1.5a2 2 0 0 1 2-2zM5 20.5h14"/>',
    "award": '<circle cx="12" cy="9" r="5.5"/><path d="M8.7 13.5L7.5 21l4.5-2.5 4.5 2.5-1.2-7.5"/>',
    "zip": _FILE
    + '<path d="M9.5 4.5h1.5M11 7h1.5M9.5 9.5h1.5M11 12h1.5"/><rect x="9.5" y="14" width="3" height="3.5" rx=".6"/>',
    "file": _FILE,
    "folder": '<path d="M3.5 18V6.5A1.5 1.5 0 0 1 5 5h4.5l2 2.5H19a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18z"/>',
    "image": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="8.7" cy="9.5" r="1.7"/><path d="M4 17l5-4.5 3.5 3 3-2.5 5 4"/>',
    "sound": '<path d="M9 17.5V6l10-2v11.5"/><circle cx="6.5" cy="17.5" r="2.5"/><circle cx="16.5" cy="15.5" r="2.5"/>',
    "video": '<rect x="3.5" y="5.5" width="12" height="13" rx="2"/><path d="M15.5 10.5l5-3v9l-5-3"/>',
    "text": '<path d="M5 6V4.5h14V6M12 4.5v15M9 19.5h6"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6"/>',
    "people": '<circle cx="9" cy="8.5" r="3.3"/><path d="M2.8 19.5c.6-3.5 3-5.3 6.2-5.3s5.6 1.8 6.2 5.3M15.5 5.5a3.3 3.3 0 0 1 0 6M17.5 14.5c2 .7 3.3 2.4 3.7 5"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 3v1.8M12 19.2V21M3 12h1.8M19.2 12H21M5.6 5.6l1.3 1.3M17.1 17.1l1.3 1.3M5.6 18.4l1.3-1.3M17.1 6.9l1.3-1.3"/>',
    "moon": '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
    "terminal": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M7 9.5l3 2.5-3 2.5M12.5 15H17"/>',
    "disk": '<rect x="3.5" y="5" width="17" height="14" rx="2"/><path d="M3.5 14h17M16.5 16.5h.6"/>',
    "memory": '<rect x="5" y="7" width="14" height="10" rx="1.6"/><path d="M9 7V4M15 7V4M9 20v-3M15 20v-3M9 10.5v3M12 10.5v3M15 10.5v3"/>',
    "chat": '<path d="M4 5.5h16v11h-9l-4.5 4v-4H4z"/>',
    "brand": '<path d="M4 20.5V11l4-2v11.5M8 20.5V5.5l4-2.5 4 2.5v15M16 9l4 2v9.5M2.5 20.5h19M12 8v2.5M12 14v2.5"/>',
    "more": '<circle cx="5.5" cy="12" r="1" fill="{c}"/><circle cx="12" cy="12" r="1" fill="{c}"/><circle cx="18.5" cy="12" r="1" fill="{c}"/>',
}


def svg(name: str, colour: str) -> bytes:
    """Return the complete SVG of an icon in `colour` (`#RRGGBB`); an unknown name, as an application's manifest may
    give, shows the sign for applications."""
    inner = DRAWINGS.get(name, DRAWINGS["apps"]).replace("{c}", colour)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">{inner}</svg>'
    ).encode()


@lru_cache(maxsize=1024)
def pixmap(name: str, colour: str, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """Return the icon as a picture of `size` × `size` device-independent pixels."""
    edge = round(size * ratio)
    result = QPixmap(edge, edge)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg(name, colour))).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


@lru_cache(maxsize=1024)
def icon(
    name: str, colour: str, disabled: str | None = None, size: int = 16, ratio: float = 2.0, room: int = 0
) -> QIcon:
    """Return a QIcon whose disabled state has its own tint; `room` are empty pixels at its right."""
    result = QIcon(_widened(pixmap(name, colour, size, ratio), room))
    if disabled:
        result.addPixmap(_widened(pixmap(name, disabled, size, ratio), room), QIcon.Mode.Disabled)
    return result


def _widened(picture: QPixmap, room: int) -> QPixmap:
    if not room:
        return picture
    ratio = picture.devicePixelRatio()
    wide = QPixmap(picture.width() + round(room * ratio), picture.height())
    wide.setDevicePixelRatio(ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return wide
