"""A new key for an organisation's enrolment authority, while everything that the old key certified stays good.

Three acts, each of which may be interrupted anywhere and done again. `announce`: the new authority is made; from then
on the organisation's MSP has both roots. `switch`, once every channel carries both: the new one issues, the old one
only has its revocation list signed. And by itself: the old root leaves the MSP when the last certificate that it
issued has ended or was revoked. A key that was lost can be succeeded as well; then what it issued can no longer be
revoked, only let end.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from network.certificates import CertificateAuthority, matches_key
from network.errors import CityChainError, Conflict
from network.keys import fresh_key
from network.text import Text
from network.vault import KeyVault, write_public

NEXT, KNOWN = "ca.next.crt", "ca.next.known"
_PAST = re.compile(r"ca\.past-(\d+)\.crt")


class Succession:
    """The enrolment authorities of one organisation, one after the other; `folder` holds their certificates."""

    def __init__(self, folder: Path, vault: KeyVault, name: Callable[[str], str]) -> None:
        """`name` makes a key's name in the vault."""
        self._folder = folder
        self._vault = vault
        self._name = name

    @property
    def announced(self) -> bytes | None:
        """The next authority's certificate, if there is to be another one."""
        path = self._folder / NEXT
        return path.read_bytes() if path.exists() else None

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
        with fresh_key(self._vault, self._name("ca.next")) as key:
            authority, _ = CertificateAuthority.create(common_name, organization, kept=key)
            # Key first: a certificate without its key could never be used again.
            self._vault.put(self._name("ca.next"), key)
        write_public(self._folder / NEXT, authority.certificate_pem)

    def switch(self) -> None:
        """Let the next authority issue from now on; goes on where it was interrupted."""
        following = self.announced
        if following is None:
            return
        present = self._folder / "ca.crt"
        if present.read_bytes() != following:
            self._set_aside(present.read_bytes())
            self._vault.put(self._name("ca"), self._vault.get(self._name("ca.next")))
            write_public(present, following)
        (self._folder / KNOWN).unlink(missing_ok=True)
        (self._folder / NEXT).unlink(missing_ok=True)
        self._vault.remove(self._name("ca.next"))

    def signing(self, generation: int) -> CertificateAuthority:
        """An authority of before, for its revocation list; `Conflict` (`authority_key_lost`) without its key."""
        try:
            return CertificateAuthority(self.past(generation), self._vault.get(self._name(f"ca.past-{generation}")))
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
            key = self._vault.get(self._name("ca"))
            if matches_key(certificate, key):
                self._vault.put(self._name(f"ca.past-{number}"), key)
        present = self._folder / "crl.pem"
        if present.exists():
            write_public(self._list(number), present.read_bytes())
        write_public(self._folder / f"ca.past-{number}.crt", certificate)
        present.unlink(missing_ok=True)
        (self._folder / "ca.former.crt").unlink(missing_ok=True)

    def _past(self) -> dict[int, Path]:
        found = ((_PAST.fullmatch(path.name), path) for path in self._folder.glob("ca.past-*.crt"))
        return {int(match[1]): path for match, path in found if match}

    def _list(self, generation: int) -> Path:
        return self._folder / f"crl.past-{generation}.pem"


def mark_known(directory: Path) -> bool:
    """Note that every channel carries the authorities announced in a network's folder; whether any is news."""
    news = False
    for path in directory.glob(f"organizations/*/ca/{NEXT}"):
        known = path.with_name(KNOWN)
        if not known.exists():
            write_public(known, b"")
            news = True
    return news
