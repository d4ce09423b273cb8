"""Why a network cannot be entered: nobody there, somebody else there, or this identity refused and for what.

A peer that refuses an identity does not say why (Fabric answers "access denied" to strangers, revoked and expired
alike); what can be told from the certificate, the organisation's CA and the way to the peer is told here.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from fabric_sdk import clock
from fabric_sdk.admin.peer import Refused
from fabric_sdk.errors import GatewayError
from fabric_sdk.identity import SigningIdentity
from network.attached.profile import ConnectionProfile, ProfilePeer
from network.errors import CityChainError, Unavailable, UserError
from network.text import Text

_NOBODY = {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
SILENT = {"network_unreachable", "name_unknown"}
"""Codes of causes that say nothing about the identity."""
_LOOK_SECONDS = 5.0
_NOT_YET, _EXPIRED, _OTHER_NAME = 9, 10, 62
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL."""


def check_certificate(identity: SigningIdentity, root_pem: bytes | None) -> None:
    """Refuse a certificate that no peer would take: out of its dates, or of another authority."""
    certificate, now = identity.certificate, clock.now()
    if now > certificate.not_valid_after_utc:
        raise UserError(
            Text(
                "证书已于 {d} 到期。",
                "The certificate expired on {d}.",
                d=_day(certificate.not_valid_after_utc),
            ),
            Text("请向签发方申请续期。", "Ask its issuer to renew it."),
            code="certificate_expired",
        )
    if now < certificate.not_valid_before_utc:
        raise UserError(
            Text(
                "证书从 {d} 起有效，本机时间是 {n}。",
                "The certificate is valid from {d}; this machine's clock says {n}.",
                d=_moment(certificate.not_valid_before_utc),
                n=_moment(now),
            ),
            Text("请校准本机时间。", "Set this machine's clock."),
            code="clock_apart",
        )
    if root_pem is not None and not _issued_by(certificate, root_pem):
        raise UserError(
            Text(
                "证书不是 {m} 的 CA 签发的，与连接配置不是同一机构或同一网络。",
                "{m}'s CA did not issue the certificate: it is of another organisation or network than the profile.",
                m=identity.msp_id,
            ),
            Text("请使用同一封邀请里的文件。", "Use the files of one and the same invitation."),
            code="foreign_certificate",
        )


def cause_of(
    error: GatewayError | Refused, peer: ProfilePeer, identity: SigningIdentity, profile: ConnectionProfile
) -> CityChainError:
    """Say why a peer could not be used, in one sentence."""
    if isinstance(error, GatewayError) and error.code in _NOBODY:
        return _unreachable(peer, error)
    said = error.reason if isinstance(error, Refused) else error.status_message
    details = {"text": str(said)[:500], "peer": peer.name}
    if profile.roots.get(identity.msp_id) is not None:
        return Unavailable(
            Text(
                "节点 {p} 拒绝了这个身份：证书由 {m} 签发且在有效期内，因此多半已被吊销。",
                "Peer {p} refuses this identity. {m} issued its certificate and it is in date: it has been revoked.",
                p=peer.name,
                m=identity.msp_id,
            ),
            Text("请向签发方确认，并申请新的证书。", "Ask the issuer, and request a new certificate."),
            code="identity_revoked",
            details=details,
        )
    return Unavailable(
        Text("节点 {p} 拒绝了这个身份。", "Peer {p} refuses this identity.", p=peer.name),
        Text(
            "证书已被吊销，或属于其他机构或网络。",
            "It was revoked, or is of another organisation or network.",
        ),
        code="identity_refused",
        details=details,
    )


def _unreachable(peer: ProfilePeer, error: GatewayError) -> CityChainError:
    details = {"text": error.status_message[:500], "peer": peer.name}
    where = f"{peer.host}:{peer.port}"
    try:
        with socket.create_connection((peer.host, peer.port), timeout=_LOOK_SECONDS) as connection:
            if peer.tls_root_pem is not None:
                _shake_hands(connection, peer)
    except socket.gaierror:
        return Unavailable(
            Text("主机名 {h} 无法解析。", "The host name {h} does not resolve.", h=peer.host),
            Text("请检查本机的 DNS 或 hosts 文件。", "Check this machine's DNS or hosts file."),
            code="name_unknown",
            details=details,
        )
    except ssl.SSLCertVerificationError as problem:
        return _untrusted(problem, peer, where, details)
    except ConnectionRefusedError:
        return Unavailable(
            Text(
                "{w} 上没有程序在监听：节点 {p} 没有运行。",
                "Nobody listens at {w}: peer {p} is not running.",
                p=peer.name,
                w=where,
            ),
            Text("请检查端口，或请对方启动节点。", "Check the port, or have the node started."),
            code="network_unreachable",
            details=details,
        )
    except (OSError, ValueError):
        pass
    return Unavailable(
        Text("节点 {p}（{w}）没有应答。", "Peer {p} ({w}) does not answer.", p=peer.name, w=where),
        Text("请检查地址、防火墙，以及对方是否在运行。", "Check address and firewall, and whether it is running."),
        code="network_unreachable",
        details=details,
    )


