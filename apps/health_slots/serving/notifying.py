"""Tells portals that something changed which they subscribed to: empty POSTs, tried again, given up in the end.

Looked for by the index as it follows the ledger. A portal hears of a change at least once, also when this service was
killed between telling and noting it. Each portal has at most one call under way, in a thread of its own and with a
deadline for the whole of it: a portal that answers by the byte keeps nobody waiting but itself.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import httpx

from apps.health_slots.serving import fhir_subscriptions as subscriptions
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.fhir_model import instant
from apps.health_slots.serving.fhir_requests import BadRequest
from apps.health_slots.serving.fhir_search import MAX_COUNT, BadSearch
from apps.health_slots.serving.hooks import Subscription, Subscriptions, origin_of
from baas.errors import CityChainError

LOOK_S = 0.5
TIMEOUT_S = 5.0
"""For one call whole: finding the address, connecting, its answer's status and headers."""
AGAIN_S = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 3600.0, 3600.0)
"""Pauses after one failure, two …; after the last the subscription is in error."""
PASSING = (CityChainError, OSError, sqlite3.Error)
"""What may be well again at the next look."""
_log = logging.getLogger(__name__)


class Doors(Protocol):
    """Who may still be told, and what each of them may see."""

    def door_of(self, portal: str) -> Door | None:
        """A portal's door; None for one that may not use the interface any more."""


class Notifier:
    """Looks every half second, calls in threads of its own; a context manager."""

    def __init__(
        self, kept: Subscriptions, doors: Doors, clock: Callable[[], float], *, again: tuple[float, ...] = AGAIN_S
    ) -> None:
        self._kept, self._doors, self._clock, self._again = kept, doors, clock, again
        self._failed: dict[str, tuple[int, float]] = {}
        self._calling: set[str] = set()
        """Portals that are being called."""
        self._seen: dict[str, frozenset[tuple[str, str]]] = {}
        self._looked: dict[str, int] = {}
        """At which height each was looked at last: before the next block there is nothing new."""
        self._stopped = threading.Event()
        self._trust = ssl.create_default_context()
        self._thread = threading.Thread(target=self._run, name="fhir-notifier", daemon=True)

    def __enter__(self) -> Notifier:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(TIMEOUT_S)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_S):
            try:
                self.look()
            except PASSING as error:
                _log.warning("subscriptions could not be looked at: %s", error)
            except Exception:
                _log.exception("subscriptions could not be looked at")

    def look(self) -> int:
        """Look at every subscription once; returns how many calls that began.

        One that cannot be looked at stops none of the others: it is in error with the reason, or looked at again.
        """
        begun = 0
        for one in self._kept.all():
            if one.portal in self._calling or one.status != "active" or self._pauses(one):
                continue
            try:
                begun += self._look_at(one)
            except PASSING as error:
                self._looked.pop(one.id, None)
                _log.warning("subscription %s could not be looked at: %s", one.id, error)
            except Exception as error:
                bad = isinstance(error, (BadSearch, BadRequest))
                _log.error("subscription %s cannot be looked at", one.id, exc_info=None if bad else error)
                self._kept.told(one.id, one.since, "error", str(error) if bad else type(error).__name__)
        return begun

    def _look_at(self, one: Subscription) -> bool:
        """Whether its portal is being called now."""
        if one.ends is not None and one.ends <= self._clock():
            self._kept.told(one.id, one.since, "off")
            return False
        door = self._doors.door_of(one.portal)
        if door is None or self._kept.origin(one.portal) != origin_of(one.endpoint):
            return False
        height = door.service.index.height
        if self._looked.get(one.id) == height and one.id not in self._failed:
            return False
        self._looked[one.id] = height
        until, fresh, seen = self._news(one, door)
        if fresh:
            self._calling.add(one.portal)
            # Nobody waits for it when the service ends, unlike for an executor's threads.
            threading.Thread(target=self._tell, args=(one, until, seen), name="fhir-hook", daemon=True).start()
        elif until > one.since:
            self._seen[one.id] = seen
            self._kept.told(one.id, until)
        return fresh

    def _news(self, one: Subscription, door: Door) -> tuple[int, bool, frozenset[tuple[str, str]]]:
        """Up to when the index knows, whether something matches that was not told yet, and what is of the newest
        second: more of it may come."""
        find, search = subscriptions.changes(door, one.criteria, one.since)
        until = door.service.index.newest()
        if until < one.since:
            return one.since, False, frozenset()
        told, newest, fresh, cursor = self._seen.get(one.id, frozenset()), set(), False, ""
        while True:
            page = find(replace(search, cursor=cursor))
            for match in page.matches:
                mark = (str(match["id"]), f"{match['meta']['lastUpdated']} {match.get('status', match.get('active'))}")
                fresh = fresh or mark not in told
                if match["meta"]["lastUpdated"] == instant(until):
                    newest.add(mark)
            cursor = page.cursor
            if not cursor or (fresh and len(newest) > 10 * MAX_COUNT):
                return until, fresh, frozenset(newest)

    def _tell(self, one: Subscription, until: int, seen: frozenset[tuple[str, str]]) -> None:
        try:
            problem = self._post(one)
            if not problem:
                self._failed.pop(one.id, None)
                self._seen[one.id] = seen
                self._kept.told(one.id, until)
                return
            failures = self._failed.get(one.id, (0, 0.0))[0] + 1
            if failures > len(self._again):
                self._kept.told(one.id, one.since, "error", problem)
            else:
                self._failed[one.id] = failures, time.monotonic() + self._again[failures - 1]
                self._kept.told(one.id, one.since, "active", problem)
        except PASSING as error:
            _log.warning("a subscription's state was not kept: %s", error)
        finally:
            self._calling.discard(one.portal)

    def _post(self, one: Subscription) -> str:
        """Call the portal; "" where it took it, else what went wrong, without its answer's words."""
        try:
            status = asyncio.run(self._answered(one))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return f"not reached ({type(error).__name__})"
        return "" if 200 <= status < 300 else f"answered {status}"

    async def _answered(self, one: Subscription) -> int:
        """The status with which the portal answers, in time or never.

        An answer that leads elsewhere is not followed: a portal's address is the one that was allowed.
        """
        name, _, value = one.header.partition(": ")
        headers = {name: value} if name else {}
        async with (
            asyncio.timeout(TIMEOUT_S),
            httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=None, follow_redirects=False) as client,
            client.stream("POST", one.endpoint, content=b"", headers=headers) as answer,
        ):
            return answer.status_code

    def _pauses(self, one: Subscription) -> bool:
        return self._failed.get(one.id, (0, 0.0))[1] > time.monotonic()
