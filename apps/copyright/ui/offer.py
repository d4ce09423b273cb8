"""Offering a licence, or a sublicence within one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apps.copyright.cast import Part
from apps.copyright.ui.fields import RightsBox
from apps.copyright.ui.matter_words import licence_kind, rights_words, territories, territory_words
from apps.copyright.ui.words import tr
from console.appkit.act_dialog import ActDialog
from console.appkit.editors import (
    Invalid,
    day_field,
    digest_of,
    fen_of,
    file_field,
    money_field,
    party_field,
    party_of,
    path_of,
    percent_of,
    territory_field,
    territory_of,
)
from console.widgets.forms import Form, area_field, check_field, choice_field, text_field
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.ui.page import CopyrightPage

KINDS = ("ordinary", "sole", "exclusive")


class OfferDialog(ActDialog):
    """A licence's terms. With `parent`, a licence that allows sublicences, the offer must stay within it."""

    def __init__(self, page: CopyrightPage, work: Work, part: Part, *, parent: Mapping[str, Any] | None = None) -> None:
        service = page.service
        assert service is not None
        self._parent = parent
        mine = page.desk.parts.get(part) or next(iter(page.desk.parties))
        form = Form(2)
        form.add("licensee", party_field(tr("被许可人"), page.others(mine)), wide=True)
        kinds = ("ordinary",) if parent is not None and parent["kind"] == "ordinary" else KINDS
        form.add("kind", choice_field(tr("许可种类"), [(code, licence_kind(code)) for code in kinds]))
        form.add("territory", territory_field(tr("地域"), territories()))
        form.add("from", day_field(tr("起始日期"), start=str(parent["from"]) if parent else ""))
        form.add("until", day_field(tr("截止日期"), years=1, days=-1))
        form.add("fee", money_field(tr("许可费（元）")))
        form.add("royalty", text_field(tr("版税占收入的比例（%）"), placeholder="0"))
        form.add("unit", money_field(tr("每次使用（元）")))
        form.add("contract", file_field(tr("合同文件，只把散列写入账本")))
        form.add("terms", area_field(tr("其他约定"), rows=2), wide=True)
        form.add("sublicensing", check_field(tr("允许转授权")), wide=True)
        self.rights = RightsBox()
        if parent is not None:
            form.fields["until"].set_value(parent["until"])
            self.rights.set_value(parent["rights"])
        licence_text = tr("对方接受后生效。与现有的专有或排他许可冲突时，账本会拒绝。")
        if parent is not None:
            licence_text = tr("转授权不得超出原许可：{r}，{t}，至 {d}。").format(
                r=rights_words(parent["rights"]), t=territory_words(parent["territory"]), d=parent["until"]
            )
        super().__init__(
            page,
            tr("许可使用：{title}").format(title=work.title),
            licence_text,
            accept=tr("提出许可"),
            run=lambda terms, *, ctx: service.rights.offer_licence(work.id, terms, part),
            said=tr("已提出许可，等待对方接受"),
            collect=self._terms,
            signer=mine,
            form=form,
            extra=self.rights,
            width=640,
            job=Text("提出许可 {t}", "Offer a licence of {t}", t=work.title),
        )

    def _terms(self) -> dict[str, Any]:
        form = self.form
        assert form is not None
        if form["until"] < form["from"]:
            raise Invalid(form.fields["until"], tr("截止日期早于起始日期"))
        if not self.rights.value:
            raise Invalid(form.fields["kind"], tr("请至少选择一项权利"))
        terms: dict[str, Any] = {
            "licensee": party_of(form.fields["licensee"]),
            "kind": form["kind"],
            "rights": self.rights.value,
            "territory": territory_of(form.fields["territory"]),
            "from": form["from"],
            "until": form["until"],
            "fee_fen": fen_of(form.fields["fee"]),
            "royalty_bp": percent_of(form.fields["royalty"]),
            "unit_fen": fen_of(form.fields["unit"]),
            "sublicensing": form["sublicensing"],
            "terms": form["terms"],
        }
        if form["contract"]:
            terms["contract_sha256"] = digest_of(path_of(form.fields["contract"]))
        if self._parent is not None:
            terms["parent"] = self._parent["id"]
        return terms
