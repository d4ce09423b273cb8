"""供应链金融: lines of credit, receivable certificates that are split and passed on, financing and redemption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaincode.kit import contracts_of

if TYPE_CHECKING:
    from chaincode.supply_finance.contract import FinanceContract

    CONTRACTS: list[Any]

__all__ = ["CONTRACTS", "FinanceContract"]
__getattr__ = contracts_of("chaincode.supply_finance.contract:FinanceContract")
