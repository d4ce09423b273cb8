"""A network whose organisation does not tell peers from other members: no contract with rules over peers goes there.

No rule over peers is satisfied there; with rules over members instead, every certificate of the organisation would be
sent what its private collection holds. Before, deploying asked nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

from baas.errors import UserError, render
from baas.platform import Platform
from baas.services.definitions import canonical
from baas.services.lifecycle_model import Definition
from baas.services.node_roles import require_node_roles
from baas.services.peers import wait_for_config
from fabric_sdk.configtx.edit import msp_of, set_msp
from network.config_updates import ChannelUpdater
from tests.conftest import City, close_city

LAX = "HospitalMSP"
CHANNEL = "citychannel"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Running, without contracts; the hospitals' organisation lists its administrator and has no NodeOUs."""
    platform = Platform.open(tmp_path / "workspace")
    made = City(platform, "city")
    try:
        platform.networks.up(platform.networks.template("city", name="city"))
        handle = platform.networks.handle("city")
        updater = ChannelUpdater(handle, CHANNEL)
        assert updater.submit(lambda config: _without_units(config, handle.admin(LAX).identity.credentials))
        wait_for_config(handle, CHANNEL, int(updater.config().sequence))
        yield made
    finally:
        close_city(made)


def _without_units(config: Any, administrator: bytes) -> None:
    name, present = msp_of(config, LAX)
    message = MSPConfig.FromString(present)
    msp = FabricMSPConfig.FromString(message.config)
    msp.fabric_node_ous.enable = False
    msp.admins.append(administrator)
    message.config = msp.SerializeToString()
    set_msp(config, name, message.SerializeToString())


def test_rules_over_peers_need_organisations_that_tell_them_apart(city: City) -> None:
    contracts, handle = city.platform.contracts, city.platform.networks.handle("city")
    with pytest.raises(UserError) as refusal:
        contracts.deploy("city", "health_slots")
    assert refusal.value.code == "no_node_roles"
    said, way_out = render(refusal.value.message, "en"), render(refusal.value.hint or "", "en")
    assert LAX in said and "HealthMSP" not in said and "NodeOUs: Enable: true" in way_out
    assert contracts.board("city", "health_slots").approvals == 0
    collection = {"name": "c", "policy": f"OR('{LAX}.peer')", "requiredPeerCount": 0, "maxPeerCount": 1}
    both = canonical(Definition("x", "1", 1, "OR('HealthMSP.peer')", (collection,)))
    with pytest.raises(UserError) as refusal:
        contracts.approve("city", both, msp_id="HealthMSP")
    assert refusal.value.code == "no_node_roles"
    # Rules that do not need the roles, or only others', go on.
    for policy in (
        "OR('HealthMSP.peer')",
        f"AND('{LAX}.member', 'HealthMSP.peer')",
        "/Channel/Application/Endorsement",
    ):
        require_node_roles(handle, CHANNEL, canonical(Definition("x", "1", 1, policy)))
