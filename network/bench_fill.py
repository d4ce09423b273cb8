"""Fills a stopped embedded ledger with genuine transactions, much faster than clients could.

Each is signed by its creator and both endorsers, ordered, validated and committed as any other; only the proposals
are not simulated (all write one key as the contract would) and nothing travels. What this process has just signed it
does not check again, as the node does not either.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from fabric_protos.common.common_pb2 import Block, ChannelHeader, Envelope, Header, Payload, SignatureHeader
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from fabric_protos.peer.chaincode_pb2 import ChaincodeInvocationSpec
from fabric_protos.peer.proposal_pb2 import ChaincodeAction, ChaincodeProposalPayload
from fabric_protos.peer.proposal_response_pb2 import Endorsement, ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    Transaction,
    TransactionAction,
)

from fabric_sdk import clock
from fabric_sdk.identity import SigningIdentity, load_msp_folder
from network.bench_load import CHANNEL, CONTRACT
from network.embedded import settings as node_settings
from network.embedded.channel import Channel
from network.embedded.ordering import OrdererIdentity

_AT_ONCE = 2_000


class Filler:
    """The ledger of a stopped network in `directory`, opened for filling; `close` when done."""

    def __init__(self, directory: Path, creator: SigningIdentity, contract: str = CONTRACT) -> None:
        """The newest block must hold a transaction of `contract` that reads and writes one key; others repeat it."""
        home = directory / "embedded"
        settings = node_settings.load(home)
        orderers = [
            OrdererIdentity(e.name, e.known_as, load_msp_folder(home / e.msp, e.msp_id), e.consenter or None)
            for e in settings.orderers
        ]
        self._endorsers = [load_msp_folder(home / e.msp, e.msp_id) for e in settings.peers]
        self._creator = creator
        self._contract = contract
        self.channel = Channel(home / "channels" / CHANNEL, CHANNEL, lambda: orderers)
        self._pattern = self._newest_transaction()

    async def fill(self, count: int, report: Callable[[int], None] = lambda _: None) -> None:
        """Commit `count` more transactions, each with a key of its own."""
        self.channel.start()
        run = f"{clock.nanoseconds():x}-"
        for begin in range(0, count, _AT_ONCE):
            last = ""
            for number in range(begin, min(count, begin + _AT_ONCE)):
                envelope, last = self._transaction(f"{run}{number}")
                self.channel.broadcast(envelope)
                if number % 50 == 0:
                    await asyncio.sleep(0)
            await self.channel.committed(last)
            report(min(count, begin + _AT_ONCE))

    def transaction(self) -> Envelope:
        """One more transaction, not yet sent, with a key of its own."""
        return self._transaction(os.urandom(8).hex())[0]

    async def close(self) -> None:
        """Write what was accepted and close the files."""
        await self.channel.close()

    def _newest_transaction(self) -> tuple[Any, Any, Any, Any]:
        """The parts of the newest transaction, which the others repeat: header, arguments, action, read-write sets."""
        block, _ = self.channel.block(self.channel.height - 1)
        payload = Payload.FromString(
            Envelope.FromString(Block.FromString(block.SerializeToString()).data.data[0]).payload
        )
        header = ChannelHeader.FromString(payload.header.channel_header)
        action = ChaincodeActionPayload.FromString(Transaction.FromString(payload.data).actions[0].payload)
        proposal = ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
        invocation = ChaincodeInvocationSpec.FromString(proposal.input)
        response = ProposalResponsePayload.FromString(action.action.proposal_response_payload)
        chaincode = ChaincodeAction.FromString(response.extension)
        return header, invocation, chaincode, TxReadWriteSet.FromString(chaincode.results)

    def _transaction(self, key: str) -> tuple[Any, str]:
        header, invocation, action, sets = self._pattern
        creator = self._creator.identity.serialize()
        signature_header = SignatureHeader(creator=creator, nonce=os.urandom(24))
        header.tx_id = sha256(signature_header.nonce + creator).hexdigest()
        header.timestamp.FromNanoseconds(clock.nanoseconds())
        raw_header = Header(
            channel_header=header.SerializeToString(), signature_header=signature_header.SerializeToString()
        )
        invocation.chaincode_spec.input.args[1] = key.encode()
        proposal = ChaincodeProposalPayload(input=invocation.SerializeToString()).SerializeToString()
        for one in sets.ns_rwset:
            if one.namespace == self._contract:
                pairs = KVRWSet.FromString(one.rwset)
                pairs.reads[0].key = pairs.writes[0].key = key
                one.rwset = pairs.SerializeToString()
        action.results = sets.SerializeToString()
        digest = sha256(raw_header.channel_header + raw_header.signature_header + proposal).digest()
        response = ProposalResponsePayload(proposal_hash=digest, extension=action.SerializeToString())
        raw_response = response.SerializeToString()
        endorsements = []
        for endorser in self._endorsers:
            identity = endorser.identity.serialize()
            endorsements.append(Endorsement(endorser=identity, signature=self._sign(endorser, raw_response + identity)))
        whole = ChaincodeActionPayload(
            chaincode_proposal_payload=proposal,
            action=ChaincodeEndorsedAction(proposal_response_payload=raw_response, endorsements=endorsements),
        )
        actions = [TransactionAction(header=raw_header.signature_header, payload=whole.SerializeToString())]
        payload = Payload(header=raw_header, data=Transaction(actions=actions).SerializeToString()).SerializeToString()
        return Envelope(payload=payload, signature=self._sign(self._creator, payload)), header.tx_id

    def _sign(self, identity: SigningIdentity, message: bytes) -> bytes:
        signature: bytes = identity.sign(message)
        known = self.channel.config.msps.validate(identity.identity.serialize())
        self.channel.signatures.remember(known.parsed.fingerprint, message, signature)
        return signature
