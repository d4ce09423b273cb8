"""A channel's configuration out of its own blocks: from block 0 on, each later one signed as the one before demands.

Nothing here is believed because a package says so: block 0 is compared with the channel card, and from it follow the
organisations, their policies and who may sign the next block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fabric_sdk.proof.members import Member, Organization, signed_by
from fabric_sdk.proof.policies import satisfied
from fabric_sdk.proof.wire import Broken, Fields, entries, fields, many, number, raw, string

SIGNATURE, IMPLICIT = 1, 3
_GROUP_DEPTH = 6


class Signed(NamedTuple):
    """Something that an identity is said to have signed."""

    identity: bytes
    message: bytes
    signature: bytes


class _Group:
    """One level of the configuration: its policies as (kind, bytes) and its groups."""

    def __init__(self, data: bytes, depth: int = 0) -> None:
        if depth > _GROUP_DEPTH:
            raise Broken("configuration-unreadable")
        message = fields(data)
        self.values = {name: raw(fields(one), 2) for name, one in entries(message, 3).items()}
        self.policies: dict[str, tuple[int, bytes]] = {}
        for name, one in entries(message, 4).items():
            policy = fields(raw(fields(one), 2))
            self.policies[name] = (number(policy, 1), raw(policy, 2))
        self.groups = {name: _Group(one, depth + 1) for name, one in entries(message, 2).items()}


class Configuration:
    """What one configuration block puts in force: `known` remembers organisations that did not change."""

    def __init__(self, config: bytes, block: int, known: dict[bytes, Organization]) -> None:
        message = fields(config)
        self.block = block
        self.sequence = number(message, 1)
        self._root = _Group(raw(message, 2))
        self.organizations: dict[str, Organization] = {}
        self.orderers: list[str] = []
        for section in ("Application", "Orderer"):
            group = self._root.groups.get(section)
            for name in sorted(group.groups) if group else ():
                assert group is not None
                organization = self._organization(group.groups[name], known)
                self.organizations.setdefault(organization.msp, organization)
                if section == "Orderer":
                    self.orderers.append(organization.msp)
        self.consenters: dict[int, bytes] = {}
        orderer = self._root.groups.get("Orderer")
        for one in many(fields(orderer.values.get("Orderers", b"")), 1) if orderer else ():
            consenter = fields(one)
            self.consenters[number(consenter, 1)] = _identity(consenter)

    @staticmethod
    def _organization(group: _Group, known: dict[bytes, Organization]) -> Organization:
        config = fields(group.values.get("MSP", b""))
        if number(config, 1) != 0:
            raise Broken("configuration-unreadable")
        definition = raw(config, 2)
        found = known.get(definition)
        if found is None:
            found = known[definition] = Organization(definition)
        return found

    def member(self, identity: bytes) -> Member:
        """The member that a serialized identity is; Broken if no organisation of the channel vouches for it."""
        msp = string(fields(identity), 1)
        organization = self.organizations.get(msp)
        if organization is None:
            raise Broken("identity-unknown", msp=msp[:64])
        return organization.member(identity)

    def signers(self, signed: Sequence[Signed], role: str = "") -> list[Member]:
        """The distinct members whose signatures fit; with `role` only those who have it where roles are told apart.

        What does not fit is left out, as Fabric does before it asks a policy.
        """
        found: dict[tuple[str, bytes], Member] = {}
        for one in signed[:200]:
            try:
                member = self.member(one.identity)
            except Broken:
                continue
            if member.key in found or (role and member.role and member.role != role):
                continue
            if signed_by(member.certificate, one.signature, one.message):
                found[member.key] = member
        return list(found.values())

    def satisfies(self, path: str, signers: Sequence[Member]) -> bool:
        """Whether the signers satisfy the policy at a path such as /Channel/Application/Endorsement."""
        parts = path.split("/")
        if len(parts) < 3 or parts[:2] != ["", "Channel"]:
            raise Broken("policy-unreadable")
        group = self._root
        for name in parts[2:-1]:
            if name not in group.groups:
                raise Broken("policy-unreadable")
            group = group.groups[name]
        return bool(signers) and self._holds(group, parts[-1], signers)

    def _holds(self, group: _Group, name: str, signers: Sequence[Member]) -> bool:
        kind, data = group.policies.get(name, (0, b""))
        if kind == SIGNATURE:
            return satisfied(data, signers, self.member)
        if kind != IMPLICIT:
            return False
        message = fields(data)
        rule, inner = number(message, 2), group.groups.values()
        held = sum(self._holds(one, string(message, 1), signers) for one in inner)
        return held >= (1 if rule == 0 else len(inner) if rule == 1 else len(inner) // 2 + 1) and held > 0

    def check_orderers(self, header: bytes, metadata: bytes) -> list[Member]:
        """The ordering nodes that signed a block's header; Broken when they are not as many as the policy asks for.

        A signature counts only if its certificate says "orderer": most channels' policies would take any member's.
        """
        message = fields(metadata)
        signed = []
        for one in many(message, 2)[:200]:
            entry = fields(one)
            signature_header, identifier = raw(entry, 1), raw(entry, 3)
            if signature_header:
                identity: bytes | None = raw(fields(signature_header), 1)
            else:
                identity = self.consenters.get(number(fields(identifier), 1))
            if identity is not None:
                body = raw(message, 1) + (signature_header or identifier) + header
                signed.append(Signed(identity, body, raw(entry, 2)))
        signers = [one for one in self.signers(signed, "orderer") if one.msp in self.orderers]
        if not self.satisfies("/Channel/Orderer/BlockValidation", signers):
            raise Broken("block-not-signed")
        return signers

    @property
    def without_roles(self) -> list[str]:
        """Organisations whose certificates do not tell peers and ordering nodes from other members."""
        return sorted(msp for msp, one in self.organizations.items() if not one.tells_roles)


def _identity(consenter: Fields) -> bytes:
    """A consenter's serialized identity."""
    msp, certificate = raw(consenter, 4), raw(consenter, 5)
    return b"".join(bytes((tag,)) + _length(len(one)) + one for tag, one in ((0x0A, msp), (0x12, certificate)))


def _length(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes((value,)))


class Chain:
    """The configurations of a channel in order, each checked against the one before."""

    def __init__(self) -> None:
        self.configurations: list[Configuration] = []
        self.hashes: dict[int, str] = {}
        self.channel = ""
        self._known: dict[bytes, Organization] = {}

    def add(self, block: int, digest: str, channel: str, config: bytes, header: bytes, metadata: bytes) -> None:
        """Take the next configuration block; Broken if it does not follow from the one before."""
        found = Configuration(config, block, self._known)
        if not self.configurations:
            if block != 0 or found.sequence != 0:
                raise Broken("configuration-begins-late", block=block)
            self.channel = channel
        else:
            before = self.configurations[-1]
            if block <= before.block or found.sequence != before.sequence + 1 or channel != self.channel:
                raise Broken("configuration-gap", block=block)
            before.check_orderers(header, metadata)
        self.configurations.append(found)
        self.hashes[block] = digest

    def at(self, block: int, last_config: int | None = None) -> Configuration:
        """The configuration under which a block was made; Broken if its orderers named another (`last_config`)."""
        for found in reversed(self.configurations):
            if found.block < block:
                if last_config is not None and last_config not in (found.block, block):
                    raise Broken("configuration-other", block=block)
                return found
        return self.configurations[0]

    @property
    def newest(self) -> Configuration:
        return self.configurations[-1]
