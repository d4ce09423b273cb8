"""A channel's configuration before and after an update, as differences that a person can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas.errors import Text

if TYPE_CHECKING:
    from fabric_sdk.configtx import ChannelConfig


@dataclass(frozen=True)
class ConfigChange:
    """One difference: what it is about, how it is now ("" is nothing) and how it would be."""

    title: Text
    before: str
    after: str


def config_changes(
    before: ChannelConfig, after: ChannelConfig, titles: Mapping[str, Text] | None = None
) -> tuple[ConfigChange, ...]:
    """Every difference between two configurations; `titles` name organisations by MSP id."""
    found: list[ConfigChange] = []

    def put(title: Text, old: object, new: object) -> None:
        if old != new:
            found.append(ConfigChange(title, _shown(old), _shown(new)))

    _organizations(before, after, titles or {}, put)
    put(Text("每块最多笔数", "Transactions a block"), before.batch.max_messages, after.batch.max_messages)
    put(Text("最长等待", "Batch timeout"), before.batch.timeout, after.batch.timeout)
    put(
        Text("块的上限（字节）", "Block size limit (bytes)"),
        before.batch.absolute_max_bytes,
        after.batch.absolute_max_bytes,
    )
    put(
        Text("块的理想大小（字节）", "Preferred block size (bytes)"),
        before.batch.preferred_max_bytes,
        after.batch.preferred_max_bytes,
    )
    put(Text("共识", "Consensus"), before.consensus, after.consensus)
    put(
        Text("共识节点", "Consenters"),
        tuple(f"{c.host}:{c.port}" for c in before.consenters),
        tuple(f"{c.host}:{c.port}" for c in after.consenters),
    )
    if tuple(c.address for c in before.consenters) == tuple(c.address for c in after.consenters):
        for old, new in zip(before.consenters, after.consenters, strict=True):
            title = Text("{a} 的证书", "Certificates of {a}", a=str(new.address))
            put(title, _certificates(old), _certificates(new))
    for path in sorted({*before.policies, *after.policies}):
        title = Text("策略 {p}", "Policy {p}", p=path.removeprefix("/Channel/"))
        put(title, before.policies.get(path, ""), after.policies.get(path, ""))
    for part in sorted({*before.capabilities, *after.capabilities}):
        title = Text("能力 {p}", "Capabilities {p}", p=part)
        put(title, before.capabilities.get(part, ()), after.capabilities.get(part, ()))
    for name in sorted({*before.acls, *after.acls}):
        put(Text("权限 {n}", "ACL {n}", n=name), before.acls.get(name, ""), after.acls.get(name, ""))
    return tuple(found)


def _organizations(before: ChannelConfig, after: ChannelConfig, titles: Mapping[str, Text], put: Any) -> None:
    olds, news = ({o.msp_id: o for o in config.organizations} for config in (before, after))
    for msp_id in sorted({*olds, *news}):
        old, new = olds.get(msp_id), news.get(msp_id)
        name = titles.get(msp_id, Text("{m}", "{m}", m=msp_id))
        if old is None or new is None:
            put(Text("组织", "Organisation"), msp_id if old else "", msp_id if new else "")
            continue
        about = {"o": name}
        put(Text("{o}的锚节点", "Anchor peers of {o}", **about), old.anchor_peers, new.anchor_peers)
        put(Text("{o}的排序地址", "Orderer addresses of {o}", **about), old.orderer_endpoints, new.orderer_endpoints)
        put(Text("{o}的根证书", "Root certificates of {o}", **about), _roots(old.msp), _roots(new.msp))
        put(Text("{o}的 TLS 根证书", "TLS roots of {o}", **about), _tls_roots(old.msp), _tls_roots(new.msp))
        gone, come = _revoked(old.msp), _revoked(new.msp)
        put(Text("{o}吊销的证书", "Revoked by {o}", **about), tuple(sorted(gone)), tuple(sorted(come)))
        for rule in sorted({*old.policies, *new.policies}):
            title = Text("{o}的策略 {p}", "Policy {p} of {o}", p=rule, **about)
            put(title, old.policies.get(rule, ""), new.policies.get(rule, ""))


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return "、".join(str(v) for v in value)
    return str(value)


def _fingerprints(pems: Any) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    found = []
    for pem in pems:
        try:
            certificate = x509.load_pem_x509_certificate(bytes(pem))
        except ValueError:
            found.append("?")
            continue
        digest = certificate.fingerprint(SHA256()).hex()
        found.append(f"{digest[:8]}…{digest[-8:]} ({certificate.not_valid_after_utc.date().isoformat()})")
    return tuple(found)


def _roots(msp: Any) -> tuple[str, ...]:
    return _fingerprints(msp.root_certs)


def _tls_roots(msp: Any) -> tuple[str, ...]:
    return _fingerprints(msp.tls_root_certs)


def _certificates(consenter: Any) -> tuple[str, ...]:
    pems = [consenter.server_tls_pem, consenter.client_tls_pem, consenter.identity_pem]
    return _fingerprints(dict.fromkeys(pem for pem in pems if pem))


def _revoked(msp: Any) -> set[str]:
    from cryptography import x509

    serials: set[str] = set()
    for pem in msp.revocation_list:
        try:
            serials |= {f"{entry.serial_number:x}" for entry in x509.load_pem_x509_crl(bytes(pem))}
        except ValueError:
            serials.add("?")
    return serials
