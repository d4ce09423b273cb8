"""What needs doing on a network: one list, from which the overview, the rail's badges and the status bar are shown.

Each item names the page that handles it; a page's badge is the sum of its items. What the acting role may not see is
left out of both.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from baas import roles
from console.i18n import language, say, tr
from console.i18n.formats import ago, day, number, size, when
from fabric_sdk import clock
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.drivers.base import NetworkStatus

T = TypeVar("T")
LOW_DISK = 2 * 1000**3
BACKUP_DAYS = 7
SLOW_SECONDS = 30.0
DAY = 86_400.0
_URGENCY = {"bad": 0, "warn": 1}


@dataclass(frozen=True)
class Attention:
    """Something to handle: state, sentence, detail, the button's text, where it leads, how many things it is."""

    state: str
    title: str
    detail: str
    button: str
    address: str
    node: str = ""
    count: int = 1
    network: str = ""
    """Another network than the one the pages speak of; "" for that one"""

    @property
    def page(self) -> str:
        """The page that handles it."""
        return self.address.partition("/")[0]


def badges_of(items: Sequence[Attention]) -> dict[str, int]:
    """How many things wait on each page; pages of the platform that nothing waits on are 0."""
    found = {"networks": 0, "identities": 0, "contracts": 0}
    for item in items:
        found[item.page] = found.get(item.page, 0) + item.count
    return found


def by_urgency(items: Sequence[Attention]) -> list[Attention]:
    """The most urgent first, otherwise as they came."""
    return sorted(items, key=lambda item: _URGENCY.get(item.state, 2))


def waiting_items(counts: Mapping[str, int], titles: Mapping[str, str]) -> list[Attention]:
    """What waits on the applications' pages, from the counts that their badges show."""
    return [
        Attention(
            "warn",
            tr("{title}：{n} 件事待处理").format(title=titles[page], n=number(count)),
            tr("打开该页逐件处理"),
            tr("去办理"),
            page,
            count=count,
        )
        for page, count in counts.items()
        if count and page in titles
    ]


class Todo:
    """Reads the list; what takes many questions to the network is asked again after 30 s, or when `forget` says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slow: dict[tuple[str, str, str], tuple[float, list[Attention]]] = {}

    def forget(self) -> None:
        """Something has changed: ask everything again."""
        with self._lock:
            self._slow.clear()

    def read(self, platform: Platform, network: str, status: NetworkStatus | None) -> list[Attention]:
        """What needs doing on `network`, whose nodes are as `status` says; never raises for a part that fails."""
        return by_urgency([*self._of(platform, network, status), *_disk(platform), *_backup(platform)])

    def elsewhere(self, platform: Platform, network: str, status: NetworkStatus | None) -> list[Attention]:
        """What needs doing on a network that the pages do not speak of now: each item names it."""
        return by_urgency([replace(item, network=network) for item in self._of(platform, network, status)])

    def _of(self, platform: Platform, network: str, status: NetworkStatus | None) -> list[Attention]:
        return [
            *_nodes(network, status),
            *_certificates(platform, network),
            *self._waiting(platform, network),
        ]

    def _waiting(self, platform: Platform, network: str) -> list[Attention]:
        whose = (network, platform.session.actor.label, language())
        with self._lock:
            until, known = self._slow.get(whose, (0.0, []))
        if monotonic() < until:
            return known
        found = list(_signatures(platform, network))
        with self._lock:
            self._slow[whose] = (monotonic() + SLOW_SECONDS, found)
        return found


def _signatures(platform: Platform, network: str) -> Iterator[Attention]:
    """What waits for somebody's signature: channel updates and contract definitions."""
    if platform.session.allows(roles.NETWORK_READ):
        for update in attempt(lambda: platform.changes.pending(network)) or ():
            yield Attention(
                "warn",
                tr("通道 {channel} 的配置更新等待签名").format(channel=update.channel),
                tr("已签 {n}；还可由 {who} 签名").format(
                    n=len(update.signers), who=tr("、").join(update.others) or "—"
                ),
                tr("签名收件箱"),
                f"networks/{network}/inbox",
            )
    for definition in attempt(lambda: platform.contracts.list(network)) or ():
        board = attempt(lambda name=definition.name: platform.contracts.board(network, name))  # type: ignore[misc]
        if board is None or board.pending is None:
            continue
        missing = [say(row.title) for row in board.rows if not row.approved]
        short = max(0, board.needed - board.approvals)
        words = tr("合约 {name} {v} 还差 {n} 个组织批准") if short else tr("合约 {name} {v} 可以提交了")
        yield Attention(
            "warn",
            words.format(name=definition.name, v=board.pending.version, n=short),
            tr("已批准 {n} / {all}；待批准：{who}").format(
                n=board.approvals, all=len(board.rows), who=tr("、").join(missing[:3]) or "—"
            ),
            tr("查看合约"),
            f"contracts/{definition.name}",
        )


