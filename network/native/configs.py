"""The configuration files of `peer` and `orderer`, written as JSON (which their YAML reader takes).

Gossip's intervals are shortened so that organisations know each other within a second or two of starting; with
Fabric's defaults a new network's Gateway answers only after 10 to 25 seconds. Private data that nobody could give at
once is asked for again after half a minute, not after an hour: a peer that comes back from a backup asks before it
knows the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.addresses import NodeAddress
from network.topology import NodeRef
from network.vault import write_public

LOOPBACK = "127.0.0.1"
HANDSHAKE_SHIFT = "ORDERER_GENERAL_TLS_TLSHANDSHAKETIMESHIFT"
"""By this an orderer's handshakes look back (`network.handshakes`), the cluster's as well."""
LOGGING = {
    "FABRIC_LOGGING_SPEC": "info",
    "FABRIC_LOGGING_FORMAT": "%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{message}",
}


@dataclass(frozen=True)
class NodeFolders:
    """Where a node's parts lie: settings, ledger, log, and the certificates made by `network.material`."""

    config: Path
    data: Path
    log: Path
    msp: Path
    tls: Path

    @classmethod
    def of(cls, directory: Path, node: NodeRef) -> NodeFolders:
        """Return the folders of a node in a network's folder."""
        base = directory / "nodes" / node.name
        material = directory / "organizations" / node.organization.name / "nodes" / node.name
        return cls(base / "config", base / "data", base / "log" / "node.log", material / "msp", material / "tls")


def write_peer_config(
    folders: NodeFolders,
    node: NodeRef,
    address: NodeAddress,
    bootstrap: Sequence[str],
    builder: Path,
    *,
    fabric_version: str,
    listen_host: str = LOOPBACK,
    orderer_roots: Mapping[str, Path] | None = None,
) -> dict[str, str]:
    """Write `core.yaml` and return the environment the peer needs; `bootstrap` are peers of the same organisation.

    `orderer_roots` are files of TLS roots to trust for orderers' addresses instead of those that the channel names.
    """
    document = peer_config(
        node,
        address,
        bootstrap,
        msp=str(folders.msp),
        tls=str(folders.tls),
        data=str(folders.data),
        builder=str(builder),
        fabric_version=fabric_version,
        listen_host=listen_host,
        operations_host=LOOPBACK,
    )
    document["peer"]["deliveryclient"]["addressOverrides"] = [
        {"from": address_of, "to": address_of, "caCertsFile": str(path)}
        for address_of, path in (orderer_roots or {}).items()
    ]
    write_public(folders.config / "core.yaml", json.dumps(document, indent=1).encode())
    return {"FABRIC_CFG_PATH": str(folders.config), **LOGGING}


