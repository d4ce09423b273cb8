"""`citychain trace …`: what kinds and words give, and capture, queries, traces, recalls, readings of machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from apps.kit.commands import group_of, part_option, tell, ways_of
from apps.traceability.application import APPLICATION, CAPTURE
from apps.traceability.epcis import MOST_BYTES, PAGE
from apps.traceability.service import TraceabilityService
from apps.traceability.words import STEPS, WHAT, kind_of, short
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text, UserError
from chaincode.traceability.kinds import Readings, Recall
from fabric_sdk.files import write_whole

group = group_of(APPLICATION)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EVENT_COLUMNS = {
    "at": Text("时间（UTC）", "Time (UTC)"),
    "what": Text("类型", "Type"),
    "step": Text("业务步骤", "Step"),
    "party": Text("采集方", "Captured by"),
    "id": Text("编号", "Id"),
}
GOODS_COLUMNS = {
    "name": Text("货物", "Goods"),
    "kind": Text("种类", "Sort"),
    "where": Text("上下游", "Where"),
    "holder": Text("持有方", "Holder"),
    "stopped": Text("召回", "Recall"),
    "uri": Text("URI", "URI"),
}


@contextmanager
def _opened(cli: Cli, network: str) -> Iterator[TraceabilityService]:
    with ways_of(APPLICATION).opened(cli, network) as service:
        yield service


def _signer(service: TraceabilityService, part: str | None) -> str:
    return service.signer_for(part) if part else ""


@group.command("capture", help=Text("采集一份 EPCIS 2.0 文档（JSON 或 JSON-LD）的事件。",
                                    "Capture the events of an EPCIS 2.0 document (JSON or JSON-LD)."))  # fmt: skip
@argument("file", type=FILE)
@part_option(APPLICATION)
@network_option()
@pass_cli
def capture(cli: Cli, /, file: Path, network: str, part: str | None) -> None:
    if file.stat().st_size > MOST_BYTES:
        raise UserError(Text("文件太大。", "The file is too large."))
    with _opened(cli, network) as service:
        done = cli.run(service.platform, service.capture, file.read_bytes(), signer=_signer(service, part))
        cli.show({"recorded": len(done.recorded), "known": done.known, "declared": done.declared, "block": done.block})


@group.command("query", help=Text("按 EPCIS 2.0 的查询参数查找事件。",
                                  "Find events by EPCIS 2.0's query parameters."))  # fmt: skip
@argument("parameters", nargs=-1, metavar="NAME=VALUE…")
@option("--limit", type=int, default=PAGE, help=Text("最多多少个事件。", "At most how many events."))
@option("--after", type=int, default=0, help=Text("上一页的 next。", "The `next` of the page before."))
@option("--output", type=click.Path(dir_okay=False, path_type=Path), default=None,
        help=Text("写入文件。", "Write to a file."))  # fmt: skip
@network_option()
@pass_cli
def query(cli: Cli, /, parameters: tuple[str, ...], limit: int, after: int, output: Path | None, network: str) -> None:
    asked = dict(one.partition("=")[::2] for one in parameters)
    with _opened(cli, network) as service:
        found = service.query(asked, limit, after)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    write_whole(output, f"{text}\n".encode())
    count = len(found["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    cli.show({"events": count, "file": str(output)})


@group.command("goods", help=Text("一件货物的来龙去脉：上游、下游、在谁手中。",
                                  "Where goods came from, what they became, who holds them."))  # fmt: skip
@argument("uri")
@network_option()
@pass_cli
def goods(cli: Cli, /, uri: str, network: str) -> None:
    with _opened(cli, network) as service:
        found = service.trace(uri)
    places = (
        (Text("本件", "itself"), [found.name]),
        (Text("上游", "upstream"), found.back.goods),
        (Text("下游", "downstream"), found.forth.goods),
    )
    rows = [
        _goods_row(name, where, found.states[name])
        for number, (where, names) in enumerate(places)
        for name in names
        if not number or name != found.name
    ]
    cli.show(rows, GOODS_COLUMNS)


def _goods_row(name: str, where: Text, state: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": short(name), "kind": kind_of(name), "where": where, "uri": name,
            "holder": ", ".join(state["holders"]), "stopped": ", ".join(state["marked"])}  # fmt: skip


@group.command("events", help=Text("一件货物的全部事件。", "Every event of goods."))
@argument("uri")
@network_option()
@pass_cli
def events(cli: Cli, /, uri: str, network: str) -> None:
    with _opened(cli, network) as service:
        service.sync()
        rows = service.index.events_of(uri)
    told = [one | {"step": STEPS.get(one["step"], one["step"]), "what": WHAT[one["what"]]} for one in rows]
    cli.show(rows if cli.json else told, EVENT_COLUMNS)


@group.command("affected", help=Text("若召回这件货物，会涉及哪些货物和容器（不改变账本）。",
                                     "What a recall of goods would take in; changes nothing."))  # fmt: skip
@argument("uri")
@network_option()
@pass_cli
def affected(cli: Cli, /, uri: str, network: str) -> None:
    with _opened(cli, network) as service:
        found = service.recall_set(uri)
        states = service.index.state_of([*found.affected, *found.containers])
    hit, holding = Text("受影响", "affected"), Text("装有受影响的货物", "holds affected goods")
    rows = [_goods_row(name, hit, states[name]) for name in found.affected]
    cli.show([*rows, *(_goods_row(name, holding, states[name]) for name in found.containers)], GOODS_COLUMNS)


@group.command("qr", help=Text("货物的二维码：消费者扫码可见来龙去脉（citychain serve trace）。",
                               "The QR code of goods; consumers read of them (citychain serve trace)."))  # fmt: skip
@argument("uri")
@argument("output", type=click.Path(dir_okay=False, path_type=Path))
@option("--base", default="https://id.gs1.org", help=Text("网页服务的地址。", "Where the page is served."))
@pass_cli
def qr(cli: Cli, /, uri: str, output: Path, base: str) -> None:
    from apps.traceability.serving import qr as write

    cli.show({"link": write(uri, base, output), "file": str(output)})


@group.command("token", help=Text("EPCIS 接口所需的令牌。", "The token for the EPCIS interface."))
@network_option()
@pass_cli
def token(cli: Cli, /, network: str) -> None:
    from apps.traceability.serving import token_of

    with _opened(cli, network) as service:
        service.platform.session.require(CAPTURE)
        cli.show({"token": token_of(service)})


@group.command("stop", help=Text("停止召回所涉及的全部货物，并通知持有方。",
                                 "Stop everything that a recall takes in, and tell the holders."))  # fmt: skip
@argument("recall_id")
@part_option(APPLICATION)
@network_option()
@pass_cli
def stop(cli: Cli, /, recall_id: str, network: str, part: str | None) -> None:
    with _opened(cli, network) as service:
        signer = _signer(service, part)
        count = cli.run(service.platform, service.stop, recall_id, signer=signer)
        told = service.tell(recall_id, signer=signer)
        cli.show({"stopped": Recall.marked[service.read(recall_id)], "now": count, "told": len(told)})


@group.command("machine", help=Text("记录机器的测量数据（CSV，列为 time 和 value）。",
                                    "Record a machine's readings (CSV: time, value)."))  # fmt: skip
@argument("file", type=FILE)
@option("--goods", "uri", required=True, help=Text("货物的 URI。", "The goods' URI."))
@option("--quantity", required=True, help=Text("测量项目。", "What was measured."))
@option("--unit", default="", help=Text("单位。", "Unit."))
@option("--lowest", default="", help=Text("合格下限。", "Passes from here."))
@option("--highest", default="", help=Text("合格上限。", "Passes up to here."))
@part_option(APPLICATION)
@network_option()
@pass_cli
def machine(cli: Cli, /, file: Path, uri: str, quantity: str, unit: str, lowest: str, highest: str, network: str,
            part: str | None) -> None:  # fmt: skip
    with _opened(cli, network) as service:
        found = service.read_machine(file, lowest, highest)
        given = {"goods": uri, "sort": "sensor", "quantity": quantity, "unit": unit or None, **found}
        tell(cli, service, service.do(Readings.record, given, signer=_signer(service, part)))
