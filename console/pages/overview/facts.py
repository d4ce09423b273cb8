"""What the overview shows, read from the services in one go outside the window's thread."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from console.i18n import say, tr
from console.i18n.formats import ago, day, number, size
from console.wording import consensus_title, runtime_title
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.explorer.model import TransactionRow
    from network.drivers.base import NetworkStatus

T = TypeVar("T")
LOW_DISK = 2 * 1000**3
RATE_MINUTES = 60


@dataclass(frozen=True)
class Attention:
    """Something to handle: state, sentence, detail, the button's text and where it leads."""

    state: str
    title: str
    detail: str
    button: str
    address: str
    node: str = ""


@dataclass(frozen=True)
class Running:
    """Something that runs: icon, name, id, state, facts, last sign of life, where it leads."""

    icon: str
    name: str
    note: str
    state: str
    word: str
    facts: str
    last: str
    address: str


@dataclass(frozen=True)
class NextStep:
    """A step of setting up: done or not, and where it is done."""

    done: bool
    title: str
    note: str = ""
    link: str = ""
    address: str = ""


@dataclass
class OverviewFacts:
    """Everything the page shows of one network."""

    network: str = ""
    title: str = ""
    line: str = ""
    attention: list[Attention] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)
    steps: list[NextStep] = field(default_factory=list)
    transactions: int = 0
    invalid: int = 0
    height: int = 0
    minutes: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    contract_names: list[str] = field(default_factory=list)
    days: list[tuple[date, int, int]] = field(default_factory=list)
    contracts: int = 0
    organizations: int = 0


def read_overview(platform: Platform, network: str) -> OverviewFacts:
    """Read the state of `network`; a part that does not answer becomes something to handle, not an error."""
    facts = OverviewFacts(network)
    if not network:
        return facts
    spec = platform.networks.spec(network)
    facts.title = say(spec.title)
    channel = spec.channels[0].name if spec.channels else ""
    today = datetime.now().astimezone().date()
    from console.i18n.formats import day_long

    facts.line = tr("{title} · 通道 {channel} · 今天 {day}").format(
        title=facts.title, channel=channel, day=day_long(today)
    )
    facts.organizations = len(spec.organizations)
    status = _try(lambda: platform.networks.status(network))
    _attend_nodes(facts, status)
    _attend_certificates(facts, platform, network)
    _attend_disk(facts, platform)
    definitions = _try(lambda: platform.contracts.list(network)) or ()
    facts.contracts = len(definitions)
    facts.contract_names = [f"{d.name} {d.version}" for d in definitions]
    newest = _traffic(facts, platform, network)
    _running(facts, platform, network, status, {d.name: d.version for d in definitions}, newest)
    _steps(facts, platform, network)
    return facts


def _attend_nodes(facts: OverviewFacts, status: NetworkStatus | None) -> None:
    if status is None:
        return
    if status.state == "stopped":
        facts.attention.append(
            Attention(
                "bad",
                tr("网络已停止"),
                tr("账本和密钥都在，启动后继续。"),
                tr("启动网络"),
                "networks",
                "*",
            )
        )
        return
    for node in status.nodes:
        if node.state in {"stopped", "failed"}:
            since = ago(node.since) if node.since else ""
            detail = say(node.detail) if node.detail else since
            facts.attention.append(
                Attention(
                    "bad",
                    tr("{node} 已停止").format(node=node.name),
                    detail or node.msp_id,
                    tr("启动节点"),
                    f"networks/{facts.network}/node/{node.name}",
                    node.name,
                )
            )


def _attend_certificates(facts: OverviewFacts, platform: Platform, network: str) -> None:
    expiring = _try(lambda: platform.identities.expiring(network)) or ()
    if not expiring:
        return
    first = expiring[0]
    facts.attention.append(
        Attention(
            "warn",
            tr("{n} 张证书将在 30 天内到期").format(n=len(expiring)),
            tr("最早：{label}，{day}").format(label=first.label, day=day(first.not_after.astimezone().date())),
            tr("查看证书"),
            "identities",
        )
    )


def _attend_disk(facts: OverviewFacts, platform: Platform) -> None:
    free = shutil.disk_usage(platform.workspace.folder).free
    if free < LOW_DISK:
        facts.attention.append(
            Attention(
                "warn",
                tr("磁盘剩余空间不足"),
                tr("剩余 {free}").format(free=size(free)),
                tr("打开体检"),
                "doctor",
            )
        )


