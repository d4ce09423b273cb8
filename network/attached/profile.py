"""Connection profiles, as Fabric's SDKs, test network and cloud services hand them out (YAML or JSON).

Only what leads to peers is read: `organizations` (MSP ids and their peers), `peers` (addresses, TLS roots, host name
overrides) and `client.organization`. Paths to PEM files are relative to the profile's folder.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from network.attached.console_export import from_console
from network.errors import NotFound, UserError
from network.profile import OWN_FIELD
from network.spec_reader import read_document
from network.text import Text

_URL = re.compile(
    r"(?:(?P<scheme>grpcs?)://)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\]):(?P<port>[0-9]{1,5})/?",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"[a-z][a-z0-9.-]{0,248}")
_MAX_CHANNELS = 100
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
    """What a connection profile says; `msp_id` is the client's organisation, "" if it does not say.

    `organizations` are all MSP ids; `title`, `titles` and `roots` (each CA's certificate) stand in profiles of ours.
    """

    name: str
    msp_id: str
    peers: tuple[ProfilePeer, ...]
    organizations: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roots: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    channels: tuple[str, ...] = ()

    def way_in(self, msp_id: str) -> tuple[ProfilePeer, ...]:
        """Return the peers to ask as somebody of an organisation: its own, else (it has none) those of the others."""
        own = self.peers_of(msp_id)
        return own or (self.peers if msp_id in self.organizations else ())

    def peers_of(self, msp_id: str) -> tuple[ProfilePeer, ...]:
        """Return the peers of one organisation."""
        return tuple(p for p in self.peers if p.msp_id == msp_id)


def read_profile(path: Path) -> ConnectionProfile:
    """Read a connection profile; `UserError` names what is missing or wrong in it."""
    return parse_profile(read_document(path), path.parent, path.stem)


def parse_profile(document: object, folder: Path | None = None, name: str = "") -> ConnectionProfile:
    """Read a connection profile out of plain data; paths to certificates count only where a `folder` is given."""
    root = _mapping(from_console(document), "")
    organizations = _mapping(root.get("organizations"), "organizations")
    described = _mapping(root.get("peers"), "peers")
    msp_of_organization: dict[str, str] = {}
    msp_of_peer: dict[str, str] = {}
    for key, value in organizations.items():
        organization = _mapping(value, f"organizations.{key}")
        msp_id = _text(organization.get("mspid") or organization.get("mspId"), f"organizations.{key}.mspid")
        msp_of_organization[str(key)] = msp_id
        listed = organization.get("peers") or ()
        if not isinstance(listed, list | tuple):
            raise _wrong(f"organizations.{key}.peers", Text("应为列表", "must be a list"))
        for peer in listed:
            msp_of_peer[str(peer)] = msp_id
    peers = tuple(
        _peer(str(key), value, msp_of_peer[str(key)], folder)
        for key, value in described.items()
        if str(key) in msp_of_peer
    )
    if not peers:
        raise _wrong("peers", Text("没有任何机构的 Peer 节点", "there is no peer of any organisation"))
    client = root.get("client")
    own = client.get("organization") if isinstance(client, Mapping) else None
    ours = root.get(OWN_FIELD)
    ours = ours if isinstance(ours, Mapping) else {}
    told = ours.get("organizations")
    told = {str(m): o for m, o in told.items() if isinstance(o, Mapping)} if isinstance(told, Mapping) else {}
    return ConnectionProfile(
        str(root.get("name") or name),
        msp_of_organization.get(str(own), ""),
        peers,
        tuple(dict.fromkeys(msp_of_organization.values())),
        _title(ours.get("title")),
        {m: title for m, o in told.items() if (title := _title(o.get("title")))},
        {m: o["root"].encode() for m, o in told.items() if isinstance(o.get("root"), str) and o["root"]},
        _channels(root.get("channels")),
    )


def _channels(value: object) -> tuple[str, ...]:
    """The channels that a profile names: whoever has no peer of their own cannot ask others' for them."""
    if not isinstance(value, Mapping):
        return ()
    return tuple(str(name) for name in list(value)[:_MAX_CHANNELS] if _CHANNEL.fullmatch(str(name)))


def _title(value: object) -> dict[str, str]:
    """A title in both languages, {} for anything that is none."""
    if not isinstance(value, Mapping):
        return {}
    words = {lang: " ".join(str(value.get(lang) or "").split())[:80] for lang in ("zh", "en")}
    return words if all(words.values()) else {}


def _peer(name: str, value: object, msp_id: str, folder: Path | None) -> ProfilePeer:
    where = f"peers.{name}"
    peer = _mapping(value, where)
    match = _URL.fullmatch(_text(peer.get("url"), f"{where}.url").strip())
    if match is None or not 0 < int(match["port"]) < 65536 or not _is_host(match["host"]):
        raise _wrong(f"{where}.url", Text("应为 grpcs://主机:端口", "must be grpcs://host:port"))
    options = peer.get("grpcOptions")
    options = options if isinstance(options, Mapping) else {}
    server_name = options.get("ssl-target-name-override") or options.get("hostnameOverride") or ""
    roots = None
    # Without a scheme the certificates say it: nobody gives them for a port without TLS.
    if (match["scheme"] or ("grpcs" if peer.get("tlsCACerts") else "grpc")).lower() == "grpcs":
        roots = _roots(_mapping(peer.get("tlsCACerts"), f"{where}.tlsCACerts"), where, folder)
    return ProfilePeer(name, msp_id, match["host"].strip("[]"), int(match["port"]), roots, str(server_name))


def _roots(value: Mapping[str, Any], where: str, folder: Path | None) -> bytes:
    pem = value.get("pem")
    if isinstance(pem, list):
        pem = "\n".join(str(p) for p in pem)
    if isinstance(pem, str) and pem:
        # Made by hand or by a script that escaped it twice: line ends as the two letters \\ and n.
        data = pem.replace("\\r", "").replace("\\n", "\n").encode()
    elif folder is None:
        raise _wrong(f"{where}.tlsCACerts.pem", Text("缺失", "is missing"))
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


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return True
    try:
        ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True


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
