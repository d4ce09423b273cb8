from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from baas.errors import Conflict, NotFound, Unavailable, UserError
from baas.migrations import WORKSPACE, migrate
from baas.workspace import DATABASE, LOCK, Workspace
from network.lock import FileLock, Moment
from network.processes import NO_WINDOW


def test_settings_survive_reopening(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as workspace:
        workspace.set_setting("colour", "blue")
        workspace.set_setting("colour", "红")
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.setting("colour") == "红"
        assert workspace.setting("absent", "none") == "none"


def test_a_workspace_that_appears_while_its_folder_is_looked_at_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program makes it between the question whether it is there and the look at what else is."""
    looked = Path.is_file

    def late(self: Path) -> bool:
        if self.name != DATABASE:
            return looked(self)
        monkeypatch.setattr(Path, "is_file", looked)
        Workspace.open(tmp_path / "w").close()
        return False

    monkeypatch.setattr(Path, "is_file", late)
    with Workspace.open(tmp_path / "w") as workspace:
        workspace.set_setting("theirs", "1")


def test_two_programs_write_side_by_side(tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import sys, pathlib
        from baas.workspace import Workspace
        with Workspace.open(pathlib.Path(sys.argv[1])) as workspace:
            workspace.set_setting("theirs", "1")
            with workspace.moment:
                print("alone", flush=True)
                sys.stdin.readline()
            print("open", flush=True)
            sys.stdin.read()
        """
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "w")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin is not None and other.stdout is not None
    try:
        assert other.stdout.readline() == "alone\n"
        with pytest.raises(Conflict) as refused, Moment(tmp_path / "w" / LOCK, patience_s=0.1):
            pass
        assert str(other.pid) in refused.value.message.zh  # type: ignore[union-attr]
        assert str(other.pid) in refused.value.message.en  # type: ignore[union-attr]
        with Workspace.open(tmp_path / "w", read_only=True) as reader:
            assert reader.setting("theirs") == "1"
            with pytest.raises(sqlite3.OperationalError):
                reader.set_setting("x", "1")
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "open\n"
        with Workspace.open(tmp_path / "w") as mine, mine.moment, mine.moment:
            mine.set_setting("ours", "1")
            assert mine.setting("theirs") == "1"
    finally:
        other.kill()
        other.wait(10)


def test_whoever_is_killed_in_a_moment_leaves_nobody_waiting(tmp_path: Path) -> None:
    code = "import sys, pathlib; from network.lock import Moment\n"
    code += "with Moment(pathlib.Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "l")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    holder.kill()
    holder.wait(10)
    with Moment(tmp_path / "l", patience_s=5):
        pass


def test_a_lock_that_was_removed_by_its_holder_is_not_held_twice(tmp_path: Path) -> None:
    """Removing a network removes its lock file while others wait for it: they must not end up with two files."""
    path = tmp_path / "l"
    first = FileLock(path)
    first.acquire()
    stale = path.open("a+")
    path.unlink()
    second = FileLock(path)
    second.acquire()
    waiting = FileLock(path)
    with pytest.raises(Conflict):
        waiting.acquire()
    assert not waiting._is_current(stale)
    stale.close()
    second.release()
    first.release()


def test_a_missing_workspace_is_not_made_when_only_looking(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Workspace.open(tmp_path / "w", create=False)
    with pytest.raises(NotFound):
        Workspace.open(tmp_path / "w", read_only=True)
    assert not (tmp_path / "w").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("private")
    with pytest.raises(UserError) as refused:
        Workspace.open(tmp_path)
    assert refused.value.code == "not_a_workspace"
    assert [p.name for p in tmp_path.iterdir()] == ["diary.txt"]


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError):
        Workspace.open(tmp_path / "file")


def test_a_newer_workspace_is_refused_and_unchanged(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "w").close()
    path = tmp_path / "w" / DATABASE
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {len(WORKSPACE) + 1}")
    db.commit()
    db.close()
    with pytest.raises(UserError) as refused:
        Workspace.open(tmp_path / "w")
    assert refused.value.code == "workspace_too_new"
    with pytest.raises(UserError) as refused:
        Workspace.open(tmp_path / "w", create=False, read_only=True)
    assert refused.value.code == "workspace_too_new"
    # The refusal gave the lock back.
    with pytest.raises(UserError):
        Workspace.open(tmp_path / "w")


