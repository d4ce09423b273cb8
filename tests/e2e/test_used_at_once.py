"""A contract is used by every organisation the moment it is deployed on real Fabric, and no peer is unknown then."""

from __future__ import annotations

from pathlib import Path

import pytest

from baas.platform import Platform
from fabric_sdk.errors import EndorseError
from network.drivers import make_driver
from network.vault import MemoryVault

pytestmark = pytest.mark.e2e


def test_each_organisation_names_each_others_peers_at_once(tmp_path: Path) -> None:
    """Before, "failed to find any endorsing peers" was answered until gossip had told them of the contract."""
    with Platform.open(tmp_path / "workspace") as platform:
        spec = platform.networks.template("city", name="city", runtime="native")
        capability = make_driver("native", tmp_path / "probe", MemoryVault()).check(spec)
        if not capability.available:
            pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
        try:
            platform.networks.up(spec)
            members = spec.peer_msp_ids
            asking = {one: platform.networks.connect("city", f"{one}/admin") for one in members}
            unknown = []
            for name in ("copyright", "health_slots"):
                platform.contracts.deploy("city", name)
                for one in members:
                    for other in members:
                        contract = asking[one].get_contract(name)
                        try:
                            contract.new_proposal(
                                "org.hyperledger.fabric:GetMetadata", endorsing_organizations=(other,)
                            ).endorse()
                        except EndorseError as error:
                            unknown.append((name, one, other, str(error)))
            assert not unknown
        finally:
            platform.networks.destroy("city")
