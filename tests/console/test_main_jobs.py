"""Every main job, clicked through to the ledger as a person would: real services, the embedded network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt

from baas.applications import Applications
from console.pages.ledger.values import key_text
from console.widgets.basic import Chip, Label
from fabric_sdk import clock
from tests.console.hand import Hand
from tests.people import card

ENTER = Qt.Key.Key_Return


def sample_picture(path: Path, colour: str) -> Path:
    """A picture of its own for every test, so that nothing else looks like it."""
    image = Image.new("RGB", (320, 240), colour)
    draw = ImageDraw.Draw(image)
    for number in range(40):
        draw.ellipse((number * 7, number * 3, number * 7 + 60, number * 3 + 44), outline="white", width=2)
    image.save(path)
    return path


def test_wizard_by_keyboard_to_a_running_network(empty_desk: Any, qapp: Any) -> None:
    desk = empty_desk
    desk.go("overview")
    assert desk.button("开始体验").isVisible()
    desk.press("新建网络")
    desk.settle()
    wizard = desk.window.page.wizard
    wizard.steps[0].options["single"].setFocus()
    desk.bot.keyClick(wizard.steps[0].options["single"], Qt.Key.Key_Space)
    assert wizard.draft.template == "single"
    editor = wizard.steps[0].form.fields["name"].editor
    editor.selectAll()
    desk.bot.keyClicks(editor, "first")
    for expected in (1, 2, 3, 4):
        desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        desk.settle()
        assert wizard.at == expected, wizard.banner.message.text()
    assert "first" in desk.window.header.facts.accessibleName()
    desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    desk.settle(60000)
    assert desk.window.address == "networks/first", wizard.build and wizard.build._error
    status = desk.platform.networks.status("first")
    assert status.state == "running"
    assert desk.window.context.network == "first"
    assert "运行中" in desk.window.status.network.accessibleName()


def test_the_wizard_says_what_cannot_be(empty_desk: Any) -> None:
    desk = empty_desk
    desk.go("networks/new")
    wizard = desk.window.page.wizard
    wizard.steps[0].form.fields["name"].set_value("Not A Name")
    desk.press_header("next")
    assert wizard.at == 0
    assert wizard.banner.isVisible()
    wizard.steps[0].form.fields["name"].set_value("fine")
    desk.press_header("next")
    assert wizard.at == 1
    desk.press_header("cancel")
    assert desk.platform.networks.names() == ()


def test_upgrade_a_contract_with_the_policy_editor(fresh_city: Any, make_desk: Any) -> None:
    city = fresh_city()
    desk = make_desk(city.platform)
    desk.go("contracts/copyright")
    before = desk.window.page.lifecycle.board.committed
    editor = desk.window.page.lifecycle.editor
    editor._choices["HealthMSP"].setCurrentIndex(editor._choices["HealthMSP"].findData("required"))
    desk.settle()
    assert "HealthMSP" in editor.expression
    desk.until(lambda: "卫" in desk.window.page.lifecycle.explanation.meaning.zh)

    def upgrade(dialog: Any) -> None:
        from console.widgets.forms import Form

        form = dialog.findChild(Form)
        assert "HealthMSP" in form["policy"]
        desk.bot.keyClick(dialog.accept_button, ENTER)

    desk.answer(upgrade)
    desk.press_header("upgrade")
    desk.settle(60000)
    desk.no_error()
    after = next(d for d in city.platform.contracts.list("city") if d.name == "copyright")
    assert after.sequence == before.sequence + 1
    assert "HealthMSP" in after.endorsement_policy
    assert desk.window.page.lifecycle.board.committed.sequence == after.sequence


def test_issue_an_identity_then_revoke_it_and_it_is_refused(desk: Any) -> None:
    from console.widgets.forms import Form
    from network.errors import CityChainError

    desk.go("identities")

    def issue(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["msp"].set_value("DataBureauMSP")
        desk.bot.keyClicks(form.fields["name"].editor, "wang.fang")
        form.fields["role"].set_value("auditor")
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    desk.answer(issue)
    desk.press_header("issue")
    desk.settle()
    desk.no_error()
    label = "DataBureauMSP/wang.fang"
    assert desk.platform.identities.get(label).state == "valid"
    network = desk.window.context.network
    call = lambda: desk.platform.contracts.query(network, "copyright", "ReadSettings", identity=label)  # noqa: E731
    before = _outcome(call)

    desk.go(f"identities/{label}")
    assert desk.window.inspector.isVisible()

    def revoke(dialog: Any) -> None:
        desk.bot.keyClicks(dialog.editor, "wang.fang")
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    desk.answer(revoke)
    desk.press("吊销", desk.window.inspector)
    desk.settle(30000)
    desk.no_error()
    assert desk.platform.identities.get(label).state == "revoked"
    with pytest.raises(CityChainError):
        desk.platform.act_as(label)
    after = _outcome(call)
    assert after is not None
    assert str(after) != str(before)


def _outcome(call: Any) -> BaseException | None:
    try:
        call()
    except Exception as error:
        return error
    return None


def test_drop_a_file_deposit_register_and_get_a_certificate(desk: Any, tmp_path: Path) -> None:
    path = sample_picture(tmp_path / "莞邑春晓.png", "#2f6d62")
    desk.go("copyright/new")
    desk.window.page.deposit.discard()  # the page keeps what was dropped at its last visit
    desk.settle()
    desk.go("copyright/new")
    view = desk.window.page.deposit
    if view.examined is not None:  # a draft stays, and whoever had the shared window before may have left one
        desk.press_header("discard")
        desk.settle()
        desk.go("copyright/new")
    assert not desk.window.header.buttons["deposit"].isEnabled()
    view.zone.dropped.emit([str(path)])
    desk.settle(30000)
    assert view.examined is not None
    assert view.form["title"] == "莞邑春晓"
    view.form.fields["kind"].set_value("original")
    view.form.fields["author"].set_value("样例甲")
    view.form.fields["place"].set_value("东莞")
    desk.press_header("deposit")
    desk.settle(30000)
    desk.no_error()
    facts = desk.window.page.work.facts
    assert facts.work.title == "莞邑春晓"
    assert facts.work.cid.startswith("baf")

    def apply(dialog: Any) -> None:
        dialog.form.fields["number"].set_value("11010519491231002X")
        for key in ("purpose", "process", "originality"):
            dialog.form.fields[key].set_value("样例说明")
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        desk.bot.waitUntil(lambda: not dialog.isVisible() or dialog.banner.isVisible(), timeout=15000)
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    desk.answer(apply)
    desk.press_header("apply")
    desk.settle(30000)
    desk.go("copyright/queue")
    queue = desk.window.page.queue
    mine = [i for i, case in enumerate(queue.model.rows) if case.work.id == facts.work.id]
    queue.table.choose(mine[0])
    hand = Hand(desk)
    for step in ("开始核查", "受理", "开始审查", "全网查重", "初审通过", "复审通过", "发证"):
        if step == "全网查重":
            hand.clicks = 0  # from the examination to the certificate
        if step in ("初审通过", "复审通过", "发证"):

            def agree(dialog: Any, step: str = step) -> None:
                if step in ("初审通过", "复审通过"):
                    dialog.form.fields["opinion"].set_value("符合登记条件")
                hand.on(dialog.accept_button)

            desk.answer(agree)
        hand.press(step, desk.window.inspector)
        desk.settle(30000)
        desk.no_error()
    assert hand.clicks <= 7
    desk.go(f"copyright/work/{facts.work.id}")
    done = desk.window.page.work.facts
    assert done.registration.state == "CERTIFIED"
    assert done.certificate is not None
    assert done.certificate.read_bytes().startswith(b"%PDF-")
    assert done.certificate.name == f"{done.registration.number}.pdf"


def test_publish_a_schedule_search_and_book(desk: Any, tmp_path: Path) -> None:
    import datetime as dt

    from apps.health_slots.samples import write_schedule

    desk.go("health_slots/board")  # the page keeps the tab of its last visit, and the import is the board's
    page = desk.window.page
    page.set_resident(None)  # whoever stood at the desk last
    hospital = "H9001"
    if hospital not in {h.id for h in page.hospitals}:
        page.change(lambda: page.service.set_up({hospital: "样例医院"}), _text("登记医院"), "ok")
        desk.settle(30000)
    page.change(
        lambda: page.service.rules.set_policy(
            hospital, {"release_mode": "after-commit", "release_delay_s": 0}, "demand"
        ),
        _text("规则"),
        "ok",
    )
    desk.settle(30000)
    desk.no_error()
    page.choose_hospital(hospital)
    desk.settle()
    file = write_schedule(tmp_path / "schedule.csv", clock.today() + dt.timedelta(days=1))

    def take(dialog: Any) -> None:
        dialog.take(file)
        desk.bot.waitUntil(dialog.accept_button.isEnabled, timeout=20000)
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    desk.answer(take)
    desk.press_header("import")
    desk.settle(60000)
    desk.no_error()
    desk.press_header("release")
    desk.settle(60000)
    desk.no_error()
    desk.go("overview")
    hand = Hand(desk)
    hand.rail("health_slots")
    hand.tab("search")
    search = page.search
    search.text.set_value("样例医院")
    search.day_to.set_value((clock.today() + dt.timedelta(days=14)).isoformat())
    # The search begins a moment after the last word: what the table holds until then (in a city that other tests used:
    # rows) is of the search before, and is gone with the inspector when the new one arrives.
    desk.settle(30000)

    def bookable() -> list[int]:
        return [
            i
            for i, s in enumerate(search.model.rows)
            if s.state == "free"
            and s.pool == "online"
            and s.begins_at > clock.seconds() + 3600
            and s.id.startswith(f"{hospital}.")
        ]

    desk.until(bookable)
    row = bookable()[0]
    slot = search.model.rows[row]
    hand.row(search.table, row)

    def enter(dialog: Any) -> None:
        for key, value in (("name", "样例居民"), ("document", card(901)), ("phone", "00000090001")):
            dialog.form.fields[key].set_value(value)
        hand.on(dialog.accept_button)

    desk.answer(enter)
    hand.press("登记新居民", desk.window.inspector)
    desk.settle(30000)
    hand.press("预约", desk.window.inspector)
    desk.settle(30000)
    desk.no_error()
    assert hand.clicks <= 6
    booked = page.service.index.appointments(slot=slot.id)
    assert booked
    assert booked[0].state == "booked"
    said = " ".join(label.text() for label in desk.window.inspector.findChildren(Label))
    assert "样例居民" not in said
    assert "已约" in [chip.accessibleName() for chip in desk.window.inspector.findChildren(Chip)]


def _text(words: str) -> Any:
    from network.text import Text

    return Text(words, words)


def test_find_a_transaction_and_read_its_autopsy(desk: Any) -> None:
    """Two portals book one slot at once; the loser's autopsy names the winner and the key."""
    network = desk.window.context.network
    explorer = desk.platform.explorer
    _two_writers(desk, network)
    explorer.sync(network)
    loser = next((r for r in explorer.transactions(network, valid=False, limit=50) if r.code == 11), None)
    assert loser is not None
    desk.go("ledger")
    tab = desk.window.page.transactions
    tab.validity.setCurrentIndex(2)
    desk.settle()
    rows = [row.tx_id for row in tab.model.rows]
    tab.table.choose(rows.index(loser.tx_id))
    desk.bot.keyClick(tab.table, ENTER)
    desk.settle()
    desk.no_error()
    autopsy = desk.window.page.transaction.autopsy
    assert autopsy.tx_id == loser.tx_id
    assert autopsy.code_name == "MVCC_READ_CONFLICT"
    assert autopsy.conflicts[0].winner is not None
    said = " ".join(label.text() for label in desk.window.page.transaction.findChildren(Label))
    assert "冲突的键" in said
    assert "没有写入" in said
    conflict = autopsy.conflicts[0]
    desk.press("查看这个键的全部历史")
    desk.settle()
    keys = desk.window.page.keys
    assert keys.history_model.rows, "the key's life is shown, also after its contract's collections were read"
    assert keys.card.note.text() == key_text(conflict.key)


