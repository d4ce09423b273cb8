"""EPCIS 2.0 in JSON and JSON-LD: documents taken apart for capture, and the answers of the query interface.

Events go in and come out as they are: nothing is added, renamed or put in another order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.traceability.index import ROLES
from baas.errors import Text, UserError
from chaincode.traceability.documents import DEEPEST, parse
from chaincode.traceability.documents import MOST_BYTES as EVENT_BYTES
from chaincode.traceability.event_hash import event_hash, instant_of, utc
from chaincode.traceability.identifiers import canonical
from chaincode.traceability.vocabulary import bare
from fabric_sdk import clock
from fabric_sdk.chaincode import ChaincodeError

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MOST_BYTES = 32 * 1024 * 1024
"""Of a file that somebody here chose."""
SENT_BYTES = 2 * 1024 * 1024
"""Of a document that a program sends."""
BYTES_PER_VALUE = 20
"""A document of that many bytes may have one value: EPCIS's names and URIs are longer, `[1,1,1,…]` is an attack."""
DOCUMENT = frozenset({
    "@context", "id", "type", "schemaVersion", "creationDate", "epcisHeader", "epcisBody", "sender", "receiver",
    "instanceIdentifier", "next",
})  # fmt: skip
MOST_EVENTS = 20_000
PAGE = 1_000


@dataclass(frozen=True)
class Captured:
    """An event of a document, as it goes to the contract: its bytes, and its hash ID."""

    event: Mapping[str, Any]
    data: bytes
    hash: str

    @property
    def wrong(self) -> str:
        """Why it is declared to be an error, "" if it is not."""
        declared = self.event.get("errorDeclaration")
        if declared is None:
            return ""
        return bare(str(declared.get("reason") or "incorrect_data")) if isinstance(declared, dict) else "?"


def events_of(data: bytes, most: int = MOST_BYTES) -> list[Captured]:
    """The events of an EPCIS document, a query's answer, or one bare event. `UserError` for anything else.

    Counted before it is read, read before anything is hashed: what is refused costs next to nothing.
    """
    if sum(data.count(one) for one in (b",", b"[", b"{")) > most // BYTES_PER_VALUE:
        raise _no_document(f"more than {most // BYTES_PER_VALUE} values")
    try:
        document = parse(data, most, DEEPEST + 6)
    except ChaincodeError as error:
        raise _no_document(error.message) from error
    if not isinstance(document, dict):
        raise _no_document("no object")
    namespaces = _namespaces(document.get("@context"))
    whole = "epcisBody" in document or str(document.get("type")).endswith("Document")
    if whole and (unknown := [one for one in document if one not in DOCUMENT and ":" not in one]):
        raise _no_document(f"unknown: {unknown[0][:60]}")
    body = document.get("epcisBody") if whole else document
    if isinstance(body, dict) and isinstance(body.get("queryResults"), dict):
        body = body["queryResults"].get("resultsBody")
    if not isinstance(body, dict):
        raise _no_document("no epcisBody")
    events = body.get("eventList", [body.get("event", None if whole else body)])
    if not isinstance(events, list) or not all(isinstance(one, dict) and "type" in one for one in events):
        raise _no_document("no eventList")
    if len(events) > MOST_EVENTS:
        raise _no_document(f"more than {MOST_EVENTS} events")
    found, size = list[Captured](), 0
    for one in events:
        found.append(_captured(one, namespaces))
        size += len(found[-1].data)
        if size > 4 * most:
            raise _no_document("its namespaces, said of every event, are too long")
    return found


