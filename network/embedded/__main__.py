"""The embedded ledger's process: `python -m network.embedded --dir DIR`.

Writes `ready.json` (pid, address and token for `control`; its owner alone can read it) once everything listens,
and `failed.json` with a sentence in both languages if it cannot start. Ends at SIGTERM, SIGINT or the driver's word,
after everything accepted is on disk; and when its folder is deleted or replaced, for nobody could tell it to end then.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

from network.embedded.control import listen
from network.embedded.instance import AddressGone, InstanceLock, PortTaken, check_ports
from network.embedded.node import Node
from network.embedded.settings import load
from network.errors import CityChainError, Unavailable
from network.logs import BoundedLog
from network.text import Text
from network.vault import write_private

LOOK_EVERY = 5.0  # seconds between two looks at the node's folder
READY, FAILED, LOG = "ready.json", "failed.json", "node.log"
log = logging.getLogger("network.embedded")


async def run(directory: Path) -> None:
    """Serve until told to stop."""
    settings = load(directory)
    entries = [e for e in (*settings.orderers, *settings.peers) if e.name not in settings.stopped]
    check_ports([address for entry in entries for address in entry.bound])
    node = Node(directory)
    server = watch = None
    try:
        await node.start()
        token = secrets.token_hex(32)
        server, address = await listen(node.control, token, directory / "control.sock")
        _end_on_signals(node.stopping)
        watch = asyncio.create_task(_end_with_the_folder(directory, node.stopping))
        ready = {"pid": os.getpid(), "started": node.started, "address": address, "token": token}
        write_private(directory / READY, json.dumps(ready).encode())
        gc.collect()
        gc.freeze()  # what is there now stays; collections need not look at it again
        gc.set_threshold(50_000, 20, 50)
        gc.enable()
        log.info("ready, process %d", os.getpid())
        await node.stopping.wait()
    finally:
        if watch is not None:
            watch.cancel()
        with contextlib.suppress(OSError):
            (directory / READY).unlink(missing_ok=True)
        if server is not None:
            server.close()
        await node.close()
        log.info("stopped")


async def _end_with_the_folder(directory: Path, stopping: asyncio.Event) -> None:
    """Set `stopping` once the folder that the node was started in is gone."""
    start = await asyncio.to_thread(directory.stat)
    while not stopping.is_set():
        await asyncio.sleep(LOOK_EVERY)
        try:
            now = await asyncio.to_thread(directory.stat)
        except FileNotFoundError:
            now = None
        except OSError:  # a share that is away for a while is no reason to end
            continue
        if now is None or not os.path.samestat(start, now):
            log.error("the folder %s is gone: ending", directory)
            stopping.set()


def _end_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stopping.set)
        except (NotImplementedError, RuntimeError):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


def _fail(directory: Path, error: BaseException) -> int:
    """Say why the node does not run, for the driver and for the log."""
    if isinstance(error, CityChainError) and isinstance(error.message, Text):
        message, hint = error.message, error.hint
    elif isinstance(error, AddressGone):
        message = Text("本机已没有地址 {a}。", "This machine has no address {a} any more.", a=error.host)
        hint = Text(
            "请重新指定：citychain network listen NAME，或改为只在本机：network listen --off。",
            "Say it anew: citychain network listen NAME, or this machine alone: network listen --off.",
        )
    elif isinstance(error, PortTaken):
        message = Text("端口 {p} 已被占用（{w}）。", "Port {p} is taken ({w}).", p=error.address, w=error.owner or "?")
        hint = Text("请停止该程序后重试。", "Stop that program and try again.")
    else:
        message = Text(
            "内置账本无法启动：{e}", "The embedded ledger cannot start: {e}", e=str(error) or type(error).__name__
        )
        hint = Text("详情见 {f}。", "See {f} for details.", f=str(directory / LOG))
    log.error(
        "cannot run: %s",
        message.en,
        exc_info=None if isinstance(error, AddressGone | PortTaken | CityChainError) else error,
    )
    document = {"zh": message.zh, "en": message.en}
    if isinstance(hint, Text):
        document |= {"hint_zh": hint.zh, "hint_en": hint.en}
    with contextlib.suppress(OSError):
        write_private(directory / FAILED, json.dumps(document, ensure_ascii=False).encode())
    print(message.en, file=sys.stderr)
    return error.exit_code if isinstance(error, CityChainError) else 3


def main(argv: list[str] | None = None) -> int:
    """Command-line entry; exit codes 0 (told to stop), 2 (wrong use), 3 (cannot run)."""
    parser = argparse.ArgumentParser(prog="network.embedded", description="Run an embedded Fabric network.")
    parser.add_argument("--dir", type=Path, required=True, help="the node's folder with node.json")
    parser.add_argument("--wait", action="store_true", help="serve once a line arrives on standard input, end with it")
    options = parser.parse_args(argv)
    directory = options.dir.resolve()
    if not directory.is_dir():
        parser.error(f"{directory} is not a folder")
    gc.disable()  # until the node is ready: what is made meanwhile stays
    runner = asyncio.run
    with contextlib.suppress(ImportError):
        import uvloop

        runner = uvloop.run
    if options.wait and not sys.stdin.readline():
        return 0
    handler = BoundedLog(directory / LOG, 4 << 20, 3, "%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    lock = InstanceLock(directory / "node.lock")
    holder = lock.acquire()
    if holder is not None:
        # Not `_fail`: failed.json belongs to the process that holds the lock.
        print(f"another process ({holder or '?'}) runs this node already", file=sys.stderr)
        return Unavailable.exit_code
    (directory / FAILED).unlink(missing_ok=True)
    (directory / READY).unlink(missing_ok=True)
    try:
        runner(run(directory))
    except KeyboardInterrupt:
        return 0
    except Exception as e:
        return _fail(directory, e)
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
