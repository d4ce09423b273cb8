#!/usr/bin/env python3
r"""Build the Windows installer of CityChain: one .exe that needs neither network nor administrator.

On Windows: `py dev.py setup`, then `py packaging\build_windows.py`; the installer carries a copy of the Python that
builds it. On another system `--python FILE` names an embeddable Python for Windows (the zip from python.org, or a
folder with its content); the wheels for Windows are then fetched by the same pinned hashes. Needs NSIS 3 (`makensis`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent))

import payload
import sbom
import twice

HERE = payload.ROOT / "packaging" / "windows"
# What an installed Python has and CityChain does not use.
LEFT_OUT = (
    "Doc", "Scripts", "Tools", "include", "libs", "site-packages", "tcl", "test", "idlelib", "tkinter", "turtledemo",
    "ensurepip", "lib2to3", "__pycache__", "*.chm", "tcl*.dll", "tk*.dll", "_tkinter.pyd",
)  # fmt: skip
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)
# Two places take turns (citychain.nsi); a command starts the Python of one of them.
PLACES = ("app-a", "app-b")
MARK = "CityChain manifest 1"
# Windows' 260, less the user's folder, Programs\CityChain and the place
LONGEST_PATH = 170
# program -> launcher, interpreter, what it runs
PROGRAMS = (
    ("citychain.exe", "t64.exe", "python.exe", "from baas.cli import main"),
    ("citychain-console.exe", "w64.exe", "pythonw.exe", "from console.app import main"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=payload.ROOT / "dist", help="folder for the installer")
    parser.add_argument("--python", type=Path, help="an embeddable Python for Windows, zip or folder")
    parser.add_argument("--fast", action="store_true", help="compress little: to be tried, not to be handed out")
    parser.add_argument("--check", action="store_true", help="build a second time and compare")
    payload.add_publisher(parser)
    options = parser.parse_args()
    builder = payload.environment_python()
    if options.python is None and sys.platform != "win32":
        sys.exit("On this system name an embeddable Python for Windows: --python python-3.13.N-embed-amd64.zip")
    makensis = shutil.which("makensis") or _installed_nsis()
    if makensis is None:
        sys.exit("makensis is missing: install NSIS 3 (nsis.sourceforge.io, or Debian's package nsis).")
    publisher = payload.publisher(options.publisher)

    nsis = [makensis, *(["-DFAST"] if options.fast else [])]
    built = build(builder, nsis, options.python, publisher, options.output.resolve())
    for path in built:
        print(path, flush=True)
    return twice.compare(built, sys.argv) if options.check else 0


def build(
    builder: Path, nsis: list[str], python: Path | None, publisher: payload.Publisher, output: Path
) -> list[Path]:
    """Write the installer and the list of parts into `output`."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"CityChain-{payload.version()}-setup.exe"
    moment = payload.source_date()
    with tempfile.TemporaryDirectory(prefix="citychain-win-") as folder:
        stage = Path(folder) / "stage"
        app = stage / "app"
        minor = copy_python(python, builder, app / "python")
        site = app / "python" / "Lib" / "site-packages"
        pins = pins_for_windows(builder, minor)
        ready = [pin for pin in pins if pin.partition("==")[0] not in payload.SOURCE_ONLY]
        pure = [pin for pin in pins if pin not in ready]
        payload.install_pins(builder, site, ready, payload.foreign(["win_amd64"], minor))
        payload.install_pins(builder, site, pure, ("--no-deps", "--no-build-isolation"))
        payload.install_own(builder, site)
        if compiler := compiler_of(builder, minor):
            payload.compile_all(compiler, app / "python" / "Lib")
        write_files(stage, builder, site, moment)
        write_manifest(app)
        payload.set_times(stage, moment)
        make_installer(nsis, stage, target, publisher, moment)
        listed = output / f"citychain-{payload.version()}-windows.cdx.json"
        shutil.copyfile(app / "citychain.cdx.json", listed)
    return [target, listed]


