"""内容凭证 (C2PA) of a file, for reading: who made the claims, what they claim, whether they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.copyright.ui.terms import tr
from console.i18n.formats import when
from console.shell.inspector import Inspected
from console.widgets.basic import Label, vbox
from console.widgets.facts import Facts, Section

MOST = 20


def credentials_panel(title: str, store: Mapping[str, Any] | None) -> Inspected:
    """The panel of a manifest store; None says that the file carries none."""
    panel = Inspected(tr("内容凭证"), title)
    panel.setProperty("inspectorWidth", 344)
    if store is None:
        words = tr("这个文件没有内容凭证（C2PA）。")
        panel.add(Section().text(words).text(tr("登记机构可以把登记信息写入一个副本。"), tone="text2"))
        return panel
    problems = [str(one.get("code", "")) for one in store.get("validation_status") or ()]
    state = Section(tr("核对"))
    # An unknown signer is no damage: the trust list is the reader's own.
    broken = [one for one in problems if "untrusted" not in one]
    if broken:
        state.status(tr("凭证与文件不符"), "bad")
        for code in broken[:6]:
            state.text(code, tone="text2")
    else:
        state.status(tr("凭证与文件相符"), "ok")
    if len(broken) != len(problems):
        state.status(tr("签名人不在通用信任名单中"), "warn")
    panel.add(state)
    manifests = store.get("manifests", {})
    active = store.get("active_manifest")
    for label in sorted(manifests, key=lambda one: one != active)[:MOST]:
        panel.add(_manifest(manifests[label], current=label == active))
    return panel


def credentials_words(found: Mapping[str, str] | None) -> str:
    """One line about what a deposit says of a file's credentials: `state`, `signer`, `generator`."""
    if not found:
        return tr("没有内容凭证（C2PA）")
    state = found.get("state", "")
    if state == "Unreadable":
        return tr("内容凭证（C2PA）已损坏")
    if state == "Invalid":
        return tr("内容凭证（C2PA）与文件不符")
    return tr("有内容凭证（C2PA），签名：{who}").format(who=found.get("signer") or tr("签名人不明"))


def _manifest(manifest: Mapping[str, Any], *, current: bool) -> Section:
    section = Section(tr("当前凭证") if current else tr("更早的凭证"))
    facts = Facts(64)
    signature = manifest.get("signature_info") or {}
    programs = [str(one.get("name", "")) for one in manifest.get("claim_generator_info") or ()]
    for key, value in (
        (tr("标题"), manifest.get("title")),
        (tr("签名"), signature.get("issuer")),
        (tr("算法"), signature.get("alg")),
        (tr("时间"), when(signature["time"]) if signature.get("time") else ""),
        (tr("程序"), ", ".join(programs)),
    ):
        if value:
            facts.add(key, str(value))
    section.add(facts)
    for one in list(manifest.get("assertions") or ())[:MOST]:
        column = vbox(spacing=2)
        column.addWidget(Label(str(one.get("label", "")), "caption", "text2"))
        data = one.get("data")
        if isinstance(data, dict) and all(not isinstance(value, dict | list) for value in data.values()):
            grid = Facts(96)
            for key, value in data.items():
                grid.add(str(key), str(value))
            column.addWidget(grid)
        else:
            text = json.dumps(data, ensure_ascii=False)
            column.addWidget(Label(text if len(text) <= 300 else f"{text[:300]}…", "caption", wrap=True))
        section.body.addLayout(column)
    return section
