"""Everything of a network that has ended is renewed at once: authorities, people, nodes, whether anybody can connect.

A request is kept in `renewals.json` beside those of `network.renewal`, so that an interrupted renewal is finished by
the next `renew`, `up` or `start`. Nodes keep their keys here: Fabric knows consenters by their public keys, so the
ordering service is the same one afterwards, and the channels' entries follow once somebody can connect again.

An authority that has ended gets a new certificate for its key, valid from the old one's beginning: Fabric judges a path
at the moment its first certificate began, so everything that the authority ever issued stays good under either. Until
every channel carries the new one (`network.plan.run` sees it), what it issues begins within the old one's dates, for
the same reason.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from network.certificates import NODE_DAYS, PERSON_DAYS, Role
from network.drivers.base import Progress, Step
from network.errors import Conflict
from network.handshakes import first_moment
from network.hosts import local_part
from network.lapse import Lapse, lapses, unreachable
from network.material import OrganizationCA
from network.persons import person_of
from network.renewal import StagedCertificates, forget, pending_renewals, request
from network.succession import KINDS, Kind
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault, vault_name

RENEW_AUTHORITY, RENEW_PERSON, MEND_NODE = "renew-authority", "renew-person", "mend-node"
ANNOUNCE_AUTHORITY, SWITCH_AUTHORITY = "announce-authority", "switch-authority"
MENDING_KINDS = (RENEW_AUTHORITY, RENEW_PERSON, MEND_NODE, ANNOUNCE_AUTHORITY, SWITCH_AUTHORITY)
_AUTHORITY, _PERSON, _SUCCESSOR = "authority:", "person:", "successor:"
CONTRACT = "contract"
AHEAD_DAYS = 365
_FILES = {"ca": "ca.crt", "tlsca": "tlsca.crt"}


def requests(directory: Path, spec: TopologySpec, vault: KeyVault) -> tuple[dict[str, list[str]], tuple[Lapse, ...]]:
    """What has ended and can be renewed here, as entries of `renewals.json`, and what has ended and cannot be.

    Authorities count a year ahead: what they issue would end with them, and every channel has to follow.
    `Conflict` (`authority_key_lost`) when the key of a needed authority is not here.
    """
    keys = frozenset(vault.names())
    wanted: dict[str, list[str]] = {}
    left = []
    for one in lapses(directory, spec, vault):
        ca = _authority(directory, spec, vault, one.msp_id)
        if ca.foreign or not _renewable(spec, keys, ca, one):
            left.append(one)
            continue
        _require_keys(spec, keys, ca)
        name, what = _entry(one)
        wanted.setdefault(name, []).append(what)
    if spec.consensus == "bft" and any(name.startswith(_AUTHORITY) and name.endswith("/tlsca") for name in wanted):
        # Handshakes will look back for a while (`network.handshakes`): the others' certificates have to have begun.
        for node in spec.orderers():
            ca = _authority(directory, spec, vault, node.organization.msp_id)
            if not ca.foreign and "tls" not in wanted.get(node.name, []):
                _require_keys(spec, keys, ca)
                wanted.setdefault(node.name, []).append("tls")
    for organization in spec.organizations:
        ca = OrganizationCA(directory, spec.name, organization, vault)
        for what in () if ca.foreign or not ca.at_hand else ca.ending_authorities(AHEAD_DAYS):
            wanted.setdefault(f"{_AUTHORITY}{organization.msp_id}/{what}", [what])
    return wanted, tuple(left)


def request_mending(directory: Path, spec: TopologySpec, vault: KeyVault) -> None:
    """Ask for everything that has ended and can be renewed here; refuses as `requests` does, with nothing asked for."""
    wanted, _ = requests(directory, spec, vault)
    if wanted:
        request(directory, wanted)


def mending_steps(directory: Path, spec: TopologySpec, vault: KeyVault) -> list[Step]:
    """What of the request is done without asking any node: authorities, people, and nodes nobody can connect to."""
    pending = pending_renewals(directory)
    steps = _succession_steps(directory, spec, vault, pending)
    for name in sorted(pending):
        if name.startswith(_AUTHORITY):
            msp_id, _, what = name.removeprefix(_AUTHORITY).partition("/")
            title = (
                Text("更新{o}的 CA 证书", "Renew the certificate of {o}'s authority", o=spec.organization(msp_id).title)
                if what == "ca"
                else Text(
                    "更新{o}的 TLS CA 证书",
                    "Renew the certificate of {o}'s TLS authority",
                    o=spec.organization(msp_id).title,
                )
            )
            steps.append(Step(RENEW_AUTHORITY, f"{msp_id}/{what}", title))
    waiting = _waiting_for_nodes(directory, spec, vault, pending)
    for name in sorted(pending):
        if name.startswith(_PERSON) and name not in waiting:
            label = name.removeprefix(_PERSON)
            steps.append(Step(RENEW_PERSON, label, Text("续期 {l}", "Renew {l}", l=label)))
    if nodes_apart(directory, spec, vault):
        steps += [
            Step(
                MEND_NODE,
                node.name,
                Text("更新节点 {n} 的证书", "Renew the certificates of {n}", n=node.name),
                needs_restart=True,
            )
            for node in spec.nodes()
            if node.name in pending
        ]
    return steps


def nodes_apart(directory: Path, spec: TopologySpec, vault: KeyVault) -> bool:
    """Whether nodes are to be renewed without anybody connecting to them, because to some nobody can."""
    pending = pending_renewals(directory)
    if not any(node.name in pending for node in spec.nodes()):
        return False
    if any(CONTRACT in what for what in pending.values()):
        return True
    return bool(unreachable(lapses(directory, spec, vault), spec))


def apply_mending(directory: Path, spec: TopologySpec, vault: KeyVault, step: Step, ctx: Progress) -> None:
    """Do one of `mending_steps`; harmless when it is done. Nodes have to be stopped by the caller before."""
    ctx.check_cancelled()
    if step.kind == RENEW_AUTHORITY:
        msp_id, _, what = step.target.partition("/")
        ca = _authority(directory, spec, vault, msp_id)
        ca.renew_authority(what)
        for node in spec.nodes():
            if node.organization == ca.spec:
                ca.nodes.refresh(node)
        forget(directory, _AUTHORITY + step.target)
    elif step.kind in (ANNOUNCE_AUTHORITY, SWITCH_AUTHORITY):
        _succeed(directory, spec, vault, step)
    elif step.kind == RENEW_PERSON:
        msp_id, _, name = step.target.partition("/")
        _renew_person(_authority(directory, spec, vault, msp_id), msp_id, name)
        forget(directory, _PERSON + step.target)
    elif step.kind == MEND_NODE:
        mend_node(directory, spec, vault, spec.node(step.target))
    else:
        raise ValueError(f"not a step of mending: {step.id}")


def mend_node(directory: Path, spec: TopologySpec, vault: KeyVault, node: NodeRef) -> None:
    """Certify a stopped node's present keys anew; may be repeated."""
    what = pending_renewals(directory).get(node.name)
    if not what:
        return
    ca = _authority(directory, spec, vault, node.organization.msp_id)
    if CONTRACT in what:
        # Made anew when the peer starts; what its builder has kept of the old ones goes with them.
        shutil.rmtree(ca.nodes.directory(node) / "contract-tls", ignore_errors=True)
        shutil.rmtree(directory / "nodes" / node.name / "data" / "externalbuilder", ignore_errors=True)
    staged = StagedCertificates(ca, node, [one for one in what if one != CONTRACT])
    staged.prepare(keep_tls_key=True, keep_identity_key=True, since=first_moment(directory, spec))
    staged.install()
    staged.finish(directory)


