"""The contract `traceability`: what data cannot say of enterprises, events, readings and recalls."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import CLOCK_TOLERANCE, KitContext, refuse
from chaincode.traceability import documents
from chaincode.traceability.event_hash import instant_of, utc
from chaincode.traceability.goods import Goods, days_late, enterprise_of, good_of, mark
from chaincode.traceability.identifiers import canonical, company_digits, is_class, is_uri
from chaincode.traceability.kinds import KINDS, MOST_MARKS, Enterprise, Event, Notice, Readings, Recall
from fabric_sdk.chaincode import Context, query
from fabric_sdk.kinds import Record

LATE_DAYS = 30
"""How late an event may be recorded unless the settings say otherwise."""


class TraceabilityContext(KitContext):
    """One call; it counts the events that it captures, for keys are kept in another order."""

    captured = 0


class TraceabilityContract(KitContract, kinds=KINDS):
    name, version, title = "traceability", "1.0.0", "Manufacturing traceability"
    context_class: ClassVar[type[Context]] = TraceabilityContext

    def read_settings(self, ctx: KitContext, form: Fields) -> Record:
        late = form.integer("late_days", 1, 36_500, default=LATE_DAYS)
        return super().read_settings(ctx, form) | {"late_days": late}

    # -- enterprises ---------------------------------------------------------------------------------
    @rule(Enterprise.apply)
    def apply(self, doing: Doing) -> None:
        company = doing.given["company"]
        if not (company.isascii() and company.isdecimal() and 4 <= len(company) <= 12):
            invalid("company", "must be the 4 to 12 digits of a GS1 company prefix")

    @rule(Enterprise.admit)
    def admit(self, doing: Doing) -> None:
        """Company prefixes stand apart: none begins another, so that a name belongs to one enterprise alone."""
        ctx, company = doing.ctx, doing.record["company"]
        begun = [company[:length] for length in range(4, len(company))]
        taken = [ctx.indexed_value("company", one) for one in (*begun, company)]
        taken.append(ctx.indexed_value("company-begins", company))
        if found := next(filter(None, taken), ""):
            raise refuse("TAKEN", f"company: {company} is taken by {found}")
        ctx.index("company", company, value=doing.record["id"])
        for one in begun:
            ctx.index("company-begins", one, value=doing.record["id"])
        ctx.index("admitted", doing.record["party"], doing.record["id"])

    @rule(Enterprise.restore)
    def restore(self, doing: Doing) -> None:
        doing.ctx.index("admitted", doing.record["party"], doing.record["id"])

    @rule(Enterprise.suspend)
    def suspend(self, doing: Doing) -> None:
        doing.ctx.unindex("admitted", doing.record["party"], doing.record["id"])

    # -- events --------------------------------------------------------------------------------------
    @rule(Event.capture)
    def capture(self, doing: Doing) -> None:
        ctx, record = doing.ctx, doing.record
        if not ctx.indexed("admitted", ctx.party):
            raise refuse("NOT_ADMITTED", "your enterprise is not admitted", 403)
        data = ctx.stub.get_transient().get(doing.given["sha256"], b"")
        if hashlib.sha256(data).hexdigest() != doing.given["sha256"]:
            invalid("sha256", "is not the hash of an event that was sent with it")
        seen = documents.read(data)
        if seen.declares_error:
            raise refuse("DECLARES_ERROR", "an error is declared on the event that is wrong")
        now = ctx.stub.tx_timestamp
        late = days_late(seen.at, now)
        if seen.at > now + CLOCK_TOLERANCE:
            invalid("eventTime", "lies in the future")
        if late > ctx.settings["late_days"]:
            invalid("eventTime", f"is more than {ctx.settings['late_days']} days ago")
        if taken := ctx.indexed_value("event.hash", seen.hash):
            raise refuse("TAKEN", f"hash: {seen.hash} is taken by {taken}")
        if seen.name and seen.name != seen.hash:  # a hash of an earlier edition of CBV is a name like another
            if taken := ctx.indexed_value("event-name", seen.name) or ctx.indexed_value("event.hash", seen.name):
                raise refuse("TAKEN", f"eventID: {seen.name} is taken by {taken}")
            ctx.index("event-name", seen.name, value=seen.hash)
        goods = Goods(ctx, seen)
        goods.happen()
        assert isinstance(ctx, TraceabilityContext)
        ctx.captured += 1
        inside = {name: documents.told(amount) for name, amount in goods.inside.items()}
        record |= {
            "what": seen.what, "hash": seen.hash, "at": utc(seen.at), "zone": seen.zone, "action": seen.action,
            "step": seen.step, "disposition": seen.disposition, "place": seen.place, "late": late,
            "place_in_call": ctx.captured,
            "receiver": goods.receiver, "goods": seen.goods() | ({"inside": inside} if inside else {}),
            "process": (seen.process or seen.hash) if seen.what == "TransformationEvent" else "",
        }  # fmt: skip

    # -- readings ------------------------------------------------------------------------------------
    @rule(Readings.record)
    def readings(self, doing: Doing) -> None:
        ctx, record = doing.ctx, doing.record
        record["goods"] = name = _goods_named(record["goods"])
        if good_of(ctx, name) is None:
            raise refuse("NOT_FOUND", f"there are no goods {name[:80]}", 404)
        for field in ("first", "last"):
            try:
                record[field] = utc(instant_of(record[field]))
            except ValueError:
                invalid(field, "must be a time with its zone such as 2026-01-31T08:00:00.000+08:00")
        if record["last"] < record["first"]:
            invalid("last", f"lies before {record['first']}")
        if instant_of(record["last"]) > ctx.stub.tx_timestamp + CLOCK_TOLERANCE:
            invalid("last", "lies in the future")

    # -- recalls -------------------------------------------------------------------------------------
    @rule(Recall.begin)
    def begin(self, doing: Doing) -> None:
        ctx, record = doing.ctx, doing.record
        record["goods"] = name = _goods_named(record["goods"])
        good = good_of(ctx, name)
        if good is None:
            raise refuse("NOT_FOUND", f"there are no goods {name[:80]}", 404)
        if not ctx.who.holds("trace_authority") and good["maker"] != ctx.party:
            raise refuse("NOT_YOURS", "only who made goods or the authority recalls them", 403)
        record |= {"begun": utc(ctx.stub.tx_timestamp), "marked": 1, "open_notices": 0}
        mark(ctx, ctx.new_id("recall"), name)
        ctx.index("whole", ctx.new_id("recall"), name, value="1")

    @rule(Recall.mark)
    def mark(self, doing: Doing) -> None:
        """Stop more goods, each with why: `[goods, "made", process, input]` or `[goods, "held", container, ""]`.

        Only what was made of stopped goods, or was ever in the container that is recalled, can be stopped; and every
        enterprise may stop what another left out.
        """
        ctx, recall, steps = doing.ctx, doing.record, doing.given["steps"]
        if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_MARKS:
            invalid("steps", f"must be a list of 1 to {MOST_MARKS} objects")
        for step in steps:
            if not isinstance(step, list) or len(step) != 4 or not all(isinstance(one, str) for one in step):
                invalid("steps", "each is goods, made or held, by what, from what")
            name, how, via, source = step
            if how == "made":
                shown = all((ctx.indexed_value("made", via, name), ctx.indexed_value("used", via, source)))
                shown = shown and recall["id"] in (good_of(ctx, source) or {"marked": ()})["marked"]
            else:
                shown = how == "held" and all(
                    (ctx.indexed_value("whole", recall["id"], via), ctx.indexed_value("held", via, name))
                )
            if not shown:
                raise refuse("NOT_AFFECTED", f"{name[:80]} is not shown to be affected")
            if how == "held":
                ctx.index("whole", recall["id"], name, value="1")
            recall["marked"] += mark(ctx, recall["id"], name)

    @rule(Notice.send)
    def send(self, doing: Doing) -> None:
        ctx, recall, given = doing.ctx, doing.parent, doing.given
        if recall["party"] != ctx.party and not ctx.who.holds("trace_authority"):
            raise refuse("NOT_YOURS", "only who recalls goods or the authority tells their holders", 403)
        doing.record["sample"] = name = _goods_named(given["sample"])
        if recall["id"] not in (good_of(ctx, name) or {"marked": ()})["marked"]:
            raise refuse("NOT_AFFECTED", f"{name[:80]} is not shown to be affected")
        if ctx.indexed_value("notice", recall["id"], given["holder"]):
            raise refuse("TAKEN", f"holder: {given['holder']} is told already")
        ctx.index("notice", recall["id"], given["holder"], value=given["holder"])
        ctx.update(recall | {"open_notices": recall["open_notices"] + 1})

    @rule(Notice.report)
    def report(self, doing: Doing) -> None:
        recall = doing.parent
        if doing.given["recovered"] > doing.record["count"]:
            invalid("recovered", f"must be a whole number from 0 to {doing.record['count']}")
        doing.ctx.update(recall | {"open_notices": recall["open_notices"] - 1})

    # -- reading -------------------------------------------------------------------------------------
    @query
    def ReadGoods(self, ctx: KitContext, names: list[str]) -> list[dict[str, Any]]:
        """What the ledger knows of goods, in the order asked: `{"name", "holder", …}`, or `{"name"}` alone."""
        if len(names) > documents.MOST_GOODS:
            invalid("names", f"must be a list of 1 to {documents.MOST_GOODS} objects")
        found = []
        for uri in names:
            name = canonical(uri) if is_uri(uri) else uri[:300]
            record = good_of(ctx, name) or {}
            if record and is_class(name):
                record["holders"] = [key[1] for key in ctx.indexed("stock", name)]
            known = enterprise_of(ctx, name) if company_digits(name) else None
            found.append({"name": name, "enterprise": known["name"] if known else "", **record})
        return found


def _goods_named(text: str) -> str:
    if not is_uri(text):
        invalid("goods", "must be a URI")
    return canonical(text)