def peer_config(
    node: NodeRef,
    address: NodeAddress,
    bootstrap: Sequence[str],
    *,
    msp: str,
    tls: str,
    data: str,
    builder: str,
    fabric_version: str,
    listen_host: str = LOOPBACK,
    operations_host: str = "",
) -> dict[str, Any]:
    """Return a peer's `core.yaml` as data; the paths are as the peer sees them."""
    return {
        "peer": {
            "id": node.name,
            "networkId": "citychain",
            "listenAddress": f"{listen_host}:{address.port}",
            "address": address.dialled,
            "chaincodeListenAddress": f"{address.control_host or listen_host}:{address.chaincode_port}",
            "chaincodeAddress": f"{address.dialled_host}:{address.chaincode_port}",
            "localMspId": node.organization.msp_id,
            "localMspType": "bccsp",
            "mspConfigPath": msp,
            "fileSystemPath": data,
            "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
            "tls": {
                "enabled": True,
                "clientAuthRequired": False,
                "cert": {"file": f"{tls}/server.crt"},
                "key": {"file": f"{tls}/server.key"},
                "rootcert": {"file": f"{tls}/ca.crt"},
            },
            "keepalive": {
                "interval": "7200s",
                "timeout": "20s",
                "minInterval": "10s",
                "client": {"interval": "60s", "timeout": "20s"},
                "deliveryClient": {"interval": "60s", "timeout": "20s"},
            },
            "authentication": {"timewindow": "15m"},
            "client": {"connTimeout": "3s"},
            "gateway": {"enabled": True, "endorsementTimeout": "30s", "broadcastTimeout": "30s", "dialTimeout": "10s"},
            "gossip": _gossip(address, bootstrap),
            "deliveryclient": {
                "blockGossipEnabled": True,
                "reconnectTotalTimeThreshold": "3600s",
                "connTimeout": "3s",
                "reConnectBackoffThreshold": "5s",
                "blockCensorshipTimeoutKey": "30s",
                "minimalReconnectInterval": "100ms",
                "policy": "cluster",
            },
            "discovery": {
                "enabled": True,
                "authCacheEnabled": True,
                "authCacheMaxSize": 1000,
                "authCachePurgeRetentionRatio": 0.75,
                "orgMembersAllowedAccess": True,
            },
            "handlers": {
                "authFilters": [{"name": name} for name in auth_filters(fabric_version)],
                "decorators": [{"name": "DefaultDecorator"}],
                "endorsers": {"escc": {"name": "DefaultEndorsement"}},
                "validators": {"vscc": {"name": "DefaultValidation"}},
            },
            "limits": {"concurrency": {"endorserService": 2500, "deliverService": 2500, "gatewayService": 2500}},
            "maxRecvMsgSize": 104857600,
            "maxSendMsgSize": 104857600,
        },
        "vm": {"endpoint": ""},
        "chaincode": {
            "externalBuilders": [
                {
                    "name": "ccaas_builder",
                    "path": builder,
                    "propagateEnvironment": ["CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"],
                }
            ],
            "installTimeout": "300s",
            "startuptimeout": "60s",
            "executetimeout": "30s",
            "mode": "net",
            "keepalive": 0,
            "system": {"_lifecycle": "enable", "cscc": "enable", "lscc": "enable", "qscc": "enable"},
            "logging": {"level": "info", "shim": "warning"},
            "runtimeParams": {
                "useWriteBatch": True,
                "maxSizeWriteBatch": 1000,
                "useGetMultipleKeys": True,
                "maxSizeGetMultipleKeys": 1000,
            },
        },
        "ledger": {
            "state": {"stateDatabase": "goleveldb", "totalQueryLimit": 100000},
            "history": {"enableHistoryDatabase": True},
            "pvtdataStore": {
                "collElgProcMaxDbBatchSize": 5000,
                "collElgProcDbBatchesInterval": 1000,
                "deprioritizedDataReconcilerInterval": "30s",
                "purgeInterval": 100,
                "purgedKeyAuditLogging": True,
            },
            "snapshots": {"rootDir": f"{data}/snapshots"},
        },
        "operations": {
            "listenAddress": f"{operations_host or listen_host}:{address.operations_port}",
            "tls": {"enabled": False},
        },
        "metrics": {"provider": "prometheus"},
    }


def auth_filters(fabric_version: str) -> tuple[str, ...]:
    """Return the checks on proposals; the time window came with Fabric 3."""
    known = ("DefaultAuth", "ExpirationCheck")
    return known if fabric_version.startswith("2.") else (*known, "TimeWindowCheck")


def _gossip(address: NodeAddress, bootstrap: Sequence[str]) -> dict[str, Any]:
    return {
        "bootstrap": list(bootstrap) or [address.dialled],
        "endpoint": address.dialled,
        "externalEndpoint": address.dialled,
        "useLeaderElection": False,
        "orgLeader": True,
        "membershipTrackerInterval": "1s",
        "maxBlockCountToStore": 10,
        "maxPropagationBurstLatency": "10ms",
        "maxPropagationBurstSize": 10,
        "propagateIterations": 1,
        "propagatePeerNum": 3,
        "pullInterval": "500ms",
        "pullPeerNum": 3,
        "requestStateInfoInterval": "500ms",
        "publishStateInfoInterval": "500ms",
        "publishCertPeriod": "1s",
        "dialTimeout": "3s",
        "connTimeout": "2s",
        "recvBuffSize": 20,
        "sendBuffSize": 200,
        "digestWaitTime": "200ms",
        "requestWaitTime": "300ms",
        "responseWaitTime": "400ms",
        "aliveTimeInterval": "500ms",
        "aliveExpirationTimeout": "10s",
        "reconnectInterval": "500ms",
        "maxConnectionAttempts": 120,
        "msgExpirationFactor": 20,
        "state": {
            "enabled": True,
            "checkInterval": "2s",
            "responseTimeout": "3s",
            "batchSize": 10,
            "blockBufferSize": 20,
            "maxRetries": 3,
        },
        "pvtData": {
            "pullRetryThreshold": "10s",
            "transientstoreMaxBlockRetention": 20000,
            "pushAckTimeout": "3s",
            "btlPullMargin": 10,
            "reconcileBatchSize": 10,
            "reconcileSleepInterval": "5s",
            "reconciliationEnabled": True,
            "implicitCollectionDisseminationPolicy": {"requiredPeerCount": 0, "maxPeerCount": 1},
        },
    }


