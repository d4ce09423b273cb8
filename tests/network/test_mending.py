"""Networks whose certificates have ended: said, refused, mended from the vault; interrupted and gone on with."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fabric_sdk import clock
from fabric_sdk.identity import Identity
from fabric_sdk.msp import Msp
from network import plan
from network.drivers.base import NetworkStatus, NodeStatus, Silent
from network.drivers.embedded import EmbeddedDriver
from network.errors import CityChainError, Conflict, Unavailable, UserError
from network.groundwork import apply_groundwork, groundwork_steps
from network.handle import NetworkHandle
from network.handshakes import handshake_shift
from network.lapse import judged, lapses, require_clock, require_connectable, unreachable
from network.material import OrganizationCA
from network.mending import MENDING_KINDS, apply_mending, mending_steps, request_mending
from network.renewal import pending_renewals
from network.topology import TopologySpec, template
from network.vault import MemoryVault

DAY = 24 * 3600 * 10**9
MONTHS_13, MONTHS_37, YEARS_15 = 396, 1127, 15 * 365 + 1
CHANNEL = "citychannel"


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put the clock of this process so many days ahead (negative: behind); programs started by it keep the true one."""
    true = clock._read

    def put(days: float) -> None:
        monkeypatch.setattr(clock, "_read", lambda: true() + round(days * DAY))

    return put


def founded(directory: Path, spec: TopologySpec, vault: MemoryVault) -> None:
    """Certificates and genesis blocks, and nothing that runs."""
    for step in groundwork_steps(directory, spec, vault):
        apply_groundwork(directory, spec, vault, step, Silent())


def mended(directory: Path, spec: TopologySpec, vault: MemoryVault) -> list[str]:
    request_mending(directory, spec, vault)
    done = []
    for step in mending_steps(directory, spec, vault):
        apply_mending(directory, spec, vault, step, Silent())
        done.append(step.kind)
    return done


def authority(directory: Path, spec: TopologySpec, vault: MemoryVault, msp_id: str) -> OrganizationCA:
    return OrganizationCA(directory, spec.name, spec.organization(msp_id), vault)


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        (MONTHS_13, {"person"}),
        (MONTHS_37, {"person", "tls", "identity"}),
        (YEARS_15, {"person", "tls", "identity", "ca", "tlsca"}),
    ],
)
def test_what_has_ended_is_named_and_then_mended(tmp_path: Path, shift: Any, days: int, kinds: set[str]) -> None:
    spec, vault = template("city"), MemoryVault()
    founded(tmp_path, spec, vault)
    authority(tmp_path, spec, vault, "CopyrightMSP").persons.issue("wang", "client", {"copyright.role": "registrar"})
    assert lapses(tmp_path, spec, vault) == ()
    shift(days)
    found = lapses(tmp_path, spec, vault)
    assert {one.kind for one in found} == kinds
    assert bool(unreachable(found, spec)) == (days > MONTHS_13)
    mended(tmp_path, spec, vault)
    assert lapses(tmp_path, spec, vault) == () and pending_renewals(tmp_path) == {}
    person = authority(tmp_path, spec, vault, "CopyrightMSP").person("wang").certificate
    from network.persons import person_of

    assert person_of("CopyrightMSP", person).attributes["copyright.role"] == "registrar"


def test_nobody_who_still_stands_is_renewed(tmp_path: Path, shift: Any) -> None:
    """Neither the authorities nor the nodes, when only people have ended; nor whom the authority has revoked."""
    spec, vault = template("city"), MemoryVault()
    founded(tmp_path, spec, vault)
    ca = authority(tmp_path, spec, vault, "CopyrightMSP")
    gone = ca.persons.issue("gone", "client")
    ca.revoke(f"{gone.certificate.serial_number:x}")
    ca.persons.issue("stays", "client")
    shift(MONTHS_13)
    request_mending(tmp_path, spec, vault)
    assert set(pending_renewals(tmp_path)) == {"person:CopyrightMSP/stays"}


