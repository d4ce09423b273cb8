"""A stranger recounts the ledger: one file, an exported chain, a card, and nothing of ours.

Before, only who had CityChain could audit, and only by asking a node.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common.common_pb2 import Block
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRead, QueryReads, RangeQueryInfo, Version
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from apps.health_slots.demo import run
from apps.health_slots.recount import ledger as rules
from apps.health_slots.recount.chain import MAGIC
from apps.health_slots.recount.ranges import LiveKeys, range_unchanged
from apps.health_slots.serving.board import board_app
from apps.health_slots.serving.published import PublishedChain
from baas.applications import DemoOptions
from baas.jobs import NULL_CONTEXT
from baas.services import growth
from chaincode.health_slots import grid
from fabric_sdk.proof.bundle import made
from network.embedded.merkle import RangeReads
from tests.conftest import close_city, make_city

AUDIT = made("apps.health_slots.recount")["audit.py"]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A day of the demonstration on a network of its own, exported, and the channel's card.

    Of its own: blocks are chosen below by their place, and a city that others used has other contracts' between.
    """
    folder = tmp_path_factory.mktemp("chain")
    own = make_city(folder / "workspace")
    try:
        run(own.platform, own.network, DemoOptions(), NULL_CONTEXT)
        own.platform.ledger.export(folder / "chain.blocks", own.network)
        card = own.platform.cards.make(own.network)
        (folder / "card.json").write_text(json.dumps(card.to_dict()), encoding="utf-8")
        # Later the channel is configured anew, and the institution publishes another card.
        spec = own.platform.networks.spec(own.network)
        wanted = growth.set_policy(spec, spec.channels[0].name, "writers", "ANY Admins")
        own.platform.jobs.run(own.platform.networks.up, wanted)
        later = own.platform.cards.make(own.network)
        assert later.config_block > card.config_block
        (folder / "later.json").write_text(json.dumps(later.to_dict()), encoding="utf-8")
    finally:
        close_city(own)
    return folder / "chain.blocks", folder / "card.json"


def audited(folder: Path, blocks: bytes | Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Run the file as a stranger: no packages of ours, another folder."""
    if isinstance(blocks, bytes):
        (folder / "forged.blocks").write_bytes(blocks)
        blocks = folder / "forged.blocks"
    (folder / "audit.py").write_bytes(AUDIT)
    command = [sys.executable, "-I", "audit.py", str(blocks), "--json", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_stranger_recounts_a_day(chain, tmp_path):
    blocks, card = chain
    code, said = audited(tmp_path, blocks, "--card", str(card))
    assert (code, [one for one in said["found"] if one["grade"] == "alarm"]) == (0, [])
    facts = said["facts"]
    assert facts["opened"] >= 20 and facts["bookings"] >= 20 and facts["draws"] >= 1 and facts["card"]
    assert audited(tmp_path, blocks)[0] == 5, "without a card it says so"
    other = json.loads(card.read_text("utf-8")) | {"genesis": "ab" * 32}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    assert audited(tmp_path, blocks, "--card", str(tmp_path / "other.json"))[0] == 4


def test_a_card_that_is_newer_than_the_chain_is_no_alarm(chain, tmp_path):
    """The open board's chain is a month late. Before, each new configuration made it an alarm for a month."""
    later = chain[1].with_name("later.json")
    code, said = audited(tmp_path, chain[0], "--card", str(later))
    assert code == 5 and not said["facts"]["card"]
    assert [(one["grade"], one["code"]) for one in said["found"] if one["code"].startswith("card")] == [
        ("note", "card-later")
    ]
    command = [sys.executable, "-I", "audit.py", str(chain[0]), "--card", str(later)]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False).stdout.decode()
    assert "ends before the configuration that the card names" in shown and "no card" not in shown
    # It is no way past the card: another beginning is an alarm, however late its configuration is said to be.
    card = json.loads(later.read_text("utf-8"))
    for forged in (card | {"genesis": "ab" * 32}, card | {"channel": "other"}):
        (tmp_path / "other.json").write_text(json.dumps(forged), encoding="utf-8")
        assert audited(tmp_path, chain[0], "--card", str(tmp_path / "other.json"))[0] == 4
    # Nor is the hash of a configuration that the chain has.
    (tmp_path / "other.json").write_text(
        json.dumps(card | {"config": {"block": 0, "hash": "ab" * 32}}), encoding="utf-8"
    )
    assert audited(tmp_path, chain[0], "--card", str(tmp_path / "other.json"))[0] == 4


