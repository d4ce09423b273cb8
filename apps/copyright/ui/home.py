"""What 数字版权 shows on the overview: a registrar's queue with pictures; a creator's works, offers and money."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest, permissions
from apps.copyright.service import build_service
from apps.copyright.ui.terms import tr
from apps.copyright.views import of_record
from apps.kit.formats import yuan
from console.home import ROWS, HomeRow, HomeSection, waiting_section
from console.i18n import say
from console.i18n.formats import when

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from baas.platform import Platform

OFFERS = ("OFFERED", "PROPOSED")
"""States of a licence, transfer or pledge that the other side has not answered."""


def home(platform: Platform, network: str) -> Sequence[HomeSection]:
    """By what whoever acts may do."""
    allows = platform.session.allows
    if not allows(permissions.READ):
        return ()
    with closing(build_service(platform, network)) as service:
        if not service.kit.deployed():
            return ()

        def picture(record: Any) -> bytes:
            work = of_record(service, record)
            return service.views.small(work) if work is not None else b""

        found = [waiting_section(manifest.MANIFEST, service.kit, picture)]
        if allows(permissions.DEPOSIT):
            found.append(_works(service))
        if allows(permissions.LICENSE):
            found += [*_offers(service), *_money(service)]
    return found


def _works(service: CopyrightService) -> HomeSection:
    works = sorted(service.works(mine=True), key=lambda one: str(one.record.get("created", "")), reverse=True)
    rows = [
        HomeRow(
            work.title,
            when(work.record.get("created")),
            tr("已登记") if work.registration else tr("已存证"),
            "ok",
            f"copyright/work/{work.id}",
            "copyright",
            service.views.small(work),
        )
        for work in works[:ROWS]
    ]
    return HomeSection(tr("我的作品"), tuple(rows), len(works), tr("还没有作品，先存证一件"), "copyright/works")


def _offers(service: CopyrightService) -> list[HomeSection]:
    """What whoever acts has offered and others have not answered; what they are offered waits for them above."""
    kit = service.kit
    waits = {one["id"] for one in kit.waiting()}
    offers = [one for one in reversed(kit.mine()) if one.get("state") in OFFERS and one["id"] not in waits]
    kit.know(offers[:ROWS])
    rows = []
    for record in offers[:ROWS]:
        words = kit.catalogue.of(record)
        work = of_record(service, record)
        word, sign = words.state(record)
        rows.append(
            HomeRow(
                f"{say(kit.called(record))} · {say(words.title)}",
                when(record["created"]),
                say(word),
                sign,
                f"copyright/work/{work.id}" if work is not None else f"copyright/rights/{record['id']}",
                words.icon,
                service.views.small(work) if work is not None else b"",
            )
        )
    title = tr("等对方答复")
    return [HomeSection(title, tuple(rows), len(offers), "", "copyright/works")] if offers else []


def _money(service: CopyrightService) -> list[HomeSection]:
    """What is still owed to or by whoever acts."""
    parties = service.kit.parties
    debts = [one for one in service.money.debts() if one.open > 0]
    rows = [
        HomeRow(
            say(yuan(one.open)),
            tr("{who} 欠付").format(who=one.payer)
            if one.payee in parties
            else tr("应付给 {who}").format(who=one.payee),
            tr("应收") if one.payee in parties else tr("应付"),
            "none" if one.payee in parties else "warn",
            "copyright/money",
            "award",
        )
        for one in debts[:ROWS]
    ]
    return [HomeSection(tr("款项"), tuple(rows), len(debts), "", "copyright/money")] if debts else []
