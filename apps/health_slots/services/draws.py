"""Draws: announce, commit, apply, freeze, reveal, finish; and the outsider's re-run."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.health_slots import permissions
from apps.health_slots.cast import Part
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme
from apps.health_slots.services.tickets import NEEDED, look_first
from baas.errors import LedgerError, Text, UserError
from chaincode.health_slots import calendar, fair_draw
from chaincode.health_slots.draw_again import draw_again
from chaincode.health_slots.draw_list import AT_ONCE
from chaincode.health_slots.draws import TURNS_OF_TOLERANCE

CHANGE, DRAW, BOOK, READ = permissions.CHANGE, permissions.DRAW, permissions.BOOK, permissions.READ
Party = Literal["hospital", "platform", "patients"]
PARTIES_PARTS: Mapping[str, Part] = {"hospital": "staff", "platform": "platform", "patients": "patients"}


Step = Literal["commit", "apply", "freeze", "reveal", "skip", "number", "finish", "close", "verify", ""]


def step_of(record: Mapping[str, Any], mine: Sequence[Party], now: int) -> tuple[Step, tuple[Party, ...]]:
    """What comes next in a draw at `now` (seconds since 1970 UTC), and which of the parties `mine` it asks.

    "" where another party's turn is awaited, or a public number that is not announced yet.
    """
    state, turn, number = record["state"], record.get("turn", ""), record.get("number") or {}
    if state in {"done", "void"}:
        return "verify", ()
    if now > record.get("ends", now):
        return "close", ()
    if state == "number":
        left = tuple(one for one in mine if one not in number.get("entries", {}))
        known = calendar.local_date(now, 480) > number["date"]
        return ("number", left) if known and left else ("", ())
    if state != "revealing":
        missing = tuple(one for one in mine if one not in record["tips"])
        over = state == "closing" or now > record["apply_until"]
        return ("freeze", ()) if over else ("commit", missing) if missing else ("apply", ())
    if not turn or now > record["turn_ends"]:
        return ("skip" if turn else "finish"), ()
    return ("reveal", (turn,)) if turn in mine else ("", ())


@dataclass(frozen=True)
class DrawProof:
    """A draw computed again from what is public; `agrees` says whether the ledger has the same winners."""

    draw: str
    state: str
    algorithm: str
    frozen: str
    applicants: int
    seed: str
    winners: tuple[tuple[str, str], ...]
    recorded: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.problems


class Draws(Theme):
    """Fair draws for scarce slots."""

    def open(
        self,
        draw: str,
        hospital: str,
        slots: Sequence[str],
        *,
        apply_s: int,
        turn_s: int = 600,
        number_source: str = "",
        number_date: str = "",
    ) -> Receipt:
        """Announce a draw of `slots`; residents may apply for `apply_s` seconds.

        The number names the public result that decides if two rounds are void; "" takes the usual one.
        """
        self._require(CHANGE)
        self._ports.agree()
        shortest = TURNS_OF_TOLERANCE * int(self._ledger.evaluate("platform", "GetSettings")["clock_tolerance_s"])
        if turn_s < shortest:
            raise UserError(
                Text("每方揭示至少要 {n} 秒。", "A party's turn takes at least {n} seconds.", n=shortest),
                Text(
                    "时限须远大于允许的时钟误差，否则可以用时间差越过一方。",
                    "It must be far longer than clocks may be off, or messages could be dated past a party.",
                ),
                code="turn_too_short",
            )
        plan = {
            "id": draw,
            "hospital": hospital,
            "slots": list(slots),
            "apply_until": self._now() + apply_s,
            "turn_s": turn_s,
            "number_source": number_source,
            "number_date": number_date,
        }
        return self._ledger.submit("staff", "OpenDraw", plan)

    def commit(self, draw: str, party: Party) -> Receipt:
        """Commit to a party's chain of seeds; its secret stays in this workspace's keystore."""
        self._require(DRAW)
        tip = fair_draw.chain(self._vault.draw_secret(draw, party))[0].hex()
        return self._ledger.submit(PARTIES_PARTS[party], "CommitSeed", draw, tip)

    def apply(self, draw: str, resident: str) -> Receipt:
        """Apply for a resident."""
        self._require(BOOK)
        record = self.get(draw)
        date = record.get("date") or self._date(record["slots"][0].rpartition(".")[0])
        visit = self._tickets.visit(record["hospital"], date, resident, "portal")
        try:
            return self._ledger.submit("portal", "ApplyForDraw", draw, visit.id, *visit.tickets)
        except LedgerError as error:
            if error.code == NEEDED:
                raise look_first() from error
            raise

    def freeze(self, draw: str) -> Receipt:
        """Freeze the applicants by their hash, a long list bucket by bucket."""
        self._require(DRAW)
        if self.get(draw)["state"] != "closing":
            receipt = self._ledger.submit("platform", "FreezeDraw", draw)
            if receipt.result["state"] != "closing":
                return receipt
        self._by_buckets("FreezeBuckets", draw)
        return self._ledger.submit("platform", "BeginReveals", draw)

    def enter_number(self, draw: str, party: Party, value: str) -> Receipt:
        """Enter the announced public number as a party; it counts once two parties entered it alike."""
        self._require(DRAW)
        return self._ledger.submit(PARTIES_PARTS[party], "EnterNumber", draw, value)

    def _by_buckets(self, function: str, draw: str) -> None:
        """Do all buckets, as many in a transaction as it takes."""
        first, count = 0, fair_draw.BUCKETS
        while first < fair_draw.BUCKETS:
            count = min(count, fair_draw.BUCKETS - first)
            try:
                self._ledger.submit("platform", function, draw, first, count)
            except LedgerError as error:
                if error.code != "too_many" or count == 1:
                    raise
                count = (count + 1) // 2
                continue
            first += count

    def reveal(self, draw: str, party: Party) -> Receipt:
        """Reveal a party's value of this round, when it is its turn."""
        self._require(DRAW)
        record = self.get(draw)
        tip = record["tips"].get(party, "")
        # What somebody called themselves when they committed decides nothing: the role does.
        for secret in itertools.chain.from_iterable(self._vault.draw_secrets(draw, named) for named in PARTIES_PARTS):
            for above, value in itertools.pairwise(fair_draw.chain(secret)):
                if above.hex() == tip:
                    return self._ledger.submit(PARTIES_PARTS[party], "RevealSeed", draw, value.hex())
        raise UserError(
            Text("本工作区没有这一方的种子。", "This workspace does not hold that party's seed."),
            Text("请由承诺种子的一方揭示。", "Let the party reveal that committed."),
        )

    def finish(self, draw: str) -> Receipt:
        """Compute the winners and hold their slots."""
        self._require(DRAW)
        if self.get(draw).get("applicants", 0) > AT_ONCE:
            self._by_buckets("RankBuckets", draw)
        receipt = self._ledger.submit("platform", "FinishDraw", draw)
        self._sync()
        return receipt

    def get(self, draw: str) -> dict[str, Any]:
        """A draw's record."""
        self._require(READ)
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetDraw", draw)
        return found

    def applicants(self, draw: str) -> list[str]:
        """Every applicant's pseudonym."""
        self._require(READ)
        found: list[str] = []
        bookmark = ""
        while True:
            page = self._ledger.evaluate("platform", "ListApplicants", draw, bookmark)
            found += page["items"]
            bookmark = page["bookmark"]
            if not bookmark or not page["items"]:
                return found

    def all(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Every draw as (id, record), from the index."""
        self._require(READ)
        self._sync()
        return self._index.draws()

    def export(self, draw: str) -> dict[str, Any]:
        """What an outsider needs to run a finished draw again: the record, the applicants' pseudonyms, nothing else."""
        record = self.get(draw)
        return {
            "draw": draw,
            "algorithm": record["algorithm"],
            "record": record,
            "applicants": self.applicants(draw),
        }

    def verify(self, draw: str) -> DrawProof:
        """Run a finished draw again from its public record and applicants."""
        return rerun(draw, self.get(draw), self.applicants(draw))


def rerun(draw: str, record: Mapping[str, Any], applicants: Sequence[str]) -> DrawProof:
    """Compute a draw as any outsider can: nothing but the record, the applicants and the published algorithm.

    Checks the frozen list, that every revealed value leads to its party's commitment, that nobody's value was left out,
    and the winners.
    """
    again = draw_again(draw, record, applicants)
    recorded = tuple((w[0], w[1]) for w in record.get("winners", []))
    return DrawProof(
        draw,
        record["state"],
        record["algorithm"],
        again.frozen,
        len(applicants),
        again.seed,
        again.winners,
        recorded,
        tuple(sorted(record.get("skipped", {}))),
        again.problems,
    )


def verify_export(data: Any) -> DrawProof:
    """Run a finished draw again from what `Draws.export` wrote; needs no network. UserError if it is no such export.

    The file is checked by itself: whoever writes one may choose seeds that agree with it. Whether the ledger has this
    draw, only a comparison with the ledger says.
    """
    try:
        _demand_types(data)
        if data["algorithm"] != fair_draw.ALGORITHM:
            raise ValueError(data["algorithm"])
        if data["record"]["state"] == "done":
            return rerun(data["draw"], data["record"], data["applicants"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError(
            Text("这不是摇号的导出文件。", "This is no export of a draw."),
            Text("请用 citychain slots draw export 导出。", "Export one with `citychain slots draw export`."),
        ) from error
    raise UserError(
        Text("这次摇号还没有结果，无可重算。", "This draw has no result: there is nothing to run again."),
        code="draw_not_finished",
    )


def _demand_types(data: Any) -> None:
    """TypeError or KeyError unless everything that is compared is of the type that the contract writes."""
    record = data["record"]
    rounds, winners, number = record.get("void_rounds", []), record["winners"], record.get("number", {})
    lists = [data["applicants"], record["slots"], record["passed_over"], record.get("withdrawn", [])]
    maps = [record["commitments"], record.get("revealed", {}), number.get("entries", {})]
    words = [data["draw"], record["state"], record["frozen"], record["seed"]]
    words += [value for key, value in number.items() if key in ("source", "date", "value")]
    if not all(isinstance(one, list) for one in (rounds, winners, *lists, *winners)):
        raise TypeError("a list")
    if not all(isinstance(one, dict) for one in (record.get("skipped", {}), *maps, *rounds)):
        raise TypeError("a mapping")
    inner = itertools.chain(*lists, *winners, *(one.values() for one in (*maps, *rounds)))
    if not all(isinstance(one, str) for one in (*words, *inner)) or any(len(pair) != 2 for pair in winners):
        raise TypeError("a text")
    if record["algorithm"] != data["algorithm"]:
        raise ValueError("two algorithms")
