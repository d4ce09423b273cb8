"""A request for an identity that an organisation does not answer with a certificate: said, signed, with a reason.

The refusal names the request's key, so that it can be of no other request; it carries its signer's certificate and the
organisation's authority. Who asks for the first time knows neither: as with an entry, the authority's fingerprint is
what they compare. A refusal ends nothing: the key is kept, and an entry that comes later is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import Conflict, PermissionDenied, Text, UserError
from baas.letters import REFUSAL, Letter, damaged, write_letter
from baas.roles import ROLE_ATTRIBUTE, parse_roles, permissions_of, requires
from baas.services.identity_records import load_certificate, shown_fingerprint
from baas.session import Session
from fabric_sdk import clock
from network.refusals import REASON, reason_of

if TYPE_CHECKING:
    from baas.services.identities import IdentityService
    from baas.services.invitations import InvitationService
    from baas.services.networks import NetworkService
    from network.persons import Person

_CONTEXT = "citychain identity refusal 1"


@dataclass(frozen=True)
class RefusedRequest:
    """A refusal that was read: of which key, by whom, why, when (seconds since 1970 UTC).

    `authority` is the fingerprint of the authority that certifies who refused, as it is shown; `root` the SHA-256 of
    that authority's certificate (PEM without outer white space), hexadecimal.
    """

    digest: str
    party: str
    reason: str
    at: int
    authority: str
    root: str


class IdentityRefusals:
    """The part of the office that says no."""

    def __init__(
        self,
        networks: NetworkService,
        identities: IdentityService,
        invitations: InvitationService,
        session: Session,
    ) -> None:
        self._networks = networks
        self._identities = identities
        self._invitations = invitations
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.IDENTITY_ISSUE)
    def refuse(self, source: Path, target: Path, reason: str, label: str = "", network: str = "") -> Path:
        """Refuse a request, signed by `label` (whoever acts; the owner's administrator of the organisation).

        `Conflict` when it was answered with a certificate before: that is revoked, not refused. An invitation that the
        request shows stays good until its end, so that the person can ask again.
        """
        reason = reason_of(reason)
        request = self._invitations.read(source)
        network = self._networks.resolve(network)
        msp_id = label.partition("/")[0] if label else self._invitations.organization_of(network, request)
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        authority = self._networks.handle(network).authority(msp_id)
        if self._invitations.answered(network, msp_id, request):
            raise Conflict(
                Text("这份申请已经签发。", "A certificate was issued for this request."),
                Text("如要收回，请吊销：identity revoke", "To take it back, revoke it: identity revoke"),
                code="answered_already",
            )
        if not label:
            actor = self._identities.acting(network)
            label = actor.label if actor.msp_id else f"{msp_id}/admin"
        identity = self._identities.signing(label, network)
        certificate = identity.identity.credentials
        root = authority.ca_certificate_pem.strip()
        _check_signer(_person(msp_id, certificate))
        at = int(clock.seconds())
        signature = identity.sign(_signed(request.digest, msp_id, reason, at))
        body = {
            "digest": request.digest,
            "name": request.name,
            "msp_id": msp_id,
            "reason": reason,
            "at": at,
            "certificate": certificate.decode(),
            "authority": root.decode(),
            "signature": base64.b64encode(signature).decode(),
        }
        return write_letter(target, REFUSAL, body)


def read_refusal(letter: Letter) -> RefusedRequest:
    """Read a refusal; `UserError` when it is damaged, `PermissionDenied` unless somebody who may issue signed it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    digest, msp_id, reason = letter.text("digest", 64), letter.text("msp_id", 100), letter.text("reason", REASON)
    at = letter.body.get("at")
    certificate_pem, authority_pem = (letter.text(name, 20_000).encode() for name in ("certificate", "authority"))
    if type(at) is not int or not 0 < at < 1 << 40 or not reason.isprintable() or not msp_id.isprintable():
        raise damaged()
    try:
        signature = base64.b64decode(letter.text("signature", 2000), validate=True)
        certificate, authority = load_certificate(certificate_pem), load_certificate(authority_pem)
    except (ValueError, TypeError, binascii.Error):
        raise damaged() from None
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise damaged()
    try:
        certificate.verify_directly_issued_by(authority)
        key.verify(signature, _signed(digest, msp_id, reason, at), ec.ECDSA(SHA256()))
        sound = certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc
    except (ValueError, TypeError, InvalidSignature):
        sound = False
    if not sound:
        raise UserError(
            Text("拒绝文件的签名不对。", "The refusal's signature is wrong."),
            Text("请直接询问您的组织。", "Ask your organisation itself."),
            code="refusal_forged",
        )
    person = _person(msp_id, certificate_pem)
    _check_signer(person)
    root = hashlib.sha256(authority_pem.strip()).hexdigest()
    return RefusedRequest(digest, person.party, reason, at, shown_fingerprint(authority_pem), root)


def _signed(digest: str, msp_id: str, reason: str, at: int) -> bytes:
    return json.dumps([_CONTEXT, digest, msp_id, reason, at]).encode()


def _person(msp_id: str, certificate_pem: bytes) -> Person:
    from network.persons import person_of

    return person_of(msp_id, certificate_pem)


def _check_signer(person: Person) -> None:
    """Only who may issue an identity refuses one: Fabric's administrators, and the platform's roles that may."""
    granted: Any = permissions_of(parse_roles(person.attributes.get(ROLE_ATTRIBUTE, "")))
    if not person.administrator and roles.IDENTITY_ISSUE not in granted:
        raise PermissionDenied(
            Text("{w} 无权签发或拒绝身份。", "{w} may neither issue nor refuse identities.", w=person.party[:200]),
            Text("请由该组织的管理员拒绝。", "Have an administrator of that organisation refuse."),
            code="not_administrator",
        )
