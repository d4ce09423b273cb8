"""货物: one thing with its up- and downstream as a picture or a table, what a recall takes in, its events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from apps.kit.formats import joined
from apps.traceability.index import RecallSet
from apps.traceability.service import Trace, TraceabilityService
from apps.traceability.ui import tr
from apps.traceability.ui.graph import MOST, GoodsPicture, GraphScroll, Ware
from apps.traceability.words import STEPS, kind_of, short
from baas.errors import CityChainError
from chaincode.traceability.kinds import Enterprise, Event, Recall
from console.appkit.acting import button_words, dialog_of
from console.appkit.views import AppView
from console.i18n import say
from console.i18n.formats import number, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Button, Chip, Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.facts import Facts, Section
from console.widgets.forms import filter_box
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.kit.service import OpenAct
    from console.appkit.page import AppPage

ICONS = {"Lot": "ledger", "Item": "cube", "Container": "storage", "Goods": "apps"}


class GraphView(AppView):
    """Address `graph[/URI]`."""

    def __init__(self, page: AppPage) -> None:
        super().__init__(page)
        self.trace: Trace | None = None
        self.recall: RecallSet | None = None
        self._name = ""
        self._recalls: tuple[OpenAct, ...] = ()
        self._names: dict[str, str] = {}
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self.bar = hbox()
        self.search = filter_box(tr("货物的 URI，例如 https://id.gs1.org/01/…/10/…"), self._typed, 300)
        self.bar.addWidget(self.search)
        self.look = Segmented(tr("显示方式"), [("picture", tr("图")), ("table", tr("列表"))])
        self.look.chosen.connect(lambda _: self._show())
        self.bar.addWidget(self.look)
        self.reach = Segmented(tr("标出"), [("stopped", tr("已召回")), ("would", tr("若召回"))])
        self.reach.chosen.connect(lambda _: self._show())
        self.bar.addWidget(self.reach)
        self.bar.addStretch(1)
        self.note = Label("", "caption", "text2", wrap=True)
        column.addLayout(self.bar)
        column.addWidget(self.note)
        self.card = Card(flush=True)
        self.room = GraphScroll()
        self.card.add(self.room, 1)
        columns = [Column(tr("货物")), Column(tr("上下游"), 116), Column(tr("持有方"), 220), Column(tr("状态"), 160)]
        self.rows = RowsModel(columns, self._cells)
        self.table = DataTable(self.rows, tr("货物"), two_lines=True)
        self.table.row_chosen.connect(lambda row: self._inspect(row.name))
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)
        self.empty = EmptyState("route", tr("还没有货物"), tr("采集事件后，这里显示货物从哪里来、到哪里去。"))
        column.addWidget(self.empty, 1)
        self.card.hide()

    @classmethod
    def tab_title(cls) -> str:
        return tr("货物图")

    @property
    def service(self) -> TraceabilityService:
        found = self.page.service
        assert isinstance(found, TraceabilityService)
        return found

    def enter(self, rest: str) -> None:
        """Show the goods that the address names; without any those of the newest recall or event."""
        service, wanted = self.service, rest or self._name
        self.page.show_tab(self.tab)

        def read() -> tuple[Trace, RecallSet, tuple[OpenAct, ...]] | None:
            service.sync()
            self._names = {str(one["party"]): str(one["name"]) for one in service.all(Enterprise) if _in(one)}
            name = wanted or _newest(service)
            if not name:
                return None
            return service.trace(name, most=MOST), service.recall_set(name), service.begins(Recall)

        self.page.read(read, self._arrived, self._failed)

    def _typed(self, text: str) -> None:
        if text.strip().startswith(("http", "urn:")) and text.strip() != self._name:
            self.enter(text.strip())

    def _failed(self, error: CityChainError) -> None:
        self.note.setText(say(error.message))
        if self.trace is None:
            self.empty.show()

    def _arrived(self, found: tuple[Trace, RecallSet, tuple[OpenAct, ...]] | None) -> None:
        self.empty.setVisible(found is None)
        self.card.setVisible(found is not None)
        if found is None:
            return
        self.trace, self.recall, self._recalls = found
        moved, self._name = self._name != self.trace.name, self.trace.name
        self._show()
        if moved:
            self._inspect(self._name)

    def _show(self) -> None:
        if self.trace is None or self.recall is None:
            return
        trace, wares = self.trace, self.wares()
        shown = {one.name for one in wares} | set(trace.back.processes) | set(trace.forth.processes)
        picture = self.look.current != "table"
        self.room.setVisible(picture)
        self.table.setVisible(not picture)
        counts = {
            "up": number(len(trace.back.goods) - 1), "down": number(len(trace.forth.goods) - 1),
            "all": number(len(self.recall.affected)), "boxes": number(len(self.recall.containers)),
        }  # fmt: skip
        self.note.setText(tr("上游 {up}，下游 {down}；召回涉及 {all} 件，装在 {boxes} 个容器中").format(**counts))
        self.rows.set_rows(wares)
        edges = {edge for edge in (*trace.back.edges, *trace.forth.edges) if set(edge) <= shown}
        made = GoodsPicture(wares, sorted(edges), trace.name)
        made.chosen.connect(self._inspect)
        made.opened.connect(lambda name: self.page.context.go(f"{self.page.manifest.id}/graph/{name}"))
        self.room.show_picture(made)

    def wares(self) -> list[Ware]:
        """The goods of the picture, the nearest first."""
        assert self.trace is not None and self.recall is not None
        names = list(dict.fromkeys((*self.trace.back.goods, *self.trace.forth.goods)))[:MOST]
        return [self._ware(name) for name in names]

    def _ware(self, name: str) -> Ware:
        assert self.trace is not None and self.recall is not None
        state, kind = self.trace.states.get(name, {}), kind_of(name)
        stopped = bool(state.get("marked")) if self.reach.current != "would" else name in self.recall.affected
        holders = say(joined([self._names.get(one, one.partition("/")[2]) for one in state.get("holders", ())]))
        used = state.get("state") == "used"
        note = f"{say(kind)} · {holders or (tr('已用掉') if used else '—')}"
        return Ware(name, short(name), note, ICONS[kind.en], stopped, gone=used)

    def _cells(self, ware: Ware) -> Sequence[Cell]:
        assert self.trace is not None
        state = self.trace.states.get(ware.name, {})
        where = tr("本件") if ware.name == self.trace.name else (
            tr("上游") if ware.name in self.trace.back.reached else tr("下游")
        )  # fmt: skip
        words = (
            tr("召回")
            if ware.stopped
            else tr("已用掉")
            if ware.gone
            else tr("在途")
            if state.get("sent")
            else tr("正常")
        )
        tone = "bad" if ware.stopped else "text2"
        return [
            Cell(ware.title, sub=ware.name, icon=ware.icon, bold=True, copy=ware.name, tip=ware.name),
            Cell(where),
            Cell(say(joined(list(state.get("holders", ())))) or "—"),
            Cell(words, icon="bad" if ware.stopped else "", tone=tone, word_tone=tone),
        ]

    # -- the inspector -------------------------------------------------------------------------------
    def _inspect(self, name: str) -> None:
        service = self.service

        def read() -> tuple[list[dict[str, Any]], dict[str, Any]]:
            return service.index.events_of(name), service.index.state_of([name])[name]

        self.page.read(read, lambda found: self.page.inspect(self._panel(name, *found)))

    def _panel(self, name: str, events: Sequence[dict[str, Any]], state: dict[str, Any]) -> Inspected:
        stopped = bool(state["marked"])
        chip = Chip(tr("召回") if stopped else tr("正常"), "bad" if stopped else "ok", "bad" if stopped else "ok")
        panel = Inspected(f"{say(kind_of(name))} {short(name)}", name, chip)
        panel.setProperty("inspectorWidth", 344)
        steps = Section(tr("接下来"))
        if name != self._name:
            go = partial(self.page.context.go, f"{self.page.manifest.id}/graph/{name}")
            steps.add(Button(tr("以它为中心"), go, kind="plain"))
        for one in self._recalls if not stopped else ():
            words = self.service.catalogue.act(one.act)
            ask = partial(self._begin, one, name)
            steps.add(Button(button_words(words), ask, kind="danger"))
        if stopped:
            steps.text(tr("召回停止了它的流通。"), tone="text2")
        panel.add(steps)
        facts = Facts(84)
        facts.add(tr("持有方"), say(joined([self.page.context.person(one) for one in state["holders"]])) or "—")
        if state["sent"]:
            facts.add(tr("发往"), state["sent"])
        for recall in state["marked"]:
            facts.add(tr("召回"), recall)
        panel.add(Section(tr("内容")).add(facts))
        log = Section(tr("经过"), tr("共 {n} 件").format(n=number(len(events))))
        for event in events:
            step, sign = STEPS.get(event["step"]), "warn" if event["state"] == Event.DECLARED.name else "ok"
            log.add(Status(f"{say(step) if step else event['step']} · {when(event['at'])}", sign))
            log.add(Label(self.page.context.person(event["party"]), "caption", "text3", wrap=True))
        panel.add(log)
        return panel

    def _begin(self, one: OpenAct, name: str) -> None:
        dialog_of(self.page, self.service, one, {}, first={"goods": name}).exec()


def _in(enterprise: Record) -> bool:
    return bool(enterprise["state"] == Enterprise.ADMITTED.name)


def _newest(service: TraceabilityService) -> str:
    """The goods of the newest recall, else of the newest event, "" for none."""
    recalls = service.all(Recall)
    if recalls:
        return str(Recall.goods[max(recalls, key=lambda one: str(one["created"]))])
    rows = service.index.rows(
        "SELECT node.name FROM event JOIN part ON part.event = event.number JOIN node ON node.id = part.node"
        " ORDER BY event.number DESC LIMIT 1"
    )
    return str(rows[0][0]) if rows else ""
