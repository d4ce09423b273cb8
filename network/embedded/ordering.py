"""The ordering service of one channel: which envelopes it takes, and how it cuts them into blocks.

A block is cut as soon as the one before is on disk, with everything that has arrived meanwhile: a lone transaction
waits for nobody, and under load blocks fill by themselves. Limits are the channel's batch size.
Sources: orderer/common/msgprocessor, orderer/common/blockcutter, orderer/common/broadcast.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fabric_protos.common.common_pb2 import Envelope
from fabric_protos.common.configtx_pb2 import ConfigEnvelope
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload
from fabric_protos.peer.transaction_pb2 import Transaction as TransactionMessage

from fabric_sdk import clock
from fabric_sdk.envelope import config_envelope
from fabric_sdk.errors import FabricError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.transaction import CONFIG, CONFIG_UPDATE
from network.embedded.channel_config import ChannelConfig, ConfigInvalid
from network.embedded.config_update import propose
from network.embedded.faults import BroadcastRefused
from network.embedded.transactions import Transaction, code, parse_envelope

WRITERS = "/Channel/Writers"
MAX_PENDING = 50_000
_MISSHAPEN = code("INVALID_ENDORSER_TRANSACTION")
MAX_PENDING_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OrdererIdentity:
    """An ordering node that can sign; `consenter` is its number in a BFT configuration."""

    name: str
    address: str
    signer: SigningIdentity
    consenter: int | None = None


@dataclass(slots=True)
class _Waiting:
    transaction: Transaction
    sequence: int
    update: Envelope | None
    """the CONFIG_UPDATE envelope behind a configuration"""


class Sequencer:
    """Takes envelopes that pass the channel's filters and hands them out in blocks."""

    def __init__(self, config: Callable[[], ChannelConfig], orderers: Callable[[], Sequence[OrdererIdentity]]) -> None:
        self._config = config
        self._orderers = orderers
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, envelope: Envelope, known: Transaction | None = None) -> Transaction:
        """Check an envelope and put it in line; BroadcastRefused if it may not be. `known` is what was read of it."""
        config = self._config()
        if len(self._waiting) >= MAX_PENDING or self._bytes >= MAX_PENDING_BYTES:
            raise BroadcastRefused("SERVICE_UNAVAILABLE", "too many transactions are waiting to be ordered")
        transaction = known or parse_envelope(envelope)
        view = transaction.view
        if view is None:
            raise BroadcastRefused("BAD_REQUEST", transaction.flaw_text or "the envelope cannot be read")
        if view.header.channel_id != config.channel_id:
            raise BroadcastRefused("NOT_FOUND", f"channel {view.header.channel_id} is not this one")
        update: Envelope | None = None
        if view.header.type in (CONFIG_UPDATE, CONFIG):
            update = envelope if view.header.type == CONFIG_UPDATE else _inner_update(transaction)
            transaction = self._configure(config, update)
        else:
            if config.maintenance:
                raise BroadcastRefused("SERVICE_UNAVAILABLE", "normal transactions are rejected: maintenance mode")
            self._filter(config, transaction)
        self._waiting.append(_Waiting(transaction, config.sequence, update))
        self._bytes += transaction.size
        return transaction

    def cut(self) -> list[Transaction]:
        """The next block's transactions; a configuration is alone in its block."""
        config = self._config()
        batch: list[Transaction] = []
        size = 0
        while self._waiting and len(batch) < config.max_messages:
            head = self._waiting[0]
            transaction = self._still_good(config, head)
            if transaction is None:
                self._drop_head()
                continue
            alone = transaction.is_config or transaction.size > config.preferred_max_bytes
            if batch and (alone or size + transaction.size > config.preferred_max_bytes):
                break
            self._drop_head()
            batch.append(transaction)
            size += transaction.size
            if alone:
                break
        return batch

    def _drop_head(self) -> None:
        self._bytes -= self._waiting.popleft().transaction.size

    def _still_good(self, config: ChannelConfig, waiting: _Waiting) -> Transaction | None:
        """Check again what was accepted under an older configuration."""
        if waiting.sequence == config.sequence:
            return waiting.transaction
        try:
            if waiting.update is not None:
                return self._configure(config, waiting.update)
            self._filter(config, waiting.transaction)
        except BroadcastRefused:
            return None
        return waiting.transaction

    def _filter(self, config: ChannelConfig, transaction: Transaction) -> ValidatedIdentity:
        view = transaction.view
        assert view is not None
        if not view.payload:
            raise BroadcastRefused("BAD_REQUEST", "message payload is empty")
        if transaction.size > config.absolute_max_bytes:
            raise BroadcastRefused(
                "BAD_REQUEST",
                f"message payload is {transaction.size} bytes and exceeds maximum allowed"
                f" {config.absolute_max_bytes} bytes",
            )
        if transaction.flaw == _MISSHAPEN and _stops_peers(view.data):
            raise BroadcastRefused("BAD_REQUEST", "the transaction has no endorsed action")
        identity = config.signer(view.header.creator, view.payload, view.signature)
        if identity is not None and identity.expires < clock.now():
            raise BroadcastRefused("BAD_REQUEST", "broadcast client identity expired")
        if identity is None or not config.check_creator(WRITERS, identity):
            raise BroadcastRefused(
                "FORBIDDEN",
                "implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the"
                " 'Writers' sub-policies to be satisfied: permission denied",
            )
        return identity

    def _configure(self, config: ChannelConfig, update: Envelope) -> Transaction:
        self._filter(config, parse_envelope(update))
        try:
            proposed: ConfigEnvelope = propose(config, update)
        except (ConfigInvalid, FabricError) as e:
            raise BroadcastRefused(
                "BAD_REQUEST",
                f"error applying config update to existing channel '{config.channel_id}':"
                f" error authorizing update: {e}",
            ) from e
        orderers = self._orderers()
        if not orderers:
            raise BroadcastRefused("SERVICE_UNAVAILABLE", "no ordering node is running")
        transaction = parse_envelope(config_envelope(config.channel_id, proposed, orderers[0].signer))
        self._filter(config, transaction)
        return transaction


def _stops_peers(data: bytes) -> bool:
    """Whether Fabric's own peers would end over a transaction, if another one in its block is validated.

    Fabric's orderers take it, and its key-level validation looks at the first action's endorsed action unasked
    (core/common/validation/statebased, 2.5.16 and 3.1.5). A chain with such a block could never move to Fabric.
    """
    try:
        actions = TransactionMessage.FromString(data).actions
        return not actions or not ChaincodeActionPayload.FromString(actions[0].payload).HasField("action")
    except Exception:  # what cannot be read, its peers leave out
        return False


def _inner_update(transaction: Transaction) -> Envelope:
    if transaction.config is None or not transaction.config.HasField("last_update"):
        raise BroadcastRefused("BAD_REQUEST", "the configuration envelope carries no update")
    update: Envelope = transaction.config.last_update
    return update
