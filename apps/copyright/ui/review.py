"""A registrar's inspector: the case, its log, and the step that comes next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from apps.copyright import permissions
from apps.copyright.model import Registration, Work
from apps.copyright.office_words import REGISTRATION, due_of
from apps.copyright.ui.compare import method_words
from apps.copyright.ui.comparing import comparison
from apps.copyright.ui.matter_parts import save_paper
from apps.copyright.ui.matter_words import day_words
from apps.copyright.ui.terms import label, state_words, term, tr
from apps.kit.service import OpenAct
from chaincode.copyright import kinds
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import act_buttons, dialog_of
from console.appkit.panel import log
from console.i18n.formats import short_hash
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, Label
from console.widgets.facts import Facts, Section
from console.widgets.signing import deliberate, signs
from console.widgets.states import Note
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


@dataclass(frozen=True)
class Case:
    """A case with its work."""

    registration: Registration
    work: Work

    @property
    def due(self) -> str:
        """The deadline that counts in this state, as an ISO date."""
        return due_of(dict(self.registration.record))


def case_panel(page: CopyrightPage, case: Case) -> Inspected:
    """Return the panel of a case."""
    registration, work = case.registration, case.work
    words, sign = state_words(registration.state)
    tone = sign if sign in {"ok", "warn", "bad"} else "text2"
    panel = Inspected(work.title, registration.id, Chip(words, tone, STATE_ICONS[sign][0]))
    record, kit = dict(registration.record), page.kit
    kit.know([record])
    steps = act_buttons(page, record, kit.open_acts(record, dict(work.record)))
    if steps:
        section = Section(tr("接下来"))
        section.text(_advice(registration.state), tone="text2")
        for button in steps:
            section.add(button)
        panel.add(section)
    panel.add(_application(page, case, panel))
    told = None if record.get("comparison") else _alike(page, case)
    for part in (comparison(page, record), told, _proofs(page, case, panel), _statement(case)):
        if part is not None:
            panel.add(part)
    panel.add(log(page, REGISTRATION, record))
    go = Button(tr("打开作品"), lambda: page.context.go(f"copyright/work/{work.id}"), icon="arrow")
    panel.add(Section().add(panel.buttons(go)))
    return panel


def _application(page: CopyrightPage, case: Case, panel: Inspected) -> Section:
    registration, work, record = case.registration, case.work, case.registration.record
    facts = Facts(76)
    facts.add(tr("类别"), term("categories", work.category))
    facts.add(tr("创作性质"), term("creation_kinds", work.creation_kind))
    facts.add(label(kinds.Registration.attribution), term("attributions", str(record.get("attribution", ""))))
    facts.add(label(kinds.Registration.acquisition), term("acquisitions", str(record.get("acquisition", ""))))
    facts.add(
        label(kinds.Registration.owners), tr("、").join(str(o.get("name", "")) for o in record.get("owners", ())) or "—"
    )
    for name, title in (
        ("verification", tr("核查期限")),
        ("correction", tr("补正期限")),
        ("examination", tr("审查期限")),
    ):
        if registration.deadlines.get(name):
            facts.add(title, day_words(str(registration.deadlines[name])))
    section = Section(tr("申请")).add(facts)
    if page.allows(permissions.REVIEW):
        documents = Button(tr("看权利人证件"), lambda: _documents(page, case), icon="lock", small=True)
        signs(documents, page.signs_as("registrar"))  # the look is noted on the ledger
        search = partial(page.context.go, f"copyright/search/work/{work.id}")
        section.add(panel.buttons(documents))
        section.add(panel.buttons(Button(tr("查相近作品"), search, icon="search", small=True)))
    return section


def _alike(page: CopyrightPage, case: Case) -> Section | None:
    """Works that looked alike when the application was made, and what the applicant said of them."""
    found = case.registration.record.get("similar", ())
    if not found:
        return None
    section = Section(label(kinds.Registration.similar), tr("共 {n} 件").format(n=len(found)))
    for one in found:
        go = partial(page.context.go, f"copyright/work/{one['work_id']}")
        button = Button(str(one["work_id"]), go, kind="link", small=True)
        section.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        method, _, score = str(one["method"]).partition(" ")
        section.add(Label(f"{method_words(method)} {score}", "caption", "text2"))
    if found[0].get("relation"):
        section.text(str(found[0]["relation"]))
    return section


def _proofs(page: CopyrightPage, case: Case, panel: Inspected) -> Section | None:
    proofs = case.registration.record.get("proofs", ())
    if not proofs:
        return None
    section = Section(label(kinds.Registration.proofs), tr("共 {n} 件").format(n=len(proofs)))
    for one in proofs:
        section.text(str(one["kind"]), tone="text2")
        digest = str(one["sha256"])
        section.add(HashLabel(digest, short_hash(digest, 8), what="SHA-256"))
        save = partial(save_paper, page, case.registration.id, str(one["cid"]))
        section.add(panel.buttons(Button(tr("取出文件…"), save, icon="download", small=True)))
    return section


def _statement(case: Case) -> Section | None:
    statement = case.registration.record.get("statement", {})
    if not statement:
        return None
    section = Section(label(kinds.Registration.statement))
    for key, title in (("purpose", tr("目的")), ("process", tr("过程")), ("originality", tr("独创性"))):
        section.add(Label(title, "caption", "text2"))
        section.text(str(statement.get(key, "")))
    return section


class DocumentsPanel(Inspected):
    """Owners' identity documents, read once with one trace; `case` is the registration they belong to."""

    def __init__(self, case: Case) -> None:
        super().__init__(tr("权利人证件"), case.work.title)
        self.case = case.registration.id


