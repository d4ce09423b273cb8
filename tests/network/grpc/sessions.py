"""Mutated HTTP/2 sessions against both ends, in memory: whatever arrives, every call ends once and nothing is kept.

`python -m tests.network.grpc.sessions --sessions 1000000 --seed 1` runs the campaign; the tests run a short form of it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import struct
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from fabric_sdk.http2 import engine
from fabric_sdk.http2.calls import Call, ClientConnection
from fabric_sdk.http2.engine import Http2Error
from fabric_sdk.http2.framing import Failure
from fabric_sdk.http2.hyper import HyperH2
from fabric_sdk.http2.nghttp2 import NgHttp2
from network.embedded.budgets import Budget
from network.embedded.faults import RpcError
from network.embedded.grpc_server import Connection
from network.embedded.rpc import Limit, Service
from network.embedded.turns import Turns

LIBRARIES = {"ngh2": NgHttp2, "h2": HyperH2}
PREFACE = 24
_FRAME_TYPES = 12


async def _echo(request: bytes) -> bytes:
    return request


async def _late(request: bytes) -> bytes:
    await asyncio.sleep(0)
    return request


async def _fail(request: bytes) -> bytes:
    raise RpcError("ABORTED", "因为")


async def _count(request: bytes) -> AsyncIterator[bytes]:
    for _ in range(len(request)):
        yield bytes(2000)


async def _chat(requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


@dataclass
class Server:
    """The node's end, with a transport that only collects."""

    limit: Limit = field(default_factory=lambda: Limit("/t.T", 1000))
    budget: Budget = field(default_factory=Budget)
    turns: Turns = field(default_factory=Turns)
    open: set[Connection] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.service = Service(
            lambda: True,
            unary={"/t.T/Echo": _echo, "/t.T/Late": _late, "/t.T/Fail": _fail},
            server_stream={"/t.T/Count": _count},
            bidi={"/t.T/Chat": _chat},
            limits={"/t.T": self.limit},
        )

    def connect(self) -> tuple[Connection, Pipe]:
        connection = Connection(self.service, self.budget, self.turns, self.open)
        pipe = Pipe(connection)
        connection.connection_made(pipe)  # type: ignore[arg-type]
        return connection, pipe

    def left(self) -> list[str]:
        """What is still held though nobody is connected."""
        found = []
        if self.limit.running:
            found.append(f"{self.limit.running} calls")
        if self.budget.calls:
            found.append(f"{self.budget.calls} calls begun")
        if self.budget.request_bytes:
            found.append(f"{self.budget.request_bytes} bytes")
        if self.open:
            found.append(f"{len(self.open)} connections")
        return found


