"""What a search text may stand for."""

from __future__ import annotations


def fingerprint_of(query: str) -> str:
    """The fingerprint of the certificate that `query` holds in PEM form, "" when it holds none."""
    if "-----BEGIN CERTIFICATE-----" not in query:
        return ""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return x509.load_pem_x509_certificate(query.strip()[:20_000].encode()).fingerprint(SHA256()).hex()
    except ValueError:
        return ""


def hex_range(digits: str) -> tuple[bytes, bytes]:
    """The 32-byte values whose hexadecimal form begins with `digits`, as an inclusive range."""
    return bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
