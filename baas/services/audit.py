"""The audit log read, checked, exported, and sealed on the ledger."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import audit_file, roles
from baas.applications import load
from baas.audit import AuditLog
from baas.audit_file import Anchor, AuditCheck, Finding
from baas.errors import CityChainError, Conflict, NotFound, Text, UserError, translating
from baas.roles import requires
from baas.session import Session
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.jobs import JobContext
    from baas.platform import Platform
    from baas.services.doctor import Check

LOG_ID = "audit.log"
"""The workspace's setting with the hash of its log's first line, from the first seal on."""
LAST_SEAL = "audit.sealed"
DAY_S = 86_400.0
LAST_MOMENT = 250_000_000_000.0
NEWEST = 500
LATE_DAYS = 2


@dataclass(frozen=True)
class AuditEntry:
    """Something that was done, or asked for: times in seconds since the epoch.

    `who` is the identity's label and `party` how the ledger names them, `signed` those whose keys signed for whoever
    acted, where that was somebody else; `what` is a stable name (a command, a service's
    method), `title` what people read where there is more. `outcome` is "ok", a refusal's code, or "" where the program
    ended before it was known.
    """

    line: int
    at: float
    who: str
    party: str
    door: str
    what: str
    asks: tuple[str, ...]
    title: Text | None = None
    on: Mapping[str, Any] | None = None
    outcome: str = ""
    ended: float | None = None
    signed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seals:
    """Seals on a ledger, oldest first: `own` are the own organisation's of this log, `astray` those that were made from
    here of another one (of this log before somebody wrote it anew), `foreign` other organisations' under its name."""

    own: tuple[Anchor, ...]
    astray: tuple[Anchor, ...] = ()
    foreign: tuple[Anchor, ...] = ()

    @property
    def ours(self) -> tuple[Anchor, ...]:
        """What this log must agree with."""
        return tuple(sorted((*self.own, *self.astray), key=lambda one: (one.at, one.n)))


@dataclass(frozen=True)
class Reader:
    """Somebody who may do what was asked about: a person here, and the roles that let them."""

    label: str
    party: str
    network: str
    roles: tuple[str, ...]


