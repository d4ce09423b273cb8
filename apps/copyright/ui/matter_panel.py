"""The inspector of a matter: what it is, what to do now, its facts, what hangs on it, and what happened so far."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from apps.copyright.inbox import Matter
from apps.copyright.ui.acts import act_buttons
from apps.copyright.ui.matter_words import (
    change_field,
    day_words,
    kind_words,
    licence_kind,
    matter_state,
    outcome_words,
    rights_words,
    share_words,
    territory_words,
    wanted_words,
    yuan,
)
from apps.copyright.ui.words import term, tr
from console.i18n.formats import short_cid, short_hash, when
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, Label, Status, vbox
from console.widgets.facts import Facts, Section

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def matter_panel(page: CopyrightPage, matter: Matter, usage: tuple[Any, ...] = ()) -> Inspected:
    """Return the panel of any record but a registration, which has its own."""
    record = matter.record
    words, sign = matter_state(record)
    tone = sign if sign in {"ok", "warn", "bad"} else "text2"
    panel = Inspected(
        f"{kind_words(matter.kind)} · {matter.work.title}", matter.id, Chip(words, tone, STATE_ICONS[sign][0])
    )
    panel.setProperty("inspectorWidth", 344)
    buttons = act_buttons(page, matter)
    advice = wanted_words(matter, frozenset(page.desk.parties)) if record.get("waiting") else ""
    if buttons or advice:
        section = Section(tr("接下来"))
        if advice:
            section.text(advice, tone="text2")
        for button in buttons:
            section.add(button)
        panel.add(section)
    panel.add(Section(tr("内容")).add(_facts(matter)))
    for title, text in _texts(matter):
        panel.add(Section(title).text(text))
    if record.get("consents"):
        panel.add(_consents(record))
    if record.get("split"):
        panel.add(_split(record))
    if record.get("evidence"):
        panel.add(_evidence(record))
    if usage:
        panel.add(_usage(page, usage))
    panel.add(_log(page, record))
    go = Button(tr("打开作品"), lambda: page.context.go(f"copyright/work/{matter.work.id}"), icon="arrow")
    panel.add(Section().add(panel.buttons(go)))
    return panel


def _facts(matter: Matter) -> Facts:
    record, facts = matter.record, Facts(84)
    for key, value in _rows(matter):
        facts.add(key, value)
    if record.get("contract_sha256"):
        facts.add_hash(tr("合同散列"), str(record["contract_sha256"]), short_hash(str(record["contract_sha256"]), 8))
    return facts


def _rows(matter: Matter) -> list[tuple[str, str]]:
    record, kind = matter.record, matter.kind
    if kind == "licence":
        rows = [
            (tr("许可种类"), licence_kind(record["kind"])),
            (tr("许可人"), record["licensor"]),
            (tr("被许可人"), record["licensee"]),
            (tr("权利种类"), rights_words(record["rights"])),
            (tr("地域"), territory_words(record["territory"])),
            (tr("期间"), _period(record["from"], record["until"])),
            (tr("许可费"), yuan(record["fee_fen"]) if record["fee_fen"] else tr("无")),
            (tr("版税"), _royalty(record)),
            (tr("转授权"), tr("允许") if record["sublicensing"] else tr("不允许")),
        ]
        return [*rows, (tr("原许可"), str(record["parent"]))] if record.get("parent") else rows
    if kind == "usage":
        return [
            (tr("报告人"), record["reporter"]),
            (tr("期间"), _period(record["from"], record["until"])),
            (tr("数量"), f"{int(record['quantity']):,} {record['unit']}"),
            (tr("相关收入"), yuan(record["revenue_fen"])),
            (tr("版税"), yuan(record["royalty_fen"])),
            (tr("许可"), str(record["licence_id"])),
        ]
    if kind == "transfer":
        return [
            (tr("转让人"), record["seller"]),
            (tr("受让人"), record["to"]),
            (tr("份额"), share_words(record["share"])),
            (tr("价款"), yuan(record["price_fen"]) if record["price_fen"] else tr("无偿")),
        ]
    if kind == "pledge":
        return [
            (tr("出质人"), record["pledgor"]),
            (tr("质权人"), record["pledgee"]),
            (tr("债权"), yuan(record["debt_fen"])),
            (tr("债务期间"), _period(record["debt_from"], record["debt_until"])),
            (tr("权利种类"), rights_words(record["rights"])),
            (tr("登记期限"), day_words(str(record.get("deadlines", {}).get("registration", "")))),
        ]
    if kind == "change":
        return [(tr("申请人"), record["applicant"])] + [
            (change_field(name), _entry(value)) for name, value in record["changes"].items()
        ]
    if kind == "dispute":
        rows = [(tr("异议人"), record["claimant"]), (tr("事由"), term("dispute_grounds", record["ground"]))]
    else:
        rows = [
            (tr("报告人"), record["reporter"]),
            (tr("在哪里"), record["where"]),
            (tr("疑似侵权方"), record.get("suspect") or "—"),
        ]
    return [*rows, (tr("结果"), outcome_words(record["outcome"]))] if record.get("outcome") else rows


def _period(start: str, end: str) -> str:
    return tr("{a} 至 {b}").format(a=day_words(start), b=day_words(end))


def _royalty(record: Any) -> str:
    parts = []
    if record["royalty_bp"]:
        parts.append(tr("收入的 {s}").format(s=share_words(record["royalty_bp"])))
    if record["unit_fen"]:
        parts.append(tr("每次 {y}").format(y=yuan(record["unit_fen"])))
    return " + ".join(parts) or tr("无")


def _entry(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(one.get("name", one)) if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    return str(value)


def _texts(matter: Matter) -> list[tuple[str, str]]:
    record = matter.record
    asked = record.get("termination_asked") or {}
    found = [
        (tr("陈述"), record.get("statement")),
        (tr("情况说明"), record.get("description")),
        (tr("原因"), record.get("reason")),
        (tr("其他约定"), record.get("terms")),
        (tr("说明"), record.get("note")),
        (tr("许可人请求终止的原因"), asked.get("reason")),
    ]
    return [(title, str(text)) for title, text in found if text]


def _consents(record: Any) -> Section:
    section = Section(tr("须同意的人"))
    for party, given in record["consents"].items():
        section.status(f"{party} · {tr('已同意') if given else tr('尚未同意')}", "ok" if given else "wait")
    return section


def _split(record: Any) -> Section:
    facts = Facts(150)
    for one in record["split"]:
        facts.add(str(one["party"]), yuan(one["fen"]))
    return Section(tr("版税分配")).add(facts)


def _evidence(record: Any) -> Section:
    section = Section(tr("证据"), tr("共 {n} 件").format(n=len(record["evidence"])))
    names = {"web_capture": tr("网页取证"), "screenshot": tr("截图"), "recording": tr("录屏或录音")}
    names |= {"purchase": tr("购买凭证"), "notarial": tr("公证文书"), "file": tr("文件")}
    for one in record["evidence"]:
        column = vbox(spacing=2)
        taken = when(one["captured"]) if one.get("captured") else ""
        column.addWidget(Label(" · ".join(p for p in (names.get(one["kind"], one["kind"]), taken) if p), "body"))
        column.addWidget(HashLabel(one["cid"], short_cid(one["cid"]), what="CID"))
        section.body.addLayout(column)
    return section


def _usage(page: CopyrightPage, usage: tuple[Any, ...]) -> Section:
    section = Section(tr("使用报告"), tr("共 {n} 件").format(n=len(usage)))
    for one in reversed(usage):
        words, sign = matter_state(one)
        title = f"{day_words(one['from'])} – {day_words(one['until'])} · {yuan(one['royalty_fen'])}"
        button = Button(title, partial(page.context.go, f"copyright/rights/{one['id']}"), kind="link", small=True)
        section.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        section.status(words, sign)
    return section


def _log(page: CopyrightPage, record: Any) -> Section:
    log = Section(tr("经过"))
    for entry in record.get("log", ()):
        said, mark = matter_state({**record, "state": entry.get("to", ""), "termination_asked": None})
        log.add(Status(f"{said} · {when(entry.get('at'))}", mark))
        log.add(Label(str(entry.get("by", "")), "caption", "text3", wrap=True))
        for reason in entry.get("reasons") or ():
            if reason:
                log.text(str(reason), tone="text2")
        if entry.get("tx_id"):
            tx_id = str(entry["tx_id"])
            words = tr("交易 {t}").format(t=short_hash(tx_id, 6))
            button = Button(words, partial(page.context.go, f"ledger/tx/{tx_id}"), kind="link", small=True)
            log.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    return log
