"""Applying for registration, and correcting what was applied: identity documents go to the office privately."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QWidget

from apps.copyright.ui.entry_fields import WIDE, EntryFields
from apps.copyright.ui.matter_words import day_words, party_name, share_words
from apps.copyright.ui.terms import label, term, terms, tr
from apps.kit.service import OpenAct
from chaincode.copyright.kinds import Registration
from console.appkit.act_dialog import ActDialog
from console.appkit.editors import CodesBox, Invalid, file_field, path_of
from console.widgets.basic import vbox
from console.widgets.forms import Field, Form, area_field, choice_field, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage

MOST_SEARCHED = 100 << 20
STATEMENT = ("purpose", "process", "originality")
ENTRIES = ("title", "category", "authors", "completed", "published", "note")


def _statement_fields(form: Form, statement: Mapping[str, Any], rows: int) -> None:
    form.places["statement"] = STATEMENT[0]
    titles = (tr("创作目的"), tr("创作过程"), tr("独创性说明"))
    for key, title in zip(STATEMENT, titles, strict=True):
        form.add(key, area_field(title, rows=rows, required=True), wide=True)
        form.fields[key].set_value(str(statement.get(key, "")))


def _table(name: str) -> Mapping[str, Any]:
    from chaincode.copyright.policy import load

    rows: Mapping[str, Any] = load().data[name]
    return rows


def alike_of(service: CopyrightService, work: Work, ctx: Any) -> list[dict[str, str]]:
    """Earlier works that look alike (疑似), as the application names them for the office; none for sealed works.

    Large files are left to the office: it can search any time.
    """
    if work.encrypted or work.size > MOST_SEARCHED:
        return []
    with tempfile.TemporaryDirectory(prefix="citychain-apply-") as folder:
        path = Path(folder) / "work"
        with path.open("wb") as file:
            for piece in service.read_content(work):
                ctx.check_cancelled()
                file.write(piece)
        ctx.step("compare", Text("与已有作品比对", "Compare with earlier works"))
        found = service.similar(path)
    note = str(work.record.get("note", ""))[:1000]
    best: dict[str, dict[str, str]] = {}
    for one in found:
        if one.work_id != work.id and one.work_id not in best:
            method = f"{one.method} {one.score:.0%}"[:64]
            best[one.work_id] = {"work_id": one.work_id, "method": method, "relation": note}
    return list(best.values())[:20]


class OwnerFields:
    """One owner's name, kind and identity document; the documents offered are those of the kind."""

    def __init__(self, form: Form, at: int, party: str, share: int, *, several: bool, name: str) -> None:
        """`at` is where the ledger lists this owner among the application's."""
        self.party = party
        tail = f"_{party}" if several else ""
        who = tr("著作权人")
        if several:
            who = tr("著作权人 {p}（{s}）").format(p=party_name(party), s=share_words(share))
        self._name = form.add(f"name{tail}", text_field(who, required=True))
        self._kind = form.add(f"owner_kind{tail}", choice_field(tr("主体类型"), terms("owner_kinds")))
        self._document = form.add(f"document{tail}", choice_field(tr("证件类型"), terms("documents")))
        self._number = form.add(f"number{tail}", text_field(tr("证件号码"), required=True))
        for place in ("owners", f"owners[{at}].name"):
            form.places.setdefault(place, f"name{tail}")
        form.places |= {f"owners[{at}].kind": f"owner_kind{tail}", f"owners[{at}].document_type": f"document{tail}"}
        form.places.setdefault("document_number", f"number{tail}")
        form.places[f"owners[{at}].document_number"] = f"number{tail}"
        self._name.set_value(name)
        self._kind.edited.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        """Offer the documents that this kind of owner may have."""
        editor = self._document.editor
        if not isinstance(editor, QComboBox):
            return
        chosen, allowed = self._document.value, _table("owner_kinds")[self._kind.value]["documents"]
        editor.clear()
        for code, title in terms("documents"):
            if code in allowed:
                editor.addItem(title, code)
        self._document.set_value(chosen)

    def read(self) -> dict[str, str]:
        """The document as the office takes it; `Invalid` for a number that cannot be."""
        from chaincode.copyright.numbers import resident_id, social_credit_code

        number = str(self._number.value).upper()
        document = self._document.value
        if document == "resident_id" and not resident_id(number):
            raise Invalid(self._number, tr("不是有效的居民身份证号码"))
        if document == "uscc" and not social_credit_code(number):
            raise Invalid(self._number, tr("不是有效的统一社会信用代码"))
        return {
            "party": self.party,
            "name": self._name.value,
            "kind": self._kind.value,
            "document_type": document,
            "document_number": number,
        }


