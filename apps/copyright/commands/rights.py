"""Licences, transfers, pledges, use."""

from __future__ import annotations

from typing import Any

import click

from apps.copyright.cast import Part
from apps.copyright.commands.root import PART, copyright_group, opened, show
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text


def _terms(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, "", ())}


def _rights(text: str) -> str | list[str]:
    """`all`, or codes by comma."""
    return "all" if text == "all" else text.split(",")


def _act(group: click.Group, name: str, method: str, usual: Part, help: Text) -> None:
    """A command that names a record and nothing else; `usual` is the part that takes this step."""

    @group.command(name, help=help)
    @argument("record_id", metavar=f"{group.name}_ID".upper().replace("LICENSE", "LICENCE"))
    @PART
    @network_option()
    @pass_cli
    def command(cli: Cli, record_id: str, part: Part | None, network: str) -> None:
        with opened(cli, network) as service:
            show(cli, getattr(service.rights, method)(record_id, part=part or usual))


def _act_with_reason(group: click.Group, name: str, method: str, usual: Part, help: Text) -> None:
    """A command that names a record and says why."""

    @group.command(name, help=help)
    @argument("record_id", metavar=f"{group.name}_ID".upper().replace("LICENSE", "LICENCE"))
    @option("--reason", required=True, help=Text("原因。", "Why."))
    @PART
    @network_option()
    @pass_cli
    def command(cli: Cli, record_id: str, reason: str, part: Part | None, network: str) -> None:
        with opened(cli, network) as service:
            show(cli, getattr(service.rights, method)(record_id, reason, part=part or usual))


@copyright_group.group("license", help=Text("授权许可。", "Licences."))
def license_group() -> None:
    """授权许可."""


@license_group.command("offer", help=Text("提出许可，待对方接受。", "Offer a licence."))
@argument("work_id")
@option("--to", "licensee", required=True, help=Text("被许可人 MSP/名称。", "The licensee, MSP/name."))
@option(
    "--kind", type=click.Choice(["exclusive", "sole", "ordinary"]), default="ordinary", help=Text("种类。", "Kind.")
)
@option("--rights", default="network", help=Text("权利代码，逗号分隔，或 all。", "Rights by comma, or all."))
@option("--territory", default="CN", help=Text("地域，如 CN、CN-GD、WORLD。", "Territory, such as CN, CN-GD, WORLD."))
@option("--from", "start", required=True, help=Text("起始日期。", "First day."))
@option("--until", required=True, help=Text("截止日期。", "Last day."))
@option("--fee", "fee_fen", type=int, default=0, help=Text("费用（分）。", "Fee (fen)."))
@option("--royalty", "royalty_bp", type=int, default=0, help=Text("版税（万分之）。", "Royalty (basis points)."))
@option("--unit", "unit_fen", type=int, default=0, help=Text("每次使用（分）。", "Per use (fen)."))
@option("--sublicensing", is_flag=True, help=Text("允许转授权。", "Allow sublicences."))
@option("--parent", default="", help=Text("转授权所依据的许可。", "The licence it is a sublicence of."))
@PART
@network_option()
@pass_cli
def offer(cli: Cli, /, work_id: str, rights: str, start: str, part: Part | None, network: str, **options: Any) -> None:
    """Offer a licence."""
    terms = _terms(options) | {"from": start, "rights": _rights(rights)}
    with opened(cli, network) as service:
        acting: Part = part or ("licensee" if options["parent"] else "creator")
        show(cli, service.rights.offer_licence(service.work(work_id).id, terms, acting))


_act(license_group, "accept", "accept_licence", "licensee", Text("接受许可。", "Accept a licence."))
_act(license_group, "reject", "reject_licence", "licensee", Text("拒绝许可。", "Decline a licence."))
_act(license_group, "withdraw", "withdraw_licence", "creator", Text("收回提出的许可。", "Take an offer back."))
_act(
    license_group,
    "consent",
    "consent_licence",
    "creator",
    Text("共有人或质权人同意。", "Consent as co-owner or pledgee."),
)
_act_with_reason(license_group, "end", "terminate_licence", "licensee", Text("终止许可。", "End a licence."))


@license_group.command("use", help=Text("报告使用，计算版税。", "Report use; computes the royalty."))
@argument("licence_id")
@option("--from", "start", required=True, help=Text("起始日期。", "First day."))
@option("--until", required=True, help=Text("截止日期。", "Last day."))
@option("--unit", default="次", help=Text("计量单位。", "Unit."))
@option("--quantity", type=int, default=0, help=Text("数量。", "Quantity."))
@option("--revenue", "revenue_fen", type=int, default=0, help=Text("收入（分）。", "Revenue (fen)."))
@network_option()
@pass_cli
def use(cli: Cli, /, licence_id: str, start: str, network: str, **usage: Any) -> None:
    """Report use."""
    with opened(cli, network) as service:
        show(cli, service.rights.record_usage(licence_id, usage | {"from": start}))


