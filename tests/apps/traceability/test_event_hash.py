"""Event hash IDs are those of the published generator library; names are one name, however they are written."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from apps.traceability.epcis import CONTEXT, events_of
from chaincode.traceability.event_hash import event_hash, instant_of, prehash, utc
from chaincode.traceability.identifiers import canonical, check_digit, company_digits, is_class
from tests.apps.traceability.documents import documents
from tests.apps.traceability.judge import their_name, theirs

PINNED = {
    "shipping and receiving": ["fdc49933e8f766a7", "1ce2b428f4fd1dc2"],
    "digital links": ["384e8b188713dea9"],
    "aggregation": ["6f75177191160d46"],
    "transformation": ["e14d327437984abd"],
    "transaction": ["dea5667a9a024a5a"],
    "association": ["d880d54297834a5a"],
    "sensors": ["b5403702d3dda720"],
}
"""The first digits of the library's own answers, for where it is not installed."""


@pytest.mark.parametrize("name", list(documents()))
def test_hashes_are_what_they_were(name: str) -> None:
    assert [one.hash[14:30] for one in events_of(json.dumps(documents()[name]).encode())] == PINNED[name]


@pytest.mark.parametrize("name", list(documents()))
def test_hashes_equal_the_librarys(name: str) -> None:
    document = documents()[name]
    found = [one.hash for one in events_of(json.dumps(document).encode())]
    assert found == theirs(document)


@pytest.mark.parametrize("seed", range(20))
def test_hashes_of_random_events_equal_the_librarys(seed: int) -> None:
    document = {"@context": [CONTEXT, {"ex": "https://ns.example.com/x/"}], "type": "EPCISDocument",
                "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z",
                "epcisBody": {"eventList": [_event(random.Random(f"{seed}-{one}")) for one in range(10)]}}  # fmt: skip
    found = [one.hash for one in events_of(json.dumps(document).encode())]
    assert found == theirs(document)


def _event(chance: random.Random) -> dict[str, Any]:
    """An event of all that its type may say, some of it left out, in any order."""
    epcs = [_uri(chance) for _ in range(chance.randint(1, 4))]
    lots = [{"epcClass": f"urn:epc:class:lgtin:4012345.0{chance.randint(10000, 99999)}.L{one}",
             "quantity": chance.choice([1, 2.50, 0.125, 1000]), **({"uom": "KGM"} if chance.random() < 0.5 else {})}
            for one in range(chance.randint(1, 3))]  # fmt: skip
    kinds: dict[str, dict[str, Any]] = {
        "ObjectEvent": {"action": "OBSERVE", "epcList": epcs, "quantityList": lots},
        "AggregationEvent": {"action": "ADD", "parentID": _uri(chance), "childEPCs": epcs, "childQuantityList": lots},
        "TransformationEvent": {"inputEPCList": epcs, "inputQuantityList": lots, "outputEPCList": [_uri(chance)],
                                "outputQuantityList": lots[:1]},
    }  # fmt: skip
    what = chance.choice(list(kinds))
    more: dict[str, Any] = {
        "bizStep": chance.choice(["packing", "urn:epcglobal:cbv:bizstep:receiving", "https://ns.example.com/step"]),
        "disposition": chance.choice(["in_transit", "https://ref.gs1.org/cbv/Disp-active"]),
        "readPoint": {"id": f"urn:epc:id:sgln:4012345.00005.{chance.choice(['0', '7'])}"},
        "bizTransactionList": [{"type": "po", "bizTransaction": f"urn:x:{one}"} for one in range(chance.randint(1, 3))],
        "sourceList": [{"type": "location", "source": "urn:epc:id:sgln:4012345.00225.0"}],
        "ex:note": chance.choice(["007", "1.50", "abc", " x "]),
        "ex:deep": {"ex:list": ["b", "a", {"ex:c": chance.choice(["1", "z"])}]},
        "recordTime": "2026-01-01T00:00:00Z",
    }
    kept = [
        (key, value) for key, value in {**kinds[what], **more}.items() if key in kinds[what] or chance.random() < 0.6
    ]
    chance.shuffle(kept)
    seconds = chance.choice(["31", "31.1", "31.116", "31.116000"])
    zone = chance.choice(["Z", "+08:00", "-06:30"])
    return {"type": what, "eventTime": f"2026-02-0{chance.randint(1, 9)}T12:33:{seconds}{zone}",
            "eventTimeZoneOffset": chance.choice(["+08:00", "-06:00"]), **dict(kept)}  # fmt: skip


def _uri(chance: random.Random) -> str:
    serial = "".join(chance.choice("019Aaz-.") for _ in range(5))
    return chance.choice(
        [
            f"urn:epc:id:sgtin:4012345.0{chance.randint(10000, 99999)}.{serial}",
            f"urn:epc:id:sscc:0614141.1{chance.randint(10**8, 10**9 - 1)}",
            f"https://shop.example.com/gtin/0{chance.randint(10**12, 10**13 - 1)}/ser/{serial}?q=1",
            f"urn:epc:id:giai:4000001.{serial}",
        ]
    )


