"""Deploying: package, install, serve, approve, commit, wait until it endorses; every step asks what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import DeadlineExceeded, LedgerError, Text, UserError, translating
from baas.events import ContractChanged, EventBus
from baas.jobs import JobContext
from baas.services.definition_checks import check_names, check_signers
from baas.services.definitions import canonical, committed_definition, differences
from baas.services.endorsers import wait_for_endorsers
from baas.services.lifecycle_model import Definition, DeployedContract
from baas.services.node_roles import require_node_roles

if TYPE_CHECKING:
    from baas.applications import ContractTemplate
    from baas.services.lifecycle_steps import LifecycleSteps
    from baas.services.networks import NetworkService
    from baas.services.own_contracts import OwnContracts
    from baas.session import Session
    from network.handle import NetworkHandle


@dataclass(frozen=True)
class Wanted:
    """What somebody wants in force; None is what the contract's template (or the next sequence) says."""

    name: str
    version: str | None = None
    sequence: int | None = None
    policy: str | None = None
    collections: Sequence[Mapping[str, Any]] | None = None


class Deploying:
    """Brings contracts to what is wanted of them."""

    def __init__(
        self, networks: NetworkService, steps: LifecycleSteps, own: OwnContracts, session: Session, events: EventBus
    ) -> None:
        self._networks = networks
        self._steps = steps
        self._own = own
        self._session = session
        self._events = events

    def deploy(self, network: str, asked: Wanted, channel: str, ctx: JobContext) -> DeployedContract:
        """See `ContractService.deploy`; `network` and `channel` are resolved."""
        name = asked.name
        handle = self._networks.handle(network)
        for msp_id in self._steps.held(handle, channel):
            self._session.require(roles.CONTRACT_CHANGE, msp_id)
        template = self._own.template(network, name, asked.version or "")
        current = committed_definition(self._networks, network, channel, name)
        wanted = self._definition(handle, template, asked, current)
        changed = current is None or bool(differences(current, wanted))
        if current is not None and not changed:
            wanted = current
        if asked.sequence is not None and asked.sequence != wanted.sequence:
            raise UserError(
                Text(
                    "序号应为 {want}，不是 {got}。",
                    "The sequence must be {want}, not {got}.",
                    want=wanted.sequence,
                    got=asked.sequence,
                ),
                code="wrong_sequence",
            )
        require_node_roles(handle, channel, wanted)
        if changed:
            check_signers(handle, channel, wanted)
        ctx.step("package", Text("打包合约 {c} {v}", "Package {c} {v}", c=name, v=wanted.version))
        package = self.build_package(network, name, wanted.version)
        self._steps.provide(handle, channel, template, wanted, package, ctx)
        self._steps.agree(handle, channel, wanted, package[0], ctx)
        if changed:
            self._steps.commit(handle, channel, wanted, ctx)
        ctx.step("ready", Text("等待合约 {c} 可以背书", "Wait until {c} endorses", c=name))
        self._steps.wait_ready(network, channel, name, ctx)
        late = None
        try:
            wait_for_endorsers(handle, channel, wanted, self._steps.held(handle, channel), ctx)
        except DeadlineExceeded as error:
            late = error  # it is in force all the same: what belongs to a deployment is done, and then it is said
        self._tell_first(handle, channel, template, ctx)
        if changed:
            self._events.publish(ContractChanged(network, channel, name, "committed"))
        if late is not None:
            raise late
        return DeployedContract(network, channel, wanted, package[0], changed)

    def _definition(
        self, handle: NetworkHandle, template: ContractTemplate, asked: Wanted, current: Definition | None
    ) -> Definition:
        given = asked.collections if asked.collections is not None else template.collections(handle.spec)
        wanted = Definition(
            name=asked.name,
            version=asked.version or template.version,
            sequence=(current.sequence if current else 0) + 1,
            endorsement_policy=asked.policy if asked.policy is not None else template.endorsement_policy(handle.spec),
            collections=tuple(dict(c) for c in given),
        )
        check_names(wanted)
        return canonical(wanted)

    def build_package(self, network: str, name: str, version: str | None = None) -> tuple[str, bytes]:
        """The package id and bytes of a contract for this network (deterministic)."""
        from fabric_sdk.chaincode.package import build_package, package_id

        template = self._own.template(network, name, version or "")
        wanted = version or template.version
        own = self._own.package(network, name, wanted)
        if own is not None:
            return package_id(own), own
        driver = self._networks.driver(network)
        address = driver.contract_address(name, wanted)
        try:
            package = build_package(f"{name}_{wanted}", address, tls=driver.contract_tls(name, wanted))
        except ValueError as error:
            raise UserError(
                Text("不能打包：{t}", "Cannot be packaged: {t}", t=str(error)), code="bad_package"
            ) from error
        return package_id(package), package

    def _tell_first(self, handle: NetworkHandle, channel: str, template: ContractTemplate, ctx: JobContext) -> None:
        """Make the application's first call, where its administrator is here and nobody has made it."""
        call = template.first_call(handle.spec) if template.first_call else None
        if call is None or self._session.actor.msp_id not in ("", call.msp_id):
            return
        label = handle.administrator(call.msp_id)
        if label is None:
            return
        contract = self._networks.connect(handle.name, label, channel).get_contract(template.name)
        try:
            with translating():
                contract.evaluate(call.question)
        except LedgerError:
            ctx.step("first", Text("初始设置合约 {c}", "Set {c} up", c=template.name))
            with translating():
                contract.submit(call.function, *call.arguments)
