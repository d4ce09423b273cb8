"""`citychain bench finance`: how fast certificates are split and passed on, each part by two signatures.

A receivable is issued and split into parts of parts; then each part is passed on by its holder (one transaction) and
accepted by whom it was passed on to (another). At the end the books are computed anew: every fen must be there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from apps.kit.ledger import encode
from apps.supply_finance.manifest import APPLICATION, CORE, SUPPLIER
from apps.supply_finance.receivables import books
from baas.bench.city import NETWORK, at, bench_city, each
from baas.cli import kit
from baas.cli.kit import Cli, option, pass_cli
from baas.errors import Text
from baas.jobs import JobContext, Jobs
from chaincode.supply_finance.kinds import MOST_PARTS

if TYPE_CHECKING:
    from apps.kit.service import Service
    from baas.platform import Platform
    from network.topology import Runtime

PART_FEN = 100_00


def measure(certificates: int, clients: int, runtime: Runtime = "embedded", *, ctx: JobContext) -> dict[str, Any]:
    """Run it on a network of its own in a temporary workspace, and remove it."""
    with (
        bench_city(APPLICATION.contract.name, runtime, ctx=ctx) as platform,
        APPLICATION.build_service(platform, NETWORK) as service,
    ):
        whole = _issued(service, certificates)
        figures = asyncio.run(_measure(platform, service, whole, certificates, clients, ctx))
        found = books(service)
        told = {"findings": [one.en for one in found.findings], "receivable_fen": sum(found.receivable.values())}
        return {"runtime": runtime, **figures, **told}


def _issued(service: Service, certificates: int) -> str:
    from apps.supply_finance.words import in_days
    from chaincode.supply_finance.kinds import Certificate, Line

    supplier, core = (service.who(service.signer_for(one)).party for one in (str(SUPPLIER), str(CORE)))
    amount = certificates * PART_FEN
    line = service.do(Line.grant, {"core": core, "limit_fen": amount, "until": in_days(300)}).value
    service.do(Line.accept, on=line["id"])
    papers = {
        "invoice": "26310000000000000001",
        "invoice_amount_fen": amount,
        "contract": "bench",
        "goods": "bench",
        **dict.fromkeys(("invoice_sha256", "contract_sha256", "delivery_sha256"), "ab" * 32),
    }
    given = {"seller": supplier, "face_fen": amount, "due": in_days(90), "recourse": "with", "papers": papers}
    one = service.do(Certificate.issue, given, on=line["id"]).value
    return str(service.do(Certificate.accept, on=one["id"]).value["id"])


async def _measure(
    platform: Platform, service: Service, whole: str, certificates: int, clients: int, ctx: JobContext
) -> dict[str, Any]:
    from fabric_sdk.gateway import aio

    msp = service.signer_for(str(SUPPLIER)).partition("/")[0]
    second = platform.identities.ensure(msp, "bench-second", str(SUPPLIER), network=NETWORK)
    gateways: list[Any] = []

    def contract(label: str) -> Any:
        identity = platform.identities.signing(label, NETWORK)
        gateway = aio.connect(platform.networks.handle(NETWORK).endpoint(), identity)
        gateways.append(gateway)
        return gateway.get_network(service.ledger.spec.channels[0].name).get_contract(APPLICATION.contract.name)

    try:
        first, other, receiver = (
            contract(service.signer_for(str(SUPPLIER))),
            contract(second),
            service.who(second).party,
        )
        began = time.perf_counter()
        parts = await _split(first, whole, certificates, clients)
        took = time.perf_counter() - began
        ctx.step("transfer", Text("转让 {n} 张凭证", "Pass {n} certificates on", n=len(parts)))
        sent = await _timed(parts, lambda one: first.submit("TransferCertificate", one, receiver), clients)
        ctx.step("take", Text("签收 {n} 张凭证", "Accept {n} certificates", n=len(parts)))
        taken = await _timed(parts, lambda one: other.submit("TakeCertificate", one), clients)
        return {
            "certificates": len(parts),
            "split_s": round(took, 2),
            "transfers_per_s": sent["per_s"],
            "transfer_p50_ms": sent["p50_ms"],
            "transfer_p95_ms": sent["p95_ms"],
            "acceptances_per_s": taken["per_s"],
            "both_per_s": round(1 / (1 / sent["per_s"] + 1 / taken["per_s"]), 1),
        }
    finally:
        for gateway in gateways:
            await gateway.close()


async def _split(contract: Any, whole: str, certificates: int, clients: int) -> list[str]:
    """Parts of equal size: first into as many as one split makes, those again."""
    import json

    async def split(one: str, parts: int, of: int) -> list[str]:
        """`of` certificates' worth in `parts` parts."""
        each, more = divmod(of, parts)
        amounts = [{"amount_fen": (each + (number < more)) * PART_FEN} for number in range(parts)]
        return list(json.loads(await contract.submit("SplitCertificate", one, encode(amounts)))["children"])

    if certificates <= MOST_PARTS:
        return await split(whole, certificates, certificates)
    width = -(-certificates // MOST_PARTS)
    each, more = divmod(certificates, width)
    found: list[str] = []
    wide = await split(whole, width, certificates)
    for number, one in enumerate(wide):
        found += await split(one, each + (number < more), each + (number < more))
    return found


async def _timed(items: Sequence[str], work: Callable[[str], Awaitable[object]], at_once: int) -> dict[str, float]:
    """Do `work` on every item, so many at a time: how many a second, and how long one takes."""
    began = time.perf_counter()
    times = await each(items, work, at_once)
    took = time.perf_counter() - began
    return {"per_s": round(len(items) / took, 1), "p50_ms": at(times, 0.5), "p95_ms": at(times, 0.95)}


@kit.command(
    "finance", help=Text("凭证拆分、转让和签收的速度。", "How fast certificates are split, passed on, accepted.")
)
@option("--certificates", type=click.IntRange(2, 2_500), default=2_000, help=Text("转让的凭证数。", "Certificates."))
@option("--clients", type=click.IntRange(1, 1_024), default=256, help=Text("同时进行的请求数。", "Requests at once."))
@option("--runtime", type=click.Choice(["embedded", "native"]), default="embedded", help=Text("运行方式。", "Runtime."))
@pass_cli
def command(cli: Cli, /, certificates: int, clients: int, runtime: Runtime) -> None:
    """How fast certificates are split, passed on, accepted."""
    with cli.watching() as watch:
        cli.show(Jobs().run(measure, certificates, clients, runtime, watch=watch))
