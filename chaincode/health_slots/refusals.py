"""How the contract says no: a stable code and one English sentence (services put it into the reader's language)."""

from __future__ import annotations

from typing import NoReturn

from fabric_sdk.chaincode import ChaincodeError

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 403, 404, 409


def bad(message: str, code: str = "BAD_ARGUMENT") -> NoReturn:
    """Refuse an argument that can never be right."""
    raise ChaincodeError(code, message, status=BAD_REQUEST)


def forbid(message: str, code: str = "FORBIDDEN") -> NoReturn:
    """Refuse a caller who may not do this."""
    raise ChaincodeError(code, message, status=FORBIDDEN)


def missing(message: str, code: str = "NOT_FOUND") -> NoReturn:
    """Refuse because a record does not exist."""
    raise ChaincodeError(code, message, status=NOT_FOUND)


def conflict(code: str, message: str) -> NoReturn:
    """Refuse because the state of things does not allow it now."""
    raise ChaincodeError(code, message, status=CONFLICT)
