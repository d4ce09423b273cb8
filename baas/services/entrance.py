"""The entering side: how a person's new machine comes into a network that others run, and stays in it.

`request` makes a key here and a file for the office; `enter` takes what came back: an entry, an invitation, or a plain
`.p12` with a connection profile. Nothing is kept unless a peer of the network answers this person.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import CityChainError, Conflict, NotFound, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.letters import (
    ENTRY,
    INVITATION,
    REFUSAL,
    REQUEST,
    SUFFIX,
    Letter,
    damaged,
    is_letter,
    read_letter,
    unseal,
    write_letter,
)
from baas.roles import Role, requires
from baas.services.asked_requests import PENDING, Asked, AskedRequests
from baas.services.identity_exchange import MAX_PKCS12_BYTES, from_pkcs12
from baas.services.identity_records import load_certificate, shown_fingerprint, split_label
from baas.services.identity_requests import key_digest, load_key, make_request
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.identities import IdentityService
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace
    from network.attached.profile import ConnectionProfile


@dataclass(frozen=True)
class Entered:
    """What came of a file: in the network as `party`, or (of an invitation) a request to send back first.

    `authority` is the fingerprint of the authority that certifies this person, to be compared with what the
    organisation says of itself: a forged file leads to another network, which has another.
    """

    network: str
    party: str
    roles: frozenset[Role]
    authority: str = ""
    renewed: bool = False
    request: Path | None = None


class EntranceService:
    """Brings a person into networks of others from this workspace."""

    def __init__(
        self,
        workspace: Workspace,
        networks: NetworkService,
        identities: IdentityService,
        keystore: Keystore,
        session: Session,
        events: EventBus,
    ) -> None:
        self._workspace = workspace
        self._networks = networks
        self._identities = identities
        self._keystore = keystore
        self._session = session
        self._events = events
        self._requests = AskedRequests(workspace, keystore)

    @property
    def session(self) -> Session:
        return self._session

    # -- asking ------------------------------------------------------------------------------------
    @requires(roles.NETWORK_ATTACH)
    def request(self, target: Path, name: str, msp_id: str = "", token: str = "") -> Path:
        """Make a key that stays here and write a request for a certificate of `name`; returns the file.

        `token` is the address of the hardware token that makes and keeps the key.
        """
        from network.persons import fit_name

        if not fit_name(name) or name == "admin":
            raise UserError(
                Text("身份名“{n}”不可用。", "{n} cannot be an identity's name.", n=name[:70]),
                Text("请使用您的姓名或工号，1–64 个字符。", "Use your name or number, 1 to 64 characters."),
                code="bad_name",
            )
        return self._ask(target, name, msp_id, token=token)

    @requires(roles.IDENTITY_READ)
    def asked(self) -> tuple[Asked, ...]:
        """What was asked for from here and has not been issued, and what was refused; the newest last."""
        return self._requests.all()

    @requires(roles.NETWORK_ATTACH)
    def renewal(self, target: Path, label: str = "", network: str = "") -> Path:
        """Write a request for a new certificate of somebody here, signed with the present key; returns the file."""
        network = self._networks.resolve(network)
        label = label or self._identities.acting(network).label
        msp_id, _ = split_label(label)
        signing = self._identities.signing(label, network)
        key = self._keystore.get(f"{network}/{label}")
        name = self._identities.party(label, network).partition("/")[2]
        root = self._networks.handle(network).authority(msp_id).ca_certificate_pem
        return self._ask(target, name, msp_id, signing.identity.credentials, key, root)

    def _ask(
        self,
        target: Path,
        name: str,
        msp_id: str,
        certificate: bytes = b"",
        key: bytes = b"",
        root: bytes = b"",
        token: str = "",
    ) -> Path:
        """`root` is the authority that is asked, where it is known: nobody else may refuse then.

        The key is made in `token`, or where the one is that it follows.
        """
        from network.keys import fresh_key, token_behind

        with fresh_key(self._keystore, PENDING, token or token_behind(key)) as made:
            body = make_request(name, msp_id, made, signer_certificate=certificate, signer_key=key)
            digest = key_digest(load_key(made).public_key())
            # The key first: an answer to a key that was lost would be worth nothing.
            self._keystore.put(f"{PENDING}/{digest}", made)
        self._requests.remember(digest, name, msp_id, root)
        return write_letter(target, REQUEST, body)

    # -- coming in ---------------------------------------------------------------------------------
    def look(self, source: Path) -> Letter | None:
        """What a file is, before it is opened; None for a PKCS#12 file."""
        return read_letter(source) if is_letter(source) or source.suffix == SUFFIX else None

    @requires(roles.NETWORK_ATTACH)
    def enter(
        self,
        source: Path,
        passphrase: str = "",
        profile: Path | None = None,
        *,
        name: str = "",
        target: Path | None = None,
        ctx: JobContext = NULL_CONTEXT,
    ) -> Entered:
        """Come in by a file. `name` calls the network otherwise here; `profile` goes with a `.p12`.

        An invitation gives a request to send back, written to `target` (beside the invitation when None). A refusal of
        a request from here is kept, and said as `Conflict` (identity_refused).
        """
        letter = self.look(source)
        if letter is None:
            return self._by_pkcs12(source, passphrase, profile, name, ctx)
        if letter.kind == ENTRY:
            return self._by_entry(letter, name, ctx)
        if letter.kind == REFUSAL:
            raise self._requests.refused(letter)
        if letter.kind == INVITATION:
            opened = unseal(letter, passphrase)
            return self._by_invitation(opened, target or source.with_name(f"{source.stem}-request{SUFFIX}"), ctx)
        raise UserError(
            Text("{f} 不是发给进入者的文件。", "{f} is no file to come in with.", f=source.name),
            Text(
                "身份申请应发给签发方，由其回复准入文件。", "A request goes to the issuer, who answers with an entry."
            ),
            code="not_an_entry",
        )

    def _by_entry(self, letter: Letter, name: str, ctx: JobContext) -> Entered:
        certificate, msp_id = letter.text("certificate").encode(), letter.text("msp_id", 100)
        pending = f"{PENDING}/{self._digest(certificate)}"
        try:
            key = self._keystore.get(pending)
        except NotFound:
            known = self._kept_key(letter, msp_id, certificate)
            if known is None:
                raise UserError(
                    Text(
                        "这份准入文件对应的申请不是在本机生成的。",
                        "The request that this entry answers is not from here.",
                    ),
                    Text("请在生成申请的机器上打开，或重新申请。", "Open it where the request was made, or ask anew."),
                    code="no_request_here",
                ) from None
            key = known
        entered = self._attach(letter, msp_id, certificate, key, name, ctx)
        self._keystore.remove(pending)
        self._requests.forget(pending.partition("/")[2])
        return entered

    def _by_invitation(self, letter: Letter, target: Path, ctx: JobContext) -> Entered:
        """Ask a peer whether the invitation still counts, then make the key that will count."""
        from fabric_sdk.errors import MspError
        from fabric_sdk.identity import SigningIdentity
        from network.attached.survey import survey
        from network.drivers.base import Silent
        from network.persons import person_of

        certificate, key = letter.text("certificate").encode(), letter.text("key").encode()
        msp_id = letter.text("msp_id", 100)
        profile = _profile_of(letter)
        ctx.step("survey", Text("核对邀请", "Check the invitation"))
        try:
            signing = SigningIdentity.from_pem(msp_id, certificate, key)
        except MspError:
            raise damaged() from None
        with translating():
            survey(profile, signing, Silent())
        person = person_of(msp_id, certificate)
        root = profile.roots.get(msp_id, b"")
        request = self._ask(target, person.name, msp_id, certificate, key, root)
        return Entered(_network_name(letter), person.party, frozenset(), request=request)

    def _by_pkcs12(self, source: Path, password: str, profile: Path | None, name: str, ctx: JobContext) -> Entered:
        from network.attached.profile import read_profile

        if profile is None:
            raise UserError(
                Text(
                    "单独的 .p12 不知道网络在哪里，还需要连接配置。", "A .p12 alone does not say where the network is."
                ),
                Text("请加 --profile，或请对方发送邀请。", "Give --profile, or ask for an invitation."),
                code="profile_needed",
            )
        with translating():
            with source.open("rb") as stream:
                data = stream.read(MAX_PKCS12_BYTES + 1)
            certificate, key = from_pkcs12(data, password)
            found = read_profile(profile)
        return self._attach(None, found.msp_id, certificate, key, name or _fit(found.name), ctx, profile=found)

    def _attach(
        self,
        letter: Letter | None,
        msp_id: str,
        certificate: bytes,
        key: bytes,
        name: str,
        ctx: JobContext,
        *,
        profile: ConnectionProfile | None = None,
    ) -> Entered:
        from network.attached.folder import attach

        if profile is None:
            assert letter is not None
            profile = _profile_of(letter)
        network = name or self._same(profile, msp_id) or _network_name(letter)
        folder = self._folder(network)
        left = self._workspace.setting(f"left.{network}")
        root = profile.roots.get(msp_id, b"").strip()
        if network not in self._networks.names() and left and root and sha256(root).hexdigest() != left:
            raise Conflict(
                Text(
                    "本机还保存着另一个同名网络“{n}”的密钥。",
                    "Keys of another network named {n} are kept here.",
                    n=network,
                ),
                Text("请为新的网络另取一个名称：--name。", "Give the new one a name of its own: --name."),
                code="network_exists",
            )
        new = network not in self._networks.names()
        ctx.step("attach", Text("进入网络 {n}", "Come into network {n}", n=network))
        try:
            with translating():
                attach(
                    profile,
                    folder,
                    self._keystore,
                    name=network,
                    msp_id=msp_id,
                    certificate_pem=certificate,
                    private_key_pem=key,
                    kept=letter is not None,
                    ctx=ctx,
                )
        except BaseException:
            if new:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._networks.forget(network)
        self._events.publish(NetworkChanged(network, "attached"))
        actor = self._identities.entered(network)
        root = self._networks.handle(network).authority(msp_id).ca_certificate_pem
        return Entered(network, actor.party, actor.roles, shown_fingerprint(root), renewed=not new)

    # -- inside ------------------------------------------------------------------------------------
    def _folder(self, network: str) -> Path:
        if network != _fit(network):
            raise UserError(
                Text("网络名只能用小写字母、数字和横线。", "A network's name has small letters, digits and hyphens."),
                code="bad_name",
            )
        if network in self._networks.names() and network not in self._networks.attached():
            raise Conflict(
                Text("“{n}”是本机自己的网络。", "{n} is this workspace's own network.", n=network),
                Text("请在自己的工作区进入，或另取名称。", "Come in from another workspace, or use another name."),
                code="network_exists",
            )
        return self._workspace.path("networks", network)

    def _same(self, profile: ConnectionProfile, msp_id: str) -> str:
        """The attached network that a profile leads to: the one whose authority of that organisation it names."""
        root = profile.roots.get(msp_id)
        for network in self._networks.attached() if root else ():
            handle = self._networks.handle(network)
            try:
                known = handle.authority(msp_id).ca_certificate_pem
            except CityChainError:
                continue
            if root is not None and root.strip() in known:
                return network
        return ""

    def _kept_key(self, letter: Letter, msp_id: str, certificate_pem: bytes) -> bytes | None:
        """The key of a certificate that is in use here already, or was: an entry may be opened twice."""
        from network.certificates import matches_key
        from network.persons import kept_name, person_of

        for network in dict.fromkeys((*self._networks.attached(), _network_name(letter))):
            name = f"{network}/{msp_id}/{kept_name(person_of(msp_id, certificate_pem))}"
            if name in self._keystore.names() and matches_key(certificate_pem, key := self._keystore.get(name)):
                return key
        return None

    @staticmethod
    def _digest(certificate_pem: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric import ec

        public = load_certificate(certificate_pem).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise damaged()
        return key_digest(public)


def _profile_of(letter: Letter) -> ConnectionProfile:
    from network.attached.profile import parse_profile

    with translating():
        document: Mapping[str, Any] = json.loads(json.dumps(letter.mapping("profile")))
        return parse_profile(document, name=_network_name(letter))


def _network_name(letter: Letter | None) -> str:
    return _fit(letter.text("network", 100)) if letter is not None else "network"


def _fit(name: str) -> str:
    """A network's name out of any text: small letters, digits and hyphens, beginning with a letter."""
    from network.file_names import reserved_on_windows

    text = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-")[:31].strip("-")
    return text if text and text[0].isalpha() and not reserved_on_windows(text) else f"n-{text}".strip("-")[:31]
