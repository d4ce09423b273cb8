"""Which parts `citychain serve` runs now, for every program that has the workspace open."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from baas.errors import Text
from fabric_sdk.clock import seconds
from network.processes import birth_of, born_as

if TYPE_CHECKING:
    from baas.serving.parts import Part
    from baas.workspace import Workspace

SETTING = "serving."


@dataclass(frozen=True)
class Presence:
    """A part that runs: where it is reached ("" for what listens nowhere itself), and since when (seconds, epoch).

    `began` is what tells another process with the same number apart (`network.processes.birth_of`).
    """

    name: str
    title_zh: str
    title_en: str
    network: str
    address: str
    since: float
    pid: int
    began: str | float | None

    @property
    def title(self) -> Text:
        return Text("{z}", "{e}", z=self.title_zh, e=self.title_en)

    @property
    def alive(self) -> bool:
        """Whether that very process still runs; one that was killed says nothing itself."""
        return born_as(self.pid, self.began)


@contextmanager
def present(workspace: Workspace, part: Part, network: str, address: str) -> Iterator[None]:
    """Note a part as running inside the block."""
    pid = os.getpid()
    found = Presence(part.name, part.title.zh, part.title.en, network, address, seconds(), pid, birth_of(pid))
    key = f"{SETTING}{part.name}.{pid}"
    workspace.set_setting(key, json.dumps(asdict(found), ensure_ascii=False))
    try:
        yield
    finally:
        with suppress(Exception):
            _forget(workspace, key)


def running(workspace: Workspace) -> tuple[Presence, ...]:
    """Every part that runs now, by name; what a killed program left behind is dropped."""
    rows = workspace.db.execute("SELECT name, value FROM setting WHERE name LIKE ? ORDER BY name", [SETTING + "%"])
    found = []
    for key, value in rows.fetchall():
        try:
            entry = Presence(**json.loads(value))
        except (ValueError, TypeError):
            continue
        if entry.alive:
            found.append(entry)
        else:
            _forget(workspace, str(key))
    return tuple(found)


def _forget(workspace: Workspace, key: str) -> None:
    with suppress(Exception), workspace.db.conn:
        workspace.db.execute("DELETE FROM setting WHERE name = ?", [key])
