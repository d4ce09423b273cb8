"""Build the messages that Fabric signs: proposals, endorsements, transactions, configuration and seek requests.

Reading them is in `fabric_sdk.transaction`; its functions are offered here too.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fabric_protos.common.common_pb2 import (
    Envelope,
    Header,
    Payload,
    SignatureHeader,
)
from fabric_protos.common.configtx_pb2 import ConfigEnvelope, ConfigSignature, ConfigUpdateEnvelope
from fabric_protos.peer.proposal_pb2 import (
    ChaincodeProposalPayload,
    Proposal,
    SignedProposal,
)
from fabric_protos.peer.proposal_response_pb2 import Endorsement
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    Transaction,
    TransactionAction,
)

from fabric_sdk import clock, encoding
from fabric_sdk.encoding import proposal_response_payload
from fabric_sdk.errors import DecodeError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.transaction import (
    CONFIG,
    CONFIG_UPDATE,
    ENDORSER_TRANSACTION,
    ActionView,
    EndorsementView,
    EnvelopeView,
    HeaderView,
    MalformedTransaction,
    ProposalView,
    proposal_hash,
    read_action,
    read_envelope,
    read_payload,
    read_proposal,
    transaction_id,
)
from fabric_sdk.wire import decode, encode

__all__ = [
    "ActionView",
    "EndorsementView",
    "EnvelopeView",
    "HeaderView",
    "MalformedTransaction",
    "ProposalView",
    "UnsignedProposal",
    "config_envelope",
    "config_signature",
    "config_update_envelope",
    "endorse",
    "new_nonce",
    "new_proposal",
    "proposal_hash",
    "proposal_response_payload",
    "read_action",
    "read_config",
    "read_envelope",
    "read_payload",
    "read_proposal",
    "sign_proposal",
    "signed_envelope",
    "transaction_id",
    "transaction_payload",
]

NONCE_BYTES = 24
_Bytes = bytes


def new_nonce() -> bytes:
    """24 bytes that no message used before."""
    return secrets.token_bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True)
class UnsignedProposal:
    """A proposal whose `bytes` are still to be signed by its creator."""

    bytes: _Bytes = field(repr=False)
    transaction_id: str
    nonce: _Bytes = field(repr=False)


def new_proposal(
    channel: str,
    chaincode: str,
    args: Sequence[bytes],
    creator: bytes,
    *,
    transient: Mapping[str, bytes] | None = None,
    nonce: bytes | None = None,
    time_ns: int | None = None,
    is_init: bool = False,
) -> UnsignedProposal:
    """A proposal to call `chaincode` with `args` (function name first).

    `channel` is empty for calls to a peer itself (installing, joining a channel). `time_ns` is the moment in
    nanoseconds since 1970, now by default.
    """
    nonce = nonce or new_nonce()
    tx_id = transaction_id(nonce, creator)
    header = encoding.header(
        _channel_header(
            ENDORSER_TRANSACTION,
            channel,
            time_ns,
            tx_id=tx_id,
            extension=encoding.field(2, encoding.filled(2, chaincode.encode())),  # ChaincodeHeaderExtension
        ),
        encoding.filled(1, creator) + encoding.filled(2, nonce),
    )
    call = encoding.call(chaincode, args, is_init=is_init)
    payload = (
        encode(ChaincodeProposalPayload(input=call, TransientMap=transient)) if transient else encoding.field(1, call)
    )
    return UnsignedProposal(encoding.field(1, header) + encoding.field(2, payload), tx_id, nonce)


def sign_proposal(proposal: UnsignedProposal | bytes, signer: SigningIdentity) -> SignedProposal:
    data = proposal.bytes if isinstance(proposal, UnsignedProposal) else proposal
    return SignedProposal(proposal_bytes=data, signature=signer.sign(data))


def endorse(response_payload: bytes, endorser: SigningIdentity) -> Endorsement:
    """A peer's endorsement: its signature over the payload followed by its own identity."""
    creator = endorser.creator
    return Endorsement(endorser=creator, signature=endorser.sign(response_payload + creator))


