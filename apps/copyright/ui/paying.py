"""The dialog of a payment: which matter, how much is open, by which channel, with which proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.copyright.money import Debt
from apps.copyright.money_words import PURPOSES
from apps.copyright.ui.matter_words import party_name
from apps.copyright.ui.terms import tr
from apps.kit.formats import yuan
from apps.kit.service import OpenAct
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.appkit.editors import Invalid, file_field, path_of
from console.appkit.forms import Beside
from console.i18n import say
from console.widgets.forms import Form, choice_field
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

_PLACES = {"for": "matter", "payee": "matter", "proofs": "proof"}


def pay(page: CopyrightPage, one: OpenAct, work: Record) -> ActDialog:
    """Record a payment for one of the matters of a work that the people here owe for."""
    service, mine = page.service, page.kit.who(one.signer).party
    owed = [debt for debt in page.kit.debts if debt.payer == mine and debt.work_id == work["id"]]
    choices = [(f"{debt.matter}|{debt.payee}", _words(debt)) for debt in owed]
    fields = {
        "matter": choice_field(tr("为哪一笔"), choices, required=True),
        "proof": file_field(tr("付款凭证（回单、截图）")),
    }

    def read(form: Form) -> dict[str, Any]:
        if not form["matter"]:
            raise Invalid(form.fields["matter"], tr("没有未付的款项"))
        matter, _, payee = form["matter"].partition("|")
        return {"for": matter, "payee": payee} | ({"file": path_of(form.fields["proof"])} if form["proof"] else {})

    def given(values: dict[str, Any], ctx: Any) -> dict[str, Any]:
        del ctx
        proofs = service.store_evidence([f"payment={values['file']}"]) if "file" in values else []
        kept = {name: value for name, value in values.items() if name not in ("matter", "proof", "file")}
        return kept | {"proofs": proofs}

    first = {"amount_fen": f"{owed[0].open // 100}.{owed[0].open % 100:02}"} if owed else {}
    return dialog_of(
        page, page.kit, one, work, first=first, beside=Beside(fields, read, given, above=True, places=_PLACES)
    )


def _words(debt: Debt) -> str:
    return tr("{p} · 付给 {n} · 未付 {a}").format(
        p=say(PURPOSES[debt.purpose]), n=party_name(debt.payee), a=say(yuan(debt.open))
    )
