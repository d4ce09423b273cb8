"""What the overview shows, read from the services in one go outside the window's thread."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from baas import roles
from console.i18n import say, tr
from console.i18n.formats import ago, day, day_long, number, size, when
from console.titles import consensus_title, runtime_title
from fabric_sdk import clock
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.drivers.base import NetworkStatus

T = TypeVar("T")
LOW_DISK = 2 * 1000**3
RATE_MINUTES = 60
BACKUP_DAYS = 7
_DAY = 86_400.0
_URGENCY = {"bad": 0, "warn": 1}


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


@dataclass(frozen=True)
class SlowFacts:
    """What takes many questions to the network or the disk, and changes seldom."""

    pending: tuple[Attention, ...] = ()
    content: str = ""


def read_slowly(platform: Platform, network: str) -> SlowFacts:
    """Ask every organisation what it has approved, and count what the content store keeps."""
    if not network:
        return SlowFacts()
    return SlowFacts(tuple(_waiting(platform, network)), _content(platform))


def read_overview(platform: Platform, network: str, slow: SlowFacts | None = None) -> OverviewFacts:
    """Read the state of `network`; a part that does not answer becomes something to handle, not an error."""
    facts = OverviewFacts(network)
    if not network:
        return facts
    slow = slow or SlowFacts()
    spec = platform.networks.spec(network)
    facts.title = say(spec.title)
    channel = spec.channels[0].name if spec.channels else ""
    today = clock.local().date()
    facts.line = tr("{title} · 通道 {channel} · 今天 {day}").format(
        title=facts.title, channel=channel, day=day_long(today)
    )
    facts.organizations = len(spec.organizations)
    status = _try(lambda: platform.networks.status(network))
    _attend_nodes(facts, status)
    _attend_certificates(facts, platform, network)
    facts.attention += slow.pending
    _attend_disk(facts, platform)
    _attend_backup(facts, platform)
    facts.attention.sort(key=lambda item: _URGENCY.get(item.state, 2))
    definitions = _try(lambda: platform.contracts.list(network)) or ()
    facts.contracts = len(definitions)
    facts.contract_names = [f"{d.name} {d.version}" for d in definitions]
    newest = _traffic(facts, platform, network)
    _running(facts, platform, network, status, {d.name: d.version for d in definitions}, newest, slow)
    _steps(facts, platform, network)
    return facts


def _waiting(platform: Platform, network: str) -> Iterator[Attention]:
    """What waits for somebody's signature: channel updates and contract definitions."""
    session = platform.session
    if session.allows(roles.NETWORK_READ):
        for update in _try(lambda: platform.changes.pending(network)) or ():
            yield Attention(
                "warn",
                tr("通道 {channel} 的配置更新等待签名").format(channel=update.channel),
                tr("已签 {n}；还可由 {who} 签名").format(n=len(update.signers), who="、".join(update.others) or "—"),
                tr("签名收件箱"),
                f"networks/{network}/inbox",
            )
    for definition in _try(lambda: platform.contracts.list(network)) or ():
        board = _try(lambda name=definition.name: platform.contracts.board(network, name))  # type: ignore[misc]
        if board is None or board.pending is None:
            continue
        missing = [say(row.title) for row in board.rows if not row.approved]
        short = max(0, board.needed - board.approvals)
        words = tr("合约 {name} {v} 还差 {n} 个组织批准") if short else tr("合约 {name} {v} 可以提交了")
        yield Attention(
            "warn",
            words.format(name=definition.name, v=board.pending.version, n=short),
            tr("已批准 {n} / {all}；待批准：{who}").format(
                n=board.approvals, all=len(board.rows), who="、".join(missing[:3]) or "—"
            ),
            tr("查看合约"),
            f"contracts/{definition.name}",
        )


