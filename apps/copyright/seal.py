"""The office's electronic seals: a root of the office's own, and a seal for each registrar under it.

Fabric's enrolment certificates may sign transactions only, and under the MSP's root stand creators too: a PDF signed
below it would say nothing of the office. The seal root (20 years) stands on the channel card and is needed only when a
seal is made; `take_out` and `put_back` keep its key off line in between. A registrar's seal (three years) names the
office and the officer. The root also certifies the office's own time-stamp, which stands in while no authority is
named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright.seal_certificates import (
    Sealed,
    answer_requests,
    issue,
    issue_stamp,
    make_root,
    new_stamp_key,
    requests_of,
)
from baas.errors import Conflict, NotFound, PermissionDenied, Text, UserError
from baas.roles import IDENTITY_ISSUE
from fabric_sdk import clock
from fabric_sdk.files import write_whole
from network.refusals import reason_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from apps.copyright.service import CopyrightService

RENEW_DAYS = 30


@dataclass(frozen=True)
class OfficeSeal:
    """A registrar's seal: the office, the officer, key and certificate, the root above it, the office's own stamp."""

    name: str
    officer: str
    key: EllipticCurvePrivateKey
    certificate_pem: bytes
    issuer_pem: bytes
    stamp: Sealed

    def __repr__(self) -> str:
        return f"OfficeSeal({self.name!r}, {self.officer!r})"


class SealStore:
    """The seals of one network's office in this workspace: keys in the keystore, certificates in `seals/`."""

    def __init__(self, service: CopyrightService) -> None:
        self._platform, self._network = service.platform, service.network
        self._office = service.ledger.cast.office

    def apart(self, service: CopyrightService) -> bool:
        """Whether this is a registrar's own desk: no root was made here, and whoever acts may not make one."""
        acting = bool(service.platform.identities.acting(self._network).msp_id)
        may = self._platform.session.allows(IDENTITY_ISSUE, self._office)
        return acting and not may and not self.path("root").is_file()

    def administrator(self, service: CopyrightService) -> str:
        """Who signs for the office: whoever acts, or the owner's administrator of the office."""
        actor = service.platform.identities.acting(self._network)
        return actor.label if actor.msp_id else f"{self._office}/admin"

    def key(self, what: str) -> Any:
        """A key that is kept here, with or without a certificate; None if there is none."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        from network.keys import open_key
        from network.tokens.reference import is_reference

        try:
            kept = self._platform.keystore.get(self._vault(what))
        except NotFound:
            return None
        return open_key(kept) if is_reference(kept) else load_pem_private_key(kept, None)

    def make(self, what: str, certify: Callable[[EllipticCurvePrivateKey], Sealed]) -> Sealed:
        """A new key, made where the office's keys are made, and its certificate; both are kept."""
        from network.keys import fresh_key, open_key

        with fresh_key(self._platform.keystore, self._vault(what)) as kept:
            return self.put(what, certify(open_key(kept)))

    def new_key(self, what: str) -> EllipticCurvePrivateKey:
        """A new key whose certificate is to be asked for, made where the office's keys are made; it is kept."""
        from network.keys import fresh_key, open_key

        with fresh_key(self._platform.keystore, self._vault(what)) as kept:
            key = open_key(kept)
            self.put_key(what, key)
        return key

    def put_key(self, what: str, key: Any) -> None:
        """Keep a key whose certificate is being asked for; an earlier certificate goes."""
        self._platform.keystore.put(self._vault(what), _pem(key))
        self.path(what).unlink(missing_ok=True)

    def put_certificate(self, what: str, pem: bytes) -> None:
        """Keep a certificate."""
        path = self.path(what)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pem)

    def path(self, what: str) -> Path:
        """The certificate's file."""
        return self._platform.workspace.path("seals", f"{self._network}-{what}.pem")

    def get(self, what: str, left: timedelta = timedelta(0)) -> Sealed | None:
        """A key and its certificate, None if either is missing or it ends within `left`."""
        from cryptography import x509

        key = self.key(what)
        try:
            pem = self.path(what).read_bytes()
        except FileNotFoundError:
            return None
        if key is None:
            return None
        ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
        return Sealed(key, pem) if ends - clock.now() > left else None

    def put(self, what: str, made: Sealed) -> Sealed:
        """Keep a key and its certificate."""
        self._platform.keystore.put(self._vault(what), _pem(made.key))
        self.put_certificate(what, made.certificate_pem)
        return made

    def forget_key(self, what: str) -> None:
        """Remove a key from the keystore; its certificate stays."""
        self._platform.keystore.remove(self._vault(what))

    def root(self, name: str) -> Sealed:
        """The root, made by an administrator of the office when it is first needed.

        `PermissionDenied` where there is none and the actor may not make it, `NotFound` when its key is off line.
        """
        found = self.get("root")
        if found is not None:
            return found
        if self.path("root").is_file():
            raise NotFound(
                Text("登记机构的印章根密钥不在本机（离线保管）。", "The office's seal root key is off line."),
                Text(
                    "请先放回：citychain copyright seal --put-back 文件",
                    "Put it back: citychain copyright seal --put-back FILE",
                ),
                code="seal_root_off_line",
            )
        if not self._platform.session.allows(IDENTITY_ISSUE, self._office):
            raise PermissionDenied(
                Text("登记机构还没有电子印章。", "The registration office has no electronic seal yet."),
                Text(
                    "请由平台管理员或该机构的管理员运行一次：citychain copyright seal",
                    "Let the platform's or the office's administrator run once: citychain copyright seal",
                ),
                code="no_office_seal",
            )
        return self.make("root", lambda key: make_root(f"{name} 电子印章根"[:64], self._office, key))

    def _vault(self, what: str) -> str:
        return f"{self._network}/{self._office}/seal-{what}"


