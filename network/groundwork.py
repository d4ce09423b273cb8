"""What every runtime needs before anything can start: addresses, certificates, channel genesis blocks.

Drivers put `groundwork_steps` at the head of their plans and pass those steps to `apply_groundwork`. Everything lies
in the network's folder and is made once; a step whose result is there and fits is not planned again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fabric_sdk.configtx import (
    Batch,
    ChannelProfile,
    Consenter,
    HostPort,
    OrganizationProfile,
    capabilities_for,
    genesis_block,
)
from fabric_sdk.errors import PolicyError
from fabric_sdk.wire import encode
from network.addresses import AddressBook
from network.claims import claiming
from network.drivers.base import Progress, Step
from network.errors import UserError
from network.hosting import ask
from network.hosts import is_share, local_part
from network.material import OrganizationCA
from network.text import Text
from network.topology import ChannelSpec, NodeRef, OrganizationSpec, TopologySpec
from network.vault import KeyVault, write_public

ADDRESSES, AUTHORITY, NODE_MATERIAL, GENESIS = "addresses", "authority", "material", "genesis"
GROUNDWORK_KINDS = (ADDRESSES, AUTHORITY, NODE_MATERIAL, GENESIS)


def groundwork_steps(directory: Path, spec: TopologySpec, vault: KeyVault) -> list[Step]:
    """Return the groundwork that is missing in `directory` for `spec`."""
    steps: list[Step] = []
    book = AddressBook.load(directory)
    if any(node.name not in book for node in spec.nodes()):
        steps.append(Step(ADDRESSES, spec.name, Text("选择空闲端口", "Choose free ports")))
    for organization in spec.organizations:
        ca = OrganizationCA(directory, spec.name, organization, vault)
        if not ca.foreign and (not ca.exists or not ca.certificate_path("admin").exists()):
            steps.append(
                Step(
                    AUTHORITY,
                    organization.name,
                    Text(
                        "为{o}创建证书机构和管理员",
                        "Create the certificate authorities and administrator of {o}",
                        o=organization.title,
                    ),
                )
            )
        if _lacking(directory, spec, ca):
            steps.append(_material_step(organization))
    steps += [
        Step(
            GENESIS,
            channel.name,
            Text("生成通道 {c} 的创世块", "Make the genesis block of channel {c}", c=channel.name),
        )
        for channel in spec.channels
        if not genesis_path(directory, channel.name).exists()
    ]
    return steps


def share_steps(directory: Path, spec: TopologySpec, vault: KeyVault) -> list[Step]:
    """The groundwork of a share: certificates for this machine's nodes of organisations whose authority is here."""
    return [
        _material_step(organization)
        for organization in spec.organizations
        if OrganizationCA(directory, spec.name, organization, vault).at_hand
        and _lacking(directory, spec, OrganizationCA(directory, spec.name, organization, vault))
    ]


def _material_step(organization: OrganizationSpec) -> Step:
    title = Text("为{o}的节点签发证书", "Issue the certificates of {o}'s nodes", o=organization.title)
    return Step(NODE_MATERIAL, organization.name, title)


def _lacking(directory: Path, spec: TopologySpec, ca: OrganizationCA) -> list[NodeRef]:
    """Nodes without certificates that are to be had here: for an authority elsewhere those of this machine alone."""
    whole = not ca.foreign and not is_share(directory)
    here = {node.name for node in (spec if whole else local_part(directory, spec)).nodes()}
    nodes = [node for node in spec.nodes() if node.organization == ca.spec and node.name in here]
    return [node for node in nodes if not _has_material(ca, node)]


def apply_groundwork(directory: Path, spec: TopologySpec, vault: KeyVault, step: Step, ctx: Progress) -> None:
    """Do one groundwork step; harmless when it is done already."""
    ctx.check_cancelled()
    if step.kind == ADDRESSES:
        book = AddressBook.load(directory)
        with claiming(directory) as claims:
            if book.allocate(spec.nodes(), others=claims.others()):
                book.save(directory)
                claims.keep(book.claims())
    elif step.kind == AUTHORITY:
        OrganizationCA(directory, spec.name, spec.organization(step.target), vault).create()
    elif step.kind == NODE_MATERIAL:
        organization = spec.organization(step.target)
        ca = OrganizationCA(directory, spec.name, organization, vault)
        lacking = _lacking(directory, spec, ca)
        if ca.foreign and lacking:
            ask(directory, spec, ca, lacking)
        for node in lacking:
            ca.nodes.create(node)
    elif step.kind == GENESIS:
        channel = spec.channel(step.target)
        profile = channel_profile(directory, spec, channel, vault, AddressBook.load(directory))
        try:
            block = genesis_block(profile)
        except PolicyError as e:
            raise UserError(
                Text(
                    "通道 {c} 的策略无法解析：{e}。",
                    "A policy of channel {c} cannot be read: {e}.",
                    c=channel.name,
                    e=str(e),
                )
            ) from e
        write_public(genesis_path(directory, channel.name), encode(block))
    else:
        raise ValueError(f"not a groundwork step: {step.id}")