def _content(platform: Platform) -> str:
    capabilities = _try(lambda: platform.content.capabilities())  # noqa: PLW0108 - the store is opened inside
    pins = _try(lambda: sum(1 for _ in platform.content.pins()))
    if capabilities is None:
        return ""
    return tr("{n} 个固定对象 · {engine}").format(
        engine=say(getattr(capabilities, "title", tr("本地 IPFS 兼容存储"))), n=number(pins or 0)
    )


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
    lapsed = [node for node in status.nodes if node.state == "lapsed"]
    if lapsed:
        facts.attention.append(
            Attention(
                "bad",
                tr("网络在运行，但无法连接"),
                say(lapsed[0].detail) if lapsed[0].detail else "",
                tr("续期证书"),
                "identities/renew",
            )
        )
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
    urgent = _try(lambda: platform.identities.expiring(network)) or ()
    expired = [record for record in urgent if record.state == "expired"]
    expiring = [record for record in urgent if record.state != "expired"]
    for state, words, records in (
        ("bad", tr("{n} 张证书已过期"), expired),
        ("warn", tr("{n} 张证书将在 30 天内到期"), expiring),
    ):
        if records:
            first = records[0]
            detail = tr("最早：{label}，{day}").format(label=first.label, day=day(first.not_after.astimezone().date()))
            facts.attention.append(Attention(state, words.format(n=len(records)), detail, tr("查看证书"), "identities"))


def _attend_backup(facts: OverviewFacts, platform: Platform) -> None:
    """A backup that grew old; that none was made yet is one of the steps."""
    from baas.services.backup import LAST_BACKUP

    last = platform.workspace.setting(LAST_BACKUP, "")
    if not last.isdigit() or clock.seconds() - int(last) < BACKUP_DAYS * _DAY:
        return
    facts.attention.append(
        Attention(
            "warn",
            tr("备份已超过 {n} 天").format(n=int((clock.seconds() - int(last)) // _DAY)),
            tr("上次 {when}").format(when=when(int(last))),
            tr("去备份"),
            "settings/workspace",
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


def _traffic(facts: OverviewFacts, platform: Platform, network: str) -> dict[str, float]:
    """Fill in counts and charts from the explorer's index; return contract → when its newest block was made."""
    explorer = platform.explorer
    statuses = _try(lambda: explorer.status(network)) or ()
    facts.transactions = sum(s.transactions for s in statuses)
    facts.invalid = sum(s.invalid for s in statuses)
    facts.height = max((s.ledger_height or s.indexed for s in statuses), default=0)
    since = clock.seconds() - RATE_MINUTES * 60
    minutes = _try(lambda: explorer.traffic(network, since=since, step=60.0, count=RATE_MINUTES)) or ()
    facts.minutes = [part.transactions for part in minutes]
    facts.blocks = [part.blocks for part in minutes]
    facts.refused = [part.invalid for part in minutes]
    today = clock.local()
    first = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    days = _try(lambda: explorer.traffic(network, since=first.timestamp(), step=_DAY, count=7)) or ()
    facts.days = [((first + timedelta(days=n)).date(), part.transactions, part.invalid) for n, part in enumerate(days)]
    newest = {}
    for contract in _try(lambda: explorer.contracts(network)) or ():
        block = _try(lambda at=contract.last_block: explorer.block(network, at))  # type: ignore[misc]
        if block is not None:
            newest[contract.name] = block.time
    return newest


def _running(
    facts: OverviewFacts,
    platform: Platform,
    network: str,
    status: NetworkStatus | None,
    versions: dict[str, str],
    newest: dict[str, float],
    slow: SlowFacts,
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
        written = newest.get(manifest.contract.name)
        facts.running.append(
            Running(
                manifest.icon or "apps",
                say(manifest.title),
                "",
                "ok" if whole else "warn",
                tr("正常") if whole else tr("随网络"),
                tr("合约 {name} {v}").format(name=manifest.contract.name, v=version),
                tr("最近写入 {age}").format(age=ago(written)) if written else "",
                manifest.id,
            )
        )
    if slow.content:
        facts.running.append(
            Running("storage", tr("内容存储"), "", "ok", tr("正常"), slow.content, "", "settings/workspace")
        )


def _steps(facts: OverviewFacts, platform: Platform, network: str) -> None:
    from baas.services.backup import LAST_BACKUP

    if not platform.session.allows(roles.NETWORK_CHANGE):
        facts.steps = [
            NextStep(False, say(manifest.title), say(manifest.summary), tr("打开"), manifest.id)
            for manifest in platform.applications.all()
            if any(platform.session.allows(permission) for permission in manifest.permission_titles)
        ]
        return
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
        NextStep(
            bool(platform.workspace.setting(LAST_BACKUP, "")),
            tr("备份工作区"),
            "",
            tr("去备份"),
            "settings/workspace",
        ),
    ]


def _try(read: Callable[[], T]) -> T | None:
    """One part of the overview may fail without the rest."""
    try:
        return read()
    except (CityChainError, AttributeError):
        return None
