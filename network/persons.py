"""Who somebody is: what their certificate says, and nothing else.

On the ledger a person is an MSP and a common name, with the attributes that the organisation's CA vouched for. A label
in a workspace ("CopyrightMSP/wang") is where a key is kept and what a screen shows; it never says who signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

from network.certificates import certificate_attributes
from network.errors import UserError
from network.file_names import reserved_on_windows
from network.text import Text

_FIT = re.compile(r"[\w][\w.@ -]{0,62}[\w]|[\w]")
AUTHORITIES = ("ca", "tlsca")
"""Names of an organisation's own keys in the vault; no person's key may be kept under them."""


@dataclass(frozen=True)
class Person:
    """Somebody as their certificate names them. `unit` is the NodeOU: client, admin, peer, orderer, or "" for none."""

    msp_id: str
    name: str
    unit: str
    attributes: Mapping[str, str]

    @property
    def party(self) -> str:
        """How contracts name this person: `MSP/common name`."""
        return f"{self.msp_id}/{self.name}"

    @property
    def administrator(self) -> bool:
        """Whether Fabric takes this person for an administrator of the organisation."""
        return self.unit == "admin"


def person_of(msp_id: str, certificate: x509.Certificate | bytes) -> Person:
    """The person of an MSP's certificate (PEM or parsed); `UserError` when it cannot be read."""
    if isinstance(certificate, bytes):
        found = _of_pem(msp_id, certificate)
        return replace(found, attributes=dict(found.attributes))
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    units = [str(u.value) for u in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    unit = next((u.lower() for u in units if u.lower() in {"client", "admin", "peer", "orderer"}), "")
    return Person(msp_id, str(names[0].value) if names else "", unit, certificate_attributes(certificate))


@lru_cache(1024)
def _of_pem(msp_id: str, pem: bytes) -> Person:
    """Kept: whoever asks who may act asks about the same few certificates again and again."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise UserError(
            Text("证书文件已损坏。", "A certificate file is damaged."), code="certificate_damaged"
        ) from error
    return person_of(msp_id, certificate)


def fit_name(name: str) -> bool:
    """Whether a name can be kept: fit for files, and not that of an authority's key, present, next or past."""
    return (
        name.lower().partition(".")[0] not in AUTHORITIES
        and not reserved_on_windows(name)
        and _FIT.fullmatch(name) is not None
    )


def checked_name(name: str) -> str:
    """Return a person's name that is safe as a file name and cannot collide with an authority's key."""
    if not fit_name(name):
        raise UserError(
            Text("身份名“{n}”不可用。", "{n} cannot be an identity's name.", n=name[:70]),
            Text(
                "请使用 1–64 个字母、数字、汉字、点、横线或下划线。",
                "Use 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        )
    return name


def kept_name(person: Person) -> str:
    """Under which name a person's key is kept: the certificate's own, changed only where it is not fit for files."""
    if fit_name(person.name):
        return person.name
    name = re.sub(r"[^\w.@-]+", "-", person.name).strip(".-@")[:60]
    return name if fit_name(name) else f"person-{name or 'unnamed'}"
