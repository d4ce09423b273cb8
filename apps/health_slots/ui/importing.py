"""Admitting a hospital, importing a schedule, opening its slots."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.kinds import Hospital
from apps.health_slots.schedule import Habits
from apps.health_slots.ui.import_dialog import ImportDialog
from apps.health_slots.ui.phrases import tr
from console.appkit.editors import Invalid
from console.i18n.formats import number
from console.widgets.forms import Form
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def ask_hospital(page: SlotsPage) -> None:
    """Admit a hospital to the ledger."""
    owners = page.service.cast.hospitals if page.service is not None else ()

    def check(form: Form) -> None:
        if not re.fullmatch(r"[A-Za-z0-9]{1,12}", form["id"]):
            raise Invalid(form.fields["id"], tr("只含字母和数字，最多 12 个"))

    dialog = page.act(Hospital.admit, {}, limits={"msp": owners}, check=check)
    assert dialog.form is not None
    dialog.form.fields["msp"].setVisible(len(owners) > 1)
    dialog.exec()


def ask_import(page: SlotsPage) -> None:
    """Import a schedule for the page's hospital."""
    dialog = ImportDialog(page)
    if dialog.exec() and dialog.path is not None:
        run_import(
            page,
            dialog.path,
            habits=dialog.habits,
            skip_bad=dialog.skips_bad,
            reason=dialog.reason_code,
            stop_missing=dialog.stops_missing,
        )


def run_import(page: SlotsPage, path: Path, *, habits: Habits | None = None, **choices: Any) -> None:
    """Commit the file's sessions as a job; what was answered about the hospital's way of writing is kept.

    `choices` are those of `Schedules.import_file`.
    """
    service = page.service
    if service is None:
        return
    hospital = page.hospital

    def done(result: Any) -> None:
        if habits is not None:
            service.schedules.keep_habits(hospital, habits)
        words = tr("已写入 {s} 个出诊单元的承诺，{n} 个号；按文件改动 {c} 处")
        counts = {"s": len(result.sessions), "n": result.slots, "c": result.changed}
        page.context.notice(words.format(**{k: number(v) for k, v in counts.items()}))
        page.refresh()

    page.context.job(
        service.schedules.import_file,
        hospital,
        path,
        habits=habits,
        **choices,
        title=Text("导入排班 {f}", "Import {f}", f=path.name),
        network=page.context.network,
        done=done,
        failed=page.banner.show_error,
    )


def release(page: SlotsPage) -> None:
    """Open every committed session of the page's hospital whose release has come."""
    service = page.service
    if service is None:
        return

    def done(result: Any) -> None:
        words = tr("已放号 {n} 个；{w} 个单元还没到放号时间")
        page.context.notice(words.format(n=number(result.slots), w=result.not_due))
        page.refresh()

    page.context.job(
        service.schedules.release,
        page.hospital,
        title=Text("放号", "Open slots"),
        network=page.context.network,
        done=done,
        failed=lambda error: page.banner.show_error(error, page.refresh),
    )
