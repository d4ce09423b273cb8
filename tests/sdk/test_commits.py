"""Many transactions under way at once learn from one stream of blocks that they are committed; the others ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from fabric_protos.common.common_pb2 import HeaderType, Status
from fabric_protos.gateway.gateway_pb2 import CommitStatusResponse
from fabric_protos.peer.events_pb2 import DeliverResponse, FilteredBlock

from fabric_sdk.errors import CommitStatusError, GatewayError, SubmitError
from fabric_sdk.gateway import Deadlines
from fabric_sdk.gateway.aio import commits as module
from fabric_sdk.gateway.aio.client import Session, SubmittedTransaction, Transaction
from fabric_sdk.gateway.messages import Party, TransactionDraft
from fabric_sdk.gateway.transport import METHOD_COMMIT_STATUS, METHOD_DELIVER_FILTERED, METHOD_SUBMIT
from tests.sdk.material import root

MVCC = 11


class Stream:
    """What the peer delivers; `fail` breaks it off."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        message = None if self.closed else await self.queue.get()
        if message is None:
            raise StopAsyncIteration
        if isinstance(message, Exception):
            raise message
        return message

    def block(self, number: int, *transactions: tuple[str, int]) -> None:
        block = FilteredBlock(channel_id="c", number=number)
        for txid, code in transactions:
            block.filtered_transactions.add(txid=txid, type=HeaderType.ENDORSER_TRANSACTION, tx_validation_code=code)
        self.queue.put_nowait(DeliverResponse(filtered_block=block).SerializeToString())

    def close(self) -> None:
        self.closed = True
        self.queue.put_nowait(None)


class Peer:
    """A transport to a peer that commits when it is told to."""

    client_certificate_der = None

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.streams: list[Stream] = []
        self.answers: asyncio.Event = asyncio.Event()
        self.refuse_submit = False

    async def unary(self, method: str, request: bytes, deadline: float) -> bytes:
        if method == METHOD_SUBMIT:
            if self.refuse_submit:
                raise GatewayError("UNAVAILABLE", "no orderer")
            return b""
        assert method == METHOD_COMMIT_STATUS
        self.asked.append(request.hex())
        await self.answers.wait()
        return CommitStatusResponse(result=0, block_number=7).SerializeToString()

    def duplex_stream(self, method: str, request: bytes) -> Stream:
        assert method == METHOD_DELIVER_FILTERED
        self.streams.append(Stream())
        return self.streams[-1]


class Client:
    def __init__(self) -> None:
        self.peer = Peer()
        identity = root("ca").member("Org1MSP", "anna")
        self.session = Session(self.peer, Party(identity), Deadlines(5, 5, 5, 5))  # type: ignore[arg-type]

    async def submit(self, name: str) -> SubmittedTransaction:
        return await Transaction(self.session, TransactionDraft(b"payload", name, "c", b"signature")).submit()

    async def begin(self) -> Stream:
        """So many ask at once that the stream is opened, and it runs."""
        submitted = [await self.submit(f"first{n}") for n in range(module.AT_ONCE)]
        asking = [asyncio.ensure_future(one.status()) for one in submitted]
        await asyncio.sleep(0)
        self.peer.answers.set()
        assert [status.block_number for status in await asyncio.gather(*asking)] == [7] * module.AT_ONCE
        await until(lambda: self.peer.streams)
        stream = self.peer.streams[-1]
        stream.block(7, *((f"first{n}", 0) for n in range(module.AT_ONCE)))
        await until(lambda: self.session.commits("c")._runs)
        self.peer.asked.clear()
        return stream


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - whatever the condition is
            await asyncio.sleep(0.001)


def test_few_ask_as_ever() -> None:
    async def main() -> None:
        client = Client()
        client.peer.answers.set()
        commits = client.session.commits("c")
        for n in range(3 * module.AT_ONCE):
            assert (await (await client.submit(f"t{n}")).status()).successful
            commits._since -= 0.1  # ten a second
        assert len(client.peer.asked) == 3 * module.AT_ONCE and not client.peer.streams

    asyncio.run(main())


