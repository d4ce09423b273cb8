"""Private data collections: Fabric's file form and message, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabric_sdk.admin import CollectionConfig, CollectionError, read_collections
from fabric_sdk.admin.collections import from_package, to_package

DOCUMENTED = [
    {
        "name": "assetCollection",
        "policy": "OR('Org1MSP.member', 'Org2MSP.member')",
        "requiredPeerCount": 1,
        "maxPeerCount": 1,
        "blockToLive": 1000000,
        "memberOnlyRead": True,
        "memberOnlyWrite": True,
    },
    {
        "name": "Org1MSPPrivateCollection",
        "policy": "OR('Org1MSP.member')",
        "requiredPeerCount": 0,
        "maxPeerCount": 1,
        "blockToLive": 3,
        "memberOnlyRead": True,
        "memberOnlyWrite": False,
        "endorsementPolicy": {"signaturePolicy": "OR('Org1MSP.member')"},
    },
]
"""The collections of Fabric's own documentation (asset transfer with private data)."""


def test_the_documented_file_reads_and_writes_back() -> None:
    read = read_collections(DOCUMENTED)
    assert [c.to_json() for c in read] == DOCUMENTED
    assert from_package(to_package(read)) == read
    assert from_package(to_package(read).SerializeToString()) == read


def test_a_channel_policy_may_endorse() -> None:
    value = {**DOCUMENTED[0], "endorsementPolicy": {"channelConfigPolicy": "/Channel/Application/Endorsement"}}
    read = CollectionConfig.from_json(value)
    assert read.endorsement_policy == "/Channel/Application/Endorsement"
    assert read.to_json() == value
    assert from_package(to_package([read])) == (read,)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "needs a name"),
        ({"policy": None}, "policy must be"),
        ({"requiredPeerCount": -1}, "requiredPeerCount"),
        ({"maxPeerCount": "2"}, "maxPeerCount"),
        ({"blockToLive": True}, "blockToLive"),
        ({"memberOnlyRead": "yes"}, "memberOnlyRead"),
        ({"endorsementPolicy": {"signaturePolicy": "x", "channelConfigPolicy": "/y"}}, "endorsementPolicy"),
        ({"endorsementPolicy": "OR('A.member')"}, "endorsementPolicy"),
        ({"memberonlyread": True}, "unknown members memberonlyread"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], text: str) -> None:
    with pytest.raises(CollectionError, match=text):
        CollectionConfig.from_json({**DOCUMENTED[0], **change})


@pytest.mark.parametrize(
    ("collection", "text"),
    [
        (CollectionConfig("c", "OR('A.member'"), "c: "),
        (CollectionConfig("c", "OR('A.member')", endorsement_policy="nonsense"), "c: "),
        (CollectionConfig("c", "OR('A.member')", required_peer_count=2, max_peer_count=1), "maxPeerCount"),
    ],
)
def test_what_cannot_become_a_message_is_named(collection: CollectionConfig, text: str) -> None:
    with pytest.raises(CollectionError, match=text):
        to_package([collection])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(DOCUMENTED[1])), inner),
    max_leaves=10,
)


@given(JSON)
def test_hostile_files_end_in_one_error(value: object) -> None:
    try:
        to_package(read_collections(value))
    except CollectionError:
        return
    assert isinstance(value, list)


def test_names_must_differ() -> None:
    with pytest.raises(CollectionError, match="different names"):
        read_collections([DOCUMENTED[0], DOCUMENTED[0]])
