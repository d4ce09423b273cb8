"""The contract `catalogue`: what its kinds do not say. A log only grows, editions follow each other, and what a check
came to is counted here."""

from typing import Any

from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import invalid
from chaincode.kit.records import KitContext, refuse
from fabric_sdk.chaincode import query

from .editions import Misshapen, clauses_of, digest, read_edition
from .grading import graded
from .kinds import KINDS, Assessment, Seal, Standard
from .life_rules import LifeRules
from .talent import TALENT_KINDS, Credential

HIGHEST = "sealed-line"
"""The highest sealed line by organisation and log. Each organisation counts for itself, so that nobody can take the
name of another's log, or seal it further than it goes."""
NEWEST = "standard-newest"
"""The newest edition's number by the standard's code."""


class CatalogueContract(LifeRules, KitContract, kinds=(*KINDS, *TALENT_KINDS)):
    name, version, title = "catalogue", "1.1.0", "Service catalogue"

    @rule(Seal.seal)
    def rises(self, doing: Doing) -> None:
        """Higher, or the same line once more as it was: who does not know whether it was sealed asks again."""
        ctx, given = doing.ctx, doing.given
        chain, line, head = given["chain"], given["line"], given["head"]
        sealed, _, told = ctx.indexed_value(HIGHEST, ctx.client.msp_id, chain).partition(" ")
        if line < int(sealed or 0) or (sealed == str(line) and head != told):
            raise refuse("SEALED_FURTHER", f"{ctx.client.msp_id} has sealed line {sealed} of this log")
        ctx.index(HIGHEST, ctx.client.msp_id, chain, value=f"{line} {head}")

    @rule(Standard.publish)
    def follows(self, doing: Doing) -> None:
        """A text that has the shape of an edition; the next number of its code."""
        ctx, record = doing.ctx, doing.record
        try:
            text = read_edition(doing.given["text"])
        except Misshapen as wrong:
            place, _, why = str(wrong).partition(": ")
            invalid(place, why)
        code, number = text["code"], text["number"]
        newest = int(ctx.indexed_value(NEWEST, code) or 0)
        if number != newest + 1:
            raise refuse("EDITION_ORDER", f"the next edition of {code} is {newest + 1}")
        record |= {"text": text, "code": code, "number": number, "title": text["title"]["zh"]}
        record |= {"edition": f"{code}/{number}", "sha256": digest(text)}
        ctx.index(NEWEST, code, value=str(number))

    @rule(Assessment.record)
    def counted(self, doing: Doing) -> None:
        """Against the newest edition in force, each clause once; score and grade are nobody's word."""
        ctx, standard = doing.ctx, doing.on
        if standard["state"] != Standard.IN_FORCE.name:
            raise refuse("NOT_IN_FORCE", f"{standard['edition']} is withdrawn")
        if int(ctx.indexed_value(NEWEST, standard["code"]) or 0) != standard["number"]:
            raise refuse("NOT_IN_FORCE", f"{standard['edition']} has a newer edition")
        doing.record["standard_sha256"] = standard["sha256"]
        results = doing.given["results"]
        clauses = list(clauses_of(standard["text"]))
        if [one["clause"] for one in results] != [one["clause"] for one in clauses]:
            invalid("results", "must name each clause of the standard once, in its order")
        for place, (one, clause) in enumerate(zip(results, clauses, strict=True)):
            if not clause["check"] and one["result"] != "unknown" and not one.get("file"):
                invalid(f"results[{place}].file", "must be the digest of what people show, or the result unknown")
        found = {one["clause"]: one["result"] for one in results}
        doing.record["score"], doing.record["grade"] = graded(clauses, found)

    @rule(Credential.issue)
    def issued(self, doing: Doing) -> None:
        """Some claims, none twice, until a day to come."""
        digests = [one["digest"] for one in doing.given["claims"]]
        if not digests or len(set(digests)) < len(digests):
            invalid("claims", "must be at least one, none twice")
        if not doing.ctx.is_before(doing.given["until"]):
            invalid("until", "must be a day to come")

    @query
    def ListTransactions(self, ctx: KitContext, record_id: str, block: str, block_hash: str) -> list[dict[str, Any]]:
        """Every transaction that wrote a record: `{"tx_id", "at"}`, oldest first.

        `block` and `block_hash` are the newest block known to the caller; they stand in the signed call. Asked at
        another time than the peer's it is refused, for whoever shows the answer shows when it was true.
        """
        if not block.isascii() or not block.isdigit() or len(block) > 20 or len(block_hash) != 64:
            invalid("block", "is the newest block's number and hash")
        ctx.check_clock(self._clock())
        return [{"tx_id": one["tx_id"], "at": one["at"]} for one in reversed(self.History(ctx, record_id))]


CONTRACTS = [CatalogueContract()]
