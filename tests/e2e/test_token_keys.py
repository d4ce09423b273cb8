"""Real Fabric of an organisation whose authorities and people have their keys in a token (SoftHSM)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from network import plan
from network.mending import request_successor
from network.tokens.reference import is_reference
from network.topology import template
from network.vault import MemoryVault
from tests.e2e.running import RunningNetwork, require_fabric, retry
from tests.hsm import private_keys, softhsm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.mark.parametrize("version", ["3.1.5", "2.5.16"])
def test_fabric_takes_what_a_token_signed(version: str, tmp_path: Path) -> None:
    require_fabric(version)
    with softhsm(tmp_path / "hsm") as hsm:
        token = hsm.make("city-ca")

        class Vault(MemoryVault):
            def token_of(self, name: str) -> str:
                return str(token)

        spec = template("single", network_name="city", runtime="native").with_(fabric_version=version)
        network = RunningNetwork(tmp_path / "city", spec)
        network.vault = Vault()
        network.driver = type(network.driver)(network.directory, network.vault)
        try:
            network.up()
            network.deploy()
            network.put("before", "1")
            msp_id = spec.organizations[0].msp_id
            request_successor(network.directory, spec, network.vault, msp_id)
            network.up()
            retry(lambda: network.put("after", "2"), 60)
            assert network.get("before") == "1" and network.get("after") == "2"
            assert all(is_reference(network.vault.get(name)) for name in network.vault.names())
            ca = network.handle.authority(msp_id)
            own = [ca.ca_certificate_pem, *(ca.certificate_path(name).read_bytes() for name in ca.people())]
            ours = [load_pem_x509_certificate(pem).public_key() for pem in own]
            found = list(private_keys(network.directory))
            assert found  # the nodes' own
            for path, pem in found:
                assert load_pem_private_key(pem, None).public_key() not in ours, path
        finally:
            plan.remove(network.driver, network.directory)
