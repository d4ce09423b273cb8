"""The builders of packages: what they choose, leave out and write; building and installing is done by hand (docs)."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import PySide6
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
    assert set(windows.payload.SOURCE_ONLY) <= set(names)


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


def test_the_manual_ends_on_every_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian 12's groff loops for ever over Latin words that 、 joins into one longer than a line."""
    manual = builder("manual", monkeypatch)
    assert manual._escaped("用 channels、organizations、peers、identities 与 certificates") == (
        "用 channels、 organizations、 peers、 identities 与 certificates"
    )
    groff = shutil.which("groff")
    if groff is None:
        return
    for lang in ("en", "zh"):
        for width in (40, 78):
            command = [groff, "-man", "-Tutf8", "-Kutf8", f"-rLL={width}n"]
            done = subprocess.run(
                command, input=manual.manual(lang).encode(), capture_output=True, timeout=60, check=True
            )
            assert 500 < done.stdout.count(b"\n") < 50_000


def test_the_installer_deletes_only_what_a_manifest_lists_or_it_names() -> None:
    script = (FOLDER / "windows" / "citychain.nsi").read_text(encoding="utf-8")
    code = [line.partition(";")[0].strip() for line in script.splitlines()]
    assert not [line for line in code if line.startswith("RMDir /")]
    targets = {line.partition('"')[2].rstrip('"') for line in code if line.startswith(("Delete ", "RMDir "))}
    named = {"\\bin", "\\uninstall.exe", "", *(f"\\bin\\{name}" for name in ("citychain.ico", "current.txt"))}
    named |= {f"\\bin\\citychain{part}.exe{end}" for part in ("", "-console") for end in ("", ".before")}
    named |= {
        "\\bin\\current.txt.before",
        "\\bin\\${NAME}",
        "\\bin\\${NAME}.before",
        "\\$9\\$1",
        "\\$9",
        "\\$9\\manifest.txt",
    }
    named |= {"\\$1\\start", "\\$1\\start\\whole.txt"}
    inside = {target.removeprefix("$INSTDIR") for target in targets if target.startswith("$INSTDIR")}
    assert inside <= named, inside - named
    assert {target for target in targets if not target.startswith("$INSTDIR")} <= {
        "$SMPROGRAMS\\CityChain.lnk",
        "$SMPROGRAMS\\城链 CityChain.lnk",
    }


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")
def test_the_installer_is_made_in_any_language_and_twice_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without UTF-8, makensis crashed at the first file with a Chinese name; the second build of a package found it."""
    windows = builder("build_windows", monkeypatch)
    publisher = windows.payload.publisher(windows.payload.PUBLISHER)
    sums = []
    for place, language in (("one", "C"), ("the other", "C.UTF-8")):
        stage = tmp_path / place
        for name in (
            "app/LICENSE",
            "app/manifest.txt",
            "app/样例/数.txt",
            "start-a/current.txt",
            "start-b/current.txt",
        ):
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(name.encode())
        (stage / "bin").mkdir()
        windows.write_icon(windows.payload.environment_python(), stage / "bin" / "citychain.ico")
        windows.payload.set_times(stage, 1700000000)
        monkeypatch.setenv("LC_ALL", language)
        windows.make_installer([shutil.which("makensis")], stage, tmp_path / "setup.exe", publisher, 1700000000)
        sums.append((tmp_path / "setup.exe").read_bytes())
    assert sums[0] == sums[1]


def test_the_manifest_lists_every_file_and_its_folders_deepest_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    windows = builder("build_windows", monkeypatch)
    for name in ("python/python313.dll", "python/Lib/a.py", "python/Lib/样例/b.txt", "LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    windows.write_manifest(tmp_path)
    mark, *rows = (tmp_path / "manifest.txt").read_bytes().decode("utf-16-le").splitlines()
    assert mark == "CityChain manifest 1"
    files = {row[2:] for row in rows if row.startswith("F ")}
    folders = [row[2:] for row in rows if row.startswith("D ")]
    assert {"python\\python313.dll", "python\\Lib\\样例\\b.txt", "LICENSE"} <= files
    assert "python\\Lib\\__pycache__\\a.cpython-313.pyc" in files  # Python may write it later
    for folder in folders:
        assert not [other for other in folders[folders.index(folder) :] if other.startswith(f"{folder}\\")]
    assert {"python", "python\\Lib", "python\\Lib\\样例"} <= set(folders)
    (tmp_path / "python" / ("x" * 200)).write_bytes(b"")
    with pytest.raises(SystemExit, match="too long"):
        windows.write_manifest(tmp_path)


def test_the_networks_that_an_upgrade_stops_and_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = builder("setup_steps", monkeypatch)
    python = "C:\\P\\CityChain\\app-a\\python\\python.exe"
    lines = [
        [python, "-m", "network.embedded", "--dir", "D:\\城 市\\networks\\city\\embedded"],
        [python, "-m", "network.supervisor", "D:\\w\\networks\\native\\run"],
        [python, "-m", "network.supervisor", "D:\\w\\networks\\native\\run"],
        [python, "-m", "network.supervisor", "D:\\elsewhere\\networks\\n\\run"],
        [python, "-c", "from console.app import main"],
        ["peer.exe", "node", "start"],
    ]
    found = steps.networks_of(lines, lambda folder: folder in ("D:\\城 市", "D:\\w"))
    assert [(one.workspace, one.name) for one in found] == [("D:\\城 市", "city"), ("D:\\w", "native")]


def test_a_package_needs_somebody_who_answers_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    payload = builder("payload", monkeypatch)
    told = tmp_path / "publisher.toml"
    with pytest.raises(SystemExit, match="who answers"):
        payload.publisher(told)
    told.write_text('name = "A"\nemail = "a@example.org"\nhomepage = "http://example.org"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="https"):
        payload.publisher(told)
    told.write_text('name = "A"\nemail = "a@example.org"\nhomepage = "https://example.org"\n', encoding="utf-8")
    found = payload.publisher(told)
    assert (found.email, found.app_id, found.nobody) == ("a@example.org", "org.example.citychain", True)
    told.write_text('name = "A"\nemail = "a@city.cn"\nhomepage = "https://www.chain.city.cn/x"\n', encoding="utf-8")
    found = payload.publisher(told)
    assert (found.app_id, found.nobody) == ("cn.city.chain.citychain", False)
    told.write_text('name = "A"\nemail = "a@b"\nhomepage = "https://localhost/x"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="domain"):
        payload.publisher(told)


def test_the_menu_entry_and_its_metadata_are_accepted_without_a_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the publisher that comes along, by the validators where the machine has them."""
    linux = builder("build_linux", monkeypatch)
    plan = linux.Plan("amd64", True, linux.payload.publisher(linux.payload.PUBLISHER), 1700000000, 0)
    linux.write_menu(plan, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        f"org.example.citychain.{end}" for end in ("desktop", "metainfo.xml", "xml", "svg")
    }
    assert not [path for path in files if "@" in path.read_text(encoding="utf-8").replace("@example", "")]
    checks = (
        ["desktop-file-validate", "applications/org.example.citychain.desktop"],
        ["appstreamcli", "validate", "--pedantic", "--no-net", "metainfo/org.example.citychain.metainfo.xml"],
    )
    for check in checks:
        if shutil.which(check[0]):
            done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
            # AppStream before 1.0 does not know <developer>, which 1.0 asks for
            said = [line for line in done.stdout.splitlines() if line.strip() and "unknown-tag developer" not in line]
            assert done.returncode == 0
            assert [line for line in said if "successful" not in line] == []


