"""The journal of an organisation's authorities: what they have issued and revoked, a JSON line each."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509

from fabric_sdk import clock
from network.certificates import certificate_serial


@dataclass(frozen=True)
class IssuedRecord:
    """One line of an authority's journal; times are ISO 8601, `serial` hexadecimal.

    `invitation` is empty, or what the person of an invitation's certificate shall be: role and attributes as JSON.
    """

    serial: str
    name: str
    role: str
    kind: str
    not_after: str
    issued_at: str
    revoked_at: str = ""
    invitation: str = ""
    issuer: str = ""
    """how many enrolment authorities there were before the one that issued it, "" for none"""
    tls_issuer: str = ""
    """the same of a TLS certificate (journals of before count enrolment authorities in its `issuer`)"""

    @property
    def ended(self) -> bool:
        """Whether its certificate's last moment is over."""
        return dt.datetime.fromisoformat(self.not_after) <= clock.now()


class Journal:
    """The lines in one file; whoever adds one needs no lock."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> tuple[IssuedRecord, ...]:
        """Return everything that was issued, in order, with revocations applied."""
        path = self._path
        if not path.exists():
            return ()
        records: dict[str, dict[str, str]] = {}
        for line in path.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
                records.setdefault(entry["serial"], {}).update(entry)
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a process killed while writing it
        return tuple(IssuedRecord(**r) for r in records.values() if "name" in r)

    def note(
        self,
        certificate_pem: bytes,
        name: str,
        role: str,
        kind: str,
        *,
        invitation: str = "",
        issuer: str = "",
        tls_issuer: str = "",
    ) -> None:
        """Write down a certificate that was issued just now."""
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        record = IssuedRecord(
            serial=certificate_serial(certificate_pem),
            name=name,
            role=role,
            kind=kind,
            not_after=certificate.not_valid_after_utc.isoformat(timespec="seconds"),
            issued_at=clock.now().isoformat(timespec="seconds"),
            invitation=invitation,
            issuer=issuer,
            tls_issuer=tls_issuer,
        )
        optional = {"revoked_at", "invitation", "issuer", "tls_issuer"}
        self.append({k: v for k, v in asdict(record).items() if v or k not in optional})

    def append(self, entry: Mapping[str, str]) -> None:
        """Add a line; one that a killed process left unfinished stays alone."""
        path = self._path
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(descriptor, "rb+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:
                stream.seek(size - 1)
                if stream.read(1) != b"\n":
                    line = b"\n" + line
            stream.write(line)


def issuer_name(generation: int) -> str:
    """How a journal's record names the authority of this number."""
    return str(generation) if generation else ""
