"""Fields of the copyright acts' forms: who may be named, the rights of a licence or pledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.copyright.ui.words import terms, tr
from console.appkit.editors import CodesBox
from network.errors import CityChainError

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService


def known_parties(service: CopyrightService) -> list[str]:
    """Parties a person may want to name: people of the network, else who appears on the ledger; oneself left out."""
    try:
        people = service.platform.identities.list(service.network, kind="person")
        found = [one.label for one in people if {role.value for role in one.roles} & {"creator", "licensee"}]
    except CityChainError:
        page = service.ledger.evaluate("auditor", "ListWorks", 100, "")
        found = sorted({owner["party"] for work in page["items"] for owner in work["owners"]})
    return found


class RightsBox(CodesBox):
    """All economic rights, or some ticked one by one."""

    def __init__(self, *, personal: bool = False) -> None:
        super().__init__(tr("权利种类"), tr("全部财产权"), _economic(personal))


def _economic(personal: bool) -> list[tuple[str, str]]:
    from chaincode.copyright.policy import load

    rows: dict[str, Any] = load().data["rights"]
    return [(code, name) for code, name in terms("rights") if personal or not rows[code]["personal"]]
