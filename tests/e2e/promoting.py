"""A promotion in a process of its own, which kills itself: `promoting.py FOLDER STEP SECONDS RUNTIME`.

It dies SECONDS after the step called STEP has begun. Without STEP it goes through to the end. RUNTIME is native or
docker.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Literal

from network.drivers.base import Silent
from network.promotion.move import Promotion
from network.text import Text
from network.vault import FolderVault

STEPS = ("check", "stop", "verify", "chains", "replay", "install", "move", "start", "serve", "approve")


def main(folder: Path, step: str = "", seconds: str = "0", runtime: Literal["native", "docker"] = "native") -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def told(name: str, _title: Text) -> None:
        if name == step:
            if float(seconds) == 0:
                die()
            threading.Timer(float(seconds), die).start()

    Promotion(folder, FolderVault(folder / "vault"), Silent(), told).run(runtime=runtime)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])  # type: ignore[arg-type]
    os._exit(0)  # a death that came too late is none