def compiler_of(builder: Path, minor: str) -> Path | None:
    """A Python of this system whose compiled modules the packaged one reads; without one, each user compiles."""
    if _said(builder, "import sys; print('%d.%d' % sys.version_info[:2])") == minor:
        return builder
    found = shutil.which(f"python{minor}")
    works = found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    return Path(found) if found and works else None


def copy_python(source: Path | None, builder: Path, home: Path) -> str:
    """Put a Python for Windows into `home`, shut off from other Pythons' settings; return its version (major.minor)."""
    if source is None:
        base = Path(_said(builder, "import sys; print(sys.base_prefix)"))
        shutil.copytree(base, home, ignore=shutil.ignore_patterns(*LEFT_OUT))
    elif source.is_dir():
        shutil.copytree(source, home)
    else:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(home)
    found = [match for path in home.glob("python3*.dll") if (match := re.fullmatch(r"python3(\d\d)", path.stem))]
    if not found or not (home / "python.exe").is_file():
        sys.exit("That is no Python for Windows: python.exe and python3NN.dll lie side by side in one.")
    if not (home / "python3.dll").is_file():
        sys.exit("This Python for Windows lacks python3.dll, which Qt's modules load: take python.org's.")
    tag = f"3{found[0][1]}"
    folders = [f"python{tag}.zip"] if (home / f"python{tag}.zip").exists() else ["Lib", "DLLs"]
    # Given this file, Python looks at no registry, no PYTHON… variable and no other folder.
    (home / f"python{tag}._pth").write_text("\n".join([*folders, ".", "import site", ""]), encoding="utf-8")
    return f"3.{found[0][1]}"


def pins_for_windows(python: Path, version: str) -> list[str]:
    """The pins that hold on Windows."""
    return payload.pins_for(python, {
        "sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64",
        "python_version": version, "python_full_version": f"{version}.0",
    })  # fmt: skip


def write_programs(folder: Path, builder: Path, place: str) -> None:
    """The commands for one place: pip's launcher, which starts that place's Python, and a zip with what to run."""
    folder.mkdir(parents=True)
    stubs = Path(_said(builder, "import pip._vendor.distlib as d; print(d.__path__[0])"))
    for name, stub, interpreter, what in PROGRAMS:
        archive = io.BytesIO()  # by itself: the launcher finds the line before it by the zip's own offsets
        with zipfile.ZipFile(archive, "w") as found:
            text = f"import sys\n{what}\nsys.exit(main())\n"
            found.writestr(zipfile.ZipInfo("__main__.py", (2026, 1, 1, 0, 0, 0)), text)
        line = f"#!<launcher_dir>\\..\\{place}\\python\\{interpreter}\r\n"
        (folder / name).write_bytes((stubs / stub).read_bytes() + line.encode() + archive.getvalue())
    (folder / "current.txt").write_text(place, encoding="ascii")


