"""合约: lifecycle board, definitions and policies, forms made from the contract's own metadata."""

from console.pages.contracts.page import ContractsPage

__all__ = ["ContractsPage"]
