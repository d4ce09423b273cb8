"""A Kubo daemon that the platform starts and watches: loopback only, private swarm, no public network."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from baas.content.kubo import KuboStore
from baas.content.kubo_private import ENVIRONMENT, keep_private, swarm_key
from baas.content.swarm import Membership
from fabric_sdk.files import replace_file
from network.errors import Unavailable
from network.processes import BACKGROUND, NO_WINDOW, ask_to_end, birth_of, born_as
from network.supervisor.process import rotate
from network.text import Text

_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_MAX_BACKOFF = 30.0
RECORD, LOG = "citychain-daemon.json", "kubo.log"


def find_program(cache: Path, setting: str = "", environment: str = "") -> Path:
    """The `ipfs` program: the setting, the environment's `CITYCHAIN_KUBO_BIN` (given by the caller), PATH, the cache.

    `cache` is the user's cache folder of the platform; newest version first. Raises `Unavailable` when there is none.
    """
    name = "ipfs.exe" if os.name == "nt" else "ipfs"
    for given in (setting, environment):
        if given:
            path = Path(given)
            path = path / name if path.is_dir() else path
            if path.is_file():
                return path
    if found := shutil.which("ipfs"):
        return Path(found)
    for path in sorted(cache.glob(f"kubo/*/bin/{name}"), key=_version_key, reverse=True):
        return path
    raise Unavailable(
        Text("没有找到 Kubo（ipfs 程序）。", "Kubo (the ipfs program) was not found."),
        Text(
            "请安装 Kubo，或继续使用本机仓库，或填写现有节点的 RPC 地址。",
            "Install Kubo, keep the local store, or give the RPC address of a node you have.",
        ),
        code="kubo_absent",
    )


def _version_key(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parent.parent.name.split(".") if part.isdigit())


@dataclass(frozen=True)
class DaemonStatus:
    """What the supervised daemon is doing; `restarts` counts unplanned ends since it was started."""

    running: bool
    pid: int
    url: str
    restarts: int


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class KuboDaemon:
    """One daemon with its repository under `folder`; a second start of the same folder adopts the running one."""

    def __init__(self, program: Path, folder: Path, member: Membership | None = None) -> None:
        self._program = program
        self.folder = folder
        self._member = member
        self._process: subprocess.Popen[bytes] | psutil.Process | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()
        self._restarts = 0
        self.url = ""
        self.lent = False
        """Whether the daemon belongs to another program that is at work: closed here, it goes on there."""

    def start(self, on_restart: Callable[[int], None] = lambda _n: None) -> KuboStore:
        """Make the repository if needed, start the daemon (or adopt it) and return a store on it.

        Raises `Unavailable` with the daemon's own last words when it does not come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._adopt():
            self._initialise()
            self._configure()
            self._launch()
        self._stopping.clear()
        self._watcher = threading.Thread(target=self._watch, args=(on_restart,), name="kubo-watch", daemon=True)
        self._watcher.start()
        return self.store()

    def store(self) -> KuboStore:
        """A new connection to the running daemon."""
        return KuboStore(self.url, private_swarm=True, member=self._member)

    def status(self) -> DaemonStatus:
        process = self._process
        alive = process is not None and _alive(process)
        return DaemonStatus(alive, process.pid if process and alive else 0, self.url, self._restarts)

    def let_go(self) -> None:
        """End the daemon, unless it belongs to another program: then only watching it ends."""
        if not self.lent:
            self.stop()
            return
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join(_STOP_SECONDS)

    def stop(self) -> None:
        """End the daemon, gently first."""
        self._stopping.set()
        process = self._process
        if process is not None:
            with contextlib.suppress(psutil.Error, OSError, subprocess.SubprocessError):
                if not ask_to_end(process.pid, same_console=False):
                    process.terminate()
                process.wait(_STOP_SECONDS)
            if _alive(process):
                with contextlib.suppress(psutil.Error, OSError):
                    process.kill()
                    process.wait(_STOP_SECONDS)
        if self._watcher is not None:
            self._watcher.join(_STOP_SECONDS)
        self._process = None
        with contextlib.suppress(OSError):
            self._record.unlink()

    @property
    def _record(self) -> Path:
        return self.folder / RECORD

    @property
    def _repository(self) -> Path:
        return self.folder / "repo"

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("IPFS_", "LIBP2P_", "GOLOG_"))
        }
        return kept | ENVIRONMENT | {"IPFS_PATH": str(self._repository)}

    def _adopt(self) -> bool:
        try:
            record = json.loads(self._record.read_text())
            process = psutil.Process(int(record["pid"]))
            if not born_as(process.pid, record["started"]):
                return False
            self.url = str(record["url"])
            self._process = process
            owner = int(record.get("owner", 0))
            self.lent = owner not in (0, os.getpid()) and psutil.pid_exists(owner)
            self._await_ready()
            return True
        except (OSError, ValueError, KeyError, psutil.Error, Unavailable):
            self._process = None
            return False

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [str(self._program), *arguments],
                env=self._environment(),
                capture_output=True,
                timeout=60,
                creationflags=NO_WINDOW,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._failed(str(error)) from error
        if done.returncode != 0:
            raise self._failed(done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "replace")

    def _failed(self, words: str) -> Unavailable:
        return Unavailable(
            Text("Kubo 未能启动：{why}", "Kubo did not start: {why}", why=words.strip()[-300:] or "?"),
            Text("请查看日志 {log}。", "See its log {log}.", log=str(self.folder / LOG)),
            code="kubo_failed",
        )

    def _initialise(self) -> None:
        if not (self._repository / "config").exists():
            self._run("init", "--empty-repo=true")
        swarm_key(self._repository / "swarm.key")

    def _configure(self) -> None:
        path = self._repository / "config"
        config: dict[str, Any] = json.loads(path.read_text())
        api = free_port()
        host, port = (self._member.host, self._member.port) if self._member else ("127.0.0.1", free_port())
        kind = "ip6" if ":" in host else "ip4" if host.replace(".", "").isdigit() else "dns4"
        keep_private(config, f"/ip4/127.0.0.1/tcp/{api}", f"/{kind}/{host}/tcp/{port}")
        temporary = path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(config, indent=2), "utf-8")
        replace_file(temporary, path)
        self.url = f"http://127.0.0.1:{api}"

    def _launch(self) -> None:
        log = self.folder / LOG
        rotate(log)
        with log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    [str(self._program), "daemon", "--migrate=true", "--enable-gc=false"],
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=os.name != "nt",
                    creationflags=BACKGROUND,
                )
            except OSError as error:
                raise self._failed(str(error)) from error
        try:
            self._await_ready()
            started = birth_of(self._process.pid)
        except Unavailable as error:
            words = log.read_bytes()[-2000:].decode("utf-8", "replace")
            with contextlib.suppress(OSError):
                self._process.kill()
            self._process.wait(_STOP_SECONDS)
            raise self._failed(words) from error
        record = {"pid": self._process.pid, "started": started, "url": self.url, "owner": os.getpid()}
        self._record.write_text(json.dumps(record), "utf-8")

    def _await_ready(self) -> None:
        until = time.monotonic() + _READY_SECONDS
        store = self.store()
        try:
            while True:
                try:
                    store.capabilities()
                    return
                except Unavailable:
                    if time.monotonic() > until or self._process is None or not _alive(self._process):
                        raise
                    time.sleep(0.1)
        finally:
            store.close()

    def _watch(self, on_restart: Callable[[int], None]) -> None:
        backoff = 0.5
        while not self._stopping.wait(0.5):
            rotate(self.folder / LOG)
            process = self._process
            if process is not None and _alive(process):
                backoff = 0.5
                continue
            if self._stopping.wait(backoff):
                return
            backoff = min(backoff * 2, _MAX_BACKOFF)
            with contextlib.suppress(Unavailable):
                self._launch()  # the same ports as before: stores in use find it again
                self._restarts += 1
                on_restart(self._restarts)


def running(folder: Path) -> bool:
    """Whether the daemon of a folder is at work, whoever started it."""
    try:
        record = json.loads((folder / RECORD).read_text())
        process = psutil.Process(int(record["pid"]))
        return born_as(process.pid, record["started"]) and _alive(process)
    except (OSError, ValueError, KeyError, psutil.Error):
        return False


def _alive(process: subprocess.Popen[bytes] | psutil.Process) -> bool:
    if isinstance(process, subprocess.Popen):
        return process.poll() is None
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
