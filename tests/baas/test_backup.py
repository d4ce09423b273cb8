from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.copyright.roles import CREATOR
from apps.health_slots.roles import HOSPITAL_STAFF
from baas.errors import Cancelled, Conflict, NotFound, PermissionDenied, UserError
from baas.jobs import NULL_CONTEXT, NullJobContext
from baas.keystore import DEVICE
from baas.platform import Platform
from baas.services.backup import FORMAT, MANIFEST, back_up
from baas.services.restoring import check, restore
from baas.session import Actor


@pytest.fixture
def stopped(paper: Platform) -> Platform:
    """A workspace with content whose network has nothing to stop."""
    paper.identities.issue("CopyrightMSP", "alice", CREATOR)
    paper.workspace.set_setting("colour", "red")
    (paper.workspace.path("content") / "block").write_bytes(b"content" * 1000)
    db = sqlite3.connect(paper.workspace.path("content", "pins.db"))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE pin (cid TEXT)")
    db.execute("INSERT INTO pin VALUES ('bafk')")
    db.commit()  # and not closed: the row is in the write-ahead log only
    paper.keep = db  # type: ignore[attr-defined]
    return paper


def test_there_and_back(stopped: Platform, tmp_path: Path) -> None:
    report = back_up(stopped, tmp_path / "b.zip")
    assert report.networks == ("city",)
    restore(tmp_path / "b.zip", tmp_path / "again")
    with Platform.open(tmp_path / "again", create=False) as again:
        assert again.workspace.setting("colour") == "red"
        assert again.identities.signing("CopyrightMSP/alice").sign(b"x")
        assert again.workspace.path("content", "block").read_bytes() == b"content" * 1000
        db = sqlite3.connect(again.workspace.path("content", "pins.db"))
        assert db.execute("SELECT cid FROM pin").fetchall() == [("bafk",)]
        db.close()
        before = {r.label: r.fingerprint for r in stopped.identities.list("city")}
        assert {r.label: r.fingerprint for r in again.identities.list("city")} == before


def test_without_the_device_key_the_keys_stay_closed(stopped: Platform, tmp_path: Path) -> None:
    back_up(stopped, tmp_path / "b.zip", device_key=False)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert not any(name.endswith(DEVICE) for name in archive.namelist())


