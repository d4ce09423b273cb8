"""Words for values that services give as codes: runtimes, consensus, roles, states."""

from __future__ import annotations

from collections.abc import Mapping

from console.i18n import say, tr
from network.text import Text


def runtime_title(runtime: str, version: str = "") -> str:
    """What a runtime is called."""
    titles = {
        "embedded": tr("内置账本"),
        "native": tr("官方程序"),
        "docker": tr("Docker"),
        "attached": tr("已接入"),
    }
    title = titles.get(runtime, runtime)
    return f"{title} {version}" if version and runtime in {"native", "docker"} else title


def consensus_title(consensus: str) -> str:
    return {"raft": "Raft", "bft": "BFT"}.get(consensus, consensus)


def node_state(state: str) -> tuple[str, str]:
    """The word and the health sign of a node's state."""
    return {
        "running": (tr("正常"), "ok"),
        "starting": (tr("启动中"), "busy"),
        "stopped": (tr("已停止"), "bad"),
        "failed": (tr("失败"), "bad"),
        "lapsed": (tr("证书失效"), "bad"),
        "unknown": (tr("未知"), "warn"),
    }.get(state, (state, "info"))


def organization_icon(msp_id: str) -> str:
    """The drawing that stands for an organisation, guessed from its id."""
    lowered = msp_id.lower()
    signs = {
        "copyright": "copyright",
        "hospital": "hospital",
        "health": "hospital",
        "bureau": "bureau",
        "data": "bureau",
    }
    return next((icon for word, icon in signs.items() if word in lowered), "building")


def network_state(state: str, phase: str = "ready") -> tuple[str, str]:
    """The word and the health sign of a network's state; "" is one that could not be asked."""
    if phase == "building":
        return tr("没有建完"), "warn"
    if phase == "removing":
        return tr("没有删完"), "warn"
    return {
        "running": (tr("正常"), "ok"),
        "partial": (tr("部分节点停止"), "warn"),
        "stopped": (tr("已停止"), "bad"),
        "lapsed": (tr("证书失效"), "bad"),
    }.get(state, (tr("未知"), "warn"))


def policy_words(policy: str, titles: Mapping[str, Text], *, brief: bool = False) -> str:
    """An endorsement policy in words; a channel policy's path by its name, what cannot be read as it is written.

    `brief` leaves out that it is the organisations' nodes that sign.
    """
    from baas.services.policies import explain_text
    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import parse

    if policy.startswith("/"):
        return tr("按通道的策略 {p}").format(p=policy.rpartition("/")[2])
    try:
        words = say(explain_text(parse(policy), titles))
    except PolicyError:
        return policy
    return words.replace(say(_NODES_OF), "") if brief else words


_NODES_OF = Text("的节点", "")
"""What follows an organisation's name in a policy's words, and says nothing where there is little room."""
