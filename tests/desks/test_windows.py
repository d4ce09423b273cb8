"""The main jobs in each person's own window, on a workspace of their own: come in, deposit, apply, license, book."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from baas.platform import Platform
from console.widgets.forms import DropZone, Form
from fabric_sdk import clock
from tests.apps.copyright.ui.conftest import Office as Hands
from tests.console.conftest import IGNORED, close_desk, open_desk
from tests.desks.conftest import Office
from tests.people import card

pytestmark = [pytest.mark.slow, pytest.mark.gui, pytest.mark.qt_log_ignore(IGNORED)]
NUMBER = "11010519491231002X"


class Window(Hands):
    """One person's window on their own workspace; `clicks` counts what the hand does with the mouse."""

    clicks = 0

    def hit(self, text: str, within: QWidget | None = None) -> None:
        self.clicks += 1
        self.press(text, within)

    def accept(self, dialog: Any) -> None:
        self.clicks += 1
        self.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]

    def drop(self, onto: QWidget, file: Path) -> None:
        """Drag a file from the desktop onto something of the window."""
        self.clicks += 1
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file))])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        over = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
        onto.dragEnterEvent(over)
        assert over.isAccepted()
        onto.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))

    def request(self, name: str, folder: Path) -> Path:
        """Ask for an identity, on the start page; the file to send."""

        def fill(dialog: Any) -> None:
            form = dialog.findChild(Form)
            form.fields["name"].set_value(name)
            form.fields["folder"].set_value(str(folder))
            self.accept(dialog)
            self.until(lambda: not dialog.isVisible())

        self.answer(fill)
        self.hit("申请身份…", self.page)
        self.settle()
        return folder / f"{name}-request.citychain"

    def entered(self, party: str, home: str) -> None:
        """Wait until this person is in, on the home of their role."""
        self.until(lambda: self.platform.session.actor.party == party, 60000)
        self.until(lambda: self.window.address.partition("/")[0] == home)
        self.settle(60000)
        self.no_error()


