"""What a token may be for. A scope lets through what the token's identity may do anyway, and never more than that."""

from __future__ import annotations

from dataclasses import dataclass

from baas import roles
from baas.errors import Text


@dataclass(frozen=True)
class Scope:
    """One thing that a token may be for; `permissions` is all that its calls may ask the platform for.

    `needs_identity`: what is done with it is signed, so the token must stand for somebody of the ledger.
    """

    name: str
    title: Text
    permissions: frozenset[str]
    needs_identity: bool = False


SCOPES: dict[str, Scope] = {
    one.name: one
    for one in (
        Scope(
            "networks.read",
            Text("查看网络、节点、合约", "see networks, nodes and contracts"),
            frozenset({roles.NETWORK_READ, roles.CONTRACT_READ, roles.LEDGER_READ}),
        ),
        Scope(
            "networks.operate",
            Text("启动和停止网络、节点，处理告警", "start and stop networks and nodes, handle alerts"),
            frozenset({roles.NETWORK_READ, roles.NETWORK_CHANGE}),
        ),
        Scope(
            "ledger.read",
            Text("查询和校验账本", "read and verify the ledger"),
            frozenset({roles.LEDGER_READ}),
        ),
        Scope(
            "contracts.query",
            Text("以令牌的身份查询合约", "query contracts as the token's identity"),
            frozenset({roles.LEDGER_READ, roles.CONTRACT_READ, roles.CONTRACT_INVOKE}),
            needs_identity=True,
        ),
        Scope(
            "contracts.submit",
            Text("以令牌的身份提交交易", "submit transactions as the token's identity"),
            frozenset({roles.LEDGER_READ, roles.CONTRACT_READ, roles.CONTRACT_INVOKE}),
            needs_identity=True,
        ),
        Scope(
            "identities.read",
            Text("查看身份和证书期限", "see identities and when their certificates end"),
            frozenset({roles.IDENTITY_READ}),
        ),
        Scope(
            "monitor.read",
            Text("查看监控和告警", "see the monitor and its alerts"),
            frozenset({roles.NETWORK_READ}),
        ),
        Scope(
            "audit.read",
            Text("查看审计记录", "read the audit log"),
            frozenset({roles.AUDIT_READ}),
        ),
    )
}
"""Every scope by its name."""
