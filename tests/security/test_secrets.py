"""Secrets against people with valid keys: what a stranger streams, what stays on a disk, what a key file opens.

Before, any certificate of the channel streamed every owner's documents in clear from the office's peer (seen on native
3.1.5), any certificate of a hospital's organisation every patient's identity, and a purged value stayed in the
write-ahead log.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from apps.copyright.service import CopyrightService
from apps.health_slots.model import Identity
from apps.health_slots.service import HealthSlotsService, build_service
from baas.errors import UserError
from baas.services import doctor
from chaincode.copyright import CopyrightContract
from fabric_sdk import clock
from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.sealing import MAGIC, KeyFile, KeyFileError, KeyFolder, SealingKeys, is_sealed, key_id_of
from fabric_sdk.chaincode.secret_values import Secrets
from fabric_sdk.errors import QuerySubmitted
from fabric_sdk.gateway import connect
from tests.chaincode.health_slots.conftest import STAFF, refused
from tests.conftest import City, close_city, make_city
from tests.network.embedded.city import City as Node
from tests.people import card

RESIDENT = "11010519491231002X"
PERSON = Identity("尉迟密文", "01", card(17, "19550202"), "13612349017")
HOSPITAL = "H0077"


# The seal itself


@pytest.fixture
def keys() -> SealingKeys:
    return SealingKeys(KeyFile.make("Org1MSP", 1_000_000_000))


def test_equal_values_agree_between_servers_and_differ_between_transactions(keys):
    twin = SealingKeys(*(KeyFile.from_bytes(f.to_bytes()) for f in keys.files.values()))
    first = keys.seal(b"secret", "c\x00k", "aa" * 32)
    assert first == twin.seal(b"secret", "c\x00k", "aa" * 32)
    assert first != keys.seal(b"secret", "c\x00k", "bb" * 32)
    assert b"secret" not in first and is_sealed(first) and key_id_of(first) == keys.current.id
    assert keys.open(first, "c\x00k") == b"secret"


def test_a_value_cannot_be_moved_or_changed(keys):
    sealed = keys.seal(b"secret", "c\x00k", "aa" * 32)
    with pytest.raises(ChaincodeError, match="SEAL_BROKEN"):
        keys.open(sealed, "c\x00other")
    for place in range(len(MAGIC), len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(ChaincodeError, match=r"SEAL_BROKEN|KEY_FILE_MISSING"):
            keys.open(changed, "c\x00k")
    for length in range(len(MAGIC), len(sealed)):
        with pytest.raises(ChaincodeError, match=r"SEAL_BROKEN|KEY_FILE_MISSING"):
            keys.open(sealed[:length], "c\x00k")


def test_another_years_key_file_says_that_it_is_missing(keys):
    old = keys.seal(b"secret", "c\x00k", "aa" * 32)
    newer = KeyFile.make("Org1MSP", 2_000_000_000)
    both = SealingKeys(*keys.files.values(), newer)
    assert both.current.id == newer.id
    assert both.open(old, "c\x00k") == b"secret"
    with pytest.raises(ChaincodeError, match=f"KEY_FILE_MISSING: .*{keys.current.id}"):
        SealingKeys(newer).open(old, "c\x00k")
    with pytest.raises(ChaincodeError, match="KEY_FILE_MISSING"):
        SealingKeys().seal(b"x", "c\x00k", "aa" * 32)


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 5000, b'{"format": "citychain-contract-key-1"}', b"\xff" * 100])
def test_damaged_key_files_are_refused(data, tmp_path):
    with pytest.raises(KeyFileError):
        KeyFile.from_bytes(data)
    (tmp_path / "K1.key").write_bytes(data)
    with pytest.raises(ChaincodeError, match="KEY_FILE_MISSING"):
        KeyFolder(tmp_path, "Org1MSP").now()


def test_a_folder_takes_a_newer_file_without_a_new_start_and_no_strangers_file(tmp_path):
    folder = KeyFolder(tmp_path, "Org1MSP")
    assert folder.now().current is None
    made = KeyFile.make("Org1MSP")
    (tmp_path / f"{made.id}.key").write_bytes(made.to_bytes())
    assert folder.now().current.id == made.id
    with pytest.raises(KeyFileError, match="belongs to"):
        SealingKeys.read(tmp_path, "Org2MSP")
    assert made.key.hex() not in repr(made)


def test_a_transaction_writes_one_private_key_of_a_collection(keys):
    """A purge would take the rest of the write set along on a peer that restores from others."""

    class Stub:
        tx_id = "aa" * 32
        invocation = SimpleNamespace(sealing=keys)

        def put_private_data(self, *_: object) -> None: ...

        def purge_private_data(self, *_: object) -> None: ...

    secrets = Secrets(Stub(), "c")  # type: ignore[arg-type]
    secrets.put("one", b"x")
    for act in (lambda: secrets.put("two", b"y"), lambda: secrets.purge("two")):
        with pytest.raises(AssertionError):
            act()


def test_a_look_at_an_identity_ends_with_its_quarter_of_an_hour(contract_city):
    city = contract_city
    who = city.deposit(1)
    city.do(STAFF, "LookAtIdentity", "H1", who, "check-in")
    city.pass_time(seconds=901)
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadIdentity", "H1", who)


# What peers stream


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("node") / "n") as made:
        made.deploy("ledger", policy="OR('DataBureauMSP.peer')", collections=_collection(read=False))
        yield made


def _collection(*, read: bool) -> tuple[CollectionConfig, ...]:
    own = "OR('DataBureauMSP.peer')"
    return (CollectionConfig("own", own, member_only_read=read, member_only_write=False, endorsement_policy=own),)


def _streamed(node: Node, who: str, whose: str, block: int) -> list[bytes]:
    """The private values that an organisation's client is sent by another's peer."""
    with (
        connect(node.handle.endpoint(whose), node.handle.admin(who)) as gateway,
        gateway.get_network("citychannel").block_and_private_data_events(start_block=block) as events,
    ):
        event = next(iter(events))
    return [w.value for sets in event.private_data.values() for part in sets for w in part.writes]


def test_the_node_streams_private_data_as_fabric_does(node):
    """The flag of the definition below the block decides, and only a peer that holds the collection has it."""

    def put(value: str) -> int:
        sent = node.contract().submit_async(
            "PutPrivateValue", "own", "k", value, endorsing_organizations=["DataBureauMSP"]
        )
        return sent.status().block_number

    before = put("streamed to everybody")
    assert _streamed(node, "HealthMSP", "DataBureauMSP", before) == [b"streamed to everybody"]
    assert _streamed(node, "DataBureauMSP", "HealthMSP", before) == []
    node.deploy("ledger", policy="OR('DataBureauMSP.peer')", collections=_collection(read=True), sequence=2)
    after = put("streamed to nobody: no client is a peer")
    assert _streamed(node, "HealthMSP", "DataBureauMSP", after) == []
    assert _streamed(node, "DataBureauMSP", "DataBureauMSP", after) == []
    # Tightening later closes nothing old.
    assert _streamed(node, "HealthMSP", "DataBureauMSP", before) == [b"streamed to everybody"]


def test_a_purged_value_leaves_the_disk(node):
    """State, write-ahead log and transient store; read as a thief of the disk would, while the node runs."""
    contract = node.contract()
    secret = b"purged-value-" + b"7" * 40
    for _ in range(3):
        contract.submit("PutPrivate", "own", "gone", transient={"value": secret})
    folder = node.directory / "embedded" / "channels" / "citychannel"
    assert any(secret in path.read_bytes() for path in folder.glob("*.db*"))
    contract.submit("PurgePrivate", "own", "gone")
    end = time.monotonic() + 30
    while left := [p.name for p in folder.glob("*.db*") if secret in p.read_bytes()]:
        assert time.monotonic() < end, left
        time.sleep(0.05)


# Both applications, on both ledgers


@pytest.fixture(scope="module", params=["embedded", pytest.param("native", marks=pytest.mark.e2e)])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    if request.param == "embedded":
        yield request.getfixturevalue("city")
        return
    from network.drivers import make_driver
    from network.topology import template
    from network.vault import MemoryVault

    spec = template("city", network_name="city", runtime="native")
    capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
    if not capability.available:
        pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    made = make_city(tmp_path_factory.mktemp("native") / "workspace", "native")
    yield made
    close_city(made)


@pytest.fixture(scope="module")
def slots(ledger: City) -> Iterator[HealthSlotsService]:
    made = build_service(ledger.platform, ledger.network)
    made.set_up({HOSPITAL: "市第七十七人民医院"})
    yield made
    made.close()


def _everything(ledger: City, msp_id: str) -> list[bytes]:
    """Every private value and key that any client of the channel is sent by an organisation's peer, as raw bytes."""
    handle = ledger.platform.networks.handle(ledger.network)
    height = _height(ledger)
    found = []
    people = ledger.platform.identities
    ordinary = [
        people.ensure(organization, name, role, attributes, network=ledger.network)
        for organization, name, role, attributes in (
            ("HospitalMSP", "a-nurse", "hospital_staff", {}),
            ("DataBureauMSP", "a-portal", "client", {"slots.role": "portal"}),
            ("HealthMSP", "an-official", "authority", {}),
        )
    ]
    readers = [handle.admin(who) for who in handle.msp_ids]
    readers += [people.signing(label, ledger.network) for label in ordinary]
    for reader in readers:
        with (
            connect(handle.endpoint(msp_id), reader) as gateway,
            gateway.get_network("citychannel").block_and_private_data_events(start_block=0) as events,
        ):
            for number, event in enumerate(events):
                parts = [part for sets in event.private_data.values() for part in sets]
                found += [
                    write.key.encode() + b"\x00" + write.value
                    for part in parts
                    if part.namespace != "_lifecycle"
                    for write in part.writes
                    if write.value  # erased ones have none
                ]
                if number + 1 >= height:
                    break
    return found


