"""The builders of packages: what they choose, leave out and write; building and installing is done by hand (docs)."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"


def builder(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER / "windows"))
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module(name)


def test_pins_for_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = builder("build_windows", monkeypatch)
    pins = windows.pins_for_windows(Path(sys.executable), "3.13")
    names = {pin.partition("==")[0]: pin for pin in pins}
    assert {"colorama", "pywin32", "pyside6-essentials", "c2pa-python", "av"} <= set(names)
    assert "uvloop" not in names
    assert len(names) == len(pins)
    assert all(" --hash=sha256:" in pin and ";" not in pin for pin in pins)
    assert set(windows.SOURCE_ONLY) <= set(names)


def test_what_no_user_runs_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    payload = builder("payload", monkeypatch)
    kept = (
        "numpy/core.py", "fhir/resources/__init__.py", "fhir/resources/R4B/slot.py", "PySide6/QtGui.pyd",
        "PySide6/Qt6Gui.dll", "PySide6/plugins/platforms/qwindows.dll", "PySide6/translations/qtbase_zh_CN.qm",
        "PySide6/__init__.py", "console/theme/en.qm", "apps/samples/a.txt",
    )  # fmt: skip
    gone = (
        "bin/f2py", "numpy/tests/test_core.py", "numpy/core.pyi", "fhir/resources/slot.py",
        "fhir/resources/STU3/slot.py",
        "PySide6/QtQml.pyd", "PySide6/Qt6Qml.dll", "PySide6/plugins/qmltooling/a.dll", "PySide6/designer.exe",
        "PySide6/translations/qtbase_de.qm", "PySide6/opengl32sw.dll",
    )  # fmt: skip
    for name in (*kept, *gone):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "PySide6" / "QtGui.pyd").write_bytes(b"\0Qt6Gui.dll\0")
    payload.slim(tmp_path)
    assert [name for name in kept if not (tmp_path / name).exists()] == []
    assert [name for name in gone if (tmp_path / name).exists()] == []


@pytest.mark.parametrize(
    ("path", "added", "removed"),
    [
        ("", "C:\\x\\bin", ""),
        ("A;B", "A;B;C:\\x\\bin", "A;B"),
        ("A;c:\\X\\bin\\;B", "A;B;C:\\x\\bin", "A;B"),
        ("%USERPROFILE%\\a;", "%USERPROFILE%\\a;C:\\x\\bin", "%USERPROFILE%\\a"),
    ],
)
def test_the_users_path(monkeypatch: pytest.MonkeyPatch, path: str, added: str, removed: str) -> None:
    steps = builder("setup_steps", monkeypatch)
    assert steps.with_folder(path, "C:\\x\\bin") == added
    assert steps.with_folder(added, "C:\\x\\bin") == added
    assert steps.without_folder(added, "C:\\x\\bin") == removed


def test_manual_pages_and_completions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    manual = builder("manual", monkeypatch)
    monkeypatch.setattr(sys, "argv", ["manual", str(tmp_path)])
    assert manual.main() == 0
    for lang, word in (("en", "NAME"), ("zh", "名称")):
        page = manual.manual(lang)
        assert f".SH {word}" in page
        assert "network up" in page.replace("\\", "")
        requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
        assert requests <= {".TH", ".SH", ".SS", ".TP", ".B", ".I", ".br", ".RS", ".RE"}
    assert (tmp_path / "bash-completion/completions/citychain").read_text(encoding="utf-8")


def test_the_uninstaller_knows_every_file_beside_the_programs() -> None:
    script = (FOLDER / "windows" / "citychain.nsi").read_text(encoding="utf-8")
    uninstall = script[script.index('Section "Uninstall"') :]
    source = (FOLDER / "build_windows.py").read_text(encoding="utf-8")
    written = re.search(r"def write_files\(.*?\n\n\n", source, re.DOTALL)
    assert written is not None
    for name in re.findall(r'"([A-Za-z.-]+\.(?:md|py|txt|ico)|LICENSE)"', written[0]):
        assert f'Delete "$INSTDIR\\{name}"' in uninstall, name


def test_versions_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = builder("payload", monkeypatch)
    assert f"## {payload.version()}" in (FOLDER.parent / "CHANGELOG.md").read_text(encoding="utf-8")
