"""Where a token's PIN comes from: a file that its owner alone reads, or the person who is asked. It is never kept.

While the process runs, and the keystore is not locked, a PIN that a token has accepted is remembered in memory; one
that a token has refused is not sent to it again, because tokens lock themselves after a few wrong ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from network.errors import PermissionDenied, Unavailable, UserError
from network.text import Text
from network.tokens.address import TokenAddress

PIN_FILE = "CITYCHAIN_PIN_FILE"
"""The environment's word on the file with the PIN, for tokens whose address names none."""
_MAX_BYTES = 1024


class Pins:
    """The PINs of this process; `ask` is how somebody at a terminal or window is asked, None where nobody is."""

    def __init__(self) -> None:
        self.ask: Callable[[TokenAddress], str] | None = None
        self._accepted: dict[str, str] = {}
        self._refused: set[tuple[str, bytes]] = set()
        self._guard = threading.RLock()

    def __repr__(self) -> str:
        return "Pins()"

    def known(self, address: TokenAddress) -> bool:
        """Whether this process has a PIN that the token accepted, or a file to read it from."""
        return address.shown in self._accepted or bool(_file_of(address))

    def of(self, address: TokenAddress) -> str:
        """The PIN; `Unavailable` (`pin_needed`) when nobody gives one, `PermissionDenied` for one refused before."""
        pin = self._accepted.get(address.shown)
        if pin is not None:
            return pin
        file = _file_of(address)
        pin = _read(Path(file)) if file else self.ask(address) if self.ask else ""
        if not pin:
            raise pin_needed(address)
        if (address.shown, _digest(pin)) in self._refused:
            raise wrong_pin(address)
        return pin

    @contextlib.contextmanager
    def given(self, address: TokenAddress, pin: str) -> Iterator[None]:
        """Use this PIN for a token within the block, whatever is known of it."""
        with self._guard:
            before = self._accepted.get(address.shown)
            if (address.shown, _digest(pin)) in self._refused:
                raise wrong_pin(address)
            self._accepted[address.shown] = pin
        try:
            yield
        except BaseException:
            with self._guard:
                self._accepted.pop(address.shown, None)
                if before is not None:
                    self._accepted[address.shown] = before
            raise

    def accepted(self, address: TokenAddress, pin: str) -> None:
        """Remember a PIN until the process ends or the keystore is locked."""
        with self._guard:
            self._accepted[address.shown] = pin

    def refused(self, address: TokenAddress, pin: str) -> None:
        """Never send this PIN to the token again."""
        with self._guard:
            self._accepted.pop(address.shown, None)
            self._refused.add((address.shown, _digest(pin)))

    def forget(self) -> None:
        """Forget every PIN."""
        with self._guard:
            self._accepted.clear()

    def lend(self) -> dict[str, str]:
        """What another process of this program needs; goes through a pipe between the two, nowhere else."""
        with self._guard:
            return dict(self._accepted)

    def take(self, lent: Mapping[str, str]) -> None:
        """Know what the starter of this process lent."""
        with self._guard:
            self._accepted.update(lent)


PINS = Pins()


def pin_needed(address: TokenAddress) -> Unavailable:
    """Nobody gave the PIN."""
    return Unavailable(
        Text("令牌“{t}”需要 PIN。", "The token {t} needs its PIN.", t=address.token),
        Text(
            "请在控制台的“密钥库”页输入，或把 PIN 写入只有您能读的文件并设置 {v}。",
            "Enter it on the console's Keystore tab, or put it into a file that only you can read, named in {v}.",
            v=PIN_FILE,
        ),
        code="pin_needed",
        details={"token": address.shown},
    )


def wrong_pin(address: TokenAddress) -> PermissionDenied:
    """The token has refused this PIN."""
    return PermissionDenied(
        Text("令牌“{t}”不接受这个 PIN。", "The token {t} does not accept this PIN.", t=address.token),
        Text("请核对后再试；多次输错会锁住令牌。", "Check it before another try: a few wrong ones lock the token."),
        code="wrong_pin",
        details={"token": address.shown},
    )


def _file_of(address: TokenAddress) -> str:
    return address.pin_file or os.environ.get(PIN_FILE, "")


def _digest(pin: str) -> bytes:
    return hashlib.sha256(pin.encode()).digest()


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(_MAX_BYTES)
    except OSError as e:
        raise Unavailable(
            Text("读不了 PIN 文件 {f}。", "The PIN file {f} cannot be read.", f=str(file)), code="pin_file_missing"
        ) from e
    if not stat.S_ISREG(mode) or (sys.platform != "win32" and mode & 0o077):
        raise UserError(
            Text("PIN 文件 {f} 不只是您一人能读。", "Others than you can read the PIN file {f}.", f=str(file)),
            Text("请执行 chmod 600 {f}。", "Run chmod 600 {f}.", f=str(file)),
            code="pin_file_open",
        )
    try:
        return data.decode().partition("\n")[0].rstrip("\r")
    except ValueError as e:
        raise UserError(Text("PIN 文件不是文本。", "The PIN file is no text."), code="pin_file_missing") from e
