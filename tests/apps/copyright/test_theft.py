"""The theft that a registration office must stop, command by command: a published photograph is deposited and taken to
the office by somebody else, as the same bytes and as a cropped copy."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from apps.copyright.demo import samples
from baas.platform import Platform
from tests.apps.copyright.terminal import OK, REFUSED, WRONG_USE, Terminal
from tests.conftest import City, close_city, make_city

LI, THIEF = "PublicMSP/li", "PublicMSP/thief"
ZHAO, QIAN = "CopyrightMSP/zhao", "CopyrightMSP/qian"
FORM = ("--author", "某人", "--completed", "2026-01-01")
FILING = ("--owner-name", "某人", "--purpose", "记录", "--process", "拍摄", "--originality", "构图")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("theft") / "workspace"
    city = make_city(folder)
    for label, role in ((LI, "creator"), (THIEF, "creator"), (ZHAO, "registrar"), (QIAN, "registrar")):
        msp_id, _, name = label.partition("/")
        city.platform.identities.issue(msp_id, name, role, network=city.network)
    city.platform.close()
    yield Terminal(folder)
    close_city(City(Platform.open(folder), city.network))


def photograph(folder: Path, name: str) -> Path:
    """A sample as a file of its own bytes."""
    path = folder / f"{uuid.uuid4().hex}.jpg"
    buffer = io.BytesIO()
    Image.open(samples() / name).convert("RGB").save(buffer, "JPEG", quality=92, comment=uuid.uuid4().bytes)
    path.write_bytes(buffer.getvalue())
    return path


def apply(terminal: Terminal, work: str, who: str, folder: Path) -> str:
    document = folder / "document"
    document.write_text("11010519491231002X\n", encoding="utf-8")
    case = terminal.do("register", work, *FILING, "--document-file", str(document), as_=who)["id"]
    for step in ("verify", "accept", "examine"):
        terminal.do("review", case, step, as_=ZHAO)
    return str(case)


def test_the_same_bytes_are_stopped_at_the_deposit_and_again_at_the_office(terminal: Terminal, tmp_path: Path) -> None:
    path = photograph(tmp_path, "火箭发射.jpg")
    mine = terminal.do("deposit", str(path), "--title", "升空", *FORM, as_=LI)["id"]
    error = terminal.refused("collision", WRONG_USE, "deposit", str(path), "--title", "我拍的", as_=THIEF)
    assert mine in error["message"] and "li deposited the same file" in error["message"]
    for help_ in ("If you are the author", "--relation", "contest", "made independently"):
        assert help_ in error["hint"]
    assert terminal.do("search", str(path))["exact"][0]["id"] == mine
    assert len(terminal.do("list")) == 1, "nothing was written"

    # The thief lies in public; what they say stands on the ledger and before the office.
    lie = f"{mine}=independent:我也在现场拍的"
    taken = terminal.do("deposit", str(path), "--title", "我拍的", *FORM, "--relation", lie, as_=THIEF)["id"]
    case = apply(terminal, taken, THIEF, tmp_path)
    terminal.refused("not_compared", REFUSED, "review", case, "pass", as_=ZHAO)
    compared = terminal.do("compare", case, as_=ZHAO)["comparison"]
    (entry,) = [one for one in compared["found"] if one["work_id"] == mine]
    assert (compared["basis"], entry["method"], entry["score"]) == ("content", "exact", 100)
    terminal.refused("opinion_missing", REFUSED, "review", case, "pass", as_=ZHAO)
    terminal.do("opinion", case, mine, "copy", "--reason", "与在先存证逐字节相同，申请人不能提供原始文件", as_=ZHAO)
    terminal.refused("found_copy", REFUSED, "review", case, "pass", as_=ZHAO)
    terminal.do("review", case, "refuse", "--reason", "系他人作品", as_=ZHAO)

    # The author is not hindered by the thief's deposit: the office says that theirs was first, two people agree.
    case = apply(terminal, mine, LI, tmp_path)
    found = terminal.do("compare", case, as_=ZHAO)["comparison"]["found"]
    assert [one["work_id"] for one in found if not one["own"]] == [taken]
    terminal.do("opinion", case, taken, "prior", "--reason", "本件存证在先，并有原始文件", as_=ZHAO)
    terminal.do("review", case, "pass", as_=ZHAO)
    terminal.do("review", case, "approve", as_=QIAN)
    assert terminal.do("review", case, "issue", as_=QIAN)["number"]


def test_a_cropped_mirrored_copy_is_stopped_too(terminal: Terminal, tmp_path: Path) -> None:
    path = photograph(tmp_path, "一杯咖啡.jpg")
    mine = terminal.do("deposit", str(path), "--title", "午后", *FORM, as_=LI)["id"]
    image = Image.open(path)
    width, height = image.size
    copy = tmp_path / "copy.jpg"
    cropped = image.crop((width // 20, height // 20, width - width // 20, height - height // 20))
    cropped.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(copy, "JPEG", quality=60)
    error = terminal.refused("collision", WRONG_USE, "deposit", str(copy), as_=THIEF)
    assert mine in error["message"] and "looks like it" in error["message"]
    assert terminal.ask("batch", str(tmp_path), as_=THIEF).code == OK
    assert [one["id"] for one in terminal.do("list", "--mine", as_=THIEF)].count(mine) == 0
    lines = terminal.do("batch", str(tmp_path), as_=THIEF)["lines"]
    refused = [one for one in lines if one["state"] == "refused"]
    assert len(refused) == 2, "original and copy"

    lie = f"{mine}=different:完全不同的照片"
    taken = terminal.do("deposit", str(copy), *FORM, "--relation", lie, as_=THIEF)["id"]
    case = apply(terminal, taken, THIEF, tmp_path)
    found = terminal.do("compare", case, as_=ZHAO)["comparison"]["found"]
    (entry,) = [one for one in found if one["work_id"] == mine]
    assert (entry["method"], entry["by"]) == ("image", "office") and entry["score"] > 70
    terminal.refused("opinion_missing", REFUSED, "review", case, "pass", as_=ZHAO)


def test_a_relation_names_a_known_kind(terminal: Terminal, tmp_path: Path) -> None:
    path = photograph(tmp_path, "猫.jpg")
    mine = terminal.do("deposit", str(path), *FORM, as_=LI)["id"]
    said = terminal.ask("deposit", str(path), "--relation", f"{mine}=friends:x", as_=THIEF)
    assert said.code == WRONG_USE and said.error["code"]
    terminal.refused("invalid_field", REFUSED, "deposit", str(path), "--relation", f"{mine}=independent", as_=THIEF)


def test_the_index_read_again_gives_the_same_answers(terminal: Terminal, tmp_path: Path) -> None:
    terminal.do("deposit", str(photograph(tmp_path, "宇航员.jpg")), *FORM, as_=LI)
    asked = [photograph(tmp_path, path.name) for path in sorted(samples().glob("*.jpg"))[:4]]
    before = [terminal.do("search", str(path)) for path in asked]
    again = terminal.do("reindex")
    assert again["works"] == len(terminal.do("list"))
    assert [terminal.do("search", str(path)) for path in asked] == before
