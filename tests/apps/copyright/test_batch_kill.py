"""A batch that is killed in the middle, again and again, ends with every file deposited exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from apps.copyright.batch import deposit_folder
from apps.copyright.service import CopyrightService
from baas.platform import Platform

if TYPE_CHECKING:
    from tests.conftest import City

_CHILD = """
import sys
from pathlib import Path
from apps.copyright.batch import deposit_folder
from apps.copyright.service import CopyrightService
from baas.platform import Platform
with Platform.open(Path(sys.argv[1])) as platform, CopyrightService(platform, "city") as service:
    deposit_folder(service, Path(sys.argv[2]))
    print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("files", [int(os.environ.get("CITYCHAIN_BATCH_FILES", "1500"))])
def test_killed_batches_lose_and_double_nothing(fresh_city: Callable[[], City], tmp_path: Path, files: int) -> None:
    city = fresh_city()
    workspace = city.platform.workspace.folder
    city.platform.close()
    folder = tmp_path / "works"
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:05}.txt").write_text(f"第 {number} 件作品\n" + f"{number * 7919} " * 30, encoding="utf-8")
    rounds = 0
    while True:
        rounds += 1
        with subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(workspace), str(folder)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            if rounds <= 3:
                time.sleep(1.0 + 1.5 * rounds)
                if child.poll() is None:
                    child.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
            said = child.stdout.read()
        if "done" in said:
            break
        assert rounds < 6
    object.__setattr__(city, "platform", Platform.open(workspace))  # the fixture closes what is open now
    with CopyrightService(city.platform, "city") as service:
        works = list(service.works(mine=True, limit=files * 2))
        assert len(works) == files
        assert len({work.sha256 for work in works}) == files
        assert len(service.index) == files
        pinned = {pin.cid for pin in service.content.pins()}
        assert {work.cid for work in works} <= pinned
        assert deposit_folder(service, folder).count("known") == files
    assert rounds > 1