def office_seal(service: CopyrightService, *, ask_again: bool = False) -> OfficeSeal:
    """The seal of whoever acts as registrar, made when it is first needed or about to end and the root is at hand.

    At a desk without the root it is asked for on the ledger; `NotFound` (seal_waiting) until the office's
    administrator has issued it, `Conflict` (seal_refused) with the reason once they said no; `ask_again` asks anew.
    """
    store = SealStore(service)
    name = str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"])
    officer = service.ledger.label("registrar").partition("/")[2]
    if store.apart(service):
        return _own_desk(service, store, name, officer, ask_again)
    own = store.get(officer, timedelta(days=RENEW_DAYS)) or (
        store.get(officer) if store.path("root").is_file() and store.get("root") is None else None
    )
    stamp = store.get("stamp")
    if own is None or stamp is None:
        root = store.root(name)
        if own is None:
            own = store.make(officer, lambda key: issue(name, officer, root, key))
        if stamp is None:
            stamp = store.put("stamp", issue_stamp(name, root))
    root_pem = store.path("root").read_bytes()
    return OfficeSeal(name, officer, own.key, own.certificate_pem, root_pem, stamp)


def _own_desk(service: CopyrightService, store: SealStore, name: str, officer: str, ask_again: bool) -> OfficeSeal:
    """A registrar's seal at the own desk, whose root is elsewhere: from here, else from the ledger, else asked for."""
    party = service.ledger.party("registrar")
    stands = service.ledger.evaluate("registrar", "ReadSeal", party)
    if stands["state"] == "ISSUED" and _fits(store, officer, stands["issued"]["seal"]):
        issued = stands["issued"]
        for what, part in ((officer, "seal"), ("stamp", "stamp")):
            store.put_certificate(what, issued[part].encode())
        store.put_certificate("root-of-seals", issued["root"].encode())
        own, stamp = store.get(officer, timedelta(days=RENEW_DAYS)), store.get("stamp", timedelta(days=RENEW_DAYS))
        if own is not None and stamp is not None:
            return OfficeSeal(name, officer, own.key, own.certificate_pem, issued["root"].encode(), stamp)
    if stands["state"] == "REFUSED" and not ask_again:
        raise Conflict(
            Text(
                "{b} 没有签发您的电子印章：“{r}”。",
                "{b} did not issue your seal: {r}.",
                b=str(stands["by"]),
                r=str(stands["reason"]),
            ),
            Text("可以再申请：citychain copyright seal --ask", "You may ask again: citychain copyright seal --ask"),
            code="seal_refused",
        )
    if stands["state"] != "ASKED" or not _fits(store, officer, stands["asked"]["seal"]):
        own_key, stamp_key = store.new_key(officer), new_stamp_key()
        store.put_key("stamp", stamp_key)  # kept before anybody is asked
        service.ledger.submit("registrar", "AskSeal", requests_of(officer, name, own_key, stamp_key))
    raise NotFound(
        Text("您的电子印章还没有签发，已经申请。", "Your seal is not issued yet; it has been asked for."),
        Text(
            "请机构管理员运行 citychain copyright seal --issue，再发证。",
            "Let the office's administrator run citychain copyright seal --issue, then certify again.",
        ),
        code="seal_waiting",
    )