def request_successor(directory: Path, spec: TopologySpec, vault: KeyVault, msp_id: str, kind: Kind = "ca") -> None:
    """Ask for a new key of an organisation's enrolment or TLS authority; the next plan carries it out.

    `Conflict` where its authority is elsewhere. The present key is not needed: it may be lost.
    """
    if _succeeded_here(directory, spec, vault, msp_id).successors(kind).announced is None:
        request(directory, {_SUCCESSOR + _target(msp_id, kind): [kind]})


def succession_steps(
    directory: Path, spec: TopologySpec, vault: KeyVault, msp_id: str, kind: Kind = "ca"
) -> list[Text]:
    """What a new key of an organisation's authority would bring about now, in order; changes nothing.

    Of one that is under way, what is left. Raises as `request_successor`.
    """
    ca = _succeeded_here(directory, spec, vault, msp_id)
    succession, steps = ca.successors(kind), []
    if succession.announced is None:
        steps.append(_announcing(ca, kind))
        if kind == "tlsca" and vault_name(spec.name, msp_id, kind) not in vault.names():
            steps.append(
                Text(
                    "旧 TLS CA 私钥已不在：只信任旧根证书的客户端须重新导入连接配置",
                    "The old TLS key is gone: clients that know the old root alone need a new connection profile",
                )
            )
    if not succession.known:
        for channel in spec.channels:
            if ca.spec.orderers or ca.spec.name in channel.organizations:
                steps.append(_trusting(ca, kind, channel.name))
    nodes, people = _leaves(directory, spec, vault, ca, kind)
    steps.append(_switching(ca, kind))
    steps += [Text("更新节点 {n} 的证书", "Renew the certificates of {n}", n=node.name) for node in nodes]
    return steps + [Text("更新 {l} 的证书", "Renew the certificate of {l}", l=f"{msp_id}/{name}") for name in people]


