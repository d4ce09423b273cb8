"""Licences, transfers, pledges, use."""

from __future__ import annotations

from apps.copyright.cast import Part
from apps.copyright.commands.root import PART, WAYS, copyright_group, opened, show
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Licence, Pledge, Transfer, Usage


@copyright_group.group("license", help=Text("授权许可。", "Licences."))
def license_group() -> None:
    """授权许可."""


for _act_of in (Licence.offer, Licence.accept, Licence.reject, Licence.withdraw, Licence.consent, Licence.end):
    add_act(license_group, WAYS, _act_of, leave_out=(Licence.terms, Licence.contract_sha256))
add_act(license_group, WAYS, Usage.record, name="use")


@license_group.command("settle", help=Text("确认或质疑使用报告。", "Confirm or dispute reported use."))
@argument("usage_id")
@option("--dispute", default="", help=Text("质疑的理由。", "Why it is disputed."))
@network_option()
@pass_cli
def settle(cli: Cli, usage_id: str, dispute: str, network: str) -> None:
    """Settle reported use."""
    with opened(cli, network) as service:
        act = Usage.dispute if dispute else Usage.settle
        show(cli, service.kit.do(act, {"note": dispute}, on=usage_id))


@copyright_group.group("transfer", help=Text("转让。", "Transfers."))
def transfer_group() -> None:
    """转让."""


for _act_of in (Transfer.propose, Transfer.accept, Transfer.consent, Transfer.withdraw, Transfer.reject):
    add_act(transfer_group, WAYS, _act_of, leave_out=(Transfer.note, Transfer.contract_sha256))


@copyright_group.group("pledge", help=Text("质押。", "Pledges."))
def pledge_group() -> None:
    """质押."""


for _act_of in (Pledge.propose, Pledge.accept, Pledge.consent, Pledge.discharge):
    add_act(pledge_group, WAYS, _act_of, leave_out=(Pledge.note,))


@pledge_group.command("reject", help=Text("登记前退出质押。", "Step back before registration."))
@argument("record_id", metavar="PLEDGE_ID")
@option("--reason", required=True, help=Text("原因。", "Why."))
@PART
@network_option()
@pass_cli
def reject_pledge(cli: Cli, record_id: str, reason: str, part: Part | None, network: str) -> None:
    """Step back before registration, in whatever role."""
    with opened(cli, network) as service:
        signer = service.ledger.label(part or "licensee")
        show(cli, service.kit.do(Pledge.decline, {"reason": reason}, on=record_id, signer=signer))


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
        act = Pledge.refuse if reasons else Pledge.register
        show(cli, service.kit.do(act, {"reasons": list(reasons)} if reasons else {}, on=pledge_id))
