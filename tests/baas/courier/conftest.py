"""Two machines: a door with its store, and a desk with another; peers are played by a function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from baas.content import Cid, LocalStore
from baas.courier.carrier import Carrier, Service
from baas.courier.door import Door, door_app
from baas.courier.journal import Journal, Policy
from baas.courier.requests import Reader
from baas.errors import LedgerError, Text
from baas.serving.web import WebServer
from fabric_sdk import clock
from fabric_sdk.envelope import new_proposal
from fabric_sdk.identity import Identity, SigningIdentity
from fabric_sdk.transaction import read_proposal

CHANNEL, CONTRACT, OFFICE = "city-channel", "copyright", "CopyrightMSP"


def made(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for this machine's loopback, and its key."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begins = clock.now() - dt.timedelta(minutes=5)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    form = serialization.PrivateFormat.PKCS8
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


class Somebody:
    """A person with a certificate that signs proposals."""

    def __init__(self, folder: Path, name: str) -> None:
        certificate, key = made(folder, name)
        private: Any = serialization.load_pem_private_key(key.read_bytes(), None)
        self.identity = SigningIdentity.from_key("PublicMSP", certificate.read_bytes(), private)
        self.party = f"PublicMSP/{name}"

    def sign(
        self, function: str, args: Sequence[str], *, channel: str = CHANNEL, contract: str = CONTRACT, **more: Any
    ) -> tuple[bytes, bytes]:
        words = [function.encode(), *(one.encode() for one in args)]
        proposal = new_proposal(channel, contract, words, self.identity.creator, **more).bytes
        return proposal, self.identity.sign(proposal)


@dataclass
class Peers:
    """What the contract says: who may have what, by party and CID."""

    fetch: set[tuple[str, str]] = field(default_factory=set)
    hand_in: dict[tuple[str, str], int] = field(default_factory=dict)
    survey: set[str] = field(default_factory=set)
    held: dict[str, list[str]] = field(default_factory=dict)
    """Records under which a file lies here that is asked for under another: by the record asked under."""
    asked: int = 0
    away: bool = False
    before: Callable[[str], None] = lambda function: None

    def evaluate(self, proposal: bytes, signature: bytes) -> dict[str, Any]:
        del signature
        self.asked += 1
        view = read_proposal(proposal)
        words = [one.decode() for one in view.args]
        name = Identity.deserialize(view.creator).certificate.subject.rfc4514_string().removeprefix("CN=")
        party = f"PublicMSP/{name}"
        self.before(words[0])
        if words[0] == "MayFetch" and (party, words[2]) in self.fetch:
            return {"party": party, "held": self.held.get(words[1], [words[1]])}
        if words[0] == "MayHandIn" and (party, words[2]) in self.hand_in:
            return {"party": party, "bytes": self.hand_in[party, words[2]]}
        if words[0] == "MaySurvey" and party in self.survey:
            return {"party": party}
        raise LedgerError(Text("无权", "forbidden"), code="forbidden")


class Place:
    """A door that can be stopped and opened again on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.store = LocalStore(folder / "content")
        self.peers = Peers()
        self.policy = Policy(free_bytes=0)
        self.tls = made(folder, "door")
        self.journal = Journal(folder / "served.db")
        self.port = 0
        self.open()

    def open(self) -> None:
        reader = Reader(CHANNEL, CONTRACT, OFFICE)

        def evaluate(proposal: bytes, signature: bytes) -> dict[str, Any]:
            return self.peers.evaluate(proposal, signature)

        self.door = Door(self.store, self.folder / "incoming", self.journal, self.policy, reader, evaluate)
        self.server = WebServer(door_app(self.door), tls=self.tls, port=self.port)
        self.server.start()
        self.port = self.server.port

    def keep(self, cid: Cid, record: str = "CZ1") -> Cid:
        """Let a file of the store count as handed in for a record."""
        self.journal.took(cid, record, "PublicMSP/alice", self.store.stat(cid).stored_bytes)
        return cid

    def shut(self) -> None:
        self.server.stop()
        self.door.close()

    @property
    def service(self) -> Service:
        return Service(OFFICE, f"https://127.0.0.1:{self.port}", self.tls[0].read_text())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made_here = Place(tmp_path / "office")
    yield made_here
    made_here.shut()
    made_here.journal.close()
    made_here.store.close()


@pytest.fixture
def wang(tmp_path: Path) -> Somebody:
    return Somebody(tmp_path, "wang")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LocalStore]:
    store = LocalStore(tmp_path / "desk")
    yield store
    store.close()


@pytest.fixture
def carrier(tmp_path: Path, desk: LocalStore, wang: Somebody) -> Carrier:
    return Carrier(desk, tmp_path / "incoming", wang.sign)
