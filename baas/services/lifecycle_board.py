"""The lifecycle board: organisations x install, approve, commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from baas.errors import CityChainError
from baas.services.definitions import differences, from_fabric
from baas.services.lifecycle_model import BoardRow, Definition, LifecycleBoard
from baas.services.lifecycle_steps import at_peer

if TYPE_CHECKING:
    from network.handle import NetworkHandle


def make_board(
    network: str,
    channel: str,
    contract: str,
    committed: Definition | None,
    rows: Sequence[BoardRow],
    proposed: Definition | None = None,
) -> LifecycleBoard:
    """Judge every organisation's approval against the definition that is being agreed on, or the one in force.

    `proposed` is what somebody asks to be approved: where it comes after the one in force, it is the one.
    """
    in_force = committed.sequence if committed else 0
    newer = [row.approval for row in rows if row.approval and row.approval.sequence > in_force]
    # Of the newest sequence, the definition that most organisations agree on stands for it.
    pending = max(newer, key=lambda d: (d.sequence, sum(1 for o in newer if not differences(o, d))), default=None)
    if proposed is not None and proposed.sequence > in_force:
        pending = proposed
    shown = pending or committed
    judged = tuple(_judged(row, shown) for row in rows)
    approvals = sum(1 for row in judged if row.approved)
    needed = len(judged) // 2 + 1
    return LifecycleBoard(
        network,
        channel,
        contract,
        committed,
        pending,
        judged,
        approvals,
        needed,
        can_commit=pending is not None and approvals >= needed,
    )


def board_row(handle: NetworkHandle, channel: str, msp_id: str, name: str) -> BoardRow:
    """What one organisation's peers say; a peer that does not answer is None in `installed`."""
    from fabric_sdk.admin import Lifecycle

    installed: dict[str, bool | None] = {}
    approval: Definition | None = None
    package_id = ""
    for node in handle.peers(msp_id):
        try:
            with at_peer(node), handle.talk(node, handle.admin(msp_id), timeout_s=5.0) as peer:
                lifecycle = Lifecycle(peer)
                if approval is None:
                    approved = lifecycle.query_approved(channel, name)
                    if approved is not None:
                        approval, package_id = from_fabric(approved.definition), approved.package_id
                found = lifecycle.installed()
                installed[node.name] = any(
                    p.package_id == package_id if package_id else p.label.startswith(f"{name}_") for p in found
                )
        except CityChainError:
            installed[node.name] = None
    title = handle.spec.organization(msp_id).title
    return BoardRow(msp_id, title, installed, None, approval, (), package_id)


def foreign_row(handle: NetworkHandle, msp_id: str) -> BoardRow:
    """An organisation whose administrator is not in this workspace: what it has installed is its own affair."""
    return BoardRow(msp_id, handle.spec.organization(msp_id).title, {}, None, None, held=False)


def with_told(rows: Sequence[BoardRow], told: Mapping[str, Definition]) -> list[BoardRow]:
    """Fill in what organisations elsewhere approved last, as their approvals stand on the ledger."""
    return [row if row.held else replace(row, approval=told.get(row.msp_id)) for row in rows]


def with_foreign_approvals(board: LifecycleBoard, approvals: Mapping[str, bool]) -> LifecycleBoard:
    """Fill in who else has approved the pending definition, as the ledger tells it."""
    rows = tuple(row if row.held else replace(row, approved=approvals.get(row.msp_id)) for row in board.rows)
    count = sum(1 for row in rows if row.approved)
    return replace(board, rows=rows, approvals=count, can_commit=board.pending is not None and count >= board.needed)


def _judged(row: BoardRow, shown: Definition | None) -> BoardRow:
    approval = row.approval
    if shown is None or (not row.held and approval is None):
        return row
    if approval is None or approval.sequence != shown.sequence:
        return replace(row, approved=False, differences=())
    found = differences(approval, shown)
    return replace(row, approved=not found, differences=found)
