"""Disputes that freeze, infringements with a captured page, evidence packages, copies, batches, encrypted works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from apps.copyright.advice import after_loss
from baas.services.explorer.model import KeyConflict
from chaincode.copyright.kinds import Licence
from console.i18n import say
from fabric_sdk import clock

CLAIMANT, READER = "HospitalMSP/claimant", "HospitalMSP/reader"


@pytest.fixture
def shop() -> Iterator[str]:
    """A web page on this machine that shows somebody's picture."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = "<html><body><h1>样例网店</h1></body></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/cup"
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_a_dispute_freezes_the_work_until_the_office_decides(
    office: Any, deposited: Callable[..., Any], ledger: Any, fresh_text: Callable[..., Path]
) -> None:
    work = deposited("争议之作")
    office.act_as(CLAIMANT, "licensee")

    def without(dialog: Any) -> None:
        dialog.form.fields["statement"].set_value("我方有更早的底稿")
        dialog.submit()
        evidence = dialog.form.fields["evidence"]
        office.until(lambda: "提出异议须附证据" in evidence.error)
        assert dialog.form["statement"] == "我方有更早的底稿", "one sentence freezes nothing, and is kept"
        dialog.reject()

    office.begin("dispute.open", work.id, without)
    draft = str(fresh_text("底稿.txt"))
    office.begin("dispute.open", work.id, office.fill(ground="ownership", statement="我方有更早的底稿", evidence=draft))
    dispute = ledger.dossier(work.id)["disputes"][0]
    office.act_as("")
    office.go(f"copyright/work/{work.id}")
    assert "licence.offer" not in office.window.header.buttons
    entries = [text for action in office.page.header_actions for text, _ in action.menu]
    assert "转让…" not in entries
    office.press("看异议")
    office.settle()
    cells = office.page.view("cases").table.rows._cells(_row(office, dispute))
    assert "待登记机构受理" in str([one.text for one in cells])
    office.do("予以受理", office.fill(reason="证据成立"))
    assert ledger.work(work.id).record["disputes"]
    # Whoever lost a race for the work is led to the dispute, and not told to submit again.
    network = office.window.context.network
    key = next(one for one in office.platform.explorer.search(network, work.id, limit=50) if one.kind == "key")
    row = office.platform.explorer.transactions(network, limit=1)[0]
    lost = (KeyConflict("copyright", "", key.key, (0, 0), (1, 0), row),)
    frozen = after_loss(office.platform, network, row, lost)
    assert frozen is not None and "重新提交没有用" in say(frozen.text)
    assert [address for _, address in frozen.ways] == [f"copyright/cases/{dispute['id']}", f"copyright/work/{work.id}"]
    office.choose(dispute["id"])
    office.do("处理异议", office.fill(outcome="dismissed", reasons="底稿晚于存证"))
    office.no_error()
    assert ledger.work(work.id).record["disputes"] == []
    free = after_loss(office.platform, network, row, lost)
    assert free is not None and [address for _, address in free.ways] == [f"copyright/work/{work.id}"]
    office.go(f"copyright/work/{work.id}")
    entries = [text for action in office.page.header_actions for text, _ in action.menu]
    assert "转让…" in entries


def _row(office: Any, record: dict[str, Any]) -> Any:
    return next(one for one in office.page.view("cases").table.rows.rows if one["id"] == record["id"])


