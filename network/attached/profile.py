"""Connection profiles, as Fabric's SDKs, test network and cloud services hand them out (YAML or JSON).

Only what leads to peers is read: `organizations` (MSP ids and their peers), `peers` (addresses, TLS roots, host name
overrides) and `client.organization`. Paths to PEM files are relative to the profile's folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from network.errors import NotFound, UserError
from network.spec_reader import read_document
from network.text import Text

_URL = re.compile(r"(?P<scheme>grpcs?)://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252}):(?P<port>[0-9]{1,5})/?")
_MAX_PEM_BYTES = 256 * 1024


@dataclass(frozen=True)
class ProfilePeer:
    """A peer of the profile; `server_name` is the name in its TLS certificate where that is not the host."""

    name: str
    msp_id: str
    host: str
    port: int
    tls_root_pem: bytes | None = field(default=None, repr=False)
    server_name: str = ""


@dataclass(frozen=True)
class ConnectionProfile:
    """What a connection profile says; `msp_id` is the client's organisation, "" if it does not say."""

    name: str
    msp_id: str
    peers: tuple[ProfilePeer, ...]

    def peers_of(self, msp_id: str) -> tuple[ProfilePeer, ...]:
        """Return the peers of one organisation."""
        return tuple(p for p in self.peers if p.msp_id == msp_id)


def read_profile(path: Path) -> ConnectionProfile:
    """Read a connection profile; `UserError` names what is missing or wrong in it."""
    document = read_document(path)
    root = _mapping(document, "")
    organizations = _mapping(root.get("organizations"), "organizations")
    described = _mapping(root.get("peers"), "peers")
    msp_of_organization: dict[str, str] = {}
    msp_of_peer: dict[str, str] = {}
    for name, value in organizations.items():
        organization = _mapping(value, f"organizations.{name}")
        msp_id = _text(organization.get("mspid") or organization.get("mspId"), f"organizations.{name}.mspid")
        msp_of_organization[name] = msp_id
        for peer in organization.get("peers") or ():
            msp_of_peer[str(peer)] = msp_id
    peers = tuple(
        _peer(str(name), value, msp_of_peer[str(name)], path.parent)
        for name, value in described.items()
        if str(name) in msp_of_peer
    )
    if not peers:
        raise _wrong("peers", Text("没有任何机构的 Peer 节点", "there is no peer of any organisation"))
    client = root.get("client")
    own = client.get("organization") if isinstance(client, Mapping) else None
    return ConnectionProfile(str(root.get("name") or path.stem), msp_of_organization.get(str(own), ""), peers)


def _peer(name: str, value: object, msp_id: str, folder: Path) -> ProfilePeer:
    where = f"peers.{name}"
    peer = _mapping(value, where)
    match = _URL.fullmatch(_text(peer.get("url"), f"{where}.url"))
    if match is None or not 0 < int(match["port"]) < 65536:
        raise _wrong(f"{where}.url", Text("应为 grpcs://主机:端口", "must be grpcs://host:port"))
    options = peer.get("grpcOptions")
    options = options if isinstance(options, Mapping) else {}
    server_name = options.get("ssl-target-name-override") or options.get("hostnameOverride") or ""
    roots = None
    if match["scheme"] == "grpcs":
        roots = _roots(_mapping(peer.get("tlsCACerts"), f"{where}.tlsCACerts"), where, folder)
    return ProfilePeer(name, msp_id, match["host"], int(match["port"]), roots, str(server_name))


def _roots(value: Mapping[str, Any], where: str, folder: Path) -> bytes:
    pem = value.get("pem")
    if isinstance(pem, list):
        pem = "\n".join(str(p) for p in pem)
    if isinstance(pem, str) and pem:
        data = pem.encode()
    else:
        path = folder / _text(value.get("path"), f"{where}.tlsCACerts.pem")
        try:
            with path.open("rb") as stream:
                data = stream.read(_MAX_PEM_BYTES)
        except OSError as e:
            raise NotFound(Text("找不到证书文件 {p}。", "There is no certificate file {p}.", p=str(path))) from e
    if b"-----BEGIN CERTIFICATE-----" not in data:
        raise _wrong(f"{where}.tlsCACerts", Text("不是 PEM 证书", "holds no PEM certificate"))
    return data


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where or "/", Text("应为键值表", "must be a mapping"))
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(where, Text("缺失", "is missing"))
    return value


def _wrong(where: str, what: Text) -> UserError:
    return UserError(
        Text("连接配置文件 {w}：{x}。", "Connection profile, {w}: {x}.", w=where, x=what),
        Text(
            "请使用网络管理方提供的连接配置文件。", "Use the connection profile that the network's operator gave you."
        ),
        code="bad_profile",
    )
