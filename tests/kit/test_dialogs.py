"""Every act's dialog of every application: who signs stands in it, a refusal stands at its field and keeps the form,
and offers the next step.

The dialogs are real; the ledger is somebody who refuses whatever is asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from apps.copyright.ui.apply import ApplyDialog
from apps.copyright.ui.work_panel import granting
from apps.kit.application import KitManifest
from apps.kit.files import holds_files
from apps.kit.refusals import next_step, pointed
from apps.kit.service import OpenAct
from baas.errors import LedgerError
from chaincode.copyright.kinds import Licence
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.appkit.editors import CodesBox
from console.signing import Signing
from console.widgets.forms import Field, Form, HasFields
from console.widgets.states import ErrorBanner
from fabric_sdk import kinds
from fabric_sdk.kinds import Act, Record, Who
from tests.kit.test_refusals import CASES, KITS, WORK, record_of

ME = "OfficeMSP/actor"
BY_HAND = {
    # Dialogs whose fields are a painted view, a file's rows or the search of a case: tried in their pages' own tests.
    "apps.copyright.ui.comparing:opine",
    "apps.traceability.ui.capture:dialog",
    "apps.traceability.ui.recalls:stop",
}

KEPT = {"registration.correct": {"acquisition", "attribution", "rights", "similar"}}
"""What a dialog by hand sends as it stood before, without a field for it."""


@pytest.fixture(scope="module", autouse=True)
def look(qapp: Any) -> None:
    """Theme and Chinese, as a window has them."""
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")


class Refusing:
    """A service whose ledger refuses everything with what it is told to."""

    def __init__(self, manifest: KitManifest) -> None:
        self.manifest, self.catalogue = manifest, manifest.catalogue
        self.error = ("WRONG_STATE", "it is over")
        self.debts: list[Any] = []

    def who(self, signer: str) -> Who:
        return Who(signer, frozenset(str(one.role) for one in self.manifest.people))

    def called(self, record: Record) -> str:
        return "样例"

    def words_of(self, one: OpenAct) -> Any:
        return one.words or self.catalogue.act(one.act)

    def work(self, work_id: str) -> Any:
        return SimpleNamespace(record=WORK)

    def strangers(self, act: Act, given: object) -> list[str]:
        return []

    def keep(self, path: object) -> str:
        return "bafkrei"

    def refuse(self) -> None:
        code, told = self.error
        words = self.manifest.refusal_words
        error = LedgerError(
            words.get(code, "refused"),
            code=code.lower(),
            details={"contract_code": code, "contract_message": told},
        )
        of = self.manifest
        raise pointed(error, of.field_titles(), of.field_reasons, of.next_steps, of.refused_at)


class Page(QWidget):
    """What a dialog asks of its page; jobs are done at once."""

    def __init__(self, service: Refusing) -> None:
        super().__init__()
        self.resize(1200, 900)
        self.kit = self.service = service
        self.banner = ErrorBanner()
        self.context = SimpleNamespace(network="city", notice=lambda *words: None, job=self._job)

    def _job(self, run: Callable[..., Any], *, failed: Callable[[Any], None], done: object, **_: object) -> Any:
        try:
            run(ctx=SimpleNamespace(step=lambda *words: None, check_cancelled=lambda: None))
        except LedgerError as error:
            failed(error)
        return SimpleNamespace(cancelled=SimpleNamespace(connect=lambda slot: None))

    def others(self, mine: str) -> list[str]:
        return ["OtherMSP/somebody"]

    def signs(self, party: str = "", roles: object = ()) -> Signing:
        return Signing("样例甲", "样例角色", "样例机构", party or ME)

    def signed_by(self, signer: str) -> Signing:
        return self.signs(signer)

    def place_of(self, record: Record) -> str:
        return ""

    def refresh(self) -> None: ...


@dataclass
class Tried:
    """A dialog that is open, with what it shows."""

    dialog: ActDialog
    service: Refusing

    def fill(self) -> None:
        """Something in every field; what it is does not matter, for the ledger is not asked."""
        self.dialog._collect = dict  # what a form says is tried where forms are
        self.dialog._run = lambda values, ctx: self.service.refuse()
        self.dialog.accept_button.setEnabled(True)

    def values(self) -> list[Any]:
        return [form.values() for form in self.dialog.findChildren(Form)] + [
            box.value for box in self.dialog.findChildren(CodesBox)
        ]

    def refuse(self, code: str, told: str) -> None:
        self.service.error = (code, told)
        self.dialog.accept_button.click()

    def at(self, place: str) -> Any:
        """The field that stands for a place of the ledger, None if the dialog shows none."""
        holders = [one for one in self.dialog.findChildren(QWidget) if isinstance(one, HasFields)]
        found = (one.field_at(place) for one in holders)
        return next((one for one in found if one is not None and one.isVisibleTo(self.dialog)), None)

    def marks(self) -> list[str]:
        places = (*self.dialog.findChildren(Field), *self.dialog.findChildren(CodesBox))
        return [one.error for one in places if one.error]


def acts(manifest: KitManifest) -> Iterator[tuple[Act, Any]]:
    """The acts that are asked for in a dialog, with the words of each of their buttons."""
    for act in manifest.catalogue.acts():
        words = manifest.catalogue.act(act)
        for one in (words, *words.more):
            if not one.at_once and one.dialog not in BY_HAND and (one.dialog or asked_by_a_form(act, one)):
                yield act, one


def asked_by_a_form(act: Act, words: Any) -> bool:
    """Whether the act is offered with a form: some are done by a page or a job of their own, which gather the data."""
    asked = [one for one in act.asks if one not in words.leave_out]
    return not any(isinstance(one, kinds.Items | kinds.Data) and not holds_files(one) for one in asked)


def subject(manifest: KitManifest, act: Act) -> Record:
    """The record on which a dialog is opened; {} where something is begun anew."""
    above = CASES[manifest.id].above
    on = Licence.id if act is Licence.sublicense else act.on  # a sublicence is opened on the licence that it comes from
    if act.begins or on in above:
        return above.get(on, {})
    kind = manifest.catalogue.kinds[on or act.kind.id]
    return record_of(kind, next(iter(kind.states)), above.get(kind.under))


def opened(qtbot: Any, manifest: KitManifest, act: Act, words: Any) -> Tried:
    service = Refusing(manifest)
    page = Page(service)
    qtbot.addWidget(page)
    record = subject(manifest, act)
    one = OpenAct(act, ME, words=words)
    if words.dialog:
        module, _, name = words.dialog.partition(":")
        dialog = getattr(importlib.import_module(module), name)(page, one, record)
    else:
        dialog = dialog_of(page, service, one, record)  # type: ignore[arg-type]
    return Tried(dialog, service)


@pytest.mark.parametrize("manifest", KITS, ids=lambda one: one.id)
def test_a_refusal_stands_at_its_field_and_keeps_the_form(qtbot: Any, manifest: KitManifest) -> None:
    found = list(acts(manifest))
    assert found
    for act, words in found:
        tried = opened(qtbot, manifest, act, words)
        dialog, name = tried.dialog, f"{act.id} ({words.button.zh})"
        dialog.show()
        told = [label.text() for label in dialog.findChildren(QLabel)]
        assert any("样例甲（样例角色 · 样例机构）" in text for text in told), f"{name}: nobody is named as the signer"
        tried.fill()
        before = tried.values()
        for asked in places(act, words.leave_out):
            tried.refuse("INVALID_FIELD", f"{asked}: is missing")
            assert tried.marks() == ["没有填写"], f"{name}: no field says that {asked} is refused"
            assert not dialog.banner.isVisible(), name
            assert dialog.isVisible() and tried.values() == before, f"{name}: the form stays, filled in as it was"
        for code in sorted({"WRONG_STATE", *(need.code for need in (*act.needs, *act.parent_needs))}):
            tried.refuse(code, "the record is another one")
            assert dialog.banner.isVisible() and dialog.isVisible() and tried.values() == before, name
            assert not tried.marks(), f"{name}: what was refused before still stands at its field"
            said = " ".join(label.text() for label in dialog.banner.findChildren(QLabel))
            assert "账本的说明：the record is another one" in said, f"{name}: the contract's own sentence is told"
            step = next_step(code, manifest.next_steps).zh
            assert step and step in said, f"{name}: what to do next"
        dialog.reject()


ELSEWHERE = {"copyright": {"DOCUMENTS_MISSING", "NO_LICENCE"}}
"""Refusals of forms that are no act's dialog: tried with those."""


