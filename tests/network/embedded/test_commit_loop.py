"""A disk that is full or fails, at whatever step it is noticed, costs time and nothing else: the ledger goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fabric_sdk.blocks import verify_chain
from network.bench_fill import Filler
from network.embedded import commit_loop, schema
from network.embedded.channel import Channel
from network.embedded.check import check_ledger
from network.embedded.faults import BroadcastRefused
from network.embedded.state_view import StateView
from network.embedded.transactions import Transaction
from tests.network.embedded.city import City

FULL = sqlite3.OperationalError("database or disk is full")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A network that is stopped, with one transaction of a contract that the others repeat."""
    with City(tmp_path_factory.mktemp("loop") / "n") as made:
        made.deploy("ledger", policy="OR('DataBureauMSP.peer')")
        made.contract("ledger").submit("Increment", "key")
        made.driver.stop()
        yield made


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_loop, "_AGAIN_SECONDS", 0.01)


@asynccontextmanager
async def opened(city: City) -> AsyncIterator[tuple[Filler, Channel]]:
    filler = Filler(city.directory, city.handle.admin(city.msp_ids[0]), contract="ledger")
    try:
        yield filler, filler.channel
    finally:
        await filler.close()


def failing(step: Callable[..., Any], times: int, error: Exception = FULL) -> Callable[..., Any]:
    """A step that fails so many times before it does what it should; `.left` says how many are left."""

    def call(*arguments: Any) -> Any:
        if call.left:  # type: ignore[attr-defined]
            call.left -= 1  # type: ignore[attr-defined]
            raise error
        return step(*arguments)

    call.left = times  # type: ignore[attr-defined]
    return call


def whole(city: City) -> int:
    """Verify everything that is stored; the number of transactions."""
    path = city.directory / "embedded" / "channels" / "citychannel" / "ledger.db"
    assert list(check_ledger(path)) == []
    view = StateView(schema.open_reader(path))
    try:
        return verify_chain([view.block_body(n) or b"" for n in range(view.height)], first_number=0).transactions
    finally:
        view.close()


def in_time(work: Any) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


@pytest.mark.parametrize("step", ["write", "checkpoint", "truncate_log"])
def test_a_full_disk_is_waited_out(city_step: Callable[[Channel, str], Any], stopped: City, step: str) -> None:
    before = whole(stopped)

    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            broken = city_step(channel, step)
            done = 0
            while broken.left or done < 60:  # a checkpoint comes by the clock: as many as it takes
                await filler.fill(30)
                done += 30
            assert not channel.fault
            filled.append(done)

    filled: list[int] = []
    in_time(work())
    assert whole(stopped) == before + filled[0]


@pytest.fixture
def city_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Channel, str], Any]:
    def broken(channel: Channel, step: str) -> Any:
        call = failing(getattr(channel.store, step), 2)
        monkeypatch.setattr(channel.store, step, call)
        monkeypatch.setattr(channel.store, "wal_is_large", lambda: True)
        if step == "truncate_log":
            monkeypatch.setattr(type(channel.store.view), "release", type(channel.store.view).release)
            monkeypatch.setattr("network.embedded.store.BlockWrite.erases", property(lambda _: True))
        return call

    return broken


@pytest.mark.parametrize("error", [FULL, OSError(5, "Input/output error"), MemoryError()])
def test_nobody_is_forgotten_when_reading_what_was_written_fails(
    stopped: City, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The block is on disk, but its view cannot be had for a moment: whoever waits is told all the same."""

    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            refresh = failing(channel.view.refresh, 2, error)
            monkeypatch.setattr(channel.view, "refresh", refresh)
            purge = failing(channel.transient.purge, 1, FULL)
            monkeypatch.setattr(channel.transient, "purge", purge)
            channel._unforgotten.append("a transaction of before")
            await filler.fill(20)
            await filler.fill(20)
            assert not refresh.left and not purge.left and not channel._unforgotten and not channel.fault

    in_time(work())


def test_a_block_that_the_disk_denied_and_kept_is_not_written_twice(
    stopped: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            write, denied = channel.store.write, []

            def deny(block: Any) -> None:
                write(block)
                if not denied:
                    denied.append(block.number)
                    raise OSError(5, "Input/output error")

            monkeypatch.setattr(channel.store, "write", deny)
            await filler.fill(20)
            assert denied and not channel.fault

    before = whole(stopped)
    in_time(work())
    assert whole(stopped) == before + 20


def test_another_process_in_the_same_ledger_is_named(stopped: City) -> None:
    async def work() -> None:
        async with opened(stopped) as (one, channel), opened(stopped) as (other, _):
            await other.fill(10)
            with pytest.raises(BroadcastRefused, match="another one is in its place"):
                for _ in range(100):
                    channel.broadcast(one.transaction())
                    channel.start()
                    await asyncio.sleep(0.02)

    in_time(work())


def test_results_that_a_contract_leaves_unread_hold_nobody_up(stopped: City) -> None:
    """A cursor of the node's own view keeps the state as it was: the next block had the last one's number, for ever."""

    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            unread = channel.view.query("SELECT key FROM state", ())
            next(unread)
            height = channel.height
            await filler.fill(20)
            await filler.fill(20)
            assert channel.height > height + 1 and not channel.fault
            kept = channel.store.snapshot()
            unfinished = kept.query("SELECT key FROM state", ())
            next(unfinished)
            channel.store.done(kept)
            await filler.fill(5)
            again = channel.store.snapshot()
            assert again is kept and again.height == channel.height
            channel.store.done(again)

    in_time(work())


def test_no_block_is_made_without_an_orderer(stopped: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orderers that stop with transactions in line: the block waits for one that signs it."""

    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            running = channel._orderers
            channel.broadcast(filler.transaction())
            monkeypatch.setattr(channel, "_orderers", lambda: [])
            height = channel.height
            channel.start()
            await asyncio.sleep(0.2)
            assert channel.height == height
            monkeypatch.setattr(channel, "_orderers", running)
            await channel.wait_for_block(height)

    before = whole(stopped)
    in_time(work())
    assert whole(stopped) == before + 1


def test_a_transaction_that_the_program_stumbles_over_is_left_out_alone(
    stopped: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with opened(stopped) as (filler, channel):
            bad = channel.broadcast(filler.transaction())
            prepare = channel.prepare

            def stumble(transactions: list[Transaction]) -> Any:
                if bad in transactions:
                    raise RecursionError("too deep")
                return prepare(transactions)

            monkeypatch.setattr(channel, "prepare", stumble)
            await filler.fill(20)
            assert channel.view.transaction(bad.tx_id) is None and not channel.fault

    before = whole(stopped)
    in_time(work())
    assert whole(stopped) == before + 20
