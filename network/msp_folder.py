"""An organisation's verifying MSP, as a channel keeps it and as the folder that Fabric's programs read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fabric_protos.msp import msp_config_pb2

from fabric_sdk.wire import encode
from network.certificates import Role
from network.vault import write_public

NODE_OUS: tuple[Role, ...] = ("client", "peer", "admin", "orderer")


def verifying_msp(
    msp_id: str, roots: Sequence[bytes], tls_roots: Sequence[bytes], crls: Sequence[bytes] = ()
) -> msp_config_pb2.MSPConfig:
    """Return an organisation's verifying MSP from its roots, with the node roles that Fabric's programs expect.

    With one root the roles are tied to it; with several, any of them gives them.
    """
    config = msp_config_pb2.FabricMSPConfig(
        name=msp_id,
        root_certs=roots,
        tls_root_certs=tls_roots,
        crypto_config=msp_config_pb2.FabricCryptoConfig(
            signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
        ),
        fabric_node_ous=msp_config_pb2.FabricNodeOUs(
            enable=True,
            **{
                f"{role}_ou_identifier": msp_config_pb2.FabricOUIdentifier(
                    certificate=roots[0] if len(roots) == 1 else b"", organizational_unit_identifier=role
                )
                for role in NODE_OUS
            },
        ),
    )
    config.revocation_list.extend(crls)
    return msp_config_pb2.MSPConfig(type=0, config=encode(config))


def write_msp_folder(msp: Path, roots: Sequence[bytes], tls_roots: Sequence[bytes], crls: Sequence[bytes]) -> None:
    """Write a verifying MSP as a folder: what is there and fits stays, what is of others goes."""
    files = {"config.yaml": _node_ous_yaml(one=len(roots) == 1)}
    files |= {f"tlscacerts/tlsca{'' if n == 0 else f'-{n}'}.pem": one for n, one in enumerate(tls_roots)}
    files |= {f"cacerts/ca{'' if n == 0 else f'-{n}'}.pem": root for n, root in enumerate(roots)}
    files |= {f"crls/crl{'' if n == 0 else f'-{n}'}.pem": crl for n, crl in enumerate(crls)}
    for kept in (*msp.glob("*cacerts/*ca-*.pem"), *msp.glob("crls/crl*.pem")):
        if kept.relative_to(msp).as_posix() not in files:
            kept.unlink()  # of an authority whose last certificate has ended
    for name, data in files.items():
        path = msp / name
        if not path.exists() or path.read_bytes() != data:
            write_public(path, data)


def _node_ous_yaml(*, one: bool) -> bytes:
    lines = ["NodeOUs:", "  Enable: true"]
    for role in NODE_OUS:
        lines += [
            f"  {role.capitalize()}OUIdentifier:",
            *(["    Certificate: cacerts/ca.pem"] if one else []),
            f"    OrganizationalUnitIdentifier: {role}",
        ]
    return ("\n".join(lines) + "\n").encode()
