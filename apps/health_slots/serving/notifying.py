"""Tells portals that something changed which they subscribed to: empty POSTs, tried again, given up in the end.

Looked for by the index as it follows the ledger. A portal hears of a change at least once, also when this service was
killed between telling and noting it.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

from apps.health_slots.serving import fhir_subscriptions as subscriptions
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.fhir_model import instant
from apps.health_slots.serving.fhir_search import MAX_COUNT
from apps.health_slots.serving.hooks import Subscription, Subscriptions, origin_of
from baas.errors import CityChainError

LOOK_S = 0.5
TIMEOUT_S = 5.0
AGAIN_S = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 3600.0, 3600.0)
"""Pauses after one failure, two …; after the last the subscription is in error."""
CALLS = 4
_log = logging.getLogger(__name__)


class Doors(Protocol):
    """Who may still be told, and what each of them may see."""

    def door_of(self, portal: str) -> Door | None:
        """A portal's door; None for one that may not use the interface any more."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is a failure: a portal's address is the one that was allowed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Notifier:
    """Looks every half second, calls in threads of its own; a context manager."""

    def __init__(
        self, kept: Subscriptions, doors: Doors, clock: Callable[[], float], *, again: tuple[float, ...] = AGAIN_S
    ) -> None:
        self._kept, self._doors, self._clock, self._again = kept, doors, clock, again
        self._failed: dict[str, tuple[int, float]] = {}
        self._calling: set[str] = set()
        self._seen: dict[str, frozenset[tuple[str, str]]] = {}
        self._looked: dict[str, int] = {}
        """At which height each was looked at last: before the next block there is nothing new."""
        self._stopped = threading.Event()
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        self._callers = ThreadPoolExecutor(CALLS, "fhir-hooks")
        self._thread = threading.Thread(target=self._run, name="fhir-notifier", daemon=True)

    def __enter__(self) -> Notifier:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(TIMEOUT_S)
        self._callers.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_S):
            try:
                self.look()
            except CityChainError as error:
                _log.warning("subscriptions could not be looked at: %s", error)

    def look(self) -> int:
        """Look at every subscription once; returns how many calls that began."""
        begun = 0
        for one in self._kept.all():
            if one.id in self._calling or one.status != "active" or self._pauses(one):
                continue
            if one.ends is not None and one.ends <= self._clock():
                self._kept.told(one.id, one.since, "off")
                continue
            door = self._doors.door_of(one.portal)
            if door is None or self._kept.origin(one.portal) != origin_of(one.endpoint):
                continue
            height = door.service.index.height
            if self._looked.get(one.id) == height and one.id not in self._failed:
                continue
            self._looked[one.id] = height
            until, fresh, seen = self._news(one, door)
            if fresh:
                self._calling.add(one.id)
                self._callers.submit(self._tell, one, until, seen)
                begun += 1
            elif until > one.since:
                self._seen[one.id] = seen
                self._kept.told(one.id, until)
        return begun

    def _news(self, one: Subscription, door: Door) -> tuple[int, bool, frozenset[tuple[str, str]]]:
        """Up to when the index knows, whether something matches that was not told yet, and what is of the newest
        second: more of it may come."""
        kind, search = subscriptions.criteria(one.criteria)
        find = subscriptions.finder(door, kind)
        until = door.service.index.newest()
        if until < one.since:
            return one.since, False, frozenset()
        told, newest, fresh, cursor = self._seen.get(one.id, frozenset()), set(), False, ""
        values = {**search.values, "_lastUpdated": [f"ge{instant(one.since)}"]}
        while True:
            page = find(replace(search, values=values, count=MAX_COUNT, cursor=cursor))
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
        except CityChainError as error:
            _log.warning("a subscription's state was not kept: %s", error)
        finally:
            self._calling.discard(one.id)

    def _post(self, one: Subscription) -> str:
        """Call the portal; "" where it took it, else what went wrong, without its answer's words."""
        name, _, value = one.header.partition(": ")
        request = urllib.request.Request(one.endpoint, b"", {name: value} if name else {}, method="POST")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return "" if 200 <= answer.status < 300 else f"answered {answer.status}"
        except urllib.error.HTTPError as error:
            return f"answered {error.code}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"not reached ({type(error).__name__})"

    def _pauses(self, one: Subscription) -> bool:
        return self._failed.get(one.id, (0, 0.0))[1] > time.monotonic()
