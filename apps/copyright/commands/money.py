"""Payments, what is owed, and books that are reconciled."""

from __future__ import annotations

from pathlib import Path

import click

from apps.copyright.commands.root import FILE, TARGET, WAYS, copyright_group, opened, show
from apps.copyright.money_words import CHANNELS, PURPOSES
from apps.kit.commands import add_act
from apps.kit.formats import yuan
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Payment

DEBTS = columns(
    matter=("事项", "Matter"),
    purpose=("款项", "Purpose"),
    payer=("付款人", "Payer"),
    payee=("收款人", "Payee"),
    due=("应付", "Due"),
    confirmed=("已收", "Received"),
    told=("待确认", "To confirm"),
    open=("未付", "Open"),
)
DIFFERENCES = columns(
    order=("事项", "Matter"),
    type=("类型", "Type"),
    amount=("金额（分）", "Fen"),
    own=("自己的账", "Own"),
    ledger=("账本", "Ledger"),
    channel=("渠道账", "Channel"),
)
PERIOD = (
    option("--from", "since", required=True, metavar="DAY", help=Text("起始日期。", "First day.")),
    option("--until", required=True, metavar="DAY", help=Text("截止日期。", "Last day.")),
)


@copyright_group.group("payment", help=Text("付款与收款。", "Payments."))
def payment_group() -> None:
    """付款与收款."""


@payment_group.command("record", help=Text("登记为一份许可、转让或使用报告付的款。", "Record a payment for a matter."))
@argument("matter", metavar="LICENCE_TRANSFER_OR_USAGE_ID")
@option("--amount", type=click.IntRange(1), required=True, help=Text("金额，分。", "Amount, in fen."))
@option("--channel", type=click.Choice(list(CHANNELS)), default="bank", help=Text("付款渠道。", "How it was paid."))
@option("--reference", required=True, help=Text("交易号，公开可见。", "The channel's reference; it is public."))
@option("--paid", required=True, metavar="DAY", help=Text("付款日期。", "The day of payment."))
@option(
    "--payee", default="", help=Text("收款人（MSP/名称），只有一位时可省略。", "MSP/name; may be left out for one.")
)
@option("--proof", type=FILE, multiple=True, help=Text("付款凭证文件，可重复。", "A proof; may be repeated."))
@network_option()
@pass_cli
def record(
    cli: Cli,
    matter: str,
    amount: int,
    channel: str,
    reference: str,
    paid: str,
    payee: str,
    proof: tuple[Path, ...],
    network: str,
) -> None:
    """Record a payment."""
    with opened(cli, network) as service:
        given = {"amount_fen": amount, "channel": channel, "reference": reference, "paid": paid, "payee": payee}
        show(cli, service.money.pay(matter, given, proof))


for _act_of in (Payment.confirm, Payment.deny, Payment.withdraw):
    add_act(payment_group, WAYS, _act_of)


@copyright_group.group("money", help=Text("应付、应收与对账。", "What is owed, and reconciliation."))
def money_group() -> None:
    """应付、应收与对账."""


@money_group.command("owed", help=Text("列出与我有关的应付和应收。", "List what is owed by and to me."))
@option("--output", "-o", type=TARGET, help=Text("写成 CSV。", "Write it as CSV."))
@network_option()
@pass_cli
def owed(cli: Cli, output: Path | None, network: str) -> None:
    """What is owed."""
    with opened(cli, network) as service:
        if output is not None:
            cli.show({"file": str(output), "lines": service.money.write_debts(output)})
            return
        debts = [vars(one) | {"open": one.open} for one in service.money.debts()]
        if not cli.json:
            money = ("due", "confirmed", "told", "open")
            debts = [
                one | {name: yuan(one[name]) for name in money} | {"purpose": PURPOSES[one["purpose"]]} for one in debts
            ]
        cli.show(debts, DEBTS, Text("没有应付或应收。", "Nothing is owed."))


@money_group.command("book", help=Text("把账本上已确认的收付写成 CSV。", "Write the confirmed payments as CSV."))
@PERIOD[0]
@PERIOD[1]
@option("--output", "-o", type=TARGET, required=True, help=Text("写到此文件。", "The file to write."))
@network_option()
@pass_cli
def book(cli: Cli, since: str, until: str, output: Path, network: str) -> None:
    """The ledger's book."""
    with opened(cli, network) as service:
        cli.show({"file": str(output), "entries": service.money.write_book(since, until, output)})


@money_group.command(
    "reconcile", help=Text("自己的账、账本、渠道账三方核对。", "Compare own book, ledger and channel.")
)
@PERIOD[0]
@PERIOD[1]
@option("--own", type=FILE, required=True, help=Text("自己的账（CSV）。", "One's own book (CSV)."))
@option("--channel", type=FILE, required=True, help=Text("银行或平台的账（CSV）。", "The channel's book (CSV)."))
@option("--record", is_flag=True, help=Text("把结果写入账本。", "Write the result to the ledger."))
@network_option()
@pass_cli
def reconcile(cli: Cli, since: str, until: str, own: Path, channel: Path, record: bool, network: str) -> None:
    """Three books compared."""
    with opened(cli, network) as service:
        found = service.money.reconcile(since, until, own, channel)
        noted = service.money.record(since, until, found).value["id"] if record else ""
        rows = [
            {"order": entry[0], "type": entry[1], "amount": entry[2], **counts} for entry, counts in found.differences
        ]
        if cli.json:
            cli.show({"entries": found.entries, "totals": found.totals, "differences": rows, "recorded": noted})
            return
        cli.show(rows, DIFFERENCES, Text("三本账一致。", "The three books agree."))
        if noted:
            cli.say(Text("结果已写入账本：{i}", "The result is on the ledger: {i}", i=noted))
