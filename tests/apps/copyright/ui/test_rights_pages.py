"""Licences, transfers and pledges clicked through by both sides, to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

PUBLISHER, STUDIO = "HospitalMSP/publisher", "DataBureauMSP/studio"


def test_a_licence_is_offered_then_accepted_by_another_identity(
    office: Any, deposited: Callable[..., Any], ledger: Any
) -> None:
    office.act_as(PUBLISHER, "licensee")
    office.act_as("")
    work = deposited("许可之作")
    office.begin(
        "licence.offer",
        work.id,
        office.fill(licensee=PUBLISHER, kind="ordinary", territory="广东省 CN-GD", fee_fen="1200.50", royalty_bp="7.5"),
    )
    office.no_error()
    offer = ledger.dossier(work.id)["licences"][0]
    assert (offer["state"], offer["fee_fen"], offer["royalty_bp"], offer["territory"]) == (
        "OFFERED",
        120_050,
        750,
        "CN-GD",
    )
    office.act_as(PUBLISHER)
    office.go("copyright/inbox")
    office.choose(offer["id"])
    assert "请决定是否接受许可" in office.said()
    office.do("接受许可", office.fill())
    office.no_error()
    assert ledger.dossier(work.id)["licences"][0]["state"] == "ACTIVE"
    office.go("copyright/inbox")
    assert offer["id"] not in {one["id"] for one in office.page.stack.currentWidget().table.rows.rows}

    office.go(f"copyright/rights/{offer['id']}")
    office.do("报告使用", office.fill(quantity=40, revenue_fen="2000"))
    usage = ledger.ledger.evaluate("auditor", "ListUsage", offer["id"])[0]
    assert usage["royalty_fen"] == 15_000
    office.act_as("")
    office.go("copyright/inbox")
    office.choose(usage["id"])
    office.do("确认使用报告", office.fill())
    office.no_error()
    assert ledger.ledger.evaluate("auditor", "ListUsage", offer["id"])[0]["state"] == "SETTLED"


def test_a_wrong_amount_is_told_at_its_field_and_nothing_is_sent(
    office: Any, deposited: Callable[..., Any], ledger: Any
) -> None:
    work = deposited("填错的许可")
    seen: list[str] = []

    def wrong(dialog: Any) -> None:
        dialog.form.fields["licensee"].editor.setEditText(PUBLISHER)
        dialog.form.fields["fee_fen"].set_value("12.345")
        dialog.submit()
        seen.append(dialog.form.fields["fee_fen"].error)
        dialog.reject()

    office.begin("licence.offer", work.id, wrong)
    assert "两位小数" in seen[0]
    assert ledger.dossier(work.id)["licences"] == []


def test_the_ledgers_refusal_stands_in_the_dialog(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    work = deposited("专有许可之作")
    office.act_as(PUBLISHER, "licensee")
    office.act_as("")
    office.begin("licence.offer", work.id, office.fill(licensee=PUBLISHER, kind="exclusive"))
    offer = ledger.dossier(work.id)["licences"][0]
    office.act_as(PUBLISHER)
    office.go(f"copyright/rights/{offer['id']}")
    office.do("接受许可", office.fill())
    office.act_as("")
    said: list[str] = []
    office.begin("licence.offer", work.id, office.refused(said, licensee=STUDIO, kind="ordinary"))
    assert "冲突" in said[0]


def test_a_transfer_is_proposed_and_accepted(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    office.act_as(STUDIO, "creator,licensee")
    office.act_as("")
    work = deposited("转让之作")
    office.begin("transfer.propose", work.id, office.fill(to=STUDIO, share="40", price_fen="880"))
    transfer = ledger.dossier(work.id)["transfers"][0]
    assert (transfer["state"], transfer["share"], transfer["price_fen"]) == ("PROPOSED", 4000, 88_000)
    office.act_as(STUDIO)
    office.go("copyright/inbox")
    office.choose(transfer["id"])
    office.do("接受转让", office.fill())
    office.no_error()
    assert dict(ledger.work(work.id).owners)[STUDIO] == 4000
    office.go(f"copyright/work/{work.id}")
    assert [len(owners) for _, owners in office.page.work.facts.owners] == [1, 2]


def test_a_pledge_goes_through_the_office_and_is_discharged(
    office: Any, deposited: Callable[..., Any], ledger: Any, tmp_path: Path
) -> None:
    office.act_as(PUBLISHER, "licensee")
    office.act_as("")
    work = deposited("质押之作", registered=True)
    contract = tmp_path / "合同.txt"
    contract.write_text("样例质权合同", encoding="utf-8")
    office.begin(
        "pledge.propose", work.id, office.fill(pledgee=PUBLISHER, debt_fen="200000", contract_sha256=str(contract))
    )
    pledge = ledger.dossier(work.id)["pledges"][0]
    office.act_as(PUBLISHER)
    office.go("copyright/inbox")
    office.choose(pledge["id"])
    office.do("接受质押", office.fill())
    office.act_as("CopyrightMSP/reviewer", "registrar")
    office.go("copyright/inbox")
    office.choose(pledge["id"])
    assert "请决定是否登记质押" in office.said()
    office.do("登记质押", office.fill())
    office.no_error()
    assert ledger.work(work.id).record["pledge"] == pledge["id"]
    office.act_as(PUBLISHER)
    office.go(f"copyright/rights/{pledge['id']}")
    office.do("解除质押", office.fill())
    office.no_error()
    assert ledger.work(work.id).record["pledge"] == ""


def test_a_change_is_asked_for_and_approved(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    work = deposited("变更之作", registered=True)
    office.begin("change.request", work.id, office.fill(title="变更之后", reason="更正作品名称"))
    change = ledger.dossier(work.id)["changes"][0]
    office.go("copyright/inbox")
    office.choose(change["id"])
    office.do("准予变更", office.fill(reasons="符合要求"))
    office.no_error()
    assert ledger.work(work.id).title == "变更之后"


def test_a_deposit_is_withdrawn_only_with_its_name_typed(
    office: Any, deposited: Callable[..., Any], ledger: Any
) -> None:
    work = deposited("撤销之作")
    office.begin("撤销存证…", work.id, office.fill(reason="误传", name="撤销之作"))
    office.no_error()
    assert ledger.work(work.id).state == "REVOKED"
    office.go(f"copyright/work/{work.id}")
    assert "revoke_deposit" not in str([action.menu for action in office.page.header_actions])
    assert "apply" not in office.window.header.buttons


def test_the_home_of_whoever_offers_lists_what_others_have_not_answered(
    office: Any, deposited: Callable[..., Any], ledger: Any
) -> None:
    """What waits for the creator themselves stands above it; both together are nothing twice."""
    from apps.copyright.ui.home import home

    def sections() -> dict[str, Any]:
        return {one.title: one for one in home(office.platform, office.window.context.network)}

    def count(title: str) -> int:
        return next((one.count for key, one in sections().items() if key.startswith(title)), 0)

    office.act_as(PUBLISHER, "licensee")
    waited = count("待我办理")
    office.act_as("")
    work = deposited("要约之作")
    before = count("等对方答复"), count("待我办理")
    office.begin("licence.offer", work.id, office.fill(licensee=PUBLISHER, kind="ordinary", fee_fen="100"))
    office.no_error()
    assert (count("等对方答复"), count("待我办理")) == (before[0] + 1, before[1])
    row = sections()["等对方答复"].rows[0]
    assert (row.address, row.word) == (f"copyright/work/{work.id}", "待接受"), row
    office.act_as(PUBLISHER)
    assert count("待我办理") == waited + 1
    mine = sections().get("等对方答复")
    assert mine is None or not any(row.address.endswith(work.id) for row in mine.rows)
