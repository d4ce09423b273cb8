"""Nodes that are hosted for an organisation with its own authority: keys made here, certificates by request.

The host makes the nodes' keys and a request; the organisation's desk certifies the request with its own authority; the
host takes the answer in. Neither ever has the other's keys. Whoever hosts a node has that node's key, and so reads what
its organisation keeps in private: the platform hosts, and is trusted with that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from network.certificates import Role, matches_key
from network.errors import NotFound, Unavailable, UserError
from network.keys import key_to_pem
from network.material import OrganizationCA
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault, write_private, write_public

REQUEST, ANSWER = "citychain-nodes-request/1", "citychain-nodes-answer/1"
MAX_BYTES, MAX_NODES = 512 * 1024, 50
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class RequestedNode:
    """One node that asks for certificates: by which names it is reached."""

    name: str
    kind: str
    names: tuple[str, ...]
    identity_key: ec.EllipticCurvePublicKey
    tls_key: ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class NodesRequest:
    """What a host asks of an organisation."""

    network: str
    msp_id: str
    nodes: tuple[RequestedNode, ...]


def request_path(directory: Path, msp_id: str) -> Path:
    """Where the request for an organisation's nodes lies until it is answered."""
    return directory / "pending" / f"{msp_id}-nodes.request"


def ask(directory: Path, spec: TopologySpec, ca: OrganizationCA, nodes: Sequence[NodeRef]) -> None:
    """Make keys where there are none and the request for certificates; always raises `certificates_missing`."""
    entries = []
    for node in nodes:
        base = ca.nodes.directory(node)
        names = ca.nodes.tls_names(node)
        entries.append(
            {
                "name": node.name,
                "kind": node.kind,
                "names": names,
                "identity": _csr(base / "msp" / "keystore" / "key.pem", node.name).decode(),
                "tls": _csr(base / "tls" / "server.key", node.name).decode(),
            }
        )
    document = {"format": REQUEST, "network": spec.name, "msp_id": ca.spec.msp_id, "nodes": entries}
    target = request_path(directory, ca.spec.msp_id)
    write_public(target, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    raise Unavailable(
        Text(
            "{m} 的节点还需要它自己的 CA 签发证书，申请已写入 {f}。",
            "The nodes of {m} need certificates of its own authority; the request is in {f}.",
            m=ca.spec.msp_id,
            f=str(target),
        ),
        Text(
            "请该组织运行 citychain organization certify，把答复用 network hosted 导入，再执行 network up。",
            "Have it run citychain organization certify, take the answer in with network hosted, then network up.",
        ),
        code="certificates_missing",
        details={"file": str(target), "msp_id": ca.spec.msp_id},
    )


def read_nodes_request(source: Path) -> NodesRequest:
    """Read a request; `UserError` when it is something else or does not hold together."""
    try:
        document = _document(source, REQUEST)
        entries = document["nodes"]
        if not isinstance(entries, list) or not 0 < len(entries) <= MAX_NODES:
            raise ValueError("no nodes, or too many")
        nodes = tuple(
            RequestedNode(
                str(e["name"]),
                str(e["kind"]),
                tuple(map(str, e["names"]))[:20],
                _asked(e["identity"]),
                _asked(e["tls"]),
            )
            for e in entries
        )
        return NodesRequest(str(document["network"]), str(document["msp_id"]), nodes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise _not_ours(source) from e


def certify(ca: OrganizationCA, request: NodesRequest, public_names: Sequence[str], target: Path) -> tuple[str, ...]:
    """Certify the nodes of a request with the organisation's authority; return their names.

    Only nodes under the organisation's own domain, for loopback and for names that the organisation has agreed to.
    """
    if request.msp_id != ca.spec.msp_id:
        raise UserError(
            Text("这份申请是给 {m} 的。", "The request is for {m}.", m=request.msp_id[:80]),
            Text("本组织是 {o}。", "This organisation is {o}.", o=ca.spec.msp_id),
            code="other_organization",
        )
    entries = []
    for node in request.nodes:
        _check_node(ca, node, public_names)
        role: Role = "orderer" if node.kind == "orderer" else "peer"
        identity = ca.nodes.certify(node.identity_key, node.name, role)
        tls = ca.nodes.certify_tls(node.tls_key, node.name, node.names)
        entries.append({"name": node.name, "identity": identity.decode(), "tls": tls.decode()})
    document = {"format": ANSWER, "network": request.network, "msp_id": request.msp_id, "nodes": entries}
    write_public(target, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return tuple(node.name for node in request.nodes)


def _check_node(ca: OrganizationCA, node: RequestedNode, public_names: Sequence[str]) -> None:
    if node.kind not in ("peer", "orderer") or not node.name.endswith(f".{ca.spec.domain}"):
        raise UserError(
            Text("节点 {n} 不在本组织的域名 {d} 下。", "Node {n} is not under this organisation's domain {d}.",
                 n=node.name[:120], d=ca.spec.domain),
            Text("请不要签发，并与管理方核对。", "Do not certify it; ask the host."),
            code="foreign_node",
        )  # fmt: skip
    strange = [n for n in node.names if n not in (node.name, *_LOOPBACK, *public_names)]
    if strange:
        raise UserError(
            Text("申请中有名称 {n}。", "The request asks for the name {n}.", n=", ".join(strange)[:200]),
            Text(
                "确认这是管理方机器的名称后，加 --name {n}。",
                "If that is the host's machine, add --name {n}.",
                n=strange[0][:120],
            ),
            code="name_not_agreed",
        )
    for name in node.names:
        if "*" in name or "/" in name or len(name) > 253:
            raise UserError(Text("名称不可用：{n}", "This name cannot be: {n}", n=name[:80]), code="bad_address")


def take_in(directory: Path, spec: TopologySpec, vault: KeyVault, source: Path) -> tuple[str, ...]:
    """Install the certificates of an answer; nothing is installed unless each fits its node's key and authority.

    Those of nodes that have certificates already are a renewal, which the next `network up` carries out.
    """
    try:
        document = _document(source, ANSWER)
        entries = {str(e["name"]): (str(e["identity"]), str(e["tls"])) for e in document["nodes"]}
        msp_id = str(document["msp_id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise _not_ours(source) from e
    ca = OrganizationCA(directory, spec.name, spec.organization(msp_id), vault)
    nodes = [n for n in spec.nodes() if n.organization.msp_id == msp_id and n.name in entries]
    if not nodes:
        raise UserError(
            Text("答复里没有这个网络等待的节点。", "The answer has no node that this network waits for."),
            code="foreign_node",
        )
    for node in nodes:
        identity, tls = (text.encode() for text in entries[node.name])
        base = ca.nodes.directory(node)
        _check_certificate(identity, base / "msp" / "keystore" / "key.pem", ca.ca_certificate_pem, node.kind)
        _check_certificate(tls, base / "tls" / "server.key", ca.tls_certificate_pem, "")
    for node in nodes:
        identity, tls = (text.encode() for text in entries[node.name])
        if (ca.nodes.directory(node) / "msp" / "signcerts" / "cert.pem").exists():
            _renewed(directory, ca, node, identity, tls)
        else:
            ca.nodes.install(node, identity, tls)
    request_path(directory, msp_id).unlink(missing_ok=True)
    return tuple(n.name for n in nodes)


def _renewed(directory: Path, ca: OrganizationCA, node: NodeRef, identity: bytes, tls: bytes) -> None:
    """Lay a running node's newer certificates beside those in use: the next plan puts them in place, node by node."""
    from network.renewal import StagedCertificates, request_renewal

    base = ca.nodes.directory(node)
    staged = StagedCertificates(ca, node, ("identity", "tls"))
    staged.lay("identity", (base / "msp" / "keystore" / "key.pem").read_bytes(), identity)
    staged.lay("tls", (base / "tls" / "server.key").read_bytes(), tls)
    request_renewal(directory, [node], ("identity", "tls"))


def _check_certificate(pem: bytes, key: Path, root: bytes, unit: str) -> None:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root))
        units = {str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)}
        fits = matches_key(pem, key.read_bytes()) and (not unit or unit in units)
    except Exception as e:
        raise _foreign() from e
    if not fits:
        raise _foreign()


def _foreign() -> UserError:
    return UserError(
        Text("答复中的证书与节点或该组织的 CA 不符。", "A certificate of the answer fits neither node nor authority."),
        Text("请核对它答复的是最近一次申请。", "See that it answers the latest request."),
        code="foreign_certificate",
    )


def _csr(key_path: Path, name: str) -> bytes:
    if key_path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        key_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(key_path, key_to_pem(key))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def _asked(pem: object) -> ec.EllipticCurvePublicKey:
    request = x509.load_pem_x509_csr(str(pem).encode("ascii"))
    key = request.public_key()
    if not request.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not signed with its own key")
    if not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not on P-256")
    return key


def _document(source: Path, wanted: str) -> dict[str, Any]:
    try:
        data = source.read_bytes() if source.stat().st_size <= MAX_BYTES else b""
    except OSError as e:
        raise NotFound(Text("无法读取文件 {f}。", "File {f} cannot be read.", f=str(source))) from e
    document = json.loads(data)
    if document["format"] != wanted:
        raise ValueError("another format")
    found: dict[str, Any] = document
    return found


def _not_ours(source: Path) -> UserError:
    return UserError(
        Text(
            "{f} 不是节点证书的申请或答复。",
            "{f} is no request for nodes' certificates, nor its answer.",
            f=source.name,
        ),
        Text("请让对方重新导出。", "Have it exported again."),
        code="bad_request",
    )
