"""The ledger as this application uses it: call the contract in a part, and read blocks.

`SlotLedger` is the port; `FabricLedger` stands on a network of the platform, tests use one in memory. What index and
audit read are `LedgerBlock`s: only the transactions of this contract, with what they wrote and who signed them.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from cryptography import x509

from apps.health_slots.cast import PLATFORM_ROLES, Cast, Part, cast_of
from apps.health_slots.model import Receipt
from apps.health_slots.words import CLOCK_CODES, RETRY_CODES, WORDS
from baas.errors import LedgerError, translating
from chaincode import clocks

if TYPE_CHECKING:
    from baas.platform import Platform
    from fabric_sdk.blocks import DecodedBlock, DecodedTransaction
    from fabric_sdk.gateway import Network

CONTRACT = "health_slots"
ATTEMPTS = 6
CATCH_UP_S = 15.0


@dataclass(frozen=True, slots=True)
class LedgerTransaction:
    """One transaction of the contract; `writes` are (kind, attributes, record or None where deleted)."""

    tx_id: str
    valid: bool
    code: str
    time: int
    function: str
    signer: str
    writes: tuple[tuple[str, tuple[str, ...], Any], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LedgerBlock:
    """A block as far as this contract is concerned; hashes in hex."""

    number: int
    hash: str
    previous_hash: str
    transactions: tuple[LedgerTransaction, ...]


class SlotLedger(Protocol):
    """What the services need of a ledger."""

    def evaluate(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Any:
        """Ask the contract as somebody who plays `part`; returns the decoded JSON result. `only` names whose peer."""

    def submit(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Receipt:
        """Commit a call; tries again when another transaction was faster. `only` names the one endorsing MSP."""

    def height(self) -> int:
        """How many blocks there are."""

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        """Yield blocks from `start` up to `stop` (excluded; None for what there is now)."""


def _passing(error: LedgerError) -> bool:
    """Say whether the same call may succeed when it is tried again: another transaction or peer was faster."""
    said = [str(error.details.get("text", "")), *(e["message"] for e in error.endpoints)]
    return error.code in RETRY_CODES or any("ProposalResponsePayloads do not match" in text for text in said)


def encode(value: Any) -> str | bytes:
    """An argument as the contract reads it: text raw, everything else JSON."""
    if isinstance(value, str | bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(data: bytes) -> Any:
    """A result: JSON where it is, text otherwise, None for nothing."""
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


class FabricLedger:
    """`SlotLedger` over a network's Gateway, signing with one identity for each part.

    The workspace's owner acts in every part with identities made for it; somebody who acts under their own identity
    signs everything with it, and the contract refuses what that certificate may not do.
    """

    def __init__(self, platform: Platform, network: str, *, portal: str = "citydesk", hospital: str = "all") -> None:
        self._platform = platform
        self.network = platform.networks.resolve(network)
        self.spec = platform.networks.spec(self.network)
        self.cast: Cast = cast_of(self.spec)
        self.clock = platform.networks.clock(self.network)
        self._portal = portal
        self._hospital = hospital
        self._labels: dict[Part, str] = {}
        self._one_process = self.spec.runtime == "embedded"
        self._committed = -1
        self._reached: dict[str, int] = {}

    def evaluate(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Any:
        self.agree(part)
        self._catch_up(part)
        contract = self._contract(part)
        asked: dict[str, Any] = {"transient": dict(transient)} if transient else {}
        if only:
            asked["endorsing_organizations"] = (only,)
        with translating(words=WORDS):
            return decode(contract.evaluate(function, *(encode(a) for a in args), **asked))

    def submit(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Receipt:
        contract = self._contract(part)
        self.agree(part)
        wire = [encode(a) for a in args]
        endorsers: Sequence[str] = (only,) if only else ()
        for attempt in range(ATTEMPTS):
            self._catch_up(part)
            try:
                with translating(words=WORDS):
                    sent = contract.submit_async(
                        function, *wire, transient=dict(transient or {}), endorsing_organizations=endorsers
                    )
                    status = sent.status()
                    if not status.successful:
                        from fabric_sdk.errors import CommitError

                        raise CommitError(sent.transaction_id, status.code, status.code_name, status.block_number)
                    self._committed = max(self._committed, status.block_number)
                    return Receipt(sent.transaction_id, status.block_number, decode(sent.result))
            except LedgerError as error:
                if error.code in CLOCK_CODES and attempt == 0 and self._compare_clocks(part):
                    continue
                if not _passing(error) or attempt == ATTEMPTS - 1:
                    raise
                if not self._one_process:
                    time.sleep(0.1 * (attempt + 1))
        raise AssertionError("unreachable")

    def agree(self, part: Part = "platform") -> None:
        """See to it that `clock` is the nodes', asking one unless that was done a moment ago."""
        if self.clock.stale:
            self._compare_clocks(part)

    def _compare_clocks(self, part: Part) -> bool:
        """Ask a peer what time it is there; returns whether that changes the time by which this ledger writes."""
        contract = self._contract(part)
        try:
            with translating(words=WORDS):
                return self.clock.compare(lambda: int(contract.evaluate(clocks.QUERY)) / 1000)
        except (LedgerError, ValueError):  # deployed before contracts knew the question
            self.clock.leave()
            return False

    def height(self) -> int:
        return self._height("platform", self._committed + 1)

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        end = self.height() if stop is None else stop
        if start >= end:
            return
        from fabric_sdk.blocks import decode_block

        with translating(), self._network("platform").block_events(start_block=start) as events:
            for raw in events:
                block = decode_block(raw)
                yield read_block(block)
                if block.number + 1 >= end:
                    return

    def label(self, part: Part) -> str:
        """The identity that signs for `part`, made when it is first needed."""
        actor = self._platform.identities.acting(self.network)
        if actor.msp_id:
            return actor.label
        if part not in self._labels:
            name = f"slots-{part}" if part != "portal" else f"slots-portal-{self._portal}"
            attributes = Cast.attributes(part, hospital=self._hospital, portal=self._portal)
            self._labels[part] = self._platform.identities.ensure(
                self.cast.msp_of(part), name, PLATFORM_ROLES[part], attributes, network=self.network
            )
        return self._labels[part]

    def _catch_up(self, part: Part) -> None:
        """Wait until the peer of `part` has what this ledger committed: peers of a real network are not equally fast.

        The nodes of the embedded ledger share their state, so there is nothing to wait for.
        """
        msp_id = self.label(part).partition("/")[0]
        if not self._one_process and self._reached.get(msp_id, 0) <= self._committed:
            self._reached[msp_id] = self._height(part, self._committed + 1)

    def _height(self, part: Part, wanted: int) -> int:
        """The height of the peer of `part`, as soon as it is `wanted`; what it is after some seconds otherwise."""
        from fabric_protos.common.ledger_pb2 import BlockchainInfo

        deadline = time.monotonic() + CATCH_UP_S
        while True:
            network = self._network(part)
            with translating():
                answer = network.get_contract("qscc").evaluate("GetChainInfo", network.name)
            height = int(BlockchainInfo.FromString(answer).height)
            if height >= wanted or time.monotonic() > deadline:
                return height
            time.sleep(0.05)

    def _network(self, part: Part) -> Network:
        with translating():
            return self._platform.networks.connect(self.network, self.label(part))

    def _contract(self, part: Part) -> Any:
        from chaincode.health_slots import HealthSlotsContract

        return self._network(part).get_contract(CONTRACT, queries=HealthSlotsContract.queries())