def genesis_path(directory: Path, channel: str) -> Path:
    """Return where a channel's genesis block is kept."""
    return directory / "channels" / f"{channel}.block"


def channel_profile(
    directory: Path, spec: TopologySpec, channel: ChannelSpec, vault: KeyVault, book: AddressBook
) -> ChannelProfile:
    """Return the first configuration of a channel: every ordering node a consenter, every first peer an anchor."""
    members = [spec.organization(name) for name in channel.organizations]
    ordering = [o for o in spec.organizations if o.orderers]
    organizations = [
        organization_profile(directory, spec, organization, vault, book, application=organization in members)
        for organization in spec.organizations
        if organization in members or organization in ordering
    ]
    return ChannelProfile(
        channel_id=channel.name,
        organizations=tuple(organizations),
        consenters=tuple(consenters(directory, spec, spec.orderers(), vault, book)),
        consensus="BFT" if spec.consensus == "bft" else "etcdraft",
        batch=batch_of(channel),
        capabilities=capabilities_for(spec.capabilities_of),
        application_policies=application_policies(spec, channel),
    )


def application_policies(spec: TopologySpec, channel: ChannelSpec) -> dict[str, str]:
    """Return a channel's application policies by Fabric's names.

    Where members have no peers (the public's organisation, one that has just joined), a majority means the majority of
    those that have: the others are named in no policy of lifecycle, endorsement or administration.
    """
    wanted = channel.policies
    members = [spec.organization(name) for name in channel.organizations]
    with_peers = [o.msp_id for o in members if o.peers]
    majority = len(with_peers) // 2 + 1

    def named(rule: str, role: str) -> str:
        majorities = (["MAJORITY", "Endorsement"], ["MAJORITY", "Admins"])
        if len(with_peers) == len(members) or rule.split() not in majorities:
            return rule
        principals = ", ".join(f"'{msp_id}.{role}'" for msp_id in with_peers)
        return f"OutOf({majority}, {principals})"

    return {
        "Readers": wanted.readers,
        "Writers": wanted.writers,
        "Admins": named(wanted.admins, "admin"),
        "Endorsement": named(wanted.endorsement, "peer"),
        "LifecycleEndorsement": named(wanted.lifecycle_endorsement, "peer"),
    }


def organization_profile(
    directory: Path,
    spec: TopologySpec,
    organization: OrganizationSpec,
    vault: KeyVault,
    book: AddressBook,
    *,
    application: bool,
) -> OrganizationProfile:
    """Return an organisation as a channel's configuration describes it."""
    ca = OrganizationCA(directory, spec.name, organization, vault)
    orderers = [n for n in spec.orderers() if n.organization == organization]
    peers = [n for n in spec.peers() if n.organization == organization]
    return OrganizationProfile(
        name=organization.name,
        msp_id=organization.msp_id,
        msp_config=encode(ca.msp_config()),
        ordering=bool(orderers),
        application=application,
        orderer_endpoints=tuple(_dialled(book, node) for node in orderers),
        anchor_peers=tuple(_dialled(book, node) for node in peers[:1]) if application else (),
    )


def consenters(
    directory: Path, spec: TopologySpec, nodes: Iterable[NodeRef], vault: KeyVault, book: AddressBook
) -> list[Consenter]:
    """Return the consenters that ordering nodes are, with their present certificates; ids from 1 in order."""
    result = []
    for number, node in enumerate(nodes, start=1):
        ca = OrganizationCA(directory, spec.name, node.organization, vault)
        address = book[node.name]
        tls = ca.nodes.tls_certificate(node)
        result.append(
            Consenter(
                host=address.dialled_host,
                port=address.port,
                msp_id=node.organization.msp_id,
                server_tls_pem=tls,
                client_tls_pem=tls,
                identity_pem=ca.nodes.certificate(node) if spec.consensus == "bft" else b"",
                id=number if spec.consensus == "bft" else 0,
            )
        )
    return result


def batch_of(channel: ChannelSpec) -> Batch:
    """Return a channel's batch as its configuration writes it."""
    batch = channel.batch
    return Batch(batch.max_messages, batch.absolute_max_bytes, batch.preferred_max_bytes, f"{batch.timeout_ms}ms")


def _dialled(book: AddressBook, node: NodeRef) -> HostPort:
    address = book[node.name]
    return HostPort(address.dialled_host, address.port)


def _has_material(ca: OrganizationCA, node: NodeRef) -> bool:
    directory = ca.nodes.directory(node)
    files = (
        "msp/signcerts/cert.pem",
        "msp/keystore/key.pem",
        "msp/config.yaml",
        "tls/server.crt",
        "tls/server.key",
        "tls/ca.crt",
    )
    return all((directory / file).exists() for file in files)
