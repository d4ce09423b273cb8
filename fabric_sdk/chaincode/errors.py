"""What a contract may raise and what its ledger may refuse.

    ChaincodeError   the contract says no: `"CODE: English sentence"`, answered to the client with status >= 400
    PeerError        the peer refused a ledger operation (access to a collection, a query it cannot run, …)

A contract that lets a `PeerError` pass fails its transaction with the peer's own text, as the official shims do.
"""

from __future__ import annotations

import re

_CODED = re.compile(r"^(?P<code>[A-Z][A-Z0-9_]{1,63}): (?P<message>.*)$", re.DOTALL)


class ChaincodeError(Exception):
    """A refusal by the contract that clients can act upon.

    `code` is upper case with underscores (`SLOT_TAKEN`), `message` one English sentence, `status` the response
    status, 400 or more (Fabric refuses to endorse from 400 on; the official runtimes use 500).
    """

    def __init__(self, code: str, message: str, *, status: int = 500) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    @classmethod
    def from_message(cls, text: str, *, status: int = 500) -> ChaincodeError:
        """Read `"CODE: sentence"` back; text of another form gets the code `CHAINCODE_ERROR`."""
        match = _CODED.match(text)
        if match is None:
            return cls("CHAINCODE_ERROR", text, status=status)
        return cls(match["code"], match["message"], status=status)


class PeerError(Exception):
    """The peer answered a ledger operation with an error; the message is the peer's."""
