"""Applying for registration: what the office needs beyond the deposit; identity documents go to it privately."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apps.copyright.ui.words import terms, tr
from console.widgets.card import Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, area_field, choice_field, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.ui.page import CopyrightPage


class ApplyDialog(Dialog):
    """The form of 作品自愿登记, for a work with one owner."""

    def __init__(self, page: CopyrightPage, work: Work) -> None:
        super().__init__(
            page,
            tr("申请登记：{title}").format(title=work.title),
            tr("登记机构受理后 30 个工作日内审查。"),
            accept=tr("提交申请"),
            width=640,
        )
        self._page, self._work = page, work
        self.form = Form(2)
        form = self.form
        form.add("name", text_field(tr("著作权人"), required=True))
        form.add("owner_kind", choice_field(tr("主体类型"), terms("owner_kinds")))
        form.add("document", choice_field(tr("证件类型"), terms("documents")))
        form.add("number", text_field(tr("证件号码"), required=True))
        form.add("attribution", choice_field(tr("权利归属方式"), _unproven("attributions")))
        form.add("acquisition", choice_field(tr("权利取得方式"), _unproven("acquisitions")))
        form.add("purpose", area_field(tr("创作目的"), rows=2, required=True), wide=True)
        form.add("process", area_field(tr("创作过程"), rows=2, required=True), wide=True)
        form.add("originality", area_field(tr("独创性说明"), rows=2, required=True), wide=True)
        authors = work.record.get("authors", ())
        if authors:
            form.fields["name"].set_value(str(authors[0].get("name", "")))
        scroll = Scroll()
        scroll.column.addWidget(form)
        scroll.setMinimumHeight(420)
        self.body.addWidget(scroll)
        self.body.addWidget(Note(tr("证件号码只存入登记机构的私有集合，账本上只有加盐散列。")))
        self.watch(form)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.submit)

    def submit(self) -> None:
        """Hand in the documents, then the application, as one job."""
        service, form, work = self._page.service, self.form, self._work
        if service is None:
            return
        party = work.owners[0][0]
        documents = [
            {
                "party": party,
                "name": form["name"],
                "kind": form["owner_kind"],
                "document_type": form["document"],
                "document_number": form["number"],
            }
        ]
        application = {
            "acquisition": form["acquisition"],
            "attribution": form["attribution"],
            "rights": "all",
            "statement": {key: form[key] for key in ("purpose", "process", "originality")},
            "owners": [{"party": party, "name": form["name"], "kind": form["owner_kind"]}],
        }

        def run(*, ctx: Any) -> Any:
            ctx.step("documents", Text("提交权利人证件（私有）", "Hand in the owners' documents privately"))
            service.put_owner_documents(work.id, documents)
            ctx.check_cancelled()
            ctx.step("apply", Text("提交登记申请", "Submit the application"))
            return service.apply(work.id, application)

        self.accept_button.setEnabled(False)

        def done(result: Any) -> None:
            self.done(1)
            self._page.context.notice(tr("登记申请已提交"))
            self._page.refresh()

        def failed(error: Any) -> None:
            self.accept_button.setEnabled(True)
            self.show_error(error)

        self._page.context.job(
            run,
            title=Text("申请登记 {t}", "Apply for {t}", t=work.title),
            network=self._page.context.network,
            done=done,
            failed=failed,
        )


class CorrectDialog(Dialog):
    """补正: what the office asked for, and the application's words to mend."""

    def __init__(self, page: CopyrightPage, work: Work, record: Mapping[str, Any]) -> None:
        due = str(record.get("deadlines", {}).get("correction", ""))
        super().__init__(
            page,
            tr("补正申请：{title}").format(title=work.title),
            tr("请在 {d} 前补正，逾期申请失效。").format(d=due),
            accept=tr("提交补正"),
            width=640,
        )
        self._page, self._work, self._record = page, work, record
        asked = [e for e in record.get("log", ()) if e.get("to") == "CORRECTION"]
        for reason in (asked[-1].get("reasons") or ()) if asked else ():
            self.body.addWidget(Note(str(reason), "warn"))
        self.form = Form(2)
        statement = record.get("statement", {})
        owner = (record.get("owners") or [{}])[0]
        self.form.add("name", text_field(tr("著作权人"), required=True), wide=True)
        self.form.fields["name"].set_value(str(owner.get("name", "")))
        for key, title in (("purpose", tr("创作目的")), ("process", tr("创作过程")), ("originality", tr("独创性说明"))):
            self.form.add(key, area_field(title, rows=3, required=True), wide=True)
            self.form.fields[key].set_value(str(statement.get(key, "")))
        self.body.addWidget(self.form)
        self.watch(self.form)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.submit)

    def submit(self) -> None:
        """Hand the corrected application in."""
        service, form, record = self._page.service, self.form, self._record
        if service is None:
            return
        owners = [dict(one) for one in record.get("owners", ())]
        if owners:
            owners[0]["name"] = form["name"]
        keys = ("acquisition", "attribution", "rights", "proofs", "similar")
        application = {key: record[key] for key in keys if record.get(key)}
        application |= {"owners": owners, "statement": {k: form[k] for k in ("purpose", "process", "originality")}}

        def run(*, ctx: Any) -> Any:
            ctx.step("correct", Text("提交补正", "Hand in the correction"))
            return service.correct(str(record["id"]), application)

        def done(result: Any) -> None:
            self.done(1)
            self._page.context.notice(tr("补正已提交"))
            self._page.refresh()

        def failed(error: Any) -> None:
            self.accept_button.setEnabled(True)
            self.show_error(error)

        self.accept_button.setEnabled(False)
        self._page.context.job(
            run,
            title=Text("补正 {t}", "Correct {t}", t=self._work.title),
            network=self._page.context.network,
            done=done,
            failed=failed,
        )


def _unproven(table: str) -> list[tuple[str, str]]:
    """The choices that need no proof attached; the others need files, which the command line takes."""
    from chaincode.copyright.policy import load

    rows = load().data[table]
    return [(code, title) for code, title in terms(table) if not rows[code]["proof"]]


def ask_apply(page: CopyrightPage, work: Work) -> None:
    """Open the form."""
    ApplyDialog(page, work).exec()