def _succeeded_here(directory: Path, spec: TopologySpec, vault: KeyVault, msp_id: str) -> OrganizationCA:
    """The authority to be succeeded; `Conflict` where it is elsewhere."""
    ca = _authority(directory, spec, vault, msp_id)
    if ca.foreign or not ca.exists:
        raise Conflict(
            Text("{o}的 CA 不在这里。", "The authority of {o} is elsewhere.", o=ca.spec.title),
            Text("请在持有它的机器上执行。", "Do it on the machine that holds it."),
            code="authority_elsewhere",
        )
    return ca


def _target(msp_id: str, kind: Kind) -> str:
    return msp_id if kind == "ca" else f"{msp_id}/{kind}"


def _announcing(ca: OrganizationCA, kind: Kind) -> Text:
    if kind == "tlsca":
        return Text("为{o}的 TLS CA 准备新密钥", "Make a new key for {o}'s TLS authority", o=ca.spec.title)
    return Text("为{o}的 CA 准备新密钥", "Make a new key for {o}'s authority", o=ca.spec.title)


def _trusting(ca: OrganizationCA, kind: Kind, channel: str) -> Text:
    if kind == "tlsca":
        return Text(
            "通道 {c} 同时信任{o}的新旧 TLS 根证书",
            "Channel {c} trusts both TLS roots of {o}",
            c=channel,
            o=ca.spec.title,
        )
    return Text("通道 {c} 同时信任{o}的新旧根证书", "Channel {c} trusts both roots of {o}", c=channel, o=ca.spec.title)


def _switching(ca: OrganizationCA, kind: Kind) -> Text:
    if kind == "tlsca":
        return Text("{o}改用新的 TLS CA 密钥签发", "Let {o} issue with the new TLS authority's key", o=ca.spec.title)
    return Text("{o}改用新的 CA 密钥签发", "Let {o} issue with the new authority's key", o=ca.spec.title)


def _leaves(
    directory: Path, spec: TopologySpec, vault: KeyVault, ca: OrganizationCA, kind: Kind
) -> tuple[list[NodeRef], list[str]]:
    """The organisation's nodes and people whom this machine certifies anew after a change of key."""
    here = local_part(directory, spec)
    nodes = [
        node for node in here.nodes() if node.organization.name == ca.spec.name and ca.nodes.directory(node).is_dir()
    ]
    if kind == "tlsca":
        return nodes, []
    keys = frozenset(vault.names())
    return nodes, [
        n for n in ca.people() if vault_name(spec.name, ca.spec.msp_id, n) in keys and ca.persons.vouches_for(n)
    ]


