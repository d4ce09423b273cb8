"""`citychain bench store`: how fast the local store takes and gives a large file, and in how much memory.

The work runs in a process of its own, so that its peak memory is the store's and not the benchmark's. The disk's cache
takes part in reading, as it does in use; adding ends with the disk's own word (fsync).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from baas.bench.memory import peak_bytes
from baas.cli import kit
from baas.cli.kit import Cli, option, pass_cli
from baas.content import Cid, LocalStore
from baas.errors import Text, Unavailable

MIB = 1 << 20


class Stamped(io.RawIOBase):
    """`size` bytes in pieces of 1 MiB that all differ (a counter in each), made at memory speed."""

    def __init__(self, size: int) -> None:
        super().__init__()
        import random

        self._base = random.Random(1).randbytes(MIB - 8)
        self._left = size
        self._number = 0
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._piece and self._left:
            length = min(MIB, self._left)
            self._piece = memoryview(self._number.to_bytes(8, "big") + self._base)[:length]
            self._number += 1
            self._left -= length
        taken = self._piece if size < 0 else self._piece[:size]
        self._piece = self._piece[len(taken) :]
        return bytes(taken)


def measure(folder: Path, size: int) -> dict[str, Any]:
    """Add `size` bytes to a fresh store, read them back verified, and say how fast and in how much memory."""
    store = LocalStore(folder)
    started = time.perf_counter()
    cid = store.add(Stamped(size))  # type: ignore[arg-type]
    added = time.perf_counter()
    read = sum(len(piece) for piece in store.cat(Cid(cid)))
    ended = time.perf_counter()
    store.close()
    return {
        "bytes": size,
        "cid": cid,
        "read_back": read == size,
        "add_mib_s": round(size / MIB / (added - started), 1),
        "cat_mib_s": round(size / MIB / (ended - added), 1),
        "peak_rss_mb": round(peak_bytes() / 1e6, 1),
    }


def measure_apart(folder: Path, size: int) -> dict[str, Any]:
    """`measure` in a fresh process."""
    code = (
        "import json,sys;from pathlib import Path;from baas.content.bench import measure;"
        "print(json.dumps(measure(Path(sys.argv[1]),int(sys.argv[2]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(size)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unavailable(
            Text("测量没有完成。", "The measurement did not finish."), details={"text": done.stderr[-2000:]}
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@kit.command("store", help=Text("内容仓库的读写速度和内存。", "The content store's speed and memory."))
@option("--mib", type=click.IntRange(1, 1 << 20), default=2048, help=Text("文件大小（MiB）。", "File size (MiB)."))
@option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("在哪个磁盘上测。", "The folder (and so the disk) to measure on."),
)
@pass_cli
def command(cli: Cli, mib: int, folder: Path | None) -> None:
    """Measure the content store."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="citychain-bench-") as place:
        cli.show(measure_apart(Path(place) / "content", mib * MIB))
