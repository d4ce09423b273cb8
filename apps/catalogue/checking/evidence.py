"""The ledger as evidence: links, signatures, times, algorithms, agreement of the peers, what is stored beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from apps.catalogue.checking import Finding, check, judged, met
from apps.catalogue.checking.looking import Look
from baas.errors import Text, translating
from baas.services.peers import holds_admin, own_label

APART = dt.timedelta(minutes=10)
"""What contracts tolerate between a transaction's time and their peer's clock."""
CURVE_BITS, RSA_BITS = 256, 3072


def _broken(look: Look, *, transactions: bool) -> list[str]:
    """The first thing that does not hold in the blocks that are read, by its sentence."""
    from fabric_sdk.blocks import verify_chain
    from fabric_sdk.errors import FabricError

    try:
        verify_chain(look.raw, look.before, first_number=look.first, check_transactions=transactions)
    except FabricError as error:
        return [str(error)]
    return []


@check("blocks-linked")
def blocks_linked(look: Look) -> Finding:
    """Every block's hash is that of its transactions, and each names the one before it."""
    from fabric_sdk.blocks.hashing import data_hash

    wrong, before = [], None
    for raw, block in zip(look.raw, look.blocks, strict=True):
        if data_hash(raw.data) != block.data_hash:
            wrong.append(f"{block.number}: data hash")
        if before is not None and block.previous_hash != before:
            wrong.append(f"{block.number}: previous hash")
        before = block.hash
    return judged(wrong, len(look.blocks), "{n} 个区块首尾相连", "{n} blocks link")


@check("blocks-signed")
def blocks_signed(look: Look) -> Finding:
    """The ordering service signed every block as the channel asks for (BlockValidation)."""
    wrong = _broken(look, transactions=False)
    return judged(wrong, len(look.blocks), "{n} 个区块的排序签名有效", "the orderers' signatures of {n} blocks hold")


@check("transactions-signed")
def transactions_signed(look: Look) -> Finding:
    """Every transaction marked valid carries its author's and endorsers' signatures, and is valid once."""
    wrong = _broken(look, transactions=True)
    count = sum(len(one.transactions) for one in look.blocks)
    return judged(wrong, count, "{n} 笔交易的签名有效", "the signatures of {n} transactions hold")


@check("commit-hashes")
def commit_hashes(look: Look) -> Finding:
    """Every block after the first carries the commit hash that proves its transactions' results."""
    found = [one for one in look.blocks if one.number > 0]
    without = [str(one.number) for one in found if not one.commit_hash]
    return judged(without, len(found), "{n} 个区块有提交哈希", "{n} blocks carry a commit hash")


@check("peers-agree")
def peers_agree(look: Look) -> Finding:
    """Peers of at least two organisations have the same block at the height that all of them have."""
    from fabric_sdk.admin import PeerConnection
    from fabric_sdk.admin.query import LedgerQuery
    from fabric_sdk.blocks import decode_block

    running = {one.name for one in look.status.nodes if one.state == "running"}
    nodes = [one for one in look.handle.channel_peers(look.channel) if one.name in running]
    names = {one.name for one in nodes}
    number = min((one.heights.get(look.channel, 0) for one in look.status.nodes if one.name in names), default=0) - 1
    if number < 0 or not nodes:
        return Finding("unknown", Text("没有运行的节点", "no peer runs"))
    hashes: dict[str, list[str]] = {}
    for one in nodes:
        held = holds_admin(look.handle, one.organization.msp_id)
        who = look.handle.admin(one.organization.msp_id) if held else look.handle.identity(own_label(look.handle))
        with translating(), PeerConnection(look.handle.node_endpoint(one), who) as peer:
            block = LedgerQuery(peer, look.channel).block(number)
            hashes.setdefault(decode_block(block).hash.hex(), []).append(one.name)
    said = Text("区块 {b}，{n} 个节点", "block {b} at {n} peers", b=number, n=len(nodes))
    if len(hashes) > 1:
        fewest = min(hashes.values(), key=len)
        return Finding("unmet", Text("区块 {b} 不一致", "block {b} differs", b=number), tuple(fewest))
    organizations = {one.organization.msp_id for one in nodes}
    return Finding("met" if len(organizations) > 1 else "partly", said)


