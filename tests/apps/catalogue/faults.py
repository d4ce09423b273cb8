"""One fault for each check: what is done to the network, its files or its blocks, and what the check must name.

A fault is a context in which the world is broken; it yields the look in which the check has to fail, or to be met.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common.common_pb2 import BlockMetadataIndex
from fabric_protos.common.configuration_pb2 import Capabilities
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig
from fabric_protos.orderer.configuration_pb2 import BatchTimeout

from apps.catalogue import measuring
from apps.catalogue.checking.looking import Look
from apps.catalogue.kinds import Standard
from baas.services.backup import LAST_BACKUP, back_up
from baas.services.lifecycle_model import Definition
from baas.serving.duties import DutyRecord, keep
from fabric_sdk import clock
from fabric_sdk.admin.query import LedgerQuery
from fabric_sdk.blocks import data_hash, decode_block
from fabric_sdk.blocks.hashing import header_bytes
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.identity import Identity, SigningIdentity
from network.embedded.block_format import sign
from network.handle import NetworkHandle
from network.topology import template
from tests.apps.catalogue.conftest import World

Fault = Callable[[World, pytest.MonkeyPatch, Path], AbstractContextManager[Look]]
FAULTS: dict[str, tuple[Fault, str]] = {}
MENDS: dict[str, Fault] = {}
"""What a check that the city fails as it stands needs, so that it is met."""
CARD, PHONE = "11010519491231002X", "13800138000"


def fault(check: str, names: str) -> Callable[[Any], Any]:
    """Register a fault of `check`; the finding must name `names`."""

    def add(function: Any) -> Any:
        FAULTS[check] = (contextmanager(function), names)
        return function

    return add


def mend(check: str) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        MENDS[check] = contextmanager(function)
        return function

    return add


def look_at(world: World, network: str = "city", **known: Any) -> Look:
    """A look with something known that it would otherwise have read."""
    found = Look(world.platform, network)
    found.__dict__.update(known)
    return found


# -- operation ---------------------------------------------------------------------------------------
PEER = "peer0.hospital.city.internal"


@fault("nodes-running", PEER)
def _(world: World, *_: Any) -> Iterator[Look]:
    world.platform.networks.stop("city", PEER)
    try:
        yield look_at(world)
    finally:
        world.platform.networks.start("city", PEER)


@fault("peers-level", PEER)
def _(world: World, *_: Any) -> Iterator[Look]:
    status = look_at(world).status
    nodes = tuple(replace(one, heights={"citychannel": 3}) if one.name == PEER else one for one in status.nodes)
    yield look_at(world, status=replace(status, nodes=nodes))


@fault("organizations-several", "DataBureauMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world, "alone")


@fault("ordering-survives", "orderer0")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world)


@mend("ordering-survives")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world, handle=_paper(world, "ha"))


def _paper(world: World, name: str, **changes: Any) -> NetworkHandle:
    """The city's folder with another topology: nodes that are planned, not run."""
    spec = template(name, network_name="city", runtime="native").with_(**changes)
    return NetworkHandle(world.platform.networks.folder("city"), world.platform.keystore, spec)


