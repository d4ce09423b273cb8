"""The copyright pages in a window on the shared city, with people of several organisations who take turns at it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt

from console.widgets.forms import Field
from tests.apps.copyright.office import pass_examination
from tests.console.conftest import IGNORED, Desk, Seat

HERE = "tests/apps/copyright/ui"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These drive widgets of one window on one network."""
    for item in items:
        if HERE in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.gui)
            item.add_marker(pytest.mark.qt_log_ignore(IGNORED))


def refusal(dialog: Any) -> str:
    """What a dialog says of its act's refusal, above its form or at a field."""
    fields = [one.error for one in dialog.findChildren(Field) if one.error]
    return str(dialog.banner.message.text()) if dialog.banner.isVisible() else "".join(fields)


class Office(Desk):
    """A desk with what people do here again and again."""

    @property
    def page(self) -> Any:
        return self.window.page

    @property
    def panel(self) -> Any:
        return self.window.inspector

    def act_as(self, label: str, roles: str = "") -> None:
        """Somebody else sits down; `roles` makes the identity if need be. "" is the workspace's owner."""
        from baas.session import OWNER_ACTOR

        platform = self.platform
        if not label:
            platform.session.act_as(OWNER_ACTOR)
        else:
            if roles:
                platform.session.act_as(OWNER_ACTOR)
                msp_id, _, name = label.partition("/")
                platform.identities.ensure(msp_id, name, roles, network=self.window.context.network)
            platform.act_as(label)
        self.settle()

    def fill(self, **values: Any) -> Callable[[Any], None]:
        """An answer to an act's dialog: fill in the fields named, press its button, wait until it is done."""

        def answer(dialog: Any) -> None:
            for key, value in values.items():
                field = dialog.form.fields[key]
                if hasattr(field.editor, "isEditable") and field.editor.isEditable():
                    field.editor.setEditText(str(value))
                else:
                    field.set_value(value)
            assert dialog.accept_button.isEnabled(), dialog.reason.text()
            self.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
            self.until(lambda: not dialog.isVisible() or refusal(dialog))
            assert not dialog.isVisible(), refusal(dialog)

        return answer

    def refused(self, said: list[str], **values: Any) -> Callable[[Any], None]:
        """An answer to a dialog whose act the ledger refuses: keeps the sentence and closes."""

        def answer(dialog: Any) -> None:
            for key, value in values.items():
                field = dialog.form.fields[key]
                if hasattr(field.editor, "isEditable") and field.editor.isEditable():
                    field.editor.setEditText(str(value))
                else:
                    field.set_value(value)
            self.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
            self.until(lambda: refusal(dialog))
            said.append(refusal(dialog))
            dialog.reject()

        return answer

    def begin(self, name: str, work_id: str, how: Callable[[Any], None]) -> None:
        """Begin something on a work from its header: its main button, or the entry of its menu."""
        from apps.copyright.manifest import MANIFEST
        from console.appkit.acting import button_words

        self.go(f"copyright/work/{work_id}")
        self.answer(how)
        if name in self.window.header.buttons:
            self.press_header(name)
        else:
            entries = {text: run for action in self.page.header_actions for text, run in action.menu}
            words = {act.id: button_words(MANIFEST.catalogue.act(act)) for act in MANIFEST.catalogue.acts()}
            entries[words.get(name, name)]()
        self.settle(30000)

    def do(self, words: str, how: Callable[[Any], None]) -> None:
        """Press a button of the inspector and answer its dialog."""
        self.answer(how)
        self.press(words, self.panel)
        self.settle(30000)

    def choose(self, record_id: str) -> None:
        """Choose a record in the list that is shown."""
        table = self.page.stack.currentWidget().table
        rows = [at for at, one in enumerate(table.rows.rows) if one["id"] == record_id]
        assert rows, f"{record_id} is not among {[one['id'] for one in table.rows.rows]}"
        table.choose(-1 if table.currentIndex().row() == rows[0] else rows[0])
        table.choose(rows[0])
        self.settle()

    def said(self) -> str:
        """Everything that the inspector says."""
        from console.widgets.basic import Label

        return " ".join(label.text() for label in self.panel.findChildren(Label) if label.isVisible())


@pytest.fixture
def office(seat: Seat, qtbot: Any) -> Iterator[Office]:
    """The shared window, with the workspace's owner at it."""
    office_window = seat.take(Office, qtbot)
    if office_window.platform.session.actor.label != "owner":
        office_window.act_as("")
    yield office_window
    office_window.stop_answering()
    office_window.act_as("")


@pytest.fixture
def fresh_text(tmp_path: Path) -> Callable[..., Path]:
    """Makes a text of its own."""

    def make(name: str = "作品.txt", folder: Path | None = None) -> Path:
        path = (folder or tmp_path) / name
        path.write_text("".join(f"{uuid.uuid4().hex} 第 {n} 行\n" for n in range(12)), encoding="utf-8")
        return path

    return make


@pytest.fixture
def deposited(city: Any, fresh_text: Callable[..., Path]) -> Callable[..., Any]:
    """Deposits a work through the services and gives it back; `accepted` and `registered` take it into the office."""
    from apps.copyright.model import WorkForm
    from apps.copyright.service import CopyrightService

    def make(title: str, *, accepted: bool = False, registered: bool = False, encrypt: bool = False) -> Any:
        form = WorkForm(title=title, authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
        with CopyrightService(city.platform, city.network) as service:
            work = service.deposit(fresh_text(f"{uuid.uuid4().hex}.txt"), form, encrypt=encrypt).work
            if accepted or registered:
                party = service.ledger.party("creator")
                person = {"party": party, "name": "样例甲", "kind": "natural"}
                documents = person | {"document_type": "resident_id", "document_number": "11010519491231002X"}
                service.put_owner_documents(work.id, [documents])
                statement = {"purpose": "记录", "process": "写作", "originality": "文字"}
                application = {"acquisition": "original", "attribution": "individual", "rights": "all"}
                case = service.apply(work.id, application | {"statement": statement, "owners": [person]}).value
                for step in ("verify", "accept"):
                    service.review(case.id, step)
            if registered:
                service.review(case.id, "examine")
                pass_examination(service, case.id)
                service.review(case.id, "issue")
            return service.work(work.id)

    return make


@pytest.fixture
def ledger(city: Any) -> Iterator[Any]:
    """The contract as an auditor reads it."""
    from apps.copyright.service import CopyrightService

    with CopyrightService(city.platform, city.network) as service:
        yield service
