"""Licences, transfers, pledges, use."""

from __future__ import annotations

import click

from apps.copyright.cast import Part
from apps.copyright.commands.root import PART, copyright_group, opened, show
from apps.copyright.manifest import MANIFEST
from apps.kit.commands import Ways, add_act
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Licence, Pledge, Transfer, Usage

WAYS = Ways(
    MANIFEST,
    opened,
    lambda cli, service, done: show(cli, done),
    kit=lambda service: service.kit,
    resolve=lambda service, record_id: record_id if record_id.startswith("XK") else service.work(record_id).id,
)


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
