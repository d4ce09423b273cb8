"""One network on two machines, which are two folders and two loopback addresses here."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fabric_sdk.admin.channels import Channels
from network import plan
from network.drivers.native import NativeDriver
from network.handle import NetworkHandle
from network.hosts import export_share, import_share, set_local_host
from network.topology import FABRIC_CURRENT, TopologySpec, template
from network.vault import MemoryVault
from tests.e2e.running import CHANNEL, require_fabric, retry

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs several loopback addresses"),
]
HERE, THERE = "127.0.0.2", "127.0.0.3"


def on_two_hosts() -> TopologySpec:
    city = template("city", runtime="native")
    bureau, copyright_center = (
        replace(
            o,
            peers=tuple(replace(p, host=host) for p in o.peers),
            orderers=tuple(replace(n, host=host) for n in o.orderers),
        )
        for o, host in zip(city.organizations[:2], (HERE, THERE), strict=True)
    )
    channel = replace(city.channels[0], organizations=("data-bureau", "copyright-center"))
    return city.with_(organizations=(bureau, copyright_center), channels=(channel,))


def test_a_share_joins_the_network_from_another_machine(tmp_path: Path) -> None:
    require_fabric(FABRIC_CURRENT)
    spec = on_two_hosts()
    first, keys = tmp_path / "first" / "city", MemoryVault()
    second, other_keys = tmp_path / "second" / "city", MemoryVault()
    here, there = NativeDriver(first, keys), NativeDriver(second, other_keys)
    try:
        set_local_host(first, HERE)
        plan.run(here, spec, first)
        assert [n.name for n in here.status().nodes if n.state == "running"] == [
            "orderer0.databureau.city.internal",
            "peer0.databureau.city.internal",
        ]
        share = tmp_path / "copyright.share"
        export_share(NetworkHandle(first, keys), THERE, share, "a good passphrase")

        assert import_share(share, "a good passphrase", tmp_path / "second", other_keys) == second
        assert list(other_keys.names()) == ["city/CopyrightMSP/admin"]
        plan.run(there, spec, second)
        assert plan.plan(there, spec, second) == []
        handle = NetworkHandle(second, other_keys)
        peer = handle.peers("CopyrightMSP")[0]

        def reached() -> None:
            with handle.peer_connection(peer) as connection:
                assert Channels(connection).info(CHANNEL).height >= 1

        retry(reached)
        assert plan.plan(here, spec, first) == []
    finally:
        plan.remove(there, second)
        plan.remove(here, first)
    assert not first.exists()
    assert not second.exists()
