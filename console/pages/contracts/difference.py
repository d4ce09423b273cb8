"""Two definitions side by side, line by line, as a reader of differences expects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from baas.services.lifecycle_model import Definition
from console.i18n import tr
from console.widgets.basic import Label, Mono, frame, hbox

Row = tuple[str, str, str, str]


def definition_rows(before: Definition | None, after: Definition) -> list[Row]:
    """Return (sign, what, value, tone) for every part; sign is " ", "-" or "+"."""
    rows: list[Row] = []

    def put(title: str, old: str | None, new: str | None) -> None:
        if old == new and new is not None:
            rows.append((" ", title, new, ""))
            return
        if old is not None:
            rows.append(("-", title, old, "bad"))
        if new is not None:
            rows.append(("+", title, new, "ok"))

    put(tr("版本"), before.version if before else None, after.version)
    put(tr("序号"), str(before.sequence) if before else None, str(after.sequence))
    put(tr("背书策略"), before.endorsement_policy if before else None, after.endorsement_policy)
    olds = {str(c.get("name", "")): c for c in before.collections} if before else {}
    news = {str(c.get("name", "")): c for c in after.collections}
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        put(
            tr("私有集合"),
            collection_line(old) if old is not None else None,
            collection_line(new) if new is not None else None,
        )
    if not olds and not news:
        put(tr("私有集合"), "—", "—")
    if after.init_required or (before is not None and before.init_required):
        yes, no = tr("需要"), tr("不需要")
        put(tr("初始化"), (yes if before.init_required else no) if before else None, yes if after.init_required else no)
    return rows


def collection_line(collection: Mapping[str, Any]) -> str:
    """Return a collection on one line: name, members, how long it is kept, what else is particular."""
    parts = [str(collection.get("name", "")), str(collection.get("policy", ""))]
    kept = int(collection.get("blockToLive", 0) or 0)
    if kept:
        parts.append(tr("保留 {n} 个区块").format(n=kept))
    required = int(collection.get("requiredPeerCount", 0) or 0)
    if required:
        parts.append(tr("至少送达 {n}").format(n=required))
    for key, words in (("memberOnlyRead", tr("只限成员读")), ("memberOnlyWrite", tr("只限成员写"))):
        if collection.get(key):
            parts.append(words)
    own = collection.get("endorsementPolicy") or {}
    policy = own.get("signaturePolicy") or own.get("channelConfigPolicy")
    if policy:
        parts.append(tr("背书 {p}").format(p=policy))
    return " · ".join(parts)


def diff_row(sign: str, title: str, value: str, tone: str) -> QWidget:
    """Return one line: sign, what, value; removed and added lines have their ground."""
    row = frame({"bad": "removed", "ok": "added"}.get(tone, "plain"))
    layout = hbox(row, margins=(0, 3, 4, 3), spacing=10)
    mark = Mono(sign, tone or "text3")
    mark.setFixedWidth(14)
    layout.addWidget(mark)
    name = Label(title, "caption", "text2", wrap=True)
    name.setFixedWidth(max(76, name.fontMetrics().horizontalAdvance(tr("背书策略")) + 4))
    layout.addWidget(name)
    layout.addWidget(Mono(value, tone or "text", wrap=True), 1)
    return row
