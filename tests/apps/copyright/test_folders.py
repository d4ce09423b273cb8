"""A folder as one work: its CID is Kubo's, its bytes as one file are everybody's, and others' files in it are found."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import uuid
from pathlib import Path
from typing import Any

import pytest

from apps.copyright import intake
from apps.copyright.model import WorkForm
from apps.copyright.proof import check_evidence, export_evidence
from baas.content import folders
from baas.content.cid import DAG_PB, of_block
from baas.content.store import ContentError
from baas.content.unixfs import Link
from baas.errors import UserError
from baas.jobs import NULL_CONTEXT


def made(folder: Path, *, large: int = 700_000) -> Path:
    """A program's folder: names in Chinese, an empty file, one of several blocks and the same again."""
    (folder / "源代码" / "b").mkdir(parents=True)
    (folder / "a.txt").write_text(f"hello {uuid.uuid4().hex}\n", "utf-8")
    (folder / "源代码" / "é.py").write_text("print('你好')\n", "utf-8")
    (folder / "源代码" / "empty").touch()
    body = os.urandom(large)
    (folder / "源代码" / "b" / "large.bin").write_bytes(body)
    (folder / "zcopy.bin").write_bytes(body)
    return folder


def form(title: str = "程序", **more: Any) -> WorkForm:
    return WorkForm(title=title, authors=({"name": "样例甲"},), completed={"date": "2026-01-01"}, **more)


def test_an_empty_directory_has_the_identifier_that_everybody_knows() -> None:
    assert of_block(folders.encode_directory([]), DAG_PB).text == (
        "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
    )