@license_group.command("settle", help=Text("确认或质疑使用报告。", "Confirm or dispute reported use."))
@argument("usage_id")
@option("--dispute", default="", help=Text("质疑的理由。", "Why it is disputed."))
@network_option()
@pass_cli
def settle(cli: Cli, usage_id: str, dispute: str, network: str) -> None:
    """Settle reported use."""
    with opened(cli, network) as service:
        show(cli, service.rights.settle_usage(usage_id, accepted=not dispute, note=dispute))


@copyright_group.group("transfer", help=Text("转让。", "Transfers."))
def transfer_group() -> None:
    """转让."""


@transfer_group.command("propose", help=Text("提出转让。", "Propose a transfer."))
@argument("work_id")
@option("--to", required=True, help=Text("受让人 MSP/名称。", "The buyer, MSP/name."))
@option("--share", type=int, help=Text("份额（万分之），默认全部。", "Share (basis points), all by default."))
@option("--price", "price_fen", type=int, default=0, help=Text("价款（分）。", "Price (fen)."))
@PART
@network_option()
@pass_cli
def propose_transfer(cli: Cli, /, work_id: str, part: Part | None, network: str, **options: Any) -> None:
    """Propose a transfer."""
    with opened(cli, network) as service:
        show(cli, service.rights.propose_transfer(service.work(work_id).id, _terms(options), part or "creator"))


_act(transfer_group, "accept", "accept_transfer", "licensee", Text("接受转让。", "Accept a transfer."))
_act(transfer_group, "consent", "consent_transfer", "creator", Text("共有人或质权人同意。", "Consent to a transfer."))
_act(transfer_group, "withdraw", "withdraw_transfer", "creator", Text("收回转让。", "Take a transfer back."))
_act_with_reason(transfer_group, "reject", "reject_transfer", "licensee", Text("拒绝转让。", "Reject a transfer."))


@copyright_group.group("pledge", help=Text("质押。", "Pledges."))
def pledge_group() -> None:
    """质押."""


@pledge_group.command("propose", help=Text("提出质押。", "Propose a pledge."))
@argument("work_id")
@option("--to", "pledgee", required=True, help=Text("质权人 MSP/名称。", "The pledgee, MSP/name."))
@option("--debt", "debt_fen", type=int, required=True, help=Text("债权（分）。", "Debt (fen)."))
@option("--from", "debt_from", required=True, help=Text("起始日期。", "First day."))
@option("--until", "debt_until", required=True, help=Text("到期日期。", "Due day."))
@option("--rights", default="all", help=Text("权利代码，逗号分隔，或 all。", "Rights by comma, or all."))
@option("--contract", "contract_sha256", required=True, help=Text("质权合同的 SHA-256。", "The contract's SHA-256."))
@PART
@network_option()
@pass_cli
def propose_pledge(cli: Cli, /, work_id: str, rights: str, part: Part | None, network: str, **options: Any) -> None:
    """Propose a pledge."""
    terms = _terms(options) | {"rights": _rights(rights)}
    with opened(cli, network) as service:
        show(cli, service.rights.propose_pledge(service.work(work_id).id, terms, part or "creator"))


_act(pledge_group, "accept", "accept_pledge", "licensee", Text("质权人接受。", "Accept as pledgee."))
_act(pledge_group, "consent", "consent_pledge", "creator", Text("共有人同意。", "Consent as co-owner."))
_act(pledge_group, "discharge", "discharge_pledge", "licensee", Text("解除质押。", "Discharge a pledge."))
_act_with_reason(
    pledge_group, "reject", "reject_pledge", "licensee", Text("登记前退出质押。", "Step back before registration.")
)


@pledge_group.command("decide", help=Text("登记机构登记或驳回质押。", "Register or refuse a pledge as the office."))
@argument("pledge_id")
@option(
    "--refuse", "reasons", multiple=True, help=Text("驳回理由，可重复。", "Refuse, with a reason; may be repeated.")
)
@network_option()
@pass_cli
def decide_pledge(cli: Cli, pledge_id: str, reasons: tuple[str, ...], network: str) -> None:
    """Register or refuse a pledge."""
    with opened(cli, network) as service:
        show(cli, service.rights.decide_pledge(pledge_id, reasons))
