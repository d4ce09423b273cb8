"""A Kubo daemon in the official container (`ipfs/kubo`), where Docker is and the program is not.

The container's own start script is left aside: the repository is made, configured and given its swarm key before the
daemon starts, so that not even its first second is public. The RPC port is published on loopback, the swarm's not at
all. Content lies in a volume that outlives the container.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any, Protocol

from baas.content.kubo import KuboStore
from baas.content.kubo_daemon import free_port
from baas.content.kubo_private import ENVIRONMENT, keep_private, swarm_key
from network.docker.containers import archive
from network.docker.engine import Engine, NotFound, engine_errors
from network.errors import Unavailable
from network.text import Text

IMAGE = "ipfs/kubo:v0.42.0"
_PROGRAM = "/usr/local/bin/ipfs"
_REPOSITORY = "/data/ipfs"
_LABEL = "org.citychain.kubo"
_RPC = 5001
_READY_SECONDS = 60.0
_INIT_SECONDS = 60
_STOP_SECONDS = 10
_MAX_CONFIG = 1 << 20


class Progress(Protocol):
    """How a pull tells how far it is, and hears that it should end."""

    def progress(self, done: int, total: int, text: Text | str = "") -> None: ...

    def check_cancelled(self) -> None: ...


class _Silent:
    def progress(self, done: int, total: int, text: Text | str = "") -> None:
        """Nobody watches."""

    def check_cancelled(self) -> None:
        """Nobody can cancel."""


class KuboContainer:
    """One daemon for a folder of the workspace; a second start adopts the running container."""

    def __init__(self, folder: Path, image: str = IMAGE, engine: Engine | None = None) -> None:
        self.folder = folder
        self._image = image
        self._engine = engine or Engine()
        self.name = f"citychain-kubo-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
        self.url = ""

    def start(self, ctx: Progress | None = None) -> KuboStore:
        """Have the daemon run, pulling the image if need be, and return a store on it.

        Raises `Unavailable` without an engine or image, or with the daemon's own last words.
        """
        self._engine.info()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._engine.has_image(self._image):
            self._engine.pull(self._image, ctx or _Silent())  # type: ignore[arg-type]
        with engine_errors():
            container = self._running() or self._made()
        self._await_ready(container)
        return self.store()

    def store(self) -> KuboStore:
        """A new connection to the running daemon."""
        return KuboStore(self.url, private_swarm=True)

    def stop(self) -> None:
        """End the daemon, gently first; its volume stays."""
        with engine_errors():
            if (container := self._found()) is not None:
                container.stop(timeout=_STOP_SECONDS)
                container.remove()
        self._engine.close()

    def remove(self) -> None:
        """End the daemon and delete its volume with all content."""
        self.stop()
        with engine_errors():
            try:
                self._engine.client.volumes.get(self.name).remove()
            except NotFound:
                return
            finally:
                self._engine.close()

    def _found(self) -> Any:
        try:
            return self._engine.client.containers.get(self.name)
        except NotFound:
            return None

    def _running(self) -> Any:
        """The container, if it runs with this image; any other one is removed."""
        container = self._found()
        if container is None:
            return None
        if container.status == "running" and container.labels.get(_LABEL) == self._image:
            port = container.attrs["HostConfig"]["PortBindings"][f"{_RPC}/tcp"][0]["HostPort"]
            self.url = f"http://127.0.0.1:{port}"
            return container
        container.remove(force=True)
        return None

    def _made(self) -> Any:
        port = free_port()
        container = self._create(
            ["daemon", "--migrate=true", "--enable-gc=false"],
            name=self.name,
            ports={f"{_RPC}/tcp": ("127.0.0.1", port)},
            restart_policy={"Name": "on-failure", "MaximumRetryCount": 10},
        )
        config = _read(container, f"{_REPOSITORY}/config")
        if config is None:
            self._initialise()
            config = _read(container, f"{_REPOSITORY}/config")
        if config is None:
            raise _failed("init left no configuration")
        private = keep_private(json.loads(config), f"/ip4/0.0.0.0/tcp/{_RPC}", "/ip4/127.0.0.1/tcp/4001")
        key = swarm_key(self.folder / "swarm.key")
        files = {f"{_REPOSITORY}/config": json.dumps(private).encode(), f"{_REPOSITORY}/swarm.key": key}
        container.put_archive("/", archive(files))
        container.start()
        self.url = f"http://127.0.0.1:{port}"
        return container

    def _create(self, command: list[str], **options: Any) -> Any:
        return self._engine.client.containers.create(
            self._image,
            command,
            entrypoint=[_PROGRAM],
            environment=ENVIRONMENT | {"IPFS_PATH": _REPOSITORY},
            volumes={self.name: {"bind": _REPOSITORY, "mode": "rw"}},
            labels={_LABEL: self._image},
            security_opt=["no-new-privileges"],
            user="0:0",
            **options,
        )

    def _initialise(self) -> None:
        once = self._create(["init", "--empty-repo=true"])
        try:
            once.start()
            if once.wait(timeout=_INIT_SECONDS)["StatusCode"] != 0:
                raise _failed(_last_words(once))
        finally:
            once.remove(force=True)

    def _await_ready(self, container: Any) -> None:
        until = time.monotonic() + _READY_SECONDS
        store = self.store()
        try:
            while True:
                try:
                    store.capabilities()
                    return
                except Unavailable as error:
                    with engine_errors():
                        container.reload()
                        if time.monotonic() > until or container.status not in ("running", "restarting"):
                            raise _failed(_last_words(container)) from error
                    time.sleep(0.1)
        finally:
            store.close()


def _read(container: Any, path: str) -> bytes | None:
    """A small file of a container, None if it is not there."""
    try:
        pieces, stat = container.get_archive(path)
    except NotFound:
        return None
    if int(stat["size"]) > _MAX_CONFIG:
        raise _failed(f"{path} is too large")
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        entry = tar.next()
        body = tar.extractfile(entry) if entry is not None else None
        return body.read() if body is not None else None


def _last_words(container: Any) -> str:
    return bytes(container.logs(tail=5)).decode("utf-8", "replace").strip()


def _failed(words: str) -> Unavailable:
    return Unavailable(
        Text("Kubo 容器未能启动：{why}", "The Kubo container did not start: {why}", why=words[-300:] or "?"),
        Text(
            "请查看 docker logs，或改用本机仓库。",
            "See docker logs, or use the local store instead.",
        ),
        code="kubo_failed",
    )
