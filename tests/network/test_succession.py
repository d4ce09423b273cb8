"""An authority gets a new key: both roots everywhere first, then the new one issues, in the end the old root goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fabric_sdk.blocks import verify_chain
from fabric_sdk.identity import Identity
from fabric_sdk.msp import Msp
from network import plan
from network.config_updates import ChannelUpdater
from network.drivers.embedded import EmbeddedDriver
from network.embedded import schema
from network.embedded.state_view import StateView
from network.errors import Conflict
from network.handle import NetworkHandle
from network.material import OrganizationCA
from network.mending import MENDING_KINDS, request_successor
from network.topology import TopologySpec, template
from network.vault import MemoryVault
from tests.network.killing import killed_at_every_write
from tests.network.test_mending import authority, founded, shift

MSP = "CopyrightMSP"
CHANNEL = "citychannel"
__all__ = ["shift"]


def stranger(ca: OrganizationCA, name: str, **given: Any) -> bytes:
    """A person's serialized identity, just issued."""
    return Identity(ca.spec.msp_id, ca.persons.issue(name, "client", **given).certificate_pem).serialize()


def judged(ca: OrganizationCA, identity: bytes) -> bool:
    """Whether the organisation's present definition takes an identity for its own."""
    try:
        Msp.from_config(ca.msp_config()).validate(identity)
    except Exception:
        return False
    return True


@pytest.fixture
def ca(tmp_path: Path) -> OrganizationCA:
    spec, vault = template("city"), MemoryVault()
    founded(tmp_path / "n", spec, vault)
    return authority(tmp_path / "n", spec, vault, MSP)


def test_old_and_new_leaves_are_good_until_the_last_old_one_has_ended(ca: OrganizationCA, shift: Any) -> None:
    old = stranger(ca, "old")
    ca.announce_authority()
    assert judged(ca, old) and len(ca.roots) == 2
    between = stranger(ca, "between")
    ca.switch_authority()
    new = stranger(ca, "new")
    assert all(judged(ca, one) for one in (old, between, new)) and len(ca.roots) == 2
    assert [record.issuer for record in ca.issued() if record.name in ("old", "between", "new")] == ["", "", "1"]
    shift(365 * 3 + 2)
    later = stranger(ca, "later")
    assert ca.roots == [ca.ca_certificate_pem]  # by itself, with the last certificate of the old one
    assert judged(ca, later) and not judged(ca, old)
    ca.announce_authority()
    ca.switch_authority()
    assert ca.succession.past_generations() == (1, 2) and len(ca.roots) == 2 and judged(ca, later)


def test_roles_are_told_by_either_root(ca: OrganizationCA) -> None:
    admin = Identity(MSP, ca.person("admin").certificate_pem).serialize()
    ca.announce_authority()
    ca.switch_authority()
    msp = Msp.from_config(ca.msp_config())
    fresh = Identity(MSP, ca.persons.issue("second", "admin").certificate_pem).serialize()
    assert msp.validate(admin).is_admin and msp.validate(fresh).is_admin
    assert not msp.validate(stranger(ca, "nobody")).is_admin


def test_what_was_revoked_stays_revoked_and_old_leaves_can_still_be(ca: OrganizationCA) -> None:
    """A list counts for the key that signed it: the new key's alone would give revoked people back their rights."""
    thief, lost, good = stranger(ca, "thief"), stranger(ca, "lost"), stranger(ca, "good")
    serials = {record.name: record.serial for record in ca.issued()}
    ca.revoke(serials["thief"])
    ca.announce_authority()
    assert not judged(ca, thief)
    ca.switch_authority()
    assert not judged(ca, thief) and judged(ca, lost)
    ca.revoke(serials["lost"])
    new = stranger(ca, "new")
    assert [judged(ca, one) for one in (thief, lost, good, new)] == [False, False, True, True]
    ca.revoke({record.name: record.serial for record in ca.issued()}["new"])
    assert [judged(ca, one) for one in (thief, lost, good, new)] == [False, False, True, False]
    assert len(ca.revocation_lists) == 2


