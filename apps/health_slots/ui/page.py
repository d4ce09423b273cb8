"""The slots page: which hospital, its tabs by role, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from apps.health_slots import permissions
from apps.health_slots.cast import PARTS, PLATFORM_ROLES, Part, plays, serves
from apps.health_slots.ledger import CONTRACT, FabricLedger
from apps.health_slots.model import HospitalRow
from apps.health_slots.service import HealthSlotsService, build_service
from apps.health_slots.ui.importing import ask_hospital
from apps.health_slots.ui.phrases import tr, zone_note
from apps.health_slots.ui.tabs import TABS, load_all
from apps.health_slots.ui.view import View
from apps.kit.by_hand import ActsByHand
from apps.kit.commands import NOBODY
from apps.kit.service import Service
from apps.kit.words import ActWords, said
from baas.errors import LedgerError, NotFound
from baas.platform import Platform
from console.appkit.act_dialog import ActDialog, carry_out
from console.appkit.acting import act_button, dialog_of, title_of
from console.appkit.service_page import NOT_DEPLOYED, ServicePage
from console.context import Context
from console.i18n.formats import number
from console.page import Action
from console.signing import Signing
from console.widgets.basic import Button
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form
from console.widgets.signing import deliberate
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Act, Record
from network.errors import CityChainError
from network.text import Text


@dataclass(frozen=True)
class ChosenResident:
    """The resident at the desk: a pseudonym, and a masked name where this hospital holds the identity."""

    id: str
    masked: str = ""


class SlotsPage(ServicePage):
    """Addresses: TAB or TAB/what, the tabs as `tabs.TABS` names them.

    Signals: `resident_changed` when another resident stands at the desk.
    """

    resident_changed = Signal()

    def __init__(self, context: Context) -> None:
        words = (tr("号源合约还没有部署"), tr("部署后就可以导入排班、放号和预约。"))
        super().__init__(context, tr("号源链"), "slots", missing=words, wait=300)
        self._rest = ""
        self._panel_key: object = None
        self.hospitals: tuple[HospitalRow, ...] = ()
        self.hospital = ""
        self.resident: ChosenResident | None = None
        self.views: dict[str, View] = {}
        self.pasted: Any = None
        admit = None
        session = context.platform.session if context.ready else None
        if session is not None and session.allows(permissions.CHANGE) and plays(session.actor, "authority"):
            admit = Button(tr("登记医院…"), lambda: ask_hospital(self), kind="primary", icon="plus")
        self.first = EmptyState("hospital", tr("还没有医院"), tr("先登记一家医院，再导入它的排班。"), admit)
        self.stack.addWidget(self.first)

    @property
    def service(self) -> HealthSlotsService | None:
        """The service of the network, None while none is open."""
        found: HealthSlotsService | None = self._service
        return found

    # -- reading -------------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        tab, _, self._rest = address.partition("/")
        if tab in {t.id for t in TABS}:
            self.tab = tab
        self.refresh()

    def read_service(self, platform: Platform, network: str) -> HealthSlotsService:
        found = build_service(platform, network)
        if not deployed(found):
            found.close()
            raise NotFound(Text("号源合约还没有部署。", "The slots contract is not deployed."), code=NOT_DEPLOYED)
        return found

    def took(self, found: HealthSlotsService) -> HealthSlotsService:
        self.context.tasks.fetch(load_all, owner=self)
        return found

    def enter(self) -> None:
        """Read the hospitals, then show the tab."""
        service, tab, rest = self._service, self.tab, self._rest

        def read() -> tuple[tuple[HospitalRow, ...], str]:
            service.refresh()
            found: tuple[HospitalRow, ...] = service.hospitals()
            return found, _hospital_of(service, tab, rest)

        self.read(read, lambda found: self._show(*found), self._failed)

    def _show(self, found: tuple[HospitalRow, ...], wanted: str = "") -> None:
        self.hospitals = found
        known = {h.id for h in self.hospitals}
        if wanted in known:
            self.hospital = wanted  # what is shown is another hospital's
        if self.hospital not in known:
            self.hospital = max(self.hospitals, key=lambda h: h.sessions).id if self.hospitals else ""
        if not self.hospitals:
            self.set_header(tr("号源链"), tr("还没有医院"), [], tabs=[])
            self.stack.setCurrentWidget(self.first)
            return
        self._show_header()
        self._show_tab()

    def _show_header(self) -> None:
        row = next(h for h in self.hospitals if h.id == self.hospital)
        session = self.context.platform.session
        tabs = [(t.id, t.title()) for t in TABS if all(session.allows(p) for p in t.needs)]
        if self.tab not in dict(tabs):
            self.tab = tabs[0][0]
        actions = self._actions()
        facts = tr("号源链 · {id} · {s} 个出诊单元，{n} 个号，空闲 {f}").format(
            id=row.id, s=number(row.sessions), n=number(row.slots), f=number(row.free)
        )
        self.set_header(
            row.name,
            " · ".join(word for word in (facts, zone_note()) if word),
            actions,
            tabs=tabs,
            reason=next((a.reason for a in actions if not a.enabled and a.reason), ""),
        )

    def _actions(self) -> list[Action]:
        view = self.view(self.tab)
        found = list(view.header_actions())
        if len(self.hospitals) > 1:
            menu = [(f"{h.name} ({h.id})", lambda h=h: self.choose_hospital(h.id)) for h in self.hospitals[:30]]
            found.insert(0, Action("hospital", tr("医院"), icon="hospital", menu=list(menu)))
        return found

    def show_actions(self) -> None:
        """Ask the view again what its actions are; its state changed."""
        if self.service is not None and self.hospitals:
            self._show_header()

    def view(self, tab: str) -> View:
        """The view of a tab, made when it is first wanted."""
        if tab not in self.views:
            spec = next(t for t in TABS if t.id == tab)
            self.views[tab] = spec.make(self)
            self.stack.addWidget(self.views[tab])
        return self.views[tab]

    @property
    def board(self) -> Any:
        """The board's view."""
        return self.view("board")

    @property
    def search(self) -> Any:
        """The search's view."""
        return self.view("search")

    def choose_hospital(self, hospital: str) -> None:
        """Go on with another hospital; the resident at the desk stays, the details close."""
        self.hospital = hospital
        if self.resident is not None:
            self.resident = ChosenResident(self.resident.id)
            self.resident_changed.emit()
        self.inspect(None)
        self.refresh()

    def choose_tab(self, tab: str) -> None:
        self.inspect(None)
        super().choose_tab(tab)
        self.moved.emit(tab)
        self._rest = ""
        if self.service is not None and self.hospitals:
            self._show_header()
            self._show_tab()

    def _show_tab(self) -> None:
        view = self.view(self.tab)
        self.stack.setCurrentWidget(view)
        rest, self._rest = self._rest, ""
        view.enter(rest)
        if rest:
            self.show_actions()

    def show_panel(self, key: object, make: Callable[[], QWidget]) -> None:
        """Show details in the inspector; what it shows already stays, with whatever a person opened in it."""
        if self.inspecting and key == self._panel_key:
            return
        self._panel_key = key
        self.inspect(make())

    def set_resident(self, resident: ChosenResident | None) -> None:
        """Let another resident stand at the desk."""
        self.resident = resident
        self.resident_changed.emit()

    # -- doing ---------------------------------------------------------------------------------------
    @property
    def kit(self) -> Service:
        """What people do with slots, as acts."""
        return self.acts

    @property
    def acts(self) -> ActsByHand:
        """The same by its own type; there is a service whenever a view is shown."""
        assert self.service is not None
        return self.service.acts

    def act(self, act: Act, record: Record, *, part: Part | None = None, **how: Any) -> ActDialog:
        """The dialog of an act on `record`, signed in its own part unless another is named; see `dialog_of`."""
        return dialog_of(self, self.acts, self.acts.open_act(act, part or ""), record, **how)

    def job_of(self, words: ActWords, record: Record) -> Text:
        """What an act is called where jobs are listed."""
        return title_of(words) if words.job is None else said(words.job, record, NOBODY)

    def act_buttons(self, record: Record, *acts: Act, small: bool = False) -> list[Button]:
        """The buttons of those of some acts that whoever sits here may do with a record now; none without a service."""
        offered = self.acts.offered(*filter(self.may, acts), record=record) if self.service is not None else ()
        return [act_button(self, one, record, small=small) for one in offered]

    def may(self, act: Act) -> bool:
        """Whether whoever sits here may do an act at the page's hospital; its staff act for it alone."""
        elsewhere = act.role.roles_held() == {"staff"} and not any(
            serves(self.context.platform.session.actor, one) for one in self.hospitals if one.id == self.hospital
        )
        return not elsewhere and self.acts.allows(act)

    def signs(self, party: str = "", roles: Iterable[str] = ()) -> Signing | None:
        """Where the workspace's owner sits and nobody is named: the hospital's staff; also who signs in a part."""
        part = next((one for one in PARTS if one == (party or "staff")), None)
        return super().signs(party, roles) if part is None else self.signs_as(part)

    def signs_as(self, part: Part) -> Signing | None:
        """Who signs in a part: whoever acts, or where the workspace's owner sits the one made for it."""
        found = super().signs()
        ledger = self.service.ledger if self.service is not None else None
        if found is None or found.party or not isinstance(ledger, FabricLedger):
            return found
        return super().signs(ledger.named(part), [PLATFORM_ROLES[part]])

    def ask(
        self,
        dialog: Dialog,
        act: Callable[[HealthSlotsService, dict[str, Any]], Any],
        title: Text,
        said: str = "",
        *,
        part: Part = "staff",
        done: Callable[[Any], object] | None = None,
        failed: Callable[[CityChainError], object] | None = None,
    ) -> None:
        """Ask, then change the ledger as somebody who plays `part`: `act(service, the form's values)`.

        A refusal stands in the dialog.
        """
        service = self.service
        if service is None:
            return
        dialog.sign_as(self.signs_as(part))

        def carry() -> None:
            values = {name: value for form in dialog.findChildren(Form) for name, value in form.values().items()}

            def run(*, ctx: Any) -> Any:
                ctx.step("change", title)
                return act(service, values)

            carry_out(self, dialog, run, title, said, done=done, failed=failed)

        dialog.carry = carry
        dialog.exec()

    def change(
        self,
        act: Callable[[], Any],
        title: Text,
        said: str = "",
        *,
        parts: Sequence[Part] = ("staff",),
        done: Callable[[Any], object] | None = None,
        failed: Callable[[CityChainError], object] | None = None,
    ) -> bool:
        """Do a change of the ledger as a job, signed in each of `parts`; tell of it, and read again.

        False where the person at the desk does not want to sign for somebody else.
        """
        if not all(deliberate(self, self.signs_as(part)) for part in parts):
            return False

        def run(*, ctx: Any) -> Any:
            ctx.step("change", title)
            return act()

        def over(result: Any) -> None:
            if said:
                self.context.notice(said)
            if done is not None:
                done(result)
            self.refresh()

        self.banner.hide()
        self.context.job(
            run,
            title=title,
            network=self.context.network,
            done=over,
            failed=failed or self.banner.show_error,
        )
        return True


def deployed(service: HealthSlotsService) -> bool:
    """Say whether the contract is there, by asking it: not every role may list a network's contracts."""
    try:
        service.rules.initialized()
    except LedgerError as error:
        said = " ".join([str(error.details.get("text", "")), *(one["message"] for one in error.endpoints)])
        if f"chaincode {CONTRACT} not found" in said:
            return False
        raise
    return True


def _hospital_of(service: HealthSlotsService, tab: str, rest: str) -> str:
    """The hospital of the session or appointment that an address names; "" where it names none."""
    if tab == "board":
        return rest.partition(".")[0]
    visits = service.lists.visits(appointment=rest) if tab == "desk" and rest else ()
    return visits[0].slot.partition(".")[0] if visits else ""
