"""Files that people send each other: requests, entries, invitations, recovery files.

One JSON document each, `{"citychain": KIND, "version": 1, …}`; what must stay secret is sealed whole under a passphrase
(scrypt and AES-256-GCM, the kind bound in), so that nobody's private key lies open on a disk. What comes back in is
hostile until read: bounded, one sentence for what is wrong.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baas.errors import NotFound, Text, Unavailable, UserError
from baas.keystore import opened_under, sealed_under
from network.vault import write_private

SUFFIX = ".citychain"
"""How these files end; the desktop opens the console with them."""
REQUEST, ENTRY, INVITATION, RECOVERY, REFUSAL = "request", "entry", "invitation", "recovery", "refusal"
SWARM = "swarm"
TITLES: Mapping[str, Text] = {
    REQUEST: Text("身份申请", "a request for an identity"),
    ENTRY: Text("准入文件", "an entry"),
    INVITATION: Text("邀请", "an invitation"),
    RECOVERY: Text("恢复文件", "a recovery file"),
    REFUSAL: Text("拒绝文件", "a refusal"),
    SWARM: Text("内容专网的邀请", "an invitation to a swarm"),
}
MAX_BYTES = 1024 * 1024
MINIMUM_PASSWORD = 8
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as another one."""


@dataclass(frozen=True)
class Letter:
    """One file, read: its kind, and its content (of a sealed one what is readable without the passphrase)."""

    kind: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def sealed(self) -> bool:
        return "sealed" in self.body

    def text(self, name: str, limit: int = 100_000) -> str:
        """A text of the content, "" when it is missing; `UserError` when it is anything else."""
        value = self.body.get(name, "")
        if not isinstance(value, str) or len(value) > limit:
            raise damaged()
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A part of the content; `UserError` when it is missing."""
        value = self.body.get(name)
        if not isinstance(value, Mapping):
            raise damaged()
        return value


def write_letter(path: Path, kind: str, body: Mapping[str, Any], passphrase: str = "") -> Path:
    """Write a file, whole or not at all; sealed where a passphrase is given. Returns the path with its ending."""
    if not path.suffix:
        path = path.with_suffix(SUFFIX)
    content: Mapping[str, Any] = body
    if passphrase:
        if len(passphrase) < MINIMUM_PASSWORD:
            raise UserError(
                Text("口令至少 {n} 个字符。", "A passphrase has at least {n} characters.", n=MINIMUM_PASSWORD),
                code="passphrase_too_short",
            )
        plain = json.dumps(body, ensure_ascii=False).encode()
        content = {"sealed": sealed_under(normal_code(passphrase), plain, _label(kind))}
    document = {"citychain": kind, "version": 1, **content}
    try:
        write_private(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(path), r=error.strerror or str(error))
        ) from error
    return path


def read_letter(path: Path) -> Letter:
    """Read a file; `UserError` unless it is one of ours and whole."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(Text("找不到文件 {f}。", "There is no file {f}.", f=str(path))) from error
    except OSError as error:
        raise Unavailable(
            Text("无法读取 {f}：{r}。", "{f} cannot be read: {r}.", f=str(path), r=error.strerror or str(error))
        ) from error
    if len(raw) > MAX_BYTES:
        raise damaged()
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise damaged() from None
    if not isinstance(document, dict) or document.get("citychain") not in TITLES:
        raise UserError(
            Text("{f} 不是城链的文件。", "{f} is no file of CityChain.", f=path.name),
            Text(
                "需要邀请、准入文件，或 .p12 加连接配置。",
                "It takes an invitation, an entry, or a .p12 with a profile.",
            ),
            code="not_a_letter",
        )
    if document.get("version") != 1:
        raise UserError(
            Text("{f} 来自更新的版本。", "{f} comes from a newer version.", f=path.name),
            Text("请升级城链后再打开。", "Update CityChain, then open it."),
            code="newer_letter",
        )
    return Letter(str(document["citychain"]), document)


def is_letter(path: Path) -> bool:
    """Whether a file looks like one of these, so that it need not be opened otherwise."""
    try:
        with path.open("rb") as stream:
            return b'"citychain"' in stream.read(200)
    except OSError:
        return False


def unseal(letter: Letter, passphrase: str) -> Letter:
    """Open a sealed file; `PermissionDenied` for a wrong passphrase."""
    if not letter.sealed:
        return letter
    sealed = letter.body["sealed"]
    if not isinstance(sealed, dict):
        raise damaged()
    plain = opened_under(normal_code(passphrase), sealed, _label(letter.kind))
    try:
        body = json.loads(plain)
    except ValueError:
        raise damaged() from None
    if not isinstance(body, dict) or "sealed" in body:
        raise damaged()
    return Letter(letter.kind, body)


def new_code(bits: int = 80) -> str:
    """A generated passphrase to be told by telephone: groups of four letters and digits."""
    count = -(-bits // 5)
    text = "".join(secrets.choice(_ALPHABET) for _ in range(count))
    return "-".join(text[i : i + 4] for i in range(0, count, 4))


def normal_code(typed: str) -> str:
    """What was typed, read as a generated code where it looks like one: case, spaces and look-alikes do not matter."""
    bare = re.sub(r"[\s-]", "", typed).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    grouped = re.fullmatch(r"\s*[0-9A-Za-z]{4}([\s-]*[0-9A-Za-z]{1,4}){3,6}\s*", typed) and len(bare) in (16, 26)
    return bare if grouped and set(bare) <= set(_ALPHABET) else typed


def damaged() -> UserError:
    """The refusal of a file that is not whole."""
    return UserError(
        Text("文件已损坏或不完整。", "The file is damaged or cut short."),
        Text("请让对方重新发送。", "Have it sent again."),
        code="letter_damaged",
    )


def _label(kind: str) -> bytes:
    return f"citychain/{kind}/1".encode()
