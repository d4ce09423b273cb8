"""The overview of whoever acts: their own queue first, with pictures; every number the badge's."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel, QPushButton

from baas.session import OWNER_ACTOR
from console.context import Context
from console.home import ROWS, HomeRow, HomeSection, home_of, read_home
from console.pages.overview.home import PICTURE, HomeCards
from console.tasks import Tasks
from network.errors import Unavailable
from network.text import Text


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 60), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def cards(qtbot: Any) -> HomeCards:
    context = Context(Tasks())
    context.allowed = lambda page: page == "copyright"
    made = HomeCards(context)
    qtbot.addWidget(made)
    return made


def test_rows_have_pictures_words_and_a_way(cards: HomeCards) -> None:
    went: list[str] = []
    cards._context.wanted.connect(went.append)
    row = HomeRow("山水 · 登记", "初审", "已超期", "bad", "copyright/inbox/R1", "copyright", jpeg())
    other = HomeRow("别处", "看不了", "", "none", "elsewhere/1", "copyright", b"no picture")
    cards.show_sections([HomeSection("待我办理", (row, other), 9, "", "copyright/inbox")])
    assert not cards.isHidden()
    pictures = [one for one in cards.findChildren(QLabel) if not one.pixmap().isNull()]
    assert [(one.width(), one.height()) for one in pictures] == [(PICTURE, PICTURE)]
    assert pictures[0].accessibleName() == "山水 · 登记"
    buttons = {one.accessibleName(): one for one in cards.findChildren(QPushButton)}
    assert set(buttons) == {"打开：山水 · 登记", "全部 9 项"}, "a way that leads nowhere is not offered"
    buttons["打开：山水 · 登记"].click()
    buttons["全部 9 项"].click()
    assert went == ["copyright/inbox/R1", "copyright/inbox"]


def test_nothing_to_do_is_said_and_nothing_at_all_is_hidden(cards: HomeCards) -> None:
    cards.show_sections([HomeSection("我的作品", (), 0, "还没有作品", "copyright/works")])
    assert any(one.text() == "还没有作品" for one in cards.findChildren(QLabel))
    cards.show_sections([])
    assert cards.isHidden()


def test_two_cards_stand_beside_each_other_where_there_is_room(cards: HomeCards, qtbot: Any) -> None:
    sections = [HomeSection(str(n), (), 0, "—", "") for n in range(3)]
    cards.resize(1300, 400)
    cards.show()
    cards.show_sections(sections)
    qtbot.waitUntil(lambda: cards.cards[0].y() == cards.cards[1].y() and cards.cards[1].x() > cards.cards[0].x())
    cards.resize(600, 900)
    qtbot.waitUntil(lambda: cards.cards[1].y() > cards.cards[0].y())


def test_one_application_that_fails_leaves_the_others(city: Any) -> None:
    from types import SimpleNamespace

    def fails(platform: Any, network: str) -> Any:
        raise Unavailable(Text("不在", "away"))

    found = [HomeSection("x", (), 0, "", "")]
    specs: list[Any] = [
        SimpleNamespace(id="a", home=fails),
        SimpleNamespace(id="b", home=None),
        SimpleNamespace(id="c", home=lambda platform, network: found),
    ]
    assert read_home(specs, city.platform, city.network) == found


@pytest.mark.parametrize("role", ["creator", "registrar", "licensee", "hospital_staff", "authority"])
def test_each_role_has_a_home_of_its_own(desk: Any, role: str) -> None:
    """Counts are those of the list behind them; nobody sees what they may not."""
    from apps.copyright.ui.home import home as copyright_home
    from apps.health_slots.ui.home import home as slots_home

    platform, network = desk.platform, desk.window.context.network
    spec = platform.networks.spec(network)
    people = {str(one.role): one for manifest in platform.applications.all() for one in getattr(manifest, "people", ())}
    msp_id = people[role].msp_of(spec) if role in people else spec.peer_msp_ids[-1]
    label = platform.identities.ensure(msp_id, f"home-{role.replace('_', '-')}", role, network=network)
    platform.session.act_as(platform.identities.actor(label, network))
    try:
        for read in (copyright_home, slots_home):
            for section in read(platform, network):
                assert len(section.rows) == min(ROWS, section.count)
                assert section.address
        titles = {one.title for one in copyright_home(platform, network)}
        assert ("我的作品" in titles) == (role == "creator")
        assert bool(titles) == (role in {"creator", "registrar", "licensee"})
        desk.settle()
        desk.go("overview")
        desk.no_error()
    finally:
        platform.session.act_as(OWNER_ACTOR)


def test_an_application_of_kinds_has_one_without_further_ado(city: Any) -> None:
    manifest: Any = city.platform.applications.get("traceability")
    (section,) = home_of(manifest)(city.platform, city.network)
    assert (section.title, section.waits, section.empty) == ("待我办理 · 制造溯源", "traceability", "")
    assert len(section.rows) == min(ROWS, section.count)


def test_a_badge_says_what_was_read_for_the_card(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card read after a block and a badge of before it would be two numbers for one thing; nothing left is 0."""
    platform, network = desk.platform, desk.window.context.network
    section = HomeSection("待我办理 · 数字版权", (), 41, "", "copyright/inbox", "copyright")
    label = platform.identities.ensure("CopyrightMSP", "home-badge", "registrar", network=network)
    platform.session.act_as(platform.identities.actor(label, network))
    desk.settle()
    desk.go("overview")
    item = desk.window.rail.items["copyright"]
    monkeypatch.setattr(desk.window.counting, "count", lambda: None)
    for count, shown in ((41, ["待我办理 · 数字版权"]), (0, [])):
        monkeypatch.setattr("console.pages.overview.page.read_home", lambda *_, n=count: [replace(section, count=n)])
        desk.window.page._home_fresh = False
        desk.window.page.refresh()
        desk.settle()
        assert item._badge == count
        assert [one.title for one in desk.window.page.board.home.sections] == shown


def test_what_happened_while_another_page_was_shown_is_read_anew(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card of what waits is not the one of before when somebody comes back to the overview."""
    from baas.events import BlockIndexed

    platform, network = desk.platform, desk.window.context.network
    label = platform.identities.ensure("CopyrightMSP", "home-badge", "registrar", network=network)
    platform.session.act_as(platform.identities.actor(label, network))
    desk.settle()
    desk.go("overview")
    section = HomeSection("待我办理 · 数字版权", (), 7, "", "copyright/inbox", "copyright")
    desk.go("ledger")
    monkeypatch.setattr(desk.window.counting, "count", lambda: None)
    monkeypatch.setattr("console.pages.overview.page.read_home", lambda *_: [section])
    height = platform.explorer.status(network)[0].indexed
    platform.events.publish(BlockIndexed(network, "citychannel", height - 1, 1, 0))
    desk.settle()
    desk.go("overview")
    assert [one.count for one in desk.window.page.board.home.sections] == [7]
