"""What an application on the kit says of itself: people and organisations; all else follows from kinds and words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.kit.papers import collections as sealed_papers
from baas.applications import ApplicationManifest, ContractTemplate, FirstCall, load
from baas.errors import Text
from baas.roles import Role

if TYPE_CHECKING:
    import click

    from apps.kit.words import Catalogue
    from baas.platform import Platform
    from baas.services.cast import Played
    from network.topology import TopologySpec

Chooser = Callable[["TopologySpec"], str]


@dataclass(frozen=True)
class People:
    """A role of the application: which organisation gives it (the first whose MSP id begins so, else by `chosen`), and
    what its people may do on this platform. `counts` is False for roles that the contract does not ask for."""

    role: Role
    organization: str | Chooser
    may: Iterable[str]
    counts: bool = True

    def msp_of(self, spec: TopologySpec) -> str:
        """The organisation that gives this role on a network."""
        return member(spec, self.organization) if isinstance(self.organization, str) else self.organization(spec)


def member(spec: TopologySpec, prefix: str) -> str:
    """The first organisation with peers whose MSP id begins with `prefix`, else the first one."""
    members = spec.peer_msp_ids
    return next((one for one in members if one.startswith(prefix)), members[0])


@dataclass(frozen=True)
class KitManifest(ApplicationManifest):
    """A manifest whose service, commands and pages are derived. `kinds` and `words` are "module:attr"; `views` are
    further tabs of its page, made by hand: name → "module:attr" of a `console.appkit.views.AppView`; `reasons` is the
    table of what its contract says against fields, as `apps.kit.refusals.REASONS`, `titles` names fields that no kind
    has, `at` says by their codes at which fields its refusals stand: in each form at the first that it has."""

    inbox: str = "apps.kit.inbox:waiting"
    cast: str = "apps.kit.application:people_of"
    kinds: str = ""
    words: str = ""
    refusals: str = ""
    steps: str = ""
    reasons: str = ""
    titles: str = ""
    at: str = ""
    people: tuple[People, ...] = ()
    read: str = ""
    act: str = ""
    views: Mapping[str, str] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """Its kinds with their words, loaded when they are first used."""
        from apps.kit.words import catalogue_of

        return catalogue_of(self.kinds, self.words)

    def check(self) -> None:
        _ = self.catalogue

    def shown(self) -> Sequence[str]:
        return (*super().shown(), *self.views.values())

    @property
    def refusal_words(self) -> Mapping[str, Text]:
        """What the contract's refusals mean, the kit's own among them."""
        from apps.kit.refusals import REFUSALS

        found: Mapping[str, Text] = {**REFUSALS, **(load(self.refusals) if self.refusals else {})}
        return found

    @property
    def next_steps(self) -> Mapping[str, Text]:
        """What to do after the application's own refusals."""
        found: Mapping[str, Text] = load(self.steps) if self.steps else {}
        return found

    @property
    def field_reasons(self) -> tuple[tuple[str, str], ...]:
        """What its contract says against a field: the English sentence as a pattern, and the Chinese one."""
        from apps.kit.refusals import REASONS

        return (*(load(self.reasons) if self.reasons else ()), *REASONS)

    @property
    def refused_at(self) -> Mapping[str, tuple[str, ...]]:
        """The fields of a form about which a refusal may be, by its code."""
        found: Mapping[str, tuple[str, ...]] = load(self.at) if self.at else {}
        return found

    def field_titles(self) -> Mapping[str, Text]:
        """What the fields that its contract may refuse are called."""
        words = [said for kind in self.catalogue.words.values() for said in kind.fields.items()]
        inner = {name: said.label for _, outer in words for name, said in outer.inner.items()}
        own: Mapping[str, Text] = load(self.titles) if self.titles else {}
        return {**inner, **{one.name: said.label for one, said in words}, **own}

    def answers(self) -> dict[str, Any]:
        """What a client of its contract tells people, and how the contract is set up: for `LedgerClient`."""
        return {
            "words": self.refusal_words,
            "titles": self.field_titles,
            "reasons": self.field_reasons,
            "steps": self.next_steps,
            "at": self.refused_at,
            "first_call": self.contract.first_call,
            "queries": self.contract_queries,
        }

    def contract_queries(self) -> frozenset[str]:
        """The functions of its contract that only read."""
        found: frozenset[str] = load(f"{self.contract.module}:CONTRACTS")[0].queries()
        return found

    def build_service(self, platform: Platform, network: str) -> Any:
        if self.service:
            return super().build_service(platform, network)
        from apps.kit.service import Service

        return Service(platform, network, self)

    def command_group(self) -> click.Group:
        if self.commands:
            return super().command_group()
        from apps.kit.commands import group_of

        return group_of(self)

    def page_specs(self) -> list[Any]:
        return super().page_specs() if self.pages else list(load("console.appkit.specs:specs_of")(self))


