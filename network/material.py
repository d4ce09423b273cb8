"""An organisation's certificates and keys on disk, in the folders that Fabric's programs read.

    organizations/NAME/ca/            ca.crt, tlsca.crt, crl.pem, issued.jsonl
    organizations/NAME/users/         NAME.crt  (the keys are in the vault)
    organizations/NAME/nodes/FULL/    msp/…  tls/server.crt, server.key, ca.crt

The authorities' keys and people's keys go through the `KeyVault`; node keys are files that only their owner reads.
All operations are idempotent: what exists and fits is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography import x509
from fabric_protos.msp import msp_config_pb2

from fabric_sdk import clock
from fabric_sdk.wire import encode
from network.certificates import (
    NODE_DAYS,
    PERSON_DAYS,
    CertificateAuthority,
    Issued,
    Revocation,
    Role,
    matches_key,
)
from network.errors import Conflict, NotFound
from network.issued import IssuedRecord, Journal, issuer_name
from network.keys import fresh_key
from network.msp_folder import verifying_msp, write_msp_folder
from network.node_material import NodeMaterial
from network.person_material import PersonMaterial
from network.persons import checked_name
from network.succession import Kind, Succession
from network.text import Text
from network.tls_trust import TlsTrust
from network.topology import OrganizationSpec
from network.vault import KeyVault, vault_name, write_public

DEFINITION = "definition.json"
"""In the folder of an authority whose keys are elsewhere: what its organisation said of itself."""


class OrganizationCA:
    """An organisation's signing CA and TLS CA and everything issued by them."""

    def __init__(self, directory: Path, network: str, spec: OrganizationSpec, vault: KeyVault) -> None:
        self.spec = spec
        self.directory = directory / "organizations" / spec.name
        self._network = network
        self._vault = vault
        self._signing: CertificateAuthority | None = None
        self._tls: CertificateAuthority | None = None
        self.journal = Journal(self._path("issued.jsonl"))
        self.nodes = NodeMaterial(self, directory)
        self.persons = PersonMaterial(self, network, vault)

    @property
    def exists(self) -> bool:
        """Whether both authorities have been made."""
        return self._path("ca.crt").exists() and self._path("tlsca.crt").exists()

    @property
    def succession(self) -> Succession:
        """The enrolment authorities before and after the present one."""
        return Succession(self.directory / "ca", self._vault, self.key_name)

    @property
    def roots(self) -> list[bytes]:
        """Certificates of every enrolment authority to be trusted: the present one, the next, and those of before.

        One of before stays until the last certificate that it issued has ended or was revoked.
        """
        succession = self.succession
        announced = succession.announced
        living = {r.issuer for r in self.issued() if r.kind == "enrolment" and not r.revoked_at and not r.ended}
        before = [
            succession.past(number) for number in succession.past_generations() if issuer_name(number - 1) in living
        ]
        return list(dict.fromkeys([self.ca_certificate_pem, *([announced] if announced else []), *before]))

    def successors(self, kind: Kind) -> Succession:
        """The authorities of a kind before and after the present one."""
        return Succession(self.directory / "ca", self._vault, self.key_name, kind)

    @property
    def tls_trust(self) -> TlsTrust:
        """The TLS authorities that are believed, and what nodes show."""
        return TlsTrust(self.directory, self.successors("tlsca"), self.issued)

    def announce_authority(self, kind: Kind = "ca") -> None:
        """Make the next authority of a kind, with a key of its own; both are trusted from now on."""
        succession = self.successors(kind)
        succession.announce(f"{kind}{succession.generation + 2}.{self.spec.domain}", self.spec.domain)

    def switch_authority(self, kind: Kind = "ca") -> None:
        """Let the announced authority issue from now on."""
        self.successors(kind).switch()
        self._signing = self._tls = None

    @property
    def foreign(self) -> bool:
        """Whether the organisation keeps its authority itself: nothing can be issued for it here."""
        return self._path(DEFINITION).exists()

    @property
    def at_hand(self) -> bool:
        """Whether certificates can be issued here: the authorities' keys are in this keystore."""
        return {self.key_name("ca"), self.key_name("tlsca")} <= set(self._vault.names())

    def create(self) -> None:
        """Make the authorities and the administrator `admin` unless they exist."""
        for file, what, common_name in (
            ("ca.crt", "ca", f"ca.{self.spec.domain}"),
            ("tlsca.crt", "tlsca", f"tlsca.{self.spec.domain}"),
        ):
            if self._path(file).exists():
                continue
            with fresh_key(self._vault, self.key_name(what)) as key:
                authority, _ = CertificateAuthority.create(common_name, self.spec.domain, kept=key)
                # Key first: a certificate without its key could never be used again.
                self._vault.put(self.key_name(what), key)
            write_public(self._path(file), authority.certificate_pem)
        if not self.certificate_path("admin").exists():
            self.persons.issue("admin", "admin", days=NODE_DAYS)

    @property
    def signing(self) -> CertificateAuthority:
        """The authority of enrolment certificates."""
        if self._signing is None:
            self._signing = self._authority("ca.crt", "ca")
        return self._signing

    @property
    def tls(self) -> CertificateAuthority:
        """The authority of TLS certificates."""
        if self._tls is None:
            self._tls = self._authority("tlsca.crt", "tlsca")
        return self._tls

    def renew_authority(self, what: str) -> None:
        """Give the authority `ca` or `tlsca` a new certificate for its key; harmless to repeat.

        The old one stays beside it as long as channels know the authority by that (`network.plan.run` removes it).
        """
        file = f"{what}.crt"
        present = self._read(file)
        former = self._path(f"{what}.former.crt")
        if not former.exists():
            write_public(former, present)
        write_public(self._path(file), self._authority(file, what).renewed())
        self._signing = self._tls = None

    def ending_authorities(self, days: int) -> tuple[str, ...]:
        """Which of `ca` and `tlsca` end within so many days, or have ended."""
        limit = clock.now() + dt.timedelta(days=days)
        return tuple(
            what
            for what in ("ca", "tlsca")
            if x509.load_pem_x509_certificate(self._read(f"{what}.crt")).not_valid_after_utc <= limit
        )

    @property
    def ca_certificate_pem(self) -> bytes:
        """The signing CA's certificate."""
        return self._read("ca.crt")

    @property
    def tls_certificate_pem(self) -> bytes:
        """The present TLS CA's certificate; what clients of its nodes trust is `tls_trust`."""
        return self._read("tlsca.crt")

    def issue(
        self,
        name: str,
        role: Role,
        attributes: Mapping[str, str] | None = None,
        sans: Sequence[str] = (),
        days: int = PERSON_DAYS,
    ) -> Issued:
        """Make an enrolment certificate with its key and journal it; nothing else is written."""
        issued = self.signing.issue(
            name,
            role=role,
            organization=self.spec.domain,
            attributes={"hf.EnrollmentID": name, "hf.Type": role, **(attributes or {})},
            sans=sans,
            days=days,
        )
        self.note(issued.certificate_pem, name, role, "enrolment")
        return issued

    def issue_tls(self, name: str, sans: Sequence[str], days: int = NODE_DAYS) -> Issued:
        """Make a TLS certificate (server and client) with its key and journal it."""
        issued = self.tls.issue(name, organization=self.spec.domain, sans=sans, days=days, tls=True)
        self.note(issued.certificate_pem, name, "", "tls")
        return issued

    def person(self, name: str) -> Issued:
        """Return a person's certificate and key; `NotFound` when there is none."""
        path = self.certificate_path(name)
        if not path.exists():
            raise NotFound(Text("机构 {o} 没有身份“{n}”。", "{o} has no identity {n}.", o=self.spec.msp_id, n=name))
        return Issued(path.read_bytes(), self._vault.get(self.key_name(name)))

    def people(self) -> tuple[str, ...]:
        """Return the names of all people with a certificate."""
        return tuple(sorted(p.stem for p in (self.directory / "users").glob("*.crt")))

    def certificate_path(self, name: str) -> Path:
        """Return where a person's certificate is kept."""
        return self.directory / "users" / f"{checked_name(name)}.crt"

    # MSP and revocation

    def msp_config(self) -> msp_config_pb2.MSPConfig:
        """Return the organisation's verifying MSP as Fabric keeps it in a channel (msp/configbuilder.go)."""
        return verifying_msp(self.spec.msp_id, self.roots, self.tls_trust.roots, self.revocation_lists)

    def renewed_msp_config(self, present: bytes) -> bytes:
        """Return the definition that stands in a channel, with this authority's revocation list in it.

        Roots and units stay as they stand there: whoever came into a network knows no more of them.
        """
        outer = msp_config_pb2.MSPConfig.FromString(present)
        config = msp_config_pb2.FabricMSPConfig.FromString(outer.config)
        there = {root.strip() for root in config.root_certs}
        known = {self.succession.past(number).strip() for number in self.succession.past_generations()}
        wanted = {root.strip() for root in self.roots}
        if not wanted <= there or (there - wanted) & known or self.tls_trust.outdated(config.tls_root_certs):
            return encode(self.msp_config())
        del config.revocation_list[:]
        config.revocation_list.extend(self.revocation_lists)
        outer.config = encode(config)
        return encode(outer)

    @property
    def revocation_lists(self) -> list[bytes]:
        """A list of each trusted enrolment authority that has revoked anything, the present one's first."""
        path = self._path("crl.pem")
        trusted = self.roots
        before = self.succession.revocation_lists()
        kept = [crl for number, crl in sorted(before.items()) if self.succession.past(number) in trusted]
        return [*([path.read_bytes()] if path.exists() else []), *kept]

    def revoke(self, *serials: str) -> bytes:
        """Revoke the certificates with these hexadecimal serials and return the new CRL (PEM).

        The list takes effect when the channel's MSP definition carries it (`fabric_sdk.configtx`).
        """
        known = {r.serial for r in self.issued()}
        for serial in serials:
            if serial in known:
                continue
            raise NotFound(
                Text(
                    "机构 {o} 没有签发过序列号 {s} 的证书。",
                    "{o} has issued no certificate with serial {s}.",
                    o=self.spec.msp_id,
                    s=serial,
                )
            )
        present = self.succession.generation
        # Verifiers judge a list by the key that signed it: each authority revokes what it issued itself.
        issuers = {int(r.issuer or 0) for r in self.issued() if r.serial in serials} or {present}
        signing = {n: self.signing if n == present else self.succession.signing(n + 1) for n in issuers}
        now = clock.now().isoformat(timespec="seconds")
        for serial in serials:
            self.journal.append({"serial": serial, "revoked_at": now})
        crls = []
        for number, authority in sorted(signing.items()):
            crls.append(authority.revocation_list(self._revoked(number)))
            if number == present:
                write_public(self._path("crl.pem"), crls[-1])
            else:
                self.succession.keep_list(number + 1, crls[-1])
        return b"".join(crls)

    def _revoked(self, issuer: int) -> list[Revocation]:
        return [
            Revocation(int(r.serial, 16), dt.datetime.fromisoformat(r.revoked_at))
            for r in self.issued()
            if r.revoked_at and r.kind == "enrolment" and int(r.issuer or 0) == issuer
        ]

    def issued(self) -> tuple[IssuedRecord, ...]:
        """Return everything these authorities have issued, in order, with revocations applied."""
        return self.journal.records()

    def note(self, certificate_pem: bytes, name: str, role: str, kind: str, invitation: str = "") -> None:
        """Write down a certificate that one of these authorities issued just now."""
        self.journal.note(
            certificate_pem,
            name,
            role,
            kind,
            invitation=invitation,
            issuer="" if kind == "tls" else issuer_name(self.succession.generation),
            tls_issuer=issuer_name(self.successors("tlsca").generation) if kind == "tls" else "",
        )

    def export_msp_folder(self, target: Path) -> None:
        """Write the verifying MSP folder, as `configtxgen` and other organisations' tools read it."""
        write_msp_folder(target, self.roots, self.tls_trust.roots, self.revocation_lists)

    # Inside

    def _authority(self, file: str, what: str) -> CertificateAuthority:
        certificate, key = self._read(file), self._vault.get(self.key_name(what))
        if not matches_key(certificate, key):
            raise Conflict(
                Text(
                    "密钥库中 {o} 的 CA 私钥与证书不符。",
                    "The vault's CA key of {o} does not fit its certificate.",
                    o=self.spec.msp_id,
                )
            )
        former = self._path(f"{what}.former.crt")
        if not former.exists():
            return CertificateAuthority(certificate, key)
        known = x509.load_pem_x509_certificate(former.read_bytes()).not_valid_after_utc
        return CertificateAuthority(certificate, key, known)

    def _read(self, file: str) -> bytes:
        try:
            return self._path(file).read_bytes()
        except FileNotFoundError as e:
            raise NotFound(
                Text("机构 {o} 还没有 CA。", "{o} has no certificate authority yet.", o=self.spec.msp_id)
            ) from e

    def _path(self, file: str) -> Path:
        return self.directory / "ca" / file

    def key_name(self, what: str) -> str:
        """How the vault calls a key of this organisation on this network: a person's, `ca` or `tlsca`."""
        return vault_name(self._network, self.spec.msp_id, what)
