"""Networks over several machines: which nodes are this machine's, and each machine's share as one encrypted file.

The machine that plans the network makes all certificates. Every other machine gets a share: the topology, addresses,
genesis blocks, everybody's CA certificates, and of the secrets only its own nodes' keys and the administrators of
their organisations; of an organisation with its own authority nothing, for that is at hand where the
share is imported. The file is encrypted with a passphrase (scrypt, RFC 7914; AES-256-GCM) and imported with it.
"""

from __future__ import annotations

import io
import json
import os
import re
import socket
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psutil
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from network.addresses import FILE_NAME as ADDRESSES
from network.errors import Conflict, NotFound, Unavailable, UserError
from network.handle import NetworkHandle
from network.keys import require_here
from network.plan import NetworkState
from network.text import Text
from network.tokens.reference import is_reference
from network.topology import TopologySpec, load_spec, spec_to_mapping
from network.vault import KeyVault, vault_name, write_private, write_public

HOST_FILE = "host.json"
MAGIC = b"CITYCHAIN-SHARE-1\n"
MAX_SHARE = 64 * 1024 * 1024
_N, _R, _P = 2**15, 8, 1
_NAME = re.compile(
    r"spec\.json|addresses\.json|share\.json|channels/[a-z][a-z0-9.-]*\.block|"
    r"organizations/[a-z][a-z0-9-]*/(ca/(ca|tlsca)\.crt|ca/crl\.pem|users/admin\.crt|contract-keys/K[0-9a-f-]+\.key|"
    r"nodes/[a-z0-9.-]+/(msp|tls)/([a-z]+/)?[A-Za-z0-9.]+)|vault/[A-Za-z0-9.-]+"
)


def local_host(directory: Path) -> str:
    """Return the name this machine has in the network's topology; empty where it was never said."""
    try:
        return str(json.loads((directory / HOST_FILE).read_bytes())["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def set_local_host(directory: Path, host: str) -> None:
    """Say which host of the topology this machine is."""
    write_public(directory / HOST_FILE, json.dumps({"host": host}).encode())


def is_share(directory: Path) -> bool:
    """Whether this folder was made from a share: others plan the network."""
    try:
        return bool(json.loads((directory / HOST_FILE).read_bytes()).get("share"))
    except (OSError, ValueError, AttributeError):
        return False


def local_part(directory: Path, spec: TopologySpec) -> TopologySpec:
    """Return `spec` with this machine's nodes only: those without a host, or with one of its names or addresses.

    Where others plan the network, what has no host is theirs.
    """
    if not any(node.host for node in spec.nodes()):
        return spec
    own = {"localhost", local_host(directory), socket.gethostname(), *_own_addresses()}
    own = own - {""} if is_share(directory) else own | {""}
    organizations = tuple(
        replace(
            organization,
            peers=tuple(p for p in organization.peers if p.host in own),
            orderers=tuple(o for o in organization.orderers if o.host in own),
        )
        for organization in spec.organizations
    )
    return replace(spec, organizations=organizations)


def hosts(spec: TopologySpec) -> tuple[str, ...]:
    """Return the hosts that the topology names, in order."""
    return tuple(dict.fromkeys(node.host for node in spec.nodes() if node.host))


def export_share(handle: NetworkHandle, host: str, target: Path, passphrase: str) -> tuple[str, ...]:
    """Write the encrypted share of one host and return the names of its nodes."""
    nodes = [n for n in handle.spec.nodes() if n.host == host]
    if not host or not nodes:
        raise NotFound(
            Text("拓扑中没有主机“{h}”。", "The topology has no host {h}.", h=host),
            Text("主机：{a}。", "Its hosts are: {a}.", a=", ".join(hosts(handle.spec)) or "-"),
        )
    _check_passphrase(passphrase)
    directory = handle.directory
    files: dict[str, bytes] = {
        "spec.json": json.dumps(spec_to_mapping(handle.spec), ensure_ascii=False).encode(),
        "share.json": json.dumps({"network": handle.name, "host": host}).encode(),
        "addresses.json": (directory / ADDRESSES).read_bytes(),
    }
    paths = list((directory / "channels").glob("*.block"))
    for organization in handle.spec.organizations:
        ca = handle.authority(organization.msp_id)
        paths += [p for p in (ca.directory / "ca" / n for n in ("ca.crt", "tlsca.crt", "crl.pem")) if p.exists()]
    # An organisation that keeps its own authority issues its nodes' certificates there: nothing of it is secret here.
    ours = [node for node in nodes if not handle.authority(node.organization.msp_id).foreign]
    for name in sorted({node.organization.name for node in ours if node.kind == "peer"}):
        # What the contracts there keep privately is sealed with these (network.contract_keys).
        paths += sorted((directory / "organizations" / name / "contract-keys").glob("*.key"))
    for node in ours:
        ca = handle.authority(node.organization.msp_id)
        base = ca.nodes.directory(node)
        paths += [p for folder in ("msp", "tls") for p in (base / folder).rglob("*") if p.is_file()]
        paths.append(ca.certificate_path("admin"))
        key = handle.vault.get(vault_name(handle.name, node.organization.msp_id, "admin"))
        files[f"vault/{node.organization.msp_id}"] = require_here(key, f"{node.organization.msp_id}/admin")
    for path in paths:
        files[path.relative_to(directory).as_posix()] = path.read_bytes()
    write_private(target, seal(MAGIC, _pack(files), passphrase))
    return tuple(n.name for n in nodes)


def import_share(
    source: Path, passphrase: str, networks: Path, vault: KeyVault, founded: Mapping[str, bytes] | None = None
) -> Path:
    """Open a share and lay the network's folder below `networks`; return the folder. Bring it up as any network.

    `founded` are the roots (PEM, by MSP id) of the authorities here, for nodes without certificates in the share.
    """
    try:
        if source.stat().st_size > MAX_SHARE:
            raise _damaged(source)
        data = source.read_bytes()
    except OSError as e:
        raise NotFound(Text("无法读取文件 {p}。", "File {p} cannot be read.", p=str(source))) from e
    files = _unpack(source, _open(source, data, passphrase))
    try:
        share = json.loads(files["share.json"])
        spec = load_spec(json.loads(files["spec.json"]))
        host, network = str(share["host"]), str(share["network"])
    except (ValueError, KeyError, TypeError) as e:
        raise _damaged(source) from e
    tokens = any(name.startswith("vault/") and is_reference(content) for name, content in files.items())
    if network != spec.name or host not in hosts(spec) or tokens:  # a token of another machine, or of nobody's
        raise _damaged(source)
    _check_authorities(spec, host, files, founded)
    directory = networks / spec.name
    if (directory / "state.json").exists():
        raise Conflict(
            Text("本机已有名为“{n}”的网络。", "This machine already has a network called {n}.", n=spec.name),
            Text("请先删除它，或换一个工作区。", "Remove it first, or use another workspace."),
        )
    try:
        for name, content in files.items():
            if name.startswith("vault/"):
                msp_id = spec.organization(name.removeprefix("vault/")).msp_id
                vault.put(vault_name(spec.name, msp_id, "admin"), content)
            elif name not in ("spec.json", "share.json"):
                path = directory / name
                path.parent.mkdir(parents=True, exist_ok=True)
                (write_private if name.endswith(("key.pem", ".key")) else write_public)(path, content)
        write_public(directory / HOST_FILE, json.dumps({"host": host, "share": True}).encode())
        NetworkState(phase="building", wanted=spec).save(directory)
    except OSError as e:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(directory), r=e.strerror or str(e))
        ) from e
    return directory


