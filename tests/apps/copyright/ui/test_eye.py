"""What people see of works in the pages: thumbnails, gallery, both pictures with what they share, own tabs first."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from apps.copyright.fingerprints.pool import FingerprintPool
from tests.apps.copyright.ui.test_theft_pages import deposit, photograph


def deposited(office: Any, path: Path, title: str, **fields: str) -> Any:
    """A work deposited by clicks; what looks like it is said to be a version of the same."""
    view = deposit(office, path, title, **fields)
    if view.relation is not None:
        view.relation.buttons["independent"].click()
        view.form.fields["note"].set_value("测试")
    office.press_header("deposit")
    office.settle(30000)
    office.no_error()
    return office.page.work.facts.work


def row_of(view: Any, work_id: str) -> int:
    return next(at for at, line in enumerate(view.model.rows) if line.work.id == work_id)


def picture_in(view: Any, work_id: str) -> Any:
    from console.models.tables import CELL_ROLE

    return view.model.index(row_of(view, work_id), 0).data(CELL_ROLE).picture()


def test_thumbnails_come_from_a_worker_and_only_to_those_who_may_see(
    office: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    threads: set[str] = set()
    made = FingerprintPool.view

    def view_of(self: FingerprintPool, *given: Any) -> Any:
        threads.add(threading.current_thread().name)
        return made(self, *given)

    monkeypatch.setattr(FingerprintPool, "view", view_of)
    mine, other = (f"PublicMSP/{name}-{uuid.uuid4().hex[:6]}" for name in ("wang", "sun"))
    office.act_as(mine, "creator")
    work = deposited(office, photograph(tmp_path / "荷塘.jpg"), "荷塘")
    office.go("copyright/works")
    view = office.page.works
    view.table.choose(row_of(view, work.id))
    office.until(lambda: picture_in(view, work.id) is not None)
    assert not picture_in(view, work.id).isNull()
    assert threads and threading.main_thread().name not in threads

    office.act_as(other, "creator")
    office.go("copyright/works")
    view = office.page.works
    view.table.choose(row_of(view, work.id))
    office.until(lambda: picture_in(view, work.id) is not None)
    assert picture_in(view, work.id).isNull(), "the store holds it, and it is not theirs to see"


def test_the_gallery_shows_the_same_rows_and_opens_by_keyboard(office: Any, tmp_path: Path) -> None:
    work = deposited(office, photograph(tmp_path / "石桥.jpg"), "石桥")
    office.go("copyright/works")
    view = office.page.works
    view.look.choose("gallery")
    office.settle()
    assert view.gallery.isVisible() and not view.table.isVisible()
    assert view.gallery.model().rowCount() == len(view.model.rows)
    view.gallery.setCurrentIndex(view.model.index(row_of(view, work.id), 0))
    office.bot.keyClick(view.gallery, Qt.Key.Key_Return)
    office.settle()
    assert office.window.address == f"copyright/work/{work.id}"
    view.look.choose("list")


def test_a_crop_beside_the_whole_shows_which_part_it_is(office: Any, tmp_path: Path) -> None:
    """The same picture of an own work: the part that the file shows is drawn in it, and both can be enlarged."""
    # The prints of such a crop lie 32 of 256 bits from the whole's; of one chance picture in twenty beyond the 56 that
    # count as alike, as the calibration says of some real ones.
    path = photograph(tmp_path / "长堤.jpg", seed=26)
    work = deposited(office, path, "长堤")
    part = tmp_path / "局部.jpg"
    image = Image.open(path)
    image.crop((0, 0, int(image.width * 0.9), int(image.height * 0.9))).save(part, quality=90)
    office.go("copyright/search")
    view = office.page.view("search")
    view.reset()
    view.take(part)
    office.settle(30000)
    assert view.found.first.id == work.id
    box = view.pair._right[1]._region
    assert box is not None and abs(box[2] - 0.9) < 0.04 and abs(box[3] - 0.9) < 0.04
    assert view.pair._left[1]._region is None and "框内" in view.pair.common.text()
    assert view.pair.larger.isVisible()
    shown: list[Any] = []

    def look(dialog: Any) -> None:
        from apps.copyright.ui.compare import SideBySide

        shown.append(dialog.findChild(SideBySide)._right[1]._region)
        dialog.accept()

    office.answer(look)
    view.pair.larger.click()
    office.until(lambda: shown)
    assert shown == [box]


def test_a_film_and_a_sound_show_what_is_in_them(office: Any) -> None:
    from apps.copyright.demo import samples
    from apps.copyright.ui.player import MediaCard, Outline, Stills

    for name, shown in (("四时.mp4", Stills), ("晨曲.wav", Outline)):
        work = deposited(office, samples() / name, Path(name).stem)
        office.go(f"copyright/work/{work.id}")
        card = office.page.work.findChild(MediaCard)
        office.until(lambda card=card: card.seen_as is not None)
        assert isinstance(card.seen_as, shown)
        assert card.play.isEnabled()


@pytest.mark.parametrize(
    ("label", "role", "first"),
    [
        ("CopyrightMSP", "registrar", "queue"),
        ("PublicMSP", "creator", "works"),
        ("HospitalMSP", "licensee", "inbox"),
        ("CopyrightMSP", "auditor", "works"),
    ],
)
def test_a_role_sees_its_own_tabs_first(office: Any, label: str, role: str, first: str) -> None:
    office.act_as(f"{label}/first-{role}", role)
    office.go("copyright")
    assert office.page.tabs[0][0] == office.page.tab == first
    office.go("copyright/works")
    assert office.page.tab == "works"