def test_every_changed_byte_of_a_file_is_found(stopped: Platform, tmp_path: Path) -> None:
    back_up(stopped, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for victim in ("citychain.db", "content/block", MANIFEST):
        bad = bytearray(files[victim])
        bad[len(bad) // 2] ^= 1
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr(name, bytes(bad) if name == victim else data)
        try:
            restore(tmp_path / "bad.zip", tmp_path / "out")
        except UserError as error:
            assert error.code == "backup_damaged"
            assert not (tmp_path / "out").exists()
        else:
            # A flip in the manifest may hit a blank or the time; then every file was still checked.
            assert victim == MANIFEST
            with Platform.open(tmp_path / "out", create=False):
                pass
            return
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:/evil", "a\\b"])
def test_a_backup_cannot_write_outside(tmp_path: Path, name: str) -> None:
    entry = {"size": 1, "sha256": "00", "mode": 0o600}
    manifest = {"format": "citychain-backup-1", "files": {"citychain.db": entry, name: entry}, "networks": []}
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("citychain.db", b"x")
        archive.writestr(name, b"x")
        archive.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(UserError):
        restore(tmp_path / "evil.zip", tmp_path / "folder" / "out")
    assert not list((tmp_path / "folder").glob("*"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.zip", "folder"]


@pytest.mark.parametrize(
    "names",
    [
        ["a", "a/b"],
        ["a/b", "a"],
        ["a", "a/b/c"],
        ["./citychain.db"],
        ["a/b", "a//b"],
        ["citychain.db/x"],
        ["citychain.db-wal"],
        ["n" * 300],
    ],
    ids=lambda names: " ".join(names)[:20],
)
def test_a_check_refuses_what_no_folder_can_hold(tmp_path: Path, names: list[str]) -> None:
    """As restoring does: who checked a backup relies on it."""
    backup = tmp_path / "evil.zip"
    with zipfile.ZipFile(backup, "w") as archive:
        entries = {}
        for name in ["citychain.db", *names]:
            entries[name] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest(), "mode": 0o600}
            archive.writestr(name, b"x")
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, "files": entries, "networks": []}))
    for refusing in (lambda: check(backup), lambda: restore(backup, tmp_path / "out")):
        with pytest.raises(UserError) as refused:
            refusing()
        assert refused.value.code == "backup_damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["evil.zip"]


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr(MANIFEST, "[1]")
    for name in ("text.zip", "empty.zip", "other.zip"):
        with pytest.raises(UserError):
            restore(tmp_path / name, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def _flipped(where: int, value: int) -> Callable[[bytes], bytes]:
    """Set a field of every entry, in the archive's directory and before the entry itself."""

    def act(raw: bytes) -> bytes:
        found = bytearray(raw)
        for mark, offset in ((b"PK\x01\x02", where), (b"PK\x03\x04", where - 2)):
            at = -1
            while (at := found.find(mark, at + 1)) >= 0:
                found[at + offset] = value
        return bytes(found)

    return act


@pytest.mark.parametrize(
    ("size", "manifest", "change"),
    [
        ("Infinity", "", None),
        ("1e999", "", None),
        ("1", "[" * 200_000, None),
        ("1", "", _flipped(8, 1)),
        ("1", "", _flipped(10, 99)),
        ("1", "", _flipped(10, 12)),
    ],
    ids=["size", "larger size", "depth", "encrypted", "unknown packing", "other packing"],
)
def test_made_to_confuse_it_is_damaged_and_no_defect(
    tmp_path: Path, size: str, manifest: str, change: Callable[[bytes], bytes] | None
) -> None:
    """Each of these ended as a defect of the program."""
    backup = tmp_path / "evil.zip"
    said = f'{{"format": "{FORMAT}", "networks": [], "files": {{"citychain.db": {{"size": {size}, "sha256": "00"}}}}}}'
    with zipfile.ZipFile(backup, "w") as archive:
        archive.writestr("citychain.db", b"x")
        archive.writestr(MANIFEST, manifest or said)
    if change is not None:
        backup.write_bytes(change(backup.read_bytes()))
    for refusing in (lambda: check(backup), lambda: restore(backup, tmp_path / "out")):
        with pytest.raises(UserError) as refused:
            refusing()
        assert refused.value.code == "backup_damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["evil.zip"]


def test_a_bomb_is_stopped_at_its_declared_size(tmp_path: Path) -> None:
    entry = {"size": 10, "sha256": "00", "mode": 0o600}
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("citychain.db", b"\0" * 50_000_000)
        archive.writestr(MANIFEST, json.dumps({"format": "citychain-backup-1", "files": {"citychain.db": entry}}))
    with pytest.raises(UserError):
        restore(tmp_path / "bomb.zip", tmp_path / "out")


def test_neither_over_other_files_nor_into_itself(stopped: Platform, tmp_path: Path) -> None:
    back_up(stopped, tmp_path / "b.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(Conflict):
        restore(tmp_path / "b.zip", tmp_path / "full")
    with pytest.raises(UserError):
        back_up(stopped, stopped.workspace.path("b.zip"))


def test_a_cancelled_backup_leaves_no_file(stopped: Platform, tmp_path: Path) -> None:
    class Impatient(NullJobContext):
        def progress(self, done: float, total: float, text: object = "") -> None:
            if done > 3:
                raise Cancelled

    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(Cancelled):
        back_up(stopped, target / "b.zip", ctx=Impatient())
    assert list(target.iterdir()) == []


def test_only_who_may_backs_up(stopped: Platform, tmp_path: Path) -> None:
    stopped.session.act_as(Actor("HospitalMSP/nurse", "HospitalMSP", frozenset({HOSPITAL_STAFF})))
    with pytest.raises(PermissionDenied):
        back_up(stopped, tmp_path / "b.zip", ctx=NULL_CONTEXT)


def test_a_backup_is_checked_without_being_restored(tmp_path: Path) -> None:
    """`citychain restore FILE --check`, and what the console does with a backup that is opened."""
    with Platform.open(tmp_path / "w") as platform:
        made = back_up(platform, tmp_path / "w.ccb")
    before = sorted(path.name for path in tmp_path.iterdir())
    found = check(tmp_path / "w.ccb")
    assert (found.files, found.bytes) == (made.files, made.bytes)
    data = bytearray((tmp_path / "w.ccb").read_bytes())
    with zipfile.ZipFile(tmp_path / "w.ccb") as archive:
        entry = archive.getinfo("citychain.db")
    data[entry.header_offset + 100 + len("citychain.db")] ^= 1
    (tmp_path / "w.ccb").write_bytes(bytes(data))
    with pytest.raises(UserError) as refused:
        check(tmp_path / "w.ccb")
    assert refused.value.code == "backup_damaged"
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    with pytest.raises(NotFound):
        check(tmp_path / "gone.ccb")


def test_chains_of_fabrics_own_nodes_are_read_and_compared(stopped: Platform, tmp_path: Path) -> None:
    """A block changed in a peer's files together with its checksum in the manifest: its chain no longer fits."""
    from tests.network.test_stored_chain import chain, record

    place = "networks/city/nodes/peer0/data/ledgersData/chains/chains/citychannel"
    folder = stopped.workspace.path(*place.split("/"))
    folder.mkdir(parents=True)
    blocks = chain(5)
    (folder / "blockfile_000000").write_bytes(b"".join(map(record, blocks[:3])))
    (folder / "blockfile_000001").write_bytes(b"".join(map(record, blocks[3:])))
    (stopped.workspace.path("networks", "city") / "frozen").mkdir()  # of a backup that was killed
    (stopped.workspace.path("networks", "city") / "frozen" / "leftover").write_bytes(b"x")
    report = back_up(stopped, tmp_path / "b.zip")
    assert [(one.folder, one.height) for one in report.chains] == [(place, 5)] and report.still_s == 0
    assert check(tmp_path / "b.zip").chains == report.chains
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert not any("frozen" in name for name in files)
    for victim, content in (
        ("blockfile_000001", b"".join(map(record, chain(6)[4:]))),  # a block is missing
        ("blockfile_000001", record(blocks[3])),  # shorter than it was
        ("blockfile_000000", files[f"{place}/blockfile_000000"].replace(b"envelope 1", b"envelope 9")),
    ):
        manifest = json.loads(files[MANIFEST])
        digest = hashlib.sha256(content).hexdigest()
        manifest["files"][f"{place}/{victim}"] |= {"size": len(content), "sha256": digest}
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            for name, data in (files | {f"{place}/{victim}": content, MANIFEST: json.dumps(manifest).encode()}).items():
                archive.writestr(name, data)
        for attempt in (lambda: check(tmp_path / "bad.zip"), lambda: restore(tmp_path / "bad.zip", tmp_path / "out")):
            with pytest.raises(UserError) as caught:
                attempt()
            assert caught.value.code == "backup_damaged" and not (tmp_path / "out").exists()


def test_what_leads_to_programs_that_still_run_is_left_out(stopped: Platform, tmp_path: Path) -> None:
    """A supervisor's address and its programs' ids: a restored network would stop the original's nodes by them."""
    run = stopped.workspace.path("networks", "city", "run")
    run.mkdir()
    for name in ("supervisor.json", "pids.json", "processes.json"):
        (run / name).write_text("{}")
    (run / "couchdb.secret").write_text("kept")
    back_up(stopped, tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "again")
    left = {path.name for path in (tmp_path / "again" / "networks" / "city" / "run").iterdir()}
    assert left == {"couchdb.secret"}
