"""The inspector's view of one recorded call: arguments, the answer then and now, and where they differ."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from baas.services.recordings import RecordedCall, ReplayedCall
from console.i18n import say, tr
from console.pages.ledger.values import readable
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Chip, HashLabel, Label, Mono, frame, hbox, vbox
from console.widgets.facts import Facts, Section


def call_panel(number: int, call: RecordedCall, result: ReplayedCall | None) -> Inspected:
    """Return the panel of a recorded call and, once replayed, of its comparison."""
    chip = None
    if result is not None:
        words = {"same": tr("一致"), "different": tr("不同"), "skipped": tr("跳过")}[result.verdict]
        sign = {"same": "ok", "different": "bad", "skipped": "none"}[result.verdict]
        chip = Chip(words, sign if sign in {"ok", "bad"} else "text2", STATE_ICONS[sign][0])
    panel = Inspected(call.function, tr("第 {n} 次调用").format(n=number), chip)
    if result is not None and result.reason is not None:
        panel.add(Section(tr("为什么跳过")).text(say(result.reason)))
    if result is not None and result.differences:
        section = Section(tr("不同之处"))
        for one in result.differences[:30]:
            section.add(_difference(one.path or "/", one.before, one.after))
        if len(result.differences) > 30:
            section.text(tr("另有 {n} 处不同").format(n=len(result.differences) - 30), tone="text2")
        panel.add(section)
    facts = Facts(64)
    facts.add(tr("身份", "one"), call.identity or tr("当前身份"))
    for order, argument in enumerate(call.arguments, 1):
        facts.add(tr("参数 {n}").format(n=order), argument or "—", mono=True)
    if call.transient is None:
        facts.add(tr("瞬态数据"), tr("没有保存"))
    elif call.transient:
        facts.add(tr("瞬态数据"), tr("、").join(call.transient))
    if call.tx_id:
        facts.add(tr("交易号"), HashLabel(call.tx_id, what=tr("交易号")))
    panel.add(Section(tr("调用")).add(facts))
    panel.add(_answer(tr("录制时的返回"), call))
    if result is not None and result.now is not None and result.differences:
        panel.add(_answer(tr("这次的返回"), result.now))
    return panel


def _answer(title: str, call: RecordedCall) -> Section:
    section = Section(title)
    if call.refusal:
        section.status(tr("被拒绝：{code}").format(code=call.refusal), "bad")
        section.text(call.said)
    else:
        text = readable(call.payload)[:4000]
        section.add(Mono(text or tr("（没有返回内容）"), wrap=True))
    return section


def _difference(path: str, before: str, after: str) -> QWidget:
    holder = QWidget()
    column = vbox(holder, spacing=2)
    column.addWidget(Label(path, "badge", "text2", wrap=True))
    for sign, value, surface, tone in (("-", before, "removed", "bad"), ("+", after, "added", "ok")):
        row = frame(surface)
        layout = hbox(row, margins=(6, 3, 6, 3), spacing=8)
        mark = Mono(sign, tone)
        mark.setFixedWidth(10)
        layout.addWidget(mark)
        layout.addWidget(Mono(value or tr("（没有）"), tone, wrap=True), 1)
        column.addWidget(row)
    return holder
