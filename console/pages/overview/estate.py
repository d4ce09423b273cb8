"""An administrator's home: all networks of the workspace, what needs doing on them, what they cost, how they are.

Every figure comes from the question that the page asks to which its row leads: states and blocks from the network's
status, certificates from the list of identities, memory and growth from the monitor, the clock from the check-up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from baas import roles
from console.home import HomeRow, HomeSection
from console.i18n import say, tr
from console.i18n.formats import day, number, size
from console.pages.monitor.words import growth_words, meaning, urgency
from console.titles import network_state, runtime_title
from console.todo import Attention, attempt, waiting_items

if TYPE_CHECKING:
    from baas.monitoring.cost import Cost
    from baas.platform import Platform
    from baas.services.doctor import Check
    from baas.services.identity_records import IdentityRecord
    from baas.services.network_reading import NetworkSummary
    from console.page import PageSpec
    from console.pages.overview.facts import OverviewFacts
    from console.todo import Todo
    from network.drivers.base import NetworkStatus

AGAIN_S = 10.0
"""How long what was read of another network than the shown one counts, in seconds."""


@dataclass(frozen=True)
class NetworkFacts:
    """One network: `height` is its number of blocks, `ahead_s` how far its nodes' clocks are ahead of this machine's.

    None is what nobody could say. `certificates` are those that have ended or end soon, if any (`urgent`), else all.
    `waits` is what needs doing on it, empty for the network that the pages speak of.
    """

    summary: NetworkSummary
    version: str
    status: NetworkStatus | None
    height: int | None
    certificates: tuple[IdentityRecord, ...]
    urgent: bool
    cost: Cost | None
    ahead_s: float
    waits: tuple[Attention, ...] = ()

    @property
    def answers(self) -> bool:
        return self.status is not None and self.status.state in {"running", "partial"}


@dataclass(frozen=True)
class EstateFacts:
    """All networks, the shown one first, and what the check-up says of this machine's clock."""

    shown: str
    networks: tuple[NetworkFacts, ...]
    clock: Check


class Estate:
    """Reads all networks; what was read of others than the shown one counts for ten seconds, or until `forget`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, NetworkFacts]] = {}

    def forget(self) -> None:
        """Something has changed: ask everything again."""
        with self._lock:
            self._known.clear()

    def read(
        self, platform: Platform, facts: OverviewFacts, todo: Todo, specs: Iterable[PageSpec]
    ) -> EstateFacts | None:
        """All networks beside the shown one's `facts`; None for whoever administers nothing."""
        from baas.services.doctor import machine_clock

        if not platform.session.allows(roles.NETWORK_PROPOSE):
            return None
        found = []
        for one in sorted(attempt(platform.networks.list) or (), key=lambda n: (n.name != facts.network, n.name)):
            shown = one.name == facts.network
            known = self._known_of(platform, one) or self._read(platform, one, facts, todo, specs)
            found.append(replace(known, status=facts.status, height=facts.height) if shown else known)
        return EstateFacts(facts.network, tuple(found), machine_clock())

    def _known_of(self, platform: Platform, summary: NetworkSummary) -> NetworkFacts | None:
        with self._lock:
            until, known = self._known.get((summary.name, platform.session.actor.label), (0.0, None))
        return known if known is not None and monotonic() < until and known.summary == summary else None

    def _read(
        self,
        platform: Platform,
        summary: NetworkSummary,
        facts: OverviewFacts,
        todo: Todo,
        specs: Iterable[PageSpec],
    ) -> NetworkFacts:
        name = summary.name
        shown = name == facts.network
        status = facts.status if shown else attempt(lambda: platform.networks.status(name))
        found = _facts_of(platform, summary, status)
        if not shown:
            waits = todo.elsewhere(platform, name, status)
            if found.answers:
                waits += _applications(platform, name, specs)
            found = replace(found, waits=tuple(waits))
        with self._lock:
            self._known[name, platform.session.actor.label] = (monotonic() + AGAIN_S, found)
        return found


