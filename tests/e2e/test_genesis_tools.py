"""Our genesis blocks against those of Fabric's own `configtxgen`, and what Fabric's tools think of our updates."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as bft_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2
from google.protobuf.json_format import MessageToDict

from fabric_sdk.configtx import (
    Batch,
    BftOptions,
    ChannelProfile,
    Consenter,
    HostPort,
    OrganizationProfile,
    RaftOptions,
    compute_update,
    config_of_block,
    copy_config,
    genesis_block,
)
from fabric_sdk.configtx.edit import add_organization, remove_organization, set_batch, set_policy
from fabric_sdk.configtx.profile import CAPABILITIES_V2_5, CAPABILITIES_V3_0, default_organization_policies
from fabric_sdk.wire import encode
from network.material import OrganizationCA
from network.native.programs import find_programs
from network.text import Text
from network.topology import NodeRef, OrdererSpec, OrganizationSpec, PeerSpec
from network.vault import MemoryVault

pytestmark = pytest.mark.e2e
VERSION = "3.1.5"


def tool(name: str) -> Path:
    programs = find_programs(VERSION)
    if programs is None or not (programs.directory / name).exists():
        pytest.skip(f"{name} of Fabric {VERSION} is not on this machine")
    return programs.directory / name


VALUES: dict[str, type[Any]] = {
    "MSP": msp_config_pb2.MSPConfig,
    "Endpoints": configuration_pb2.OrdererAddresses,
    "AnchorPeers": peer_pb2.AnchorPeers,
    "ACLs": peer_pb2.ACLs,
    "Capabilities": configuration_pb2.Capabilities,
    "HashingAlgorithm": configuration_pb2.HashingAlgorithm,
    "BlockDataHashingStructure": configuration_pb2.BlockDataHashingStructure,
    "BatchSize": orderer_pb2.BatchSize,
    "BatchTimeout": orderer_pb2.BatchTimeout,
    "ChannelRestrictions": orderer_pb2.ChannelRestrictions,
    "ConsensusType": orderer_pb2.ConsensusType,
    "Orderers": configuration_pb2.Orderers,
}


def meaning(group: Any) -> dict[str, Any]:
    """Return a config group with every value and policy decoded."""

    def value(name: str, raw: bytes) -> Any:
        message = VALUES[name].FromString(raw)
        if name == "MSP":
            return MessageToDict(msp_config_pb2.FabricMSPConfig.FromString(message.config))
        if name == "ConsensusType":
            kind = bft_pb2.Options if message.type == "BFT" else raft_pb2.ConfigMetadata
            return message.type, MessageToDict(kind.FromString(message.metadata))
        return MessageToDict(message)

    def policy(item: Any) -> Any:
        kind = (
            policies_pb2.ImplicitMetaPolicy
            if item.type == policies_pb2.Policy.IMPLICIT_META
            else policies_pb2.SignaturePolicyEnvelope
        )
        return item.type, MessageToDict(kind.FromString(item.value))

    return {
        "version": group.version,
        "mod_policy": group.mod_policy,
        "values": {k: (v.version, v.mod_policy, value(k, v.value)) for k, v in group.values.items()},
        "policies": {k: (p.version, p.mod_policy, policy(p.policy)) for k, p in group.policies.items()},
        "groups": {k: meaning(g) for k, g in group.groups.items()},
    }


class Material:
    """Two organisations: A orders and uses, B uses."""

    def __init__(self, directory: Path, orderers: int) -> None:
        self.directory = directory
        vault = MemoryVault()
        self.a = OrganizationSpec(
            "org-a",
            "AMSP",
            Text("A", "A"),
            "a.example.internal",
            (PeerSpec("peer0"),),
            tuple(OrdererSpec(f"orderer{i}") for i in range(orderers)),
        )
        self.b = OrganizationSpec("org-b", "BMSP", Text("B", "B"), "b.example.internal", (PeerSpec("peer0"),))
        self.ca = {o.name: OrganizationCA(directory, "n", o, vault) for o in (self.a, self.b)}
        for organization, ca in self.ca.items():
            ca.create()
            ca.export_msp_folder(directory / "msp" / organization)
        self.orderers = [NodeRef("orderer", self.a, o) for o in self.a.orderers]
        for node in self.orderers:
            self.ca["org-a"].nodes.create(node)

    def consenters(self, *, identities: bool) -> tuple[Consenter, ...]:
        ca = self.ca["org-a"]
        return tuple(
            Consenter(
                node.name,
                7050 + i,
                "AMSP",
                ca.nodes.tls_certificate(node),
                ca.nodes.tls_certificate(node),
                ca.nodes.certificate(node) if identities else b"",
                i + 1 if identities else 0,
            )
            for i, node in enumerate(self.orderers)
        )

    def organizations(self) -> tuple[OrganizationProfile, ...]:
        endpoints = tuple(HostPort(n.name, 7050 + i) for i, n in enumerate(self.orderers))
        return (
            OrganizationProfile(
                "org-a",
                "AMSP",
                encode(self.ca["org-a"].msp_config()),
                ordering=True,
                orderer_endpoints=endpoints,
                anchor_peers=(HostPort("peer0.a.example.internal", 7051),),
            ),
            OrganizationProfile("org-b", "BMSP", encode(self.ca["org-b"].msp_config())),
        )

    def configtx_yaml(self, *, bft: bool, capabilities: dict[str, str]) -> dict[str, Any]:
        def organization(name: str, msp_id: str, *, ordering: bool) -> dict[str, Any]:
            entry: dict[str, Any] = {
                "Name": name,
                "ID": msp_id,
                "MSPDir": str(self.directory / "msp" / name),
                "Policies": {
                    k: {"Type": "Signature", "Rule": v} for k, v in default_organization_policies(msp_id).items()
                },
            }
            if ordering:
                entry["OrdererEndpoints"] = [f"{n.name}:{7050 + i}" for i, n in enumerate(self.orderers)]
                entry["AnchorPeers"] = [{"Host": "peer0.a.example.internal", "Port": 7051}]
            return entry

        def meta(**rules: str) -> dict[str, Any]:
            return {k: {"Type": "ImplicitMeta", "Rule": v} for k, v in rules.items()}

        def certificate(node: NodeRef, path: str) -> str:
            return str(self.ca["org-a"].nodes.directory(node) / path)

        consenters = [
            {
                "Host": n.name,
                "Port": 7050 + i,
                "ClientTLSCert": certificate(n, "tls/server.crt"),
                "ServerTLSCert": certificate(n, "tls/server.crt"),
            }
            for i, n in enumerate(self.orderers)
        ]
        orderer: dict[str, Any] = {
            "BatchTimeout": "200ms",
            "BatchSize": {"MaxMessageCount": 100, "AbsoluteMaxBytes": "10 MB", "PreferredMaxBytes": "2 MB"},
            "Organizations": [organization("org-a", "AMSP", ordering=True)],
            "Policies": meta(
                Readers="ANY Readers", Writers="ANY Writers", Admins="MAJORITY Admins", BlockValidation="ANY Writers"
            ),
            "Capabilities": {capabilities["orderer"]: True},
        }
        if bft:
            options = BftOptions()
            orderer["OrdererType"] = "BFT"
            orderer["ConsenterMapping"] = [
                {**c, "ID": i + 1, "MSPID": "AMSP", "Identity": certificate(n, "msp/signcerts/cert.pem")}
                for i, (c, n) in enumerate(zip(consenters, self.orderers, strict=True))
            ]
            orderer["SmartBFT"] = {
                "RequestBatchMaxInterval": options.request_batch_max_interval,
                "RequestForwardTimeout": options.request_forward_timeout,
                "RequestComplainTimeout": options.request_complain_timeout,
                "RequestAutoRemoveTimeout": options.request_auto_remove_timeout,
                "ViewChangeResendInterval": options.view_change_resend_interval,
                "ViewChangeTimeout": options.view_change_timeout,
                "LeaderHeartbeatTimeout": options.leader_heartbeat_timeout,
                "CollectTimeout": options.collect_timeout,
                "IncomingMessageBufferSize": options.incoming_message_buffer_size,
                "RequestPoolSize": options.request_pool_size,
                "LeaderHeartbeatCount": options.leader_heartbeat_count,
                "RequestBatchMaxCount": 100,
                "RequestBatchMaxBytes": 10 * 1024 * 1024,
            }
        else:
            raft = RaftOptions()
            orderer["OrdererType"] = "etcdraft"
            orderer["EtcdRaft"] = {
                "Consenters": consenters,
                "Options": {
                    "TickInterval": raft.tick_interval,
                    "ElectionTick": raft.election_tick,
                    "HeartbeatTick": raft.heartbeat_tick,
                    "MaxInflightBlocks": raft.max_inflight_blocks,
                    "SnapshotIntervalSize": "16 MB",
                },
            }
        channel = meta(Readers="ANY Readers", Writers="ANY Writers", Admins="MAJORITY Admins")
        return {
            "Profiles": {
                "Ours": {
                    "Policies": channel,
                    "Capabilities": {capabilities["channel"]: True},
                    "Orderer": orderer,
                    "Application": {
                        "Organizations": [
                            organization("org-a", "AMSP", ordering=True),
                            organization("org-b", "BMSP", ordering=False),
                        ],
                        "Policies": {
                            **channel,
                            **meta(Endorsement="MAJORITY Endorsement", LifecycleEndorsement="MAJORITY Endorsement"),
                        },
                        "Capabilities": {capabilities["application"]: True},
                        "ACLs": {"qscc/GetChainInfo": "/Channel/Application/Readers"},
                    },
                }
            }
        }


@pytest.mark.parametrize("kind", ["raft-3.0", "raft-2.5", "bft"])
def test_genesis_equals_configtxgen(tmp_path: Path, kind: str) -> None:
    program = tool("configtxgen")
    bft = kind == "bft"
    capabilities = dict(CAPABILITIES_V2_5 if kind == "raft-2.5" else CAPABILITIES_V3_0)
    material = Material(tmp_path, 4 if bft else 3)
    (tmp_path / "configtx.yaml").write_text(
        yaml.safe_dump(material.configtx_yaml(bft=bft, capabilities=capabilities)), "utf-8"
    )
    subprocess.run(
        [program, "-profile", "Ours", "-channelID", "ours", "-outputBlock", tmp_path / "theirs.block"],
        env={**os.environ, "FABRIC_CFG_PATH": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=60,
    )
    ours = genesis_block(
        ChannelProfile(
            "ours",
            material.organizations(),
            material.consenters(identities=bft),
            consensus="BFT" if bft else "etcdraft",
            capabilities=capabilities,
            acls={"qscc/GetChainInfo": "/Channel/Application/Readers"},
        )
    )
    theirs = common_pb2.Block.FromString((tmp_path / "theirs.block").read_bytes())
    assert config_of_block(ours)[0] == config_of_block(theirs)[0] == "ours"
    expected, actual = (meaning(config_of_block(b)[1].channel_group) for b in (theirs, ours))
    for key in ("values", "policies"):
        assert actual["groups"]["Orderer"][key] == expected["groups"]["Orderer"][key]
    assert actual == expected
    assert ours.header.number == theirs.header.number == 0
    assert list(ours.metadata.metadata) == list(theirs.metadata.metadata)


def test_update_equals_configtxlator(tmp_path: Path) -> None:
    """`compute_update` gives what `configtxlator compute_update` gives, for edits of every kind."""
    program = tool("configtxlator")
    material = Material(tmp_path, 3)
    organizations = material.organizations()
    profile = ChannelProfile("ours", organizations[:1], material.consenters(identities=False))
    original = config_of_block(genesis_block(profile))[1]
    one = copy_config(original)
    add_organization(one, organizations[1])
    set_batch(one, Batch(max_messages=7, timeout="1s"))
    set_policy(one, "/Channel/Application/Endorsement", "ANY Endorsement")
    two = copy_config(one)
    remove_organization(two, "org-b")
    set_policy(two, "/Channel/Application/org-a/Admins", "OR('AMSP.admin', 'AMSP.peer')")
    for before, after in ((original, one), (one, two)):
        (tmp_path / "before").write_bytes(encode(before))
        (tmp_path / "after").write_bytes(encode(after))
        subprocess.run(
            [
                program,
                "compute_update",
                "--channel_id=ours",
                f"--original={tmp_path / 'before'}",
                f"--updated={tmp_path / 'after'}",
                f"--output={tmp_path / 'update'}",
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        theirs = configtx_pb2.ConfigUpdate.FromString((tmp_path / "update").read_bytes())
        assert MessageToDict(compute_update("ours", before, after)) == MessageToDict(theirs)


def test_tools_decode_our_block(tmp_path: Path) -> None:
    program = tool("configtxlator")
    material = Material(tmp_path, 3)
    block = genesis_block(ChannelProfile("ours", material.organizations(), material.consenters(identities=False)))
    (tmp_path / "block").write_bytes(encode(block))
    done = subprocess.run(
        [program, "proto_decode", "--type=common.Block", f"--input={tmp_path / 'block'}"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    document = json.loads(done.stdout)
    groups = document["data"]["data"][0]["payload"]["data"]["config"]["channel_group"]["groups"]
    assert set(groups["Application"]["groups"]) == {"org-a", "org-b"}
    assert groups["Orderer"]["values"]["ConsensusType"]["value"]["type"] == "etcdraft"
