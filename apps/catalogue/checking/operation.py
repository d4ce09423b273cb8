"""Operation of the network: nodes, organisations, certificates, room, backup, watch."""

from __future__ import annotations

import datetime as dt
import shutil

from apps.catalogue.checking import Finding, check, judged, met
from apps.catalogue.checking.looking import Look
from baas.errors import Text
from baas.services.backup import LAST_BACKUP
from fabric_sdk import clock

DAY_S = 86_400.0
BACKUP_DAYS, SEAL_DAYS, CERTIFICATE_DAYS, ROOM_DAYS = 7, 2, 30, 30
LEAST_FREE = 1 << 30
BEHIND_BLOCKS = 5
AHEAD = dt.timedelta(minutes=2)


@check("nodes-running")
def nodes_running(look: Look) -> Finding:
    """Every node answers as running."""
    down = [f"{one.name}: {one.state}" for one in look.status.nodes if one.state != "running"]
    return judged(down, len(look.status.nodes), "{n} 个节点全部运行", "all {n} nodes run")


@check("peers-level")
def peers_level(look: Look) -> Finding:
    """No peer is more than a few blocks behind the highest."""
    peers = [one for one in look.status.nodes if one.kind == "peer"]
    heights = {one.name: one.heights.get(look.channel, 0) for one in peers}
    top = max(heights.values(), default=0)
    behind = [f"{name}: {height} / {top}" for name, height in heights.items() if top - height > BEHIND_BLOCKS]
    return judged(behind, len(peers), "{n} 个节点高度一致", "{n} peers have the same height")


@check("organizations-several")
def organizations_several(look: Look) -> Finding:
    """At least two organisations of the channel run peers."""
    with_peers = {one.organization.msp_id for one in look.handle.channel_peers(look.channel)} & look.members
    if len(with_peers) >= 2:
        return met("{n} 个组织有节点", "{n} organisations run peers", n=len(with_peers))
    said = Text("只有 {n} 个组织有节点", "{n} organisation runs peers", n=len(with_peers))
    return Finding("unmet", said, tuple(sorted(with_peers)))


@check("ordering-survives")
def ordering_survives(look: Look) -> Finding:
    """The ordering service goes on when one of its nodes stops (Raft: three, BFT: four)."""
    count = len(look.handle.orderers())
    if look.spec.runtime == "embedded":
        one = Text("内置账本只有一个排序进程", "the embedded ledger orders in a single process")
        return Finding("unmet", one, tuple(node.name for node in look.handle.orderers()))
    needed = 4 if look.authority.consensus_type.lower() == "bft" else 3
    said = Text("{n} 个排序节点", "{n} ordering nodes", n=count)
    names = tuple(node.name for node in look.handle.orderers())
    return Finding("met", said) if count >= needed else Finding("unmet", said, names)


@check("peers-spare")
def peers_spare(look: Look) -> Finding:
    """Each organisation with peers has a second one."""
    count: dict[str, int] = {}
    for one in look.handle.channel_peers(look.channel):
        count[one.organization.msp_id] = count.get(one.organization.msp_id, 0) + 1
    single = [msp for msp, peers in sorted(count.items()) if peers < 2]
    found = judged(single, len(count), "{n} 个组织都有备用节点", "all {n} organisations have a spare peer")
    return Finding("partly", found.measured, found.against) if 0 < len(single) < len(count) else found


@check("anchor-peers")
def anchor_peers(look: Look) -> Finding:
    """Each organisation with peers is reachable for the others: the configuration names an anchor peer."""
    wanted = {one.organization.msp_id for one in look.handle.channel_peers(look.channel)}
    groups = look.root.groups["Application"].groups
    known = look.authority.organizations["Application"]
    without = [known[name] for name, group in groups.items() if "AnchorPeers" not in group.values]
    return judged(sorted(set(without) & wanted), len(wanted), "{n} 个组织有锚节点", "{n} organisations have anchors")


@check("certificates-last")
def certificates_last(look: Look) -> Finding:
    """No certificate in use ends within thirty days."""
    from network.monitor import certificate_expiries

    found = certificate_expiries(look.handle)
    soon = [f"{one.owner} ({one.kind}): {one.not_after:%Y-%m-%d}" for one in found if _ends(one.days_left(look.now))]
    return judged(soon, len(found), "{n} 张证书 30 天内不到期", "none of {n} certificates ends within 30 days")


def _ends(days: float) -> bool:
    return days <= CERTIFICATE_DAYS


@check("revocations-in-force")
def revocations_in_force(look: Look) -> Finding:
    """Whatever certificate an organisation revoked, its channels refuse."""
    from baas.services.revocations import revoked_certificates

    found = revoked_certificates(look.platform.networks, look.network)
    if not found:
        return met("没有吊销的证书", "no certificate was revoked")
    unknown = [f"{one.msp_id}/{one.name}" for one in found if not one.in_force]
    return judged(unknown, len(found), "{n} 张吊销的证书通道都拒绝", "the channels refuse all {n} revoked certificates")


