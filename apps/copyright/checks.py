"""What the doctor looks at here: the years of working days that the ledger knows, and files that wait."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from apps.copyright.service import build_service
from baas.errors import Text
from baas.working_days import doctor_check
from chaincode.working_days import WorkingDays

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check


def calendar(platform: Platform) -> list[Check]:
    """Whether the years that deadlines need are known on the default network's ledger."""
    network = platform.networks.default()
    if not network or platform.networks.state(network).phase != "ready":
        return []

    def known() -> WorkingDays:
        with contextlib.closing(build_service(platform, network)) as service:
            return service.calendar()

    return doctor_check(
        "copyright-calendar",
        Text("登记机构的工作日历", "The office's working days"),
        "citychain copyright calendar",
        known,
    )


def files(platform: Platform) -> list[Check]:
    """Files of this desk that wait to be handed in, and since when."""
    from baas.courier.handing import Handing
    from baas.services.doctor import Check

    title = Text("等待上交的文件", "Files that wait to be handed in")
    found = []
    for network in platform.networks.names():
        path = platform.workspace.path("copyright", f"{network}-files.db")
        if not path.is_file():
            continue
        queue = Handing(path)
        try:
            waiting = queue.waiting()
        finally:
            queue.close()
        if waiting:
            hint = Text("立即再试：citychain copyright files --now", "Try now: citychain copyright files --now")
            detail = Text("{n} 个：{w}", "{n}: {w}", n=len(waiting), w=waiting[0].why)
            found.append(Check(f"copyright-files-{network}", title, "warn", detail, hint))
        else:
            found.append(Check(f"copyright-files-{network}", title, "ok", Text("没有", "none")))
    return found


def everything(platform: Platform) -> list[Check]:
    """All of it."""
    return [*calendar(platform), *files(platform)]
