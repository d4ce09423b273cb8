"""The whole life of a work by clicks, each step by the person whose it is: deposit and application, examination by two
registrars, certificate, the creator's PDF, change with a new certificate, licence, payment, cancellation."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from tests.apps.copyright.ui.test_theft_pages import apply, deposit, photograph, step


def pdf_of(ledger: Any, work_id: str) -> bytes:
    """The certificate as its file, checked by the ledger's hash."""
    found: bytes = ledger.certificate(ledger.registration(ledger.work(work_id).registration))
    return found


def answered(office: Any, record_id: str, words: str, how: Any) -> None:
    """Somebody finds a record in their inbox and presses its button."""
    office.go("copyright/inbox")
    office.choose(record_id)
    office.do(words, how)
    office.no_error()


def test_the_whole_life_by_roles(office: Any, ledger: Any, tmp_path: Path) -> None:
    tag = uuid.uuid4().hex[:6]
    li, press = f"PublicMSP/li-{tag}", f"HospitalMSP/press-{tag}"
    zhao, qian = f"CopyrightMSP/zhao-{tag}", f"CopyrightMSP/qian-{tag}"
    for label, role in ((press, "licensee"), (zhao, "registrar"), (qian, "registrar"), (li, "creator")):
        office.act_as(label, role)

    # 创作者：存证并申请登记。
    view = deposit(office, photograph(tmp_path / "渡口.jpg"), f"渡口 {tag}")
    assert view.missing() == ""
    office.press_header("deposit")
    office.settle(30000)
    work_id = office.page.work.facts.work.id
    apply(office, work_id)
    case = ledger.work(work_id).registration
    assert ledger.registration(case).state == "SUBMITTED"

    # 登记员初审，另一位复审。
    office.act_as(zhao)
    office.go("copyright")
    assert office.page.tab == "queue", "the office begins with its queue"
    for words in ("开始核查", "予以受理", "开始审查"):
        step(office, case, words)
    step(office, case, "全网查重")
    step(office, case, "初审通过", office.fill(opinion="符合登记要求"))
    office.act_as(qian)
    step(office, case, "复审通过", office.fill(opinion="同意"))
    office.act_as("")  # who keeps the office's seal
    step(office, case, "予以发证", office.fill())
    step(office, case, "予以公告")
    assert ledger.registration(case).state == "PUBLISHED"

    # 创作者：看到证书并打开 PDF。
    office.act_as(li)
    office.go(f"copyright/work/{work_id}")
    office.until(lambda: office.page.work.facts.certificate is not None)
    assert "已由登记机构签名" in office.said()
    first = office.page.work.facts.certificate.read_bytes()
    assert first.startswith(b"%PDF") and first == pdf_of(ledger, work_id)

    # 变更：申请、批准，换发证书。
    office.begin("change.request", work_id, office.fill(title=f"渡口晨雾 {tag}", reason="更正作品名称"))
    change = ledger.dossier(work_id)["changes"][0]
    office.act_as("")
    answered(office, change["id"], "准予变更", office.fill(reasons="符合要求"))
    second = pdf_of(ledger, work_id)
    assert second.startswith(b"%PDF") and second != first
    assert ledger.work(work_id).title == f"渡口晨雾 {tag}"

    # 许可、付款、确认收款。
    office.act_as(li)
    office.begin("licence.offer", work_id, office.fill(licensee=press, kind="ordinary", fee_fen="1200.50"))
    licence = ledger.dossier(work_id)["licences"][0]
    office.act_as(press)
    answered(office, licence["id"], "接受许可", office.fill())
    slip = tmp_path / "回单.txt"
    slip.write_text(f"回单 {tag}", "utf-8")
    over: list[str] = []
    office.begin("payment.record", work_id, office.refused(over, amount_fen="1200.51", reference=f"R{tag}"))
    assert "超过" in over[0]
    office.begin("payment.record", work_id, office.fill(reference=f"R{tag}", proof=str(slip)))
    payment = ledger.dossier(work_id)["payments"][0]
    assert (payment["amount_fen"], payment["state"], len(payment["proofs"])) == (120050, "REPORTED", 1)
    office.go("copyright/money")
    office.until(lambda: [one.told for one in office.page.view("money").debts] == [120050])
    office.act_as(li)
    answered(office, payment["id"], "确认收款", office.fill())
    office.go("copyright/money")
    office.until(lambda: [one.confirmed for one in office.page.view("money").debts] == [120050])
    assert "应收 0" in office.page.view("money").facts()

    # 注销：申请、批准，处处显示已撤销。
    office.begin("cancellation.request", work_id, office.fill(reason="不再需要"))
    asked = ledger.dossier(work_id)["cancellations"][0]
    office.act_as(qian)
    answered(office, asked["id"], "准予注销", office.fill(reasons="权利人申请"))
    number = ledger.registration(case).number
    assert ledger.work(work_id).cancelled == number and ledger.work(work_id).number == ""
    assert ledger.registration(case).state == "CANCELLED"
    office.act_as(li)
    office.go(f"copyright/work/{work_id}")
    office.no_error()
    shown = " ".join(chip.accessibleName() for chip in office.page.work.findChildren(type(_chip())))
    assert f"登记已撤销：{number}" in shown
    office.go("copyright/works")
    table = office.page.works
    row = next(at for at, line in enumerate(table.model.rows) if line.work.id == work_id)
    assert "已撤销" in table.model.index(row, 3).data(Qt.ItemDataRole.DisplayRole)


def _chip() -> Any:
    from console.widgets.basic import Chip

    return Chip("")
