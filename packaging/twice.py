"""Building a second time: the same sources must give the same bytes, whoever builds them, where and when.

The second build runs in another folder, with another time zone, language and file mask, and a day later where
`faketime` is at hand (Debian's package of that name).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# A clock a day ahead; what files say of their times stays true, or the fakes would be compared.
LATER = ("faketime", "-f", "+1d")
OTHERWISE = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "NO_FAKE_STAT": "1"}


def compare(built: Sequence[Path], words: Sequence[str]) -> int:
    """Build again with the builder's own `words` and compare with `built`.

    Says each file's sum, or which one differs first and by which tool to look closer; 1 when one differs.
    """
    with tempfile.TemporaryDirectory(prefix="citychain-the-other-folder-") as folder:
        other = Path(folder) / "out"
        later = LATER if shutil.which(LATER[0]) else ()
        command = [*later, sys.executable, *(word for word in words if word != "--check"), "--output", str(other)]
        environment = {**os.environ, **OTHERWISE, "TMPDIR": folder}
        done = subprocess.run(command, env=environment, umask=0o027, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            print(f"The second build ended with {done.returncode}.")
            return 1
        for left in built:
            right = other / left.name
            if not right.is_file():
                print(f"{left.name}: the second build did not write it")
                return 1
            digests = [_sha256(path) for path in (left, right)]
            if digests[0] != digests[1]:
                print(f"{left.name} differs: {digests[0]} and {digests[1]}")
                _say_where(left, right)
                return 1
            print(f"{digests[0]}  {left.name}")
    print("twice the same" + (", a day apart" if later else ""))
    return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _say_where(left: Path, right: Path) -> None:
    tool = shutil.which("diffoscope")
    if tool is None:
        print("diffoscope would say where (Debian: diffoscope-minimal).")
        return
    done = subprocess.run([tool, "--text", "-", "--max-report-size", "4000", str(left), str(right)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    sys.stdout.write(f"by diffoscope:\n{done.stdout[:4000]}\n")
