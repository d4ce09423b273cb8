"""The folder of an attached network: written so that everything above finds it as it finds its own networks.

Organisations' certificates go where `OrganizationCA` keeps them, the identity becomes a person under the name in its
certificate, nodes get addresses, and `state.json` says the network is ready. `attached.json` keeps what is particular:
as whom, with which rights, which contracts, where contract servers may run.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from cryptography import x509

from fabric_sdk.errors import MspError
from fabric_sdk.identity import SigningIdentity
from network.addresses import AddressBook, NodeAddress
from network.attached.profile import ConnectionProfile, read_profile
from network.attached.survey import FoundNode, FoundOrganization, Survey, survey
from network.certificates import certificate_serial
from network.drivers.base import Progress, Silent
from network.errors import Conflict, UserError
from network.keys import signing_identity
from network.material import OrganizationCA
from network.persons import Person, kept_name, person_of
from network.plan import NetworkState, locked
from network.profile import OWN_FIELD
from network.text import Text
from network.topology import FABRIC_CURRENT, FABRIC_LTS, TopologySpec, load_spec
from network.vault import KeyVault, retired_name, vault_name, write_public

FILE_NAME = "attached.json"
PROFILE_NAME = "profile.json"
Access = Literal["full", "read-only"]


@dataclass(frozen=True)
class AttachedSettings:
    """What is kept about an attachment.

    `access` is full for administrators' certificates, else read-only (calling contracts is always possible, as far
    as the network lets this identity). `contract_host` is the name under which the network's peers reach this
    machine, "" if they cannot: then this platform runs no contracts for it.
    """

    msp_id: str
    identity: str
    access: Access
    contract_host: str = ""
    contract_listen: str = ""
    contracts: tuple[dict[str, Any], ...] = ()

    @classmethod
    def load(cls, directory: Path) -> AttachedSettings | None:
        """Read the settings of a network folder, None if it is not attached."""
        try:
            document = json.loads((directory / FILE_NAME).read_bytes())
            return cls(**{**document, "contracts": tuple(document["contracts"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as e:
            raise UserError(
                Text("文件 {f} 已损坏。", "File {f} is damaged.", f=FILE_NAME),
                Text("请重新接入该网络。", "Attach the network again."),
            ) from e

    def save(self, directory: Path) -> None:
        """Write the settings, whole or not at all."""
        write_public(directory / FILE_NAME, json.dumps(asdict(self), ensure_ascii=False, indent=1).encode())


def attach(
    profile: Path | ConnectionProfile,
    directory: Path,
    vault: KeyVault,
    *,
    name: str,
    msp_id: str,
    certificate_pem: bytes,
    private_key_pem: bytes,
    contract_host: str = "",
    contract_listen: str = "",
    kept: bool = False,
    ctx: Progress | None = None,
) -> TopologySpec:
    """Attach a network under `name` in `directory`; nothing is written unless a peer answers the identity.

    A network that is attached already is looked at again: the identity becomes the one that acts here, a newer
    certificate of somebody known replaces the older in place. `Conflict` when the folder holds another network.
    `kept` says that the key comes from the keystore here and so may be in a token.
    """
    if isinstance(profile, Path):
        profile = read_profile(profile)
    try:
        read = signing_identity if kept else SigningIdentity.from_pem
        signing = read(msp_id or profile.msp_id, certificate_pem, private_key_pem)
    except MspError as e:
        raise UserError(
            Text("证书或私钥不可用：{e}。", "Certificate or private key cannot be used: {e}.", e=str(e)),
            Text(
                "请提供同一身份的 PEM 证书和未加密的 PEM 私钥，或一个 .p12 文件。",
                "Give certificate and unencrypted key (PEM) of one identity, or a .p12 file.",
            ),
        ) from e
    person = person_of(signing.msp_id, signing.certificate)
    found = survey(profile, signing, ctx or Silent())
    spec = spec_of(name, found, profile)
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory):
        state = NetworkState.load(directory)
        present = state.reached or state.wanted
        before = AttachedSettings.load(directory)
        if present is not None:
            _check_same(directory, present, found, vault)
            _check_newer(directory, present, vault, person, signing)
        settings = AttachedSettings(
            signing.msp_id,
            kept_name(person),
            "full" if person.administrator else "read-only",
            contract_host or (before.contract_host if before else ""),
            contract_listen or (before.contract_listen if before else ""),
            tuple(asdict(c) for c in found.contracts),
        )
        _keep_profile(profile, directory)
        _write(directory, spec, found, vault)
        keep_identity(directory, spec, vault, person, certificate_pem, private_key_pem)
        settings.save(directory)
        replace(state, phase="ready", wanted=spec, reached=spec).save(directory)
    return spec


def _check_same(directory: Path, present: TopologySpec, found: Survey, vault: KeyVault) -> None:
    """Refuse to write one network over another of the same name: their organisations have other authorities."""
    if present.runtime != "attached":
        raise Conflict(
            Text("“{n}”是本平台的网络。", "{n} is a network of this platform.", n=present.name), code="network_exists"
        )
    for organization in present.organizations:
        entry = found.organizations.get(organization.msp_id)
        known = OrganizationCA(directory, present.name, organization, vault)
        if entry is not None and known.exists and _shared(entry.root_pem, known.ca_certificate_pem):
            return
    raise Conflict(
        Text(
            "本机已有一个名为“{n}”的网络，但不是同一个。",
            "There is another network named {n} here already.",
            n=present.name,
        ),
        Text("请为新的网络另取一个名称。", "Give the new one a name of its own."),
        code="network_exists",
    )


def _check_newer(
    directory: Path, present: TopologySpec, vault: KeyVault, person: Person, signing: SigningIdentity
) -> None:
    if all(o.msp_id != person.msp_id for o in present.organizations):
        return
    authority = OrganizationCA(directory, present.name, present.organization(person.msp_id), vault)
    path = authority.certificate_path(kept_name(person))
    if not path.exists():
        return
    kept = x509.load_pem_x509_certificate(path.read_bytes())
    if signing.certificate.not_valid_before_utc < kept.not_valid_before_utc:
        raise Conflict(
            Text("这里已有 {p} 更新的证书。", "A newer certificate of {p} is here already.", p=person.party),
            Text("请使用最近一次签发的文件。", "Use the file that was issued last."),
            code="older_certificate",
        )


def _shared(left: bytes, right: bytes) -> bool:
    try:
        return bool(set(x509.load_pem_x509_certificates(left)) & set(x509.load_pem_x509_certificates(right)))
    except ValueError:
        return False


def refresh(directory: Path, vault: KeyVault, ctx: Progress) -> TopologySpec:
    """Look around an attached network again and write what has changed."""
    settings = AttachedSettings.load(directory)
    state = NetworkState.load(directory)
    present = state.reached or state.wanted
    if settings is None or present is None:
        raise UserError(Text("此网络尚未接入。", "This network has not been attached."))
    ca = OrganizationCA(directory, present.name, present.organization(settings.msp_id), vault)
    person = ca.person(settings.identity)
    signing = signing_identity(settings.msp_id, person.certificate_pem, person.private_key_pem)
    profile = read_profile(directory / PROFILE_NAME)
    found = survey(profile, signing, ctx)
    spec = spec_of(present.name, found, profile)
    with locked(directory, ctx):
        _write(directory, spec, found, vault)
        replace(settings, contracts=tuple(asdict(c) for c in found.contracts)).save(directory)
        replace(NetworkState.load(directory), phase="ready", wanted=spec, reached=spec).save(directory)
    return spec


def correct_labels(directory: Path, vault: KeyVault) -> bool:
    """Keep the attached identity under its certificate's own name; say whether anything was changed.

    Networks attached by earlier versions kept everybody as `admin`. Keys go first, so that a stop in between loses
    none.
    """
    settings, state = AttachedSettings.load(directory), NetworkState.load(directory)
    present = state.reached or state.wanted
    if settings is None or present is None or all(o.msp_id != settings.msp_id for o in present.organizations):
        return False
    ca = OrganizationCA(directory, present.name, present.organization(settings.msp_id), vault)
    if settings.identity not in ca.people():
        return False
    issued = ca.certificate_path(settings.identity).read_bytes()
    person = person_of(settings.msp_id, issued)
    wanted = kept_name(person)
    wrong = [
        name
        for name in ca.people()
        if name != wanted and name in {settings.identity, "admin"} and ca.certificate_path(name).read_bytes() == issued
    ]
    if not wrong and settings.identity == wanted:
        return False
    key = vault.get(vault_name(present.name, settings.msp_id, settings.identity))
    with locked(directory):
        if not ca.certificate_path(wanted).exists():
            keep_identity(directory, present, vault, person, issued, key)
        elif ca.certificate_path(wanted).read_bytes() != issued:
            # A newer certificate of the same person is here: the older key may still open what was sealed to it.
            retired = retired_name(present.name, settings.msp_id, wanted, certificate_serial(issued))
            vault.put(retired, key)
        replace(settings, identity=wanted).save(directory)
        for name in wrong:
            ca.certificate_path(name).unlink()
            vault.remove(vault_name(present.name, settings.msp_id, name))
    return True


def spec_of(name: str, found: Survey, profile: ConnectionProfile) -> TopologySpec:
    """Describe what was found as a topology, with the titles that the profile tells."""
    folders = _folder_names(tuple(found.organizations))
    consensus = {c.consensus for c in found.channels.values()}
    modern = any("V3_0" in names for c in found.channels.values() for names in c.capabilities.values())
    if not found.channels:
        raise UserError(
            Text("该节点没有加入任何通道。", "The peer has not joined any channel."),
            Text("请在节点加入通道后再接入。", "Attach once it has joined one."),
            code="no_channels",
        )
    return load_spec(
        {
            "name": name,
            "title": profile.title or {"zh": name, "en": name},
            "runtime": "attached",
            "fabric_version": FABRIC_CURRENT if modern else FABRIC_LTS,
            "consensus": "bft" if "BFT" in consensus else "raft",
            "channels": [
                {"name": c, "organizations": [folders[o.msp_id] for o in config.organizations if o.application]}
                for c, config in found.channels.items()
            ],
            "organizations": [
                {
                    "name": folders[organization.msp_id],
                    "msp_id": organization.msp_id,
                    "title": profile.titles.get(organization.msp_id)
                    or {"zh": organization.msp_id, "en": organization.msp_id},
                    "domain": f"{folders[organization.msp_id]}.attached",
                    "peers": [{"name": n} for n in _node_names(organization.peers, "peer")],
                    "orderers": [{"name": n} for n in _node_names(organization.orderers, "orderer")],
                }
                for organization in found.organizations.values()
            ],
        }
    )


def _write(directory: Path, spec: TopologySpec, found: Survey, vault: KeyVault) -> None:
    book = AddressBook.load(directory)
    for name in set(book.names()) - {n.name for n in spec.nodes()}:
        book.remove(name)
    for organization in spec.organizations:
        entry = found.organizations[organization.msp_id]
        folder = OrganizationCA(directory, spec.name, organization, vault).directory / "ca"
        write_public(folder / "ca.crt", entry.root_pem)
        write_public(folder / "tlsca.crt", _tls_roots(entry, found))
        for nodes, kind in ((entry.peers, "peer"), (entry.orderers, "orderer")):
            for short, node in _node_names(nodes, kind).items():
                address = NodeAddress(node.host, node.port, server_name=node.server_name)
                book.assign(f"{short}.{organization.domain}", address)
    book.save(directory)


def _tls_roots(entry: FoundOrganization, found: Survey) -> bytes:
    extra = found.peer.tls_root_pem if found.peer.msp_id == entry.msp_id else None
    if extra and extra.strip() not in entry.tls_root_pem:
        return entry.tls_root_pem + extra
    return entry.tls_root_pem


def keep_identity(
    directory: Path, spec: TopologySpec, vault: KeyVault, person: Person, certificate_pem: bytes, key_pem: bytes
) -> str:
    """Keep a person's key and certificate; return under which name."""
    ca = OrganizationCA(directory, spec.name, spec.organization(person.msp_id), vault)
    name = kept_name(person)
    ca.persons.keep(name, certificate_pem, key_pem)
    return name


