"""Whether a channel's organisations tell peers from other members (NodeOUs), which a contract's rules may need.

Without them Fabric satisfies no rule over `peer` or `client` of that organisation: the contract would endorse nothing,
and a private collection could only be written for any `member`, whose every certificate then reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from baas.errors import Text, UserError, translating
from baas.services.peers import any_peer

if TYPE_CHECKING:
    from baas.services.lifecycle_model import Definition
    from network.handle import NetworkHandle

_BY_UNIT = ("peer", "client", "orderer")
"""Roles that only NodeOUs tell apart; administrators may be listed instead."""


def require_node_roles(handle: NetworkHandle, channel: str, definition: Definition) -> None:
    """`UserError` where the definition's policies name roles of organisations that have no NodeOUs on the channel."""
    wanted = _organizations(definition)
    if not wanted:
        return
    from fabric_sdk.admin import Channels
    from fabric_sdk.configtx import read_config

    with any_peer(handle, channel) as peer, translating():
        config = read_config(channel, Channels(peer).config(channel))
        lacking = sorted(
            {
                organization.msp_id
                for organization in config.organizations
                if organization.application
                and organization.msp_id in wanted
                and not organization.msp.fabric_node_ous.enable
            }
        )
    if lacking:
        raise UserError(
            Text(
                "合约 {c} 的规则要区分节点和用户，但 {m} 的 MSP 未启用 NodeOUs。",
                "The rules of {c} tell peers from clients, but the MSP of {m} has no NodeOUs.",
                c=definition.name,
                m=", ".join(lacking),
            ),
            Text(
                "请该组织的管理员在通道配置里启用（config.yaml：NodeOUs: Enable: true）后重新部署。",
                "Have its administrator turn them on in the channel (config.yaml: NodeOUs: Enable: true), then retry.",
            ),
            code="no_node_roles",
        )


def _organizations(definition: Definition) -> frozenset[str]:
    """The organisations whose peers or clients a definition's own rules name; channel policies are the channel's."""
    from fabric_sdk.policy import parse, principal_name

    return frozenset(
        msp_id
        for text in _policies(definition)
        if text and not text.startswith("/")
        for principal in parse(text).identities
        for msp_id, _, role in [principal_name(principal).rpartition(".")]
        if role in _BY_UNIT
    )


def _policies(definition: Definition) -> Iterator[str]:
    yield definition.endorsement_policy
    for collection in definition.collections:
        yield str(collection.get("policy") or "")
        own: dict[str, Any] = collection.get("endorsementPolicy") or {}
        yield str(own.get("signaturePolicy") or "")
