"""What the services return: small frozen values, made from the ledger's records.

The ledger's full record is kept in `record`, so that nothing it says is hidden from a page that wants more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from apps.kit.ledger import Committed
from baas.errors import Text

__all__ = ["Certificate", "Committed", "Deposit", "Media", "Registration", "Similar", "Work", "WorkForm"]

Record = Mapping[str, Any]
MediaKind = Literal["image", "text", "audio", "video", "document", "archive", "other"]


@dataclass(frozen=True)
class Media:
    """What a file turned out to be: type by its bytes (not its name); sizes in pixels, `duration` in seconds."""

    media_type: str
    kind: MediaKind
    size: int
    width: int = 0
    height: int = 0
    duration: float = 0.0
    pages: int = 0
    doubts: tuple[Text, ...] = ()
    """What its depositor should look at once more; nothing of it is a refusal."""


@dataclass(frozen=True)
class WorkForm:
    """What a creator says about a work; everything but the title may be left open for a deposit."""

    title: str
    category: str = ""
    creation_kind: str = "original"
    sources: tuple[Mapping[str, str], ...] = ()
    authors: tuple[Mapping[str, str], ...] = ()
    completed: Mapping[str, str] | None = None
    published: Mapping[str, str] | None = None
    note: str = ""
    software: Mapping[str, Any] | None = None
    relations: tuple[Mapping[str, str], ...] = ()
    """What it is to works that are the same or look alike: `{"work_id", "relation", "words"}`."""


@dataclass(frozen=True)
class Work:
    """A deposited work as the ledger has it."""

    id: str
    title: str
    category: str
    creation_kind: str
    cid: str
    sha256: str
    size: int
    media_type: str
    encrypted: bool
    owners: tuple[tuple[str, int], ...]
    created: str
    state: str
    number: str
    registration: str
    record: Record = field(repr=False)

    @property
    def cancelled(self) -> str:
        """The number of its registration that was cancelled last and has no successor, "" for none."""
        void = self.record.get("cancelled", ())
        return str(void[-1]["number"]) if void and not self.number else ""

    @classmethod
    def of(cls, record: Record) -> Work:
        content = record["content"]
        return cls(
            id=record["id"],
            title=record["title"],
            category=record["category"],
            creation_kind=record["creation_kind"],
            cid=content["cid"],
            sha256=content.get("sha256", ""),
            size=content["size"],
            media_type=content["media_type"],
            encrypted=content["encrypted"],
            owners=tuple((owner["party"], int(owner["share"])) for owner in record["owners"]),
            created=record["created"],
            state=record["state"],
            number=record["number"],
            registration=record["registration"],
            record=record,
        )


@dataclass(frozen=True)
class Deposit:
    """A receipt: the work, its transaction and block, and works that look alike (疑似, suspected only).

    `waits` says why the file has not been handed in yet; None when it has, or where nobody takes files in.
    """

    work: Work
    tx_id: str
    block: int
    duplicate: bool = False
    similar: tuple[Similar, ...] = ()
    doubts: tuple[Text, ...] = ()
    waits: Text | None = None


@dataclass(frozen=True)
class Similar:
    """An earlier work that looks alike. `score` is 0…1 by `method`; `detail` says what was compared."""

    work_id: str
    title: str
    method: str
    score: float
    detail: str
    number: str = ""
    party: str = ""
    """Its depositor."""
    created: str = ""
    owners: tuple[str, ...] = ()
    state: str = "ACTIVE"


@dataclass(frozen=True)
class Registration:
    """A case of registration: state, deadlines (ISO dates) and, once issued, its number."""

    id: str
    work_id: str
    applicant: str
    state: str
    number: str
    deadlines: Mapping[str, str]
    created: str
    record: Record = field(repr=False)

    @classmethod
    def of(cls, record: Record) -> Registration:
        return cls(
            id=record["id"],
            work_id=record["work_id"],
            applicant=record["applicant"],
            state=record["state"],
            number=record["number"],
            deadlines=record["deadlines"],
            created=record["created"],
            record=record,
        )


@dataclass(frozen=True)
class Certificate:
    """A signed certificate on disk, its hash and CID as the ledger has them.

    `made_here` is False when another desk that certified at the same moment was faster.
    """

    registration: Registration
    path: Path
    sha256: str
    cid: str
    made_here: bool = True
