"""What the ledger itself says, read from its blocks without any service or index of ours."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QApplication

from baas.platform import Platform


@dataclass
class Ledger:
    """The chain replayed: its height, what was valid, and every key's newest value by contract."""

    height: int
    transactions: int = 0
    invalid: int = 0
    by_contract: Counter[str] = field(default_factory=Counter)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    revoked: frozenset[int] = frozenset()
    """Serial numbers on the channel's revocation lists."""
    organizations: frozenset[str] = frozenset()
    """MSP ids of the channel's members and of those who order, by its configuration."""
    touched: dict[str, set[str]] = field(default_factory=dict)
    """Keys that the newest replay found written, by contract."""
    contracts: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Version and sequence of every contract in force."""

    def records(self, contract: str, kind: str) -> list[dict[str, Any]]:
        """The contract's records of one type."""
        return [
            value
            for value in self.state.get(contract, {}).values()
            if isinstance(value, dict) and value.get("type") == kind
        ]


def replay(platform: Platform, network: str, before: Ledger | None = None) -> Ledger:
    """Read every block (those that came since `before`) and apply its valid writes."""
    from fabric_sdk.admin import Channels, Lifecycle
    from fabric_sdk.channel import ChannelAuthority

    channel = platform.chain.channel(network)
    handle = platform.networks.handle(network)
    node = handle.channel_peers(channel)[0]
    with handle.peer_connection(node) as peer:
        height = Channels(peer).info(channel).height
        committed = {
            one.definition.name: (one.definition.version, one.definition.sequence)
            for one in Lifecycle(peer).committed(channel)
        }
        authority = ChannelAuthority(Channels(peer).config(channel))
    members = {msp_id for group in authority.organizations.values() for msp_id in group.values()}
    found = before or Ledger(0)
    start, found.height, found.contracts = found.height, height, committed
    if start < height:
        found.touched = {}
    found.revoked, found.organizations = _revoked(authority), frozenset(members)
    from fabric_sdk.blocks import decode_block
    from fabric_sdk.gateway import connect

    org = node.organization.msp_id
    with connect(handle.endpoint(org), handle.admin(org)) as gateway:
        qscc = gateway.get_network(channel).get_contract("qscc")
        for number in range(start, height):
            block = decode_block(qscc.evaluate("GetBlockByNumber", channel, str(number)))
            for transaction in block.transactions:
                _apply(found, transaction)
    return found


def followed(platform: Platform, network: str, before: Ledger | None = None) -> Ledger:
    """The ledger as it is now, once the index has it too."""
    ledger = replay(platform, network, before)
    platform.explorer.follow(network)
    end = time.monotonic() + 60
    while platform.explorer.status(network)[0].indexed < ledger.height:
        assert time.monotonic() < end, "the index does not follow the chain"
        QApplication.processEvents()
        time.sleep(0.02)
    return ledger


def _apply(found: Ledger, transaction: Any) -> None:
    found.transactions += 1
    found.invalid += not transaction.valid
    if transaction.chaincode:
        found.by_contract[transaction.chaincode] += 1
    if not transaction.valid or transaction.rwset is None:
        return
    for namespace in transaction.rwset.namespaces:
        keys = found.state.setdefault(namespace.name, {})
        touched = found.touched.setdefault(namespace.name, set())
        for write in namespace.writes:
            touched.add(write.key)
            if write.is_delete:
                keys.pop(write.key, None)
                continue
            try:
                keys[write.key] = json.loads(write.value)
            except ValueError:
                keys[write.key] = write.value


def _revoked(authority: Any) -> frozenset[int]:
    from cryptography import x509

    found = set()
    for group in authority.config.channel_group.groups["Application"].groups.values():
        from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

        config = FabricMSPConfig.FromString(MSPConfig.FromString(group.values["MSP"].value).config)
        for raw in config.revocation_list:
            found |= {entry.serial_number for entry in x509.load_pem_x509_crl(raw)}
    return frozenset(found)
