"""The room of a lab: a workspace (`desk`) and a folder (`files`) of its own within the learner's workspace.

Nothing in a room belongs to anybody else, and nothing outside it is touched: a link that leads out of a room is cut
before anything in it is opened or removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from apps.labs.lab import Lab
from apps.labs.looking import channel_of
from baas.errors import CityChainError, Conflict, NotFound, Text, Unavailable, translate
from baas.workspace import DATABASE
from fabric_sdk.files import replace_file
from network.lock import FileLock
from network.topology import ChannelSpec, TopologySpec, template

if TYPE_CHECKING:
    from baas.platform import Platform

FOLDER = "labs"
"""Within a workspace; left out of its backups, for a lab can be done again."""
DESK, FILES, NOTE = "desk", "files", "room.json"


class Room:
    """The room of one lab in the workspace folder `workspace`."""

    def __init__(self, workspace: Path, lab: Lab) -> None:
        self.lab = lab
        self._labs = workspace / FOLDER
        self.folder = self._labs / lab.id
        self.desk, self.files, self.note = self.folder / DESK, self.folder / FILES, self.folder / NOTE

    @property
    def there(self) -> bool:
        """Whether the lab has been started and not been reset."""
        return self.folder.is_dir() and not self.folder.is_symlink() and self.note.is_file()

    def require(self) -> None:
        """`NotFound` where the lab has not been started."""
        if not self.there:
            raise NotFound(
                Text("实训“{t}”还没有开始。", "Lab {t} has not been started.", t=self.lab.title),
                Text("开始：citychain lab start {i}", "Start it: citychain lab start {i}", i=self.lab.id),
                code="lab_not_started",
            )

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other programs from starting, checking or resetting this lab; `Conflict` while one does."""
        self._labs.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._labs / f"{self.lab.id}.lock")
        try:
            lock.acquire()
        except Conflict as busy:
            raise Conflict(
                Text(
                    "实训“{t}”正由另一个程序开始、检查或重置。",
                    "Another program is starting, checking or resetting lab {t}.",
                    t=self.lab.title,
                ),
                Text("请等它完成后重试。", "Wait until it has finished and try again."),
                code="lab_busy",
            ) from busy
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def opened(self, *, write: bool = False) -> Iterator[Platform]:
        """The lab's own platform, by default for reading alone."""
        from baas.platform import Platform

        cut_links(self.folder)
        with Platform.open(self.desk, create=write, read_only=not write) as platform:
            yield platform

    def lay_out(self) -> None:
        """Make the room's folders and what the lab gives its learner."""
        self.files.mkdir(mode=0o700, parents=True)
        for name, text in self.lab.files.items():
            target = self.files / name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            target.write_text(text, "utf-8")

    def remove(self) -> None:
        """Stop every network that was made in the room and remove all of it; harmless where there is none.

        `Unavailable` where a node of it cannot be stopped: then the room is still there.
        """
        if self.folder.is_symlink():
            self.folder.unlink()
            return
        if not self.folder.exists():
            return
        cut_links(self.folder)
        for workspace in _workspaces(self.folder):
            _destroy_networks(workspace)
        # By another name first: whoever is killed here leaves no half room that looks like a whole one.
        gone = self.folder.with_name(f".{self.lab.id}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        try:
            replace_file(self.folder, gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise translate(error) from error


def cut_links(room: Path) -> None:
    """Remove every link below `room` that leads out of it."""
    inside = room.resolve()
    for folder, folders, files in os.walk(room, followlinks=False):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                path.unlink(missing_ok=True)


def _workspaces(room: Path) -> list[Path]:
    return [Path(folder) for folder, _folders, files in os.walk(room, followlinks=False) if DATABASE in files]


def _destroy_networks(workspace: Path) -> None:
    from baas.platform import Platform

    try:
        with Platform.open(workspace, create=False, needs_space=False) as platform:
            for name in platform.networks.names():
                platform.networks.destroy(name, forget_keys=True)
    except CityChainError as error:
        raise Unavailable(
            Text(
                "实训工作区里的网络停不下来：{e}",
                "A network of the lab's workspace does not stop: {e}",
                e=error.message,
            ),
            Text("请关闭正在使用它的程序，再重置。", "Close the programs that use it, then reset again."),
            code="lab_in_use",
            details=dict(error.details),
        ) from error


def spec_of(lab: Lab, code: str) -> TopologySpec | None:
    """The network that the lab gives its learner; None for a lab that begins with nothing."""
    if lab.topology == "none":
        return None
    city = template("city")
    wanted = {"single": ("DataBureauMSP",), "pair": ("DataBureauMSP", "HospitalMSP")}.get(lab.topology)
    members = tuple(one for one in city.organizations if wanted is None or one.msp_id in wanted)
    first = city.channels[0]
    channel = ChannelSpec(channel_of(code), tuple(one.name for one in members), first.batch, first.policies)
    return city.with_(
        name=lab.network,
        title=Text("实训网络", "Lab network"),
        organizations=members,
        channels=(channel,),
        runtime="embedded",
    )