class Pipe:
    """An asyncio transport that keeps what is written."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol
        self.written = bytearray()
        self.closed = False

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.written += data

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close

    def pause_reading(self) -> None:
        """What it reads is what the test gives it."""

    resume_reading = pause_reading

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else None

    def take(self) -> bytes:
        data = bytes(self.written)
        self.written.clear()
        return data


class Counted(Call):
    """Counts how often it ended."""

    __slots__ = ("ends", "messages")

    def __init__(self, *, many: bool = False) -> None:
        super().__init__(many=many)
        self.ends = 0
        self.messages = 0

    def on_message(self, message: bytes) -> None:
        self.messages += 1

    def on_end(self, failure: Failure | None) -> None:
        self.ends += 1


def begin_calls(client: ClientConnection) -> list[Counted]:
    """A bit of everything."""
    calls = [Counted(), Counted(), Counted(), Counted(many=True), Counted(many=True)]
    client.start(calls[0], "/t.T/Echo", b"x" * 300, 5.0)
    client.start(calls[1], "/t.T/Late", b"y" * 20, 5.0)
    client.start(calls[2], "/t.T/Fail", b"", None)
    client.start(calls[3], "/t.T/Count", b"12345", None)
    client.start(calls[4], "/t.T/Chat", None, None)
    client.send(calls[4], b"z" * 700)
    client.send(calls[4], b"")
    client.finish(calls[4])
    return calls


async def record() -> tuple[list[bytes], list[bytes]]:
    """The bytes of one good session, both ways, by what left together."""
    server = Server()
    _, pipe = server.connect()
    client = ClientConnection("t", secure=True)
    calls = begin_calls(client)
    up: list[bytes] = []
    down: list[bytes] = []
    for _ in range(40):
        if data := client.take():
            up.append(data)
            pipe.protocol.data_received(data)
        await asyncio.sleep(0)
        if data := pipe.take():
            down.append(data)
            client.receive(data)
    assert [c.ends for c in calls] == [1] * len(calls), "the good session is not good"
    pipe.close()
    await asyncio.sleep(0)
    return up, down


def frames_of(data: bytes) -> list[bytes]:
    """Frames as they lie in a stream that begins with one."""
    found = []
    while len(data) >= 9:
        size = int.from_bytes(data[:3], "big") + 9
        found.append(data[:size])
        data = data[size:]
    return [*found, data] if data else found


def mutated(chance: random.Random, data: bytes, first: int) -> bytes:
    """The stream with a few things wrong: bytes, whole frames, lengths, order. The first bytes often stay."""
    head, frames = data[:first], frames_of(data[first:])
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if not frames:
            break
        place = chance.randrange(len(frames))
        kind = chance.randrange(9)
        frame = bytearray(frames[place])
        if not frame:
            continue
        if kind == 0:
            frame[chance.randrange(len(frame))] = chance.randrange(256)
        elif kind == 1 and len(frame) >= 9:
            frame[chance.randrange(9)] = chance.randrange(256)
        elif kind == 2:
            del frames[place]
            continue
        elif kind == 3:
            frames.insert(chance.randrange(len(frames) + 1), bytes(frame))
            continue
        elif kind == 4:
            other = chance.randrange(len(frames))
            frames[place], frames[other] = frames[other], frames[place]
            continue
        elif kind == 5:
            frame = frame[: chance.randrange(len(frame) + 1)]
        elif kind == 6:
            frames.insert(place, random_frame(chance))
            continue
        elif kind == 7:
            at = chance.randrange(len(frame) + 1)
            frame[at:at] = chance.randbytes(chance.randrange(1, 12))
        else:
            frames[place:] = []
            continue
        frames[place] = bytes(frame)
    if first and chance.random() < 0.02:
        head = mutated(chance, head, 0)
    return head + b"".join(frames)


def random_frame(chance: random.Random) -> bytes:
    """A frame of any type, with a length that fits."""
    body = chance.randbytes(chance.choice((0, 4, 5, 6, 8, 9, 40)))
    stream = chance.choice((0, 1, 3, 5, 7, 9, 11, 2, 0x7FFFFFFF))
    kind, flags = chance.randrange(_FRAME_TYPES), chance.choice((0, 1, 4, 5, 8, 0x20, 0x2D))
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + body


def cut(chance: random.Random, data: bytes) -> Iterator[bytes]:
    """The stream in pieces of any size."""
    while data:
        size = chance.choice((len(data), len(data), chance.randrange(1, 200)))
        yield data[:size]
        data = data[size:]


async def try_server(server: Server, chance: random.Random, data: bytes) -> None:
    _, pipe = server.connect()
    for piece in cut(chance, data):
        if pipe.closed:
            break
        pipe.protocol.data_received(piece)
        if chance.random() < 0.3:
            await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)
    pipe.close()
    for _ in range(6):
        await asyncio.sleep(0)


def try_client(chance: random.Random, data: bytes) -> None:
    client = ClientConnection("t", secure=True)
    try:
        calls = begin_calls(client)
    except Http2Error:
        raise AssertionError("a new connection takes no calls") from None
    client.take()
    for piece in cut(chance, data):
        client.receive(piece)
        client.take()
        for call in calls:
            client.taken(call, 0)
    client.lose()
    ends = [call.ends for call in calls]
    assert ends == [1] * len(calls), f"ends {ends}"
    assert not client.calls


async def campaign(sessions: int, seed: int, report: bool = False) -> None:
    """Half of the sessions against each end; AssertionError names the seed of the one that went wrong."""
    logging.getLogger("network.embedded").setLevel(logging.CRITICAL)
    unexpected: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: unexpected.append(repr(context.get("exception") or context.get("message")))
    )
    up, down = await record()
    upward, downward = b"".join(up), b"".join(down)
    server = Server()
    begin = time.monotonic()
    for number in range(sessions):
        chance = random.Random(f"{seed}-{number}")
        try:
            if number % 2:
                try_client(chance, mutated(chance, downward, 0))
            else:
                await try_server(server, chance, mutated(chance, upward, PREFACE))
                for _ in range(50):
                    if not server.left():
                        break
                    await asyncio.sleep(0)
                assert not server.left(), server.left()
            assert not unexpected, unexpected
        except Exception as e:
            raise AssertionError(f"session {number} of seed {seed}: {e!r}") from e
        if report and number % 20_000 == 19_999:
            print(f"{number + 1} sessions, {time.monotonic() - begin:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--library", choices=LIBRARIES, default="ngh2")
    options = parser.parse_args()
    engine.choose(LIBRARIES[options.library])
    print(f"seed {options.seed}, {options.library}")
    asyncio.run(campaign(options.sessions, options.seed, report=True))
    print("every call ended once; nothing was left")


if __name__ == "__main__":
    main()
