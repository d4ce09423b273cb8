"""A topology as Kubernetes manifests: for each node a Secret with its files, a Service and a StatefulSet.

Nodes know each other by the names of their Services, which therefore stand in their certificates and in the channel
configuration: `kubernetes_spec` puts them into the topology before `prepare` makes the material.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from network.addresses import AddressBook
from network.docker.containers import DATA, SETTINGS, Container, node_container, uses_couchdb
from network.errors import Conflict
from network.text import Text
from network.topology import NodeRef, OrganizationSpec, TopologySpec
from network.vault import write_private

CONTRACT_HOST = "contracts"
"""The Service under which peers look for contract servers; whoever runs contracts in the cluster provides it."""


def kubernetes_spec(spec: TopologySpec) -> TopologySpec:
    """Return the topology with every node at its Service's name."""

    def placed(organization: OrganizationSpec) -> OrganizationSpec:
        return replace(
            organization,
            peers=tuple(replace(p, host=_service_name(p.name, organization)) for p in organization.peers),
            orderers=tuple(replace(o, host=_service_name(o.name, organization)) for o in organization.orderers),
        )

    return spec.with_(organizations=tuple(placed(o) for o in spec.organizations))


def service_of(node: NodeRef) -> str:
    """Return the name of a node's Service."""
    return _service_name(node.node.name, node.organization)


def export_kubernetes(
    directory: Path, spec: TopologySpec, target: Path, *, namespace: str = "", storage: str = "10Gi", registry: str = ""
) -> list[Path]:
    """Write one manifest file for each node and one for the namespace into `target`; returns them in order.

    `directory` must have been made by `prepare` from `kubernetes_spec(...)` with `service_of` as names. The files
    hold private keys (Secrets) and are readable by their owner only.
    """
    if target.exists() and any(target.iterdir()):
        raise Conflict(Text("文件夹 {d} 不为空。", "Folder {d} is not empty.", d=str(target)))
    namespace = namespace or f"citychain-{spec.name}"
    book = AddressBook.load(directory)
    files: list[tuple[str, list[dict[str, Any]]]] = [
        ("00-namespace.yaml", [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}])
    ]
    for node in spec.nodes():
        if book[node.name].dialled_host != service_of(node) or uses_couchdb(node):
            raise Conflict(
                Text(
                    "节点 {n} 未按 Kubernetes 准备，或使用 CouchDB。",
                    "Node {n} has not been prepared for Kubernetes, or uses CouchDB.",
                    n=node.name,
                ),
                Text("请为 Kubernetes 新建导出，并使用 LevelDB。", "Export anew for Kubernetes, with LevelDB."),
            )
        container = node_container(directory, spec, node, book, contract_host=CONTRACT_HOST, registry=registry)
        order = "10" if node.kind == "orderer" else "20"
        files.append((f"{order}-{service_of(node)}.yaml", _manifests(node, container, namespace, storage)))
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, documents in files:
        text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=120)
        write_private(target / name, text.encode())
        written.append(target / name)
    return written


def _manifests(node: NodeRef, container: Container, namespace: str, storage: str) -> list[dict[str, Any]]:
    name = service_of(node)
    labels = {
        "app.kubernetes.io/name": f"fabric-{node.kind}",
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "citychain",
    }
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    keys = {path: _secret_key(path) for path in sorted(container.files)}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**metadata, "name": f"{name}-files"},
        "type": "Opaque",
        "data": {keys[path]: base64.b64encode(data).decode() for path, data in sorted(container.files.items())},
    }
    ports = [{"name": f"port-{p}", "port": p, "targetPort": p} for p in container.ports]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        # Nodes must find each other before they are ready: an orderer is only whole once its fellows answer.
        "spec": {"selector": labels, "ports": ports, "publishNotReadyAddresses": True},
    }
    health = {"httpGet": {"path": "/healthz", "port": container.health_port}, "periodSeconds": 10}
    pod = {
        "containers": [
            {
                "name": node.kind,
                "image": container.image,
                "command": list(container.command),
                "env": [{"name": k, "value": v} for k, v in container.environment.items()],
                "ports": [{"containerPort": p} for p in container.ports],
                "readinessProbe": health,
                "livenessProbe": {**health, "initialDelaySeconds": 60, "failureThreshold": 6},
                "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
                "securityContext": {"allowPrivilegeEscalation": False},
                "volumeMounts": [
                    {"name": "files", "mountPath": SETTINGS, "readOnly": True},
                    {"name": "ledger", "mountPath": DATA},
                ],
            }
        ],
        "volumes": [
            {
                "name": "files",
                "secret": {
                    "secretName": f"{name}-files",
                    "defaultMode": 0o440,
                    "items": [
                        {"key": key, "path": str(Path(path).relative_to(SETTINGS))} for path, key in keys.items()
                    ],
                },
            }
        ],
        "terminationGracePeriodSeconds": 30,
        "enableServiceLinks": False,
    }
    fingerprint = {"citychain.io/digest": hashlib.sha256(container.digest.encode()).hexdigest()[:16]}
    claim = {
        "metadata": {"name": "ledger"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}},
    }
    stateful = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata,
        "spec": {
            "serviceName": name,
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels, "annotations": fingerprint}, "spec": pod},
            "volumeClaimTemplates": [claim],
        },
    }
    return [secret, service, stateful]


def _service_name(node: str, organization: OrganizationSpec) -> str:
    name = f"{node}-{organization.name}"
    return name if len(name) <= 50 else f"{name[:41]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _secret_key(path: str) -> str:
    return str(Path(path).relative_to(SETTINGS)).replace("/", "--")
