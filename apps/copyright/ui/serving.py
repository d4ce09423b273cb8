"""The content service of this workspace's organisation, started and stopped from the cases' tab."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.ui.terms import tr
from console.page import Action
from network.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.copyright.ui.page import CopyrightPage
    from baas.serving.parts import Running


class ContentServing:
    """Serves an organisation's files while the console runs; one at a time, of the network that is shown."""

    def __init__(self, page: CopyrightPage) -> None:
        self._page = page
        self._opened: AbstractContextManager[Running] | None = None
        self._network = ""
        self.address = ""
        page.destroyed.connect(lambda: self.close())  # noqa: PLW0108 - the signal brings the object

    def action(self, changed: Callable[[], None]) -> Action | None:
        """The button that starts or stops it; None for whoever may not. `changed` is called after either."""
        page = self._page
        if not page.allows(permissions.SERVE):
            return None
        if self.address and self._network == page.context.network:
            return Action("content", tr("停止内容服务"), lambda: self._stop(changed), "stop")
        start = Action("content", tr("启动内容服务"), lambda: self._start(changed), "play")
        start.signs = page.signs_for_office()
        return start

    def _start(self, changed: Callable[[], None]) -> None:
        page = self._page
        platform, network = page.context.platform, page.context.network

        def run(*, ctx: Any) -> str:
            from apps.copyright.serving import CONTENT
            from baas.serving.parts import Request

            ctx.step("content", Text("启动内容服务", "Start the content service"))
            platform.session.require(permissions.SERVE)
            self.close()
            opened = CONTENT.open(Request(platform, network, _options(platform, network)))
            server = opened.__enter__()
            self._opened, self._network, self.address = opened, network, server.address
            return str(server.address)

        def done(address: str) -> None:
            page.context.notice(tr("内容服务已启动：{a}").format(a=address))
            changed()

        page.context.job(
            run,
            title=Text("启动内容服务", "Start the content service"),
            done=done,
            failed=page.banner.show_error,
        )

    def _stop(self, changed: Callable[[], None]) -> None:
        self.close()
        self._page.context.notice(tr("内容服务已停止；文件会在各自的桌面等待"))
        changed()

    def close(self) -> None:
        """Stop serving; harmless when nothing is served."""
        opened, self._opened, self.address = self._opened, None, ""
        if opened is not None:
            with suppress(Exception):
                opened.__exit__(None, None, None)


def _options(platform: Any, network: str) -> Any:
    """As the network's nodes listen: for other machines where they do, else for this one."""
    from baas.serving.web import WebOptions
    from network.listening import load

    listening = load(platform.networks.handle(network).directory)
    return WebOptions(host=listening.address) if listening else WebOptions()
