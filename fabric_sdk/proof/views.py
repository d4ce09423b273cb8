"""Answers that peers signed: what one organisation says of the chain, of transactions, and of a contract's records.

A client gets them with the Gateway's `Endorse`, one organisation a call, and never submits them. They carry what no
block carries: whether the ledger accepted a transaction, and that a list is complete as of a block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from fabric_sdk.proof.blocks import Call, read_call
from fabric_sdk.proof.configuration import Configuration
from fabric_sdk.proof.wire import Broken, fields, many, number, raw, text

LEDGER = "qscc"
_MOST_ANSWERS = 2_000


class Verdict(NamedTuple):
    """A transaction as a peer has it: its validation code (0: accepted), its envelope."""

    code: int
    envelope: bytes


class View(NamedTuple):
    """What a peer of one organisation said: the chain as of `block` and all answers to one question."""

    msp: str
    peer: str
    block: int
    block_hash: str
    answer: bytes
    transactions: dict[str, Verdict]


class Question(NamedTuple):
    """The contract's query that lists what belongs to a subject, as of a block whose number and hash it names."""

    contract: str
    function: str
    subject: str

    def arguments(self, block: int, block_hash: str) -> list[str]:
        """The arguments of the query."""
        return [self.subject, str(block), block_hash]


def read_view(data: bytes, channel: str, config: Configuration, question: Question) -> View:
    """Read one organisation's answers (a message with one payload in each field 1); Broken unless all are of one peer,
    about this channel and question, and belong together."""
    signer = height = None
    block_hash, answer = "", b""
    listed: Call | None = None
    found: dict[str, Verdict] = {}
    for payload in many(fields(data), 1)[:_MOST_ANSWERS]:
        call = read_call(payload)
        peers = config.signers(call.endorsements, "peer")
        if call.channel != channel or call.status != 200 or len(peers) != 1:
            raise Broken("view-signature")
        if signer is not None and peers[0].msp != signer.msp:
            raise Broken("view-mixed")
        signer = peers[0]
        arguments = [text(one) for one in call.arguments]
        if call.contract == LEDGER and arguments == ["GetChainInfo", channel]:
            info = fields(call.answer)
            height, block_hash = number(info, 1), raw(info, 2).hex()
        elif call.contract == LEDGER and len(arguments) == 3 and arguments[:2] == ["GetTransactionByID", channel]:
            processed = fields(call.answer)
            found[arguments[2]] = Verdict(number(processed, 2), raw(processed, 1))
        elif call.contract == question.contract and call.function == question.function:
            listed, answer = call, call.answer
        else:
            raise Broken("view-other")
    if signer is None or not height or listed is None:
        raise Broken("view-incomplete-part")
    if [text(one) for one in listed.arguments[1:]] != question.arguments(height - 1, block_hash):
        raise Broken("view-other")
    return View(signer.msp, signer.certificate.name, height - 1, block_hash, answer, found)


def contradiction(views: Sequence[View]) -> str:
    """The id of a transaction of which two organisations say different things; "" if there is none."""
    said: dict[str, Verdict] = {}
    for view in views:
        for tx_id, verdict in view.transactions.items():
            other = said.setdefault(tx_id, verdict)
            same = hashlib.sha256(other.envelope).digest() == hashlib.sha256(verdict.envelope).digest()
            if other.code != verdict.code or not same:
                return tx_id
    return ""