@pytest.fixture
def sit(qapp: QApplication, qtbot: Any, tmp_path: Path) -> Iterator[Callable[[str], Window]]:
    """An empty desk for somebody: a workspace of their own, and its window."""
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")
    made: list[tuple[Window, Platform]] = []

    def make(name: str) -> Window:
        platform = Platform.open(tmp_path / name / "workspace")
        desk = open_desk(qapp, qtbot, platform)
        desk.__class__ = Window
        made.append((desk, platform))  # type: ignore[arg-type]
        desk.go("overview")
        return desk  # type: ignore[return-value]

    yield make
    for desk, platform in made:
        close_desk(desk)
        platform.close()


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def text(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("".join(f"{uuid.uuid4().hex} 第 {n} 行\n" for n in range(20)), encoding="utf-8")
    return path


def deposit(desk: Window, file: Path) -> str:
    """Drop a file on the page and deposit it; its id."""
    desk.drop(desk.page, file)
    desk.until(lambda: desk.page.deposit.examined is not None)
    desk.settle()
    for key, value in (("kind", "original"), ("author", "王"), ("place", "东莞")):
        desk.page.deposit.form.fields[key].set_value(value)
    desk.clicks += 1
    desk.press_header("deposit")
    desk.until(lambda: desk.window.address.startswith("copyright/work/"), 60000)
    desk.settle(30000)
    desk.no_error()
    return str(desk.page.work.facts.work.id)


def test_from_an_empty_machine_to_the_first_own_deposit_in_five_clicks(
    sit: Callable[[str], Window], office: Office, tmp_path: Path
) -> None:
    name = unique("wang")
    work = text(tmp_path, "诗.txt")
    desk = sit(name)
    began = time.monotonic()
    request = desk.request(name, tmp_path)
    desk.drop(desk.window, office.answer(request, f"PublicMSP/{name}", "creator"))
    desk.entered(f"PublicMSP/{name}", "copyright")
    id = deposit(desk, work)
    assert desk.clicks <= 5
    assert time.monotonic() - began < 60
    assert desk.page.work.facts.work.owners == ((f"PublicMSP/{name}", 10_000),)
    assert id.startswith("CZ")


def test_a_work_is_applied_for_and_licensed_between_two_windows(
    sit: Callable[[str], Window], office: Office, tmp_path: Path
) -> None:
    owner, reader = unique("owner"), unique("reader")
    mine, theirs = sit(owner), sit(reader)
    # A double click on the file that came by mail; and the start page's card.
    entry = office.answer(mine.request(owner, tmp_path), f"PublicMSP/{owner}", "creator")
    mine.console.show_file(entry)
    mine.entered(f"PublicMSP/{owner}", "copyright")
    entry = office.answer(theirs.request(reader, tmp_path), f"PublicMSP/{reader}", "licensee")
    (zone,) = [one for one in theirs.page.findChildren(DropZone) if one.isVisible()]
    theirs.drop(zone, entry)
    theirs.entered(f"PublicMSP/{reader}", "copyright")
    assert mine.platform.workspace.folder != theirs.platform.workspace.folder

    work = deposit(mine, text(tmp_path, "小说.txt"))

    def apply(dialog: Any) -> None:
        dialog.form.fields["number"].set_value(NUMBER)
        for key in ("purpose", "process", "originality"):
            dialog.form.fields[key].set_value("样例说明")
        mine.fill()(dialog)

    mine.answer(apply)
    mine.press_header("apply")
    mine.settle(30000)
    mine.no_error()
    assert mine.page.service.work(work).registration

    party = f"PublicMSP/{reader}"
    mine.begin("licence.offer", work, mine.fill(licensee=party, kind="ordinary", territory="广东省 CN-GD"))
    mine.no_error()
    (offer,) = mine.page.service.dossier(work)["licences"]
    theirs.go("copyright/inbox")
    theirs.until(lambda: offer["id"] in {one["id"] for one in theirs.page.stack.currentWidget().table.rows.rows}, 30000)
    theirs.choose(offer["id"])
    theirs.do("接受许可", theirs.fill())
    theirs.no_error()
    assert mine.page.service.dossier(work)["licences"][0]["state"] == "ACTIVE"


def test_a_sealed_work_brings_the_offer_of_a_recovery_file(
    sit: Callable[[str], Window], office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, file = unique("sun"), tmp_path / "sun-recovery.citychain"
    monkeypatch.setattr("console.pages.identities.letters.save_file", lambda *a: str(file))
    desk = sit(name)
    desk.drop(desk.window, office.answer(desk.request(name, tmp_path), f"PublicMSP/{name}", "creator"))
    desk.entered(f"PublicMSP/{name}", "copyright")
    said: list[str] = []

    def offered(dialog: Any) -> None:
        said.append(dialog.windowTitle())
        desk.answer(lambda shown: (said.append(shown.windowTitle()), shown.accept()))
        desk.accept(dialog)

    desk.answer(offered)
    desk.go("copyright/new")
    desk.page.deposit.form.fields["encrypt"].set_value(True)
    deposit(desk, text(tmp_path, "秘密.txt"))
    desk.until(lambda: len(said) == 2, 30000)
    desk.settle()
    assert said == ["制作恢复文件？", "请写下恢复码"]
    assert file.exists() and not desk.platform.recovery.unsaved("city")


def test_a_nurse_books_in_her_own_window(sit: Callable[[str], Window], office: Office, tmp_path: Path) -> None:
    from apps.health_slots.samples import write_schedule
    from apps.health_slots.service import build_service

    name, hospital = unique("nurse"), f"H{uuid.uuid4().hex[:6].upper()}"
    service = build_service(office.platform, "city")
    service.set_up({hospital: "窗口医院"})
    service.rules.set_policy(hospital, {"release_mode": "after-commit", "release_delay_s": 0}, "demand")
    desk = sit(name)
    attributes = {"slots.role": "staff", "slots.hospital": "all"}
    request = desk.request(name, tmp_path)
    desk.drop(desk.window, office.answer(request, f"HospitalMSP/{name}", "hospital_staff", attributes=attributes))
    desk.entered(f"HospitalMSP/{name}", "health_slots")
    desk.go("health_slots/board")
    page = desk.page
    page.choose_hospital(hospital)
    desk.settle()
    file = write_schedule(tmp_path / "schedule.csv", clock.today() + dt.timedelta(days=1))

    def take(dialog: Any) -> None:
        dialog.take(file)
        desk.until(dialog.accept_button.isEnabled)
        desk.accept(dialog)

    desk.answer(take)
    desk.press_header("import")
    desk.settle(60000)
    desk.press_header("release")
    desk.settle(60000)
    desk.no_error()
    page.choose_tab("search")
    desk.settle()
    page.search.text.set_value("窗口医院")
    page.search.day_to.set_value((clock.today() + dt.timedelta(days=14)).isoformat())
    desk.until(lambda: page.search.model.rowCount() > 0 and page.context.tasks.idle)
    rows = page.search.model.rows
    at = next(i for i, one in enumerate(rows) if one.state == "free" and one.pool == "online")
    slot = rows[at].id
    page.search.table.choose(at)

    def enter(dialog: Any) -> None:
        for key, value in (
            ("name", "样例居民"),
            ("document", card(uuid.uuid4().int % 1_000_000)),
            ("phone", "00000090001"),
        ):
            dialog.form.fields[key].set_value(value)
        desk.accept(dialog)

    desk.answer(enter)
    desk.press("登记新居民", desk.window.inspector)
    desk.settle(30000)
    desk.press("预约", desk.window.inspector)
    desk.settle(30000)
    desk.no_error()
    (booked,) = page.service.index.appointments(slot=slot)
    assert booked.state == "booked"
