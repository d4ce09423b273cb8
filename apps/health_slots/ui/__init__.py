"""The desk pages of 号源链, loaded by the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.ui.phrases import tr
from console.context import Context
from console.finding import finder_of
from console.page import Page, PageSpec
from console.scenes import scenes_of

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.home import HomeSection


def _make(context: Context) -> Page:
    from apps.health_slots.ui.page import SlotsPage

    return SlotsPage(context)


def _waiting(platform: Platform, network: str) -> int:
    from apps.health_slots.ui.home import count

    return count(platform, network)


def _home(platform: Platform, network: str) -> Sequence[HomeSection]:
    from apps.health_slots.ui.home import home

    return home(platform, network)


PAGES = [
    PageSpec(
        "health_slots",
        lambda: tr("号源链"),
        "slots",
        _make,
        section="apps",
        help=lambda: tr(
            "号源在放号前写入承诺，之后的每次增减都留下理由与签名人。看板上每个小格是一个号；可导入排班、放号、取号、预约与退号，"
            "分配候补，公开摇号，记账对账，更改规则，管理授权与留痕，并随时从区块重新核对。各页签按角色显示。"
        ),
        allowed=lambda context: context.platform.session.allows(permissions.READ),
        badge=_waiting,
        home=_home,
        scenes=scenes_of("apps.health_slots.ui.scenes"),
        dialogs=scenes_of("apps.health_slots.ui.scenes", "dialogs"),
        find=finder_of("apps.health_slots.ui.finding"),
    )
]
