"""The guide's part on finance, line by line, as it stands there; tables in and out; the books."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from apps.supply_finance.books import books_of
from apps.supply_finance.demo import samples
from apps.supply_finance.tables import read_receivables
from apps.supply_finance.words import in_days
from baas.errors import CityChainError, UserError
from baas.platform import Platform
from tests.apps.copyright.terminal import outcome

DOCS = Path(__file__).parents[3] / "docs"


def lines(page: str, title: str) -> list[str]:
    part = re.search(rf"^## {title}\n(.*?)(?=^## )", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert part is not None
    blocks = re.findall(r"```\n(.*?)```", part[1], re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("citychain ")]


def test_the_guide(finance_city: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(samples().parent, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    Path("receipt.pdf").write_bytes(b"receipt")
    seller = finance_city.identities.ensure("PublicMSP", "supply_finance-supplier", "supplier", network="city")
    finance_city.identities.ensure("PublicMSP", "supplier-2", "supplier", network="city")
    table = Path("receivables.csv").read_text("utf-8").replace("DataBureauMSP/supply_finance-supplier", seller)
    Path("receivables.csv").write_text(re.sub(r"(2631\d{15})(\d)", r"\g<1>9", table, count=1), "utf-8")
    ids: dict[str, str] = {"2027-10-31": in_days(300), "2026-12-31": in_days(10)}
    done: list[Any] = []
    wanted = lines("applications.md", "Banks, core enterprises, suppliers")
    assert len(wanted) == 15 and wanted == lines("applications.zh-CN.md", "银行、核心企业、供应商")
    for line in wanted:
        words = [ids.get(word, word) for word in shlex.split(line)[1:]]
        said = outcome("--workspace", str(finance_city.workspace.folder), "--json", *words)
        assert said.code == 0, (line, said.err)
        found = said.json
        done.append(found)
        match words[1:3]:
            case ["line", "grant"]:
                ids["LINE_ID"] = found["id"]
            case ["certificate", "import"]:
                assert [one["state"] for one in found] == ["issued", "issued", "issued"]
                ids["CERTIFICATE_ID"] = found[0]["certificate"]
            case ["certificate", "split"]:
                ids["PART_ID"] = found["children"][0]
            case ["financing", "ask"]:
                ids["FINANCING_ID"] = found["id"]
    paper, tree, exported, books = done[-4:]
    assert paper["contract"] == "采购-2026-017" and len(tree) == 3 and exported["certificates"] >= 5
    assert [one["state"] for one in tree] == ["SPLIT", "FINANCED", "HELD"]
    assert not books["findings"]
    assert sum(one["receivable_fen"] for one in books["parties"]) == sum(one["payable_fen"] for one in books["parties"])
    sheet = load_workbook("certificates.xlsx")["certificates"]
    assert sheet.max_row == exported["certificates"] + 1
    again = outcome("--workspace", str(finance_city.workspace.folder), "--json", "finance", "certificate", "import",
                    ids["LINE_ID"], "receivables.csv")  # fmt: skip
    assert {one["state"] for one in again.json} == {"known"}, "no invoice is issued twice"
    export = outcome(
        "--workspace", str(finance_city.workspace.folder), "finance", "certificate", "export", "certificates.xlsx"
    )
    assert export.code == 2, "what is there is not written over"


@pytest.mark.parametrize("part", ["x", "-1", "0", "1.001", "=PublicMSP/x", "1e400", "nan"])
def test_a_part_that_is_none(finance_city: Platform, part: str) -> None:
    said = outcome(
        "--workspace",
        str(finance_city.workspace.folder),
        "--json",
        "finance",
        "certificate",
        "split",
        "PZ1",
        "--",
        part,
    )
    assert said.code == 2 and said.error["code"] == "bad_number"


# -- tables ----------------------------------------------------------------------------------------------
def sample(folder: Path) -> list[list[str]]:
    for file in samples().parent.glob("*.txt"):
        shutil.copy(file, folder)
    return [line.split(",") for line in samples().read_text("utf-8").splitlines()]


def test_a_workbook_and_two_encodings_say_the_same(tmp_path: Path) -> None:
    rows = sample(tmp_path)
    text = "\n".join(",".join(row) for row in rows)
    (tmp_path / "a.csv").write_text(text, "utf-8-sig")
    (tmp_path / "b.csv").write_text(text, "gb18030")
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "c.xlsx")
    found = [read_receivables(tmp_path / name) for name in ("a.csv", "b.csv", "c.xlsx")]
    assert found[0] == found[1] == found[2] and len(found[0]) == 3
    first: Any = found[0][0][1]
    assert first["face_fen"] == 100_000_000 and first["due"] == in_days(90) and first["recourse"] == "with"
    assert len(first["papers"]["invoice_sha256"]) == 64


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (1, "12.345", "金额应为数字"),
        (1, "1e400", "金额应为数字"),
        (6, "没有.txt", "没有这个文件"),
        (6, "../secret.txt", "没有这个文件"),
        (6, "", "没有这个文件"),
    ],
)
def test_a_row_that_is_none_is_told_alone(tmp_path: Path, at: int, value: str, said: str) -> None:
    (tmp_path / "secret.txt").write_text("x")
    folder = tmp_path / "in"
    folder.mkdir()
    rows = sample(folder)
    rows[1][at] = value
    (folder / "t.csv").write_text("\n".join(",".join(row) for row in rows), "utf-8")
    found = read_receivables(folder / "t.csv")
    assert isinstance(found[0][1], CityChainError) and said in found[0][1].message.zh
    assert not isinstance(found[1][1], CityChainError)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"\xff\xfe\x00\x81" * 9, b"a,b\n1,2\n", b"\x00" * 99])
def test_a_table_that_is_none_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(UserError):
        read_receivables(tmp_path / "t.csv")


# -- the books -------------------------------------------------------------------------------------------
def certificate(id: str, **changes: Any) -> dict[str, Any]:
    base = {
        "id": id,
        "type": "certificate",
        "state": "HELD",
        "root": id,
        "line_id": "L",
        "children": [],
        "holder": "A/a",
    }
    return {**base, "debtor": "B/b", "amount_fen": 100, "face_fen": 100, **changes}


@pytest.mark.parametrize(
    ("used", "certificates", "financings", "findings"),
    [
        (100, [certificate("P")], [], 0),
        (99, [certificate("P")], [], 1),
        (101, [certificate("P", amount_fen=101)], [], 1),
        (100, [certificate("P", state="SPLIT", children=["Q"]), certificate("Q", root="P", amount_fen=100)], [], 0),
        (99, [certificate("P", state="SPLIT", children=["Q"]), certificate("Q", root="P", amount_fen=99)], [], 2),
        (100, [certificate("P")], [{"certificate_id": "P", "state": "PAID"}] * 2, 1),
    ],
)
def test_the_books_find_what_does_not_hold(
    used: int, certificates: list[Any], financings: list[Any], findings: int
) -> None:
    found = books_of([{"id": "L", "used_fen": used, "limit_fen": 1000}], certificates, financings)
    assert len(found.findings) == findings, found.findings
    assert found.receivable.total() == found.payable.total()