def test_nodes_keep_their_keys_and_what_was_issued_stays_good(tmp_path: Path, shift: Any) -> None:
    """After fifteen years the channel still knows the old root: new certificates pass under both, old ones too."""
    spec, vault = template("bft"), MemoryVault()
    founded(tmp_path, spec, vault)
    ca = authority(tmp_path, spec, vault, spec.organizations[0].msp_id)
    old_msp = Msp.from_config(ca.msp_config())
    nodes = [n for n in spec.nodes() if n.organization == ca.spec]
    before = {n.name: (ca.nodes.certificate(n), ca.nodes.tls_certificate(n)) for n in nodes}
    old_admin = ca.person("admin").certificate_pem
    shift(YEARS_15)
    mended(tmp_path, spec, vault)
    ca = authority(tmp_path, spec, vault, ca.spec.msp_id)
    new_msp = Msp.from_config(ca.msp_config())
    assert ca.msp_config() != old_msp and old_msp.tree.roots[0].canonical != new_msp.tree.roots[0].canonical
    present = [ca.person("admin").certificate_pem, *(ca.nodes.certificate(n) for n in nodes)]
    for pem in (old_admin, *present, *(identity for identity, _ in before.values())):
        for msp in (old_msp, new_msp):
            msp.validate(Identity(ca.spec.msp_id, pem).serialize())
    for pem in present:
        new_msp.validate(Identity(ca.spec.msp_id, pem).serialize(), clock.now())
    for node in nodes:
        for old, new in zip(
            before[node.name], (ca.nodes.certificate(node), ca.nodes.tls_certificate(node)), strict=True
        ):
            assert _key(old) == _key(new) and old != new
        assert (ca.nodes.directory(node) / "tls" / "ca.crt").read_bytes() == ca.tls_certificate_pem


def _key(pem: bytes) -> Any:
    return x509.load_pem_x509_certificate(pem).public_key()


def test_leaves_do_not_outlive_their_issuer_and_an_ended_one_issues_nothing(tmp_path: Path, shift: Any) -> None:
    spec, vault = template("single"), MemoryVault()
    founded(tmp_path, spec, vault)
    ca = authority(tmp_path, spec, vault, spec.organizations[0].msp_id)
    shift(14 * 365)
    issued = ca.persons.issue("late", "client", days=3650).certificate
    assert issued.not_valid_after_utc == ca.signing.certificate.not_valid_after_utc
    shift(YEARS_15)
    with pytest.raises(Conflict) as refused:
        ca.persons.issue("later", "client")
    assert refused.value.code == "authority_ended"


def test_a_lost_authority_key_is_one_sentence_and_nothing_is_changed(tmp_path: Path, shift: Any) -> None:
    spec, vault = template("city"), MemoryVault()
    founded(tmp_path, spec, vault)
    vault.remove(f"{spec.name}/CopyrightMSP/tlsca")
    shift(MONTHS_37)
    with pytest.raises(Conflict) as refused:
        request_mending(tmp_path, spec, vault)
    assert refused.value.code == "authority_key_lost"
    assert pending_renewals(tmp_path) == {}


def test_a_clock_that_is_behind_is_said_and_nothing_is_renewed(tmp_path: Path, shift: Any) -> None:
    spec, vault = template("single"), MemoryVault()
    founded(tmp_path, spec, vault)
    shift(-400)
    found = lapses(tmp_path, spec, vault)
    assert found and all(one.early for one in found)
    for refuses in (lambda: require_clock(found), lambda: require_connectable(found, spec)):
        with pytest.raises(UserError) as refused:
            refuses()
        assert refused.value.code == "clock_behind"
    status = NetworkStatus("n", "native", tuple(NodeStatus(n.name, n.kind, "M", "", "running") for n in spec.nodes()))
    shown = judged(status, unreachable(found, spec))
    assert shown.state == "lapsed" and "check this machine's clock" in shown.nodes[0].detail.en  # type: ignore[union-attr]


