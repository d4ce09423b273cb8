from __future__ import annotations

from collections.abc import Iterator

import pytest

from fabric_sdk.admin.collections import CollectionConfig
from network.topology import template
from tests.network.embedded.city import City, on_couchdb

OPEN, SHORT, MEMBERS = "open", "short", "members"
BOTH = "AND('DataBureauMSP.peer', 'CopyrightMSP.peer')"


def collections() -> tuple[CollectionConfig, ...]:
    two = "OR('DataBureauMSP.member', 'CopyrightMSP.member')"
    return (
        CollectionConfig(OPEN, two, member_only_read=False, member_only_write=False),
        CollectionConfig(SHORT, two, block_to_live=2, member_only_read=False, member_only_write=False),
        CollectionConfig(MEMBERS, two, member_only_read=True, member_only_write=True),
        CollectionConfig("own", two, endorsement_policy="OR('CopyrightMSP.peer')"),
    )


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A running network whose contract `ledger` wants two organisations' endorsement, with CouchDB."""
    with City(tmp_path_factory.mktemp("city") / "n", on_couchdb(template("city"))) as city:
        city.deploy("ledger", policy=BOTH, collections=collections())
        city.deploy("single", policy="OR('DataBureauMSP.peer')")
        yield city
