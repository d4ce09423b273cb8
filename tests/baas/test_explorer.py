from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baas.errors import Conflict, LedgerError, NotFound, Text, Unavailable
from baas.events import BlockIndexed, EventBus, NetworkChanged
from baas.platform import Platform
from baas.services.explorer import ExplorerService
from baas.services.explorer.follower import Follower
from baas.services.explorer.full_text import match_expression, readable, spaced
from baas.services.explorer.reader import IndexReader
from baas.services.explorer.writer import ForeignChain, IndexWriter, content_digest
from tests.baas.chain_builder import Chain, FakeSource, Tx

CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"


def sample() -> Chain:
    chain = Chain()
    chain.add(Tx("Init"))
    chain.add(
        Tx(
            "Deposit",
            [f'{{"title":"江南晨光书法作品集","cid":"{CID}"}}'],
            {"work/1": None},
            {"work/1": b'{"state":"new"}'},
        ),
        Tx("Deposit", ['{"title":"harbour lantern"}'], {"work/2": None}, {"work/2": b"two"}, creator="bob"),
    )
    chain.add(Tx("License", ["work/1"], {"work/1": (1, 0)}, {"work/1": "已许可".encode()}, touches="lscc"))
    chain.add(
        Tx("Transfer", ["work/1"], {"work/1": (2, 0)}, {"work/1": b"bob"}),
        Tx("Transfer", ["work/1"], {"work/1": (2, 0)}, {"work/1": b"carol"}, creator="bob", code=11),
        Tx("Remove", ["work/2"], {"work/2": (1, 1)}, {"work/2": None}),
    )
    chain.add(Tx("Secret", private={"owners": ("ab" * 32, b"hash")}, contract="health_slots", touches="lscc"))
    return chain


def index(path: Path, chain: Chain, batches: int | None = None) -> IndexReader:
    writer = IndexWriter(path)
    blocks = chain.decoded
    step = batches or len(blocks)
    for start in range(0, len(blocks), step):
        writer.add(blocks[start : start + step])
    writer.close()
    return IndexReader(path, "citychannel")


@pytest.fixture
def reader(tmp_path: Path) -> IndexReader:
    return index(tmp_path / "i.db", sample())


def test_blocks_and_transactions_by_page(reader: IndexReader) -> None:
    assert reader.position() == (5, 8, 1)
    assert [b.number for b in reader.blocks(None, 3)] == [4, 3, 2]
    assert [b.number for b in reader.blocks(2, 9)] == [1, 0]
    (third,) = [b for b in reader.blocks(None, 9) if b.number == 3]
    assert (third.transactions, third.invalid) == (3, 1)
    newest = reader.transactions(limit=2)
    assert [(t.block, t.index) for t in newest] == [(4, 0), (3, 2)]
    assert [(t.block, t.index) for t in reader.transactions(before=(3, 2), limit=2)] == [(3, 1), (3, 0)]
    assert [t.function for t in reader.transactions(block=3)] == ["Transfer", "Transfer", "Remove"]
    (bad,) = reader.transactions(valid=False)
    assert (bad.code_name, bad.creator) == ("MVCC_READ_CONFLICT", "CopyrightMSP/bob")
    assert {t.contract for t in reader.transactions(contract="health_slots")} == {"health_slots"}
    by_bob = reader.transactions(fingerprint=bad.fingerprint)
    assert {t.creator for t in by_bob} == {"CopyrightMSP/bob"} and len(by_bob) == 2


def test_traffic_is_counted_by_stretches_of_time(reader: IndexReader) -> None:
    blocks = reader.blocks(None, 9)
    first, last = min(b.time for b in blocks), max(b.time for b in blocks)
    stretches = reader.traffic(first, (last - first + 1) / 3, 3)
    assert sum(s.transactions for s in stretches) == 8
    assert (sum(s.invalid for s in stretches), sum(s.blocks for s in stretches)) == (1, 5)
    assert [s.start for s in stretches] == sorted(s.start for s in stretches)
    assert reader.traffic(last + 1, 60, 5)[0].blocks == 0
    assert sum(s.blocks for s in reader.traffic(last, 60, 2)) == sum(b.time == last for b in blocks)


def test_contracts_and_identities_are_counted(reader: IndexReader) -> None:
    contracts = {c.name: c for c in reader.contracts()}
    assert (contracts["copyright"].transactions, contracts["copyright"].invalid, contracts["copyright"].keys) == (
        7,
        1,
        2,
    )
    assert contracts["health_slots"].first_block == 4
    people = {i.name: i for i in reader.identities(10)}
    assert (people["alice"].transactions, people["bob"].transactions, people["bob"].last_block) == (6, 2, 3)
    assert people["alice"].certificate.startswith("-----BEGIN CERTIFICATE-----")


