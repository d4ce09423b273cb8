"""The embedded ledger's process as its driver sees it: begun early, started, asked, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from network.addresses import AddressBook
from network.drivers.base import NodeState, NodeStatus
from network.embedded import control
from network.embedded.faults import RpcError
from network.errors import CityChainError, Unavailable
from network.processes import BACKGROUND, still_running
from network.text import Text
from network.topology import NodeRef

START_SECONDS = 90.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.01
_READY, _FAILED = "ready.json", "failed.json"


class NodeProcess:
    """The process that serves the folder `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._begun: subprocess.Popen[bytes] | None = None

    # Life

    def begin(self) -> None:
        """Let a process load its modules already; it waits until `start`, and ends when this one does before that."""
        if self._begun is None:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._begun = self._spawn("--wait")

    def start(self) -> None:
        """Serve; returns when the process answers. Unavailable with its reason if it cannot run."""
        for name in (_FAILED, _READY):
            (self._home / name).unlink(missing_ok=True)
        process = self._told() or self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if (self._home / _READY).exists() and self.ask({"action": "status"}) is not None:
                return
            if process.poll() is not None:
                if self.ask({"action": "status"}) is not None:
                    return  # somebody else started it at the same time
                raise self._failure(process.returncode)
            time.sleep(_POLL_SECONDS)
        process.kill()
        raise Unavailable(
            Text(
                "内置账本在 {s} 秒内没有就绪。",
                "The embedded ledger was not ready within {s} seconds.",
                s=int(START_SECONDS),
            ),
            Text("详情见 {f}。", "See {f} for details.", f=str(self._home / "node.log")),
        )

    def stop(self) -> None:
        """Tell it to end, and wait for that."""
        self._dismiss()
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(RpcError):
            self.call({"action": "stop"})
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for end in (lambda: None, process.terminate, process.kill):
                end()
                if not still_running([process], STOP_SECONDS):
                    return

    def pid(self) -> int | None:
        """The process's number, None if it does not run."""
        for name, read in ((_READY, _ready_pid), ("node.pid", _plain_pid)):
            pid = read(self._home / name)
            if pid is None:
                continue
            with contextlib.suppress(psutil.Error):
                command = " ".join(psutil.Process(pid).cmdline())
                if "network.embedded" in command and str(self._home) in command:
                    return pid
        return None

    # Asking

    def call(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer to a request; RpcError if it refuses, UNAVAILABLE if it does not run."""
        return control.ask(self._home / _READY, message)

    def ask(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Its answer, None if it does not run or refuses."""
        if not (self._home / _READY).exists():
            return None
        try:
            return self.call(message)
        except RpcError:
            return None

    # Processes

    def _spawn(self, *options: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(p for p in (root, environment.get("PYTHONPATH", "")) if p)
        return subprocess.Popen(
            [sys.executable, "-m", "network.embedded", "--dir", str(self._home), *options],
            stdin=subprocess.PIPE if options else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=self._home,
            creationflags=BACKGROUND,
            start_new_session=True,
        )

    def _told(self) -> subprocess.Popen[bytes] | None:
        """The process that was begun, told to serve now; None if there is none that still waits."""
        process, self._begun = self._begun, None
        if process is None or process.stdin is None:
            return None
        try:
            with process.stdin as told:
                told.write(b"serve\n")
        except OSError:
            process.kill()
            process.wait()
            return None
        return process

    def _dismiss(self) -> None:
        """End a process that was begun and is not needed: it ends with its input."""
        process, self._begun = self._begun, None
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _failure(self, code: int) -> CityChainError:
        try:
            document: Mapping[str, str] = json.loads((self._home / _FAILED).read_bytes())
            hint = (
                Text("{t}", "{t}", t=Text(document["hint_zh"], document["hint_en"])) if "hint_zh" in document else None
            )
            return Unavailable(
                Text("{t}", "{t}", t=Text(_plain(document["zh"]), _plain(document["en"]))), hint, code="node_failed"
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Unavailable(
                Text("内置账本启动失败（退出码 {c}）。", "The embedded ledger failed to start (exit {c}).", c=code),
                Text("详情见 {f}。", "See {f} for details.", f=str(self._home / "node.log")),
            )


def _ready_pid(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_bytes())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _plain_pid(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def node_status(node: NodeRef, answer: Mapping[str, Any] | None, book: AddressBook) -> NodeStatus:
    """One embedded node by the process's answer (None where it does not run)."""
    address = book[node.name].address if node.name in book else ""
    entry = (answer or {}).get("peers" if node.kind == "peer" else "orderers", {}).get(node.name)
    state: NodeState = "running" if entry and entry["running"] else "stopped"
    faults = (answer or {}).get("faults") or {}
    detail = None
    if state == "running" and faults:
        detail = Text("账本无法写入：{f}", "The ledger cannot be written: {f}", f="; ".join(faults.values()))
        state = "failed"
    return NodeStatus(
        node.name,
        node.kind,
        node.organization.msp_id,
        address,
        state,
        heights=entry["heights"] if entry else {},
        detail=detail,
        pid=(answer or {}).get("pid") if state != "stopped" else None,
        since=(answer or {}).get("started"),
    )