def _applications(platform: Platform, network: str, specs: Iterable[PageSpec]) -> Iterator[Attention]:
    """What waits on the applications' pages of another network."""
    for spec in specs:
        badge = spec.badge
        count = attempt(lambda ask=badge: ask(platform, network)) if badge is not None else None  # type: ignore[misc]
        for item in waiting_items({spec.id: count or 0}, {spec.id: spec.title()}):
            yield replace(item, network=network)


def _facts_of(platform: Platform, summary: NetworkSummary, status: NetworkStatus | None) -> NetworkFacts:
    name = summary.name
    heights = [node.height for node in status.nodes if node.height is not None] if status is not None else []
    spec = attempt(lambda: platform.networks.spec(name))
    urgent = tuple(attempt(lambda: platform.identities.expiring(name)) or ())
    return NetworkFacts(
        summary,
        spec.fabric_version if spec is not None else "",
        status,
        max(heights, default=None),
        urgent or tuple(attempt(lambda: platform.identities.list(name)) or ()),
        bool(urgent),
        attempt(lambda: platform.monitor.cost(name)) if summary.phase == "ready" else None,
        platform.networks.clock(name).ahead_s,
    )


# -- shown -------------------------------------------------------------------------------------------
def sections_of(facts: EstateFacts, waiting: list[Attention]) -> list[HomeSection]:
    """The cards: networks, what needs doing on the others, cost, health; `waiting` is the shown network's list."""
    counts = {facts.shown: len(waiting)}
    networks = tuple(_network(one, counts.get(one.summary.name, len(one.waits))) for one in facts.networks)
    found = [HomeSection(tr("工作区的网络"), networks, len(networks), "", "networks")]
    titles = {one.summary.name: say(one.summary.title) for one in facts.networks}
    others = tuple(_waits(item, titles) for one in facts.networks for item in one.waits)
    if others:
        found.append(HomeSection(tr("其他网络需要处理"), others, len(others), "", "networks"))
    costs = _costs(facts)
    if costs:
        found.append(HomeSection(tr("资源与增长"), costs, 0, "", "monitor"))
    health = (_certificates(facts), _nodes(facts), _clock(facts))
    found.append(HomeSection(tr("健康"), health, 0, "", "doctor"))
    return found


def _network(one: NetworkFacts, waits: int) -> HomeRow:
    summary, status = one.summary, one.status
    nodes = status.nodes if status is not None else ()
    up = sum(node.state == "running" for node in nodes)
    parts = [
        runtime_title(summary.runtime, one.version),
        tr("{n} 个组织").format(n=number(len(summary.organizations))),
        tr("{all} 个节点中 {up} 个在线").format(all=number(len(nodes)), up=number(up)) if nodes else "",
        tr("{n} 个区块").format(n=number(one.height)) if one.height is not None else "",
        tr("{n} 件事待处理").format(n=number(waits)) if waits else "",
    ]
    word, state = network_state(status.state if status is not None else "", summary.phase)
    title = say(summary.title)
    return HomeRow(
        title if title == summary.name else f"{title} · {summary.name}",
        " · ".join(part for part in parts if part),
        word,
        state,
        f"networks/{summary.name}",
        "network",
        network=summary.name,
    )


def _waits(item: Attention, titles: dict[str, str]) -> HomeRow:
    where = titles.get(item.network, item.network)
    address = f"networks/{item.network}" if item.node == "*" else item.address
    return HomeRow(
        item.title,
        tr("{network} · {detail}").format(network=where, detail=item.detail) if item.detail else where,
        "",
        item.state,
        address,
        "warn" if item.state == "bad" else "list",
        network=item.network,
        button=tr("去办理"),
    )


