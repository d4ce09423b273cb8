"""A contract that is deployed and still waits for its first call: said, and made by its administrator's own press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baas.errors import NotFound, Text
from baas.roles import Role
from console.i18n import tr
from console.signing import Signing
from console.widgets.basic import Button
from console.widgets.signing import deliberate, signs
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.kit.service import Service
    from baas.applications import FirstCall
    from console.appkit.page import AppPage

NOT_SET_UP = "not_set_up"
"""The code of `read_service`'s error where the contract is there and was told nothing yet."""


def not_set_up(kit: Service, call: FirstCall) -> NotFound:
    """The error of a page that opens on such a contract; its details say whose call it is and whether it is ours."""
    actor = kit.platform.identities.acting(kit.network)
    held = kit.platform.networks.handle(kit.network).administrator(call.msp_id) is not None
    mine = held and (not actor.msp_id or (actor.msp_id == call.msp_id and Role.ORGANIZATION_ADMIN in actor.roles))
    return NotFound(
        Text("合约还没有初始设置。", "The contract is not set up yet."),
        code=NOT_SET_UP,
        details={"msp_id": call.msp_id, "mine": mine},
    )


class Unset(EmptyState):
    """What an application's page shows meanwhile; whoever may gets the button that makes the call."""

    def __init__(self, page: AppPage, msp_id: str, *, mine: bool) -> None:
        self._page, self._msp_id = page, msp_id
        title = tr("合约还没有初始设置")
        button = None
        if mine:
            text = tr("合约已经部署。初始设置只做一次，之后大家就可以使用这个应用。")
            button = Button(tr("完成初始设置"), self._set_up, kind="primary")
            signs(button, self.signing)
        else:
            text = tr("请 {m} 的管理员打开这个应用，完成初始设置。").format(m=msp_id)
        super().__init__(page.manifest.icon, title, text, button)

    @property
    def signing(self) -> Signing | None:
        """Whose signature the call bears: the acting administrator's, or the key of theirs that is here."""
        return self._page.context.signs(f"{self._msp_id}/admin", [Role.ORGANIZATION_ADMIN])

    def _set_up(self) -> None:
        page = self._page
        if not deliberate(page, self.signing):
            return
        platform, network = page.context.platform, page.context.network
        title = Text("初始设置合约 {c}", "Set {c} up", c=page.manifest.contract.name)

        def run(*, ctx: Any) -> None:
            ctx.step("first", title)
            service: Any = page.manifest.build_service(platform, network)
            try:
                page.kit_of(service).ledger.configure()
            finally:
                service.close()

        page.context.job(run, title=title, network=network, done=lambda _: page.refresh())
