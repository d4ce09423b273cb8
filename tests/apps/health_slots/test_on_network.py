"""The application on a running embedded network: demonstration, private data, audit from real blocks, the index."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from apps.health_slots.demo import HOSPITAL, run
from apps.health_slots.index import SlotIndex
from apps.health_slots.model import Identity
from apps.health_slots.service import build_service
from baas.applications import DemoOptions
from baas.errors import LedgerError
from baas.jobs import NULL_CONTEXT
from tests.people import card


@pytest.fixture(scope="module")
def demo(city):
    return run(city.platform, city.network, DemoOptions(), NULL_CONTEXT)["slots"]


def test_demonstration_books_refuses_and_audits(city, demo):
    assert demo["published"] == 1104
    assert demo["double_booking_refused"] is True
    assert demo["proof"]["verified"] is True
    assert demo["audit"]["clean"] is True
    assert demo["offered_to_waitlist"]


def test_second_run_goes_on(city, demo):
    again = run(city.platform, city.network, DemoOptions(), NULL_CONTEXT)["slots"]
    assert again["committed_now"] == 0
    assert again["booked"] == demo["booked"] + 1
    assert again["double_booking_refused"] is True
    assert again["appointment"] != demo["appointment"]


def test_identity_is_private_and_purged(city, demo):
    service = build_service(city.platform, city.network)
    try:
        person = Identity("诸葛私密", "01", card(432, "19700101"), "13587654321")
        resident = service.bookings.deposit(HOSPITAL, person)
        assert service.bookings.identity(HOSPITAL, resident)["name"] == "诸葛私密"
        with pytest.raises(LedgerError) as refusal:
            service.ledger.evaluate("authority", "ReadIdentity", HOSPITAL, resident)
        assert refusal.value.code == "forbidden"
        service.bookings.purge(HOSPITAL, resident)
        with pytest.raises(LedgerError) as refusal:
            service.bookings.identity(HOSPITAL, resident)
        assert refusal.value.code == "not_found"
    finally:
        service.close()


def test_scan_finds_no_patient_anywhere(city, demo, tmp_path):
    """Raw blocks, index, plans, exports and logs hold neither name, document nor phone of a deposited patient."""
    service = build_service(city.platform, city.network)
    try:
        people = [Identity(f"夏侯扫描{n}", "01", card(n, "19600101"), f"1370000{n:04d}") for n in range(5)]
        free = service.index.sessions(hospital=HOSPITAL, state="published")[-1]
        for number, person in enumerate(people):
            resident = service.bookings.deposit(HOSPITAL, person)
            service.bookings.book(f"{free.id}.{number + 1:03d}", resident, part="staff")
        service.index.export(tmp_path / "export.db")
    finally:
        service.close()
    secrets = [text for p in people for text in (p.name, p.document, p.phone)]
    network = city.platform.networks.connect(city.network, "DataBureauMSP/admin")
    ledger = build_service(city.platform, city.network).ledger
    scanned = 0
    with network.block_events(start_block=0) as events:
        for block in events:
            data = block.SerializeToString()
            scanned += 1
            for secret in secrets:
                assert secret.encode() not in data
            if block.header.number + 1 >= ledger.height():
                break
    assert scanned > 10
    folder = city.platform.workspace.folder
    files = [p for p in (*folder.glob("slots/**/*"), *folder.glob("logs/**/*"), tmp_path / "export.db") if p.is_file()]
    files += [p for p in folder.glob("networks/**/*.log") if p.is_file()]
    assert len(files) >= 3
    for path in files:
        data = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in data, path


def test_index_rebuilt_from_the_network_has_the_same_bytes(city, demo, tmp_path: Path):
    service = build_service(city.platform, city.network)
    other = SlotIndex(tmp_path / "other.db")
    try:
        service.refresh()
        other.sync(service.ledger)
        first, second = service.index.export(tmp_path / "a.db"), other.export(tmp_path / "b.db")
        assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    finally:
        other.close()
        service.close()
