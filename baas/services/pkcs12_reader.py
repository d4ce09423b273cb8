"""Opens a PKCS#12 file in a process of its own: `python pkcs12_reader.py`, password and file on standard input.

A PKCS#12 file names the number of rounds that its own password check takes, in several places, some of them encrypted;
a hostile one asks for hours. The caller ends this process when the time is up.

Input: the password's length (4 bytes, big-endian), the password in UTF-8, the file. Output: certificate and key in PEM.
Exit codes: 0, 1 damaged or wrong password, 2 without key or certificate, 3 another kind of key.
"""

from __future__ import annotations

import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12


def main() -> int:
    data = sys.stdin.buffer.read()
    length = int.from_bytes(data[:4], "big")
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(data[4 + length :], data[4 : 4 + length])
    except Exception:
        return 1
    if key is None or certificate is None:
        return 2
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return 3
    sys.stdout.buffer.write(certificate.public_bytes(Encoding.PEM))
    sys.stdout.buffer.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
