"""Building twice in different folders: the same sources must give the same bytes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path


def compare(build: Callable[[Path], Sequence[Path]]) -> int:
    """Call `build` for two folders and compare what it writes; names the first file that differs. 1 when one does."""
    with tempfile.TemporaryDirectory(prefix="citychain-first-") as one, \
            tempfile.TemporaryDirectory(prefix="citychain-the-other-folder-") as other:  # fmt: skip
        first, second = (build(Path(folder) / "out") for folder in (one, other))
        for left, right in zip(first, second, strict=True):
            digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (left, right)]
            if digests[0] != digests[1]:
                print(f"{left.name} differs: {digests[0]} and {digests[1]}")
                _say_where(left, right)
                return 1
            print(f"{digests[0]}  {left.name}")
    return 0


def _say_where(left: Path, right: Path) -> None:
    tool = shutil.which("diffoscope")
    if tool is None:
        print("diffoscope would say where (Debian: diffoscope-minimal).")
        return
    done = subprocess.run([tool, "--text", "-", "--max-report-size", "4000", str(left), str(right)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    sys.stdout.write(f"by diffoscope:\n{done.stdout[:4000]}\n")
