from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from network.branching.contracts import Supply
from network.branching.making import Branched, Branching, Source
from network.drivers.base import Silent
from network.drivers.embedded import EmbeddedDriver
from network.handle import NetworkHandle
from network.topology import template
from network.vault import FolderVault
from tests.network.embedded.city import CONTRACT, City
from tests.network.embedded.conftest import BOTH, collections

CHANNEL = "citychannel"
PRIVATE = ["DataBureauMSP", "CopyrightMSP"]


class Branch(City):
    """A branch of a running network, used like one."""

    def __init__(self, folder: Path, origin: City, *, msp_id: str = "DataBureauMSP", name: str = "city-branch") -> None:
        super().__init__(folder, origin.spec)
        self.vault = FolderVault(folder.parent / f"{folder.name}-vault")
        peer = origin.handle.peers(msp_id)[0]
        self.source = Source(origin.handle, CHANNEL, peer, origin.handle.admin(msp_id))
        self.name = name

    def make(self, supply: Supply = lambda _name, _version: (CONTRACT, None), **wanted: object) -> Branched:
        self.directory.mkdir(parents=True, exist_ok=True)
        made = Branching(self.directory, self.vault, Silent()).make(self.name, self.source, supply, **wanted)  # type: ignore[arg-type]
        self.spec = made.spec
        self.driver = EmbeddedDriver(self.directory, self.vault)
        self.handle = NetworkHandle(self.directory, self.vault)
        return made


def grow(city: City) -> None:
    """A history of every kind: conflicts, ranges, events, private data with and without transient, a key's policy."""
    city.deploy("ledger", policy=BOTH, collections=collections())
    contract = city.contract()
    for number in range(6):
        contract.submit("Put", f"k{number % 4}", str(number))
        contract.submit("Increment", "count")
        contract.submit("Announce", "told", str(number))
    contract.submit("CountRange", "k", "l", "counted")
    contract.submit("PutPrivate", "open", "sent", transient={"value": "geheim"}, endorsing_organizations=PRIVATE)
    contract.submit("PutPrivateValue", "open", "said", "offen", endorsing_organizations=PRIVATE)
    contract.submit("CopyPrivate", "open", "sent", "copied", endorsing_organizations=PRIVATE)
    contract.submit("SetPolicy", "k2", "CopyrightMSP")
    contract.submit("Delete", "k3")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with City(tmp_path_factory.mktemp("origin") / "n", template("city")) as city:
        grow(city)
        yield city


@pytest.fixture(scope="module")
def branch(origin: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    made = Branch(tmp_path_factory.mktemp("branch") / "b", origin)
    made.make()
    yield made
    made.down()
