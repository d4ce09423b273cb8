"""EPCIS 2.0 documents of the kinds that GS1 publishes: every event type, both forms of identifiers, sensors, a
company's own fields, sources and destinations, master data of lots. The values are ours."""

from __future__ import annotations

from typing import Any

from apps.traceability.epcis import CONTEXT

OWN = {"ex": "https://ns.example.com/epcis/", "cbvmda": "urn:epcglobal:cbv:mda:"}
AT = {"eventTimeZoneOffset": "-06:00"}


def documents() -> dict[str, dict[str, Any]]:
    """The documents by name, each for a ledger of its own, by whoever has the prefixes 0614141 and 4012345."""
    return {name: _document(events) for name, events in _EVENTS.items()}


def _document(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@context": [CONTEXT, OWN],
        "id": "https://id.example.org/document1",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-02-11T11:30:47.000Z",
        "epcisBody": {"eventList": events},
    }


_EVENTS: dict[str, list[dict[str, Any]]] = {
    "shipping and receiving": [
        {
            "eventID": "ni:///sha-256;" + "df7b" * 16 + "?ver=CBV2.0",
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",
            "epcList": ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"],
            "eventTime": "2026-02-13T20:33:31.116000-06:00", **AT,
            "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
            "bizTransactionList": [{"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"}],
        },
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "disposition": "in_progress",
            "epcList": ["urn:epc:id:sgtin:0614141.107346.2018"], "eventTime": "2026-02-14T20:33:31.116-06:00", **AT,
            "readPoint": {"id": "urn:epc:id:sgln:0012345.11111.400"},
            "bizLocation": {"id": "urn:epc:id:sgln:0012345.11111.0"},
            "bizTransactionList": [
                {"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"},
                {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"},
            ],
            "ex:myField": "Example of a vendor/user extension",
        },
    ],
    "digital links": [
        {
            "type": "ObjectEvent", "action": "ADD", "bizStep": "https://ref.gs1.org/cbv/BizStep-commissioning",
            "epcList": [
                "https://id.gs1.org/01/10614141073464/21/2017", "https://example.com/gtin/10614141073464/ser/9?x=1",
            ],
            "quantityList": [
                {"epcClass": "https://id.gs1.org/01/04012345123456/10/998877", "quantity": 200.50, "uom": "KGM"},
            ],
            "eventTime": "2026-02-13T20:33:31Z", **AT,
            "ilmd": {"cbvmda:lotNumber": "0099", "ex:bestBefore": "2026-12-10", "ex:weights": [1.50, 2, True]},
            "persistentDisposition": {"set": ["completeness_verified"], "unset": ["damaged"]},
        },
    ],
    "aggregation": [
        {
            "type": "AggregationEvent", "action": "ADD", "bizStep": "packing",
            "parentID": "urn:epc:id:sscc:0614141.1234567890",
            "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"],
            "childQuantityList": [
                {"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*", "quantity": 10},
                {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 200.5, "uom": "KGM"},
            ],
            "eventTime": "2026-02-08T14:58:56.591Z", "eventTimeZoneOffset": "+02:00",
            "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0", "ex:floor": "2"},
        },
    ],
    "transformation": [
        {
            "type": "TransformationEvent", "bizStep": "commissioning", "disposition": "in_progress",
            "transformationID": "urn:epc:id:gdti:0614141.12345.400",
            "inputEPCList": ["urn:epc:id:sgtin:4012345.011122.25", "urn:epc:id:sgtin:4000001.065432.99886655"],
            "inputQuantityList": [
                {"epcClass": "urn:epc:class:lgtin:4012345.011111.4444", "quantity": 10, "uom": "KGM"},
                {"epcClass": "urn:epc:class:lgtin:0614141.077777.987", "quantity": 30},
            ],
            "outputEPCList": ["urn:epc:id:sgtin:4012345.077889.25", "urn:epc:id:sgtin:4012345.077889.26"],
            "eventTime": "2026-02-13T19:58:56.591Z", "eventTimeZoneOffset": "+02:00",
            "ilmd": {"ex:bestBeforeDate": "2026-12-10", "ex:batch": "XYZ"}, "ex:myField": 7.0,
        },
    ],
    "transaction": [
        {
            "type": "TransactionEvent", "action": "ADD", "bizStep": "urn:epcglobal:cbv:bizstep:shipping",
            "bizTransactionList": [
                {"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:epc:id:gdti:0614141.00001.1618034"},
                {"bizTransaction": "urn:epc:id:gsrn:0614141.0000010253", "type": "pedigree"},
            ],
            "epcList": ["urn:epc:id:sgtin:0614141.107346.2018"],
            "sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:4012345.00225"}],
            "destinationList": [
                {"type": "location", "destination": "urn:epc:id:sgln:0614141.00777.0"},
                {"type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00777"},
            ],
            "eventTime": "2026-02-14T20:33:31.116-06:00", **AT,
        },
    ],
    "association": [
        {
            "type": "AssociationEvent", "action": "ADD", "bizStep": "assembling",
            "parentID": "urn:epc:id:grai:4012345.55555.987",
            "childEPCs": ["urn:epc:id:giai:4000001.12345", "urn:epc:id:giai:4000001.12346"],
            "eventTime": "2026-02-01T13:05:00.000Z", "eventTimeZoneOffset": "+01:00",
        },
    ],
    "sensors": [
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "sensor_reporting",
            "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
            "eventTime": "2026-02-02T14:00:00.1234+01:00", "eventTimeZoneOffset": "+01:00",
            "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
            "sensorElementList": [
                {
                    "sensorMetadata": {
                        "time": "2026-02-02T14:05:00.000+01:00", "deviceID": "urn:epc:id:giai:4000001.111",
                        "deviceMetadata": "https://id.gs1.org/8004/4000001111", "ex:firmware": "1.10",
                    },
                    "sensorReport": [
                        {"type": "Temperature", "value": 26.0, "uom": "CEL", "ex:x": "y"},
                        {"type": "gs1:AbsoluteHumidity", "value": 12.1, "uom": "A93", "exception": "ALARM_CONDITION"},
                        {"type": "Speed", "minValue": 1e-7, "component": "x", "booleanValue": False, "sDev": 0.10},
                    ],
                }
            ],
        },
    ],
}  # fmt: skip
