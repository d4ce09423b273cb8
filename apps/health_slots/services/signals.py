"""疑似倒号: patterns that touts leave, listed for staff to look at. A signal is no verdict."""

from __future__ import annotations

from dataclasses import dataclass

from apps.health_slots import permissions
from apps.health_slots.services.base import Theme
from baas.errors import Text

PAYER_RESIDENTS = 4
UNPAID_TIMES = 3
OFFICER_TIMES = 5
PAIR_SECONDS = 900


@dataclass(frozen=True)
class Signal:
    """Something suspicious: its kind, whom it concerns (a pseudonym), how often, and the appointments."""

    kind: str
    subject: str
    count: int
    appointments: tuple[str, ...]
    text: Text


class Signals(Theme):
    """What the index shows of possible resale."""

    def all(self, hospital: str = "", *, since: int = 0) -> tuple[Signal, ...]:
        """Return every signal since a moment, of one hospital or of all."""
        self._require(permissions.READ)
        self._sync()
        found = (self._payers, self._unpaid, self._pairs, self._officers)
        return tuple(signal for look in found for signal in look(hospital, since))

    def _officers(self, hospital: str, since: int) -> list[Signal]:
        """Who vouched for many people of whom most never came, or gave the slot up again."""
        rows = self._index.rows(
            "SELECT a.officer, SUM(a.state = 'noshow' OR a.why IN ('resident', 'lapsed')) AS n, COUNT(*) AS every, "
            "GROUP_CONCAT(CASE WHEN a.state = 'noshow' OR a.why IN ('resident', 'lapsed') THEN a.id END) "
            "FROM appointment a JOIN hospital h ON h.id = a.hospital WHERE a.officer <> '' AND a.created_at >= ? "
            "AND (? = '' OR h.code = ?) GROUP BY a.officer HAVING n >= ? AND n * 2 >= every "
            "ORDER BY n DESC, a.officer LIMIT 200",
            (since, hospital, hospital, OFFICER_TIMES),
        )
        return [
            Signal(
                "one-officer",
                officer,
                count,
                tuple(sorted(ids.split(","))),
                Text(
                    "疑似虚假担保：经手 {m} 次，{n} 次未就诊或退号",
                    "Possible false vouching: {n} of {m} never came or gave up",
                    n=count,
                    m=every,
                ),
            )
            for officer, count, every, ids in rows
        ]

    def _payers(self, hospital: str, since: int) -> list[Signal]:
        rows = self._index.rows(
            "SELECT a.payer, COUNT(DISTINCT a.resident) AS n, GROUP_CONCAT(a.id) FROM appointment a "
            "JOIN hospital h ON h.id = a.hospital WHERE a.payer <> '' AND a.created_at >= ? AND (? = '' OR h.code = ?) "
            "GROUP BY a.payer HAVING n >= ? ORDER BY n DESC, a.payer LIMIT 200",
            (since, hospital, hospital, PAYER_RESIDENTS),
        )
        return [
            Signal(
                "one-payer",
                payer,
                count,
                tuple(sorted(ids.split(","))),
                Text("疑似倒号：同一付款人为 {n} 位患者付款", "Possible resale: one payer for {n} patients", n=count),
            )
            for payer, count, ids in rows
        ]

    def _unpaid(self, hospital: str, since: int) -> list[Signal]:
        rows = self._index.rows(
            "SELECT a.resident, COUNT(*) AS n, GROUP_CONCAT(a.id) FROM appointment a "
            "JOIN hospital h ON h.id = a.hospital WHERE a.state = 'cancelled' AND a.why = 'lapsed' "
            "AND a.created_at >= ? AND (? = '' OR h.code = ?) GROUP BY a.resident HAVING n >= ? "
            "ORDER BY n DESC, a.resident LIMIT 200",
            (since, hospital, hospital, UNPAID_TIMES),
        )
        return [
            Signal(
                "never-paid",
                resident,
                count,
                tuple(sorted(ids.split(","))),
                Text("疑似占号：{n} 次锁定后未完成", "Possible hoarding: {n} holds that ran out", n=count),
            )
            for resident, count, ids in rows
        ]

    def _pairs(self, hospital: str, since: int) -> list[Signal]:
        """The same slot cancelled by one resident and taken by another soon afterwards, through the same door."""
        rows = self._index.rows(
            "SELECT a.resident, COUNT(*) AS n, GROUP_CONCAT(a.id || ',' || b.id) FROM appointment a "
            "JOIN appointment b ON b.session = a.session AND b.number = a.number AND b.resident <> a.resident "
            "AND b.booker = a.booker AND b.created_at BETWEEN a.changed_at AND a.changed_at + ? "
            "JOIN hospital h ON h.id = a.hospital WHERE a.state = 'cancelled' AND a.why IN ('resident', 'elsewhere') "
            "AND a.created_at >= ? AND (? = '' OR h.code = ?) GROUP BY a.resident HAVING n >= 2 "
            "ORDER BY n DESC, a.resident LIMIT 200",
            (PAIR_SECONDS, since, hospital, hospital),
        )
        return [
            Signal(
                "cancel-rebook",
                resident,
                count,
                tuple(sorted(set(ids.split(",")))),
                Text("疑似转号：{n} 次退号后很快被他人约走", "Possible handover: {n} returned and rebooked", n=count),
            )
            for resident, count, ids in rows
        ]
