"""Makes the schedule files of this folder that no editor should touch: workbooks of every kind, and odd encodings.

    python make.py FOLDER      (needs xlwt for the .xls, which nothing else here does)

What each file says stands in `expected.json`, written by hand.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

FULL = [
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "职称",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
]
ROW = ["NEU", "神经内科", "N1", "专家甲", "主任医师", "2026-12-02", "上午", "08:00", "12:00", 24, "专家", "线上", 30]


def row(**changes: Any) -> list[Any]:
    return [changes.get(name, value) for name, value in zip(FULL, ROW, strict=True)]


def book(path: Path, rows: list[list[Any]]) -> Worksheet:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for line in rows:
        sheet.append(line)
    made.save(path)
    return sheet


def edited(path: Path, rows: list[list[Any]], edit: Any) -> None:
    made = openpyxl.Workbook()
    for line in rows:
        made.active.append(line)
    edit(made)
    made.save(path)


def text(path: Path, rows: list[list[Any]], encoding: str = "utf-8", separator: str = ",") -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))


def titles(made: Any) -> None:
    sheet = made.active
    sheet.insert_rows(1, 3)
    sheet["A1"] = "某医院 2026 年 12 月门诊排班表"
    sheet.merge_cells("A1:M1")
    sheet["A2"] = "制表：门诊部　　打印时间：2026-11-20 09:12"


def several(made: Any) -> None:
    second = made.create_sheet("儿科")
    for line in (
        FULL,
        row(
            科室编号="PED",
            科室="儿科",
            医生编号="P1",
            医生="专家乙",
            时段="下午",
            开始="14:00",
            结束="17:00",
            号源数=18,
        ),
    ):
        second.append(line)
    made.active.title = "神经内科"
    note = made.create_sheet("说明")
    note["A1"] = "本表仅供参考"
    hidden = made.create_sheet("去年", 0)
    for line in (FULL, row(日期="2025-12-02")):
        hidden.append(line)
    hidden.sheet_state = "hidden"


def merged_table(made: Any) -> None:
    sheet = made.active
    for area in ("A2:A4", "B2:B4", "C2:C4", "D2:D4", "E2:E4", "F2:F3", "K2:K4", "L2:L4", "M2:M4"):
        sheet.merge_cells(area)


def xls(path: Path) -> None:
    import xlwt

    made = xlwt.Workbook(encoding="utf-8")
    hidden = made.add_sheet("旧")
    hidden.visibility = 1
    hidden.write(0, 0, "x")
    sheet = made.add_sheet("门诊")
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    clock = xlwt.easyxf(num_format_str="hh:mm")
    sheet.write_merge(0, 0, 0, 12, "十二月排班")
    for column, name in enumerate(FULL):
        sheet.write(1, column, name)
    for line, (part, start, end, count) in enumerate((("上午", 8, 12, 24), ("下午", 14, 17, 18)), start=2):
        for column, value in enumerate(row(时段=part, 号源数=count)):
            if column not in (0, 1, 5, 7, 8):
                sheet.write(line, column, value)
        sheet.write(line, 5, dt.datetime(2026, 12, 2), date)
        sheet.write(line, 7, dt.time(start), clock)
        sheet.write(line, 8, dt.time(end), clock)
    sheet.write_merge(2, 3, 0, 0, "NEU")
    sheet.write_merge(2, 3, 1, 1, "神经内科")
    made.save(str(path))


NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)


def ods(path: Path) -> None:
    def cell(value: Any, down: int = 1) -> str:
        span = f' table:number-rows-spanned="{down}" table:number-columns-spanned="1"' if down > 1 else ""
        if isinstance(value, dt.date):
            return f'<table:table-cell{span} office:value-type="date" office:date-value="{value}"/>'
        if isinstance(value, dt.time):
            said = f"PT{value.hour:02}H{value.minute:02}M00S"
            return f'<table:table-cell{span} office:value-type="time" office:time-value="{said}"/>'
        if isinstance(value, int):
            return f'<table:table-cell{span} office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell{span} office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    def line(values: list[Any]) -> str:
        rest = '<table:table-cell table:number-columns-repeated="16371"/>'
        return f"<table:table-row>{''.join(values)}{rest}</table:table-row>"

    day, eight, noon = dt.date(2026, 12, 2), dt.time(8), dt.time(12)
    head = line([cell(name) for name in FULL])
    values = row(日期=day, 开始=eight, 结束=noon)
    first = line([cell(v, 2 if n < 5 else 1) for n, v in enumerate(values)])
    after = row(日期=day, 时段="下午", 开始=dt.time(14), 结束=dt.time(17), 号源数=18)
    second = line(["<table:covered-table-cell/>"] * 5 + [cell(v) for v in after[5:]])
    past = line([cell(v) for v in row(日期=dt.date(2025, 1, 1))])
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES}><office:automatic-styles>'
        '<style:style style:name="ta2" style:family="table">'
        '<style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="旧表" table:style-name="ta2">{head}{past}'
        "</table:table>"
        f'<table:table table:name="排班" table:style-name="ta1">{line([cell("十二月排班")])}{head}{first}{second}'
        '<table:table-row table:number-rows-repeated="1048571">'
        '<table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)


def main(folder: Path) -> None:
    edited(folder / "01-title-above.xlsx", [FULL, row()], titles)
    edited(folder / "04-several-sheets.xlsx", [FULL, row()], several)
    edited(
        folder / "08-merged-days.xlsx",
        [FULL, row(), row(时段="下午", 开始="14:00", 结束="17:00", 号源数=18), row(日期="2026-12-03")],
        merged_table,
    )
    text(folder / "11-ids.csv", [FULL, row(科室编号="内-01", 医生编号="张_3"), row(医生编号="0012", 医生="专家乙")])
    text(folder / "12-uneven.csv", [FULL, row(结束="11:30", 号源数=25)])
    text(folder / "13-uneven-half-hours.csv", [FULL, row(结束="11:30", 号源数=25)])
    text(
        folder / "14-blank-below.csv",
        [FULL, row(), ["", "", "", "", "", "", "下午", "14:00", "17:00", 18, "专家", "线上", 30]],
    )
    hours = [*FULL[:7], "出诊时间", *FULL[9:]]
    text(
        folder / "16-hours-in-one.csv",
        [hours, [*ROW[:7], "8:00～12:00", *ROW[9:]], [*ROW[:5], "2026-12-03", "夜间", "20:00-次日02:00", *ROW[9:]]],
    )
    no_times = [*FULL[:7], *FULL[9:]]
    text(folder / "17-no-times.csv", [no_times, [*ROW[:7], *ROW[9:]], [*ROW[:6], "下午", *ROW[9:]]])
    text(
        folder / "18-unknown-headings.csv",
        [["KS", "KSMC", "YS", "YSXM", "RQ", "SXW", "KSSJ", "JSSJ", "XH"], [ROW[0], ROW[1], ROW[2], ROW[3], *ROW[5:10]]],
    )
    text(folder / "19-kinds-and-pools.csv", [FULL, row(号别="副主任号", 号源池="支付宝")])
    text(folder / "20-gbk-tab.tsv", [FULL, row()], "gbk", "\t")
    text(folder / "21-utf16.csv", [FULL, row()], "utf-16", ";")
    text(
        folder / "22-subtotals.csv",
        [
            FULL,
            row(),
            ["小计", *[""] * 8, 24],
            row(医生编号="N2", 医生="专家乙", 号源数=12),
            ["小 计", *[""] * 8, 12],
            ["总计", *[""] * 8, 36],
        ],
    )
    text(folder / "23-wrong-total.csv", [FULL, row(), ["合计", *[""] * 8, 30]])
    text(
        folder / "24-chinese-numbers.csv",
        [FULL, row(日期="二〇二六年十二月二日", 开始="8点", 结束="12点", 号源数="二十四", 挂号费="三十元")],
    )
    text(folder / "25-weekday-in-date.csv", [FULL, row(日期="2026-12-02（星期三）", 开始="上午8:00", 结束="12时00分")])
    text(folder / "26-no-day.csv", [FULL, row(日期="2026-02-30"), row(日期="2026-12-02", 医生编号="N2", 医生="专家乙")])
    text(folder / "27-over-today.csv", [FULL, row(日期="2026-11-23", 开始="08:00", 结束="09:00", 号源数=6), row()])
    text(folder / "28-too-far.csv", [FULL, row(日期="2028-02-29")])
    text(folder / "29-more-numbers-than-minutes.csv", [FULL, row(开始="08:00", 结束="08:10", 号源数=24)])
    edited(folder / "30-formula-of-cells.xlsx", [FULL, row(号源数="=SUM(Q1:Q9)")], lambda made: None)
    xls(folder / "31-old-excel.xls")
    ods(folder / "32-libreoffice.ods")
    text(
        folder / "33-day-first.csv",
        [FULL, row(日期="13/12/2026"), row(日期="05/12/2026", 医生编号="N2", 医生="专家乙")],
    )
    text(
        folder / "34-night-overlap.csv",
        [
            FULL,
            row(时段="夜间", 开始="20:00", 结束="02:00", 号源数=36),
            row(日期="2026-12-03", 时段="夜间", 开始="01:00", 结束="03:00", 号源数=12),
        ],
    )
    text(
        folder / "35-blank-lines-and-spaces.csv",
        [["  科室 编号 ", *FULL[1:]], [], ["", " ", ""], [f" {v} " for v in row()], []],
    )
    text(folder / "36-invisible.csv", [FULL, row(医生="专\u202e家甲")])
    text(
        folder / "37-money.csv",
        [
            FULL,
            row(挂号费="￥50.00元"),
            row(医生编号="N2", 医生="专家乙", 挂号费="1,000.5"),
            row(医生编号="N3", 医生="专家丙", 挂号费="3.333"),
        ],
    )
    text(
        folder / "38-everything.csv",
        [
            ["某院排班", *[""] * 12],
            [
                "就诊日期",
                "科室名称",
                "医生工号",
                "医师姓名",
                "午别",
                "限号数",
                "出诊时间",
                "诊金",
                "挂号类别",
                "预约渠道",
            ],
            [
                "１２月２日",
                "内科门诊",
                "内-07",
                "专家甲",
                "Ｓ",
                "２５",
                "８：００—１２：００",
                "￥５０",
                "专家号",
                "微信",
            ],
            ["", "", "", "", "下午", 10, "14:00-17:00", 50, "专家号", "诊间"],
            ["合 计：", "", "", "", "", 35],
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
