"""A time-stamp authority on loopback: OpenSSL's own (`openssl ts`), with certificates made for the test."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fabric_sdk import clock

OPENSSL = shutil.which("openssl")
_CONFIGURATION = """[tsa]
default_tsa = made
[made]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
certs = {folder}/root.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(
    name: str,
    key: Key,
    issuer: tuple[x509.Certificate, Key] | None = None,
    *,
    usages: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    days: tuple[int, int] = (-30, 3650),
) -> x509.Certificate:
    """A certificate valid from `days[0]` to `days[1]` counted from now; an authority's when it has no usages."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    signer = issuer[1] if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=not usages, path_length=None), critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    return builder.sign(signer, hashes.SHA256())


class StampAuthority:
    """An authority in a folder. `kind` "rsa" or "ec"; further arguments are those of the signer's `certificate`."""

    def __init__(self, folder: Path, kind: str = "rsa", **signer: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.root_key, self.key = _key(kind), _key(kind)
        self.root = certificate("测试时间戳根 Test stamp root", self.root_key)
        usages = signer.pop("usages", (ExtendedKeyUsageOID.TIME_STAMPING,))
        self.signer = certificate("Test stamps", self.key, (self.root, self.root_key), usages=usages, **signer)
        pem = serialization.Encoding.PEM
        (folder / "root.pem").write_bytes(self.root.public_bytes(pem))
        (folder / "signer.pem").write_bytes(self.signer.public_bytes(pem))
        private = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / "signer.key").write_bytes(self.key.private_bytes(pem, *private))
        (folder / "serial").write_text("01\n", encoding="ascii")
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder), encoding="ascii")
        self._lock = threading.Lock()

    @property
    def roots(self) -> Path:
        """The root's PEM file."""
        return self.folder / "root.pem"

    def reply(self, query: bytes) -> bytes:
        """OpenSSL's answer to a query."""
        assert OPENSSL
        with self._lock:
            (self.folder / "query.tsq").write_bytes(query)
            subprocess.run(
                [OPENSSL, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"],
                cwd=self.folder,
                check=True,
                capture_output=True,
            )
            return (self.folder / "reply.tsr").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on loopback; yields the address."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answer = authority.reply(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                return None

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)


def _key(kind: str) -> Key:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
