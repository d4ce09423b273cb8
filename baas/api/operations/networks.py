"""Networks: which there are, how they are, starting and stopping them; identities and contracts in them."""

from __future__ import annotations

from typing import Any

from baas import roles
from baas.api import answers
from baas.api.declaration import LIMIT, Call, operation
from baas.api.operations.jobs import begin
from baas.api.schema import record, text
from baas.api.shapes import Moment, Page
from baas.errors import Text
from baas.services.network_reading import NetworkSummary

AFTER = {"after": text(most=400, about=Text("上一页最后一项", "The last item of the page before"))}
NODE = record({}, {"node": text(most=120, pattern="^[A-Za-z0-9][A-Za-z0-9.-]*$",
                                about=Text("只针对这个节点", "This node only"))})  # fmt: skip


@operation("GET", "/networks", "networks.read", Text("列出网络", "List networks"),
           answer=Page[answers.Network], query={**LIMIT, **AFTER})  # fmt: skip
def list_networks(call: Call) -> Page[answers.Network]:
    """Networks by name, of a token for one network that one."""
    found = [one for one in call.platform.networks.list() if call.token.network in ("", one.name)]
    return by_name(call, [_network(one) for one in found], lambda one: str(one.name))


@operation("GET", "/networks/{network}", "networks.read", Text("网络及其节点的现况", "A network and its nodes now"),
           answer=answers.NetworkState)  # fmt: skip
def get_network(call: Call) -> answers.NetworkState:
    """A network with the state of each node."""
    networks = call.platform.networks
    name = networks.resolve(call.network)
    status = networks.status(name)
    nodes = tuple(answers.Node(one.name, one.kind, one.msp_id, one.state, dict(one.heights)) for one in status.nodes)
    summary = next(one for one in networks.list() if one.name == name)
    return answers.NetworkState(_network(summary), status.state, nodes)


@operation("POST", "/networks/{network}/start", "networks.operate",
           Text("启动网络或一个节点", "Start a network or one node"),
           answer=answers.Job, status=202, body=NODE, permission=roles.NETWORK_CHANGE)  # fmt: skip
def start_network(call: Call) -> answers.Job:
    """Start a network, as a job."""
    return _run(call, call.platform.networks.start, Text("启动 {n}", "Start {n}", n=call.network))


@operation("POST", "/networks/{network}/stop", "networks.operate",
           Text("停止网络或一个节点", "Stop a network or one node"),
           answer=answers.Job, status=202, body=NODE, permission=roles.NETWORK_CHANGE)  # fmt: skip
def stop_network(call: Call) -> answers.Job:
    """Stop a network, as a job."""
    return _run(call, call.platform.networks.stop, Text("停止 {n}", "Stop {n}", n=call.network))


@operation("GET", "/networks/{network}/identities", "identities.read",
           Text("列出身份和证书期限", "List identities and when their certificates end"),
           answer=Page[answers.Identity], query={**LIMIT, **AFTER})  # fmt: skip
def list_identities(call: Call) -> Page[answers.Identity]:
    """Identities by label."""
    network = call.platform.networks.resolve(call.network)
    rows = [
        answers.Identity(
            one.label,
            one.party,
            one.msp_id,
            one.kind,
            tuple(sorted(str(role) for role in one.roles)),
            one.fingerprint,
            one.state,
            Moment(one.not_before.timestamp()),
            Moment(one.not_after.timestamp()),
        )
        for one in call.platform.identities.list(network)
    ]
    return by_name(call, rows, lambda one: f"{one.label} {one.fingerprint}")


@operation("GET", "/networks/{network}/channels/{channel}/contracts", "networks.read",
           Text("列出通道上的合约", "List a channel's contracts"),
           answer=Page[answers.Contract], query={**LIMIT, **AFTER})  # fmt: skip
def list_contracts(call: Call) -> Page[answers.Contract]:
    """Contracts that are committed on a channel, by name."""
    network = call.platform.networks.resolve(call.network)
    channel = call.platform.chain.channel(network, call.path["channel"])
    rows = [
        answers.Contract(one.name, one.version, one.sequence, one.endorsement_policy)
        for one in call.platform.contracts.list(network, channel)
    ]
    return by_name(call, rows, lambda one: str(one.name))


def by_name(call: Call, rows: list[Any], name: Any) -> Page[Any]:
    """A page of rows in the order of their names, those after `after`."""
    after, limit = call.query["after"], call.query["limit"]
    rest = [one for one in sorted(rows, key=name) if after is None or name(one) > after]
    return call.page(rest[:limit], {"after": name(rest[limit - 1])} if len(rest) > limit else None)


def _network(one: NetworkSummary) -> answers.Network:
    return answers.Network(
        one.name, one.title, one.runtime, one.phase, one.organizations, one.channels, one.default, one.branch
    )


def _run(call: Call, act: Any, title: Text) -> answers.Job:
    network = call.platform.networks.resolve(call.network)
    node = call.body.get("node")
    if node is not None:
        call.platform.networks.spec(network).node(node)
    return begin(call, act, network, node, title=title, queue=f"network:{network}")
