"""A machine's clock that is set while the network runs: an hour back and forth again, under Debian's `faketime`."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fabric_sdk.errors import GatewayError
from tests.moments import FAKETIME, Machine
from tests.network.embedded.city import City

HOUR = 3600


@pytest.mark.skipif(FAKETIME is None, reason="needs Debian's faketime")
def test_an_hour_back_while_the_network_runs_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Node and client jump together, as one machine does; then the node alone comes back from a restart."""
    city = City(tmp_path / "n")
    with monkeypatch.context() as patch:
        machine = Machine(patch, tmp_path / "moved")
        jump = machine.set_ahead
        machine.begin()
        city.up()
        try:
            city.deploy("ledger", policy="OR('DataBureauMSP.peer')")
            _live_through(city, jump)
            city.forget_connections()
            city.driver.stop()
            jump(-HOUR)
            city.driver.start()
            told = json.loads((city.directory / "embedded" / "ready.json").read_bytes())
            assert abs(told["started"] - time.time() + HOUR) < 600  # its clock is really the shifted one
            assert city.contract().evaluate("Get", "k") == b"5"
            city.contract().submit("Put", "k", "6")
            assert city.contract().evaluate("Get", "k") == b"6"
        finally:
            city.down()


def _live_through(city: City, jump: Callable[[int], None]) -> None:
    """Five transactions with the clock set between them, while somebody listens: each is valid, none is missed."""
    heard: list[int] = []
    with city.network().block_events(start_block=0) as blocks:

        def listen() -> None:
            with contextlib.suppress(GatewayError):
                heard.extend(block.header.number for block in blocks)

        threading.Thread(target=listen, daemon=True).start()
        written = []
        for value, seconds in enumerate((0, -HOUR, -HOUR, 0, -HOUR), start=1):
            jump(seconds)
            began = time.monotonic()
            status = city.contract().submit_async("Put", "k", str(value)).status()
            assert status.successful
            assert time.monotonic() - began < 30
            assert city.contract().evaluate("Get", "k") == str(value).encode()
            written.append(status.block_number)
        assert written == sorted(set(written))
        wait_until(lambda: bool(heard) and heard[-1] >= written[-1])
    assert heard == list(range(written[-1] + 1))


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
