"""Letting other machines reach a network: wrong names are refused; one plan for certificates, channel and profile."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fabric_sdk.gateway import connect
from network import listening, plan
from network.config_updates import ChannelUpdater
from network.errors import Unavailable, UserError
from network.listening import Listening
from network.profile import connection_profile
from tests.network.test_embedded_growth import CHANNEL, Network, members

pytestmark = pytest.mark.skipif(
    not Path("/proc/net").exists(), reason="only Linux answers at every address of 127.0.0.0/8"
)
SECOND = Listening("127.0.0.2", "127.0.0.2")


def resolves(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kw: found)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("198.51.100.7", "address_not_here"),
        ("2001:db8::7", "address_not_here"),
        ("127.0.0.1", "address_is_loopback"),
        ("::1", "address_is_loopback"),
        ("localhost", "address_is_loopback"),
        ("0.0.0.0", "bad_address"),
        ("::", "bad_address"),
        ("no name", "bad_address"),
        ("-x.example", "bad_address"),
        ("a" * 64 + ".example", "bad_address"),
        ("https://ledger.example", "bad_address"),
        ("no-such-host.invalid", "name_unknown"),
    ],
)
def test_a_name_that_does_not_lead_here_is_refused(name: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        listening.choose(name)
    assert refused.value.code == code


def test_a_name_of_somebody_elses_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "198.51.100.7")
    with pytest.raises(UserError) as refused:
        listening.choose("ledger.example")
    assert refused.value.code == "address_not_here"
    assert "198.51.100.7" in str(refused.value.message)


def test_a_name_is_taken_with_the_address_that_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "127.0.1.1", "198.51.100.7", "203.0.113.5")
    monkeypatch.setattr(listening, "_is_here", lambda address: address == "203.0.113.5")
    assert listening.choose("Ledger.Example") == Listening("ledger.example", "203.0.113.5")


@pytest.fixture
def network(tmp_path: Path) -> Any:
    made = Network(tmp_path / "city")
    made.up(members(2))
    yield made
    plan.remove(made.driver, made.directory)
    assert not made.directory.exists()


def answers(address: str, port: int, name: str, root: bytes) -> bool:
    """Whether a TLS server with a certificate for `name` answers there."""
    context = ssl.create_default_context(cadata=root.decode())
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((address, port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname=name),
        ):
            return True
    except OSError:
        return False


def test_one_plan_changes_certificates_channel_and_profile_and_leads_back(network: Network) -> None:
    network.deploy()
    before = network.handle
    node = before.peers()[0]
    port, root = before.addresses[node.name].port, before.authority(node.organization.msp_id).tls_certificate_pem
    assert not answers("127.0.0.2", port, node.name, root)
    listening.keep(network.directory, SECOND)
    steps = network.up(members(2))
    assert steps[0] == "listen:city"
    assert f"channel-config:{CHANNEL}" in steps
    assert any(step.startswith(f"move-consenter:{CHANNEL}/") for step in steps)
    assert not any("remove-consenter" in step or "add-consenter" in step for step in steps)
    assert network.up(members(2)) == []
    for address, name in (("127.0.0.2", "127.0.0.2"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.2", node.name)):
        assert answers(address, port, name, root)

    handle = network.handle
    document = json.dumps(connection_profile(handle, "CopyrightMSP"))
    assert "127.0.0.2" in document
    assert "127.0.0.1" not in document
    config = ChannelUpdater(handle, CHANNEL).read()
    places = [anchor for o in config.organizations for anchor in (*o.anchor_peers, *o.orderer_endpoints)]
    assert {place.host for place in (*places, *config.consenters)} == {"127.0.0.2"}
    network.put("CopyrightMSP", "from here")
    address = handle.addresses[handle.peers("CopyrightMSP")[0].name].public
    outside = replace(handle.endpoint("CopyrightMSP"), address=address)
    with connect(outside, handle.admin("CopyrightMSP")) as gateway:
        gateway.get_network(CHANNEL).get_contract("notes").submit("Put", "from", "there")

    network.up(members(3))  # who joins later is reached in the same way
    newest = network.handle
    late = newest.peers("HealthMSP")[0]
    certificate = x509.load_pem_x509_certificate(newest.authority("HealthMSP").nodes.tls_certificate(late))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "127.0.0.2" in [str(a) for a in names.get_values_for_type(x509.IPAddress)]
    assert newest.addresses[late.name].public.startswith("127.0.0.2:")

    listening.keep(network.directory, None)
    network.up(members(3))
    assert not answers("127.0.0.2", port, node.name, root)
    assert "127.0.0.2" not in json.dumps(connection_profile(network.handle, "CopyrightMSP"))
    network.put("CopyrightMSP", "again")


def test_interrupted_anywhere_the_next_up_finishes(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    listening.keep(network.directory, SECOND)

    class Killed(BaseException):
        pass

    def killed(*_arguments: Any) -> None:
        raise Killed

    for place in (
        "network.drivers.embedded.EmbeddedDriver._write_settings",
        "network.drivers.embedded.write_addresses",
    ):
        with monkeypatch.context() as instant:
            instant.setattr(place, killed)
            with pytest.raises(Killed):
                network.up(members(2))
    network.up(members(2))
    config = ChannelUpdater(network.handle, CHANNEL).read()
    assert {c.host for c in config.consenters} == {"127.0.0.2"}
    node = network.handle.peers()[0]
    root = network.handle.authority(node.organization.msp_id).tls_certificate_pem
    assert answers("127.0.0.2", network.handle.addresses[node.name].port, "127.0.0.2", root)


def test_an_address_that_the_machine_has_lost_is_named(network: Network) -> None:
    network.driver.stop()
    listening.keep(network.directory, Listening("ledger.example", "198.51.100.7"))
    with pytest.raises(Unavailable) as refused:
        network.up(members(2))
    assert "198.51.100.7" in str(refused.value.message)
    assert "network listen" in str(refused.value.hint)
    listening.keep(network.directory, None)
    network.up(members(2))
