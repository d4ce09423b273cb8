"""What a desk hands over on paper: the slip of an appointment, the receipt of what was paid, the day's list.

Plain HTML that prints on anything; names stand on paper because the resident or the desk holds it, nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

from apps.health_slots.model import channel_title
from apps.health_slots.services.desk_day import DayRow
from apps.health_slots.services.lists import PostingRow, VisitRow
from baas.errors import Text
from fabric_sdk.clock import CHINA
from network.text import Lang

_STYLE = (
    "body{font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:11pt;color:#000;background:#fff}"
    "h1{font-size:15pt;margin:0 0 2pt}p{margin:2pt 0}table{border-collapse:collapse;width:100%;margin:8pt 0}"
    "td,th{padding:3pt 6pt;text-align:left;border-bottom:1px solid #999}td.n{text-align:right}"
    ".big{font-size:26pt;font-weight:bold;margin:6pt 0}small{color:#444}"
)


def slip(visit: VisitRow, hospital: str, name: str, lang: Lang) -> str:
    """The slip that a resident takes along: where, when, which number."""
    rows = [
        (Text("姓名", "Name"), name or visit.resident[:10]),
        *([(Text("院区", "Campus"), visit.campus)] if visit.campus else []),
        (Text("科室", "Department"), visit.department),
        (Text("医生", "Doctor"), visit.doctor),
        (Text("就诊时间", "Time"), f"{moment(visit.begins_at)}–{moment(visit.ends_at, '%H:%M')}"),
        (Text("挂号费", "Fee"), yuan(visit.due)),
        (Text("已付", "Paid"), yuan(visit.paid)),
        (Text("预约号", "Appointment"), visit.id),
    ]
    number = Text("{n} 号", "No. {n}", n=f"{visit.number:03d}").render(lang)
    body = f"<h1>{escape(hospital)}</h1><p>{Text('预约凭条', 'Appointment').render(lang)}</p>"
    body += f'<p class="big">{escape(number)}</p>{_table(rows, lang)}'
    note = Text(
        "请提前到窗口取号；不能来请尽早退号。", "Check in at the desk in time; cancel early if you cannot come."
    )
    return _page(f"{body}<p><small>{note.render(lang)}</small></p>", lang)


def receipt(visit: VisitRow, hospital: str, name: str, postings: Sequence[PostingRow], lang: Lang) -> str:
    """The receipt of every payment and refund of an appointment; it is no invoice, and says so."""
    moves = [p for p in postings if p.cleared[0] and p.why in {"payment", "late-payment", "refund"}]
    head = [
        (Text("姓名", "Name"), name or visit.resident[:10]),
        (Text("科室", "Department"), f"{visit.department} {visit.doctor}"),
        (Text("就诊时间", "Time"), moment(visit.begins_at)),
        (Text("预约号", "Appointment"), visit.id),
    ]
    titles = (Text("时间", "Time"), Text("渠道", "Channel"), Text("流水号", "Reference"), Text("金额", "Amount"))
    lines = "".join(
        f"<tr><td>{moment(p.at)}</td><td>{escape(channel_title(p.cleared[0]).render(lang))}</td>"
        f'<td>{escape(p.reference)}</td><td class="n">{yuan(p.cleared[1])}</td></tr>'
        for p in moves
    )
    total = sum(p.cleared[1] for p in moves)
    title = Text("挂号缴费凭条", "Receipt of the fee").render(lang)
    body = f"<h1>{escape(hospital)}</h1><p>{title}</p>{_table(head, lang)}"
    body += f"<table><tr>{''.join(f'<th>{t.render(lang)}</th>' for t in titles)}</tr>{lines}</table>"
    body += f'<p class="big">{Text("实收", "Received").render(lang)} {yuan(total)}</p>'
    note = Text("本凭条不是发票。", "This is no invoice.")
    return _page(f"{body}<p><small>{note.render(lang)}</small></p>", lang)


def day_list(rows: Sequence[DayRow], hospital: str, date: str, lang: Lang) -> str:
    """The day's list for a desk or a consulting room."""
    titles = (
        *(Text("时间", "Time"), Text("科室", "Department"), Text("医生", "Doctor"), Text("号", "No.")),
        *(Text("姓名", "Name"), Text("手机", "Phone"), Text("签到", "Here")),
    )
    lines = "".join(
        f"<tr><td>{moment(r.visit.begins_at, '%H:%M')}</td><td>{escape(r.visit.department)}</td>"
        f"<td>{escape(r.visit.doctor)}</td><td>{r.visit.number:03d}</td>"
        f"<td>{escape(r.name or r.visit.resident[:10])}</td><td>{escape(r.phone)}</td><td></td></tr>"
        for r in rows
    )
    body = f"<h1>{escape(hospital)} {escape(date)}</h1>"
    body += f"<table><tr>{''.join(f'<th>{t.render(lang)}</th>' for t in titles)}</tr>{lines}</table>"
    return _page(body, lang)


def moment(seconds: int, shape: str = "%Y-%m-%d %H:%M") -> str:
    """A moment by the hospital's clock."""
    return dt.datetime.fromtimestamp(seconds, CHINA).strftime(shape)


def yuan(fen: int) -> str:
    """An amount as paper shows it."""
    return f"¥{fen / 100:,.2f}" if fen >= 0 else f"−¥{-fen / 100:,.2f}"


def _table(rows: Sequence[tuple[Text, str]], lang: Lang) -> str:
    cells = "".join(f"<tr><th>{title.render(lang)}</th><td>{escape(value)}</td></tr>" for title, value in rows)
    return f"<table>{cells}</table>"


def _page(body: str, lang: Lang) -> str:
    code = "zh-CN" if lang == "zh" else "en"
    head = f'<meta charset="utf-8"><style>{_STYLE}</style>'
    return f'<!DOCTYPE html><html lang="{code}"><head>{head}</head><body>{body}</body></html>\n'
