"""Credentials of people issued and shown: what they say stays with their holder, who shows as much of it as they want.

A disclosure is base64url of the JSON list [salt, name, value], as in SD-JWT; the ledger has its SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.catalogue.evidence.package import Written, write_package
from apps.catalogue.talent import MOST_CLAIMS, Credential
from baas.errors import Conflict, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from network.vault import write_private

if TYPE_CHECKING:
    from apps.kit.service import Service
    from fabric_sdk.kinds import Record

FORMAT = "citychain-credential-1"
MOST_LETTERS = 200


def disclosure(name: str, value: str) -> str:
    """One claim with a fresh salt of 128 bits: without it nobody guesses a name from its hash."""
    said = json.dumps([secrets.token_urlsafe(16), name, value], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def issue(service: Service, claims: Mapping[str, Any], until: str, target: Path) -> Record:
    """Issue a credential and write the file for its holder, which nobody else needs."""
    service.platform.session.require(service.permission(Credential.issue))
    words = [*claims, *claims.values()]
    good = all(isinstance(one, str) and 0 < len(one) <= MOST_LETTERS and one.isprintable() for one in words)
    if not 1 <= len(claims) <= MOST_CLAIMS or not good:
        raise UserError(
            Text(
                "内容应为 1 至 {n} 项“名称：文字”，各不超过 200 字。",
                "Write 1 to {n} claims, each a name with one text of at most 200 characters.",
                n=MOST_CLAIMS,
            ),
            code="bad_claims",
        )
    if target.exists():
        raise Conflict(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    shown = [disclosure(name, str(value)) for name, value in claims.items()]
    digests = [{"digest": hashlib.sha256(one.encode()).hexdigest()} for one in shown]
    secrets.SystemRandom().shuffle(digests)
    record: Record = service.do(Credential.issue, {"claims": digests, "until": until}).value
    with translating():
        body = {"format": FORMAT, "record": record["id"], "until": until, "disclosures": shown}
        write_private(target, json.dumps(body, ensure_ascii=False, indent=1).encode())
    return record


def read_file(path: Path) -> tuple[str, dict[str, str]]:
    """The record's id and the disclosures by claim name of a holder's file; `UserError` for anything else."""
    try:
        body = json.loads(path.read_bytes())
        read = [(json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))), one) for one in body["disclosures"]]
        found = {str(said[1]): one for said, one in read}
        if body["format"] != FORMAT or not isinstance(body["record"], str):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            Text("{f} 不是凭证文件。", "{f} is no credential.", f=path.name), code="no_credential"
        ) from error
    return body["record"], found


def present(
    service: Service, source: Path, names: Iterable[str], target: Path, *, ctx: JobContext = NULL_CONTEXT
) -> Written:
    """Write the proof that a stranger checks offline, with the claims named and no others."""
    record_id, known = read_file(source)
    wanted = list(dict.fromkeys(names)) or list(known)
    if unknown := [one for one in wanted if one not in known]:
        raise UserError(
            Text("凭证里没有“{c}”。", "The credential has no {c}.", c=unknown[0]),
            Text("有：{k}", "It has: {k}", k=", ".join(known)),
            code="no_claim",
        )
    record = service.read(record_id)
    if record.get("state") != Credential.VALID.name:
        raise Conflict(Text("凭证已吊销，不能出示。", "The credential was revoked."), code="credential_revoked")
    shown = json.dumps([known[one] for one in wanted]).encode()
    return write_package(service, record_id, {"disclosures.json": shown}, target, ctx=ctx)
