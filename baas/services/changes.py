"""Changes that need other people: configuration updates that wait for signatures, and renewal of nodes' certificates.

A configuration change for which the administrators of this workspace are not enough is kept by the network as a file
(`network.config_updates`). It is exported, signed elsewhere (by us or by Fabric's own `peer channel signconfigtx`) and
brought back; the next `networks.bring_up` then carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import eq
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import CityChainError, Conflict, NotFound, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.refusing import PendingUpdate, Refusing, UpdateDescription
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.identities import IdentityService
    from baas.services.networks import NetworkService
    from baas.services.proposing import Proposal
    from baas.services.renewal_rehearsal import Rehearsal
    from fabric_sdk.configtx import ChannelConfig
    from fabric_sdk.configtx.update import SignedUpdate
    from network.plan import PlanResult
    from network.renewal import What
    from network.topology import NodeRef


@dataclass(frozen=True)
class RenewalStep:
    """One thing that a renewal would do: a node, `person:MSP/name` or `authority:MSP/ca`; `apart`: while it stands."""

    name: str
    what: tuple[str, ...]
    apart: bool

    @property
    def title(self) -> Text:
        """What is renewed, for people."""
        kind, separator, label = self.name.partition(":")
        if not separator:
            stopped = Text("（先停止全部节点）", " (all nodes are stopped first)") if self.apart else Text("", "")
            return Text("节点 {n} 的证书{s}", "certificates of node {n}{s}", n=self.name, s=stopped)
        if kind == "person":
            return Text("{l} 的证书", "certificate of {l}", l=label)
        return Text("证书机构 {l} 的证书（密钥不变）", "certificate of the authority {l} (same key)", l=label)


class ChangeService(Refusing):
    """The signature inbox, channel configurations in readable form, and node renewals."""

    def __init__(
        self, networks: NetworkService, identities: IdentityService, session: Session, events: EventBus
    ) -> None:
        self._networks = networks
        self._identities = identities
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def configuration(self, network: str = "", channel: str = "") -> ChannelConfig:
        """The channel's configuration in force, read from its orderers: members, policies, batch, consenters."""
        from network.config_updates import ChannelUpdater

        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        name = spec.channel(channel).name if channel else spec.channels[0].name
        with translating():
            return ChannelUpdater(self._networks.handle(network), name).read()

    @requires(roles.NETWORK_READ)
    def pending(self, network: str = "") -> tuple[PendingUpdate, ...]:
        """Every update of the network's channels that waits for signatures."""
        from network.config_updates import pending_path, read_update

        network = self._networks.resolve(network)
        folder = self._networks.folder(network)
        found = []
        for channel in self._networks.spec(network).channels:
            path = pending_path(folder, channel.name)
            if path.exists():
                found.append(self._described(network, path, read_update(path)))
        return tuple(found)

    @requires(roles.NETWORK_READ)
    def describe(self, source: Path, network: str = "") -> UpdateDescription:
        """What an update file would change in its channel's configuration in force, and who has signed it."""
        from baas.services.config_changes import config_changes
        from fabric_sdk.configtx import read_config
        from fabric_sdk.configtx.preview import preview
        from network.config_updates import read_update
        from network.proposals import check_current, concerned, signatures

        network = self._networks.resolve(network)
        signed = read_update(source)
        spec = self._networks.spec(network)
        titles = {o.msp_id: o.title for o in spec.organizations}
        with translating():
            current = self.config_of(network, signed.channel_id)
            check_current(current, signed)
            after = read_config(signed.channel_id, preview(current, signed.message))
            changes = config_changes(read_config(signed.channel_id, current), after, titles)
            valid = [s.msp_id for s in signatures(current, signed) if s.why is None]
        signers = tuple(dict.fromkeys(valid))
        missing = tuple(m for m in concerned(current, signed) if m not in signers)
        return UpdateDescription(signed.channel_id, signers, changes, missing)

    @requires(roles.NETWORK_READ)
    def export(self, target: Path, network: str = "", channel: str = "") -> PendingUpdate:
        """Copy a waiting update to `target`, to be signed elsewhere; `NotFound` when nothing waits."""
        from network.vault import write_public

        waiting = [p for p in self.pending(network) if channel in ("", p.channel)]
        if not waiting:
            raise NotFound(Text("没有等待签名的更新。", "No update waits for signatures."), code="nothing_pending")
        with translating():
            write_public(target, waiting[0].file.read_bytes())
        return waiting[0]

    @requires(roles.NETWORK_PROPOSE)
    def sign(self, source: Path, target: Path, label: str, network: str = "") -> tuple[str, ...]:
        """Sign an update file as `label` and write the signed copy; return everybody who has signed it.

        Only an administrator of a member signs, and only over the configuration in force: anything else would be
        refused later, by when people count on it.
        """
        from network.config_updates import read_update, sign_update
        from network.proposals import check_current, check_signer, counted, signed_by

        network = self._networks.resolve(network)
        identity = self._identities.signing(label, network)
        with translating():
            update = read_update(source)
            config = self.config_of(network, update.channel_id)
            check_signer(config, update.channel_id, identity)
            check_current(config, update)
            counted(config, update)
            if signed_by(update, identity):
                raise Conflict(
                    Text("{l} 已经签过这个更改。", "{l} has signed this change already.", l=label),
                    Text("请把它交给提出方。", "Send it to whoever proposes it."),
                    code="signed_already",
                )
            return sign_update(source, target, identity).signers

    @requires(roles.NETWORK_PROPOSE)
    def take_in(self, files: Sequence[Path], network: str = "") -> PendingUpdate:
        """Bring signed copies back into the update that waits for them.

        Nothing is taken in unless every signature is an administrator's of a member, made for this very change.
        """
        from network.config_updates import add_signatures, pending_path, read_update
        from network.proposals import counted, one_channel

        network = self._networks.resolve(network)
        folder = self._networks.folder(network)
        channels = {c.name for c in self._networks.spec(network).channels}
        with translating():
            copies = [read_update(path) for path in files]
            config = self.config_of(network, one_channel(copies, channels.__contains__))
            for copy in copies:
                counted(config, copy)
            merged = add_signatures(folder, list(files))
        return self._described(network, pending_path(folder, merged.channel_id), merged)

    @requires(roles.NETWORK_PROPOSE)
    def propose(self, network: str, proposal: Proposal, *, ctx: JobContext = NULL_CONTEXT) -> PendingUpdate | None:
        """Propose a change of a channel, also from the desk of an organisation that runs no node of it.

        What others must sign is returned, and waits here; None when this workspace's administrators were enough and the
        change is in force.
        """
        from baas.services.proposing import edit_of
        from network.config_updates import ChannelUpdater, pending_path, read_update

        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        channel = spec.channel(proposal.channel).name if proposal.channel else spec.channels[0].name
        ctx.step("propose", Text("提出对 {c} 的更改", "Propose a change of {c}", c=channel))
        try:
            with translating():
                edit = edit_of(proposal, spec, channel)
                ChannelUpdater(self._networks.handle(network), channel).submit(edit)
        except CityChainError as error:
            if error.code != "signatures_missing":
                raise
            path = pending_path(self._networks.folder(network), channel)
            return self._described(network, path, read_update(path))
        self._events.publish(NetworkChanged(network, "changed"))
        return None

    @requires(roles.NETWORK_PROPOSE)
    def finish(self, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> PlanResult | None:
        """Go on with what waits: the network's own change, or updates that were proposed; None when nothing waits.

        Without enough signatures `Unavailable` (`signatures_missing`); everything stays as it is.
        """
        from network.config_updates import ChannelUpdater

        network = self._networks.resolve(network)
        wanted = self._networks.wanted(network)
        if wanted != self._networks.spec(network) and wanted.runtime != "attached":
            return self._networks.bring_up(wanted, ctx=ctx)
        done = False
        with translating():
            for update in self.pending(network):
                ctx.step(f"finish-{update.channel}", Text("提交 {c} 的更改", "Submit {c}'s change", c=update.channel))
                done |= ChannelUpdater(self._networks.handle(network), update.channel).finish()
        if done:
            self._events.publish(NetworkChanged(network, "changed"))
        return None

    @requires(roles.NETWORK_READ)
    def config_of(self, network: str, channel: str) -> Any:
        """A channel's configuration in force as its orderers have it; `UserError` for a channel of another network."""
        from network.config_updates import ChannelUpdater

        if channel not in {c.name for c in self._networks.spec(network).channels}:
            raise UserError(
                Text(
                    "这个更改属于通道 {c}，不在网络 {n} 里。",
                    "The change is for channel {c}, which is not in network {n}.",
                    c=channel,
                    n=network,
                ),
                Text("请先选择它所属的网络。", "Choose the network it belongs to first."),
                code="other_channel",
            )
        return ChannelUpdater(self._networks.handle(network), channel).config()

    @requires(roles.NETWORK_CHANGE)
    def withdraw(self, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT) -> PlanResult:
        """Give a waiting update up: forget its signatures and bring the network back to what it was before."""
        network = self._networks.resolve(network)
        waiting = [p for p in self.pending(network) if channel in ("", p.channel)]
        if not waiting:
            raise NotFound(Text("没有等待签名的更新。", "No update waits for signatures."), code="nothing_pending")
        with translating():
            for update in waiting:
                update.file.unlink(missing_ok=True)
        result = self._networks.bring_up(self._networks.spec(network), ctx=ctx)
        self._events.publish(NetworkChanged(network, "withdrawn"))
        return result

    @requires(roles.NETWORK_CHANGE)
    def rehearse_renewal(
        self,
        network: str = "",
        nodes: Sequence[str] = (),
        what: Sequence[What] = ("tls", "identity"),
        *,
        ctx: JobContext = NULL_CONTEXT,
    ) -> Rehearsal:
        """Try a renewal out beforehand without touching anything that runs; see `baas.services.renewal_rehearsal`."""
        from baas.services.renewal_rehearsal import rehearse

        network = self._networks.resolve(network)
        handle = self._networks.handle(network)
        chosen = [n for n in self._renewable(network, nodes) if not handle.authority(n.organization.msp_id).foreign]
        return rehearse(handle, chosen, what, self._networks.status(network), ctx)

    @requires(roles.NETWORK_CHANGE)
    def renew_nodes(
        self,
        network: str = "",
        nodes: Sequence[str] = (),
        what: Sequence[What] = ("tls", "identity"),
        *,
        ctx: JobContext = NULL_CONTEXT,
    ) -> PlanResult:
        """Give nodes (all of this machine when none is named) new certificates, one after the other.

        Whatever has ended meanwhile is renewed first: authorities, administrators, people whose keys are here. Where
        nobody can connect any more, the nodes are stopped for it and keep their keys. For nodes hosted for an
        organisation with its own authority a request is written (`certificates_missing` names it) when the others are
        done; its answer is taken in and `network up` goes on.
        """
        from network.hosting import ask

        network = self._networks.resolve(network)
        spec, handle = self._networks.spec(network), self._networks.handle(network)
        chosen = self._renewable(network, nodes)
        hosted = [node for node in chosen if handle.authority(node.organization.msp_id).foreign]
        self._ask_for(network, [node for node in chosen if node not in hosted], what, everybody=not nodes)
        result = self._networks.bring_up(spec, ctx=ctx)
        self._networks.disconnect(network)
        self._events.publish(NetworkChanged(network, "renewed"))
        for organization in dict.fromkeys(node.organization for node in hosted):
            nodes_of = [node for node in hosted if node.organization == organization]
            with translating():
                ask(handle.directory, spec, handle.authority(organization.msp_id), nodes_of)
        return result

    @requires(roles.NETWORK_CHANGE)
    def renewal_plan(
        self, network: str = "", nodes: Sequence[str] = (), what: Sequence[What] = ("tls", "identity")
    ) -> tuple[RenewalStep, ...]:
        """What `renew_nodes` would do now, in order, or what of an interrupted one is left; changes nothing."""
        from network.lapse import require_clock, unreachable
        from network.mending import requests
        from network.renewal import pending_renewals

        network = self._networks.resolve(network)
        spec, handle = self._networks.spec(network), self._networks.handle(network)
        chosen = [n.name for n in self._renewable(network, nodes)]
        found = self._networks.lapses(network)
        with translating():
            require_clock(found)
            wanted, _ = requests(handle.directory, spec, handle.vault)
        apart = bool(unreachable(found, spec))
        if not nodes and (left := pending_renewals(handle.directory)):
            wanted = {name: sorted({*left.get(name, ()), *wanted.get(name, ())}) for name in {*left, *wanted}}
            chosen = []
        steps = [RenewalStep(name, tuple(wanted[name]), False) for name in sorted(wanted) if ":" in name and not nodes]
        for node in spec.nodes():
            if node.name in chosen or node.name in wanted:
                kinds = {*wanted.get(node.name, ()), *(what if node.name in chosen else ())}
                steps.append(RenewalStep(node.name, tuple(sorted(kinds)), apart))
        return tuple(steps)

    def _ask_for(self, network: str, ours: Sequence[NodeRef], what: Sequence[What], *, everybody: bool) -> None:
        """Note what is to be renewed, alone: whoever waited for another renewal does not renew the same again."""
        from network.lapse import require_clock
        from network.mending import request_mending
        from network.plan import locked
        from network.renewal import BEGUN, pending_renewals, request, request_renewal

        folder, spec = self._networks.folder(network), self._networks.spec(network)
        before = {node.name: self._certificates(network, node, what) for node in ours}
        with translating(), locked(folder):
            require_clock(self._networks.lapses(network))
            if everybody:
                goes_on = bool(pending_renewals(folder))  # what an interrupted one has done is not done again
                request_mending(folder, spec, self._networks.handle(network).vault)
                if goes_on:
                    return
            fresh = [
                node
                for node in ours
                if any(map(eq, before[node.name], self._certificates(network, node, what)))  # not renewed meanwhile
            ]
            if fresh:
                request(folder, {BEGUN: ()})
                request_renewal(folder, fresh, what)

    def _certificates(self, network: str, node: NodeRef, what: Sequence[What]) -> list[bytes]:
        """A node's certificates of these kinds, b"" for one that is missing.

        They say what was renewed; the hours of their files do not where a clock was set meanwhile.
        """
        authority = self._networks.handle(network).authority(node.organization.msp_id)
        read = {"tls": authority.nodes.tls_certificate, "identity": authority.nodes.certificate}
        found = []
        for kind in what:
            try:
                found.append(read[kind](node))
            except OSError:
                found.append(b"")
        return found

    def _renewable(self, network: str, nodes: Sequence[str]) -> list[NodeRef]:
        """The nodes named, or all of this machine; `UserError` for those that only another machine can renew."""
        from network.hosts import local_part

        spec = self._networks.spec(network)
        if spec.runtime == "attached":
            raise UserError(
                Text("接入的网络由其管理方续期证书。", "An attached network's certificates are renewed by its owner.")
            )
        here = {node.name for node in local_part(self._networks.folder(network), spec).nodes()}
        chosen = [spec.node(name) for name in nodes] or [node for node in spec.nodes() if node.name in here]
        far = [node.name for node in chosen if node.name not in here]
        if far:
            raise UserError(
                Text("节点 {n} 在另一台机器上。", "Node {n} is on another machine.", n=far[0]),
                Text("请在那里执行 citychain network renew。", "Run citychain network renew there."),
                code="node_elsewhere",
            )
        return chosen

    def _described(self, network: str, path: Path, update: SignedUpdate) -> PendingUpdate:
        spec = self._networks.spec(network)
        channel = spec.channel(update.channel_id)
        members = [spec.organization(name) for name in channel.organizations]
        msp_ids = [member.msp_id for member in members if member.peers]
        signers = tuple(dict.fromkeys(update.signers))
        others = tuple(m for m in msp_ids if m not in signers)
        refused = self._refused(network, channel.name, signers)
        return PendingUpdate(network, channel.name, path, signers, others, refused)
