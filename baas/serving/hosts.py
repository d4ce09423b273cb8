"""Which names a web part answers to.

A page in a browser here whose own name a stranger leads to this machine (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baas.serving.web import WebOptions

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def names_of(options: WebOptions, certificate: Path | None = None) -> frozenset[str]:
    """The names under which a part that listens so is reached: this machine's, and its certificate's beyond it."""
    from network.listening import own_addresses

    found = set(LOOPBACK_NAMES) | {options.host.lower()}
    if options.host in {"0.0.0.0", "::"}:
        found |= {socket.gethostname().lower(), *own_addresses()}
    if certificate is not None:
        found |= _names_in(certificate)
    return frozenset(found - {"0.0.0.0", "::"})


def _names_in(certificate: Path) -> set[str]:
    from cryptography import x509

    with contextlib.suppress(OSError, ValueError, x509.ExtensionNotFound):
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = {str(one) for one in names.get_values_for_type(x509.IPAddress)}
        return addresses | {one.lower() for one in names.get_values_for_type(x509.DNSName)}
    return set()


def host_of(header: str) -> str:
    """The name in a `Host` header without its port, "" for what is none."""
    name = header.strip().lower()
    if name.startswith("["):
        name, bracket, rest = name[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return ""
    else:
        name = name.partition(":")[0]
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return name.rstrip(".")


def answers_to(header: str, names: frozenset[str]) -> bool:
    """Whether a `Host` header names this service; a name with `*.` in front stands for all below it."""
    host = host_of(header)
    return bool(host) and (host in names or f"*.{host.partition('.')[2]}" in names)
