# ruff: noqa: E501
"""Mutants of the contracts, made by hand where a promise hangs on one expression, and which of them the tests notice.

    python -m tests.chaincode.mutants [--only WORD] [--jobs 2]

Each is applied to a copy of the contracts; first the contract's plain tests run, then, for what survives these, its
state machines with more examples. Survivors are named; the last line says how many there are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from network.processes import NO_WINDOW

ROOT = Path(__file__).resolve().parents[2]
SLOTS, COPYRIGHT, KIT = "health_slots", "copyright", "kit"
FINANCE, TRACE = "supply_finance", "traceability"
TESTS = {
    SLOTS: ["tests/chaincode/health_slots", "tests/security/test_tickets.py", "tests/security/test_deadlines.py"],
    COPYRIGHT: ["tests/chaincode/copyright"],
    FINANCE: ["tests/chaincode/supply_finance"],
    TRACE: ["tests/chaincode/traceability", "tests/apps/traceability/test_recall_walk.py"],
    KIT: [
        "tests/chaincode/copyright",
        "tests/chaincode/supply_finance",
        "tests/kit/test_papers.py",
        "tests/kit/test_raw_calls.py",
    ],
}
MACHINES = ("test_machine.py", "test_ticket_machine.py")
EXAMPLES = "25"
SECONDS = 900


@dataclass(frozen=True)
class Mutant:
    """A place in `chaincode/CONTRACT/MODULE.py` (`old` stands there once) and what stands there instead."""

    contract: str
    module: str
    old: str
    new: str

    @property
    def name(self) -> str:
        return f"{self.contract}/{self.module}: {' '.join(self.old.split())[:70]} -> {' '.join(self.new.split())[:70]}"


def _of(contract: str, module: str, *pairs: tuple[str, str]) -> list[Mutant]:
    return [Mutant(contract, module, old, new) for old, new in pairs]


MUTANTS = [
    # Certificates: parts and wholes, lines, one financing
    *_of(
        FINANCE,
        "contract",
        ('if line["used_fen"] + one["face_fen"] > line["limit_fen"]:', 'if one["face_fen"] > line["limit_fen"]:'),
        ('line["used_fen"] += one["face_fen"]', "pass"),
        ('line["used_fen"] -= doing.record["amount_fen"]', 'line["used_fen"] -= doing.record["face_fen"]'),
        ('!= whole["amount_fen"]:', '> whole["amount_fen"]:'),
        ('"amount_fen": part["amount_fen"], "to"', '"amount_fen": whole["amount_fen"], "to"'),
        ("self._pass(doing, certificate, Certificate.LOCKED, Financing.ask)", "ctx.update(certificate)"),
        ('certificate |= {"holder": one["bank"], "financed_from": one["applicant"]}', "pass"),
        ('if certificate["financing"] == doing.record["id"] and certificate["state"] == "LOCKED":', "if True:"),
        ("papers.release(doing.ctx, Certificate, doing.record)", "pass"),
        ('if paper["invoice_amount_fen"] < shown["face_fen"]:', "if False:"),
        ('paper["invoice"] = invoice_number(paper["invoice"])', "pass"),
        ('if one["due"] > line["until"]:', "if False:"),
    ),
    *_of(
        KIT,
        "papers",
        ('raise refuse("TAKEN", f"the same paper stands behind {taken}")', "pass"),
        ("folded(of) if isinstance(of := paper[name], str) else of", "paper[name]"),
        ("shown = {name: given.get(name) for name in field.shown}", "shown = {}"),
    ),
    *_of(
        KIT,
        "acts",
        ("dict.fromkeys((folded(value), value))", "dict.fromkeys((value,))"),
        ("    form.done()\n    for one in act.asks:", "    for one in act.asks:"),
    ),
    # Goods: what a recall takes in, and what may still move
    *_of(
        TRACE,
        "contract",
        ('shown = shown and recall["id"] in', 'shown = shown or recall["id"] in'),
        ('ctx.indexed_value("made", via, name), ', ""),
        ('shown = how == "held" and all(', "shown = True or all("),
        ('            if how == "held":\n                ctx.index("whole", recall["id"], name, value="1")\n', ""),
        ('recall["marked"] += mark(ctx, recall["id"], name)', 'recall["marked"] += 1'),
        ('if not ctx.indexed("admitted", ctx.party):', "if False:"),
        ("if seen.at > now + CLOCK_TOLERANCE:", "if False:"),
    ),
    *_of(
        TRACE,
        "stocks",
        ("if there < number:", "if False:"),
        ("left[unit] = there - number", "left[unit] = there"),
    ),
    *_of(
        TRACE,
        "goods",
        ("    while not is_class(name):\n", "    while False:\n"),
        ('receiver != recall["party"]:', "True:"),
        ('record["stops"][recall] = record["stops"].get(recall, 0) + 1', "pass"),
        ('recalls = {*record["marked"], *record["stops"]}', 'recalls = {*record["marked"]}'),
    ),
    # Points
    *_of(
        SLOTS,
        "points",
        (
            "used = min(left, held)\n            left -= used\n            if held > used:\n                lots.append",
            "used = min(left, held)\n            left -= used\n            if held >= used:\n                lots.append",
        ),
        ("if amount > sum(lot[1] for lot in account", "if amount > 1 + sum(lot[1] for lot in account"),
        ("if ctx.reached(lot[0]))\n        if not over", "if not ctx.reached(lot[0]))\n        if not over"),
        ('found.get("reversed") or ', ""),
        (' or found["source"].startswith("reversal:")', ""),
        ('found["reversed"] = True', 'found["reversed"] = False'),
        ("            if left:\n                conflict", "            if left > 1_000:\n                conflict"),
        (
            '    if over:\n        conflict("POINTS_EXPIRED"',
            '    if over and False:\n        conflict("POINTS_EXPIRED"',
        ),
        ('"lines": [["resident", change], [against, -change]]', '"lines": [["resident", change], [against, change]]'),
    ),
    # Consents
    *_of(
        SLOTS,
        "consents",
        ('if record["state"] != "given" or ctx.passed(record["until"]):', 'if record["state"] != "given":'),
        ('if record["state"] != "given" or ctx.passed(record["until"]):', 'if ctx.passed(record["until"]):'),
        (
            '            if not proof:\n                conflict("KEY_EXISTS"',
            '            if not proof and False:\n                conflict("KEY_EXISTS"',
        ),
        ('self._verify(ctx, resident, rebind_text(resident, public, known["at"]), proof)', "pass"),
        ('self._verify(ctx, resident, consent_text("give", consent, resident, hospital, until), signature)', "pass"),
        ('self._verify(ctx, record["resident"], text, signature)', "pass"),
        ('if trace["signer"] != ctx.caller.signer:', "if False:"),
        ('if key is None or key["state"] != "active":', "if key is None:"),
        (
            '        ctx.require_staff(record["hospital"])\n        terms.one_of(purpose, PURPOSES, "purpose")\n        place',
            '        terms.one_of(purpose, PURPOSES, "purpose")\n        place',
        ),
        ('if ctx.passed(trace["at"] + READ_WITHIN_S):', "if False:"),
        (
            '"hospital": hospital, "resident": resident, "until": until})',
            '"hospital": hospital, "resident": resident, "until": 0})',
        ),
    ),
    # Bills
    *_of(
        SLOTS,
        "payments",
        (
            'if not gone and amount != bill["due"] - bill["paid"]:',
            'if not gone and amount > bill["due"] - bill["paid"]:',
        ),
        ('            bill["due"] += amount\n            bill["refund_due"]', '            bill["refund_due"]'),
        ('bill["refund_due"] -= amount', 'bill["refund_due"] -= 0'),
        ('if ctx.records.exists("payment-reference", channel, reference):', "if False:"),
        (
            '        self._take_reference(ctx, channel, reference, appointment)\n        self._require_unsettled(ctx, record["hospital"], channel)\n        post',
            "        self._take_reference(ctx, channel, reference, appointment)\n        post",
        ),
        ('        self._require_unsettled(ctx, record["hospital"], channel)\n        bill', "        bill"),
        ('if ctx.records.exists("posting", hospital, date, order, "001"):', "if False:"),
        ('if not ctx.reached(over + int(ctx.settings["clock_tolerance_s"])):', "if not ctx.reached(over):"),
        ("                if name == account:", '                if name.startswith("clearing:"):'),
        ('if record["state"] == terms.PENDING and record.get("confirmed"):', 'if record["state"] == terms.PENDING:'),
    ),
    *_of(
        SLOTS,
        "bills",
        ('bill["paid"] - bill["refund_due"] - bill["refunded"]', 'bill["paid"] - bill["refund_due"]'),
        ('        bill["due"] -= unpaid', "        pass"),
    ),
    # Draws
    *_of(
        SLOTS,
        "draws",
        (
            'if not record["turn"] or not ctx.reached(record["turn_ends"] + 1):',
            'if not record["turn"] or not ctx.reached(record["turn_ends"] - 60):',
        ),
        ('if record["turn"] != party:', 'if record["turn"] == "":'),
        ('        if ctx.passed(record["turn_ends"]):', "        if False:"),
        ("if sum(entry == value for entry in entries.values()) > 1:", "if len(entries) > 1:"),
        ('if tip in record["tips"].values():', "if False:"),
        (
            'if record["round"] > fair_draw.ROUNDS or len(record["tips"])',
            'if record["round"] > fair_draw.ROUNDS + 1 or len(record["tips"])',
        ),
        ('if not ctx.reached(record["apply_until"] + 1):', 'if not ctx.reached(record["apply_until"] - 30):'),
        ('        record["revealed"] = {}\n', ""),
        ("if plan.apply_until + len(fair_draw.PARTIES) * plan.turn_s > begins:", "if False:"),
        ("            if view.state not in (FREE, RETURNED):\n", "            if False:\n"),
    ),
    *_of(
        SLOTS,
        "draw_result",
        ('if record["turn"]:', 'if record["turn"] == "hospital":'),
        ('if known.get("digest") != fair_draw.bucket_digest(found):', "if False:"),
    ),
    *_of(
        SLOTS,
        "draw_list",
        ('        if ctx.passed(record["apply_until"]):', "        if False:"),
        ("        if ctx.records.exists(APPLICATION, *place):", "        if False:"),
    ),
    # Identities, tickets, visits
    *_of(
        SLOTS,
        "identities",
        ("        if caller.role != STAFF and has_identity(ctx, hospital, resident):", "        if False:"),
        ('        require_proof(ctx, resident, identity["document_type"], identity["document"], proof)\n', ""),
        ('        if look is None or ctx.passed(look["at"] + LOOK_S):', "        if look is None:"),
    ),
    *_of(
        SLOTS,
        "tickets",
        ('    if not _is_signed(ctx, payload["k"], signature, signed):', "    if False:"),
        ('payload["r"] != resident or payload["d"] != date', 'payload["r"] != resident'),
        ('payload["r"] != resident or payload["d"] != date', 'payload["d"] != date'),
        (' or payload["v"] != caller.signer:', ":"),
        ('    if payload["p"] != payer:', "    if False:"),
        ('    if ctx.passed(payload["e"]):', "    if False:"),
        ('f"{account}\\x00{date}"', 'f"{account}"'),
        ('if known["count"] >= limit:', 'if known["count"] > limit:'),
        ('    if not caller.speaks_for(payload["b"]):', "    if False:"),
    ),
    *_of(
        SLOTS,
        "visits",
        ("        if ctx.records.exists(kind, entry.mark):", "        if False:"),
        ('            if record["hospital"] != hospital or not account:', "            if not account:"),
        (
            '            if record["state"] == FULFILLED and policy.points_fulfilled:',
            "            if policy.points_fulfilled:",
        ),
    ),
    # Slots themselves
    *_of(
        SLOTS,
        "appointments",
        ('    if held and record["resident"] != resident:', "    if False:"),
        ('        if record["booker"] != vouched.booker:', "        if False:"),
        ("    if len(live) >= policy.per_day:", "    if len(live) > policy.per_day:"),
        (
            '        if record["state"] == BOOKED and (closed or ctx.passed(limit)):',
            '        if record["state"] == BOOKED and ctx.passed(limit):',
        ),
        ("        visits[LAPSED] = visits.get(LAPSED, 0) + 1", "        visits[LAPSED] = visits.get(LAPSED, 0)"),
        (
            '    if ctx.passed(view.begins()):\n        conflict("SLOT_CLOSED"',
            '    if False:\n        conflict("SLOT_CLOSED"',
        ),
        ('if policy.points_fulfilled and "account" not in record:', "if policy.points_fulfilled:"),
    ),
    *_of(SLOTS, "deadlines", ("        if not ctx.reached(limit + 1):", "        if not ctx.reached(limit - 600):")),
    *_of(SLOTS, "health_code", ('    if ctx.records.exists("code-used", digest):', "    if False:")),
]


def notice(mutant: Mutant) -> str:
    """Which tests notice a mutant: "tests", "machine", or "" for none. ValueError if its place is not there once."""
    source = ROOT / "chaincode" / mutant.contract / f"{mutant.module}.py"
    text = source.read_text("utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: {text.count(mutant.old)} places")
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        place = Path(folder)
        _copy(place)
        (place / "chaincode" / mutant.contract / f"{mutant.module}.py").write_text(
            text.replace(mutant.old, mutant.new), "utf-8"
        )
        ignored = [f"--ignore-glob=*/{machine}" for machine in MACHINES]
        if _fails(place, [*TESTS[mutant.contract], *ignored]):
            return "tests"
        machines = [f"{TESTS[mutant.contract][0]}/{machine}" for machine in MACHINES]
        there = [machine for machine in machines if (ROOT / machine).exists()]
        return "machine" if there and _fails(place, there) else ""


def _copy(place: Path) -> None:
    """The project as it is: contracts and tests copied (a link would lead back to the real ones), the rest linked."""
    without = shutil.ignore_patterns("__pycache__", "node_modules")
    for entry in ROOT.iterdir():
        if entry.name in ("chaincode", "tests"):
            shutil.copytree(entry, place / entry.name, ignore=without)
        elif not entry.name.startswith("."):
            (place / entry.name).symlink_to(entry)


def _fails(place: Path, tests: Iterable[str]) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-o",
        f"timeout={SECONDS}",
        "--hypothesis-seed=1",
        *tests,
    ]
    environment = {**os.environ, "SLOTS_EXAMPLES": EXAMPLES, "SLOTS_AS_FOUND": "1", "PYTHONPATH": str(place)}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
        creationflags=NO_WINDOW,
    )  # fmt: skip
    if done.returncode not in (0, 1) or "Timeout" in done.stdout:
        raise ChildProcessError(done.stdout[-2000:] + done.stderr[-2000:])
    if done.returncode and "-v" in sys.argv:
        print(done.stdout[-3000:], file=sys.stderr)
    return done.returncode == 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Which mutants of the contracts the tests notice.")
    parser.add_argument("--only", default="", help="mutants whose name has this in it")
    parser.add_argument("-v", action="store_true", help="show why tests fail")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if given.only in mutant.name]
    for contract in sorted({mutant.contract for mutant in chosen}):
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            _copy(Path(folder))
            if _fails(Path(folder), TESTS[contract]):
                print(f"the tests of {contract} fail without any mutant (see them with -v)", file=sys.stderr)
                return 2
    survivors = []
    with ThreadPoolExecutor(given.jobs) as pool:
        for mutant, noticed in zip(chosen, pool.map(notice, chosen), strict=True):
            print(f"{noticed or 'SURVIVES':9} {mutant.name}", flush=True)
            if not noticed:
                survivors.append(mutant)
    print(f"{len(chosen)} mutants, {len(survivors)} survive")
    return 1 if len(survivors) > 2 else 0


if __name__ == "__main__":
    sys.exit(main())
