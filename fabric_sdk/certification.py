"""Certification paths: who issued a certificate, and whether that issuer has taken it back.

The rules are those of Fabric's MSP: exactly one path from the certificate over intermediates to a root; dates of the
CAs are judged at the certificate's own beginning (so that history stays valid after a CA has expired); an identity's
issuer is a leaf of the tree of CAs; a revocation list counts only if the issuer itself signed it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from cryptography import x509

from fabric_sdk.certificates import UNREADABLE, Certificate, parse_certificate
from fabric_sdk.errors import MspError

_MAX_PATH = 10
_MAX_PATHS_TRIED = 256
_ONE_SECOND = datetime.timedelta(seconds=1)


class CertificationTree:
    """An organisation's root and intermediate CAs with their revocation lists; MspError if they do not fit."""

    def __init__(
        self, roots: Sequence[bytes], intermediates: Sequence[bytes] = (), revocation_lists: Sequence[bytes] = ()
    ) -> None:
        if not roots:
            raise MspError("expected at least one root CA certificate")
        self.roots = [_authority(pem) for pem in roots]
        self.intermediates = [_authority(pem) for pem in intermediates]
        self._root_keys = {c.canonical for c in self.roots}
        self._by_subject: dict[bytes, list[Certificate]] = {}
        known: set[bytes] = set()
        for certificate in [*self.roots, *self.intermediates]:
            if certificate.canonical not in known:
                known.add(certificate.canonical)
                self._by_subject.setdefault(certificate.subject_bytes, []).append(certificate)
        self._revocation_lists = [_revocation_list(data) for data in revocation_lists]
        self._inner: set[bytes] = set()
        for certificate in self.roots:
            self._check_dates([certificate], certificate.not_before + _ONE_SECOND)
        for certificate in self.intermediates:
            path = self.path(certificate)
            self._inner.update(c.canonical for c in path[1:])
            if len(path) > 1:
                self.check_not_revoked(certificate, path[1])

    def path(self, certificate: Certificate) -> list[Certificate]:
        """The one path from `certificate` (first) to a root (last); MspError if there is none or more than one."""
        if certificate.canonical in self._root_keys:
            return [certificate]
        budget = [_MAX_PATHS_TRIED]
        paths = list(self._paths([certificate], budget))
        if not paths:
            raise MspError("no certification path leads from the certificate to a root CA of the MSP")
        if len(paths) > 1:
            raise MspError(f"expected one certification path, found {len(paths)}")
        return paths[0]

    def identity_path(self, certificate: Certificate) -> list[Certificate]:
        """As `path`, for the certificate of a member: no CA, and issued by a leaf of the tree of CAs."""
        if certificate.is_ca:
            raise MspError("a CA certificate cannot be used as an identity")
        path = self.path(certificate)
        if len(path) < 2:
            raise MspError("a root certificate cannot be used as an identity")
        if path[1].canonical in self._inner:
            raise MspError("the identity's issuer has intermediate CAs below it and may not issue identities")
        self.check_not_revoked(certificate, path[1])
        return path

    def find(self, certificate: Certificate) -> Certificate | None:
        """The CA of this tree that equals `certificate`."""
        for candidate in self._by_subject.get(certificate.subject_bytes, ()):
            if candidate.canonical == certificate.canonical:
                return candidate
        return None

    def check_not_revoked(self, certificate: Certificate, issuer: Certificate) -> None:
        """MspError if a revocation list signed by `issuer` names the certificate, whatever date it gives."""
        serial = certificate.certificate.serial_number
        for revocation_list, key_id in self._revocation_lists:
            if key_id != issuer.subject_key_id:
                continue
            if revocation_list.get_revoked_certificate_by_serial_number(serial) is None:
                continue
            if _is_signed_by(revocation_list, issuer):
                raise MspError("the certificate has been revoked")

    def _paths(self, so_far: list[Certificate], budget: list[int]) -> Iterable[list[Certificate]]:
        tip = so_far[-1]
        for issuer in self._by_subject.get(tip.issuer_bytes, ()):
            if budget[0] <= 0 or len(so_far) >= _MAX_PATH:
                return
            budget[0] -= 1
            if any(issuer is c or issuer.canonical == c.canonical for c in so_far):
                continue
            if not issuer.may_sign_certificates or not tip.is_signed_by(issuer):
                continue
            limit = issuer.path_length
            if limit is not None and len(so_far) - 1 > limit:
                continue
            path = [*so_far, issuer]
            if issuer.canonical in self._root_keys:
                if self._in_dates(path):
                    yield path
            else:
                yield from self._paths(path, budget)

    def _in_dates(self, path: list[Certificate]) -> bool:
        try:
            self._check_dates(path, path[0].not_before + _ONE_SECOND)
        except MspError:
            return False
        return True

    def _check_dates(self, path: list[Certificate], at: datetime.datetime) -> None:
        if any(not c.not_before <= at <= c.not_after for c in path):
            raise MspError("a certificate of the path was not valid when the first of it began")


def _authority(pem: bytes) -> Certificate:
    certificate = parse_certificate(pem)
    if not certificate.is_ca:
        raise MspError(f"CA certificate {certificate.common_name!r} does not have the CA attribute")
    if certificate.subject_key_id is None:
        raise MspError(f"CA certificate {certificate.common_name!r} has no subject key identifier")
    certificate.check_supported()
    return certificate


def _revocation_list(data: bytes) -> tuple[x509.CertificateRevocationList, bytes | None]:
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            revocation_list = x509.load_pem_x509_crl(data)
        else:
            revocation_list = x509.load_der_x509_crl(data)
        key_id = revocation_list.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        for entry in revocation_list:  # parsed only when it is asked for
            del entry
    except x509.ExtensionNotFound:
        raise MspError("a revocation list without authority key identifier") from None
    except UNREADABLE as e:
        raise MspError("not a certificate revocation list") from e
    return revocation_list, key_id


def _is_signed_by(revocation_list: x509.CertificateRevocationList, issuer: Certificate) -> bool:
    try:
        return revocation_list.is_signature_valid(issuer.public_key)
    except UNREADABLE:
        return False