@pytest.mark.parametrize("manifest", [one for one in KITS if one.refused_at], ids=lambda one: one.id)
def test_a_refusal_by_a_rule_stands_at_the_field_it_is_about(qtbot: Any, manifest: KitManifest) -> None:
    never = set(manifest.refused_at) - ELSEWHERE.get(manifest.id, set())
    for act, words in acts(manifest):
        tried = opened(qtbot, manifest, act, words)
        dialog = tried.dialog
        dialog.show()
        tried.fill()
        before = tried.values()
        for code, declared in manifest.refused_at.items():
            field = next((one for place in declared if (one := tried.at(place)) is not None), None)
            if field is None:
                continue
            never.discard(code)
            tried.refuse(code, "another one is nearer")
            name = f"{act.id} ({words.button.zh}) {code}"
            (shown,) = tried.marks()
            assert shown.startswith(manifest.refusal_words[code].zh), name
            assert next_step(code, manifest.next_steps).zh in shown, f"{name}: what to do next"
            assert "another one is nearer" in shown, f"{name}: the ledger's own sentence"
            assert not dialog.banner.isVisible() and dialog.isVisible() and tried.values() == before, name
            assert dialog.focusWidget() is field.editor, f"{name}: the field is not where one types"
        dialog.reject()
    assert not never, "declared for fields that no dialog has"


