"""What a package of the catalogue shows: a record's whole life, and what belongs to it beside the ledger.

Everything that is told as a fact comes out of transactions' signed bytes; the manifest only says where to look.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from typing import Any, BinaryIO

from apps.catalogue.grading import graded
from fabric_sdk.proof.blocks import read_call, writes
from fabric_sdk.proof.cards import Card, spaced
from fabric_sdk.proof.container import NoPackage, Package
from fabric_sdk.proof.inspection import Inspection, check_parts
from fabric_sdk.proof.report import BAD, CAP, NOTE, OK, Report
from fabric_sdk.proof.views import Question
from fabric_sdk.proof.wire import METER, Broken, TooMuch, fields, many, parse_json

FORMAT = "citychain-catalogue-1"
CONTRACT, LISTING = "catalogue", "ListTransactions"
MAX_RECORD = 1 << 20
STATUS_DAYS = 7
"""How old a proof may be before it says nothing of whether a credential still stands."""
DAY_S = 86_400
AHEAD_S = 600
RESULTS = {"met": "✓", "partly": "◐", "unmet": "✗", "unknown": "?"}
"""What a clause may come to, and the sign that shows it."""
_KNOWN = re.compile(
    r"manifest\.json|manifest\.sha256|README\.txt|verify\.py|"
    r"chain/(config|blocks|heads)/[0-9]{1,15}\.pb|attestations/[^/]+\.pb"
)
_AIDS = ("README.txt", "verify.py")
"""What only helps to read; nothing here knows whose words they are."""
_BESIDE = {"assessment": frozenset({"report.json", "report.pdf"}), "credential": frozenset({"disclosures.json"})}
"""What lies beside the ledger by the record's type: elsewhere nobody looks at it, and it would seem to hold too."""


def check_package(
    stream: BinaryIO, card: Card | None = None, now: float | None = None, within: int = STATUS_DAYS
) -> Report:
    """Check a package of any origin; never raises for what is inside. The card must come from elsewhere; `now` is the
    checker's clock (seconds since the epoch), `within` how many days old a credential's proof may be."""
    METER.begin()
    report = Report()
    if card is not None:
        report.facts["card"] = {"fingerprint": spaced(card.fingerprint), "channel": card.channel, "made": card.made}
    try:
        _check(Package(stream), report, card, (time.time() if now is None else now, within))
    except NoPackage:
        report.give_up("no-package")
    except TooMuch:
        report.give_up("too-much")
    except Broken as error:
        report.broken(error)
    except (OverflowError, RecursionError, MemoryError):
        report.give_up("too-much")
    return report


def _check(package: Package, report: Report, card: Card | None, clock: tuple[float, int]) -> None:
    manifest = check_parts(package, FORMAT, report)
    beside = {name for name in package.parts if not _KNOWN.fullmatch(name)}
    if strange := sorted(beside - frozenset().union(*_BESIDE.values())):
        raise Broken("part-unnamed", strange[0])
    for name in [one for one in _AIDS if one in package.parts]:
        report.add(NOTE, "aid-unread", name)
    record_id, hints = manifest.get("record"), manifest.get("transactions")
    if not isinstance(record_id, str) or not isinstance(hints, list) or not all(isinstance(one, str) for one in hints):
        raise Broken("part-changed", "manifest.json")
    inspection = Inspection(package, report, card, [])
    inspection.run(Question(CONTRACT, LISTING, record_id), _listed, hints)
    report.facts["names"] = card.names if card else {}
    report.facts["as_of_seconds"] = _answered(package, inspection)
    record = _newest(report, record_id, inspection)
    report.facts["record"] = record
    for name in sorted(beside - _BESIDE.get(str(record.get("type")), frozenset())):
        report.add(BAD, "part-unnamed", name)
    if record.get("type") == "assessment":
        _assessment(package, report, record, inspection)
    elif record.get("type") == "credential":
        _credential(package, report, record, *clock)


def _listed(answer: bytes) -> list[str]:
    value = parse_json(answer)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Broken("view-other")
    found = [one.get("tx_id") for one in value]
    if not all(isinstance(one, str) for one in found) or len(set(found)) != len(found):
        raise Broken("view-other")
    return [str(one) for one in found]


def _answered(package: Package, inspection: Inspection) -> int | None:
    """When the peers that count answered: the earliest time in their signed calls, which each held to its clock."""
    spoke = set(inspection.report.facts.get("spoke", ()))
    times = []
    for name, part in package.named("attestations/"):
        if name[:-3] in spoke:
            calls = [read_call(one) for one in many(fields(package.read(part)), 1)]
            times += [one.seconds for one in calls if one.contract == CONTRACT]
    return min(times, default=None)


def _newest(report: Report, record_id: str, inspection: Inspection) -> dict[str, Any]:
    """The record as its last transaction wrote it; every transaction listed must have written it."""
    found: dict[str, Any] = {}
    ordered = sorted(inspection.transactions.values(), key=lambda one: (one.block, one.place))
    for one in ordered:
        sets = writes(one.call.results).get(CONTRACT) if one.call.contract == CONTRACT else None
        value = sets.values.get(record_id) if sets else None
        record = parse_json(value, MAX_RECORD) if value is not None else None
        if not isinstance(record, dict) or record.get("id") != record_id or record.get("tx_id") != one.call.tx_id:
            raise Broken("record-other", f"chain/blocks/{one.block}.pb", record=record_id[:64])
        found = record
    if not found:
        raise Broken("record-missing", "chain/blocks/", record=record_id[:64])
    first = ordered[0]
    report.facts["acts"] = [
        {
            "function": one.call.function,
            "by": f"{one.author.msp}/{one.author.certificate.name}",
            "time": one.call.seconds,
        }
        for one in ordered
    ]
    report.facts["endorsed"] = sorted({one.msp for one in first.endorsers})
    report.add(OK, "record", f"chain/blocks/{ordered[-1].block}.pb", record=record_id)
    return found