class AuditService:
    """What this workspace's audit log says, and whether it is whole."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._log: AuditLog = platform.audit_log

    @property
    def session(self) -> Session:
        return self._platform.session

    @requires(roles.AUDIT_READ)
    def entries(
        self,
        *,
        who: str = "",
        what: str = "",
        since: float = 0.0,
        until: float = 0.0,
        before: int = 0,
        network: str = "",
        limit: int = NEWEST,
    ) -> tuple[AuditEntry, ...]:
        """The newest `limit` entries, newest first: of somebody (label or party, also where others signed with their
        key), with a word in what they did.

        `before` a line's number, 0 from the newest on; with `network` only those that name it.
        """
        found: dict[int, AuditEntry] = {}
        ends: dict[int, tuple[str, float]] = {}
        every: dict[int, AuditEntry] = {}
        for line in self._lines():
            kind, of = line.get("kind"), line.get("of")
            if kind == "end":
                if isinstance(of, int):
                    ends[of] = (_word(line, "outcome"), _seconds(line))
                continue
            if kind == "signed":
                if not isinstance(of, int) or of not in every or not (signed := _word(line, "signed")):
                    continue
                one = replace(every[of], signed=(*every[of].signed, signed))
            else:
                one = _entry(line)
            every[one.line] = one
            if who and who not in (one.who, one.party, *one.signed):
                continue
            if what and what.casefold() not in _searched(one):
                continue
            if network and (one.on or {}).get("network") != network:
                continue
            if one.at < since or (until and one.at >= until) or (before and one.line >= before):
                continue
            found[one.line] = one
        newest = sorted(found.values(), key=lambda one: one.line, reverse=True)[:limit]
        return tuple(_ended(one, ends) for one in newest)

    @requires(roles.AUDIT_READ)
    def check(self, network: str = "", *, sealed: bool = True) -> AuditCheck:
        """Check every line, and against the seals on a network's ledger unless `sealed` is False.

        The seals are all that were made from here: which log they are of is not for this workspace alone to say.
        """
        if not sealed or not (self._id() or self._platform.networks.names()):
            return self._checked()
        seals = self._seals(network)
        return _with_seals(self._checked(seals.ours), seals)

    @requires(roles.AUDIT_READ)
    def seals(self, network: str = "") -> tuple[Anchor, ...]:
        """The seals on a network's ledger that this log must agree with, oldest first."""
        return self._seals(network).ours

    def seal(self, network: str = "") -> Anchor:
        """Put the newest line's hash on a network's ledger, so that nothing up to it can be changed unseen.

        `Conflict` where the log is not whole: a seal would confirm what somebody changed.
        """
        network = self._platform.networks.resolve(network)
        self._platform.networks.require_origin(network, Text("不能封存审计记录", "no audit log is sealed on it"))
        found = self._checked()
        if not found.whole:
            raise Conflict(
                Text("审计记录不完整，不能封存。", "The audit log is not whole; it is not sealed."),
                Text("查看：citychain audit verify", "See: citychain audit verify"),
                code="audit_broken",
            )
        if not found.lines:
            raise NotFound(Text("还没有审计记录。", "There is no audit log yet."), code="audit_empty")
        log = self._first()
        made: Anchor = load(f"{self._anchors()}:put")(self._platform, network, log, found.lines, found.head)
        self._platform.workspace.set_setting(LOG_ID, log)
        self._platform.workspace.set_setting(LAST_SEAL, str(clock.seconds()))
        return made

    def sealer(self, network: str = "") -> tuple[str, str]:
        """Who would sign a seal made now (as the ledger names them), and their role."""
        found: tuple[str, str] = load(f"{self._anchors()}:sealer")(
            self._platform, self._platform.networks.resolve(network)
        )
        return found

    def sealed_at(self) -> float:
        """When this log was last sealed from here, in seconds since the epoch; 0 if it never was."""
        return float(self._platform.workspace.setting(LAST_SEAL, "0"))

    @requires(roles.AUDIT_READ)
    def export(self, target: Path, network: str = "") -> AuditCheck:
        """Write the log, its seals and the program that checks them into the new or empty folder `target`."""
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise UserError(Text("文件夹不是空的：{p}", "The folder is not empty: {p}", p=str(target)))
        seals = self._seals(network) if self._id() else Seals(())
        with translating():
            target.mkdir(parents=True, exist_ok=True)
            data = self._log.path.read_bytes() if self._log.path.exists() else b""
            (target / "log.jsonl").write_bytes(data[: data.rfind(b"\n") + 1])
            (target / "seals.json").write_text(json.dumps([asdict(one) for one in seals.ours], indent=1), "utf-8")
            shutil.copyfile(audit_file.__file__, target / "audit_file.py")
            with (target / "log.jsonl").open("rb") as file:
                return _with_seals(audit_file.check(file, seals.ours), seals)

    @requires(roles.AUDIT_READ)
    def who_may(self, permission: str) -> tuple[Reader, ...]:
        """Everybody known here whose certificate's roles allow `permission`, on each network."""
        platform = self._platform
        known = set(roles.PERMISSION_TITLES) | set(platform.applications.permission_titles())
        if permission not in known:
            raise NotFound(
                Text("没有这种权限：{p}", "There is no such right: {p}", p=permission[:80]),
                Text("可用：{a}", "There are: {a}", a=", ".join(sorted(known))),
                code="no_permission_word",
            )
        grants = platform.applications.grants()
        found = []
        for network in platform.networks.names():
            for one in platform.identities.list(network, kind="person"):
                why = [role for role in one.roles if permission in roles.permissions_of([role], grants)]
                if why and one.state == "valid":
                    found.append(Reader(one.label, one.party, network, tuple(sorted(str(role) for role in why))))
        return tuple(found)

    @requires(roles.AUDIT_READ)
    def compared(self) -> tuple[AuditCheck, int]:
        """The log against the ledger of every network that answers and where somebody has sealed or could have from
        here, and how many those were. Nobody is made by asking."""
        found, asked = self.check(sealed=False), 0
        for network in self._platform.networks.names():
            with contextlib.suppress(CityChainError):
                if load(f"{self._anchors()}:known")(self._platform, network):
                    one = self.check(network)
                    found, asked = (one if found.whole else found), asked + 1
        return found, asked

    # -- inside ------------------------------------------------------------------------------------
    def _seals(self, network: str) -> Seals:
        network = self._platform.networks.resolve(network)
        found: Seals = load(f"{self._anchors()}:of")(self._platform, network, self._id())
        return found

    def _checked(self, anchors: Sequence[Anchor] = ()) -> AuditCheck:
        if not self._log.path.exists():
            return audit_file.check((), anchors)
        with self._log.path.open("rb") as file:
            return audit_file.check(file, anchors)

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self._log.path.open("rb") as file:
                for raw in file:
                    line, _ = audit_file.read_line(raw)
                    if line is not None:
                        yield line
        except FileNotFoundError:
            return

    def _first(self) -> str:
        return next((_word(line, "hash") for line in self._lines()), "")

    def _id(self) -> str:
        """By which hash this log is known on ledgers; from the first seal on, whatever its first line is now."""
        return self._platform.workspace.setting(LOG_ID) or self._first()

    def _anchors(self) -> str:
        found = next((one.anchors for one in self._platform.applications.all() if one.anchors), "")
        if not found:
            raise NotFound(
                Text("没有安装服务目录，不能封存。", "The service catalogue is not installed; nothing is sealed."),
                code="no_anchors",
            )
        return found


