"""Sessions as the ledger has them, beside the drafts of a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from apps.health_slots.index.schema import SESSION_STATES
from apps.health_slots.schedule import SessionDraft
from chaincode.health_slots import grid

COMMITTED, PUBLISHED, STOPPED = (SESSION_STATES.index(state) for state in ("committed", "published", "stopped"))
Times = Counter[tuple[int, int, str]]
"""Slots as (start, end, pool), minutes from the midnight of their session's day."""
KNOWN_COLUMNS = (
    's.id, s.code, s.state, s.department, s.doctor, s.date, s.start + s.shift, s."end" + s.shift, s.shift, '
    "s.part, s.kind, s.fee, s.slots, COALESCE(c.code, ''), s.runs FROM session s "
    "JOIN hospital h ON h.id = s.hospital LEFT JOIN campus c ON c.id = s.campus WHERE h.code = ?"
)


def times_of(runs: Sequence[Sequence[Any]], shift: int = 0) -> Times:
    """The slots of runs as times."""
    return Counter((slot.start + shift, slot.end + shift, slot.pool) for slot in grid.expand(runs))


class KnownSession(NamedTuple):
    """A session on the ledger; `start` and `end` count from the midnight of `date` as it stands now."""

    key: int
    code: str
    state: int
    department: str
    doctor: str
    date: str
    start: int
    end: int
    shift: int
    part: str
    kind: str
    fee: int
    slots: int
    campus: str
    runs: str

    def like(self, draft: SessionDraft) -> bool:
        """Say whether department, kind, fee and campus are the draft's."""
        mine = (self.department, self.kind, self.fee)
        return mine == (draft.department, draft.kind, draft.fee) and self.at_campus(draft)

    def at_campus(self, draft: SessionDraft) -> bool:
        """Say whether this may be at the draft's campus.

        A file without campuses says nothing of them; a session that opened before campuses were written stays so.
        """
        return draft.campus in ("", self.campus) or (not self.campus and self.state == PUBLISHED)

    def elsewhere(self, draft: SessionDraft) -> bool:
        """Say whether this is the draft's session at another campus, or promised before campuses were written."""
        mine = (self.date, self.kind, self.start, self.end, self.slots)
        its = (draft.date, draft.kind, draft.start, draft.end, draft.count)
        return not self.at_campus(draft) and self.state != STOPPED and mine == its

    def committed_as(self, draft: SessionDraft, plan: Sequence[Sequence[Any]] | None) -> bool:
        """Say whether the draft is what was committed, as far as this desk knows it."""
        promised = (self.slots, self.kind, self.fee, self.campus, self.start - self.shift, self.end - self.shift)
        if promised != (draft.count, draft.kind, draft.fee, draft.campus, draft.start, draft.end):
            return False
        runs = json.loads(self.runs) if self.state != COMMITTED and self.runs else plan
        return not runs or times_of(runs) == times_of(draft.runs)