def _captured(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> Captured:
    known = {**namespaces, **_namespaces(event.get("@context"))}
    data = json.dumps({"namespaces": known, "event": event}, ensure_ascii=False).encode()
    if len(data) > EVENT_BYTES:
        raise _no_document(f"an event of more than {EVENT_BYTES} bytes")
    return Captured(event, data, event_hash(event, known))


def _namespaces(context: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in context if isinstance(context, list) else [context]:
        if isinstance(one, dict):
            found |= {key: uri for key, uri in one.items() if isinstance(uri, str) and not key.startswith("@")}
    return found


def _no_document(why: str) -> UserError:
    return UserError(
        Text("这不是可读的 EPCIS 2.0 JSON 文档。", "This is no readable EPCIS 2.0 document in JSON."),
        Text("请使用 GS1 EPCIS 2.0 的 JSON 或 JSON-LD。", "Use JSON or JSON-LD as in GS1 EPCIS 2.0."),
        code="no_epcis",
        details={"text": why},
    )


# -- queries ---------------------------------------------------------------------------------------------
def _instant(text: str) -> str:
    return utc(instant_of(text.replace(" ", "+")))


_PART = "number IN (SELECT part.event FROM part JOIN node ON node.id = part.node WHERE node.name IN ({m}) AND {r})"
_COLUMN: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "eventType": ("what IN ({m})", str),
    "EQ_action": ("action IN ({m})", str),
    "EQ_bizStep": ("step IN ({m})", bare),
    "EQ_disposition": ("disposition IN ({m})", bare),
    "EQ_readPoint": ("place IN ({m})", canonical),
    "EQ_bizLocation": ("place IN ({m})", canonical),
    "EQ_transformationID": ("process IN ({m})", canonical),
    "EQ_eventID": ("hash IN ({m})", str),
    "GE_eventTime": ("at >= {m}", _instant),
    "LT_eventTime": ("at < {m}", _instant),
    "GE_recordTime": ("created >= {m}", lambda text: _instant(text)[:19] + "Z"),
    "LT_recordTime": ("created < {m}", lambda text: _instant(text)[:19] + "Z"),
}
_MATCH = {
    "MATCH_anyEPC": ROLES,
    "MATCH_anyEPCClass": ROLES,
    "MATCH_epc": ("epcs", "children"),
    "MATCH_epcClass": ("epcs", "children"),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("inputs", "inside"),
    "MATCH_inputEPCClass": ("inputs", "inside"),
    "MATCH_outputEPC": ("outputs",),
    "MATCH_outputEPCClass": ("outputs",),
}
PARAMETERS = (*_COLUMN, *_MATCH)


def condition(parameters: Mapping[str, str]) -> tuple[str, list[str]]:
    """The condition of a query in SQL with its values; several values of a parameter are parted by a bar.

    What no parameter of EPCIS's is that we know is an error, never a filter that is left out.
    """
    where, values = "", list[str]()
    for name, text in parameters.items():
        said = [one for one in re.split(r"[|]", text) if one]
        if name not in PARAMETERS or not 1 <= len(said) <= 200:
            raise UserError(
                Text("不支持的查询参数：{n}", "This query parameter is not known: {n}", n=name[:60]),
                Text("可用：{k}", "Known: {k}", k=", ".join(PARAMETERS)),
                code="query_parameter",
            )
        try:
            if name in _MATCH:
                roles = ", ".join(str(ROLES.index(one)) for one in _MATCH[name])
                clause, found = _PART.replace("{r}", f"part.role IN ({roles})"), [canonical(one) for one in said]
            else:
                clause, read = _COLUMN[name]
                found = [read(one) for one in said]
        except ValueError:
            raise UserError(
                Text("{n} 应为带时区的时间。", "{n} must be a time with its zone.", n=name), code="query_parameter"
            ) from None
        where += " AND " + clause.format(m=", ".join("?" * len(found)))
        values += found
    return where, values


def answer(events: Sequence[Mapping[str, Any]], namespaces: Mapping[str, str]) -> dict[str, Any]:
    """What the query interface answers with (EPCISQueryDocument)."""
    return {
        "@context": [CONTEXT, *({name: uri} for name, uri in sorted(namespaces.items()))],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": utc(clock.now()),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list(events)}}},
    }


def document(events: Iterable[Mapping[str, Any]], namespaces: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An EPCIS document of events."""
    return {
        "@context": [CONTEXT, *([dict(namespaces)] if namespaces else [])],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": utc(clock.now()),
        "epcisBody": {"eventList": list(events)},
    }
