"""What a contract function gets as its first argument."""

from __future__ import annotations

import functools

from fabric_sdk.chaincode.client_identity import ClientIdentity
from fabric_sdk.chaincode.stub import ChaincodeStub


class Context:
    """One transaction: `stub` reads and writes the ledger, `client` says who asks.

    Subclass it (and set `Contract.context_class`) to hang an application's own access to its lists on it. A context
    lives for one call; contracts keep no state between calls.
    """

    def __init__(self, stub: ChaincodeStub) -> None:
        self.stub = stub

    @functools.cached_property
    def client(self) -> ClientIdentity:
        """The transaction's creator; ChaincodeError `BAD_CREATOR` if unreadable."""
        return ClientIdentity.from_creator(self.stub.creator)