def _height(ledger: City) -> int:
    from fabric_protos.common.ledger_pb2 import BlockchainInfo

    network = ledger.platform.networks.connect(ledger.network, "DataBureauMSP/admin")
    answer = network.get_contract("qscc").evaluate("GetChainInfo", network.name)
    return int(BlockchainInfo.FromString(answer).height)


def test_strangers_stream_only_ciphertext(ledger, slots, tmp_path):
    path = tmp_path / "work.txt"
    path.write_text(f"{clock.nanoseconds()} 密文\n" * 20, encoding="utf-8")
    with CopyrightService(ledger.platform, ledger.network) as copyright:
        from apps.copyright.model import WorkForm

        form = WorkForm(title="密文测试", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
        work = copyright.deposit(path, form).work
        party = copyright.ledger.party("creator")
        person = {"party": party, "name": "样例甲", "kind": "natural", "document_type": "resident_id"}
        copyright.put_owner_documents(work.id, [person | {"document_number": RESIDENT}])
        resident = slots.bookings.deposit(HOSPITAL, PERSON)
        streams = {msp_id: _everything(ledger, msp_id) for msp_id in ("CopyrightMSP", "HospitalMSP")}
        for msp_id, found in streams.items():
            sealed = [value for value in found if MAGIC in value]
            assert len(sealed) >= 4, f"everybody on the channel is sent what {msp_id} holds"
            assert sealed == found
            for secret in (RESIDENT, "样例甲", PERSON.name, PERSON.document, PERSON.phone):
                assert not [value for value in found if secret.encode() in value]
        # Who has the role still reads, and leaves a trace.
        assert copyright.owner_documents(work.id)["owners"][0]["document_number"] == RESIDENT
        assert slots.bookings.identity(HOSPITAL, resident)["document"] == PERSON.document
        looks = slots.ledger.evaluate("authority", "ListLooks", HOSPITAL, resident)
        assert [look["purpose"] for look in looks] == ["check-in"]


def test_a_read_cannot_be_put_into_a_block(ledger, slots):
    """What a submitted call answers stands in a block for ever, names included."""
    network = ledger.platform.networks.connect(ledger.network)
    contract = network.get_contract("copyright", queries=CopyrightContract.queries())
    with pytest.raises(QuerySubmitted):
        contract.submit("ReadOwnerDocuments", "CZ1")
    with pytest.raises(UserError):
        slots.ledger.submit("staff", "ReadIdentity", HOSPITAL, "R" + "A" * 26)
    with pytest.raises(UserError):
        ledger.platform.contracts.invoke(ledger.network, "copyright", "ReadOwnerDocuments", ["CZ1"])


def test_the_backup_of_the_ledger_holds_no_key_file(ledger, slots, tmp_path):

    keys = ledger.platform.contract_keys
    rows = [row for row in keys.files(ledger.network) if row.msp_id == "HospitalMSP"]
    assert rows and rows[-1].current and not rows[-1].old
    handle = ledger.platform.networks.handle(ledger.network)
    folder = handle.directory / "organizations"
    files = list(folder.rglob("contract-keys/*.key"))
    assert files and all(path.stat().st_mode & 0o077 == 0 for path in files)
    from baas.services import backup

    kept = {
        path.relative_to(ledger.platform.workspace.folder).as_posix()
        for path in backup._files(handle.directory.parents[1])
    }
    assert not [name for name in kept if "contract-keys" in name]
    target = tmp_path / "keys"
    ids = keys.write(ledger.network, "HospitalMSP", target, "a passphrase of its own")
    key = json.loads(files[0].read_bytes())["key"]
    assert key.encode() not in target.read_bytes() and bytes.fromhex(key) not in target.read_bytes()
    assert keys.take_over(ledger.network, "HospitalMSP", target, "a passphrase of its own") == ()
    assert ids
    with pytest.raises(UserError):
        keys.take_over(ledger.network, "HospitalMSP", target, "a wrong passphrase")
    with pytest.raises(UserError):
        keys.take_over(ledger.network, "HealthMSP", target, "a passphrase of its own")


def test_doctor_names_key_files_that_are_open_or_gone(ledger):
    """A file that others of the machine may read, or one that is lost, is told before somebody needs it."""
    folder = ledger.platform.networks.handle(ledger.network).directory / "organizations"
    (path,) = next(iter(folder.rglob("contract-keys/"))).glob("*.key")

    def state() -> str:
        return next(c.state for c in doctor._key_files(ledger.platform, ledger.network))

    kept = path.read_bytes()
    assert state() == "ok"
    try:
        path.chmod(0o644)
        assert state() == "bad"
        path.unlink()
        assert state() == "bad"
    finally:
        path.write_bytes(kept)
        path.chmod(0o600)
    assert state() == "ok"
