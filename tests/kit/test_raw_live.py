"""Every function of every application's contract called by one ordinary key on a live network, with arguments of no
sense: each call is answered at once, and no contract and no node fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from baas.applications import Applications, load
from baas.platform import Platform
from fabric_sdk.errors import FabricError
from tests.kit.test_raw_calls import WIRE

NEVER = {"INTERNAL", "DEADLINE_EXCEEDED"}
SENT = [*WIRE, b" ", b" x "]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform.open(tmp_path_factory.mktemp("raw") / "workspace") as platform:
        platform.networks.up(platform.networks.template("city", name="city", runtime="embedded"))
        try:
            yield platform
        finally:
            platform.networks.destroy("city")


@pytest.mark.slow
@pytest.mark.parametrize("id", [one.id for one in Applications().all()])
def test_every_call_is_answered(city: Platform, id: str) -> None:
    manifest = city.applications.get(id)
    city.contracts.deploy("city", manifest.contract.name)
    (contract,) = load(f"{manifest.contract.module}:CONTRACTS")
    msp, role = city.networks.spec("city").peer_msp_ids[0], str(next(iter(manifest.roles)))
    key = city.identities.ensure(msp, f"raw-{id.replace('_', '-')}", role, network="city")
    live, refused = city.networks.connect("city", key).get_contract(manifest.contract.name), 0
    for name, function in contract.functions.items():
        for count in range(1, len(function.parameters) + 2):
            for one in SENT:
                try:
                    live.evaluate(name, *[one] * count)
                except FabricError as error:
                    refused += 1
                    assert not {"INTERNAL", "DEADLINE_EXCEEDED"} & set(str(error).replace(":", " ").split()), (
                        name,
                        one,
                    )
    assert refused > 100, "nothing was refused: the calls did not arrive"
