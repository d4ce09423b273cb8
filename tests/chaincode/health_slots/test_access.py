"""Who may call what: every function of the contract, by everybody, against one table."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaincode.health_slots import HealthSlotsContract, fair_draw
from chaincode.health_slots.consents import consent_text
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import client
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    City,
    person,
    resident,
)

WHO = {
    "authority": AUTHORITY,
    "staff": STAFF,
    "other-staff": OTHER_STAFF,
    "platform": PLATFORM,
    "portal": PORTAL_1,
    "other-portal": PORTAL_2,
    "payment": PAYMENT,
    "patients": PATIENTS,
    # A hospital's own clerk, and another organisation's, whom nobody admitted.
    "clerk": client("HospitalMSP", "clerk", role="payment_clerk"),
    "forged-clerk": client("CopyrightMSP", "clerk", role="payment_clerk"),
    "officer": client("DataBureauMSP", "officer", role="slots_platform"),
    "forged-officer": client("HospitalMSP", "officer", role="slots_platform"),
    "patients-party": client("HealthMSP", "party", role="patients_party"),
    "portal-admin": client("DataBureauMSP", "keeper", role="portal_admin"),
    "forged-portal-admin": client("CopyrightMSP", "keeper", role="portal_admin"),
    # Attributes that their organisation may not give, and none at all.
    "forged-authority": person("HospitalMSP", "authority"),
    "forged-staff": person("CopyrightMSP", "staff", hospital="H1"),
    "forged-all-staff": person("CopyrightMSP", "staff", hospital="all"),
    "forged-platform": person("HospitalMSP", "platform"),
    "forged-portal": person("CopyrightMSP", "portal", portal="one"),
    "forged-payment": person("HealthMSP", "payment"),
    "forged-patients": person("DataBureauMSP", "patients"),
    "nobody": client("HospitalMSP", "nobody"),
    "outsider": client("CopyrightMSP", "outsider"),
}
EVERYBODY = frozenset(WHO)
DESKS = frozenset({"staff", "platform", "officer", "portal", "other-portal"})
STAFF_ONLY = frozenset({"staff"})
AUTHORITY_ONLY = frozenset({"authority"})
PLATFORM_ONLY = frozenset({"platform", "officer"})
PARTIES = frozenset({"staff", "platform", "officer", "patients", "patients-party"})
CLERKS = frozenset({"payment", "clerk"})

ALLOWED: dict[str, frozenset[str]] = {
    "Initialize": AUTHORITY_ONLY,
    "RegisterHospitals": AUTHORITY_ONLY,
    "RegisterUnits": STAFF_ONLY,
    "SetPolicy": STAFF_ONLY,
    "CommitSessions": STAFF_ONLY,
    "PublishSessions": STAFF_ONLY,
    "KeepPlan": STAFF_ONLY,
    "ReadPlan": STAFF_ONLY,
    "LinkPlan": STAFF_ONLY,
    "ForgetPlan": STAFF_ONLY,
    "KeepNote": STAFF_ONLY,
    "ReadNote": STAFF_ONLY,
    "DropNote": STAFF_ONLY,
    "StopSession": STAFF_ONLY,
    "StopSlots": STAFF_ONLY,
    "MoveSession": STAFF_ONLY,
    "SubstituteDoctor": STAFF_ONLY,
    "AddSlot": STAFF_ONLY,
    "HoldSlot": DESKS,
    "BookSlot": DESKS,
    "BookSlots": DESKS,
    "CancelAppointment": frozenset({"staff", "platform", "officer", "portal"}),
    "ReleaseLapsed": EVERYBODY,
    "CheckIn": STAFF_ONLY,
    "CheckInAtDesk": STAFF_ONLY,
    "RecogniseCode": STAFF_ONLY,
    "Fulfil": STAFF_ONLY,
    "MarkNoShow": STAFF_ONLY,
    "AdmitClinic": AUTHORITY_ONLY,
    "DismissClinic": AUTHORITY_ONLY,
    "Refer": frozenset({"other-staff"}),
    "WithdrawReferral": frozenset({"other-staff"}),
    "JoinWaitlist": DESKS,
    "LeaveWaitlist": frozenset({"staff", "platform", "officer", "portal"}),
    "OfferReturned": EVERYBODY,
    "ReopenReturned": PLATFORM_ONLY,
    "CommitBeacon": PLATFORM_ONLY,
    "RevealBeacon": PLATFORM_ONLY,
    "OpenDraw": frozenset({"staff", "authority"}),
    "CommitSeed": PARTIES,
    "ApplyForDraw": DESKS,
    "FreezeDraw": EVERYBODY,
    "RevealSeed": PARTIES,
    "SkipParty": EVERYBODY,
    "FreezeBuckets": EVERYBODY,
    "BeginReveals": EVERYBODY,
    "RankBuckets": EVERYBODY,
    "CloseDraw": EVERYBODY,
    "EnterNumber": PARTIES,
    "Close": EVERYBODY,
    "RegisterTicketKey": AUTHORITY_ONLY,
    "Ticket": DESKS,
    "VisitsHere": DESKS,
    "Conduct": DESKS,
    "Due": AUTHORITY_ONLY,
    "Joining": AUTHORITY_ONLY,
    "JoinDocuments": AUTHORITY_ONLY,
    "Linking": DESKS | {"authority"},
    "Unlinking": DESKS | {"authority"},
    "SetFamily": DESKS | {"authority"},
    "Family": {"staff", "authority"},
    "Acted": AUTHORITY_ONLY,
    "CreditPoints": AUTHORITY_ONLY,
    "NoteNoShows": AUTHORITY_ONLY,
    "FinishDraw": EVERYBODY,
    "RecordPayment": CLERKS,
    "RecordRefund": CLERKS,
    "SettleDay": CLERKS | PLATFORM_ONLY,
    "RecordReconciliation": CLERKS | PLATFORM_ONLY,
    "SpendPoints": PLATFORM_ONLY,
    "ExpirePoints": EVERYBODY,
    "ReversePoints": PLATFORM_ONLY,
    "KeepPortal": frozenset({"portal-admin"}),
    "AdmitPortal": frozenset({"portal-admin"}),
    "RevokePortal": frozenset({"portal-admin"}),
    "ReadPortals": frozenset({"portal-admin"}),
    "RegisterCodeKey": PLATFORM_ONLY,
    "WithdrawCodeKey": PLATFORM_ONLY,
    "DepositIdentity": DESKS,
    "LookAtIdentity": STAFF_ONLY,
    "ReadIdentity": STAFF_ONLY,
    "LookAtDay": STAFF_ONLY,
    "ReadDay": STAFF_ONLY,
    "PurgeIdentity": STAFF_ONLY,
    "SealIdentity": STAFF_ONLY,
    "PurgeClearIdentity": STAFF_ONLY,
    "BindResidentKey": STAFF_ONLY,
    "WithdrawResidentKey": AUTHORITY_ONLY,
    "GiveConsent": DESKS,
    "RevokeConsent": EVERYBODY,
    "OpenRecord": STAFF_ONLY,
    "ReadRecord": STAFF_ONLY,
    "GetConduct": DESKS | {"authority", "other-staff"},
    "ListPostings": CLERKS | PLATFORM_ONLY | {"staff", "authority"},
} | dict.fromkeys(
    # What everybody on the channel can read anyway: no name, document or phone is in it.
    [
        *("Clock", "GetSettings", "GetHospital", "ListHospitals", "ListUnits", "GetPolicy", "GetSlot", "ListTouched"),
        *("GetSession", "ProveSlot", "GetAppointment", "GetBeacon", "ListWaiting", "GetDraw", "ListApplicants"),
        *(
            "GetCodeKey",
            "ListPortals",
            "GetPoints",
            "HasIdentity",
            "HasPlan",
            "ListLooks",
            "ListDayLooks",
            "GetClosed",
            "TicketKey",
            "GetResidentKey",
            "ListAccess",
            "GetReferral",
            "ListClinics",
            "GetConsent",
        ),
    ],
    EVERYBODY,
)
ROLES = {"authority": ["HealthMSP"], "platform": ["DataBureauMSP"]}
KEY = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def arguments() -> tuple[City, dict[str, list[Any]]]:
    """One city in which every function has arguments that get past everything but the question who asks."""
    city = City()
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    city.do(PORTAL_1, "JoinWaitlist", session, resident(2))
    city.do(AUTHORITY, "AdmitClinic", "H2", "demand")
    city.do(OTHER_STAFF, "Refer", "H2", "H1", "CARD", "2026-12-03", resident(8))
    city.deposit(1)
    city.do(STAFF, "BindResidentKey", "H1", resident(1), KEY.public_key().public_bytes_raw().hex())
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.002"], "apply_until": city.now + 60}
    city.do(STAFF, "OpenDraw", plan)
    city.code(booked["id"], resident(1))
    city.do(PLATFORM, "CommitBeacon", "2026-11-20", DIGEST)
    city.do(STAFF, "OpenDraw", plan | {"id": "D3", "slots": [f"{session}.006"], "turn_s": 7200})
    for party, link in ((STAFF, b"h"), (PLATFORM, b"p"), (PATIENTS, b"r")):
        city.do(party, "CommitSeed", "D3", fair_draw.chain(link * 32)[0].hex())
    city.pass_time(seconds=61)
    city.do(PLATFORM, "FreezeDraw", "D3")
    city.do(STAFF, "OpenDraw", plan | {"id": "D4", "slots": [f"{session}.003"], "apply_until": city.now + 60})
    city.do(STAFF, "OpenDraw", plan | {"id": "D5", "slots": [f"{session}.004"], "apply_until": city.now + 1})
    city.pass_time(seconds=2)
    city.do(PLATFORM, "FreezeDraw", "D5")
    until = city.now + 3600
    signature = KEY.sign(consent_text("give", "C1", resident(1), "H1", until)).hex()
    city.do(PORTAL_1, "GiveConsent", "C1", resident(1), "H1", until, signature)
    trace = city.do(STAFF, "OpenRecord", "C1", "treatment")
    new_plan, opening = city.plan("CARD-D2-261203A", doctor="D2")
    books = dict.fromkeys(("hospital", "platform", "payment"), DIGEST)
    id, who = booked["id"], resident(1)
    return city, {
        "Initialize": [ROLES],
        "RegisterHospitals": [[{"id": "H3", "name": "x", "msp_id": "HospitalMSP", "collection": "patients"}]],
        "RegisterUnits": ["H1", {"departments": [{"id": "EYE", "name": "x"}]}],
        "SetPolicy": ["H1", {}, "demand"],
        "CommitSessions": ["H1", [new_plan]],
        "PublishSessions": ["H1", [opening]],
        "KeepPlan": ["H1", "P1"],
        "ReadPlan": ["H1", "P1"],
        "HasPlan": ["H1", "P1"],
        "LinkPlan": ["H1", "P1", ["CARD-D2-261203A"]],
        "ForgetPlan": ["H1", "P1"],
        "KeepNote": ["H1", "habits"],
        "ReadNote": ["H1", "habits"],
        "DropNote": ["H1", "habits"],
        "StopSession": [session, "doctor-ill"],
        "StopSlots": [session, [3], "equipment"],
        "MoveSession": [session, "2026-12-04", 0, "meeting"],
        "SubstituteDoctor": [session, "D2", "doctor-leave"],
        "AddSlot": [session, 9, 560, 10, "online", "revisit"],
        "HoldSlot": [f"{session}.004", resident(4)],
        "BookSlot": [f"{session}.004", resident(4)],
        "BookSlots": [[{"slot": f"{session}.004", "resident": resident(4)}]],
        "CancelAppointment": [id],
        "ReleaseLapsed": [f"{session}.001"],
        "CheckIn": [id, "CC1.a.b"],
        "CheckInAtDesk": [id],
        "RecogniseCode": ["H1", [id]],
        "Fulfil": [id],
        "MarkNoShow": [id],
        "AdmitClinic": ["H1", "demand"],
        "DismissClinic": ["H2"],
        "Refer": ["H2", "H1", "CARD", "2026-12-03", resident(7)],
        "WithdrawReferral": ["H1", "CARD", "2026-12-03", resident(8)],
        "GetReferral": ["H1", "CARD", "2026-12-03", resident(8)],
        "ListClinics": [],
        "JoinWaitlist": [session, resident(5)],
        "LeaveWaitlist": [session, resident(2)],
        "OfferReturned": [f"{session}.001"],
        "ReopenReturned": [f"{session}.001"],
        "CommitBeacon": ["2026-11-24", DIGEST],
        "RevealBeacon": ["2026-11-20", DIGEST],
        "OpenDraw": [plan | {"id": "D2", "slots": [f"{session}.005"]}],
        "CommitSeed": ["D4", fair_draw.chain(b"x" * 32)[0].hex()],
        "ApplyForDraw": ["D4", resident(6)],
        "FreezeDraw": ["D1"],
        "RevealSeed": ["D3", DIGEST],
        "SkipParty": ["D1"],
        "FreezeBuckets": ["D1", 0, 1],
        "BeginReveals": ["D1"],
        "RankBuckets": ["D1", 0, 1],
        "CloseDraw": ["D1"],
        "EnterNumber": ["D5", "123"],
        "Close": [session],
        "RegisterTicketKey": ["k1", DIGEST],
        "Ticket": ["H1"],
        "VisitsHere": ["H1"],
        "Conduct": ["H1"],
        "Due": ["H1", [id]],
        "Joining": [],
        "JoinDocuments": ["CJ1.e30.AA"],
        "Linking": ["H1", "minor", city.now + 3600],
        "Unlinking": ["H1"],
        "SetFamily": ["H1", "CF1.e30.AA"],
        "Family": ["H1"],
        "Acted": [id],
        "CreditPoints": ["H1", [{"who": who, "mark": "m1", "amount": 1, "valid_days": 1}]],
        "NoteNoShows": ["H1", [{"who": who, "mark": "m1"}]],
        "TicketKey": [],
        "GetClosed": [session],
        "FinishDraw": ["D1"],
        "RecordPayment": [id, "wechat", "p1", 1, ""],
        "RecordRefund": [id, "wechat", "r1"],
        "SettleDay": ["H1", "2026-11-20", "wechat"],
        "RecordReconciliation": ["H1", "2026-11-20", books, 0, DIGEST],
        "SpendPoints": [who, 1, "gift"],
        "ExpirePoints": [who],
        "ReversePoints": [who, "none"],
        "KeepPortal": ["alpha"],
        "AdmitPortal": ["alpha"],
        "RevokePortal": ["alpha"],
        "ReadPortals": [["alpha"]],
        "ListPortals": ["DataBureauMSP"],
        "RegisterCodeKey": ["k2", DIGEST],
        "WithdrawCodeKey": ["k1"],
        "DepositIdentity": ["H1", resident(7)],
        "LookAtIdentity": ["H1", who, "check-in"],
        "ReadIdentity": ["H1", who],
        "LookAtDay": ["H1", "2026-12-03", "check-in"],
        "ReadDay": ["H1", "2026-12-03", [id]],
        "ListDayLooks": ["H1", "2026-12-03"],
        "PurgeIdentity": ["H1", who],
        "SealIdentity": ["H1", who],
        "PurgeClearIdentity": ["H1", who],
        "ListLooks": ["H1", who],
        "BindResidentKey": ["H1", who, DIGEST],
        "WithdrawResidentKey": [who, "other"],
        "GiveConsent": ["C2", who, "H1", city.now + 60, "00" * 64],
        "RevokeConsent": ["C1", "00" * 64],
        "OpenRecord": ["C1", "treatment"],
        "ReadRecord": [trace],
        "GetConduct": [who],
        "ListPostings": ["H1", "2026-11-23"],
        "Clock": [],
        "GetSettings": [],
        "GetHospital": ["H1"],
        "ListHospitals": [],
        "ListUnits": ["H1"],
        "GetPolicy": ["H1", 0],
        "GetSlot": [f"{session}.001"],
        "ListTouched": [session],
        "GetSession": [session],
        "ProveSlot": [f"{session}.001"],
        "GetAppointment": [id],
        "GetBeacon": ["2026-11-20"],
        "ListWaiting": [session],
        "GetDraw": ["D1"],
        "ListApplicants": ["D1"],
        "GetCodeKey": ["k1"],
        "GetPoints": [who],
        "HasIdentity": ["H1", who],
        "GetResidentKey": [who],
        "ListAccess": [who],
        "GetConsent": ["C1"],
    }


def test_the_table_names_every_function():
    assert {n for theme in HealthSlotsContract.__mro__ for n in vars(theme) if n[0].isupper()} == set(ALLOWED)


@pytest.mark.parametrize("function", sorted(ALLOWED))
def test_who_may(arguments, function):
    """Nothing is committed here: who may not is refused as FORBIDDEN, who may gets a result or another refusal."""
    city, wanted = arguments
    admitted = set()
    for name, who in WHO.items():
        try:
            city.tester.propose(function, *wanted[function], as_=who)
        except ChaincodeError as refusal:
            if refusal.code == "FORBIDDEN":
                continue
            assert refusal.code not in ("CHAINCODE_ERROR", "INTERNAL"), refusal
        admitted.add(name)
    assert admitted == ALLOWED[function]


@pytest.mark.parametrize("bookmark", ["x", "\x00", "\x00draw\x00", "\x00policy\x00", "\x00hospital", "\U0010ffff"])
@pytest.mark.parametrize("call", [("ListHospitals",), ("ListPostings", "H1", "2026-12-03")])
def test_a_bookmark_of_another_list_is_refused(city, call, bookmark):
    """A page begins where its bookmark says; from elsewhere it would show what is not listed."""
    refusals = set()
    for who in WHO.values():
        with pytest.raises(ChaincodeError) as caught:
            city.tester.evaluate(*call, bookmark, as_=who)
        refusals.add(caught.value.code)
    assert {"BAD_BOOKMARK"} <= refusals <= {"BAD_BOOKMARK", "FORBIDDEN"}
