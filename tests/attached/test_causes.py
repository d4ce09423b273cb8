"""Why a network cannot be entered: every cause has a sentence and a remedy of its own, in both languages."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fabric_sdk import clock
from fabric_sdk.errors import GatewayError
from network.attached import causes
from network.attached.profile import ConnectionProfile, ProfilePeer
from network.errors import CityChainError
from tests.sdk.material import root as authority

LONG = 4_000
"""Days: far enough from any hour at which these tests run."""
HOST = "127.0.0.1"


class Made:
    """A root and certificates of it, from `begins` days from now on for `days` days."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root_pem = self._sign(self.name, self.key, -LONG, 3 * LONG, [x509.BasicConstraints(True, None)])

    def _sign(self, subject: x509.Name, key: Any, begins: int, days: int, extensions: list[Any]) -> bytes:
        begin = clock.now() + dt.timedelta(days=begins)
        builder = x509.CertificateBuilder(
            self.name, subject, key.public_key(), x509.random_serial_number(), begin, begin + dt.timedelta(days=days)
        )
        for one in extensions:
            builder = builder.add_extension(one, critical=isinstance(one, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def server(self, folder: Path, *names: str, begins: int = -1, days: int = LONG) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        called: list[Any] = [x509.IPAddress(ipaddress.ip_address(HOST))] if HOST in names else []
        called += [x509.DNSName(name) for name in names if name != HOST]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer0")])
        pem = self._sign(subject, key, begins, days, [x509.SubjectAlternativeName(called)])
        path = folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(pem + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@pytest.fixture
def listening() -> Iterator[Callable[[ssl.SSLContext | None], int]]:
    """Opens doors on loopback: with a certificate, or (None) one that says nothing; gives the port."""
    doors: list[socket.socket] = []

    def open_door(context: ssl.SSLContext | None) -> int:
        door = socket.create_server((HOST, 0))
        doors.append(door)

        def serve() -> None:
            kept = []
            with contextlib.suppress(OSError):
                while True:
                    guest, _ = door.accept()
                    kept.append(guest)
                    if context is not None:
                        with contextlib.suppress(OSError):
                            kept.append(context.wrap_socket(guest, server_side=True))

        threading.Thread(target=serve, daemon=True).start()
        return int(door.getsockname()[1])

    yield open_door
    for door in doors:
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()


def closed_port() -> int:
    with socket.create_server((HOST, 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture
def cause(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CityChainError]:
    """What is said of a peer that could not be reached."""
    identity = authority("CA").member("PublicMSP", "li")
    monkeypatch.setattr(causes, "_LOOK_SECONDS", 1.0)

    def ask(port: int, root_pem: bytes | None, host: str = HOST, name: str = "") -> CityChainError:
        peer = ProfilePeer("peer0.example", "PublicMSP", host, port, root_pem, name)
        error = GatewayError("UNAVAILABLE", "connection failed")
        return causes.cause_of(error, peer, identity, ConnectionProfile("n", "PublicMSP", (peer,)))

    return ask


def test_each_cause_has_its_own_sentence_and_remedy(
    cause: Callable[..., CityChainError], listening: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Made("ours"), Made("theirs")
    root = ours.root_pem
    known = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "no-such-host.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return known(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    said = {
        "unknown host": cause(7051, root, host="no-such-host.invalid"),
        "nobody listens": cause(closed_port(), root),
        "no answer": cause(listening(None), root),
        "another authority": cause(listening(theirs.server(tmp_path, HOST)), root),
        "another name": cause(
            listening(ours.server(tmp_path, "peer0.city", "peer0.local")), root, name="peer0.elsewhere"
        ),
        "expired": cause(listening(ours.server(tmp_path, HOST, begins=-LONG, days=1)), root),
        "clock": cause(listening(ours.server(tmp_path, HOST, begins=LONG)), root),
    }
    assert {what: one.code for what, one in said.items()} == {
        "unknown host": "name_unknown",
        "nobody listens": "network_unreachable",
        "no answer": "network_unreachable",
        "another authority": "foreign_roots",
        "another name": "another_name",
        "expired": "clock_apart",
        "clock": "clock_apart",
    }
    for lang in ("zh", "en"):
        sentences = [one.message.render(lang) for one in said.values()]
        assert len(set(sentences)) == len(said), sentences
        remedies = [one.hint.render(lang) for one in said.values() if one.hint is not None]
        assert len(set(remedies)) == len(said), remedies
    other = said["another name"].message
    assert all(name in other.render("en") for name in ("peer0.elsewhere", "peer0.city", "peer0.local"))
    ended = clock.now() + dt.timedelta(days=1 - LONG)
    assert f"{ended:%Y-%m-%d}" in said["expired"].message.render("zh")


def test_an_authority_that_ended_is_not_called_a_wrong_clock(
    cause: Callable[..., CityChainError], listening: Callable[..., int], tmp_path: Path
) -> None:
    """The node's own certificate is in date: neither it nor the clock is to blame."""
    ours = Made("ours")
    ended = ours._sign(ours.name, ours.key, -LONG, 1, [x509.BasicConstraints(True, None)])
    found = cause(listening(ours.server(tmp_path, HOST)), ended)
    assert found.code == "authority_ended"
    assert "CA" in found.message.zh and "authority" in found.message.en


def test_the_form_says_which_it_was(city: Any, tmp_path: Path) -> None:
    """By the service that the form and the command call, with a real network's profile that somebody changed."""
    import json

    from baas.platform import Platform
    from network.profile import export_profile

    handle = city.platform.networks.handle(city.network)
    person = handle.authority("CopyrightMSP").person("admin")
    export_profile(handle, "CopyrightMSP", tmp_path / "right.json")
    right = json.loads((tmp_path / "right.json").read_text("utf-8"))
    foreign = handle.authority("PublicMSP").tls_certificate_pem.decode()
    changes = {
        "foreign_roots": {"tlsCACerts": {"pem": foreign}},
        "network_unreachable": {"url": f"grpcs://{HOST}:{closed_port()}"},
        "another_name": {"grpcOptions": {"ssl-target-name-override": "elsewhere.example"}},
    }
    with Platform.open(tmp_path / "workspace") as platform:
        for code, change in changes.items():
            wrong = json.loads(json.dumps(right))
            for peer in wrong["peers"].values():
                peer.update(change)
            path = tmp_path / f"{code}.json"
            path.write_text(json.dumps(wrong), "utf-8")
            with pytest.raises(CityChainError) as refused:
                platform.exchange.attach(path, "theirs", person.certificate_pem, person.private_key_pem)
            assert refused.value.code == code
            assert platform.networks.names() == (), "nothing is kept of a network that did not answer"
