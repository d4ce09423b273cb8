"""`citychain monitor`: how the networks are, their history and alerts. `citychain serve monitor` does the looking."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import NotFound, Text, UserError
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.monitoring.load.figures import LoadReport

_SPANS = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0, "year": 366 * 86_400.0}


@group("monitor", help=Text("监控：现况、历史和告警。", "The monitor: present state, history and alerts."))
def monitor() -> None:
    """The monitor."""


def _when(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


@monitor.command("show", help=Text("最近一次查看的结果。", "What the last look saw."))
@network_option()
@pass_cli
def show(cli: Cli, network: str) -> None:
    """What the last look saw."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.monitor.now(network)
    if found is None:
        raise NotFound(
            Text("网络现在没有被监控。", "The network is not being watched now."),
            Text("请运行 citychain serve monitor。", "Run citychain serve monitor."),
            code="not_watched",
        )
    if cli.json:
        cli.show(found)
        return
    cli.say(
        Text(
            "{a} · 有效 {v} 笔/秒 · p95 {p} 毫秒 · 高度 {h}",
            "{a} · {v} valid/s · p95 {p} ms · height {h}",
            a=_when(found.at),
            v=f"{found.valid_rate or 0:.1f}",
            p=round(found.p95_ms or 0),
            h=found.height,
        )
    )
    cli.show(
        found.nodes,
        columns(
            name=("节点", "Node"),
            msp_id=("组织", "Organisation"),
            state=("状态", "State"),
            height=("高度", "Height"),
            behind=("落后", "Behind"),
        ),
    )


@monitor.command("history", help=Text("一个指标的历史。", "The history of one series."))
@argument("series", required=False, default="")
@network_option()
@option("--span", type=click.Choice(list(_SPANS)), default="hour", help=Text("多长时间。", "How far back."))
@option("--points", type=click.IntRange(2, 2_000), default=60, help=Text("最多几点。", "At most how many points."))
@pass_cli
def history(cli: Cli, series: str, network: str, span: str, points: int) -> None:
    """The history of one series; without its name, which there are."""
    with cli.platform(write=False, create=False) as platform:
        if not series:
            cli.show(
                [{"series": name} for name in platform.monitor.series(network)], columns(series=("指标", "Series"))
            )
            return
        found = platform.monitor.history(series, _SPANS[span], network, points)
    rows = [{"at": _when(p.at), "low": p.low, "mean": p.mean, "high": p.high} for p in found]
    cli.show(
        rows,
        columns(at=("时间", "Time"), low=("最低", "Least"), mean=("平均", "Mean"), high=("最高", "Greatest")),
        empty=Text("没有数据。", "Nothing was measured."),
    )


@monitor.command("alerts", help=Text("列出告警，未结束的在前。", "List alerts, those that last first."))
@network_option()
@option("--all", "everything", is_flag=True, help=Text("包括已结束的。", "Those that ended as well."))
@pass_cli
def alerts(cli: Cli, network: str, everything: bool) -> None:
    """List alerts."""
    with cli.platform(write=False, create=False) as platform:
        found = [one for one in platform.monitor.alerts(network) if everything or not one.ended]
    if cli.json:
        cli.show(found)
        return
    now = clock.seconds()
    rows = [
        {
            "key": one.key,
            "level": Text("严重", "bad") if one.level == "bad" else Text("注意", "warning"),
            "what": one.title,
            "text": one.text,
            "since": _when(one.since),
            "state": Text("已结束", "ended")
            if one.ended
            else Text("{b} 已受理", "taken up by {b}", b=one.by)
            if one.taken
            else Text("静默", "silenced")
            if one.silent(now)
            else Text("未处理", "open"),
        }
        for one in found
    ]
    cli.show(
        rows,
        columns(
            key=("编号", "Key"),
            level=("程度", "Level"),
            what=("告警", "Alert"),
            text=("说明", "What"),
            since=("开始", "Since"),
            state=("处理", "State"),
        ),
        empty=Text("没有告警。", "No alerts."),
    )


@monitor.command("take-up", help=Text("受理一个告警。", "Take an alert up."))
@argument("key")
@network_option()
@pass_cli
def take_up(cli: Cli, key: str, network: str) -> None:
    """Take an alert up."""
    with cli.platform(create=False) as platform:
        platform.monitor.take_up(key, network)
        cli.show({"taken_up": key})