def transaction_payload(proposal: bytes, response_payload: bytes, endorsements: Sequence[Any]) -> bytes:
    """The `Payload` bytes of a transaction, for the proposal's creator to sign and put into an `Envelope`.

    Transient data stays behind; of several endorsements by one identity the first counts.
    """
    outer = decode(Proposal, proposal, "proposal")
    header = decode(Header, outer.header, "header")
    call = decode(ChaincodeProposalPayload, outer.payload, "chaincode proposal payload")
    distinct: dict[bytes, Any] = {}
    for endorsement in endorsements:
        distinct.setdefault(endorsement.endorser, endorsement)
    if not distinct:
        raise DecodeError("a transaction needs at least one endorsement")
    action = ChaincodeActionPayload(
        chaincode_proposal_payload=ChaincodeProposalPayload(input=call.input).SerializeToString(),
        action=ChaincodeEndorsedAction(
            proposal_response_payload=response_payload,
            endorsements=[Endorsement(endorser=e.endorser, signature=e.signature) for e in distinct.values()],
        ),
    )
    transaction = Transaction(
        actions=[TransactionAction(header=header.signature_header, payload=action.SerializeToString())]
    )
    data: bytes = Payload(header=header, data=transaction.SerializeToString()).SerializeToString()
    return data


def signed_envelope(
    header_type: int,
    channel: str,
    data: bytes,
    signer: SigningIdentity | None,
    *,
    tls_certificate_der: bytes | None = None,
    time_ns: int | None = None,
) -> Envelope:
    """A signed message of any type; without a signer it stays unsigned (a genesis block's configuration).

    `tls_certificate_der` binds the message to a mutual TLS connection, as Deliver requests need it.
    """
    nonce = new_nonce()
    creator = signer.creator if signer else b""
    header = Header(
        channel_header=_channel_header(
            header_type,
            channel,
            time_ns,
            tx_id=transaction_id(nonce, creator) if signer else "",
            tls_cert_hash=sha256(tls_certificate_der).digest() if tls_certificate_der else b"",
        ),
        signature_header=SignatureHeader(creator=creator, nonce=nonce).SerializeToString(),
    )
    payload = Payload(header=header, data=data).SerializeToString()
    return Envelope(payload=payload, signature=signer.sign(payload) if signer else b"")


def config_envelope(channel: str, config: ConfigEnvelope, signer: SigningIdentity | None) -> Envelope:
    """A channel's configuration as a block carries it (header type CONFIG)."""
    return signed_envelope(CONFIG, channel, encode(config), signer)


def config_signature(config_update: bytes, signer: SigningIdentity) -> ConfigSignature:
    """One administrator's consent to a configuration update: a signature over its own header and the update."""
    header: bytes = SignatureHeader(creator=signer.creator, nonce=new_nonce()).SerializeToString()
    return ConfigSignature(signature_header=header, signature=signer.sign(header + config_update))


def config_update_envelope(
    channel: str, config_update: bytes, signatures: Sequence[ConfigSignature], signer: SigningIdentity
) -> Envelope:
    """A configuration update with its consents, signed by whoever submits it."""
    update = ConfigUpdateEnvelope(config_update=config_update, signatures=signatures)
    return signed_envelope(CONFIG_UPDATE, channel, update.SerializeToString(), signer)


def read_config(envelope: bytes) -> tuple[HeaderView, ConfigEnvelope]:
    """The configuration inside a CONFIG envelope; MalformedTransaction if it carries none."""
    view = read_envelope(envelope)
    if view.header.type != CONFIG:
        raise MalformedTransaction("INVALID_CONFIG_TRANSACTION", f"no configuration but {view.header.type_name}")
    try:
        return view.header, decode(ConfigEnvelope, view.data, "configuration")
    except DecodeError as e:
        raise MalformedTransaction("INVALID_CONFIG_TRANSACTION", str(e)) from e


def _channel_header(
    header_type: int,
    channel: str,
    time_ns: int | None,
    *,
    tx_id: str,
    extension: bytes = b"",
    tls_cert_hash: bytes = b"",
) -> bytes:
    seconds, nanos = divmod(clock.nanoseconds() if time_ns is None else time_ns, 1_000_000_000)
    return encoding.channel_header(header_type, seconds, nanos, channel, tx_id, extension, tls_cert_hash)
