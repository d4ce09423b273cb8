"""Registrars' seals on the ledger: asked for by the registrar, issued under the office's seal root.

The private keys never travel: a registrar makes them at the own desk and asks here with certificate requests; an
administrator of the office who has the seal root answers with the certificates, or says no and why. Everybody can read
which root the office's seals stand under, and when a seal was withdrawn.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chaincode.copyright.records import CopyrightContext, Record, dump, refuse
from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import is_admin
from fabric_sdk.chaincode import query, transaction

if TYPE_CHECKING:
    from cryptography import x509

_SEAL, _ROOT = "office-seal", "office-seal-root"
_PARTS = ("seal", "stamp")
_PEM_CHARACTERS = 6000


class Seals:
    """One entry a registrar: what was asked last, and what was issued for it."""

    @transaction
    def AskSeal(self, ctx: CopyrightContext, requests: dict[str, Any]) -> Record:
        """Ask for a seal and the stamp beside it: `seal` and `stamp` are certificate requests (PKCS #10, PEM)."""
        ctx.require_registrar()
        form = Fields(requests)
        asked = {name: form.text(name, _PEM_CHARACTERS) for name in _PARTS}
        form.done()
        for name, pem in asked.items():
            _request(name, pem)
        record: Record = {"party": ctx.party, "state": "ASKED", "asked": asked, "at": ctx.now}
        ctx.index(_SEAL, ctx.party, value=dump(record).decode())
        return record

    @transaction
    def IssueSeal(self, ctx: CopyrightContext, party: str, certificates: dict[str, Any]) -> Record:
        """Answer what a registrar asked: `seal` and `stamp` under `root`, all PEM. Administrators of the office."""
        _require_office_admin(ctx)
        record = _entry(ctx, party)
        if record["state"] != "ASKED":
            raise refuse("WRONG_STATE", f"the seal of {party} is {record['state']}")
        form = Fields(certificates)
        found = {name: _certificate(name, form.text(name, _PEM_CHARACTERS)) for name in ("root", *_PARTS)}
        form.done()
        for name, one in found.items():
            _check_issued(name, one, found["root"])
            if name != "root" and one.public_key() != _request(name, record["asked"][name]).public_key():
                invalid(name, "is for another key than the one that was asked for")
        given = {name: _pem(one) for name, one in found.items()}
        record |= {"state": "ISSUED", "issued": given, "by": ctx.party, "at": ctx.now}
        ctx.index(_SEAL, party, value=dump(record).decode())
        roots = _roots(ctx)
        if given["root"] not in [one["root"] for one in roots]:
            roots.append({"root": given["root"], "since": ctx.now, "by": ctx.party})
            ctx.index(_ROOT, value=dump(roots).decode())
        return record

    @transaction
    def RefuseSeal(self, ctx: CopyrightContext, party: str, reason: str) -> Record:
        """Say no to what a registrar asked, and why; they may ask again. Administrators of the office."""
        _require_office_admin(ctx)
        record = _entry(ctx, party)
        if record["state"] != "ASKED":
            raise refuse("WRONG_STATE", f"the seal of {party} is {record['state']}")
        text = Fields({"reason": reason}).text("reason", 500)
        record |= {"state": "REFUSED", "reason": text, "by": ctx.party, "at": ctx.now}
        ctx.index(_SEAL, party, value=dump(record).decode())
        return record

    @transaction
    def WithdrawSeal(self, ctx: CopyrightContext, party: str, reason: str) -> Record:
        """Note that a seal counts no more from now on: its key may be in other hands. Administrators of the office."""
        _require_office_admin(ctx)
        record = _entry(ctx, party)
        text = Fields({"reason": reason}).text("reason", 500)
        record |= {"state": "WITHDRAWN", "reason": text, "by": ctx.party, "at": ctx.now}
        ctx.index(_SEAL, party, value=dump(record).decode())
        return record

    @query
    def ReadSeal(self, ctx: CopyrightContext, party: str) -> Record:
        """What stands of a registrar's seal; an empty `state` when nothing was asked."""
        found = ctx.indexed_value(_SEAL, party)
        return json.loads(found) if found else {"party": party, "state": ""}

    @query
    def ListSeals(self, ctx: CopyrightContext) -> Record:
        """All registrars' seals, and the roots that they stand under, oldest first."""
        with ctx.stub.get_state_by_partial_composite_key(_SEAL, []) as found:
            return {"seals": [json.loads(item.value) for item in found], "roots": _roots(ctx)}


def _require_office_admin(ctx: CopyrightContext) -> None:
    office = ctx.settings["office_msp"]
    if not is_admin(ctx.client) or ctx.client.msp_id != office:
        raise refuse("FORBIDDEN", f"this needs an administrator of {office}", 403)


def _entry(ctx: CopyrightContext, party: str) -> Record:
    found = ctx.indexed_value(_SEAL, party)
    if not found:
        raise refuse("NOT_FOUND", f"{party[:100]} asked for no seal", 404)
    record: Record = json.loads(found)
    return record


def _roots(ctx: CopyrightContext) -> list[Record]:
    found = ctx.indexed_value(_ROOT)
    return list(json.loads(found)) if found else []


def _request(name: str, pem: str) -> x509.CertificateSigningRequest:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_csr(pem.encode())
        sound = found.is_signature_valid
    except (ValueError, TypeError):
        sound = False
    if not sound:
        invalid(name, "is no certificate request signed by its own key (PKCS #10, PEM)")
    return found


def _certificate(name: str, pem: str) -> x509.Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        invalid(name, "is no certificate (PEM)")


def _pem(found: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return found.public_bytes(Encoding.PEM).decode()


def _check_issued(name: str, found: x509.Certificate, root: x509.Certificate) -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        found.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        invalid(name, "does not stand under this root")