def audit_log(platform: Platform) -> list[Check]:
    """The doctor's check: whether the log is whole by itself and as ledgers that run have it, and how long ago it was
    sealed."""
    from baas.services.doctor import Check

    title = Text("审计记录", "Audit log")
    found, asked = platform.audit.compared()
    if not found.whole:
        what = Text("{n} 处与写入时不同", "differs in {n} places from what was written", n=len(found.findings))
        hint = Text("核对：citychain audit verify", "Check it: citychain audit verify")
        return [Check("audit", title, "bad", what, hint)]
    sealed = platform.audit.sealed_at()
    if sealed and clock.seconds() - sealed > LATE_DAYS * DAY_S:
        what = Text("{d} 天没有封存", "not sealed for {d} days", d=int((clock.seconds() - sealed) / DAY_S))
        hint = Text("封存：citychain audit seal", "Seal it: citychain audit seal")
        return [Check("audit", title, "warn", what, hint)]
    if not asked:
        what = Text("{n} 行，完整（没有与账本比对）", "{n} lines, whole (not compared with a ledger)", n=found.lines)
        return [Check("audit", title, "ok", what)]
    return [Check("audit", title, "ok", Text("{n} 行，完整", "{n} lines, whole", n=found.lines))]


def seal_daily(platform: Platform, network: str, _ctx: JobContext) -> Text | None:
    """Seal the log on a network of this workspace, once a day."""
    service = platform.audit
    if clock.seconds() - service.sealed_at() < DAY_S or not service.entries(limit=1):
        return None
    name = network or next(iter(platform.networks.names()), "")
    if not name or platform.contracts.committed(name, "catalogue") is None:
        return Text("网络没有部署服务目录，没有封存。", "No network has the catalogue; not sealed.")
    made = service.seal(name)
    return Text("已封存到第 {n} 行", "Sealed up to line {n}", n=made.n)


def _with_seals(found: AuditCheck, seals: Seals) -> AuditCheck:
    if seals.astray:
        found.findings.append(Finding(0, f"{len(seals.astray)} seals made from here are of another log than this one"))
    for keeper in sorted({one.keeper for one in seals.foreign}):
        found.notes.append(f"{keeper} of another organisation sealed under this log's name, which says nothing of it")
    return found


def _entry(line: Mapping[str, Any]) -> AuditEntry:
    """A line as it is listed; what somebody else wrote into one in place of a word is left away."""
    title, on, kind = line.get("title"), line.get("on"), _word(line, "kind")
    asks = tuple(one for one in _list(line.get("asks")) if isinstance(one, str))
    return AuditEntry(
        line=line["n"],
        at=_seconds(line),
        who=_word(line, "who"),
        party=_word(line, "party"),
        door=_word(line, "door"),
        what=_word(line, "what") or " ".join(asks) or kind,
        asks=asks,
        title=Text(_word(title, "zh"), _word(title, "en")) if isinstance(title, dict) else None,
        on={name: one for name, one in on.items() if _told(one)} if isinstance(on, dict) else None,
        outcome=_word(line, "outcome") or ("" if kind == "begin" else "ok"),
        signed=(signed,) if (signed := _word(line, "signed")) else (),
    )


def _word(of: Mapping[str, Any], name: str) -> str:
    found = of.get(name, "")
    return found if isinstance(found, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _told(value: object) -> bool:
    return isinstance(value, str) or all(isinstance(one, str) for one in _list(value) or [0])


def _seconds(line: Mapping[str, Any]) -> float:
    """When a line says that it was written, as long as that is a moment that a calendar has."""
    at = line.get("at")
    return float(at) if isinstance(at, int | float) and 0 <= at <= LAST_MOMENT else 0.0


def _ended(entry: AuditEntry, ends: Mapping[int, tuple[str, float]]) -> AuditEntry:
    found = ends.get(entry.line)
    return entry if found is None else replace(entry, outcome=found[0], ended=found[1])


def _searched(entry: AuditEntry) -> str:
    words: Sequence[str] = (entry.what, *(entry.asks), *((entry.title.zh, entry.title.en) if entry.title else ()))
    return " ".join((*words, json.dumps(entry.on or {}, ensure_ascii=False))).casefold()
