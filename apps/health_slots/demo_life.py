"""A hospital's day for the demonstration: bookings, payments, a visit, changes with reasons, a draw, a consent.

Everything is written once through the services, by residents who do not exist, so that every page has something real
to show. What a clock does not allow yet (a check-in long before the visit) is left out.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.kinds import Booking
from apps.health_slots.model import Appointment, Identity, SessionRow, SlotRow
from apps.health_slots.samples import write_schedule
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.draws import Party
from baas.errors import CityChainError, LedgerError, Text, contract_code

SECOND, SECOND_NAME = "H0002", Text("市中医院", "Hospital of Chinese Medicine")
RULES = {
    "release_mode": "after-commit",
    "release_delay_s": 0,
    "check_in_before_minutes": 1440,
    "cancel_working_days": 0,
    "cancel_minute": 420,
}
"""Rules under which all of it can be shown at any hour of any day: slots open when they are committed, a visit of
tomorrow can be checked in today, and can be cancelled until 7:00 of its own day, weekends and holidays included. Real
hospitals keep the daily release and a working day's notice."""
RESIDENTS = 16
FIRST_RESIDENT = 50_001
PARTIES: tuple[Party, ...] = ("hospital", "platform", "patients")
HEADINGS = (
    *("科室编号", "科室", "医生编号", "医生", "职称", "日期", "时段"),
    *("开始", "结束", "号源数", "号别", "号源池", "挂号费"),
)
SHARES = (9, 7, 4, 3, 6, 5, 3, 2, 4, 2)
"""How many residents book in each of the first sessions."""
CHANNELS = ("wechat", "alipay", "unionpay")


def wait_for(service: HealthSlotsService, session: str, resident: str) -> None:
    """Queue for a session, where the resident does not wait already from a demonstration of before."""
    try:
        service.waiting.join(session, resident)
    except LedgerError as error:
        if error.code != "waiting_already":
            raise


def give_back(service: HealthSlotsService, appointment: str) -> bool:
    """Cancel for the resident where the slot's rules still allow it; a ledger of before may have stricter ones."""
    try:
        service.bookings.cancel(appointment)
    except LedgerError as refusal:
        if refusal.code != "cancel_too_late":
            raise
        return False
    return True


MOST_APPLY_S = 600