@monitor.command("silence", help=Text("在一段时间内不再通知。", "Tell nobody for a while."))
@argument("key")
@option(
    "--hours",
    type=click.FloatRange(0, 720),
    default=8.0,
    help=Text("几小时，0 为恢复通知。", "For how many hours; 0 ends it."),
)
@network_option()
@pass_cli
def silence(cli: Cli, key: str, hours: float, network: str) -> None:
    """Silence an alert (its key) or a rule (`rule:`)."""
    with cli.platform(create=False) as platform:
        platform.monitor.silence(key, hours * 3_600, network)
        cli.show({"silenced": key, "hours": hours})


@monitor.command(
    "drill",
    help=Text(
        "故障演练：停止一个节点若干秒再启动，报告影响；不写节点则列出以往的报告。",
        "A drill: stop a node for some seconds, start it again, report; without a node: the earlier reports.",
    ),
)
@argument("node", required=False, default="")
@option("--seconds", type=click.FloatRange(1, 600), default=10.0, help=Text("停止几秒。", "For how many seconds."))
@network_option()
@pass_cli
def drill(cli: Cli, node: str, seconds: float, network: str) -> None:
    """Stop a node and start it again."""
    with cli.platform(create=False) as platform:
        if node:
            title = Text("演练 {n}", "Drill {n}", n=node)
            found = [cli.run(platform, platform.monitor.drill, node, seconds, network, title=title)]
        else:
            found = list(platform.monitor.drills(network))
    if cli.json:
        cli.show(found)
        return
    rows = [
        {
            "at": _when(one.at),
            "node": one.node,
            "verdict": Text("业务中断", "interrupted") if one.interrupted else Text("业务未中断", "not interrupted"),
            "longest": f"{one.during.longest_s:.2f}",
            "writes": "—" if one.writes < 0 else str(one.writes),
            "back": f"{one.back_s:.1f}",
            "whole": Text("完好", "whole") if one.whole else Text("不完好", "not whole"),
        }
        for one in found
    ]
    cli.show(
        rows,
        columns(
            at=("时间", "Time"),
            node=("节点", "Node"),
            verdict=("结论", "Verdict"),
            longest=("最长无应答（秒）", "Longest silence (s)"),
            writes=("期间写入", "Written meanwhile"),
            back=("恢复（秒）", "Back after (s)"),
            whole=("网络", "Network"),
        ),
        empty=Text("还没有演练过。", "No drill yet."),
    )


@monitor.command(
    "lose",
    help=Text(
        "演练丢失一台机器：组织的节点从备份恢复，追上其他组织，更换密钥；不写组织则列出以往的报告。",
        "Rehearse the loss of a machine: an organisation's peers come back from a backup, follow the others and get "
        "new keys; without an organisation: the earlier reports.",
    ),
)
@argument("msp_id", metavar="[MSP]", required=False, default="")
@option(
    "--backup",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("从哪个备份恢复。", "The backup to restore from."),
)
@option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("把报告写入文件：.html 或文本。", "Write the report to a file: .html, else text."),
)
@network_option()
@pass_cli
def lose(cli: Cli, msp_id: str, file: Path | None, report: Path | None, network: str) -> None:
    """Rehearse the loss of a machine."""
    from baas.monitoring.loss_paper import as_html, as_text, verdict

    if bool(msp_id) != bool(file):
        raise UserError(Text("请写明组织和备份。", "Name the organisation and a backup."), code="usage")
    with cli.platform(create=False) as platform:
        if msp_id:
            title = Text("演练丢失 {m} 的机器", "Rehearse the loss of {m}'s machine", m=msp_id)
            found = [cli.run(platform, platform.monitor.lose, msp_id, file, network, title=title)]
        else:
            platform.monitor.mend_loss(network)
            found = list(platform.monitor.losses(network))
    if report is not None and found:
        page = as_html if report.suffix.lower() in (".html", ".htm") else as_text
        report.write_text(page(found[-1], cli.lang), "utf-8")
    if cli.json:
        cli.show(found)
        return
    cli.show(
        [{"at": _when(one.at), "who": one.organization, "verdict": verdict(one)} for one in found],
        columns(at=("时间", "Time"), who=("组织", "Organisation"), verdict=("结论", "Verdict")),
        empty=Text("还没有演练过。", "No drill yet."),
    )


