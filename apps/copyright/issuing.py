"""Certificates of registrations: made and signed once, and from then on fetched."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import intake
from apps.copyright.model import Certificate, Registration
from baas.errors import CityChainError, NotFound, Text, UserError
from baas.jobs import JobContext
from fabric_sdk import clock
from fabric_sdk.files import write_whole

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService


def changed_since(service: CopyrightService, case: Registration, noted: Mapping[str, Any]) -> bool:
    """Whether the office approved a change of a work's entries after its certificate was recorded.

    Times are whole seconds; within one second the order of the blocks decides.
    """
    at = noted["at"]
    approved = [one for one in service.dossier(case.work_id)["changes"] if one["state"] == "APPROVED"]
    if any(one["updated"] > at for one in approved):
        return True
    same = [one for one in approved if one["updated"] == at]
    if not same:
        return False
    versions = [one for one in service.history(case.id) if one["record"].get("certificate") == dict(noted)]
    certified = service.block_of(versions[-1]["tx_id"])
    return any(service.block_of(service.history(one["id"])[0]["tx_id"]) > certified for one in same)


def certify(service: CopyrightService, registration_id: str, ctx: JobContext) -> Certificate:
    """发证: number, signed PDF, its hash on the ledger.

    A certificate that stands is fetched; only after an approved change another is made, which names the one before.
    When another desk certifies the same case at once, one certificate stands and both desks return it.
    """
    from apps.copyright import certificate
    from apps.copyright.seal import office_seal

    service.platform.networks.require_origin(service.network, Text("不能发证", "it issues no certificates"))
    case = service.registration(registration_id)
    noted = case.record.get("certificate")
    if noted and not changed_since(service, case, noted):
        return _fetched(service, case, noted, ctx)
    office = office_seal(service)  # before anything is issued: without the seal there is no certificate
    if case.state == "APPROVED":
        case = _numbered(service, registration_id)
    work = service.work(case.work_id)
    ctx.step("certificate", Text("制作证书", "Make the certificate"))
    path = _path(service, case, len(case.record.get("certificates", ())) + 1 + bool(noted))
    body = certificate.make(
        work,
        case,
        office=office,
        policy=service.ledger.evaluate("auditor", "ReadPolicy", case.record["policy"]),
        issued=clock.now(),
        authority=service.stamps.authority if service.stamps.authority.url else None,
        replaces=noted["sha256"] if noted else "",
    )
    cid = service.content.add(io.BytesIO(body), name=path.name)
    service.files.had(cid, "registrar")
    digest = hashlib.sha256(body).hexdigest()
    try:
        case = service.review(registration_id, "note", digest, cid, noted["sha256"] if noted else "").value
    except CityChainError as error:
        service.content.unpin(cid)
        if error.code != "certificate_stands":
            raise
        # Another desk was faster: what stands on the ledger is the certificate, not what was just made here.
        case = service.registration(registration_id)
        try:
            return replace(_fetched(service, case, case.record["certificate"], ctx), made_here=False)
        except CityChainError:
            raise error from None  # it has not been handed in yet
    write_whole(path, body)
    service.files.note(case.id, cid, f"{work.title} {case.number}.pdf", len(body), "registrar")
    service.files.try_now(ctx)
    return Certificate(case, path, digest, cid)


def _numbered(service: CopyrightService, registration_id: str) -> Registration:
    """The case with its number, whichever desk gave it."""
    try:
        return service.review(registration_id, "issue").value
    except CityChainError as error:
        case = service.registration(registration_id)
        if error.code != "wrong_state" or case.state != "CERTIFIED":
            raise
        return case


def standing(service: CopyrightService, case: Registration, ctx: JobContext) -> bytes:
    """The certificate of a case as it stands on the ledger, fetched when it is not here; checked by its SHA-256."""
    noted = case.record.get("certificate")
    if not noted:
        raise NotFound(
            Text("这件登记还没有证书。", "There is no certificate of this registration yet."),
            Text("登记机构发证后再取。", "Fetch it when the office has issued it."),
            code="no_certificate",
        )
    body = service.files.read(case.id, noted["cid"], ctx)
    if hashlib.sha256(body).hexdigest() != noted["sha256"]:
        raise UserError(
            Text("证书文件与账本上的散列不符。", "The certificate's file is not the one on the ledger."),
            code="certificate_differs",
        )
    return body


def _fetched(service: CopyrightService, case: Registration, noted: Mapping[str, Any], ctx: JobContext) -> Certificate:
    """The certificate that stands, as a file of this desk."""
    path = _path(service, case, len(case.record.get("certificates", ())) + 1)
    if not path.exists() or intake.hash_file(path, ctx) != noted["sha256"]:
        write_whole(path, standing(service, case, ctx))
    return Certificate(case, path, noted["sha256"], noted["cid"])


def _path(service: CopyrightService, case: Registration, count: int) -> Path:
    folder = service.platform.workspace.path("copyright", "certificates")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (f"{case.number}-{count}.pdf" if count > 1 else f"{case.number}.pdf")
