"""Writing a record's package: its transactions' blocks, what peers signed about them, what lies beside the ledger."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.catalogue.evidence.check import CONTRACT, FORMAT, LISTING, check_package
from apps.documents.chain_parts import ChainParts
from baas.errors import Conflict, Text, Unavailable, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk.attestation import collect, transaction_ids
from fabric_sdk.files import write_whole
from fabric_sdk.proof.bundle import made
from fabric_sdk.proof.canonical_zip import CanonicalZip
from fabric_sdk.proof.report import INVALID, UNREADABLE
from fabric_sdk.proof.views import Question

if TYPE_CHECKING:
    from fabric_protos.common.common_pb2 import Block

    from apps.kit.service import Service

ENDED = ("credential-revoked", "credential-ended")
"""What a package may say and be handed out all the same: that something stands no more."""
HERE = "apps.catalogue.evidence"


@dataclass(frozen=True)
class Written:
    """A package that was written, the organisations whose peers signed, and why others did not."""

    path: Path
    size: int
    spoke: tuple[str, ...]
    missing: Mapping[str, str]


class LedgerBlocks:
    """Blocks of the channel, asked of a peer's system chaincode `qscc` as one of the people here."""

    def __init__(self, service: Service) -> None:
        self.network = service.ledger.connected(service.reader)
        self._qscc = self.network.get_contract("qscc")

    def block(self, number: int) -> Block:
        """The block of this number."""
        return self._read("GetBlockByNumber", str(number))

    def block_of_transaction(self, tx_id: str) -> Block:
        """The block that holds this transaction."""
        return self._read("GetBlockByTxID", tx_id)

    def _read(self, function: str, argument: str) -> Block:
        from fabric_protos.common.common_pb2 import Block

        with translating():
            return Block.FromString(self._qscc.evaluate(function, self.network.name, argument))


def write_package(
    service: Service, record_id: str, beside: Mapping[str, bytes], target: Path, *, ctx: JobContext = NULL_CONTEXT
) -> Written:
    """Write the package of a record to `target`, whole or not at all; `beside` are parts that belong to it.

    Raises `Conflict` where `target` exists, `Unavailable` where no peer signs, `UserError` where the package would not
    hold: it is checked as a stranger would before anybody gets it.
    """
    if target.exists():
        raise Conflict(Text("{p} 已经存在。", "{p} exists already.", p=target.name))
    ctx.step("attest", Text("请各机构的节点签名证实", "Ask every organisation's peers to sign"))
    source = LedgerBlocks(service)
    with translating():
        answers = collect(
            source.network, service.ledger.spec.peer_msp_ids, Question(CONTRACT, LISTING, record_id), transaction_ids
        )
    if not answers.given:
        said = "; ".join(f"{msp}: {why}" for msp, why in answers.missing.items())[:300]
        raise Unavailable(
            Text("没有一个机构的节点签名证实：{s}", "No organisation's peers signed: {s}", s=said),
            code="no_attestation",
        )
    ctx.step("collect", Text("收集交易与区块", "Collect transactions and blocks"))
    tx_ids = list(dict.fromkeys(tx for one in answers.given.values() for tx in one.transactions))
    chain = ChainParts(source)
    chain.gather(tx_ids, {one.block: one.block_hash for one in answers.given.values()})
    parts = {**chain.parts, **beside, **{f"attestations/{msp}.pb": one.part for msp, one in answers.given.items()}}
    parts |= {**made(HERE), "README.txt": resources.files(HERE).joinpath("README.txt").read_bytes()}
    data = _packed(record_id, tx_ids, parts)
    report = check_package(io.BytesIO(data))
    code = report.first_bad.code if report.first_bad else ""
    if report.verdict in (INVALID, UNREADABLE) and code not in ENDED:
        raise UserError(
            Text("证据包核验不通过，没有写出：{c}", "The package would not hold and was not written: {c}", c=code),
            code=code.replace("-", "_"),
        )
    with translating():
        write_whole(target, data)
    return Written(target, len(data), tuple(sorted(answers.given)), dict(answers.missing))


def _packed(record_id: str, tx_ids: list[str], parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    writer = CanonicalZip(stream)
    files = {name: writer.add(name, (parts[name],)) for name in sorted(parts)}
    manifest: dict[str, Any] = {"format": FORMAT, "record": record_id, "transactions": tx_ids, "files": files}
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"
    writer.add("manifest.json", (raw,))
    writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
    writer.finish()
    return stream.getvalue()
