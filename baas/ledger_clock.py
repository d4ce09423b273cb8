"""The clock by which this machine writes its transactions on one network: its own, moved to the nodes' where needed.

A contract compares the time of a transaction, which the client writes, with its peer's own clock, and for moments that
people race for (a release, a deadline) both must agree. Machines' clocks are often some seconds apart. So a client asks
a node once what time it is there and writes by that. It follows a node for `FOLLOW_S` at most: whoever runs a peer
could otherwise choose the times that others sign.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from collections.abc import Callable

from fabric_sdk import clock
from network.errors import Unavailable
from network.text import Text

SET_CLOCK = Text(
    "请校准本机时钟（Linux：timedatectl set-ntp true；Windows：设置 → 时间和语言），再重试。",
    "Set this machine's clock (Linux: timedatectl set-ntp true; Windows: Settings, Time & language), then try again.",
)
FOLLOW_S = 65.0
"""One minute, and what asking over a slow line may add."""
_NOISE_S = 0.5
"""Differences below this come of the asking."""
_AGAIN_S = 600.0
"""How long an answer counts, in seconds."""

_INSTANT = re.compile(r"\d{4,5}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class LedgerClock:
    """Seconds and nanoseconds since 1970 UTC as the network's nodes count them; thread-safe."""

    def __init__(self) -> None:
        self._ahead_ns = 0
        self._asked: float | None = None
        self._step = 0.0
        self._guard = threading.Lock()

    @property
    def ahead_s(self) -> float:
        """How far the nodes' clock is ahead of this machine's, as far as it is followed; 0 while they agree."""
        return self._ahead_ns / 1e9

    def nanoseconds(self) -> int:
        return clock.nanoseconds() + self._ahead_ns

    def seconds(self) -> float:
        return self.nanoseconds() / 1e9

    @property
    def stale(self) -> bool:
        """Whether the node was never asked, not for ten minutes, or this machine's clock was set meanwhile."""
        return self._asked is None or time.monotonic() - self._asked > _AGAIN_S or abs(_step() - self._step) > _NOISE_S

    def compare(self, ask: Callable[[], float]) -> bool:
        """Ask a node for its clock (seconds since 1970 UTC); returns whether this clock moved by it."""
        with self._guard:
            before = clock.seconds()
            there = ask()
            ahead = there - (before + clock.seconds()) / 2
            self._answered()
            followed = round(ahead * 1e9) if _NOISE_S < abs(ahead) <= FOLLOW_S else 0
            moved = abs(followed - self._ahead_ns) > _NOISE_S * 1e9
            if moved:
                self._ahead_ns = followed
            return moved

    def leave(self) -> None:
        """Nobody there can say what time it is (a contract of before): keep this machine's."""
        self._answered()

    def _answered(self) -> None:
        self._asked, self._step = time.monotonic(), _step()


def _step() -> float:
    """What changes only when somebody sets the machine's clock."""
    return clock.seconds() - time.monotonic()


def check_machine() -> None:
    """Refuse to begin on a machine whose clock cannot be right: certificates, deadlines and signatures hang on it."""
    if not clock.plausible():
        raise Unavailable(
            Text(
                "本机时钟是 {t}，不可能是对的；证书、期限和签名都以它为准，所以什么都没有做。",
                "This machine's clock says {t}, which cannot be right; certificates, deadlines and signatures hang on"
                " it, so nothing was done.",
                t=f"{clock.now():%Y-%m-%d %H:%M} UTC",
            ),
            SET_CLOCK,
            code="clock_wrong",
        )


def outside_validity(message: str) -> Text | None:
    """The sentence where a TLS library says that a certificate's time has not come or has passed; else None."""
    if "certificate is not yet valid" not in message and "certificate has expired" not in message:
        return None
    return Text(
        "按本机时钟（{t}），节点的证书尚未生效或已经过期。",
        "By this machine's clock ({t}) the node's certificate is not valid yet or no more.",
        t=f"{clock.now():%Y-%m-%d %H:%M} UTC",
    )


def clocks_apart(contract_message: str) -> Text | None:
    """The sentence for people that names both clocks, from a contract's refusal; None where it names none."""
    found = _INSTANT.findall(contract_message)
    if len(found) != 2:
        return None
    try:
        here, there = (dt.datetime.fromisoformat(text) for text in found)
    except ValueError:
        return None
    return Text(
        "本机时钟是 {a}，节点的时钟是 {b}，相差 {n} 秒，超出容许范围；请校准走错的那一个。",
        "This machine's clock says {a}, the node's {b}: {n} s apart is more than is allowed. Set the wrong one right.",
        a=f"{here.astimezone():%Y-%m-%d %H:%M:%S}",
        b=f"{there.astimezone():%Y-%m-%d %H:%M:%S}",
        n=round(abs((here - there).total_seconds())),
    )
