"""Files that an act names: a list of items with a kind, a CID and a SHA-256, kept in the content store by the job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import Text, UserError
from fabric_sdk.kinds import Act, Cid, Field, Items, Sha256

if TYPE_CHECKING:
    from apps.kit.service import Service


@dataclass(frozen=True)
class GivenFile:
    """A file on this machine and what it is (`kind`); it is kept when the act is done, not before."""

    kind: str
    path: Path


def holds_files(one: Field[Any]) -> bool:
    """Whether a field is a list of files."""
    inner = getattr(one, "fields", {}) if isinstance(one, Items) else {}
    return "kind" in inner and isinstance(inner.get("cid"), Cid) and isinstance(inner.get("sha256"), Sha256)


def given_files(texts: Iterable[str]) -> list[GivenFile]:
    """What people write as `KIND=FILE`; `UserError` for what is no file here."""
    found = []
    for one in texts:
        kind, separator, name = one.partition("=")
        if not kind or not separator or not Path(name).is_file():
            raise UserError(Text("证明应写作 种类=文件：{p}", "A proof is written KIND=FILE: {p}", p=one[:100]))
        found.append(GivenFile(kind, Path(name)))
    return found


def keep_file(service: Service, one: GivenFile) -> dict[str, str]:
    """A file in the content store, as records name it."""
    with one.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"kind": one.kind, "sha256": digest, "cid": service.keep(one.path)}


def handed_in(service: Service, act: Act, given: Mapping[str, Any]) -> dict[str, Any]:
    """What people filled in, with each file kept and named in its place."""
    found = dict(given)
    for one in act.asks:
        if holds_files(one) and isinstance(listed := found.get(one.name), list):
            found[one.name] = [keep_file(service, two) if isinstance(two, GivenFile) else two for two in listed]
    return found
