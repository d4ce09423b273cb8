"""What a running network can hand on: connection profiles, its topology, its nodes as Compose or Kubernetes files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from console.i18n import say, tr
from console.pages.network.view import NetworkView
from console.widgets.forms import save_file

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage

PROFILES = "JSON (*.json);;YAML (*.yaml *.yml)"


def export_menu(page: NetworkPage, view: NetworkView) -> list[tuple[str, Callable[[], object]]]:
    """Return what can be exported: a connection profile for each organisation's people, and the topology."""
    entries: list[tuple[str, Callable[[], object]]] = [
        (tr("连接配置：{o}…").format(o=say(o.title)), partial(export_profile, page, view, o.msp_id))
        for o in view.spec.organizations
    ]
    return [*entries, (tr("拓扑文件…"), partial(_topology, page, view))]


def export_profile(page: NetworkPage, view: NetworkView, msp_id: str) -> None:
    """Ask where to, and write the connection profile for an organisation's people."""
    path = save_file(page, tr("导出连接配置"), f"{view.name}-{msp_id}.json", PROFILES)
    if path:
        operations = page.context.platform.operations

        def write() -> None:
            operations.export_profile(msp_id, Path(path), view.name)

        page.read(write, lambda _: page.context.notice(tr("连接配置已导出，其中没有私钥")))


def _topology(page: NetworkPage, view: NetworkView) -> None:
    path = save_file(page, tr("导出拓扑"), f"{view.name}.json", "JSON (*.json)")
    if path:

        def write() -> None:
            import json

            from baas.services.network_reading import as_json
            from network.vault import write_public

            write_public(Path(path), json.dumps(as_json(view.spec), ensure_ascii=False, indent=2).encode())

        page.read(
            write, lambda _: page.context.notice(tr("拓扑已导出，可用 citychain network up --spec 建立同样的网络"))
        )
