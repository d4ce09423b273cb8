"""The pages of 数字版权, loaded by the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.ui.terms import tr
from console.context import Context
from console.finding import finder_of
from console.page import Page, PageSpec
from console.scenes import scenes_of

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.home import HomeSection


def _make(context: Context) -> Page:
    from apps.copyright.ui.page import CopyrightPage

    return CopyrightPage(context)


def _waiting(platform: Platform, network: str) -> int:
    """How many matters wait for whoever acts; for the rail."""
    from apps.copyright.service import build_service
    from console.appkit.page import count_waiting

    with build_service(platform, network) as service:
        return count_waiting(service.kit)


def _home(platform: Platform, network: str) -> Sequence[HomeSection]:
    from apps.copyright.ui.home import home

    return home(platform, network)


PAGES = [
    PageSpec(
        "copyright",
        lambda: tr("数字版权"),
        "copyright",
        _make,
        section="apps",
        help=lambda: tr(
            "存证由创作者立即完成：文件存入内容库，指纹与内容标识写入账本。登记由登记机构审查，通过后发证。"
            "“待我办理”列出等您接受、同意、确认和补正的事；在一件作品的页面可以许可、转让、质押、提出异议和导出证据包；"
            "“查重”比对任意文件而不存证，“核验”检查证据包和证书。"
            "“疑似”只表示相近，不是侵权结论；存证证明存在、时间与存证人，不证明独创性。"
        ),
        allowed=lambda context: context.platform.session.allows(permissions.READ),
        badge=_waiting,
        home=_home,
        scenes=scenes_of("apps.copyright.ui.scenes"),
        dialogs=scenes_of("apps.copyright.ui.scenes", "dialogs"),
        find=finder_of("apps.copyright.ui.finding"),
    )
]