@fault("peers-spare", "HospitalMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world)


@mend("peers-spare")
def _(world: World, *_: Any) -> Iterator[Look]:
    organizations = tuple(
        replace(one, peers=(*one.peers, replace(one.peers[0], name="peer1"))) if one.peers else one
        for one in template("ha").organizations
    )
    yield look_at(world, handle=_paper(world, "ha", organizations=organizations))


def _configured(world: World, change: Callable[[Any], None]) -> Look:
    """A look at the channel's configuration with one change."""
    config = copy.deepcopy(look_at(world).authority.config)
    change(config.channel_group)
    return look_at(world, authority=ChannelAuthority(config))


@fault("anchor-peers", "HospitalMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    def change(root: Any) -> None:
        del root.groups["Application"].groups["hospital"].values["AnchorPeers"]

    yield _configured(world, change)


@fault("certificates-last", "(tls)")
def _(world: World, *_: Any) -> Iterator[Look]:
    found = look_at(world)
    found.now += dt.timedelta(days=3600)
    yield found


@fault("revocations-in-force", "HospitalMSP/left")
def _(world: World, *_: Any) -> Iterator[Look]:
    """The organisation's own book says revoked, the channel has not heard of it."""
    world.platform.identities.ensure("HospitalMSP", "left", network="city")
    book = look_at(world).handle.authority("HospitalMSP").directory / "ca" / "issued.jsonl"
    before = book.read_bytes()
    lines = [json.loads(line) for line in before.splitlines()]
    for line in lines:
        if line["name"] == "left" and line["kind"] == "enrolment":
            line["revoked_at"] = clock.now().isoformat()
    book.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    try:
        yield look_at(world)
    finally:
        book.write_bytes(before)


@fault("authorities-apart", "HospitalMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world)


@mend("authorities-apart")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world, "alone")


@fault("backup-fresh", "8.0")
def _(world: World, *_: Any) -> Iterator[Look]:
    world.platform.workspace.set_setting(LAST_BACKUP, str(clock.seconds() - 8 * 86_400))
    yield look_at(world)
    world.platform.workspace.set_setting(LAST_BACKUP, "0")


@mend("backup-fresh")
def _(world: World, _patch: Any, tmp: Path) -> Iterator[Look]:
    back_up(world.platform, tmp / "w.ccb")
    yield look_at(world)
    world.platform.workspace.set_setting(LAST_BACKUP, "0")


@fault("disk-room", "0.50")
def _(world: World, patch: pytest.MonkeyPatch, _tmp: Path) -> Iterator[Look]:
    patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, 1 << 29))
    yield look_at(world)


@fault("clock-agrees", "0:")
def _(world: World, *_: Any) -> Iterator[Look]:
    found = look_at(world)
    found.now -= dt.timedelta(days=1)
    yield found


@fault("watched", "no program")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world)


@mend("watched")
def _(world: World, *_: Any) -> Iterator[Look]:
    world.platform.monitor.watch("city")
    try:
        yield look_at(world)
    finally:
        world.platform.monitor.close()


@fault("duties-done", "notices")
def _(world: World, *_: Any) -> Iterator[Look]:
    keep(world.platform.workspace, DutyRecord("notices", "通知", "Notices", 60.0, clock.seconds() - 3600, False))
    yield look_at(world)


@mend("duties-done")
def _(world: World, *_: Any) -> Iterator[Look]:
    keep(world.platform.workspace, DutyRecord("notices", "通知", "Notices", 60.0, clock.seconds(), False))
    yield look_at(world)


@fault("audit-whole", "2: ")
def _(world: World, *_: Any) -> Iterator[Look]:
    path = world.platform.audit_log.path
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"kind"', b'"Kind"')
    path.write_bytes(b"".join(lines))
    try:
        yield look_at(world)
    finally:
        path.write_bytes(before)


@fault("audit-sealed", "3.0")
def _(world: World, *_: Any) -> Iterator[Look]:
    world.platform.audit.seal("city")
    found = look_at(world)
    found.now += dt.timedelta(days=3)
    yield found


@fault("keystore-passphrase", "no passphrase")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world)


@mend("keystore-passphrase")
def _(world: World, patch: pytest.MonkeyPatch, _tmp: Path) -> Iterator[Look]:
    from baas import keystore

    patch.setattr(keystore, "SCRYPT_N", 2**14)
    world.platform.set_passphrase("一句足够长的口令")
    try:
        yield look_at(world)
    finally:
        world.platform.set_passphrase(None)


