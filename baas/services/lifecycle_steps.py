"""The single steps of Fabric's chaincode lifecycle, on every peer and for every organisation of a channel.

Every step asks first what is there and may be repeated after any interruption.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, DeadlineExceeded, LedgerError, NotFound, Text, Unavailable, translate
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.contract_probe import await_service
from baas.services.definitions import differences, from_fabric, to_fabric
from baas.services.lifecycle_model import Definition
from baas.services.peers import holds_admin, running_peer

if TYPE_CHECKING:
    from baas.applications import ContractTemplate
    from baas.services.networks import NetworkService
    from fabric_sdk.admin.lifecycle import Readiness
    from fabric_sdk.chaincode.package import Package
    from network.handle import NetworkHandle
    from network.topology import NodeRef

METADATA = "org.hyperledger.fabric:GetMetadata"
READY_SECONDS = 60.0
SETTLE_SECONDS = 20.0


def members(handle: NetworkHandle, channel: str) -> tuple[str, ...]:
    """The channel's organisations that have peers, by MSP id."""
    return tuple(dict.fromkeys(node.organization.msp_id for node in handle.channel_peers(channel)))


class LifecycleSteps:
    """Install, serve, approve, commit, wait: as the administrators whose keys the workspace holds."""

    def __init__(self, networks: NetworkService) -> None:
        self._networks = networks

    def held(self, handle: NetworkHandle, channel: str) -> tuple[str, ...]:
        """The channel's organisations whose administrator this workspace has; `NotFound` when there is none."""
        found = tuple(m for m in members(handle, channel) if holds_admin(handle, m))
        if not found:
            raise NotFound(
                Text("本工作区没有任何组织的管理员身份。", "This workspace has no organisation's administrator."),
                Text("请以管理员身份接入网络。", "Attach the network with an administrator's identity."),
                code="no_administrator",
            )
        return found

    def provide(
        self,
        handle: NetworkHandle,
        channel: str,
        template: ContractTemplate,
        wanted: Definition,
        package: tuple[str, bytes],
        ctx: JobContext,
    ) -> None:
        """Install the package (id, bytes) on every peer of the channel and make the contract reachable for them."""
        from fabric_sdk.chaincode.package import read_package

        package_id, data = package
        held = self.held(handle, channel)
        peers = [node for node in handle.channel_peers(channel) if node.organization.msp_id in held]
        ctx.step("install", Text("在 {n} 个节点上安装", "Install on {n} peers", n=len(peers)))
        _in_parallel([(lambda node=node: self.install(handle, node, data)) for node in peers], ctx)
        foreign = None if template.module else read_package(data)
        self.serve(handle, channel, template, wanted, package_id, ctx, foreign)

    def serve(
        self,
        handle: NetworkHandle,
        channel: str,
        template: ContractTemplate,
        wanted: Definition,
        package_id: str,
        ctx: JobContext,
        foreign: Package | None = None,
    ) -> None:
        """Make the contract reachable for this machine's peers; `foreign` is its package when it was made elsewhere.

        A contract that somebody else's service runs is only asked whether it is there.
        """
        from network.drivers.base import ContractService as Served

        if not template.module:
            await_service(handle, package_id, foreign.address if foreign else "", ctx)
            return
        ctx.step("serve", Text("启动合约服务", "Start the contract's service"))
        label = f"{wanted.name}_{wanted.version}"
        address = foreign.address if foreign else ""
        tls = bool(foreign and foreign.connection.get("tls_required"))
        served = Served(wanted.name, wanted.version, label, package_id, template.module, channel, address, tls)
        self._networks.driver(handle.name).serve_contract(served, ctx)

    def install(self, handle: NetworkHandle, node: NodeRef, package: bytes) -> None:
        """Install a package on one peer; harmless when it is there."""
        from fabric_sdk.admin import Lifecycle, PeerConnection

        admin = handle.admin(node.organization.msp_id)
        with at_peer(node), PeerConnection(handle.node_endpoint(node), admin) as peer:
            Lifecycle(peer).install(package)

    def agree(
        self,
        handle: NetworkHandle,
        channel: str,
        wanted: Definition,
        package_id: str,
        ctx: JobContext,
    ) -> None:
        """Have every organisation approve that has not approved just this with this package."""
        organizations = self.held(handle, channel)
        title = Text("{n} 个组织批准定义", "{n} organisations approve", n=len(organizations))
        ctx.step("approve", title)
        _in_parallel(
            [
                (lambda msp_id=msp_id: self.approve(handle, channel, msp_id, wanted, package_id))
                for msp_id in organizations
            ],
            ctx,
        )

    def approve(self, handle: NetworkHandle, channel: str, msp_id: str, wanted: Definition, package_id: str) -> None:
        """Approve for one organisation unless it has approved just this with this package."""
        from fabric_sdk.admin import Lifecycle, PeerConnection

        node = running_peer(handle, msp_id)
        with at_peer(node), PeerConnection(handle.node_endpoint(node), handle.admin(msp_id)) as peer:
            lifecycle = Lifecycle(peer)
            found = lifecycle.query_approved(channel, wanted.name, wanted.sequence)
            same = found is not None and not differences(from_fabric(found.definition), wanted)
            if found is not None and same and found.package_id == package_id:
                return
            _patiently(lambda: lifecycle.approve(channel, to_fabric(wanted), package_id))

    def readiness(self, handle: NetworkHandle, channel: str, msp_id: str, wanted: Definition) -> Readiness:
        """Who has approved just this definition, as a peer of `msp_id` knows it."""
        from fabric_sdk.admin import Lifecycle, PeerConnection

        node = running_peer(handle, msp_id)
        with at_peer(node), PeerConnection(handle.node_endpoint(node), handle.admin(msp_id)) as peer:
            return Lifecycle(peer).check_commit_readiness(channel, to_fabric(wanted))

    def commit(self, handle: NetworkHandle, channel: str, wanted: Definition, ctx: JobContext) -> None:
        """Put the definition in force once enough organisations have approved it."""
        from fabric_sdk.admin import Lifecycle, PeerConnection

        ctx.step("commit", Text("提交定义，序号 {s}", "Commit the definition, sequence {s}", s=wanted.sequence))
        ctx.check_cancelled()
        held, deciding = self.held(handle, channel), members(handle, channel)
        msp_id = held[0]
        # An approval made here reaches the other peers with their next block; others' may take days.
        patience = READY_SECONDS if len(held) == len(deciding) else 5.0
        node = running_peer(handle, msp_id)
        with at_peer(node), PeerConnection(handle.node_endpoint(node), handle.admin(msp_id)) as peer:
            lifecycle = Lifecycle(peer)
            deadline = time.monotonic() + patience
            while True:
                ready = lifecycle.check_commit_readiness(channel, to_fabric(wanted)).approvals
                # Who has no peers (the public) approves nothing and is in no majority.
                lacking = [m for m in deciding if not ready.get(m)]
                if 2 * len(lacking) < len(deciding):
                    break
                if time.monotonic() > deadline:
                    missing = ", ".join(lacking)
                    raise LedgerError(
                        Text(
                            "批准的组织不够，还缺：{m}。",
                            "Too few organisations have approved; missing: {m}.",
                            m=missing,
                        ),
                        Text("请等它们批准后再次部署。", "Deploy again once they have."),
                        stage="config",
                        code="not_approved",
                        details={"missing": missing},
                    )
                ctx.check_cancelled()
                time.sleep(0.1)
            _patiently(lambda: lifecycle.commit(channel, to_fabric(wanted)), ctx)

    def wait_ready(self, network: str, channel: str, name: str, ctx: JobContext) -> None:
        """Wait until the Gateway can collect the policy's endorsements (on Fabric gossip must learn the contract)."""
        contract = self._networks.connect(network, channel=channel).get_contract(name)
        deadline = time.monotonic() + READY_SECONDS
        pause = 0.05
        while True:
            try:
                contract.new_proposal(METADATA).endorse()
                return
            except Exception as error:
                refused = translate(error)
                if "contract_message" in refused.details:
                    return  # a contract that describes nothing, such as one on the bare shim, answers by refusing
                if time.monotonic() > deadline:
                    raise DeadlineExceeded(
                        Text(
                            "合约 {c} 部署后一直不能背书：{t}",
                            "{c} is deployed but does not endorse: {t}",
                            c=name,
                            t=refused.message,
                        ),
                        Text("请查看节点与合约服务的日志。", "See the logs of the peers and the contract's service."),
                        details={"last": str(refused.message)},
                    ) from error
                ctx.check_cancelled()
                time.sleep(pause)
                pause = min(pause * 1.5, 1.0)


def _in_parallel(works: Sequence[Any], ctx: JobContext) -> None:
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


class at_peer:
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


def _patiently(submit: Callable[[], object], ctx: JobContext = NULL_CONTEXT) -> None:
    """Submit a lifecycle transaction on a network that may have come up this instant.

    Until gossip has told the peers of each other, the Gateway answers FAILED_PRECONDITION; until the orderers have
    elected a leader, UNAVAILABLE. Both pass by themselves.
    """
    from fabric_sdk.errors import EndorseError, SubmitError

    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            submit()
            return
        except (EndorseError, SubmitError) as error:
            passing = error.code == "FAILED_PRECONDITION" or (
                isinstance(error, SubmitError) and error.code == "UNAVAILABLE"
            )
            if not passing or time.monotonic() > deadline:
                raise
        ctx.check_cancelled()
        time.sleep(0.2)
