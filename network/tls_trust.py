"""Which TLS authorities of an organisation are believed, and what its nodes show so that every client finds one.

After a change of key (`network.succession`) there are several: the present one, one that was announced, and those of
before while a certificate of theirs is in use.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from fabric_sdk import clock
from network.certificates import certificate_serial

if TYPE_CHECKING:
    from network.issued import IssuedRecord
    from network.succession import Succession


class TlsTrust:
    """The TLS authorities of the organisation in `directory`; `issued` reads their journal when it is needed."""

    def __init__(self, directory: Path, succession: Succession, issued: Callable[[], tuple[IssuedRecord, ...]]) -> None:
        self._directory = directory
        self._succession = succession
        self._issued = issued

    @property
    def present(self) -> bytes:
        """The certificate of the one that issues (PEM)."""
        return (self._directory / "ca" / "tlsca.crt").read_bytes()

    @property
    def roots(self) -> list[bytes]:
        """Certificates of all that are to be trusted, the present one's first.

        One of before stays while a certificate that it issued stands and is in use: a node's, until its folder holds a
        later one; any other, until it ends.
        """
        announced, past = self._succession.announced, self._succession.past_generations()
        living = {int(record.tls_issuer or 0) for record in self._in_use()} if past else set()
        before = [self._succession.past(number) for number in past if number - 1 in living]
        return list(dict.fromkeys([self.present, *([announced] if announced else []), *before]))

    @property
    def pem(self) -> bytes:
        """`roots` in one: what a client needs to know of this organisation's nodes."""
        return b"".join(root if root.endswith(b"\n") else root + b"\n" for root in self.roots)

    def shown(self, certificate_pem: bytes) -> bytes:
        """A TLS certificate as its node shows it: followed by what leads from it to authorities of before."""
        between = self._succession.certified
        if not between:
            return certificate_pem
        issuer = x509.load_pem_x509_certificate(certificate_pem).issuer
        own = issuer == x509.load_pem_x509_certificate(self.present).subject
        return certificate_pem + between if own else certificate_pem

    def outdated(self, there: Iterable[bytes]) -> bool:
        """Whether roots that stand somewhere lack a successor, or hold one of before that is in use no more."""
        present = {root.strip() for root in there}
        past = {self._succession.past(number).strip() for number in self._succession.past_generations()}
        announced = self._succession.announced
        wanted = {one.strip() for one in ([announced] if announced else []) + ([self.present] if past else [])}
        return not wanted <= present or bool((present - {root.strip() for root in self.roots}) & past)

    def _in_use(self) -> list[IssuedRecord]:
        serials = {}
        for path in (self._directory / "nodes").glob("*/tls/server.crt"):
            with contextlib.suppress(OSError, ValueError):
                serials[path.parent.parent.name] = certificate_serial(path.read_bytes())
        now = clock.now()
        return [
            r
            for r in self._issued()
            if r.kind == "tls"
            and not r.revoked_at
            and dt.datetime.fromisoformat(r.not_after) > now
            and serials.get(r.name, r.serial) == r.serial
        ]


def leaf(shown_pem: bytes) -> bytes:
    """The first certificate of a file: a node's own, without what it shows after it."""
    first, end, after = shown_pem.partition(b"-----END CERTIFICATE-----")
    return first + end + b"\n" if after.strip() else shown_pem
