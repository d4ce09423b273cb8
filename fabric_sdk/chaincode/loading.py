"""From a module's name, or the path of a contract's sources, to the contracts in it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import cast

from fabric_sdk.chaincode.contract import Contract
from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.runtime import ContractChaincode

MAIN_FILES = ("__init__.py", "contract.py", "main.py", "chaincode.py")
"""Where the contracts of a folder are looked for; a folder with a single Python file needs none of these names."""


class LoadError(Exception):
    """A module cannot be imported or holds no contracts."""


def is_path(reference: str) -> bool:
    """Whether a reference names sources on the disk, not an importable module."""
    return "/" in reference or "\\" in reference or reference.endswith(".py")


def module_name(reference: str) -> str:
    """The name under which a reference's module is imported: its own, or for a path one that no other module has."""
    if not is_path(reference):
        return reference
    path = Path(reference).absolute()
    word = re.sub(r"\W", "_", path.stem)
    return f"own_contract_{word}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"


def main_file(source: Path) -> Path:
    """The file of a folder (or the file itself) that holds the contracts; LoadError when it cannot be told."""
    if source.is_file():
        return source
    if not source.is_dir():
        raise LoadError(f"there is no {source}")
    for name in MAIN_FILES:
        if (source / name).is_file():
            return source / name
    files = sorted(source.glob("*.py"))
    if len(files) != 1:
        raise LoadError(f"{source.name} has none of {', '.join(MAIN_FILES)} and not exactly one Python file")
    return files[0]


def load_chaincode(reference: str) -> Chaincode:
    """Import a module, a folder or a Python file by its path, and return its chaincode; LoadError if it has none."""
    module = _import_path(reference) if is_path(reference) else _import(reference)
    ready = getattr(module, "CHAINCODE", None)
    if ready is not None:
        return cast(Chaincode, ready)
    contracts = getattr(module, "CONTRACTS", None) or _classes_of(module)
    if not contracts:
        raise LoadError(f"{reference} has neither CONTRACTS nor CHAINCODE")
    made = [c() if isinstance(c, type) else c for c in contracts]
    if not all(isinstance(c, Contract) for c in made):
        raise LoadError(f"{reference}.CONTRACTS must hold Contract objects")
    try:
        return ContractChaincode(made)
    except (TypeError, ValueError) as error:
        raise LoadError(f"{reference}: {error}") from error


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LoadError(f"cannot import {name}: {error}") from error


def _import_path(reference: str) -> ModuleType:
    """Import sources under a name of their own, so that two versions of a contract are two modules."""
    source, name = Path(reference).absolute(), module_name(reference)
    if name in sys.modules:
        return sys.modules[name]
    entry = main_file(source)
    package = [str(source)] if source.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, entry, submodule_search_locations=package)
    if spec is None or spec.loader is None:
        raise LoadError(f"{entry.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _siblings(entry.parent):
            spec.loader.exec_module(module)
            if entry.name == "__init__.py" and not _has_contracts(module) and (source / "contract.py").is_file():
                module = importlib.import_module(f"{name}.contract")
    except BaseException as error:
        for one in [n for n in sys.modules if n == name or n.startswith(f"{name}.")]:
            del sys.modules[one]
        if isinstance(error, SyntaxError):
            raise LoadError(f"{Path(error.filename or entry).name}, line {error.lineno}: {error.msg}") from error
        if isinstance(error, LoadError) or not isinstance(error, Exception):
            raise
        raise LoadError(f"{entry.name}: {type(error).__name__}: {error}") from error
    return module


@contextmanager
def _siblings(folder: Path) -> Iterator[None]:
    """Let a file import the files beside it by their plain names, without leaving those names to other contracts."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            origin = getattr(sys.modules[name], "__file__", None)
            if "." not in name and origin and Path(origin).parent in (folder, folder / name) and not _is_own(name):
                for one in [n for n in sys.modules if n == name or n.startswith(f"{name}.")]:
                    del sys.modules[one]


def _is_own(name: str) -> bool:
    return name.startswith("own_contract_")


def _has_contracts(module: ModuleType) -> bool:
    return bool(getattr(module, "CHAINCODE", None) or getattr(module, "CONTRACTS", None) or _classes_of(module))


def _classes_of(module: ModuleType) -> list[type[Contract]]:
    """The contracts that a module itself defines, in the order of its text."""
    return [
        found
        for found in vars(module).values()
        if inspect.isclass(found) and issubclass(found, Contract) and found.__module__ == module.__name__
    ]


def described(reference: str) -> str:
    """One JSON object: the contract's description of itself ("metadata"), or why it cannot be loaded ("error")."""
    try:
        chaincode = load_chaincode(reference)
    except LoadError as error:
        return json.dumps({"error": str(error)})
    metadata = json.loads(chaincode.metadata) if isinstance(chaincode, ContractChaincode) else {}
    return json.dumps({"metadata": metadata})


if __name__ == "__main__":
    # In a process of its own: looking at somebody's sources runs them.
    print(described(sys.argv[1]))
