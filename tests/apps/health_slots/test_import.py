"""Schedules as hospitals really send them: encodings, Excel's dates, bad lines, a million rows."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.health_slots.samples import write_schedule
from apps.health_slots.schedule import preview_file
from apps.health_slots.schedule.fields import FieldProblem, read_date, read_fee, read_minute
from apps.health_slots.schedule.staging import StagedSessions
from baas.errors import CityChainError, NotFound, UserError

TODAY = dt.date(2026, 11, 23)
HEADINGS = [
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
]
ROW = ["CARD", "心血管内科", "D1", "专家一", "2026-12-03", "上午", "08:00", "10:00", "12", "专家", "线上", "30.50"]


HOURS = [("08:00", "10:00"), ("10:00", "12:00")]


def csv_file(tmp_path, rows, encoding="utf-8", headings=HEADINGS, separator=","):
    path = tmp_path / "s.csv"
    path.write_bytes("\r\n".join(separator.join(map(str, r)) for r in [headings, *rows]).encode(encoding))
    return path


def changed(**values):
    row = dict(zip(HEADINGS, ROW, strict=True)) | values
    return [row[h] for h in HEADINGS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path, encoding, separator):
    found = preview_file(csv_file(tmp_path, [ROW], encoding, separator=separator), today=TODAY)
    (session,) = found.sessions
    assert (session.department_name, session.fee, session.count) == ("心血管内科", 3050, 12)
    assert session.runs == ((480, 10, 12, "online"),)


def test_marks_at_the_beginning_do_not_hide_the_first_column(tmp_path):
    """Byte-order marks of GB18030, twice in UTF-8, in front of UTF-16."""
    text = "\ufeff" + "\r\n".join(",".join(r) for r in (HEADINGS, ROW))
    for encoding in ("gb18030", "utf-8-sig", "utf-16-le", "utf-16-be"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        assert preview_file(path, today=TODAY).importable, encoding


def test_wrong_encodings_are_named(tmp_path):
    """A UTF-8 file with one damaged line says which; UTF-16 without its mark is no table."""
    path = tmp_path / "s.csv"
    lines = [",".join(HEADINGS), ",".join(ROW), ",".join(changed(医生编号="D2", 医生="专家二"))]
    path.write_bytes("\n".join(lines).encode() + b"\nCARD,\xe5\xbf\xff\n")
    with pytest.raises(UserError, match="line 4") as refusal:
        preview_file(path, today=TODAY)
    assert refusal.value.code == "file_damaged"
    path.write_bytes("\n".join(lines).encode("utf-16-le"))
    with pytest.raises(UserError) as refusal:
        preview_file(path, today=TODAY)
    assert refusal.value.code == "not_a_table"


def test_excel_numbers_that_became_text_in_a_csv(tmp_path):
    row = changed(日期="46359", 开始="0.333333333333333", 结束="0.416666666666667")
    (session,) = preview_file(csv_file(tmp_path, [row]), today=TODAY).sessions
    assert (session.date, session.start, session.end) == ("2026-12-03", 480, 600)


def test_english_headings(tmp_path):
    headings = ["department", "department_name", "doctor", "doctor_name", "date", "part", "start", "end", "count"]
    found = preview_file(csv_file(tmp_path, [ROW[:9]], headings=headings), today=TODAY)
    assert found.importable


def test_excel_cells_of_every_kind(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    dates = [
        dt.datetime(2026, 12, 1),
        dt.date(2026, 12, 2),
        46359,
        46360.0,
        "46361",
        "2026/12/6",
        "2026年12月7日",
        "20261208",
    ]
    for number, date in enumerate(dates):
        start = [dt.time(8, 0), 1 / 3, "8:00", dt.datetime(1899, 12, 30, 8, 0)][number % 4]
        sheet.append(["CARD", "心血管内科", "D1", "专家一", date, "上午", start, "10:00", 12, "专家", "线上", 30.5])
    path = tmp_path / "s.xlsx"
    book.save(path)
    found = preview_file(path, today=TODAY)
    assert found.bad == ()
    assert [s.date for s in found.sessions] == [f"2026-12-0{n}" for n in range(1, 9)]
    assert {s.start for s in found.sessions} == {480}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (changed(日期="2026-11-22"), "the date is over"),
        (changed(日期="2026-13-01"), "There is no such day"),
        (changed(日期="12/03/2026"), "can be read in two ways"),
        (changed(日期="99999"), "No date"),
        (changed(日期=""), "must not be empty"),
        (changed(时段="中午"), "Unknown part"),
        (changed(开始="25:00"), "No time"),
        (changed(开始="11:00"), "it ends before it begins"),
        (changed(号源数="0"), "The count is"),
        (changed(结束="08:10"), "do not hold"),
        (changed(号源数="401"), "The count is"),
        (changed(科室编号="心" * 41), "An id is"),
        (changed(挂号费="三十块五"), "No fee"),
        (changed(号别="神奇"), "Unknown kind"),
        (changed(医生="x" * 201), "is too long"),
        (ROW[:5], "must not be empty"),
    ],
)
def test_each_bad_line_says_why(tmp_path, row, why):
    good = changed(医生编号="D2", 医生="专家二")
    found = preview_file(csv_file(tmp_path, [good, row]), today=TODAY)
    (bad,) = found.bad
    assert bad.line == 3 and why in str(bad.why)
    assert not found.importable
    with pytest.raises(UserError):
        found.require_importable()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (ROW, "repeats line 2"),
        (changed(时段="下午", 开始="09:30", 结束="11:30"), "overlaps the session of line 2"),
        (changed(科室="呼吸内科"), "differs from line 2"),
        (changed(开始="10:00", 结束="12:00", 挂号费="99"), "several fees"),
    ],
)
def test_lines_that_contradict_each_other(tmp_path, row, why):
    found = preview_file(csv_file(tmp_path, [ROW, row]), today=TODAY)
    assert [why in str(b.why) for b in found.bad] == [True]


def test_a_long_session_overlaps_more_than_its_neighbour(tmp_path):
    rows = [
        changed(开始="08:00", 结束="18:00", 号源数="10"),
        changed(时段="下午", 开始="08:30", 结束="09:00", 号源数="3"),
        changed(时段="夜间", 开始="17:00", 结束="17:30", 号源数="3"),
    ]
    assert preview_file(csv_file(tmp_path, rows), today=TODAY).bad_count == 2


def test_bad_file_imports_nothing(town):
    file = town.schedule([town.row(), town.row(医生编号="D2", 医生="专家二", 日期="never")])
    before = town.ledger.height()
    with pytest.raises(UserError):
        town.service.schedules.import_file("H1", file, today=TODAY)
    assert town.ledger.height() == before
    assert town.service.schedules.unshared() == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02" * 100,
        b"PK\x03\x04 this is no zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
        b"\xff\xfe\x00\xd8\x00\xd8",
        b"a,b,c\n1,2,3\n",
        b"\n\n\n",
        "科室编号,科室\n".encode("gbk") + b"\xff\xff\n",
        b'"' + b"x" * 400_000,
    ],
)
def test_files_that_are_no_schedule(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CityChainError) as refusal:
        preview_file(path, today=TODAY)
    assert refusal.value.exit_code == 2


ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="s">%s</table:table></office:spreadsheet></office:body></office:document-content>'
)
CELL = '<table:table-cell table:number-columns-repeated="%s"><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    "content",
    [
        ODS % f'<table:table-row table:number-rows-repeated="999999999">{CELL % 999999999}</table:table-row>',
        ODS % ("<table:table-row>" + CELL % 1 * 300_000 + "</table:table-row>"),
        ODS % "<table:table-row><table:table-cell>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>" + ODS % "",
        ODS % ("<table:table-row><table:table-cell>" * 5000),
        "",
    ],
)
def test_hostile_open_documents_are_refused_in_bounded_memory(tmp_path, content):
    path = tmp_path / "s.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    tracemalloc.start()
    with pytest.raises(CityChainError) as refusal:
        preview_file(path, today=TODAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.exit_code == 2 and peak < 100 * 1024 * 1024


@settings(max_examples=60, deadline=None)
@given(
    where=st.integers(0, 5000), what=st.binary(min_size=1, max_size=40), name=st.sampled_from(["xls", "ods", "xlsx"])
)
def test_damaged_workbooks_are_read_or_refused(tmp_path_factory, where, what, name):
    files = Path(__file__).parent / "files"
    source = {"xls": "31-old-excel.xls", "ods": "32-libreoffice.ods", "xlsx": "08-merged-days.xlsx"}[name]
    data = bytearray((files / source).read_bytes())
    where %= len(data)
    data[where : where + len(what)] = what
    path = tmp_path_factory.getbasetemp() / f"damaged.{name}"
    path.write_bytes(data)
    try:
        preview_file(path, today=TODAY)
    except CityChainError as error:
        assert error.exit_code == 2


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(NotFound):
        preview_file(tmp_path / "none.csv", today=TODAY)
    with pytest.raises(UserError):
        preview_file(tmp_path, today=TODAY)


def test_files_beyond_the_limits_are_refused(tmp_path, monkeypatch):
    rows = [changed(医生编号=f"D{n}", 医生=f"d{n}") for n in range(1001)]
    file = csv_file(tmp_path, rows)
    for name in ("checking.MAX_ROWS", "tables.MAX_BYTES"):
        with monkeypatch.context() as patch:
            patch.setattr(f"apps.health_slots.schedule.{name}", 1000)
            with pytest.raises(UserError, match="too large") as refusal:
                preview_file(file, today=TODAY)
            assert refusal.value.code == "file_too_large"


def test_large_files_stay_on_disk_and_read_the_same(tmp_path, monkeypatch):
    """Beyond a few sessions the preview reads them from the temporary database, in the file's order."""
    rows = [changed(医生编号=f"D{n}", 医生=f"d{n}", 开始=start, 结束=end) for n in range(700) for start, end in HOURS]
    file = csv_file(tmp_path, rows)
    small = preview_file(file, today=TODAY).sessions
    monkeypatch.setattr("apps.health_slots.schedule.checking.IN_MEMORY", 10)
    large = preview_file(file, today=TODAY)
    assert isinstance(small, tuple) and isinstance(large.sessions, StagedSessions)
    assert len(large.sessions) == 700 and tuple(large.sessions) == small
    assert (large.sessions[-1], large.sessions[5:9], large.sessions[8:4:-2]) == (small[-1], small[5:9], small[8:4:-2])
    assert large.slots == sum(s.count for s in small) == 700 * 24
    assert [s.lines for s in small[:2]] == [(2, 3), (4, 5)]
    with pytest.raises(IndexError):
        large.sessions[700]


