"""What an evidence package shows of a work: its record, every act on it, its certificate and captures.

Everything that is told as a fact comes out of transactions' signed bytes; the manifest only says where to look.
"""

from __future__ import annotations

import io
import re
from typing import Any, BinaryIO

from fabric_sdk.proof.blocks import Transaction, writes
from fabric_sdk.proof.cards import Card, spaced
from fabric_sdk.proof.container import NoPackage, Package
from fabric_sdk.proof.content import content_cid
from fabric_sdk.proof.inspection import Inspection, check_parts
from fabric_sdk.proof.members import Certificate
from fabric_sdk.proof.report import BAD, NOTE, OK, Report
from fabric_sdk.proof.views import Question
from fabric_sdk.proof.wire import METER, Broken, TooMuch, parse_json

FORMAT = "citychain-evidence-2"
FORMAT_1 = "citychain-evidence-1"
CONTRACT, LISTING = "copyright", "ListTransactions"
CERTIFY, CAPTURES = "RecordCertificate", ("ReportInfringement", "AddEvidence")
MAX_RECORD = 1 << 20
_KNOWN = re.compile(
    r"manifest\.json|manifest\.sha256|index\.html|README\.txt|verify\.(py|html)|chain/(config|blocks|heads)/[0-9]{1,15}\.pb|"
    r"attestations/[^/]+\.pb|content/[^/]+|certificates/[^/]+\.pdf|captures/[^/]+\.zip|"
    r"timestamps/([0-9]{1,15}\.tsr|[0-9]{1,15}-[0-9]{1,15}\.links|root-[0-9]{1,15}\.pem)"
)
"""All parts that a package may have: what nothing here looks at would be shown beside what holds as if it held too."""


def check_package(stream: BinaryIO, card: Card | None = None, stamp_roots: list[Certificate] | None = None) -> Report:
    """Check a package of any origin; never raises for what is inside. The card must come from elsewhere."""
    METER.begin()
    report = Report()
    if card is not None:
        report.facts["card"] = {"fingerprint": spaced(card.fingerprint), "channel": card.channel, "made": card.made}
    try:
        package = Package(stream)
        if _format_1(package):
            _old(package, report)
        else:
            _check(package, report, card, stamp_roots or [])
    except NoPackage:
        report.give_up("no-package")
    except TooMuch:
        report.give_up("too-much")
    except Broken as error:
        report.broken(error)
    except (OverflowError, RecursionError, MemoryError):
        report.give_up("too-much")
    return report


def check_bytes(data: bytes, card: Card | None = None, stamp_roots: list[Certificate] | None = None) -> Report:
    """As `check_package`, for bytes in memory."""
    return check_package(io.BytesIO(data), card, stamp_roots)


def _format_1(package: Package) -> bool:
    try:
        manifest = parse_json(package.read("manifest.json", MAX_RECORD), MAX_RECORD)
        return isinstance(manifest, dict) and manifest.get("format") == FORMAT_1
    except Broken:
        return False


def _old(package: Package, report: Report) -> None:
    """A package of format 1 names organisations, quorum and acts itself: no more is said than that its bytes fit."""
    check_parts(package, FORMAT_1, report)
    report.add("cap", "format-old", "manifest.json")


def _check(package: Package, report: Report, card: Card | None, stamp_roots: list[Certificate]) -> None:
    manifest = check_parts(package, FORMAT, report)
    for name in sorted(package.parts):
        if not _KNOWN.fullmatch(name):
            raise Broken("part-unnamed", name)
    work_id = manifest.get("work")
    hints = manifest.get("transactions")
    if not isinstance(work_id, str) or not isinstance(hints, list) or not all(isinstance(one, str) for one in hints):
        raise Broken("part-changed", "manifest.json")
    inspection = Inspection(package, report, card, stamp_roots)
    inspection.run(Question(CONTRACT, LISTING, work_id), _listed, hints)
    ordered = sorted(inspection.transactions.values(), key=lambda one: (one.block, one.place))
    names = card.names if card else {}
    report.facts["names"] = names
    report.facts["acts"] = [_act(one, inspection, names) for one in ordered]
    _record(package, report, work_id, ordered, inspection)
    _certificate(package, report, ordered)
    _captures(package, report, ordered)


def _listed(answer: bytes) -> list[str]:
    value = parse_json(answer)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Broken("view-other")
    found = [one.get("tx_id") for one in value]
    if not all(isinstance(one, str) for one in found) or len(set(found)) != len(found):
        raise Broken("view-other")
    return [str(one) for one in found]


