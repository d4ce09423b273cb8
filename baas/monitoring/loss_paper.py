"""A loss drill's report for people: as text and as a page to print, in one language each."""

from __future__ import annotations

import datetime as dt
from html import escape

from baas.errors import Text
from baas.monitoring.loss_drill import LossReport
from network.text import Lang, render

_STYLE = (
    "body{font:15px/1.6 sans-serif;max-width:46rem;margin:2rem auto;color:#1f2328}h1{font-size:1.5rem}"
    "h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #d0d7de;padding:.35rem .5rem;text-align:left;vertical-align:top}"
    "p.good{color:#1a7f37}p.bad{color:#b3261e}@media print{body{margin:0}}"
)


def verdict(report: LossReport) -> Text:
    """What the drill showed, in one sentence."""
    if report.whole:
        return Text(
            "{s} 秒内恢复，已确认的交易没有丢失。",
            "Recovered in {s} s; nothing that was acknowledged is missing.",
            s=f"{report.recover_s:.1f}",
        )
    return Text(
        "恢复不完整：缺少 {n} 笔已确认的交易、{k} 项私有数据。",
        "Not whole: {n} acknowledged transactions and {k} private values are missing.",
        n=report.missing,
        k=report.private_missing,
    )


def as_text(report: LossReport, lang: Lang) -> str:
    """The report as lines of text."""
    lines = [render(_title(report), lang), "", render(verdict(report), lang), ""]
    lines += [f"{render(name, lang)}: {value}" for name, value in _facts(report, lang)]
    lines += ["", *(f"- {render(line, lang)}" for line in _peers(report))]
    return "\n".join([*lines, "", render(_KEYS, lang), *(f"- {serial}" for serial in report.revoked), ""])


def as_html(report: LossReport, lang: Lang) -> str:
    """The report as a page."""
    title = escape(render(_title(report), lang))
    rows = "".join(f"<tr><th>{escape(render(n, lang))}</th><td>{escape(v)}</td></tr>" for n, v in _facts(report, lang))
    peers = "".join(f"<li>{escape(render(line, lang))}</li>" for line in _peers(report))
    keys = "".join(f"<li>{escape(serial)}</li>" for serial in report.revoked)
    mark = "good" if report.whole else "bad"
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><p class="{mark}">{escape(render(verdict(report), lang))}</p><table>{rows}</table>'
        f"<h2>{escape(render(_PEERS, lang))}</h2><ul>{peers}</ul>"
        f"<h2>{escape(render(_KEYS, lang))}</h2><ul>{keys}</ul></html>\n"
    )


_PEERS = Text("恢复的节点", "Peers that came back")
_KEYS = Text("吊销的证书序列号", "Serial numbers of revoked certificates")


def _title(report: LossReport) -> Text:
    return Text(
        "机器丢失演练：{o}，网络 {n}",
        "Loss of a machine, rehearsed: {o}, network {n}",
        o=report.organization,
        n=report.network,
    )


def _facts(report: LossReport, lang: Lang) -> list[tuple[Text, str]]:
    none = Text("没有可写入的合约", "no contract to write to").render(lang)
    return [
        (Text("时间", "At"), _when(report.at)),
        (Text("备份", "Backup"), f"{report.backup} ({_when(report.backup_at)})"),
        (Text("预先校验备份（秒）", "Backup checked beforehand (s)"), f"{report.check_s:.1f}"),
        (Text("恢复文件（秒）", "Files restored (s)"), f"{report.restore_s:.1f}"),
        (Text("启动节点（秒）", "Peers started (s)"), f"{report.start_s:.1f}"),
        (Text("追上其他组织（秒）", "Others caught up with (s)"), f"{report.catch_up_s:.1f}"),
        (Text("恢复总时间（秒）", "Time to recover (s)"), f"{report.recover_s:.1f}"),
        (Text("更换密钥并吊销（秒）", "Keys changed and revoked (s)"), f"{report.keys_s:.1f}"),
        (Text("期间写入的交易", "Transactions written meanwhile"), none if report.written < 0 else str(report.written)),
        (Text("丢失的已确认交易", "Acknowledged transactions missing"), str(report.missing)),
        (Text("丢失的私有数据（项）", "Private values missing"), str(report.private_missing)),
    ]


def _peers(report: LossReport) -> list[Text]:
    return [
        Text(
            "{p}：备份至高度 {b}，丢失时 {l}，现在 {n}，{s}",
            "{p}: height {b} in the backup, {l} when lost, {n} now; {s}",
            p=one.peer,
            b=one.backed_up,
            l=one.lost_at,
            n=one.now,
            s=Text("与丢失前相同", "the same as before")
            if one.same
            else Text("与丢失前不同", "not the same as before"),
        )
        for one in report.peers
    ]


def _when(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
