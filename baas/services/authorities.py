"""Organisations' authorities: a new key for the one that certifies people and nodes, or the one of TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas import roles
from baas.errors import NotFound, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.handle import NetworkHandle
    from network.plan import PlanResult
    from network.succession import Kind
    from network.topology import TopologySpec


class AuthorityService:
    """Authorities of the organisations of this workspace's networks."""

    def __init__(self, networks: NetworkService, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_CHANGE)
    def succeed(
        self, msp_id: str, network: str = "", *, kind: Kind = "ca", ctx: JobContext = NULL_CONTEXT
    ) -> PlanResult:
        """Give an organisation's authority (`kind`) a new key: both roots in every channel, then the new one issues.

        Of TLS (`tlsca`): nodes get certificates of the new one, one after the other, and with the last of the old ones
        its root leaves the channels; who knows the old root alone still reaches the nodes until that ends.
        Of enrolment (`ca`): nodes, administrators and people whose keys are here get certificates of the new one; those
        of the old one stay good until they end, and with the last of them the old root leaves the channels (by any
        later `network renew`, `up` or `start`).

        `Unavailable` (`signatures_missing`) where others must sign first: what was begun goes on afterwards. `Conflict`
        (`authority_elsewhere`) where its keys are kept by the organisation itself.
        """
        from network.mending import request_successor
        from network.plan import locked

        network, spec, handle = self._asked(msp_id, network)
        with translating(), locked(handle.directory):
            request_successor(handle.directory, spec, handle.vault, msp_id, kind)
        result = self._networks.bring_up(spec, ctx=ctx)
        self._networks.disconnect(network)
        self._events.publish(NetworkChanged(network, "renewed"))
        return result

    @requires(roles.NETWORK_READ)
    def succession_plan(self, msp_id: str, network: str = "", kind: Kind = "ca") -> tuple[Text, ...]:
        """What `succeed` would do now, or what of an interrupted one is left, in order; changes nothing."""
        from network.mending import succession_steps

        network, spec, handle = self._asked(msp_id, network)
        with translating():
            return tuple(succession_steps(handle.directory, spec, handle.vault, msp_id, kind))

    def _asked(self, msp_id: str, network: str) -> tuple[str, TopologySpec, NetworkHandle]:
        """The network whose authority is meant; refused where it cannot have a new key from here."""
        network = self._networks.resolve(network)
        spec, handle = self._networks.spec(network), self._networks.handle(network)
        if spec.runtime == "attached":
            raise UserError(
                Text("接入的网络由其管理方更换 CA。", "An attached network's authorities are its owner's affair.")
            )
        if msp_id not in {one.msp_id for one in spec.organizations}:
            raise NotFound(
                Text("网络中没有组织 {m}。", "The network has no organisation {m}.", m=msp_id), code="no_organization"
            )
        return network, spec, handle
