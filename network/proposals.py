"""Whose signatures on a channel update count: an administrator of a member, by the channel's configuration in force.

A file of signatures comes from others, and "signed by" must not be what a file says: each signature is checked as an
orderer will check it, before anybody counts on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2

from fabric_sdk import clock
from fabric_sdk.configtx import ConfigError, SignedUpdate, read_config
from fabric_sdk.errors import FabricError, InvalidSignature, MspError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.msp import Msp, MspManager
from fabric_sdk.wire import decode
from network.errors import Conflict, PermissionDenied, UserError
from network.text import Text

MAX_DEPTH = 12


@dataclass(frozen=True)
class Signed:
    """One signature: whose (MSP id and common name as the file says), and why it does not count; None when it does."""

    msp_id: str
    name: str
    why: Text | None = None


def check_current(config: Any, update: SignedUpdate) -> None:
    """`Conflict` when the update was made over another configuration than the one in force."""
    message = update.message
    present = config.channel_group
    if not (_fits(present, message.read_set, 0) and _follows(present, message.read_set, message.write_set, 0)):
        raise Conflict(
            Text(
                "通道 {c} 的配置已经变过，这个更改建立在旧配置上。",
                "The configuration of {c} has changed since; this change was made over an older one.",
                c=update.channel_id,
            ),
            Text("请提出方重新提出，再收集签名。", "Have it proposed anew, then collect signatures again."),
            code="older_configuration",
        )


def signatures(config: Any, update: SignedUpdate, now: dt.datetime | None = None) -> tuple[Signed, ...]:
    """Every signature of an update, judged by the configuration in force."""
    manager = _manager(update.channel_id, config)
    at = now or clock.now()
    return tuple(_judged(manager, update, raw, at) for raw in update.signatures)


def counted(config: Any, update: SignedUpdate) -> SignedUpdate:
    """The update with the signatures that count alone; `PermissionDenied` names one that does not."""
    for found in signatures(config, update):
        if found.why is not None:
            raise PermissionDenied(
                found.why,
                Text(
                    "只有这个网络成员组织的管理员可以签名。",
                    "Only administrators of this network's member organisations can sign.",
                ),
                code="signature_refused",
                details={"msp_id": found.msp_id, "name": found.name},
            )
    return update


def concerned(config: Any, update: SignedUpdate) -> tuple[str, ...]:
    """The organisations whose administrators a change waits for: those that decide, and those whose own part it is.

    Who has no peers is named in no rule of administration, and signs only what changes that organisation itself.
    """
    present = read_config(update.channel_id, config)
    rule = present.policies.get("/Channel/Application/Admins", "")
    own = _own_parts(update)
    return tuple(
        o.msp_id
        for o in present.organizations
        if (o.application and ("'" not in rule or f"'{o.msp_id}." in rule)) or o.ordering or o.name in own
    )


def _own_parts(update: SignedUpdate) -> set[str]:
    """The names of the organisations whose own values or policies an update changes."""
    read, write = update.message.read_set, update.message.write_set
    found: set[str] = set()
    for part, group in write.groups.items():
        known = read.groups[part].groups if part in read.groups else {}
        found |= {name for name, one in group.groups.items() if name not in known or one != known[name]}
    return found


def signed_by(update: SignedUpdate, identity: SigningIdentity) -> bool:
    """Whether one of an update's signatures says that it is this person's."""
    messages = (decode(configtx_pb2.ConfigSignature, raw, "config signature") for raw in update.signatures)
    headers = (decode(common_pb2.SignatureHeader, m.signature_header, "signature header") for m in messages)
    return any(header.creator == identity.creator for header in headers)


def check_signer(config: Any, channel: str, identity: SigningIdentity) -> None:
    """Refuse somebody whose signature would not count, before it is made."""
    manager = _manager(channel, config)
    why = _why_not(manager, identity.creator, clock.now())
    if why is not None:
        raise PermissionDenied(
            why,
            Text("请由该组织的管理员签名。", "Have an administrator of that organisation sign."),
            code="not_administrator",
        )


def _manager(channel: str, config: Any) -> MspManager:
    organizations = read_config(channel, config).organizations
    return MspManager({o.msp_id: Msp.from_config(o.msp_config) for o in organizations})


def judged(config: Any, channel: str, creator: bytes, signature: bytes, data: bytes) -> Signed:
    """Somebody's signature over `data`, judged as one of a channel update would be by the configuration in force."""
    return _by_administrator(_manager(channel, config), creator, signature, data, clock.now())


