"""Evidence of a work: which transactions belong to it, the package with them, and checking packages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.evidence.check import CONTRACT, LISTING, check_package
from apps.copyright.evidence.package import ContentPart, Contents, EvidencePackage, safe_name, write_package
from apps.copyright.evidence.tell import Teller
from apps.copyright.evidence.terminal import read_roots
from apps.copyright.intake import FOLDER
from apps.copyright.model import Work
from apps.documents.chain_parts import ChainParts
from baas.content import Cid
from baas.errors import CityChainError, Text, Unavailable, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk.attestation import collect, transaction_ids
from fabric_sdk.proof.cards import MAX_CARD, Card, read_card
from fabric_sdk.proof.members import Certificate
from fabric_sdk.proof.report import Report
from fabric_sdk.proof.views import Question
from fabric_sdk.proof.wire import Broken

if TYPE_CHECKING:
    from fabric_protos.common.common_pb2 import Block

    from apps.copyright.service import CopyrightService

CAPTURE_BYTES = 64 << 20
"""Captured pages go in as long as they are not more than this together."""


class LedgerBlocks:
    """Blocks of the channel, asked of a peer's system chaincode `qscc`."""

    def __init__(self, service: CopyrightService) -> None:
        self.network = service.platform.networks.connect(service.network, service.ledger.label("auditor"))
        self.channel = self.network.name
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

    Every organisation with peers is asked to sign that the list is complete and the transactions are accepted;
    whoever does not answer is named in the result. The file goes in as it is stored (an encrypted work sealed).
    """
    service.platform.session.require(permissions.EVIDENCE)
    service.platform.networks.require_origin(service.network, Text("不能出具证据包", "it gives no evidence packages"))
    work = service.work(work_id)
    ctx.step("attest", Text("请各机构的节点签名证实", "Ask every organisation's peers to sign"))
    source = LedgerBlocks(service)
    question = Question(CONTRACT, LISTING, work.id)
    with translating():
        answers = collect(source.network, _organizations(service), question, transaction_ids)
    if not answers.given:
        said = "; ".join(f"{msp}: {why}" for msp, why in answers.missing.items())[:300]
        raise Unavailable(
            Text("没有一个机构的节点签名证实：{s}", "No organisation's peers signed: {s}", s=said),
            Text(
                "请确认网络在运行，合约已升级到当前版本。", "Check that the network runs and the contract is upgraded."
            ),
            code="no_attestation",
        )
    ctx.step("collect", Text("收集交易与区块", "Collect transactions and blocks"))
    tx_ids = list(dict.fromkeys(tx for one in answers.given.values() for tx in one.transactions))
    chain = ChainParts(source)
    chain.gather(tx_ids, {one.block: one.block_hash for one in answers.given.values()})
    parts = dict(chain.parts)
    for msp, one in answers.given.items():
        parts[f"attestations/{msp}.pb"] = one.part
    blocks = {int(name[13:-3]) for name in parts if name.startswith("chain/blocks/")}
    parts |= service.stamps.parts(blocks, min(chain.numbers, default=0), source)
    parts |= _documents(service, work, ctx)
    ctx.check_cancelled()
    ctx.step("write", Text("写出证据包", "Write the package"))

    with_content = with_content and work.media_type != FOLDER  # the verifier knows the CIDs of files only
    if with_content:
        service.files.bring_work(work, ctx)

    def pieces() -> Iterator[bytes]:
        return service.content.cat(Cid(work.cid))

    name = f"{work.title}{_suffix(work.media_type, sealed=work.encrypted)}"
    content = ContentPart(name, pieces if with_content else None)
    return write_package(target, Contents(work.id, tx_ids, parts, content, answers.missing))


def _organizations(service: CopyrightService) -> list[str]:
    """The organisations that run peers, the office first."""
    office = service.ledger.cast.office
    members = service.ledger.spec.peer_msp_ids
    return [office, *(msp for msp in members if msp != office)]


def _documents(service: CopyrightService, work: Work, ctx: JobContext) -> dict[str, bytes]:
    """The certificates and captured pages that this desk has or is given, as parts."""
    dossier = service.dossier(work.id)
    wanted: list[tuple[str, str, str]] = []
    for case in dossier["registrations"]:
        noted = [*case.get("certificates", ()), *([case["certificate"]] if case.get("certificate") else ())]
        for number, one in enumerate({one["cid"]: one for one in noted}.values()):
            tail = f"-{number + 1}" if number else ""
            wanted.append((f"certificates/{safe_name(case['number'])}{tail}.pdf", case["id"], one["cid"]))
    for case in dossier["infringements"]:
        for number, one in enumerate(case["evidence"]):
            if one["kind"] in ("web_capture", "web_source"):
                wanted.append((f"captures/{case['id']}-{number + 1}.zip", case["id"], one["cid"]))
    parts: dict[str, bytes] = {}
    size = 0
    for name, record, cid in wanted:
        ctx.check_cancelled()
        try:
            data = service.files.read(record, cid, ctx)
        except CityChainError:
            continue  # kept at another desk; the ledger names it all the same
        size += len(data)
        if size <= CAPTURE_BYTES:
            parts[name] = data
    return parts


def _suffix(media_type: str, *, sealed: bool) -> str:
    if sealed:
        return ".sealed"
    known = {"image/jpeg": ".jpg", "text/plain": ".txt", "audio/mpeg": ".mp3", "video/x-matroska": ".mkv"}
    media_type = media_type.partition(";")[0]
    tail = media_type.partition("/")[2].removeprefix("x-")
    return known.get(media_type, f".{tail}" if tail.isalnum() and len(tail) <= 5 else ".bin")


def load_card(path: Path) -> Card:
    """A channel card from a file; `UserError` for anything else."""
    try:
        with path.open("rb") as file:
            return read_card(file.read(MAX_CARD + 1))
    except (OSError, Broken) as error:
        raise UserError(
            Text("{p} 不是通道名片。", "{p} is no channel card.", p=path.name),
            Text("请向机构取得名片文件（JSON）。", "Get the card's file (JSON) from the institution."),
            code="card_unreadable",
        ) from error


def load_roots(path: Path) -> list[Certificate]:
    """Root certificates of time-stamp authorities from a PEM file; `UserError` for anything else."""
    try:
        with path.open("rb") as file:
            return read_roots(file.read(1 << 20))
    except (OSError, Broken) as error:
        raise UserError(
            Text("{p} 里没有可用的根证书（PEM）。", "{p} holds no usable root certificates (PEM).", p=path.name)
        ) from error


def check_evidence(package: Path, card: Card | None = None, stamp_roots: Sequence[Certificate] = ()) -> Report:
    """Check a package with the verifier that travels inside packages; `UserError` for a file that cannot be opened."""
    try:
        with package.open("rb") as stream:
            return check_package(stream, card, list(stamp_roots))
    except OSError as error:
        raise UserError(
            Text("打不开 {p}：{w}", "{p} cannot be opened: {w}", p=package.name, w=error.strerror or str(error)),
            code="evidence_unreadable",
        ) from error


def told(report: Report, language: str) -> dict[str, Any]:
    """A report in words: `{"verdict", "sentence", "sections": [(heading, lines)], "checks": [(state, part, text)]}`."""
    teller = Teller(language)
    verdict, sentence = teller.verdict(report)
    return {
        "verdict": verdict,
        "sentence": sentence,
        "sections": [(one.heading, one.lines) for one in teller.sections(report)],
        "checks": [(one.state, one.part, teller.finding(one.code, one.values)) for one in report.findings],
    }
