"""Approvals that travel: a definition with its package as a file, for an organisation whose administrator is elsewhere.

Fabric keeps each organisation's approval to itself: others learn whether it approved exactly a given definition, never
what it approved. So whoever is asked gets the definition itself, looks at it and approves on the ledger.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import Conflict, Text, UserError, translating
from baas.services.definitions import canonical
from baas.services.lifecycle_model import Definition

if TYPE_CHECKING:
    from network.handle import NetworkHandle

FORMAT = "citychain-approval/1"
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ApprovalRequest:
    """A definition that somebody asks to be approved; `package` is the contract's package, b"" when it is not sent."""

    channel: str
    definition: Definition
    package_id: str
    package: bytes


def write_request(request: ApprovalRequest, target: Path) -> None:
    """Write a request, whole or not at all; nothing secret is in it."""
    from network.vault import write_public

    document = {
        "format": FORMAT,
        "channel": request.channel,
        "definition": asdict(request.definition),
        "package_id": request.package_id,
        "package": base64.b64encode(request.package).decode(),
    }
    with translating():
        write_public(target, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())


def read_request(source: Path) -> ApprovalRequest:
    """Read a request; `UserError` when it is something else, damaged, or its package is not the one it names."""
    with translating():
        data = source.read_bytes() if source.stat().st_size <= MAX_BYTES else b""
    try:
        document: dict[str, Any] = json.loads(data)
        if document["format"] != FORMAT:
            raise ValueError("another format")
        entry = document["definition"]
        definition = Definition(
            name=str(entry["name"]),
            version=str(entry["version"]),
            sequence=int(entry["sequence"]),
            endorsement_policy=str(entry["endorsement_policy"]),
            collections=tuple(dict(c) for c in entry["collections"]),
            init_required=bool(entry["init_required"]),
        )
        request = ApprovalRequest(
            str(document["channel"]),
            canonical(definition),
            str(document["package_id"]),
            base64.b64decode(document["package"], validate=True),
        )
        if request.package:
            from fabric_sdk.chaincode.package import package_id

            if package_id(request.package) != request.package_id:
                raise ValueError("the package is another one")
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            Text("{f} 不是批准请求文件，或已损坏。", "{f} is not an approval request, or is damaged.", f=source.name),
            Text("请让对方重新导出。", "Have it exported again."),
            code="bad_request",
        ) from error
    return request


def check_sequence(request: ApprovalRequest, committed: Definition | None) -> None:
    """`Conflict` when the channel has gone on since a request was written.

    The definition in force may still be approved: an organisation that was late needs that to endorse.
    """
    due = (committed.sequence if committed else 0) + 1
    if request.definition not in (committed, replace(request.definition, sequence=due)):
        raise Conflict(
            Text(
                "请求是序号 {s} 的，{c} 的下一个序号是 {d}。",
                "The request is for sequence {s}; the next one of {c} is {d}.",
                s=request.definition.sequence,
                c=request.definition.name,
                d=due,
            ),
            Text("请让提出方重新导出。", "Have it exported anew by whoever proposes it."),
            code="older_request",
        )


def check_package(request: ApprovalRequest, package_id: str) -> None:
    """`Conflict` when a request holds another package than the one that somebody was told of."""
    if package_id and request.package_id != package_id:
        raise Conflict(
            Text(
                "请求中的合约包是 {p}，不是 {w}。",
                "The request's package is {p}, not {w}.",
                p=request.package_id[:120] or "-",
                w=package_id[:120],
            ),
            Text("请与提出方核对合约包标识。", "Compare the package id with whoever proposes it."),
            code="another_package",
        )


def package_bytes(handle: NetworkHandle, channel: str, package_id: str, held: tuple[str, ...]) -> bytes:
    """The package as a peer of one of the `held` organisations has it; b"" when none does."""
    from fabric_sdk.admin import Lifecycle
    from fabric_sdk.errors import FabricError

    for node in handle.channel_peers(channel):
        if node.organization.msp_id not in held:
            continue
        try:
            with handle.peer_connection(node) as peer:
                return Lifecycle(peer).package(package_id)
        except FabricError:
            continue
    return b""