def _person(transaction: Transaction, names: dict[str, str]) -> dict[str, str]:
    author = transaction.author
    role = ""
    if author.certificate.attributes:
        try:
            attributes = parse_json(author.certificate.attributes, 1 << 16)["attrs"]
            role = attributes.get("role", "")
        except (Broken, KeyError, TypeError, AttributeError):
            role = ""
    msp = author.msp
    shown = role if isinstance(role, str) else ""
    return {
        "name": author.certificate.name,
        "role": shown or author.role,
        "msp": msp,
        "organization": names.get(msp, ""),
    }


def _act(transaction: Transaction, inspection: Inspection, names: dict[str, str]) -> dict[str, Any]:
    call = transaction.call
    clock = inspection.clocks[call.tx_id]
    return {
        "tx": call.tx_id,
        "function": call.function,
        "contract": call.contract,
        "by": _person(transaction, names),
        "endorsed": sorted({one.msp for one in transaction.endorsers}),
        "block": transaction.block,
        "time": clock.author,
        "before": clock.before,
        "after": clock.after,
    }


def _record(package: Package, report: Report, work_id: str, ordered: list[Transaction], inspection: Inspection) -> None:
    """The record as its first transaction wrote it, and the file that it names."""
    first, record = None, None
    for one in ordered:
        sets = writes(one.call.results).get(CONTRACT) if one.call.contract == CONTRACT else None
        value = sets.values.get(work_id) if sets else None
        if value is not None:
            first, record = one, parse_json(value, MAX_RECORD)
            break
    content = record.get("content") if isinstance(record, dict) else None
    if first is None or not isinstance(record, dict) or not isinstance(content, dict):
        raise Broken("record-missing", "chain/blocks/", work=work_id[:64])
    if record.get("id") != work_id or record.get("tx_id") != first.call.tx_id:
        raise Broken("record-other", "chain/blocks/", work=work_id[:64])
    cid = content.get("cid")
    if not isinstance(cid, str):
        raise Broken("record-other", "chain/blocks/", work=work_id[:64])
    report.facts["work"] = {
        "id": work_id,
        "title": _shown(record.get("title")),
        "cid": cid[:100],
        "sha256": _shown(content.get("sha256")),
        "depositor": _shown(record.get("depositor")),
        "tx": first.call.tx_id,
    }
    report.add(OK, "record", f"chain/blocks/{first.block}.pb", work=work_id)
    files = [part for _, part in package.named("content/")]
    if len(files) > 1:
        report.add(BAD, "part-unnamed", files[1])
    elif not files:
        report.add(NOTE, "content-absent", "content/", cid=cid[:100])
    else:
        found = content_cid(package.chunks(files[0]), package.parts[files[0]][1])
        if found == cid:
            report.add(OK, "content", files[0], cid=cid)
        else:
            report.add(BAD, "content-other", files[0], cid=found)


def _shown(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _certificate(package: Package, report: Report, ordered: list[Transaction]) -> None:
    """A certificate counts only if its SHA-256 stands on the ledger by the office's act; the newest is in force."""
    noted = [_argument(one, 2) for one in ordered if one.call.contract == CONTRACT and one.call.function == CERTIFY]
    files = [part for _, part in package.named("certificates/")]
    for part in files:
        digest = package.digest(part)
        if digest not in noted:
            report.add(BAD, "certificate-unrecorded", part)
        elif digest == noted[-1]:
            report.add(OK, "certificate", part, sha256=digest)
        else:
            report.add(NOTE, "certificate-replaced", part, sha256=digest)
    report.facts["certificates"] = noted
    if noted and not files:
        report.add(NOTE, "certificate-absent", "certificates/", sha256=noted[-1])


def _argument(transaction: Transaction, place: int) -> str:
    arguments = transaction.call.arguments
    return arguments[place].decode("utf-8", "replace") if len(arguments) > place else ""


def _captures(package: Package, report: Report, ordered: list[Transaction]) -> None:
    """Captured pages count only if a report of an infringement, or its evidence, names their SHA-256."""
    parts = [part for _, part in package.named("captures/")]
    noted = "".join(
        _argument(one, 2) for one in ordered if one.call.contract == CONTRACT and one.call.function in CAPTURES
    )
    for part in parts:
        digest = package.digest(part)
        if f'"{digest}"' in noted:
            report.add(OK, "capture", part, sha256=digest)
        else:
            report.add(BAD, "capture-unrecorded", part)