def test_the_sources_time_is_told_or_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    payload = builder("payload", monkeypatch)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert payload.source_date() == 1700000000
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(payload, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(SystemExit, match="SOURCE_DATE_EPOCH"):
        payload.source_date()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a script of dpkg's")
def test_removal_ends_what_runs_from_the_package_also_after_an_upgrade(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program that was replaced while it ran is called "… (deleted)"; the check found it running after removal."""
    linux = builder("build_linux", monkeypatch)
    processes = tmp_path / "proc"
    for number, exe in (
        (101, "/usr/lib/citychain/python/bin/python3.11"),
        (102, "/usr/lib/citychain/python/bin/python3.11 (deleted)"),
        (103, "/usr/bin/python3.11"),
    ):
        (processes / str(number)).mkdir(parents=True)
        (processes / str(number) / "exe").symlink_to(exe)
    script = linux.PRERM.format(home=linux.HOME, python="3.11").replace("/proc/", f"{processes}/")
    script = script.replace("kill -TERM", "echo").replace("2>/dev/null", "").replace("sleep 0.5", "break")
    for word, ended in (("remove", ["101", "102"]), ("upgrade", [])):
        done = subprocess.run(["sh", "-c", script, "prerm", word], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ended


def test_versions_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = builder("payload", monkeypatch)
    assert f"## {payload.version()}" in (FOLDER.parent / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg is not installed")
def test_a_narrow_file_mask_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """dpkg-deb refused the folder with the control file; the second build of a package found it."""
    linux = builder("build_linux", monkeypatch)
    plan = linux.Plan("amd64", False, linux.payload.publisher(linux.payload.PUBLISHER), 1700000000, 0)
    made = []
    for place, mask in (("one", 0o022), ("the other", 0o077)):
        before = os.umask(mask)
        try:
            (tmp_path / place / "usr" / "bin").mkdir(parents=True)
            (tmp_path / place / "usr" / "bin" / "citychain").write_bytes(b"#!/bin/sh")
            linux.set_modes(tmp_path / place)
            linux.payload.set_times(tmp_path / place, plan.moment)
            made.append(linux.write_deb(plan, tmp_path / place, tmp_path).read_bytes())
        finally:
            os.umask(before)
    assert made[0] == made[1]


@pytest.mark.skipif(shutil.which("objdump") is None, reason="binutils is not installed")
def test_the_package_depends_on_every_library_that_qt_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Ubuntu 22.04 no window opened: libxcb-randr0 had come along with other packages, and only on Debian."""
    linux = builder("build_linux", monkeypatch)
    payload = linux.payload
    qt = Path(PySide6.__file__).parent
    plugins, libraries = qt / "Qt" / "plugins", qt / "Qt" / "lib"
    unused = {
        *payload._unused_plugins(plugins),
        plugins / "platformthemes" / "libqgtk3.so",
    }  # GTK where a desktop has it
    roots = [qt / f"{name}.abi3.so" for name in payload.QT_MODULES]
    roots += [one for one in plugins.glob("*/*.so") if one not in unused and one.parent not in unused]
    files = [*roots, *payload._named_by(roots, libraries)]
    told = subprocess.run(["objdump", "-p", *map(str, files)], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED\s+(\S+)", told)) - {path.name for path in qt.parent.rglob("*.so*")}
    known = {"libz.so.1": "zlib1g", "libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0"}
    wanted = set()
    for name in needed - {"ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"}:
        word, _, number = name.lower().replace("_", "-").rpartition(".so.")
        wanted.add(known.get(name, f"{word}{'-' if word[-1].isdigit() else ''}{number}"))
    assert "libxcb-randr0" in wanted
    assert wanted <= {need.partition(" ")[0] for need in (*linux.DEPENDS, *linux.CONSOLE_DEPENDS)}


def test_the_container_brings_what_the_package_of_the_servers_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    linux = builder("build_linux", monkeypatch)
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    installed = text.partition("--no-install-recommends ")[2].partition("\\")[0].split()
    assert set(installed) == {need.partition(" ")[0] for need in linux.DEPENDS} - {"libc6"}
    steps = [line for line in text.splitlines() if line.startswith(("USER", "ENTRYPOINT"))]
    assert steps == ["USER citychain", 'ENTRYPOINT ["citychain"]']


def test_the_installed_size_depends_on_no_file_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that once held many files stays large on ext4: two builds of the same sources differed by it."""
    linux = builder("build_linux", monkeypatch)
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr" / "kept").write_bytes(b"x" * 1500)
    before = linux.installed_size(tmp_path)
    many = [tmp_path / "usr" / f"{'n' * 200}{number}" for number in range(300)]
    for path in many:
        path.touch()
    for path in many:
        path.unlink()
    assert linux.installed_size(tmp_path) == before == 3
