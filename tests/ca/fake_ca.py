"""A small Fabric CA server for tests: it issues real certificates and checks every token's signature."""

from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fabric_sdk import clock

PEM = serialization.Encoding.PEM


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class FakeCa:
    """State of the CA; `answer` overrides every response with raw bytes."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca.org1")])
        now = clock.now()
        builder = x509.CertificateBuilder(
            name, name, self.key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=9)
        ).add_extension(x509.BasicConstraints(True, None), True)
        self.certificate = builder.sign(self.key, hashes.SHA256())
        self.identities: dict[str, dict[str, Any]] = {
            "admin": {"id": "admin", "secret": "adminpw", "type": "client", "affiliation": "", "attrs": []}
        }
        self.revoked: dict[str, list[int]] = {}
        self.issued: dict[str, list[int]] = {}
        self.seen: list[tuple[str, str, dict[str, Any]]] = []
        self.answer: tuple[int, bytes] | None = None
        handler = type("Handler", (_Handler,), {"ca": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def info(self) -> dict[str, str]:
        chain = base64.b64encode(self.certificate.public_bytes(PEM)).decode()
        return {"CAName": "ca-org1", "CAChain": chain, "Version": "1.5.15"}

    def issue(self, request_pem: str, attributes: dict[str, str]) -> str:
        request = x509.load_pem_x509_csr(request_pem.encode())
        if not request.is_signature_valid:
            raise Refusal(400, 9, "CSR signature")
        now = clock.now()
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(
            self.certificate.subject, request.subject, request.public_key(), serial, now, now + timedelta(days=1)
        )
        for extension in request.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        if attributes:
            encoded = json.dumps({"attrs": attributes}).encode()
            oid = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, encoded), False)
        name = request.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        self.issued.setdefault(str(name), []).append(serial)
        return base64.b64encode(builder.sign(self.key, hashes.SHA256()).public_bytes(PEM)).decode()

    def crl(self) -> str:
        now = clock.now()
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, now, now + timedelta(days=1))
        for serial in (s for serials in self.revoked.values() for s in serials):
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, now).build())
        return base64.b64encode(builder.sign(self.key, hashes.SHA256()).public_bytes(PEM)).decode()

    def check_token(self, header: str, method: str, uri: str, body: bytes) -> str:
        """The documented check: SHA-256 ECDSA over method.b64(uri).b64(body).b64(certificate)."""
        parts = header.split(".")
        if len(parts) != 2:
            raise Refusal(401, 25, "Invalid token format")
        certificate = x509.load_pem_x509_certificate(base64.b64decode(parts[0], validate=True))
        signed = ".".join([method, base64.b64encode(uri.encode()).decode(), base64.b64encode(body).decode(), parts[0]])
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        try:
            key.verify(base64.b64decode(parts[1], validate=True), signed.encode(), ec.ECDSA(hashes.SHA256()))
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError) as error:
            raise Refusal(401, 20, "Authentication failure") from error
        name = str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
        if certificate.serial_number in self.revoked.get(name, []):
            raise Refusal(401, 20, "Authentication failure")
        return name


class _Handler(BaseHTTPRequestHandler):
    ca: FakeCa

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer = 200, b""
        if self.ca.answer is not None:
            status, answer = self.ca.answer
        else:
            try:
                envelope = {"success": True, "result": self._result(body), "errors": [], "messages": []}
            except Refusal as refusal:
                status = refusal.status
                errors = [{"code": refusal.code, "message": str(refusal)}]
                envelope = {"success": False, "result": "", "errors": errors, "messages": []}
            answer = json.dumps(envelope).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _result(self, body: bytes) -> Any:
        ca, url = self.ca, urlsplit(self.path)
        operation = url.path.removeprefix("/api/v1/")
        sent = json.loads(body) if body else {}
        asked = sent.get("caname") or parse_qs(url.query).get("ca", [""])[0]
        ca.seen.append((self.command, self.path, sent))
        if asked not in ("", "ca-org1"):
            raise Refusal(404, 19, f"CA '{asked}' does not exist")
        if operation == "cainfo":
            return ca.info()
        header = self.headers.get("Authorization", "")
        if operation == "enroll":
            name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
            known = ca.identities.get(name)
            if known is None or known["secret"] != secret or known.get("revoked"):
                raise Refusal(401, 20, "Authentication failure")
        else:
            name = ca.check_token(header, self.command, self.path, body)
        if operation in ("enroll", "reenroll"):
            known = ca.identities[name]
            wanted = sent.get("attr_reqs")
            held = {a["name"]: a["value"] for a in known["attrs"] if wanted is not None or a.get("ecert")}
            for request in wanted or ():
                if request["name"] not in held and not request.get("optional"):
                    raise Refusal(400, 16, f"Attribute '{request['name']}' is required")
            names = None if wanted is None else {r["name"] for r in wanted}
            attributes = {k: v for k, v in held.items() if names is None or k in names}
            return {"Cert": ca.issue(sent["certificate_request"], attributes), "ServerInfo": ca.info()}
        if name != "admin":
            raise Refusal(403, 71, "Authorization failure")
        return self._administer(operation, sent)

    def _administer(self, operation: str, sent: dict[str, Any]) -> Any:
        ca = self.ca
        if operation == "register":
            if sent["id"] in ca.identities:
                raise Refusal(500, 0, f"Identity '{sent['id']}' is already registered")
            ca.identities[sent["id"]] = {"secret": "made-up", **{k: v for k, v in sent.items() if k != "caname"}}
            return {"secret": ca.identities[sent["id"]]["secret"]}
        if operation == "revoke":
            target = sent["id"]
            if target:
                ca.identities[target]["revoked"] = True
                ca.revoked[target] = list(ca.issued.get(target, []))
            else:
                target, ca.revoked["by serial"] = "by serial", [int(sent["serial"], 16)]
            result: dict[str, Any] = {
                "RevokedCerts": [{"Serial": f"{s:x}", "AKI": "aa"} for s in ca.revoked[target]],
            }
            return result | ({"CRL": ca.crl()} if sent["gencrl"] else {})
        if operation == "gencrl":
            return {"CRL": ca.crl()}
        if operation == "identities":
            return {"identities": list(ca.identities.values()), "caname": "ca-org1"}
        name = operation.removeprefix("identities/")
        if name not in ca.identities:
            raise Refusal(404, 63, "Failed to get User: sql: no rows in result set")
        return ca.identities.pop(name) if self.command == "DELETE" else ca.identities[name]
