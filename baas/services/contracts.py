"""Contracts on channels: deploy and upgrade, the lifecycle board, policies in words, direct calls.

Deploying is the same on every runtime: package -> install on each peer -> make the contract reachable -> approve for
each organisation -> commit -> wait until it endorses. Every step asks first what is there, so a deploy that was
interrupted is finished by the next one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.applications import Applications, ContractTemplate
from baas.errors import (
    CityChainError,
    DeadlineExceeded,
    LedgerError,
    Text,
    Unavailable,
    UserError,
    translate,
    translating,
)
from baas.events import ContractChanged, EventBus
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.definitions import canonical, differences, from_fabric, members, policy_envelope, to_fabric
from baas.services.lifecycle_model import (
    BoardRow,
    Definition,
    DeployedContract,
    InvokeResult,
    LifecycleBoard,
    PolicyExplanation,
    PolicyOption,
)
from baas.services.policies import explain_text
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService
    from network.handle import NetworkHandle
    from network.topology import NodeRef

METADATA = "org.hyperledger.fabric:GetMetadata"
READY_SECONDS = 60.0


class ContractService:
    """Deploys, explains and calls contracts."""

    def __init__(
        self,
        networks: NetworkService,
        chain: ChainReader,
        applications: Applications,
        session: Session,
        events: EventBus,
    ) -> None:
        self._networks = networks
        self._chain = chain
        self._applications = applications
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    # -- what there is -----------------------------------------------------------------------------
    def templates(self) -> tuple[ContractTemplate, ...]:
        """The contracts that installed applications ship."""
        return tuple(manifest.contract for manifest in self._applications.all())

    @requires(roles.CONTRACT_READ)
    def list(self, network: str = "", channel: str = "") -> tuple[Definition, ...]:
        """Every definition in force on the channel, by name."""
        from fabric_sdk.admin import Lifecycle

        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        with self._networks.any_peer(network, channel) as peer, translating():
            return tuple(from_fabric(found.definition) for found in Lifecycle(peer).committed(channel))

    @requires(roles.CONTRACT_READ)
    def committed(self, network: str, name: str, channel: str = "") -> Definition | None:
        """The definition of `name` in force; None when it is not deployed."""
        from baas.services.definitions import committed_definition

        network = self._networks.resolve(network)
        return committed_definition(self._networks, network, self._chain.channel(network, channel), name)

    # -- deploying ---------------------------------------------------------------------------------
    @requires(roles.CONTRACT_CHANGE)
    def deploy(
        self,
        network: str,
        name: str,
        *,
        version: str | None = None,
        sequence: int | None = None,
        policy: str | None = None,
        collections: Sequence[Mapping[str, Any]] | None = None,
        channel: str = "",
        ctx: JobContext = NULL_CONTEXT,
    ) -> DeployedContract:
        """Put an application's contract in force on a channel, or bring it to another version, policy or collections.

        What is not given comes from the application's template. `changed` of the result is False when everything
        already was as wanted. `sequence`, when given, must be the next one (or the present one, unchanged).
        """
        template = self._applications.contract(name)
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        handle = self._networks.handle(network)
        spec = handle.spec
        for msp_id in self._members(handle, channel):
            self._session.require(roles.CONTRACT_CHANGE, msp_id)
        current = self.committed(network, name, channel)
        wanted = canonical(
            Definition(
                name=name,
                version=version or template.version,
                sequence=(current.sequence if current else 0) + 1,
                endorsement_policy=policy if policy is not None else template.endorsement_policy(spec),
                collections=tuple(
                    dict(c) for c in (collections if collections is not None else template.collections(spec))
                ),
            )
        )
        changed = current is None or bool(differences(current, wanted))
        if current is not None and not changed:
            wanted = current
        if sequence is not None and sequence != wanted.sequence:
            raise UserError(
                Text(
                    "序号应为 {want}，不是 {got}。",
                    "The sequence must be {want}, not {got}.",
                    want=wanted.sequence,
                    got=sequence,
                ),
                code="wrong_sequence",
            )
        package_id = self._provide(handle, channel, template, wanted, ctx)
        self._agree(handle, channel, wanted, package_id, committed=not changed, ctx=ctx)
        if changed:
            self._commit(handle, channel, wanted, ctx)
        ctx.step("ready", Text("等待合约 {c} 可以背书", "Wait until {c} endorses", c=name))
        self._wait_ready(network, channel, name, ctx)
        if changed:
            self._events.publish(ContractChanged(network, channel, name, "committed"))
        return DeployedContract(network, channel, wanted, package_id, changed)

    def build_package(self, network: str, name: str, version: str | None = None) -> tuple[str, bytes]:
        """The package id and bytes of an application's contract for this network (deterministic)."""
        from fabric_sdk.chaincode.package import build_package, package_id

        template = self._applications.contract(name)
        network = self._networks.resolve(network)
        wanted = version or template.version
        address = self._networks.driver(network).contract_address(name, wanted)
        try:
            package = build_package(f"{name}_{wanted}", address)
        except ValueError as error:
            raise UserError(
                Text("不能打包：{t}", "Cannot be packaged: {t}", t=str(error)), code="bad_package"
            ) from error
        return package_id(package), package

    def _provide(
        self, handle: NetworkHandle, channel: str, template: ContractTemplate, wanted: Definition, ctx: JobContext
    ) -> str:
        """Package, install on every peer of the channel, make reachable; return the package id."""
        from network.drivers.base import ContractService as Served

        ctx.step("package", Text("打包合约 {c} {v}", "Package {c} {v}", c=wanted.name, v=wanted.version))
        package_id, package = self.build_package(handle.name, wanted.name, wanted.version)
        peers = handle.channel_peers(channel)
        ctx.step("install", Text("在 {n} 个节点上安装", "Install on {n} peers", n=len(peers)))
        self._in_parallel([(lambda node=node: self._install(handle, node, package)) for node in peers], ctx)
        ctx.step("serve", Text("启动合约服务", "Start the contract's service"))
        served = Served(
            name=wanted.name,
            version=wanted.version,
            label=f"{wanted.name}_{wanted.version}",
            package_id=package_id,
            module=template.module,
            channel=channel,
        )
        self._networks.driver(handle.name).serve_contract(served, ctx)
        return package_id

    def _install(self, handle: NetworkHandle, node: NodeRef, package: bytes) -> None:
        from fabric_sdk.admin import Lifecycle, PeerConnection

        admin = handle.admin(node.organization.msp_id)
        with _at_peer(node), PeerConnection(handle.node_endpoint(node), admin) as peer:
            Lifecycle(peer).install(package)

    def _agree(
        self,
        handle: NetworkHandle,
        channel: str,
        wanted: Definition,
        package_id: str,
        *,
        committed: bool,
        ctx: JobContext,
    ) -> None:
        """Have every organisation approve that has not approved just this with this package."""
        organizations = self._members(handle, channel)
        title = Text("{n} 个组织批准定义", "{n} organisations approve", n=len(organizations))
        ctx.step("approve", title)
        self._in_parallel(
            [
                (lambda msp_id=msp_id: self._approve(handle, channel, msp_id, wanted, package_id, committed))
                for msp_id in organizations
            ],
            ctx,
        )

    def _approve(
        self, handle: NetworkHandle, channel: str, msp_id: str, wanted: Definition, package_id: str, committed: bool
    ) -> None:
        from fabric_sdk.admin import Lifecycle, PeerConnection

        node = self._first_peer(handle, msp_id)
        with _at_peer(node), PeerConnection(handle.node_endpoint(node), handle.admin(msp_id)) as peer:
            lifecycle = Lifecycle(peer)
            found = lifecycle.query_approved(channel, wanted.name, wanted.sequence)
            same = found is not None and not differences(from_fabric(found.definition), wanted)
            if found is not None and same and found.package_id == package_id:
                return
            lifecycle.approve(channel, to_fabric(wanted), package_id)

    def _commit(self, handle: NetworkHandle, channel: str, wanted: Definition, ctx: JobContext) -> None:
        from fabric_sdk.admin import Lifecycle, PeerConnection

        ctx.step("commit", Text("提交定义，序号 {s}", "Commit the definition, sequence {s}", s=wanted.sequence))
        ctx.check_cancelled()
        msp_id = self._members(handle, channel)[0]
        node = self._first_peer(handle, msp_id)
        with _at_peer(node), PeerConnection(handle.node_endpoint(node), handle.admin(msp_id)) as peer:
            lifecycle = Lifecycle(peer)
            deadline = time.monotonic() + READY_SECONDS
            while not lifecycle.check_commit_readiness(channel, to_fabric(wanted)).majority:
                # An organisation's approval reaches other peers with their next block.
                if time.monotonic() > deadline:
                    raise LedgerError(
                        Text("批准的组织不够，不能提交。", "Too few organisations have approved to commit."),
                        Text("请查看合约的生命周期面板。", "See the contract's lifecycle board."),
                        stage="config",
                        code="not_approved",
                    )
                ctx.check_cancelled()
                time.sleep(0.1)
            lifecycle.commit(channel, to_fabric(wanted))

    def _wait_ready(self, network: str, channel: str, name: str, ctx: JobContext) -> None:
        """Wait until the Gateway can collect the policy's endorsements (on Fabric gossip must learn the contract)."""
        contract = self._networks.connect(network, channel=channel).get_contract(name)
        deadline = time.monotonic() + READY_SECONDS
        pause = 0.05
        while True:
            try:
                contract.new_proposal(METADATA).endorse()
                return
            except Exception as error:
                if time.monotonic() > deadline:
                    refused = translate(error)
                    raise DeadlineExceeded(
                        Text("合约 {c} 部署后一直不能背书。", "{c} is deployed but does not endorse.", c=name),
                        Text("请查看节点与合约服务的日志。", "See the logs of the peers and the contract's service."),
                        details={"last": str(refused.message)},
                    ) from error
                ctx.check_cancelled()
                time.sleep(pause)
                pause = min(pause * 1.5, 1.0)

    # -- single steps ------------------------------------------------------------------------------
    @requires(roles.CONTRACT_CHANGE)
    def install(
        self, network: str, package: bytes, *, msp_id: str = "", channel: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> str:
        """Install a package on the peers of one organisation, or of the whole channel; return the package id."""
        from fabric_sdk.chaincode.package import PackageError, read_package

        try:
            known = read_package(package)
        except PackageError as error:
            raise UserError(
                Text("不是合约包：{t}", "Not a chaincode package: {t}", t=str(error)), code="bad_package"
            ) from error
        network = self._networks.resolve(network)
        handle = self._networks.handle(network)
        channel = self._chain.channel(network, channel)
        peers = [n for n in handle.channel_peers(channel) if msp_id in ("", n.organization.msp_id)]
        for node in peers:
            self._session.require(roles.CONTRACT_CHANGE, node.organization.msp_id)
            ctx.check_cancelled()
            ctx.step(f"install-{node.name}", Text("安装到 {n}", "Install on {n}", n=node.name))
            self._install(handle, node, package)
        self._events.publish(ContractChanged(network, channel, known.label, "installed"))
        return known.package_id

    @requires(roles.CONTRACT_CHANGE)
    def approve(
        self, network: str, definition: Definition, *, msp_id: str, package_id: str = "", channel: str = ""
    ) -> None:
        """Approve a definition for one organisation."""
        self._session.require(roles.CONTRACT_CHANGE, msp_id)
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        self._approve(self._networks.handle(network), channel, msp_id, canonical(definition), package_id, False)
        self._events.publish(ContractChanged(network, channel, definition.name, "approved"))

    @requires(roles.CONTRACT_CHANGE)
    def commit(
        self, network: str, definition: Definition, *, channel: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> None:
        """Put an approved definition in force."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        self._commit(self._networks.handle(network), channel, canonical(definition), ctx)
        self._events.publish(ContractChanged(network, channel, definition.name, "committed"))

    # -- the board ---------------------------------------------------------------------------------
    @requires(roles.CONTRACT_READ)
    def board(self, network: str, name: str, channel: str = "") -> LifecycleBoard:
        """Organisations x install, approve, commit. A peer that does not answer is shown as such, not an error."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        handle = self._networks.handle(network)
        committed = self.committed(network, name, channel)
        rows = [self._board_row(handle, channel, msp_id, name) for msp_id in self._members(handle, channel)]
        in_force = committed.sequence if committed else 0
        newer = [r.approval for r in rows if r.approval and r.approval.sequence > in_force]
        pending = newer[0] if newer else None
        if pending is not None:
            # The definition most organisations agree on stands for the sequence.
            pending = max(newer, key=lambda d: (d.sequence, sum(1 for o in newer if not differences(o, d))))
        shown = pending or committed
        rows = [_judged(row, shown) for row in rows]
        approvals = sum(1 for row in rows if row.approved)
        needed = len(rows) // 2 + 1
        return LifecycleBoard(
            network,
            channel,
            name,
            committed,
            pending,
            tuple(rows),
            approvals,
            needed,
            can_commit=pending is not None and approvals >= needed,
        )

    def _board_row(self, handle: NetworkHandle, channel: str, msp_id: str, name: str) -> BoardRow:
        from fabric_sdk.admin import Lifecycle, PeerConnection

        installed: dict[str, bool | None] = {}
        approval: Definition | None = None
        package_id = ""
        for node in handle.peers(msp_id):
            try:
                with (
                    _at_peer(node),
                    PeerConnection(handle.node_endpoint(node), handle.admin(msp_id), timeout_s=5.0) as peer,
                ):
                    lifecycle = Lifecycle(peer)
                    if approval is None:
                        approved = lifecycle.query_approved(channel, name)
                        if approved is not None:
                            approval, package_id = from_fabric(approved.definition), approved.package_id
                    found = lifecycle.installed()
                    installed[node.name] = any(
                        p.package_id == package_id if package_id else p.label.startswith(f"{name}_") for p in found
                    )
            except CityChainError:
                installed[node.name] = None
        title = handle.spec.organization(msp_id).title
        return BoardRow(msp_id, title, installed, None, approval, (), package_id)

    # -- policies in words -------------------------------------------------------------------------
    @requires(roles.CONTRACT_READ)
    def explain(self, network: str, policy: str, channel: str = "") -> PolicyExplanation:
        """A policy in plain words, the sets of organisations that satisfy it, and whether they can now.

        `policy` is Fabric's text form, or the path of a channel policy. `UserError` when it cannot be read.
        """
        from fabric_sdk.errors import PolicyError
        from fabric_sdk.policy import format as write
        from fabric_sdk.policy import minimal_sets, parse

        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        spec = self._networks.spec(network)
        titles = {o.msp_id: o.title for o in spec.organizations}
        try:
            if policy.startswith("/"):
                envelope = policy_envelope(policy, self._chain.authority(network, channel))
            else:
                envelope = parse(policy)
            sets = minimal_sets(envelope)
        except PolicyError as error:
            raise UserError(
                Text("背书策略无法读懂：{t}", "The endorsement policy cannot be read: {t}", t=str(error)),
                code="bad_policy",
            ) from error
        running = self._running_peers(network)
        options = tuple(
            PolicyOption(tuple(sorted(members(one))), all(running.get(m, 0) > 0 for m in members(one))) for one in sets
        )
        warnings = _policy_warnings(options, {m: len(self._networks.handle(network).peers(m)) for m in titles}, titles)
        return PolicyExplanation(write(envelope), explain_text(envelope, titles), options, warnings)

    def _running_peers(self, network: str) -> dict[str, int]:
        running: dict[str, int] = {}
        for node in self._networks.status(network).nodes:
            if node.kind == "peer" and node.state == "running":
                running[node.msp_id] = running.get(node.msp_id, 0) + 1
        return running

    # -- calling -----------------------------------------------------------------------------------
    @requires(roles.CONTRACT_READ)
    def metadata(self, network: str, name: str, channel: str = "") -> dict[str, Any]:
        """The contract's own description of its functions (`org.hyperledger.fabric:GetMetadata`)."""
        with translating():
            contract = self._networks.connect(network, channel=channel).get_contract(name)
            raw = contract.evaluate(METADATA)
        try:
            found = json.loads(raw)
        except ValueError as error:
            raise LedgerError(
                Text("合约 {c} 没有给出方法说明。", "{c} does not describe its functions.", c=name)
            ) from error
        return found if isinstance(found, dict) else {}

    @requires(roles.CONTRACT_INVOKE)
    def query(
        self,
        network: str,
        name: str,
        function: str,
        arguments: Sequence[str | bytes] = (),
        *,
        transient: Mapping[str, bytes] | None = None,
        identity: str = "",
        channel: str = "",
    ) -> InvokeResult:
        """Call a function on one peer without changing anything."""
        with translating():
            contract = self._networks.connect(network, identity, channel).get_contract(name)
            return InvokeResult(contract.evaluate(function, *arguments, transient=transient or {}), "query")

    @requires(roles.CONTRACT_INVOKE)
    def invoke(
        self,
        network: str,
        name: str,
        function: str,
        arguments: Sequence[str | bytes] = (),
        *,
        transient: Mapping[str, bytes] | None = None,
        endorsers: Sequence[str] = (),
        identity: str = "",
        channel: str = "",
    ) -> InvokeResult:
        """Call a function as a transaction and wait for its commit; `endorsers` names organisations exactly."""
        from fabric_sdk.errors import CommitError

        with translating():
            contract = self._networks.connect(network, identity, channel).get_contract(name)
            submitted = contract.submit_async(
                function, *arguments, transient=transient or {}, endorsing_organizations=endorsers
            )
            status = submitted.status()
            if not status.successful:
                raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
            return InvokeResult(submitted.result, "invoke", submitted.transaction_id, status.block_number)

    # -- inside ------------------------------------------------------------------------------------
    def _members(self, handle: NetworkHandle, channel: str) -> tuple[str, ...]:
        """The channel's organisations that have peers, by MSP id."""
        return tuple(dict.fromkeys(node.organization.msp_id for node in handle.channel_peers(channel)))

    def _first_peer(self, handle: NetworkHandle, msp_id: str) -> NodeRef:
        return self._networks.running_peer(handle, msp_id)

    def _in_parallel(self, works: Sequence[Any], ctx: JobContext) -> None:
        """Do independent works at once, four at a time; the first error is raised when all have ended."""
        if len(works) == 1:
            works[0]()
            return
        with ThreadPoolExecutor(min(4, len(works) or 1), thread_name_prefix="deploy") as pool:
            futures = [pool.submit(work) for work in works]
            errors = []
            for number, future in enumerate(futures, 1):
                error = future.exception()
                if error is not None:
                    errors.append(error)
                ctx.progress(number, len(futures), "")
        if errors:
            raise errors[0]
        ctx.check_cancelled()


class _at_peer:
    """Names the peer in an error that happens while talking to it."""

    def __init__(self, node: NodeRef) -> None:
        self._node = node

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, CityChainError) or not isinstance(error, Exception):
            return
        translated = translate(error)
        if isinstance(translated, Unavailable):
            raise Unavailable(
                Text("节点 {n} 没有应答。", "The peer {n} does not answer.", n=self._node.name),
                Text(
                    "请启动它（citychain network start --node {n}），再重试；已完成的步骤会保留。",
                    "Start it (citychain network start --node {n}) and try again; finished steps are kept.",
                    n=self._node.name,
                ),
                code="peer_unavailable",
                details={"node": self._node.name, **translated.details},
            ) from error
        if translated.exit_code != 70:
            translated.details.setdefault("node", self._node.name)
            raise translated from error


def _judged(row: BoardRow, shown: Definition | None) -> BoardRow:
    if shown is None:
        return row
    approval = row.approval
    if approval is None or approval.sequence != shown.sequence:
        return BoardRow(row.msp_id, row.title, row.installed, False, approval, (), row.package_id)
    found = differences(approval, shown)
    return BoardRow(row.msp_id, row.title, row.installed, not found, approval, found, row.package_id)


def _policy_warnings(
    options: tuple[PolicyOption, ...], peers: Mapping[str, int], titles: Mapping[str, Text]
) -> tuple[Text, ...]:
    """What a policy makes fragile: an organisation that every option needs and that has a single peer."""
    warnings: list[Text] = []
    if not options:
        return (Text("没有任何签名能满足这条策略。", "No signatures can satisfy this policy."),)
    always = frozenset.intersection(*(frozenset(option.msp_ids) for option in options))
    for msp_id in sorted(always):
        title = titles.get(msp_id, Text("{m}", "{m}", m=msp_id))
        if msp_id not in titles:
            warnings.append(Text("组织 {m} 不在这个网络里。", "{m} is not in this network.", m=msp_id))
        elif peers.get(msp_id, 0) <= 1:
            warnings.append(
                Text(
                    "{o}只有一个节点，它停止时任何交易都无法完成。",
                    "{o} has a single peer; when it stops no transaction can be completed.",
                    o=title,
                )
            )
    if any(len(option.msp_ids) == 1 for option in options):
        warnings.append(Text("单独一个组织就能满足这条策略。", "One organisation alone can satisfy this policy."))
    return tuple(warnings)
