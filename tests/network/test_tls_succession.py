"""A TLS authority gets a new key: both roots in every channel, nodes certified anew, then the old root goes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fabric_sdk.gateway import Endpoint, connect
from network import plan
from network.certificates import CertificateAuthority
from network.config_updates import ChannelUpdater
from network.drivers.embedded import EmbeddedDriver
from network.handle import NetworkHandle
from network.material import OrganizationCA
from network.mending import request_successor, succession_steps
from network.persons import fit_name
from network.renewal import StagedCertificates
from network.topology import TopologySpec, template
from network.vault import MemoryVault
from tests.network.killing import killed_at_every_write
from tests.network.test_mending import CHANNEL, authority, founded, shift

MSP = "CopyrightMSP"
__all__ = ["shift"]


@pytest.fixture
def ca(tmp_path: Path) -> OrganizationCA:
    spec, vault = template("city"), MemoryVault()
    founded(tmp_path / "n", spec, vault)
    return authority(tmp_path / "n", spec, vault, MSP)


def own_nodes(ca: OrganizationCA) -> list[Any]:
    return [node for node in template("city").nodes() if node.organization.msp_id == MSP]


def renewed(ca: OrganizationCA, nodes: list[Any]) -> None:
    for node in nodes:
        staged = StagedCertificates(ca, node, ["tls"])
        staged.prepare()
        staged.install()
        staged.finish(ca.directory.parents[1])


def reached(tls: Path, roots: bytes, name: str) -> bool:
    """Whether a client that knows these roots alone accepts a node with this folder."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tls / "server.crt", tls / "server.key")
    client = ssl.create_default_context(cadata=roots.decode())
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            accepted, _ = listener.accept()
            try:
                with server.wrap_socket(accepted, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                accepted.close()

        worker = threading.Thread(target=answer, daemon=True)
        worker.start()
        try:
            with (
                socket.create_connection(listener.getsockname()) as plain,
                client.wrap_socket(plain, server_hostname=name) as secured,
            ):
                secured.sendall(b"x")
        except ssl.SSLCertVerificationError:
            return False
        finally:
            worker.join(10)
    return True


def test_clients_of_either_root_reach_every_node_until_the_last_old_certificate_is_gone(ca: OrganizationCA) -> None:
    old_root, nodes = ca.tls_certificate_pem, own_nodes(ca)
    ca.announce_authority("tlsca")
    assert len(ca.tls_trust.roots) == 2 and ca.tls_certificate_pem == old_root
    ca.switch_authority("tlsca")
    new_root = ca.tls_certificate_pem
    assert new_root != old_root and ca.tls_trust.roots == [new_root, old_root]
    for number, node in enumerate(nodes):
        folder = ca.nodes.directory(node) / "tls"
        assert reached(folder, ca.tls_trust.pem, node.name) and reached(folder, old_root, node.name)
        renewed(ca, [node])
        assert reached(folder, new_root, node.name)
        assert reached(folder, old_root, node.name), "a profile that was sent out before still leads to it"
        assert len(ca.tls_trust.roots) == (1 if number == len(nodes) - 1 else 2)
        assert ca.nodes.tls_certificate(node).count(b"BEGIN") == 1  # what stands in the channel is the node's alone
    for node in nodes:
        assert (ca.nodes.directory(node) / "tls" / "ca.crt").read_bytes() == new_root
        assert [p.read_bytes() for p in (ca.nodes.directory(node) / "msp" / "tlscacerts").iterdir()] == [new_root]
    assert ca.roots == [ca.ca_certificate_pem] and ca.succession.past_generations() == ()  # enrolment's is another


def test_twice_and_a_client_of_the_first_root_still_gets_there_until_that_ends(ca: OrganizationCA, shift: Any) -> None:
    first, node = ca.tls_certificate_pem, own_nodes(ca)[0]
    for _ in range(2):
        ca.announce_authority("tlsca")
        ca.switch_authority("tlsca")
        renewed(ca, own_nodes(ca))
    folder = ca.nodes.directory(node) / "tls"
    assert reached(folder, first, node.name) and reached(folder, ca.tls_certificate_pem, node.name)
    assert ca.tls_trust.roots == [ca.tls_certificate_pem] and ca.successors("tlsca").past_generations() == (1, 2)
    shift(15 * 365 - 1)
    assert ca.successors("tlsca").certified.count(b"BEGIN") == 2
    shift(15 * 365 + 1)
    assert ca.successors("tlsca").certified == b""


def test_whoever_has_the_old_key_can_stand_for_no_node_afterwards(ca: OrganizationCA, tmp_path: Path) -> None:
    """What a succession is for: the key has leaked, and nothing that it signs now is believed."""
    node, old_root = own_nodes(ca)[0], ca.tls_certificate_pem
    stolen = CertificateAuthority(old_root, ca._vault.get(ca.key_name("tlsca")))
    ca.announce_authority("tlsca")
    ca.switch_authority("tlsca")
    renewed(ca, own_nodes(ca))
    forged = stolen.issue(node.name, sans=[node.name], tls=True)
    (tmp_path / "server.crt").write_bytes(forged.certificate_pem + ca.successors("tlsca").certified)
    (tmp_path / "server.key").write_bytes(forged.private_key_pem)
    assert reached(tmp_path, old_root, node.name) and not reached(tmp_path, ca.tls_trust.pem, node.name)


def test_certificates_of_doors_and_of_others_machines_count_until_they_end(ca: OrganizationCA, shift: Any) -> None:
    old_root = ca.tls_certificate_pem
    ca.issue_tls("serve.copyright.city.internal", ["localhost"], days=100)
    ca.announce_authority("tlsca")
    ca.switch_authority("tlsca")
    renewed(ca, own_nodes(ca))
    assert ca.tls_trust.roots == [ca.tls_certificate_pem, old_root]
    shift(101)
    assert ca.tls_trust.roots == [ca.tls_certificate_pem]


def test_a_lost_key_is_succeeded_and_it_is_said_who_needs_a_new_profile(ca: OrganizationCA) -> None:
    old_root, node = ca.tls_certificate_pem, own_nodes(ca)[0]
    ca._vault.remove(ca.key_name("tlsca"))
    told = [step.en for step in succession_steps(ca.directory.parents[1], template("city"), ca._vault, MSP, "tlsca")]
    assert "need a new connection profile" in told[1]
    ca.announce_authority("tlsca")
    ca.switch_authority("tlsca")
    renewed(ca, own_nodes(ca))
    folder = ca.nodes.directory(node) / "tls"
    assert reached(folder, ca.tls_certificate_pem, node.name) and not reached(folder, old_root, node.name)


def test_nobody_is_called_like_an_authoritys_key() -> None:
    """A person's key would be kept where the next authority's is: `ca.past-1` would then sign no revocation list."""
    assert not any(fit_name(name) for name in ("ca.next", "CA.past-1", "tlsca.next", "tlsca", "tlsca.past-2"))
    assert fit_name("cai") and fit_name("ca-office") and fit_name("wang.ca")


@pytest.mark.parametrize("act", ["announce_authority", "switch_authority"])
def test_killed_at_every_write_and_done_again(ca: OrganizationCA, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    if act == "switch_authority":
        ca.announce_authority("tlsca")
    old_root, node, count = ca.tls_certificate_pem, own_nodes(ca)[0], 0
    for count in killed_at_every_write(ca, monkeypatch, lambda: getattr(ca, act)("tlsca")):
        assert old_root in ca.tls_trust.roots and len(ca.tls_trust.roots) <= 2, count
        assert reached(ca.nodes.directory(node) / "tls", ca.tls_trust.pem, node.name)
        getattr(ca, act)("tlsca")
        assert len(ca.tls_trust.roots) == 2
        again = OrganizationCA(ca.directory.parents[1], "city", ca.spec, ca._vault)
        issued = x509.load_pem_x509_certificate(again.nodes.new_tls(node).certificate_pem)
        issued.verify_directly_issued_by(x509.load_pem_x509_certificate(again.tls_certificate_pem))
        if act == "switch_authority":
            assert again.tls_certificate_pem != old_root and again.successors("tlsca").announced is None
            vouched = x509.load_pem_x509_certificate(again.successors("tlsca").certified)
            vouched.verify_directly_issued_by(x509.load_pem_x509_certificate(old_root))
    assert count >= (3 if act == "announce_authority" else 7)


class Killed(BaseException):
    """The process was killed."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[EmbeddedDriver, TopologySpec, MemoryVault]]:
    spec, vault = template("city"), MemoryVault()
    driver = EmbeddedDriver(tmp_path / "n", vault)
    plan.run(driver, spec, driver.directory)
    yield driver, spec, vault
    plan.remove(driver, driver.directory)


def tls_roots_in_force(driver: EmbeddedDriver, vault: MemoryVault, msp_id: str) -> set[bytes]:
    found = ChannelUpdater(NetworkHandle(driver.directory, vault), CHANNEL).read().organizations
    return set(next(o.msp.tls_root_certs for o in found if o.msp_id == msp_id))


@pytest.mark.slow
def test_by_plan_in_every_channel_killed_after_each_step(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, spec, vault = running
    ca, handle = authority(driver.directory, spec, vault, MSP), NetworkHandle(driver.directory, vault)
    old_root, before = ca.tls_certificate_pem, handle.endpoint(MSP)
    assert before.tls_root_pem == old_root
    request_successor(driver.directory, spec, vault, MSP, "tlsca")
    apply, steps, seen = driver.apply, [], []

    def dies(step: Any, ctx: Any) -> None:
        apply(step, ctx)
        steps.append(step.kind)
        if step.kind in ("switch-authority", "renew-node"):
            seen.append((step.kind, tls_roots_in_force(driver, vault, MSP)))
        raise Killed

    monkeypatch.setattr(driver, "apply", dies)
    for _ in range(40):
        try:
            plan.run(driver, spec, driver.directory)
            break
        except Killed:
            continue
    kinds = list(dict.fromkeys(steps))
    assert kinds.index("announce-authority") < kinds.index("channel-config") < kinds.index("switch-authority")
    assert kinds.index("switch-authority") < kinds.index("renew-node")
    assert "channel-config" in steps[len(steps) - steps[::-1].index("renew-node") :], "the old root goes by itself"
    new_root = ca.tls_certificate_pem
    assert {name for name, _ in seen} == {"switch-authority", "renew-node"}
    assert all(found == {old_root, new_root} for _, found in seen), "both, as long as an old certificate is in use"
    assert tls_roots_in_force(driver, vault, MSP) == {new_root} and old_root != new_root
    assert plan.plan(driver, spec, driver.directory) == []
    assert handle.endpoint(MSP).tls_root_pem == new_root
    for known in (before, handle.endpoint(MSP), Endpoint(before.address, old_root + new_root, before.server_name)):
        with connect(known, handle.admin(MSP)) as gateway:
            gateway.get_network(CHANNEL).get_contract("_lifecycle").evaluate("QueryInstalledChaincodes", b"")
