"""What the FHIR service knows of portals: read anew before it is too old, and believed no longer than it says."""

from __future__ import annotations

import threading
from typing import Any

from apps.health_slots.serving import admitted
from apps.health_slots.serving.admitted import LedgerPortals
from baas.serving.limits import token_digest


class Ledger:
    """Portals as the ledger tells them; `hold` keeps the readings waiting."""

    def __init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.begun = threading.Semaphore(0)
        self.state = "admitted"

    def msp_of(self, part: str) -> str:
        return "DataBureauMSP"

    def evaluate(self, part: str, function: str, *args: Any, **_: Any) -> Any:
        if function == "ListPortals":
            self.begun.release()
            assert self.hold.wait(30)
            return {"alpha": {"state": self.state, "at": 1}}
        return {
            "alpha": {
                "token_sha256": token_digest("token"),
                "per_second": 1.0,
                "burst": 1,
                "per_day": 1,
                "created_at": 1,
                "expires_at": 10**10,
            }
        }


class Nobody:
    """No portals of before."""

    def all(self) -> tuple[()]:
        return ()

    def of_token(self, token: str) -> None:
        return None


def test_portals_are_read_anew_while_one_reading_still_takes_its_time() -> None:
    """Before, a second reading waited for the first, and meanwhile every request waited for it, those who read too."""
    now = [1000.0]
    ledger = Ledger()
    portals = LedgerPortals(ledger, Nobody(), lambda: now[0])  # type: ignore[arg-type]
    assert portals.at_hand("token") is None, "nothing is known yet"
    assert portals.of_token("token") is not None and portals.at_hand("token") is not None
    assert ledger.begun.acquire(timeout=30)
    ledger.hold.clear()
    for number in range(1, 3):
        now[0] = 1000.0 + number * 0.45
        assert portals.at_hand("token") is not None
        assert portals.at_hand("token") is not None
        assert ledger.begun.acquire(timeout=30), "one more is under way"
        assert not ledger.begun.acquire(blocking=False), "and only one at a time"
    ledger.state = "revoked"
    now[0] = 1000.0 + admitted.FRESH_S + 0.01
    assert portals.at_hand("token") is None, "too old to be believed"
    ledger.hold.set()
    assert portals.of_token("token") is None and portals.at_hand("token") is None, "revoked"
