"""Clocks that run wrong, and who sees a patient's data: on the embedded ledger and on real Fabric alike."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from apps.health_slots.model import Identity, SlotQuery
from apps.health_slots.samples import write_schedule
from apps.health_slots.service import HealthSlotsService, build_service
from apps.health_slots.services.families import Signed
from apps.health_slots.serving.board import board_app
from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.serving.portals import PlatformPortals
from baas.errors import CityChainError, LedgerError
from fabric_sdk import clock
from tests.conftest import City, close_city, make_city
from tests.moments import shift
from tests.people import card

HOSPITAL = "H0009"
AGES = (70, 40, 8)
PEOPLE = [Identity(f"尉迟双账{n}", "01", card(n, "19550202"), f"1361234{n:04d}") for n in range(4)]
SECRETS = [text for p in PEOPLE for text in (p.name, p.document, p.phone)]


@pytest.fixture(scope="module", params=["embedded", pytest.param("native", marks=pytest.mark.e2e)])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    if request.param == "native":
        from network.drivers import make_driver
        from network.topology import template
        from network.vault import MemoryVault

        spec = template("city", network_name="city", runtime="native")
        capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
        if not capability.available:
            pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    made = make_city(tmp_path_factory.mktemp(request.param) / "workspace", request.param)
    yield made
    close_city(made)


@pytest.fixture(scope="module")
def service(ledger: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HealthSlotsService]:
    import datetime as dt

    made = build_service(ledger.platform, ledger.network)
    made.set_up({HOSPITAL: "市第九人民医院"})
    made.rules.set_policy(HOSPITAL, {"release_mode": "after-commit", "release_delay_s": 0, "per_department_day": 9})
    tomorrow = clock.today() + dt.timedelta(days=1)
    made.schedules.import_file(HOSPITAL, write_schedule(tmp_path_factory.mktemp("s") / "s.csv", tomorrow))
    made.schedules.release(HOSPITAL)
    yield made
    made.close()


def free(service: HealthSlotsService, count: int) -> list[str]:
    service.refresh()
    return [s.id for s in service.search(SlotQuery(hospital=HOSPITAL, pool="online", limit=count)).slots]


@pytest.mark.parametrize("off", [-3600, -330, 330, 3600])
def test_a_clock_that_runs_wrong_changes_nothing(service, monkeypatch, off):
    """The client writes a transaction's time; every endorsing peer compares it with its own clock."""
    (slot,) = free(service, 1)
    resident = service.bookings.resident(PEOPLE[0])
    height = service.ledger.height()
    with monkeypatch.context() as patch:
        shift(patch, off)
        for attempt in (lambda: service.bookings.book(slot, resident), lambda: service.bookings.hold(slot, resident)):
            with pytest.raises(CityChainError) as refusal:
                attempt()
            # Beyond 15 minutes a real peer refuses by itself, before the contract is asked.
            assert refusal.value.code in ({"clock_differs"} if abs(off) < 900 else {"clock_differs", "clock_wrong"})
    assert service.ledger.height() == height
    assert free(service, 1) == [slot]


@pytest.mark.parametrize("off", [-60, -2, 60])
def test_a_clock_that_is_a_minute_off_does_everything(service, monkeypatch, off):
    """Releasing and queueing were refused by any node that was seconds behind or half a minute ahead."""
    slot, other = free(service, 2)
    resident = service.bookings.resident(Identity("样例", "01", card(500 + off), "0"))
    there = clock.seconds()
    try:
        with monkeypatch.context() as patch:
            shift(patch, off)
            booked = service.bookings.book(slot, resident)
            session = other.rpartition(".")[0]
            service.waiting.join(session, resident)
            service.waiting.leave(session, resident)
            draw = f"OFF{off}"
            service.draws.open(draw, HOSPITAL, [other], apply_s=60)
            service.draws.apply(draw, resident)
            assert abs(service.now() - clock.seconds() + off) < 5
    finally:
        service.ledger.clock.compare(clock.seconds)
    assert abs(booked.created_at - there) < 30


def test_a_clock_that_is_a_little_off_books_but_does_not_queue(service, monkeypatch):
    slot, other = free(service, 2)
    resident = service.bookings.resident(PEOPLE[1])
    with monkeypatch.context() as patch:
        shift(patch, -80)
        booked = service.bookings.book(slot, resident)
        assert abs(booked.created_at - clock.seconds()) < 60
        with pytest.raises(LedgerError) as refusal:
            service.waiting.join(other.rpartition(".")[0], resident)
        assert refusal.value.code == "clock_differs"