def _waiting_for_nodes(
    directory: Path, spec: TopologySpec, vault: KeyVault, pending: Mapping[str, list[str]]
) -> set[str]:
    """People whose certificates stand and who are renewed after their organisation's nodes.

    A node judges its administrators by the roots that it knew when it started: first it has to know the new one.
    """
    renewed = {node.organization.msp_id for node in spec.nodes() if node.name in pending}
    if not renewed or nodes_apart(directory, spec, vault):
        return set()
    ended = {f"{_PERSON}{one.msp_id}/{one.name}" for one in lapses(directory, spec, vault) if one.kind == "person"}
    people = {name for name in pending if name.startswith(_PERSON)}
    return {n for n in people if n.removeprefix(_PERSON).partition("/")[0] in renewed and n not in ended}


def _succession_steps(
    directory: Path, spec: TopologySpec, vault: KeyVault, pending: Mapping[str, list[str]]
) -> list[Step]:
    """Authorities that get a successor: made first, and put in the old one's place when every channel knows both."""
    steps = []
    for organization in spec.organizations:
        ca = _authority(directory, spec, vault, organization.msp_id)
        for kind in KINDS:
            target = _target(organization.msp_id, kind)
            if _SUCCESSOR + target in pending:
                steps.append(Step(ANNOUNCE_AUTHORITY, target, _announcing(ca, kind)))
            elif ca.successors(kind).known:
                steps.append(Step(SWITCH_AUTHORITY, target, _switching(ca, kind)))
    return steps


def _succeed(directory: Path, spec: TopologySpec, vault: KeyVault, step: Step) -> None:
    """One of `_succession_steps`; whatever this machine holds is asked to be certified by the new key afterwards."""
    msp_id, _, named = step.target.partition("/")
    kind: Kind = "tlsca" if named else "ca"
    ca = _authority(directory, spec, vault, msp_id)
    nodes, people = _leaves(directory, spec, vault, ca, kind)
    if step.kind == ANNOUNCE_AUTHORITY:
        ca.announce_authority(kind)
    else:
        wanted = {node.name: ["tls" if kind == "tlsca" else "identity"] for node in nodes}
        request(directory, wanted | {f"{_PERSON}{msp_id}/{name}": ["identity"] for name in people})
        ca.switch_authority(kind)
    for node in nodes:
        ca.nodes.refresh(node)
    forget(directory, _SUCCESSOR + step.target)


def _renew_person(ca: OrganizationCA, msp_id: str, name: str) -> None:
    person = person_of(msp_id, ca.certificate_path(name).read_bytes())
    attributes = {k: v for k, v in person.attributes.items() if not k.startswith("hf.")}
    days = NODE_DAYS if name == "admin" else PERSON_DAYS
    ca.persons.issue(name, cast(Role, person.unit or "client"), attributes, days=days)


def _entry(one: Lapse) -> tuple[str, str]:
    if one.kind in _FILES:
        return f"{_AUTHORITY}{one.msp_id}/{one.kind}", one.kind
    if one.kind == "person":
        return f"{_PERSON}{one.msp_id}/{one.name}", "identity"
    return one.name, one.kind


def _renewable(spec: TopologySpec, keys: frozenset[str], ca: OrganizationCA, one: Lapse) -> bool:
    """Whether it is renewed here: a person only with the key here, issued by this authority and not revoked."""
    if one.kind != "person":
        return True
    if vault_name(spec.name, one.msp_id, one.name) not in keys:
        return False
    return ca.persons.vouches_for(one.name)


def _require_keys(spec: TopologySpec, keys: Iterable[str], ca: OrganizationCA) -> None:
    lost = [what for what in ("ca", "tlsca") if vault_name(spec.name, ca.spec.msp_id, what) not in keys]
    if not lost:
        return
    raise Conflict(
        Text(
            "{o}的 CA 私钥不在本机密钥库里，不能续期；什么都没有改动。",
            "The key of {o}'s authority is not in this keystore: nothing can be renewed, nothing was changed.",
            o=ca.spec.title,
        ),
        Text(
            "请从备份恢复：citychain restore，或在持有它的机器上续期。",
            "Restore it from a backup: citychain restore, or renew on the machine that holds it.",
        ),
        code="authority_key_lost",
    )


def _authority(directory: Path, spec: TopologySpec, vault: KeyVault, msp_id: str) -> OrganizationCA:
    return OrganizationCA(directory, spec.name, spec.organization(msp_id), vault)
