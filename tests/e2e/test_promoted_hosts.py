"""After a promotion: a peer on another machine, by its share; ledger and private data reach it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fabric_sdk.admin.channels import Channels
from network import plan
from network.drivers.base import Silent
from network.drivers.native import NativeDriver
from network.handle import NetworkHandle
from network.hosts import export_share, import_share, set_local_host
from network.promotion.move import Promotion
from network.topology import FABRIC_CURRENT, template
from network.vault import MemoryVault
from tests.e2e.running import CHANNEL, require_fabric, retry
from tests.network.embedded.city import City
from tests.network.embedded.conftest import BOTH, collections

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs several loopback addresses"),
]
HERE, THERE, OWN = "127.0.0.2", "127.0.0.3", "CopyrightMSP"
PRIVATE = ["DataBureauMSP", OWN]


def test_a_promoted_network_goes_on_several_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_fabric(FABRIC_CURRENT)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    city = City(tmp_path / "first" / "city", template("city").with_(fabric_version=FABRIC_CURRENT)).up()
    here = NativeDriver(city.directory, city.vault)
    second, other_keys = tmp_path / "second" / "city", MemoryVault()
    there = NativeDriver(second, other_keys)
    try:
        city.deploy("ledger", policy=BOTH, collections=collections())
        contract = city.contract()
        contract.submit("Put", "key", "before")
        contract.submit("PutPrivate", "open", "kept", transient={"value": "geheim"}, endorsing_organizations=PRIVATE)
        city.forget_connections()
        height = Promotion(city.directory, city.vault, Silent()).run(FABRIC_CURRENT).heights[CHANNEL]
        spec = NetworkHandle(city.directory, city.vault).spec
        owner = spec.organization(OWN)
        more = replace(owner, peers=(*owner.peers, replace(owner.peers[0], name="peer1", host=THERE)))
        grown = spec.with_(organizations=tuple(more if o.msp_id == OWN else o for o in spec.organizations))
        set_local_host(city.directory, HERE)
        plan.run(here, grown, city.directory)
        share = tmp_path / "copyright.share"
        handle = NetworkHandle(city.directory, city.vault)
        assert export_share(handle, THERE, share, "a good passphrase") == (f"peer1.{owner.domain}",)
        assert import_share(share, "a good passphrase", tmp_path / "second", other_keys) == second
        plan.run(there, grown, second)
        far = NetworkHandle(second, other_keys)
        peer = far.spec.node(f"peer1.{owner.domain}")

        def caught_up() -> None:
            with far.peer_connection(peer) as connection:
                _wanted(Channels(connection).info(CHANNEL).height >= height)

        retry(caught_up, 60)
        # Its disk has the private value that was written on the embedded ledger, from its organisation's other peer.
        data = second / "nodes" / peer.name

        def held() -> bool:
            return any(b"geheim" in path.read_bytes() for path in data.rglob("*") if path.is_file())

        retry(lambda: _wanted(held()), 90)
    finally:
        plan.remove(there, second)
        plan.remove(here, city.directory)


def _wanted(found: bool) -> None:
    from fabric_sdk.errors import FabricError

    if not found:
        raise FabricError("not there yet")
