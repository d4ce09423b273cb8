"""Who can open an encrypted work: its key, kept for the owner, handed to licensees through the ledger, wrapped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from apps.copyright import permissions
from apps.copyright.model import Committed, Work
from apps.copyright.reading import ReadingKeys
from apps.copyright.sealing import unseal, unwrap_key, wrap_key
from baas.content import Cid, folders
from baas.errors import LedgerError, NotFound, Text, UserError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    from apps.copyright.service import CopyrightService


class WorkAccess:
    """Keys of encrypted works on one network."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service

    @cached_property
    def readers(self) -> ReadingKeys:
        """Reading keys, for which works' keys are wrapped."""
        return ReadingKeys(self._service.platform.keystore, self._service.ledger)

    def prepare(self, cid: str, key: bytes) -> None:
        """Before a sealed work is committed: its key lies in the keystore, and the owner's reading key on the ledger.

        Whatever fails or is stopped from here on, the work can be opened, and a second try finds the key.
        """
        self.readers.ensure("creator")
        self._service.platform.keystore.put(self._name(cid), key.hex().encode())

    def keep(self, work: Work) -> None:
        """Put a committed work's key on the ledger, wrapped for its owner's reading key; may be repeated."""
        key = self._kept(work)
        if key is None:
            return
        wrapped = wrap_key(key, self.readers.ensure("creator"), work.record["content"]["commitment"])
        self._service.ledger.submit("creator", "PutKey", work.id, self._service.ledger.party("creator"), wrapped)
        self._service.local.note_wrapped(work.cid)

    def grant(self, work_id: str, party: str) -> Committed[Any]:
        """Hand the key to an owner or a licensee in force (`MSP/name`): wrapped for their reading key.

        Somebody who has made none yet gets it for the certificate that they signed with.
        """
        self._service.platform.session.require(permissions.LICENSE)
        work = self._service.work(work_id)
        if not work.encrypted:
            raise UserError(
                Text("作品没有加密，不需要密钥。", "The work is not encrypted and needs no key."), code="not_encrypted"
            )
        key = self.key(work, "creator")
        reader = self.readers.of(party)
        public = reader.public if reader is not None else self._public(party, work)
        wrapped = wrap_key(key, public, work.record["content"]["commitment"])
        return self._service.ledger.submit("creator", "PutKey", work_id, party, wrapped)

    def key(self, work: Work, part: Any = "creator") -> bytes:
        """The acting person's key of a work: from the keystore, else unwrapped from the ledger.

        Keys that a renewal replaced open what was wrapped for them; the reading key opens everything since.
        """
        own = self._service.ledger.party(part)
        visiting = self._service.platform.networks.visiting()
        mine = visiting or any(party == own for party, _ in work.owners)
        if mine and (kept := self._kept(work)) is not None:
            return kept
        try:
            wrapped = str(self._service.ledger.evaluate(part, "ReadKey", work.id))
        except LedgerError as error:
            if error.code != "no_key":
                raise
            raise UserError(
                Text("没有给您这件作品的密钥。", "No key of this work was given to you."),
                Text("请向权利人取得许可。", "Ask its owner for a licence."),
                code="no_key",
            ) from error
        commitment = work.record["content"]["commitment"]
        problem: UserError | None = None
        for private in self._privates(part):
            try:
                return unwrap_key(wrapped, private, commitment)
            except UserError as error:
                problem = error
        raise problem or UserError(Text("本机没有您的阅读密钥。", "Your reading key is not here."), code="no_key")

    def hand_key(self, work_id: str) -> None:
        """Hand a sealed work's key to the office, which opens the work at examination; nothing for an open one."""
        service = self._service
        work = service.work(work_id)
        if not work.encrypted:
            return
        key = self.key(work)
        service.files.bring_work(work)
        digest = hashlib.sha256()
        for piece in unseal(service.content.cat(Cid(work.cid)), key):
            digest.update(piece)
        body = json.dumps({"key": key.hex(), "sha256": digest.hexdigest()}).encode()
        office = service.ledger.cast.office
        service.ledger.submit("creator", "PutExaminationKey", work.id, transient={"key": body}, only=office)

    def examination_key(self, work: Work) -> bytes:
        """A sealed work's key for the registrar who examines it; each time leaves a trace on the ledger."""
        service = self._service
        service.platform.session.require(permissions.REVIEW)
        service.ledger.submit("registrar", "LookAtSealedWork", work.id)
        found = service.ledger.evaluate("registrar", "ReadExaminationKey", work.id, only=service.ledger.cast.office)
        return bytes.fromhex(found["key"])

    def for_examination(self, work: Work) -> tuple[bytes, Iterator[bytes]]:
        """A sealed work's key and plaintext for the registrar who examines it; leaves a trace."""
        self._service.files.bring_work(work)
        key = self.examination_key(work)
        return key, unseal(self._service.content.cat(Cid(work.cid)), key)

    def forget_examination_key(self, work_id: str) -> None:
        """Have the office's peers erase a work's key after the decision; what cannot be erased now stays as it is."""
        service = self._service
        with suppress(LedgerError):
            service.ledger.submit("registrar", "PurgeExaminationKey", work_id, only=service.ledger.cast.office)

    def given(self, part: Any, work: Work) -> bool:
        """Whether the ledger holds a wrapped key of a work for whoever acts."""
        try:
            return bool(self._service.ledger.evaluate(part, "ReadKey", work.id))
        except LedgerError as error:
            if error.code != "no_key":
                raise
            return False

    def rewrap(self) -> int:
        """Wrap the keys of one's own sealed works for the reading key, where only an older key opens them now."""
        done = 0
        for work in self._service.works(mine=True):
            if work.encrypted and work.state == "ACTIVE" and not self._opens_by_reading_key(work):
                key = self.key(work)
                self._service.platform.keystore.put(self._name(work.cid), key.hex().encode())
                self.keep(work)
                done += 1
        return done

    def gather(self) -> int:
        """Keep here the keys of works that others gave to whoever acts; returns how many came."""
        done = 0
        for licence in self._service.licences_held():
            work = self._service.work(str(licence["work_id"]))
            if work.encrypted and self._kept(work) is None and self.given("licensee", work):
                key = self.key(work, "licensee")
                self._service.platform.keystore.put(self._name(work.cid), key.hex().encode())
                done += 1
        return done

    def _opens_by_reading_key(self, work: Work) -> bool:
        try:
            wrapped = str(self._service.ledger.evaluate("creator", "ReadKey", work.id))
            for private in self.readers.privates("creator")[:1]:
                unwrap_key(wrapped, private, work.record["content"]["commitment"])
                return True
        except (LedgerError, UserError):
            pass
        return False

    def _kept(self, work: Work) -> bytes | None:
        """The key of a work in this keystore: under its content, or (deposits of earlier versions) under its id."""
        for name in (work.cid, work.id):
            try:
                return bytes.fromhex(self._service.platform.keystore.get(self._name(name)).decode())
            except NotFound:
                continue
        return None

    def _privates(self, part: Any) -> Iterator[EllipticCurvePrivateKey]:
        """Every key of the acting person that may open something: the reading key, the present one, retired ones."""
        from baas.services.identity_requests import load_key
        from network.tokens.reference import is_reference

        yield from self.readers.privates(part)
        msp_id, _, name = self._service.ledger.label(part).partition("/")
        authority = self._service.platform.networks.handle(self._service.network).authority(msp_id)
        for pem in (authority.person(name).private_key_pem, *authority.persons.retired_keys(name)):
            if not is_reference(pem):  # a token's key only signs
                yield load_key(pem)

    def open(self, work_id: str, part: Any = "creator") -> Iterator[bytes]:
        """The plaintext of a work, a piece at a time, with the acting person's key."""
        self._service.platform.session.require(permissions.READ)
        work = self._service.work(work_id)
        examined = work.encrypted and self._examines(work, part)
        key = self.key(work, part) if work.encrypted and not examined else b""
        self._service.files.bring_work(work)
        if not work.encrypted:
            return folders.cat(self._service.content, Cid(work.cid))
        return unseal(self._service.content.cat(Cid(work.cid)), self.examination_key(work) if examined else key)

    def _examines(self, work: Work, part: Any) -> bool:
        """Whether whoever acts opens a work for the office: neither an owner nor a licensee, but a registrar."""
        service = self._service
        if not service.platform.session.allows(permissions.REVIEW):
            return False
        if part == "registrar":
            return True
        acting = bool(service.platform.identities.acting(service.network).msp_id)
        return acting and service.ledger.party(part) not in [party for party, _ in work.owners]

    def save(self, work_id: str, target: BinaryIO, part: Any = "creator") -> int:
        """Write the plaintext to a file; returns its bytes."""
        return sum(target.write(piece) for piece in self.open(work_id, part))

    def _name(self, content: str) -> str:
        return f"{self._service.network}/copyright/{content}"

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
