"""Licences, transfers, pledges, use."""

from __future__ import annotations

from typing import Any

import click

from apps.copyright.cast import Part
from apps.copyright.commands.root import PART, copyright_group, opened, show
from apps.copyright.manifest import MANIFEST
from apps.kit.commands import Ways, add_act
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Licence, Transfer, Usage

WAYS = Ways(
    MANIFEST,
    opened,
    lambda cli, service, done: show(cli, done),
    kit=lambda service: service.kit,
    resolve=lambda service, record_id: record_id if record_id.startswith("XK") else service.work(record_id).id,
)


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
