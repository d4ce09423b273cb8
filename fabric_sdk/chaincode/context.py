"""What a contract function gets as its first argument."""

from __future__ import annotations

import functools

from fabric_sdk.chaincode.client_identity import ClientIdentity
from fabric_sdk.chaincode.secret_values import Secrets
from fabric_sdk.chaincode.stub import ChaincodeStub


class Context:
    """One transaction: `stub` reads and writes the ledger, `client` says who asks.

    Subclass it (and set `Contract.context_class`) to hang an application's own access to its lists on it. A context
    lives for one call; contracts keep no state between calls.
    """

    def __init__(self, stub: ChaincodeStub) -> None:
        self.stub = stub
        self._secrets: dict[str, Secrets] = {}

    def secrets(self, collection: str) -> Secrets:
        """Return the sealed values of a private collection."""
        found = self._secrets.get(collection)
        if found is None:
            found = self._secrets[collection] = Secrets(self.stub, collection)
        return found

    @functools.cached_property
    def client(self) -> ClientIdentity:
        """The transaction's creator; ChaincodeError `BAD_CREATOR` if unreadable."""
        return ClientIdentity.from_creator(self.stub.creator)
