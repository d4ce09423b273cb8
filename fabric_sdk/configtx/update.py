"""Config updates: the difference between two configurations, signatures for it, and the files they travel in.

The difference is Fabric's own (internal/configtxlator/update): everything touched with its next version in the write
set, what must not have changed meanwhile with its present version in the read set. Files hold an `Envelope` of type
CONFIG_UPDATE, the form `peer channel signconfigtx` reads and writes, so signatures can be collected with either.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import identities_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from fabric_sdk import clock
from fabric_sdk.configtx.groups import ConfigError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import decode, encode


def compute_update(channel_id: str, original: Any, updated: Any) -> configtx_pb2.ConfigUpdate:
    """Return the update from one `common.Config` to another; ConfigError when nothing differs."""
    read, write, changed = _group_difference(original.channel_group, updated.channel_group)
    if not changed:
        raise ConfigError("the two configurations do not differ")
    return configtx_pb2.ConfigUpdate(channel_id=channel_id, read_set=read, write_set=write)


@dataclass(frozen=True)
class SignedUpdate:
    """A config update with the signatures collected so far; immutable, `signed` returns a new one."""

    channel_id: str
    update: bytes
    signatures: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, update: Any) -> SignedUpdate:
        """Start collecting signatures for a `common.ConfigUpdate`."""
        return cls(update.channel_id, encode(update))

    def signed(self, identity: SigningIdentity) -> SignedUpdate:
        """Return the update with this identity's signature added (in the place of an older one of it)."""
        header = encode(common_pb2.SignatureHeader(creator=identity.creator, nonce=os.urandom(24)))
        signature = configtx_pb2.ConfigSignature(signature_header=header, signature=identity.sign(header + self.update))
        kept = tuple(s for s in self.signatures if _creator(s) != identity.creator)
        return SignedUpdate(self.channel_id, self.update, (*kept, encode(signature)))

    def merged(self, others: Iterable[SignedUpdate]) -> SignedUpdate:
        """Return the update with the signatures of other copies added; ConfigError if one is another update."""
        signatures = {_creator(s): s for s in self.signatures}
        for other in others:
            if other.update != self.update or other.channel_id != self.channel_id:
                raise ConfigError("the signatures belong to another config update")
            for signature in other.signatures:
                signatures.setdefault(_creator(signature), signature)
        return SignedUpdate(self.channel_id, self.update, tuple(signatures.values()))

    @property
    def signers(self) -> tuple[str, ...]:
        """The MSP ids that have signed, in order."""
        return tuple(decode(identities_pb2.SerializedIdentity, _creator(s), "signer").mspid for s in self.signatures)

    @property
    def message(self) -> Any:
        """The `common.ConfigUpdate`."""
        return decode(configtx_pb2.ConfigUpdate, self.update, "config update")

    def envelope(self, identity: SigningIdentity | None = None) -> common_pb2.Envelope:
        """Return the envelope to broadcast, signed by `identity`; without one, the file form."""
        timestamp = Timestamp()
        timestamp.FromNanoseconds(clock.nanoseconds())
        header = common_pb2.Header(
            channel_header=encode(
                common_pb2.ChannelHeader(
                    type=common_pb2.HeaderType.CONFIG_UPDATE, channel_id=self.channel_id, timestamp=timestamp
                )
            ),
            signature_header=encode(
                common_pb2.SignatureHeader(
                    creator=identity.creator if identity else b"", nonce=os.urandom(24) if identity else b""
                )
            ),
        )
        data = configtx_pb2.ConfigUpdateEnvelope(
            config_update=self.update,
            signatures=[decode(configtx_pb2.ConfigSignature, s) for s in self.signatures],
        )
        payload = encode(common_pb2.Payload(header=header, data=encode(data)))
        return common_pb2.Envelope(payload=payload, signature=identity.sign(payload) if identity else b"")

    def to_file(self) -> bytes:
        """Return the bytes of a signature file (an envelope of type CONFIG_UPDATE)."""
        return encode(self.envelope())

    @classmethod
    def from_file(cls, data: bytes) -> SignedUpdate:
        """Read a signature file; DecodeError or ConfigError when it is something else."""
        envelope = decode(common_pb2.Envelope, data, "config update envelope")
        payload = decode(common_pb2.Payload, envelope.payload, "config update payload")
        header = decode(common_pb2.ChannelHeader, payload.header.channel_header, "channel header")
        if header.type != common_pb2.HeaderType.CONFIG_UPDATE:
            raise ConfigError("the file is not a config update")
        inner = decode(configtx_pb2.ConfigUpdateEnvelope, payload.data, "config update")
        update = decode(configtx_pb2.ConfigUpdate, inner.config_update, "config update")
        if update.channel_id != header.channel_id or not update.channel_id:
            raise ConfigError("the config update does not say which channel it is for")
        signed = cls(update.channel_id, inner.config_update, tuple(encode(s) for s in inner.signatures))
        _ = signed.signers
        return signed


def _creator(signature: bytes) -> bytes:
    message = decode(configtx_pb2.ConfigSignature, signature, "config signature")
    header = decode(common_pb2.SignatureHeader, message.signature_header, "signature header")
    return bytes(header.creator)


def _group_difference(original: Any, updated: Any) -> tuple[Any, Any, bool]:
    """Return read set, write set and whether anything differs, for one group."""
    read = configtx_pb2.ConfigGroup(version=original.version)
    write = configtx_pb2.ConfigGroup(version=original.version)
    same = configtx_pb2.ConfigGroup()
    members = False
    for kind, content in (("policies", "policy"), ("values", "value")):
        members |= _items_difference(original, updated, write, same, kind, content)
    for name, group in original.groups.items():
        if name not in updated.groups:
            members = True
            continue
        group_read, group_write, changed = _group_difference(group, updated.groups[name])
        if changed:
            read.groups[name].CopyFrom(group_read)
            write.groups[name].CopyFrom(group_write)
        else:
            same.groups[name].version = group.version
    for name, group in updated.groups.items():
        if name not in original.groups:
            members = True
            _, fresh, _ = _group_difference(configtx_pb2.ConfigGroup(), group)
            fresh.version, fresh.mod_policy = 0, group.mod_policy
            write.groups[name].CopyFrom(fresh)
    if members or original.mod_policy != updated.mod_policy:
        for target in (read, write):
            target.MergeFrom(same)
        write.version = original.version + 1
        write.mod_policy = updated.mod_policy
        return read, write, True
    return read, write, bool(write.policies or write.values or write.groups or read.groups)


def _items_difference(original: Any, updated: Any, write: Any, same: Any, kind: str, content: str) -> bool:
    """Compare the policies or values of a group; return whether names came or went."""
    old, new = getattr(original, kind), getattr(updated, kind)
    for name, item in new.items():
        target = getattr(write, kind)
        if name not in old:
            _copy_item(target[name], item, 0)
        elif old[name].mod_policy != item.mod_policy or getattr(old[name], content) != getattr(item, content):
            _copy_item(target[name], item, old[name].version + 1)
        else:
            getattr(same, kind)[name].version = old[name].version
    return set(old) != set(new)


def _copy_item(target: Any, item: Any, version: int) -> None:
    target.CopyFrom(item)
    target.version = version
