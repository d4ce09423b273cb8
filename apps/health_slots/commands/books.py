"""支付账单: payments, refunds, settlement, reconciliation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.health_slots.commands.root import WAYS, answer, command, slots
from apps.health_slots.commands.schedule import hospital_option
from apps.health_slots.kinds import Booking, Settlement
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, columns, option
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService


@slots.group("bill", help=Text("账单：支付、退款、结算、三方对账。", "Payments, refunds, settlement."))
def bill() -> None:
    """Payments, refunds, settlement."""


add_act(bill, WAYS, Booking.pay, arguments=(Booking.channel, Booking.reference, Booking.amount))
add_act(bill, WAYS, Booking.refund, arguments=(Booking.channel, Booking.reference))
add_act(bill, WAYS, Settlement.settle, arguments=(Settlement.date, Settlement.channel), tell=answer)


@command(bill, "balance", help=Text("试算平衡。", "The trial balance of a hospital."))
@hospital_option()
def balance(cli: Cli, service: HealthSlotsService, hospital: str) -> None:
    found = service.bills.trial_balance(hospital)
    cli.show({"hospital": hospital, "accounts": found.accounts, "balanced": found.balanced})


@command(bill, "reconcile", help=Text("医院、平台、支付三方对账。", "Reconcile three books of a day."))
@argument("date")
@argument("hospital_book", type=click.Path(path_type=Path))
@argument("payment_book", type=click.Path(path_type=Path))
@hospital_option()
@option("--record", is_flag=True, help=Text("把结果写上账本。", "Write the result to the ledger."))
def reconcile(
    cli: Cli,
    service: HealthSlotsService,
    date: str,
    hospital_book: Path,
    payment_book: Path,
    hospital: str,
    record: bool,
) -> None:
    result = service.bills.reconcile(hospital, date, hospital_book, payment_book)
    if record:
        service.bills.record(result)
    if cli.json:
        cli.show(result)
        return
    titles = columns(
        order=("订单", "Order"),
        type=("类型", "Type"),
        amount=("金额（分）", "Fen"),
        hospital=("医院", "Hospital"),
        platform=("平台", "Platform"),
        payment=("支付", "Payment"),
    )
    cli.show(result.differences, titles, Text("三方一致。", "All three books agree."))


@command(bill, "postings", help=Text("列出医院一天的分录。", "List a hospital's postings of a day."))
@argument("date")
@hospital_option()
def postings(cli: Cli, service: HealthSlotsService, date: str, hospital: str) -> None:
    rows = service.bills.postings(hospital, date)
    if not cli.json:
        rows = [{**r, "lines": "  ".join(f"{a} {n:+d}" for a, n in r["lines"])} for r in rows]
    titles = columns(
        order=("订单", "Order"),
        number=("序", "No"),
        why=("事由", "Why"),
        lines=("分录（分，借为正）", "Lines (fen, debit positive)"),
        reference=("流水", "Reference"),
    )
    cli.show(rows, titles, Text("当天没有分录。", "No postings that day."))
