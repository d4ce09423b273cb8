"""TLS for gRPC: which servers a client believes, and how it shows who it is."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from fabric_sdk.errors import FabricError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.http2.addresses import ALPN, split_address


def client_context(endpoint: Endpoint) -> ssl.SSLContext | None:
    """How to check the server of an endpoint; None for one without TLS. FabricError for unusable certificates.

    The root in the endpoint is trusted as it is, an intermediate CA's certificate too, as Go and gRPC do.
    """
    if endpoint.tls_root_pem is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=endpoint.tls_root_pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as e:
        raise FabricError("the TLS root certificate cannot be read") from e
    if endpoint.client_cert_pem is not None and endpoint.client_key_pem is not None:
        _load_pair(context, endpoint.client_cert_pem, endpoint.client_key_pem)
    context.set_alpn_protocols(ALPN)
    return context


def _load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Python reads keys from files only: into one that nobody else can read, and away with it."""
    descriptor, name = tempfile.mkstemp(prefix="tls-", suffix=".pem")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.rstrip() + b"\n" + certificate)
        context.load_cert_chain(name)
    except (ssl.SSLError, ValueError) as e:
        raise FabricError("the client's TLS certificate and key cannot be used") from e
    finally:
        Path(name).unlink(missing_ok=True)


def server_hostname(endpoint: Endpoint) -> str:
    """The name that must be in the server's certificate."""
    return endpoint.server_name or split_address(endpoint.address)[0]


def authority(endpoint: Endpoint) -> str:
    """What the client calls the server in its requests."""
    return endpoint.server_name or endpoint.address