@pytest.mark.e2e
def test_cids_equal_kubos(service: Any, tmp_path: Path) -> None:
    ipfs = shutil.which("ipfs")
    if ipfs is None:
        pytest.skip("no Kubo here")
    folder = made(tmp_path / "work", large=3_000_000)
    for number in range(500):  # a directory of some size, and names that sort otherwise as text
        (folder / f"文件-{number}-ｚ.txt").write_text(str(number), "utf-8")
    environment = os.environ | {"IPFS_PATH": str(tmp_path / "ipfs")}
    subprocess.run([ipfs, "init", "--profile=test"], env=environment, check=True, capture_output=True)
    line = [ipfs, "add", "-r", "-Q", "-H", "--only-hash", "--cid-version=1", "--raw-leaves", str(folder)]
    line.append("--chunker=size-262144")
    theirs = subprocess.run(line, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    cid, size = folders.keep(service.content, folder)
    assert cid == theirs
    assert size == sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_a_folder_is_deposited_found_again_and_taken_out(service: Any, tmp_path: Path) -> None:
    folder = made(tmp_path / "work")
    done = service.deposit(folder, form())
    assert done.work.media_type == "application/x-directory" and not done.duplicate
    assert any("逐件存证" in str(doubt.zh) for doubt in done.doubts), "what is not searched is said"
    assert [one.id for one in service.find_file(folder)] == [done.work.id]
    again = service.deposit(shutil.copytree(folder, tmp_path / "copy"), form("又一次"))
    assert again.duplicate and again.work.id == done.work.id, "the machine and its times are no part of it"
    out = io.BytesIO()
    service.access.save(done.work.id, out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as archive:
        archive.extractall(tmp_path / "out")  # Python before 3.11.4 has no filter; the archive is our own
    assert intake.hash_file(tmp_path / "out", NULL_CONTEXT) == done.work.sha256
    assert service.content.stat(done.work.cid).size == done.work.size
    assert folders.unpack(service.content, done.work.cid, tmp_path / "direct") == 5


def test_the_evidence_of_a_folder_is_whole_without_its_content(service: Any, tmp_path: Path) -> None:
    work = service.deposit(made(tmp_path / "work"), form()).work
    target = tmp_path / "evidence.zip"
    export_evidence(service, work.id, target)
    found = {one.code for one in check_evidence(target).findings}
    assert "content-absent" in found and not {code for code in found if code.startswith("content-other")}


def test_others_files_inside_stop_a_folder(service: Any, acting: Any, tmp_path: Path, fresh_file: Any) -> None:
    """Whoever wraps somebody's file into a folder is asked what theirs is to it."""
    path = fresh_file()
    tag = uuid.uuid4().hex[:6]
    with acting(f"PublicMSP/first-{tag}", "creator") as first:
        work = first.deposit(path, form("原件")).work
    folder = made(tmp_path / "wrapped")
    shutil.copy(path, folder / "源代码" / "拿来的.txt")
    with acting(f"PublicMSP/second-{tag}", "creator") as second:
        with pytest.raises(UserError) as refused:
            second.deposit(folder, form("我的程序"))
        assert refused.value.code == "collision"
        assert [one["work_id"] for one in refused.value.details["works"]] == [work.id]
        told = ({"work_id": work.id, "relation": "licensed", "words": "经许可使用"},)
        assert (
            second.deposit(folder, form("我的程序", relations=told)).work.record["relations"][0]["work_id"] == work.id
        )


def test_what_is_no_folder_to_deposit(service: Any, tmp_path: Path) -> None:
    folder = made(tmp_path / "work")
    with pytest.raises(UserError) as sealed:
        service.deposit(folder, form(), encrypt=True)
    assert sealed.value.code == "folder_sealed"
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(ContentError) as link:
        service.deposit(folder, form())
    assert link.value.code == "folder_link"
    (folder / "link").unlink()
    (folder / os.fsdecode(b"\xff\xfe.txt")).touch()
    with pytest.raises(ContentError) as name:
        service.deposit(folder, form())
    assert name.value.code == "folder_name"
    empty = tmp_path / "empty"
    (empty / "below").mkdir(parents=True)
    with pytest.raises(ContentError) as nothing:
        service.deposit(empty, form())
    assert nothing.value.code == "folder_empty"


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc/x", "a\0b"])
def test_names_that_lead_outside_are_not_written(service: Any, tmp_path: Path, name: str) -> None:
    """Directory blocks are anybody's."""
    from baas.content import car

    leaf = service.content.add(io.BytesIO(b"evil"), name="x")
    from baas.content.cid import parse

    block = folders.encode_directory([Link(parse(leaf), 4, name)])
    root = of_block(block, DAG_PB)
    archive = io.BytesIO(car.header([root]) + car.section(root, block))
    service.content.import_car(archive)
    with pytest.raises(ContentError):
        folders.unpack(service.content, root.text, tmp_path / "out")
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_names_itself_over_and_over_costs_little(service: Any) -> None:
    """Thirty blocks that say eight terabytes: their size is known at once, and they are not written out."""
    from baas.content import car
    from baas.content.cid import parse

    leaf = parse(service.content.add(io.BytesIO(b"x" * 8192), name="x"))
    link, blocks = Link(leaf, 8192, "f"), []
    for _ in range(18):
        block = folders.encode_directory([Link(link.cid, link.total, f"{n}") for n in range(8)])
        cid = of_block(block, DAG_PB)
        blocks.append(car.section(cid, block))
        link = Link(cid, link.total * 8, "d")
    service.content.import_car(io.BytesIO(car.header([link.cid]) + b"".join(blocks)))
    assert service.content.stat(link.cid.text).size == 8192 * 8**18
    with pytest.raises(ContentError):
        folders.stored_files(service.content, link.cid.text)


def test_folders_without_any_file_are_counted_too(service: Any) -> None:
    """Nineteen blocks of 33 kB, each naming the next one forty times: before, whoever opened that waited for ever."""
    from baas.content import car

    link, blocks = None, []
    for _ in range(19):
        block = folders.encode_directory([Link(link, 1, f"d{n}") for n in range(40)] if link else [])
        link = of_block(block, DAG_PB)
        blocks.append(car.section(link, block))
    assert link is not None
    service.content.import_car(io.BytesIO(car.header([link]) + b"".join(blocks)))
    with pytest.raises(ContentError) as refused:
        folders.stored_files(service.content, link.text)
    assert refused.value.code == "folder_too_many"


def test_a_folder_on_disk_of_too_many_folders_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_ENTRIES", 10)
    for number in range(11):
        (tmp_path / f"{number}").mkdir()
    with pytest.raises(ContentError) as refused:
        folders.files_of(tmp_path)
    assert refused.value.code == "folder_too_many"


@pytest.mark.parametrize("name", ["..\\x", "C:x", "a:b", "NUL", "com1.txt", "a.", "a ", "a\x01"])
def test_names_that_windows_reads_otherwise_are_not_written_there(service: Any, tmp_path: Path, name: str) -> None:
    from baas.content import car
    from baas.content.cid import parse

    leaf = parse(service.content.add(io.BytesIO(b"evil"), name="x"))
    block = folders.encode_directory([Link(leaf, 4, "good"), Link(leaf, 4, name)])
    root = of_block(block, DAG_PB)
    service.content.import_car(io.BytesIO(car.header([root]) + car.section(root, block)))
    with pytest.raises(ContentError) as refused:
        folders.unpack(service.content, root.text, tmp_path / "out", windows=True)
    assert refused.value.code == "folder_name" and not (tmp_path / "out").exists()


def test_a_file_and_a_folder_of_one_name_are_refused(service: Any, tmp_path: Path) -> None:
    from baas.content import car
    from baas.content.cid import parse

    leaf = parse(service.content.add(io.BytesIO(b"evil"), name="x"))
    inner = folders.encode_directory([Link(leaf, 4, "b")])
    block = folders.encode_directory([Link(leaf, 4, "a"), Link(of_block(inner, DAG_PB), 4, "a")])
    root = of_block(block, DAG_PB)
    sections = car.section(root, block) + car.section(of_block(inner, DAG_PB), inner)
    service.content.import_car(io.BytesIO(car.header([root]) + sections))
    with pytest.raises(ContentError):
        folders.unpack(service.content, root.text, tmp_path / "out")
    assert not (tmp_path / "out").exists()