@check("authorities-apart")
def authorities_apart(look: Look) -> Finding:
    """No single holder has the certificate authorities of several organisations."""
    held = look.platform.networks.authorities(look.network)
    if len(held) < 2:
        return met("各组织自持 CA", "each organisation holds its own authority")
    said = Text(
        "本工作区持有 {n} 个组织的 CA", "this workspace holds the authorities of {n} organisations", n=len(held)
    )
    return Finding("unmet", said, held)


@check("backup-fresh")
def backup_fresh(look: Look) -> Finding:
    """A backup was written within a week."""
    at = float(look.platform.workspace.setting(LAST_BACKUP, "0") or 0)
    if not at:
        return Finding("unmet", Text("从未备份", "never backed up"))
    days = (clock.seconds() - at) / DAY_S
    said = Text("{d} 天前", "{d} days ago", d=f"{days:.1f}")
    return Finding("met" if 0 <= days <= BACKUP_DAYS else "unmet", said)


@check("disk-room")
def disk_room(look: Look) -> Finding:
    """The disk has a gigabyte free and lasts thirty days at the pace of late."""
    free = shutil.disk_usage(look.platform.workspace.folder).free
    if free < LEAST_FREE:
        return Finding("unmet", Text("只剩 {g} GB", "{g} GB free", g=f"{free / 1024**3:.2f}"))
    short = [
        f"{one.channel}: {one.days_left:.0f}"
        for one in look.platform.room.taken(look.network)
        if one.days_left is not None and one.days_left < ROOM_DAYS
    ]
    if short:
        return Finding("unmet", Text("不够用 30 天", "does not last 30 days"), tuple(short))
    return met("剩余 {g} GB", "{g} GB free", g=f"{free / 1024**3:.0f}")


@check("clock-agrees")
def clock_agrees(look: Look) -> Finding:
    """No transaction comes from this machine's future, and blocks do not run back in time."""
    times = [
        (block.number, one.timestamp)
        for block in look.blocks
        for one in block.transactions
        if one.timestamp is not None
    ]
    ahead = [f"{number}: {at:%Y-%m-%d %H:%M:%S}" for number, at in times if at > look.now + AHEAD]
    return judged(ahead, len(times), "{n} 笔交易的时间与本机相符", "the times of {n} transactions fit this machine's")


@check("watched")
def watched(look: Look) -> Finding:
    """A program watches the network, and nobody left a serious alert untaken."""
    monitor = look.platform.monitor
    if not monitor.watched(look.network):
        return Finding("unmet", Text("没有程序在监控", "no program watches it"))
    loud = [f"{one.subject}: {one.en}" for one in monitor.alerts(look.network) if one.open and one.level == "bad"]
    if loud:
        return Finding("unmet", Text("{n} 个告警无人处理", "{n} alerts untaken", n=len(loud)), tuple(loud))
    return met("有人值守，无未处理告警", "watched, nothing untaken")


@check("duties-done")
def duties_done(look: Look) -> Finding:
    """What recurs is done in time and did not fail."""
    from baas.serving.duties import records

    found = records(look.platform.workspace)
    now = clock.seconds()
    late = [one.name for one in found if one.failed or now - one.at > 3 * one.seconds + 60]
    return judged(late, len(found), "{n} 项定期任务按时完成", "{n} duties done in time")


@check("audit-whole")
def audit_whole(look: Look) -> Finding:
    """The audit log is as it was written, and as the ledger's seals have it."""
    found = look.platform.audit.check(look.network)
    if not found.whole:
        said = Text("{n} 处与写入时不同", "differs in {n} places", n=len(found.findings))
        return Finding("unmet", said, tuple(f"{one.line}: {one.what}" for one in found.findings))
    return met("{n} 行完整", "{n} lines whole", n=found.lines)


@check("audit-sealed")
def audit_sealed(look: Look) -> Finding:
    """The newest seal of the audit log on the ledger is not older than two days."""
    seals = look.platform.audit.seals(look.network)
    if not seals:
        return Finding("unmet", Text("从未封存", "never sealed"))
    days = (look.now.timestamp() - max(one.at for one in seals)) / DAY_S
    said = Text("{d} 天前封存", "sealed {d} days ago", d=f"{days:.1f}")
    return Finding("met" if days <= SEAL_DAYS else "unmet", said)


@check("keystore-passphrase")
def keystore_passphrase(look: Look) -> Finding:
    """Private keys lie under a passphrase, not under the device's key alone."""
    if look.platform.keystore.has_passphrase:
        return met("口令保护", "under a passphrase")
    return Finding("unmet", Text("没有口令", "no passphrase"))
