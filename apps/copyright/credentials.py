"""Content Credentials (C2PA): read a file's manifest, and write the registration into a copy's manifest.

Copies are signed with the office's seal. Readers that do not trust the office's CA say so; the assertion names the
ledger's record, which is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import media, permissions
from apps.copyright.fingerprints.provenance import UnreadableCredentials, read_store
from apps.copyright.model import Work
from apps.copyright.seal import office_seal
from baas.errors import Text, UserError
from fabric_sdk.files import whole_file

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

LABEL = "org.citychain.registration"
NONE, FITS, TRUSTED, BROKEN = "none", "fits", "trusted", "broken"
WORDS: Mapping[str, Text] = {
    NONE: Text("这个文件没有内容凭证（C2PA）。", "This file carries no Content Credentials (C2PA)."),
    FITS: Text(
        "内容凭证与文件相符；签名人是谁未经核对（用 --trust 给出信任的根证书）。",
        "The Content Credentials fit the file; who signed them is not checked (give trusted roots with --trust).",
    ),
    TRUSTED: Text(
        "内容凭证与文件相符，签名人出自给定的信任名单。",
        "The Content Credentials fit the file, and the signer is on the trust list given.",
    ),
    BROKEN: Text(
        "内容凭证与文件不符：文件或凭证被改动过，不能作为依据。",
        "The Content Credentials do not fit the file: it or they were changed; do not rely on them.",
    ),
}
"""The one sentence for each outcome."""


@dataclass(frozen=True)
class Examination:
    """What a file's credentials come to: state, the library's codes for what is wrong, the manifest store."""

    state: str
    problems: tuple[str, ...]
    store: dict[str, Any] | None


def examine(path: Path, trust: Path | None = None) -> Examination:
    """Judge a file's credentials; with `trust` (PEM) their signer must lead to one of these roots to be trusted."""
    found = media.inspect(path)
    anchors = trust.read_text(encoding="ascii", errors="replace") if trust else ""
    if trust and "-----BEGIN CERTIFICATE-----" not in anchors:
        raise UserError(Text("{p} 里没有根证书（PEM）。", "{p} holds no root certificates (PEM).", p=trust.name))
    try:
        store = read_store(path, found.media_type, anchors)
    except UnreadableCredentials as error:
        return Examination(BROKEN, (str(error),), None)
    if store is None:
        return Examination(NONE, (), None)
    problems = tuple(sorted({str(one.get("code", "")) for one in store.get("validation_status") or ()}))
    broken = tuple(one for one in problems if "untrusted" not in one)
    state = str(store.get("validation_state") or "Invalid")
    if broken or state == "Invalid":
        return Examination(BROKEN, broken or problems, store)
    return Examination(TRUSTED if anchors and state == "Trusted" else FITS, problems, store)


def _failed(error: Exception) -> UserError:
    return UserError(
        Text("内容凭证处理失败：{w}", "Content Credentials failed: {w}", w=str(error)[:200]),
        Text(
            "支持 JPEG、PNG、WebP、TIFF、WAV、MP3、MP4 等格式。", "JPEG, PNG, WebP, TIFF, WAV, MP3, MP4 are supported."
        ),
        code="c2pa_failed",
    )


def read(path: Path) -> dict[str, Any] | None:
    """A file's manifest store as JSON, None if it carries none; `UserError` for one that cannot be read."""
    found = media.inspect(path)
    try:
        return read_store(path, found.media_type)
    except UnreadableCredentials as error:
        raise _failed(error) from error


def embed(service: CopyrightService, work: Work, source: Path, target: Path) -> None:
    """Write a copy of `source` whose manifest names the work's registration.

    `source` must be the registered file itself, so that nobody's registration is put on another file.
    """
    from c2pa import Builder, C2paBuilderIntent, C2paError, C2paSigningAlg, Signer

    service.platform.session.require(permissions.EVIDENCE)
    if target.exists():
        raise UserError(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    if all(found.id != work.id for found in service.find_file(source)):
        raise UserError(
            Text("{f} 不是作品 {w} 的文件。", "{f} is not the file of work {w}.", f=source.name, w=work.id),
            Text("请使用存证时的原文件。", "Use the very file that was deposited."),
            code="other_file",
        )
    seal = office_seal(service)

    def sign(data: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        r, s = decode_dss_signature(seal.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    registration = {
        "work": work.id,
        "registration_number": work.number,
        "deposited": work.created,
        "cid": work.cid,
        "sha256": work.sha256,
        "network": service.network,
    }
    claim = {
        "claim_generator_info": [{"name": "CityChain", "version": "0.1.0"}],
        "title": work.title,
        "assertions": [{"label": LABEL, "data": registration}],
    }
    media_type = media.inspect(source).media_type
    try:
        with (
            Signer.from_callback(
                sign, C2paSigningAlg.ES256, (seal.certificate_pem + seal.issuer_pem).decode(), None
            ) as signer,
            Builder(claim) as builder,
            source.open("rb") as stream,
            whole_file(target) as out,
        ):
            builder.set_intent(C2paBuilderIntent.EDIT)  # the original becomes the parent
            builder.sign(signer, media_type, stream, out)
    except C2paError as error:
        raise _failed(error) from error
