"""Checks of networks and their members."""

from __future__ import annotations

from apps.labs.looking import Seen, Wrong, check
from baas.errors import Text

CLINIC, HOSPITAL, BUREAU = "ClinicMSP", "HospitalMSP", "DataBureauMSP"


@check("nodes-run", chain=False)
def nodes_run(seen: Seen) -> Wrong | None:
    """Every node of the lab's network answers."""
    away = [one.name for one in seen.platform.networks.status(seen.network).nodes if one.state != "running"]
    if not away:
        return None
    return Wrong(
        Text("没有运行的节点：{n}。", "These do not run: {n}.", n=", ".join(away)),
        Text("看 network 下有哪些命令能启动它。", "See which command of network starts them."),
    )


@check("chain-verifies", chain=False)
def chain_verifies(seen: Seen) -> Wrong | None:
    """The whole chain verifies; what does not is told by the verification itself."""
    seen.platform.ledger.verify(seen.network)
    return None


@check("clinic-member")
def clinic_member(seen: Seen) -> Wrong | None:
    """The channel's configuration has the clinic."""
    if CLINIC in seen.chain.members:
        return None
    others = ", ".join(sorted(seen.chain.members))
    return Wrong(
        Text(
            "通道成员里没有 {m}，只有：{o}。",
            "The channel's members are {o}; {m} is not among them.",
            m=CLINIC,
            o=others,
        ),
        Text(
            "成员写在通道配置里；对照步骤中的 MSP 名称。",
            "Members stand in the channel's configuration; compare the MSP id with the steps.",
        ),
    )


@check("clinic-peer", chain=False)
def clinic_peer(seen: Seen) -> Wrong | None:
    """A peer of the clinic runs at the others' height."""
    nodes = [one for one in seen.platform.networks.status(seen.network).nodes if one.kind == "peer"]
    own = [one for one in nodes if one.msp_id == CLINIC]
    if not own:
        return Wrong(
            Text(
                "诊所没有节点：它的账本只能靠别人的节点。", "The clinic has no peer: it reads what others' peers tell."
            ),
            Text("增加组织和增加节点是两件事。", "To add an organisation and to add a peer are two things."),
        )
    if away := [one.name for one in own if one.state != "running"]:
        return Wrong(
            Text("诊所的节点没有运行：{n}。", "The clinic's peer does not run: {n}.", n=", ".join(away)),
            Text("在网络页或用 network status 查看。", "See the page of networks, or network status."),
        )
    highest = max(one.height or 0 for one in nodes)
    if all((one.height or 0) >= highest for one in own):
        return None
    return Wrong(
        Text("诊所的节点还没有补齐账本。", "The clinic's peer has not caught up yet."),
        Text("稍等片刻，再检查一次。", "Wait a moment, then check again."),
    )


@check("clinic-wrote")
def clinic_wrote(seen: Seen) -> Wrong | None:
    """Somebody of the clinic has entered C-1."""
    made = [one for one in seen.chain.valid("things", "Create") if one.args[:1] == ("C-1",)]
    if not made:
        return Wrong(
            Text("账本上没有物品 C-1。", "The ledger has no thing C-1."),
            Text("先有证书，才能以诊所的身份提交。", "It takes a certificate to submit for the clinic."),
        )
    if any(one.creator.startswith(f"{CLINIC}/") for one in made):
        return None
    return Wrong(
        Text(
            "C-1 是 {w} 登记的，不是诊所的人。", "C-1 was entered by {w}, who is not of the clinic.", w=made[0].creator
        ),
        Text(
            "提交时要指明由谁签名；物品登记后不能重复登记，可先重置实训。",
            "Say who signs. A thing is entered once only: reset the lab to try again.",
        ),
    )


def _drilled(seen: Seen, msp_id: str) -> Wrong | None:
    spec = seen.platform.networks.spec(seen.network)
    names = {node.name for node in spec.peers() if node.organization.msp_id == msp_id}
    reports = [one for one in seen.platform.monitor.drills(seen.network) if one.node in names]
    if not reports:
        done = ", ".join(dict.fromkeys(one.node for one in seen.platform.monitor.drills(seen.network))) or "—"
        return Wrong(
            Text(
                "没有演练过 {n}；演练过：{d}。",
                "There was no drill of {n}; there were: {d}.",
                n=", ".join(sorted(names)),
                d=done,
            ),
            Text(
                "停止节点不是演练：演练会同时从别处查询，并写出报告。",
                "Stopping a node is no drill: a drill asks elsewhere meanwhile and writes a report.",
            ),
        )
    last = reports[-1]
    if last.whole and not last.interrupted:
        return None
    return Wrong(
        Text(
            "最近一次演练中，{n} 没有补齐，或其他组织受了影响。",
            "In its last drill, {n} did not catch up, or others noticed.",
            n=last.node,
        ),
        Text("确认其他节点都在运行，再演练一次。", "See that all others run, and drill once more."),
    )


@check("drilled-hospital", chain=False)
def drilled_hospital(seen: Seen) -> Wrong | None:
    """The hospital's peer was drilled and nobody noticed."""
    return _drilled(seen, HOSPITAL)


@check("drilled-bureau", chain=False)
def drilled_bureau(seen: Seen) -> Wrong | None:
    """The Data Bureau's peer was drilled and nobody noticed."""
    return _drilled(seen, BUREAU)
