"""A recall on the page: what it still misses, the way to its goods in the graph, stopping all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from shiboken6 import isValid

from apps.traceability.service import TraceabilityService
from apps.traceability.ui import tr
from console.appkit.act_dialog import ActDialog
from console.shell.inspector import Inspected
from console.widgets.basic import Button
from console.widgets.facts import Section
from network.text import Text

if TYPE_CHECKING:
    from apps.kit.service import OpenAct
    from console.appkit.page import AppPage
    from fabric_sdk.kinds import Record


def more(page: AppPage, record: Record, panel: Inspected) -> None:
    """What a recall's panel says beside its facts."""
    section = Section(tr("波及范围"))
    go = partial(page.context.go, f"{page.manifest.id}/graph/{record['goods']}")
    section.add(Button(tr("在货物图中查看"), go, kind="link", small=True))
    panel.add(section)
    service = page.service
    assert isinstance(service, TraceabilityService)

    def arrived(missing: list[list[str]]) -> None:
        if not isValid(section):  # the inspector shows something else by now
            return
        if missing:
            section.status(tr("还有 {n} 件没有停止流通").format(n=len(missing)), "warn")
        else:
            section.status(tr("波及的货物都已停止流通"), "ok")

    if record["state"] == "OPEN":
        page.read(lambda: service.missing(record), arrived)


def stop(page: AppPage, one: OpenAct, record: Record) -> ActDialog:
    """The dialog of `Recall.mark`: stop what is affected and tell the holders."""
    service = page.service
    assert isinstance(service, TraceabilityService)

    def run(_values: Any, *, ctx: Any) -> int:
        count = service.stop(record["id"], signer=one.signer, ctx=ctx)
        service.tell(record["id"], signer=one.signer)
        return count

    return ActDialog(
        page,
        tr("停止受影响的货物"),
        tr("由它制成的一切都停止流通，每一件都由合约核对依据；持有方会收到通知。"),
        accept=tr("停止流通"),
        run=run,
        said=tr("波及的货物都已停止流通"),
        signs=page.signed_by(one.signer),
        danger=True,
        job=Text("停止受影响的货物", "Stop what is affected"),
    )
