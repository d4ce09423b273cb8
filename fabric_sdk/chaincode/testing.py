"""Tests of contracts without a network.

    tester = ContractTester(Registry(), collections=[...])
    alice = client("CopyrightMSP", "alice", role="registrar")
    receipt = tester.invoke("Register", "W1", work, as_=alice, transient={"owner": b"..."})
    assert tester.evaluate("ReadWork", "W1").state == "PENDING"
    with pytest.raises(ChaincodeError, match="NOT_FOUND"):
        tester.evaluate("ReadWork", "W2")

Every call is simulated twice and the results compared, so that a contract that depends on its own clock, random
numbers or set order fails its tests instead of its endorsements.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.msp import identities_pb2

from fabric_sdk.chaincode import values
from fabric_sdk.chaincode.client_identity import ATTRIBUTES_OID
from fabric_sdk.chaincode.contract import Contract
from fabric_sdk.chaincode.errors import ChaincodeError
from fabric_sdk.chaincode.ledger import ChaincodeEvent, Invocation, Response
from fabric_sdk.chaincode.memory_ledger import (
    MVCC_READ_CONFLICT,
    PHANTOM_READ_CONFLICT,
    VALID,
    Collection,
    MemoryLedger,
    Simulation,
)
from fabric_sdk.chaincode.runtime import ContractChaincode
from fabric_sdk.chaincode.sealing import KeyFile, SealingKeys

__all__ = [
    "MVCC_READ_CONFLICT",
    "PHANTOM_READ_CONFLICT",
    "VALID",
    "Client",
    "Collection",
    "CommitConflict",
    "ContractTester",
    "MemoryLedger",
    "NotDeterministic",
    "Proposed",
    "Simulation",
    "client",
]


TEST_KEYS = SealingKeys(KeyFile("K2026-test", "Org1MSP", 0, bytes(range(64))))
"""What testers' contract servers seal with unless told otherwise."""


class CommitConflict(Exception):
    """The transaction was ordered but is invalid; `code` is Fabric's validation code."""

    def __init__(self, tx_id: str, code: str) -> None:
        super().__init__(f"transaction {tx_id[:8]} is {code}")
        self.tx_id = tx_id
        self.code = code


class NotDeterministic(AssertionError):
    """Two simulations of the same call differ: two peers would never agree on it."""


@dataclass(frozen=True, slots=True)
class Client:
    """A test identity; `creator` is its SerializedIdentity."""

    msp_id: str
    name: str
    creator: bytes


def client(msp_id: str, name: str = "user", *, ou: str = "client", **attributes: str) -> Client:
    """Return an identity of `msp_id` whose certificate carries `attributes`; equal calls give equal bytes."""
    return _client(msp_id, name, ou, tuple(sorted(attributes.items())))


@functools.lru_cache(maxsize=1024)
def _client(msp_id: str, name: str, ou: str, attributes: tuple[tuple[str, str], ...]) -> Client:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, ou),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"ca.{msp_id}")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, start, start + timedelta(days=36500))
    if attributes:
        encoded = json.dumps({"attrs": dict(attributes)}).encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, encoded), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    serialized = identities_pb2.SerializedIdentity(mspid=msp_id, id_bytes=pem)
    return Client(msp_id, name, serialized.SerializeToString())


class Proposed:
    """A simulated, not yet committed transaction: commit it later to test conflicts."""

    def __init__(self, tester: ContractTester, invocation: Invocation, response: Response, simulation: Simulation):
        self._tester = tester
        self.invocation = invocation
        self.response = response
        self.simulation = simulation

    @property
    def tx_id(self) -> str:
        return self.invocation.tx_id

    @property
    def writes(self) -> dict[tuple[str, str, str], bytes | None]:
        """What it writes, by chaincode, collection and key; None deletes."""
        return dict(self.simulation.transaction.writes)

    @property
    def result(self) -> Any:
        """The function's result by its return type."""
        return self._tester.decode(self.invocation.args[0].decode(), self.response.payload)

    def commit(self) -> str:
        """Order and commit; return the validation code (`VALID`, `MVCC_READ_CONFLICT`, …)."""
        code = self._tester.ledger.commit(self.simulation)
        if code == VALID and self.response.event is not None:
            self._tester.events.append(self.response.event)
        return code


