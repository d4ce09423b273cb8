"""The official Go client (`fabric-gateway`, unmodified, grpc-go) on the embedded ledger."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from tests.interop.conftest import describe
from tests.network.embedded.city import City

pytestmark = pytest.mark.interop
PROGRAM = Path(__file__).parent / "go"


@pytest.fixture(scope="session")
def go_client() -> Path:
    """The program, built once for each of its versions; skips where Go or the modules are missing."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: the official Go client cannot be built")
    sources = b"".join((PROGRAM / name).read_bytes() for name in ("main.go", "go.mod", "go.sum"))
    built = user_cache_path("citychain") / "interop" / f"go-{hashlib.sha256(sources).hexdigest()[:16]}"
    if not built.exists():
        built.parent.mkdir(parents=True, exist_ok=True)
        command = ["go", "build", "-o", str(built), "."]
        done = subprocess.run(command, cwd=PROGRAM, capture_output=True, text=True, timeout=110, check=False)
        if done.returncode != 0:
            pytest.skip(f"the Go client cannot be built here: {done.stderr.strip()[-300:]}")
    return built


@pytest.fixture(scope="session")
def found(go_client: Path, five_peers: City, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program saw."""
    connection = tmp_path_factory.mktemp("go") / "connection.json"
    connection.touch(mode=0o600)
    connection.write_text(json.dumps(describe(five_peers, "Org1MSP")))
    command = [str(go_client), str(connection)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_transactions_and_large_values(found: Any, five_peers: City) -> None:
    assert (found["submitted"], found["evaluated"], found["large"]) == ("值", "值", True)
    assert five_peers.contract("ledger", "Org3MSP", "interop").evaluate("Get", "go-key") == "值".encode()


def test_errors_carry_code_message_and_details(found: Any) -> None:
    assert found["evaluate"]["code"] == "Unknown"
    assert "chaincode response 500, REFUSED: because" in found["evaluate"]["message"]
    assert (found["refused"]["code"], found["refused"]["endorse"]) == ("Aborted", True)
    assert found["refused"]["details"][0] == "Org1MSP chaincode response 500, REFUSED: because"
    assert found["unknown"]["code"] == "FailedPrecondition"
    assert found["late"] == "DeadlineExceeded"


def test_events_of_contracts_and_blocks(found: Any) -> None:
    assert found["event"] == {"name": "go", "payload": "over the wire", "same": True}
    assert found["blocks"] is True


def test_many_calls_at_once(found: Any) -> None:
    assert found["many"] == 200
