"""Contracts imported anew while the node runs, so that an edit counts for the next transaction (development only)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.loading import LoadError, load_chaincode, module_name


def load_anew(module: str) -> Chaincode:
    """Import `module` (a name or a path) and all inside its package from their sources again; return its chaincode.

    When that fails the modules in use stay as they were. LoadError with the reason, a syntax error's line included.
    """
    root = module_name(module)
    old = {name: found for name, found in sys.modules.items() if name == root or name.startswith(f"{root}.")}
    for name, found in old.items():
        del sys.modules[name]
        _forget_bytecode(found)
    importlib.invalidate_caches()
    try:
        return load_chaincode(module)
    except BaseException as e:
        for name in [n for n in sys.modules if n == root or n.startswith(f"{root}.")]:
            del sys.modules[name]
        sys.modules.update(old)
        if isinstance(e, SyntaxError):
            raise LoadError(f"{Path(e.filename or module).name}, line {e.lineno}: {e.msg}") from e
        if isinstance(e, LoadError) or not isinstance(e, Exception):
            raise
        raise LoadError(f"{type(e).__name__}: {e}") from e


def _forget_bytecode(module: ModuleType) -> None:
    """Compiled files are matched by whole seconds: two edits within one would be missed."""
    source = getattr(module, "__file__", None)
    if source:
        with contextlib.suppress(OSError, NotImplementedError):
            Path(importlib.util.cache_from_source(source)).unlink()
