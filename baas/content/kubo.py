"""`KuboStore`: a Kubo daemon (IPFS) as content engine, attached by its RPC address or run by the platform.

What comes out is fetched block by block and hashed here, so that a lying daemon or proxy is found out; what goes in is
cut with the options that give the same CIDs as `LocalStore`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from baas.content import car, unixfs
from baas.content.cid import ParsedCid, malformed, parse
from baas.content.kubo_rpc import KuboRpc
from baas.content.packs import writing
from baas.content.store import (
    CLASSIC,
    Capabilities,
    Chunking,
    Cid,
    ContentError,
    ContentStat,
    Damage,
    GcReport,
    Pin,
    Progress,
    VerifyReport,
    missing,
    no_progress,
)
from baas.content.swarm import Membership, Swarm
from network.errors import CityChainError, NotFound, Unavailable
from network.text import Text

MINIMUM_VERSION = (0, 30)
_EMPTY_FOLDER = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
"""What a Kubo repository pins for itself."""


class KuboStore:
    """A content engine behind Kubo's RPC; see `ContentStore` for what each call promises.

    `private_swarm`: what the platform knows about the daemon it started itself (the RPC does not tell).
    """

    def __init__(
        self,
        url: str,
        *,
        idle_timeout: float = 30.0,
        private_swarm: bool = False,
        member: Membership | None = None,
    ) -> None:
        self._rpc = KuboRpc(url, idle_timeout)
        self._private_swarm = private_swarm
        self.swarm = Swarm(self, self._rpc, member) if member else None
        """The organisations' swarm that the node is in, None for a node that keeps to itself."""

    def add(
        self,
        stream: BinaryIO,
        progress: Progress = no_progress,
        *,
        name: str = "",
        pin: bool = True,
        chunking: Chunking = CLASSIC,
    ) -> Cid:
        arguments: dict[str, str | int | bool] = {
            "cid-version": 1,
            "raw-leaves": True,
            "hash": "sha2-256",
            "chunker": chunking.chunker,
            "max-file-links": chunking.links,
            "trickle": False,
            "inline": False,
            "progress": False,
            "quieter": True,
            "pin": pin,
        }
        if pin and name:
            arguments["pin-name"] = name
        answers = self._rpc.upload("add", arguments, stream, progress)
        if len(answers) != 1 or "Hash" not in answers[0]:
            raise malformed("answer of Kubo's add")
        return parse(str(answers[0]["Hash"])).text

    def _get(self, cid: ParsedCid) -> bytes:
        try:
            block = self._rpc.block(cid.text, unixfs.MAX_BLOCK_BYTES)
        except NotFound as error:
            raise missing(cid.text) from error
        if not cid.matches(block):
            raise ContentError(
                Text(
                    "IPFS 节点给出的块 {cid} 与 CID 不符。",
                    "The node's block {cid} does not match its CID.",
                    cid=cid.text,
                ),
                Text("请在该节点上运行 ipfs repo verify。", "Run ipfs repo verify on that node."),
                code="content_damaged",
            )
        return block

    def cat(self, cid: Cid, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        return unixfs.read(self._get, parse(cid), offset, length)

    def block(self, cid: Cid) -> bytes:
        return self._get(parse(cid))

    def pin(self, cid: Cid, name: str = "") -> None:
        root = parse(cid)
        self._rpc.call("dag/stat", {"arg": root.text, "progress": False, "offline": True})  # pin/add waits for ever
        arguments: dict[str, str | int | bool] = {"arg": root.text, "recursive": True, "offline": True}
        if name:
            arguments["name"] = name
        self._rpc.call("pin/add", arguments)

    def unpin(self, cid: Cid) -> None:
        self._rpc.call("pin/rm", {"arg": parse(cid).text, "recursive": True, "offline": True})

    def pins(self) -> list[Pin]:
        lines = self._rpc.lines("pin/ls", {"type": "recursive", "names": True, "stream": True})
        found = [Pin(Cid(str(line["Cid"])), str(line.get("Name", "")), None) for line in lines if "Cid" in line]
        return [pin for pin in found if pin.cid != _EMPTY_FOLDER]

    def _pinned(self, cid: ParsedCid) -> bool:
        try:
            return bool(self._rpc.call("pin/ls", {"arg": cid.text, "type": "recursive"}).get("Keys"))
        except CityChainError as error:
            if error.code in ("not_pinned", "content_missing"):
                return False
            raise

    def stat(self, cid: Cid) -> ContentStat:
        root = parse(cid)
        size = unixfs.file_size(self._get, root)
        line = self._rpc.call("dag/stat", {"arg": root.text, "progress": False, "offline": True})
        dag = line["DagStats"][0]
        return ContentStat(root.text, size, int(dag["NumBlocks"]), int(dag["Size"]), self._pinned(root))

    def _repo_bytes(self) -> int:
        return int(self._rpc.call("repo/stat", {"size-only": True})["RepoSize"])

    def gc(self) -> GcReport:
        before = self._repo_bytes()
        removed = sum(
            1 for line in self._rpc.lines("repo/gc", {"stream-errors": True, "offline": True}) if "Key" in line
        )
        return GcReport(removed, max(0, before - self._repo_bytes()))

    def verify(self, progress: Progress = no_progress) -> VerifyReport:
        damaged: list[Damage] = []
        blocks = 0
        try:
            for line in self._rpc.lines("repo/verify"):
                if match := re.search(r"block (\S+) (?:was|is) corrupt", str(line.get("Msg", ""))):
                    damaged.append(Damage(Cid(match[1]), "corrupt", str(line["Msg"])))
                blocks = max(blocks, int(line.get("Progress") or 0))
                progress(blocks)
        except ContentError:
            if not damaged:
                raise
        return VerifyReport(blocks, self._repo_bytes(), tuple(damaged))

    def export_car(self, cid: Cid, target: BinaryIO, progress: Progress = no_progress) -> int:
        root = parse(cid)
        met: set[bytes] = set()

        def seen(one: ParsedCid) -> bool:
            if one.digest in met:
                return True
            met.add(one.digest)
            return False

        with writing():
            written = target.write(car.header([root]))
            for one, block in unixfs.walk(self._get, root, seen, leaf=self._get):
                if block is None:
                    raise malformed("block")
                written += target.write(car.section(one, block))
                progress(written)
        return written

    def import_car(self, source: BinaryIO, progress: Progress = no_progress) -> list[Cid]:
        checked = _CheckedArchive(source)
        self._rpc.upload("dag/import", {"pin-roots": False, "offline": True}, checked, progress)  # type: ignore[arg-type]
        for root in checked.roots:  # the import's own pinning would wait for absent blocks
            self.pin(root.text)
        return [root.text for root in checked.roots]

    def capabilities(self) -> Capabilities:
        version = str(self._rpc.call("version").get("Version", "0"))
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers < MINIMUM_VERSION:
            raise Unavailable(
                Text(
                    "Kubo {version} 过旧，需要 0.30 或更新。",
                    "Kubo {version} is too old; 0.30 or newer is needed.",
                    version=version,
                ),
                Text("请升级 Kubo。", "Upgrade Kubo."),
                code="kubo_too_old",
            )
        config = self._rpc.call("config/show")
        routing = str((config.get("Routing") or {}).get("Type") or "auto")
        public = not self._private_swarm and (bool(config.get("Bootstrap")) or routing != "none")
        peers = len(self._rpc.call("swarm/peers").get("Peers") or ())
        title = Text("Kubo（IPFS 节点）", "Kubo (IPFS node)")
        return Capabilities("kubo", title, version, True, public, self._private_swarm, peers)

    def close(self) -> None:
        self._rpc.close()


class _CheckedArchive:
    """A CAR stream that is checked block by block as it is read, before the daemon sees it."""

    def __init__(self, source: BinaryIO) -> None:
        self.roots, self._blocks = car.read(source)
        self._rest = car.header(self.roots)

    def read(self, _size: int = -1) -> bytes:
        piece, self._rest = self._rest, b""
        while not piece:
            one = next(self._blocks, None)
            if one is None:
                return b""
            piece = car.section(*one)
        return piece
