"""The organisations' private swarm: their Kubo nodes exchange blocks directly, and nobody else's node comes in.

A swarm is a key (a libp2p pre-shared key): without it no connection comes about, whatever address somebody knows. No
public bootstrap, no routing, no discovery: a node talks to the addresses that it is given. **Inside, every node gives
every block to every other**: who has the key has every file of every member whose CID they know, and CIDs stand on the
ledger. Persons ask their own organisation and are asked for their rights as ever; between the organisations only sealed
works are confidential. So a node joins by an explicit word, and a key is handed over sealed under a passphrase.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from baas.content import unixfs
from baas.content.cid import ParsedCid, parse
from baas.content.store import Cid, ContentError, Progress, no_progress
from fabric_sdk.files import replace_file
from network.errors import Conflict, UserError
from network.text import Text

if TYPE_CHECKING:
    from baas.content.kubo import KuboStore
    from baas.content.kubo_rpc import KuboRpc

SETTING = "content.swarm"
CONNECT_S, BLOCK_S = 3, 5
"""How long a peer may take to be connected, and a block to come, in seconds."""
_KEY = re.compile(r"/key/swarm/psk/1\.0\.0/\n/base16/\n([0-9a-f]{64})\n?")
_HOST = re.compile(r"[0-9A-Za-z.:-]{1,253}")


class _Workspace(Protocol):
    def path(self, *parts: str) -> Path: ...

    def setting(self, name: str, default: str = "") -> str: ...

    def set_setting(self, name: str, value: str) -> None: ...


@dataclass(frozen=True)
class Membership:
    """Where the workspace's node listens for the others: `host` and `port`; `name` is what the ledger names."""

    host: str
    port: int
    name: str

    def address(self, peer_id: str) -> str:
        """The node's multiaddress, as the ledger's directory has it."""
        kind = (
            "dns4"
            if re.search("[A-Za-z]", self.name) and ":" not in self.name
            else "ip6"
            if ":" in self.name
            else "ip4"
        )
        return f"/{kind}/{self.name}/tcp/{self.port}/p2p/{peer_id}"


def membership(workspace: _Workspace) -> Membership | None:
    """The swarm that the workspace's node is a member of; None for a node that keeps to itself."""
    kept = workspace.setting(SETTING)
    return Membership(**json.loads(kept)) if kept else None


def new_key() -> str:
    """A swarm key in Kubo's form."""
    return f"/key/swarm/psk/1.0.0/\n/base16/\n{secrets.token_hex(32)}\n"


def key_of(workspace: _Workspace) -> str:
    """The key of the swarm that the workspace's node is in."""
    return _key_file(workspace).read_text("ascii")


def join(workspace: _Workspace, key: str, host: str, port: int, name: str = "") -> Membership:
    """Make the workspace's node a member from its next start on; `Conflict` while it runs.

    `UserError` for what is no key, host or port.
    """
    name = name or host
    if not _KEY.fullmatch(key) or not _HOST.fullmatch(host) or not _HOST.fullmatch(name) or not 0 < port < 1 << 16:
        raise UserError(
            Text("专网密钥、地址或端口不对。", "The swarm's key, the address or the port is wrong."), code="bad_swarm"
        )
    _change_key(workspace, key)
    made = Membership(host, port, name)
    workspace.set_setting(SETTING, json.dumps(made.__dict__))
    return made


def leave(workspace: _Workspace) -> None:
    """Give the node a key of its own again. What others fetched stays theirs; `Conflict` while it runs."""
    _change_key(workspace, new_key())
    workspace.set_setting(SETTING, "")


def _key_file(workspace: _Workspace) -> Path:
    return workspace.path("kubo", "repo") / "swarm.key"


def _change_key(workspace: _Workspace, key: str) -> None:
    from baas.content.kubo_daemon import running

    if running(workspace.path("kubo")):
        raise Conflict(
            Text("IPFS 节点正在运行。", "The IPFS node is running."),
            Text("请先停止内容服务，再更改。", "Stop the content service first."),
            code="kubo_running",
        )
    path = _key_file(workspace)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(key, "ascii")
    replace_file(temporary, path)


class Swarm:
    """What a running node does with the others. `store` is the node's own."""

    def __init__(self, store: KuboStore, rpc: KuboRpc, member: Membership) -> None:
        self._store, self._rpc, self.member = store, rpc, member

    def address(self) -> str:
        """This node's address for the ledger's directory."""
        return self.member.address(str(self._rpc.call("id")["ID"]))

    def connect(self, address: str) -> None:
        """Connect to a member's node; `CityChainError` when it does not answer, or has another key or id."""
        self._rpc.call("swarm/connect", {"arg": address, "timeout": f"{CONNECT_S}s"})

    def neighbours(self) -> list[str]:
        """The addresses of the nodes that are connected now."""
        peers = self._rpc.call("swarm/peers").get("Peers") or ()
        return sorted(f"{one['Addr']}/p2p/{one['Peer']}" for one in peers)

    def fetch(self, cid: Cid, most: int, name: str = "", progress: Progress = no_progress) -> int:
        """Bring a file's blocks from the connected nodes into the own store and pin it; returns the bytes.

        Every block is checked here. `ContentError` for more than `most` bytes or another block than was asked for,
        `NotFound` or another `CityChainError` when nobody gives one in time; then nothing is pinned, and what came is
        collected.
        """
        root, met, total = parse(cid), set[bytes](), 0

        def seen(one: ParsedCid) -> bool:
            known = one.digest in met
            met.add(one.digest)
            return known

        def get(one: ParsedCid) -> bytes:
            block = self._rpc.block(one.text, unixfs.MAX_BLOCK_BYTES, wait_s=BLOCK_S)
            if not one.matches(block):
                raise ContentError(
                    Text("块 {c} 与 CID 不符。", "The block {c} does not match its CID.", c=one.text),
                    code="content_damaged",
                )
            return block

        for one, block in unixfs.walk(get, root, seen, leaf=get):
            total += len(block or b"")
            if total > most:
                raise ContentError(
                    Text("文件 {c} 比账本所说的大。", "{c} is larger than the ledger says.", c=one.text),
                    code="content_too_large",
                )
            progress(total)
        self._store.pin(cid, name)
        return total
