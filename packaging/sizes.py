#!/usr/bin/env python3
"""How large a package is, part by part, and what another one before it was.

    python3 packaging/sizes.py [BEFORE] PACKAGE      .deb, .tar.xz, or the folder where one is installed

Prints megabytes (1,000,000 bytes) as they lie on the disk, the largest first, as a Markdown table.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

OWN = ("apps", "baas", "chaincode", "console", "fabric_sdk", "network")
# below the folder of packages: what begins so belongs to
FAMILIES = {
    "PySide6": "Qt, PySide6", "shiboken6": "Qt, PySide6", "av": "FFmpeg, PyAV", "numpy": "NumPy", "PIL": "Pillow",
    "pillow": "Pillow", "google": "Protobuf", "c2pa": "c2pa", "grpc": "gRPC", "fhir": "FHIR", "scipy": "SciPy",
    "reportlab": "ReportLab",
}  # fmt: skip
SMALL = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path, nargs="+", help="one, or the one before and the one now")
    options = parser.parse_args()
    if len(options.packages) > 2:
        parser.error("one package, or two")
    print(table([parts(files(path)) for path in options.packages]))
    return 0


def files(package: Path) -> Iterator[tuple[str, int]]:
    """Path and bytes of each file in a package or below a folder; links count nothing."""
    if package.is_dir():
        for path in package.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(package).as_posix(), path.stat().st_size
    elif package.name.endswith(".deb"):
        command = ["dpkg-deb", "--fsys-tarfile", str(package)]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE) as process,
            tarfile.open(fileobj=process.stdout, mode="r|") as stream,
        ):
            yield from _members(stream)
    else:
        with tarfile.open(package) as archive:
            yield from _members(archive)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, int]]:
    for member in archive:
        if member.isfile():
            yield member.name, member.size


def part_of(path: str) -> str:
    """Which part a file belongs to, by its path in a package."""
    if path.endswith(".pyc"):
        return "compiled modules"
    found = re.search(r"(?:/packages|/site-packages|lib/citychain)/(?!python/|packages/)([^/]+)", f"/{path}")
    if found is None:
        return "Python" if re.search(r"(^|/)python(/|$)", path) else "manual, licences, lists, menu"
    name = re.split(r"[-.]", found[1])[0].removesuffix("_libs")
    if name in OWN or name == "citychain":
        return "CityChain"
    return next((family for begin, family in FAMILIES.items() if re.match(rf"{begin}(io)?(_|$)", name)), name)


def parts(listed: Iterator[tuple[str, int]]) -> dict[str, float]:
    """Megabytes of each part."""
    found: Counter[str] = Counter()
    for path, size in listed:
        found[part_of(path)] += size
    return {name: size / 1e6 for name, size in found.items()}


def table(packages: list[dict[str, float]]) -> str:
    """One row a part; what is below a megabyte in each is one row."""
    names = {name for one in packages for name in one}
    small = {name for name in names if all(one.get(name, 0.0) < SMALL for one in packages)}
    rows = sorted(names - small, key=lambda name: -packages[-1].get(name, 0.0))
    lines = [[name, *(one.get(name, 0.0) for one in packages)] for name in rows]
    lines.append([f"{len(small)} others", *(sum(one.get(name, 0.0) for name in small) for one in packages)])
    lines.append(["in all", *(sum(one.values()) for one in packages)])
    head = "| part | " + ("MB" if len(packages) == 1 else "MB before | MB now") + " |"
    told = [f"| {name} | " + " | ".join(f"{value:.1f}" for value in values) + " |" for name, *values in lines]
    return "\n".join([head, "| --- |" + " --- |" * len(packages), *told])


if __name__ == "__main__":
    sys.exit(main())
