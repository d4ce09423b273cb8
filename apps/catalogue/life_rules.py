"""What the life of an application asks beyond role and state: trials that were measured, figures that agree, days."""

from __future__ import annotations

from typing import Any

from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import invalid
from chaincode.kit.records import KitContext, refuse

from .life import LIFE_KINDS, Application, Period

TRIED_BY = "CS-02"
"""The standard by which an application is tried: applications on the ledger."""
LIVING = "application-of"
"""The application that a contract belongs to, until it has ended."""
FIGURES = ("transactions", "valid", "authors", "p95_ms")


class LifeRules(Part, kinds=LIFE_KINDS):
    """The part of the contract `catalogue` about applications."""

    @rule(Application.propose)
    def proposed(self, doing: Doing) -> None:
        """One living application a contract."""
        ctx, contract = doing.ctx, doing.given["contract"]
        if taken := ctx.indexed_value(LIVING, contract):
            raise refuse("CONTRACT_TAKEN", f"{contract} belongs to {taken}")
        ctx.index(LIVING, contract, value=ctx.new_id(Application.id))

    @rule(Application.withdraw)
    def withdrawn(self, doing: Doing) -> None:
        doing.ctx.unindex(LIVING, doing.record["contract"])

    @rule(Application.send_back, Application.suspend, Application.resume)
    def judged(self, doing: Doing) -> None:
        _by_others(doing)

    @rule(Application.refuse, Application.stop_trial)
    def ended(self, doing: Doing) -> None:
        _by_others(doing)
        doing.ctx.unindex(LIVING, doing.record["contract"])

    @rule(Application.admit)
    def admitted(self, doing: Doing) -> None:
        _by_others(doing)
        until = doing.given["trial_until"]
        if not until or not doing.ctx.is_before(until):
            invalid("trial_until", "must be a day to come")

    @rule(Application.finish)
    def finished(self, doing: Doing) -> None:
        """With a good assessment of this ledger, recorded since the trial began."""
        ctx, found = doing.ctx, doing.given["assessment"]
        if not found:
            invalid("assessment", "is missing")
        assessment = ctx.read("assessment", found)
        standard = ctx.read("standard", assessment["standard_id"])
        owner = _organisation(doing.record["owner"])
        if owner in (_organisation(assessment["assessor"]), _organisation(standard["keeper"])):
            raise refuse("OWN_ORGANISATION", f"{owner} neither tries its own application nor says by what", 403)
        began = next(one["at"] for one in reversed(doing.record["log"]) if one["to"] == Application.TRIAL.name)
        if standard["code"] != TRIED_BY or assessment["grade"] not in ("A", "B") or assessment["created"] < began:
            raise refuse("NOT_TRIED", f"needs grade A or B of {TRIED_BY} since {began}")

    @rule(Application.approve)
    def approved(self, doing: Doing) -> None:
        """Only after a confirmed period with transactions in which it kept what it promises."""
        _by_others(doing)
        periods = doing.ctx.all_of("periods", doing.record["id"], Period.id)
        good = [one for one in periods if one["state"] == Period.CONFIRMED.name and one["kept"] and one["transactions"]]
        if not good:
            raise refuse("NOT_MEASURED", "no confirmed period in which the application did what it promises")

    @rule(Application.announce)
    def announced(self, doing: Doing) -> None:
        if not doing.given["last_day"] or doing.ctx.has_begun(doing.given["last_day"]):
            invalid("last_day", "must be a day to come")

    @rule(Application.retire)
    def retired(self, doing: Doing) -> None:
        _by_others(doing)
        last = doing.record["last_day"]
        if not doing.ctx.has_begun(last):
            raise refuse("BEFORE_LAST_DAY", f"the application serves until {last}")
        doing.ctx.unindex(LIVING, doing.record["contract"])

    @rule(Period.report)
    def reported(self, doing: Doing) -> None:
        """Periods follow each other: no block is left out, none counted twice. Nobody says that a promise was kept."""
        ctx, given, application = doing.ctx, doing.given, doing.on
        newest = _newest(ctx, application["id"])
        if given["last"] < given["first"] or (newest and given["first"] != newest + 1):
            raise refuse("PERIOD_GAP", f"the next period begins with block {newest + 1}")
        if not given["transactions"] >= given["valid"] or given["authors"] > given["transactions"]:
            invalid("valid", "must not be more than transactions")
        enough = given["valid"] * 10_000 >= application["least_valid"] * given["transactions"]
        doing.record["kept"] = enough and given["p95_ms"] <= application["within_ms"]
        _metered(ctx, application, given["last"])

    @rule(Period.confirm)
    def confirmed(self, doing: Doing) -> None:
        """Whoever confirms sends what they counted themselves, one period after the other. Where the first begins they
        see in the blocks: no transaction knows the block that it will be in."""
        _by_others(doing)
        newest = _newest(doing.ctx, doing.record["application_id"], Period.CONFIRMED.name)
        if newest and doing.record["first"] != newest + 1:
            raise refuse("PERIOD_GAP", f"the next period to be confirmed begins with block {newest + 1}")
        reported = doing.ctx.read(Period.id, doing.record["id"])  # the record of this act has what was sent already
        other = [one for one in FIGURES if doing.given[one] != reported[one]]
        if other:
            raise refuse("FIGURES_DIFFER", f"{', '.join(other)} were counted otherwise")

    @rule(Period.dispute)
    def disputed(self, doing: Doing) -> None:
        """The blocks of a disputed period are reported again; one that others were built upon stays as it is."""
        _by_others(doing)
        application: dict[str, Any] = doing.ctx.read(Application.id, doing.record["application_id"])
        if application["metered"] != doing.record["last"]:
            raise refuse("PERIOD_GAP", "a later period was reported already")
        _metered(doing.ctx, application, _newest(doing.ctx, application["id"], but=doing.record["id"]))


def _by_others(doing: Doing) -> None:
    """Nobody judges an application of their own organisation, whatever roles it may give."""
    owner = str(doing.record.get("owner") or doing.record.get("provider"))
    if _organisation(owner) == doing.ctx.client.msp_id:
        raise refuse("OWN_ORGANISATION", f"{doing.ctx.client.msp_id} does not judge an application of its own", 403)


def _organisation(party: str) -> str:
    return party.partition("/")[0]


def _newest(ctx: KitContext, application_id: str, state: str = "", but: str = "") -> int:
    """The last block of the application's periods in a state (any but disputed by default), 0 without one."""
    periods = ctx.all_of("periods", application_id, Period.id)
    wanted = (state,) if state else (Period.REPORTED.name, Period.CONFIRMED.name)
    return max((one["last"] for one in periods if one["state"] in wanted and one["id"] != but), default=0)


def _metered(ctx: KitContext, application: dict[str, Any], last: int) -> None:
    application["metered"] = last
    ctx.update(application)
