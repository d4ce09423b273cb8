"""Measuring a network against a standard: every clause looked at, one report, its hash and results on the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.catalogue.checking import Finding, run
from apps.catalogue.checking.looking import Look
from apps.catalogue.editions import Edition, canonical, clauses_of, digest, read_edition
from apps.catalogue.evidence.package import Written, write_package
from apps.catalogue.grading import graded
from apps.catalogue.kinds import Assessment, Standard
from apps.catalogue.paper import paper_of
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk.files import write_whole

if TYPE_CHECKING:
    from apps.kit.service import Service
    from baas.platform import Platform
    from fabric_sdk.kinds import Record

FORMAT = "citychain-assessment-1"
FOLDER = "catalogue"
MOST_RECORDS = 10_000


@dataclass(frozen=True)
class Measured:
    """What came of measuring: the report (JSON), where it lies, and its record on the ledger (None: only looked)."""

    report: dict[str, Any]
    path: Path | None
    record: Record | None


def shipped() -> dict[str, Edition]:
    """The editions that come with the program, the newest of each code."""
    found: dict[str, Edition] = {}
    for one in resources.files("apps.catalogue").joinpath("standards").iterdir():
        if one.name.endswith(".json"):
            edition = read_edition(json.loads(one.read_text("utf-8")))
            if edition["code"] not in found or found[edition["code"]]["number"] < edition["number"]:
                found[edition["code"]] = edition
    return dict(sorted(found.items()))


def on_ledger(service: Service) -> dict[str, Record]:
    """The newest edition in force of each code, as the ledger has it."""
    found: dict[str, Record] = {}
    for one in service.pages(service.reader, "ListAll", Standard.id, most=MOST_RECORDS):
        if one["code"] not in found or found[one["code"]]["number"] < one["number"]:
            found[one["code"]] = one
    return {code: one for code, one in sorted(found.items()) if one["state"] == Standard.IN_FORCE.name}


def publish_shipped(service: Service) -> list[Record]:
    """Put on the ledger what of the program's editions it lacks; what others published since stays in force."""
    known = {one["code"] for one in service.pages(service.reader, "ListAll", Standard.id, most=MOST_RECORDS)}
    missing = [edition for code, edition in shipped().items() if code not in known]
    return [service.do(Standard.publish, {"text": dict(one)}).value for one in missing]


def chosen(service: Service, code: str) -> Record:
    """The edition in force of a code; `NotFound` names those that there are."""
    known = on_ledger(service)
    if code not in known:
        raise NotFound(
            Text("账本上没有有效的标准 {c}。", "The ledger has no standard {c} in force.", c=code[:20]),
            Text("可用：{k}", "There are: {k}", k=", ".join(known) or "-"),
            code="no_standard",
        )
    return known[code]


def measure(
    platform: Platform,
    network: str,
    edition: Edition,
    *,
    files: Mapping[str, str] | None = None,
    only: Iterable[str] = (),
    by: str = "",
    ctx: JobContext = NULL_CONTEXT,
) -> dict[str, Any]:
    """The report of one look at a network: what each clause's check saw, score and grade.

    `files` are digests of the files by which people show the clauses that no program can judge. `only` leaves the
    other clauses unknown (to look again at one).
    """
    look = Look(platform, network)
    clauses, wanted, shown = list(clauses_of(edition)), set(only), dict(files or {})
    if wrong := sorted(set(shown) - {one["clause"] for one in clauses if not one["check"]}):
        raise UserError(
            Text("条款 {c} 不是由人说明的条款。", "Clause {c} is none that people show.", c=wrong[0]), code="no_clause"
        )
    ctx.step("measure", Text("检查 {n} 条", "Check {n} clauses", n=len(clauses)))
    rows = []
    for place, clause in enumerate(clauses):
        ctx.check_cancelled()
        ctx.progress(place, len(clauses), Text("{z}", "{e}", z=clause["zh"], e=clause["en"]))
        if wanted and clause["clause"] not in wanted:
            continue
        rows.append(_row(clause, _found(look, clause, shown), shown))
    results = {one["clause"]: one["result"] for one in rows}
    score, grade = graded(clauses, {one["clause"]: results.get(one["clause"], "unknown") for one in clauses})
    return {
        "format": FORMAT,
        "standard": dict(edition),
        "standard_sha256": digest(edition),
        "network": look.network,
        "channel": look.channel,
        "genesis": platform.chain.block(look.network, look.channel, 0).hash.hex(),
        "height": look.height,
        "head": platform.chain.block(look.network, look.channel, look.height - 1).hash.hex(),
        "at": look.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "by": by or platform.identities.acting(look.network).party,
        "results": rows,
        "score": score,
        "grade": grade,
    }


