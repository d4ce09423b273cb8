"""Connection profiles: what another program needs to reach a network, in the form Fabric's SDKs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from network.errors import UserError
from network.handle import NetworkHandle
from network.text import Text
from network.vault import write_public

OWN_FIELD = "x-citychain"
"""What Fabric's form has no place for: what network and organisations are called, and each organisation's CA."""


def connection_profile(handle: NetworkHandle, msp_id: str) -> dict[str, Any]:
    """Return the profile for clients of one organisation: no private key is in it.

    The form is the common connection profile of Fabric 1.4 to 3.x (`version: 1.0`).
    """
    organization = handle.spec.organization(msp_id)
    organizations: dict[str, Any] = {}
    peers: dict[str, Any] = {}
    for other in handle.spec.organizations:
        names = [n.name for n in handle.peers(other.msp_id)]
        organizations[other.msp_id] = {"mspid": other.msp_id, "peers": names}
        for node in handle.peers(other.msp_id):
            peers[node.name] = _node(handle, node.name, other.msp_id)
    orderers = {node.name: _node(handle, node.name, node.organization.msp_id) for node in handle.orderers()}
    channels = {
        channel.name: {
            "orderers": list(orderers),
            "peers": {
                n.name: {
                    "endorsingPeer": True,
                    "chaincodeQuery": True,
                    "ledgerQuery": True,
                    "eventSource": n.organization == organization or not organization.peers,
                }
                for n in handle.channel_peers(channel.name)
            },
        }
        for channel in handle.spec.channels
    }
    return {
        "name": handle.name,
        "description": handle.spec.title.zh,
        "version": "1.0",
        "client": {"organization": organization.msp_id},
        "organizations": organizations,
        "peers": peers,
        "orderers": orderers,
        "channels": channels,
        OWN_FIELD: {
            "title": {"zh": handle.spec.title.zh, "en": handle.spec.title.en},
            "organizations": {
                o.msp_id: {
                    "title": {"zh": o.title.zh, "en": o.title.en},
                    "root": handle.authority(o.msp_id).ca_certificate_pem.decode(),
                }
                for o in handle.spec.organizations
            },
        },
    }


def export_profile(handle: NetworkHandle, msp_id: str, target: Path) -> None:
    """Write the profile as YAML or JSON, by the file's ending."""
    document = connection_profile(handle, msp_id)
    if target.suffix in (".yaml", ".yml"):
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    elif target.suffix == ".json":
        text = json.dumps(document, ensure_ascii=False, indent=2)
    else:
        raise UserError(
            Text("连接配置文件应以 .yaml 或 .json 结尾。", "A connection profile's name ends in .yaml or .json.")
        )
    write_public(target, text.encode())


def _node(handle: NetworkHandle, name: str, msp_id: str) -> dict[str, Any]:
    root = handle.authority(msp_id).tls_trust.pem.decode()
    address = handle.addresses[name]
    known_as = address.server_name or name  # an attached network's nodes have names of their own in their certificates
    return {
        "url": f"grpcs://{address.public}",
        "tlsCACerts": {"pem": root},
        "grpcOptions": {"ssl-target-name-override": known_as, "hostnameOverride": known_as},
    }
