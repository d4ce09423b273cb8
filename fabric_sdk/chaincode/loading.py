"""From a module's name to the contracts in it."""

from __future__ import annotations

import importlib
from typing import cast

from fabric_sdk.chaincode.contract import Contract
from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.runtime import ContractChaincode


class LoadError(Exception):
    """A module cannot be imported or holds no contracts."""


def load_chaincode(module_name: str) -> Chaincode:
    """Import a module and return its chaincode; LoadError if it has none."""
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise LoadError(f"cannot import {module_name}: {error}") from error
    ready = getattr(module, "CHAINCODE", None)
    if ready is not None:
        return cast(Chaincode, ready)
    contracts = getattr(module, "CONTRACTS", None)
    if not contracts:
        raise LoadError(f"{module_name} has neither CONTRACTS nor CHAINCODE")
    made = [c() if isinstance(c, type) else c for c in contracts]
    if not all(isinstance(c, Contract) for c in made):
        raise LoadError(f"{module_name}.CONTRACTS must hold Contract objects")
    return ContractChaincode(made)
