#!/usr/bin/env python3
"""Build a Debian package of CityChain that installs without any package registry.

The pinned packages are installed into the package's own folder, so that dpkg owns every file and nothing runs at
installation. Needs `dpkg-deb` and the environment that `python3 dev.py setup` makes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import payload

HERE = payload.ROOT / "packaging" / "linux"
HOME = Path("usr/lib/citychain")
DEPENDS = (
    "libc6",
    "libgcc-s1",
    "libstdc++6",
    "zlib1g",
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libdbus-1-3",
    "libfontconfig1",
    "libfreetype6",
    "libglib2.0-0",
    "libwayland-cursor0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "fonts-noto-cjk | fonts-wqy-microhei | fonts-wqy-zenhei | fonts-droid-fallback",
)
# The system's own interpreter: another python3 earlier in PATH would not fit the compiled packages.
# The variables also reach the node processes that it starts; nothing is imported from the folder one is in.
LAUNCHER = """#!/bin/sh
PYTHONPATH=/{home} PYTHONNOUSERSITE=1 PYTHONSAFEPATH=1 exec /usr/bin/python3 -m {module} "$@"
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=payload.ROOT / "dist", help="folder for the package")
    parser.add_argument("--level", type=int, choices=range(10), default=6, help="how hard to compress")
    payload.add_publisher(parser)
    options = parser.parse_args()
    publisher = payload.publisher(options.publisher)
    output: Path = options.output
    python = payload.environment_python()
    if not shutil.which("dpkg-deb"):
        sys.exit("dpkg-deb is missing; Debian and Ubuntu carry it.")
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="citychain-deb-") as folder:
        tree = Path(folder) / "tree"
        lib = tree / HOME
        payload.install(python, lib)
        payload.strip_debug(lib)
        payload.compile_all(python, lib)
        write_launchers(tree)
        write_share(tree, python, publisher)
        (tree / "usr/share/doc/citychain/third-parties.txt").write_text(payload.third_parties(lib), encoding="utf-8")
        target = output / write_control(tree, python, publisher)
        set_modes(tree)
        write_sums(tree)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(payload.source_date())}
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{options.level}", "--build", str(tree), str(target)]
        subprocess.run(command, check=True, env=environment)
    print(target)
    return 0


def write_launchers(tree: Path) -> None:
    """The `citychain` command, and the console's own entry for menus and file managers."""
    folder = tree / "usr" / "bin"
    folder.mkdir(parents=True)
    for name, module in (("citychain", "baas.cli"), ("citychain-console", "console")):
        (folder / name).write_text(LAUNCHER.format(home=HOME, module=module), encoding="utf-8")


def write_share(tree: Path, python: Path, publisher: payload.Publisher) -> None:
    """The menu entry, its icon, the manual page, completions, licences and the list of changes."""
    share = tree / "usr" / "share"
    documents = share / "doc" / "citychain"
    for name, folder in (
        ("citychain.desktop", share / "applications"),
        ("citychain.svg", share / "icons" / "hicolor" / "scalable" / "apps"),
        ("citychain.metainfo.xml", share / "metainfo"),
        ("copyright", documents),
        ("citychain@.service", tree / "usr" / "lib" / "systemd" / "system"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(HERE / name, folder)
    overrides = share / "lintian" / "overrides"
    overrides.mkdir(parents=True)
    shutil.copy2(HERE / "lintian-overrides", overrides / "citychain")
    (documents / "changelog.gz").write_bytes(gzip.compress(changelog(publisher).encode(), mtime=0))
    subprocess.run([str(python), str(payload.ROOT / "packaging" / "manual.py"), str(share)], check=True)


def changelog(publisher: payload.Publisher) -> str:
    """Debian's form of CHANGELOG.md's newest entry."""
    moment = dt.datetime.fromtimestamp(payload.source_date(), dt.UTC)
    version = payload.version()
    lines = (payload.ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("## ")]
    newest = lines[starts[0] + 1 : starts[1] if len(starts) > 1 else None]
    notes = [f"  * {line[2:]}" if line.startswith("- ") else f"    {line.strip()}" for line in newest if line.strip()]
    signed = f" -- {publisher.name} <{publisher.email}>  {moment:%a, %d %b %Y %H:%M:%S} +0000"
    return "\n".join([f"citychain ({version}) unstable; urgency=medium", "", *notes, "", signed, ""])


def write_control(tree: Path, python: Path, publisher: payload.Publisher) -> str:
    """Write the package's control file and return the package's file name."""
    version = payload.version()
    architecture = _said(["dpkg", "--print-architecture"])
    major, minor = (
        int(part) for part in _said([str(python), "-c", "import sys; print(*sys.version_info[:2])"]).split()
    )
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    needs = (f"python3 (>= {major}.{minor})", f"python3 (<< {major}.{minor + 1}~)", *DEPENDS)
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        f"Package: citychain\nVersion: {version}\nArchitecture: {architecture}\nSection: net\n"
        f"Priority: optional\nMaintainer: {publisher.name} <{publisher.email}>\nHomepage: {publisher.homepage}\n"
        f"Installed-Size: {size}\nDepends: {', '.join(needs)}\n"
        f"Description: blockchain service platform for a city, as a desktop console\n"
        f" Sets up Hyperledger Fabric networks by clicking, deploys contracts on them and\n"
        f" runs two applications: registration of copyright, and a ledger of hospital\n"
        f" appointment slots. Works offline on an embedded ledger that behaves as a\n"
        f" Fabric channel does, and with the same clicks on real Fabric.\n",
        encoding="utf-8",
    )
    return f"citychain_{version}_{architecture}.deb"


def write_sums(tree: Path) -> None:
    """The list that `dpkg --verify` compares with."""
    rows = []
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(tree).parts[0] != "DEBIAN":
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            rows.append(f"{digest}  {path.relative_to(tree).as_posix()}")
    sums = tree / "DEBIAN" / "md5sums"
    sums.write_text("\n".join(rows) + "\n", encoding="utf-8")
    sums.chmod(0o644)


def set_modes(tree: Path) -> None:
    """Folders and commands may be entered and run, everything else is read."""
    for path in tree.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent == tree / "usr" / "bin"
            path.chmod(0o755 if runs else 0o644)


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
