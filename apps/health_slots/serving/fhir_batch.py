"""A FHIR batch: several requests of a portal in one, each answered as if it had come alone, none rolled back.

Every entry goes through the interface's own front door with the portal's token, so that rate, quota, rules and refusals
are the same. Transactions (all or none) are refused: an appointment stands on the ledger as soon as it is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.types import ASGIApp

from apps.health_slots.serving.fhir_requests import BadRequest

MAX_ENTRIES = 20
_PLAIN = re.compile(r"[\x20-\x7e]{1,500}")
METHODS = ("GET", "POST", "PUT")
CONDITIONS = {"ifNoneExist": "If-None-Exist", "ifMatch": "If-Match"}


@dataclass(frozen=True)
class Entry:
    """One request of a batch: method, address under the base, resource, and headers that it names."""

    method: str
    url: str
    resource: Mapping[str, Any]
    headers: Mapping[str, str]


def entries_of(body: Mapping[str, Any]) -> list[Entry]:
    """The requests of a batch; BadRequest for what is no batch of this interface."""
    if body.get("resourceType") != "Bundle" or body.get("type") != "batch":
        raise BadRequest("a Bundle of type batch is answered here, no transaction", "Bundle.type")
    entries = body.get("entry", [])
    if not isinstance(entries, list) or not 0 < len(entries) <= MAX_ENTRIES:
        raise BadRequest(f"a batch has 1 to {MAX_ENTRIES} entries", "Bundle.entry")
    found: list[Entry] = []
    for number, entry in enumerate(entries):
        where = f"Bundle.entry[{number}].request"
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or request.get("method") not in METHODS:
            raise BadRequest(f"an entry's request has a method, one of {', '.join(METHODS)}", f"{where}.method")
        url = request.get("url")
        if not isinstance(url, str) or not 0 < len(url) <= 2000 or urlsplit(url).scheme or url.startswith("/"):
            raise BadRequest("an entry's url is relative to the base, as Slot?status=free", f"{where}.url")
        if url.partition("?")[0] in ("", ".") or ".." in url.partition("?")[0].split("/"):
            raise BadRequest("an entry's url names a resource", f"{where}.url")
        resource = entry.get("resource", {})
        if not isinstance(resource, dict):
            raise BadRequest("an entry's resource is an object", f"Bundle.entry[{number}].resource")
        headers = {name: request[key] for key, name in CONDITIONS.items() if key in request}
        if any(not isinstance(value, str) or not _PLAIN.fullmatch(value) for value in headers.values()):
            raise BadRequest("a condition is one line of text", where)
        found.append(Entry(request["method"], url, resource, headers))
    return found


async def answer(app: ASGIApp, base: str, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the interface for every entry in order; return the batch-response Bundle."""
    answers = []
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"{base}/") as client:
        for entry in entries_of(body):
            sent = dict(entry.resource) if entry.method != "GET" else None
            headers = {**entry.headers, "Authorization": token}
            answers.append(_entry(await client.request(entry.method, entry.url, headers=headers, json=sent)))
    return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}


def _entry(answered: httpx.Response) -> dict[str, Any]:
    headers = answered.headers
    response = {"status": f"{answered.status_code} {answered.reason_phrase}"}
    response |= {name: headers[key] for name, key in (("location", "location"), ("etag", "etag")) if key in headers}
    resource = json.loads(answered.content) if answered.content else None
    if resource is None:
        return {"response": response}
    if answered.status_code >= 400:
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}
