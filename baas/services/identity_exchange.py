"""Identities that travel: PKCS#12 files and MSP folders, out and in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from baas.errors import Conflict, Text, UserError, translating
from baas.services import pkcs12_reader
from baas.services.identity_records import load_certificate
from network.processes import NO_WINDOW

if TYPE_CHECKING:
    from network.material import OrganizationCA

MINIMUM_PASSWORD = 8
MAX_PKCS12_BYTES = 1 << 20
PKCS12_SECONDS = 10.0
_KEY_BEGINS = b"-----BEGIN PRIVATE KEY-----"


def to_pkcs12(label: str, certificate_pem: bytes, key_pem: bytes, ca_pem: bytes, password: str) -> bytes:
    """A key, its certificate and its CA as a PKCS#12 file (RFC 7292), encrypted under `password`."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12

    if len(password) < MINIMUM_PASSWORD:
        raise UserError(
            Text("导出口令至少 {n} 个字符。", "An export password has at least {n} characters.", n=MINIMUM_PASSWORD)
        )
    return pkcs12.serialize_key_and_certificates(
        label.encode(),
        cast("pkcs12.PKCS12PrivateKeyTypes", load_pem_private_key(key_pem, None)),
        load_certificate(certificate_pem),
        [load_certificate(ca_pem)],
        BestAvailableEncryption(password.encode()),
    )


def from_pkcs12(data: bytes, password: str) -> tuple[bytes, bytes]:
    """Certificate and key (PEM) out of a PKCS#12 file; `UserError` when damaged or the password is wrong.

    The file is opened by a process that is ended after `PKCS12_SECONDS`, because it says itself how long that takes.
    """
    if len(data) > MAX_PKCS12_BYTES:
        raise UserError(Text("PKCS#12 文件过大。", "The PKCS#12 file is too large."), code="pkcs12_unreadable")
    secret = password.encode("utf-8", "surrogatepass")
    program = [sys.executable, "-P", str(Path(pkcs12_reader.__file__))]
    try:
        done = subprocess.run(
            program,
            input=len(secret).to_bytes(4, "big") + secret + data,
            capture_output=True,
            timeout=PKCS12_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            Text("PKCS#12 文件要求的运算量过大，已停止。", "The PKCS#12 file asks for too much work; stopped."),
            Text("请向提供方索取用常规参数导出的文件。", "Ask its maker for one exported with ordinary settings."),
            code="pkcs12_unreadable",
        ) from None
    if done.returncode == 2:
        raise UserError(Text("PKCS#12 文件中没有私钥或证书。", "The PKCS#12 file lacks a key or a certificate."))
    if done.returncode == 3:
        raise _unsupported_key()
    if done.returncode != 0:
        raise UserError(
            Text("PKCS#12 文件损坏，或口令不正确。", "The PKCS#12 file is damaged or the password is wrong."),
            code="pkcs12_unreadable",
        )
    certificate, mark, key = done.stdout.partition(_KEY_BEGINS)
    return certificate, mark + key


def write_msp_folder(authority: OrganizationCA, certificate_pem: bytes, key_pem: bytes, folder: Path) -> None:
    """Write an MSP folder (signcerts, keystore, cacerts, …) into `folder`, which must be new or empty.

    The key in it is not encrypted: it is a file only the owner may read, as Fabric's programs need it.
    """
    from network.vault import write_private, write_public

    with translating():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Conflict(
                Text("不是空文件夹：{p}", "This is not an empty folder: {p}", p=str(folder)),
                Text("请另选一个新的或空的文件夹。", "Choose a new or empty folder."),
            )
        authority.export_msp_folder(folder)
        write_public(folder / "signcerts" / "cert.pem", certificate_pem)
        (folder / "keystore").mkdir(mode=0o700, exist_ok=True)
        write_private(folder / "keystore" / "key.pem", key_pem)


def read_msp_folder(msp_id: str, folder: Path) -> tuple[bytes, bytes]:
    """Certificate and key (PEM) out of an MSP folder as cryptogen and Fabric CA write it."""
    from fabric_sdk.errors import FabricError
    from fabric_sdk.identity import read_msp_pair

    try:
        identity, key = read_msp_pair(folder, msp_id)
    except (FabricError, OSError) as error:
        raise UserError(
            Text("读不了 MSP 文件夹：{p}", "The MSP folder cannot be read: {p}", p=str(folder)),
            Text(
                "需要 signcerts 中的证书和 keystore 中对应的私钥。",
                "It needs a certificate in signcerts and its key in keystore.",
            ),
            details={"text": str(error)},
        ) from error
    return identity.identity.credentials, _pem(key)


def check_belongs(authority: OrganizationCA, certificate_pem: bytes) -> None:
    """Raise `UserError` unless the organisation's MSP accepts the certificate now."""
    from fabric_sdk.errors import FabricError
    from fabric_sdk.identity import Identity
    from fabric_sdk.msp import Msp

    msp_id = authority.spec.msp_id
    try:
        Msp.from_config(authority.msp_config()).validate(Identity(msp_id, certificate_pem).serialize(), None)
    except FabricError as error:
        raise UserError(
            Text(
                "证书不属于 {msp}，或已失效。", "The certificate does not belong to {msp}, or is not valid.", msp=msp_id
            ),
            Text("请确认组织选对了，并且证书在有效期内。", "Check the organisation and the certificate's dates."),
            code="foreign_certificate",
            details={"text": str(error)},
        ) from error


def _pem(key: object) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec

    from network.keys import key_to_pem

    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _unsupported_key()
    return key_to_pem(key)


def _unsupported_key() -> UserError:
    return UserError(
        Text("只支持 ECDSA 私钥。", "Only ECDSA keys are supported."),
        Text("请由 CA 以 P-256 密钥重新签发。", "Have its CA issue it anew with a P-256 key."),
        code="unsupported_key",
    )
