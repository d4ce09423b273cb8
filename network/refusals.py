"""A refusal of a channel update or a contract's definition: by an administrator of a member, with a reason, as a file.

Whoever proposed a change and hears nothing does not know whether nobody has looked yet. A refusal is no vote that the
ledger counts: it tells, and the same organisation may still sign later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fabric_sdk import clock
from fabric_sdk.configtx import SignedUpdate
from fabric_sdk.identity import SigningIdentity
from network.config_updates import pending_path, read_update
from network.errors import Conflict, PermissionDenied, UserError
from network.proposals import check_signer, judged
from network.text import Text
from network.vault import write_public

FORMAT = "citychain-refusal-1"
REASON = 300
"""The longest reason, in characters."""
_MOST = 64 * 1024
_CONTRACT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}")


@dataclass(frozen=True)
class Refusal:
    """Who refused which update (the SHA-256 of its content), why, and when in seconds since 1970 UTC.

    With `contract` it is that contract's definition which is refused, and `update` the SHA-256 of the definition.
    """

    channel: str
    update: str
    reason: str
    at: int
    creator: str
    signature: str
    msp_id: str = ""
    name: str = ""
    contract: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        of = [self.contract] if self.contract else []
        return json.dumps([FORMAT, self.channel, self.update, self.reason, self.at, *of]).encode()


def reason_of(text: str) -> str:
    """A reason as it is kept: one line; `UserError` when nothing is said, or too much."""
    reason = " ".join(text.split())
    if not reason or len(reason) > REASON or not reason.isprintable():
        raise UserError(
            Text("请写明理由，最多 {n} 个字。", "Say why, in at most {n} characters.", n=REASON), code="bad_reason"
        )
    return reason


def refuse(config: Any, source: Path, target: Path, identity: SigningIdentity, reason: str) -> Refusal:
    """Write a refusal of the update in `source`, signed by an administrator of a member; never over its own file."""
    reason = reason_of(reason)
    update = read_update(source)
    return say_no(config, Refusal(update.channel_id, digest_of(update), reason, 0, "", ""), target, identity)


def say_no(config: Any, what: Refusal, target: Path, identity: SigningIdentity) -> Refusal:
    """Sign a refusal as of now and write its file; `PermissionDenied` when it would not count."""
    check_signer(config, what.channel, identity)
    made = replace(what, at=int(clock.seconds()), creator=base64.b64encode(identity.creator).decode())
    made = replace(made, signature=base64.b64encode(identity.sign(made.signed)).decode())
    told = {name: value for name, value in asdict(made).items() if name not in ("msp_id", "name", "contract")}
    if made.contract:
        told["contract"] = made.contract
    write_public(target, json.dumps({"format": FORMAT, **told}, ensure_ascii=False, indent=1).encode())
    return made


def read(path: Path) -> Refusal:
    """Read a refusal's file, whose signature nobody has checked yet; `UserError` when it is something else."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST else b""
        found = json.loads(data)
        if not isinstance(found, dict) or found.pop("format", "") != FORMAT:
            raise ValueError
        kinds = {"channel": str, "update": str, "reason": str, "at": int, "creator": str, "signature": str}
        if "contract" in found:
            kinds["contract"] = str
            if not _CONTRACT.fullmatch(found["contract"]):
                raise ValueError
        if {name: type(value) for name, value in found.items()} != kinds:
            raise ValueError
        if len(found["reason"]) > REASON or not found["reason"].isprintable():
            raise ValueError
        for name in ("creator", "signature"):
            base64.b64decode(found[name], validate=True)
    except (OSError, ValueError, RecursionError, binascii.Error) as error:
        raise UserError(Text("{f} 不是拒绝文件。", "{f} is not a refusal.", f=path.name), code="no_refusal") from error
    return Refusal(**found)


def is_refusal(path: Path) -> bool:
    """Whether a file is a refusal and no signed update."""
    try:
        read(path)
    except UserError:
        return False
    return True


def take_in(config: Any, directory: Path, source: Path) -> Refusal:
    """Keep a refusal of the update that waits; refused when it is of another, or not an administrator's of a member."""
    found = read(source)
    waiting = pending_path(directory, found.channel)
    if found.contract or not waiting.exists() or digest_of(read_update(waiting)) != found.update:
        raise Conflict(
            Text("这份拒绝针对的是另一个更改。", "This refusal is of another change."),
            Text("请看等待中的更改：network pending", "See what waits: network pending"),
            code="other_update",
        )
    return keep(config, found, _folder(directory, found.channel), source)


def keep(config: Any, found: Refusal, folder: Path, source: Path) -> Refusal:
    """Keep a refusal's file in a folder, one a person; `PermissionDenied` when it is not an administrator's."""
    checked = _checked(config, found)
    name = hashlib.sha256(found.creator.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    write_public(folder / f"{name}.json", source.read_bytes())
    return checked


def kept(config: Any, directory: Path, channel: str) -> Iterator[Refusal]:
    """The refusals of the update that waits; what was kept of an earlier one counts no more."""
    waiting = pending_path(directory, channel)
    if not waiting.exists():
        return
    yield from of(config, _folder(directory, channel), digest_of(read_update(waiting)))


def of(config: Any, folder: Path, digest: str, contract: str = "") -> Iterator[Refusal]:
    """The refusals in a folder that are of just this, by somebody whose word counts now."""
    for path in sorted(folder.glob("*.json")):
        try:
            found = read(path)
            if (found.update, found.contract) == (digest, contract):
                yield _checked(config, found)
        except (UserError, PermissionDenied):
            continue


def digest_of(update: SignedUpdate) -> str:
    """By what a refusal names an update: its content, whoever has signed it meanwhile."""
    return hashlib.sha256(update.update).hexdigest()


def any_kept(directory: Path, channel: str) -> bool:
    """Whether a refusal of any update lies here, before the network is asked whose it is."""
    return any(_folder(directory, channel).glob("*.json"))


def _folder(directory: Path, channel: str) -> Path:
    path = pending_path(directory, channel)
    return path.with_name(f"{path.stem}.refused")


def _checked(config: Any, found: Refusal) -> Refusal:
    creator, signature = base64.b64decode(found.creator), base64.b64decode(found.signature)
    said = judged(config, found.channel, creator, signature, found.signed)
    if said.why is not None:
        raise PermissionDenied(
            said.why,
            Text("只有成员组织的管理员可以拒绝。", "Only administrators of member organisations can refuse."),
            code="refusal_refused",
        )
    return replace(found, msp_id=said.msp_id, name=said.name)