def test_an_infringement_is_reported_captured_and_closed(
    office: Any, deposited: Callable[..., Any], ledger: Any, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.copyright.capture._PROGRAMS", ())  # a browser is not what this is about
    work = deposited("被用之作")
    office.begin("infringement.report", work.id, office.fill(where=shop, description="商品图疑似使用"))
    case = ledger.dossier(work.id)["infringements"][0]
    assert office.window.address == f"copyright/cases/{case['id']}"
    office.choose(case["id"])
    said: list[str] = []
    office.do("网页取证", office.refused(said))
    assert "没有可用的浏览器" in said[0] and ledger.dossier(work.id)["infringements"][0]["evidence"] == []
    office.do("网页取证", office.fill(urls=f"{shop}\n{shop}?page=2", source=True, again="24"))
    office.no_error()
    kept = ledger.dossier(work.id)["infringements"][0]
    assert kept["state"] == "EVIDENCED"
    assert [one["kind"] for one in kept["evidence"]] == ["web_source"] * 2, "what no browser showed is called so"
    assert [one.hours for one in ledger.captures.watches(case["id"])] == [24, 24]
    from baas.content import Cid

    assert ledger.content.stat(Cid(kept["evidence"][0]["cid"]))
    office.go(f"copyright/cases/{case['id']}")
    office.do("记录处理结果", office.fill(outcome="removed", note="对方已下架"))
    office.no_error()
    closed = ledger.dossier(work.id)["infringements"][0]
    assert (closed["state"], closed["outcome"]) == ("CLOSED", "removed")
    assert "已下架" in office.said()


def test_exported_evidence_is_valid_and_a_flipped_byte_is_found(
    office: Any, deposited: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = deposited("举证之作")
    target = tmp_path / "package.zip"
    monkeypatch.setattr("apps.copyright.ui.evidence.save_file", lambda *_: str(target))
    office.go(f"copyright/work/{work.id}")
    office.answer(lambda dialog: dialog.accept())
    office.press_header("evidence")
    office.settle(30000)
    office.no_error()
    view = office.page.view("verify")
    assert office.window.address == f"copyright/verify/{target}"
    assert view.headline.text() == "仅自身一致，未证实来自所称机构"
    assert all(one.state != "bad" for one in view.verdict.checks)

    from fabric_sdk.proof.container import Package

    body = bytearray(target.read_bytes())
    with target.open("rb") as stream:
        start, _, _ = next(at for name, at in Package(stream).parts.items() if name.startswith("content/"))
    body[start + 3] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(body)
    view.take(changed)
    office.settle(30000)
    assert view.headline.text() == "不成立"
    first = view.table.model().row_at(0)
    assert first.state == "bad"
    assert first.part.startswith("content/")
    assert first.text == "字节被改动"


def test_a_package_without_the_file_says_so(
    office: Any, deposited: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = deposited("不带原件")
    target = tmp_path / "without.zip"
    monkeypatch.setattr("apps.copyright.ui.evidence.save_file", lambda *_: str(target))
    office.go(f"copyright/work/{work.id}")

    def without(dialog: Any) -> None:
        dialog.form.fields["content"].set_value(False)
        dialog.accept()

    office.answer(without)
    office.press_header("evidence")
    office.settle(30000)
    view = office.page.view("verify")
    assert view.headline.text() == "仅自身一致，未证实来自所称机构"
    assert ("note", "content/") in {(one.state, one.part) for one in view.verdict.checks}


def test_any_other_file_is_looked_up_on_the_ledger(office: Any, deposited: Callable[..., Any], tmp_path: Path) -> None:
    work = deposited("原件")
    same = tmp_path / "same.txt"
    same.write_bytes(b"".join(office.platform.content.cat(_cid(work))))
    office.go("copyright/verify")
    view = office.page.view("verify")
    view.take(same)
    office.settle()
    assert view.headline.text() == "账本上有这份内容的存证"
    assert [one.id for one in view.verdict.works] == [work.id]
    same.write_bytes(same.read_bytes() + b"x")
    view.take(same)
    office.settle()
    assert view.headline.text() == "账本上没有这份内容"


def _cid(work: Any) -> Any:
    from baas.content import Cid

    return Cid(work.cid)


def test_copies_are_found_without_a_deposit(office: Any, deposited: Callable[..., Any], tmp_path: Path) -> None:
    work = deposited("查重之作")
    body = b"".join(office.platform.content.cat(_cid(work)))
    same, alike = tmp_path / "same.txt", tmp_path / "alike.txt"
    same.write_bytes(body)
    alike.write_text(body.decode().replace("第 3 行", "第三行"), encoding="utf-8")
    before = len(list(office.page.service.works())) if office.page.service else 0
    office.go("copyright/search")
    before = len(list(office.page.service.works()))
    view = office.page.view("search")
    view.take(same)
    office.settle(30000)
    assert [(one.method, one.work_id) for one in view.found.results[:1]] == [("exact", work.id)]
    view.take(alike)
    office.settle(30000)
    assert view.found.exact == 0
    assert work.id in {one.work_id for one in view.found.results}
    view.scores.choose(view.scores.rows[0])
    office.settle()
    office.no_error()
    assert len(list(office.page.service.works())) == before


def test_a_folder_is_stopped_and_goes_on_without_doubles(
    office: Any, fresh_text: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(7):
        fresh_text(f"{number}.txt", folder)
    (folder / "empty.jpg").touch()
    monkeypatch.setattr("apps.copyright.batch.GROUP", 2)
    office.go("copyright/batch")
    view = office.page.view("batch")
    assert not office.window.header.buttons["start"].isEnabled()
    view.take(folder)
    office.settle()
    assert len(view.files) == 8

    from apps.copyright import batch

    prepare = batch._prepare

    def stop_after_three(service: Any, path: Path, *rest: Any) -> Any:
        if path.name == "3.txt":
            view.job.job.cancel()
        return prepare(service, path, *rest)

    monkeypatch.setattr(batch, "_prepare", stop_after_three)
    office.press_header("start")
    office.settle(60000)
    assert view.stopped
    assert office.window.header.buttons["start"].text().startswith("继续")
    monkeypatch.setattr(batch, "_prepare", prepare)
    office.press_header("start")
    office.settle(60000)
    office.no_error()
    report = view.report
    assert (report.count("deposited") + report.count("known"), report.count("refused")) == (7, 1)
    assert report.count("known") >= 2
    assert len({line.work_id for line in report.lines if line.work_id}) == 7
    target = tmp_path / "report.csv"
    monkeypatch.setattr("apps.copyright.ui.batch.save_file", lambda *_: str(target))
    office.press_header("report")
    office.settle()
    assert target.read_text("utf-8-sig").count("\n") == 9


def test_a_licensee_gets_the_key_and_opens_the_work(
    office: Any, deposited: Callable[..., Any], ledger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = deposited("加密之作", encrypt=True)
    office.act_as(READER, "licensee")
    office.act_as("")
    office.begin("licence.offer", work.id, office.fill(licensee=READER))
    offer = ledger.dossier(work.id)["licences"][0]
    office.act_as(READER)
    office.go(f"copyright/rights/{offer['id']}")
    office.do("接受许可", office.fill())
    target = tmp_path / "opened.txt"
    monkeypatch.setattr("apps.copyright.ui.work_panel.save_file", lambda *_: str(target))
    office.go(f"copyright/work/{work.id}")
    office.press("解密到文件", office.panel)
    office.settle()
    assert office.page.banner.isVisible()
    assert "密钥" in office.page.banner.message.text()
    assert not target.exists()
    office.page.banner.hide()
    office.act_as("")
    office.go(f"copyright/work/{work.id}")
    office.do("把密钥交给被许可人", office.fill(licensee=READER))
    office.no_error()
    office.act_as(READER)
    office.go(f"copyright/work/{work.id}")
    office.press("解密到文件", office.panel)
    office.settle()
    office.no_error()
    assert "第 0 行" in target.read_text("utf-8")


def test_content_credentials_are_read_and_written_into_a_copy(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uuid

    from PIL import Image

    from apps.copyright import credentials
    from apps.copyright.model import WorkForm

    picture = tmp_path / "图.png"
    seed = uuid.uuid4().bytes
    Image.frombytes("RGB", (64, 48), (seed * (64 * 48 * 3 // 16 + 1))[: 64 * 48 * 3]).save(picture)
    office.go("copyright")
    form = WorkForm(title="凭证之作", authors=({"name": "样例甲"},))
    work = office.page.service.deposit(picture, form).work
    office.go(f"copyright/work/{work.id}")
    office.press("看内容凭证", office.panel)
    office.settle()
    assert "没有内容凭证" in office.said()
    target = tmp_path / "副本.png"
    monkeypatch.setattr("apps.copyright.ui.work_panel.save_file", lambda *_: str(target))
    office.go("copyright")
    office.go(f"copyright/work/{work.id}")
    office.press("把登记信息写入副本", office.panel)
    office.settle(30000)
    office.no_error()
    store = credentials.read(target)
    assert store is not None
    assert work.id in str(store)
    from apps.copyright.ui.credentials import credentials_panel

    office.page.inspect(credentials_panel("副本", store))
    assert work.cid in office.said().replace("\u200b", "")


def test_a_registration_is_cancelled_with_its_ground(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    work = deposited("撤销登记之作", registered=True)
    office.go(f"copyright/work/{work.id}")
    entries = {text: run for action in office.page.header_actions for text, run in action.menu}
    office.answer(office.fill(ground="judgment", reasons="生效裁判确认权属有误"))
    entries["撤销登记…"]()
    office.settle(30000)
    office.no_error()
    assert ledger.work(work.id).number == ""
    assert ledger.registration(work.registration).state == "CANCELLED"


def test_what_ends_soon_is_listed(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    from datetime import timedelta

    office.act_as("HospitalMSP/soon", "licensee")
    office.act_as("")
    work = deposited("将到期之作")
    until = (clock.today() + timedelta(days=5)).isoformat()
    terms = {"licensee": "HospitalMSP/soon", "kind": "ordinary", "rights": "all", "territory": "CN"}
    offer = ledger.kit.do(Licence.offer, terms | {"from": clock.today().isoformat(), "until": until}, on=work.id).value
    office.act_as("HospitalMSP/soon")
    office.go("copyright/inbox")
    office.choose(offer["id"])
    office.do("接受许可", office.fill())
    view = office.page.view("inbox")
    view.group.choose("soon")
    office.settle()
    office.choose(offer["id"])
    view.group.choose("all")
    office.settle()
    assert view.empty.isVisible()


def test_the_time_stamp_authority_is_named_on_a_page(office: Any, ledger: Any, tmp_path: Path) -> None:
    from tests.apps.copyright.tsa import OPENSSL, StampAuthority

    if OPENSSL is None:
        pytest.skip("openssl is not on this machine")
    authority = StampAuthority(tmp_path / "tsa")
    office.go("copyright/verify")
    with authority.serving() as url:

        def name_it(dialog: Any) -> None:
            dialog.url.set_value(url)
            dialog.roots = authority.roots.read_bytes()
            dialog.accept()

        office.answer(name_it)
        office.press_header("tsa")
        office.settle(30000)
        office.no_error()
        try:
            assert ledger.stamps.authority.url == url
            assert len(ledger.stamps.authority.roots) == 1
        finally:
            ledger.stamps.choose("", b"")


def test_a_package_is_checked_against_a_card(
    office: Any, deposited: Callable[..., Any], ledger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.copyright.proof import export_evidence

    work = deposited("有名片的作品")
    export_evidence(ledger, work.id, tmp_path / "package.zip")
    cards = ledger.platform.cards
    cards.write(cards.make(ledger.network), tmp_path / "card.json")
    office.go("copyright/verify")
    view = office.page.view("verify")
    view.take(tmp_path / "package.zip")
    office.settle(30000)
    assert view.headline.text() == "仅自身一致，未证实来自所称机构"
    monkeypatch.setattr("apps.copyright.ui.verify.pick_files", lambda *_: [str(tmp_path / "card.json")])
    view.ask_card()
    office.settle(30000)
    office.no_error()
    assert view.headline.text() == "与通道名片一致"
    assert "没有证明什么" in [heading for heading, _ in view.verdict.sections]
