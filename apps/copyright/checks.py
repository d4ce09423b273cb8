"""What the doctor looks at here: the years of working days that the ledger knows, and files that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas.errors import Text
from baas.working_days import doctor_check

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check


def calendar(platform: Platform) -> list[Check]:
    """Whether the years that deadlines need are known on the default network's ledger."""
    title = Text("登记机构的工作日历", "The office's working days")
    return doctor_check(
        platform, "copyright", title, "citychain copyright calendar", lambda service: service.calendar()
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
