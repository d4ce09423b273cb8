"""The demonstration's acts at every kind of hour: on the contract itself, with the ledger standing at that moment."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from apps.health_slots.demo import HOSPITAL, _person, _use
from apps.health_slots.demo_life import RULES, DemoDay, give_back
from apps.health_slots.model import SlotQuery
from apps.health_slots.samples import write_schedule
from fabric_sdk import clock
from tests.moments import stand_at

CHINA = clock.CHINA
HOURS = {
    "Monday morning": dt.datetime(2026, 11, 30, 10, 0, tzinfo=CHINA),
    "Friday evening": dt.datetime(2026, 11, 27, 18, 0, tzinfo=CHINA),
    "Saturday noon": dt.datetime(2026, 11, 28, 12, 0, tzinfo=CHINA),
    "the last seconds of Sunday": dt.datetime(2026, 11, 29, 23, 59, 40, tzinfo=CHINA),
    "the first seconds of a day in UTC": dt.datetime(2026, 11, 30, 0, 0, 10, tzinfo=dt.UTC),
    "before the holiday week": dt.datetime(2026, 9, 30, 18, 0, tzinfo=CHINA),
    "the year's last evening": dt.datetime(2026, 12, 31, 23, 0, tzinfo=CHINA),
    "the leap day": dt.datetime(2028, 2, 29, 20, 0, tzinfo=CHINA),
}


@pytest.fixture
def at(town, monkeypatch):
    """Put the town's ledger and this process at a moment; every look at the clock takes a second."""

    def go(moment: dt.datetime):
        stand_at(monkeypatch, moment)
        town.ledger.tester.now = moment.astimezone(dt.UTC)
        passing = count()

        def look() -> float:
            next(passing)
            town.ledger.pass_time(seconds=1)
            return town.ledger.now

        town.service._clock = look
        return town

    return go


@pytest.mark.parametrize("hour", HOURS)
def test_every_act_is_allowed_at_any_hour(at, hour, tmp_path, monkeypatch):
    # The ledger in memory takes one call at a time.
    monkeypatch.setattr("apps.health_slots.demo.ThreadPoolExecutor", lambda _: ThreadPoolExecutor(1))
    town = at(HOURS[hour])
    service, today = town.service, clock.today()
    service.set_up({HOSPITAL: "市第一人民医院"})
    service.rules.set_policy(HOSPITAL, RULES, "demand")
    file = write_schedule(tmp_path / "week.csv", today + dt.timedelta(days=1))
    service.schedules.import_file(HOSPITAL, file, today=today)
    service.schedules.release(HOSPITAL)
    day = DemoDay(service, HOSPITAL, _person)
    assert day.wanted
    day.begin(today, tmp_path)
    page = service.search(SlotQuery(hospital=HOSPITAL, pool="online", limit=3))
    done = _use(service, service, [slot.id for slot in page.slots])
    assert done["cancelled"] and done["offered_to_waitlist"] and done["double_booking_refused"]
    day.go_on()
    day.end()
    assert service.index.appointments(state="cancelled")
    # The town was set up at another moment, so that the newest block says nothing of the present one.
    assert service.audit(hospital=HOSPITAL, as_of=int(service.now())).clean


def test_a_ledger_with_stricter_rules_leaves_the_return_out(at, tmp_path):
    """Somebody's own hospital asks for a working day's notice: on a Saturday nothing of Monday can be returned."""
    town = at(HOURS["Saturday noon"])
    service = town.service
    session = town.publish(town.row(日期="2026-11-30"))[0]
    booked = service.bookings.book(f"{session}.001", service.bookings.resident(_person(1)))
    assert give_back(service, booked.id) is False
    assert service.bookings.get(booked.id).state == "booked"
