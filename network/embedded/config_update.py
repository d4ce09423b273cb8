"""Checking and applying a configuration update against the policies of the configuration in force.

The rules are those of Fabric's common/configtx: what the update says it read must still be so, every element whose
version it raises must be signed for by that element's modification policy, and everything it writes must be in the
result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fabric_protos.common.common_pb2 import Envelope, HeaderType, SignatureHeader
from fabric_protos.common.configtx_pb2 import (
    Config,
    ConfigEnvelope,
    ConfigGroup,
    ConfigUpdate,
    ConfigUpdateEnvelope,
)

from fabric_sdk.errors import FabricError
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.transaction import read_payload
from network.embedded.channel_config import ChannelConfig, ConfigInvalid

_GROUP, _VALUE, _POLICY = "[Group]  ", "[Value]  ", "[Policy] "
_ID = re.compile(r"[a-zA-Z0-9.\-_]{1,249}")


@dataclass(frozen=True)
class _Element:
    """One group, value or policy of a configuration, apart from its children."""

    path: tuple[str, ...]
    name: str
    kind: str
    message: Any
    version: int
    mod_policy: str


def propose(current: ChannelConfig, envelope: Envelope) -> ConfigEnvelope:
    """The configuration that results from a CONFIG_UPDATE envelope; ConfigInvalid says why there is none."""
    update = _update_envelope(current, envelope)
    result = _authorize(current, update)
    proposed = ConfigEnvelope(last_update=envelope)
    proposed.config.sequence = current.sequence + 1
    proposed.config.channel_group.CopyFrom(_assemble(result, (), "Channel"))
    check_usable(current, proposed.config)
    return proposed


def check(current: ChannelConfig, proposed: ConfigEnvelope) -> None:
    """Check a finished configuration transaction as a committing peer does; ConfigInvalid if it must not apply."""
    if proposed.config.sequence != current.sequence + 1:
        raise ConfigInvalid(
            f"config currently at sequence {current.sequence}, cannot validate config at sequence"
            f" {proposed.config.sequence}"
        )
    expected = propose(current, proposed.last_update)
    if expected.config.channel_group != proposed.config.channel_group:
        raise ConfigInvalid("ConfigEnvelope LastUpdate did not produce the supplied config result")


def check_usable(current: ChannelConfig, config: Config) -> None:
    """Refuse results that the channel could not run with, or that Fabric forbids to change."""
    following = ChannelConfig(current.channel_id, config)
    if following.consensus != current.consensus:
        raise ConfigInvalid(f"attempted to change consensus type from {current.consensus} to {following.consensus}")
    for what, old, new in (
        ("Application", current.application_orgs, following.application_orgs),
        ("Orderer", current.orderer_orgs, following.orderer_orgs),
    ):
        for name, msp in old.items():
            if name in new and new[name].msp_id != msp.msp_id:
                raise ConfigInvalid(
                    f"{what} org {name} attempted to change its MSP ID from {msp.msp_id} to {new[name].msp_id}"
                )


def _update_envelope(current: ChannelConfig, envelope: Envelope) -> ConfigUpdateEnvelope:
    try:
        view = read_payload(envelope.payload, envelope.signature)
        if view.header.type != HeaderType.CONFIG_UPDATE:
            raise ConfigInvalid("the envelope carries no configuration update")
        if view.header.channel_id != current.channel_id:
            raise ConfigInvalid(f"the update is for channel '{view.header.channel_id}'")
        return ConfigUpdateEnvelope.FromString(view.data)
    except ConfigInvalid:
        raise
    except Exception as e:
        raise ConfigInvalid("error converting envelope to config update") from e


def _authorize(current: ChannelConfig, update_envelope: ConfigUpdateEnvelope) -> dict[str, _Element]:
    try:
        update = ConfigUpdate.FromString(update_envelope.config_update)
    except Exception as e:
        raise ConfigInvalid("the configuration update cannot be read") from e
    if update.channel_id != current.channel_id:
        raise ConfigInvalid(
            f"ConfigUpdate for channel '{update.channel_id}' but envelope for channel '{current.channel_id}'"
        )
    existing = _elements(current.proto.channel_group)
    read_set = _elements(update.read_set)
    for key, element in read_set.items():
        if key not in existing:
            raise ConfigInvalid(f"existing config does not contain element for {key} but was in the read set")
        if existing[key].version != element.version:
            raise ConfigInvalid(
                f"proposed update requires that key {key} be at version {element.version}, but it is currently at"
                f" version {existing[key].version}"
            )
    write_set = _elements(update.write_set)
    changed = {
        key: element
        for key, element in write_set.items()
        if key not in read_set or read_set[key].version != element.version
    }
    if not changed:
        raise ConfigInvalid("delta set was empty -- update would have no effect")
    _check_changes(current, existing, changed, _signers(current, update_envelope))
    result = {**existing, **changed}
    for key in write_set:
        if key not in result:
            raise ConfigInvalid(f"writeset contained key {key} which did not appear in proposed config")
    return result


def _check_changes(
    current: ChannelConfig,
    existing: dict[str, _Element],
    changed: dict[str, _Element],
    signers: list[ValidatedIdentity],
) -> None:
    for key, element in changed.items():
        if not element.mod_policy or not all(_ID.fullmatch(p) for p in element.mod_policy.strip("/").split("/")):
            raise ConfigInvalid(f"invalid mod_policy for element {key}: mod_policy not set")
        old = existing.get(key)
        if old is None:
            if element.version != 0:
                raise ConfigInvalid(f"attempted to set key {key} to version {element.version}, but key does not exist")
            continue
        if element.version != old.version + 1:
            raise ConfigInvalid(
                f"attempt to set key {key} to version {element.version}, but key is at version {old.version}"
            )
        path = _policy_path(old)
        if not current.has_policy(path):
            raise ConfigInvalid(f"unexpected missing policy {old.mod_policy} for item {key}")
        if not current.satisfied(path, signers):
            raise ConfigInvalid(f"policy for {key} not satisfied: {path}")


def _signers(current: ChannelConfig, update: ConfigUpdateEnvelope) -> list[ValidatedIdentity]:
    triples = []
    for signature in update.signatures:
        try:
            creator = SignatureHeader.FromString(signature.signature_header).creator
        except Exception as e:
            raise ConfigInvalid("a signature header of the update cannot be read") from e
        triples.append((creator, signature.signature_header + update.config_update, signature.signature))
    try:
        return current.msps.signers(triples)
    except FabricError as e:
        raise ConfigInvalid(str(e)) from e


def _policy_path(element: _Element) -> str:
    """Where an element's modification policy lies: relative names belong to its group, or to itself if it is one."""
    if element.mod_policy.startswith("/"):
        return element.mod_policy
    parts = [*element.path, *([element.name] if element.kind == _GROUP else [])]
    return "/" + "/".join([*parts, element.mod_policy])


