"""Commands that read and write files, on a network: tables in and out, Content Credentials, web captures, packages."""

from __future__ import annotations

import csv
import hashlib
import http.server
import json
import shlex
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.copyright.capture import find_browser
from tests.apps.copyright.terminal import OK, REFUSED, WRONG_USE, Terminal
from tests.apps.copyright.test_commands import ALICE, BOB, CAROL, FOREIGN, PERIOD, ZHAO, terminal, text

__all__ = ["terminal", "text"]

Text = Callable[[], Path]


@pytest.fixture
def photograph_file(photograph: Callable[..., Path]) -> Path:
    return photograph("宇航员.jpg")


class TestTables:
    def test_forms_come_in_and_works_go_out(self, terminal: Terminal, text: Text, tmp_path: Path) -> None:
        folder = tmp_path / "works"
        folder.mkdir()
        for name in ("诗.txt", "译文.txt", "无表.txt"):
            text().rename(folder / name)
        earlier = terminal.do("deposit", str(text()), as_=ALICE)["id"]
        forms = tmp_path / "forms.csv"
        rows = [
            ["文件", "作品名称", "作品类别", "创作性质", "作者", "创作完成日期", "创作完成地点", "备注"],
            ["诗.txt", "夜航", "文字", "原创", "样例甲、样例乙", "2026-01-01", "东莞", "组诗"],
            ["译文.txt", "=cmd()", "文字", "", "样例丙", "", "", ""],
        ]
        with forms.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
        done = terminal.do("batch", str(folder), "--forms", str(forms), "--author", "默认", as_=ALICE)
        assert (done["deposited"], done["refused"]) == (3, 0)
        by_name = {Path(line["path"]).name: terminal.do("show", line["work_id"]) for line in done["lines"]}
        poem = by_name["诗.txt"]["record"]
        assert (poem["title"], poem["category"], poem["note"]) == ("夜航", "literary", "组诗")
        assert [one["name"] for one in poem["authors"]] == ["样例甲", "样例乙"]
        assert poem["completed"] == {"date": "2026-01-01", "place": "东莞"}
        assert by_name["无表.txt"]["record"]["authors"] == [{"name": "默认", "kind": "natural"}]
        out = tmp_path / "works.csv"
        assert terminal.do("list", "--mine", "--csv", str(out), as_=ALICE)["works"] >= 4
        with out.open(encoding="utf-8-sig", newline="") as file:
            table = {row["id"]: row for row in csv.DictReader(file)}
        assert earlier in table
        assert table[by_name["诗.txt"]["id"]]["title"] == "夜航"
        assert table[by_name["译文.txt"]["id"]]["title"] == "'=cmd()"

    def test_a_wrong_table_is_refused_before_anything_is_deposited(
        self, terminal: Terminal, text: Text, tmp_path: Path
    ) -> None:
        folder, forms = tmp_path / "works", tmp_path / "forms.csv"
        folder.mkdir()
        text().rename(folder / "a.txt")
        forms.write_text("文件,作品类别\na.txt,雕塑\n", encoding="utf-8")
        before = terminal.do("list")
        error = terminal.refused("table_value", WRONG_USE, "batch", str(folder), "--forms", str(forms), as_=ALICE)
        assert "2" in error["message"]
        assert terminal.do("list") == before


class TestCredentials:
    def test_written_into_a_copy_and_read_again(
        self, terminal: Terminal, photograph_file: Path, tmp_path: Path
    ) -> None:
        assert terminal.do("credentials", str(photograph_file))["state"] == "none"
        work = terminal.do("deposit", str(photograph_file), as_=ALICE)["id"]
        target = tmp_path / "copy.jpg"
        written = terminal.do("embed-credentials", work, str(photograph_file), "-o", str(target))
        assert written["bytes"] == target.stat().st_size
        assert work in json.dumps(terminal.do("credentials", str(target)))
        body = bytearray(target.read_bytes())
        body[-3000] ^= 1
        tampered = tmp_path / "tampered.jpg"
        tampered.write_bytes(body)
        told = terminal.plain("credentials", str(tampered))
        assert told.code == REFUSED
        assert told.out.decode().splitlines()[0].startswith("The Content Credentials do not fit the file")
        again = ("embed-credentials", work, str(photograph_file), "-o", str(target))
        terminal.refused("user_error", WRONG_USE, *again)
        deposited = terminal.do("deposit", str(target), as_=ALICE)
        record = terminal.do("show", deposited["id"])["record"]
        assert record["credentials"]["generator"] == "CityChain"
        assert deposited["similar"][0]["work_id"] == work

    def test_only_for_the_very_file(
        self, terminal: Terminal, photograph: Callable[..., Path], text: Text, tmp_path: Path
    ) -> None:
        work = terminal.do("deposit", str(photograph("猫.jpg")), as_=ALICE)["id"]
        other = ("embed-credentials", work, str(photograph("猫.jpg")), "-o", str(tmp_path / "copy.jpg"))
        terminal.refused("other_file", WRONG_USE, *other)
        assert not list(tmp_path.glob("copy*"))


