"""Remember how far a listener got, so that it goes on there after a restart."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Protocol

from fabric_sdk.errors import FabricError
from fabric_sdk.files import replace_file


class Checkpoint(Protocol):
    """A position: the next block to look at, and the last transaction of it that was dealt with, if any."""

    @property
    def block_number(self) -> int | None: ...
    @property
    def transaction_id(self) -> str | None: ...


class HasPosition(Protocol):
    """Anything with a block number and a transaction id, such as a chaincode event."""

    @property
    def block_number(self) -> int: ...
    @property
    def transaction_id(self) -> str: ...


class MemoryCheckpointer:
    """A position that is kept as long as this process lives. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._block_number: int | None = None
        self._transaction_id: str | None = None

    @property
    def block_number(self) -> int | None:
        return self._block_number

    @property
    def transaction_id(self) -> str | None:
        return self._transaction_id

    def checkpoint_block(self, block_number: int) -> None:
        """The whole block was dealt with: go on with the one after it."""
        self._move(block_number + 1, None)

    def checkpoint_transaction(self, block_number: int, transaction_id: str) -> None:
        """The block was dealt with up to and including this transaction."""
        self._move(block_number, transaction_id)

    def checkpoint_chaincode_event(self, event: HasPosition) -> None:
        """The event's transaction was dealt with."""
        self._move(event.block_number, event.transaction_id)

    def _move(self, block_number: int, transaction_id: str | None) -> None:
        with self._lock:
            self._save(block_number, transaction_id)
            self._block_number = block_number
            self._transaction_id = transaction_id

    def _save(self, block_number: int, transaction_id: str | None) -> None:
        """Nothing to save in memory."""


class FileCheckpointer(MemoryCheckpointer):
    """A position in a small JSON file. Each change is on disk (fsync, then renamed into place) before it counts."""

    def __init__(self, path: Path | str) -> None:
        super().__init__()
        self.path = Path(path)
        self._load()

    def _load(self) -> None:
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return
        try:
            found = json.loads(text)
            block_number, transaction_id = found["blockNumber"], found.get("transactionId")
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise FabricError(f"{self.path} is not a checkpoint file") from e
        if not isinstance(block_number, int) or block_number < 0 or not isinstance(transaction_id, str | None):
            raise FabricError(f"{self.path} is not a checkpoint file")
        self._block_number, self._transaction_id = block_number, transaction_id

    def _save(self, block_number: int, transaction_id: str | None) -> None:
        content: dict[str, int | str] = {"blockNumber": block_number}
        if transaction_id:
            content["transactionId"] = transaction_id
        temporary = self.path.with_name(self.path.name + ".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        replace_file(temporary, self.path)
        if os.name == "posix":
            with contextlib.suppress(OSError):
                folder = os.open(self.path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
