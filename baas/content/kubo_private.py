"""A Kubo repository that keeps to itself: the configuration and the swarm key of every daemon that the platform runs.

Citizens' works are not broadcast by accident: no bootstrap peers, no discovery, no routing, no gateway, and a swarm key
of the workspace's own, without which the daemon refuses to start (`LIBP2P_FORCE_PNET`).
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from fabric_sdk.files import replace_file

ENVIRONMENT = {"LIBP2P_FORCE_PNET": "1", "IPFS_TELEMETRY": "off"}


def keep_private(config: dict[str, Any], api: str, swarm: str) -> dict[str, Any]:
    """A fresh repository's configuration made private; `api` and `swarm` are the multiaddresses to listen on."""
    config["Bootstrap"] = []
    config["Addresses"] |= {"API": api, "Gateway": [], "Swarm": [swarm]}
    config["Discovery"] = {"MDNS": {"Enabled": False}}
    config["Routing"] = {"Type": "none"}
    config["AutoConf"] = {"Enabled": False}
    config["AutoTLS"] = {"Enabled": False}
    config["DNS"] = {"Resolvers": {}}
    config["Ipns"] |= {"DelegatedPublishers": []}
    config["Provide"] = {"Enabled": False}
    config["Swarm"] |= {
        "DisableNatPortMap": True,
        "RelayClient": {"Enabled": False},
        "RelayService": {"Enabled": False},
        "Transports": {"Network": {"QUIC": False, "WebTransport": False, "WebRTCDirect": False, "Websocket": False}},
    }
    config["Plugins"] = {"Plugins": {"telemetry": {"Disabled": True}}}
    return config


def swarm_key(path: Path) -> bytes:
    """The key kept in `path`, made when it is first needed (readable by its owner alone)."""
    if not path.exists():
        temporary = path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(f"/key/swarm/psk/1.0.0/\n/base16/\n{secrets.token_hex(32)}\n")
        replace_file(temporary, path)
    return path.read_bytes()