def _blocks(path: Path) -> list[Block]:
    data, at, found = path.read_bytes(), len(MAGIC), []
    while at < len(data):
        (length,) = struct.unpack(">Q", data[at : at + 8])
        found.append(Block.FromString(data[at + 8 : at + 8 + length]))
        at += 8 + length
    return found


def _export(blocks: list[Block]) -> bytes:
    raw = [one.SerializeToString() for one in blocks]
    return MAGIC + b"".join(struct.pack(">Q", len(one)) + one for one in raw)


def test_an_export_that_was_touched_is_told(chain, tmp_path):
    """Whoever exports may leave a block out, change a byte, or say that a transaction was (not) accepted."""
    whole = _blocks(chain[0])
    last = len(whole) - 1
    changed = [Block.FromString(one.SerializeToString()) for one in whole]
    envelope = bytearray(changed[last].data.data[0])
    envelope[-1] ^= 1
    changed[last].data.data[0] = bytes(envelope)
    for forged in (whole[:5] + whole[6:], whole[1:], changed):
        assert audited(tmp_path, _export(forged))[0] == 4
    # The double booking of the demonstration was refused as stale; called accepted it stands out.
    flipped = [Block.FromString(one.SerializeToString()) for one in whole]
    stale = [(n, place) for n, one in enumerate(whole) for place, code in enumerate(one.metadata.metadata[2]) if code]
    good = [(n, 0) for n, one in enumerate(whole) if n > 40 and not any(one.metadata.metadata[2])]
    for at, place, told in [*((n, p, 0) for n, p in stale[:1]), (*good[0], 11)]:
        codes = bytearray(flipped[at].metadata.metadata[2])
        codes[place] = told
        flipped[at].metadata.metadata[2] = bytes(codes)
    code, said = audited(tmp_path, _export(flipped))
    assert code == 4
    assert {one["code"] for one in said["found"] if one["grade"] == "alarm"} & {"accepted", "refused"}
    for junk in (b"", b"x" * 100, MAGIC, MAGIC + b"\xff" * 40, MAGIC + struct.pack(">Q", 5) + b"abc"):
        assert audited(tmp_path, junk)[0] == 2


def test_a_refusal_that_cannot_be_rechecked_takes_the_verdict_away(chain, tmp_path):
    """No signature covers the codes: before, an exporter hid a stopped session behind any code but 11, exit 0."""
    whole = _blocks(chain[0])
    at = max(n for n, one in enumerate(whole) if b"StopSession" in one.data.data[0])
    count = len(whole[at].metadata.metadata[2])
    for codes in (*(bytes([code]) * count for code in (1, 9, 10, 254, 255)), b"", bytes(count + 1)):
        forged = [Block.FromString(one.SerializeToString()) for one in whole[: at + 1]]
        forged[at].metadata.metadata[2] = codes
        code, said = audited(tmp_path, _export(forged), "--card", str(chain[1]))
        assert code == 5 and said["facts"]["unchecked"] == count, codes
        (told,) = [one for one in said["found"] if one["grade"] == "unchecked"]
        assert told["block"] == at and told["where"] and "StopSession" in told["text"]
    forged[at].metadata.metadata[2] = bytes([1]) * count
    audited(tmp_path, _export(forged), "--card", str(chain[1]))
    command = [sys.executable, "-I", "audit.py", "forged.blocks", "--card", str(chain[1])]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False).stdout.decode()
    assert "cannot recheck why: 1." in shown and "无法复核" in shown and "every promise" not in shown


def test_a_phantom_that_was_none_is_an_alarm_and_a_true_one_takes_nothing_away(chain, tmp_path):
    """Before, one honest PHANTOM_READ_CONFLICT on a city's chain took the green verdict away for ever."""
    whole = _blocks(chain[0])
    at = max(n for n, one in enumerate(whole) if b"StopSession" in one.data.data[0])
    whole[at].metadata.metadata[2] = bytes([12]) * len(whole[at].metadata.metadata[2])
    code, said = audited(tmp_path, _export(whole[: at + 1]), "--card", str(chain[1]))
    assert code == 4 and [one["code"] for one in said["found"] if one["grade"] == "alarm"] == ["refused"]