def _costs(facts: EstateFacts) -> tuple[HomeRow, ...]:
    costs = [(one, one.cost) for one in facts.networks if one.cost is not None]
    rows = [
        HomeRow(
            say(one.summary.title),
            tr("内存 {memory} · 数据 {data} · 增长：{growth}").format(
                memory="—" if cost.memory is None else size(cost.memory),
                data=size(cost.data),
                growth=growth_words(cost.growth, cost.measured_s),
            ),
            "",
            "none",
            "monitor",
            "activity",
            network=one.summary.name,
        )
        for one, cost in costs
    ]
    if not rows:
        return ()
    free = min(cost.disk_free for _, cost in costs)
    known = [cost.growth for _, cost in costs if cost.growth is not None]
    total = sum(known) if known else None
    rows.append(
        HomeRow(
            tr("磁盘剩余 {free}").format(free=size(free)),
            meaning(free, total),
            "",
            urgency(free, total),
            "doctor",
            "storage",
        )
    )
    return tuple(rows)


def _certificates(facts: EstateFacts) -> HomeRow:
    """The first certificate to end in all networks; those that have ended or end soon are counted."""
    urgent = [(record, one.summary) for one in facts.networks if one.urgent for record in one.certificates]
    lasting = [(r, one.summary) for one in facts.networks for r in one.certificates if r.state != "revoked"]
    title = tr("证书")
    if not lasting:
        return HomeRow(title, tr("网络没有应答"), tr("未知"), "warn", "identities", "award")
    record, summary = min(urgent or lasting, key=lambda pair: pair[0].not_after)
    detail = tr("最早到期 {day}：{label}").format(label=record.label, day=day(record.not_after.astimezone().date()))
    expired = sum(one.state == "expired" for one, _ in urgent)
    if expired:
        word, state = tr("{n} 张已过期").format(n=number(expired)), "bad"
    elif urgent:
        word, state = tr("{n} 张将到期").format(n=number(len(urgent))), "warn"
    else:
        word, state = tr("30 天内无到期"), "ok"
    where = f"{detail} · {say(summary.title)}"
    return HomeRow(title, where, word, state, "identities", "award", network=summary.name)


def _nodes(facts: EstateFacts) -> HomeRow:
    """The nodes that do not run; networks that were stopped as a whole are counted for themselves."""
    title = tr("节点", "several")
    unknown = [one for one in facts.networks if one.status is None]
    down = [
        (node.name, one.summary.name)
        for one in facts.networks
        if one.status is not None and one.status.state != "stopped"
        for node in one.status.nodes
        if node.state != "running"
    ]
    stopped = [one for one in facts.networks if one.status is not None and one.status.state == "stopped"]
    if down:
        names = tr("、").join(name for name, _ in down)
        word = tr("{n} 个不在运行").format(n=number(len(down)))
        return HomeRow(title, names, word, "bad", f"networks/{down[0][1]}", "server", network=down[0][1])
    running = sum(len(one.status.nodes) for one in facts.networks if one.status is not None and one.answers)
    first = (stopped or unknown or list(facts.networks))[0].summary.name
    parts = [tr("{n} 个在运行").format(n=number(running))]
    if stopped:
        parts.append(tr("{n} 个网络已停止").format(n=number(len(stopped))))
    if unknown:
        parts.append(tr("{n} 个网络没有应答").format(n=number(len(unknown))))
    word, state = (tr("请留意"), "warn") if stopped or unknown else (tr("正常"), "ok")
    return HomeRow(title, tr("，").join(parts), word, state, f"networks/{first}", "server", network=first)


def _clock(facts: EstateFacts) -> HomeRow:
    """This machine's clock as the check-up judges it, and the network whose nodes' clocks differ most from it."""
    far = max(facts.networks, key=lambda one: abs(one.ahead_s), default=None)
    check = facts.clock
    detail, word, state = say(check.detail), tr("正常"), check.state
    if check.state != "ok":
        word = tr("不可信")
    elif far is not None and far.ahead_s:
        words = tr("{network} 的节点快 {n} 秒") if far.ahead_s > 0 else tr("{network} 的节点慢 {n} 秒")
        detail = words.format(network=say(far.summary.title), n=number(abs(far.ahead_s), 1))
        word, state = tr("不一致"), "warn"
    return HomeRow(say(check.title), detail, word, state, "doctor", "clock")
