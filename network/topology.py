"""What a network should look like: organisations, nodes, channels, consensus; nothing about where it runs.

A `TopologySpec` is read from YAML or JSON (`load_spec`) or from a built-in template (`templates`, `template`). Every
rule that a later step relies on is checked here, so that a broken file gives one sentence naming the place and nothing
has been made yet. Names become file and host names, so they are held to a narrow alphabet.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from network.errors import NotFound
from network.spec_reader import SpecReader, parse_document, read_document
from network.text import Text

Runtime = Literal["embedded", "native", "docker", "attached"]
Consensus = Literal["raft", "bft"]
StateDatabase = Literal["leveldb", "couchdb"]
NodeKind = Literal["peer", "orderer"]

RUNTIMES: tuple[Runtime, ...] = ("embedded", "native", "docker", "attached")
FABRIC_LTS = "2.5.16"
FABRIC_CURRENT = "3.1.5"
MAX_ORGANIZATIONS = 100
MAX_NODES_PER_ORGANIZATION = 50


@dataclass(frozen=True)
class PeerSpec:
    """A peer; `host` is the machine it runs on, empty for this one."""

    name: str
    state_database: StateDatabase = "leveldb"
    host: str = ""


@dataclass(frozen=True)
class OrdererSpec:
    """An ordering node; `host` is the machine it runs on, empty for this one."""

    name: str
    host: str = ""


@dataclass(frozen=True)
class OrganizationSpec:
    """One organisation; `name` is used for folders and config groups, `msp_id` on the ledger."""

    name: str
    msp_id: str
    title: Text
    domain: str
    peers: tuple[PeerSpec, ...] = ()
    orderers: tuple[OrdererSpec, ...] = ()

    def node_name(self, node: PeerSpec | OrdererSpec) -> str:
        """Return the node's full name, which is also its host name in certificates."""
        return f"{node.name}.{self.domain}"


@dataclass(frozen=True)
class BatchSpec:
    """When the ordering service cuts a block: message count, bytes, and milliseconds since the first message."""

    max_messages: int = 100
    absolute_max_bytes: int = 10 * 1024 * 1024
    preferred_max_bytes: int = 2 * 1024 * 1024
    timeout_ms: int = 200


@dataclass(frozen=True)
class ChannelPolicies:
    """The channel's application policies, as implicit-meta (`MAJORITY Endorsement`) or signature rules."""

    endorsement: str = "MAJORITY Endorsement"
    lifecycle_endorsement: str = "MAJORITY Endorsement"
    admins: str = "MAJORITY Admins"
    readers: str = "ANY Readers"
    writers: str = "ANY Writers"


@dataclass(frozen=True)
class ChannelSpec:
    """A channel and the names of the organisations whose peers join it."""

    name: str
    organizations: tuple[str, ...]
    batch: BatchSpec = field(default_factory=BatchSpec)
    policies: ChannelPolicies = field(default_factory=ChannelPolicies)


@dataclass(frozen=True)
class NodeRef:
    """One node of a spec with the organisation it belongs to."""

    kind: NodeKind
    organization: OrganizationSpec
    node: PeerSpec | OrdererSpec

    @property
    def name(self) -> str:
        return self.organization.node_name(self.node)

    @property
    def host(self) -> str:
        return self.node.host


