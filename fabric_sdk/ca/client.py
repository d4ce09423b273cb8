"""Client of a Fabric CA server (REST API v1): enrol, register, re-enrol, revoke, revocation lists, identities.

    with CaClient("https://ca.example:7054", "Org1MSP", ca_name="ca-org1", tls_root_pem=root) as ca:
        registrar = ca.enroll("admin", secret)
        password = ca.register(registrar.signing, Registration("ann", attributes={"role": "registrar"}))
        ann = ca.enroll("ann", password)

Source: Fabric CA's documentation and its swagger-fabric-ca.json.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fabric_sdk.ca.errors import CaError
from fabric_sdk.ca.requests import basic, certificate_request, key_pem, new_key, token
from fabric_sdk.identity import SigningIdentity

_MAX_ANSWER = 32 * 1024 * 1024
REASONS = (
    "unspecified",
    "keycompromise",
    "cacompromise",
    "affiliationchanged",
    "superseded",
    "cessationofoperation",
    "certificatehold",
    "removefromcrl",
    "privilegewithdrawn",
    "aacompromise",
)
"""Revocation reasons (RFC 5280, 5.3.1) in Fabric CA's spelling."""


@dataclass(frozen=True, slots=True)
class CaInfo:
    """What a CA says about itself; `chain_pem` are its certificates, own first."""

    name: str
    chain_pem: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A certificate with its key, ready to sign as `signing`; `info` names the CA that issued it."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)
    signing: SigningIdentity
    info: CaInfo


@dataclass(frozen=True, slots=True)
class Registration:
    """An identity to register.

    `type` is client, peer, orderer or admin; `attributes` marked in `in_certificate` (all of them by default) appear
    in enrolment certificates without being asked for; `max_enrollments` -1 means no limit, 0 the CA's own.
    """

    id: str
    type: str = "client"
    affiliation: str = ""
    secret: str = field(default="", repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict)
    in_certificate: frozenset[str] | None = None
    max_enrollments: int = 0

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "type": self.type, "affiliation": self.affiliation}
        if self.secret:
            body["secret"] = self.secret
        if self.max_enrollments:
            body["max_enrollments"] = self.max_enrollments
        shown = set(self.attributes) if self.in_certificate is None else self.in_certificate
        body["attrs"] = [{"name": k, "value": v, "ecert": k in shown} for k, v in self.attributes.items()]
        return body


@dataclass(frozen=True, slots=True)
class RegisteredIdentity:
    """An identity as the CA knows it."""

    id: str
    type: str
    affiliation: str
    attributes: Mapping[str, str]
    max_enrollments: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """What a revocation reached: (serial, authority key id) pairs in hexadecimal, and the new list if asked for."""

    certificates: tuple[tuple[str, str], ...]
    crl_pem: bytes | None


