"""Carry content from one engine to another with the same CIDs, resumable and without losing a pin."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from baas.content.store import Cid, ContentStore
from network.errors import NotFound

_IN_MEMORY = 8 << 20


@dataclass(frozen=True)
class MoveReport:
    """What was carried over, what was there already, and how many archive bytes went across."""

    moved: tuple[Cid, ...]
    present: tuple[Cid, ...]
    bytes: int


def move(
    source: ContentStore,
    target: ContentStore,
    cids: Iterable[Cid] | None = None,
    *,
    keep: bool = False,
    step: Callable[[int, int, Cid], None] = lambda _done, _total, _cid: None,
) -> MoveReport:
    """Carry `cids` (all pinned roots if None) from `source` to `target`.

    Each root is taken off the source's pins only after the target has it, complete, checked and pinned; `keep` leaves
    the source as it is. Whoever is stopped half-way calls it again. `step(done, total, cid)` may raise to cancel.
    """
    names = {pin.cid: pin.name for pin in source.pins()}
    wanted = list(names) if cids is None else list(cids)
    moved: list[Cid] = []
    present: list[Cid] = []
    total = 0
    for number, cid in enumerate(wanted):
        step(number, len(wanted), cid)
        try:
            here = target.stat(cid).pinned
        except NotFound:
            here = False
        if here:
            present.append(cid)
        else:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as archive:
                total += source.export_car(cid, archive)  # type: ignore[arg-type]
                archive.seek(0)
                target.import_car(archive)  # type: ignore[arg-type]
            if names.get(cid):
                target.pin(cid, names[cid])
            moved.append(cid)
        if not keep and cid in names:
            source.unpin(cid)
    return MoveReport(tuple(moved), tuple(present), total)