class DemoDay:
    """One run of it at one hospital; `begin` early, `go_on` in the middle, `end` last."""

    def __init__(self, service: HealthSlotsService, hospital: str, person: Callable[[int], Identity]) -> None:
        self._service = service
        self._hospital = hospital
        self._person = person
        self._residents: list[str] = []
        self._sessions: tuple[SessionRow, ...] = ()
        self._today = dt.date.min
        self._folder = Path()
        self._draw = ""
        self._opened = self._apply_until = 0

    @property
    def wanted(self) -> bool:
        """Whether this hospital has not lived through its day yet, and has room for it."""
        service = self._service
        drawn = any(record["hospital"] == self._hospital for _, record in service.index.draws())
        self._sessions = tuple(s for s in service.sessions(hospital=self._hospital, state="published") if s.free >= 10)
        return not drawn and len(self._sessions) >= 8

    def begin(self, today: dt.date, folder: Path) -> None:
        """Keep the residents, admit a second hospital with promises only, and announce a draw."""
        service = self._service
        self._today, self._folder = today, folder
        started = time.monotonic()
        self._residents = [
            service.bookings.deposit(self._hospital, self._person(FIRST_RESIDENT + n)) for n in range(RESIDENTS)
        ]
        # Applying takes as long as depositing; a slow computer gets more time for it.
        apply_s = max(1, round(time.monotonic() - started))
        service.set_up({SECOND: SECOND_NAME.zh})
        file = write_schedule(folder / f"demo-{SECOND}.csv", today + dt.timedelta(days=8))
        service.schedules.import_file(SECOND, file, today=today)
        expert = next((s for s in reversed(self._sessions) if s.kind == "expert"), self._sessions[-1])
        free = self._online(expert)[-6:]
        stamp = f"{today:%Y%m%d}"
        self._open_draw(f"D{stamp}-1", free[:3], apply_s=apply_s, residents=self._residents[:9])
        self._draw = f"D{stamp}-1"
        announced = service.draws.get(self._draw)
        self._opened, self._apply_until = announced["at"], announced["apply_until"]
        self._open_draw(f"D{stamp}-2", free[3:], apply_s=2 * 86_400, residents=self._residents[4:8])

    def go_on(self) -> None:
        """Book, pay, cancel, refund, check in, queue, and change sessions for reasons."""
        service, residents = self._service, self._residents
        early = self._sessions[0]
        units = {(s.department, s.date): s for s in reversed(self._sessions)}
        chosen = sorted(units.values(), key=lambda s: (s.date, s.start, s.id))
        booked = [
            self._book(session, residents[(3 * at + number) % RESIDENTS])
            for at, (session, share) in enumerate(zip(chosen, SHARES, strict=False))
            for number in range(share)
        ]
        live = [appointment for appointment in booked if appointment is not None]
        for number, appointment in enumerate(live[:12]):
            # One account pays for several people: the authority's page lists it as a sign to look at.
            account = "DEMO-ACCOUNT-1" if number % 2 else f"DEMO-ACCOUNT-{number + 2}"
            channel = CHANNELS[number % len(CHANNELS)]
            service.bills.pay(appointment.id, channel, f"DEMO-{appointment.id[:12]}", appointment.due, account=account)
        returned = [appointment for appointment in live[8:10] if give_back(service, appointment.id)]
        for appointment in returned[:1]:
            paid = {"channel": "unionpay", "reference": f"DEMO-R-{appointment.id[:12]}"}
            service.acts.do(Booking.refund, paid, on=appointment.id)
        for number, appointment in enumerate(live[:3]):
            self._visit(appointment, seen=number > 0)
        wait_for(service, early.id, residents[-1])
        wait_for(service, early.id, residents[-2])
        service.schedules.add(early.id, early.end, 12, "window", "revisit")
        self._stop_one()
        service.schedules.withdraw(self._sessions[-2].id, [self._sessions[-2].slots], "doctor-leave")
        self._consent()
        # A second version of the rules: what was promised before keeps the first.
        service.rules.set_policy(self._hospital, {"hold_s": 480, "cancel_minute": 450}, "demand")

    def end(self) -> None:
        """Finish the draw whose time to apply is over."""
        draws = self._service.draws
        # Not longer than was announced: a clock that is set back meanwhile would let this wait for hours.
        enough = time.monotonic() + self._apply_until - self._opened + 2
        while self._service.now() <= self._apply_until and time.monotonic() < enough:
            time.sleep(0.05)
        draws.freeze(self._draw)
        for party in PARTIES:
            draws.reveal(self._draw, party)
        draws.finish(self._draw)
        # The day is over for the authority, too: points of those who were seen.
        self._service.residents.settle_visits(through=(self._today + dt.timedelta(days=14)).isoformat())

    def _stop_one(self) -> None:
        """停诊 of a session of its own: the week's schedule stays as it is, so that it can be imported again."""
        day = (self._today + dt.timedelta(days=5)).isoformat()
        row = ["ORTH", "骨科", "O3", "专家三", "主任医师", day, "下午", "14:00", "17:20", 20, "专家", "线上", "30.00"]
        file = self._folder / f"demo-{self._hospital}-guest.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows([HEADINGS, row])
        schedules = self._service.schedules
        done = schedules.import_file(self._hospital, file, today=self._today)
        schedules.release(self._hospital)
        for session in done.sessions:
            schedules.stop(session, "equipment")

    def _online(self, session: SessionRow) -> list[SlotRow]:
        slots = self._service.slots(session.id)
        return [slot for slot in slots if slot.pool == "online" and slot.state == "free"]

    def _open_draw(self, draw: str, slots: Sequence[SlotRow], *, apply_s: int, residents: Sequence[str]) -> None:
        draws = self._service.draws
        while True:
            try:
                draws.open(draw, self._hospital, [slot.id for slot in slots], apply_s=apply_s, turn_s=600)
                break
            except LedgerError as error:  # on a slow computer the time to apply is over before anybody hears of it
                if contract_code(error) != "PAST_DATE" or apply_s > MOST_APPLY_S:
                    raise
                apply_s *= 4
        for resident in residents:
            with contextlib.suppress(LedgerError):  # on a slow computer the second is over
                draws.apply(draw, resident)
        for party in PARTIES:
            draws.commit(draw, party)

    def _book(self, session: SessionRow, resident: str) -> Appointment | None:
        free = self._online(session)
        with contextlib.suppress(CityChainError):
            return self._service.bookings.book(free[0].id, resident) if free else None
        return None

    def _visit(self, appointment: Appointment, *, seen: bool) -> None:
        """Check in by a code and see the resident, where the rules allow it so early."""
        bookings = self._service.bookings
        with contextlib.suppress(LedgerError):
            bookings.check_in_by_code(bookings.issue_code(appointment.id))
            if seen:
                self._service.acts.do(Booking.fulfil, on=appointment.id)

    def _consent(self) -> None:
        """A resident lets the second hospital look; one look is taken, an older consent was taken back."""
        residents, who = self._service.residents, self._residents[6]
        key = Ed25519PrivateKey.generate()
        residents.bind_key(self._hospital, who, key.public_key().public_bytes_raw())
        until = self._service.now() + 30 * 86_400
        revoked = residents.give_consent(who, self._hospital, until, key)
        residents.revoke_consent(revoked, key)
        residents.read_record(residents.give_consent(who, SECOND, until, key), "referral")
