"""Recording a payment or a refund that a channel confirmed; the amount is what the order owes, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.health_slots.papers import CHANNELS, channel_title
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.phrases import tr, yuan
from console.i18n import say
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, text_field
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def channels() -> list[tuple[str, str]]:
    """Payment channels: the account `clearing:ID` of the books and how it is called."""
    return [(id, say(title)) for id, title in CHANNELS.items()]


def channel_word(channel: str) -> str:
    return say(channel_title(channel))


def ask_payment(page: SlotsPage, visit: VisitRow) -> None:
    """Record the payment of what an appointment owes."""
    form = _form(with_account=True)
    dialog = _dialog(
        page,
        form,
        tr("记录支付"),
        tr("渠道确认收到 {n} 后再记。同一渠道的一个流水号只能记一次。").format(n=yuan(visit.owed)),
        tr("记录 {n}").format(n=yuan(visit.owed)),
    )
    page.ask(
        dialog,
        lambda service, v: service.bills.pay(visit.id, v["channel"], v["reference"], visit.owed, account=v["account"]),
        Text("记录支付 {a}", "Record the payment {a}", a=visit.id),
        tr("已记录支付 {n}").format(n=yuan(visit.owed)),
        part="payment",
    )


def ask_refund(page: SlotsPage, visit: VisitRow) -> None:
    """Record that what is owed back was paid back."""
    form = _form()
    dialog = _dialog(
        page,
        form,
        tr("记录退款"),
        tr("渠道确认退回 {n} 后再记，退款按原渠道。").format(n=yuan(visit.refund_due)),
        tr("记录 {n}").format(n=yuan(visit.refund_due)),
    )
    page.ask(
        dialog,
        lambda service, v: service.bills.refund(visit.id, v["channel"], v["reference"]),
        Text("记录退款 {a}", "Record the refund {a}", a=visit.id),
        tr("已记录退款 {n}").format(n=yuan(visit.refund_due)),
        part="payment",
    )


def _form(*, with_account: bool = False) -> Form:
    form = Form(2)
    form.add("channel", choice_field(tr("渠道"), channels()))
    form.add("reference", text_field(tr("流水号"), required=True, hint=tr("字母、数字和 _ . : -，最多 64 位")))
    if with_account:
        form.add("account", text_field(tr("付款账号，可留空"), hint=tr("只算成付款人假名，不保存")), wide=True)
    return form


def _dialog(page: SlotsPage, form: Form, title: str, text: str, accept: str) -> Dialog:
    dialog = Dialog(page, title, text, accept=accept)
    dialog.body.addWidget(form)
    dialog.watch(form)
    form.fields["reference"].editor.setFocus()
    return dialog
