"""Dialogs with more than their act's fields: evidence files, captured pages, changed entries, licences, transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.copyright.case_words import EVIDENCE_KINDS
from apps.copyright.rights_words import rights_words, territory_words
from apps.copyright.ui.entry_fields import EntryFields
from apps.copyright.ui.terms import tr
from apps.kit.files import GivenFile
from apps.kit.service import OpenAct
from chaincode.copyright.roles import ORDINARY
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.appkit.editors import Invalid, file_field, path_of
from console.appkit.forms import Beside
from console.i18n import say
from console.pages.identities.letters import offer_recovery_file
from console.widgets.forms import Form, area_field, check_field, choice_field, text_field
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def report(page: CopyrightPage, one: OpenAct, work: Record) -> ActDialog:
    """A suspected infringement; then its case."""
    go = lambda done: page.context.go(page.place_of(done.value))  # noqa: E731
    return dialog_of(page, page.kit, one, work, done=go)


def add_file(page: CopyrightPage, one: OpenAct, case: Record) -> ActDialog:
    """A file as evidence of a case."""
    kinds = [(code, say(words)) for code, words in EVIDENCE_KINDS.items()]
    fields = {"kind": choice_field(tr("证据种类"), kinds), "file": file_field(tr("文件"), required=True)}

    def read(form: Form) -> dict[str, Any]:
        return {"kind": form["kind"], "file": path_of(form.fields["file"])}

    def given(values: dict[str, Any], ctx: Any) -> dict[str, Any]:
        return {"evidence": [GivenFile(values["kind"], values["file"])]}

    places = {"evidence": "file", "evidence.kind": "kind"}
    return dialog_of(page, page.kit, one, case, beside=Beside(fields, read, given, places=places))


def capture(page: CopyrightPage, one: OpenAct, case: Record) -> ActDialog:
    """Web pages as evidence of a case, one address a line; if wanted they are captured again at intervals."""
    urls = area_field(tr("网址，每行一个"), rows=3, required=True)
    if str(case["where"]).startswith(("http://", "https://")):
        urls.set_value(case["where"])
    again = choice_field(
        tr("定期再取证"),
        [("0", tr("不再取证")), ("6", tr("每 6 小时")), ("24", tr("每天")), ("168", tr("每周"))],
        hint=tr("网页或其中的作品有变化时才再次入案"),
    )
    source = check_field(tr("只保存网页源代码，不截图"))
    service = page.service

    def read(form: Form) -> dict[str, Any]:
        lines = [line.strip() for line in form["urls"].splitlines() if line.strip()]
        if not all(line.startswith(("http://", "https://")) for line in lines):
            raise Invalid(form.fields["urls"], tr("网址以 http:// 或 https:// 开头"))
        return {"urls": lines, "again": int(form["again"] or 0), "source": bool(form["source"])}

    def run(values: dict[str, Any], ctx: Any) -> Any:
        done, _ = service.captures.add(
            str(case["id"]), values["urls"], source_only=values["source"], signer=one.signer, ctx=ctx
        )
        for url in values["urls"] if values["again"] else ():
            service.captures.watch(str(case["id"]), url, values["again"])
        return done

    fields = {"urls": urls, "again": again, "source": source}
    beside = Beside(fields, read, lambda values, ctx: values, places={"evidence": "urls"})
    return dialog_of(page, page.kit, one, case, beside=beside, run=run)


def accept(page: CopyrightPage, one: OpenAct, record: Record) -> ActDialog:
    """Accepting a licence or a transfer: of a sealed work it makes a reading key, which only this desk has, so that
    afterwards a recovery file is offered."""
    return dialog_of(page, page.kit, one, record, done=lambda _: offer_recovery_file(page.context))


def sublicense(page: CopyrightPage, one: OpenAct, licence: Record) -> ActDialog:
    """A licence under a licence: begins with what that one allows."""
    work = {"id": licence["work_id"], "work_id": licence["work_id"]}
    return dialog_of(
        page,
        page.kit,
        one,
        work,
        first={name: licence[name] for name in ("from", "until", "rights")},
        also={"parent": licence["id"]},
        limits={"kind": ("ordinary",)} if licence["kind"] == ORDINARY else {},
        follows=tr("转授权不得超出原许可：{r}，{t}，至 {d}。").format(
            r=say(rights_words(licence["rights"])), t=say(territory_words(licence["territory"])), d=licence["until"]
        ),
    )


def change(page: CopyrightPage, one: OpenAct, work: Record) -> ActDialog:
    """The entries of a registered work; what was changed is asked for."""
    entries = EntryFields(work, ("title", "authors", "place", "published", "note"))

    def read(form: Form) -> dict[str, Any]:
        changes = entries.changed(form)
        if not changes:
            raise Invalid(form.fields["title"], tr("还没有更改任何内容"))
        return {"changes": changes}

    beside = Beside(entries.fields, read, lambda values, ctx: values, above=True, places={"changes": "title"})
    return dialog_of(page, page.kit, one, work, beside=beside)


def revoke(page: CopyrightPage, work: Record) -> ActDialog:
    """Withdrawing a deposit: its name is typed to confirm."""
    service, signer, title = page.service, page.kit.owner_of(work), str(work["title"])
    form = Form(1)
    form.add("reason", area_field(tr("原因"), rows=3, required=True))
    form.add("name", text_field(tr("请输入“{name}”以确认").format(name=title), required=True))

    def collect() -> dict[str, Any]:
        if form["name"] != title:
            raise Invalid(form.fields["name"], tr("与作品名称不同"))
        return {"reason": form["reason"]}

    return ActDialog(
        page,
        tr("撤销存证：{title}").format(title=title),
        tr("撤销后这件作品不能再登记、许可或转让；账本上的历史和内容库中的文件仍在。"),
        accept=tr("撤销存证"),
        run=lambda values, *, ctx: service.revoke(str(work["id"]), values["reason"], signer),
        said=tr("已撤销存证"),
        collect=collect,
        signs=page.signed_by(signer),
        form=form,
        danger=True,
        job=Text("撤销存证 {t}", "Withdraw {t}", t=title),
    )