def test_a_keys_life_leaves_invalid_writes_out(reader: IndexReader) -> None:
    life = reader.history("copyright", "", "work/1", 10)
    assert [(v.block, v.value) for v in life] == [(3, b"bob"), (2, "已许可".encode()), (1, b'{"state":"new"}')]
    assert reader.history("copyright", "", "work/2", 10)[0].deleted
    assert reader.history("health_slots", "owners", "ab" * 32, 10)[0].value == b"hash"
    assert reader.history("copyright", "", "work/9", 10) == ()


@pytest.mark.parametrize(("block", "value"), [(0, None), (1, b'{"state":"new"}'), (2, "已许可".encode()), (9, b"bob")])
def test_a_key_as_of_a_block(reader: IndexReader, block: int, value: bytes | None) -> None:
    found = reader.key_at("copyright", "", "work/1", block)
    assert (found.value if found else None) == value


def test_keys_in_order_by_page(reader: IndexReader) -> None:
    assert [k.key for k in reader.keys("copyright", "", "work/", "", 10)] == ["work/1", "work/2"]
    assert [k.key for k in reader.keys("copyright", "", "work/", "work/1", 10)] == ["work/2"]
    assert reader.keys("copyright", "", "nothing", "", 10) == ()


def kinds(reader: IndexReader, query: str) -> set[str]:
    return {hit.kind for hit in reader.search(query, 20)}


def test_search_finds_by_anything(reader: IndexReader) -> None:
    tx = reader.transactions(block=1)[0]
    for query in (
        tx.tx_id,
        tx.tx_id[:9],
        tx.tx_id.upper(),
        CID,
        "书法",
        "晨光书法",
        "江南 deposit",
        "harbour",
        "harb",
        "已许可",
    ):
        hits = reader.search(query, 20)
        assert hits, query
        assert all(hit.kind == "transaction" for hit in hits), query
    assert reader.search(tx.tx_id, 20)[0].tx_id == tx.tx_id
    assert kinds(reader, "3") >= {"block"}
    assert kinds(reader, reader.blocks(None, 1)[0].hash) == {"block"}
    assert "key" in kinds(reader, "work/")
    assert "contract" in kinds(reader, "copy")
    fingerprint = reader.identities(1)[0].fingerprint
    colons = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    assert kinds(reader, colons) == {"identity"}
    assert "identity" in kinds(reader, "CopyrightMSP/bob")
    assert reader.search(reader.identities(1)[0].certificate, 20)[0].fingerprint == fingerprint
    assert kinds(reader, reader.identities(1)[0].serial) == {"identity"}
    for query in ("", "   ", "法书", "no such thing", "carol's", "ffffff"):
        assert not reader.search(query, 20), query


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(st.characters(), max_size=80), st.from_regex(r'["*()^:{}+\-A-Z]{1,20}', fullmatch=True)))
def test_no_query_breaks_the_search(reader: IndexReader, query: str) -> None:
    assert len(reader.search(query, 5)) <= 5


@settings(deadline=None)
@given(st.text("书法作品江南abc def,号_/", min_size=1, max_size=40), st.data())
def test_any_part_of_a_chinese_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    expression = match_expression("".join(c for c in part if c > "\u4e00"))
    if not expression or not all(c > "\u4e00" for c in part):
        return
    db = sqlite3.connect(":memory:")
    db.execute("""CREATE VIRTUAL TABLE w USING fts5(t, content='', tokenize="unicode61 remove_diacritics 0")""")
    db.execute("INSERT INTO w(rowid, t) VALUES (1, ?)", (spaced(text),))
    assert db.execute("SELECT rowid FROM w WHERE w MATCH ?", (expression,)).fetchall() == [(1,)]


@given(st.text(max_size=200), st.integers(1, 50))
def test_text_is_read_up_to_a_limit(text: str, limit: int) -> None:
    assert readable(text.encode(), limit) == text[:limit]


def test_binary_is_not_read_as_text() -> None:
    assert readable(bytes(range(256)), 100) == ""
    assert readable("汉字".encode() * 100, 10) == "汉字" * 5


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_index_depends_on_the_blocks_alone(tmp_path: Path, batch: int) -> None:
    index(tmp_path / "whole.db", sample())
    index(tmp_path / "parts.db", sample(), batch)
    assert content_digest(tmp_path / "whole.db") == content_digest(tmp_path / "parts.db")


