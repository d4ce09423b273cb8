"""Keeps one channel's index at the head of the chain, in a thread of its own, for as long as somebody wants it.

Blocks come from the peer's block events. When the network does not answer, the follower waits and tries again; when
the chain turns out to be another one (the network was made anew), the index is made anew as well.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from baas.errors import CityChainError, Unavailable
from baas.services.explorer.writer import ForeignChain, IndexWriter

_log = logging.getLogger(__name__)
BATCH_BLOCKS = 500
BATCH_TRANSACTIONS = 2_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0


class BlockSource(Protocol):
    """Where blocks come from: an endless stream from block `start` on, and how high the chain is."""

    def open(self, start: int) -> Any:
        """A context manager around an iterator of blocks (`common.Block` or `DecodedBlock`)."""

    def height(self) -> int:
        """How many blocks there are now."""


OnBlocks = Callable[[list[Any]], None]


class Follower:
    """Follows one channel until `stop`."""

    def __init__(self, path: Path, source: BlockSource, on_blocks: OnBlocks, on_state: Callable[[str], None]) -> None:
        self._path = path
        self._source = source
        self._on_blocks = on_blocks
        self._on_state = on_state
        self._stopping = threading.Event()
        self._progress = threading.Condition()
        self._indexed = -1
        self.state = "starting"
        self.failure: Exception | None = None
        """what it failed with last, until blocks arrive again"""
        self.failures = 0
        """how many times in a row"""
        self._stream: Any = None
        self._thread = threading.Thread(target=self._run, name=f"follow-{path.stem}", daemon=True)

    def start(self) -> None:
        """Begin, unless somebody has stopped it already."""
        with self._progress:
            if not self._stopping.is_set():
                self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End following; returns when the index is closed, at most `timeout` seconds later."""
        with self._progress:
            self._stopping.set()
        self._close_stream()
        if self._thread.ident is not None:  # a window that closes while it opens stops what never began
            self._thread.join(timeout)

    def wait_for(self, block: int, timeout: float) -> bool:
        """Wait until block `block` is indexed, at most `timeout` seconds; say whether it is."""
        with self._progress:
            return self._progress.wait_for(lambda: self._indexed >= block, timeout)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self._follow()
            except ForeignChain:
                _log.warning("index %s belongs to another chain and is made anew", self._path.name)
                self._clear()
                continue
            except CityChainError as error:
                self._note(error)
                self._set_state("waiting")
                if not isinstance(error, Unavailable):
                    _log.warning("following %s: %s", self._path.name, error)
            except Exception as error:
                self._note(error)
                self._set_state("waiting")
                if not self._stopping.is_set():
                    _log.exception("following %s failed", self._path.name)
            if time.monotonic() - started > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            self._stopping.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        self._set_state("stopped")

    def _note(self, error: Exception) -> None:
        self.failure = error
        self.failures += 1

    def _clear(self) -> None:
        writer = IndexWriter(self._path)
        try:
            writer.clear()
            self._advance(-1)
        finally:
            writer.close()

    def _follow(self) -> None:
        writer = IndexWriter(self._path)
        try:
            height = self._source.height()
            if height < writer.next_block:
                raise ForeignChain("the chain is shorter than the index")
            # One block of overlap shows whether it is still the same chain.
            start = max(0, writer.next_block - 1)
            with self._source.open(start) as stream:
                self._stream = stream
                self._set_state("following")
                self._pump(writer, stream, start)
        finally:
            self._stream = None
            writer.close()

    def _pump(self, writer: IndexWriter, stream: Iterable[Any], start: int) -> None:
        """Read in a second thread, so that whatever has arrived meanwhile is written in one transaction."""
        arrived: queue.Queue[Any] = queue.Queue(maxsize=BATCH_BLOCKS)
        end = object()
        failure: list[BaseException] = []
        done = threading.Event()

        def put(item: Any) -> None:
            while not done.is_set():
                try:
                    arrived.put(item, timeout=0.2)
                    return
                except queue.Full:
                    continue

        def read() -> None:
            try:
                for block in stream:
                    put(block)
                    if done.is_set():
                        return
            except BaseException as error:
                failure.append(error)
            finally:
                put(end)

        reader = threading.Thread(target=read, name=f"{self._thread.name}-read", daemon=True)
        reader.start()
        try:
            first = True
            while not self._stopping.is_set():
                batch, ended = _batch(arrived, end, self._stopping)
                if batch and first and start < writer.next_block:
                    writer.check_same(batch[0])
                first = first and not batch
                writer.add(batch)
                if batch:
                    self.failure, self.failures = None, 0
                    self._advance(writer.next_block - 1)
                    self._on_blocks(batch)
                if ended:
                    break
        finally:
            done.set()
            self._close_stream()
            reader.join(2.0)
        if failure and not self._stopping.is_set():
            raise failure[0]

    def _advance(self, block: int) -> None:
        with self._progress:
            self._indexed = block
            self._progress.notify_all()

    def _set_state(self, state: str) -> None:
        if self.state != state:
            self.state = state
            self._on_state(state)

    def _close_stream(self) -> None:
        stream = self._stream
        close = getattr(stream, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                _log.debug("closing a block stream failed", exc_info=True)


def _batch(arrived: queue.Queue[Any], end: object, stopping: threading.Event) -> tuple[list[Any], bool]:
    """Wait for a block, then take everything else that has arrived, decoded; and whether the stream has ended."""
    from fabric_sdk.blocks import DecodedBlock, decode_block

    batch: list[Any] = []
    transactions = 0
    while len(batch) < BATCH_BLOCKS and transactions < BATCH_TRANSACTIONS:
        try:
            item = arrived.get_nowait() if batch else arrived.get(timeout=0.5)
        except queue.Empty:
            if batch or stopping.is_set():
                break
            continue
        if item is end:
            return batch, True
        block = item if isinstance(item, DecodedBlock) else decode_block(item)
        batch.append(block)
        transactions += len(block.transactions)
    return batch, False
