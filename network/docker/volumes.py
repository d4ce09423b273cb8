"""Files of a container's volume, brought and looked at through the engine, whether the container runs or not."""

from __future__ import annotations

import base64
import json
import tarfile
from pathlib import Path
from typing import Any

from network.docker.engine import Engine, engine_errors


def put_folder(container: Any, source: Path, target: str, spool: Path) -> None:
    """Lay the contents of a folder into a container under `target`; `spool` is a file for the time being.

    An archive of a chain may be larger than memory: it lies on the disk while the engine reads it.
    """
    spool.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(spool, "w") as tar:
            for path in sorted(p for p in source.rglob("*") if p.is_file()):
                entry = tarfile.TarInfo(f"{target.strip('/')}/{path.relative_to(source).as_posix()}")
                entry.size, entry.mode = path.stat().st_size, 0o600
                with path.open("rb") as stream:
                    tar.addfile(entry, stream)
        with spool.open("rb") as stream, engine_errors():
            container.put_archive("/", stream)
    finally:
        spool.unlink(missing_ok=True)


def file_bytes(engine: Engine, container: Any, path: str) -> int | None:
    """How many bytes a file of a container has, None where there is no such file; nothing of it is read."""
    api = engine.client.api
    with engine_errors():
        found = api.head(f"{api.base_url}/v{api.api_version}/containers/{container.id}/archive", params={"path": path})
        if found.status_code == 404:
            return None
        found.raise_for_status()
    return int(json.loads(base64.b64decode(found.headers["X-Docker-Container-Path-Stat"]))["size"])
