#!/usr/bin/env python3
"""Build a Debian package of CityChain that installs without any package registry.

The pinned runtime packages are installed into the package's own folder under /opt, so that dpkg owns every file and
nothing runs at installation. Needs `dpkg-deb` and an environment made by `python3 dev.py setup`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
HOME = Path("opt/citychain")
PACKAGES = ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")
DEPENDS = (
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libdbus-1-3",
    "libfontconfig1",
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
    "fonts-noto-cjk",
)
LAUNCHER = """#!/bin/sh
# The platform's own packages come first; PYTHONPATH also reaches the node processes that it starts.
exec env PYTHONPATH=/opt/citychain/lib PYTHONNOUSERSITE=1 python3 -m {module} "$@"
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for the package (default: dist)")
    output: Path = parser.parse_args().output
    if not PYTHON.exists():
        print("The environment is missing; run first: python3 dev.py setup", file=sys.stderr)
        return 3
    if not shutil.which("dpkg-deb"):
        print("dpkg-deb is missing; Debian and Ubuntu carry it.", file=sys.stderr)
        return 3
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="citychain-deb-") as folder:
        tree = Path(folder) / "tree"
        install_packages(tree / HOME / "lib", Path(folder))
        write_launchers(tree)
        write_desktop(tree)
        target = output / write_control(tree)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z4", "--build", str(tree), str(target)], check=True)
    print(target)
    return 0


def install_packages(lib: Path, scratch: Path) -> None:
    """Put the pinned runtime packages and CityChain itself into `lib`, compiled, without tests' leftovers."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    pins = ROOT / "requirements" / "runtime.txt"
    subprocess.run([*pip, "install", "--require-hashes", "--target", str(lib), "-r", str(pins)], check=True)
    source = scratch / "source"  # a copy, so that building leaves nothing in the checkout
    source.mkdir()
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        origin = ROOT / name
        if origin.is_dir():
            shutil.copytree(origin, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(origin, source / name)
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-build-isolation", "--target", str(lib), str(source)], check=True
    )
    shutil.rmtree(lib / "bin", ignore_errors=True)


def write_launchers(tree: Path) -> None:
    """The `citychain` command, and the console's own entry for menus and file managers."""
    folder = tree / "usr" / "bin"
    folder.mkdir(parents=True)
    for name, module in (("citychain", "baas.cli"), ("citychain-console", "console")):
        launcher = folder / name
        launcher.write_text(LAUNCHER.format(module=module), encoding="utf-8")
        launcher.chmod(0o755)


def write_desktop(tree: Path) -> None:
    """The menu entry and its icon."""
    applications = tree / "usr" / "share" / "applications"
    icons = tree / "usr" / "share" / "icons" / "hicolor" / "scalable" / "apps"
    documents = tree / "usr" / "share" / "doc" / "citychain"
    for folder in (applications, icons, documents):
        folder.mkdir(parents=True)
    shutil.copy2(ROOT / "packaging" / "linux" / "citychain.desktop", applications)
    shutil.copy2(ROOT / "packaging" / "linux" / "citychain.svg", icons)
    shutil.copy2(ROOT / "LICENSE", documents / "copyright")


def write_control(tree: Path) -> str:
    """Write the package's control file and return the package's file name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    version = subprocess.run(
        [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True
    ).stdout.split()
    major, minor = int(version[0]), int(version[1])
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    python = f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})"
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        f"Package: citychain\nVersion: {project['version']}\nArchitecture: {architecture}\nSection: net\n"
        f"Priority: optional\nMaintainer: CityChain maintainers <maintainers@citychain.invalid>\n"
        f"Installed-Size: {size}\nDepends: {', '.join((python, *DEPENDS))}\n"
        f"Description: a city's blockchain service platform\n"
        f" Sets up Hyperledger Fabric networks by clicking, deploys contracts and runs the\n"
        f" copyright and appointment-slot ledgers, on an embedded ledger or on real Fabric.\n",
        encoding="utf-8",
    )
    for path in tree.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    return f"citychain_{project['version']}_{architecture}.deb"


if __name__ == "__main__":
    sys.exit(main())
