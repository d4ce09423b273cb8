"""Papers that stay secret, from the service's side: handed in before the act that names them, read with a trace."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fabric_sdk.kinds import Act, Record, Sealed

if TYPE_CHECKING:
    from apps.kit.service import Service
    from network.topology import TopologySpec

COLLECTION = "papers"
"""The private collection, as `chaincode.kit.papers` names it (which a manifest does not import)."""


def collections(keeper: str) -> list[dict[str, Any]]:
    """The collection of sealed papers: kept and endorsed by one organisation's peers alone.

    Both flags are false, for people of other organisations hand papers in and read theirs; what a stranger streams from
    a peer is ciphertext.
    """
    policy = f"OR('{keeper}.peer')"
    return [
        {
            "name": COLLECTION,
            "policy": policy,
            "requiredPeerCount": 0,
            "maxPeerCount": 3,
            "blockToLive": 0,
            "memberOnlyRead": False,
            "memberOnlyWrite": False,
            "endorsementPolicy": {"signaturePolicy": policy},
        }
    ]


def keeper_of(spec: TopologySpec, contract_collections: list[dict[str, Any]]) -> str:
    """The organisation whose peers keep the papers, "" if the contract has none."""
    for one in contract_collections:
        if one["name"] == COLLECTION:
            return next(o.msp_id for o in spec.organizations if f"'{o.msp_id}.peer'" in one["policy"])
    return ""


def handed_in(service: Service, signer: str, act: Act, given: Mapping[str, Any]) -> dict[str, Any]:
    """What people filled in, with each paper in clear handed in and its reference in its place."""
    found = dict(given)
    for one in act.asks:
        paper = found.get(one.name)
        if not isinstance(one, Sealed) or not isinstance(paper, Mapping) or "commitment" in paper:
            continue
        body: Record = {name: value for name, value in paper.items() if value is not None}
        body["salt"] = secrets.token_hex(16)
        shown = {name: found[name] for name in one.shown if found.get(name) is not None}
        transient = {"paper": json.dumps(body, ensure_ascii=False).encode()}
        done = service.ledger.submit(
            signer, "PutPaper", act.kind.id, one.name, shown, transient=transient, only=service.keeper
        )
        found[one.name] = done.value
    return found


def read(service: Service, record: Record, field: Sealed) -> Record:
    """A paper in clear: the trace is submitted, the answer evaluated at the keeper's peers."""
    service.platform.session.require(service.manifest.read)
    signer = reader_of(service, record, field)
    service.ledger.submit(signer, "LookAtPaper", record["id"], field.name)
    found: Record = service.ledger.evaluate(signer, "ReadPaper", record["id"], field.name, only=service.keeper)
    return found


def reader_of(service: Service, record: Record, field: Sealed) -> str:
    """Whose key signs the trace of a look at a paper: the first of the people here who may read it."""
    readers = [one for one in service.signers if field.readers.fits(record, service.who(one))]
    return (readers or list(service.signers))[0]


def readable(service: Service, record: Record) -> list[Sealed]:
    """The papers of a record that somebody here may look at."""
    fields = service.catalogue.of(record).kind.fields.values()
    sealed = [one for one in fields if isinstance(one, Sealed) and record.get(one.name)]
    return [one for one in sealed if any(one.readers.fits(record, service.who(who)) for who in service.signers)]
