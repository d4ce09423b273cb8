"""An organisation's people on disk: their certificates as files, their keys in the vault, also those of before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from network.certificates import PERSON_DAYS, Issued, Role, certificate_serial, matches_key
from network.keys import fresh_key, public_half
from network.persons import checked_name
from network.vault import KeyVault, retired_name, write_public

if TYPE_CHECKING:
    from network.material import OrganizationCA


class PersonMaterial:
    """What an organisation's authority issues to its people on a network, and how their keys are kept."""

    def __init__(self, authority: OrganizationCA, network: str, vault: KeyVault) -> None:
        self._authority = authority
        self._network = network
        self._vault = vault

    def issue(
        self, name: str, role: Role, attributes: Mapping[str, str] | None = None, days: int = PERSON_DAYS
    ) -> Issued:
        """Issue a person's identity and keep it: certificate as file, key in the vault."""
        with fresh_key(self._vault, self._authority.key_name(checked_name(name))) as key:
            certificate = self._certified(name, role, public_half(key), attributes, days)
            self._retire(name, certificate)
            self._vault.put(self._authority.key_name(name), key)
        write_public(self._authority.certificate_path(name), certificate)
        return Issued(certificate, key)

    def certify(
        self,
        name: str,
        role: Role,
        public_key: ec.EllipticCurvePublicKey,
        attributes: Mapping[str, str] | None = None,
        days: int = PERSON_DAYS,
    ) -> bytes:
        """Certify somebody's own key and keep the certificate; the key itself never was here. Returns PEM.

        An older key of the same name that is here signs nothing more and is kept as a retired one.
        """
        path = self._authority.certificate_path(name)
        certificate = self._certified(name, role, public_key, attributes, days)
        self._retire(name, certificate)
        self._vault.remove(self._authority.key_name(name))
        write_public(path, certificate)
        return certificate

    def invite(self, name: str, days: int, invitation: str) -> Issued:
        """Make a short-lived certificate without any role, that only signs the request for the real one.

        Nothing but the journal is written here: key and certificate travel in the invitation.
        """
        issued = self._authority.signing.issue(
            checked_name(name),
            role="client",
            organization=self._authority.spec.domain,
            attributes={"hf.EnrollmentID": name, "hf.Type": "client"},
            days=days,
        )
        self._authority.note(issued.certificate_pem, name, "client", "enrolment", invitation)
        return issued

    def keep(self, name: str, certificate_pem: bytes, private_key_pem: bytes) -> None:
        """Keep a person's key and certificate, the key first. A key that another one replaces is not lost.

        It signs nothing more, but may be the only one that opens what was sealed to it (`retired_name`).
        """
        path = self._authority.certificate_path(name)
        self._retire(name, certificate_pem)
        self._vault.put(self._authority.key_name(name), private_key_pem)
        write_public(path, certificate_pem)

    def set_aside(self, name: str) -> None:
        """Keep a copy of a person's key under its certificate's serial; nothing happens without certificate or key."""
        path = self._authority.certificate_path(name)
        if path.exists() and self._authority.key_name(name) in self._vault.names():
            serial = certificate_serial(path.read_bytes())
            self._vault.put(
                retired_name(self._network, self._authority.spec.msp_id, name, serial),
                self._vault.get(self._authority.key_name(name)),
            )

    def retired_keys(self, name: str) -> tuple[bytes, ...]:
        """Private keys (PEM) of a person's earlier certificates that are still here."""
        prefix = f"{self._authority.key_name(name)}/"
        return tuple(self._vault.get(one) for one in self._vault.names() if one.startswith(prefix))

    def vouches_for(self, name: str) -> bool:
        """Whether a person's present certificate was issued here and is not revoked."""
        path = self._authority.certificate_path(name)
        if not path.exists():
            return False
        serial = certificate_serial(path.read_bytes())
        return any(r.serial == serial and not r.revoked_at for r in self._authority.issued())

    def _certified(
        self,
        name: str,
        role: Role,
        public_key: ec.EllipticCurvePublicKey,
        attributes: Mapping[str, str] | None,
        days: int,
    ) -> bytes:
        certificate = self._authority.signing.certify(
            public_key,
            name,
            role=role,
            organization=self._authority.spec.domain,
            attributes={"hf.EnrollmentID": name, "hf.Type": role, **(attributes or {})},
            days=days,
        )
        self._authority.note(certificate, name, role, "enrolment")
        return certificate

    def _retire(self, name: str, newer_pem: bytes) -> None:
        path = self._authority.certificate_path(name)
        if not path.exists() or self._authority.key_name(name) not in self._vault.names():
            return
        older = path.read_bytes()
        if older != newer_pem and matches_key(older, key := self._vault.get(self._authority.key_name(name))):
            self._vault.put(
                retired_name(self._network, self._authority.spec.msp_id, name, certificate_serial(older)), key
            )
