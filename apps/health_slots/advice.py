"""What helps whoever lost the race for a slot: the next free ones. Booking the same one again helps nobody."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.service import build_service
from baas.errors import Text
from baas.services.explorer.model import Advice
from fabric_sdk.clock import CHINA

if TYPE_CHECKING:
    from apps.health_slots.model import SlotRow
    from baas.platform import Platform
    from baas.services.explorer.model import KeyConflict, TransactionRow

BOOKING = {"HoldSlot", "BookSlot"}


def after_loss(
    platform: Platform, network: str, row: TransactionRow, conflicts: tuple[KeyConflict, ...]
) -> Advice | None:
    """The next free slots of the department, or the same one where it is free again; None for other acts."""
    slot = next((found for one in conflicts if (found := slot_of(one.key))), "")
    if row.function not in BOOKING or not slot or not platform.session.allows(permissions.READ):
        return None
    with closing(build_service(platform, network)) as service:
        service.refresh()
        session = slot.rpartition(".")[0]
        now = next((one for one in service.slots(session) if one.id == slot), None)
        if now is not None and now.state == "free":
            return Advice(
                Text("这个号现在又空出来了，可以再约。", "This slot is free again and can be booked."), (_way(now),)
            )
        free = service.bookings.next_free(slot)
    if not free:
        return Advice(
            Text(
                "这个号已被别人先约走，再提交也约不到。该科室暂无空闲号源，可加入候补。",
                "Somebody else has this slot: submitting again does not help. The department has no free one; queue.",
            ),
            ((Text("去候补", "Queue"), "health_slots/waitlist"),),
        )
    return Advice(
        Text(
            "这个号已被别人先约走，再提交也约不到。下面是该科室接下来的空闲号。",
            "Somebody else has this slot: submitting again does not help. These are the department's next free ones.",
        ),
        tuple(_way(one) for one in free),
    )


def slot_of(key: str) -> str:
    """The slot that a key of the ledger is of, as HOSPITAL.SESSION.NNN; "" for other keys."""
    parts = key.strip("\0").split("\0")
    return ".".join(parts[1:4]) if parts[0] == "slot" and len(parts) == 4 else ""


def _way(slot: SlotRow) -> tuple[Text, str]:
    at = datetime.fromtimestamp(slot.begins_at, UTC).astimezone(CHINA)
    words = Text("{n} 号 · {t}", "No. {n} · {t}", n=slot.id.rpartition(".")[2], t=f"{at:%m-%d %H:%M}")
    return words, f"health_slots/board/{slot.session}"
