"""Which engine a workspace uses: its settings in, an opened `ContentStore` out.

Settings: `content.engine` is `local` (default), `kubo` (a node of the user's, `content.kubo_url`), `kubo-managed` (a
daemon that the platform starts on loopback with a private swarm key; program from `content.kubo_program`, PATH or the
cache) or `kubo-docker` (the same in the official container, `content.kubo_image`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import platformdirs

from baas.content.kubo import KuboStore
from baas.content.kubo_daemon import KuboDaemon, find_program
from baas.content.local import LocalStore
from baas.content.store import ContentStore
from baas.content.swarm import Membership, membership
from network.errors import UserError
from network.text import Text

if TYPE_CHECKING:
    from baas.content.kubo_container import KuboContainer

ENGINES = ("local", "kubo", "kubo-managed", "kubo-docker")


class _Workspace(Protocol):
    def path(self, *parts: str) -> Path: ...

    def setting(self, name: str, default: str = "") -> str: ...

    def set_setting(self, name: str, value: str) -> None: ...


class ManagedKubo(KuboStore):
    """A store on a daemon of the workspace's own; closing the store ends the daemon, unless another program runs it."""

    def __init__(self, daemon: KuboDaemon | KuboContainer, member: Membership | None = None) -> None:
        daemon.start().close()
        super().__init__(daemon.url, private_swarm=True, member=member)
        self.daemon = daemon

    def close(self) -> None:
        super().close()
        if isinstance(self.daemon, KuboDaemon):
            self.daemon.let_go()
        else:
            self.daemon.stop()


def open_engine(workspace: _Workspace, engine: str, url: str = "") -> ContentStore:
    """Open one engine of the workspace by name; `url` is for `kubo`."""
    if engine == "local":
        return LocalStore(workspace.path("content"))
    if engine == "kubo":
        address = url or workspace.setting("content.kubo_url", "http://127.0.0.1:5001")
        return KuboStore(address)
    if engine == "kubo-managed":
        cache = Path(platformdirs.user_cache_dir("citychain", appauthor=False))
        program = find_program(cache, workspace.setting("content.kubo_program"))
        member = membership(workspace)
        return ManagedKubo(KuboDaemon(program, workspace.path("kubo"), member), member)
    if engine == "kubo-docker":
        from baas.content.kubo_container import IMAGE, KuboContainer

        return ManagedKubo(KuboContainer(workspace.path("kubo"), workspace.setting("content.kubo_image") or IMAGE))
    raise UserError(
        Text("没有名为 {engine} 的内容引擎。", "There is no content engine {engine}.", engine=engine),
        Text("可用：{all}", "Available: {all}", all=", ".join(ENGINES)),
    )


def open_store(workspace: _Workspace) -> ContentStore:
    """The content store that the workspace's settings name."""
    return open_engine(workspace, workspace.setting("content.engine", "local"))
