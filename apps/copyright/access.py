"""Who can open an encrypted work: its key, kept for the owner, handed to licensees through the ledger, wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from apps.copyright import manifest
from apps.copyright.model import Committed, Work
from apps.copyright.sealing import unseal, unwrap_key, wrap_key
from baas.content import Cid
from baas.errors import LedgerError, NotFound, Text, UserError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    from apps.copyright.service import CopyrightService


class WorkAccess:
    """Keys of encrypted works on one network."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service

    def keep(self, work: Work, key: bytes) -> None:
        """Keep a work's key: in the keystore, and on the ledger wrapped for the owner's own certificate."""
        self._service.platform.keystore.put(self._name(work.id), key.hex().encode())
        owner = self._service.ledger.party("creator")
        wrapped = wrap_key(key, self._public(owner, work), work.record["content"]["commitment"])
        self._service.ledger.submit("creator", "PutKey", work.id, owner, wrapped)

    def grant(self, work_id: str, party: str) -> Committed[Any]:
        """Hand the key to an owner or a licensee in force (`MSP/name`) whose certificate can be found."""
        self._service.platform.session.require(manifest.LICENSE)
        work = self._service.work(work_id)
        if not work.encrypted:
            raise UserError(
                Text("作品没有加密，不需要密钥。", "The work is not encrypted and needs no key."), code="not_encrypted"
            )
        key = self.key(work, "creator")
        wrapped = wrap_key(key, self._public(party, work), work.record["content"]["commitment"])
        return self._service.ledger.submit("creator", "PutKey", work_id, party, wrapped)

    def key(self, work: Work, part: Any = "creator") -> bytes:
        """The acting person's key of a work: from the keystore, else unwrapped from the ledger."""
        platform = self._service.platform
        label, own = self._service.ledger.label(part), self._service.ledger.party(part)
        if any(party == own for party, _ in work.owners):
            try:
                return bytes.fromhex(platform.keystore.get(self._name(work.id)).decode())
            except NotFound:
                pass
        try:
            wrapped = self._service.ledger.evaluate(part, "ReadKey", work.id)
        except LedgerError as error:
            if error.code != "no_key":
                raise
            raise UserError(
                Text("没有给您这件作品的密钥。", "No key of this work was given to you."),
                Text("请向权利人取得许可。", "Ask its owner for a licence."),
                code="no_key",
            ) from error
        return unwrap_key(str(wrapped), self._private(label), work.record["content"]["commitment"])

    def open(self, work_id: str, part: Any = "creator") -> Iterator[bytes]:
        """The plaintext of a work, a piece at a time, with the acting person's key."""
        self._service.platform.session.require(manifest.READ)
        work = self._service.work(work_id)
        sealed = self._service.content.cat(Cid(work.cid))
        return unseal(sealed, self.key(work, part)) if work.encrypted else sealed

    def save(self, work_id: str, target: BinaryIO, part: Any = "creator") -> int:
        """Write the plaintext to a file; returns its bytes."""
        return sum(target.write(piece) for piece in self.open(work_id, part))

    def _name(self, work_id: str) -> str:
        return f"{self._service.network}/copyright/{work_id}"

    def _public(self, party: str, work: Work) -> EllipticCurvePublicKey:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        body = self._known_here(party) or self._signed_with(party, work)
        public = x509.load_pem_x509_certificate(body).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise UserError(Text("{l} 的证书不是椭圆曲线密钥。", "{l}'s certificate has no EC key.", l=party))
        return public

    def _known_here(self, party: str) -> bytes | None:
        """The certificate of a person whom this workspace knows, whatever it calls them."""
        from network.persons import person_of

        msp_id, _, name = party.partition("/")
        handle = self._service.platform.networks.handle(self._service.network)
        if msp_id not in handle.msp_ids:
            return None
        authority = handle.authority(msp_id)
        for kept in sorted(authority.people(), key=lambda one: one != name):
            body = authority.certificate_path(kept).read_bytes()
            if person_of(msp_id, body).party == party:
                return body
        return None

    def _signed_with(self, party: str, work: Work) -> bytes:
        """The certificate (PEM) with which somebody signed on the ledger what they have to do with a work.

        Licensees of other organisations are known by nothing else; the peers checked it when they took the transaction.
        """
        from apps.copyright.proof import LedgerBlocks
        from fabric_sdk.blocks import decode_block, find_transaction

        blocks = LedgerBlocks(self._service)
        records = [one for found in self._service.dossier(work.id).values() for one in found]
        for tx_id in [step["tx_id"] for record in records for step in reversed(record["log"]) if step["by"] == party]:
            creator = find_transaction(decode_block(blocks.block_of_transaction(tx_id)), tx_id).creator
            if creator is not None and creator.msp_id == party.partition("/")[0]:
                return bytes(creator.credentials)
        raise NotFound(
            Text(
                "没有 {l} 的证书：此人还没有在账本上签署过。",
                "No certificate of {l}: they signed nothing yet.",
                l=party,
            ),
            Text("请先让对方接受许可。", "Let them accept the licence first."),
        )

    def _private(self, label: str) -> EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        msp_id, _, name = label.partition("/")
        handle = self._service.platform.networks.handle(self._service.network)
        private = load_pem_private_key(handle.authority(msp_id).person(name).private_key_pem, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise UserError(Text("{l} 的密钥不是椭圆曲线密钥。", "{l}'s key is no EC key.", l=label))
        return private