class ApplyDialog(ActDialog):
    """The form of 作品自愿登记: owners with their documents, how the right came about, rights, statement, proofs."""

    def __init__(self, page: CopyrightPage, work: Work) -> None:
        service = page.service
        form = Form(2)
        authors = work.record.get("authors", ())
        name = str(authors[0].get("name", "")) if authors else ""
        several = len(work.owners) > 1
        self._owners = [
            OwnerFields(form, at, party, share, several=several, name=name if not several else "")
            for at, (party, share) in enumerate(work.owners)
        ]
        form.add("attribution", choice_field(tr("权利归属方式"), terms("attributions")))
        form.add("acquisition", choice_field(tr("权利取得方式"), terms("acquisitions")))
        self._proofs = {
            "attribution": form.add("attribution_proof", file_field(tr("归属证明")), wide=True),
            "acquisition": form.add("acquisition_proof", file_field(tr("取得证明")), wide=True),
        }
        form.places["proofs"] = "attribution_proof"
        _statement_fields(form, {}, 2)
        self.rights = CodesBox(label(Registration.rights), tr("全部财产权"), terms("rights"))
        extra = QWidget()
        column = vbox(extra, spacing=10)
        column.addWidget(self.rights)
        column.addWidget(Note(tr("证件号码只存入登记机构的私有集合，账本上只有加盐散列。")))
        work_id = work.id

        def run(values: Mapping[str, Any], *, ctx: Any) -> Any:
            ctx.step("documents", Text("提交权利人证件（私有）", "Hand in the owners' documents privately"))
            service.put_owner_documents(work_id, values["documents"])
            ctx.check_cancelled()
            ctx.step("apply", Text("提交登记申请", "Submit the application"))
            proofs = service.store_proofs(values["proofs"])
            similar = alike_of(service, work, ctx)
            given = values["application"] | ({"proofs": proofs} if proofs else {})
            return service.apply(work_id, given | ({"similar": similar} if similar else {}))

        super().__init__(
            page,
            tr("申请登记：{title}").format(title=work.title),
            tr("登记机构受理后 30 个工作日内审查。"),
            accept=tr("提交申请"),
            run=run,
            said=tr("登记申请已提交"),
            collect=self._read,
            signs=page.signed_by(page.kit.owner_of(dict(work.record))),
            form=form,
            extra=extra,
            width=680,
            job=Text("申请登记 {t}", "Apply for {t}", t=work.title),
        )
        for key in self._proofs:
            form.fields[key].edited.connect(self._show_proofs)
        self._show_proofs()

    def _wanted(self, key: str) -> str:
        """The proof that the chosen attribution or acquisition needs, "" for none."""
        assert self.form is not None
        return str(_table(f"{key}s")[self.form[key]]["proof"])

    def _show_proofs(self) -> None:
        for key, field in self._proofs.items():
            field.setVisible(bool(self._wanted(key)))

    def _read(self) -> dict[str, Any]:
        form = self.form
        assert form is not None
        documents = [owner.read() for owner in self._owners]
        wanted = {key: self._wanted(key) for key in self._proofs}
        proofs = [f"{kind}={self._file(self._proofs[key])}" for key, kind in wanted.items() if kind]
        if not self.rights.value:
            raise Invalid(self.rights, tr("请至少选择一项权利"))
        application = {
            "acquisition": form["acquisition"],
            "attribution": form["attribution"],
            "rights": self.rights.value,
            "statement": {key: form[key] for key in STATEMENT},
            "owners": [{key: one[key] for key in ("party", "name", "kind")} for one in documents],
        }
        return {"documents": documents, "proofs": proofs, "application": application}

    def _file(self, field: Field) -> str:
        if not field.value:
            raise Invalid(field, tr("需要附上证明文件"))
        return str(path_of(field))


