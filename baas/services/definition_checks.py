"""What is refused before anybody approves it: names Fabric will not take, policies that nobody can satisfy.

Fabric commits a definition whose policy names strangers; the contract then never endorses again, and nothing says why.
Whoever deploys here is told beforehand, with the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from baas.errors import Text, UserError, translating
from baas.services.peers import any_peer

if TYPE_CHECKING:
    from baas.services.lifecycle_model import Definition
    from fabric_sdk.channel import ChannelAuthority
    from network.handle import NetworkHandle

# core/chaincode/lifecycle/scc.go of Fabric: names, versions and collections.
_NAME = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_VERSION = re.compile(r"[A-Za-z0-9_.+-]+")
_COLLECTION = re.compile(r"[A-Za-z0-9-]+([A-Za-z0-9_-]+)*")
_SYSTEM_NAMES = frozenset({"cscc", "escc", "lscc", "qscc", "vscc"})
MAX_NAME = 64
"""Longer names make package labels and file names that some machines refuse."""


def check_names(definition: Definition) -> None:
    """`UserError` with the rule for a name, version or collection's name that Fabric refuses."""
    name, version = definition.name, definition.version
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME or name in _SYSTEM_NAMES:
        raise UserError(
            Text("“{n}”不能作为合约名。", "{n} cannot name a contract.", n=name[:80] or "—"),
            Text(
                "只用字母和数字，中间可用 - 或 _ 连接，最多 {m} 个字符；{s} 是系统合约的名字。",
                "Letters and digits, joined by - or _, at most {m} characters; {s} are system contracts.",
                m=MAX_NAME,
                s=", ".join(sorted(_SYSTEM_NAMES)),
            ),
            code="bad_name",
        )
    if not _VERSION.fullmatch(version) or len(version) > MAX_NAME:
        raise UserError(
            Text("“{v}”不能作为版本号。", "{v} cannot be a version.", v=version[:80] or "—"),
            Text(
                "只用字母、数字和 . _ + -，最多 {m} 个字符，例如 1.0.0。",
                "Letters, digits and . _ + -, at most {m} characters; for example 1.0.0.",
                m=MAX_NAME,
            ),
            code="bad_version",
        )
    for collection in definition.collections:
        if not _COLLECTION.fullmatch(str(collection.get("name", ""))):
            raise UserError(
                Text("“{n}”不能作为私有集合名。", "{n} cannot name a collection.", n=str(collection.get("name"))[:80]),
                Text("只用字母、数字、- 和 _，不能以 _ 开头。", "Letters, digits, - and _, not beginning with _."),
                code="bad_collection",
            )


def check_signers(handle: NetworkHandle, channel: str, definition: Definition) -> None:
    """`UserError` naming the policy that no organisation of the channel can satisfy, or the collection of strangers."""
    from fabric_sdk.admin import Channels
    from fabric_sdk.channel import ChannelAuthority

    with any_peer(handle, channel) as peer, translating():
        authority = ChannelAuthority(Channels(peer).config(channel))
    able = _endorsers(handle, channel, authority)
    _check_policy(definition.endorsement_policy, authority, able, "")
    members = frozenset(authority.organizations["Application"].values())
    for collection in definition.collections:
        name = str(collection.get("name", ""))
        _check_members(name, str(collection.get("policy") or ""), members)
        own = collection.get("endorsementPolicy") or {}
        text = str(own.get("signaturePolicy") or own.get("channelConfigPolicy") or "")
        if text:
            _check_policy(text, authority, able, name)


def _endorsers(handle: NetworkHandle, channel: str, authority: ChannelAuthority) -> Mapping[str, int]:
    """How many peers of the channel each organisation has; of a network of others that is not known (and not limited).

    Their members are known from the configuration.
    """
    members = set(authority.organizations["Application"].values())
    if handle.runtime == "attached":
        return dict.fromkeys(members, 1 << 16)
    found: dict[str, int] = {}
    for node in handle.channel_peers(channel):
        if node.organization.msp_id in members:
            found[node.organization.msp_id] = found.get(node.organization.msp_id, 0) + 1
    return found


def _check_policy(text: str, authority: ChannelAuthority, able: Mapping[str, int], collection: str) -> None:
    from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal

    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import combinations, parse, principal_name

    try:
        envelope = authority.signature_policy(text) if text.startswith("/") else parse(text)
    except PolicyError as error:
        raise UserError(
            Text("背书策略无法读懂：{t}", "The endorsement policy cannot be read: {t}", t=str(error)),
            _example(able),
            code="bad_policy",
        ) from error
    try:
        options = combinations(envelope)
    except PolicyError:
        return  # too many ways to list: somebody will be able to
    roles = {principal_name(p) for p in envelope.identities if p.principal_classification == MSPPrincipal.ROLE}
    reasons = []
    for option in options:
        reason = next(_obstacles({p: n for p, n in option.items() if p in roles}, able), None)
        if reason is None:
            return
        reasons.append(reason)
    what = (
        Text("私有集合 {c} 的背书策略", "the endorsement policy of the collection {c}", c=collection)
        if collection
        else Text("背书策略", "the endorsement policy")
    )
    why = reasons[0] if reasons else Text("它要求的签名无法凑齐", "it asks for signatures that cannot come together")
    raise UserError(
        Text(
            "通道上没有人能满足{what}：{why}。", "Nobody on the channel can satisfy {what}: {why}.", what=what, why=why
        ),
        _example(able),
        code="policy_unsatisfiable",
        details={"policy": text[:500]},
    )


def _obstacles(option: Mapping[str, int], able: Mapping[str, int]) -> Iterator[Text]:
    """Why the channel's peers cannot give the signatures of one option."""
    for principal, count in option.items():
        msp_id, _, role = principal.rpartition(".")
        if msp_id not in able:
            yield Text("{m} 在这个通道上没有节点", "{m} has no peer on this channel", m=msp_id[:80])
        elif role not in ("peer", "member"):
            yield Text(
                "背书的是节点，节点不是 {p}", "peers endorse, and a peer is no {p}", p=f"{msp_id[:80]}.{role[:20]}"
            )
        elif count > able[msp_id]:
            yield Text(
                "{m} 只有 {n} 个节点，要求 {c} 个签名",
                "{m} has {n} peers, {c} must sign",
                m=msp_id,
                n=able[msp_id],
                c=count,
            )


def _example(able: Mapping[str, int]) -> Text:
    names = sorted(able)
    example = f"{'AND' if len(names) > 1 else 'OR'}({', '.join(f'{n!r}' for n in (f'{m}.peer' for m in names[:2]))})"
    return Text(
        "通道上有节点的组织：{m}。例如 {e}",
        "Organisations with peers on the channel: {m}. For example {e}",
        m=", ".join(names) or "—",
        e=example if names else "—",
    )


def _check_members(collection: str, policy: str, members: frozenset[str]) -> None:
    from fabric_sdk.policy import parse, principal_name

    if not policy:
        return
    strangers = sorted({principal_name(p).rpartition(".")[0] for p in parse(policy).identities} - members)
    if strangers:
        raise UserError(
            Text(
                "私有集合 {c} 的成员 {m} 不在这个通道里。",
                "{m}, a member of the collection {c}, is not on this channel.",
                c=collection,
                m=", ".join(strangers)[:200],
            ),
            Text("通道上的组织：{m}。", "Organisations of the channel: {m}.", m=", ".join(sorted(members))),
            code="unknown_member",
        )
