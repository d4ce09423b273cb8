"""What the overview shows, read from the services in one go outside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from baas import roles
from console.i18n import say, tr
from console.i18n.formats import ago, day_long, number
from console.titles import consensus_title, runtime_title
from console.todo import DAY, Attention, attempt
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.pages.overview.estate import EstateFacts
    from console.todo import Todo
    from network.drivers.base import NetworkStatus

RATE_MINUTES = 60


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
    transactions: int | None = None
    invalid: int | None = None
    height: int | None = None
    minutes: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    contract_names: list[str] = field(default_factory=list)
    days: list[tuple[date, int, int]] = field(default_factory=list)
    contracts: int | None = None
    organizations: int = 0
    status: NetworkStatus | None = None
    estate: EstateFacts | None = None
    """All networks of the workspace, for an administrator"""
    may_see: frozenset[str] = frozenset()
    """Which of the rights to read the ledger and its contracts the acting person has: what is None in spite of it, the
    network did not tell."""

    def why_unknown(self, right: str) -> str:
        """Why a figure that needs `right` is not known, in words."""
        return tr("网络没有应答") if right in self.may_see else tr("您的角色看不到")


def read_overview(platform: Platform, network: str, todo: Todo, content: str = "") -> OverviewFacts:
    """Read the state of `network`; a part that does not answer becomes something to handle, not an error.

    `content` is what `read_content` said. What the acting role may not see stays None.
    """
    facts = OverviewFacts(network)
    if not network:
        return facts
    spec = platform.networks.spec(network)
    facts.may_see = frozenset(filter(platform.session.allows, (roles.LEDGER_READ, roles.CONTRACT_READ)))
    facts.title = say(spec.title)
    channel = spec.channels[0].name if spec.channels else ""
    today = clock.local().date()
    facts.line = tr("{title} · 通道 {channel} · 今天 {day}").format(
        title=facts.title, channel=channel, day=day_long(today)
    )
    facts.organizations = len(spec.organizations)
    status = facts.status = attempt(lambda: platform.networks.status(network))
    facts.attention = todo.read(platform, network, status)
    definitions = attempt(lambda: platform.contracts.list(network))
    facts.contracts = len(definitions) if definitions is not None else None
    facts.contract_names = [f"{d.name} {d.version}" for d in definitions or ()]
    newest = _traffic(facts, platform, network)
    versions = {d.name: d.version for d in definitions or ()}
    if definitions is None and roles.CONTRACT_READ in facts.may_see:
        versions = dict.fromkeys(newest, "")
    _running(facts, platform, network, status, versions, newest, content)
    _steps(facts, platform, network)
    return facts


def read_content(platform: Platform) -> str:
    """What the content store keeps, in words; asking takes a look at every file, and changes seldom."""
    capabilities = attempt(lambda: platform.content.capabilities())  # noqa: PLW0108 - the store is opened inside
    pins = attempt(lambda: sum(1 for _ in platform.content.pins()))
    if capabilities is None:
        return ""
    return tr("{n} 个固定对象 · {engine}").format(
        engine=say(getattr(capabilities, "title", tr("本地 IPFS 兼容存储"))), n=number(pins or 0)
    )


def _traffic(facts: OverviewFacts, platform: Platform, network: str) -> dict[str, float]:
    """Fill in counts and charts from the explorer's index; return contract → when its newest block was made."""
    explorer = platform.explorer
    statuses = attempt(lambda: explorer.status(network))
    if statuses is not None:
        facts.transactions = sum(s.transactions for s in statuses)
        facts.invalid = sum(s.invalid for s in statuses)
        facts.height = max((s.ledger_height or s.indexed for s in statuses), default=0)
    since = clock.seconds() - RATE_MINUTES * 60
    minutes = attempt(lambda: explorer.traffic(network, since=since, step=60.0, count=RATE_MINUTES)) or ()
    facts.minutes = [part.transactions for part in minutes]
    facts.blocks = [part.blocks for part in minutes]
    facts.refused = [part.invalid for part in minutes]
    today = clock.local()
    first = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    days = attempt(lambda: explorer.traffic(network, since=first.timestamp(), step=DAY, count=7)) or ()
    facts.days = [((first + timedelta(days=n)).date(), part.transactions, part.invalid) for n, part in enumerate(days)]
    newest = {}
    for contract in attempt(lambda: explorer.contracts(network)) or ():
        block = attempt(lambda at=contract.last_block: explorer.block(network, at))  # type: ignore[misc]
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
    content: str,
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
                tr("合约 {name} {v}").format(name=manifest.contract.name, v=version).strip(),
                tr("最近写入 {age}").format(age=ago(written)) if written else "",
                manifest.id,
            )
        )
    if content:
        facts.running.append(
            Running("storage", tr("内容存储"), "", "ok", tr("正常"), content, "", "settings/workspace")
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
    people = attempt(lambda: platform.identities.list(network, kind="person")) or ()
    others = [p for p in people if p.name != "admin" and p.state == "valid"]
    keystore = platform.keystore.has_passphrase
    facts.steps = [
        NextStep(
            True,
            tr("建立网络"),
            tr("{n} 个组织").format(n=facts.organizations),
        ),
        _deploying(facts),
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


def _deploying(facts: OverviewFacts) -> NextStep:
    title = tr("部署合约")
    if facts.contracts is None:
        return NextStep(False, title, facts.why_unknown(roles.CONTRACT_READ))
    note = tr("{n} 个").format(n=facts.contracts) if facts.contracts else ""
    return NextStep(bool(facts.contracts), title, note, tr("去部署"), "contracts")