class CorrectDialog(ActDialog):
    """补正: what the office asked for, and the application's words to mend."""

    def __init__(self, page: CopyrightPage, one: OpenAct, record: Mapping[str, Any]) -> None:
        kit, title = page.kit, page.kit.called(dict(record))
        due = str(record.get("deadlines", {}).get("correction", ""))
        asked = [e for e in record.get("log", ()) if e.get("to") == "CORRECTION"]
        extra = QWidget()
        column = vbox(extra, spacing=8)
        for reason in (asked[-1].get("reasons") or ()) if asked else ():
            column.addWidget(Note(str(reason), "warn"))
        form = Form(2)
        owner = (record.get("owners") or [{}])[0]
        named = next((e["asked"] for e in reversed(asked) if e.get("asked")), None)
        self._asked = None if named in (None, ["all"]) else set(named)
        if self._asked:
            fields = "、".join(term("correctable", code) for code in sorted(self._asked))
            column.addWidget(Note(tr("登记机构要求更正：{f}。其他项目不能更改。").format(f=fields), "info"))
        if self._may("owners"):
            form.add("name", text_field(tr("著作权人"), required=True), wide=True)
            form.fields["name"].set_value(str(owner.get("name", "")))
        work = page.service.work(str(record["work_id"]))
        self._entries = EntryFields(work.record, filter(self._may, ENTRIES))
        for name, field in self._entries.fields.items():
            form.add(name, field, wide=name in WIDE)
        if self._may("statement"):
            _statement_fields(form, record.get("statement", {}), 3)
        if self._may("proofs"):
            form.add("proof", file_field(tr("补交的证明文件")), wide=True)
        form.places |= {"owners": "name", "proofs": "proof", "entries": "title"}
        form.add("explanation", area_field(tr("说明（未更改的项目须说明）"), rows=2), wide=True)
        self._record, self._service = record, page.service
        super().__init__(
            page,
            tr("补正申请：{title}").format(title=title),
            tr("请在 {d} 前补正，逾期申请失效。").format(d=day_words(due)),
            accept=tr("提交补正"),
            run=lambda application, *, ctx: kit.do(
                one.act, self._kept(application), on=str(record["id"]), signer=one.signer
            ),
            said=tr("补正已提交"),
            collect=self._read,
            signs=page.signed_by(one.signer),
            form=form,
            extra=extra,
            width=640,
            job=Text("补正 {t}", "Correct {t}", t=title),
        )

    def _read(self) -> dict[str, Any]:
        form, record = self.form, self._record
        assert form is not None
        owners = [dict(one) for one in record.get("owners", ())]
        if owners and self._may("owners"):
            owners[0]["name"] = form["name"]
        keys = ("acquisition", "attribution", "rights", "proofs", "similar")
        application = {key: record[key] for key in keys if record.get(key)}
        statement = {key: form[key] for key in STATEMENT} if self._may("statement") else dict(record["statement"])
        if self._may("proofs") and form["proof"]:
            application["proof_file"] = str(path_of(form.fields["proof"]))
        if entries := self._entries.changed(form):
            application["entries"] = entries
        if form["explanation"]:
            application["explanation"] = form["explanation"]
        return application | {"owners": owners, "statement": statement}

    def _may(self, name: str) -> bool:
        """Whether the office asked for a field; all of them where it named none."""
        return self._asked is None or name in self._asked

    def _kept(self, application: dict[str, Any]) -> dict[str, Any]:
        """The application with a further proof in the content store; for a job."""
        if path := application.pop("proof_file", ""):
            further = self._service.store_proofs([f"further={path}"])
            application["proofs"] = [*application.get("proofs", []), *further]
        return application


def ask_apply(page: CopyrightPage, work: Work) -> None:
    """Open the form."""
    ApplyDialog(page, work).exec()