# -- contracts ---------------------------------------------------------------------------------------
@fault("endorsement-several", "catalogue: DataBureauMSP")
@fault("upgrades-agreed", "DataBureauMSP")
@fault("changes-agreed", "DataBureauMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world, "alone")


@fault("endorsement-possible", "health_slots")
def _(world: World, *_: Any) -> Iterator[Look]:
    world.platform.networks.stop("city", PEER)
    try:
        yield look_at(world)
    finally:
        world.platform.networks.start("city", PEER)


@fault("definitions-approved", "catalogue: HospitalMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    boards = dict(look_at(world).boards)
    rows = tuple(replace(row, approved=row.msp_id != "HospitalMSP") for row in boards["catalogue"].rows)
    boards["catalogue"] = replace(boards["catalogue"], rows=rows)
    yield look_at(world, boards=boards)


@fault("packages-installed", f"catalogue: {PEER}")
def _(world: World, *_: Any) -> Iterator[Look]:
    boards = dict(look_at(world).boards)
    rows = tuple(
        replace(row, installed={name: name != PEER for name in row.installed}) for row in boards["catalogue"].rows
    )
    boards["catalogue"] = replace(boards["catalogue"], rows=rows)
    yield look_at(world, boards=boards)


def _with(world: World, **change: Any) -> Look:
    """A look in which the definition of 供应链金融 is another one."""
    found = look_at(world).definitions
    return look_at(
        world, definitions=tuple(replace(one, **change) if one.name == "supply_finance" else one for one in found)
    )


@fault("contracts-described", "ghost")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield look_at(world, definitions=(*look_at(world).definitions, Definition("ghost", "1", 1, "OR('A.peer')")))


@fault("contracts-current", "supply_finance: 0.9.0")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield _with(world, version="0.9.0")


@fault("roles-given", "supply_finance: bank StrangerMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    contracts = world.platform.contracts

    def configured(settings: dict[str, Any]) -> None:
        words = [json.dumps(settings)]
        contracts.invoke("city", "supply_finance", "Configure", words, identity="DataBureauMSP/admin")

    before = json.loads(contracts.query("city", "supply_finance", "ReadSettings").payload)
    configured({**before, "roles": {**before["roles"], "bank": ["DataBureauMSP", "StrangerMSP"]}})
    try:
        yield look_at(world)
    finally:
        configured(before)


def _blocks(world: World, change: Callable[[Any], Any]) -> Look:
    """A look at the blocks with each transaction changed."""
    blocks = [
        replace(block, transactions=tuple(change(one) for one in block.transactions)) for block in look_at(world).blocks
    ]
    return look_at(world, blocks=blocks)


@fault("refusals-few", "MVCC_READ_CONFLICT")
def _(world: World, *_: Any) -> Iterator[Look]:
    yield _blocks(world, lambda one: replace(one, validation_code=11) if one.tx_id[:1] in "01234567" else one)


@fault("capabilities-new", "V1_4")
def _(world: World, *_: Any) -> Iterator[Look]:
    def change(root: Any) -> None:
        old = Capabilities()
        old.capabilities["V1_4_2"].SetInParent()
        root.groups["Application"].values["Capabilities"].value = old.SerializeToString()

    yield _configured(world, change)


@fault("batches-sane", "timeout 1m30s")
def _(world: World, *_: Any) -> Iterator[Look]:
    def change(root: Any) -> None:
        root.groups["Orderer"].values["BatchTimeout"].value = BatchTimeout(timeout="1m30s").SerializeToString()

    yield _configured(world, change)


# -- personal information ----------------------------------------------------------------------------
def publish(world: World, code: str, about: str, signer: str = "") -> None:
    """Put a sentence on the ledger of the one organisation, where it stays."""
    edition = dict(measuring.shipped()["CS-01"]) | {"code": code, "number": 1, "about": {"zh": about, "en": about}}
    service = world.service("alone")
    service.do(Standard.publish, {"text": edition}, signer=signer or service.signer_for("catalogue_keeper"))


@fault("ledger-nameless", "card")
def _(world: World, *_: Any) -> Iterator[Look]:
    publish(world, "XX-1", f"联系人 {CARD}")
    yield look_at(world, "alone")


@fault("logs-nameless", "node.log: phone")
def _(world: World, *_: Any) -> Iterator[Look]:
    log = world.platform.networks.folder("city") / "embedded" / "node.log"
    before = log.read_bytes()
    log.write_bytes(before + f"call from {PHONE} refused\n".encode())
    try:
        yield look_at(world)
    finally:
        log.write_bytes(before)


@fault("certificates-nameless", "card")
def _(world: World, *_: Any) -> Iterator[Look]:
    label = world.platform.identities.issue("DataBureauMSP", CARD, "catalogue_keeper", network="alone")
    publish(world, "XX-2", "文字", signer=label)
    yield look_at(world, "alone")


@fault("collections-own", "supply_finance/papers")
def _(world: World, *_: Any) -> Iterator[Look]:
    (one,) = next(each for each in look_at(world).definitions if each.name == "supply_finance").collections
    wide = "OR('DataBureauMSP.peer', 'HospitalMSP.peer', 'CopyrightMSP.peer')"
    yield _with(world, collections=({**one, "policy": wide},))


@fault("collections-written-by-own", "supply_finance/papers")
def _(world: World, *_: Any) -> Iterator[Look]:
    (one,) = next(each for each in look_at(world).definitions if each.name == "supply_finance").collections
    yield _with(world, collections=({**one, "endorsementPolicy": None},))


@fault("sealing-keys", ".key: 0644")
def _(world: World, *_: Any) -> Iterator[Look]:
    path = next(world.platform.networks.folder("city").rglob("contract-keys/*.key"))
    path.chmod(0o644)
    try:
        yield look_at(world)
    finally:
        path.chmod(0o600)


@fault("keys-encrypted", "left.pem")
def _(world: World, *_: Any) -> Iterator[Look]:
    path = world.platform.workspace.folder / "keystore" / "left.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nMIG\n", "utf-8")
    try:
        yield look_at(world)
    finally:
        path.unlink()


@fault("folder-private", "0755")
def _(world: World, *_: Any) -> Iterator[Look]:
    folder = world.platform.workspace.folder
    folder.chmod(0o755)
    try:
        yield look_at(world)
    finally:
        folder.chmod(0o700)


@fault("lines-encrypted", PEER)
def _(world: World, *_: Any) -> Iterator[Look]:
    """In the place of a peer something that speaks HTTP/2 in clear."""
    handle = NetworkHandle(world.platform.networks.folder("city"), world.platform.keystore)
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_clear, args=(door,), daemon=True).start()
        addresses = handle.addresses
        addresses._nodes[PEER] = replace(addresses[PEER], port=door.getsockname()[1])
        yield look_at(world, handle=handle)


def _clear(door: socket.socket) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line:
            line.sendall(b"\0\0\0\4\0\0\0\0\0")


# -- evidence ----------------------------------------------------------------------------------------
def _tampered(world: World, change: Callable[[Any], None], number: int = -1) -> Look:
    """A look at the blocks as a peer sends them, one of them changed."""
    raw = [copy.deepcopy(one) for one in look_at(world).raw]
    change(raw[number])
    return look_at(world, raw=raw, blocks=[decode_block(one) for one in raw])


@fault("blocks-linked", "data hash")
def _(world: World, *_: Any) -> Iterator[Look]:
    def change(block: Any) -> None:
        block.data.data[0] = block.data.data[0][:-1] + bytes([block.data.data[0][-1] ^ 1])

    yield _tampered(world, change, 3)


@fault("blocks-signed", "BlockValidation")
def _(world: World, *_: Any) -> Iterator[Look]:
    def change(block: Any) -> None:
        place = block.metadata.metadata[BlockMetadataIndex.SIGNATURES]
        block.metadata.metadata[BlockMetadataIndex.SIGNATURES] = place[:-1] + bytes([place[-1] ^ 1])

    yield _tampered(world, change)


@fault("transactions-signed", "signature")
def _(world: World, *_: Any) -> Iterator[Look]:
    """An ordering service that signs a block in which somebody's signature was changed."""
    handle = look_at(world).handle
    (orderer,) = handle.orderers()
    folder = handle.authority(orderer.organization.msp_id).nodes.directory(orderer) / "msp"
    certificate, key = ((folder / name).read_bytes() for name in ("signcerts/cert.pem", "keystore/key.pem"))
    who = SigningIdentity.from_pem(orderer.organization.msp_id, certificate, key)

    def change(block: Any) -> None:
        block.data.data[0] = block.data.data[0][:-1] + bytes([block.data.data[0][-1] ^ 1])
        block.header.data_hash = data_hash(block.data)
        sign(block, header_bytes(block.header), decode_block(block).last_config or 0, [(who, None)])

    yield _tampered(world, change)


@fault("commit-hashes", "5")
def _(world: World, *_: Any) -> Iterator[Look]:
    blocks = [replace(one, commit_hash=b"") if one.number == 5 else one for one in look_at(world).blocks]
    yield look_at(world, blocks=blocks)


@fault("peers-agree", "differs")
def _(world: World, patch: pytest.MonkeyPatch, _tmp: Path) -> Iterator[Look]:
    real = LedgerQuery.block
    asked: list[int] = []

    def lying(self: LedgerQuery, number: int) -> Any:
        asked.append(number)
        block = real(self, number)
        if len(asked) == 2:
            block.header.previous_hash = bytes(32)
        return block

    patch.setattr(LedgerQuery, "block", lying)
    yield look_at(world)


@fault("state-true", "settings")
def _(world: World, *_: Any) -> Iterator[Look]:
    path = world.platform.networks.folder("city") / "embedded" / "channels" / "citychannel" / "ledger.db"
    place = "namespace = 'catalogue' AND key = 'settings'"
    with sqlite3.connect(path) as db:
        ((before,),) = db.execute(f"SELECT value FROM state WHERE {place}").fetchall()
        db.execute(f"UPDATE state SET value = ? WHERE {place}", [b"{}"])
    try:
        yield look_at(world)
    finally:
        with sqlite3.connect(path) as db:
            db.execute(f"UPDATE state SET value = ? WHERE {place}", [before])


@fault("times-plausible", "2000-01-01")
def _(world: World, *_: Any) -> Iterator[Look]:
    last = look_at(world).blocks[-1].transactions[-1].tx_id
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    other = next(
        one.creator for block in look_at(world).blocks for one in block.transactions
        if one.creator and one.creator != look_at(world).blocks[-1].transactions[-1].creator
    )  # fmt: skip
    yield _blocks(world, lambda one: replace(one, timestamp=long_ago, creator=other) if one.tx_id == last else one)


@fault("algorithms-strong", "RSA 2048")
def _(world: World, *_: Any) -> Iterator[Look]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    weak = _certificate("old", key.public_key(), key, authority=True)

    def change(root: Any) -> None:
        value = root.groups["Application"].groups["hospital"].values["MSP"]
        outer = MSPConfig.FromString(value.value)
        config = FabricMSPConfig.FromString(outer.config)
        config.root_certs.append(weak)
        outer.config = config.SerializeToString()
        value.value = outer.SerializeToString()

    config = copy.deepcopy(look_at(world).authority.config)
    change(config.channel_group)
    found = look_at(world)
    found.authority.config.CopyFrom(config)  # MSPs of such a root cannot be read at all: the raw words are looked at
    yield found


def _certificate(name: str, public: Any, signer: Any, *, authority: bool = False) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(7)
        .not_valid_before(clock.now() - dt.timedelta(days=1))
        .not_valid_after(clock.now() + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@fault("keys-distinct", "CN=double")
def _(world: World, *_: Any) -> Iterator[Look]:
    """A certificate over somebody else's key."""
    last = look_at(world).blocks[-1].transactions[-1]
    assert last.creator is not None
    key = ec.generate_private_key(ec.SECP256R1())
    other = Identity("HospitalMSP", _certificate("double", last.creator.certificate.public_key(), key))
    yield _blocks(world, lambda one: replace(one, endorsements=(replace(one.endorsements[0], identity=other),))
                  if one.tx_id == last.tx_id else one)  # fmt: skip


@fault("authors-current", "DataBureauMSP")
def _(world: World, *_: Any) -> Iterator[Look]:
    later = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    yield _blocks(world, lambda one: replace(one, timestamp=later) if one.valid else one)


@fault("content-sound", "baf")
def _(world: World, *_: Any) -> Iterator[Look]:
    import io

    content = world.platform.content
    content.add(io.BytesIO(os.urandom(5000)), name="probe")
    pack = max((world.platform.workspace.path("content")).rglob("*.pack"), key=lambda one: one.stat().st_mtime_ns)
    before = pack.read_bytes()
    pack.write_bytes(before[:-9] + bytes([before[-9] ^ 1]) + before[-8:])
    try:
        yield look_at(world)
    finally:
        pack.write_bytes(before)