def canonical_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _assessment(package: Package, report: Report, record: dict[str, Any], inspection: Inspection) -> None:
    """The report is the one that the ledger names, and its results and grade are the ledger's."""
    for part, name, code in (("report.json", "report", "report"), ("report.pdf", "paper", "paper")):
        if part not in package.parts:
            raise Broken("part-missing", part)
        if package.digest(part) != record.get(name):
            raise Broken(f"{code}-other", part)
        report.add(OK, code, part, sha256=record[name])
    told = parse_json(package.read("report.json", MAX_RECORD), MAX_RECORD)
    try:
        standard, results = told["standard"], told["results"]
        clauses = [one for part in standard["parts"] for one in part["clauses"]]
        if hashlib.sha256(canonical_json(standard)).hexdigest() != record["standard_sha256"]:
            raise Broken("standard-other", "report.json")
        report.add(OK, "standard", "report.json")
        if told["genesis"] != inspection.chain.hashes[0] or told["height"] != record["height"]:
            raise Broken("report-genesis", "report.json")
        if record["height"] > min(one.block for one in inspection.transactions.values()):
            raise Broken("report-height", "report.json", height=record["height"])
        ours = [(one["clause"], one["result"], one.get("file")) for one in results]
        if ours != [(one["clause"], one["result"], one.get("file")) for one in record["results"]]:
            raise Broken("results-other", "report.json")
        report.add(OK, "results", "report.json", count=len(ours))
        if graded(clauses, {one["clause"]: one["result"] for one in results}) != (record["score"], record["grade"]):
            raise Broken("grade-other", "report.json")
        report.add(OK, "grade", "report.json", score=record["score"], grade=record["grade"])
        report.add(NOTE, "assessor-word", "report.pdf", by=record["assessor"])
    except Broken:
        raise
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Broken("results-other", "report.json") from None
    if not _readable(standard, clauses, results):
        raise Broken("report-shape", "report.json")
    report.facts["assessment"] = {"title": standard["title"], "code": standard["code"], "number": standard["number"]}
    report.facts["results"] = results
    report.facts["clauses"] = clauses


def _readable(standard: dict[str, Any], clauses: list[dict[str, Any]], results: list[dict[str, Any]]) -> bool:
    """Whether a report has what people are shown: sentences in both languages, one known result for each clause."""
    try:
        both = [standard["title"], *clauses, *(one["measured"] for one in results)]
        words = [standard["code"], *(each[language] for each in both for language in ("zh", "en"))]
        lists = [one["against"] for one in results]
        words += [each for one in lists for each in one]
        known = all(one["result"] in RESULTS for one in results)
        same = [one["clause"] for one in results] == [one["clause"] for one in clauses]
        musts = all(isinstance(one["must"], bool) for one in clauses)
        number = isinstance(standard["number"], int)
    except (KeyError, TypeError):
        return False
    plain = all(isinstance(one, list) for one in lists) and all(isinstance(one, str) for one in words)
    return plain and known and same and musts and number


def _credential(package: Package, report: Report, record: dict[str, Any], now: float, within: int) -> None:
    """What is shown fits the ledger's salted hashes; the credential stood when the peers answered, not long ago."""
    try:
        shown = parse_json(package.read("disclosures.json", MAX_RECORD), MAX_RECORD)
        digests = [hashlib.sha256(one.encode("ascii")).hexdigest() for one in shown]
        claims = [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in shown]
        known = {one["digest"] for one in record["claims"]}
        if len(set(digests)) != len(digests) or not set(digests) <= known:
            raise Broken("claims-other", "disclosures.json")
        names = [str(name) for _, name, _ in claims]
        if len(set(names)) != len(names):
            raise Broken("claims-other", "disclosures.json")
        report.facts["claims"] = {str(name): str(value) for _, name, value in claims}
    except Broken:
        raise
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Broken("claims-other", "disclosures.json") from None
    report.add(OK, "claims-shown", "disclosures.json", count=len(digests))
    if record.get("state") != "VALID":
        raise Broken("credential-revoked", "chain/blocks/")
    until, today = str(record.get("until")), time.strftime("%Y-%m-%d", time.gmtime(now + 8 * 3600))
    if not until >= today:
        report.add(BAD, "credential-ended", "chain/blocks/", until=until)
        return
    answered = report.facts["as_of_seconds"]
    if answered is None:
        return  # no peer that counts: said already
    if answered > now + AHEAD_S:
        report.add(CAP, "state-future", "attestations/")
    elif now - answered > within * DAY_S:
        report.add(CAP, "state-old", "attestations/", days=int((now - answered) // DAY_S))
    elif report.has(CAP, BAD):
        report.add(NOTE, "credential-unsure", "chain/blocks/")
    else:
        report.add(OK, "credential-valid", "chain/blocks/")
