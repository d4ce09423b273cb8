"""What `citychain serve` does for 数字版权: time-stamps that are owed, and one of the newest block every day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.service import CopyrightService
from baas.errors import Text
from baas.serving.parts import Duty, Part, Request, Running

if TYPE_CHECKING:
    from baas.jobs import JobContext
    from baas.platform import Platform

HOUR_S = 3600.0


class Stamping:
    """Listens nowhere; all it has is its duty."""

    address = ""
    running = True


@contextmanager
def _open(request: Request) -> Iterator[Running]:
    del request
    yield Stamping()


def stamp(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty: asked every hour, so that a stamp that an authority owes does not wait for a day."""
    del ctx
    with CopyrightService(platform, network) as service:
        if not service.stamps.authority.url:
            return Text("没有设置时间戳机构", "no time-stamp authority is named")
        taken = service.stamp_due()
        blocks = service.stamps.blocks
    if not taken:
        return Text("无需补取", "nothing was due")
    return Text("已取 {n} 个，最新为第 {b} 区块", "{n} taken, the newest over block {b}", n=len(taken), b=max(blocks))


STAMPS = Part(
    "stamps",
    Text("数字版权时间戳", "Copyright time-stamps"),
    permissions.EVIDENCE,
    _open,
    duties=(Duty("copyright-stamps", Text("账本时间戳", "Time-stamps of the ledger"), HOUR_S, stamp),),
)
