"""What running nodes tell without an identity: whether they listen, their health and their metrics."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable

from network.errors import DeadlineExceeded, Unavailable
from network.text import Text


def wait_for_port(host: str, port: int, until: float, check: Callable[[], None]) -> None:
    """Wait until something listens; `check` may raise to give up early. `until` is a `time.monotonic` instant."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError as e:
            check()
            if time.monotonic() > until:
                raise DeadlineExceeded(
                    Text("{h}:{p} 在规定时间内没有响应。", "Nothing answers at {h}:{p} in time.", h=host, p=port)
                ) from e
            time.sleep(0.01)
        else:
            return


def metrics(host: str, port: int, timeout: float = 3.0) -> str:
    """Return a node's Prometheus metrics as text."""
    return operations(host, port, "/metrics", timeout)[1]


def healthy(host: str, port: int, timeout: float = 3.0) -> bool:
    """Say whether a node's health check answers OK."""
    return operations(host, port, "/healthz", timeout)[0] == http.client.OK


def operations(host: str, port: int, path: str, timeout: float = 3.0) -> tuple[int, str]:
    """Ask a node's operations endpoint; return the HTTP status and the body."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(32 * 1024 * 1024).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as e:
        raise Unavailable(Text("{h}:{p} 没有响应。", "{h}:{p} does not answer.", h=host, p=port)) from e
    finally:
        connection.close()


def metric(text: str, name: str, **labels: str) -> float | None:
    """Return the value of one Prometheus sample, or None when it is not there."""
    for line in text.splitlines():
        if line.startswith(name) and all(f'{key}="{value}"' in line for key, value in labels.items()):
            rest = line[len(name) :]
            if rest[:1] in ("{", " "):
                return float(line.rsplit(" ", 1)[1])
    return None


def heights_of(text: str) -> dict[str, int]:
    """Return ledger heights by channel out of a node's metrics."""
    heights = {}
    for line in text.splitlines():
        if line.startswith('ledger_blockchain_height{channel="'):
            channel, _, rest = line.partition('"')[2].partition('"')
            heights[channel] = int(float(rest.rsplit(" ", 1)[1]))
    return heights