def _two_writers(desk: Any, network: str) -> None:
    """Endorse two transactions that read the same key, then send both."""
    import json

    from apps.copyright.service import build_service

    service = build_service(desk.platform, network)
    service.ledger.configure()
    settings = json.dumps(service.ledger.evaluate("auditor", "ReadSettings"), ensure_ascii=False)
    service.close()
    contract = desk.platform.networks.connect(network, "CopyrightMSP/admin").get_contract("copyright")
    endorsed = [contract.new_proposal("Configure", settings).endorse() for _ in range(2)]
    sent = [transaction.submit() for transaction in endorsed]
    assert sorted(one.status().code for one in sent) == [0, 11]


def test_one_click_experience_from_nothing(empty_desk: Any) -> None:
    """一键体验: one press; the network, both contracts, works, a certificate and booked slots are there."""
    desk = empty_desk
    desk.go("overview")
    hand = Hand(desk)
    hand.press("开始体验")
    desk.until(lambda: desk.window.tasks.active)
    assert desk.window.page.start.isVisible()
    desk.until(lambda: not desk.window.tasks.active, 400_000)
    desk.settle(30_000)
    desk.no_error()
    assert hand.clicks == 1
    assert desk.window.context.network == "city"
    deployed = {d.name for d in desk.platform.contracts.list("city")}
    assert deployed == {manifest.contract.name for manifest in Applications().all()}
    said = " ".join(label.text() for label in desk.window.page.findChildren(Label) if label.isVisible())
    assert "数字版权" in said or desk.window.page.board.isVisible()
    desk.go("copyright")
    assert desk.window.page.model.rowCount() >= 3
    desk.go("health_slots")
    assert desk.window.page.board.board.spots


def test_attaching_says_what_is_missing_and_keeps_nothing_when_no_peer_answers(empty_desk: Any, tmp_path: Path) -> None:
    desk = empty_desk
    desk.go("networks/attach")
    view = desk.window.page.attach
    assert not desk.window.header.buttons["attach"].isEnabled()
    profile = tmp_path / "city-net.json"
    profile.write_text(
        '{"name": "x", "version": "1.0", "client": {"organization": "Org1"}, "organizations": {}, "peers": {}}'
    )
    for key in ("profile", "certificate", "key"):
        view.take(key, profile)
    assert view.form["name"] == "city-net"
    desk.press_header("attach")
    desk.settle(30_000)
    assert view.banner.isVisible()
    assert view.banner.message.text()
    assert desk.platform.networks.names() == ()
    desk.press_header("cancel")
    assert desk.window.address == "overview"
