"""Evidence of a work: which transactions belong to it, the package with them, and checking packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest, timestamps
from apps.copyright.evidence.package import (
    ContentPart,
    EvidencePackage,
    RecordPart,
    TimeStamp,
    block_digest,
    build_package,
)
from apps.copyright.ledger import CONTRACT
from apps.copyright.wording import finding
from baas.content import CLASSIC, Cid
from baas.errors import Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock

if TYPE_CHECKING:
    from fabric_protos.common.common_pb2 import Block

    from apps.copyright.service import CopyrightService

_RELATED = ("registrations", "licences", "transfers", "pledges", "changes", "disputes", "infringements")


class LedgerBlocks:
    """Blocks of the channel, asked of a peer's system chaincode `qscc`."""

    def __init__(self, service: CopyrightService) -> None:
        network = service.platform.networks.connect(service.network, service.ledger.label("auditor"))
        self.channel = network.name
        self._qscc = network.get_contract("qscc")

    def block(self, number: int) -> Block:
        """The block of this number."""
        return self._read("GetBlockByNumber", str(number))

    def block_of_transaction(self, tx_id: str) -> Block:
        """The block that holds this transaction."""
        return self._read("GetBlockByTxID", tx_id)

    def _read(self, function: str, argument: str) -> Block:
        from fabric_protos.common.common_pb2 import Block

        with translating():
            return Block.FromString(self._qscc.evaluate(function, self.channel, argument))


def export_evidence(
    service: CopyrightService,
    work_id: str,
    target: Path,
    *,
    with_content: bool = True,
    ctx: JobContext = NULL_CONTEXT,
) -> EvidencePackage:
    """Write the evidence package of a work: every transaction of it and of what hangs on it, up to now.

    The file goes in as it is stored (an encrypted work sealed). A time-stamp is asked for when the workspace names an
    authority.
    """
    from fabric_sdk.blocks import decode_block, find_transaction

    service.platform.session.require(manifest.EVIDENCE)
    work = service.work(work_id)
    ctx.step("collect", Text("收集交易与区块", "Collect transactions and blocks"))
    source = LedgerBlocks(service)
    history = service.history(work.id)
    tx_ids = [entry["tx_id"] for entry in history]
    dossier = service.dossier(work.id)
    for name in _RELATED:
        for record in dossier[name]:
            tx_ids += [entry["tx_id"] for entry in service.history(record["id"])]
    transactions = []
    for tx_id in dict.fromkeys(tx_ids):
        ctx.check_cancelled()
        with translating():
            found = find_transaction(decode_block(source.block_of_transaction(tx_id)), tx_id)
        transactions.append((tx_id, found.function))
    stamps = _stamps(service, source, tx_ids, ctx)
    ctx.step("write", Text("写出证据包", "Write the package"))

    def pieces() -> Iterator[bytes]:
        return service.content.cat(Cid(work.cid))

    return build_package(
        target,
        source=source,
        channel=source.channel,
        work_id=work.id,
        record=RecordPart(CONTRACT, work.id, history[0]["tx_id"]),
        transactions=transactions,
        content=ContentPart(
            work.cid,
            CLASSIC.leaf_bytes,
            CLASSIC.links,
            name=f"{work.title}{_suffix(work.media_type, sealed=work.encrypted)}",
            pieces=pieces if with_content else None,
        ),
        created=clock.now(),
        timestamps=stamps,
    )


def _stamps(
    service: CopyrightService, source: LedgerBlocks, tx_ids: Iterable[str], ctx: JobContext
) -> tuple[TimeStamp, ...]:
    url = service.platform.workspace.setting(timestamps.SETTING)
    if not url:
        return ()
    ctx.step("timestamp", Text("申请可信时间戳", "Ask for a time-stamp"))
    last = max((source.block_of_transaction(tx_id) for tx_id in tx_ids), key=lambda block: int(block.header.number))
    return (TimeStamp(int(last.header.number), timestamps.request_token(url, block_digest(last))),)


def _suffix(media_type: str, *, sealed: bool) -> str:
    if sealed:
        return ".sealed"
    known = {"image/jpeg": ".jpg", "text/plain": ".txt", "audio/mpeg": ".mp3", "video/x-matroska": ".mkv"}
    tail = media_type.partition("/")[2].removeprefix("x-")
    return known.get(media_type, f".{tail}" if tail.isalnum() and len(tail) <= 5 else ".bin")


def check_evidence(package: Path, roots: Path | None = None) -> dict[str, Any]:
    """Check a package with the verifier that travels inside packages: `{"valid", "checks", …}`."""
    from cryptography import x509

    from apps.copyright.evidence.verify import Unreadable, verify

    try:
        trusted = x509.load_pem_x509_certificates(roots.read_bytes()) if roots else []
        with package.open("rb") as stream:
            report = verify(stream, trusted)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, Unreadable) as error:
        raise UserError(
            Text("无法核验 {p}：{w}", "{p} cannot be checked: {w}", p=package.name, w=finding(str(error))),
            Text("请确认它是证据包（zip）。", "Check that it is an evidence package (zip)."),
            code="evidence_unreadable",
        ) from error
    checks = [dict(zip(("state", "part", "text"), check, strict=True)) for check in report.checks]
    return {"valid": report.valid, "checks": checks, **report.facts}