def _elements(root: Any) -> dict[str, _Element]:
    found: dict[str, _Element] = {}
    _collect(found, root, (), "Channel", 0)
    return found


def _collect(found: dict[str, _Element], group: Any, path: tuple[str, ...], name: str, depth: int) -> None:
    if depth > 50:
        raise ConfigInvalid("recursive group")
    found[_key(_GROUP, path, name)] = _Element(path, name, _GROUP, group, group.version, group.mod_policy)
    inner = (*path, name)
    for kind, members in ((_VALUE, group.values), (_POLICY, group.policies)):
        for member, message in members.items():
            _check_id(member)
            found[_key(kind, inner, member)] = _Element(
                inner, member, kind, message, message.version, message.mod_policy
            )
    for member, child in group.groups.items():
        _check_id(member)
        _collect(found, child, inner, member, depth + 1)


def _check_id(name: str) -> None:
    if not _ID.fullmatch(name) or name in (".", ".."):
        raise ConfigInvalid(f"illegal characters in key: {name[:100]!r}")


def _key(kind: str, path: tuple[str, ...], name: str) -> str:
    return kind + "/" + "/".join((*path, name))


def _assemble(elements: dict[str, _Element], path: tuple[str, ...], name: str) -> ConfigGroup:
    """Put groups together again; a group's members are those that the newest version of the group names."""
    element = elements[_key(_GROUP, path, name)]
    group = ConfigGroup(version=element.version, mod_policy=element.mod_policy)
    inner = (*path, name)
    for kind, source, target in (
        (_VALUE, element.message.values, group.values),
        (_POLICY, element.message.policies, group.policies),
    ):
        for member in source:
            found = elements.get(_key(kind, inner, member))
            if found is None:
                raise ConfigInvalid(f"missing element {member}")
            target[member].CopyFrom(found.message)
    for member in element.message.groups:
        group.groups[member].CopyFrom(_assemble(elements, inner, member))
    return group
