"""Accepting a licence or a transfer: of a sealed work it makes a reading key, which only this desk has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.kit.service import OpenAct
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.pages.identities.letters import offer_recovery_file
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def accept(page: CopyrightPage, one: OpenAct, record: Record) -> ActDialog:
    """The act's own dialog; afterwards a recovery file is offered where something is on this desk alone."""
    return dialog_of(page, page.kit, one, record, done=lambda _: offer_recovery_file(page.context))