def _found(look: Look, clause: Mapping[str, Any], shown: Mapping[str, str]) -> Finding:
    if clause["check"]:
        return run(clause["check"], look)
    if clause["clause"] in shown:
        return Finding("met", Text("由人说明，附文件", "shown by people, with a file"))
    return Finding("unknown", Text("待说明", "to be shown"))


def _row(clause: Mapping[str, Any], found: Finding, shown: Mapping[str, str]) -> dict[str, Any]:
    row = {
        "clause": clause["clause"],
        "result": found.result,
        "measured": {"zh": found.measured.zh, "en": found.measured.en},
        "against": list(found.against),
    }
    return row | ({"file": shown[clause["clause"]]} if clause["clause"] in shown and not clause["check"] else {})


def assess(
    service: Service, code: str, *, files: Mapping[str, Path] | None = None, ctx: JobContext = NULL_CONTEXT
) -> Measured:
    """Measure the network against the edition in force, keep the report, and put its hash and results on the ledger."""
    platform = service.platform
    platform.session.require(service.permission(Assessment.record))
    publish_shipped(service)
    standard = chosen(service, code)
    if digest(standard["text"]) != standard["sha256"]:
        raise Conflict(Text("账本上的标准与其散列不符。", "The ledger's standard does not have its hash."))
    with translating():
        digests = {clause: _sha256(path) for clause, path in (files or {}).items()}
    signer = service.signer_of(Assessment.record, standard)
    by = service.who(signer).party
    report = measure(platform, service.network, standard["text"], files=digests, by=by, ctx=ctx)
    ctx.step("record", Text("写入账本", "Write to the ledger"))
    data = canonical(report)
    given = {
        "results": [
            {"clause": one["clause"], "result": one["result"], **({"file": one["file"]} if "file" in one else {})}
            for one in report["results"]
        ],
        "height": report["height"],
        "report": hashlib.sha256(data).hexdigest(),
        "paper": hashlib.sha256(paper := paper_of(report)).hexdigest(),
    }
    path = keep(platform, service.network, data, ".json")
    keep(platform, service.network, paper, ".pdf")
    record = service.do(Assessment.record, given, on=standard["id"], signer=signer).value
    if (record["score"], record["grade"]) != (report["score"], report["grade"]):
        raise Conflict(
            Text("账本上的合约与本程序的评分规则不同。", "The ledger's contract grades differently from this program."),
            code="grading_differs",
        )
    return Measured(report, path, record)


def keep(platform: Platform, network: str, data: bytes, suffix: str) -> Path:
    """Keep a report under its hash; before its hash stands on the ledger, so that none is ever without its text."""
    folder = platform.workspace.path(FOLDER, network)
    path = folder / f"{hashlib.sha256(data).hexdigest()}{suffix}"
    with translating():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    return path


def kept(platform: Platform, network: str, record: Record, suffix: str = ".json") -> bytes:
    """The report of an assessment (`.json`, `.pdf`), as its hash on the ledger says; `NotFound` where another desk
    has it."""
    digest = record["report" if suffix == ".json" else "paper"]
    try:
        data = platform.workspace.path(FOLDER, network).joinpath(f"{digest}{suffix}").read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotFound(
            Text("本机没有这次检查的报告，或已被改动。", "This desk has no report of it, or it was changed."),
            Text("请向检查人 {w} 索取。", "Ask {w}, who made it.", w=record["assessor"]),
            code="no_report",
        )
    return data


def package(service: Service, record_id: str, target: Path, *, ctx: JobContext = NULL_CONTEXT) -> Written:
    """Write the package with which a stranger checks an assessment offline."""
    record = service.read(record_id)
    if record["type"] != Assessment.id:
        raise UserError(Text("这不是一次检查。", "This is no assessment."), code="no_assessment")
    beside = {f"report{one}": kept(service.platform, service.network, record, one) for one in (".json", ".pdf")}
    return write_package(service, record_id, beside, target, ctx=ctx)


def history(service: Service, code: str = "") -> list[Record]:
    """Every assessment on the ledger, newest first; of one code where it is given."""
    standards = {
        one["id"]: one["code"] for one in service.pages(service.reader, "ListAll", Standard.id, most=MOST_RECORDS)
    }
    found = service.pages(service.reader, "ListAll", Assessment.id, most=MOST_RECORDS)
    mine = [one for one in found if not code or standards.get(one["standard_id"]) == code]
    return sorted(mine, key=lambda one: (one["height"], one["created"], one["id"]), reverse=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
