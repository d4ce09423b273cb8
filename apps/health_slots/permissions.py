"""The platform's permissions of this application, by name: a string that is mistyped allows nothing."""

from __future__ import annotations

READ, PUBLISH, BOOK, CHANGE, DRAW, SETTLE, AUDIT, PORTALS, SERVE = (
    "slots.read",
    "slots.publish",
    "slots.book",
    "slots.change",
    "slots.draw",
    "slots.settle",
    "slots.audit",
    "slots.portals",
    "slots.serve",
)
