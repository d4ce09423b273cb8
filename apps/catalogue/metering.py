"""What an application did, counted from the blocks: its owner reports it, the keeper counts again before confirming."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from apps.catalogue.life import Application, Period
from baas.errors import Conflict, NotFound, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext

if TYPE_CHECKING:
    from apps.kit.ledger import Committed
    from apps.kit.service import Service
    from fabric_sdk.kinds import Record


@dataclass(frozen=True)
class Figures:
    """What a contract did in some blocks. `authors` are distinct certificates' names; `p95_ms` is what nineteen of
    twenty transactions waited at most: from their own time to the newest in their block, in milliseconds, a lower bound
    for the ordering service's share."""

    transactions: int
    valid: int
    authors: int
    p95_ms: int


def counted(service: Service, contract: str, first: int, last: int, *, ctx: JobContext = NULL_CONTEXT) -> Figures:
    """Count a contract's transactions in the blocks `first` to `last`, valid or not."""
    from fabric_sdk.blocks import decode_block

    chain, network = service.platform.chain, service.network
    channel = chain.channel(network)
    total = valid = 0
    authors: set[str] = set()
    waits: list[int] = []
    for number, raw in enumerate(chain.blocks(network, channel, first, last + 1)):
        ctx.check_cancelled()
        ctx.progress(number, last + 1 - first, "")
        block = decode_block(raw)
        newest = max((one.timestamp for one in block.transactions if one.timestamp is not None), default=None)
        for one in block.transactions:
            if one.chaincode != contract:
                continue
            total, valid = total + 1, valid + one.valid
            if one.creator is not None:
                authors.add(f"{one.creator.msp_id}/{one.creator.certificate.subject.rfc4514_string()}")
            if one.timestamp is not None and newest is not None:
                waits.append(int((newest - one.timestamp).total_seconds() * 1000))
    waits.sort()
    return Figures(total, valid, len(authors), waits[math.ceil(0.95 * len(waits)) - 1] if waits else 0)


def report(
    service: Service, application_id: str, last: int = -1, *, ctx: JobContext = NULL_CONTEXT
) -> Committed[Record]:
    """Report what an application did since its last period, up to block `last` (the newest by default)."""
    service.platform.session.require(service.permission(Period.report))
    application = _of(service, application_id, Application.id)
    first = application["metered"] + 1 if application["metered"] else _block_of(service, application)
    height = service.platform.chain.info(service.network, service.platform.chain.channel(service.network)).height
    last = height - 1 if last < 0 else last
    if not first <= last < height:
        raise UserError(
            Text("区块应在 {a} 与 {b} 之间。", "The block must be from {a} to {b}.", a=first, b=height - 1),
            code="no_block",
        )
    found = counted(service, application["contract"], first, last, ctx=ctx)
    return service.do(Period.report, {"first": first, "last": last, **asdict(found)}, on=application_id)


def confirm(service: Service, period_id: str, *, ctx: JobContext = NULL_CONTEXT) -> Committed[Record]:
    """Count a period again and confirm it; `Conflict` with both figures where they differ."""
    service.platform.session.require(service.permission(Period.confirm))
    period = _of(service, period_id, Period.id)
    application = service.read(period["application_id"])
    sure = [one["last"] for one in service.under(application["id"], Period) if one["state"] == Period.CONFIRMED.name]
    begin = max(sure) + 1 if sure else _block_of(service, application)
    if period["first"] != begin:
        raise Conflict(
            Text(
                "接下来应确认从区块 {b} 开始的一期；漏掉区块的请提出异议。",
                "The next period to be confirmed begins with block {b}; dispute one that leaves blocks out.",
                b=begin,
            ),
            Text("提出异议：citychain catalogue period dispute", "Dispute it: citychain catalogue period dispute"),
            code="period_gap",
        )
    found = asdict(counted(service, application["contract"], period["first"], period["last"], ctx=ctx))
    other = {name: (period[name], value) for name, value in found.items() if period[name] != value}
    if other:
        name, (said, ours) = next(iter(other.items()))
        raise Conflict(
            Text(
                "所报与区块不符：{n} 报 {a}，重算为 {b}。",
                "The report does not fit the blocks: {n} is said to be {a} and is {b}.",
                n=name,
                a=said,
                b=ours,
            ),
            Text("提出异议：citychain catalogue period dispute", "Dispute it: citychain catalogue period dispute"),
            code="figures_differ",
        )
    return service.do(Period.confirm, found, on=period_id)


def _of(service: Service, record_id: str, kind: str) -> Record:
    found = service.read(record_id)
    if found["type"] != kind:
        raise NotFound(Text("{i} 不是这种记录。", "{i} is no such record.", i=record_id), code="not_found")
    return found


def _block_of(service: Service, application: Record) -> int:
    """The block after the one in which the application was admitted to its trial."""
    from fabric_protos.common.common_pb2 import Block

    began = [one["tx_id"] for one in application["log"] if one["to"] == Application.TRIAL.name]
    if not began:
        raise UserError(Text("应用还没有进入试运行。", "The application is not in its trial yet."), code="not_live")
    network = service.ledger.connected(service.reader)
    answer = network.get_contract("qscc").evaluate("GetBlockByTxID", network.name, began[-1])
    return int(Block.FromString(answer).header.number) + 1
