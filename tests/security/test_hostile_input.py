"""Hostile input at every door: one clear refusal, never an internal error, never a formula in a spreadsheet."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

from apps.health_slots.schedule import preview_file
from apps.health_slots.serving.board import board_app
from apps.health_slots.ui.audit import write_report
from baas.csv_cells import harmless
from baas.errors import CityChainError, UserError
from chaincode.kit.fields import Fields
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.plain_text import deceptive
from tests.apps.health_slots.conftest import HEADINGS
from tests.chaincode.health_slots.conftest import AUTHORITY, STAFF, refused


@pytest.mark.parametrize("path", ["/h/H1?from=0001-01-01", "/h/H1?from=9999-12-31", "/h/H1?from=1-1-1"])
def test_the_ends_of_the_calendar_are_refused_by_the_board(town, path):
    town.publish()
    with TestClient(board_app(town.service), raise_server_exceptions=False) as client:
        assert client.get(path).status_code == 400


EDGES = ("0001-01-01", "9999-12-31", "0001-01", "9999-12", "9999-12-31T23:59:59-08:00", "0001-01-01T00:00Z")


def test_the_ends_of_the_calendar_are_refused_by_fhir(http):
    for resource, name in (("Slot", "start"), ("Schedule", "date"), ("Appointment", "date")):
        for date in EDGES:
            for prefix in ("ge", "le", ""):
                answer = http.get(f"/fhir/{resource}", params={name: prefix + date})
                assert answer.status_code == 400, (resource, prefix, date)
                assert answer.json()["issue"][0]["code"] == "invalid"


def test_fhir_names_what_is_not_there(http):
    answer = http.get("/fhir/Slot/nope")
    assert answer.status_code == 404
    assert "nope" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("id", ["A\x00B", "A\U0010ffffB", "A\ud800B"])
def test_ids_that_no_key_can_hold_are_bad_requests(contract_city, id):
    for function in ("GetAppointment", "GetHospital"):
        with pytest.raises((ChaincodeError, UnicodeEncodeError)) as refusal:
            contract_city.ask(AUTHORITY, function, id)
        if isinstance(refusal.value, ChaincodeError):
            assert refusal.value.status == 400


@pytest.mark.parametrize(
    "name",
    [
        "协和\u202e医院",
        "协和\u200b医院",
        "\ufeff协和医院",
        "协和\u2066医院",
        "Pеking",  # a Cyrillic е
        "Βeijing",  # a Greek Β
        "协和\u3164",
        "医院\U0010ffff",
        "医\u2028院",
    ],
)
def test_names_that_read_as_others_are_refused(contract_city, name):
    with refused("DECEPTIVE_TEXT"):
        contract_city.do(STAFF, "RegisterUnits", "H1", {"departments": [{"id": "X1", "name": name}], "doctors": []})
    with pytest.raises(ChaincodeError, match="INVALID_FIELD: title"):
        Fields({"title": name}).text("title", 200)
    with pytest.raises(ChaincodeError, match="INVALID_FIELD: owner"):
        Fields({"owner": f"CopyrightMSP/{name}"}).party("owner")


@pytest.mark.parametrize(
    "name",
    [
        "协和医院",
        "α-helix 入门",
        "μ介子",
        "Ωmega 3 型",
        "Война и мир",
        "北京 Peking 医院",
        "café",
        "𠮷野家",
        "Ｎｏ．１",
    ],
)
def test_honest_names_of_many_scripts_stay(name):
    assert deceptive(name) == ""


def book(path: Path, far: bool = False) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    for column, heading in enumerate(HEADINGS, start=1):
        sheet.cell(1, column, heading)
    if far:
        sheet.cell(1_048_576, 1, "CARD")
    made.save(path)
    return path


def poisoned(path: Path, member: str, content: bytes) -> Path:
    """The same workbook with one member replaced."""
    source = book(path.with_suffix(".whole.xlsx"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == member else old.read(entry))
    return path


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">%s]><l>&j;</l>""" % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<", b"\x00" * 40, b"<worksheet/>", BOMB, BOMB.decode().encode("utf-16")])
def test_damaged_and_hostile_workbooks_are_refused_in_words(tmp_path, member, content):
    path = poisoned(tmp_path / "schedule.xlsx", member, content)
    try:
        found = preview_file(path)
    except CityChainError as error:
        assert isinstance(error, UserError)
    else:
        assert not found.importable


def test_a_cell_in_the_last_row_is_not_walked_to(tmp_path):
    with pytest.raises(UserError) as refusal:
        preview_file(book(tmp_path / "far.xlsx", far=True))
    assert refusal.value.code == "file_damaged"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_is_run_by_a_spreadsheet(start):
    assert harmless(f"{start}cmd|'/c calc'!A1").startswith("'")
    assert harmless(-5) == -5


def test_the_audits_table_is_guarded(town, tmp_path):
    town.publish()
    report = town.service.audit(hospital="H1")
    finding = report.findings[0] if report.findings else None
    if finding is None:
        town.service.schedules.stop(town.service.sessions(hospital="H1")[0].id, "emergency")
        report = town.service.audit(hospital="H1")
        finding = report.findings[0]
    object.__setattr__(finding, "signer", "=HYPERLINK(1)")
    target = write_report(tmp_path / "a.csv", report)
    with target.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith("=")]


def test_a_portal_cannot_take_the_desks_name(portals):
    with pytest.raises(UserError):
        portals.registry.add("citydesk")


def test_a_portals_appointments_are_its_own_by_organisation_too(town, portals, http):
    """A window of hospital organisation X named `alpha` is not portal `alpha`."""
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    assert http.get(f"/fhir/Appointment/{booked.id}").status_code == 404
