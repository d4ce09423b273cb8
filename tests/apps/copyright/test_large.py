"""A large film through `citychain copyright deposit` itself: how much memory each process takes.

`CITYCHAIN_LARGE_MIB=2048 pytest -m slow -s tests/apps/copyright/test_large.py` prints the figures for 2 GiB.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from baas.platform import Platform
from tests.conftest import City, close_city, make_city

MIB = 1 << 20
LARGE = int(os.environ.get("CITYCHAIN_LARGE_MIB", "300")) * MIB

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc"),
]


def large_film(path: Path, size: int) -> Path:
    """A film of noise, coded once and repeated packet by packet until it is large enough."""
    chance = np.random.default_rng(1)
    part = path.with_name("part.mp4")
    with av.open(str(part), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 360, "yuv420p", 60_000_000
        for _ in range(100):
            picture = chance.integers(0, 256, (360, 640, 3), dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    written, shift = 0, 0
    with av.open(str(path), "w") as out:
        target = None
        while written < size:
            with av.open(str(part)) as source:
                stream = source.streams.video[0]
                target = target or out.add_stream_from_template(stream)
                last = 0
                for packet in source.demux(stream):
                    if packet.dts is None:
                        continue
                    packet.dts, packet.pts = packet.dts + shift, (packet.pts or 0) + shift
                    last = packet.dts + (packet.duration or 1)
                    written += packet.size
                    packet.stream = target
                    out.mux(packet)
                shift = last
    part.unlink()
    return path


def peaks(command: list[str]) -> tuple[int, dict[str, float]]:
    """Run a command; its exit code, and the peak resident memory (MB) of it and of its worker."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    found: dict[str, float] = {}
    me = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            family = [me, *me.children(recursive=True)]
        except psutil.Error:
            break
        for one in family:
            try:
                said = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{one.pid}/status").read_text())
            except OSError:
                continue
            name = "deposit" if one.pid == process.pid else "worker"
            if said is not None:
                found[name] = max(found.get(name, 0.0), int(said[1]) * 1024 / 1e6)
        time.sleep(0.05)
    return process.wait(), found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("large") / "workspace"
    city = make_city(folder)
    city.platform.close()
    yield folder
    close_city(City(Platform.open(folder), city.network))


def test_memory_does_not_grow_with_the_film(workspace: Path, tmp_path: Path) -> None:
    figures = {}
    for size in (LARGE // 10, LARGE):
        film = large_film(tmp_path / f"{size}.mp4", size)
        command = [sys.executable, "-m", "baas.cli", "--workspace", str(workspace), "copyright", "deposit", str(film)]
        started = time.perf_counter()
        code, found = peaks(command)
        assert code == 0
        figures[size] = found
        seconds = time.perf_counter() - started
        print({"mib": size // MIB, "seconds": round(seconds, 1)} | {f"{k}_mb": round(v, 1) for k, v in found.items()})
        film.unlink()
    small, large = figures[LARGE // 10], figures[LARGE]
    assert large["deposit"] <= 150
    assert large["deposit"] <= small["deposit"] + 40
    assert large["worker"] <= small["worker"] + 100
