"""Contracts on channels: deploy and upgrade, the lifecycle board, policies in words, direct calls.

Deploying is the same on every runtime: package -> install on each peer -> make the contract reachable -> approve for
each organisation -> commit -> wait until it endorses. Every step asks first what is there, so a deploy that was
interrupted is finished by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.applications import Applications, ContractTemplate
from baas.errors import CityChainError, LedgerError, NotFound, Text, UserError, translating
from baas.events import ContractChanged, EventBus
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.definition_checks import check_names, check_signers
from baas.services.definitions import canonical, from_fabric
from baas.services.deploying import Deploying, Wanted
from baas.services.lifecycle_board import board_row, foreign_row, make_board, with_foreign_approvals, with_told
from baas.services.lifecycle_model import (
    Definition,
    DeployedContract,
    InvokeResult,
    LifecycleBoard,
    PolicyExplanation,
)
from baas.services.lifecycle_steps import METADATA, LifecycleSteps, members
from baas.services.node_roles import require_node_roles
from baas.services.own_contracts import OwnContract, OwnContracts
from baas.services.peers import any_peer, holds_admin
from baas.services.policies import explain_policy
from baas.session import Session
from fabric_sdk.chaincode.intent import submits

if TYPE_CHECKING:
    from pathlib import Path

    from baas.services.approval_history import ApprovalHistory
    from baas.services.approvals import ApprovalRequest
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService
    from baas.services.recordings import Recording, Replay


class ContractService:
    """Deploys, explains and calls contracts."""

    def __init__(
        self,
        networks: NetworkService,
        chain: ChainReader,
        applications: Applications,
        session: Session,
        events: EventBus,
        approvals: ApprovalHistory,
    ) -> None:
        self._networks = networks
        self._chain = chain
        self._applications = applications
        self._session = session
        self._events = events
        self._steps = LifecycleSteps(networks)
        self._own = OwnContracts(networks, applications)
        self._deploying = Deploying(networks, self._steps, self._own, session, events)
        self._approvals = approvals

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
        with any_peer(self._networks.handle(network), channel) as peer, translating():
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

        Organisations whose administrator is not in this workspace install and approve for themselves; until enough
        have, `LedgerError` says so and a later call goes on. What is not given comes from the application's template.
        `changed` of the result is False when everything already was as wanted. `sequence`, when given, must be the
        next one (or the present one, unchanged).
        """
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        wanted = Wanted(name, version, sequence, policy, collections)
        return self._deploying.deploy(network, wanted, channel, ctx)

    @requires(roles.CONTRACT_CHANGE)
    def deploy_own(
        self,
        network: str,
        own: OwnContract,
        *,
        policy: str | None = None,
        collections: Sequence[Mapping[str, Any]] | None = None,
        channel: str = "",
        ctx: JobContext = NULL_CONTEXT,
    ) -> DeployedContract:
        """Put a contract of one's own in force: a Python folder, a package, or a service at an address.

        A service has to run first, registered with the package's id (`own_package_id`); until it answers nothing is
        approved. `Conflict` for a shipped contract's name, and for other content under the version in force.
        """
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        check_names(Definition(own.name, own.version, 1, ""))
        current = self.committed(network, own.name, channel)
        ctx.step("package", Text("打包合约 {c} {v}", "Package {c} {v}", c=own.name, v=own.version))
        self._own.record(network, own, current.version if current else "")
        if policy is None and current is not None:
            policy = current.endorsement_policy
        if collections is None and current is not None:
            collections = current.collections
        wanted = Wanted(own.name, own.version, None, policy, collections)
        return self._deploying.deploy(network, wanted, channel, ctx)

    @requires(roles.CONTRACT_READ)
    def own(self, network: str = "") -> dict[str, OwnContract]:
        """The contracts of their own that were packaged in this workspace for a network, by name."""
        return self._own.all(self._networks.resolve(network))

    @requires(roles.CONTRACT_READ)
    def own_package_id(self, network: str, own: OwnContract) -> str:
        """The id with which a service at `own.address` (or of a given package) has to register."""
        from fabric_sdk.chaincode.package import package_id

        check_names(Definition(own.name, own.version, 1, ""))
        return package_id(self._own.made(self._networks.resolve(network), own))

    def build_package(self, network: str, name: str, version: str | None = None) -> tuple[str, bytes]:
        """The package id and bytes of a contract for this network (deterministic)."""
        return self._deploying.build_package(self._networks.resolve(network), name, version)

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
            self._steps.install(handle, node, package)
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
        handle = self._networks.handle(network)
        check_names(definition)
        require_node_roles(handle, channel, definition)
        check_signers(handle, channel, definition)
        with translating():
            self._steps.approve(handle, channel, msp_id, canonical(definition), package_id)
        self._events.publish(ContractChanged(network, channel, definition.name, "approved"))

    @requires(roles.CONTRACT_CHANGE)
    def commit(
        self, network: str, definition: Definition, *, channel: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> None:
        """Put an approved definition in force."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        check_names(definition)
        check_signers(self._networks.handle(network), channel, definition)
        self._steps.commit(self._networks.handle(network), channel, canonical(definition), ctx)
        self._events.publish(ContractChanged(network, channel, definition.name, "committed"))

    # -- approvals of others -----------------------------------------------------------------------
    @requires(roles.CONTRACT_READ)
    def approval_request(self, network: str, name: str, target: Path, channel: str = "") -> ApprovalRequest:
        """Write the definition that is being agreed on, with its package, for an organisation elsewhere to approve."""
        from baas.services.approvals import ApprovalRequest, package_bytes, write_request

        board = self.board(network, name, channel)
        if board.pending is None:
            raise NotFound(Text("合约 {c} 没有待生效的定义。", "No definition of {c} is being agreed on.", c=name))
        handle = self._networks.handle(board.network)
        package_id = next((row.package_id for row in board.rows if row.approved and row.package_id), "")
        held = self._steps.held(handle, board.channel)
        data = package_bytes(handle, board.channel, package_id, held) if package_id else b""
        request = ApprovalRequest(board.channel, board.pending, package_id, data)
        write_request(request, target)
        return request

    @requires(roles.CONTRACT_READ)
    def look_at_request(self, network: str, source: Path) -> tuple[ApprovalRequest, LifecycleBoard]:
        """What a request file asks for, and who has approved just that; `Conflict` when it comes too late."""
        from baas.services.approvals import check_sequence, read_request

        request = read_request(source)
        board = self.board(network, request.definition.name, request.channel, request.definition)
        check_sequence(request, board.committed)
        return request, board

    @requires(roles.CONTRACT_CHANGE)
    def approve_request(
        self, network: str, source: Path, *, msp_id: str, package_id: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> ApprovalRequest:
        """Approve what a request file asks for in the name of `msp_id`; its package is installed on its peers first.

        With `package_id` only that package is approved: whoever was told another one than the file holds is not fooled.
        """
        from baas.services.approvals import check_package, check_sequence, read_request

        request = read_request(source)
        check_package(request, package_id)
        self._session.require(roles.CONTRACT_CHANGE, msp_id)
        network = self._networks.resolve(network)
        self._chain.channel(network, request.channel)
        check_sequence(request, self.committed(network, request.definition.name, request.channel))
        if request.package:
            self.install(network, request.package, msp_id=msp_id, channel=request.channel, ctx=ctx)
            self._serve_here(network, request, ctx)
        ctx.step("approve", Text("批准 {c}", "Approve {c}", c=request.definition.name))
        self.approve(network, request.definition, msp_id=msp_id, package_id=request.package_id, channel=request.channel)
        return request

    def _serve_here(self, network: str, request: ApprovalRequest, ctx: JobContext) -> None:
        """Serve a contract that every peer's own machine serves, when this machine has peers and the contract."""
        from fabric_sdk.chaincode.package import read_package
        from network.drivers.base import PER_PEER

        package = read_package(request.package)
        handle = self._networks.handle(network)
        if not package.address.startswith(PER_PEER) or handle.runtime == "attached":
            return
        name, version = request.definition.name, request.definition.version
        template = self._own.adopt(network, name, version, request.package)
        if template is None:
            template = self._own.template(network, name, version)
        self._steps.serve(handle, request.channel, template, request.definition, request.package_id, ctx, package)

    @requires(roles.CONTRACT_CHANGE)
    def reload(self, network: str, name: str) -> None:
        """Let the embedded ledger run the contract's sources as they are now (development); nothing is agreed on."""
        from baas.services.contract_sources import reload_contract

        network = self._networks.resolve(network)
        reload_contract(self._networks, network, self._own.refresh(network, name) or name)
        self._events.publish(ContractChanged(network, self._chain.channel(network, ""), name, "reloaded"))

    # -- the board ---------------------------------------------------------------------------------
    @requires(roles.CONTRACT_READ)
    def board(self, network: str, name: str, channel: str = "", proposed: Definition | None = None) -> LifecycleBoard:
        """Organisations x install, approve, commit. A peer that does not answer is shown as such, not an error.

        An organisation that has approved nothing yet learns who has by the definition that it was sent (`proposed`).
        """
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        handle = self._networks.handle(network)
        committed = self.committed(network, name, channel)
        held = [m for m in members(handle, channel) if holds_admin(handle, m)]
        rows = [
            board_row(handle, channel, m, name) if m in held else foreign_row(handle, m)
            for m in members(handle, channel)
        ]
        if len(held) < len(rows):
            rows = with_told(rows, self._approvals.last(network, channel, name))
        board = make_board(network, channel, name, committed, rows, proposed)
        if board.pending is None or len(held) == len(rows) or not held:
            return board
        readiness = self._steps.readiness(handle, channel, held[0], board.pending)
        return with_foreign_approvals(board, readiness.approvals)

    @requires(roles.CONTRACT_READ)
    def explain(self, network: str, policy: str, channel: str = "") -> PolicyExplanation:
        """A policy in plain words, the sets of organisations that satisfy it, and whether they can now.

        `policy` is Fabric's text form, or the path of a channel policy. `UserError` when it cannot be read.
        """
        network = self._networks.resolve(network)
        return explain_policy(self._networks, self._chain, network, self._chain.channel(network, channel), policy)

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

        queries = self._queries(network, name, channel)
        with translating():
            contract = self._networks.connect(network, identity, channel).get_contract(name, queries=queries)
            self._session.note(f"{name}:{function}", self._networks.party(network, identity))
            submitted = contract.submit_async(
                function, *arguments, transient=transient or {}, endorsing_organizations=endorsers
            )
            status = submitted.status()
            if not status.successful:
                raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
            return InvokeResult(submitted.result, "invoke", submitted.transaction_id, status.block_number)

    def _queries(self, network: str, name: str, channel: str) -> frozenset[str]:
        """The functions that a contract says only answer: submitted, their answers would stand in blocks for ever."""
        try:
            described = self.metadata(network, name, channel)
        except CityChainError:
            return frozenset()
        found = set()
        for contract in (described.get("contracts") or {}).values() if isinstance(described, dict) else ():
            for function in contract.get("transactions", ()) if isinstance(contract, dict) else ():
                if isinstance(function, dict) and not submits(function):
                    found.add(str(function.get("name", "")))
        return frozenset(found)

    @requires(roles.CONTRACT_INVOKE)
    def replay(
        self, recording: Recording, network: str = "", *, identity: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> Replay:
        """Make a recording's calls again on `network` and compare the answers; see `baas.services.recordings`."""
        from baas.services.recordings import replay

        network = self._networks.resolve(network)
        here = self._networks.handle(network).identities()
        return replay(self, recording, network, identity=identity, identities=here, ctx=ctx)