def _keep_profile(profile: ConnectionProfile, directory: Path) -> None:
    """Keep the profile whole (certificates included), so that the folder does not depend on somebody's file."""
    document = {
        "name": profile.name,
        "client": {"organization": profile.msp_id},
        "organizations": {
            msp_id: {"mspid": msp_id, "peers": [p.name for p in profile.peers_of(msp_id)]}
            for msp_id in dict.fromkeys((*profile.organizations, *(p.msp_id for p in profile.peers)))
        },
        OWN_FIELD: {
            "title": dict(profile.title),
            "organizations": {
                msp_id: {
                    "title": dict(profile.titles.get(msp_id, {})),
                    "root": profile.roots.get(msp_id, b"").decode("utf-8", "replace"),
                }
                for msp_id in {**profile.titles, **profile.roots}
            },
        },
        "peers": {
            p.name: {
                "url": f"{'grpcs' if p.tls_root_pem else 'grpc'}://{_bracketed(p.host)}:{p.port}",
                "tlsCACerts": {"pem": p.tls_root_pem.decode("utf-8", "replace")} if p.tls_root_pem else {},
                "grpcOptions": {"ssl-target-name-override": p.server_name} if p.server_name else {},
            }
            for p in profile.peers
        },
        "channels": {name: {} for name in profile.channels},
    }
    write_public(directory / PROFILE_NAME, json.dumps(document, indent=1).encode())


def _folder_names(msp_ids: tuple[str, ...]) -> dict[str, str]:
    """Give each organisation a name fit for folders: its MSP id in lower case without the usual ending."""
    names: dict[str, str] = {}
    for msp_id in msp_ids:
        base = re.sub(r"[^a-z0-9]+", "-", re.sub(r"-?msp$", "", msp_id.lower())).strip("-") or "organization"
        base = base if base[0].isalpha() else f"o{base}"
        name, number = base[:28], 1
        while name in names.values():
            number += 1
            name = f"{base[:25]}-{number}"
        names[msp_id] = name
    return names


def _node_names(nodes: dict[str, FoundNode], kind: str) -> dict[str, FoundNode]:
    """Name nodes by the first label of their host where that is a fit and free name, else `peer1`, `peer2`, …"""
    names: dict[str, FoundNode] = {}
    for node in sorted(nodes.values(), key=lambda n: n.advertised):
        label = node.server_name.partition(".")[0].lower()
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", label) or label in names or label == "localhost":
            number = 1
            while (label := f"{kind}{number}") in names:
                number += 1
        names[label] = node
    return names


def _bracketed(host: str) -> str:
    """A host as it stands in an address: version 6 in brackets."""
    return f"[{host}]" if ":" in host else host
