"""The SDK as a distribution of its own: what it names, what it needs, and that it needs no more."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# the name that is imported -> the distribution
IMPORTED = {
    "fabric_protos": "hyperledger-fabric-protos", "google": "protobuf", "grpc": "grpcio",
    "cryptography": "cryptography", "h2": "h2", "ngh2": "ngh2", "httpx": "httpx", "uvloop": "uvloop",
}  # fmt: skip


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    return importlib.import_module("build_sdk")


def test_its_project_names_what_it_imports_and_nothing_else(sdk: ModuleType) -> None:
    told = tomllib.loads(sdk.project())["project"]
    assert told["name"].startswith("fabric-")
    assert told["requires-python"] == ">=3.11,<3.15"
    assert "Programming Language :: Python :: 3.14" in told["classifiers"]
    needed = {re.match(r"[A-Za-z0-9-]+", need)[0].lower() for need in told["dependencies"]}  # type: ignore[index]
    assert needed == set(sdk.NEEDS)
    found = set()
    for path in (ROOT / "fabric_sdk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    outside = found - set(sys.stdlib_module_names) - {"fabric_sdk"}
    assert outside == set(IMPORTED)
    assert {IMPORTED[name] for name in outside} <= needed


def test_the_platform_says_which_pythons_it_was_tested_with() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", told["requires-python"])
    assert found is not None
    minors = range(int(found[1]), int(found[2]))
    named = {int(one.rpartition(".")[2]) for one in told["classifiers"] if re.search(r":: 3\.\d+$", one)}
    assert named == set(minors)


@pytest.mark.slow
def test_every_module_imports_with_its_own_packages_only(sdk: ModuleType, tmp_path: Path) -> None:
    """In an environment of its own, made from the registry: Qt is not there, and every module imports."""
    [wheel] = sdk.build(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fabric_sdk"}
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", str(wheel)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("no package registry answers")
    code = (
        "import importlib, importlib.util, pkgutil, fabric_sdk\n"
        "names = [m.name for m in pkgutil.walk_packages(fabric_sdk.__path__, 'fabric_sdk.')]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "assert importlib.util.find_spec('PySide6') is None\n"
        "print(len(names))\n"
    )
    told = subprocess.run([str(python), "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(told.stdout) > 60
