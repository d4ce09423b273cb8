#!/usr/bin/env python3
"""Sums and a signature over what is published, and the command that verifies them; standard library and OpenSSL only.

    python3 packaging/release.py sign --key KEY.pem dist/      SHA256SUMS, SHA256SUMS.sig (Ed25519)
    python3 packaging/release.py verify --key PUBLIC.pem dist/

A key is made with `openssl genpkey -algorithm ed25519 -out KEY.pem` and stays with whoever publishes; its public half
(`openssl pkey -in KEY.pem -pubout -out PUBLIC.pem`) is handed out by another way than the packages.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
PACKAGE_SUFFIXES = (".deb", ".tar.xz", ".exe", ".whl")
LIST_SUFFIX = ".cdx.json"
MAX_SUMS = 1_000_000
_DEB = re.compile(r"([a-z-]+)_([0-9.]+)-[0-9]+_([a-z0-9]+)\.deb")
_SETUP = re.compile(r"([A-Za-z]+)-([0-9.]+)-setup\.exe")
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_ROW = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._+~-]*)")


class Untrusted(Exception):
    """Why the packages are not what was published, in one sentence."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["sign", "verify"])
    parser.add_argument("folder", type=Path, help="the folder with the packages")
    parser.add_argument("--key", type=Path, required=True, help="private key to sign, public key to verify (PEM)")
    options = parser.parse_args(argv)
    try:
        if options.what == "sign":
            sign(options.folder, options.key)
        else:
            for name in verify(options.folder, options.key):
                print(f"ok: {name}")
    except Untrusted as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def sign(folder: Path, key: Path) -> None:
    """Write sums of every package and list of parts in `folder`, signed by `key`."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith((*PACKAGE_SUFFIXES, LIST_SUFFIX)))
    if not any(path.name.endswith(PACKAGE_SUFFIXES) for path in files):
        raise Untrusted(f"There is no package in {folder}.")
    _lists_are_there([path.name for path in files])
    sums = folder / SUMS
    sums.write_text("".join(f"{_sha256(path)}  {path.name}\n" for path in files), encoding="ascii", newline="\n")
    _openssl("-sign", "-inkey", str(key), "-rawin", "-in", str(sums), "-out", str(folder / SIGNATURE),
             sorry=f"{key} does not sign: it is no Ed25519 key, or OpenSSL is older than 3.")  # fmt: skip


def verify(folder: Path, key: Path) -> list[str]:
    """Check signature, sums and that each package has its list of parts; the names that were checked."""
    sums = folder / SUMS
    for path in (sums, folder / SIGNATURE):
        if not path.is_file() or path.stat().st_size > MAX_SUMS:
            raise Untrusted(f"{path.name} is missing or damaged.")
    _openssl("-verify", "-pubin", "-inkey", str(key), "-rawin", "-in", str(sums), "-sigfile", str(folder / SIGNATURE),
             sorry=f"{SUMS} was not signed by this key, or was changed since.")  # fmt: skip
    rows = [_ROW.fullmatch(line) for line in sums.read_text(encoding="ascii", errors="replace").splitlines()]
    names = []
    for row in rows:
        if row is None:
            raise Untrusted(f"{SUMS} has a line that is no sum.")
        path = folder / row[2]
        if not path.is_file():
            raise Untrusted(f"{row[2]} is missing.")
        if _sha256(path) != row[1]:
            raise Untrusted(f"{row[2]} is damaged: it is not the file that was published.")
        names.append(row[2])
    _lists_are_there(names)
    for path in folder.iterdir():
        if path.name.endswith(PACKAGE_SUFFIXES) and path.name not in names:
            raise Untrusted(f"{path.name} is not among the published files.")
    return names


def list_of(package: str) -> str:
    """The list of parts that belongs to a package by its name; empty where none does (wheels name their own parts)."""
    if found := _DEB.fullmatch(package):
        return f"{found[1]}-{found[2]}-linux-{_MACHINES.get(found[3], found[3])}{LIST_SUFFIX}"
    if package.endswith(".tar.xz"):
        return package.removesuffix(".tar.xz") + LIST_SUFFIX
    if found := _SETUP.fullmatch(package):
        return f"{found[1].lower()}-{found[2]}-windows{LIST_SUFFIX}"
    return ""


def _lists_are_there(names: list[str]) -> None:
    """Each package's own list, by system, version and processor: another's says nothing of what is in this one."""
    for name in names:
        if name.endswith((".deb", ".tar.xz", ".exe")) and (wanted := list_of(name)) not in names:
            raise Untrusted(f"The list of what travels in {name} ({wanted or LIST_SUFFIX}) is missing.")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _openssl(*words: str, sorry: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise Untrusted("OpenSSL is missing; Debian, Ubuntu and Git for Windows carry it.")
    done = subprocess.run([program, "pkeyutl", *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise Untrusted(sorry)


if __name__ == "__main__":
    sys.exit(main())
