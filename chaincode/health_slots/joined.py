"""Two documents of one person, joined by the authority that saw both.

Whose accounts are one is written in the open and says nothing to anybody: a mark that only the authority's key file
makes from an account, and the account sealed under the same. From then on tickets of either document are for the one
person, and no-shows of both count; appointments of before run out under the ids that they have.

What is written the authority's peer signs first (`CJ1.PAYLOAD.SIGNATURE`), with what it found of both persons. A join
elsewhere in between changes that, so that of two desks only one joins, and nobody stands for who stands for them.
"""

from __future__ import annotations

import hashlib
import json

from chaincode.health_slots.accounts import (
    account_id,
    accounts_of,
    authority_file,
    main_account,
    mark_of,
    seal_text,
)
from chaincode.health_slots.context import AUTHORITY, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict
from chaincode.health_slots.tickets import person_of, read_paper, sign_paper
from fabric_sdk.chaincode import query, transaction

PREFIX = "CJ1"
MOST = 8
"""Documents of one person."""
LONGEST = 2048
MEMBERS = ("mark", "to", "whole", "accounts", "head", "others", "seen", "k")


class JoinedFunctions:
    """Asked at the authority's peers, written by the authority."""

    @query
    def Joining(self, ctx: SlotsContext) -> str:
        """Return what `JoinDocuments` takes for the documents in the transient fields `person` and `other`."""
        ctx.require_role(AUTHORITY)
        file, transient = authority_file(ctx), ctx.stub.get_transient()
        account = main_account(ctx, file, account_id(file, *person_of(transient.get("person", b""))))
        other = main_account(ctx, file, account_id(file, *person_of(transient.get("other", b""))))
        if account == other:
            conflict("JOINED_ALREADY", "these documents are one person's already")
        everything = [*accounts_of(ctx, file, account), *accounts_of(ctx, file, other)]
        if len(everything) > MOST:
            bad(f"one person has at most {MOST} documents")
        mark, whole = mark_of(file, "joined", other), mark_of(file, "accounts", account)
        head, others = mark_of(file, "joined", account), mark_of(file, "accounts", other)
        payload = {
            "mark": mark,
            "to": seal_text(file, account, mark),
            "whole": whole,
            "accounts": seal_text(file, json.dumps(everything), whole),
            "head": head,
            "others": others,
            "seen": _state(ctx, head, whole, others),
            "k": file.id,
        }
        return sign_paper(file, PREFIX, payload)

    @transaction
    def JoinDocuments(self, ctx: SlotsContext, paper: str) -> None:
        """Write that two documents are one person's, as `Joining` signed it. Authority only.

        JOINED_MEANWHILE where either person was joined since, the one who is to stand for both among them.
        """
        ctx.require_role(AUTHORITY)
        found = read_paper(ctx, paper, PREFIX, dict.fromkeys(MEMBERS, str), longest=LONGEST)
        if ctx.records.exists("joined", found["mark"]):
            conflict("JOINED_ALREADY", "these documents are one person's already")
        if _state(ctx, found["head"], found["whole"], found["others"]) != found["seen"]:
            conflict("JOINED_MEANWHILE", "one of these documents was joined elsewhere meanwhile")
        about: Record = {"signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put({"to": found["to"], **about}, "joined", found["mark"])
        ctx.records.put({"accounts": found["accounts"], **about}, "joined-whole", found["whole"])


def _state(ctx: SlotsContext, head: str, whole: str, others: str) -> str:
    """What stands of two persons: for whom the head is, and which accounts are the one's and the other's."""
    records = ctx.records
    parts = (records.raw("joined", head), records.raw("joined-whole", whole), records.raw("joined-whole", others))
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