def _traffic(facts: OverviewFacts, platform: Platform, network: str) -> dict[str, TransactionRow]:
    """Fill in counts and charts from the explorer's index; return contract → its newest transaction."""
    newest: dict[str, TransactionRow] = {}
    statuses = _try(lambda: platform.explorer.status(network)) or ()
    facts.transactions = sum(s.transactions for s in statuses)
    facts.invalid = sum(s.invalid for s in statuses)
    facts.height = max((s.ledger_height or s.indexed for s in statuses), default=0)
    rows: list[TransactionRow] = list(_try(lambda: platform.explorer.transactions(network, limit=1000)) or ())
    now = time.time()
    facts.minutes, facts.blocks, facts.refused = [0] * RATE_MINUTES, [0] * RATE_MINUTES, [0] * RATE_MINUTES
    seen: set[int] = set()
    today = datetime.now().astimezone().date()
    days: dict[date, list[int]] = {today - timedelta(days=n): [0, 0] for n in range(6, -1, -1)}
    for row in rows:
        if row.contract:
            newest.setdefault(row.contract, row)
        age = int((now - row.time) // 60)
        if 0 <= age < RATE_MINUTES:
            facts.minutes[RATE_MINUTES - 1 - age] += 1
            facts.refused[RATE_MINUTES - 1 - age] += 0 if row.valid else 1
            if row.block not in seen:
                seen.add(row.block)
                facts.blocks[RATE_MINUTES - 1 - age] += 1
        at = datetime.fromtimestamp(row.time, UTC).astimezone().date()
        if at in days:
            days[at][0] += 1
            days[at][1] += 0 if row.valid else 1
    facts.days = [(at, total, bad) for at, (total, bad) in days.items()]
    return newest


def _running(
    facts: OverviewFacts,
    platform: Platform,
    network: str,
    status: NetworkStatus | None,
    versions: dict[str, str],
    newest: dict[str, TransactionRow],
) -> None:
    spec = platform.networks.spec(network)
    nodes = status.nodes if status is not None else ()
    up = sum(node.state == "running" for node in nodes)
    whole = up == len(nodes) and up > 0
    word = tr("正常") if whole else tr("{all} 个节点中 {up} 个在线").format(all=len(nodes), up=up)
    orderers = sum(1 for _ in spec.orderers())
    facts.running.append(
        Running(
            "network",
            facts.title,
            network,
            "ok" if whole else ("warn" if up else "bad"),
            word,
            tr("{n} 个组织 · {m} 个排序节点（{c}）").format(
                n=len(spec.organizations), m=orderers, c=consensus_title(spec.consensus)
            ),
            runtime_title(spec.runtime, spec.fabric_version),
            f"networks/{network}",
        )
    )
    for manifest in platform.applications.all():
        version = versions.get(manifest.contract.name)
        if version is None:
            continue
        row = newest.get(manifest.contract.name)
        facts.running.append(
            Running(
                manifest.icon or "apps",
                say(manifest.title),
                "",
                "ok" if whole else "warn",
                tr("正常") if whole else tr("随网络"),
                tr("合约 {name} {v}").format(name=manifest.contract.name, v=version),
                tr("最近写入 {age}").format(age=ago(row.time)) if row else "",
                manifest.id,
            )
        )
    capabilities = _try(lambda: platform.content.capabilities())  # noqa: PLW0108 - the store is opened inside
    pins = _try(lambda: sum(1 for _ in platform.content.pins()))
    if capabilities is not None:
        facts.running.append(
            Running(
                "storage",
                tr("内容存储"),
                "",
                "ok",
                tr("正常"),
                tr("{n} 个固定对象 · {engine}").format(
                    engine=say(getattr(capabilities, "title", tr("本地 IPFS 兼容存储"))),
                    n=number(pins or 0),
                ),
                "",
                "overview",
            )
        )


def _steps(facts: OverviewFacts, platform: Platform, network: str) -> None:
    people = _try(lambda: platform.identities.list(network, kind="person")) or ()
    others = [p for p in people if p.name != "admin" and p.state == "valid"]
    keystore = platform.keystore.has_passphrase
    facts.steps = [
        NextStep(
            True,
            tr("建立网络"),
            tr("{n} 个组织").format(n=facts.organizations),
        ),
        NextStep(
            facts.contracts > 0,
            tr("部署合约"),
            tr("{n} 个").format(n=facts.contracts) if facts.contracts else "",
            tr("去部署"),
            "contracts",
        ),
        NextStep(
            bool(others),
            tr("为同事签发身份"),
            tr("{n} 人").format(n=len(others)) if others else "",
            tr("签发身份"),
            "identities/issue",
        ),
        NextStep(
            keystore,
            tr("为密钥库设置口令"),
            "",
            tr("设置口令"),
            "identities/keystore",
        ),
    ]


def _try(read: Callable[[], T]) -> T | None:
    """One part of the overview may fail without the rest."""
    try:
        return read()
    except (CityChainError, AttributeError):
        return None