@given(
    names=st.sets(st.integers(0, 400), max_size=260),
    change=st.sampled_from(["nothing", "added", "gone", "written", "beyond"]),
    place=st.integers(0, 400),
    exhausted=st.booleans(),
    degree=st.sampled_from([2, 3, 50]),
)
def test_ranges_are_compared_as_peers_do(names, change, place, exhausted, degree):
    """What the node writes into a read set, and what is found again in the state then and after a change."""
    state = {f"k{n:03d}": (n + 1, n % 3) for n in names}
    start, end = "k010", "k300"
    reads = RangeReads(degree)
    for key in sorted(k for k in state if start <= k and (k < end or (k == end and not exhausted))):
        reads.add(KVRead(key=key, version=Version(block_num=state[key][0], tx_num=state[key][1])))
    few, summary = reads.finish()
    info = RangeQueryInfo(start_key=start, end_key=end, itr_exhausted=exhausted)
    if summary is None:
        info.raw_reads.CopyFrom(QueryReads(kv_reads=few))
    else:
        info.reads_merkle_hashes.CopyFrom(summary)
    keys = LiveKeys()
    for key in sorted(state, key=hash):
        keys.put(key, state[key])
    assert range_unchanged(keys, info.SerializeToString())
    key = f"k{place:03d}"
    inside = start <= key and (key < end or (key == end and not exhausted))
    if change == "added" and key not in state:
        keys.put(key, (999, 0))
    elif change == "gone" and key in state:
        keys.drop(key)
    elif change == "written" and key in state:
        keys.put(key, (999, 1))
    elif change == "beyond":
        keys.put("z", (999, 0))
        inside = False
    else:
        inside = False
    assert range_unchanged(keys, info.SerializeToString()) is not inside


RUNS = [[480, 10, 3, "online"]]
SECRET = hashlib.sha256(b"s").digest()


def _taken(*steps: dict[str, Any], kind: str = "session", name: str = "H1\x00S1") -> list[str]:
    """The alarms after records of one key were written one after another, a day apart."""
    ledger = rules.SlotsLedger()
    for number, record in enumerate(steps):
        ledger.take(number, number * 86_400, f"\x00{kind}\x00{name}\x00", json.dumps(record).encode())
    ledger.end()
    return [one.code for one in ledger.found if one.grade == "alarm"]


