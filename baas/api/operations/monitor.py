"""The monitor: what it saw, its history, its alerts."""

from __future__ import annotations

from baas import roles
from baas.api import answers
from baas.api.declaration import LIMIT, Call, operation
from baas.api.operations.networks import AFTER, by_name
from baas.api.schema import real, record, text, whole
from baas.api.shapes import Moment, Page
from baas.errors import NotFound, Text

_MONITOR = "/networks/{network}/monitor"
HOUR_S = 3_600.0
YEAR_S = 366 * 86_400


@operation("GET", _MONITOR, "monitor.read", Text("监控最近一次看到的情况", "What the monitor saw last"),
           answer=answers.Sample)  # fmt: skip
def get_monitor(call: Call) -> answers.Sample:
    """The last look; 404 while nobody watches."""
    found = call.platform.monitor.now(call.network)
    if found is None:
        raise NotFound(
            Text("网络现在没有被监控。", "The network is not being watched now."),
            Text("请运行 citychain serve monitor。", "Run citychain serve monitor."),
            code="not_watched",
        )
    return answers.Sample(
        at=Moment(found.at),
        valid_rate=found.valid_rate,
        invalid_rate=found.invalid_rate,
        block_rate=found.block_rate,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        height=found.height,
        disk_free=found.disk_free,
        nodes=tuple(answers.NodeSample(one.name, one.msp_id, one.state, one.height, one.behind) for one in found.nodes),
    )


@operation("GET", f"{_MONITOR}/history", "monitor.read", Text("一个指标的历史", "The history of one series"),
           answer=Page[answers.Point],
           query={
               "series": text(most=120, about=Text("指标名，如 tx.valid", "The series, such as tx.valid")),
               "seconds": whole(1, YEAR_S, 3_600, Text("最近多少秒", "Of the last so many seconds")),
               "points": whole(2, 2_000, 60, Text("最多几点", "At most how many points")),
           }, needed=("series",))  # fmt: skip
def get_history(call: Call) -> Page[answers.Point]:
    """What was measured; nothing for a series that is not kept."""
    query = call.query
    found = call.platform.monitor.history(query["series"], query["seconds"], call.network, query["points"])
    return call.page([answers.Point(Moment(one.at), one.low, one.mean, one.high) for one in found], None)


@operation("GET", f"{_MONITOR}/alerts", "monitor.read", Text("列出告警", "List alerts"),
           answer=Page[answers.Alert], query={**LIMIT, **AFTER})  # fmt: skip
def list_alerts(call: Call) -> Page[answers.Alert]:
    """Alerts that last and those of the last thirty days, by key."""
    rows = [
        answers.Alert(
            one.key,
            one.level,
            one.title,
            one.text,
            Moment(one.since),
            Moment(one.ended) if one.ended else None,
            one.by,
            Moment(one.silent_until) if one.silent_until else None,
        )
        for one in call.platform.monitor.alerts(call.network)
    ]
    return by_name(call, rows, lambda one: str(one.key))


@operation("POST", f"{_MONITOR}/alerts/{{alert}}/take-up", "networks.operate", Text("受理告警", "Take an alert up"),
           status=204, permission=roles.NETWORK_CHANGE)  # fmt: skip
def take_up_alert(call: Call) -> None:
    """Say that somebody takes care of an alert."""
    call.platform.monitor.take_up(call.path["alert"], call.network)


@operation("POST", f"{_MONITOR}/alerts/{{alert}}/silence", "networks.operate",
           Text("静默告警一段时间", "Tell nobody of an alert for a while"),
           status=204, permission=roles.NETWORK_CHANGE,
           body=record({"hours": real(0, 720, about=Text("几小时，0 为恢复", "For so many hours; 0 ends it"))}),
           )  # fmt: skip
def silence_alert(call: Call) -> None:
    """Silence an alert or a rule (`rule:`)."""
    call.platform.monitor.silence(call.path["alert"], call.body["hours"] * HOUR_S, call.network)
