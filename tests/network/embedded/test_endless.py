"""A contract that does not return is ended in time, and meanwhile everybody else is served."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from fabric_sdk.errors import GatewayError
from tests.network.embedded.city import City

SECONDS = 3


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = City(tmp_path_factory.mktemp("endless") / "n").up()
    try:
        city.deploy("endless", module="tests.network.embedded.endless_contract", policy="OR('DataBureauMSP.peer')")
        city.down()
        settings = city.directory / "embedded" / "node.json"
        document = json.loads(settings.read_bytes())
        document["limits"]["contract_seconds"] = SECONDS
        settings.write_text(json.dumps(document))
        city.driver.start()
        yield city
    finally:
        city.down()


@pytest.mark.parametrize("call", [("Wait", "read"), ("Wait", "sleep"), ("Stubborn",)], ids=" ".join)
def test_others_are_served_while_one_does_not_return(endless: City, call: tuple[str, ...]) -> None:
    answers: list[GatewayError] = []
    if call[0] == "Wait":
        # What has returned soon runs in the node's own thread next time: it must be got out of there.
        endless.contract("endless").evaluate("Wait", "not")

    def wait() -> None:
        try:
            endless.contract("endless", "HealthMSP").evaluate(*call)
        except GatewayError as e:
            answers.append(e)

    contract = endless.contract("endless")
    contract.submit("Put", "key", "before")
    waiting = threading.Thread(target=wait)
    waiting.start()
    written, served = 0, 0
    while waiting.is_alive():  # however long it is until a busy node looks at its clock
        written += 1
        contract.submit("Put", "key", f"{call[-1]}{written}")
        served += waiting.is_alive()
        waiting.join(0.2)
    assert served, "nobody else was served until it ended"
    (refused,) = answers
    assert refused.code == "ABORTED"
    # One peer has tried it in vain; the others of this node answer the same without trying.
    assert len(refused.details) == 4
    assert all("timeout expired while executing transaction" in detail.message for detail in refused.details)
    assert contract.evaluate("Get", "key") == f"{call[-1]}{written}".encode()


def test_a_slow_contract_goes_on_in_a_thread_of_its_own(endless: City) -> None:
    contract = endless.contract("endless")
    assert contract.submit("Busy", "slow") == b"done"
    assert contract.evaluate("Get", "slow") == b"done"
    assert contract.submit("Busy", "again") == b"done"


def test_the_node_stops_although_a_contract_never_ends(endless: City) -> None:
    with pytest.raises(GatewayError):
        endless.contract("endless").evaluate("Stubborn")
    endless.down()
    assert not (endless.directory / "embedded" / "ready.json").exists()
    endless.driver.start()
    assert endless.contract("endless").evaluate("Get", "key")