@monitor.command(
    "load",
    help=Text(
        "压测：逐级增加并发，量出吞吐量和时延，指出限制所在；--reports 列出以往的报告。",
        "A load test: more and more calls under way, throughput, latency, and which knob limits; "
        "--reports lists earlier ones.",
    ),
)
@option(
    "--clients", type=click.IntRange(1, 2_000), default=128, help=Text("最多并发数。", "At most so many under way.")
)
@option("--seconds", type=click.FloatRange(0.5, 120), default=3.0, help=Text("每级几秒。", "Seconds of each step."))
@option(
    "--contract", default="", help=Text("压测这个合约（写入保留）。", "Press this contract (what it writes stays).")
)
@option("--function", default="", help=Text("调用的函数。", "The function to call."))
@option(
    "--arg",
    "args",
    multiple=True,
    help=Text("参数，可多次；{n} 换成调用的编号。", "An argument, repeatable; {n} becomes the call's number."),
)
@option(
    "--production", default="", help=Text("确认压测这个正式网络。", "Confirm the test of this network in production.")
)
@option("--reports", is_flag=True, help=Text("只列出以往的报告。", "List the earlier reports only."))
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@network_option()
@pass_cli
def load(
    cli: Cli,
    clients: int,
    seconds: float,
    contract: str,
    function: str,
    args: tuple[str, ...],
    production: str,
    reports: bool,
    yes: bool,
    network: str,
) -> None:
    """Press a network and say what limits it."""
    from baas.monitoring.load.running import Wanted

    with cli.platform(create=False) as platform:
        if reports:
            found = list(platform.monitor.loads(network))
        else:
            name = platform.networks.resolve(network)
            loss = Text(
                "将在 {n} 上大量写入，期间其他人会变慢；区块留在链上。",
                "Writes much into {n}: others will be slower meanwhile, and the blocks stay.",
                n=name,
            )
            cli.confirm_by_name(name, loss, yes=yes or production == name)
            wanted = Wanted(clients, seconds, contract, function, args)
            title = Text("压测 {n}", "Load test of {n}", n=name)
            found = [cli.run(platform, platform.monitor.load, wanted, name, confirmed=production, title=title)]
    if cli.json:
        cli.show(found)
        return
    for report in found:
        _show_load(cli, report, steps=not reports)


def _show_load(cli: Cli, report: LoadReport, *, steps: bool) -> None:
    if steps:
        rows = [
            {
                "clients": one.clients,
                "rate": f"{one.per_second:.1f}",
                "latency": f"{one.p50_ms:.0f} / {one.p95_ms:.0f}",
                "stages": f"{one.endorse_ms:.0f} / {one.order_ms:.0f} / {one.commit_ms:.0f}",
                "block": f"{one.in_block:.1f}",
                "cpu": f"{one.node_cpu:.2f} / {one.client_cpu:.2f}",
                "errors": ", ".join(f"{code} × {count}" for code, count in one.errors.items()) or "—",
            }
            for one in report.steps
        ]
        cli.show(
            rows,
            columns(
                clients=("并发", "Under way"),
                rate=("每秒", "A second"),
                latency=("p50 / p95 毫秒", "p50 / p95 ms"),
                stages=("背书/排序/提交 毫秒", "Endorse / order / commit ms"),
                block=("每块", "In a block"),
                cpu=("核心 节点/压测", "Cores nodes / test"),
                errors=("失败", "Failed"),
            ),
        )
    words = Text(
        "{a} · {t}：{e}", "{a} · {t}. {e}", a=_when(report.at), t=report.verdict.title, e=report.verdict.evidence
    )
    cli.say(words)
    cli.say(report.verdict.change)
    if report.cleaned >= 0:
        cli.say(Text("已删除测试写入的 {n} 行。", "Removed the {n} rows of the test.", n=report.cleaned))


@monitor.command(
    "production",
    help=Text("标记网络为正式网络：压测需再次确认。", "Mark a network as in production: load tests ask twice."),
)
@argument("network", required=False, default="")
@option("--off", is_flag=True, help=Text("取消标记。", "Take the mark off."))
@pass_cli
def production(cli: Cli, network: str, off: bool) -> None:
    """Mark a network as in production."""
    with cli.platform(create=False) as platform:
        platform.monitor.mark_production(network, on=not off)
        cli.show({"network": platform.networks.resolve(network), "production": not off})


@monitor.command("webhook", help=Text("把告警发送到一个网址。", "Send alerts to a web address."))
@argument("url", required=False, default="")
@option("--off", is_flag=True, help=Text("停止发送。", "Send no more."))
@pass_cli
def webhook(cli: Cli, url: str, off: bool) -> None:
    """Send alerts to a web address, or say where they go."""
    with cli.platform(create=False) as platform:
        if url or off:
            secret = platform.monitor.set_webhook("" if off else url)
            cli.show({"url": "" if off else url, "secret": secret})
        else:
            cli.show({"url": platform.monitor.webhook_url()})
