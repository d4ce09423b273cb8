"""A private collection as contracts use it: sealed values under names that say nothing.

    secrets = ctx.secrets("patients_HospitalMSP")
    secrets.put("identity:H0001:V…", b"…")      # a transaction of its own, endorsed by the own peers
    if not secrets.digest("identity:H0001:V…"): …  # the public transaction: every organisation's peer can tell
    secrets.get("identity:H0001:V…")             # a query, after the trace was written and the role checked

One transaction writes at most one key of a collection: a purge erases whole write sets of its transaction on a peer
that restores from others, and what lay beside it would go as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fabric_sdk.chaincode.errors import ChaincodeError
from fabric_sdk.chaincode.sealing import SealingKeys, is_sealed

if TYPE_CHECKING:
    from fabric_sdk.chaincode.stub import ChaincodeStub


class Secrets:
    """The sealed values of one collection, in one transaction."""

    __slots__ = ("_collection", "_stub", "_written")

    def __init__(self, stub: ChaincodeStub, collection: str) -> None:
        self._stub = stub
        self._collection = collection
        self._written = ""

    def put(self, name: str, value: bytes) -> bytes:
        """Keep a value; its name must carry nothing personal, for a peer streams names as they are.

        Returns the SHA-256 of the sealed value, by which every organisation's peers know it (`digest`).
        """
        self._claim(name)
        sealed = self._keys().seal(value, self._place(name), self._stub.tx_id)
        self._stub.put_private_data(self._collection, name, sealed)
        return hashlib.sha256(sealed).digest()

    def get(self, name: str) -> bytes:
        """Return the value in clear, b"" if there is none. A value from before there were key files is clear itself."""
        return self._opened(name, self._stub.get_private_data(self._collection, name))

    def under(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Every name that begins so with its value in clear; on the collection's own peers, in calls that only read."""
        with self._stub.get_private_data_by_range(self._collection, prefix, prefix + "\U0010ffff") as found:
            for item in found:
                yield item.key, self._opened(item.key, item.value)

    def _opened(self, name: str, kept: bytes) -> bytes:
        return self._keys().open(kept, self._place(name)) if is_sealed(kept) else kept

    def digest(self, name: str) -> bytes:
        """Return the hash of what is kept, b"" if nothing is; any organisation's peer can."""
        return self._stub.get_private_data_hash(self._collection, name)

    def tags(self, value: bytes) -> list[str]:
        """Marks by which an equal value is known again and nothing else is; only under the same key files."""
        return self._keys().tags(self._collection.encode() + b"\x00" + value)

    def is_clear(self, name: str) -> bool:
        """Say whether a value from before lies there unsealed; on the collection's own peers."""
        found = self._stub.get_private_data(self._collection, name)
        return bool(found) and not is_sealed(found)

    def purge(self, name: str) -> None:
        """Erase a value and its history on every peer."""
        self._claim(name)
        self._stub.purge_private_data(self._collection, name)

    def _claim(self, name: str) -> None:
        if self._written and self._written != name:
            raise AssertionError("a transaction writes at most one private key of a collection")
        self._written = name

    def _place(self, name: str) -> str:
        return f"{self._collection}\x00{name}"

    def _keys(self) -> SealingKeys:
        keys = self._stub.invocation.sealing
        if keys is None:
            raise ChaincodeError("KEY_FILE_MISSING", "this contract server has no key file", status=503)
        return keys.now()