def test_stopped_nodes_are_stopped_whatever_their_certificates(tmp_path: Path, shift: Any) -> None:
    spec, vault = template("single"), MemoryVault()
    founded(tmp_path, spec, vault)
    shift(MONTHS_37)
    cause = unreachable(lapses(tmp_path, spec, vault), spec)
    nodes = [NodeStatus(n.name, n.kind, "M", "", "stopped") for n in spec.nodes()]
    assert judged(NetworkStatus("n", "native", tuple(nodes)), cause).state == "stopped"
    running = [NodeStatus(n.name, n.kind, "M", "", "running") for n in spec.nodes()]
    shown = judged(NetworkStatus("n", "native", tuple(running)), cause)
    assert shown.state == "lapsed" and "nobody can connect" in shown.nodes[0].detail.en  # type: ignore[union-attr]


class Killed(BaseException):
    """As if the process had been killed."""


@pytest.fixture
def lapsed(tmp_path: Path, shift: Any) -> Iterator[tuple[EmbeddedDriver, TopologySpec, MemoryVault]]:
    """An embedded BFT network of four whose every certificate ended before it ever ran."""
    spec, vault = template("bft", runtime="embedded"), MemoryVault()
    shift(-YEARS_15 - 10)
    founded(tmp_path / "n", spec, vault)
    shift(0)
    driver = EmbeddedDriver(tmp_path / "n", vault)
    yield driver, spec, vault
    plan.remove(driver, driver.directory)


