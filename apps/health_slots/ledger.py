"""The ledger as this application uses it: call the contract in a part, and read blocks.

`SlotLedger` is the port; `FabricLedger` stands on a network of the platform, tests use one in memory. What index and
audit read are `LedgerBlock`s: only the transactions of this contract, with what they wrote and who signed them.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from cryptography import x509

from apps.health_slots import refusals
from apps.health_slots.cast import PLATFORM_ROLES, Cast, Part, cast_of
from apps.health_slots.model import Receipt
from apps.health_slots.refusals import CLOCK_CODES, RETRY_CODES, WORDS
from apps.kit.ledger import LedgerClient, decode
from baas.errors import LedgerError, translating
from chaincode import clocks

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.session import Actor
    from fabric_sdk.blocks import DecodedBlock, DecodedTransaction

CONTRACT = "health_slots"
ACTING_S = 0.05
"""How long who acts is believed without a look at the workspace's files."""


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

    def msp_of(self, part: Part) -> str:
        """The organisation of whoever signs in a part."""

    def height(self) -> int:
        """How many blocks there are."""

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        """Yield blocks from `start` up to `stop` (excluded; None for what there is now)."""


class FabricLedger(LedgerClient):
    """`SlotLedger` over a network's Gateway, signing with one identity for each part.

    The workspace's owner acts in every part with identities made for it; somebody who acts under their own identity
    signs everything with it, and the contract refuses what that certificate may not do.
    """

    committed = Receipt
    once = frozenset({"BookSlots"})

    def __init__(self, platform: Platform, network: str, *, portal: str = "citydesk", hospital: str = "all") -> None:
        super().__init__(platform, network, CONTRACT, words=WORDS, retry=RETRY_CODES, queries=_queries)
        self.cast: Cast = cast_of(self.spec)
        self.clock = platform.networks.clock(self.network)
        self._portal, self._hospital = portal, hospital
        self._labels: dict[str, str] = {}
        self._acting: tuple[float, Actor, Actor] | None = None

    def submit(
        self, signer: str, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Receipt:
        done = super().submit(signer, function, *args, transient=transient, only=only)
        assert isinstance(done, Receipt)
        return done

    def msp_of(self, part: Part) -> str:
        return self.label(part).partition("/")[0]

    def before(self, signer: str) -> None:
        self.agree(signer)

    def _pointed(self, error: LedgerError) -> LedgerError:
        return refusals.told(error)

    def changes(self, function: str, answer: Any) -> bool:
        return function not in self.once or not all("refused" in outcome for outcome in answer)

    def agree(self, part: str = "platform") -> None:
        """See to it that `clock` is the nodes', asking one unless that was done a moment ago."""
        if self.clock.stale:
            self._compare_clocks(part)

    def mended(self, signer: str, error: LedgerError) -> bool:
        return error.code in CLOCK_CODES and self._compare_clocks(signer)

    def _compare_clocks(self, part: str) -> bool:
        """Ask a peer what time it is there; returns whether that changes the time by which this ledger writes."""
        contract = self._opened(part)
        try:
            with translating(words=WORDS):
                return self.clock.compare(lambda: int(contract.evaluate(clocks.QUERY)) / 1000)
        except (LedgerError, ValueError):  # deployed before contracts knew the question
            self.clock.leave()
            return False

    def height(self, signer: str = "platform", wanted: int = 0) -> int:
        return super().height(signer, wanted or self._committed + 1)

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        end = self.height() if stop is None else stop
        if start >= end:
            return
        from fabric_sdk.blocks import decode_block

        with translating(), self.connected("platform").block_events(start_block=start) as events:
            for raw in events:
                block = decode_block(raw)
                yield read_block(block)
                if block.number + 1 >= end:
                    return

    def aged(self, start: int, until: float) -> Iterator[bytes]:
        """Yield serialised blocks from `start` on, up to the first with a transaction later than `until`."""
        from apps.health_slots.serving.published import newest_time
        from fabric_sdk.blocks import decode_block

        end = self.height()
        if start >= end:
            return
        with translating(), self.connected("platform").block_events(start_block=start) as events:
            for raw in events:
                block = decode_block(raw)
                if newest_time(block) > until:
                    return
                yield raw.SerializeToString()
                if block.number + 1 >= end:
                    return

    def label(self, signer: str) -> str:
        """The identity that signs for a part, made when it is first needed."""
        if "/" in signer:
            return signer
        actor = self._who_acts()
        if actor.msp_id:
            return actor.label
        part = cast(Part, signer)
        if part not in self._labels:
            name = self.named(part).partition("/")[2]
            attributes = Cast.attributes(part, hospital=self._hospital, portal=self._portal)
            self._labels[part] = self.platform.identities.ensure(
                self.cast.msp_of(part), name, PLATFORM_ROLES[part], attributes, network=self.network
            )
        return self._labels[part]

    def named(self, part: Part) -> str:
        """How the ledger names whoever signs for a part where the workspace's owner sits, made already or not."""
        name = f"slots-{part}" if part != "portal" else f"slots-portal-{self._portal}"
        return f"{self.cast.msp_of(part)}/{name}"

    def _who_acts(self) -> Actor:
        """Who acts on the network; asked anew after a moment, and at once when somebody else acts."""
        kept, session = self._acting, self.platform.session.actor
        if kept is None or kept[1] is not session or time.monotonic() >= kept[0]:
            found = self.platform.identities.acting(self.network)
            kept = self._acting = time.monotonic() + ACTING_S, session, found
        return kept[2]


def _queries() -> frozenset[str]:
    from chaincode.health_slots import HealthSlotsContract

    return HealthSlotsContract.queries()


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