PARTS = {
    "id:sgtin": 13, "id:sscc": 17, "id:sgln": 12, "id:pgln": 12, "id:grai": 12, "id:gsrn": 17, "id:gsrnp": 17,
    "id:gdti": 12, "id:sgcn": 12, "id:gsin": 16, "id:upui": 13, "class:lgtin": 13, "idpat:sgtin": 13, "idpat:upui": 13,
    "idpat:grai": 12, "idpat:gdti": 12, "idpat:sgcn": 12,
}  # fmt: skip
ODD = {"id:grai", "idpat:grai", "idpat:gdti", "idpat:sgcn"}
"""Of these with a prefix of 12 digits the library wants two dots, which the standard does not."""


@pytest.mark.parametrize("scheme", list(PARTS))
def test_names_equal_the_librarys(scheme: str) -> None:
    chance, total = random.Random(scheme), PARTS[scheme]
    for _ in range(200):
        length = chance.randint(6, 11 if scheme in ODD else 12)
        digits = "".join(chance.choice("0123456789") for _ in range(total))
        serial = "".join(chance.choice("0123456789ABCabc-_!'()*+,:;=.") for _ in range(chance.randint(1, 8)))
        if scheme.startswith("idpat"):
            serial = "*"
        elif scheme == "id:sgcn":
            serial = str(chance.randint(0, 10**12 - 1))
        uri = f"urn:epc:{scheme}:{digits[:length]}.{digits[length:]}"
        if scheme not in ("id:sscc", "id:pgln", "id:gsrn", "id:gsrnp", "id:gsin"):
            uri += f".{serial}"
        assert canonical(uri) == their_name(uri)


@pytest.mark.parametrize(
    "path",
    ["01/{14}", "01/{13}", "01/{12}", "01/{8}", "gtin/{14}/21/A-1", "01/{14}/10/L/21/S", "01/{14}/22/2A/10/L",
     "01/{14}/235/T", "00/{18}", "sscc/{18}", "414/{13}", "gln/{13}/254/7", "417/{13}", "8003/{14}X", "8004/{10}",
     "253/{13}", "8006/{18}/21/S", "8010/{8}", "8018/{18}", "402/{17}", "255/{20}", "01/{14}/99/x", "01/{14}/", "01/x"],
)  # fmt: skip
def test_digital_links_equal_the_librarys(path: str) -> None:
    chance = random.Random(path)
    for domain in ("https://id.gs1.org", "https://example.com", "http://shop.example.com/some/where"):
        for tail in ("", "?17=270101", "#part"):
            uri = f"{domain}/{path}{tail}"
            for length in (8, 10, 12, 13, 14, 17, 18, 20):
                uri = uri.replace(f"{{{length}}}", "".join(chance.choice("0123456789") for _ in range(length)))
            assert canonical(uri) == their_name(uri)


def test_the_check_digit_is_gs1s() -> None:
    assert [check_digit(one) for one in ("629104150021", "1061414107346", "10614141234567890")] == ["3", "4", "8"]


def test_what_a_name_says() -> None:
    name = canonical("urn:epc:class:lgtin:4012345.011111.4444")
    assert name == "https://id.gs1.org/01/04012345111118/10/4444" and is_class(name)
    assert company_digits(name).startswith("4012345")
    assert company_digits(canonical("urn:epc:id:sscc:0614141.1234567890")).startswith("0614141")
    assert company_digits("urn:uuid:1") == "" and not is_class(canonical("urn:epc:id:sgtin:4012345.011111.1"))
    assert canonical("urn:epc:id:sgtin:4012345.01111.1") == "urn:epc:id:sgtin:4012345.01111.1", "one digit is missing"


def test_what_is_no_content_leaves_the_hash_alone() -> None:
    event = documents()["sensors"]["epcisBody"]["eventList"][0]
    same = {**dict(reversed(event.items())), "recordTime": "2026-02-02T14:00:01Z", "eventID": "urn:x:1",
            "errorDeclaration": {"declarationTime": "2026-02-03T00:00:00Z"}}  # fmt: skip
    names = {"ex": "https://ns.example.com/epcis/"}
    assert event_hash(event, names) == event_hash(same, names)
    other = {"mine": "https://ns.example.com/epcis/"}
    renamed = json.loads(json.dumps(event).replace('"ex:', '"mine:'))
    assert event_hash(renamed, other) == event_hash(event, names)
    assert event_hash({**event, "bizStep": "storing"}, names) != event_hash(event, names)
    assert "eventTime=2026-02-02T13:00:00.123Z" in prehash(event, names)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T00:00:00Z", "2026-02-01T00:00:00", "2026-02-01", "x", "2026-02-01T24:00:00Z",
     "9999-12-31T23:59:59-12:00", "２０２６-02-01T00:00:00Z", "2026-02-01T00:00:00+15:00"],
)  # fmt: skip
def test_what_is_no_point_in_time(text: str) -> None:
    with pytest.raises(ValueError):
        instant_of(text)


def test_times_are_to_the_millisecond_in_utc() -> None:
    assert utc(instant_of("2026-01-01T00:00:00.9996+08:00")) == "2025-12-31T16:00:01.000Z"