def write_files(stage: Path, builder: Path, site: Path, moment: int) -> None:
    """What lies beside Python and its packages: the commands for either place, licences, the installer's own steps."""
    app = stage / "app"
    for name in ("LICENSE", "CHANGELOG.md", "README.md", "README.zh-CN.md"):
        shutil.copy2(payload.ROOT / name, app)
    shutil.copy2(HERE / "setup_steps.py", app)
    shutil.copytree(payload.ROOT / "packaging" / "licences", app / "licences")
    parts = sbom.parts_of(app, site)
    told = sbom.document(payload.version(), parts, f"{dt.datetime.fromtimestamp(moment, dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
    (app / "citychain.cdx.json").write_text(told, encoding="utf-8")
    (app / "third-parties.txt").write_text(sbom.third_parties(parts), encoding="utf-8")
    for place in PLACES:
        write_programs(stage / f"start-{place[-1]}", builder, place)
    (stage / "bin").mkdir()
    write_icon(builder, stage / "bin" / "citychain.ico")


def write_manifest(app: Path) -> None:
    """List all that the installer puts into a place, so that nothing else is ever deleted there.

    UTF-16LE lines, as NSIS reads them: the mark, then `F path` for files and `D path` for folders, deepest first.
    Python may compile modules later: the names of the results are listed too.
    """
    files = {path.relative_to(app).as_posix() for path in app.rglob("*") if path.is_file()}
    tag = next(path.stem.removeprefix("python") for path in (app / "python").glob("python3??.dll"))
    compiled = {_compiled(name, tag) for name in files if name.endswith(".py")}
    later = {"manifest.txt", "stopped.json", "start/whole.txt", "start/current.txt"}
    later |= {f"start/{name}" for name, *_ in PROGRAMS}
    every = files | compiled | later
    folders = {parent.as_posix() for name in every for parent in PurePosixPath(name).parents} - {"."}
    for name in every:
        if len(name) > LONGEST_PATH:
            sys.exit(f"This path is too long for Windows: {name}")
    every.discard("manifest.txt")  # it goes last, by the installer itself
    rows = [f"F {name}" for name in sorted(every)]
    rows += [f"D {name}" for name in sorted(folders, key=lambda name: (-name.count("/"), name))]
    text = "\r\n".join([MARK, *rows, ""]).replace("/", "\\")
    (app / "manifest.txt").write_bytes(text.encode("utf-16-le"))


def _compiled(name: str, tag: str) -> str:
    path = PurePosixPath(name)
    return str(path.parent / "__pycache__" / f"{path.stem}.cpython-{tag}.pyc")


def make_installer(nsis: list[str], stage: Path, target: Path, publisher: payload.Publisher, moment: int) -> None:
    """Run NSIS over the staged files."""
    kilobytes = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file()) // 1024
    facts = {
        "VERSION": payload.version(), "STAGE": stage, "OUTFILE": target, "KILOBYTES": kilobytes,
        "PUBLISHER": publisher.name, "HOMEPAGE": publisher.homepage,
    }  # fmt: skip
    words = [f"-D{name}={value}" for name, value in facts.items()]
    # in a language without UTF-8 it crashes at the first file with a Chinese name
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(moment), "LC_ALL": "C.UTF-8"}
    script = str(HERE / "citychain.nsi")
    subprocess.run([*nsis, "-V2", "-INPUTCHARSET", "UTF8", *words, script], check=True, env=environment)


def _installed_nsis() -> str | None:
    """Where NSIS's own installer puts it, which is not in PATH."""
    for variable in ("ProgramFiles(x86)", "ProgramFiles"):
        path = Path(os.environ.get(variable, "")) / "NSIS" / "makensis.exe"
        if path.is_file():
            return str(path)
    return None


def write_icon(python: Path, target: Path) -> None:
    """The program's icon in Windows' format, drawn from the same picture as everywhere."""
    code = (
        "import io, sys\n"
        "from PIL import Image\n"
        "from PySide6.QtCore import QBuffer, QIODevice\n"
        "from PySide6.QtGui import QGuiApplication, QImage, QPainter\n"
        "from PySide6.QtSvg import QSvgRenderer\n"
        "app = QGuiApplication(['x', '-platform', 'offscreen'])\n"
        "image = QImage(256, 256, QImage.Format.Format_ARGB32)\n"
        "image.fill(0)\n"
        "painter = QPainter(image)\n"
        "QSvgRenderer(sys.argv[1]).render(painter)\n"
        "painter.end()\n"
        "buffer = QBuffer()\n"
        "buffer.open(QIODevice.OpenModeFlag.WriteOnly)\n"
        "image.save(buffer, 'PNG')\n"
        "sizes = [(int(n), int(n)) for n in sys.argv[3].split(',')]\n"
        "Image.open(io.BytesIO(buffer.data().data())).save(sys.argv[2], format='ICO', sizes=sizes)\n"
    )
    picture = payload.ROOT / "packaging" / "linux" / "citychain.svg"
    sizes = ",".join(str(size) for size in ICON_SIZES)
    subprocess.run([str(python), "-c", code, str(picture), str(target), sizes], check=True)


def _said(python: Path, code: str) -> str:
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
