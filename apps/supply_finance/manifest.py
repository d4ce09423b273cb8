"""What 供应链金融 is to the platform: its people, the organisations that give their roles, what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.kit.application import People, application, member
from baas.applications import DemoOption
from baas.errors import Text
from baas.roles import CONTENT_READ, LEDGER_EXPORT, LEDGER_READ, NETWORK_READ, application_role

if TYPE_CHECKING:
    from network.topology import TopologySpec

READ, ACT = "finance.read", "finance.act"
_DESK = frozenset({LEDGER_READ, NETWORK_READ, CONTENT_READ, LEDGER_EXPORT})
OFFICE = "DataBureau"
"""Who runs the platform: keeps settings and sealed papers, and vouches for banks."""


def _public(spec: TopologySpec) -> str:
    """Suppliers are strangers to each other and to the office: the public's organisation, where there is one."""
    return spec.public_msp_id or member(spec, OFFICE)


BANK = application_role("bank", Text("银行", "Bank"), _DESK)
CORE = application_role("core_enterprise", Text("核心企业", "Core enterprise"), _DESK)
SUPPLIER = application_role("supplier", Text("供应商", "Supplier"), _DESK)

APPLICATION = application(
    None,
    id="supply_finance",
    title=Text("供应链金融", "Supply finance"),
    summary=Text(
        "供应链金融：授信、应收账款凭证的开立、拆分、流转、融资和兑付，发票和价格加密保存。",
        "Supply-chain finance: lines, receivable certificates split, passed on, financed, redeemed; prices sealed.",
    ),
    permissions={
        READ: Text("查看凭证", "see certificates"),
        ACT: Text("开立、流转和融资凭证", "issue, pass on and finance certificates"),
    },
    people=(
        People(BANK, OFFICE, {READ, ACT}),
        People(CORE, "Hospital", {READ, ACT}),
        People(SUPPLIER, _public, {READ, ACT}),
    ),
    contract="chaincode.supply_finance",
    office=OFFICE,
    papers=OFFICE,
    kinds="chaincode.supply_finance.kinds:KINDS",
    words="apps.supply_finance.words:WORDS",
    refusals="apps.supply_finance.refusals:REFUSALS",
    reasons="apps.supply_finance.refusals:REASONS",
    command="finance",
    commands="apps.supply_finance.commands:finance",
    views={"tree": "apps.supply_finance.ui.tree:TreeView"},
    demo="apps.supply_finance.demo:run",
    demo_told="apps.supply_finance.demo:told",
    demo_options=(
        DemoOption(
            "receivables",
            Text(
                "应收账款表，CSV 或 XLSX（默认用自带的样例）。",
                "A table of receivables, CSV or XLSX (default: a sample).",
            ),
        ),
    ),
    checks="apps.supply_finance.checks:books",
    benches={"finance": "apps.supply_finance.bench:command"},
    start=Text("供应链金融：开立、拆分并融资凭证", "Supply-chain finance: certificates issued, split, financed"),
    icon="branch",
)
