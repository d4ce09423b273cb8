"""The copyright page: tabs for lists, and views of single things, each under an address of its own."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractScrollArea

from apps.copyright import manifest, permissions
from apps.copyright.acting import CopyrightActs
from apps.copyright.office_words import REGISTRATION
from apps.copyright.service import CopyrightService
from apps.copyright.ui.terms import tr
from apps.copyright.ui.thumbnails import Thumbnails
from apps.kit.service import OpenAct, Service
from baas.platform import Platform
from console.appkit.page import AppPage
from console.appkit.panel import Dossier, dossier_of, record_panel
from console.context import Context
from console.page import Action
from console.pages.identities.letters import is_ours
from console.signing import Signing
from console.widgets.basic import Button
from console.widgets.facts import Section
from fabric_sdk.kinds import Record

VIEWS = {
    "works": "works:WorksView",
    "inbox": "inbox:InboxView",
    "rights": "lists:RightsView",
    "money": "money:MoneyView",
    "cases": "lists:CasesView",
    "queue": "queue:QueueTab",
    "search": "search:SearchView",
    "verify": "verify:VerifyView",
    "new": "deposit:DepositView",
    "batch": "batch:BatchView",
    "work": "work:WorkView",
}
"""First word of the address → where its view is made; a view is imported when it is first opened."""
CASES, MONEY = ("dispute", "infringement"), ("payment", "reconciliation")


class CopyrightPage(AppPage):
    """Addresses: "" the role's own first tab; works; inbox; rights[/ID]; money[/ID]; cases[/ID]; queue;
    search[/work/ID]; verify[/FILE]; new; batch[/FOLDER]; work/ID[/rights|cases|history] (ID `first`: the newest
    registered work)."""

    first = None

    def __init__(self, context: Context) -> None:
        words = (tr("版权合约还没有部署"), tr("部署后就可以存证和登记作品。"))
        super().__init__(context, manifest.MANIFEST, title=tr("数字版权"), missing=words)
        self.visited = False
        self.setAcceptDrops(True)

    @property
    def service(self) -> CopyrightService:
        return cast(CopyrightService, super().service)

    @property
    def kit(self) -> CopyrightActs:
        return self.service.kit

    def kit_of(self, service: Any) -> Service:
        return cast(CopyrightService, service).kit

    def read_service(self, platform: Platform, network: str) -> tuple[Any, list[str], dict[str, tuple[OpenAct, ...]]]:
        from chaincode.copyright.policy import load

        load()  # its modules take long to import: here, not in the window's thread
        return super().read_service(platform, network)

    def signs_as(self, part: str) -> Signing | None:
        """Who signs in a part (creator, registrar, licensee): whoever acts, or where the workspace's owner sits the one
        made for it."""
        return self.signed_by(self.kit.signer_for(part))

    def signs_for_office(self) -> Signing | None:
        """Who signs what only the office's administrator may: whoever acts, or where the workspace's owner sits the
        administrator whose key is here."""
        found = self.context.signs()
        if found is None or found.party:
            return found
        return self.context.signs(f"{self.service.ledger.cast.office}/admin", ["organization_admin"])

    # -- views ---------------------------------------------------------------------------------------
    def make_view(self, name: str) -> Any:
        module, _, made = VIEWS[name].partition(":")
        return getattr(importlib.import_module(f"apps.copyright.ui.{module}"), made)(self)

    @property
    def works(self) -> Any:
        return self.view("works")

    @property
    def model(self) -> Any:
        """The rows of the list of works."""
        return self.view("works").model

    @property
    def deposit(self) -> Any:
        return self.view("new")

    @property
    def queue(self) -> Any:
        return self.view("queue")

    @property
    def work(self) -> Any:
        return self.view("work")

    def allows(self, permission: str) -> bool:
        """True if the acting person has a permission."""
        return bool(self.context.ready and self.context.platform.session.allows(permission))

    # -- a file dropped anywhere on the page -----------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._works_of(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()  # the window may know what to do with it

    def dropEvent(self, event: QDropEvent) -> None:
        for path in self._works_of(event.mimeData())[:1]:
            event.acceptProposedAction()
            self.context.go("copyright/new")
            self.deposit.take(path)
            return
        event.ignore()

    # -- pictures ------------------------------------------------------------------------------------
    @cached_property
    def thumbnails(self) -> Thumbnails:
        """Thumbnails of works, for every list here."""
        made = Thumbnails(self)
        made.arrived.connect(self._repaint)
        return made

    def _repaint(self) -> None:
        """Pictures came: paint what shows them."""
        shown = self.stack.currentWidget()
        for view in shown.findChildren(QAbstractScrollArea) if shown is not None else ():
            view.viewport().update()

    def picture_of(self, record: Record) -> Any:
        if record.get("type") in self.kit.catalogue.kinds and not record.get("work_id"):
            return None  # it hangs on no work
        return self.thumbnails.of_record(record)

    def _works_of(self, data: QMimeData) -> list[Path]:
        """What would be deposited: files, where whoever acts may deposit; files of this program are the window's."""
        if self._service is None or not self.allows(permissions.DEPOSIT):
            return []
        names = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        return [Path(name) for name in names if Path(name).is_file() and not is_ours(name)]

    # -- going about ---------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        self.visited = True
        super().open("work/first" if address == "first" else address)

    def open_to(self, name: str) -> bool:
        if name == "inbox":
            return name in dict(self.tab_choices())
        needed = {"new": permissions.DEPOSIT, "batch": permissions.DEPOSIT, "queue": permissions.REVIEW}.get(name)
        return name in VIEWS and (needed is None or self.allows(needed))

    # -- tabs ----------------------------------------------------------------------------------------
    def tab_choices(self) -> list[tuple[str, str]]:
        """The tabs of the acting role, its own first: the office's queue, a creator's works, what waits for others."""
        titles = {
            "inbox": tr("待我办理"),
            "works": tr("全部作品"),
            "queue": tr("登记审查"),
            "rights": tr("许可与转让"),
            "money": tr("款项"),
            "cases": tr("异议与侵权"),
            "search": tr("查重"),
            "verify": tr("核验"),
        }
        review, license_ = self.allows(permissions.REVIEW), self.allows(permissions.LICENSE)
        if self.allows(permissions.DEPOSIT):
            order = ["works", "inbox", "queue", "rights", "money", "cases", "search", "verify"]
        elif review:
            order = ["queue", "inbox", "works", "cases", "search", "rights", "verify"]
        elif license_:
            order = ["inbox", "rights", "money", "works", "cases", "search", "verify"]
        else:
            order = ["works", "verify", "rights", "cases", "search"]
        open_to = {"inbox": license_ or review, "queue": review, "verify": self.allows(permissions.EVIDENCE)}
        open_to["money"] = license_
        return [(name, titles[name]) for name in order if open_to.get(name, True)]

    def begin_actions(self, kind: str) -> list[Action]:
        return []  # everything is begun on a work

    # -- one record ----------------------------------------------------------------------------------
    def open_record(self, record: Record) -> None:
        """Show a record in the inspector: a registration as the office sees it, all others as the kit does."""
        kit, service = self.kit, self.service
        if record["type"] == REGISTRATION.kind.id:
            from apps.copyright.ui.review import Case, show_case

            self.read(
                lambda: Case(service.registration(record["id"]), service.work(record["work_id"])),
                lambda case: show_case(self, case),
            )
            return
        self.read(lambda: self.dossier(kit, kit.read(record["id"])), self._show_record)

    def dossier(self, service: Service, record: Record) -> Dossier:
        found = dossier_of(service, record)
        return replace(found, begins=cast(CopyrightActs, service).begins_on(record))

    def _show_record(self, dossier: Dossier) -> None:
        panel = record_panel(self, dossier)
        if work_id := str(dossier.record.get("work_id", "")):
            go = Button(tr("打开作品"), lambda: self.context.go(f"copyright/work/{work_id}"), icon="arrow")
            panel.add(Section().add(panel.buttons(go)))
        self.inspect(panel)

    def place_of(self, record: Record) -> str:
        tab = "cases" if record["type"] in CASES else "money" if record["type"] in MONEY else "rights"
        return f"copyright/{tab}/{record['id']}"
