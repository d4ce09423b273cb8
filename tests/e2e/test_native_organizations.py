"""Fabric's own programs on two hosts by a share, each organisation with an authority of its own, at three desks.

The bureau plans the network, the registration office runs its peer elsewhere with certificates of its own authority,
and the writers join with a peer that the bureau hosts for them. Every desk is a workspace of its own; between them
go only the files that people would send each other.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from baas.cli.root import run
from baas.platform import Platform
from network.topology import FABRIC_CURRENT, spec_to_mapping, template
from tests.e2e.running import require_fabric, retry

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs several loopback addresses"),
]
HERE, THERE = "127.0.0.2", "127.0.0.3"
BUREAU, OFFICE, WRITERS = "DataBureauMSP", "CopyrightMSP", "WritersMSP"


class Desk:
    """A workspace, and what is said there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def say(self, *args: object) -> tuple[int, Any]:
        out = io.StringIO()
        words = ["--json", "--workspace", str(self.folder / "workspace"), *map(str, args)]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = run(words)
        lines = out.getvalue().strip()
        return code, json.loads(lines if lines.startswith(("{", "[")) and code == 0 else lines.splitlines()[-1])

    def run(self, *args: object) -> Any:
        code, said = self.say(*args)
        assert code == 0, (args, said)
        return said

    def fails(self, *args: object) -> str:
        code, said = self.say(*args)
        assert code not in (0, 70), (args, said)
        print(*args[:3], said["error"]["message"])
        return str(said["error"]["code"])

    def send(self, name: str, other: Desk) -> Path:
        return Path(shutil.copy(self.folder / name, other.folder / name))


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk, Desk]]:
    made = tuple(Desk(tmp_path / name) for name in ("bureau", "office", "writers"))
    yield made  # type: ignore[misc]
    for desk in reversed(made):
        if (desk.folder / "workspace" / "networks" / "city" / "state.json").exists():
            desk.say("network", "destroy", "city", "--yes", "--forget-keys")