def _untrusted(
    problem: ssl.SSLCertVerificationError, peer: ProfilePeer, where: str, details: dict[str, str]
) -> CityChainError:
    """What is wrong with the certificate that a peer shows: its end, the clock, its name, or its authority."""
    shown = _shown_certificate(peer)
    if problem.verify_code == _EXPIRED and shown is not None and shown.not_valid_after_utc < clock.now():
        return Unavailable(
            Text(
                "节点 {p} 的 TLS 证书已于 {d} 到期，本机时间是 {n}。",
                "The TLS certificate of {p} ended on {d}; this machine's clock says {n}.",
                p=peer.name,
                d=_day(shown.not_valid_after_utc),
                n=_moment(clock.now()),
            ),
            Text(
                "请对方续期节点证书；若本机时间不对，先校准。",
                "Have the node's certificate renewed; set this clock first if it is wrong.",
            ),
            code="clock_apart",
            details=details,
        )
    if problem.verify_code == _OTHER_NAME:
        names = ", ".join(_names_in(shown)) if shown is not None else ""
        return Unavailable(
            Text(
                "{w} 的 TLS 证书里没有名称 {h}，只有：{n}。",
                "The TLS certificate at {w} does not name {h}, only {n}.",
                w=where,
                h=peer.server_name or peer.host,
                n=names or "-",
            ),
            Text(
                "请改用证书里的名称，或在连接配置里填 ssl-target-name-override。",
                "Use a name that is in it, or set ssl-target-name-override in the profile.",
            ),
            code="another_name",
            details=details | {"names": names},
        )
    if problem.verify_code == _EXPIRED and shown is not None and shown.not_valid_before_utc <= clock.now():
        return Unavailable(
            Text(
                "连接配置里 {m} 的 TLS CA 证书已到期；节点 {p} 自己的证书仍有效。",
                "The TLS authority of {m} in the profile has ended; the certificate of {p} itself is in date.",
                m=peer.msp_id,
                p=peer.name,
            ),
            Text(
                "请对方更新 TLS CA，并索取新的连接配置。",
                "Have the TLS authority renewed, and ask for a new profile.",
            ),
            code="authority_ended",
            details=details,
        )
    if problem.verify_code in (_NOT_YET, _EXPIRED):
        return Unavailable(
            Text(
                "节点 {p} 的 TLS 证书按本机时间 {n} 不在有效期。",
                "By this machine's clock ({n}) the TLS certificate of {p} is not valid.",
                p=peer.name,
                n=_moment(clock.now()),
            ),
            Text("请校准本机时间，或请对方续期证书。", "Set this clock, or have the node's certificate renewed."),
            code="clock_apart",
            details=details,
        )
    return Unavailable(
        Text(
            "{w} 的 TLS 证书与连接配置不符：不是同一个网络。",
            "The TLS certificate at {w} does not fit the profile: it is not the same network.",
            w=where,
        ),
        Text("请向网络的管理方索取新的连接配置。", "Ask the network's operators for a new profile."),
        code="foreign_roots",
        details=details,
    )


def _shown_certificate(peer: ProfilePeer) -> x509.Certificate | None:
    """The certificate that is shown at a peer's address, whoever's it is; for telling, never for trusting."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((peer.host, peer.port), timeout=_LOOK_SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=peer.server_name or peer.host) as shown,
        ):
            raw = shown.getpeercert(binary_form=True)
            return x509.load_der_x509_certificate(raw) if raw else None
    except (OSError, ValueError):
        return None


def _names_in(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses][:12]


def _shake_hands(connection: socket.socket, peer: ProfilePeer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=(peer.tls_root_pem or b"").decode("ascii", "ignore"))
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(connection, server_hostname=peer.server_name or peer.host):
        pass


def _issued_by(certificate: x509.Certificate, root_pem: bytes) -> bool:
    try:
        roots = x509.load_pem_x509_certificates(root_pem)
    except ValueError:
        return True  # nothing can be said with it; the peers decide
    for root in roots:
        try:
            certificate.verify_directly_issued_by(root)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _day(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
