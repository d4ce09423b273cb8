"""Compose projects and Kubernetes manifests of a topology."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from network.addresses import AddressBook
from network.drivers.base import Silent
from network.errors import Conflict
from network.exports.compose import export_compose
from network.exports.kubernetes import export_kubernetes, kubernetes_spec, service_of
from network.exports.prepare import prepare
from network.topology import template
from network.vault import MemoryVault

CITY = template("city").with_(runtime="docker")


def test_a_compose_project(tmp_path: Path) -> None:
    handle = prepare(tmp_path / "net", CITY, MemoryVault(), Silent(), name_of=lambda n: n.name)
    again = prepare(tmp_path / "net", CITY, MemoryVault(), Silent(), name_of=lambda n: n.name)
    assert handle.addresses["orderer0.databureau.city.internal"] == again.addresses["orderer0.databureau.city.internal"]
    files = export_compose(tmp_path / "net", CITY, tmp_path / "out")
    document = yaml.safe_load(files[0].read_text())
    assert len(document["services"]) == 5
    peer = document["services"]["peer0-hospital-city-internal"]
    assert peer["image"] == "hyperledger/fabric-peer:3.1.5"
    assert peer["networks"]["fabric"]["aliases"] == ["peer0.hospital.city.internal"]
    port = handle.addresses["peer0.hospital.city.internal"].port
    assert f"${{CITYCHAIN_BIND:-127.0.0.1}}:{port}:{port}" in peer["ports"]
    builder = json.loads(peer["environment"]["CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"])
    assert builder["contract_host"] == "host.docker.internal"
    core = json.loads((tmp_path / "out/nodes/peer0.hospital.city.internal/core.yaml").read_text())
    assert core["peer"]["address"] == f"peer0.hospital.city.internal:{port}"
    assert core["vm"]["endpoint"] == ""  # a peer never builds chaincode through Docker
    keys = [f for f in files if f.name.endswith(("key.pem", ".key"))]
    assert len(keys) == 10
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in keys)
    assert not any("admin" in str(f) for f in files)
    with pytest.raises(Conflict, match="not empty"):
        export_compose(tmp_path / "net", CITY, tmp_path / "out")


def test_kubernetes_manifests(tmp_path: Path) -> None:
    spec = kubernetes_spec(CITY)
    handle = prepare(tmp_path / "net", spec, MemoryVault(), Silent(), name_of=service_of)
    files = export_kubernetes(tmp_path / "net", spec, tmp_path / "out")
    assert [f.name for f in files][:2] == ["00-namespace.yaml", "10-orderer0-data-bureau.yaml"]
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in files)
    for node, file in zip(spec.nodes(), files[1:], strict=True):
        secret, service, stateful = yaml.safe_load_all(file.read_text())
        name = service["metadata"]["name"]
        assert len(name) <= 63
        assert "." not in name
        assert service["spec"]["selector"] == stateful["spec"]["template"]["metadata"]["labels"]
        pod = stateful["spec"]["template"]["spec"]
        container = pod["containers"][0]
        items = {i["path"]: i["key"] for i in pod["volumes"][0]["secret"]["items"]}
        certificate = x509.load_pem_x509_certificate(base64.b64decode(secret["data"][items["tls/server.crt"]]))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert name in names.get_values_for_type(x509.DNSName)
        assert container["readinessProbe"]["httpGet"]["port"] in [p["containerPort"] for p in container["ports"]]
        settings = "orderer.yaml" if node.kind == "orderer" else "core.yaml"
        assert settings in items
        assert {m["mountPath"] for m in container["volumeMounts"]} == {"/etc/citychain", "/var/hyperledger/production"}
    genesis = (tmp_path / "net/channels/citychannel.block").read_bytes()
    assert b"orderer0-data-bureau" in genesis
    assert b"127.0.0.1" not in genesis
    assert handle.addresses["orderer0.databureau.city.internal"].dialled_host == "orderer0-data-bureau"


def test_only_networks_of_named_nodes_are_exported(tmp_path: Path) -> None:
    prepare(tmp_path / "net", CITY, MemoryVault(), Silent(), name_of=lambda n: "127.0.0.1")
    with pytest.raises(Conflict):
        export_compose(tmp_path / "net", CITY, tmp_path / "out")
    with pytest.raises(Conflict):
        export_kubernetes(tmp_path / "net", CITY, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(Conflict, match="another network"):
        prepare(tmp_path / "net", template("single"), MemoryVault(), Silent(), name_of=lambda n: n.name)
    assert len(AddressBook.load(tmp_path / "net").names()) == 5