@check("state-true")
def state_true(look: Look) -> Finding:
    """The state that contracts read is what the blocks say, key by key."""
    if look.spec.runtime != "embedded":
        # Nobody reads a Fabric peer's state from outside: its commit hashes, computed again from block 0, speak for it.
        found = judged(
            _broken(look, transactions=False),
            len(look.blocks),
            "重算 {n} 个提交哈希相符",
            "{n} commit hashes computed again",
        )
        return Finding("partly", found.measured) if look.first and found.result == "met" else found
    from network.embedded.check import check_state

    wrong = [str(one) for one in check_state(look.platform.networks.folder(look.network), look.channel)]
    return judged(wrong, look.height, "与 {n} 个区块一致", "agrees with {n} blocks")


@check("times-plausible")
def times_plausible(look: Look) -> Finding:
    """No transaction says a time that lies more than ten minutes before one of an earlier block by somebody else."""
    wrong, count = [], 0
    latest: tuple[dt.datetime, bytes] | None = None
    for block in look.blocks:
        for one in block.transactions:
            if one.timestamp is None or not one.valid:
                continue
            count += 1
            who = one.creator.serialized if one.creator else b""
            if latest is not None and latest[1] != who and latest[0] - one.timestamp > APART:
                wrong.append(f"{block.number}/{one.index}: {one.timestamp:%Y-%m-%d %H:%M:%S}")
            if latest is None or one.timestamp > latest[0]:
                latest = (one.timestamp, who)
    return judged(wrong, count, "{n} 笔交易的时间前后相符", "the times of {n} transactions follow each other")


@check("algorithms-strong")
def algorithms_strong(look: Look) -> Finding:
    """Every organisation's roots and authorities sign with 256-bit curves (or RSA of 3072) and SHA-256 or better."""
    from cryptography import x509
    from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

    weak, count = [], 0
    for section in ("Application", "Orderer"):
        for group in look.root.groups[section].groups.values():
            config = FabricMSPConfig.FromString(MSPConfig.FromString(group.values["MSP"].value).config)
            for pem in (*config.root_certs, *config.intermediate_certs, *config.tls_root_certs):
                count += 1
                if why := _weak(x509.load_pem_x509_certificate(pem)):
                    weak.append(f"{config.name}: {why}")
    return judged(sorted(set(weak)), count, "{n} 张 CA 证书算法合格", "the algorithms of {n} authorities are strong")


def _weak(certificate: Any) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < CURVE_BITS:
        return key.curve.name
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_BITS:
        return f"RSA {key.key_size}"
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey):
        return type(key).__name__
    if digest is not None and digest.digest_size < 32:
        return str(digest.name)
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    return "" if authority else "no CA"


@check("keys-distinct")
def keys_distinct(look: Look) -> Finding:
    """Nobody signs with another's key: each public key on the ledger belongs to one name."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    owners: dict[bytes, set[str]] = {}
    for block in look.blocks:
        for one in block.transactions:
            for identity in (*([one.creator] if one.creator else ()), *(each.identity for each in one.endorsements)):
                certificate = identity.certificate
                key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                owners.setdefault(key, set()).add(f"{identity.msp_id}/{certificate.subject.rfc4514_string()}")
    shared = [" = ".join(sorted(names)) for names in owners.values() if len(names) > 1]
    return judged(shared, len(owners), "{n} 把公钥各有其主", "{n} keys, each one's own")


@check("authors-current")
def authors_current(look: Look) -> Finding:
    """Whoever wrote of late held a certificate that was valid at that moment."""
    wrong, count = [], 0
    for block in look.blocks:
        for one in block.transactions:
            if one.creator is None or one.timestamp is None or not one.valid:
                continue
            count += 1
            certificate = one.creator.certificate
            if not certificate.not_valid_before_utc - APART <= one.timestamp <= certificate.not_valid_after_utc:
                wrong.append(f"{block.number}/{one.index}: {one.creator.msp_id}")
    return judged(wrong, count, "{n} 笔交易的证书当时有效", "the certificates of {n} transactions were valid then")


@check("content-sound")
def content_sound(look: Look) -> Finding:
    """Every stored block of content has the hash that it is stored under."""
    found = look.platform.content.verify()
    if not found.blocks:
        return met("内容库为空", "the content store is empty")
    wrong = [str(one.cid) for one in found.damaged]
    return judged(wrong, found.blocks, "{n} 个内容块完好", "{n} blocks of content are sound")
