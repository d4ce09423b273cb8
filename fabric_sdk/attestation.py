"""Collecting answers that peers signed, for proofs (`fabric_sdk.proof.views` reads them).

The Gateway's `Evaluate` drops the peer's signature, so each call is endorsed by one organisation and never submitted.
An answer of 400 and more is never signed. All organisations are asked at once; one that does not answer is named with
its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.gateway.gateway_pb2 import PreparedTransaction

from fabric_sdk.errors import FabricError
from fabric_sdk.proof.content import put_varint
from fabric_sdk.proof.views import LEDGER, Question
from fabric_sdk.wire import decode

MOST_AT_ONCE = 8


class EndorsingNetwork(Protocol):
    """A channel of a Gateway (`fabric_sdk.gateway.Network`)."""

    @property
    def name(self) -> str:
        """The channel's name."""

    def get_contract(self, chaincode: str) -> Any:
        """A contract of the channel."""


@dataclass(frozen=True)
class Attested:
    """What one organisation signed: the payloads as a part of a proof, the newest block it knew, the ids it listed."""

    msp: str
    part: bytes
    block: int
    block_hash: bytes
    transactions: tuple[str, ...]


@dataclass(frozen=True)
class Attestations:
    """Answers by MSP id, and why the others did not answer."""

    given: Mapping[str, Attested]
    missing: Mapping[str, str]


def collect(
    network: EndorsingNetwork,
    organizations: Sequence[str],
    question: Question,
    listed: Callable[[bytes], list[str]],
) -> Attestations:
    """Ask every organisation for the chain's height, the answer to `question` and each transaction listed in it."""
    given: dict[str, Attested] = {}
    missing: dict[str, str] = {}

    def ask(msp: str) -> Attested:
        return _ask(network, msp, question, listed)

    with ThreadPoolExecutor(min(MOST_AT_ONCE, max(1, len(organizations))), thread_name_prefix="attest") as pool:
        asked = {msp: pool.submit(ask, msp) for msp in dict.fromkeys(organizations)}
        for msp, answer in asked.items():
            try:
                given[msp] = answer.result()
            except (FabricError, ValueError) as error:
                missing[msp] = str(error) or type(error).__name__
    return Attestations(given, missing)


def _ask(network: EndorsingNetwork, msp: str, question: Question, listed: Callable[[bytes], list[str]]) -> Attested:
    payloads: list[bytes] = []

    def signed(contract: str, function: str, *arguments: str) -> bytes:
        proposal = network.get_contract(contract).new_proposal(function, *arguments, endorsing_organizations=(msp,))
        transaction = proposal.endorse()
        payloads.append(decode(PreparedTransaction, transaction.bytes, "prepared transaction").envelope.payload)
        return bytes(transaction.result)

    info = decode(BlockchainInfo, signed(LEDGER, "GetChainInfo", network.name), "chain information")
    block, block_hash = int(info.height) - 1, bytes(info.currentBlockHash)
    answer = signed(question.contract, question.function, *question.arguments(block, block_hash.hex()))
    transactions = tuple(listed(answer))
    for tx_id in transactions:
        signed(LEDGER, "GetTransactionByID", network.name, tx_id)
    part = b"".join(b"\x0a" + put_varint(len(payload)) + payload for payload in payloads)
    return Attested(msp, part, block, block_hash, transactions)


def transaction_ids(answer: bytes) -> list[str]:
    """The ids in an answer of the usual form: a JSON list of objects with `tx_id`."""
    return [str(one["tx_id"]) for one in json.loads(answer)]