def test_it_resumes_and_passes_over_known_blocks(tmp_path: Path) -> None:
    chain = sample()
    path = tmp_path / "i.db"
    for upto in range(1, 6):
        writer = IndexWriter(path)
        writer.add(chain.decoded[:upto])
        writer.close()
    index(tmp_path / "whole.db", chain)
    assert content_digest(path) == content_digest(tmp_path / "whole.db")


def test_a_file_without_tables_yet_is_an_empty_index(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "i.db").close()
    (tmp_path / "i.db").touch()
    reader = IndexReader(tmp_path / "i.db", "c")
    assert reader.position() == (0, 0, 0)
    assert reader.search("x", 5) == ()
    (tmp_path / "i.db").unlink()
    writer = IndexWriter(tmp_path / "i.db")
    writer.add(sample().decoded)
    assert reader.position() == (5, 8, 1)
    writer.close()


def test_a_reader_of_an_index_that_is_being_made_finds_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    sqlite3.connect(path).close()
    path.touch()
    early = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)  # has the file open before there is a table
    IndexWriter(path).close()
    assert early.execute("SELECT count(*) FROM tx").fetchone() == (0,)
    early.close()


@pytest.mark.parametrize("damage", [b"no database at all, but long enough to look like one" * 100, b"\0" * 4096])
def test_a_damaged_index_is_made_anew(service: ExplorerService, paper: Platform, damage: bytes) -> None:
    service.sync("city")
    before = service.blocks("city")
    service.close()
    (path,) = paper.workspace.path("index").glob("city~*.db")
    path.write_bytes(damage)
    other = ExplorerService(paper.workspace, paper.networks, service.fake, paper.session, paper.events)  # type: ignore[attr-defined]
    with contextlib.suppress(Unavailable):
        other.blocks("city")
    other.rebuild("city")
    assert other.blocks("city") == before
    other.close()


def test_a_failed_batch_leaves_nothing(tmp_path: Path) -> None:
    chain, other = sample(), Chain(seed=5)
    other.add(Tx("Other"))
    writer = IndexWriter(tmp_path / "i.db")
    writer.add(chain.decoded[:2])
    with pytest.raises(ForeignChain):
        writer.add([chain.decoded[2], other.decoded[0], chain.decoded[4]])
    assert writer.next_block == 2
    writer.add(chain.decoded)
    writer.close()
    index(tmp_path / "whole.db", chain)
    assert content_digest(tmp_path / "i.db") == content_digest(tmp_path / "whole.db")


def test_clearing_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    reader = index(path, sample())
    writer = IndexWriter(path)
    writer.clear()
    assert reader.position() == (0, 0, 0)
    writer.add(sample().decoded)
    writer.close()
    assert reader.position() == (5, 8, 1)
    index(tmp_path / "whole.db", sample())
    assert content_digest(path) == content_digest(tmp_path / "whole.db")


# -- following -----------------------------------------------------------------------------------------


def follow(path: Path, source: FakeSource) -> tuple[Follower, list[int], list[str]]:
    numbers: list[int] = []
    states: list[str] = []
    follower = Follower(path, source, lambda blocks: numbers.extend(b.number for b in blocks), states.append)
    follower.start()
    return follower, numbers, states


def test_a_follower_keeps_up_and_resumes(tmp_path: Path) -> None:
    chain = sample()
    source = FakeSource(chain)
    follower, numbers, states = follow(tmp_path / "i.db", source)
    assert follower.wait_for(4, 10)
    chain.add(Tx("Later"))
    assert follower.wait_for(5, 10)
    follower.stop()
    assert numbers == [0, 1, 2, 3, 4, 5]
    assert states[0] == "following" and states[-1] == "stopped"
    chain.add(Tx("While away"))
    second, numbers, _ = follow(tmp_path / "i.db", source)
    assert second.wait_for(6, 10)
    second.stop()
    assert source.opened[-1] == 5
    assert numbers[-1] == 6


def test_a_follower_waits_for_a_network_that_is_away(tmp_path: Path) -> None:
    source = FakeSource(sample())
    source.failures = [Unavailable(Text("停了", "down"))]
    follower, _, states = follow(tmp_path / "i.db", source)
    assert follower.wait_for(4, 10)
    follower.stop()
    assert states[:2] == ["waiting", "following"]