def read_block(block: DecodedBlock, contract: str = CONTRACT) -> LedgerBlock:
    """Reduce a decoded block to what this contract wrote in it."""
    found = []
    for transaction in block.transactions:
        if transaction.chaincode != contract or transaction.creator is None:
            continue
        found.append(
            LedgerTransaction(
                tx_id=transaction.tx_id,
                valid=transaction.valid,
                code=transaction.validation_code_name,
                time=int(transaction.timestamp.timestamp()) if transaction.timestamp else 0,
                function=transaction.function,
                signer=_signer(transaction.creator.msp_id, transaction.creator.credentials),
                writes=_writes(transaction, contract),
            )
        )
    return LedgerBlock(block.number, block.hash.hex(), block.previous_hash.hex(), tuple(found))


def split_key(key: str) -> tuple[str, tuple[str, ...]] | None:
    """Split a composite key into kind and attributes; None for any other key."""
    if not key.startswith("\x00") or not key.endswith("\x00") or len(key) < 3:
        return None
    kind, *attributes = key[1:-1].split("\x00")
    return kind, tuple(attributes)


def _writes(transaction: DecodedTransaction, contract: str) -> tuple[tuple[str, tuple[str, ...], Any], ...]:
    part = transaction.rwset.namespace(contract)
    found = []
    for write in part.writes if part is not None else ():
        key = split_key(write.key)
        if key is not None:
            found.append((*key, None if write.is_delete else decode(write.value)))
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def _signer(msp_id: str, certificate_pem: bytes) -> str:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError:
        return f"{msp_id}/?"
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return f"{msp_id}/{str(names[0].value) if names else '?'}"
