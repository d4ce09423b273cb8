"""Transactions that no honest client sends: mutated, or with read and write sets of their own and true endorsements.

The test owns every key of its network, so what a contract would never do can be endorsed all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fabric_protos.common.common_pb2 import ChannelHeader, Envelope, Header, Payload, SignatureHeader
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2 as kv
from fabric_protos.ledger.rwset.rwset_pb2 import NsReadWriteSet, TxReadWriteSet
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.chaincode_pb2 import ChaincodeID
from fabric_protos.peer.proposal_pb2 import ChaincodeAction, ChaincodeHeaderExtension
from fabric_protos.peer.proposal_response_pb2 import ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload, Transaction

from fabric_sdk.envelope import endorse, new_proposal, transaction_payload
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.transaction import proposal_hash

REFUSED = "REFUSED"
"""Not a validation code: the embedded orderer does not take it."""


@dataclass
class Crafter:
    """Makes envelopes for one channel and chaincode; `version` is the definition's."""

    channel: str
    chaincode: str
    version: str
    creator: SigningIdentity
    endorsers: list[SigningIdentity]
    tx_ids: list[str] = field(default_factory=list)

    def envelope(
        self,
        results: bytes,
        *,
        events: bytes = b"",
        endorsers: list[SigningIdentity] | None = None,
        chaincode: str = "",
        action_name: str | None = None,
        version: str | None = None,
        header: Callable[[Any], None] = lambda _header: None,
        transaction: Callable[[Any], None] = lambda _transaction: None,
    ) -> Envelope:
        """A signed transaction with these results; the callables change its channel header and its transaction."""
        name = chaincode or self.chaincode
        proposal = new_proposal(self.channel, name, [b"Crafted"], self.creator.creator)
        self.tx_ids.append(proposal.transaction_id)
        raw = Payload(header=_header_of(proposal.bytes))
        channel_header = ChannelHeader.FromString(raw.header.channel_header)
        header(channel_header)
        raw_header = channel_header.SerializeToString()
        public = ChaincodeActionPayload.FromString(_first_action(proposal.bytes, b"")).chaincode_proposal_payload
        digest = proposal_hash(raw_header, raw.header.signature_header, public)
        action = ChaincodeAction(
            results=results,
            events=events,
            chaincode_id=ChaincodeID(
                name=name if action_name is None else action_name, version=self.version if version is None else version
            ),
        )
        action.response.status = 200
        response = ProposalResponsePayload(proposal_hash=digest, extension=action.SerializeToString())
        payload = response.SerializeToString()
        signatures = [endorse(payload, e) for e in (self.endorsers if endorsers is None else endorsers)]
        made = Payload.FromString(transaction_payload(proposal.bytes, payload, signatures))
        made.header.channel_header = raw_header
        inner = Transaction.FromString(made.data)
        transaction(inner)
        made.data = inner.SerializeToString()
        data = made.SerializeToString()
        return Envelope(payload=data, signature=self.creator.sign(data))

    def strange(self) -> Iterator[tuple[str, Envelope]]:
        """(the validation code that Fabric's sources lead one to expect, the transaction)."""
        good = results({"crafted": b"1"}, self.chaincode)

        def set_(**values: object) -> Callable[[Any], None]:
            return lambda message: [setattr(message, k, v) for k, v in values.items()]  # type: ignore[return-value]

        one = self.creator
        yield "VALID", self.envelope(good)
        yield "BAD_PROPOSAL_TXID", self.envelope(good, header=set_(tx_id="0" * 64))
        yield "BAD_COMMON_HEADER", self.envelope(good, header=set_(epoch=1))
        yield "BAD_COMMON_HEADER", self.envelope(good, header=set_(type=0))
        yield "BAD_HEADER_EXTENSION", self.envelope(good, header=set_(extension=b"\xff\xff"))
        nameless = ChaincodeHeaderExtension()
        nameless.chaincode_id.SetInParent()
        yield "INVALID_CHAINCODE", self.envelope(good, header=set_(extension=nameless.SerializeToString()))
        yield "INVALID_OTHER_REASON", self.envelope(good, header=set_(extension=b""))
        yield "INVALID_CHAINCODE", self.envelope(good, action_name="other")
        yield "INVALID_CHAINCODE", self.envelope(good, version="")
        yield "EXPIRED_CHAINCODE", self.envelope(good, version="0.9")
        yield "INVALID_CHAINCODE", self.envelope(results({"x": b"1"}, "nowhere"), chaincode="nowhere")
        yield "INVALID_CHAINCODE", self.envelope(results({"x": b"1"}, "nowhere"))
        yield "ENDORSEMENT_POLICY_FAILURE", self.envelope(good, endorsers=[one])
        yield "ENDORSEMENT_POLICY_FAILURE", self.envelope(good, endorsers=self.endorsers[:1])
        twice = TxReadWriteSet.FromString(good)
        twice.ns_rwset.append(twice.ns_rwset[0])
        yield "ILLEGAL_WRITESET", self.envelope(twice.SerializeToString())
        yield "BAD_RWSET", self.envelope(b"\xff\xff\xff")
        broken = TxReadWriteSet(ns_rwset=[NsReadWriteSet(namespace=self.chaincode, rwset=b"\xff\xff")])
        yield "BAD_RWSET", self.envelope(broken.SerializeToString())
        event = ChaincodeEvent(chaincode_id="other", tx_id="x", event_name="e").SerializeToString()
        yield "INVALID_OTHER_REASON", self.envelope(good, events=event)
        yield "INVALID_OTHER_REASON", self.envelope(good, events=b"\xff\xff")
        for stopping in self.stopping():
            yield REFUSED, stopping
        yield "INVALID_ENDORSER_TRANSACTION", self.envelope(good, transaction=lambda t: t.actions.append(t.actions[0]))
        yield "INVALID_ENDORSER_TRANSACTION", self.envelope(good, transaction=_other_header)
        yield "LIFECYCLE", self.envelope(results({"namespaces/fields/x/Sequence": b"1"}, "_lifecycle"))
        yield "LSCC", self.envelope(results({"x": b"1"}, "lscc"))
        yield "QSCC", self.envelope(results({"x": b"1"}, "qscc"))
        again = self.envelope(good)
        yield "VALID", again
        yield "DUPLICATE_TXID", again

    def stopping(self) -> Iterator[Envelope]:
        """What ends Fabric's own peers when another transaction of the block is validated: no endorsed action."""
        good = results({"crafted": b"1"}, self.chaincode)
        yield self.envelope(good, transaction=lambda t: t.ClearField("actions"))
        yield self.envelope(good, transaction=lambda t: setattr(t.actions[0], "payload", b""))

    def random(self, chance: random.Random, height: int) -> Envelope:
        """A well-endorsed transaction with any read and write set over a few keys."""
        sets = kv.KVRWSet()
        for _ in range(chance.randrange(3)):
            read = sets.reads.add(key=_key(chance))
            if chance.random() < 0.5:
                read.version.block_num, read.version.tx_num = chance.randrange(height), chance.randrange(3)
        for key in {_key(chance) for _ in range(chance.randrange(4))}:
            write = sets.writes.add(key=key)
            kind = chance.randrange(5)
            if kind == 0:
                write.is_delete = True
            elif kind == 1:
                write.value = b""
            else:
                write.value = chance.randbytes(chance.randrange(1, 20))
        if chance.random() < 0.3:
            info = sets.range_queries_info.add(start_key="", end_key=_key(chance), itr_exhausted=chance.random() < 0.5)
            if chance.random() < 0.5:
                read = info.raw_reads.kv_reads.add(key=_key(chance))
                read.version.block_num = chance.randrange(height)
            else:
                info.raw_reads.SetInParent()
        names = chance.sample([self.chaincode, "single"], chance.choice([1, 1, 1, 2]))
        made = TxReadWriteSet()
        for name in names:
            made.ns_rwset.add(namespace=name, rwset=sets.SerializeToString())
        return self.envelope(made.SerializeToString())


def results(writes: dict[str, bytes], chaincode: str) -> bytes:
    """A read and write set that only writes."""
    sets = kv.KVRWSet(writes=[kv.KVWrite(key=k, value=v) for k, v in writes.items()])
    data: bytes = TxReadWriteSet(
        ns_rwset=[NsReadWriteSet(namespace=chaincode, rwset=sets.SerializeToString())]
    ).SerializeToString()
    return data


def _key(chance: random.Random) -> str:
    return f"z{chance.randrange(6)}"


def _header_of(proposal: bytes) -> Any:
    from fabric_protos.peer.proposal_pb2 import Proposal

    return Header.FromString(Proposal.FromString(proposal).header)


def _first_action(proposal: bytes, response: bytes) -> bytes:
    from fabric_protos.peer.proposal_response_pb2 import Endorsement

    made = Payload.FromString(transaction_payload(proposal, response, [Endorsement(endorser=b"x", signature=b"x")]))
    payload: bytes = Transaction.FromString(made.data).actions[0].payload
    return payload


def _other_header(transaction: Any) -> None:
    header = SignatureHeader.FromString(transaction.actions[0].header)
    header.nonce = b"other nonce"
    transaction.actions[0].header = header.SerializeToString()
