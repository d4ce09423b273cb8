"""Channel configurations without any Fabric program: reading, editing, updates, signature files."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from fabric_protos.common import common_pb2, configtx_pb2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fabric_sdk.configtx import (
    Batch,
    ChannelProfile,
    ConfigError,
    Consenter,
    HostPort,
    OrganizationProfile,
    SignedUpdate,
    compute_update,
    config_of_block,
    copy_config,
    genesis_block,
    last_config_index,
    read_config,
)
from fabric_sdk.configtx.edit import (
    add_consenter,
    add_organization,
    remove_consenter,
    remove_organization,
    set_anchor_peers,
    set_batch,
    set_msp,
    set_orderer_endpoints,
    set_policy,
)
from fabric_sdk.configtx.groups import bft_quorum
from fabric_sdk.errors import FabricError, PolicyError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.signatures import verify
from fabric_sdk.wire import decode, encode
from network.certificates import CertificateAuthority
from network.material import OrganizationCA
from network.topology import template
from network.vault import MemoryVault

PEM = CertificateAuthority.create("x", "x")[0].certificate_pem


def profile(*, bft: bool = False, organizations: int = 1) -> ChannelProfile:
    orderers = 4 if bft else 3
    return ChannelProfile(
        "ours",
        tuple(organization(i) for i in range(organizations)),
        tuple(
            Consenter("o", 7050 + i, "M0", PEM, PEM, PEM if bft else b"", i + 1 if bft else 0) for i in range(orderers)
        ),
        consensus="BFT" if bft else "etcdraft",
    )


def organization(number: int) -> OrganizationProfile:
    from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

    inner = FabricMSPConfig(name=f"M{number}", root_certs=[PEM])
    return OrganizationProfile(
        f"org{number}",
        f"M{number}",
        encode(MSPConfig(config=encode(inner))),
        ordering=number == 0,
        orderer_endpoints=(HostPort("o", 7050),) if number == 0 else (),
        anchor_peers=(HostPort(f"p{number}", 7051),),
    )


def config(**options: Any) -> Any:
    return config_of_block(genesis_block(profile(**options)))[1]


def test_what_is_written_is_read() -> None:
    block = genesis_block(profile(organizations=2))
    assert last_config_index(block) == 0
    channel, raw = config_of_block(encode(block))
    read = read_config(channel, raw)
    assert (read.channel_id, read.consensus, read.sequence) == ("ours", "etcdraft", 0)
    assert read.batch == Batch()
    assert [o.msp_id for o in read.organizations] == ["M0", "M1"]
    assert (read.organization("org0").ordering, read.organization("M1").ordering) == (True, False)
    assert read.organization("M1").anchor_peers == (HostPort("p1", 7051),)
    assert read.policies["/Channel/Application/LifecycleEndorsement"] == "MAJORITY Endorsement"
    assert read.organization("M1").policies["Endorsement"] == "OR('M1.peer')"
    assert [c.address for c in read.consenters] == ["o:7050", "o:7051", "o:7052"]
    assert read.capabilities["channel"] == ("V3_0",)


@pytest.mark.parametrize(("count", "quorum"), [(4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (13, 9)])
def test_byzantine_quorum(count: int, quorum: int) -> None:
    assert bft_quorum(count) == quorum


@pytest.mark.parametrize(
    "wrong",
    [
        {"consenters": ()},
        {"organizations": (organization(1),)},
        {"organizations": (organization(0), organization(0))},
        {"consensus": "BFT"},
        {"application_policies": {"Readers": "ANY Readers"}},
        {"channel_policies": {"Readers": "SOME Readers", "Writers": "ANY Writers", "Admins": "ANY Admins"}},
    ],
)
def test_impossible_profiles_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ConfigError, PolicyError)):
        genesis_block(ChannelProfile(**{**vars(profile()), **wrong}))


def applied(original: Any, update: Any) -> Any:
    """Apply an update as Fabric does, for the parts that tests change: the write set replaces what it names."""

    def merge(target: Any, read: Any, write: Any) -> None:
        assert target.version == read.version
        for kind in ("values", "policies"):
            old, new = getattr(target, kind), getattr(write, kind)
            if write.version > target.version:
                for name in set(old) - set(new):
                    del old[name]
            for name, item in new.items():
                if name in old and item.version == old[name].version:
                    continue
                assert item.version == (old[name].version + 1 if name in old else 0)
                old[name].CopyFrom(item)
        if write.version > target.version:
            for name in set(target.groups) - set(write.groups):
                del target.groups[name]
        for name, group in write.groups.items():
            if name not in target.groups:
                target.groups[name].CopyFrom(group)
            else:
                merge(target.groups[name], read.groups[name], group)
        if write.version > target.version:
            target.version, target.mod_policy = write.version, write.mod_policy

    result = copy_config(original)
    merge(result.channel_group, update.read_set, update.write_set)
    return result


def without_versions(group: Any) -> dict[str, Any]:
    return {
        "mod": group.mod_policy,
        "values": {k: (v.mod_policy, v.value) for k, v in group.values.items()},
        "policies": {k: (p.mod_policy, encode(p.policy)) for k, p in group.policies.items()},
        "groups": {k: without_versions(g) for k, g in group.groups.items()},
    }


EDITS: list[Any] = [
    lambda c: add_organization(c, organization(1)),
    lambda c: add_organization(c, organization(2)),
    lambda c: remove_organization(c, "org1"),
    lambda c: set_batch(c, Batch(max_messages=5)),
    lambda c: set_policy(c, "/Channel/Application/Endorsement", "ANY Endorsement"),
    lambda c: set_policy(c, "/Channel/Orderer/org0/Admins", "OR('M0.member')"),
    lambda c: set_anchor_peers(c, "org0", [HostPort("q", 1), HostPort("r", 2)]),
    lambda c: set_anchor_peers(c, "org0", []),
    lambda c: set_orderer_endpoints(c, "org0", [HostPort("n", 9)]),
    lambda c: set_msp(c, "org0", organization(0).msp_config + b"\x10\x00"),
    lambda c: add_consenter(c, Consenter("new", 1, "M0", PEM, PEM, PEM)),
    lambda c: remove_consenter(c, HostPort("o", 7051)),
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(range(len(EDITS))), min_size=1, max_size=6), st.booleans())
def test_an_update_leads_from_one_configuration_to_the_other(edits: list[int], bft: bool) -> None:
    original = config(bft=bft)
    wanted = copy_config(original)
    for edit in edits:
        EDITS[edit](wanted)
    try:
        update = compute_update("ours", original, wanted)
    except ConfigError:
        assert without_versions(original.channel_group) == without_versions(wanted.channel_group)
        return
    reached = applied(original, update)
    assert without_versions(reached.channel_group) == without_versions(wanted.channel_group)
    read_config("ours", reached)
    with pytest.raises(ConfigError):
        compute_update("ours", reached, wanted)


def test_edits_are_idempotent() -> None:
    for edit in EDITS:
        once = config()
        edit(once)
        twice = copy_config(once)
        edit(twice)
        assert encode(once) == encode(twice)


def test_bft_policy_follows_its_consenters() -> None:
    raw = config(bft=True)
    add_consenter(raw, Consenter("new", 1, "M0", PEM, PEM, PEM))
    read = read_config("ours", raw)
    assert [c.id for c in read.consenters] == [1, 2, 3, 4, 5]
    assert read.policies["/Channel/Orderer/BlockValidation"].startswith("OutOf(4, ")
    remove_consenter(raw, HostPort("o", 7050))
    add_consenter(raw, Consenter("newer", 1, "M0", PEM, PEM, PEM))
    assert [c.id for c in read_config("ours", raw).consenters] == [2, 3, 4, 5, 6]


def test_last_consenter_stays() -> None:
    raw = config()
    for port in (7050, 7051):
        remove_consenter(raw, HostPort("o", port))
    with pytest.raises(ConfigError):
        remove_consenter(raw, HostPort("o", 7052))


@pytest.mark.parametrize("path", ["Admins", "/Channel", "/Nothing/Admins", "/Channel/Application/org9/Admins"])
def test_wrong_policy_paths_are_refused(path: str) -> None:
    with pytest.raises(ConfigError):
        set_policy(config(), path, "ANY Admins")


@pytest.fixture
def people(tmp_path: Any) -> list[SigningIdentity]:
    result = []
    for spec in template("city").organizations[:2]:
        ca = OrganizationCA(tmp_path, "n", spec, MemoryVault())
        ca.create()
        admin = ca.person("admin")
        result.append(SigningIdentity.from_pem(spec.msp_id, admin.certificate_pem, admin.private_key_pem))
    return result


def changed() -> Any:
    original = config()
    wanted = copy_config(original)
    set_batch(wanted, Batch(max_messages=5))
    return compute_update("ours", original, wanted)


def test_signatures_are_collected_in_files(people: list[SigningIdentity]) -> None:
    start = SignedUpdate.of(changed())
    here = start.signed(people[0]).signed(people[0])
    there = SignedUpdate.from_file(start.to_file()).signed(people[1])
    merged = here.merged([SignedUpdate.from_file(there.to_file()), here])
    assert merged.signers == ("DataBureauMSP", "CopyrightMSP")
    for person, raw in zip(people, merged.signatures, strict=True):
        signature = decode(configtx_pb2.ConfigSignature, raw)
        key = person.certificate.public_key()
        verify(key, signature.signature, signature.signature_header + merged.update)  # type: ignore[arg-type]
    envelope = merged.envelope(people[0])
    payload = decode(common_pb2.Payload, envelope.payload)
    header = decode(common_pb2.ChannelHeader, payload.header.channel_header)
    assert (header.type, header.channel_id) == (common_pb2.HeaderType.CONFIG_UPDATE, "ours")


def test_signatures_of_another_update_are_refused(people: list[SigningIdentity]) -> None:
    one = SignedUpdate.of(changed())
    original = config()
    wanted = copy_config(original)
    set_batch(wanted, Batch(max_messages=6))
    with pytest.raises(ConfigError):
        one.merged([SignedUpdate.of(compute_update("ours", original, wanted)).signed(people[0])])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_signature_file_or_refused(data: bytes) -> None:
    with contextlib.suppress(FabricError):
        assert SignedUpdate.from_file(data).channel_id


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 255))
@example(1284, 3)  # the rule of an implicit policy that Fabric does not know
def test_a_broken_block_is_refused_or_read(position: int, value: int) -> None:
    raw = bytearray(encode(genesis_block(profile())))
    raw[position % len(raw)] = value
    with contextlib.suppress(FabricError):
        read_config(*config_of_block(bytes(raw)))
