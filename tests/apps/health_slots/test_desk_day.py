"""The desk's day: names with one trace, finding in memory, a doctor who stops, paper to hand over."""

from __future__ import annotations

import pytest

from apps.health_slots import papers
from apps.health_slots.services.desk_day import DayRow, find
from baas.errors import LedgerError


@pytest.fixture
def morning(town):
    """A session of twelve, three of them booked, two of whom the hospital knows by name."""
    (session,) = town.publish()
    for number in (1, 2, 3):
        who = town.resident(number)
        town.service.bookings.book(f"{session}.{number:03d}", who)
    town.service.bookings.purge("H1", who)
    return session


def test_the_days_list_has_names_and_one_trace(town, morning):
    rows = town.service.day.rows("H1", "2026-12-03")
    assert [row.name for row in rows] == ["欧阳测试1", "欧阳测试2", ""]
    (look,) = town.service.day.looks("H1", "2026-12-03")
    assert look["purpose"] == "check-in"
    assert "欧阳" not in repr(rows), "names stand in no repr, and so in no log"
    assert town.service.day.rows("H1", "2026-12-04") == ()
    (found,) = town.service.residents.accesses(rows[0].visit.resident)
    assert (found["hospital"], found["purpose"], found["consent"]) == ("H1", "check-in", ""), (
        "the person finds the look"
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("测试2", [2]),
        ("欧阳", [1, 2]),
        ("13900000001", [1]),
        ("0001", [1]),
        ("3", [3]),
        ("003", [3]),
        ("", [1, 2, 3]),
        ("nobody", []),
        ("阳测试1 ", [1]),
    ],
)
def test_finding_by_name_document_phone_and_number(town, morning, text, numbers):
    rows = town.service.day.rows("H1", "2026-12-03")
    assert [row.visit.number for row in find(rows, text)] == numbers
    assert [r.visit.id for r in find(rows, rows[0].visit.id[:6])] == [rows[0].visit.id]


def test_a_doctor_stops_at_half_past_eight_and_the_rest_is_told(town, morning):
    """Twelve slots of ten minutes from eight: those from 08:10 on end; who came before keeps theirs."""
    assert [v.number for v in town.service.day.remaining(morning, 490)] == [2, 3]
    _, told = town.service.day.stop_from(morning, 490, "emergency")
    assert [(row.visit.number, row.name) for row in told] == [(2, "欧阳测试2"), (3, "")]
    states = {v.number: v.state for v in town.service.lists.visits("H1")}
    assert states == {1: "booked", 2: "cancelled", 3: "cancelled"}
    assert {look["purpose"] for look in town.service.day.looks("H1", "2026-12-03")} == {"contact"}
    with pytest.raises(LedgerError):
        town.service.day.stop_from(morning, 490, "emergency")
    _, told = town.service.day.stop_from(morning, None, "emergency")
    assert [row.visit.number for row in told] == [1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paper_says_what_the_ledger_holds_and_escapes_it(town, morning, lang):
    visit = town.service.lists.visits("H1")[0]
    town.service.bills.pay(visit.id, "cash", "C-1", 3000)
    town.service.refresh()
    visit = town.service.lists.visits("H1")[0]
    slip = papers.slip(visit, "<b>医院", "欧阳测试1", lang)
    assert "&lt;b&gt;医院" in slip and "001" in slip and "2026-12-03 08:00–08:10" in slip and "¥30.00" in slip
    receipt = papers.receipt(visit, "医院", "", town.service.lists.postings_of(visit.id), lang)
    assert "C-1" in receipt and receipt.count("¥30.00") == 2 and visit.resident[:10] in receipt
    assert ("本凭条不是发票" in receipt) == (lang == "zh")
    listed = papers.day_list([DayRow(visit, "<i>")], "医院", "2026-12-03", lang)
    assert "&lt;i&gt;" in listed and "<i>" not in listed
