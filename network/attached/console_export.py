"""Node files as Fabric's operations console exports them, read as the connection profile that they amount to.

One file holds one node or a list of nodes (`type`: `fabric-peer`, `fabric-orderer`, `fabric-ca`), each with its address
(`api_url`), its organisation (`msp_id`) and the certificates of its TLS authority, PEM in base64. Only peers lead in.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

PEER = "fabric-peer"
MAX_NODES = 200


def from_console(document: object) -> object:
    """The connection profile in an exported node file; any other document as it is."""
    nodes = document if isinstance(document, list) else [document]
    peers = [one for one in nodes[:MAX_NODES] if isinstance(one, Mapping) and one.get("type") == PEER]
    if not peers:
        return document
    organizations: dict[str, dict[str, Any]] = {}
    described: dict[str, Any] = {}
    for node in peers:
        name = str(node.get("display_name") or node.get("name") or node.get("id") or f"peer{len(described)}")
        msp_id = str(node.get("msp_id") or "")
        organizations.setdefault(msp_id, {"mspid": msp_id, "peers": []})["peers"].append(name)
        described[name] = {"url": node.get("api_url"), "tlsCACerts": {"pem": list(_roots(node))}}
    first = next(iter(organizations))
    return {"name": first, "client": {"organization": first}, "organizations": organizations, "peers": described}


def _roots(node: Mapping[str, Any]) -> Iterator[str]:
    """The TLS authority's certificates, wherever the console's version keeps them."""
    msp = node.get("msp")
    tlsca = msp.get("tlsca") if isinstance(msp, Mapping) else None
    places = (node.get("tls_ca_root_certs"), tlsca.get("root_certs") if isinstance(tlsca, Mapping) else None)
    found = next((one for one in places if isinstance(one, list) and one), [node.get("tls_ca_root_cert")])
    for text in found[:20]:
        if isinstance(text, str) and text:
            yield text if "-----BEGIN" in text else _decoded(text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