def _fits(store: SealStore, officer: str, pem: str) -> bool:
    """Whether a certificate or a request is for the key that is kept here."""
    from cryptography import x509

    key = store.key(officer)
    if key is None:
        return False
    read = x509.load_pem_x509_csr if "REQUEST" in pem else x509.load_pem_x509_certificate
    return bool(read(pem.encode()).public_key() == key.public_key())


def waiting_seals(service: CopyrightService) -> list[str]:
    """The registrars (parties) whose seals the office's administrator has to issue."""
    found = service.ledger.evaluate("auditor", "ListSeals")["seals"]
    return [str(one["party"]) for one in found if one["state"] == "ASKED"]


def issue_waiting(service: CopyrightService) -> list[str]:
    """Issue every seal that was asked for on the ledger, under the root; returns the registrars.

    The registrar's private key never comes here, and the root's never leaves.
    """
    office = service.ledger.cast.office
    service.platform.session.require(IDENTITY_ISSUE, office)
    store = SealStore(service)
    name = str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"])
    signer = store.administrator(service)
    done = []
    for one in service.ledger.evaluate("auditor", "ListSeals")["seals"]:
        if one["state"] == "ASKED":
            party = str(one["party"])
            issued = answer_requests(name, party.partition("/")[2], one["asked"], store.root(name))
            service.ledger.submit(signer, "IssueSeal", party, issued)
            done.append(party)
    return done


def refused_seal(service: CopyrightService) -> str:
    """Why the acting registrar's own seal was refused; "" when it was not."""
    stands = service.ledger.evaluate("registrar", "ReadSeal", service.ledger.party("registrar"))
    return str(stands["reason"]) if stands["state"] == "REFUSED" else ""


def refuse(service: CopyrightService, party: str, reason: str) -> None:
    """Say no on the ledger to a seal that a registrar asked for, with a reason that everybody can read."""
    service.platform.session.require(IDENTITY_ISSUE, service.ledger.cast.office)
    signer = SealStore(service).administrator(service)
    service.ledger.submit(signer, "RefuseSeal", party, reason_of(reason))


def withdraw(service: CopyrightService, party: str, reason: str) -> None:
    """Note on the ledger that a registrar's seal counts no more from now on."""
    service.platform.session.require(IDENTITY_ISSUE, service.ledger.cast.office)
    service.ledger.submit(SealStore(service).administrator(service), "WithdrawSeal", party, reason)


def take_out(service: CopyrightService, target: Path, passphrase: bytes) -> None:
    """Write the root's key to a file under a passphrase and remove it from the keystore: off line until put back."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    service.platform.session.require(IDENTITY_ISSUE, service.ledger.cast.office)
    store = SealStore(service)
    root = store.root(str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"]))
    if len(passphrase) < 8:
        raise UserError(Text("口令至少 8 个字符。", "A passphrase has at least 8 characters."))
    if target.exists():
        raise Conflict(Text("{p} 已经存在。", "{p} exists already.", p=target.name))
    office_seal(service)  # so that the officer can go on while the root is away
    from network.vault import write_private

    write_private(
        target, root.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    )
    store.forget_key("root")


def put_back(service: CopyrightService, source: Path, passphrase: bytes) -> None:
    """Take the root's key in again from `take_out`'s file; `UserError` for another key or passphrase."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    service.platform.session.require(IDENTITY_ISSUE, service.ledger.cast.office)
    store = SealStore(service)
    try:
        key: Any = load_pem_private_key(source.read_bytes(), passphrase)
        pem = store.path("root").read_bytes()
        fits = key.public_key() == x509.load_pem_x509_certificate(pem).public_key()
    except (OSError, ValueError, TypeError):
        fits = False
    if not fits:
        raise UserError(
            Text(
                "文件不是这个印章根的密钥，或口令不对。",
                "The file is not this seal root's key, or the passphrase is wrong.",
            )
        )
    store.put("root", Sealed(key, pem))


def describe(service: CopyrightService, *, ask_again: bool = False) -> dict[str, Any]:
    """The root and the acting registrar's seal, for showing; an administrator's first look makes them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    found = office_seal(service, ask_again=ask_again)
    root, own = (x509.load_pem_x509_certificate(pem) for pem in (found.issuer_pem, found.certificate_pem))
    waiting = waiting_seals(service)
    return {
        "office": found.name,
        "root_sha256": root.fingerprint(hashes.SHA256()).hex(),
        "root_until": root.not_valid_after_utc.isoformat(),
        "root_key_here": SealStore(service).get("root") is not None,
        "officer": found.officer,
        "seal_until": own.not_valid_after_utc.isoformat(),
        "waiting": waiting,
    }


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from network.keys import kept_form

    return kept_form(key)