def test_many_are_told_by_one_stream_and_each_its_own_code() -> None:
    async def main() -> None:
        client = Client()
        stream = await client.begin()
        submitted = [await client.submit(f"t{n}") for n in range(40)]
        told = [asyncio.ensure_future(one.status()) for one in submitted[:39]]
        stream.block(8, ("stranger", 0), *((f"t{n}", MVCC if n == 5 else 0) for n in range(20)))
        stream.block(9, *((f"t{n}", 0) for n in range(20, 40)), ("t5", 0))  # the first one counts
        statuses = await asyncio.gather(*told)
        assert [s.code for s in statuses] == [MVCC if n == 5 else 0 for n in range(39)]
        assert [s.block_number for s in statuses] == [8] * 20 + [9] * 19
        assert (await submitted[39].status()).block_number == 9  # asked for after it was told
        assert not client.peer.asked and len(client.peer.streams) == 1

    asyncio.run(main())


@pytest.mark.parametrize("how", ["broken", "ended", "forbidden", "nonsense"])
def test_what_a_stream_does_not_tell_is_asked_for(how: str) -> None:
    async def main() -> None:
        client = Client()
        stream = await client.begin()
        submitted = [await client.submit(f"t{n}") for n in range(5)]
        told = [asyncio.ensure_future(one.status()) for one in submitted]
        await asyncio.sleep(0)
        stream.queue.put_nowait(
            {
                "broken": GatewayError("UNAVAILABLE", "lost"),
                "ended": None,
                "forbidden": DeliverResponse(status=Status.FORBIDDEN).SerializeToString(),
                "nonsense": b"\xff\xff",
            }[how]
        )
        assert all(s.successful for s in await asyncio.gather(*told))
        assert len(client.peer.asked) == 5
        client.peer.asked.clear()
        again = await client.submit("later")
        assert (await again.status()).successful and len(client.peer.asked) == 1
        assert len(client.peer.streams) == 1  # and it is left alone for a while

    asyncio.run(main())


def test_what_was_submitted_before_the_stream_ran_is_asked_for() -> None:
    async def main() -> None:
        client = Client()
        before = await client.submit("before")
        stream = await client.begin()
        assert (await before.status()).successful and len(client.peer.asked) == 1
        stream.close()

    asyncio.run(main())


def test_a_stream_of_strangers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED_S", 0.0)

    async def main() -> None:
        client = Client()
        stream = await client.begin()
        for number in range(8, 12):
            stream.block(number, *((f"s{number}-{n}", 0) for n in range(module.JUDGED)))
        await until(lambda: stream.closed)
        assert client.session.commits("c").expect("t") is None

    asyncio.run(main())


def test_an_idle_stream_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.3)

    async def main() -> None:
        client = Client()
        stream = await client.begin()
        await until(lambda: stream.closed)
        await until(lambda: client.session.commits("c")._task is None)

    asyncio.run(main())


def test_deadlines_cancellation_and_refusals_leave_nothing_behind() -> None:
    async def main() -> None:
        client = Client()
        stream = await client.begin()
        commits = client.session.commits("c")
        late = await client.submit("late")
        with pytest.raises(CommitStatusError) as error:
            await late.status(0.01)
        assert error.value.code == "DEADLINE_EXCEEDED"
        assert (await late.status()).successful  # asked for, when somebody wants to know again
        gone = asyncio.ensure_future((await client.submit("gone")).status())
        await asyncio.sleep(0)
        gone.cancel()
        client.peer.refuse_submit = True
        with pytest.raises(SubmitError):
            await client.submit("refused")
        assert "refused" not in commits._waiting
        stream.block(8, ("late", 0), ("gone", 0))
        await until(lambda: not commits._waiting)

    asyncio.run(main())
