"""Capture of an EPCIS document: choose the file, see what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.traceability.epcis import MOST_BYTES
from apps.traceability.service import Capture, TraceabilityService
from apps.traceability.ui import tr
from console.appkit.act_dialog import ActDialog
from console.appkit.editors import Invalid, file_field, path_of
from console.widgets.forms import Form
from network.text import Text

if TYPE_CHECKING:
    from apps.kit.service import OpenAct
    from console.appkit.page import AppPage
    from fabric_sdk.kinds import Record


def dialog(page: AppPage, one: OpenAct, _record: Record) -> ActDialog:
    """The dialog of `Event.capture`."""
    service = page.service
    assert isinstance(service, TraceabilityService)
    form = Form()
    file = form.add("file", file_field(tr("EPCIS 文档"), pattern="JSON (*.json *.jsonld)", required=True))

    def collect() -> bytes:
        path = path_of(file)
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(file, tr("文件太大"))
        return path.read_bytes()

    def run(data: bytes, *, ctx: Any) -> Capture:
        return service.capture(data, signer=one.signer, ctx=ctx)

    def done(result: Capture) -> None:
        counts = {"new": len(result.recorded), "known": result.known, "wrong": result.declared}
        page.context.notice(tr("新记录 {new} 个事件，已有 {known} 个，声明有误 {wrong} 个").format(**counts))

    return ActDialog(
        page,
        tr("采集事件"),
        tr("选择 EPCIS 2.0 文档（JSON 或 JSON-LD）。事件内容保存在本机，账本记录货物的去向和事件哈希。"),
        accept=tr("采集"),
        run=run,
        said=tr("事件已采集"),
        collect=collect,
        signs=page.signed_by(one.signer),
        form=form,
        done=done,
        job=Text("采集事件", "Capture events"),
    )
