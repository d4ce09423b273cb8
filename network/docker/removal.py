"""Removing what the networks of a folder have on the engine, and nothing else."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from network.docker.engine import APIError, Engine, NotFound, engine_errors

FOLDER_LABEL = "io.citychain.folder"
NODE_LABEL = "io.citychain.node"
PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2


def folder_label(directory: Path) -> str:
    """How the engine's things of a network's folder are marked."""
    return hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:12]


def remove_all(engine: Engine, directory: Path, *, settled_s: float = 0.0) -> None:
    """Remove every container, volume and network that the networks of a folder have made, and nothing else.

    The engine goes on with what somebody asked of it who was killed meanwhile: a container appears later and holds its
    volume. So what is refused is tried again, and with `settled_s` nothing may have appeared for so many seconds.
    """
    started = last = time.monotonic()
    with engine_errors():
        while True:
            found, refused = _sweep(engine.client, folder_label(directory))
            now = time.monotonic()
            if found:
                last = now
            elif now - last >= settled_s:
                return
            if refused is not None and now - started > PATIENCE_SECONDS:
                raise refused
            if not found or refused is not None:
                time.sleep(_PAUSE_SECONDS)


def _sweep(client: Any, folder: str) -> tuple[int, APIError | None]:
    """Remove what there is now; how much there was, and the first refusal."""
    mine = {"label": f"{FOLDER_LABEL}={folder}"}
    containers = client.containers.list(all=True, filters=mine, ignore_removed=True)
    # A volume that was removed before its container was made is made anew by the engine, under its name alone.
    volumes = {v.name: v for f in (mine, {"name": f"-{folder}-"}) for v in client.volumes.list(filters=f)}
    networks = client.networks.list(filters=mine)
    refused: APIError | None = None
    for one, options in (
        *((container, {"force": True, "v": False}) for container in containers),
        *((volume, {"force": True}) for volume in volumes.values()),
        *((network, {}) for network in networks),
    ):
        try:
            one.remove(**options)
        except NotFound:
            pass
        except APIError as e:
            refused = refused or e
    return len(containers) + len(volumes) + len(networks), refused