def _nodes(network: str, status: NetworkStatus | None) -> Iterator[Attention]:
    if status is None:
        return
    if status.state == "stopped":
        yield Attention("bad", tr("网络已停止"), tr("账本和密钥都在，启动后继续。"), tr("启动网络"), "networks", "*")
        return
    lapsed = [node for node in status.nodes if node.state == "lapsed"]
    if lapsed:
        detail = say(lapsed[0].detail) if lapsed[0].detail else ""
        yield Attention("bad", tr("网络在运行，但无法连接"), detail, tr("续期证书"), "identities/renew")
    for node in status.nodes:
        if node.state in {"stopped", "failed"}:
            since = ago(node.since) if node.since else ""
            detail = say(node.detail) if node.detail else since
            yield Attention(
                "bad",
                tr("{node} 已停止").format(node=node.name),
                detail or node.msp_id,
                tr("启动节点"),
                f"networks/{network}/node/{node.name}",
                node.name,
            )


def _certificates(platform: Platform, network: str) -> Iterator[Attention]:
    urgent = attempt(lambda: platform.identities.expiring(network)) or ()
    expired = [record for record in urgent if record.state == "expired"]
    expiring = [record for record in urgent if record.state != "expired"]
    for state, words, records in (
        ("bad", tr("{n} 张证书已过期"), expired),
        ("warn", tr("{n} 张证书将在 30 天内到期"), expiring),
    ):
        if records:
            first = records[0]
            detail = tr("最早：{label}，{day}").format(label=first.label, day=day(first.not_after.astimezone().date()))
            yield Attention(
                state, words.format(n=len(records)), detail, tr("查看证书"), "identities", count=len(records)
            )


def _backup(platform: Platform) -> Iterator[Attention]:
    """A backup that grew old; that none was made yet is one of the steps."""
    from baas.services.backup import LAST_BACKUP

    last = platform.workspace.setting(LAST_BACKUP, "")
    if not last.isdigit() or clock.seconds() - int(last) < BACKUP_DAYS * DAY:
        return
    yield Attention(
        "warn",
        tr("备份已超过 {n} 天").format(n=int((clock.seconds() - int(last)) // DAY)),
        tr("上次 {when}").format(when=when(int(last))),
        tr("去备份"),
        "settings/workspace",
    )


def _disk(platform: Platform) -> Iterator[Attention]:
    free = shutil.disk_usage(platform.workspace.folder).free
    if free < LOW_DISK:
        yield Attention(
            "warn",
            tr("磁盘剩余空间不足"),
            tr("剩余 {free}").format(free=size(free)),
            tr("打开体检"),
            "doctor",
        )


def attempt(read: Callable[[], T]) -> T | None:
    """One part may fail without the rest: None is unknown, which is not 0."""
    try:
        return read()
    except (CityChainError, AttributeError):
        return None
