"""The contract as this application calls it: one identity for each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from apps.copyright import manifest
from apps.copyright.cast import Cast, Part, cast_of
from apps.copyright.model import Committed
from apps.kit.ledger import LedgerClient

if TYPE_CHECKING:
    from baas.platform import Platform

CONTRACT = "copyright"


class CopyrightLedger(LedgerClient):
    """Calls to the contract `copyright` on one network, signed by a part (`creator`, …) or an identity.

    The workspace's owner acts in every part with identities made for it (`copyright-creator`, …); somebody who acts
    under their own identity signs everything with it, and the contract refuses what that certificate may not do.
    """

    patient = frozenset({"IssueCertificate"})

    def __init__(self, platform: Platform, network: str) -> None:
        super().__init__(platform, network, CONTRACT, **manifest.MANIFEST.answers())
        self.cast: Cast = cast_of(self.spec)
        self._labels: dict[str, str] = {}

    def reconfigure(self, settings: Mapping[str, Any]) -> Committed[Any]:
        """Write new settings; only administrators of the office in force may."""
        actor = self.platform.identities.acting(self.network)
        return self.submit(actor.label if actor.msp_id else f"{self.cast.office}/admin", "Configure", dict(settings))

    def label(self, signer: Part | str) -> str:
        """The identity whose key signs for a part, made when it is first needed; see `party` for who that is."""
        if "/" in signer:
            return signer
        actor = self.platform.identities.acting(self.network)
        if actor.msp_id:
            return actor.label
        if signer not in self._labels:
            role = "registrar" if signer == "reviewer" else signer
            self._labels[signer] = self.platform.identities.ensure(
                self.cast.msp_of(cast(Part, signer)), f"copyright-{signer}", role, network=self.network
            )
        return self._labels[signer]

    def party(self, part: Part | str) -> str:
        """How the ledger names whoever signs for a part, by their certificate: `MSP/common name`."""
        return self.platform.identities.party(self.label(part), self.network)