def test_a_lost_key_is_succeeded_and_what_it_issued_cannot_be_revoked(ca: OrganizationCA) -> None:
    old = stranger(ca, "old")
    ca._vault.remove(ca.key_name("ca"))
    ca = OrganizationCA(ca.directory.parents[1], "city", ca.spec, ca._vault)
    ca.announce_authority()
    ca.switch_authority()
    new = stranger(ca, "new")
    assert judged(ca, old) and judged(ca, new)
    serials = {record.name: record.serial for record in ca.issued()}
    with pytest.raises(Conflict) as refused:
        ca.revoke(serials["old"])
    assert refused.value.code == "authority_key_lost" and judged(ca, old)
    assert not [record for record in ca.issued() if record.revoked_at]
    ca.revoke(serials["new"])
    assert not judged(ca, new)


@pytest.mark.parametrize("act", ["announce_authority", "switch_authority"])
def test_killed_at_every_write_and_done_again(ca: OrganizationCA, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    """Files and keys, in whatever order they come: either all of it is done by the next try, or nothing is lost."""
    serial = {r.name: r.serial for r in ca.issued()}["admin"]
    ca.revoke(serial)
    if act == "switch_authority":
        ca.announce_authority()
    admin, count = Identity(MSP, ca.person("admin").certificate_pem).serialize(), 0
    for count in killed_at_every_write(ca, monkeypatch, getattr(ca, act)):
        assert len(ca.roots) <= 2
        getattr(ca, act)()
        assert len(ca.roots) == 2 and not judged(ca, admin), count
        again = OrganizationCA(ca.directory.parents[1], "city", ca.spec, ca._vault)
        assert judged(again, stranger(again, f"person{count}"))
        if act == "switch_authority":
            assert ca.succession.past_generations() == (1,) and ca.succession.announced is None
            ca.succession.signing(1)  # its key is there
    assert count >= (2 if act == "announce_authority" else 6)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[EmbeddedDriver, TopologySpec, MemoryVault]]:
    spec, vault = template("city"), MemoryVault()
    driver = EmbeddedDriver(tmp_path / "n", vault)
    plan.run(driver, spec, driver.directory)
    yield driver, spec, vault
    plan.remove(driver, driver.directory)


class Killed(BaseException):
    """The process was killed."""


def test_by_plan_in_every_channel_killed_after_each_step(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, spec, vault = running
    ca = authority(driver.directory, spec, vault, MSP)
    old_root, node = ca.ca_certificate_pem, next(n for n in spec.nodes() if n.organization == ca.spec)
    request_successor(driver.directory, spec, vault, MSP)
    apply, steps = driver.apply, []

    def dies(step: Any, ctx: Any) -> None:
        apply(step, ctx)
        steps.append(step.kind)
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
    assert kinds.index("switch-authority") < kinds.index("renew-node") and "renew-person" in kinds
    assert set(kinds) & set(MENDING_KINDS) and plan.plan(driver, spec, driver.directory) == []
    handle = NetworkHandle(driver.directory, vault)
    found = {o.msp_id: o for o in ChannelUpdater(handle, CHANNEL).read().organizations}
    assert set(found[MSP].msp.root_certs) == {old_root, ca.ca_certificate_pem} and old_root != ca.ca_certificate_pem
    present = x509.load_pem_x509_certificate(ca.ca_certificate_pem)
    for pem in (ca.nodes.certificate(node), ca.person("admin").certificate_pem):
        x509.load_pem_x509_certificate(pem).verify_directly_issued_by(present)
    path = driver.directory / "embedded" / "channels" / CHANNEL / "ledger.db"
    view = StateView(schema.open_reader(path))
    try:
        assert verify_chain([view.block_body(n) or b"" for n in range(view.height)], first_number=0).height > 2
    finally:
        view.close()
    monkeypatch.setattr(driver, "apply", apply)
    for record in ca.issued():  # the last certificate of the old key has ended: any plan takes its root away
        if not record.issuer:
            ca.journal.append({"serial": record.serial, "not_after": "2020-01-01T00:00:00+00:00"})
    plan.run(driver, spec, driver.directory)
    found = {o.msp_id: o for o in ChannelUpdater(handle, CHANNEL).read().organizations}
    assert list(found[MSP].msp.root_certs) == [ca.ca_certificate_pem]
