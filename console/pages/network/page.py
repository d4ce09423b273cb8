"""The network page: which network, its tabs, its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, TypeVar

from PySide6.QtWidgets import QWidget

from baas import roles
from console.context import Context
from console.i18n import say, tr
from console.page import Action
from console.pages.network.branching import BranchTab
from console.pages.network.config import ConfigTab
from console.pages.network.export import export_menu
from console.pages.network.forms import NetworkForms
from console.pages.network.grow import grow_actions, propose_actions
from console.pages.network.inbox import InboxTab
from console.pages.network.listening import ListeningTab
from console.pages.network.logs import LogsTab
from console.pages.network.moving import MovingTab
from console.pages.network.organizations import OrganizationsTab
from console.pages.network.own import OwnOrganizations
from console.pages.network.topology_tab import TopologyTab
from console.pages.network.upkeep import UpkeepTab
from console.pages.network.view import NetworkView, read_view
from console.tasks.runner import later
from console.titles import runtime_title
from console.widgets.basic import Button
from console.widgets.dialogs import ConfirmName
from console.widgets.states import EmptyState
from network.errors import CityChainError
from network.text import Text

T = TypeVar("T", bound=QWidget)


class NetworkPage(NetworkForms):
    """Addresses: "" the default network; "new" the wizard; "attach"; NAME; NAME/node/NODE; NAME/logs/NODE."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.view: NetworkView | None = None
        self._name = ""
        self._node = ""
        self.empty = EmptyState(
            "network",
            tr("还没有网络"),
            tr("选模板、定组织、选运行方式，核对后一次建成。"),
            Button(tr("新建网络…"), lambda: context.go("networks/new"), icon="plus", kind="primary"),
        )
        self.bare.column.addWidget(self.empty)
        self.own = OwnOrganizations(self)
        self.bare.column.addWidget(self.own)
        self.bare.column.addStretch(1)
        self.topology = self._tab(TopologyTab(self))
        self._soon = later(300, self, self.refresh)
        self.set_header(tr("网络"))

    # The other tabs are made when they are first needed: the page itself then opens at once.
    @cached_property
    def organizations(self) -> OrganizationsTab:
        return self._tab(OrganizationsTab(self))

    @cached_property
    def config(self) -> ConfigTab:
        return self._tab(ConfigTab(self))

    @cached_property
    def inbox(self) -> InboxTab:
        return self._tab(InboxTab(self))

    @cached_property
    def listening(self) -> ListeningTab:
        return self._tab(ListeningTab(self))

    @cached_property
    def moving(self) -> MovingTab:
        return self._tab(MovingTab(self))

    @cached_property
    def branch(self) -> BranchTab:
        return self._tab(BranchTab(self))

    @cached_property
    def upkeep(self) -> UpkeepTab:
        return self._tab(UpkeepTab(self))

    @cached_property
    def logs(self) -> LogsTab:
        return self._tab(LogsTab(self))

    def _tab(self, tab: T) -> T:
        self.stack.addWidget(tab)
        return tab

    # -- where we are --------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        if address == "new":
            self._open_wizard()
            return
        if address == "attach":
            self._open_attach()
            return
        if self._leave_form(address):
            self.stack.setCurrentWidget(self.topology)
        name, _, rest = address.partition("/")
        what, _, which = rest.partition("/")
        self._name = name or self.context.network
        self._node = which if what in {"node", "logs"} else ""
        if not self._node:
            self.topology.picture.choose("", tell=False)
        if what in {"config", "inbox", "organizations", "listening", "moving", "branch", "upkeep"}:
            self.tab = what
        if what == "logs":
            self.tab = "logs"
            self.logs.node = which
        elif what == "node":
            self.tab = "topology"
        self.refresh()

    def refresh(self) -> None:
        if not self.context.ready or self.wizard_open:
            return
        platform = self.context.platform
        name = self._name or self.context.network
        if not name:
            self.set_header(tr("网络"), tr("还没有网络"), [], tabs=[])
            self.stack.setCurrentWidget(self.bare)
            self.own.read()
            return
        self.read(lambda: read_view(platform, name), self._show)

    def heard(self, event: Any) -> None:
        self._soon.start()

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self._show_tab()

    def _show(self, view: NetworkView) -> None:
        if self.wizard_open:
            return
        self.view = view
        spec, status = view.spec, view.status
        peers, orderers = len(view.nodes("peer")), len(view.nodes("orderer"))
        facts = tr("{name} · {runtime} · {o} 个组织，{p} 个记账节点，{s} 个排序节点")
        self.set_header(
            say(spec.title),
            facts.format(
                name=view.name,
                runtime=runtime_title(spec.runtime, spec.fabric_version),
                o=len(spec.organizations),
                p=peers or sum(1 for _ in spec.peers()),
                s=orderers or sum(1 for _ in spec.orderers()),
            ),
            self._actions(view),
            tabs=[
                ("topology", tr("总览与拓扑")),
                ("organizations", tr("各组织")),
                *self._change_tabs(view),
                *([] if view.branch else [("listening", tr("对外连接"))]),
                *self._moving_tab(view),
                *self._branch_tab(view),
                *self._upkeep_tab(view),
                ("logs", tr("日志")),
            ],
            notes={"organizations": str(len(spec.organizations))},
        )
        self.topology.show_view(view)
        self._show_tab()
        if self._node and status.nodes:
            self.topology.picture.choose(f"node/{self._node}")
            self._node = ""

    @staticmethod
    def _change_tabs(view: NetworkView) -> list[tuple[str, str]]:
        """The channel's configuration and its changes: while the network answers."""
        if view.status.state in {"stopped", "lapsed"}:
            return []
        return [("config", tr("通道配置")), ("inbox", tr("签名收件箱"))]

    def _moving_tab(self, view: NetworkView) -> list[tuple[str, str]]:
        """The way to Fabric, for whoever may take it."""
        platform = self.context.platform
        may = platform.session.allows(roles.NETWORK_CHANGE) and not view.elsewhere and view.phase == "ready"
        return [("moving", tr("迁移到 Fabric"))] if may and platform.promotion.movable(view.name) else []

    def _branch_tab(self, view: NetworkView) -> list[tuple[str, str]]:
        """A chain for trying out: of a network that answers, or a branch itself."""
        may = self.context.platform.session.allows(roles.NETWORK_CHANGE) and view.phase == "ready"
        return [("branch", tr("分支与演练"))] if may and view.status.state in {"running", "partial"} else []

    def _upkeep_tab(self, view: NetworkView) -> list[tuple[str, str]]:
        """Snapshots and drills: of a network whose nodes are Fabric's own programs on this machine."""
        may = self.context.platform.session.allows(roles.NETWORK_CHANGE) and view.phase == "ready"
        answers = view.status.state in {"running", "partial"} and not view.elsewhere
        return [("upkeep", tr("快照与演练"))] if may and answers and view.spec.runtime == "native" else []

    def _show_tab(self) -> None:
        shown = {"organizations", "config", "inbox", "listening", "moving", "branch", "upkeep", "logs"}
        widget: QWidget = getattr(self, self.tab) if self.tab in shown else self.topology
        self.stack.setCurrentWidget(widget)
        view = self.view
        if isinstance(widget, OrganizationsTab | LogsTab) and view is not None:
            widget.show_view(view)
        if isinstance(widget, LogsTab | ConfigTab | InboxTab | ListeningTab | MovingTab | BranchTab | UpkeepTab):
            widget.read()

    # -- actions -------------------------------------------------------------------------------------
    def _actions(self, view: NetworkView) -> list[Action]:
        stopped = view.status.state == "stopped"
        others = [s for s in view.names if s.name != view.name]
        found = []
        menu: list[tuple[str, Callable[[], object]]] = [(tr("新建网络…"), partial(self.context.go, "networks/new"))]
        menu += [(tr("接入已有网络…"), partial(self.context.go, "networks/attach"))]
        menu += [(f"{say(s.title)} ({s.name})", partial(self._switch, s.name)) for s in others]
        if self.context.platform.session.allows(roles.NETWORK_CHANGE):
            menu += [(tr("删除这个网络…"), self.delete_network)]
        found.append(Action("networks", tr("网络", "one"), icon="network", menu=menu))
        if not view.branch:
            found.append(Action("export", tr("导出"), icon="download", menu=export_menu(self, view)))
        if view.spec.runtime == "attached":
            found.append(Action("look", tr("重新查看"), self.look_again, "refresh"))
        elif self.context.platform.session.allows(roles.NETWORK_CHANGE):
            halfway = view.phase != "ready" and not self._building(view.name)
            if halfway and not view.reached:
                found.append(Action("resume", tr("继续建立"), self.resume, "play", "primary"))
            if stopped and (view.phase == "ready" or view.reached):
                found.append(Action("start", tr("启动网络"), self.start_all, "play", "primary"))
            elif not stopped:
                lapsed = view.status.state == "lapsed"
                if lapsed and not view.elsewhere:
                    renew = partial(self.context.go, "identities/renew")
                    found.append(Action("renew", tr("续期证书…"), renew, "refresh", "primary"))
                found.append(Action("stop", tr("停止网络…"), self.stop_all, "stop"))
                more = [] if view.elsewhere or lapsed or view.branch else grow_actions(self, view)
                if halfway and view.reached:
                    more.insert(0, (tr("继续上次的更改"), self.resume))
                if more:
                    found.append(Action("grow", tr("扩展网络"), icon="plus", menu=more))
        if view.elsewhere and self.context.platform.session.allows(roles.NETWORK_PROPOSE) and not stopped:
            found.append(Action("propose", tr("提出更改"), icon="plus", menu=propose_actions(self, view)))
        return found

    def _building(self, name: str) -> bool:
        """Whether a job of this window is building the network now."""
        wizard = self.wizard.build if self.wizard is not None else None
        return wizard is not None and wizard.spec.name == name and wizard.view is not None and wizard.view.running

    def resume(self) -> None:
        """Go on with a network whose building was interrupted, from the step where it stopped."""
        assert self.view is not None
        wanted = self.context.platform.networks.state(self.view.name).wanted
        if wanted is not None:
            self._drop(self.wizard)
            self.wizard = None
            self._open_wizard()
            assert self.wizard is not None
            self.wizard.resume(wanted)

    def look_again(self) -> None:
        """Look around an attached network again."""
        assert self.view is not None
        self.context.job(
            self.context.platform.exchange.refresh,
            self.view.name,
            title=Text("重新查看 {n}", "Look around {n} again", n=self.view.name),
            network=self.view.name,
            done=lambda result: self.refresh(),
            failed=self._failed,
        )

    def may_grow(self, view: NetworkView) -> bool:
        """Whether nodes can be added now."""
        changes = self.context.platform.session.allows(roles.NETWORK_CHANGE)
        return changes and not view.elsewhere and view.status.state not in {"stopped", "lapsed"}

    def may_change_channel(self, view: NetworkView) -> bool:
        """Whether the channel's configuration can be changed from here, or a change of it proposed."""
        proposes = view.elsewhere and self.context.platform.session.allows(roles.NETWORK_PROPOSE)
        return self.may_grow(view) or (proposes and view.status.state != "stopped")

    def _switch(self, name: str) -> None:
        self.context.visit(name, partial(self.context.go, f"networks/{name}"))

    def start_all(self) -> None:
        self.run_node(None, start=True)

    def stop_all(self) -> None:
        from console.widgets.dialogs import Dialog

        assert self.view is not None
        dialog = Dialog(
            self,
            tr("停止网络“{n}”").format(n=say(self.view.spec.title)),
            tr("停止后应用不能读写账本，数据都会保留。"),
            accept=tr("停止", "stop it"),
        )
        dialog.beware()
        if dialog.exec():
            self.run_node(None, start=False)

    def run_node(self, node: str | None, *, start: bool) -> None:
        """Start or stop a node, or with None the whole network, as a job."""
        assert self.view is not None
        name, networks = self.view.name, self.context.platform.networks
        what = node or name
        title = Text("启动 {n}", "Start {n}", n=what) if start else Text("停止 {n}", "Stop {n}", n=what)
        self.context.job(
            networks.start if start else networks.stop,
            name,
            node,
            title=title,
            network=name,
            done=lambda result: self.refresh(),
            failed=self._failed,
        )

    def grown(self, followed: tuple[Text, ...]) -> None:
        """Say which definitions have followed the members."""
        for words in followed:
            self.context.notice(say(words))
        self.refresh()

    def change_failed(self, error: CityChainError) -> None:
        """A change that only lacks signatures waits in the inbox; everything else is an error."""
        if error.code != "signatures_missing":
            self.banner.show_error(error, self.refresh)
            return
        self.context.notice(tr("还需要其他组织签名，更改已放进签名收件箱"), "wait")
        self.choose_tab("inbox")
        self.refresh()

    def _failed(self, error: Any) -> None:
        self.banner.show_error(error, self.refresh)
        self.refresh()

    def delete_network(self) -> None:
        """Delete the network after its name has been typed."""
        assert self.view is not None
        name = self.view.name
        lost = tr("网络 {n} 的账本、节点、证书和私钥都会删除，不能恢复。内容库中的文件会保留。")
        dialog = ConfirmName(self, tr("删除网络"), lost.format(n=name), name, tr("删除"))
        if dialog.exec():
            self.context.job(
                self.context.platform.networks.destroy,
                name,
                title=Text("删除网络 {n}", "Delete network {n}", n=name),
                network=name,
                done=lambda result: self._destroyed(name),
                failed=self._failed,
            )

    def _destroyed(self, name: str) -> None:
        self.context.notice(tr("网络 {n} 已删除").format(n=name))
        self._name = ""
        self.view = None
        self.context.choose_network(self.context.platform.networks.default())
        self.context.go("networks")