def show_case(page: CopyrightPage, case: Case) -> None:
    """Show a case in the inspector.

    Documents that are being read stay: reading them wrote a trace, so the lists behind are read again just then.
    """
    shown = page.inspected
    if isinstance(shown, DocumentsPanel) and shown.case == case.registration.id:
        return
    page.inspect(case_panel(page, case))


def _documents(page: CopyrightPage, case: Case) -> None:
    """Show the owners' identity documents out of the office's private collection; the look is noted on the ledger."""
    service = page.service
    if not deliberate(page, page.signs_as("registrar")):
        return

    def show(found: dict[str, Any]) -> None:
        panel = DocumentsPanel(case)
        panel.add(Section().add(Note(tr("只在登记机构的私有集合中，请勿外传。"), "warn")))
        for one in found["owners"]:
            facts = Facts(76)
            facts.add(label(kinds.Registration.owners), str(one["name"]))
            facts.add(tr("主体类型"), term("owner_kinds", str(one["kind"])))
            facts.add(tr("证件类型"), term("documents", str(one["document_type"])))
            facts.add(tr("证件号码"), str(one["document_number"]), mono=True)
            facts.add(tr("身份"), str(one["party"]))
            section = Section().add(facts)
            for other in found.get("same", ()):
                if other["of"] == one["party"]:
                    words = tr("同一证件号码曾以“{n}”（{p}）提交，见作品 {w}。请核实身份。")
                    works = tr("、").join(other["works"][:3])
                    section.add(Note(words.format(n=other["name"], p=other["party"], w=works), "warn"))
            panel.add(section)
        back = Button(tr("返回案件"), lambda: page.inspect(case_panel(page, case)), icon="left")
        panel.add(Section().add(panel.buttons(back)))
        page.inspect(panel)

    page.read(lambda: service.owner_documents(case.work.id), show)


def _advice(state: str) -> str:
    return {
        "SUBMITTED": tr("先核查材料是否齐全。"),
        "VERIFYING": tr("材料齐全则受理；不齐则要求补正，并写明原因。"),
        "CORRECTION": tr("等待申请人补正。"),
        "ACCEPTED": tr("开始审查，30 个工作日内完成。"),
        "EXAMINING": tr("先全网查重，对查到的每件作品写明意见，再作初审决定。"),
        "EXAMINED": tr("由初审人以外的登记员复审。"),
        "APPROVED": tr("发证：编号、制作并签署 PDF，散列写入账本。"),
        "CERTIFIED": tr("公告后登记完成。"),
    }.get(state, "")


def approve(page: CopyrightPage, one: OpenAct, record: Record) -> ActDialog:
    """Approve a change; the certificate that it outdates is made anew at once."""
    service, kit = page.service, page.kit

    def run(given: dict[str, Any], ctx: Any) -> Any:
        done = kit.do(one.act, given, on=str(record["id"]), signer=one.signer)
        if case := service.outdated(str(record["work_id"])):
            ctx.step("certificate", Text("制作新证书", "Make the new certificate"))
            service.certify(case, ctx=ctx)
        return done

    return dialog_of(page, page.kit, one, record, run=run)


def certify(page: CopyrightPage, one: OpenAct, record: Record) -> ActDialog:
    """Issue the certificate: number, signed PDF, its hash on the ledger."""
    service, case_id = page.service, str(record["id"])
    return dialog_of(page, page.kit, one, record, run=lambda given, ctx: service.certify(case_id, ctx=ctx))
