"""Who signs is said before; signing for somebody else is a step of its own, in the window's frame and in the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu

from baas.session import OWNER, OWNER_ACTOR
from console.shell.account import account_menu, ask_act_as
from console.signing import Signing, acting, of_party, with_keys
from console.widgets.dialogs import Dialog, StandIn
from console.widgets.signing import SignLine, deliberate


@pytest.fixture
def asking(desk: Any) -> Any:
    """A window whose person has not yet said that they sign for anybody."""
    context = desk.window.context
    context.asks_first = True
    context.end_standing_in()
    yield desk
    context.end_standing_in()
    del context.asks_first


def test_the_sentence_names_person_role_and_organisation() -> None:
    person = Signing("chen.jing", "登记员", "版权局 OfficeMSP", "OfficeMSP/chen.jing")
    assert person.words == "以 chen.jing（登记员 · 版权局 OfficeMSP）的身份签署"
    owner = Signing("平台管理员", "本机")
    assert owner.words == "以平台管理员（本机）的身份办理"
    assert with_keys(owner, ["版权局 OfficeMSP"]).words.endswith("用版权局 OfficeMSP 的管理员密钥签署")
    assert with_keys(person, ["版权局 OfficeMSP"]) is person, "whoever acts as themselves borrows nobody's key"
    for_them = Signing("chen.jing", "登记员", "版权局 OfficeMSP", "OfficeMSP/chen.jing", stands_in=True)
    assert "由您代 chen.jing" in for_them.words


def test_a_person_is_nobodys_stand_in_and_the_owner_is(city: Any) -> None:
    platform, network = city.platform, city.network
    label = platform.identities.ensure("PublicMSP", "signing-li", "creator", network=network)
    assert acting(platform, network).party == ""
    assert of_party(platform, network, "PublicMSP/signing-li", ["creator"]).stands_in
    platform.session.act_as(platform.identities.actor(label, network))
    try:
        mine = acting(platform, network)
        assert (mine.name, mine.party, mine.stands_in) == ("signing-li", "PublicMSP/signing-li", False)
        assert mine.roles
        assert "PublicMSP" in mine.organization
        assert not of_party(platform, network, "PublicMSP/signing-li", ["creator"]).stands_in
        assert of_party(platform, network, "PublicMSP/somebody", ["creator"]).stands_in
    finally:
        platform.session.act_as(OWNER_ACTOR)


def test_signing_for_somebody_is_asked_once_shown_in_the_frame_and_ended(asking: Any) -> None:
    desk = asking
    window, context = desk.window, desk.window.context
    desk.go("copyright/works")
    signing = window.page.signs_as("creator")
    assert signing.stands_in
    assert not window.acting.isVisible()
    asked: list[str] = []

    def decline(dialog: Any) -> None:
        asked.append(dialog.windowTitle())
        dialog.reject()

    def agree(dialog: Any) -> None:
        assert isinstance(dialog, StandIn)
        assert not dialog.sign_line.isVisibleTo(dialog), "the question itself signs nothing"
        asked.append(dialog.windowTitle())
        dialog.accept_button.click()

    desk.answer(decline)
    assert not deliberate(window.page, signing)
    assert not window.acting.isVisible()
    dialog = Dialog(window.page, "…", accept="…", signs=signing)
    desk.answer(decline)
    assert dialog.exec() == 0
    desk.answer(agree)
    assert deliberate(window.page, signing)
    assert deliberate(window.page, signing), "asked once"
    assert len(asked) == 3
    assert window.acting.isVisible()
    assert signing.name in window.acting.words.accessibleName()
    context.choose_network("")
    desk.settle()
    assert not window.acting.isVisible(), "the same name on another network is somebody else"
    context.choose_network(desk.platform.networks.default())
    desk.settle()
    context.stand_in(signing)
    window.acting.back.click()
    assert not window.acting.isVisible()
    assert not context.may_stand_in(signing.party)


def test_a_header_button_that_writes_says_who_signs_and_asks(asking: Any) -> None:
    desk = asking
    window = desk.window
    desk.go("audit")
    desk.until(lambda: "catalogue-" in window.header.buttons["seal"].accessibleDescription())
    assert "由您代 catalogue-" in window.header.sign_line.label.text()
    asked: list[str] = []

    def decline(dialog: Any) -> None:
        asked.append(dialog.windowTitle())
        dialog.reject()

    desk.answer(decline)
    before = len(desk.platform.audit.entries())
    window.header.buttons["seal"].click()
    desk.settle()
    desk.answer(decline)
    desk.window._primary()  # Ctrl+N, the palette and the button go through the same door
    desk.settle()
    assert asked == ["代他人签署"] * 2
    assert len(desk.platform.audit.entries()) == before, "nothing was done"


def test_acting_as_somebody_is_a_step_the_frame_and_the_audit_show(desk: Any) -> None:
    platform, window = desk.platform, desk.window
    label = platform.identities.ensure("PublicMSP", "signing-wang", "creator", network=window.context.network)
    assert platform.session.actor.label == OWNER
    told: list[str] = []

    def agree(dialog: Any) -> None:
        told.append(dialog.sign_line.label.text())
        dialog.accept_button.click()

    desk.answer(agree)
    ask_act_as(window, label)
    desk.until(lambda: platform.session.actor.label == label)
    desk.settle()
    assert "signing-wang" in told[0]
    assert window.acting.isVisible()
    assert "signing-wang" in window.acting.words.accessibleName()
    platform.session.act_as(OWNER_ACTOR)
    entry = next(one for one in platform.audit.entries(what="act-as") if (one.on or {}).get("label") == label)
    assert entry.who == OWNER
    assert entry.signed == ("PublicMSP/signing-wang",)
    assert entry in platform.audit.entries(who="PublicMSP/signing-wang")
    desk.settle()
    assert not window.acting.isVisible()


def test_the_menu_offers_the_step_not_the_deed(desk: Any) -> None:
    window, network = desk.window, desk.window.context.network
    label = desk.platform.identities.ensure("PublicMSP", "signing-wang", "creator", network=network)
    menu: QMenu = account_menu(window, [(label, frozenset({"creator"}))])  # type: ignore[arg-type]
    desk.answer(lambda dialog: dialog.reject())
    next(act for act in menu.actions() if label in act.text()).trigger()
    desk.settle()
    assert desk.platform.session.actor.label == OWNER


def test_what_the_owner_signs_for_others_stands_in_the_log(city: Any) -> None:
    """Found by attacking: the log said who sat there, and not whose key had signed."""
    platform, network = city.platform, city.network
    service = platform.applications.get("traceability").build_service(platform, network)
    before = {one.line for one in platform.audit.entries()}
    signer = service.signers[0]
    begun = service.begins()
    assert begun
    from baas.audit import operation

    with operation("test", door="console"):
        platform.session.require("network.change")
        platform.session.note("traceability:Anything", service.ledger._signing(signer))
        platform.session.note("traceability:Anything", service.ledger._signing(signer))
    entry = next(one for one in platform.audit.entries() if one.line not in before)
    assert entry.who == OWNER
    assert entry.signed == (service.who(signer).party,), "once for each"
    assert platform.audit.check(sealed=False).whole


def test_looking_at_a_page_writes_no_line(city: Any) -> None:
    """Found by the walk: each page of an application asked the owner for the right to issue identities, and each time
    a line said that some were issued or renewed."""
    platform, network = city.platform, city.network
    service = platform.applications.get("traceability").build_service(platform, network)
    assert service.signers
    before = len(platform.audit.entries())
    again = platform.applications.get("traceability").build_service(platform, network)
    assert again.signers == service.signers
    assert len(platform.audit.entries()) == before


def test_nobody_is_named_where_somebody_signs_as_themselves(city: Any) -> None:
    platform, network = city.platform, city.network
    label = platform.identities.ensure("PublicMSP", "signing-li", "creator", network=network)
    platform.session.act_as(platform.identities.actor(label, network))
    try:
        heard: list[Any] = []
        before, platform.session.watch = platform.session.watch, lambda *told: heard.append(told)
        platform.session.note("copyright:Deposit", "PublicMSP/signing-li")
        platform.session.watch = before
        assert "signed" not in heard[0][1]
    finally:
        platform.session.act_as(OWNER_ACTOR)


def test_a_line_that_names_nobody_is_not_shown(qapp: Any) -> None:
    line = SignLine()
    assert line.isHidden()
    line.show_signing(Signing("a", "b", "c", "M/a"))
    assert not line.isHidden()
    assert "a（b · c）" in line.accessibleName()


def test_every_dialog_that_shows_nobody_is_known() -> None:
    """`writes=False` is a claim, which the slow walk tries; here nobody adds one unseen."""
    root = Path(__file__).parents[2]
    silent = {
        path.relative_to(root).as_posix()
        for folder in ("console", "apps")
        for path in (root / folder).rglob("*.py")
        if "writes=False" in path.read_text("utf-8")
    }
    assert silent == {
        "apps/copyright/ui/evidence.py",
        "apps/copyright/ui/money.py",
        "apps/health_slots/ui/changes.py",
        "apps/health_slots/ui/resident.py",
        "apps/health_slots/ui/serving.py",
        "console/pages/contracts/collection_editor.py",
        "console/pages/contracts/record.py",
        "console/pages/identities/answering.py",
        "console/pages/identities/letters.py",
        "console/pages/identities/pin.py",
        "console/pages/network/config.py",
        "console/pages/network/listening.py",
        "console/pages/network/moving.py",
        "console/widgets/dialogs.py",
    }
