"""A branch's authorities and people: named as the origin's, with keys of their own.

A contract sees the same MSP id, the same subject and issuer, the same attributes; nobody's key of the origin is used.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

from network.certificates import PERSON_DAYS, CertificateAuthority
from network.embedded.channel_config import ChannelConfig
from network.errors import CityChainError
from network.handle import NetworkHandle
from network.keys import key_to_pem
from network.material import OrganizationCA
from network.persons import person_of
from network.topology import TopologySpec
from network.vault import KeyVault, vault_name, write_public


def make_authorities(directory: Path, spec: TopologySpec, vault: KeyVault, config: ChannelConfig) -> None:
    """Make each organisation's signing authority under the name of the one that the configuration trusts."""
    groups = config.proto.channel_group.groups
    for known, section in ((config.application_orgs, "Application"), (config.orderer_orgs, "Orderer")):
        for name, msp in known.items():
            organization = spec.organization(msp.msp_id)
            path = OrganizationCA(directory, spec.name, organization, vault).directory / "ca" / "ca.crt"
            if path.exists():
                continue
            outer = MSPConfig.FromString(groups[section].groups[name].values["MSP"].value)
            inner = FabricMSPConfig.FromString(outer.config)
            pem = [*inner.intermediate_certs, *inner.root_certs][0]
            subject = x509.load_pem_x509_certificate(pem).subject
            authority, key = CertificateAuthority.create("", "", subject=subject)
            vault.put(vault_name(spec.name, msp.msp_id, "ca"), key)
            write_public(path, authority.certificate_pem)


def copy_people(origin: NetworkHandle, branch: NetworkHandle) -> tuple[str, ...]:
    """Certify everybody whose certificate of the origin is here anew, with new keys; the labels (`MSP/name`)."""
    made = []
    for label in origin.identities():
        msp_id, _, name = label.partition("/")
        with suppress(CityChainError):  # a damaged certificate, or an organisation that has left the channel
            branch.spec.organization(msp_id)
            certificate = x509.load_pem_x509_certificate(origin.authority(msp_id).certificate_path(name).read_bytes())
            person = person_of(msp_id, certificate)
            ca = branch.authority(msp_id)
            key = ec.generate_private_key(ec.SECP256R1())
            issued = ca.signing.certify(
                key.public_key(),
                person.name,
                attributes=person.attributes,
                days=PERSON_DAYS,
                subject=certificate.subject,
            )
            ca.persons.keep(name, issued, key_to_pem(key))
            made.append(label)
    return tuple(made)