class CaClient:
    """One CA of a Fabric CA server; a context manager. CaError for every refusal."""

    def __init__(
        self,
        url: str,
        msp_id: str,
        *,
        ca_name: str = "",
        tls_root_pem: bytes | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        if url.startswith("https") and tls_root_pem is None:
            raise ValueError("an https address needs the TLS root to trust")
        verify = ssl.create_default_context(cadata=tls_root_pem.decode("ascii")) if tls_root_pem else False
        self._msp_id = msp_id
        self._ca_name = ca_name
        self._client = httpx.Client(
            base_url=url, verify=verify, timeout=timeout_s, trust_env=False, follow_redirects=False
        )

    def info(self) -> CaInfo:
        """Return the CA's name, certificates and version; needs no identity."""
        return _info(self._send("cainfo", "GET", f"/api/v1/cainfo{self._query()}", b"", None), "cainfo")

    def enroll(
        self,
        enrollment_id: str,
        secret: str,
        *,
        profile: str = "",
        hosts: Sequence[str] = (),
        attributes: Mapping[str, bool] | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Enrollment:
        """Enrol with id and secret. `profile` "tls" gives a TLS certificate for `hosts`.

        `attributes` maps wanted attributes to whether they may be missing; None takes the CA's defaults.
        """
        return self._enroll("enroll", enrollment_id, basic(enrollment_id, secret), profile, hosts, attributes, key)

    def reenroll(
        self,
        identity: SigningIdentity,
        *,
        profile: str = "",
        hosts: Sequence[str] = (),
        attributes: Mapping[str, bool] | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Enrollment:
        """Get a fresh certificate for a present one, with a fresh key unless `key` is given."""
        names = identity.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        if not names:
            raise CaError("reenroll", 0, "the certificate has no common name")
        return self._enroll("reenroll", str(names[0].value), identity, profile, hosts, attributes, key)

    def register(self, registrar: SigningIdentity, registration: Registration) -> str:
        """Register an identity and return its enrolment secret."""
        result = self._call("register", "POST", "register", registration.to_json(), registrar)
        return _text(result, "secret", "register")

    def revoke(
        self,
        registrar: SigningIdentity,
        *,
        enrollment_id: str = "",
        serial: str = "",
        aki: str = "",
        reason: str = "unspecified",
        with_crl: bool = False,
    ) -> Revoked:
        """Revoke all of an identity's certificates (and bar it from enrolling), or one by serial and AKI (hex)."""
        if bool(enrollment_id) == bool(serial and aki):
            raise ValueError("name either an enrolment id, or a serial and an authority key id")
        if reason not in REASONS:
            raise ValueError(f"unknown reason {reason!r}")
        body: dict[str, Any] = {"id": enrollment_id, "serial": serial, "aki": aki, "reason": reason, "gencrl": with_crl}
        result = self._call("revoke", "POST", "revoke", body, registrar)
        listed = _objects(result, "RevokedCerts")
        certificates = tuple((str(c.get("Serial", "")), str(c.get("AKI", ""))) for c in listed)
        return Revoked(certificates, _decoded(result, "CRL", "revoke") if with_crl else None)

    def revocation_list(
        self,
        registrar: SigningIdentity,
        *,
        expire_after: datetime | None = None,
        revoked_after: datetime | None = None,
    ) -> bytes:
        """Return a fresh CRL (PEM), limited to certificates that expire or were revoked after a moment."""
        body: dict[str, Any] = {}
        if expire_after is not None:
            body["expireafter"] = expire_after.isoformat()
        if revoked_after is not None:
            body["revokedafter"] = revoked_after.isoformat()
        return _decoded(self._call("gencrl", "POST", "gencrl", body, registrar), "CRL", "gencrl")

    def identities(self, registrar: SigningIdentity) -> tuple[RegisteredIdentity, ...]:
        """Return all identities that the registrar may see, by id."""
        result = self._call("identities", "GET", "identities", None, registrar)
        return tuple(sorted(map(_identity, _objects(result, "identities")), key=lambda i: i.id))

    def identity(self, registrar: SigningIdentity, enrollment_id: str) -> RegisteredIdentity:
        """Return one identity."""
        path = f"identities/{quote(enrollment_id, safe='')}"
        return _identity(self._call("identity", "GET", path, None, registrar))

    def remove_identity(self, registrar: SigningIdentity, enrollment_id: str, *, force: bool = False) -> None:
        """Delete an identity (only where the CA's configuration allows it); `force` for the registrar itself."""
        path = f"identities/{quote(enrollment_id, safe='')}"
        self._call("remove identity", "DELETE", path, None, registrar, {"force": "true"} if force else None)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enroll(
        self,
        operation: str,
        enrollment_id: str,
        authorization: str | SigningIdentity,
        profile: str,
        hosts: Sequence[str],
        attributes: Mapping[str, bool] | None,
        key: ec.EllipticCurvePrivateKey | None,
    ) -> Enrollment:
        key = key or new_key()
        body: dict[str, Any] = {"certificate_request": certificate_request(enrollment_id, key, hosts)}
        if profile:
            body["profile"] = profile
        if attributes is not None:
            body["attr_reqs"] = [{"name": name, "optional": optional} for name, optional in attributes.items()]
        result = self._call(operation, "POST", operation, body, authorization)
        certificate = _decoded(result, "Cert", operation)
        _check_certificate(certificate, key, operation)
        signing = SigningIdentity.from_key(self._msp_id, certificate, key)
        return Enrollment(certificate, key_pem(key), signing, _info(result.get("ServerInfo"), operation))

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        authorization: str | SigningIdentity,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        raw = b""
        uri = f"/api/v1/{path}"
        if body is None:
            uri += self._query(query)
        else:
            raw = json.dumps(body | ({"caname": self._ca_name} if self._ca_name else {})).encode()
        header = authorization if isinstance(authorization, str) else token(authorization, method, uri, raw)
        return self._send(operation, method, uri, raw, header)

    def _query(self, more: Mapping[str, str] | None = None) -> str:
        parameters = {**({"ca": self._ca_name} if self._ca_name else {}), **(more or {})}
        return f"?{urlencode(parameters)}" if parameters else ""

    def _send(self, operation: str, method: str, uri: str, body: bytes, authorization: str | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        try:
            response = self._client.request(method, uri, content=body or None, headers=headers)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise CaError(operation, 0, str(error) or type(error).__name__) from error
        return _read(operation, response)


def _read(operation: str, response: httpx.Response) -> dict[str, Any]:
    """Unwrap the answer's `result`; CaError with the server's own codes and texts."""
    answer: Any = None
    if len(response.content) <= _MAX_ANSWER:
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
    if not isinstance(answer, dict):
        raise CaError(operation, response.status_code, f"the CA's answer cannot be read (HTTP {response.status_code})")
    if not answer.get("success") or response.status_code >= 400:
        errors = _objects(answer, "errors")
        text = "; ".join(str(e.get("message", "")) for e in errors) or f"HTTP {response.status_code}"
        codes = tuple(e["code"] for e in errors if isinstance(e.get("code"), int))
        raise CaError(operation, response.status_code, text, codes)
    result = answer.get("result")
    return result if isinstance(result, dict) else {}


def _info(value: Any, operation: str) -> CaInfo:
    if not isinstance(value, dict):
        raise CaError(operation, 0, "the CA does not say who it is")
    return CaInfo(str(value.get("CAName", "")), _decoded(value, "CAChain", operation), str(value.get("Version", "")))


def _identity(value: Mapping[str, Any]) -> RegisteredIdentity:
    attributes = {str(a.get("name", "")): str(a.get("value", "")) for a in _objects(value, "attrs")}
    limit = value.get("max_enrollments", 0)
    return RegisteredIdentity(
        id=str(value.get("id", "")),
        type=str(value.get("type", "")),
        affiliation=str(value.get("affiliation", "")),
        attributes=attributes,
        max_enrollments=limit if isinstance(limit, int) else 0,
    )


def _objects(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list in the answer; empty if there is no such list."""
    value = answer.get(name)
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _text(result: Mapping[str, Any], name: str, operation: str) -> str:
    value = result.get(name)
    if not isinstance(value, str) or not value:
        raise CaError(operation, 0, f"the CA's answer lacks {name}")
    return value


def _decoded(result: Mapping[str, Any], name: str, operation: str) -> bytes:
    try:
        return base64.b64decode(_text(result, name, operation), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CaError(operation, 0, f"{name} in the CA's answer is not base64") from error


def _check_certificate(pem: bytes, key: ec.EllipticCurvePrivateKey, operation: str) -> None:
    public = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        same = certificate.public_key().public_bytes(*public) == key.public_key().public_bytes(*public)
    except ValueError as error:
        raise CaError(operation, 0, "the CA's certificate cannot be read") from error
    if not same:
        raise CaError(operation, 0, "the CA's certificate is for another key")
