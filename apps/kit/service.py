"""An application on the kit as a service: do acts, read records, know what waits for whoever sits here.

Whoever acts is a certificate: the acting person's own; for the workspace's owner one for each of the application's
roles, issued when it first signs: looking issues nothing. Who of them signs an act follows from its role and the
record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from apps.kit import files, papers
from apps.kit.formats import shown
from apps.kit.ledger import Committed, LedgerClient
from baas.errors import CityChainError, LedgerError, NotFound, Text, contract_code
from baas.roles import CONTRACT_READ
from fabric_sdk.kinds import Act, Fen, Kind, Party, Record, Who

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from apps.kit.words import ActWords, Catalogue
    from baas.platform import Platform

PAGE = 100
MOST = 2000


@dataclass(frozen=True)
class OpenAct:
    """An act that somebody here may do now, and which of the people here signs it."""

    act: Act
    signer: str
    main: bool = False
    words: ActWords | None = None
    """Other words than the act's own, of one of its further buttons."""


class Service:
    """One application on one network ("" for the default one)."""

    def __init__(
        self, platform: Platform, network: str, manifest: KitManifest, ledger: LedgerClient | None = None
    ) -> None:
        self.platform, self.manifest = platform, manifest
        self.ledger = ledger or LedgerClient(platform, network, manifest.contract.name, **manifest.answers())
        self.network = self.ledger.network
        self._known: dict[str, Who] = {}

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def catalogue(self) -> Catalogue:
        return self.manifest.catalogue

    @cached_property
    def keeper(self) -> str:
        """The organisation whose peers keep sealed papers, "" where there are none."""
        return papers.keeper_of(self.ledger.spec, self.manifest.contract.collections(self.ledger.spec))

    # -- who -----------------------------------------------------------------------------------------
    @property
    def signers(self) -> tuple[str, ...]:
        """The identities whose keys sign here: the acting person's, or the owner's one for each role."""
        actor = self.platform.identities.acting(self.network)
        return (actor.label,) if actor.msp_id else self._owned

    @cached_property
    def _owned(self) -> tuple[str, ...]:
        spec = self.ledger.spec
        return (*(self._label_of(one.msp_of(spec), str(one.role)) for one in self.manifest.people), *self.seconds())

    def _label_of(self, msp_id: str, role: str, part: str = "") -> str:
        """The owner's person of a role (of a second part in it): kept valid where there is one, else issued when it
        first signs."""
        identities, name = self.platform.identities, f"{self.manifest.id}-{part or role}"
        label, make = f"{msp_id}/{name}", partial(identities.ensure, msp_id, name, role, network=self.network)
        if identities.is_issued(msp_id, name, network=self.network):
            return make()
        self.ledger.made_later(label, make)
        self._known[label] = Who(label, frozenset({role}))
        return label

    def keep(self, path: Path) -> str:
        """Put a file that an act will name into the content store; its CID."""
        with path.open("rb") as file:
            return str(self.platform.content.add(file, name=path.name[:200]))

    def seconds(self) -> tuple[str, ...]:
        """Further people of the owner's, where an act needs a second person of the same role. None, usually."""
        return ()

    def who(self, signer: str) -> Who:
        """How the ledger knows somebody, and the roles of their certificate that count."""
        if signer not in self._known:
            found = self.ledger.evaluate(signer, "WhoAmI")
            self._known[signer] = Who(found["party"], frozenset(found["roles"]))
        return self._known[signer]

    @property
    def parties(self) -> frozenset[str]:
        """How the ledger names the people here."""
        return frozenset(self.who(one).party for one in self.signers)

    def people(self) -> list[str]:
        """Parties that a form may offer: who signed on the ledger or is known here, in a role that acts may name."""
        mine = self.named_roles
        known: dict[str, frozenset[Any]] = {}
        with suppress(CityChainError):
            known |= {one.party: one.roles for one in self.platform.explorer.people(self.network)}
        with suppress(CityChainError):
            known |= {one.party: one.roles for one in self.platform.identities.list(self.network, kind="person")}
        return sorted(party for party, roles in known.items() if mine & {str(role) for role in roles})

    @property
    def named_roles(self) -> frozenset[str]:
        """Roles whose holders forms offer: all of the application's."""
        return frozenset(str(one.role) for one in self.manifest.people)

    def strangers(self, act: Act, given: Mapping[str, Any]) -> list[str]:
        """Parties named in an act who never signed on this ledger and are not known here: perhaps nobody.

        The index is brought up to the ledger only when a name is not in it yet.
        """
        named = {str(given.get(one.name) or "") for one in act.asks if isinstance(one, Party)} - {""}
        if not named:
            return []
        try:
            unknown = named - self._known_parties()
            if unknown:
                self.platform.explorer.sync(self.network)
                unknown = named - self._known_parties()
        except CityChainError:
            return []
        return sorted(unknown)

    def _known_parties(self) -> set[str]:
        found = {one.party for one in self.platform.explorer.people(self.network)}
        with suppress(CityChainError):
            found |= {one.party for one in self.platform.identities.list(self.network, kind="person")}
        return found

    def require(self, act: Act) -> None:
        """Refuse whoever the platform does not let do this."""
        self.platform.session.require(self.permission(act))

    def allows(self, act: Act) -> bool:
        """Whether the platform lets the acting person do this."""
        return self.platform.session.allows(self.permission(act))

    def permission(self, act: Act) -> str:
        """The platform's permission for an act: its own, its kind's or the application's."""
        return self.catalogue.act(act).permission or self.catalogue.words[act.kind.id].permission or self.manifest.act

    # -- acting --------------------------------------------------------------------------------------
    def do(self, act: Act, given: Mapping[str, Any] | None = None, *, on: str = "", signer: str = "") -> Committed[Any]:
        """Do an act: `on` is the record (or the one above a new one), `given` what people filled in.

        Without `signer` the person here whose role fits signs; if nobody's does, the ledger says why.
        """
        self.require(act)
        given = dict(given or {})
        chosen = signer or self.signer_of(act, self.read(on) if on and len(self.signers) > 1 else {})
        given = papers.handed_in(self, chosen, act, files.handed_in(self, act, given))
        return self.ledger.submit(chosen, act.function, *wire_arguments(act, given, on))

    def signer_of(self, act: Act, record: Record) -> str:
        """Who of the people here signs an act on a record: the first who may, else the first whose role fits."""
        signers = self.signers
        if len(signers) == 1:
            return signers[0]
        fitting = [one for one in signers if act.role.fits(record, self.who(one))]
        may = (one for one in fitting if act.refusal(record, self.who(one)) is None)
        return next(may, (fitting or list(signers))[0])

    def signer_for(self, role: str) -> str:
        """Who of the people here signs in a role; the acting person signs everything."""
        if self.platform.identities.acting(self.network).msp_id:
            return self.signers[0]
        roles = [str(one.role) for one in self.manifest.people]
        return self._owned[roles.index(role)]

    def open_acts(self, record: Record, parent: Record | None = None) -> tuple[OpenAct, ...]:
        """What the people here may do with a record now: what moves it on first, dangerous acts last."""
        kind = self.catalogue.kinds.get(str(record.get("type")))
        acts = [] if kind is None else [act for act in kind.acts.values() if not act.makes]
        return ordered(self._told_apart(self._open(acts, record, parent)))

    def begins(self, kind: type[Kind] | None = None, on: Record | None = None) -> tuple[OpenAct, ...]:
        """What the people here may begin: anew, or `on` a record."""
        wanted = str(on["type"]) if on else ""
        kinds = [kind] if kind is not None else list(self.catalogue.kinds.values())
        acts = [act for one in kinds for act in one.acts.values() if act.makes and act.on == wanted]
        return ordered(self._open(acts, on or {}, None))

    def _open(self, acts: Iterable[Act], record: Record, parent: Record | None) -> Iterator[OpenAct]:
        for act in acts:
            if not self.allows(act):
                continue
            for signer in self.signers:
                who = self.who(signer)
                if act.refusal(record, who, parent) is None and act.worth(record, who):
                    words = self.catalogue.act(act)
                    if words.ripe is not None and not words.ripe(record):
                        break
                    yield OpenAct(act, signer, words.main(record) if words.main else main_of(act, record))
                    yield from (OpenAct(act, signer, words=more) for more in words.more)
                    break

    def words_of(self, one: OpenAct) -> ActWords:
        """What its button and its dialog say."""
        return one.words or self.catalogue.act(one.act)

    def _told_apart(self, acts: Iterable[OpenAct]) -> Iterable[OpenAct]:
        """Of acts with the same button (stepping back, in whatever role) the first."""
        found: dict[str, OpenAct] = {}
        for one in acts:
            found.setdefault(str(self.words_of(one).button), one)
        return found.values()

    # -- what records are called ---------------------------------------------------------------------
    def know(self, records: Iterable[Record]) -> None:
        """Read what the names of these records need beside them; for a worker. Nothing, usually."""

    def called(self, record: Record) -> Text | str:
        """What a record is called beside its kind, "" for nothing: an amount as people write it, else as it stands."""
        words = self.catalogue.words.get(str(record.get("type")))
        if words is None or words.named is None or not (value := words.named[record]):
            return ""
        if isinstance(words.named, Party):
            return str(value).partition("/")[2] or str(value)
        return shown(words.named, words.fields[words.named], value) if isinstance(words.named, Fen) else str(value)

    # -- reading -------------------------------------------------------------------------------------
    @property
    def reader(self) -> str:
        """Who asks: any of the people here."""
        return self.signers[0]

    def read(self, record_id: str) -> Record:
        """A record by its id."""
        self.platform.session.require(self.manifest.read)
        found: Record = self.ledger.evaluate(self.reader, "Read", record_id)
        return found

    def find(self, kind: type[Kind], field: str, value: str) -> Record:
        """The record that took `value` in a unique field; `NotFound` if there is none."""
        self.platform.session.require(self.manifest.read)
        try:
            found: Record = self.ledger.evaluate(self.reader, "FindBy", kind.id, field, value)
        except LedgerError as error:
            if error.code != "not_found":
                raise
            raise NotFound(error.message) from error
        return found

    def all(self, kind: type[Kind]) -> list[Record]:
        """Every record of a kind, oldest first."""
        return self.pages(self.reader, "ListAll", kind.id)

    def under(self, parent_id: str, kind: type[Kind]) -> list[Record]:
        """The records of a kind that hang on a record, oldest first."""
        found = self.pages(self.reader, "ListUnder", parent_id, kind.id)
        return sorted(found, key=lambda one: (one["created"], one["id"]))

    def mine(self) -> list[Record]:
        """Every record that names the people here."""
        return self._of_people("ListMine", "concerned")

    def waiting(self) -> list[Record]:
        """What waits for the people here or for holders of their roles, the nearest due day first."""
        found = {one["id"]: one for one in self._of_people("ListMine", "waiting")}
        for name in self._waited_for():
            found |= {one["id"]: one for one in self.pages(self.reader, "ListWaitingFor", name)}
        mine = [one for one in found.values() if self._asks(one)]
        return sorted(mine, key=lambda one: (self.catalogue.of(one).due_of(one) or "9999", one["created"]))

    def _waited_for(self) -> list[str]:
        """The words under which records wait for holders of the roles here."""
        mine = {role for signer in self.signers for role in self.who(signer).roles}
        roles = (role for act in self.catalogue.acts() for role in (act.role.either or (act.role,)))
        return sorted({role.waiting for role in roles if role.held in mine and role.waiting})

    def _asks(self, record: Record) -> bool:
        """Whether somebody here may do what a record waits for: what nobody here may do is no matter of theirs."""
        return any(one.act.awaits(record) for one in self.open_acts(record))

    def asks(self, record: Record) -> Text | None:
        """What a waiting record asks of the people here, in words; None if nothing that they may do."""
        return self.catalogue.wanted(record, [self.who(signer) for signer in self.signers])

    def history(self, record_id: str) -> list[Record]:
        """Every committed version of a record, newest first."""
        self.platform.session.require(self.manifest.read)
        found: list[Record] = self.ledger.evaluate(self.reader, "History", record_id)
        return found

    def _of_people(self, function: str, what: str) -> list[Record]:
        found = {one["id"]: one for signer in self.signers for one in self.pages(signer, function, what)}
        return sorted(found.values(), key=lambda one: (one["created"], one["id"]))

    def pages(self, signer: str, function: str, *args: Any, most: int = MOST) -> list[Record]:
        """The pages of a query of the contract, until there are `most` records."""
        self.platform.session.require(self.manifest.read)
        found: list[Record] = []
        bookmark = ""
        while len(found) < most:
            page = self.ledger.evaluate(signer, function, *args, PAGE, bookmark)
            found += page["items"]
            bookmark = page["bookmark"]
            if not bookmark:
                break
        return found

    # -- whether it is there -------------------------------------------------------------------------
    def deployed(self) -> bool:
        """Say whether the contract is there: from the network's list, or by asking, for not every role may list."""
        if self.platform.session.allows(CONTRACT_READ):
            return self.ledger.contract in {one.name for one in self.platform.contracts.list(self.network)}
        try:
            self.ledger.evaluate(self.reader, "ReadSettings")
        except LedgerError as error:
            if contract_code(error) == "NOT_CONFIGURED":
                return True
            said = " ".join([str(error.details.get("text", "")), *(one["message"] for one in error.endpoints)])
            if f"chaincode {self.ledger.contract} not found" in said:
                return False
            raise
        return True

    def count(self) -> int:
        """How many matters wait here: as many as `waiting` lists."""
        return len(self.waiting())


def wire_arguments(act: Act, given: Mapping[str, Any], on: str = "") -> list[Any]:
    """What is sent for an act: the record's id, then one object or the fields one by one."""
    above = [on] if on else []
    if not act.by_position:
        return [*above, {**act.fixed, **{name: value for name, value in given.items() if value is not None}}]
    values = [act.fixed[name] if name in act.fixed else given.get(name) for name in act.wire]
    while values and values[-1] is None:
        values.pop()
    return [*above, *("" if value is None else value for value in values)]


def main_of(act: Act, record: Record) -> bool:
    """Whether an act moves the matter on: as it says (`main`), else if the record waits for it."""
    said = act.main or act.waits
    return said if isinstance(said, bool) else said(record)


def ordered(acts: Iterable[OpenAct]) -> tuple[OpenAct, ...]:
    """Open acts as buttons stand: what moves the matter on first, dangerous ones last."""
    return tuple(sorted(acts, key=lambda one: (one.act.danger, not one.main)))
