"""Real Fabric whose certificates have ended: mended from the vault, with everything that was on the ledger.

The clock of Go's programs cannot be shifted, so the certificates are issued with an end a minute or two ahead: the
network is used until then, ends up unreachable, and is renewed.
"""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk import clock
from network import certificates, plan
from network.errors import CityChainError
from network.lapse import judged, lapses, unreachable
from network.mending import MENDING_KINDS, request_mending
from network.native.configs import HANDSHAKE_SHIFT
from network.supervisor.spec import load_processes
from network.topology import FABRIC_LTS, TopologySpec, template
from tests.e2e.running import CHANNEL, RunningNetwork, require_fabric, retry
from tests.e2e.test_native_growth import with_members

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(500)]


class Ending:
    """Certificates issued within it end at one moment, authorities' too where `authorities` says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float, *, authorities: bool) -> None:
        self.at = clock.now() + dt.timedelta(seconds=seconds)
        self._patch = monkeypatch
        certify, self_signed = certificates.CertificateAuthority.certify, certificates._self_signed

        def short(ca: Any, *arguments: Any, **options: Any) -> bytes:
            left = (self.at - clock.now()).total_seconds()
            return certify(ca, *arguments, **{**options, "days": left / 86400})

        monkeypatch.setattr(certificates.CertificateAuthority, "certify", short)
        if authorities:
            monkeypatch.setattr(
                certificates,
                "_self_signed",
                # As old as authorities are that end: handshakes are judged at a moment some weeks back.
                lambda key, subject, begin, end: self_signed(key, subject, begin - dt.timedelta(days=90), self.at),
            )

    def passed(self) -> None:
        """Issue as ever from now on, and wait until the moment is over."""
        self._patch.undo()
        time.sleep(max(0.0, (self.at - clock.now()).total_seconds() + 2.0))


def three() -> TopologySpec:
    return with_members(template("ha", runtime="native"), 2)


def lts() -> TopologySpec:
    return three().with_(fabric_version=FABRIC_LTS)


def four() -> TopologySpec:
    return template("bft", runtime="native")


@pytest.mark.parametrize(
    ("made", "authorities"),
    [
        pytest.param(three, False, id="raft of 3, leaves"),
        pytest.param(three, True, id="raft of 3, authorities", marks=pytest.mark.slow),
        pytest.param(lts, True, id="raft of 3, authorities, 2.5", marks=pytest.mark.slow),
        pytest.param(four, False, id="bft of 4, leaves", marks=pytest.mark.slow),
        pytest.param(four, True, id="bft of 4, authorities", marks=pytest.mark.slow),
    ],
)
def test_everything_has_ended_and_is_mended(
    made: Any, authorities: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = made()
    require_fabric(spec.fabric_version)
    network = RunningNetwork(tmp_path / spec.name, spec)
    try:
        ending = Ending(monkeypatch, 150, authorities=authorities)
        network.up()
        network.deploy()
        for number in range(5):
            network.put(f"before-{number}", str(number))
        ending.passed()
        with pytest.raises(CityChainError):
            network.driver.plan(spec, plan.NetworkState.load(network.directory))
        cause = unreachable(lapses(network.directory, spec, network.vault), spec)
        shown = judged(network.driver.status(), cause)
        assert {n.state for n in shown.nodes if n.kind in ("peer", "orderer")} == {"lapsed"}

        request_mending(network.directory, spec, network.vault)
        apply, done = network.driver.apply, []

        def dies(step: Any, ctx: Any) -> None:
            apply(step, ctx)
            done.append(step.id)
            if step.kind in MENDING_KINDS or len(set(done)) == len(done):
                raise KeyboardInterrupt  # as if killed after each step

        monkeypatch.setattr(network.driver, "apply", dies)
        for _ in range(120):
            try:
                network.up()
            except KeyboardInterrupt:
                continue
            break
        else:
            pytest.fail(f"not finished: {done}")
        mended = [one for one in done if one.partition(":")[0] in MENDING_KINDS]
        assert len(mended) == len(set(mended)) > len(list(spec.nodes())), "nothing twice, each in its turn"
        assert lapses(network.directory, spec, network.vault) == ()
        assert plan.plan(network.driver, spec, network.directory) == []
        set_back(network)
        for number in range(5):
            retry(lambda n=number: _is(network.get(f"before-{n}"), str(n)), 60)
        for msp_id in network.handle.spec.peer_msp_ids:
            retry(lambda m=msp_id: network.put(f"after-{m}", "there", m), 60)
            retry(lambda m=msp_id: _is(network.get(f"after-{m}", m), "there"), 60)
        _roots_are_in_force(network)
    finally:
        plan.remove(network.driver, network.directory)


def set_back(network: RunningNetwork) -> None:
    """Nothing of what was set for the renewal stays."""
    described = load_processes(network.driver._supervisor.directory).values()
    assert not [process.name for process in described if HANDSHAKE_SHIFT in process.env]
    assert not list(network.directory.glob("organizations/*/ca/*.former.crt"))


def _is(found: str, wanted: str) -> None:
    from fabric_sdk.errors import FabricError

    if found != wanted:
        raise FabricError(f"{found!r} is not {wanted!r} yet")


def _roots_are_in_force(network: RunningNetwork) -> None:
    from network.config_updates import ChannelUpdater

    for organization in ChannelUpdater(network.handle, CHANNEL).read().organizations:
        assert network.handle.authority(organization.msp_id).ca_certificate_pem in organization.msp.root_certs
        assert network.handle.authority(organization.msp_id).tls_certificate_pem in organization.msp.tls_root_certs
