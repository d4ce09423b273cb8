"""Organisations that keep their own authority: founded at their own desk, known to others by a definition.

A founded organisation's authority and administrator lie in `founded/` of its desk's workspace until the desk comes
into a network that knows it; they are then that network's there, so that members are issued and revoked at this desk.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.events import EventBus, IdentityChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.exchange import ExchangeService
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace
    from network.founding import OrganizationDefinition
    from network.material import OrganizationCA
    from network.topology import OrganizationSpec, TopologySpec

FOUNDED = "founded"
"""The folder of founded organisations, and the first part of their keys' names."""


@dataclass(frozen=True)
class FoundedOrganization:
    """An organisation founded here; `fingerprint` is its root's, `networks` are those that it has come into."""

    name: str
    msp_id: str
    title: Text
    domain: str
    fingerprint: str
    networks: tuple[str, ...]


class OrganizationService:
    """Founds organisations, tells others of them, and takes their authorities into the networks they come into."""

    def __init__(
        self,
        workspace: Workspace,
        keystore: Keystore,
        networks: NetworkService,
        exchange: ExchangeService,
        session: Session,
        events: EventBus,
    ) -> None:
        self._workspace = workspace
        self._keystore = keystore
        self._networks = networks
        self._exchange = exchange
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_ATTACH)
    def new(self, name: str, msp_id: str, title: Text, domain: str = "", *, token: str = "") -> FoundedOrganization:
        """Make an organisation's authority and administrator here. `Conflict` when it has been founded already.

        `token` is the address of the hardware token in which its keys are made, now and later.
        """
        from baas.services.token_keys import SETTING, require_token
        from network.founding import organization_spec
        from network.vault import write_public

        with translating():
            spec = organization_spec(name, msp_id, title, domain or f"{name}.internal")
            for known in self._specs():
                if spec.name == known.name or spec.msp_id == known.msp_id:
                    raise Conflict(
                        Text("这里已有组织 {m}。", "{m} has been founded here already.", m=known.msp_id),
                        code="organization_exists",
                    )
            with self._workspace.moment:
                folder = self._workspace.path(FOUNDED, "organizations", spec.name)
                words = {"zh": title.zh, "en": title.en}
                entry = {"name": spec.name, "msp_id": spec.msp_id, "domain": spec.domain, "title": words}
                if token:
                    require_token(token)
                    self._workspace.set_setting(f"{SETTING}{FOUNDED}/{spec.msp_id}", token)
                write_public(folder / "organization.json", json.dumps(entry, ensure_ascii=False, indent=1).encode())
                try:
                    self._authority(spec).create()
                except BaseException:
                    self._unmake(spec, folder)
                    raise
        self._events.publish(IdentityChanged(f"{spec.msp_id}/admin", "issued"))
        return self._described(spec)

    def _unmake(self, spec: OrganizationSpec, folder: Path) -> None:
        """Take away an organisation that came to nothing, a token pulled out in between for one."""
        from network.keys import discard_key

        for name in self._keystore.names():
            if name.startswith(f"{FOUNDED}/{spec.msp_id}/"):
                discard_key(self._keystore, name)
        shutil.rmtree(folder, ignore_errors=True)

    @requires(roles.NETWORK_READ)
    def list(self) -> tuple[FoundedOrganization, ...]:
        """Every organisation founded here, by name."""
        return tuple(self._described(spec) for spec in self._specs())

    @requires(roles.NETWORK_ATTACH)
    def export(self, target: Path, msp_id: str = "") -> OrganizationDefinition:
        """Write the definition that others need to take the organisation in: certificates and names, no key."""
        from network.founding import write_definition

        with translating():
            return write_definition(self._authority(self._founded(msp_id)), target)

    @requires(roles.NETWORK_ATTACH)
    def join(
        self, profile: Path, network: str, msp_id: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> FoundedOrganization:
        """Come into a network that has taken the organisation in, as its administrator, with its own authority.

        Its peers that somebody hosts are joined to their channels on the way: nobody else could.
        """
        from network.attached.joining import join_own_peers
        from network.attached.profile import read_profile
        from network.keys import signing_identity

        spec = self._founded(msp_id)
        with translating():
            person = self._authority(spec).person("admin")
            signing = signing_identity(spec.msp_id, person.certificate_pem, person.private_key_pem)
            join_own_peers(read_profile(profile), signing, ctx)
        self._exchange.attach(
            profile, network, person.certificate_pem, person.private_key_pem, msp_id=spec.msp_id, kept=True, ctx=ctx
        )
        self.adopt(network)
        return self._described(spec)

    @requires(roles.NETWORK_READ)
    def roots(self) -> dict[str, bytes]:
        """The root certificates of the organisations founded here, by MSP id."""
        return {spec.msp_id: self._authority(spec).ca_certificate_pem for spec in self._specs()}

    def adopt(self, network: str) -> tuple[str, ...]:
        """Take founded authorities into a network that knows them by the same root; returns their MSP ids."""
        from baas.services.token_keys import SETTING
        from network.material import OrganizationCA
        from network.vault import vault_name, write_public

        taken = []
        spec = self._networks.spec(network)
        for founded in self._specs():
            known = next((o for o in spec.organizations if o.msp_id == founded.msp_id), None)
            if known is None:
                continue
            own = self._authority(founded)
            there = OrganizationCA(self._networks.folder(network), network, known, self._keystore)
            if not there.exists or there.ca_certificate_pem.strip() != own.ca_certificate_pem.strip():
                continue
            with self._workspace.moment, translating():
                for what in ("ca", "tlsca", "admin"):
                    key = self._keystore.get(vault_name(FOUNDED, founded.msp_id, what))
                    self._keystore.put(vault_name(network, founded.msp_id, what), key)
                if token := self._workspace.setting(f"{SETTING}{FOUNDED}/{founded.msp_id}"):
                    self._workspace.set_setting(f"{SETTING}{network}/{founded.msp_id}", token)
                write_public(there.directory / "ca" / "tlsca.crt", own.tls_certificate_pem)
                journal = there.directory / "ca" / "issued.jsonl"
                if not journal.exists():
                    write_public(journal, (own.directory / "ca" / "issued.jsonl").read_bytes())
                if not there.certificate_path("admin").exists():
                    write_public(there.certificate_path("admin"), own.certificate_path("admin").read_bytes())
            taken.append(founded.msp_id)
        if taken:
            self._networks.forget(network)
        return tuple(taken)

    @requires(roles.NETWORK_CHANGE)
    def take_in(self, spec: TopologySpec, source: Path, *, peers: int = 0) -> TopologySpec:
        """The topology with a defined organisation as a member of every channel, its roots laid beside the others'.

        `Conflict` when its names are taken. Nothing is issued for it: its authority is its own.
        """
        from baas.services import growth
        from network.founding import keep_definition, read_definition

        with translating():
            definition = read_definition(source)
            organization = definition.organization
            taken = {o.domain for o in spec.organizations} & {organization.domain}
            if taken:
                raise Conflict(
                    Text("域名 {d} 已被使用。", "The domain {d} is taken.", d=organization.domain),
                    Text("请该组织以另一个域名重新定义。", "Have it defined anew with another domain."),
                    code="organization_exists",
                )
            grown = growth.add_organization(
                spec,
                organization.name,
                organization.msp_id,
                organization.title,
                peers=peers,
                domain=organization.domain,
            )
            keep_definition(self._networks.folder(spec.name), definition, source.read_bytes())
        return grown

    @requires(roles.NETWORK_ATTACH)
    def certify(self, source: Path, target: Path, names: Sequence[str] = (), msp_id: str = "") -> tuple[str, ...]:
        """Certify nodes that a host runs for the organisation, as it has asked; return the nodes' names.

        `names` are those of the host's machine that the organisation agrees to, beside loopback.
        """
        from network.hosting import certify, read_nodes_request

        with translating():
            request = read_nodes_request(source)
            spec = self._founded(msp_id or request.msp_id)
            with self._workspace.moment:
                return certify(self._acting_authority(spec), request, names, target)

    @requires(roles.NETWORK_CHANGE)
    def take_certificates(self, source: Path, network: str = "") -> tuple[str, ...]:
        """Take in what an organisation has certified for the nodes hosted here; `network up` then goes on."""
        from network.hosting import take_in

        network = self._networks.resolve(network)
        with translating():
            return take_in(self._networks.folder(network), self._networks.wanted(network), self._keystore, source)

    # -- inside ------------------------------------------------------------------------------------
    def _authority(self, spec: OrganizationSpec) -> OrganizationCA:
        from network.material import OrganizationCA

        return OrganizationCA(self._workspace.path(FOUNDED), FOUNDED, spec, self._keystore)

    def _acting_authority(self, spec: OrganizationSpec) -> OrganizationCA:
        """The authority where it issues now: in the network that it has come into, else here."""
        for network in self._described(spec).networks:
            return self._networks.handle(network).authority(spec.msp_id)
        return self._authority(spec)

    def _specs(self) -> tuple[OrganizationSpec, ...]:
        from network.founding import organization_spec

        found = []
        for path in sorted(self._workspace.path(FOUNDED).glob("organizations/*/organization.json")):
            try:
                entry = json.loads(path.read_bytes())
                title = Text(entry["title"]["zh"], entry["title"]["en"])
                found.append(organization_spec(entry["name"], entry["msp_id"], title, entry["domain"]))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UserError(
                    Text("文件 {f} 已损坏。", "File {f} is damaged.", f=str(path)),
                    Text("请从备份恢复工作区。", "Restore the workspace from a backup."),
                    code="storage_damaged",
                ) from error
        return tuple(found)

    def _founded(self, msp_id: str) -> OrganizationSpec:
        specs = self._specs()
        chosen = [s for s in specs if msp_id in ("", s.msp_id, s.name)]
        if len(chosen) == 1:
            return chosen[0]
        known = ", ".join(s.msp_id for s in specs)
        if not specs:
            raise NotFound(
                Text("这里还没有自己的组织。", "No organisation has been founded here."),
                Text("请先建立：citychain organization new", "Found one: citychain organization new"),
                code="no_organization",
            )
        raise NotFound(
            Text("请说明是哪个组织。", "Say which organisation."),
            Text("这里有：{k}", "There are: {k}", k=known),
            code="no_organization",
        )

    def _described(self, spec: OrganizationSpec) -> FoundedOrganization:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        authority = self._authority(spec)
        root = authority.ca_certificate_pem
        fingerprint = x509.load_pem_x509_certificate(root).fingerprint(hashes.SHA256()).hex()
        within = tuple(name for name in self._networks.names() if f"{name}/{spec.msp_id}/ca" in self._keystore.names())
        return FoundedOrganization(spec.name, spec.msp_id, spec.title, spec.domain, fingerprint, within)
