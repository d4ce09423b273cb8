"""A new key for an organisation's enrolment or TLS authority, while everything that the old key certified stays good.

Three acts, each of which may be interrupted anywhere and done again. `announce`: the new authority is made; from then
on the organisation's MSP has both roots. `switch`, once every channel carries both: the new one issues, the old one
only has its revocation list signed. And by itself: the old root leaves the MSP when the last certificate that it
issued has ended or was revoked, of TLS: or is in use no more. A key that was lost can be succeeded as well; then what
it issued can no longer be revoked, only let end.

Clients that know the old TLS root alone (a profile that was sent to somebody) go on: the old authority certifies the
new one's key, and nodes show that certificate after their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fabric_sdk import clock
from network.certificates import CertificateAuthority, matches_key
from network.errors import CityChainError, Conflict
from network.keys import fresh_key
from network.text import Text
from network.vault import KeyVault, write_public

Kind = Literal["ca", "tlsca"]
KINDS: tuple[Kind, ...] = ("ca", "tlsca")


class Succession:
    """An organisation's authorities of one kind, one after the other; `folder` holds their certificates."""

    def __init__(self, folder: Path, vault: KeyVault, name: Callable[[str], str], kind: Kind = "ca") -> None:
        """`name` makes a key's name in the vault."""
        self._folder = folder
        self._vault = vault
        self._name = name
        self._kind = kind

    @property
    def announced(self) -> bytes | None:
        """The next authority's certificate, if there is to be another one."""
        path = self._path("next")
        return path.read_bytes() if path.exists() else None

    @property
    def known(self) -> bool:
        """Whether every channel carries the next authority."""
        return _known(self._path("next")).exists()

    @property
    def certified(self) -> bytes:
        """Certificates (PEM) by which those of before that have not ended vouch for the present one, newest first."""
        return _standing(self._path("cross"))

    @property
    def generation(self) -> int:
        """How many authorities there were before the present one."""
        return max(self._past(), default=0)

    def past(self, generation: int) -> bytes:
        """The certificate of an authority of before, counted from 1."""
        return self._past()[generation].read_bytes()

    def past_generations(self) -> tuple[int, ...]:
        """The numbers of those of before."""
        return tuple(sorted(self._past()))

    def revocation_lists(self) -> dict[int, bytes]:
        """The newest lists of those of before, by their numbers."""
        lists = {number: self._list(number) for number in self._past()}
        return {number: path.read_bytes() for number, path in lists.items() if path.exists()}

    def announce(self, common_name: str, organization: str) -> None:
        """Make the next authority unless it is made; its name tells it from those before."""
        if self.announced is not None:
            return
        with fresh_key(self._vault, self._name(f"{self._kind}.next")) as key:
            authority, _ = CertificateAuthority.create(common_name, organization, kept=key)
            # Key first: a certificate without its key could never be used again.
            self._vault.put(self._name(f"{self._kind}.next"), key)
        if self._kind == "tlsca":
            write_public(self._path("next.cross"), self._vouched(authority) + self.certified)
        write_public(self._path("next"), authority.certificate_pem)

    def _vouched(self, following: CertificateAuthority) -> bytes:
        """The next authority's key, certified by the present one; nothing where that is lost or has ended."""
        certificate = (self._folder / f"{self._kind}.crt").read_bytes()
        with contextlib.suppress(CityChainError):
            key = self._vault.get(self._name(self._kind))
            if matches_key(certificate, key):
                return CertificateAuthority(certificate, key).vouch(following.certificate)
        return b""

    def switch(self) -> None:
        """Let the next authority issue from now on; goes on where it was interrupted."""
        following = self.announced
        if following is None:
            return
        present = self._folder / f"{self._kind}.crt"
        cross = self._path("next.cross")
        if cross.exists():
            write_public(self._path("cross"), cross.read_bytes())
        if present.read_bytes() != following:
            self._set_aside(present.read_bytes())
            self._vault.put(self._name(self._kind), self._vault.get(self._name(f"{self._kind}.next")))
            write_public(present, following)
        _known(self._path("next")).unlink(missing_ok=True)
        cross.unlink(missing_ok=True)
        self._path("next").unlink(missing_ok=True)
        self._vault.remove(self._name(f"{self._kind}.next"))

    def signing(self, generation: int) -> CertificateAuthority:
        """An authority of before, for its revocation list; `Conflict` (`authority_key_lost`) without its key."""
        try:
            key = self._vault.get(self._name(f"{self._kind}.past-{generation}"))
            return CertificateAuthority(self.past(generation), key)
        except CityChainError as e:
            raise Conflict(
                Text(
                    "签发该证书的旧 CA 私钥已不在，无法再吊销；证书到期后自动失效。",
                    "The key of the former authority that issued it is gone; it cannot be revoked, only let end.",
                ),
                code="authority_key_lost",
            ) from e

    def keep_list(self, generation: int, crl: bytes) -> None:
        """Keep the newest revocation list of an authority of before."""
        write_public(self._list(generation), crl)

    def _set_aside(self, certificate: bytes) -> None:
        """Keep the present authority, its key and its revocation list among those of before."""
        past = self._past()
        number = max(past, default=0)
        if not number or past[number].read_bytes() != certificate:
            number += 1
        with contextlib.suppress(CityChainError):  # a lost key is succeeded, too
            key = self._vault.get(self._name(self._kind))
            if matches_key(certificate, key):
                self._vault.put(self._name(f"{self._kind}.past-{number}"), key)
        revoked = self._folder / "crl.pem"
        if self._kind == "ca" and revoked.exists():
            write_public(self._list(number), revoked.read_bytes())
        write_public(self._path(f"past-{number}"), certificate)
        if self._kind == "ca":
            revoked.unlink(missing_ok=True)
        self._path("former").unlink(missing_ok=True)

    def _past(self) -> dict[int, Path]:
        found = (
            (path.name.split(".")[1].partition("-")[2], path) for path in self._folder.glob(self._path("past-*").name)
        )
        return {int(number): path for number, path in found if number.isdecimal()}

    def _path(self, what: str) -> Path:
        return self._folder / f"{self._kind}.{what}.crt"

    def _list(self, generation: int) -> Path:
        return self._folder / f"crl.past-{generation}.pem"


def mark_known(directory: Path) -> bool:
    """Note that every channel carries the authorities announced in a network's folder; whether any is news."""
    news = False
    for kind in KINDS:
        for path in directory.glob(f"organizations/*/ca/{kind}.next.crt"):
            known = _known(path)
            if not known.exists():
                write_public(known, b"")
                news = True
    return news


def _known(announced: Path) -> Path:
    return announced.with_suffix(".known")


def _standing(path: Path) -> bytes:
    """The certificates in a file that have not ended."""
    data = path.read_bytes() if path.exists() else b""
    kept = [
        one for one in (x509.load_pem_x509_certificates(data) if data else []) if one.not_valid_after_utc > clock.now()
    ]
    return b"".join(one.public_bytes(Encoding.PEM) for one in kept)
