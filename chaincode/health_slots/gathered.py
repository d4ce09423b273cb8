"""Several bookings in one transaction, each with an outcome of its own.

A transaction costs a network the same work of signing, ordering and checking whether it books one slot or ten. So a
portal hands over together what came to it in the same instant for one hospital, in the order in which it came: each
is judged as if it were alone after those before it, and one that is refused leaves nothing behind and harms no other.
Identities do not travel so: a transaction writes at most one private key of a collection, or a purge of one would take
what a peer needs to restore the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaincode.health_slots import terms
from chaincode.health_slots.appointments import book
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad
from fabric_sdk.chaincode import ChaincodeError, transaction

TOGETHER = 16
"""How many at most: the more there are, the more have to be tried again when another transaction was faster."""


@dataclass(frozen=True)
class Wanted:
    """One booking, as `BookSlot` takes it."""

    slot: str
    resident: str
    payer: str = ""
    ticket: str = ""


class GatheredFunctions:
    """What desks and portals do for several residents at once."""

    @transaction
    def BookSlots(self, ctx: SlotsContext, bookings: list[Wanted]) -> list[Record]:
        """Book slots of one hospital in the order given; returns an outcome for each, in that order.

        An outcome is `{"booked": appointment}` or `{"refused": {"code", "message", "status"}}`.
        """
        _some(bookings)
        hospitals = {terms.split_slot(wanted.slot)[0] for wanted in bookings}
        if len(hospitals) > 1:
            bad("bookings of one transaction are for slots of one hospital", "SEVERAL_HOSPITALS")
        ctx.require_desk(hospitals.pop())

        def one(place: int) -> Record:
            wanted = bookings[place]
            return book(ctx, wanted.slot, wanted.resident, wanted.payer, wanted.ticket, suffix=f"{place:03d}")

        outcomes = [_tried(ctx, "booked", one, place) for place in range(len(bookings))]
        ctx.stub.set_event("SlotsBooked", json.dumps([o["booked"]["slot"] for o in outcomes if "booked" in o]).encode())
        return outcomes


def _tried(ctx: SlotsContext, name: str, act: Callable[[int], Any], place: int) -> Record:
    try:
        with ctx.records.attempt():
            return {name: act(place)}
    except ChaincodeError as refusal:
        return {"refused": {"code": refusal.code, "message": refusal.message, "status": refusal.status}}


def _some(wanted: list[Any]) -> None:
    if not 0 < len(wanted) <= TOGETHER:
        bad(f"1 to {TOGETHER} at a time")