class ContractTester:
    """Calls a contract's functions on a `MemoryLedger` as clients would."""

    def __init__(
        self,
        contract: Contract | Sequence[Contract],
        *,
        name: str = "",
        ledger: MemoryLedger | None = None,
        collections: Iterable[Collection | Mapping[str, Any]] = (),
        as_: Client | None = None,
        peer: str = "",
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        sealing: SealingKeys | None = TEST_KEYS,
    ) -> None:
        """`peer` is the simulating peer's MSP id ("" may read every collection), `now` the clients' clock."""
        self.chaincode = ContractChaincode(contract)
        self.name = name or self.chaincode.contracts[0].name
        self.ledger = ledger or MemoryLedger()
        self.client = as_ or client("Org1MSP")
        self.peer = peer
        self.sealing = sealing
        self.now = now
        self.events: list[ChaincodeEvent] = []
        self._calls = 0
        defined = [c if isinstance(c, Collection) else Collection.from_config(c) for c in collections]
        self.ledger.deploy(self.name, self.chaincode, defined)

    def invoke(
        self,
        function: str,
        *args: Any,
        as_: Client | None = None,
        transient: Mapping[str, bytes] | None = None,
        peer: str | None = None,
    ) -> Any:
        """Submit: simulate, commit, return the typed result. ChaincodeError if refused, CommitConflict if invalid."""
        proposed = self.propose(function, *args, as_=as_, transient=transient, peer=peer)
        code = proposed.commit()
        if code != VALID:
            raise CommitConflict(proposed.tx_id, code)
        return proposed.result

    def evaluate(
        self,
        function: str,
        *args: Any,
        as_: Client | None = None,
        transient: Mapping[str, bytes] | None = None,
        peer: str | None = None,
    ) -> Any:
        """Evaluate: simulate and return the typed result; nothing is committed."""
        return self.propose(function, *args, as_=as_, transient=transient, peer=peer).result

    def propose(
        self,
        function: str,
        *args: Any,
        as_: Client | None = None,
        transient: Mapping[str, bytes] | None = None,
        peer: str | None = None,
    ) -> Proposed:
        """Simulate only; the caller may commit the result later. ChaincodeError if the contract refuses."""
        self._calls += 1
        invocation = Invocation(
            channel_id=self.ledger.channel_id,
            tx_id=hashlib.sha256(f"{self.name} {id(self)} {self._calls}".encode()).hexdigest(),
            timestamp=self.now,
            creator=(as_ or self.client).creator,
            args=[function.encode(), *(values.encode_argument(a) for a in args)],
            transient=dict(transient or {}),
            peer_msp_id=self.peer if peer is None else peer,
            sealing=self.sealing,
        )
        response, simulation = self._simulate(invocation)
        again, second = self._simulate(invocation)
        if (response, simulation.transaction.results()) != (again, second.transaction.results()):
            raise NotDeterministic(f"{function}: two simulations of the same call differ")
        if not response.successful:
            raise ChaincodeError.from_message(response.message, status=response.status)
        return Proposed(self, invocation, response, simulation)

    def decode(self, function: str, payload: bytes) -> Any:
        """Read a payload by the function's return type; bytes as they are for functions unknown here."""
        contract_name, _, short = function.rpartition(":")
        for contract in self.chaincode.contracts:
            if contract_name in ("", contract.name) and short in contract.functions:
                return values.decode_result(payload, contract.functions[short].returns)
        return payload

    def _simulate(self, invocation: Invocation) -> tuple[Response, Simulation]:
        simulation = self.ledger.simulate(self.name, invocation)
        return self.chaincode.invoke(invocation, simulation), simulation