def test_every_broken_promise_has_its_alarm():
    """What no contract would write, written by peers that were told to."""
    root = grid.commitment("H1.S1", RUNS, SECRET)
    promise = {"state": "committed", "root": root, "release_at": 10, "date": "2026-12-03", "doctor": "D1"}
    opened = promise | {"state": "published", "runs": RUNS, "secret": SECRET.hex()}
    assert _taken(promise, opened) == []
    assert _taken(promise, promise) == ["hidden"]
    assert _taken(promise, opened | {"runs": [[480, 10, 2, "online"]]}) == ["not-as-promised"]
    assert _taken(promise, opened | {"secret": "00" * 32}) == ["not-as-promised"]
    assert "root-changed" in _taken(promise, opened | {"root": "ab" * 32})
    assert _taken(promise, opened, opened | {"runs": RUNS * 2}) == ["runs-changed"]
    assert _taken(promise, opened, opened | {"date": "2026-12-09"}) == ["changed-silently"]
    assert _taken(promise | {"campus": "EAST"}, opened | {"campus": "WEST"}) == ["campus-changed"]
    assert _taken(promise | {"campus": "EAST"}, opened | {"campus": "EAST"}) == []
    assert _taken(promise, opened, opened | {"date": "2026-12-09", "changes": [{"why": "meeting"}]}) == []
    assert _taken(promise | {"referral_hours": 24}, opened | {"referral_hours": 2}) == ["reserve-changed"]
    slot = {"kind": "slot", "name": "H1\x00S1\x00001"}
    booked = {"state": "booked", "appointment": "A1"}
    assert _taken(booked, {"state": "returned"}, {"state": "held"}, booked, **slot) == []
    assert _taken(booked, booked | {"appointment": "A2"}, **slot) == ["booked-twice"]
    assert _taken(booked, {"state": "returned"}, booked, **slot) == ["to-the-fastest"]
    person = {"kind": "appointment", "name": "A1"}
    assert _taken({"resident": "R1"}, {"resident": "R2"}, **person) == ["handed-over"]
    draw = {"state": "done", "slots": ["H1.S1.001"], "frozen": "", "commitments": {}, "seed": "", "passed_over": []}
    assert "draw" in _taken(draw, kind="draw", name="D1")
    assert _taken({"state": "open", "ends": 5}, {"state": "open", "ends": 5}, kind="draw", name="D1") == ["draw-stuck"]
    for runs in ([[0, 1, 10**9, "online"]], [[0, 1, 400, "online"]] * 2, [[0, 1, -5, "online"]], [[0, 1, True, "x"]]):
        began = time.monotonic()
        assert _taken(promise, opened | {"runs": runs}) == ["unreadable"] and time.monotonic() - began < 5
    for junk in ([], 5, {"state": "booked"}, {"runs": "x", "root": 1}):
        assert set(_taken(promise, junk)) <= {"unreadable", "root-changed", "hidden"} and _taken(promise, junk)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before_s", "referred", "pool", "hours", "alarms"),
    [
        (1, "", "community", 24, ["unreferred"]),
        (1, "R1", "community", 24, []),
        (1, "R2", "community", 24, ["unreferred"]),
        (0, "", "community", 24, []),
        (1, "", "online", 24, []),
        (1, "", "community", 0, []),
    ],
)
@pytest.mark.parametrize("state", ["held", "booked"])
def test_a_reserved_slot_given_before_its_hour_is_found(state, before_s, referred, pool, hours, alarms):
    """Eight in China on 3 December, less the hours of the reserve."""
    runs = [[480, 10, 3, pool]]
    promise = {"state": "committed", "root": grid.commitment("H1.S1", runs, SECRET), "release_at": 10, "start": 480}
    promise |= {"date": "2026-12-03", "department": "CARD", "offset": 480, "referral_hours": hours, "doctor": "D1"}
    at = 1_796_256_000 - 24 * 3600 - before_s
    ledger = rules.SlotsLedger()
    steps = [
        ("session\x00H1\x00S1", promise),
        ("session\x00H1\x00S1", promise | {"state": "published", "runs": runs, "secret": SECRET.hex()}),
        (f"referral\x00H1\x00CARD\x002026-12-03\x00{referred}", {"clinic": "H2"}),
        ("appointment\x00A1", {"resident": "R1"}),
        ("slot\x00H1\x00S1\x00001", {"state": state, "appointment": "A1"}),
    ]
    for key, record in steps[: 2 if not referred else 3] + steps[3:]:
        ledger.take(1, at, f"\x00{key}\x00", json.dumps(record).encode())
    assert [one.code for one in ledger.found if one.grade == "alarm"] == alarms


class Aging:
    """A ledger with a block a day."""

    def __init__(self) -> None:
        self.asked = 0

    def aged(self, start: int, until: float) -> Iterator[bytes]:
        self.asked += 1
        number = start
        while number * 86_400 <= until:
            yield b"block %d" % number
            number += 1


def test_the_board_hands_out_the_chain_a_month_late(town, tmp_path):
    """Who saw somebody at the door yesterday finds nothing of it."""
    now, ticks, chain = [40 * 86_400.0], [0.0], Aging()
    path = tmp_path / "published.blocks"

    def published() -> PublishedChain:
        return PublishedChain(chain, path, lambda: now[0], ticks=lambda: ticks[0])

    with TestClient(board_app(town.service, published())) as http:
        first = http.get("/chain.blocks")
        assert first.content == MAGIC + b"".join(struct.pack(">Q", 7 + (n > 9)) + b"block %d" % n for n in range(11))
        now[0] += 86_400
        assert http.get("/chain.blocks").content == first.content and chain.asked == 1
        ticks[0] += 601
        assert http.get("/chain.blocks").content.endswith(b"block 11") and chain.asked == 2
        assert http.get("/audit.py").content == AUDIT
        assert "chain.blocks" in http.get("/").text
    # A crash in the middle of a block leaves nothing half.
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert published().file().read_bytes() == whole
    with TestClient(board_app(town.service)) as http:
        assert http.get("/chain.blocks").status_code == 404 and "chain.blocks" not in http.get("/").text
