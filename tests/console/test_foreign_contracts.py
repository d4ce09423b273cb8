"""A contract of the kind people try first on Fabric (assets that change hands), in TypeScript on the official contract
API and in Java, each served as chaincode-as-a-service: deployed, called and upgraded by clicks.

On the embedded ledger, on the official programs where they are installed, and in containers where an engine runs. The
contract's own process is started while the dialog stands open, with the package id that it tells: as a person would.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path
from PySide6.QtWidgets import QPlainTextEdit

from baas.platform import Platform
from console.pages.contracts.own import OwnContractDialog
from network.addresses import LOOPBACK
from network.errors import CityChainError
from network.ports import port_is_free
from tests.baas.test_own_contracts import free_port
from tests.console.test_pages_contracts import call
from tests.console.test_pages_network import said
from tests.e2e.running import require_containers, require_fabric

pytestmark = [pytest.mark.interop, pytest.mark.timeout(500)]
HERE = Path(__file__).parents[1] / "interop"
UNKNOWN, GONE = "is unknown", "is gone"
"""What the two releases say of an asset that is not there."""
Start = Callable[[str, str, str], Any]
"""Starts a release of the contract: (its word for a missing asset, address, package id)."""


class Service:
    """A contract's own process."""

    def __init__(self, command: list[str], folder: Path, address: str, log: Path, env: dict[str, str]) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=os.environ | env)
        end = time.monotonic() + 60
        host, _, port = address.rpartition(":")
        while port_is_free(int(port), host):
            assert self.process.poll() is None, log.read_text("utf-8", errors="replace")[-2000:]
            assert time.monotonic() < end, "the contract does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


def built(kind: str, sources: Path, commands: list[list[str]], needs: tuple[str, ...], name: str) -> Path:
    """A folder with the built contract, made once for these sources; skips where that is not possible."""
    if missing := [program for program in needs if shutil.which(program) is None]:
        pytest.skip(f"{', '.join(missing)} is not installed: no contract in {kind} can be built")
    parts = sorted(path for path in sources.rglob("*") if path.is_file())
    version = hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()[:16]
    folder = user_cache_path("citychain") / "interop" / f"{name}-{version}"
    if not (folder / "built").exists():
        shutil.copytree(sources, folder, dirs_exist_ok=True)
        for command in commands:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
            if done.returncode != 0:
                pytest.skip(f"the contract in {kind} cannot be built here: {(done.stderr or done.stdout)[-300:]}")
        (folder / "built").touch()
    return folder


def typescript(tmp_path: Path) -> Start:
    npm = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
    compiler = ["node", "node_modules/typescript/bin/tsc", "-p", "."]
    folder = built("TypeScript", HERE / "assets", [npm, compiler], ("node", "npm"), "assets")

    def start(word: str, address: str, package_id: str) -> Service:
        release = tmp_path / word.replace(" ", "-")
        shutil.copytree(folder / "dist", release / "dist")
        shutil.copy(folder / "package.json", release)
        (release / "node_modules").symlink_to(folder / "node_modules", target_is_directory=True)
        program = release / "dist" / "assets.js"
        program.write_text(program.read_text("utf-8").replace(UNKNOWN, word), "utf-8")
        command = ["node", "node_modules/fabric-shim/cli", "server"]
        command += [f"--chaincode-address={address}", f"--chaincode-id={package_id}"]
        return Service(command, release, address, tmp_path / "typescript.log", {})

    return start


def java(tmp_path: Path) -> Start:
    maven = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
    folder = built("Java", HERE / "assets_java", [maven], ("java", "javac", "mvn"), "assets-java")
    jars = str(folder / "lib" / "*")

    def start(word: str, address: str, package_id: str) -> Service:
        release = tmp_path / word.replace(" ", "-")
        shutil.copytree(folder / "src", release)
        program = release / "AssetTransfer.java"
        program.write_text(program.read_text("utf-8").replace(UNKNOWN, word), "utf-8")
        compiler = ["javac", "-parameters", "-encoding", "UTF-8", "-d", str(release), "-cp", jars]
        subprocess.run([*compiler, *map(str, release.glob("*.java"))], check=True, capture_output=True, timeout=120)
        command = ["java", "-Xmx256m", "-Dfile.encoding=UTF-8", "-cp", os.pathsep.join((str(release), jars))]
        told = {"CHAINCODE_SERVER_ADDRESS": address, "CORE_CHAINCODE_ID_NAME": package_id}
        router = "org.hyperledger.fabric.contract.ContractRouter"
        return Service([*command, router], release, address, tmp_path / "java.log", told)

    return start


