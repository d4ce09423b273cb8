"""The Python that the Linux packages bring along: Debian 12's own, with the libraries that its modules load.

`apt` brings the packages and checks Debian's signature over them, this module their pinned hashes
(`interpreter.lock`). They are unpacked, not installed: one tree runs on every system whose glibc is as new as `GLIBC`.
After Debian has published a security update, `python3 packaging/interpreter.py --update` writes the new pins.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).with_name("interpreter.lock")
VERSION = "3.11"
# Python itself asks for 2.35 (hypot), PySide6's wheels for 2.34.
GLIBC = (2, 35)
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
# package -> the libraries taken from it; None: Python's own files
PACKAGES: dict[str, tuple[str, ...] | None] = {
    "python3.11-minimal": None,
    "libpython3.11-minimal": None,
    "libpython3.11-stdlib": None,
    "libssl3": ("libssl.so.3", "libcrypto.so.3"),
    "libffi8": ("libffi.so.8",),
    "libsqlite3-0": ("libsqlite3.so.0",),
    "libbz2-1.0": ("libbz2.so.1.0",),
    "liblzma5": ("liblzma.so.5",),
    "libuuid1": ("libuuid.so.1",),
}
# Modules that need still more libraries, and what nobody runs here. zlib and expat come from the system, as on Debian.
LEFT_OUT = (
    "lib-dynload/_crypt.*", "lib-dynload/_curses*", "lib-dynload/_dbm.*", "lib-dynload/nis.*",
    "lib-dynload/readline.*", "lib-dynload/ossaudiodev.*", "lib-dynload/_test*", "lib-dynload/_xx*",
    "lib-dynload/xx*", "lib-dynload/_ctypes_test*", "curses", "dbm", "ensurepip", "idlelib", "lib2to3", "pydoc_data",
    "sitecustomize.py", "test", "tkinter", "turtle*", "venv", "LICENSE.txt", "config-*",
)  # fmt: skip


@dataclass(frozen=True)
class Pin:
    """One Debian package: exactly these bytes."""

    name: str
    version: str
    architecture: str
    sha256: str


def pins(architecture: str) -> tuple[Pin, ...]:
    """The pinned packages of one architecture."""
    rows = (line.split() for line in LOCK.read_text(encoding="ascii").splitlines() if line and line[0] != "#")
    return tuple(pin for pin in (Pin(*row) for row in rows) if pin.architecture == architecture)


def put(home: Path, architecture: str) -> tuple[Pin, ...]:
    """Lay the interpreter into `home` (bin, lib); it imports from there and from `../packages`, whatever is set."""
    if shutil.which("patchelf") is None:
        sys.exit("patchelf is missing; Debian and Ubuntu carry it.")
    with tempfile.TemporaryDirectory(prefix="citychain-python-") as folder:
        found = pins(architecture)
        unpacked = Path(folder) / "unpacked"
        for path in _download(Path(folder), found, architecture):
            subprocess.run(["dpkg-deb", "--extract", str(path), str(unpacked)], check=True)
        library = home / "lib" / f"python{VERSION}"
        (home / "bin").mkdir(parents=True)
        shutil.copy2(unpacked / "usr/bin" / f"python{VERSION}", home / "bin")
        shutil.copytree(unpacked / "usr/lib" / f"python{VERSION}", library, symlinks=False, dirs_exist_ok=True,
                        ignore_dangling_symlinks=True)  # fmt: skip
        for pattern in LEFT_OUT:
            for path in library.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        multiarch = f"{ARCHITECTURES[architecture]}-linux-gnu"
        for names in PACKAGES.values():
            for name in names or ():
                source = next(p / name for p in (unpacked / "usr/lib" / multiarch, unpacked / "lib" / multiarch)
                              if (p / name).exists())  # fmt: skip
                shutil.copyfile(source, home / "lib" / name)  # the library itself, not a link to it
        _find_each_other(home, library)
        licences = home / "licenses"
        for pin in found:
            copied = unpacked / "usr/share/doc" / pin.name / "copyright"
            if copied.is_file():  # packages of one source share it
                licences.mkdir(exist_ok=True)
                shutil.copyfile(copied, licences / pin.name)
    # Given this file, Python looks at no other folder and no PYTHON… variable.
    lines = (f"../lib/python{VERSION}", f"../lib/python{VERSION}/lib-dynload", "../../packages")
    (home / "bin" / f"python{VERSION}._pth").write_text("\n".join(lines) + "\n", encoding="ascii")
    return found


def _find_each_other(home: Path, library: Path) -> None:
    """Let modules and libraries find those beside them, on a system that has others of the same names."""
    places = [(home / "bin" / f"python{VERSION}", "$ORIGIN/../lib")]
    places += [(path, "$ORIGIN") for path in sorted((home / "lib").glob("*.so*"))]
    places += [(path, "$ORIGIN/../..") for path in sorted((library / "lib-dynload").glob("*.so"))]
    for path, found_in in places:
        path.chmod(0o755)
        subprocess.run(["patchelf", "--set-rpath", found_in, str(path)], check=True)


def _apt(folder: Path, architecture: str) -> list[str]:
    """apt-get with lists of its own, as a machine of that architecture would have them; nothing is installed."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = {
        "APT::Architecture": architecture, "APT::Architectures": architecture, "Dir::State": folder,
        "Dir::State::lists": folder / "lists", "Dir::State::status": "/dev/null", "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }  # fmt: skip
    return ["apt-get", "-qq", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]


def _download(folder: Path, wanted: tuple[Pin, ...], architecture: str) -> list[Path]:
    apt = _apt(folder, architecture)
    subprocess.run([*apt, "update"], check=False, capture_output=True)  # sources without this architecture complain
    names = [f"{pin.name}={pin.version}" for pin in wanted]
    debs = folder / "debs"
    debs.mkdir()
    done = subprocess.run([*apt, "download", *names], cwd=debs, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(
            f"Debian 12's Python could not be had: {done.stderr.strip()[-300:]}\n"
            f"Build on Debian 12; after an update of these packages: python3 packaging/interpreter.py --update"
        )
    found = []
    for pin in wanted:
        path = next(debs.glob(f"{pin.name}_*_{architecture}.deb"))
        if _sha256(path) != pin.sha256:
            sys.exit(f"{pin.name} {pin.version} is not the pinned package: its hash differs.")
        found.append(path)
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def update() -> None:
    """Write the lock file anew with the versions that Debian has now."""
    lines = ["# package, version, architecture, SHA-256; written by interpreter.py --update on Debian 12"]
    for architecture in ARCHITECTURES:
        with tempfile.TemporaryDirectory(prefix="citychain-python-") as scratch:
            folder = Path(scratch)
            apt = _apt(folder, architecture)
            subprocess.run([*apt, "update"], check=False, capture_output=True)
            (folder / "debs").mkdir()
            subprocess.run([*apt, "download", *PACKAGES], cwd=folder / "debs", check=True)
            for name in PACKAGES:
                path = next((folder / "debs").glob(f"{name}_*_{architecture}.deb"))
                told = ["dpkg-deb", "--field", str(path), "Version"]
                version = subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()
                lines.append(f"{name} {version} {architecture} {_sha256(path)}")
    LOCK.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", required=True, help="pin what Debian has now")
    parser.parse_args()
    update()
