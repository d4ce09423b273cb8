"""Restores an archived workspace into a folder, uses it as its people would, and prints what it found as JSON.

    python open_archive.py ARCHIVE_FOLDER WORK_FOLDER

A process of its own, so that the test can give it a clock and a loopback of its own: the archive's certificates end
one day, and its ports may be taken here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def main(archive: Path, folder: Path) -> None:
    facts = json.loads((archive / "facts.json").read_text(encoding="utf-8"))
    workspace, sealed = folder / "workspace", facts["sealed"]

    def citychain(*words: str, check: bool = True) -> Any:
        command = [sys.executable, "-m", "baas.cli", "--workspace", str(workspace), "--lang", "en", *words, "--json"]
        done = subprocess.run(command, capture_output=True, check=False)
        if check and done.returncode != 0:
            raise SystemExit(f"{words}: {done.returncode}\n{done.stderr.decode()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    citychain("restore", str(archive / "workspace.zip"))
    citychain("network", "start", facts["network"])
    try:
        found = {
            "verified": citychain("ledger", "verify"),
            "hashes": {str(b["number"]): b["hash"] for b in citychain("ledger", "blocks", "--limit", "1000")},
            "works": {work["id"]: work["title"] for work in citychain("copyright", "list")},
            "appointments": citychain("slots", "appointments", "--as", "HealthMSP/slots-authority"),
        }
        opened = folder / "opened.txt"
        citychain("copyright", "open", sealed["id"], "-o", str(opened), "--as", sealed["by"])
        found["opened"] = opened.read_text(encoding="utf-8")
        fresh = folder / "fresh.txt"
        fresh.write_text("a work deposited by a later version\n", encoding="utf-8")
        found["deposited"] = citychain("copyright", "deposit", str(fresh), "--as", sealed["by"])
        package = folder / "evidence.zip"
        citychain("copyright", "evidence", facts["registered"], "-o", str(package), "--as", sealed["by"])
        found["evidence"] = citychain("copyright", "verify", str(package), check=False)
        found["old_evidence"] = citychain("copyright", "verify", str(archive / "evidence.zip"), check=False)
    finally:
        citychain("network", "stop", facts["network"])
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
