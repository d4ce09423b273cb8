"""The contract `health_slots`: every hospital's appointment slots, so that nobody can hide, double or resell one."""

from __future__ import annotations

from chaincode import clocks
from chaincode.health_slots import slots, terms
from chaincode.health_slots.appointments import AppointmentFunctions
from chaincode.health_slots.check_in import CheckInFunctions
from chaincode.health_slots.consents import ConsentFunctions
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.day_lists import DayListFunctions
from chaincode.health_slots.deadlines import DeadlineFunctions
from chaincode.health_slots.draws import DrawFunctions
from chaincode.health_slots.families import FamilyFunctions
from chaincode.health_slots.gathered import GatheredFunctions
from chaincode.health_slots.health_code import HealthCodeFunctions
from chaincode.health_slots.identities import IdentityFunctions
from chaincode.health_slots.joined import JoinedFunctions
from chaincode.health_slots.kept import KeptFunctions
from chaincode.health_slots.payments import BillFunctions
from chaincode.health_slots.points import PointFunctions
from chaincode.health_slots.portals import PortalFunctions
from chaincode.health_slots.records import Record
from chaincode.health_slots.referrals import ReferralFunctions
from chaincode.health_slots.registry import RegistryFunctions
from chaincode.health_slots.sessions import SessionFunctions
from chaincode.health_slots.tickets import TicketFunctions
from chaincode.health_slots.visits import VisitFunctions
from chaincode.health_slots.waiting import WaitingFunctions
from fabric_sdk import clock
from fabric_sdk.chaincode import Context, Contract, query


class HealthSlotsContract(
    RegistryFunctions,
    TicketFunctions,
    VisitFunctions,
    JoinedFunctions,
    FamilyFunctions,
    KeptFunctions,
    SessionFunctions,
    AppointmentFunctions,
    CheckInFunctions,
    GatheredFunctions,
    WaitingFunctions,
    ReferralFunctions,
    DeadlineFunctions,
    DrawFunctions,
    BillFunctions,
    PointFunctions,
    PortalFunctions,
    HealthCodeFunctions,
    IdentityFunctions,
    DayListFunctions,
    ConsentFunctions,
    Contract,
):
    """Functions by theme come from the base classes; this one says what holds for every call."""

    name = "health_slots"
    version = "1.0.0"
    title = "号源链: the ledger of appointment slots"
    context_class = SlotsContext

    def before_transaction(self, ctx: Context) -> None:
        """Refuse a transaction whose time is far from this peer's clock (CLOCK_DIFFERS)."""
        assert isinstance(ctx, SlotsContext)
        ctx.peer_clock = self.peer_clock()
        if ctx.stub.function != clocks.QUERY:
            ctx.check_clock()

    def peer_clock(self) -> float:
        """Return the endorsing peer's clock, seconds since 1970 UTC; tests replace it."""
        return clock.seconds()

    @query
    def Clock(self, ctx: SlotsContext) -> int:
        """Return this peer's clock in milliseconds since 1970 UTC, whatever the caller's says."""
        return int(ctx.peer_clock * 1000)

    @query
    def GetSlot(self, ctx: SlotsContext, slot: str) -> Record:
        """Return a slot as it stands: hours, pool, state and whose hold or appointment it is."""
        view = slots.view_slot(ctx, slot, stopped_too=True)
        return {
            "slot": slot,
            "state": view.state,
            "start": view.start,
            "end": view.end,
            "pool": view.pool,
            "record": view.record or {},
            "session_state": view.session["state"],
        }

    @query
    def ListTouched(self, ctx: SlotsContext, session: str) -> dict[str, Record]:
        """Return the slots of a session that have a record of their own, by number; all others are free."""
        hospital, sid = terms.split_session(session)
        ctx.session(hospital, sid)
        return {attributes[2]: record for attributes, record in ctx.records.scan("slot", hospital, sid)}
