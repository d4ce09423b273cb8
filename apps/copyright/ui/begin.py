"""What may be begun on a work: a licence, a transfer, a pledge, a change, a dispute, a case, its revocation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apps.copyright.acting import ACTS, OpenAct
from apps.copyright.manifest import MANIFEST
from apps.copyright.model import Work
from apps.copyright.ui.words import terms, tr
from apps.kit.service import OpenAct as OpenDeclared
from chaincode.copyright.kinds import Licence, Pledge, Transfer
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import button_words, dialog_of
from console.appkit.editors import (
    Invalid,
    digest_of,
    file_field,
    path_of,
)
from console.widgets.forms import Form, area_field, choice_field, text_field
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage

ICONS = {
    Licence.offer.id: "key",
    Transfer.propose.id: "arrow",
    Pledge.propose.id: "lock",
    "request_change": "edit",
    "report_infringement": "eye",
    "open_dispute": "flag",
    "revoke_deposit": "trash",
}


def begin_words(name: str) -> str:
    """The words of an act that begins something."""
    if name in ACTS:
        return button_words(MANIFEST.catalogue.act(ACTS[name]))
    return {
        "request_change": tr("变更或补充…"),
        "report_infringement": tr("报告侵权线索…"),
        "open_dispute": tr("提出异议…"),
        "revoke_deposit": tr("撤销存证…"),
    }[name]


def begin(page: CopyrightPage, act: OpenAct, work: Work) -> None:
    """Open the form of an act on a work."""
    if act.name in ACTS:
        service = page.service
        if service is not None:
            signed = OpenDeclared(ACTS[act.name], service.ledger.label(act.part), act.main)
            dialog_of(page, service.kit, signed, dict(work.record), work.title).exec()
        return
    _DIALOGS[act.name](page, act, work).exec()


def _signer(page: CopyrightPage, act: OpenAct) -> str:
    return page.desk.parts.get(act.part) or next(iter(page.desk.parties), "")


def _change(page: CopyrightPage, act: OpenAct, work: Work) -> ActDialog:
    service = page.service
    assert service is not None
    record = work.record
    authors = "、".join(str(one.get("name", "")) for one in record.get("authors", ()))
    completed = (record.get("completed") or {}).get("place", "")
    published = record.get("published") or {}
    before = {
        "title": work.title,
        "authors": authors,
        "place": completed,
        "published": str(published.get("date", "")),
        "note": str(record.get("note", "")),
    }
    form = Form(2)
    form.add("title", text_field(tr("作品名称"), required=True), wide=True)
    form.add("authors", text_field(tr("作者，用顿号分开"), required=True), wide=True)
    form.add("place", text_field(tr("完成地点")))
    form.add("published", text_field(tr("首次发表日期"), placeholder="2026-01-31"))
    form.add("note", area_field(tr("备注"), rows=2), wide=True)
    form.add("reason", area_field(tr("为什么变更"), rows=2, required=True), wide=True)
    for key, value in before.items():
        form.fields[key].set_value(value)

    def collect() -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if form["title"] != before["title"]:
            changes["title"] = form["title"]
        if form["authors"] != before["authors"]:
            known = {str(one.get("name", "")): one for one in record.get("authors", ())}
            names = [n.strip() for n in form["authors"].replace("，", "、").replace(",", "、").split("、") if n.strip()]
            changes["authors"] = [dict(known.get(name, {"name": name})) for name in names]
        if form["place"] != before["place"] and record.get("completed"):
            changes["completed"] = {"date": record["completed"]["date"], "place": form["place"]}
        if form["published"] != before["published"]:
            changes["published"] = {"date": form["published"], "place": str(published.get("place", ""))}
        if form["note"] != before["note"]:
            changes["note"] = form["note"]
        if not changes:
            raise Invalid(form.fields["title"], tr("还没有更改任何内容"))
        return {"changes": changes, "reason": form["reason"]}

    return ActDialog(
        page,
        tr("变更或补充：{title}").format(title=work.title),
        tr("登记机构同意后写入登记事项，原来的内容仍在历史中。"),
        accept=tr("提出变更"),
        run=lambda v, *, ctx: service.rights.request_change(work.id, v["changes"], v["reason"], act.part),
        said=tr("已提出变更，等待登记机构决定"),
        collect=collect,
        signer=_signer(page, act),
        form=form,
        job=Text("变更 {t}", "Change {t}", t=work.title),
    )


def _dispute(page: CopyrightPage, act: OpenAct, work: Work) -> ActDialog:
    service = page.service
    assert service is not None
    form = Form(1)
    form.add("ground", choice_field(tr("事由"), terms("dispute_grounds")))
    form.add("statement", area_field(tr("陈述：您的依据是什么"), rows=5, required=True))
    form.add("file", file_field(tr("证据文件（可不选）")))
    return ActDialog(
        page,
        tr("对作品提出异议：{title}").format(title=work.title),
        tr("提出后作品随即冻结：在登记机构处理之前，不能许可、转让或质押。"),
        accept=tr("提出异议"),
        run=lambda values, *, ctx: service.rights.open_dispute(work.id, kept_evidence(service, values), act.part),
        said=tr("已提出异议，作品已冻结"),
        collect=lambda: _with_file(form),
        signer=_signer(page, act),
        form=form,
        job=Text("提出异议 {t}", "Contest {t}", t=work.title),
    )


def _infringement(page: CopyrightPage, act: OpenAct, work: Work) -> ActDialog:
    service = page.service
    assert service is not None
    form = Form(1)
    form.add(
        "where",
        text_field(tr("在哪里发现"), placeholder="https://", hint=tr("网址，或其他地点"), required=True),
    )
    form.add("suspect", text_field(tr("疑似侵权方")))
    form.add("description", area_field(tr("情况说明"), rows=4, required=True))
    form.add("file", file_field(tr("证据文件（可不选）")))

    return ActDialog(
        page,
        tr("报告侵权线索：{title}").format(title=work.title),
        tr("线索只表示疑似。记录后即可网页取证，取得的内容立即求散列写入账本。"),
        accept=tr("记录线索"),
        run=lambda values, *, ctx: service.rights.report_infringement(
            work.id, kept_evidence(service, values), act.part
        ),
        said=tr("已记录线索，请取证"),
        collect=lambda: _with_file(form),
        signer=_signer(page, act),
        form=form,
        done=lambda result: page.context.go(f"copyright/cases/{result.value['id']}"),
        job=Text("侵权线索 {t}", "Suspected infringement of {t}", t=work.title),
    )


def _with_file(form: Form) -> dict[str, Any]:
    """What is filled in, the evidence file as a path."""
    found = {key: value for key, value in form.values().items() if value}
    return found | ({"file": path_of(form.fields["file"])} if form["file"] else {})


def kept_evidence(service: CopyrightService, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the evidence file of a form in the content store, and say of it what the contract takes."""
    given = {key: value for key, value in values.items() if key != "file"}
    if "file" not in values:
        return given
    path = values["file"]
    with path.open("rb") as file:
        cid = service.content.add(file, name=path.name[:200])
    return given | {"evidence": [{"kind": "file", "cid": cid, "sha256": digest_of(path)}]}


