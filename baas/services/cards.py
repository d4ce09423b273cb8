"""Channel cards (通道名片): what an organisation publishes so that a proof can be told from a forged one.

A card is made from the chain itself: block 0, the configuration in force, the organisations in it. Who makes one
answers for the names on it; whoever checks a proof compares the card's fingerprint with a published one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, Text, UserError
from baas.roles import requires
from baas.session import Session
from fabric_sdk import clock
from fabric_sdk.proof.cards import Card, Institution, read_card, spaced
from fabric_sdk.proof.wire import Broken

if TYPE_CHECKING:
    from baas.applications import Applications
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace

_PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class WrittenCard:
    """A card's files: JSON, and a QR code (SVG) with the same text; the fingerprint in groups, for publishing."""

    path: Path
    picture: Path
    fingerprint: str
    card: Card


class CardService:
    """Makes the cards of a workspace's networks."""

    def __init__(
        self,
        networks: NetworkService,
        chain: ChainReader,
        applications: Applications,
        workspace: Workspace,
        session: Session,
    ) -> None:
        self._networks, self._chain, self._applications = networks, chain, applications
        self._workspace, self._session = workspace, session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def make(
        self,
        network: str,
        *,
        channel: str = "",
        names: Mapping[str, str] | None = None,
        witnesses: Sequence[str] | None = None,
        now: date | None = None,
    ) -> Card:
        """The card of a channel as it is now.

        `names` are legal names by MSP id where the topology's titles are not them; `witnesses` the organisations that
        vouch beside an application's office (without it: every other organisation with peers).
        """
        self._networks.require_origin(network, Text("不能制作通道名片", "it has no channel card"))
        spec = self._networks.spec(network)
        channel = self._chain.channel(network, channel)
        members = [one.msp_id for one in spec.organizations]
        for msp in (*(names or {}), *(witnesses or ())):
            if msp not in members:
                raise UserError(
                    Text("网络上没有组织 {m}。", "The network has no organisation {m}.", m=msp),
                    Text("组织：{o}", "Organisations: {o}", o=", ".join(members)),
                )
        offices: dict[str, list[str]] = {}
        for application in self._applications.all():
            call = application.contract.first_call
            if call is not None:
                offices.setdefault(call(spec).msp_id, []).append(application.contract.name)
        spoken = spec.peer_msp_ids if witnesses is None else list(witnesses)
        first = self._chain.block(network, channel, 0)
        number = self._newest_configuration(network, channel)
        institutions = tuple(
            Institution(
                one.msp_id,
                (names or {}).get(one.msp_id) or one.title.zh or one.msp_id,
                tuple(sorted(offices.get(one.msp_id, ()))),
                one.msp_id in spoken and (witnesses is not None or one.msp_id not in offices),
            )
            for one in spec.organizations
        )
        card = Card(
            channel,
            first.hash.hex(),
            number,
            self._chain.block(network, channel, number).hash.hex(),
            f"{now or clock.today():%Y-%m-%d}",
            institutions,
            self._fingerprints("seals", f"{network}-root.pem"),
            self._fingerprints("timestamps", "roots.pem"),
        )
        try:
            return read_card(json.dumps(card.to_dict()).encode())
        except Broken as error:
            raise UserError(
                Text(
                    "组织的名称不能印在名片上（1 到 200 个可见字符）。",
                    "An organisation's name cannot be put on a card (1 to 200 visible characters).",
                ),
                Text("用 --name MSP=名称 给出法定名称。", "Give its legal name with --name MSP=NAME."),
            ) from error

    def write(self, card: Card, target: Path) -> WrittenCard:
        """Write a card as JSON and as a QR code beside it; `Conflict` when one of the files exists."""
        import segno

        picture = target.with_suffix(".svg")
        for path in (target, picture):
            if path.exists():
                raise Conflict(
                    Text("{p} 已经存在。", "{p} exists already.", p=path.name),
                    Text("请换一个文件名。", "Choose another name."),
                )
        text = json.dumps(card.to_dict(), ensure_ascii=False, separators=(",", ":"))
        try:
            code = segno.make(text.encode(), error="l", micro=False)
        except segno.DataOverflowError as error:
            raise UserError(
                Text("名片太长，装不进一个二维码。", "The card is too long for one QR code."),
                Text("请缩短机构名称。", "Shorten the institutions' names."),
            ) from error
        target.write_text(json.dumps(card.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        code.save(str(picture), kind="svg", scale=3)
        return WrittenCard(target, picture, spaced(card.fingerprint), card)

    def _newest_configuration(self, network: str, channel: str) -> int:
        height = self._chain.info(network, channel).height
        return self._chain.block(network, channel, height - 1).last_config or 0

    def _fingerprints(self, folder: str, pattern: str) -> tuple[str, ...]:
        """SHA-256 of the certificates (DER) that the workspace holds in PEM files."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        found: dict[str, None] = {}
        for path in sorted(self._workspace.path(folder).glob(pattern)):
            for part in path.read_bytes().split(_PEM)[1:]:
                certificate = x509.load_pem_x509_certificate(_PEM + part)
                found[certificate.fingerprint(hashes.SHA256()).hex()] = None
        return tuple(found)
