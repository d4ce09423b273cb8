"""Clients that others wrote, unmodified from npm and PyPI, as portals at the interface."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from apps.health_slots.serving.fhir import fhir_app
from baas.serving.web import WebServer
from tests.apps.health_slots.test_fhir_portal import everything

HERE = Path(__file__).parent / "fhir_clients"
FHIRPY = "fhirpy==2.3.1"
pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


def _kept(kind: str, named: bytes) -> Path:
    return user_cache_path("citychain") / "tests" / f"fhir-{kind}-{hashlib.sha256(named).hexdigest()[:16]}"


@pytest.fixture(scope="module")
def node_folder() -> Path:
    """fhir-kit-client, installed once for each lock file; skips where Node.js or the package is missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js (node and npm) is not installed")
    folder = _kept("npm", (HERE / "package-lock.json").read_bytes())
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the client here: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    shutil.copy(HERE / "portal.mjs", folder / "portal.mjs")
    return folder


@pytest.fixture(scope="module")
def python_folder() -> Path:
    """fhirpy in a folder of its own, beside nothing of ours; skips where PyPI does not answer."""
    folder = _kept("pypi", f"{FHIRPY} {sys.version_info[:2]}".encode())
    if not (folder / "installed").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), FHIRPY]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"pip cannot install the client here: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    return folder


@pytest.fixture
def address(portals) -> Iterator[str]:
    with WebServer(fhir_app(portals), path="fhir") as server:
        yield server.address


def _told(command: list[str], folder: Path, **environment: str) -> dict:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False, env=environment or None
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_fhir_kit_client_from_npm(town, http, portals, address: str, node_folder: Path) -> None:
    (session,) = town.publish()
    patient = portals.patient(1)
    told = _told(["node", "portal.mjs", address, portals.tokens["alpha"], patient], node_folder)
    assert told["version"] == "4.0.1"
    assert sorted(told["slots"]) == [f"{session}.{n:03d}" for n in range(1, 13)]
    assert told["booked"] == told["again"] and told["read"] == "booked" and told["cancelled"] == "cancelled"
    assert told["batch"] == ["200", "404"] and told["refused"] == [400, "http.start"]
    found = everything(http, f"/fhir/Appointment?patient={patient}")
    assert [one["status"] for one in found.values()] == ["cancelled"]


def test_fhirpy_from_pypi(town, http, portals, address: str, python_folder: Path) -> None:
    (session,) = town.publish()
    patient = portals.patient(1)
    command = [sys.executable, "-s", str(HERE / "portal.py"), address, portals.tokens["alpha"], patient]
    told = _told(command, python_folder, PYTHONPATH=str(python_folder))
    assert told["version"] == "4.0.1"
    assert sorted(told["slots"]) == [f"{session}.{n:03d}" for n in range(1, 13)]
    assert told["same"] and told["counted"] == 1 and told["conditions in the address"] == "http.patient"
    assert told["cancelled"] == "cancelled" and told["refused"] == "http.start"
    found = everything(http, f"/fhir/Appointment?patient={patient}")
    assert [one["status"] for one in found.values()] == ["cancelled"]
