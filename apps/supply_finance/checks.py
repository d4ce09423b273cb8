"""What the doctor looks at here: whether the books of the default network's ledger hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.kit.service import Service
from apps.supply_finance.manifest import APPLICATION
from apps.supply_finance.receivables import books as books_of_ledger
from baas.errors import CityChainError, Text

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check


def books(platform: Platform) -> list[Check]:
    """Whether all sums hold, computed anew; nothing where the application is not used."""
    from baas.services.doctor import Check

    network = platform.networks.default()
    if not network or platform.networks.state(network).phase != "ready":
        return []
    try:
        with Service(platform, network, APPLICATION) as service:
            if not service.deployed():
                return []
            found = books_of_ledger(service)
    except CityChainError:
        return []
    title = Text("供应链金融的账目", "Books of supply-chain finance")
    if not found.findings:
        said = Text("{n} 张凭证全部相符", "all {n} certificates hold", n=found.certificates)
        return [Check("supply-finance-books", title, "ok", said)]
    hint = Text("查看：citychain finance books。", "See citychain finance books.")
    return [Check("supply-finance-books", title, "bad", found.findings[0], hint)]
