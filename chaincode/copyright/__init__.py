"""数字版权: the contract of copyright deposit and registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaincode.kit import contracts_of

if TYPE_CHECKING:
    from chaincode.copyright.contract import CopyrightContract

    CONTRACTS: list[Any]

__all__ = ["CONTRACTS", "CopyrightContract"]
__getattr__ = contracts_of("chaincode.copyright.contract:CopyrightContract")