def test_copyrights_forms_that_are_no_acts_show_refusals_at_their_fields(qtbot: Any) -> None:
    manifest = next(one for one in KITS if one.id == "copyright")
    service = Refusing(manifest)
    service.owner_of = lambda record: ME  # type: ignore[attr-defined]
    page = Page(service)
    qtbot.addWidget(page)
    parties = (f"{ME}-2", ME)
    work: Any = SimpleNamespace(id=WORK["id"], title="样例", record=WORK, owners=[(one, 5_000) for one in parties])
    cases = {
        ApplyDialog(page, work): {  # type: ignore[arg-type]
            ("DOCUMENTS_MISSING", "hand in the owners' identity documents first"): f"number_{parties[0]}",
            ("INVALID_FIELD", "owners[1].document_number: is given for two owners"): f"number_{parties[1]}",
            ("INVALID_FIELD", "owners[1].name: is missing"): f"name_{parties[1]}",
            ("INVALID_FIELD", "statement.originality: is missing"): "originality",
            ("PROOF_MISSING", "acquisition: inheritance needs the proof inheritance"): "acquisition",
            ("WRONG_STATE", "registration X is VERIFYING; its documents are fixed"): "",
            ("NOT_SOLE_OWNER", "all owners must do this"): "",
        },
        granting(page, work, [ME]): {  # type: ignore[arg-type]
            ("NO_LICENCE", "X neither owns the work nor has a licence in force"): "licensee",
            ("NOT_ENCRYPTED", "the work is not encrypted"): "",
        },
    }
    for dialog, refusals in cases.items():
        dialog.show()
        tried = Tried(dialog, service)
        tried.fill()
        before = tried.values()
        for (code, told), name in refusals.items():
            tried.refuse(code, told)
            shown = [key for key, field in dialog.form.fields.items() if field.error] if dialog.form else []
            assert shown == ([name] if name else []), (code, told)
            assert dialog.banner.isVisible() == (not name) and tried.values() == before
        dialog.reject()


def test_a_refusal_below_is_scrolled_to_and_has_its_room(qtbot: Any) -> None:
    manifest = next(one for one in KITS if one.id == "copyright")
    tried = opened(qtbot, manifest, Licence.offer, manifest.catalogue.act(Licence.offer))
    dialog, form = tried.dialog, tried.dialog.form
    assert form is not None
    dialog.setFixedHeight(420)
    dialog.show()
    tried.fill()
    for place in ("contract_sha256", "licensee", "rights"):
        tried.refuse("INVALID_FIELD", f"{place}: is missing")
        field = tried.at(place)
        (scroll,) = [one for one in dialog.findChildren(QScrollArea) if one.isAncestorOf(field)]
        where = scroll.viewport()

        def whole(field: Any = field, where: QWidget = where) -> bool:
            return where.rect().contains(QRect(field.mapTo(where, QPoint(0, 0)), field.size()))

        qtbot.waitUntil(whole, timeout=9000)
    dialog.reject()


def places(act: Act, left_out: tuple[Any, ...]) -> Iterator[str]:
    """What the ledger may call what an act's form asks for."""
    for one in act.asks:
        if isinstance(one, kinds.Sealed):
            yield from (f"{one.name}.{name}" for name in one.fields)
        elif one not in left_out and one.name not in KEPT.get(act.id, ()):
            yield one.name
