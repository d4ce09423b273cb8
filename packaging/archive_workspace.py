"""Archive a small workspace of this version, so that every later version proves in its tests that it opens it.

    python packaging/archive_workspace.py    writes workspace.zip, evidence.zip and facts.json in tests/versions/VERSION

Run once for each release, before its version number changes. The workspace is the demonstration's, with one sealed
work; `facts.json` says what a later version must find in it again. An archive that exists is never written over:
a version is published once. The keys inside belong to nobody.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ARCHIVES = ROOT / "tests" / "versions"
SEALED = "城链的封存作品 / a sealed work of CityChain\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="city", help="the demonstration's network")
    words = parser.parse_args()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    target = ARCHIVES / version
    if (target / "facts.json").exists():
        print(f"There is an archive of {version} already: {target.relative_to(ROOT)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="citychain-archive-") as folder:
        workspace = Path(folder) / "workspace"
        try:
            made = make(workspace, Path(folder), version, words.network)
        finally:
            subprocess.run([*citychain(workspace), "network", "stop", words.network], check=False)
        target.mkdir(parents=True, exist_ok=True)
        for name in ("workspace.zip", "evidence.zip"):
            (target / name).write_bytes((Path(folder) / name).read_bytes())
        (target / "facts.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(target.relative_to(ROOT))
    return 0


def make(workspace: Path, folder: Path, version: str, network: str) -> dict[str, Any]:
    """Fill `workspace`, write both archives into `folder`, and return the facts."""
    demo = run(workspace, "demo", "--json")
    secret = folder / "sealed.txt"
    secret.write_text(SEALED, encoding="utf-8")
    creator = "PublicMSP/copyright-creator"
    sealed = run(workspace, "copyright", "deposit", str(secret), "--encrypt", "--as", creator, "--json")
    works = run(workspace, "copyright", "list", "--json")
    registered = demo["works"][0]["id"]
    run(workspace, "copyright", "evidence", registered, "-o", str(folder / "evidence.zip"), "--json")
    blocks = run(workspace, "ledger", "blocks", "--limit", "1000", "--json")
    run(workspace, "network", "stop", network, "--json")
    run(workspace, "backup", str(folder / "workspace.zip"), "--json")
    return {
        "version": version,
        "network": network,
        "height": blocks[0]["number"] + 1,
        "hashes": {str(block["number"]): block["hash"] for block in blocks},
        "works": {work["id"]: work["title"] for work in works},
        "registered": registered,
        "sealed": {"id": sealed["id"], "text": SEALED, "by": creator},
        "booked": demo["slots"]["booked"],
        "published": demo["slots"]["published"],
    }


def citychain(workspace: Path) -> list[str]:
    return [sys.executable, "-m", "baas.cli", "--workspace", str(workspace), "--lang", "en"]


def run(workspace: Path, *words: str) -> Any:
    done = subprocess.run([*citychain(workspace), *words], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout) if done.stdout.strip() else None


if __name__ == "__main__":
    sys.exit(main())