def test_killed_after_each_step_and_gone_on_with(lapsed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, spec, vault = lapsed
    began = time.monotonic()
    with pytest.raises(Unavailable):  # what a renewal is for: it runs, and nobody can connect
        plan.run(driver, spec, driver.directory)
    assert time.monotonic() - began < 15  # before, 20 s went by until that was said
    request_mending(driver.directory, spec, vault)
    wanted = len(mending_steps(driver.directory, spec, vault))
    assert wanted > 10
    apply, killed = driver.apply, []

    def dies(step: Any, ctx: Any) -> None:
        apply(step, ctx)
        if step.kind in MENDING_KINDS:
            killed.append(step.id)
            raise Killed

    monkeypatch.setattr(driver, "apply", dies)
    for _ in range(wanted):
        with pytest.raises(Killed):
            plan.run(driver, spec, driver.directory)
    assert len(set(killed)) == wanted  # nothing is done twice, nothing is left out
    monkeypatch.setattr(driver, "apply", apply)
    plan.run(driver, spec, driver.directory)
    assert plan.plan(driver, spec, driver.directory) == []
    assert driver.status().state == "running" and lapses(driver.directory, spec, vault) == ()
    handle = NetworkHandle(driver.directory, vault)
    from network.config_updates import ChannelUpdater

    config = ChannelUpdater(handle, spec.channels[0].name).read()
    for organization in config.organizations:
        assert handle.authority(organization.msp_id).ca_certificate_pem in organization.msp.root_certs
    assert not list(driver.directory.glob("organizations/*/ca/*.former.crt"))


def test_a_full_disk_ends_a_renewal_that_goes_on_later(lapsed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, spec, vault = lapsed
    request_mending(driver.directory, spec, vault)
    from network import vault as files

    write, left = files._write, [25]

    def full(path: Path, data: bytes, mode: int, *, durable: bool) -> None:
        if path.name != plan.FILE_NAME:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(28, "No space left on device")
        write(path, data, mode, durable=durable)

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises((OSError, CityChainError)):
        plan.run(driver, spec, driver.directory)
    monkeypatch.setattr(files, "_write", write)
    plan.run(driver, spec, driver.directory)
    assert driver.status().state == "running" and lapses(driver.directory, spec, vault) == ()


def test_a_start_that_fails_leaves_the_network_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, vault = template("single"), MemoryVault()
    driver = EmbeddedDriver(tmp_path / "n", vault)
    plan.run(driver, spec, driver.directory)
    driver.stop()
    try:
        monkeypatch.setattr(driver, "start", lambda node=None: (_ for _ in ()).throw(Unavailable("it does not start")))
        with pytest.raises(Unavailable):
            plan.run(driver, spec, driver.directory)
        assert plan.NetworkState.load(driver.directory).phase == "ready"
        monkeypatch.undo()
        # One that an earlier version left half-way is ready again as soon as it is started.
        plan.NetworkState(phase="building", wanted=spec, reached=spec).save(driver.directory)
        plan.run(driver, spec, driver.directory)
        assert plan.NetworkState.load(driver.directory).phase == "ready"
    finally:
        plan.remove(driver, driver.directory)


def test_dates_are_of_the_clock_port(tmp_path: Path, shift: Any) -> None:
    shift(100)
    spec, vault = template("single"), MemoryVault()
    founded(tmp_path, spec, vault)
    certificate = authority(tmp_path, spec, vault, spec.organizations[0].msp_id).signing.certificate
    assert abs(certificate.not_valid_before_utc - clock.now()) < dt.timedelta(minutes=10)


def test_authorities_are_renewed_a_year_ahead(tmp_path: Path, shift: Any) -> None:
    """Authorities that have 300 days left are renewed with the rest, and every channel carries the new certificates."""
    spec, vault = template("bft", runtime="embedded"), MemoryVault()
    directory = tmp_path / "n"
    shift(300 - 15 * 365)
    founded(directory, spec, vault)
    shift(0)
    driver = EmbeddedDriver(directory, vault)
    try:
        # Leaves of that day have ended: mended first, cut to their authority's end.
        request_mending(directory, spec, vault)
        assert {name for name in pending_renewals(directory) if name.startswith("authority:")} == {
            f"authority:{o.msp_id}/{what}" for o in spec.organizations for what in ("ca", "tlsca")
        }
        plan.run(driver, spec, directory)
        ca = authority(directory, spec, vault, spec.organizations[0].msp_id)
        assert ca.signing.certificate.not_valid_after_utc > clock.now() + dt.timedelta(days=14 * 365)
        assert ca.ending_authorities(365) == ()
        from network.config_updates import ChannelUpdater

        config = ChannelUpdater(NetworkHandle(directory, vault), spec.channels[0].name).read()
        assert all(
            authority(directory, spec, vault, o.msp_id).ca_certificate_pem in o.msp.root_certs
            for o in config.organizations
        )
    finally:
        plan.remove(driver, directory)


def test_while_ended_roots_stand_in_a_bft_channel_handshakes_see_every_orderers_certificates(
    tmp_path: Path, shift: Any
) -> None:
    """Two organisations have ended, two joined later and were renewed this morning; the renewal takes its time."""
    spec, vault = template("bft"), MemoryVault()
    shift(0)
    founded(tmp_path, spec, vault)
    ending = {o.msp_id for o in spec.organizations if o.orderers}
    ending -= set(sorted(ending)[2:])
    shift(5 * 365)
    later = [ca for o in spec.organizations if (ca := authority(tmp_path, spec, vault, o.msp_id)) and o.orderers]
    for ca in (one for one in later if one.spec.msp_id not in ending):
        ca.renew_authority("tlsca")
        (ca.directory / "ca" / "tlsca.former.crt").unlink()
    shift(YEARS_15 + 1)
    for ca in (one for one in later if one.spec.msp_id not in ending):
        for node in (n for n in spec.orderers() if n.organization == ca.spec):
            ca.nodes.renew_tls(node)  # this morning
    assert handshake_shift(tmp_path, spec) == 0
    mended(tmp_path, spec, vault)
    for hours in (0, 23, 25, 24 * 40):
        shift(YEARS_15 + 1 + hours / 24)
        seconds = handshake_shift(tmp_path, spec)
        assert seconds == handshake_shift(tmp_path, spec) > 24 * 3600
        seen = clock.now() - dt.timedelta(seconds=seconds)
        for node in spec.orderers():
            ca = authority(tmp_path, spec, vault, node.organization.msp_id)
            former = ca.directory / "ca" / "tlsca.former.crt"
            known = former.read_bytes() if former.exists() else ca.tls_certificate_pem
            assert former.exists() == (node.organization.msp_id in ending)
            for pem in (known, ca.nodes.tls_certificate(node)):
                certificate = x509.load_pem_x509_certificate(pem)
                assert certificate.not_valid_before_utc <= seen < certificate.not_valid_after_utc, node.name