@dataclass(frozen=True)
class TopologySpec:
    """A whole network. `fabric_version` is the Fabric release (native, docker); it decides the channels' capabilities.

    Unless `capabilities` names an older release: then the programs are newer already, and can go back to that one.
    """

    name: str
    title: Text
    runtime: Runtime
    fabric_version: str
    consensus: Consensus
    channels: tuple[ChannelSpec, ...]
    organizations: tuple[OrganizationSpec, ...]
    capabilities: str = ""

    @property
    def capabilities_of(self) -> str:
        """The release whose capabilities the channels have."""
        return self.capabilities or self.fabric_version

    @property
    def peer_msp_ids(self) -> tuple[str, ...]:
        """The MSP ids of the organisations that run peers: those that endorse, approve and decide."""
        return tuple(organization.msp_id for organization in self.organizations if organization.peers)

    @property
    def public_msp_id(self) -> str:
        """The MSP id of the public's organisation, whose people are strangers to every office; "" where there is none.

        It runs no peer: one that does endorses, and is an institution like the others.
        """
        return next((o.msp_id for o in self.organizations if o.msp_id.startswith("Public") and not o.peers), "")

    def organization(self, key: str) -> OrganizationSpec:
        """Return the organisation whose name or MSP id is `key`; `NotFound` otherwise."""
        for organization in self.organizations:
            if key in (organization.name, organization.msp_id):
                return organization
        raise NotFound(
            Text("网络“{n}”中没有机构“{k}”。", "Network {n} has no organisation {k}.", n=self.name, k=key),
            Text("可用：{o}。", "It has: {o}.", o=", ".join(o.msp_id for o in self.organizations)),
        )

    def channel(self, name: str) -> ChannelSpec:
        """Return the channel called `name`; `NotFound` otherwise."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise NotFound(Text("网络“{n}”中没有通道“{k}”。", "Network {n} has no channel {k}.", n=self.name, k=name))

    def peers(self) -> Iterator[NodeRef]:
        """Yield every peer, in the order of the spec."""
        for organization in self.organizations:
            for peer in organization.peers:
                yield NodeRef("peer", organization, peer)

    def orderers(self) -> Iterator[NodeRef]:
        """Yield every ordering node, in the order of the spec (a Raft or BFT consenter each)."""
        for organization in self.organizations:
            for orderer in organization.orderers:
                yield NodeRef("orderer", organization, orderer)

    def nodes(self) -> Iterator[NodeRef]:
        """Yield ordering nodes, then peers."""
        yield from self.orderers()
        yield from self.peers()

    def node(self, name: str) -> NodeRef:
        """Return the node by full name (or by short name when only one has it); `NotFound` otherwise."""
        nodes = list(self.nodes())
        found = [n for n in nodes if n.name == name] or [n for n in nodes if n.node.name == name]
        if len(found) == 1:
            return found[0]
        raise NotFound(
            Text("网络“{n}”中没有节点“{k}”。", "Network {n} has no node {k}.", n=self.name, k=name),
            Text("节点：{o}。", "Its nodes are: {o}.", o=", ".join(n.name for n in nodes)),
        )

    def with_(self, **changes: Any) -> TopologySpec:
        """Return a checked copy with some fields changed (for example `name`, `runtime`)."""
        return load_spec(spec_to_mapping(replace(self, **changes)))


def quorum_of(consensus: str, orderers: int) -> int:
    """How many orderers must agree: a majority for Raft, ⌈(n+f+1)/2⌉ for BFT (Fabric's smartbft)."""
    if consensus == "bft":
        faults = (orderers - 1) // 3
        return -(-(orderers + faults + 1) // 2)
    return orderers // 2 + 1


def load_spec(source: Path | str | Mapping[str, Any]) -> TopologySpec:
    """Read a topology from a YAML or JSON file or from a mapping; `UserError` names the first broken place."""
    if isinstance(source, Mapping):
        document: object = source
        origin = Text("网络拓扑", "The topology")
    else:
        document = read_document(Path(source))
        origin = Text("文件 {f}", "File {f}", f=Path(source).name)
    return _spec(SpecReader(document, "", origin))


def templates() -> tuple[TopologySpec, ...]:
    """Return the built-in topologies: `single`, `city`, `ha` (three Raft orderers) and `bft`."""
    return tuple(template(name) for name in TEMPLATE_NAMES)


TEMPLATE_NAMES = ("single", "city", "ha", "bft")


def template(name: str, *, network_name: str | None = None, runtime: Runtime | None = None) -> TopologySpec:
    """Return one built-in topology, optionally under another name and for another runtime."""
    if name not in TEMPLATE_NAMES:
        raise NotFound(
            Text("没有名为“{n}”的模板。", "There is no template called {n}.", n=name),
            Text("可用模板：{t}。", "Templates: {t}.", t=", ".join(TEMPLATE_NAMES)),
        )
    spec = _built_in(name)
    changes: dict[str, Any] = {}
    if network_name is not None:
        changes["name"] = network_name
    if runtime is not None:
        changes["runtime"] = runtime
    return spec.with_(**changes) if changes else spec


@functools.cache
def _built_in(name: str) -> TopologySpec:
    raw = resources.files("network").joinpath("templates", f"{name}.yaml").read_bytes()
    origin = Text("模板 {n}", "Template {n}", n=name)
    return _spec(SpecReader(parse_document(raw, origin), "", origin))


def spec_to_mapping(spec: TopologySpec) -> dict[str, Any]:
    """Return the spec as plain data that `load_spec` reads back to an equal spec."""
    return {
        "name": spec.name,
        "title": {"zh": spec.title.zh, "en": spec.title.en},
        "runtime": spec.runtime,
        "fabric_version": spec.fabric_version,
        "consensus": spec.consensus,
        **({"capabilities": spec.capabilities} if spec.capabilities else {}),
        "channels": [
            {
                "name": channel.name,
                "organizations": list(channel.organizations),
                "batch": dict(vars(channel.batch)),
                "policies": dict(vars(channel.policies)),
            }
            for channel in spec.channels
        ],
        "organizations": [
            {
                "name": organization.name,
                "msp_id": organization.msp_id,
                "title": {"zh": organization.title.zh, "en": organization.title.en},
                "domain": organization.domain,
                "peers": [dict(vars(peer)) for peer in organization.peers],
                "orderers": [dict(vars(orderer)) for orderer in organization.orderers],
            }
            for organization in spec.organizations
        ],
    }


def _spec(reader: SpecReader) -> TopologySpec:
    reader.only_keys(
        "name", "title", "runtime", "fabric_version", "consensus", "capabilities", "channels", "organizations"
    )
    name = reader.word("name", _NAME, _NAME_RULE)
    organizations = tuple(_organization(item) for item in reader.items("organizations", 1, MAX_ORGANIZATIONS))
    spec = TopologySpec(
        name=name,
        title=reader.text("title", default=name),
        runtime=reader.choice("runtime", RUNTIMES, default="embedded"),
        fabric_version=reader.word("fabric_version", VERSION, _VERSION_RULE, default=FABRIC_CURRENT),
        consensus=reader.choice("consensus", ("raft", "bft"), default="raft"),
        channels=tuple(_channel(item, organizations) for item in reader.items("channels", 1, 100)),
        organizations=organizations,
        capabilities=reader.word("capabilities", rf"|{VERSION}", _VERSION_RULE, default=""),
    )
    _check_whole(spec, reader)
    return spec


def _organization(reader: SpecReader) -> OrganizationSpec:
    reader.only_keys("name", "msp_id", "title", "domain", "peers", "orderers")
    name = reader.word("name", _NAME, _NAME_RULE)
    return OrganizationSpec(
        name=name,
        msp_id=reader.word(
            "msp_id",
            r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}",
            Text(
                "只含英文字母、数字、点和连字符，以字母或数字开头，最多 63 个字符",
                "letters, digits, dots and hyphens, the first a letter or digit, at most 63",
            ),
        ),
        title=reader.text("title", default=name),
        domain=reader.word("domain", rf"(?=.{{1,150}}$){_LABEL}(\.{_LABEL})+", _DOMAIN_RULE),
        peers=tuple(_peer(item) for item in reader.items("peers", 0, MAX_NODES_PER_ORGANIZATION)),
        orderers=tuple(_orderer(item) for item in reader.items("orderers", 0, MAX_NODES_PER_ORGANIZATION)),
    )


VERSION = r"[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}"
_VERSION_RULE = Text("应写作 3.1.5 这样的版本号", "a version is written as 3.1.5 is")
_NAME = r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?"
_NAME_RULE = Text(
    "小写字母开头，只含小写字母、数字和连字符，不以连字符结尾，最多 31 个字符",
    "lower-case letters, digits and hyphens, the first a letter, the last no hyphen, at most 31",
)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN_RULE = Text(
    "由点分开的几段，每段只含小写字母、数字和连字符，不以连字符开头或结尾，最多 63 个字符",
    "parts between dots, each of lower-case letters, digits and hyphens (not at its ends), at most 63 characters",
)
_HOST = r"|[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
_HOST_RULE = Text("应为主机名或 IP 地址", "a host's name or IP address")
MAX_COMMON_NAME = 64
"""Characters of a certificate's common name (RFC 5280, appendix A: ub-common-name)."""


def _peer(reader: SpecReader) -> PeerSpec:
    reader.only_keys("name", "state_database", "host")
    return PeerSpec(
        reader.word("name", _NAME, _NAME_RULE),
        reader.choice("state_database", ("leveldb", "couchdb"), default="leveldb"),
        reader.word("host", _HOST, _HOST_RULE, default=""),
    )


def _orderer(reader: SpecReader) -> OrdererSpec:
    reader.only_keys("name", "host")
    return OrdererSpec(reader.word("name", _NAME, _NAME_RULE), reader.word("host", _HOST, _HOST_RULE, default=""))


def _channel(reader: SpecReader, organizations: tuple[OrganizationSpec, ...]) -> ChannelSpec:
    reader.only_keys("name", "organizations", "batch", "policies")
    by_key = {key: o.name for o in organizations for key in (o.name, o.msp_id)}
    members = [by_key.get(key, key) for key in reader.words("organizations", default=[])]
    if not members:
        members = [o.name for o in organizations if o.peers]
    for member in members:
        if member not in {o.name for o in organizations}:
            raise reader.error(
                "organizations",
                Text("没有机构“{m}”", "there is no organisation {m}", m=member),
            )
    if len(set(members)) != len(members):
        raise reader.error("organizations", Text("机构重复", "an organisation is named twice"))
    batch = BatchSpec()
    if (inner := reader.mapping("batch")) is not None:
        inner.only_keys("max_messages", "absolute_max_bytes", "preferred_max_bytes", "timeout_ms")
        batch = BatchSpec(
            inner.integer("max_messages", 1, 100_000, default=batch.max_messages),
            inner.integer("absolute_max_bytes", 1024, 99 * 1024 * 1024, default=batch.absolute_max_bytes),
            inner.integer("preferred_max_bytes", 1024, 99 * 1024 * 1024, default=batch.preferred_max_bytes),
            inner.integer("timeout_ms", 1, 600_000, default=batch.timeout_ms),
        )
        if batch.preferred_max_bytes > batch.absolute_max_bytes:
            raise inner.error(
                "preferred_max_bytes",
                Text("不能大于 absolute_max_bytes", "must not be above absolute_max_bytes"),
            )
    policies = ChannelPolicies()
    if (inner := reader.mapping("policies")) is not None:
        inner.only_keys(*vars(policies))
        policies = ChannelPolicies(**{key: inner.policy(key, default=value) for key, value in vars(policies).items()})
    # Fabric's own rule for channel names (orderer/common/channelparticipation): lower case, at most 249 characters.
    name = reader.word(
        "name",
        r"(?=.{1,249}$)[a-z][a-z0-9.-]*",
        Text(
            "通道名以小写字母开头，只含小写字母、数字、点和连字符，最多 249 个字符",
            "a channel is named by lower-case letters, digits, dots and hyphens, the first a letter, at most 249",
        ),
    )
    return ChannelSpec(name, tuple(members), batch, policies)


def _check_common_names(spec: TopologySpec, reader: SpecReader) -> None:
    """Refuse names that no certificate can bear, before keys are made for any of them."""
    for index, organization in enumerate(spec.organizations):
        peers = [organization.node_name(peer) for peer in organization.peers]
        orderers = [organization.node_name(orderer) for orderer in organization.orderers]
        longest = max((f"tlsca.{organization.domain}", *peers, *orderers), key=len)
        if len(longest) > MAX_COMMON_NAME:
            raise reader.error(
                f"organizations[{index}].domain",
                Text(
                    "“{n}”有 {k} 个字符，证书里的名称最多 {m} 个；请缩短域名或节点名",
                    "{n} has {k} characters, a certificate's name at most {m}; shorten the domain or the node's name",
                    n=longest,
                    k=len(longest),
                    m=MAX_COMMON_NAME,
                ),
            )


def _check_whole(spec: TopologySpec, reader: SpecReader) -> None:
    """Check what no single place can know: unique names, enough orderers, every channel served."""

    def unique(field_name: str, values: list[str]) -> None:
        seen: set[str] = set()
        for value in values:
            # Folders must differ on file systems that ignore case as well.
            if value.lower() in seen:
                raise reader.error(field_name, Text("“{v}”出现了两次", "{v} is there twice", v=value))
            seen.add(value.lower())

    unique("organizations.name", [o.name for o in spec.organizations])
    unique("organizations.msp_id", [o.msp_id for o in spec.organizations])
    unique("organizations.domain", [o.domain for o in spec.organizations])
    unique("nodes", [n.name for n in spec.nodes()])
    unique("channels.name", [c.name for c in spec.channels])
    orderers = sum(1 for _ in spec.orderers())
    if spec.runtime == "attached":
        return
    _check_common_names(spec, reader)
    if orderers == 0:
        raise reader.error("organizations", Text("至少需要一个排序节点", "at least one orderer is needed"))
    if spec.consensus == "bft":
        if orderers < 4:
            raise reader.error(
                "consensus",
                Text(
                    "BFT 至少需要 4 个排序节点，现有 {n} 个",
                    "BFT needs at least 4 orderers, there are {n}",
                    n=orderers,
                ),
            )
        if spec.fabric_version.startswith("2."):
            raise reader.error(
                "consensus",
                Text("BFT 需要 Fabric 3.0 或更高版本", "BFT needs Fabric 3.0 or later"),
            )
    for index, channel in enumerate(spec.channels):
        if not any(spec.organization(name).peers for name in channel.organizations):
            raise reader.error(
                f"channels[{index}].organizations",
                Text("通道中没有任何 Peer 节点", "no organisation of the channel has a peer"),
            )
