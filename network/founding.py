"""An organisation that keeps its own authority: its definition as a file, and what a host keeps of it.

The definition holds certificates and names, no key, and is signed by the authority whose root it carries: whoever made
it has that key. The host builds the MSP from the certificates itself, so that a file can bring nothing else in.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fabric_sdk import clock
from network.errors import Conflict, NotFound, UserError
from network.material import DEFINITION, OrganizationCA
from network.text import Text
from network.topology import OrganizationSpec, load_spec
from network.vault import write_public

FORMAT = "citychain-organization/1"
MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class OrganizationDefinition:
    """What others need to know of an organisation; `ca_pem` and `tls_ca_pem` are its roots."""

    organization: OrganizationSpec
    ca_pem: bytes
    tls_ca_pem: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root's DER form in hex: to be compared with what the organisation itself says."""
        return x509.load_pem_x509_certificate(self.ca_pem).fingerprint(hashes.SHA256()).hex()


def write_definition(ca: OrganizationCA, target: Path) -> OrganizationDefinition:
    """Write an organisation's definition; it takes the authority's key."""
    made = OrganizationDefinition(ca.spec, ca.ca_certificate_pem, ca.tls_certificate_pem)
    body = _body(made)
    signature = ca.signing.sign(_canonical(body))
    document = {"format": FORMAT, **body, "signature": base64.b64encode(signature).decode()}
    write_public(target, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return made


def read_definition(source: Path) -> OrganizationDefinition:
    """Read a definition; `UserError` when it is something else, was changed, or has no authority that may stand."""
    try:
        data = source.read_bytes() if source.stat().st_size <= MAX_BYTES else b""
    except OSError as e:
        raise NotFound(Text("无法读取文件 {f}。", "File {f} cannot be read.", f=str(source))) from e
    return parse_definition(data, source.name)


def parse_definition(data: bytes, name: str) -> OrganizationDefinition:
    """As `read_definition`, from bytes."""
    try:
        document: dict[str, Any] = json.loads(data)
        if document["format"] != FORMAT:
            raise ValueError("another format")
        body = {key: document[key] for key in ("organization", "ca", "tls_ca")}
        signature = base64.b64decode(document["signature"], validate=True)
        made = OrganizationDefinition(
            _organization(document["organization"]),
            str(body["ca"]).encode("ascii"),
            str(body["tls_ca"]).encode("ascii"),
        )
        root = _root(made.ca_pem)
        _root(made.tls_ca_pem)
        root.verify(signature, _canonical(body), ec.ECDSA(hashes.SHA256()))
    except UserError:
        raise
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise UserError(
            Text("{f} 不是组织定义文件，或已被改动。", "{f} is no organisation's definition, or was changed.", f=name),
            Text("请由该组织重新导出：citychain organization export。", "Have it exported again by that organisation."),
            code="bad_definition",
        ) from e
    return made


def keep_definition(directory: Path, definition: OrganizationDefinition, data: bytes) -> None:
    """Lay a definition into a network's folder; `Conflict` when that MSP id has another authority there."""
    folder = directory / "organizations" / definition.organization.name / "ca"
    root = folder / "ca.crt"
    if root.exists() and root.read_bytes() != definition.ca_pem:
        raise Conflict(
            Text(
                "{m} 在这个网络中已有另一个 CA。",
                "{m} has another authority in this network.",
                m=definition.organization.msp_id,
            ),
            Text("请核对定义文件的指纹。", "Compare the definition's fingerprint."),
            code="organization_exists",
        )
    write_public(root, definition.ca_pem)
    write_public(folder / "tlsca.crt", definition.tls_ca_pem)
    write_public(folder / DEFINITION, data)


def _body(made: OrganizationDefinition) -> dict[str, Any]:
    spec = asdict(made.organization)
    title = made.organization.title
    entry = {key: spec[key] for key in ("name", "msp_id", "domain")} | {"title": {"zh": title.zh, "en": title.en}}
    return {"organization": entry, "ca": made.ca_pem.decode(), "tls_ca": made.tls_ca_pem.decode()}


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def organization_spec(name: str, msp_id: str, title: Text, domain: str) -> OrganizationSpec:
    """An organisation without nodes, checked as in a topology."""
    return _organization({"name": name, "msp_id": msp_id, "title": {"zh": title.zh, "en": title.en}, "domain": domain})


def _organization(entry: dict[str, Any]) -> OrganizationSpec:
    """Check by the topology's own rules; "host" stands for whoever runs the network."""
    host = {
        "name": "host" if entry.get("name") != "host" else "other",
        "msp_id": "HostOfAllMSP",
        "domain": "host.of.all.internal",
        "orderers": [{"name": "orderer0"}],
        "peers": [{"name": "peer0"}],
    }
    spec = load_spec({"name": "any", "channels": [{"name": "any"}], "organizations": [host, dict(entry)]})
    return spec.organizations[1]


def _root(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a root that may stand: one self-signed CA certificate on P-256, in force."""
    (certificate,) = x509.load_pem_x509_certificates(pem)
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not on P-256")
    certificate.verify_directly_issued_by(certificate)
    if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError("no authority")
    if certificate.public_bytes(serialization.Encoding.PEM) != pem:
        raise ValueError("more than one certificate")
    now = clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise UserError(
            Text("该组织 CA 的证书不在有效期。", "The organisation's authority is not valid now."),
            Text("请核对双方的时钟。", "Compare both clocks."),
            code="authority_not_valid",
        )
    return key
