"""What contracts made of kinds share: reading fields, keeping records, checking and doing acts.

Loaded when it is asked for: an application's `chaincode/NAME/__init__.py` names its contract by `contracts_of`, so that
its kinds can be read without the chaincode runtime.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def contracts_of(reference: str) -> Callable[[str], Any]:
    """Return a module's `__getattr__` that makes `CONTRACTS` of the class "module:Class" when it is first wanted."""

    def __getattr__(name: str) -> Any:
        module, _, attribute = reference.partition(":")
        if name not in ("CONTRACTS", attribute):  # a module of the package, say: not a reason to load the contract
            raise AttributeError(name)
        found = getattr(importlib.import_module(module), attribute)
        return [found()] if name == "CONTRACTS" else found

    return __getattr__