def _judged(manager: MspManager, update: SignedUpdate, raw: bytes, at: dt.datetime) -> Signed:
    message = decode(configtx_pb2.ConfigSignature, raw, "config signature")
    creator = decode(common_pb2.SignatureHeader, message.signature_header, "signature header").creator
    return _by_administrator(manager, creator, message.signature, message.signature_header + update.update, at)


def _by_administrator(manager: MspManager, creator: bytes, signature: bytes, data: bytes, at: dt.datetime) -> Signed:
    msp_id, name = _named(creator)
    why = _why_not(manager, creator, at)
    if why is None:
        try:
            identity = manager.validate(creator)
            manager.verify(identity, signature, data)
        except (InvalidSignature, FabricError):
            why = Text(
                "{w} 的签名不是对这个更改作出的。", "{w}'s signature is not for this change.", w=f"{msp_id}/{name}"
            )
    return Signed(msp_id, name, why)


def _why_not(manager: MspManager, creator: bytes, at: dt.datetime) -> Text | None:
    msp_id, name = _named(creator)
    who = f"{msp_id}/{name}"
    if msp_id not in manager.msps:
        return Text("{w} 不属于这个通道的组织。", "{w} belongs to no organisation of this channel.", w=who)
    try:
        identity = manager.validate(creator, at)
    except MspError as error:
        text = str(error)
        if "revoked" in text:
            return Text("{w} 的证书已吊销。", "{w}'s certificate is revoked.", w=who)
        if "expired" in text:
            return Text("{w} 的证书已过期。", "{w}'s certificate has ended.", w=who)
        return Text(
            "{w} 的证书不是这个网络中 {m} 的 CA 签发的。",
            "{w}'s certificate is not of {m}'s authority in this network.",
            w=who,
            m=msp_id,
        )
    if not identity.is_admin:
        return Text("{w} 不是组织的管理员。", "{w} is no administrator of the organisation.", w=who)
    return None


def _named(creator: bytes) -> tuple[str, str]:
    from fabric_protos.msp.identities_pb2 import SerializedIdentity

    from fabric_sdk.certificates import parse_certificate

    try:
        message = decode(SerializedIdentity, creator, "signer")
        return message.mspid[:80], parse_certificate(message.id_bytes).common_name[:80]
    except (FabricError, ValueError):
        return "?", "?"


def _fits(present: Any, read: Any, depth: int) -> bool:
    """Whether everything that the update has read is in force in the same version (configtx/update.go)."""
    if depth > MAX_DEPTH:
        raise ConfigError("the update is nested too deeply")
    if present.version != read.version:
        return False
    for kind in ("values", "policies"):
        there = getattr(present, kind)
        for name, item in getattr(read, kind).items():
            if name not in there or there[name].version != item.version:
                return False
    return all(
        name in present.groups and _fits(present.groups[name], group, depth + 1) for name, group in read.groups.items()
    )


def _follows(present: Any, read: Any, write: Any, depth: int) -> bool:
    """Whether everything that the update changes is one version ahead of what is in force (configtx/validator.go)."""
    if depth > MAX_DEPTH:
        raise ConfigError("the update is nested too deeply")

    def next_of(there: Any, was_read: Any, item: Any) -> bool:
        if was_read is not None and was_read.version == item.version:
            return True  # named, not changed
        return bool(item.version == (there.version + 1 if there is not None else 0))

    if not next_of(present, read, write):
        return False
    for kind in ("values", "policies"):
        there, known = _held(present, kind), _held(read, kind)
        if not all(next_of(there.get(n), known.get(n), item) for n, item in getattr(write, kind).items()):
            return False
    there, known = _held(present, "groups"), _held(read, "groups")
    return all(_follows(there.get(n), known.get(n), group, depth + 1) for n, group in write.groups.items())


def _held(group: Any, kind: str) -> dict[str, Any]:
    return dict(getattr(group, kind)) if group is not None else {}


def one_channel(updates: Iterable[SignedUpdate], known: Callable[[str], bool]) -> str:
    """The one channel that files are for; `UserError` when they differ or it is not the network's."""
    names = {u.channel_id for u in updates}
    if len(names) != 1:
        raise UserError(
            Text("这些文件属于不同的通道。", "The files are for different channels."),
            Text("请一次只导入一个通道的签名。", "Bring one channel's signatures in at a time."),
            code="other_channel",
        )
    (name,) = names
    if not known(name):
        raise UserError(
            Text("通道 {c} 不在这个网络里。", "Channel {c} is not in this network.", c=name),
            Text("请先选择它所属的网络。", "Choose the network it belongs to first."),
            code="other_channel",
        )
    return name
