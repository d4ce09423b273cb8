#!/usr/bin/env python3
"""Build the SDK as a distribution of its own: a wheel with `fabric_sdk` and the few packages that it needs, without Qt.

Needs `pip` and the pinned setuptools (`python3 dev.py setup` brings both). `--check` builds a second time and compares.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import payload
import twice

NAME = "fabric-ledger-sdk"
# Of the platform's dependencies, those that the SDK imports.
NEEDS = (
    "cryptography", "googleapis-common-protos", "grpcio", "h2", "httpx", "hyperledger-fabric-protos", "ngh2",
    "protobuf", "uvloop",
)  # fmt: skip
PYTHONS = (11, 14)  # those that it was seen on
PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
description = "Hyperledger Fabric for Python: gateway, administration, channel configuration, blocks, contracts"
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.{first},<3.{beyond}"
keywords = ["hyperledger fabric", "blockchain", "gateway", "chaincode", "sdk"]
classifiers = [
    "Development Status :: 4 - Beta",
    "Intended Audience :: Developers",
    "Operating System :: Microsoft :: Windows",
    "Operating System :: POSIX :: Linux",
{classifiers}
    "Topic :: System :: Distributed Computing",
    "Typing :: Typed",
]
dependencies = [
{needs}
]

[tool.setuptools.packages.find]
include = ["fabric_sdk*"]

[tool.setuptools.package-data]
"*" = {data}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=payload.ROOT / "dist", help="folder for the wheel")
    parser.add_argument("--check", action="store_true", help="build a second time and compare")
    options = parser.parse_args()
    built = build(options.output)
    for path in built:
        print(path, flush=True)
    return twice.compare(built, sys.argv) if options.check else 0


def build(output: Path) -> list[Path]:
    """Write the wheel into `output`."""
    output.mkdir(parents=True, exist_ok=True)
    python = payload.environment_python()
    with tempfile.TemporaryDirectory(prefix="fabric-sdk-") as folder:
        source = Path(folder) / "source"
        lay_out(source)
        made = Path(folder) / "made"
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(payload.source_date())}
        subprocess.run(
            [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel", "--no-deps",
             "--no-build-isolation", "--wheel-dir", str(made), str(source)],
            check=True, env=environment,
        )  # fmt: skip
        [wheel] = made.glob("*.whl")
        return [Path(shutil.copy2(wheel, output))]


def lay_out(source: Path) -> None:
    """The SDK's sources with a project file of their own."""
    shutil.copytree(payload.ROOT / "fabric_sdk", source / "fabric_sdk", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(payload.ROOT / "fabric_sdk" / "README.md", source / "README.md")
    shutil.copy2(payload.ROOT / "LICENSE", source)
    (source / "pyproject.toml").write_text(project(), encoding="utf-8")


def project() -> str:
    """The project file: name and Pythons of its own, version and bounds of dependencies the platform's."""
    platform = (payload.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", platform, re.DOTALL | re.MULTILINE)
    data = re.search(r'^"\*" = (\[.*\])$', platform, re.MULTILINE)
    if block is None or data is None:
        raise RuntimeError("pyproject.toml names no dependencies")
    needs = [line for line in block[1].splitlines() if (found := re.match(r'\s+"([A-Za-z0-9-]+)', line))
             and found[1].lower() in NEEDS]  # fmt: skip
    first, last = PYTHONS
    classifiers = [f'    "Programming Language :: Python :: 3.{minor}",' for minor in range(first, last + 1)]
    return PROJECT.format(
        name=NAME, version=payload.version(), first=first, beyond=last + 1, data=data[1],
        classifiers="\n".join(classifiers), needs="\n".join(needs),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