def _check_authorities(
    spec: TopologySpec, host: str, files: Mapping[str, bytes], founded: Mapping[str, bytes] | None
) -> None:
    """Refuse a share whose nodes could never have certificates: their organisation's authority is not here."""
    for node in spec.nodes():
        organization = node.organization
        if node.host != host or f"vault/{organization.msp_id}" in files:
            continue
        root = files.get(f"organizations/{organization.name}/ca/ca.crt", b"")
        if not root or (founded or {}).get(organization.msp_id, b"").strip() != root.strip():
            raise UserError(
                Text(
                    "{m} 的 CA 不在本机，无法为节点 {n} 签发证书。",
                    "The authority of {m} is not here, so that node {n} can have no certificate.",
                    m=organization.msp_id,
                    n=node.name,
                ),
                Text(
                    "请在建立该组织的工作区导入这个份额。",
                    "Import the share in the workspace where that organisation was founded.",
                ),
                code="authority_elsewhere",
            )


def _own_addresses() -> set[str]:
    return {a.address for addresses in psutil.net_if_addrs().values() for a in addresses}


def _pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return buffer.getvalue()


def _unpack(source: Path, data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 5000 or sum(e.file_size for e in entries) > MAX_SHARE:
                raise _damaged(source)
            for entry in entries:
                if not _NAME.fullmatch(entry.filename) or ".." in entry.filename.split("/"):
                    raise _damaged(source)
                files[entry.filename] = archive.read(entry)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as e:
        raise _damaged(source) from e
    return files


def seal(magic: bytes, data: bytes, passphrase: str) -> bytes:
    """Encrypt a file's content under a passphrase (scrypt, AES-256-GCM); `magic` says what kind of file it is."""
    _check_passphrase(passphrase)
    salt, nonce = os.urandom(16), os.urandom(12)
    return magic + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, data, magic)


def _open(source: Path, data: bytes, passphrase: str) -> bytes:
    if not data.startswith(MAGIC) or len(data) < len(MAGIC) + 44:
        raise _damaged(source)
    return open_sealed(MAGIC, source, data, passphrase)


def open_sealed(magic: bytes, source: Path, data: bytes, passphrase: str) -> bytes:
    """Decrypt what `seal` made; UserError for a wrong passphrase or a changed file."""
    body = data[len(magic) :]
    try:
        return AESGCM(_key(passphrase, body[:16])).decrypt(body[16:28], body[28:], magic)
    except (InvalidTag, ValueError) as e:
        raise UserError(
            Text("口令不对，或文件 {p} 已损坏。", "The passphrase is wrong, or {p} is damaged.", p=source.name),
            Text("请核对口令，或重新导出。", "Check the passphrase, or export the share again."),
            code="share_locked",
        ) from e


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < 8:
        raise UserError(Text("口令至少 8 个字符。", "The passphrase needs at least 8 characters."))


def _damaged(source: Path) -> UserError:
    return UserError(
        Text("{p} 不是网络份额文件，或已损坏。", "{p} is no share of a network, or is damaged.", p=source.name),
        Text("请重新导出份额。", "Export the share again."),
        code="bad_share",
    )