def test_a_network_made_anew_gets_a_new_index(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    follower, _, _ = follow(path, FakeSource(sample()))
    assert follower.wait_for(4, 10)
    follower.stop()
    other = Chain(seed=9)
    for _ in range(7):
        other.add(Tx("Other"))
    again, _, _ = follow(path, FakeSource(other))
    assert again.wait_for(6, 10)
    again.stop()
    index(tmp_path / "whole.db", other)
    assert content_digest(path) == content_digest(tmp_path / "whole.db")
    shorter = Chain(seed=11)
    shorter.add(Tx("Short"))
    last, _, _ = follow(path, FakeSource(shorter))
    assert last.wait_for(0, 10)
    last.stop()
    assert IndexReader(path, "c").position()[0] == 1


# -- the service over a fake chain ---------------------------------------------------------------------


class FakeChain:
    """A `ChainReader` over blocks in memory."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain

    def channel(self, network: str, channel: str = "") -> str:
        return channel or "citychannel"

    def info(self, network: str, channel: str) -> Any:
        from baas.services.chain import ChainInfo

        return ChainInfo(len(self.chain.blocks), b"", b"")

    def block(self, network: str, channel: str, number: int) -> Any:
        return self.chain.decoded[number]


@pytest.fixture
def service(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> ExplorerService:
    chain = sample()
    fake = FakeChain(chain)
    monkeypatch.setattr("baas.services.explorer.service.ChainSource", lambda *_: FakeSource(chain))
    made = ExplorerService(paper.workspace, paper.networks, fake, paper.session, paper.events)  # type: ignore[arg-type]
    made.fake = fake  # type: ignore[attr-defined]
    return made


def test_sync_then_ask(service: ExplorerService) -> None:
    assert service.blocks("city") == ()
    service.sync("city")
    assert [b.number for b in service.blocks(limit=2)] == [4, 3]
    (status,) = service.status()
    assert (status.indexed, status.ledger_height, status.transactions, status.invalid) == (5, 5, 8, 1)
    with pytest.raises(NotFound):
        service.block("city", 99)
    with pytest.raises(NotFound):
        service.autopsy("city", "ab" * 32)
    service.close()


def test_what_fails_again_and_again_is_raised(service: ExplorerService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain answers, its blocks do not come: nobody waits for ever."""

    class Refusing(FakeSource):
        def open(self, start: int) -> Any:
            raise Unavailable(Text("不给", "refused"), code="clock_wrong")

    chain = service.fake.chain  # type: ignore[attr-defined]
    monkeypatch.setattr("baas.services.explorer.service.ChainSource", lambda *_: Refusing(chain))
    with pytest.raises(Unavailable) as refused:
        service.sync("city")
    assert refused.value.code == "clock_wrong"
    service.close()


def test_following_tells_about_blocks(service: ExplorerService, paper: Platform) -> None:
    heard: list[BlockIndexed] = []
    last = threading.Event()
    paper.events.subscribe(BlockIndexed, lambda e: (heard.append(e), last.set() if e.number == 4 else None))
    service.follow("city")
    assert service.wait_for("city", 4, timeout=10)
    assert last.wait(10)
    assert (heard[3].transactions, heard[3].invalid) == (3, 1)
    service.sync("city")
    assert service.status()[0].state == "following"
    service.rebuild("city")
    assert service.wait_for("city", 4, timeout=10)
    service.close()


def test_only_one_program_writes_an_index(service: ExplorerService, paper: Platform) -> None:
    other = ExplorerService(paper.workspace, paper.networks, service.fake, paper.session, paper.events)  # type: ignore[attr-defined]
    service.follow("city")
    assert service.wait_for("city", 4, timeout=10)
    other.follow("city")
    other.sync("city")
    assert other.status()[0].state == "following"
    assert other.status()[0].indexed == 5
    with pytest.raises(Conflict):
        other.rebuild("city")
    service.close()
    other.rebuild("city")
    other.close()


def test_whoever_looks_on_hears_of_blocks_and_takes_over(service: ExplorerService, paper: Platform) -> None:
    """Two programs on one workspace: the one that did not write the index must not stand still, nor stay behind."""
    events = EventBus()
    heard: list[BlockIndexed] = []
    moved = threading.Event()
    events.subscribe(BlockIndexed, lambda e: (heard.append(e), moved.set()))
    other = ExplorerService(paper.workspace, paper.networks, service.fake, paper.session, events)  # type: ignore[attr-defined]
    channel = paper.networks.spec("city").channels[0].name
    assert service._take("city", channel)  # another program that keeps the index ...
    writer = IndexWriter(paper.workspace.path("index", f"city~{channel}.db"))
    blocks = service.fake.chain.decoded  # type: ignore[attr-defined]
    writer.add(blocks[:2])
    other.follow("city")
    assert other.wait_for("city", 1, timeout=10)
    writer.add(blocks[2:4])
    assert moved.wait(10)
    assert (heard[0].number, heard[0].transactions, heard[0].invalid) == (3, 3, 1)
    writer.close()
    service._release("city", channel)  # ... and ends
    assert other.wait_for("city", 4, timeout=20)
    other.close()


def test_a_destroyed_network_takes_its_index_along(service: ExplorerService, paper: Platform) -> None:
    service.sync("city")
    assert list(paper.workspace.path("index").glob("city~*.db"))
    paper.events.publish(NetworkChanged("city", "removing"))
    paper.events.publish(NetworkChanged("city", "destroyed"))
    assert not list(paper.workspace.path("index").glob("city~*.db"))
    service.close()


def test_autopsy_of_a_lost_race_names_the_winner(service: ExplorerService) -> None:
    service.sync("city")
    loser = service.fake.chain.tx_ids[3][1]  # type: ignore[attr-defined]
    winner = service.fake.chain.tx_ids[3][0]  # type: ignore[attr-defined]
    found = service.autopsy("city", loser)
    assert (found.code_name, [s.state for s in found.stages]) == (
        "MVCC_READ_CONFLICT",
        ["ok", "ok", "ok", "failed", "skipped"],
    )
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.read, conflict.found) == ("work/1", (2, 0), (3, 0))
    assert conflict.winner is not None and conflict.winner.tx_id == winner
    assert winner[:8] in found.verdict.zh and winner[:8] in found.verdict.en
    assert found.transaction is not None and found.transaction.endorsements[0].name == "peer0"
    good = service.autopsy("city", winner)
    assert {s.state for s in good.stages} == {"ok"} and not good.conflicts
    detail = service.transaction("city", loser)
    assert [(w.key, w.value) for w in detail.writes] == [("work/1", b"carol")]
    service.close()