class TestKeys:
    def test_a_licensee_gets_the_key_and_opens_the_work(self, terminal: Terminal, text: Text, tmp_path: Path) -> None:
        path = text()
        work = terminal.do("deposit", str(path), "--encrypt", as_=ALICE)["id"]
        terminal.refused("no_licence", REFUSED, "grant", work, CAROL, as_=ALICE)
        licence = terminal.do("license", "offer", work, "--to", CAROL, *PERIOD, as_=ALICE)["id"]
        terminal.do("license", "accept", licence, as_=CAROL)
        terminal.do("grant", work, CAROL, as_=ALICE)
        target = tmp_path / "opened.txt"
        terminal.do("open", work, "-o", str(target), as_=CAROL)
        assert target.read_bytes() == path.read_bytes()
        stolen = terminal.ask("open", work, "-o", str(tmp_path / "stolen.txt"), as_=BOB)
        assert stolen.error["code"] == "no_key"

    def test_a_sealed_works_package_is_valid_and_tells_nothing(
        self, terminal: Terminal, text: Text, tmp_path: Path
    ) -> None:
        path = text()
        work = terminal.do("deposit", str(path), "--encrypt", as_=ALICE)["id"]
        package = tmp_path / "sealed.zip"
        terminal.do("evidence", work, "-o", str(package))
        assert terminal.ask("verify", str(package)).json["verdict"] == "consistent"
        body = package.read_bytes()
        assert path.read_bytes()[:32] not in body
        assert hashlib.sha256(path.read_bytes()).hexdigest().encode() not in body


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "<html><meta charset=utf-8><title>转载</title><body>未经许可的作品</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/copy"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.e2e
def test_a_page_is_captured_by_a_real_browser_into_a_case(terminal: Terminal, text: Text, site: str) -> None:
    if find_browser() is None:
        pytest.skip("no Chromium here")
    work = terminal.do("deposit", str(text()), as_=ALICE)["id"]
    report = ("infringement", "report", work, "--where", site, "--description", "转载", "--suspect", "某网站")
    case = terminal.do(*report, as_=ALICE)["id"]
    terminal.refused("not_reporter", REFUSED, "infringement", "close", case, "removed", "--note", "x", as_=BOB)
    captured = terminal.do("infringement", "capture", case, site, as_=ALICE)
    (evidence,) = captured["evidence"]
    assert captured["state"] == "EVIDENCED"
    assert evidence["kind"] == "web_capture"
    assert terminal.do("history", case)[0]["record"]["evidence"] == [evidence]
    assert terminal.do("infringement", "close", case, "removed", "--note", "已删除", as_=ALICE)["state"] == "CLOSED"


@pytest.mark.parametrize(
    "line",
    [
        "show {work}",
        "history {work}",
        "tree {work}",
        "list",
        "queue",
        "search {sha256}",
        "evidence {work} -o {folder}/a.zip --without-content",
    ],
)
@pytest.mark.parametrize("who", [ALICE, BOB, CAROL, ZHAO, FOREIGN])
def test_what_is_public_is_open_to_every_role(
    terminal: Terminal, open_work: dict[str, Any], tmp_path: Path, line: str, who: str
) -> None:
    done = terminal.ask(*shlex.split(line.format(**open_work, folder=tmp_path)), as_=who)
    assert done.code == OK, done.err


@pytest.fixture(scope="module")
def open_work(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("open") / "open.txt"
    path.write_text("".join(f"{uuid.uuid4().hex}\n" for _ in range(20)), encoding="utf-8")
    done = terminal.do("deposit", str(path), as_=ALICE)
    return {"work": done["id"], "sha256": done["sha256"]}
