"""dev.py on machines that lack something: one sentence that names it and what to do, and nothing half made."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian's packages, and owners of files")
# what pip says, shortened to the lines that tell
OFFLINE = """WARNING: Retrying (Retry(total=4)) after connection broken by \
'NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /click/
ERROR: Could not find a version that satisfies the requirement click==8.3.1 (from versions: none)
ERROR: No matching distribution found for click==8.3.1
"""
BEHIND = """ERROR: Could not find a version that satisfies the requirement click==8.3.1 (from versions: 8.1.0, 8.1.2)
ERROR: No matching distribution found for click==8.3.1
"""
OTHER_FILES = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    click==8.3.1 from https://mirror.example/click.whl:
"""
NOT_ALLOWED = "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/srv/x/.venv/lib'\n"
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
PROXY = """WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('timed out'))'
ERROR: No matching distribution found for click==8.3.1
"""
SORRY = "check the network connection"


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """dev.py as it lies in a folder with a space and Chinese, downloaded without git."""
    folder = tmp_path / "城 链 main"
    (folder / "requirements").mkdir(parents=True)
    for name in ("dev.py", "pyproject.toml", *(f"requirements/{kind}.txt" for kind in ("build", "runtime", "test"))):
        shutil.copyfile(ROOT / name, folder / name)
    spec = importlib.util.spec_from_file_location("dev_elsewhere", folder / "dev.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert folder == module.ROOT
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return module


def only(*there: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in there else None


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0), (3, 15, 0), (4, 0, 0)])
def test_another_python_is_told_the_range_and_one_that_fits(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(dev.shutil, "which", only("python3.12"))
    with pytest.raises(dev.SetupError, match=r"needs Python 3\.11 to 3\.13.*fits: python3\.12 dev\.py test -k x$"):
        dev.main(["test", "-k", "x"])
    monkeypatch.setattr(dev.shutil, "which", only())
    with pytest.raises(dev.SetupError, match=r"Install one of these and start dev\.py with it, as in: python3\.13"):
        dev.main(["demo"])


def test_an_old_python_can_read_it_far_enough_to_say_so() -> None:
    ast.parse((ROOT / "dev.py").read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (OFFLINE, SORRY),
        (BEHIND, "does not have a pinned version"),
        (OTHER_FILES, "other files than the pinned ones"),
        (NOT_ALLOWED, "may not be written"),
        (FULL, "is full"),
        ("something else entirely", SORRY),
    ],
)
def test_why_the_packages_could_not_be_installed(dev: ModuleType, said: str, words: str) -> None:
    told = dev.reason(said, f"The packages could not be installed; {SORRY}.")
    assert words in told
    assert (SORRY in told) == (words == SORRY)


def test_a_proxy_that_does_not_answer_is_named(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert "HTTPS_PROXY" in dev.reason(PROXY, SORRY)


@ON_LINUX
def test_system_packages_are_named_at_once_git_among_them(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "missing_system_packages", lambda **_: ["libegl1", "fonts-noto-cjk"])
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev.shutil, "which", only("apt-get", "sudo"))
    install = "apt-get update && apt-get install -y --no-install-recommends libegl1 fonts-noto-cjk git"
    with pytest.raises(dev.SetupError) as told:
        dev.main(["test"])
    assert f"sudo sh -c '{install}'" in str(told.value)
    monkeypatch.setattr(dev.shutil, "which", only("apt-get"))
    with pytest.raises(dev.SetupError) as told:
        dev.main(["test"])
    assert f"su -c '{install}'" in str(told.value)
    assert "sudo" not in str(told.value)
    monkeypatch.setattr(dev.shutil, "which", only())
    with pytest.raises(dev.SetupError, match="lacks what Debian calls: libegl1 fonts-noto-cjk git"):
        dev.main(["test"])


def steps(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; nothing is."""
    ran: list[list[str]] = []
    monkeypatch.setattr(dev, "missing_system_packages", lambda **_: [])
    monkeypatch.setattr(dev.shutil, "which", only())

    def step(command: list[str], _sorry: str) -> None:
        ran.append(command)
        dev.VENV.mkdir(exist_ok=True)

    monkeypatch.setattr(dev, "run_step", step)
    monkeypatch.setattr(dev, "call", lambda command, *_: ran.append(command) or 0)
    return ran


def test_the_demonstration_asks_for_no_git(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = steps(dev, monkeypatch)
    assert dev.main(["demo"]) == 0
    assert ran[-1] == [*dev.citychain("demo")]
    assert not any("git" in Path(command[0]).name for command in ran)


def test_an_environment_of_another_python_or_place_is_made_anew(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = steps(dev, monkeypatch)
    monkeypatch.setattr(dev, "works", Path.exists)
    dev.prepare("runtime")
    assert ran[0][1:3] == ["-m", "venv"]
    dev.PYTHON.parent.mkdir()
    dev.PYTHON.symlink_to(sys.executable)
    ran.clear()
    dev.prepare("runtime")
    assert ran == []  # it is whole: nothing is done a second time
    monkeypatch.setattr(sys, "version", "3.13.9 another")
    dev.prepare("runtime")
    assert any("--require-hashes" in command for command in ran)
    ran.clear()
    dev.PYTHON.unlink()
    dev.PYTHON.symlink_to(dev.ROOT / "python that is gone")
    dev.prepare("runtime")
    assert ran[0][1:3] == ["-m", "venv"]


@ON_LINUX
def test_an_environment_of_somebody_else_is_told_before_anything_is_done(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = steps(dev, monkeypatch)
    site = dev.VENV / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    monkeypatch.setattr(dev.os, "access", lambda path, _mode: Path(path) != site)
    with pytest.raises(dev.SetupError, match=r"belongs to somebody else.*sudo rm -r \.venv"):
        dev.prepare("runtime")
    shutil.rmtree(dev.VENV)
    monkeypatch.setattr(dev.os, "access", lambda *_: False)
    with pytest.raises(dev.SetupError, match="copy of it in a folder of your own"):
        dev.prepare("runtime")
    assert ran == []


@ON_LINUX
def test_what_sudo_made_belongs_to_the_folders_owner(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    steps(dev, monkeypatch)
    owned: dict[Path, int] = {}
    if os.geteuid() == 0:
        os.chown(dev.ROOT, 4711, 4711)
    owner = dev.ROOT.stat().st_uid
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)

    def chown(path: Path, uid: int, _gid: int, *, follow_symlinks: bool) -> None:
        assert not follow_symlinks  # the environment's python is a link to the system's
        owned[Path(path)] = uid

    monkeypatch.setattr(dev.os, "chown", chown)
    dev.prepare("runtime")
    assert owned == {dev.VENV: owner, dev.VENV / ".citychain-runtime": owner}


def test_in_a_bare_environment_it_says_what_it_is_and_refuses_in_one_sentence(dev: ModuleType) -> None:
    environment = {
        "PATH": "",
        "LANG": "C",
        "LC_ALL": "C",
        **{k: os.environ[k] for k in ("SYSTEMROOT",) if k in os.environ},
    }

    def told(*words: str) -> Any:
        return subprocess.run([sys.executable, str(dev.ROOT / "dev.py"), *words], env=environment, cwd=dev.ROOT.parent,
                              capture_output=True, text=True, check=False, timeout=60)  # fmt: skip

    assert told().returncode == 0
    wrong = told("demos")
    assert wrong.returncode == 3
    assert wrong.stderr.startswith("dev.py: There is no command")
    assert wrong.stderr.count("\n") == 1
    assert not dev.VENV.exists()
