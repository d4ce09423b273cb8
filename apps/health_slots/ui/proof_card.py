"""Prove one slot: what was promised before its release, recomputed here up to the committed root."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from apps.health_slots.ui.phrases import stamp, tr
from apps.health_slots.ui.proving import check_proof
from baas.errors import translating
from console.widgets.basic import Button, HashLabel, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts
from console.widgets.forms import save_file, text_field

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


class ProofCard(Card):
    """A slot's number in, its proof out."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(tr("证明一个号"))
        self._page = page
        self.proof: dict[str, Any] | None = None
        row = hbox(spacing=8)
        self.field = text_field(tr("号的编号"), placeholder="H0001.CARD-C1-261123A.015")
        row.addWidget(self.field, 1)
        self.button = Button(tr("证明"), self.prove, icon="check")
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        editor: Any = self.field.editor
        editor.returnPressed.connect(self.prove)
        self.add(row)
        self._result = vbox(spacing=8)
        self.add(self._result)
        self.body.addStretch(1)

    def prove(self) -> None:
        """Fetch the proof and check it on this computer."""
        service, slot = self._page.service, self.field.value
        if service is None:
            return
        if not slot:
            self.field.set_error(tr("在看板或查号页复制编号，粘贴到这里"))
            return
        self._page.banner.hide()
        self._page.read(lambda: service.schedules.prove(slot), self._show)

    def _show(self, proof: dict[str, Any]) -> None:
        self.proof = proof
        clear(self._result)
        good = check_proof(proof)
        words = tr("这个号在放号前的承诺里，与承诺相符") if good else tr("算出的根与承诺不符")
        self._result.addWidget(Status(words, "ok" if good else "bad", role="body"))
        facts = Facts(72)
        root = proof["root"]
        facts.add(tr("承诺内容"), proof["line"], mono=True)
        facts.add(tr("路径"), tr("{n} 步").format(n=len(proof["path"])))
        facts.add(tr("承诺根"), HashLabel(root, f"{root[:8]}…{root[-8:]}", what=tr("承诺根")))
        facts.add(tr("承诺于"), stamp(proof["committed_at"], "%Y-%m-%d %H:%M:%S"))
        facts.add(tr("签名人"), proof["committed_by"])
        self._result.addWidget(facts)
        row = hbox()
        row.addWidget(Button(tr("导出证明…"), self.ask_export, icon="download", small=True))
        row.addStretch(1)
        self._result.addLayout(row)

    def ask_export(self) -> None:
        """Write the proof as JSON, so that anybody can check it elsewhere."""
        proof = self.proof
        if proof is None:
            return
        path = save_file(self, tr("导出证明"), f"{proof['slot']}.json", "JSON (*.json)")
        if path:

            def write() -> Path:
                with translating():
                    Path(path).write_text(json.dumps(proof, ensure_ascii=False, indent=1), encoding="utf-8")
                return Path(path)

            self._page.read(write, lambda target: self._page.context.notice(tr("已导出 {f}").format(f=target.name)))
