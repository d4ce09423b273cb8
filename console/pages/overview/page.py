"""The overview page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from baas import roles
from console.context import Context
from console.home import HomeSection, read_home
from console.i18n import say, tr
from console.page import Action, Page
from console.pages.overview.board import Board
from console.pages.overview.estate import Estate
from console.pages.overview.facts import OverviewFacts, read_content, read_overview
from console.pages.overview.start import StartView
from console.tasks.runner import later
from console.todo import Attention, by_urgency, waiting_items
from network.errors import CityChainError
from network.text import Text

SLOW_SECONDS = 30.0


class OverviewPage(Page):
    """What runs, what needs attention, what to do next."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.start = StartView(self.run_demo, lambda: context.go("networks/new"), lambda: context.go("networks/attach"))
        self.start.opened.connect(self._open_letter)
        self.start.asked.connect(self._ask_request)
        self.stack.addWidget(self.start)
        self.board = Board(self)
        self.stack.addWidget(self.board)
        self._demo_running = False
        self._content, self._content_of, self._content_until = "", "", 0.0
        self._facts: OverviewFacts | None = None
        self._home_fresh = False
        self._estate = Estate()
        context.counted.connect(self._counted)  # a method, so that it ends with this page
        context.event_heard.connect(self._forget, Qt.ConnectionType.QueuedConnection)
        self._soon = later(700, self, self.refresh)
        self.set_header(tr("总览"), tr("正在打开工作区…"))

    def refresh(self) -> None:
        if not self.context.ready or self._demo_running:
            return
        platform, network = self.context.platform, self.context.network
        if not network:
            self.show_start()
            return
        self._read_home()
        known = self._content if network == self._content_of and monotonic() < self._content_until else None
        todo, estate = self.context.todo, self._estate
        specs = [one for one in self.context.page_specs() if one.badge is not None]

        def read() -> tuple[OverviewFacts, str]:
            content = known if known is not None else read_content(platform)
            facts = read_overview(platform, network, todo, content)
            facts.estate = estate.read(platform, facts, todo, specs)
            return facts, content

        self.read(read, lambda found: self._take(network, *found, fresh=known is None))

    def _read_home(self) -> None:
        """What the applications show to whoever acts as themselves; asked again when something has happened."""
        platform, network = self.context.platform, self.context.network
        if not platform.session.actor.party or self._home_fresh:
            return
        self._home_fresh = True
        specs = [one for one in self.context.page_specs() if one.home is not None]

        def show(found: list[HomeSection]) -> None:
            if network == self.context.network:
                self.board.show_home([one for one in found if one.count or one.empty])
                for one in found:  # what was read just now is what the badges say too
                    if one.waits and one.count != self.context.waiting.get(one.waits, 0):
                        self.context.counted.emit(one.waits, one.count)

        self.context.tasks.fetch(partial(read_home, specs, platform, network), show, lambda error: None, owner=self)

    def _take(self, network: str, facts: OverviewFacts, content: str, *, fresh: bool) -> None:
        if fresh:
            self._content, self._content_of, self._content_until = content, network, monotonic() + SLOW_SECONDS
        self._show(facts)

    def _counted(self, page: str, count: int) -> None:
        """Another number of things waits on an application's page: its badge and this page say the same."""
        if self._facts is not None and self.stack.currentWidget() is self.board:
            self._show(self._facts)

    def show_start(self) -> None:
        """The first run."""
        self.set_header(tr("总览"), tr("工作区是空的"))
        self.start.show_checks(self.context.platform)
        self.stack.setCurrentWidget(self.start)

    def _open_letter(self, path: str) -> None:
        from console.pages.identities.letters import open_letter

        open_letter(self.context, Path(path))

    def _ask_request(self) -> None:
        from console.pages.identities.letters import ask_request

        ask_request(self.context)

    def _forget(self, event: Any) -> None:
        """Something happened, perhaps while another page was shown: what was read before is read anew."""
        from baas.events import BlockIndexed, JobChanged

        if isinstance(event, JobChanged):
            return
        self._home_fresh = False
        if not isinstance(event, BlockIndexed):
            self._content_until = 0.0
            self.context.todo.forget()
            self._estate.forget()

    def heard(self, event: Any) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def run_demo(self) -> None:
        """一键体验: the platform's own demonstration, with live progress."""
        from baas.applications import DemoOptions
        from console.apart import run_demo

        view = self.context.job(
            run_demo(self.context),
            DemoOptions(),
            "embedded",
            title=Text("一键体验", "One-click demo"),
            done=self._demo_done,
            failed=self._demo_failed,
        )
        self._demo_running = True
        self.stack.setCurrentWidget(self.start)
        self.set_header(tr("总览"), tr("正在建立体验网络"))
        self.start.show_progress(view)
        view.cancelled.connect(self._demo_over)

    def _demo_done(self, result: Any) -> None:
        self._demo_running = False
        self.start.reset()
        sentences = [one.told(result).sentence for one in self.context.platform.applications.all()]
        what = "; ".join(say(one) for one in sentences if one is not None)
        self.context.choose_network(self.context.platform.networks.default())
        self.context.notice(tr("体验网络已建好，{what}").format(what=what) if what else tr("体验网络已建好"))
        self.context.header_wanted.emit()
        self.refresh()

    def _demo_failed(self, error: CityChainError) -> None:
        self._demo_over()
        self.context.problem.emit(error)

    def _demo_over(self) -> None:
        self._demo_running = False
        self.start.reset()
        self.context.choose_network(self.context.platform.networks.default())
        self.refresh()

    def _show(self, facts: OverviewFacts) -> None:
        if self._demo_running:
            return
        self.set_header(
            tr("总览"),
            facts.line,
            self._actions(),
        )
        self._facts = facts
        waiting = waiting_items(self.context.waiting, self.context.page_titles())
        self.board.show_facts(replace(facts, attention=by_urgency([*facts.attention, *waiting])))
        self.stack.setCurrentWidget(self.board)

    def _actions(self) -> list[Action]:
        if not self.context.platform.session.allows(roles.NETWORK_CHANGE):
            return []
        return [
            Action("demo", tr("再次体验"), self.run_demo, "bolt", signs=self.signs()),
            Action("new", tr("新建网络"), lambda: self.context.go("networks/new"), "plus"),
        ]

    def may_handle(self, item: Attention) -> bool:
        """Whether the acting person may do what an item of attention offers."""
        if item.node:
            return self.context.platform.session.allows(roles.NETWORK_CHANGE)
        return self.context.may_go(item.address)

    def handle(self, item: Attention) -> None:
        """Do what an item of attention offers."""
        if not item.node:
            self.context.go(item.address)
            return
        platform, network = self.context.platform, self.context.network
        node = None if item.node == "*" else item.node
        self.context.job(
            platform.networks.start,
            network,
            node,
            title=Text("启动 {n}", "Start {n}", n=node or network),
            network=network,
            done=lambda result: self.refresh(),
        )