def application(
    package: str | None,
    *,
    id: str,
    title: Text,
    summary: Text,
    permissions: Mapping[str, Text],
    people: Sequence[People],
    version: str = "1.0.0",
    contract: str = "",
    office: str | Chooser = "",
    endorsement_policy: Callable[[TopologySpec], str] | None = None,
    collections: Callable[[TopologySpec], list[dict[str, Any]]] | None = None,
    papers: str | Chooser = "",
    settings: Mapping[str, Any] | None = None,
    icon: str = "grid",
    **more: Any,
) -> KitManifest:
    """Return the manifest of the application in `package`: kinds, contract and words in the modules of these names.

    `permissions` are the platform's words, that of reading first, that of acting (unless an act's words say another)
    second. `office` keeps the settings (the organisation of the first people by default). Every organisation of the
    people that has peers must endorse, unless `endorsement_policy` says something else. `papers` is the organisation
    that keeps sealed papers, where the kinds have any. `more` are further parts of a manifest.
    """
    chosen = office or people[0].organization

    def office_of(spec: TopologySpec) -> str:
        return member(spec, chosen) if isinstance(chosen, str) else chosen(spec)

    def endorsement(spec: TopologySpec) -> str:
        peers_of = {one.msp_id for one in spec.organizations if one.peers}
        members = sorted({office_of(spec), *(one.msp_of(spec) for one in people)} & peers_of)
        peers = ", ".join(f"'{one}.peer'" for one in members)
        return f"AND({peers})" if len(members) > 1 else f"OR({peers})"

    def first_call(spec: TopologySpec) -> FirstCall:
        roles = {str(one.role): [one.msp_of(spec)] for one in people if one.counts}
        body = {"office_msp": office_of(spec), "roles": roles, **(settings or {})}
        return FirstCall(office_of(spec), "ReadSettings", "Configure", (json.dumps(body, ensure_ascii=False),))

    def kept(spec: TopologySpec) -> list[dict[str, Any]]:
        if not papers:
            return []
        return sealed_papers(member(spec, papers) if isinstance(papers, str) else papers(spec))

    words = list(permissions)
    grants: dict[Role, frozenset[str]] = {Role.AUDITOR: frozenset(words[:1])}
    grants |= {one.role: frozenset(one.may) for one in people}
    return KitManifest(
        id=id,
        title=title,
        summary=summary,
        contract=ContractTemplate(
            name=id,
            module=contract or f"{package}.contract",
            version=version,
            title=title,
            endorsement_policy=endorsement_policy or endorsement,
            collections=collections or kept,
            first_call=first_call,
        ),
        service=more.pop("service", ""),
        command=more.pop("command", id),
        commands=more.pop("commands", ""),
        icon=icon,
        roles=(*(one.role for one in people), Role.AUDITOR),
        grants=grants,
        permission_titles=permissions,
        kinds=more.pop("kinds", f"{package}.kinds:KINDS"),
        words=more.pop("words", f"{package}.words:WORDS"),
        refusals=more.pop("refusals", f"{package}.words:REFUSALS"),
        people=tuple(people),
        read=words[0],
        act=words[min(1, len(words) - 1)],
        **more,
    )


def people_of(manifest: KitManifest, spec: TopologySpec) -> list[Played]:
    """One person for each role of an application, named after it, at the organisation that gives it."""
    from baas.roles import ROLE_TITLES
    from baas.services.cast import Played

    return [
        Played(f"{one.msp_of(spec)}/{one.role.value.replace('_', '-')}", one.role, ROLE_TITLES[one.role])
        for one in manifest.people
    ]