def test_migrations_go_forward_from_any_version() -> None:
    for start in range(len(WORKSPACE) + 1):
        db = sqlite3.connect(":memory:")
        migrate(db, WORKSPACE[:start])
        assert migrate(db, WORKSPACE) == len(WORKSPACE)
        assert db.execute("SELECT count(*) FROM setting").fetchone() == (0,)


def test_a_migration_that_fails_leaves_the_version_before() -> None:
    db = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, ["CREATE TABLE a (x);", "CREATE TABLE b (x); CREATE TABLE a (x);"])
    assert db.execute("PRAGMA user_version").fetchone() == (1,)


_KILLED = """
import os, sqlite3, sys
from baas.migrations import migrate
db = sqlite3.connect(sys.argv[1])
left = int(sys.argv[2])
def count():
    global left
    left -= 1
    if left == 0:
        os._exit(9)
db.set_progress_handler(count, 20)
migrate(db, {steps!r})
"""


def test_a_migration_that_was_killed_goes_on_with_the_next_opening(tmp_path: Path) -> None:
    """At any of SQLite's own steps: a step of ours is there wholly or not at all, and none is done twice."""
    rows = " UNION ALL ".join(f"SELECT {n}" for n in range(200))
    steps = ["CREATE TABLE a (x);", f"INSERT INTO a {rows};", "ALTER TABLE a ADD y; UPDATE a SET y = x + 1;"]
    path, ended = tmp_path / "w.db", []
    for kill in (1, 20, 45, 80, 100_000):
        argv = [sys.executable, "-c", _KILLED.format(steps=steps), str(path), str(kill)]
        ended.append(subprocess.run(argv, check=False, creationflags=NO_WINDOW).returncode)
        with contextlib.closing(sqlite3.connect(path)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version >= 2:
                assert db.execute("SELECT count(*) FROM a").fetchone() == (200,)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert migrate(db, steps) == 3 and db.execute("SELECT sum(y - x) FROM a").fetchone() == (200,)
    assert 9 in ended and ended[-1] == 0


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "not_writable")])
def test_a_full_or_read_only_disk_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Unavailable) as refused:
        Workspace.open(tmp_path / "w")
    assert refused.value.code == code
    assert refused.value.exit_code == 3


def test_little_space_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("baas.workspace.shutil.disk_usage", lambda _p: usage._replace(free=1024))
    with pytest.raises(Unavailable) as refused:
        Workspace.open(tmp_path / "w")
    assert refused.value.code == "disk_full"
    assert not (tmp_path / "w" / DATABASE).exists()


def test_a_damaged_database_says_what_to_do(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "w").close()
    (tmp_path / "w" / DATABASE).write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable) as refused:
        Workspace.open(tmp_path / "w")
    assert refused.value.code == "storage_damaged"


def test_paths_stay_inside(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.path("networks", "city").parent.name == "networks"
        for parts in (("..",), ("networks", "..", "..", "x"), ("/etc/passwd",)):
            with pytest.raises(UserError):
                workspace.path(*parts)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_only_the_owner_may_look(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.folder.stat().st_mode & 0o077 == 0


def test_closing_while_another_thread_reads(tmp_path: Path) -> None:
    """The reader is told, or gets its answer; nothing is taken from under its hands."""
    for _ in range(20):
        workspace = Workspace.open(tmp_path / "w")
        wrong: list[BaseException] = []
        begun = threading.Event()

        def read(workspace: Workspace, wrong: list[BaseException], begun: threading.Event) -> None:
            try:
                while True:
                    workspace.db.execute("SELECT count(*) FROM setting, sqlite_master").fetchone()
                    begun.set()
            except UserError:
                pass
            except BaseException as error:
                wrong.append(error)

        readers = [threading.Thread(target=read, args=(workspace, wrong, begun)) for _ in range(3)]
        for reader in readers:
            reader.start()
        assert begun.wait(30)
        workspace.close()
        for reader in readers:
            reader.join(30)
        assert wrong == []
