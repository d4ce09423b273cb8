"""The contract `supply_finance`: what data cannot say of lines, certificates and financing.

Days are the office's. No deadline hangs on the clock of whoever submits: what must be before a day is refused from the
tolerance before it on, what may be after it begins the tolerance later, and maturity is written once (`mature`), which
everything else reads: what was endorsed before and kept back commits no more.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from chaincode.kit import papers
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import Fields, invalid
from chaincode.kit.papers import Papers
from chaincode.kit.records import KitContext, refuse
from chaincode.supply_finance.kinds import KINDS, Certificate, Financing, Line
from chaincode.supply_finance.policy import (
    CURRENT,
    POLICIES,
    Policy,
    following,
    invoice_number,
    months_after,
)
from fabric_sdk.chaincode import Context, query
from fabric_sdk.kinds import Act, Record, Sealed, State

MOST_LINE_MONTHS = 120


class FinanceContext(KitContext):
    """A transaction of 供应链金融."""

    clock_tolerance = timedelta(seconds=90)

    @property
    def policy_version(self) -> str:
        return str(self.settings["policy"])

    @property
    def policy(self) -> Policy:
        return POLICIES[self.policy_version]


def _context(doing: Doing) -> FinanceContext:
    assert isinstance(doing.ctx, FinanceContext)
    return doing.ctx


class FinanceContract(Papers, KitContract, kinds=KINDS):
    """供应链金融."""

    name: ClassVar[str] = "supply_finance"
    version: ClassVar[str] = "1.0.0"
    title: ClassVar[str] = "Receivable certificates of a supply chain"
    context_class: ClassVar[type[Context]] = FinanceContext

    def read_settings(self, ctx: KitContext, form: Fields) -> Record:
        return {"policy": form.code("policy", POLICIES, default=CURRENT)} | super().read_settings(ctx, form)

    def check_paper(self, ctx: KitContext, field: Sealed, paper: Record, shown: Record) -> None:
        if field is not Certificate.papers:
            return
        paper["invoice"] = invoice_number(paper["invoice"])
        if paper["invoice_amount_fen"] < shown["face_fen"]:
            invalid("invoice_amount_fen", "is less than the certificate")

    @query
    def ListTree(self, ctx: KitContext, certificate_id: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """The certificate that this one was split from and everything split from it, a page at a time."""
        root = ctx.read("certificate", certificate_id)["root"]
        return ctx.page("root", [root], "certificate", page_size, bookmark)

    # -- lines ---------------------------------------------------------------------------------------
    @rule(Line.grant)
    def grant(self, doing: Doing) -> None:
        line = doing.record
        if line["core"] == line["bank"]:
            invalid("core", "is the bank itself")
        if not doing.ctx.is_before(line["until"]):
            invalid("until", "lies in the past")
        if line["until"] > months_after(date.fromisoformat(doing.ctx.today), MOST_LINE_MONTHS).isoformat():
            invalid("until", f"lies more than {MOST_LINE_MONTHS} months ahead")

    @rule(Line.change)
    def change(self, doing: Doing) -> None:
        if doing.given["limit_fen"] < doing.on["used_fen"]:
            invalid("limit_fen", "is less than what is used")

    # -- certificates --------------------------------------------------------------------------------
    @rule(Certificate.issue)
    def issue(self, doing: Doing) -> None:
        ctx, one, line = _context(doing), doing.record, doing.on
        if one["seller"] in (line["core"], line["bank"]):
            invalid("seller", "is the debtor or the bank")
        self._check_term(doing, one, line)
        if line["used_fen"] + one["face_fen"] > line["limit_fen"]:
            free = line["limit_fen"] - line["used_fen"]
            raise refuse("OVER_LINE", f"the line has {free} fen left")
        one |= {"debtor": line["core"], "holder": one["seller"], "amount_fen": one["face_fen"], "to": None}
        one |= {"root": ctx.new_id("certificate"), "parent": None, "level": 0, "children": []}
        one |= {"financing": None, "financier": None, "financed_from": None}
        line["used_fen"] += one["face_fen"]
        ctx.update(line)

    def _check_term(self, doing: Doing, one: Record, line: Record) -> None:
        """The policy's term: half a year, up to a year with a reason, never beyond the line's end."""
        ctx = _context(doing)
        today = date.fromisoformat(ctx.today)
        if not ctx.is_before(one["due"]):
            invalid("due", "lies in the past")
        if one["due"] > months_after(today, ctx.policy.most_months).isoformat():
            invalid("due", f"lies more than {ctx.policy.most_months} months ahead")
        if one["due"] > months_after(today, ctx.policy.usual_months).isoformat() and not one["longer"]:
            invalid("longer", f"is needed for more than {ctx.policy.usual_months} months")
        if one["due"] > line["until"]:
            invalid("due", f"lies after the line's end {line['until']}")

    @rule(Certificate.decline, Certificate.cancel)
    def undo(self, doing: Doing) -> None:
        """Nobody had it: its amount goes back to the line, its papers may stand behind another one."""
        self._give_back(doing)
        papers.release(doing.ctx, Certificate, doing.record)

    @rule(Certificate.confirm)
    def confirm(self, doing: Doing) -> None:
        self._give_back(doing)

    def _give_back(self, doing: Doing) -> None:
        line = doing.parent
        line["used_fen"] -= doing.record["amount_fen"]
        doing.ctx.update(line)

    @rule(Certificate.accept)
    def accept(self, doing: Doing) -> None:
        self._still_open(doing, doing.record)

    @rule(Certificate.split)
    def split(self, doing: Doing) -> None:
        """Make the parts, each a certificate of its own; together they are what was split, to the fen."""
        ctx, whole, parts = _context(doing), doing.record, doing.given["parts"]
        self._still_open(doing, whole)
        if len(parts) < 2:
            invalid("parts", "must be two or more")
        if (total := sum(one["amount_fen"] for one in parts)) != whole["amount_fen"]:
            raise refuse("SUM_DIFFERS", f"the parts are {total} fen, the certificate {whole['amount_fen']}", 400)
        if whole["level"] >= ctx.policy.levels:
            raise refuse("TOO_DEEP", f"it was split {whole['level']} times already")
        whole["children"] = [self._part(doing, number, one) for number, one in enumerate(parts)]

    def _part(self, doing: Doing, number: int, part: Record) -> str:
        ctx, whole = doing.ctx, doing.record
        if part["to"]:
            self._check_receiver(whole, part["to"], f"parts[{number}].to")
        state = Certificate.OFFERED if part["to"] else Certificate.HELD
        child = {name: whole.get(name) for name in Certificate.fields if not Certificate.fields[name].logged}
        child |= {"line_id": whole["line_id"], "amount_fen": part["amount_fen"], "to": part["to"] or None}
        child |= {"parent": whole["id"], "level": whole["level"] + 1, "children": [], "state": state.name}
        child["log"] = [ctx.entry("", state.name, "split")]
        ctx.create("certificate", child, number)
        ctx.index("certificates", str(child["line_id"]), str(child["id"]))
        ctx.index("root", str(child["root"]), str(child["id"]))
        return str(child["id"])

    @rule(Certificate.transfer)
    def transfer(self, doing: Doing) -> None:
        self._still_open(doing, doing.record)
        self._check_receiver(doing.record, doing.given["to"], "to")
        doing.ctx.index("concerned", doing.given["to"], doing.record["id"])

    def _check_receiver(self, one: Record, to: str, field: str) -> None:
        if to == one["holder"]:
            invalid(field, "has it already")
        if to == one["debtor"]:
            invalid(field, "is the debtor")

    @rule(Certificate.take)
    def take(self, doing: Doing) -> None:
        self._still_open(doing, doing.record)
        doing.record |= {"holder": doing.party, "to": None}

    @rule(Certificate.refuse, Certificate.recall)
    def keep(self, doing: Doing) -> None:
        doing.record["to"] = None

    def _still_open(self, doing: Doing, one: Record) -> None:
        if not _context(doing).is_before(one["due"]):
            raise refuse(
                "DUE", f"it is due on {one['due']}: nothing is accepted, split, passed on or financed any more"
            )

    @rule(Certificate.mature)
    def mature(self, doing: Doing) -> None:
        if not _context(doing).has_begun(doing.record["due"]):
            raise refuse("NOT_DUE", f"it is due on {doing.record['due']}")
        doing.record["to"] = None
        if doing.on["state"] != "FINANCED":
            doing.record |= {"financing": None, "financier": None}

    @rule(Certificate.default)
    def default(self, doing: Doing) -> None:
        ctx = _context(doing)
        last = following(doing.record["due"], ctx.policy.grace_days)
        if not ctx.has_begun(following(last)):
            raise refuse("NOT_DUE", f"the debtor has until {last}")

    @rule(Certificate.settle)
    def settle(self, doing: Doing) -> None:
        """Whoever sold it to the bank has it again, and nobody is left to turn to."""
        doing.record |= {"holder": doing.record["financed_from"], "financed_from": None, "financier": None}

    # -- financing -----------------------------------------------------------------------------------
    @rule(Financing.ask)
    def ask(self, doing: Doing) -> None:
        ctx, certificate = doing.ctx, doing.on
        self._still_open(doing, certificate)
        if doing.record["bank"] in (certificate["holder"], certificate["debtor"]):
            invalid("bank", "is a party of the certificate")
        doing.record["amount_fen"] = certificate["amount_fen"]
        certificate |= {"financing": ctx.new_id("financing"), "financier": doing.record["bank"]}
        ctx.index("concerned", doing.record["bank"], certificate["id"])
        self._pass(doing, certificate, Certificate.LOCKED, Financing.ask)

    @rule(Financing.offer)
    def offer(self, doing: Doing) -> None:
        self._still_open(doing, doing.parent)
        if doing.given["open_until"] > doing.parent["due"]:
            invalid("open_until", f"lies after {doing.parent['due']}")
        if not doing.ctx.is_before(following(doing.given["open_until"])):
            invalid("open_until", "lies in the past")

    @rule(Financing.accept)
    def agree(self, doing: Doing) -> None:
        ctx, one = _context(doing), doing.record
        self._still_open(doing, doing.parent)
        if not ctx.is_before(following(one["open_until"])):
            raise refuse("OFFER_OVER", f"the offer was open until {one['open_until']}")
        one["pay_by"] = following(ctx.today, ctx.policy.pay_days)

    @rule(Financing.pay)
    def advance(self, doing: Doing) -> None:
        """The bank has paid and says so with its receipt: the certificate is the bank's."""
        ctx, one, certificate = _context(doing), doing.record, doing.parent
        self._still_open(doing, certificate)
        if not ctx.is_before(following(one["pay_by"])):
            raise refuse("OFFER_OVER", f"it was to be paid by {one['pay_by']}")
        certificate |= {"holder": one["bank"], "financed_from": one["applicant"]}
        self._pass(doing, certificate, Certificate.FINANCED, Financing.pay)

    @rule(Financing.decline, Financing.withdraw)
    def free(self, doing: Doing) -> None:
        certificate = doing.parent
        if certificate["financing"] == doing.record["id"] and certificate["state"] == "LOCKED":
            certificate |= {"financing": None, "financier": None}
            self._pass(doing, certificate, Certificate.HELD, doing.act)

    @rule(Financing.release)
    def lapse(self, doing: Doing) -> None:
        if not _context(doing).has_begun(following(doing.record["pay_by"])):
            raise refuse("NOT_DUE", f"the bank has until {doing.record['pay_by']}")
        self.free(doing)

    def _pass(self, doing: Doing, certificate: Record, state: State, act: Act) -> None:
        """Bring the certificate along with its financing."""
        before, certificate["state"] = certificate["state"], state.name
        certificate["log"].append(doing.ctx.entry(before, state.name, act.name))
        doing.ctx.update(certificate)