def _revoke(page: CopyrightPage, act: OpenAct, work: Work) -> ActDialog:
    service = page.service
    assert service is not None
    form = Form(1)
    form.add("reason", area_field(tr("原因"), rows=3, required=True))
    form.add("name", text_field(tr("请输入“{name}”以确认").format(name=work.title), required=True))

    def collect() -> dict[str, Any]:
        if form["name"] != work.title:
            raise Invalid(form.fields["name"], tr("与作品名称不同"))
        return {"reason": form["reason"]}

    return ActDialog(
        page,
        tr("撤销存证：{title}").format(title=work.title),
        tr("撤销后这件作品不能再登记、许可或转让；账本上的历史和内容库中的文件仍在。"),
        accept=tr("撤销存证"),
        run=lambda values, *, ctx: service.rights.revoke_deposit(work.id, values["reason"], act.part),
        said=tr("已撤销存证"),
        collect=collect,
        signer=_signer(page, act),
        form=form,
        danger=True,
        job=Text("撤销存证 {t}", "Withdraw {t}", t=work.title),
    )


_DIALOGS: dict[str, Callable[[CopyrightPage, OpenAct, Work], ActDialog]] = {
    "request_change": _change,
    "open_dispute": _dispute,
    "report_infringement": _infringement,
    "revoke_deposit": _revoke,
}
