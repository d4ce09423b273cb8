"""What helps whoever lost a race for a work: the dispute that froze it, or what the work is now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.refusals import WORDS
from apps.copyright.service import build_service
from baas.errors import Text
from baas.services.explorer.model import Advice

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.explorer.model import KeyConflict, TransactionRow

WORK = "CZ"
"""How the id of a work begins."""


def after_loss(
    platform: Platform, network: str, row: TransactionRow, conflicts: tuple[KeyConflict, ...]
) -> Advice | None:
    """Where to look at the work that both wanted to change, and at the dispute that stands in the way."""
    if not platform.session.allows(permissions.READ):
        return None
    work_id = next((part for one in conflicts for part in one.key.split("\0") if part.startswith(WORK)), "")
    if not work_id:
        return None
    with closing(build_service(platform, network)) as service:
        work = service.work(work_id)
    look = (Text("看作品“{t}”", "Look at {t}", t=work.title), f"copyright/work/{work.id}")
    disputes = work.record.get("disputes") or []
    if disputes:
        return Advice(
            Text(
                "{frozen}异议处理完毕前重新提交没有用。",
                "{frozen} Submitting again does not help before the dispute is decided.",
                frozen=WORDS["DISPUTED"],
            ),
            ((Text("看这件异议", "Look at the dispute"), f"copyright/cases/{disputes[0]}"), look),
        )
    return Advice(
        Text(
            "作品在此期间被别人改动了。请先看它现在的状态，仍有需要再重新办理。",
            "Somebody changed the work meanwhile. Look at it as it is now; do it again only if it still makes sense.",
        ),
        (look,),
    )
