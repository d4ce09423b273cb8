"""Our contracts' metadata judged by the schema of the official contract API (npm `fabric-contract-api`)."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from fabric_sdk.chaincode import ContractChaincode
from fabric_sdk.chaincode.loading import load_chaincode

pytestmark = [pytest.mark.interop, pytest.mark.timeout(360)]
NODE_PROGRAMS = Path(__file__).parent / "node"
MODULES = ("tests.chaincode_runtime.sample_contract", "chaincode.copyright", "chaincode.health_slots")


@pytest.fixture(scope="module")
def node_folder() -> Path:
    """The official packages, installed once for each lock file; skips where Node.js or the packages are missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js (node and npm) is not installed: the official contract API cannot judge")
    lock = (NODE_PROGRAMS / "package-lock.json").read_bytes()
    folder = user_cache_path("citychain") / "interop" / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_PROGRAMS / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the official packages here: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    shutil.copy(NODE_PROGRAMS / "validate.cjs", folder)
    return folder


def judged(folder: Path, metadata: bytes) -> dict[str, object]:
    done = subprocess.run(
        ["node", "validate.cjs"], cwd=folder, input=metadata, capture_output=True, timeout=60, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_metadata_fits_the_official_schema(node_folder: Path, module: str) -> None:
    chaincode = load_chaincode(module)
    assert isinstance(chaincode, ContractChaincode)
    assert judged(node_folder, chaincode.metadata) == {"valid": True, "errors": None}


def test_the_judge_refuses_what_is_wrong(node_folder: Path) -> None:
    chaincode = load_chaincode(MODULES[0])
    assert isinstance(chaincode, ContractChaincode)
    document = json.loads(chaincode.metadata)
    del document["info"]["version"]
    assert judged(node_folder, json.dumps(document).encode())["valid"] is False
