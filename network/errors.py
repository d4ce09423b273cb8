"""What can go wrong, in words for people.

    CityChainError
    ├── UserError          the caller asked for something that cannot be (exit code 2)
    │   ├── NotFound       a name, id or file that does not exist
    │   ├── Conflict       it exists already, or somebody else holds it
    │   └── PermissionDenied  this role may not do that
    ├── Unavailable        a part that is needed does not answer, is missing or is full (exit code 3)
    │   └── DeadlineExceeded
    ├── LedgerError        the ledger or a contract refused a transaction (exit code 4)
    └── Cancelled          somebody pressed cancel; shown to nobody (exit code 130)

Every error carries one sentence (`message`), what to do next (`hint`), a stable `code` for programs and
`details` to copy. Adapters translate foreign exceptions `from e`; anything else that reaches the top is our bug
(exit code 70).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from network.text import Text


class CityChainError(Exception):
    """An error that a person is meant to read."""

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "error"

    def __init__(
        self,
        message: Text | str,
        hint: Text | str | None = None,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.details: dict[str, Any] = dict(details or {})

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between the platform's own processes with all they say."""
        return _again, (type(self), str(self), dict(self.__dict__))


def _again(kind: type[CityChainError], text: str, state: dict[str, Any]) -> CityChainError:
    error = kind.__new__(kind, text)
    error.__dict__.update(state)
    return error


class UserError(CityChainError):
    """The request itself is wrong: a bad argument, spec, file or state."""

    exit_code = 2
    default_code = "user_error"


class NotFound(UserError):
    default_code = "not_found"


class Conflict(UserError):
    default_code = "conflict"


class PermissionDenied(UserError):
    default_code = "permission_denied"


class Unavailable(CityChainError):
    """A node, program, disk or service that is needed does not answer, is missing or is full."""

    exit_code = 3
    default_code = "unavailable"


class DeadlineExceeded(Unavailable):
    default_code = "deadline_exceeded"


class LedgerError(CityChainError):
    """The ledger or a contract refused; `stage` is evaluate, endorse, submit, commit or config.

    `endpoints` lists what each peer said, as mappings with `address`, `msp_id` and `message`.
    """

    exit_code = 4
    default_code = "ledger_refused"

    def __init__(
        self,
        message: Text | str,
        hint: Text | str | None = None,
        *,
        tx_id: str = "",
        stage: str = "",
        endpoints: tuple[Mapping[str, str], ...] = (),
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint, code=code, details=details)
        self.tx_id = tx_id
        self.stage = stage
        self.endpoints = endpoints


class Cancelled(CityChainError):
    exit_code = 130
    default_code = "cancelled"

    def __init__(self, message: Text | str | None = None) -> None:
        super().__init__(message or Text("已取消。", "Cancelled."))
