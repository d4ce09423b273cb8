"""A portal written with fhirpy as PyPI has it: search page by page, create once, read, cancel, be refused."""

from __future__ import annotations

import json
import sys

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome

address, token, patient = sys.argv[1:]
client = SyncFHIRClient(address, authorization=f"Bearer {token}")
slots = client.resources("Slot").search(status="free").limit(5).fetch_all()
assert all(slot.resource_type == "Slot" for slot in slots)


def appointment(slot: str) -> dict:
    return {
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [
            {"actor": {"identifier": {"system": "urn:citychain:resident", "value": patient}}, "status": "accepted"}
        ],
    }


condition = {"If-None-Exist": f"patient={patient}&status=booked"}
careful = SyncFHIRClient(address, authorization=f"Bearer {token}", extra_headers=condition)
one, two = (careful.resource("Appointment", **appointment(slot["id"])) for slot in slots[:2])
one.save()
two.save()
own = client.resources("Appointment").search(patient=patient, status="booked")
told = {
    "slots": [slot["id"] for slot in slots],
    "same": one["id"] == two["id"],
    "counted": len(own.fetch_all()),
    "version": client.execute("metadata", method="get")["fhirVersion"],
}
try:
    own.get_or_create(client.resource("Appointment", **appointment(slots[1]["id"])))
except OperationOutcome as error:  # it asks by the address, which says nothing to a FHIR server: refused, not ignored
    told["conditions in the address"] = error.resource["issue"][0]["expression"][0]
read = client.reference("Appointment", one["id"]).to_resource()
read["status"] = "cancelled"
read.save()
told["cancelled"] = client.reference("Appointment", one["id"]).to_resource()["status"]
try:
    client.resources("Slot").search(start="soon").fetch()
except OperationOutcome as error:
    told["refused"] = error.resource["issue"][0]["expression"][0]
print(json.dumps(told))
