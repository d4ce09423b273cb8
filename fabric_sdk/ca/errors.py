"""What a Fabric CA may answer instead of a result."""

from __future__ import annotations

from fabric_sdk.errors import FabricError


class CaError(FabricError):
    """The Fabric CA refused (`codes` are its own numbers, `status` the HTTP status) or cannot be reached (0)."""

    def __init__(self, operation: str, status: int, message: str, codes: tuple[int, ...] = ()) -> None:
        super().__init__(f"{operation}: {message}")
        self.operation = operation
        self.status = status
        self.codes = codes
        self.reason = message