def test_every_bad_line_of_a_large_file_can_be_read(tmp_path):
    rows = [changed(日期="x") if n % 2 else changed(医生编号=f"D{n}", 医生=f"d{n}") for n in range(3000)]
    found = preview_file(csv_file(tmp_path, [*rows, rows[0]]), today=TODAY)
    assert (found.bad_count, len(found.bad), found.rows) == (1501, 500, 3001)
    every = list(found.every_bad())
    assert [b.line for b in every] == [*range(3, 3002, 2), 3002]
    assert "repeats line 2" in str(every[-1].why)


def test_many_bad_lines_are_counted_not_kept(tmp_path):
    tracemalloc.start()
    found = preview_file(csv_file(tmp_path, [changed(日期="x")] * 5000), today=TODAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.bad_count, len(found.bad)) == (5000, 500)
    assert peak < 30 * 1024 * 1024


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.integers() | st.floats() | st.none() | st.datetimes() | st.times())
def test_cells_are_read_or_refused(cell):
    for read in (read_date, read_minute, read_fee):
        try:
            value = read(cell)
        except FieldProblem as problem:
            assert len(str(problem.text)) < 300
        else:
            assert value is not None


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=2000))
def test_arbitrary_bytes_never_crash(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    try:
        preview_file(path, today=TODAY)
    except CityChainError as error:
        assert error.exit_code == 2


def test_sample_is_importable(tmp_path):
    found = preview_file(write_schedule(tmp_path / "s.csv", TODAY), today=TODAY)
    assert found.importable and found.slots == 1104