def test_autopsy_of_a_phantom(service: ExplorerService) -> None:
    chain: Chain = service.fake.chain  # type: ignore[attr-defined]
    chain.add(Tx("Add", writes={"slot/b": b"1"}))
    seen = {"slot/a": (1, 0)}
    chain.add(
        Tx("Scan", range_read=("slot/", "slot/~", {}), code=12),
        Tx("Scan2", range_read=("slot/", "slot/~", seen), code=12),
    )
    service.sync("city")
    found = service.autopsy("city", chain.tx_ids[-1][0])
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.read, conflict.found) == ("slot/b", None, (5, 0))
    both = service.autopsy("city", chain.tx_ids[-1][1])
    assert {c.key: (c.read, c.found) for c in both.conflicts} == {
        "slot/a": ((1, 0), None),
        "slot/b": (None, (5, 0)),
    }
    service.close()


def test_autopsy_sees_a_change_of_policy_as_a_change_of_the_key(service: ExplorerService) -> None:
    chain: Chain = service.fake.chain  # type: ignore[attr-defined]
    chain.add(Tx("Guard", policies={"work/1": b"policy"}), Tx("Late", reads={"work/1": (3, 0)}, code=11))
    service.sync("city")
    found = service.autopsy("city", chain.tx_ids[-1][1])
    assert found.conflicts[0].found == (5, 0)
    reader = service._reader("city", "citychannel")
    assert reader.key_policy("copyright", "", "work/1", 5, 1) == b"policy"
    assert reader.key_policy("copyright", "", "work/1", 5, 0) == b""
    service.close()


def test_autopsy_of_a_refusal_before_the_ledger(service: ExplorerService) -> None:
    error = LedgerError(
        Text("拒绝", "refused"),
        Text("再试", "again"),
        tx_id="ab",
        stage="endorse",
        endpoints=({"address": "a:1", "msp_id": "M", "message": "no"},),
    )
    found = service.autopsy_of_error(error)
    assert [s.state for s in found.stages] == ["ok", "failed", "skipped", "skipped", "skipped"]
    assert found.peers == ({"address": "a:1", "msp_id": "M", "message": "no"},)
    assert found.code is None


def test_a_follower_that_is_stopped_before_it_began_ends(tmp_path: Path) -> None:
    """A window that was closed while it opened failed with "cannot join thread before it is started"."""
    from baas.services.explorer.follower import Follower

    follower = Follower(tmp_path / "index.db", None, lambda *_: None, lambda _: None)  # type: ignore[arg-type]
    follower.stop()
    follower.start()
    assert follower._thread.ident is None
