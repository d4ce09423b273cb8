"""Definitions that follow the members: who joins gets its collections, and endorses where its kind does.

The definition in force stays in everything else, and a policy that somebody chose themselves stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Text, Unavailable
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.definitions import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baas.applications import ContractTemplate
    from baas.platform import Platform
    from baas.services.lifecycle_model import Definition
    from network.topology import TopologySpec


@dataclass(frozen=True)
class Following:
    """A contract whose definition lags behind the members: what is to be deployed, and what that changes in words."""

    contract: str
    version: str
    policy: str
    collections: tuple[Mapping[str, Any], ...]
    words: Text


def behind(platform: Platform, network: str = "") -> tuple[Following, ...]:
    """The contracts whose definitions in force lack what members that have joined since should have.

    What cannot be asked now is left out: whoever brings a network up must not fail over this.
    """
    network = platform.networks.resolve(network)
    spec = platform.networks.spec(network)
    found = []
    for template in platform.contracts.templates():
        try:
            current = platform.contracts.committed(network, template.name)
        except Unavailable:
            continue  # no peer answers now; the next look finds it
        if current is not None and (one := _following(template, spec, current)) is not None:
            found.append(one)
    return tuple(found)


def follow(platform: Platform, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> tuple[Text, ...]:
    """Bring definitions after their members, as far as this workspace's administrators are enough; say what was done.

    Where others must approve first that is said, and the definition waits like any other.
    """
    said = []
    for one in behind(platform, network):
        try:
            platform.contracts.deploy(
                network, one.contract, version=one.version, policy=one.policy, collections=one.collections, ctx=ctx
            )
            said.append(one.words)
        except CityChainError as error:
            if error.code not in {"not_approved", "no_administrator"}:
                raise
            why = error.message if isinstance(error.message, Text) else Text("{e}", "{e}", e=str(error))
            said.append(Text("{w}；等待批准：{e}", "{w}; waiting: {e}", w=one.words, e=why))
    return tuple(said)


def _following(template: ContractTemplate, spec: TopologySpec, current: Definition) -> Following | None:
    present = {str(one["name"]) for one in current.collections}
    # What the application has whoever takes part comes with its new version, which somebody decides on.
    anyway = {str(one["name"]) for one in template.collections(list(_before(spec))[-1])}
    new = [one for one in template.collections(spec) if str(one["name"]) not in present | anyway]
    policy = template.endorsement_policy(spec) if _is_templates(template, spec, current) else current.endorsement_policy
    policy = canonical(replace(current, endorsement_policy=policy)).endorsement_policy
    if not new and policy == current.endorsement_policy:
        return None
    names = ", ".join(str(one["name"]) for one in new)
    words = Text("合约 {c} 的新定义", "New definition of {c}", c=template.name)
    if new:
        words = Text("{w}，加入集合 {n}", "{w} with the collections {n}", w=words, n=names)
    if policy != current.endorsement_policy:
        words = Text("{w}，背书策略改为 {p}", "{w}, endorsed by {p}", w=words, p=policy)
    return Following(template.name, current.version, policy, (*current.collections, *new), words)


def _is_templates(template: ContractTemplate, spec: TopologySpec, current: Definition) -> bool:
    """Whether the policy in force is the application's own, for the members of now or of any time before."""
    policies = (template.endorsement_policy(one) for one in _before(spec))
    return any(
        canonical(replace(current, endorsement_policy=p)).endorsement_policy == current.endorsement_policy
        for p in policies
    )


def _before(spec: TopologySpec) -> Iterator[TopologySpec]:
    """The topology as it is and as it was: whoever joins stands behind those who were there."""
    for count in range(len(spec.organizations), 0, -1):
        members = spec.organizations[:count]
        if any(one.peers for one in members):
            yield replace(spec, organizations=members)