def write_orderer_config(
    folders: NodeFolders,
    node: NodeRef,
    address: NodeAddress,
    *,
    listen_host: str = LOOPBACK,
    cluster_roots: Sequence[Path] = (),
) -> dict[str, str]:
    """Write `orderer.yaml` and return the environment the orderer needs.

    `cluster_roots` are files of TLS roots that other orderers' certificates may have beside those the channel names.
    """
    document = orderer_config(
        node,
        address,
        msp=str(folders.msp),
        tls=str(folders.tls),
        data=str(folders.data),
        listen_host=listen_host,
        operations_host=LOOPBACK,
    )
    document["General"]["Cluster"]["RootCAs"] += [str(path) for path in cluster_roots]
    document["General"]["TLS"]["TLSHandshakeTimeShift"] = "0s"  # named, so that the environment can say otherwise
    write_public(folders.config / "orderer.yaml", json.dumps(document, indent=1).encode())
    return {"FABRIC_CFG_PATH": str(folders.config), **LOGGING}


def orderer_config(
    node: NodeRef,
    address: NodeAddress,
    *,
    msp: str,
    tls: str,
    data: str,
    listen_host: str = LOOPBACK,
    operations_host: str = "",
) -> dict[str, Any]:
    """Return an orderer's `orderer.yaml` as data; the paths are as the orderer sees them."""
    certificate, key, root = f"{tls}/server.crt", f"{tls}/server.key", f"{tls}/ca.crt"
    return {
        "General": {
            "ListenAddress": listen_host,
            "ListenPort": address.port,
            "TLS": {
                "Enabled": True,
                "PrivateKey": key,
                "Certificate": certificate,
                "RootCAs": [root],
                "ClientAuthRequired": False,
            },
            "Keepalive": {"ServerMinInterval": "10s", "ServerInterval": "7200s", "ServerTimeout": "20s"},
            "MaxRecvMsgSize": 104857600,
            "MaxSendMsgSize": 104857600,
            "Cluster": {
                "SendBufferSize": 100,
                "ClientCertificate": certificate,
                "ClientPrivateKey": key,
                "RootCAs": [root],
                "ReplicationRetryTimeout": "1s",
            },
            "BootstrapMethod": "none",
            "LocalMSPDir": msp,
            "LocalMSPID": node.organization.msp_id,
            "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
            "Authentication": {"TimeWindow": "15m"},
        },
        "FileLedger": {"Location": data},
        "Consensus": {"WALDir": f"{data}/etcdraft/wal", "SnapDir": f"{data}/etcdraft/snapshot"},
        "Operations": {
            "ListenAddress": f"{operations_host or listen_host}:{address.operations_port}",
            "TLS": {"Enabled": False},
        },
        "Metrics": {"Provider": "prometheus"},
        "Admin": {
            "ListenAddress": f"{address.control_host or listen_host}:{address.admin_port}",
            "TLS": {
                "Enabled": True,
                "Certificate": certificate,
                "PrivateKey": key,
                "ClientAuthRequired": True,
                "ClientRootCAs": [root],
            },
        },
        "ChannelParticipation": {"Enabled": True, "MaxRequestBodySize": "1 MB"},
    }
