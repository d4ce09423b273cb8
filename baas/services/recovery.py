"""What only this desk has, and the recovery file that saves it.

Signing keys are not in the file: they are never copied, and whoever loses one asks for another. In it is what no office
can give again: the reading key, keys of sealed works, an application's own secrets. It is sealed under a generated
128-bit code, so that guessing it off line is hopeless.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.applications import load
from baas.errors import Conflict, NotFound, Text, UserError
from baas.letters import RECOVERY, damaged, new_code, read_letter, unseal, write_letter
from baas.roles import requires
from baas.services.asked_requests import PENDING
from baas.session import Session
from network.tokens.reference import is_reference

if TYPE_CHECKING:
    from baas.platform import Platform

CODE_BITS = 128
MAX_SECRETS = 100_000
MAX_SECRET_BYTES = 100_000


@dataclass(frozen=True)
class OnlyHere:
    """Something that is nowhere else: what, how many, and whether a recovery file holds it.

    `id` is stable for programs. `recoverable` says whether a recovery file would save it at all; `hint` is what to do.
    """

    id: str
    title: Text
    count: int
    recoverable: bool
    saved: bool = False
    hint: Text | None = None


@dataclass(frozen=True)
class Recovery:
    """A recovery file: the file, the code that opens it (shown once), and how many secrets it holds."""

    file: Path
    code: str
    secrets: int


class RecoveryService:
    """Keeps a desk's irreplaceable secrets in one file, and takes them in again on a new laptop."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @property
    def session(self) -> Session:
        return self._platform.session

    @requires(roles.IDENTITY_READ)
    def only_here(self, network: str = "") -> tuple[OnlyHere, ...]:
        """Everything of this desk on a network that nobody else has; works with a locked keystore and off line."""
        platform = self._platform
        network = platform.networks.resolve(network)
        saved = self._saved(network)
        found: list[OnlyHere] = []
        signing = [name for name in platform.keystore.names() if self._signs(network, name)]
        if signing:
            hint = Text("丢失时请组织换发。", "If it is lost, the organisation issues another.")
            found.append(
                OnlyHere("signing", Text("签名私钥", "Signing keys"), len(signing), recoverable=False, hint=hint)
            )
        secrets = self._secrets(network)
        for manifest in platform.applications.all():
            if manifest.only_here:
                found += load(manifest.only_here)(platform, network, frozenset(secrets), saved)
        return tuple(found)

    @requires(roles.IDENTITY_READ)
    def unsaved(self, network: str = "") -> bool:
        """Whether there is something here that a recovery file would save and none does."""
        return any(one.recoverable and not one.saved for one in self.only_here(network))

    @requires(roles.NETWORK_ATTACH)
    def make(self, target: Path, network: str = "") -> Recovery:
        """Write the recovery file of this desk on a network. The code is shown once and kept nowhere."""
        platform = self._platform
        network = platform.networks.resolve(network)
        if network not in platform.networks.attached():
            raise UserError(
                Text("网络 {n} 由本工作区运行，请改用备份。", "This workspace runs {n} itself: back it up.", n=network),
                Text("citychain backup", "citychain backup"),
                code="not_a_desk",
            )
        for manifest in platform.applications.all():
            if manifest.recovery:
                load(manifest.recovery)(platform, network)
        secrets = self._secrets(network)
        if not secrets:
            raise NotFound(
                Text("还没有只在本机的内容。", "There is nothing yet that only this desk has."),
                Text("首次加密存证或接受许可后再制作。", "Make one after the first sealed work or licence."),
                code="nothing_to_recover",
            )
        body = {
            "network": network,
            "party": platform.identities.acting(network).party,
            "root": platform.networks.fingerprint(network),
            "secrets": {
                name.removeprefix(f"{network}/"): base64.b64encode(platform.keystore.get(name)).decode()
                for name in secrets
            },
        }
        code = new_code(CODE_BITS)
        file = write_letter(target, RECOVERY, body, code)
        self._remember(network, secrets)
        return Recovery(file, code, len(secrets))

    @requires(roles.NETWORK_ATTACH)
    def take(self, source: Path, code: str, network: str = "") -> int:
        """Take a recovery file in, at the desk of the same person on the same network; returns how many secrets came.

        What is here already stays; another secret of the same name is kept beside it.
        """
        platform = self._platform
        letter = read_letter(source)
        if letter.kind != RECOVERY:
            raise UserError(
                Text("{f} 不是恢复文件。", "{f} is no recovery file.", f=source.name), code="not_a_recovery"
            )
        opened = unseal(letter, code)
        network = platform.networks.resolve(network)
        party, own = opened.text("party"), platform.identities.acting(network).party
        if opened.text("root") != platform.networks.fingerprint(network):
            raise Conflict(
                Text("恢复文件属于另一个网络。", "The recovery file is of another network."), code="another_network"
            )
        if party != own:
            raise Conflict(
                Text("恢复文件是 {p} 的，本桌面是 {o}。", "The file is {p}'s; this desk is {o}'s.", p=party, o=own),
                Text("请先以同一身份进入网络。", "Come into the network as the same person first."),
                code="another_person",
            )
        secrets = {}
        for name, value in opened.mapping("secrets").items():
            full = f"{network}/{name}"
            if not isinstance(value, str) or len(value) > MAX_SECRET_BYTES or self._signs(network, full):
                raise damaged()
            try:
                secrets[full] = base64.b64decode(value, validate=True)
            except ValueError:
                raise damaged() from None
            if is_reference(secrets[full]):  # it would name a library to be loaded here
                raise damaged()
        if len(secrets) > MAX_SECRETS:
            raise damaged()
        for name, secret in secrets.items():
            self._put(name, secret)
        self._remember(network, self._secrets(network))
        return len(secrets)

    # -- inside ------------------------------------------------------------------------------------
    def _put(self, name: str, secret: bytes) -> None:
        keystore = self._platform.keystore
        if keystore.ensure(name, lambda: secret) != secret:
            keystore.put(f"{name}/{sha256(secret).hexdigest()[:12]}", secret)

    def _signs(self, network: str, name: str) -> bool:
        """Whether a name is that of a key that signs: a person's, an authority's, a retired one, or one asked for."""
        if name.startswith(f"{PENDING}/"):
            return False
        spec = self._platform.networks.spec(network)
        return any(name.startswith(f"{network}/{o.msp_id}/") for o in spec.organizations)

    def _secrets(self, network: str) -> tuple[str, ...]:
        names = self._platform.keystore.names()
        return tuple(n for n in names if n.startswith(f"{network}/") and not self._signs(network, n))

    def _saved(self, network: str) -> frozenset[str]:
        return frozenset(json.loads(self._platform.workspace.setting(f"recovery.{network}", "[]")))

    def _remember(self, network: str, names: Iterable[str]) -> None:
        self._platform.workspace.set_setting(f"recovery.{network}", json.dumps(sorted(names)))
