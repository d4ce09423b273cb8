"""号源链 for commands, pages and interfaces: one service with its themes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.auditing import audit_blocks
from apps.health_slots.cast import Cast, cast_of, collection_of, plays
from apps.health_slots.index import SlotIndex
from apps.health_slots.kinds import (
    Beacon,
    Booking,
    Clinic,
    CodeKey,
    Consent,
    Draw,
    Family,
    Hospital,
    Key,
    Referral,
    Resident,
    Session,
    Tickets,
)
from apps.health_slots.ledger import FabricLedger
from apps.health_slots.model import (
    AuditReport,
    HospitalRow,
    Identity,
    Receipt,
    SessionRow,
    SlotPage,
    SlotQuery,
    SlotRow,
)
from apps.health_slots.plans import PlanStore
from apps.health_slots.schedule import ANY_DAY, preview_file
from apps.health_slots.schedule.fields import read_minute
from apps.health_slots.services.base import Ports
from apps.health_slots.services.bills import Bills
from apps.health_slots.services.bookings import Bookings
from apps.health_slots.services.desk_day import DayRow, DeskDay
from apps.health_slots.services.draws import Draws
from apps.health_slots.services.families import Families
from apps.health_slots.services.lists import Lists
from apps.health_slots.services.referrals import Referrals
from apps.health_slots.services.residents import Residents
from apps.health_slots.services.rules import HospitalSpec, Rules
from apps.health_slots.services.schedules import Schedules, read_numbers
from apps.health_slots.services.signals import Signals
from apps.health_slots.services.trials import Trials
from apps.health_slots.services.waiting import Waiting
from apps.health_slots.vault import SlotVault
from apps.health_slots.words import catalogue
from apps.kit.by_hand import ActsByHand, Own
from baas.errors import Conflict, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots.calendar import DAY
from fabric_sdk.kinds import Act

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from baas.platform import Platform


class HealthSlotsService:
    """Everything that can be done with slots, on one network.

    `rules` sets the ledger up, `schedules` commits and opens, `bookings` serves residents, `waiting` and `draws` hand
    scarce slots on, `bills` keeps the books, `residents` their points and consents, `signals` what looks like resale,
    `lists` what pages show, `day` the desk's day with names; `index` is the local search index. Searches see what the
    index has; `refresh` brings it up to the ledger. `trials` says what rules would have done. `acts` are what people do
    as `kinds` declares it: `acts.do(Booking.fulfil, on=ID)`.
    """

    def __init__(self, ports: Ports, plans: PlanStore, cast: Cast) -> None:
        self.cast = cast
        self.index = ports.index
        self.ledger = ports.ledger
        self.rules = Rules(ports)
        self.trials = Trials(ports)
        self.schedules = Schedules(ports, plans)
        self.bookings = Bookings(ports)
        self.waiting = Waiting(ports)
        self.referrals = Referrals(ports, self.bookings)
        self.families = Families(ports)
        self.draws = Draws(ports)
        self.bills = Bills(ports)
        self.residents = Residents(ports)
        self.signals = Signals(ports)
        self.lists = Lists(ports)
        self.day = DeskDay(ports, self.lists)
        own: dict[Act, Own] = {
            Booking.pay: self.bills.pay,
            Booking.confirm: self.bookings.confirm,
            Booking.check_in: self.bookings.check_in_at_desk,
            Session.join: lambda id, resident: self.waiting.join(id, resident, part="staff"),
            Session.add: self._add_slot,
            Session.withdraw: lambda id, numbers, reason: self.schedules.withdraw(id, read_numbers(numbers), reason),
            Session.stop: self.schedules.stop,
            Session.stop_from: self._stop_from,
            Draw.commit: self.draws.commit,
            Draw.freeze: self.draws.freeze,
            Draw.reveal: self.draws.reveal,
            Draw.number: self.draws.enter_number,
            Draw.finish: self.draws.finish,
            Clinic.admit: self.referrals.admit,
            Hospital.admit: lambda id, name, msp="": self.set_up({id: name}, msp),
            Family.link: self.families.link_here,
            Family.unlink: self.families.unlink_here,
            Referral.refer: self.referrals.refer_here,
            Referral.book: self.referrals.book_here,
            Resident.register: self._register,
            Key.bind: lambda id, hospital, public: self.residents.bind_key(hospital, id, public),
            Consent.give: self._consent,
            Consent.revoke: self.residents.revoke_consent,
            Consent.look: self.residents.read_record,
            CodeKey.withdraw: self.bookings.withdraw_code_key,
            Tickets.ask: self.rules.ask_for_tickets,
            Beacon.commit: self.waiting.commit_beacon,
        }
        self.acts = ActsByHand(catalogue, ports.ledger, ports.guard, own, self.refresh, ports.plays)
        self._guard = ports.guard
        self._clock = ports.clock

    def _add_slot(self, session: str, hour: int, minute: int, minutes: int, pool: str, reason: str) -> Receipt:
        return self.schedules.add(session, hour * 60 + minute, minutes, pool, reason)

    def _stop_from(self, session: str, reason: str, since: str = "") -> tuple[Receipt, tuple[DayRow, ...]]:
        return self.day.stop_from(session, read_minute(since) if since else None, reason)

    def _register(self, hospital: str, name: str, phone: str, type: str, document: str) -> str:
        return self.bookings.deposit(hospital, Identity(name, type, document, phone), part="staff")

    def _consent(self, resident: str, hospital: str, days: int, key: Ed25519PrivateKey) -> str:
        return self.residents.give_consent(resident, hospital, self.now() + days * DAY, key)

    def now(self) -> int:
        """The time by which this service acts, in seconds since 1970 UTC."""
        return int(self._clock())

    def set_up(self, hospitals: dict[str, str] | None = None, msp_id: str = "") -> bool:
        """Initialise the ledger and admit hospitals (id → name) of a hospital organisation.

        `msp_id` names the organisation where there are several; with one it is that one. Harmless when it is done
        already; returns whether anything was written.
        """
        changed = False
        if not self.rules.initialized():
            self.rules.initialize(self.cast.roles())
            changed = True
        else:
            changed = self.rules.ensure_tickets()
        with contextlib.suppress(Conflict):
            changed |= self.bookings.ensure_code_key()
        self.refresh()
        known = {row.id for row in self.index.hospitals()}
        if msp_id and msp_id not in self.cast.hospitals:
            raise UserError(
                Text("{m} 不是医院组织。", "{m} is no hospital organisation.", m=msp_id),
                Text("医院组织：{a}", "Hospital organisations: {a}", a=", ".join(self.cast.hospitals)),
                code="no_hospital_organization",
            )
        if not msp_id and len(self.cast.hospitals) > 1 and set(hospitals or {}) - known:
            raise UserError(
                Text("网络有多个医院组织，请写明是哪一个。", "There are several hospital organisations; name one."),
                Text("医院组织：{a}", "Hospital organisations: {a}", a=", ".join(self.cast.hospitals)),
                code="which_organization",
            )
        msp_id = msp_id or self.cast.hospitals[0]
        missing = [
            HospitalSpec(id, name, msp_id, collection_of(msp_id))
            for id, name in (hospitals or {}).items()
            if id not in known
        ]
        if missing:
            self.rules.admit(missing)
            self.refresh()
        return changed or bool(missing)

    def refresh(self, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Bring the index up to the ledger; returns how many blocks were new."""
        return self.index.sync(self.ledger, ctx=ctx)

    def rebuild(self, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Throw the index away and read the whole ledger again."""
        ctx.step("rebuild", Text("重建索引", "Rebuild the index"))
        return self.index.rebuild(self.ledger, ctx=ctx)

    def hospitals(self) -> tuple[HospitalRow, ...]:
        """Every hospital with its totals."""
        return self.index.hospitals()

    def sessions(
        self, *, hospital: str = "", date_from: str = "", date_to: str = "", state: str = "", limit: int = 500
    ) -> tuple[SessionRow, ...]:
        """Sessions in order of day and hour."""
        return self.index.sessions(hospital=hospital, date_from=date_from, date_to=date_to, state=state, limit=limit)

    def slots(self, session: str) -> tuple[SlotRow, ...]:
        """Every slot of a session."""
        return self.index.slots(session)

    def search(self, query: SlotQuery) -> SlotPage:
        """A page of slots."""
        return self.index.search(query)

    def audit(
        self,
        *,
        hospital: str = "",
        schedule: Path | None = None,
        as_of: int = 0,
        ctx: JobContext = NULL_CONTEXT,
    ) -> AuditReport:
        """Audit from blocks alone; with `schedule` also that every session of that file is on the ledger."""
        self._guard.require(permissions.AUDIT)
        ctx.step("audit", Text("从区块审计", "Audit from the blocks"))
        published = {}
        if schedule is not None:
            if not hospital:
                raise UserError(
                    Text("请说明是哪家医院的排班。", "Say whose schedule it is."),
                    Text("请同时给出医院编号（--hospital）。", "Give the hospital's id as well (--hospital)."),
                )
            # A published schedule stays what it was when its days are over.
            habits = self.schedules.habits(hospital)
            sessions = preview_file(schedule, minute=ANY_DAY, habits=habits, ctx=ctx).sessions
            published = {f"{hospital}.{s.id}": s for s in sessions}
        return audit_blocks(self.ledger.blocks(0), hospital=hospital, as_of=as_of, schedule=published, ctx=ctx)

    def close(self) -> None:
        """Close the index."""
        self.index.close()


def build_service(platform: Platform, network: str = "", *, portal: str = "citydesk") -> HealthSlotsService:
    """Build the service on a network of the platform; `portal` is through whom the desk books."""
    ledger = FabricLedger(platform, network, portal=portal)
    folder = platform.workspace.path("slots", ledger.network)
    ports = Ports(
        ledger=ledger,
        clock=ledger.clock.seconds,
        agree=ledger.agree,
        index=SlotIndex(folder / "index.db"),
        vault=SlotVault(platform.keystore, ledger.network),
        guard=platform.session,
        plays=lambda part: plays(platform.session.actor, part),
    )
    return HealthSlotsService(ports, PlanStore(folder / "plans.db"), cast_of(ledger.spec))
