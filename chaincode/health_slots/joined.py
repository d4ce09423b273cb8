"""Two documents of one person, joined by the authority that saw both.

Whose accounts are one is written in the open and says nothing to anybody: a mark that only the authority's key file
makes from an account, and the account sealed under the same. From then on tickets of either document are for the one
person, and no-shows of both count; appointments of before run out under the ids that they have.
"""

from __future__ import annotations

import json

from chaincode.health_slots.context import AUTHORITY, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict
from chaincode.health_slots.tickets import (
    account_id,
    accounts_of,
    authority_file,
    main_account,
    mark_of,
    person_of,
    seal_text,
)
from fabric_sdk.chaincode import query, transaction

MOST = 8
"""Documents of one person."""


class JoinedFunctions:
    """Asked at the authority's peers, written by the authority."""

    @query
    def Joining(self, ctx: SlotsContext) -> Record:
        """Return what `JoinDocuments` writes for the documents in the transient fields `person` and `other`."""
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
        return {
            "mark": mark,
            "to": seal_text(file, account, mark),
            "whole": whole,
            "accounts": seal_text(file, json.dumps(everything), whole),
        }

    @transaction
    def JoinDocuments(self, ctx: SlotsContext, mark: str, to: str, whole: str, accounts: str) -> None:
        """Write that two documents are one person's, as `Joining` put it. Authority only."""
        ctx.require_role(AUTHORITY)
        if not all(0 < len(text) <= limit for text, limit in ((mark, 64), (to, 200), (whole, 64), (accounts, 1000))):
            bad("these are not what Joining answered")
        if ctx.records.exists("joined", mark):
            conflict("JOINED_ALREADY", "these documents are one person's already")
        about: Record = {"signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put({"to": to, **about}, "joined", mark)
        ctx.records.put({"accounts": accounts, **about}, "joined-whole", whole)