LANGUAGES: dict[str, Callable[[Path], Start]] = {"typescript": typescript, "java": java}


@pytest.fixture(params=["embedded", *(pytest.param(one, marks=pytest.mark.e2e) for one in ("native", "docker"))])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Platform]:
    with Platform.open(tmp_path / "workspace") as platform:
        spec = platform.networks.template("single", name="one", runtime=request.param)
        if request.param == "native":
            require_fabric(spec.fabric_version)
        elif request.param == "docker":
            require_containers(spec)
        platform.networks.up(spec)
        try:
            yield platform
        finally:
            platform.networks.destroy("one")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_assets_change_hands_by_clicks(network: Platform, make_desk: Any, tmp_path: Path, language: str) -> None:
    start = LANGUAGES[language](tmp_path)
    desk, services = make_desk(network), []
    seen = network.networks.driver("one").seen_from_nodes()

    def answer(button: str, word: str, **fields: str) -> Callable[[OwnContractDialog], None]:
        """Fill the dialog in, start the service under the id that it tells, press its button."""

        def fill(dialog: OwnContractDialog) -> None:
            address = f"{seen}:{free_port()}"
            if dialog.kind.current != "address":
                dialog.kind.choose("address")
            dialog.place.fields["address"].set_value(address)
            for key, text in fields.items():
                dialog.form.fields[key].set_value(text)
            if seen != LOOPBACK:  # a container would call itself
                dialog.place.fields["address"].set_value(f"{LOOPBACK}:9")
                desk.until(lambda: dialog.reason.text() == "服务地址不正确")
                desk.until(lambda: f"{seen}:9" in said(dialog))
                dialog.place.fields["address"].set_value(address)
            desk.until(dialog.accept_button.isEnabled)
            services.append(start(word, address, dialog._package_id))
            desk.press(button, dialog)
            desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible(), 120_000)
            assert not dialog.isVisible(), dialog.banner.message.text() + dialog.reason.text()

        return fill

    try:
        desk.go("contracts")
        desk.answer(answer("部署", UNKNOWN, name="assets"))
        desk.press_header("own")
        desk.settle(120_000)
        desk.no_error()
        assert desk.window.address == "contracts/assets/call"
        told = {one.name: one.submit for one in desk.window.page.call.model.rows}
        assert told["CreateAsset"]
        assert not told["ReadAsset"]

        call(desk, "CreateAsset", id="A-1", what="自行车", owner="creator", value="900")
        call(desk, "TransferAsset", id="A-1", newOwner="licensee")
        tab = call(desk, "ReadAsset", id="A-1")
        desk.no_error()
        told_back = [one.toPlainText() for one in tab.answer.findChildren(QPlainTextEdit)] + [said(tab.answer)]
        assert "licensee" in told_back[0], told_back
        read = network.contracts.query("one", "assets", "ReadAsset", ["A-1"]).payload.decode()
        assert ("自行车" in read, '"licensee"' in read) == (True, True)
        with pytest.raises(CityChainError, match=UNKNOWN):
            network.contracts.query("one", "assets", "ReadAsset", ["A-2"])

        desk.answer(answer("升级", GONE))
        desk.press_header("upgrade")
        desk.settle(120_000)
        desk.no_error()
        found = network.contracts.committed("one", "assets")
        assert (found.sequence, found.version) == (2, "1.0.1")
        services[0].stop()  # the release before answers nothing any more
        with pytest.raises(CityChainError, match=GONE):
            network.contracts.query("one", "assets", "ReadAsset", ["A-2"])
        call(desk, "DeleteAsset", id="A-1")
        desk.no_error()
        assert network.contracts.query("one", "assets", "AssetExists", ["A-1"]).payload == b"false"
    finally:
        for one in services:
            one.stop()
