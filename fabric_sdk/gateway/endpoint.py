"""Where a peer's Gateway is, and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fabric_sdk.errors import FabricError


@dataclass(frozen=True)
class Endpoint:
    """A peer (or orderer) to talk to.

    `address` is `host:port`. With `tls_root_pem` the connection uses TLS and the server must have a certificate of that
    root, for `server_name` if the address is not what the certificate says. `client_cert_pem` and `client_key_pem` are
    for mutual TLS.
    """

    address: str
    tls_root_pem: bytes | None = field(default=None, repr=False)
    server_name: str | None = None
    client_cert_pem: bytes | None = field(default=None, repr=False)
    client_key_pem: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.client_cert_pem is None) != (self.client_key_pem is None):
            raise FabricError("mutual TLS needs both the client's certificate and its key")

    @cached_property
    def client_certificate_der(self) -> bytes | None:
        """The client's TLS certificate, whose hash Deliver requests carry; None without mutual TLS."""
        if self.client_cert_pem is None:
            return None
        try:
            return x509.load_pem_x509_certificate(self.client_cert_pem).public_bytes(Encoding.DER)
        except ValueError as e:
            raise FabricError("the client's TLS certificate cannot be read") from e


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How many seconds each step may take; the defaults are those of Fabric's own samples."""

    evaluate: float = 5.0
    endorse: float = 15.0
    submit: float = 5.0
    commit_status: float = 60.0