def test_two_hosts_three_authorities_three_desks(desks: tuple[Desk, Desk, Desk]) -> None:
    require_fabric(FABRIC_CURRENT)
    started = time.monotonic()
    bureau, office, writers = desks
    city = spec_to_mapping(template("single", network_name="city", runtime="native"))
    for nodes in (city["organizations"][0]["peers"], city["organizations"][0]["orderers"]):
        nodes[0]["host"] = HERE
    (bureau.folder / "city.yaml").write_text(yaml.safe_dump(city))
    bureau.run("network", "host", "city", HERE)
    bureau.run("network", "up", "--spec", bureau.folder / "city.yaml")

    # The office has its own authority and runs its own peer on its own machine.
    office.run(
        "organization", "new", "copyright", OFFICE, "--title", "版权登记中心", "--domain", "copyright.city.internal"
    )
    office.run("organization", "export", office.folder / "office.json")
    definition = office.send("office.json", bureau)
    bureau.run("network", "grow", "--add-organization", definition, "--add-peer", f"{OFFICE}@{THERE}")
    for desk in desks:
        (desk.folder / "secret").write_text("a good passphrase")
    secret = ("--share-passphrase-file", bureau.folder / "secret")
    assert bureau.run("network", "share", "export", THERE, bureau.folder / "office.share", *secret)["nodes"]
    share = bureau.send("office.share", office)
    # Nothing of the office's is secret to anybody but the office, and elsewhere the share is of no use.
    assert (
        writers.fails("network", "share", "import", bureau.send("office.share", writers), *secret)
        == "authority_elsewhere"
    )
    assert not list((writers.folder / "workspace").glob("networks/*/*"))
    assert office.run("network", "share", "import", share, *secret)["network"] == "city"
    with Platform.open(bureau.folder / "workspace") as platform:
        assert not [key for key in platform.keystore.names() if OFFICE in key]
        folder = platform.networks.folder("city")
    files = [p for p in (folder / "organizations" / "copyright").rglob("*") if p.is_file()]
    assert files and not [p for p in files if b"PRIVATE" in p.read_bytes()]
    office.run("network", "up")
    retry(lambda: _height(office))

    # The writers join with a peer that the bureau hosts: certified by request, agreed by two administrators.
    writers.run("organization", "new", "writers", WRITERS, "--title", "作家协会")
    writers.run("organization", "export", writers.folder / "writers.json")
    joined = writers.send("writers.json", bureau)
    grow = ("network", "grow", "--add-organization", joined, "--add-peer", f"{WRITERS}@{HERE}")
    assert bureau.fails(*grow) == "certificates_missing"
    request = folder / "pending" / f"{WRITERS}-nodes.request"
    shutil.copy(request, writers.folder / "nodes.request")
    certify = ("organization", "certify", writers.folder / "nodes.request", writers.folder / "nodes.answer")
    assert writers.fails(*certify) == "name_not_agreed"
    assert office.fails("organization", "certify", shutil.copy(request, office.folder), office.folder / "nodes.answer")
    assert not (office.folder / "nodes.answer").exists()
    writers.run(*certify, "--name", HERE)
    bureau.run("network", "hosted", writers.send("nodes.answer", bureau))
    assert bureau.fails("network", "up") == "signatures_missing"
    bureau.run("network", "pending", "--export", bureau.folder / "join.update")
    asked = bureau.send("join.update", office)
    told = office.run("network", "proposal", asked)
    assert (told["signers"], told["missing"]) == ([BUREAU], [OFFICE])
    assert any(WRITERS in str(change) for change in told["changes"])
    office.run("network", "sign", asked, "--identity", f"{OFFICE}/admin", "--output", office.folder / "join.signed")
    bureau.run("network", "sign", office.send("join.signed", bureau), "--import")
    bureau.run("network", "up")
    bureau.run("network", "profile", WRITERS, bureau.folder / "writers-profile.json")
    writers.run("organization", "join", bureau.send("writers-profile.json", writers), "--name", "city")
    seconds = time.monotonic() - started

    # A contract: two of three must approve; its servers run where the peers do.
    assert bureau.fails("chaincode", "deploy", "copyright") == "not_approved"
    bureau.run("chaincode", "request", "copyright", bureau.folder / "copyright.request")
    board = writers.run("chaincode", "status", "copyright")
    assert {row["msp_id"] for row in board["rows"] if row["approved"]} == {BUREAU}
    assert board["pending"]["name"] == "copyright"
    office.run("chaincode", "accept", bureau.send("copyright.request", office), "--msp", OFFICE)
    bureau.run("chaincode", "deploy", "copyright")
    writers.run("chaincode", "accept", bureau.send("copyright.request", writers), "--msp", WRITERS)
    for desk in desks:
        approved = {row["msp_id"]: row["approved"] for row in desk.run("chaincode", "status", "copyright")["rows"]}
        assert (approved[BUREAU], approved[OFFICE]) == (True, True), desk.folder.name
    office.run("chaincode", "deploy", "copyright")  # its administrator sets the application up
    # The office's peer and the bureau's endorse, each on its own host.
    work = bureau.folder / "work.txt"
    work.write_text("一行\n" * 40)
    writers.run("identity", "issue", f"{WRITERS}/lin", "--role", "creator")
    deposit = ("copyright", "deposit", work, "--author", "林", "--completed", "2026-01-02", "--as", f"{WRITERS}/lin")
    deposited = writers.run(*deposit)
    assert deposited["id"]

    # The office proposes from its own desk; the writers, who run a peer now, sign it.
    assert office.run("network", "grow", "--batch-messages", "77")["signers"] == [OFFICE]
    office.run("network", "pending", "--export", office.folder / "batch.update")
    assert "DataBureauMSP" in office.run("network", "proposal", office.folder / "batch.update")["missing"]
    sign = ("network", "sign", office.send("batch.update", bureau), "--identity", f"{BUREAU}/admin")
    bureau.run(*sign, "--output", bureau.folder / "batch.signed")
    office.run("network", "sign", bureau.send("batch.signed", office), "--import")
    office.run("network", "up")
    assert bureau.run("network", "up")["network"] == "city"
    with Platform.open(bureau.folder / "workspace") as platform:
        assert platform.networks.spec("city").channels[0].batch.max_messages == 77
    # The writers' member is revoked at their own desk and refused everywhere.
    writers.run("identity", "revoke", f"{WRITERS}/lin", "--reason", "left", "--yes")
    assert writers.fails(*deposit)
    print(f"network of three desks after {seconds:.1f} s, everything after {time.monotonic() - started:.1f} s")


def _height(desk: Desk) -> None:
    assert any(node["heights"] for node in desk.run("network", "status")["nodes"])