def test_only_the_hospital_holds_who_a_resident_is(ledger, service, tmp_path):
    """Blocks, everything that other organisations' nodes keep, indexes, logs, exports, board and FHIR: no patient."""
    slots = free(service, len(PEOPLE))
    for slot, person in zip(slots, PEOPLE, strict=True):
        resident = service.bookings.deposit(HOSPITAL, person)
        service.bookings.book(slot, resident)
        for part in ("authority", "platform", "portal"):
            with pytest.raises(LedgerError) as refusal:
                service.ledger.evaluate(part, "ReadIdentity", HOSPITAL, resident)
            assert refusal.value.code == "forbidden"
    assert service.bookings.identity(HOSPITAL, service.bookings.resident(PEOPLE[0]))["name"] == PEOPLE[0].name

    network = ledger.platform.networks.connect(ledger.network, "DataBureauMSP/admin")
    blocks = []
    with network.block_events(start_block=0) as events:
        for block in events:
            blocks.append(block.SerializeToString())
            if len(blocks) >= service.ledger.height():
                break
    scan({f"block {n}": data for n, data in enumerate(blocks)})

    service.index.export(tmp_path / "export.db")
    folder = ledger.platform.workspace.folder
    files = [p for p in (*folder.rglob("*"), tmp_path / "export.db") if p.is_file() and others_may_read(p)]
    assert len(files) > 20
    scan({str(p): p.read_bytes() for p in files})

    portals = PlatformPortals(ledger.platform, ledger.network, service.index)
    token = portals.registry.add(f"scan{int(clock.seconds()) % 100000}")
    pages = {}
    with TestClient(fhir_app(portals)) as http:
        http.headers["Authorization"] = f"Bearer {token}"
        for path in ("Slot?status=busy", "Slot?status=free", "Schedule", "Appointment", "metadata"):
            pages[path] = http.get(f"/fhir/{path}").content
    with TestClient(board_app(service)) as http:
        for path in ("/", f"/h/{HOSPITAL}", f"/s/{slots[0].rpartition('.')[0]}", f"/proof/{slots[0]}"):
            pages[path] = http.get(path).content
    scan(pages)
    assert all(page for page in pages.values())


def test_whose_family_somebody_is_and_what_they_signed_last(ledger, service):
    """A consent made shorter is not brought back, a portal asks for nobody's family, and no block names either."""
    born = [f"{clock.today().year - age}0101" for age in AGES]
    old, grown, child = (Identity(f"司徒家{n}", "01", card(40 + n, day), "0") for n, day in enumerate(born))
    key, families = Ed25519PrivateKey.generate(), service.families
    resident = service.bookings.deposit(HOSPITAL, old, part="staff")
    service.residents.bind_key(HOSPITAL, resident, key.public_key().public_bytes_raw())
    long, short = service.now() + 86_400 * 30, service.now() + 86_400

    def signed(until: int) -> Signed:
        text = families.text(HOSPITAL, old, grown, until)
        return Signed(key.sign(text).hex(), json.loads(text)["at"])

    first = signed(long)
    families.link(HOSPITAL, old, grown, "consent", long, part="portal", signed=first)
    time.sleep(1.1)  # what is signed says when, to the second
    families.link(HOSPITAL, old, grown, "consent", short, part="portal", signed=signed(short))
    with pytest.raises(LedgerError) as replayed:
        families.link(HOSPITAL, old, grown, "consent", long, part="portal", signed=first)
    assert replayed.value.code == "bad_signature"
    families.link(HOSPITAL, child, grown, "minor", long)
    with pytest.raises(LedgerError) as asking:
        families.members(HOSPITAL, grown, part="portal")
    assert asking.value.code == "forbidden"
    found = families.members(HOSPITAL, grown)
    assert {(one.kind, one.until) for one in found} == {("consent", short), ("minor", long)}
    assert resident not in {one.who for one in found}

    (slot,) = free(service, 1)
    who = service.bookings.resident(grown)
    booked = service.bookings.book(slot, service.bookings.deposit(HOSPITAL, child), guardian=who)
    assert families.acted(booked.id)["kind"] == "minor"
    told = [one.encode() for person in (old, grown, child) for one in (person.name, person.document)]
    told += [resident.encode(), families.acted(booked.id)["account"].encode()]
    network = ledger.platform.networks.connect(ledger.network, "DataBureauMSP/admin")
    with network.block_events(start_block=0) as events:
        written = [next(events).SerializeToString() for _ in range(service.ledger.height())]
    # The grandmother's account stands where her key was bound, and nowhere that names the family.
    assert [sum(secret in block for block in written) > 0 for secret in told] == [False] * 6 + [True, False]


def others_may_read(path: Path) -> bool:
    """Everything but what the hospital's own peer keeps; the embedded ledger keeps all peers in one place."""
    return (
        "hospital" not in str(path).lower()
        and not path.name.startswith(("ledger.db", "transient.db"))
        and "sock" not in path.suffix
    )


def scan(texts: dict[str, bytes]) -> None:
    for where, data in texts.items():
        for secret in SECRETS:
            assert secret.encode() not in data, where


def test_a_purged_identity_is_gone_for_everybody(service):
    resident = service.bookings.deposit(HOSPITAL, PEOPLE[3])
    assert service.bookings.has_identity(HOSPITAL, resident)
    service.bookings.purge(HOSPITAL, resident)
    assert not service.bookings.has_identity(HOSPITAL, resident)
    for part in ("staff", "authority"):
        with pytest.raises(LedgerError) as refusal:
            service.ledger.submit(part, "LookAtIdentity", HOSPITAL, resident, "check-in")
        assert refusal.value.code == ("not_found" if part == "staff" else "forbidden")
