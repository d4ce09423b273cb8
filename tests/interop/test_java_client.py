"""The official Java client (`fabric-gateway`, unmodified, grpc-java) on the embedded ledger."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from tests.interop.conftest import describe
from tests.network.embedded.city import City

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]
PROGRAM = Path(__file__).parent / "java"


@pytest.fixture(scope="session")
def class_path() -> str:
    """The program and the official client's jars, fetched once; skips where Java, Maven or the jars are missing."""
    if not all(shutil.which(program) for program in ("java", "javac", "mvn")):
        pytest.skip("Java and Maven are not installed: the official Java client cannot run")
    source = PROGRAM / "src" / "main" / "java" / "Interop.java"
    version = hashlib.sha256(source.read_bytes() + (PROGRAM / "pom.xml").read_bytes()).hexdigest()[:16]
    folder = user_cache_path("citychain") / "interop" / f"java-{version}"
    if not (folder / "Interop.class").exists():
        folder.mkdir(parents=True, exist_ok=True)
        jars = ["mvn", "-q", "-B", "-f", str(PROGRAM / "pom.xml"), "dependency:copy-dependencies"]
        for command in (
            [*jars, f"-DoutputDirectory={folder / 'lib'}"],
            ["javac", "-d", str(folder), "-cp", str(folder / "lib" / "*"), str(source)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
            if done.returncode != 0:
                pytest.skip(f"the Java client cannot be built here: {(done.stderr or done.stdout).strip()[-300:]}")
    return os.pathsep.join((str(folder), str(folder / "lib" / "*")))


@pytest.fixture(scope="session")
def found(class_path: str, five_peers: City, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program saw."""
    connection = tmp_path_factory.mktemp("java") / "connection.json"
    connection.touch(mode=0o600)
    connection.write_text(json.dumps(describe(five_peers, "Org1MSP")))
    command = [
        "java",
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        "-cp",
        class_path,
        "Interop",
        str(connection),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("FOUND ")[2])


def test_transactions_and_large_values(found: Any, five_peers: City) -> None:
    assert (found["submitted"], found["evaluated"], found["large"]) == ("值", "值", True)
    assert five_peers.contract("ledger", "Org3MSP", "interop").evaluate("Get", "java-key") == "值".encode()


def test_errors_carry_code_message_and_details(found: Any) -> None:
    assert found["evaluate"]["code"] == "UNKNOWN"
    assert "chaincode response 500, REFUSED: because" in found["evaluate"]["message"]
    assert found["refused"]["code"] == "ABORTED"
    assert found["refused"]["details"][0] == "Org1MSP chaincode response 500, REFUSED: because"


def test_events_and_many_calls_at_once(found: Any) -> None:
    assert found["event"] == {"name": "java", "payload": "over the wire", "same": True}
    assert found["many"] == 200
