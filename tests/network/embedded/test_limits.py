"""What the node refuses: too many calls, too large transactions, identities that are revoked, expired or unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.errors import EndorseError, EvaluateError, GatewayError, SubmitError
from fabric_sdk.gateway import connect
from fabric_sdk.identity import SigningIdentity
from network.config_updates import ChannelUpdater
from network.embedded.settings import load
from network.topology import load_spec, spec_to_mapping, template
from tests.network.embedded.city import City

BUREAU, COPYRIGHT = "DataBureauMSP", "CopyrightMSP"


def test_too_many_calls_are_refused(tmp_path: Path) -> None:
    with City(tmp_path / "n") as city:
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')")
        city.driver.stop()
        home = city.directory / "embedded"
        replace(load(home), limits={"/gateway.Gateway": 2}).save(home)
        city.driver.start()
        city.forget_connections()
        network = city.network()
        contract = network.get_contract("ledger")
        assert contract.evaluate("Get", "a") == b""
        with network.chaincode_events("ledger", start_block=0), network.chaincode_events("ledger", start_block=0):
            with pytest.raises(EvaluateError) as caught:
                for _ in range(100):
                    contract.evaluate("Get", "a")
            assert caught.value.code == "RESOURCE_EXHAUSTED"
            assert caught.value.status_message == (
                "too many requests for /gateway.Gateway, exceeding concurrency limit (2)"
            )


def test_too_large_transaction_is_refused(tmp_path: Path) -> None:
    mapping = spec_to_mapping(template("city"))
    mapping["channels"][0]["batch"] |= {"absolute_max_bytes": 65536, "preferred_max_bytes": 32768}
    with City(tmp_path / "n", load_spec(mapping)) as city:
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')")
        contract = city.contract()
        assert len(contract.submit("Put", "large", "x" * 20_000)) == 20_000
        with pytest.raises(SubmitError) as caught:
            contract.submit("Put", "larger", "x" * 40_000)
        assert caught.value.code == "ABORTED"
        assert "exceeds maximum allowed 65536 bytes" in str(caught.value)
        assert contract.evaluate("Get", "larger") == b""


def test_blocks_are_cut_by_count(tmp_path: Path) -> None:
    mapping = spec_to_mapping(template("city"))
    mapping["channels"][0]["batch"] |= {"max_messages": 3}
    with City(tmp_path / "n", load_spec(mapping)) as city:
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')")
        transactions = [city.contract().new_proposal("Put", f"k{i}", "1").endorse() for i in range(20)]
        numbers = [s.status().block_number for s in [t.submit() for t in transactions]]
        assert max(numbers.count(n) for n in numbers) <= 3


def test_revoked_identity_is_refused(tmp_path: Path) -> None:
    with City(tmp_path / "n") as city:
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')")
        ca = city.handle.authority(BUREAU)
        issued = ca.persons.issue("mallory", "client")
        mallory = SigningIdentity.from_pem(BUREAU, issued.certificate_pem, issued.private_key_pem)
        with connect(city.handle.endpoint(BUREAU), mallory) as gateway:
            contract = gateway.get_network("citychannel").get_contract("ledger")
            contract.submit("Put", "before", "1")
            endorsed = contract.new_proposal("Put", "late", "1").endorse()
            serial = mallory.certificate.serial_number
            ca.revoke(next(r.serial for r in ca.issued() if int(r.serial, 16) == serial))
            _publish_revocations(city)
            with pytest.raises(EvaluateError) as caught:
                contract.evaluate("Get", "before")
            assert caught.value.code == "FAILED_PRECONDITION"
            assert f"access denied: channel [citychannel] creator org [{BUREAU}]" in str(caught.value)
            with pytest.raises(SubmitError):
                endorsed.submit()
        assert city.contract().evaluate("Get", "late") == b""


def _publish_revocations(city: City) -> None:
    config = city.handle.authority(BUREAU).msp_config().SerializeToString()

    def edit(updated: Any) -> None:
        for section in ("Application", "Orderer"):
            group = updated.channel_group.groups[section].groups.get("data-bureau")
            if group is not None:
                group.values["MSP"].value = config

    assert ChannelUpdater(city.handle, "citychannel").submit(edit)


def test_an_orderer_that_has_not_loaded_its_channels_yet_is_asked_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it answers just after it was started; the renewal of the node before had only been waited for to listen."""
    ask, refused = OrderingClient.config, list[str]()

    def starting(client: OrderingClient, channel: str) -> Any:
        if len(refused) < 3:
            refused.append(channel)
            raise OrderingRefused("BAD_REQUEST", "channel does not exist")
        return ask(client, channel)

    monkeypatch.setattr(OrderingClient, "config", starting)
    assert ChannelUpdater(city.handle, "citychannel").read().consenters
    assert len(refused) == 3


def test_unknown_organization_is_refused(city: City, tmp_path: Path) -> None:
    with City(tmp_path / "other") as other:
        stranger = other.handle.admin(BUREAU)
    with connect(city.handle.endpoint(BUREAU), stranger) as gateway:
        contract = gateway.get_network("citychannel").get_contract("ledger")
        with pytest.raises(EvaluateError, match=r"access denied: channel \[citychannel\] creator org"):
            contract.evaluate("Get", "a")
        with pytest.raises(EndorseError):
            contract.submit("Put", "a", "1")
        with pytest.raises(GatewayError), gateway.get_network("citychannel").block_events(start_block=0) as blocks:
            next(iter(blocks))


def test_status_lists_every_node(city: City) -> None:
    status = city.driver.status()
    assert status.state == "running"
    assert {n.kind for n in status.nodes} == {"peer", "orderer"}
    assert json.loads((city.directory / "embedded" / "node.json").read_bytes())["network"] == "city"
