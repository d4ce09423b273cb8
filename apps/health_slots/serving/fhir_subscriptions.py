"""R4 `Subscription`: a portal's resource in, checked element by element, and out again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

from apps.health_slots.serving import fhir_find as finding
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.fhir_codes import narrative
from apps.health_slots.serving.fhir_model import instant
from apps.health_slots.serving.fhir_requests import BadRequest
from apps.health_slots.serving.fhir_search import MAX_COUNT, BadSearch, Search, read_search
from apps.health_slots.serving.hooks import Subscription, header_fits, origin_of

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "Slot": finding.SLOT_PARAMETERS,
    "Schedule": finding.SCHEDULE_PARAMETERS,
    "Appointment": finding.APPOINTMENT_PARAMETERS,
}
_SURROGATE = re.compile("[\ud800-\udfff]")
SHAPING = ("_count", "_cursor", "_summary", "_total", "_elements", "_sort", "_include", "_revinclude", "_lastUpdated")


def criteria(text: str) -> tuple[str, Search]:
    """Kind and search of a criteria string; BadRequest for what cannot be watched."""
    kind, _, query = text.partition("?")
    where = "Subscription.criteria"
    if kind not in PARAMETERS:
        raise BadRequest(f"criteria is a search of {', '.join(PARAMETERS)}", where)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20, strict_parsing=bool(query))
        if any(name in SHAPING for name, _ in pairs):
            raise BadRequest("criteria say what, not how it is shown or since when", where)
        return kind, read_search(pairs, PARAMETERS[kind])
    except (BadSearch, ValueError) as error:
        if isinstance(error, BadRequest):
            raise
        raise BadRequest(f"criteria: {error}", where) from error


def changes(door: Door, text: str, since: int) -> tuple[finding.Finder, Search]:
    """What finds what changed of a criteria string since a moment (seconds since 1970), and its search."""
    kind, search = criteria(text)
    values = {**search.values, "_lastUpdated": [f"ge{instant(since)}"]}
    return finder(door, kind), replace(search, values=values, count=MAX_COUNT)


def tried(door: Door, one: Subscription) -> Subscription:
    """The same, once its criteria were searched as they will be; BadRequest for values that no search takes."""
    try:
        find, search = changes(door, one.criteria, one.since)
        find(replace(search, count=1))
    except BadSearch as error:
        raise BadRequest(f"criteria: {error}", "Subscription.criteria") from error
    return one


def wanted(body: Mapping[str, Any], portal: str, origin: str, now: int) -> Subscription:
    """What a portal's resource asks for; BadRequest names the element that it cannot have."""
    if body.get("resourceType") != "Subscription":
        raise BadRequest("the body is a Subscription", "Subscription")
    if body.get("status") not in ("requested", "active"):
        raise BadRequest("a Subscription is made as requested", "Subscription.status")
    text, reason = body.get("criteria"), body.get("reason")
    if not _fits(text, 1000):
        raise BadRequest("criteria is a search, as Appointment?status=cancelled", "Subscription.criteria")
    criteria(text)
    if not _fits(reason, 200):
        raise BadRequest("a Subscription has a reason", "Subscription.reason")
    channel = body.get("channel")
    if not isinstance(channel, dict) or channel.get("type") != "rest-hook":
        raise BadRequest("the channel is a rest-hook", "Subscription.channel.type")
    if channel.get("payload"):
        raise BadRequest(
            "notifications are empty: leave payload out, and ask by _lastUpdated", "Subscription.channel.payload"
        )
    endpoint, headers = channel.get("endpoint"), channel.get("header", [])
    if not isinstance(endpoint, str) or len(endpoint) > 500 or not origin or origin_of(endpoint) != origin:
        said = origin or "none: ask who keeps this service to allow one"
        raise BadRequest(f"the endpoint is at the portal's own address ({said})", "Subscription.channel.endpoint")
    if (
        not isinstance(headers, list)
        or len(headers) > 1
        or not all(isinstance(h, str) and header_fits(h) for h in headers)
    ):
        raise BadRequest("at most one header, Authorization: …", "Subscription.channel.header")
    ends = _end(body.get("end"))
    if ends is not None and ends <= now:
        raise BadRequest("the end is in the future", "Subscription.end")
    header = headers[0] if headers else ""
    return Subscription("", portal, text, endpoint, header, reason, "active", "", now, ends, now)


def _fits(text: Any, most: int) -> TypeGuard[str]:
    """Whether it is a text of at most so many letters that a file can keep: half a surrogate pair it cannot."""
    return isinstance(text, str) and 0 < len(text) <= most and _SURROGATE.search(text) is None


def _end(text: Any) -> int | None:
    if text is None:
        return None
    try:
        found = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        if found.tzinfo is None:
            raise ValueError
        seconds = int(found.timestamp())
        instant(seconds)  # West of here the last hours of 9999 are of a year that no calendar here has.
        return seconds
    except (ValueError, OverflowError) as error:
        raise BadRequest("the end is an instant, as 2026-12-31T18:00:00+08:00", "Subscription.end") from error


def resource(one: Subscription) -> dict[str, Any]:
    """A subscription as its portal sees it; the header's value is kept and not shown."""
    found: dict[str, Any] = {
        "resourceType": "Subscription",
        "id": one.id,
        "meta": {"lastUpdated": instant(one.made)},
        "text": narrative(one.criteria),
        "status": one.status,
        "reason": one.reason,
        "criteria": one.criteria,
        "channel": {"type": "rest-hook", "endpoint": one.endpoint},
    }
    if one.ends is not None:
        found["end"] = instant(one.ends)
    if one.error:
        found["error"] = one.error
    return found


def finder(door: Door, kind: str) -> finding.Finder:
    """The search of a kind as this portal may ask it."""
    if kind == "Appointment":
        return lambda search: finding.find_appointments(door, search)
    if kind == "Schedule":
        return lambda search: finding.find_schedules(door.service, search)
    return lambda search: finding.find_slots(door.service, search)
