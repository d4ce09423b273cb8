"""A rehearsal in a process of its own: it imports the version tried, and ends with it.

    python -m network.branching.rehearse   (the request as one line of JSON on standard input)

It answers with lines of JSON: {"done": …, "total": …} on the way, {"report": …} or {"error": [zh, en]} at the end.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.loading import LoadError, is_path, load_chaincode
from fabric_sdk.chaincode.sealing import KeyFolder
from network.branching.record import BranchRecord
from network.branching.report import Rehearsal
from network.branching.rerun import Rerun, calls_of
from network.contract_keys import keys_folder
from network.drivers.base import Progress
from network.embedded import settings as node_settings
from network.embedded.definitions import Definition, read_definition
from network.errors import NotFound, Unavailable, UserError
from network.lock import Moment
from network.plan import NetworkState
from network.processes import NO_WINDOW
from network.promotion.stored import StoredChannel, ledger_file
from network.text import Text, render

SCRATCH, LOCK = "rehearsal", "rehearsal.lock"
END_SECONDS = 10.0


@dataclass(frozen=True)
class Wanted:
    """What to rehearse: a contract's recorded calls in blocks `first` to `last`, or its newest `calls` of them.

    `functions` are the only ones made again (all when empty). `last` -1 is the last block that the origin has too.
    """

    contract: str
    first: int = -1
    last: int = -1
    calls: int = 500
    functions: tuple[str, ...] = ()


def rehearse(directory: Path, wanted: Wanted, ctx: Progress) -> Rehearsal:
    """Rehearse on the branch in `directory`; it need not run. UserError or NotFound where it cannot be begun."""
    import network

    with Moment(directory / LOCK, patience_s=1.0):
        request = json.dumps({"directory": str(directory.absolute()), **asdict(wanted)})
        command = [sys.executable, "-B", "-m", "network.branching.rehearse"]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=Path(network.__file__).parent.parent,
            encoding="utf-8",
            creationflags=NO_WINDOW,
        )
        try:
            assert process.stdin is not None and process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.write(request + "\n")
                process.stdin.close()
            return _followed(process.stdout, ctx)
        finally:
            process.kill()
            process.wait(END_SECONDS)
            shutil.rmtree(directory / SCRATCH, ignore_errors=True)


def _followed(lines: IO[str], ctx: Progress) -> Rehearsal:
    said: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in lines:
            said.put(line)
        said.put("")

    threading.Thread(target=read, name="rehearsal", daemon=True).start()
    while True:
        ctx.check_cancelled()
        try:
            line = said.get(timeout=0.2)
        except queue.Empty:
            continue
        if not line:
            break
        answer = json.loads(line)
        if "report" in answer:
            return Rehearsal.from_dict(answer["report"])
        if "error" in answer:
            raise UserError(Text(*answer["error"]), code="rehearsal")
        ctx.progress(answer["done"], answer["total"], Text("重做记录的调用", "Make the recorded calls again"))
    raise Unavailable(
        Text("演练的进程中止了。", "The rehearsal's process ended."),
        Text("新版本的合约可能结束了它的进程。", "The new version may have ended its process."),
        code="rehearsal",
    )


# In the process


def main() -> None:
    """Answer one request."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a contract prints is nobody's answer

    def say(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer, ensure_ascii=True) + "\n")
        out.flush()

    request = json.loads(sys.stdin.readline())
    directory = Path(request.pop("directory"))
    wanted = Wanted(**{**request, "functions": tuple(request["functions"])})
    try:
        report = _rehearsed(directory, wanted, lambda done, total: say({"done": done, "total": total}))
        say({"report": report.to_dict()})
    except (UserError, NotFound) as e:
        say({"error": [render(e.message, "zh"), render(e.message, "en")]})


def _rehearsed(directory: Path, wanted: Wanted, told: Any) -> Rehearsal:
    record = BranchRecord.load(directory)
    if record is None or record.phase != "ready":
        raise UserError(Text("这个网络不是分支。", "This network is no branch."))
    scratch = directory / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    with StoredChannel(ledger_file(directory, record.channel), record.channel) as stored:
        tried = read_definition(stored.view, wanted.contract)
        if tried is None:
            raise NotFound(Text("分支上没有合约 {c}。", "The branch has no contract {c}.", c=wanted.contract))
        loader = _Contracts(directory, stored, tried)
        if loader(tried.name) is None:
            raise UserError(
                Text(
                    "合约 {c} 由其他进程运行，只能在分支上用录制的调用重放（chaincode replay）。",
                    "{c} is run by another process; replay recorded calls on the branch instead (chaincode replay).",
                    c=wanted.contract,
                )
            )
        first, last = _range(stored, wanted, record)
        spec = NetworkState.load(directory).reached
        assert spec is not None
        folders = {o.msp_id: KeyFolder(keys_folder(directory, o.name), o.msp_id) for o in spec.organizations}
        rich = frozenset(
            p.organization.msp_id for p in spec.peers() if getattr(p.node, "state_database", "") == "couchdb"
        )
        rerun = Rerun(stored, scratch, tried, loader, folders, rich, told)
        return rerun.run(first, last, frozenset(wanted.functions))


def _range(stored: StoredChannel, wanted: Wanted, record: BranchRecord) -> tuple[int, int]:
    last = record.last_block if wanted.last < 0 else min(wanted.last, record.last_block)
    if wanted.first >= 0:
        return max(1, wanted.first), last
    first = last + 1
    for count, number in enumerate(calls_of(stored, wanted.contract, last), start=1):
        first = number
        if count >= wanted.calls:
            break
    return first, last


class _Contracts:
    """The contracts that this program's Python runs on the branch, by name; the definition tried decides its own."""

    def __init__(self, directory: Path, stored: StoredChannel, tried: Definition) -> None:
        self._home = directory / "embedded"
        self._modules = node_settings.load(self._home).contracts
        self._stored = stored
        self._tried = tried
        self._loaded: dict[str, Chaincode | None] = {}

    def __call__(self, name: str) -> Chaincode | None:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Chaincode | None:
        definition = self._tried if name == self._tried.name else read_definition(self._stored.view, name)
        if definition is None:
            return None
        module = self._modules.get(f"{name}_{definition.version}") or self._modules.get(name)
        if module is None:
            return None
        try:
            return load_chaincode(os.path.normpath(self._home / module) if is_path(module) else module)
        except LoadError as e:
            raise UserError(Text("合约无法载入：{e}", "The contract cannot be loaded: {e}", e=str(e))) from e


if __name__ == "__main__":
    main()
