"""What belongs to residents: money, points, codes, identities, consent."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaincode.health_slots import HealthSlotsContract
from chaincode.health_slots.consents import consent_text, rebind_text
from chaincode.health_slots.identities import clear_key, identity_key
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.sealing import is_sealed
from fabric_sdk.chaincode.testing import client
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    refused,
    resident,
)
from tests.people import altered


def attend(city, number: int = 1):
    """Book today's slot and come to it; returns appointment and time of the session."""
    session = city.publish("CARD-D1-261123A", date="2026-11-23", start=660, end=720, runs=[[660, 10, 6, "online"]])
    city.deposit(number)
    return city.book(f"{session}.{number:03d}", number)


def test_check_in_by_code_once(city):
    booked = attend(city)
    code = city.code(booked["id"], resident(1))
    assert city.do(STAFF, "CheckIn", booked["id"], code)["state"] == "checked-in"
    with refused("CODE_USED"):
        city.do(STAFF, "CheckIn", booked["id"], code)


@pytest.mark.parametrize(
    "change", ["signature", "payload", "prefix", "padding", "long", "other", "expired", "withdrawn"]
)
def test_wrong_codes_are_refused(city, change):
    booked = attend(city)
    code = city.code(booked["id"], resident(1))
    head, payload, signature = code.split(".")
    if change == "signature":
        code = f"{head}.{payload}.{'A' * len(signature)}"
    elif change == "payload":
        code = f"{head}.{altered(payload)}.{signature}"
    elif change == "prefix":
        code = f"CC2.{payload}.{signature}"
    elif change == "padding":
        code = f"{code}="
    elif change == "long":
        code = "CC1." + "A" * 5000 + ".B"
    elif change == "other":
        code = city.code(booked["id"], resident(2))
    elif change == "expired":
        city.pass_time(seconds=301)
    elif change == "withdrawn":
        city.do(PLATFORM, "WithdrawCodeKey", "k1")
    with refused("CODE_EXPIRED" if change == "expired" else "BAD_CODE"):
        city.do(STAFF, "CheckIn", booked["id"], code)


def test_codes_live_ten_minutes_at_most(city):
    booked = attend(city)
    with refused("BAD_CODE"):
        city.do(STAFF, "CheckIn", booked["id"], city.code(booked["id"], resident(1), life=601))


def test_check_in_needs_the_real_name_and_the_hour(city):
    session = city.publish("CARD-D1-261123A", date="2026-11-23", start=660, end=720, runs=[[660, 10, 6, "online"]])
    booked = city.book(f"{session}.001", 1)
    with refused("REAL_NAME_NEEDED"):
        city.do(STAFF, "CheckIn", booked["id"], city.code(booked["id"], resident(1)))
    later = city.book(f"{city.publish()}.001", 2)
    with refused("CHECK_IN_CLOSED"):
        city.do(STAFF, "CheckIn", later["id"], city.code(later["id"], resident(2)))


def test_prepaid_booking_waits_for_its_payment(city):
    city.set_policy(prepay=True)
    session = city.publish(fee=3000)
    pending = city.book(f"{session}.001", 1)
    assert pending["state"] == "pending"
    with refused("WRONG_AMOUNT"):
        city.do(PAYMENT, "RecordPayment", pending["id"], "wechat", "p1", 2999, "")
    with refused("FORBIDDEN"):
        city.do(PORTAL_1, "RecordPayment", pending["id"], "wechat", "p1", 3000, "")
    assert city.do(PAYMENT, "RecordPayment", pending["id"], "wechat", "p1", 3000, "")["state"] == "booked"
    other = city.book(f"{session}.002", 2)
    with refused("DUPLICATE_PAYMENT"):
        city.do(PAYMENT, "RecordPayment", other["id"], "wechat", "p1", 3000, "")


def test_payment_after_the_slot_was_lost_is_owed_back(city):
    city.set_policy(prepay=True, given_up="free")
    session = city.publish(fee=3000)
    pending = city.book(f"{session}.001", 1)
    city.pass_time(seconds=1801)
    city.book(f"{session}.001", 2)
    late = city.do(PAYMENT, "RecordPayment", pending["id"], "wechat", "p1", 3000, "")
    assert (late["state"], late["bill"]["refund_due"]) == ("cancelled", 3000)
    refunded = city.do(PAYMENT, "RecordRefund", pending["id"], "wechat", "r1")
    assert (refunded["bill"]["refund_due"], refunded["bill"]["refunded"]) == (0, 3000)
    with refused("NOTHING_TO_REFUND"):
        city.do(PAYMENT, "RecordRefund", pending["id"], "wechat", "r2")


def test_settlement_sums_a_day_once(city):
    session = city.publish(fee=3000)
    for number in (1, 2):
        booked = city.book(f"{session}.{number:03d}", number)
        city.do(PAYMENT, "RecordPayment", booked["id"], "wechat", f"p{number}", 3000, "")
    with refused("DAY_NOT_OVER"):
        city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")
    city.pass_time(days=1)
    assert city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")["amount"] == 6000
    with refused("SETTLED"):
        city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")


def test_points_are_earned_spent_expired_and_reversed(city):
    booked = attend(city)
    city.do(STAFF, "CheckIn", booked["id"], city.code(booked["id"], resident(1)))
    city.do(STAFF, "Fulfil", booked["id"])
    assert city.do(PLATFORM, "SpendPoints", resident(1), 4, "gift")["balance"] == 6
    with refused("TOO_FEW_POINTS"):
        city.do(PLATFORM, "SpendPoints", resident(1), 7, "gift")
    entries = city.ask(PLATFORM, "GetPoints", resident(1))["entries"]
    spent = next(k for k, e in entries.items() if e["account"] == "spent")
    assert city.do(PLATFORM, "ReversePoints", resident(1), spent)["balance"] == 10
    with refused("NOT_REVERSIBLE"):
        city.do(PLATFORM, "ReversePoints", resident(1), spent)
    city.pass_time(days=366)
    assert city.do(PORTAL_1, "ExpirePoints", resident(1))["balance"] == 0
    with refused("FORBIDDEN"):
        city.do(STAFF, "SpendPoints", resident(1), 1, "gift")


def test_points_go_lot_by_lot_and_to_the_last(city):
    """Those that expire first go first, nothing stays behind, and nothing comes back that may not."""
    who, day = resident(1), 86_400

    def credit(mark: str, amount: int, days: int) -> str:
        before = set(city.ask(PLATFORM, "GetPoints", who)["entries"])
        entry = {"who": who, "mark": mark, "amount": amount, "valid_days": days}
        city.do(AUTHORITY, "CreditPoints", "H1", [entry])
        return next(iter(set(city.ask(PLATFORM, "GetPoints", who)["entries"]) - before))

    def spend(amount: int) -> dict:
        return city.do(PLATFORM, "SpendPoints", who, amount, "gift")

    def entry(account: str) -> str:
        found = city.ask(PLATFORM, "GetPoints", who)["entries"].items()
        return max((e["at"], key) for key, e in found if e["account"] == account)[1]

    credit("m1", 5, 30)
    credit("m2", 3, 10)
    begun = city.now
    assert city.ask(PLATFORM, "GetPoints", who)["lots"] == [[begun + 10 * day, 3], [begun + 30 * day, 5]]
    assert spend(4)["lots"] == [[begun + 30 * day, 4]]
    assert spend(4)["lots"] == []
    credit("m3", 3, 1)
    city.pass_time(days=2)
    with refused("POINTS_EXPIRED"):
        spend(1)
    city.do(PORTAL_1, "ExpirePoints", who)
    with refused("NOT_REVERSIBLE"):
        city.do(PLATFORM, "ReversePoints", who, entry("expired"))
    issued = credit("m4", 5, 30)
    city.pass_time(seconds=1)
    spend(4)
    with refused("TOO_FEW_POINTS"):
        city.do(PLATFORM, "ReversePoints", who, issued)
    city.do(PLATFORM, "ReversePoints", who, entry("spent"))
    city.pass_time(seconds=1)
    back = [k for k, e in city.ask(PLATFORM, "GetPoints", who)["entries"].items() if e["source"].startswith("reversal")]
    with refused("NOT_REVERSIBLE"):
        city.do(PLATFORM, "ReversePoints", who, back[0])
    assert city.do(PLATFORM, "ReversePoints", who, issued)["balance"] == 0


def test_identity_is_seen_by_its_hospitals_staff_only_and_purged(city):
    who = city.deposit(1)
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadIdentity", "H1", who)
    city.do(STAFF, "LookAtIdentity", "H1", who, "check-in")
    assert city.ask(STAFF, "ReadIdentity", "H1", who)["name"] == "张三1"
    assert [look["signer"] for look in city.ask(PORTAL_1, "ListLooks", "H1", who)] == ["HospitalMSP/staff-H1"]
    for other in (OTHER_STAFF, PORTAL_1, AUTHORITY, PLATFORM):
        with refused("FORBIDDEN"):
            city.ask(other, "ReadIdentity", "H1", who)
    assert city.ask(AUTHORITY, "HasIdentity", "H1", who) is True
    with refused("NOT_FOUND"):
        city.do(OTHER_STAFF, "LookAtIdentity", "H2", who, "check-in")
    with refused("TRACE_MISSING"):
        city.ask(OTHER_STAFF, "ReadIdentity", "H2", who)
    city.do(STAFF, "PurgeIdentity", "H1", who)
    assert city.ask(AUTHORITY, "HasIdentity", "H1", who) is False
    with refused("NOT_FOUND"):
        city.ask(STAFF, "ReadIdentity", "H1", who)


def test_a_days_list_is_read_with_one_trace_and_opens_nobody_else(city):
    """Attack: a nurse's trace of today opens those of another day, of another hospital, or who never came."""
    session = city.publish()
    other = city.publish("CARD-D2-261204A", doctor="D2", date="2026-12-04")
    mine = [city.book(f"{session}.00{n}", n)["id"] for n in (1, 2, 3)]
    tomorrow = city.book(f"{other}.001", 4)["id"]
    for number in (1, 2, 4):
        city.deposit(number)
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadDay", "H1", "2026-12-03", mine)
    city.do(STAFF, "LookAtDay", "H1", "2026-12-03", "check-in")
    found = city.ask(STAFF, "ReadDay", "H1", "2026-12-03", mine)
    assert {id: one["name"] for id, one in found.items()} == {mine[0]: "张三1", mine[1]: "张三2"}
    assert all("salt" not in one for one in found.values())
    with refused("NOT_THAT_DAY"):
        city.ask(STAFF, "ReadDay", "H1", "2026-12-03", [*mine, tomorrow])
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadDay", "H1", "2026-12-04", [tomorrow])
    city.do(OTHER_STAFF, "LookAtDay", "H2", "2026-12-03", "check-in")
    with refused("NOT_THAT_DAY"):
        city.ask(OTHER_STAFF, "ReadDay", "H2", "2026-12-03", mine[:1])
    with refused("NOT_FOUND"):
        city.ask(STAFF, "ReadDay", "H1", "2026-12-03", ["A" * 20])
    for stranger in (OTHER_STAFF, PORTAL_1, AUTHORITY, PLATFORM):
        with refused("FORBIDDEN"):
            city.ask(stranger, "ReadDay", "H1", "2026-12-03", mine)
    (look,) = city.ask(AUTHORITY, "ListDayLooks", "H1", "2026-12-03")
    assert (look["signer"], look["purpose"]) == ("HospitalMSP/staff-H1", "check-in")
    city.pass_time(seconds=901 + 120)
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadDay", "H1", "2026-12-03", mine)


def test_public_state_and_answers_hold_no_identity(city):
    session = city.publish()
    answers = [repr(city.book(f"{session}.001", 1)), city.deposit(1)]
    state = b"".join(k.encode() + v for k, v in city.tester.ledger.state("health_slots").items())
    for secret in ("张三1", "110101199001010001", "13800130001"):
        assert secret.encode() not in state
        assert all(secret not in a for a in answers)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"name":"x"}', b"x" * 2000, json.dumps({"name": 1}).encode()])
def test_bad_identities_are_refused_without_repeating_them(city, data):
    with refused("BAD_IDENTITY") as refusal:
        city.do(PORTAL_1, "DepositIdentity", "H1", resident(1), transient={"identity": data})
    assert "x" * 20 not in str(refusal.value)


def test_an_identity_has_nothing_more_than_it_needs(city):
    identity = {"name": "张三", "document_type": "01", "document": "1101", "phone": "138", "salt": "ab" * 32}
    more = json.dumps(identity | {"diagnosis": "x"}).encode()
    with refused("BAD_IDENTITY"):
        city.do(PORTAL_1, "DepositIdentity", "H1", resident(1), transient={"identity": more})
    city.do(PORTAL_1, "DepositIdentity", "H1", resident(1), transient={"identity": json.dumps(identity).encode()})


def test_identities_in_clear_are_sealed_and_erased(city):
    """A mutant that sealed what was sealed and left what lay in clear had survived."""
    older = {"name": "李四", "document_type": "01", "document": "1101", "phone": "138", "salt": "ab" * 32}
    clear = city.tester.ledger._entries.setdefault(("health_slots", "patients"), {})
    for number in (1, 2):
        clear[clear_key("H1", resident(number))] = Entry(json.dumps(older).encode(), (1, 0))
    city.deposit(2, who=STAFF)  # corrected since: the older one does not take its place
    city.deposit(3)
    for number, found in ((1, True), (2, True), (3, False), (4, False)):
        assert city.do(STAFF, "SealIdentity", "H1", resident(number)) is found
        if found:
            city.do(STAFF, "PurgeClearIdentity", "H1", resident(number))
    kept = city.tester.ledger.state("health_slots", "patients")
    assert sorted(kept) == sorted(identity_key("H1", resident(number)) for number in (1, 2, 3))
    assert all(is_sealed(value) for value in kept.values())
    for number, name in ((1, "李四"), (2, "张三2")):
        city.do(STAFF, "LookAtIdentity", "H1", resident(number), "check-in")
        assert city.ask(STAFF, "ReadIdentity", "H1", resident(number))["name"] == name
        assert city.do(STAFF, "SealIdentity", "H1", resident(number)) is False


def test_consent_is_signed_revocable_and_every_look_leaves_a_trace(city):
    session = city.publish()
    who = city.deposit(1)
    booked = city.book(f"{session}.001", 1)
    key = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
    public = key.public_key().public_bytes_raw().hex()
    with refused("REAL_NAME_NEEDED"):
        city.do(OTHER_STAFF, "BindResidentKey", "H2", who, public)
    city.do(STAFF, "BindResidentKey", "H1", who, public)
    with refused("NOT_FOUND"):
        city.do(PORTAL_1, "GiveConsent", "C0", who, "H9", city.now + 60, "00")
    until = city.now + 86_400
    signature = key.sign(consent_text("give", "C1", who, "H2", until)).hex()
    with refused("BAD_SIGNATURE"):
        city.do(PORTAL_1, "GiveConsent", "C1", who, "H2", until + 1, signature)
    city.do(PORTAL_1, "GiveConsent", "C1", who, "H2", until, signature)
    with refused("FORBIDDEN"):
        city.do(STAFF, "OpenRecord", "C1", "treatment")
    trace = city.do(OTHER_STAFF, "OpenRecord", "C1", "treatment")
    assert [r["id"] for r in city.ask(OTHER_STAFF, "ReadRecord", trace)] == [booked["id"]]
    with refused("FORBIDDEN"):
        city.ask(STAFF, "ReadRecord", trace)
    assert [t["purpose"] for t in city.ask(PORTAL_2, "ListAccess", who)] == ["treatment"]
    with refused("BAD_SIGNATURE"):
        city.do(PORTAL_1, "RevokeConsent", "C1", signature)
    city.do(PORTAL_1, "RevokeConsent", "C1", key.sign(consent_text("revoke", "C1", who, "H2", until)).hex())
    with refused("NO_CONSENT"):
        city.ask(OTHER_STAFF, "ReadRecord", trace)
    with refused("NO_CONSENT"):
        city.do(OTHER_STAFF, "OpenRecord", "C1", "treatment")


def test_a_look_is_its_own_persons_and_lasts_a_quarter_of_an_hour(city):
    who = city.deposit(1)
    key = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
    city.do(STAFF, "BindResidentKey", "H1", who, key.public_key().public_bytes_raw().hex())
    until = city.now + 86_400
    city.do(
        PORTAL_1, "GiveConsent", "C1", who, "H2", until, key.sign(consent_text("give", "C1", who, "H2", until)).hex()
    )
    trace = city.do(OTHER_STAFF, "OpenRecord", "C1", "treatment")
    colleague = client("HospitalMSP", "colleague", **{"slots.role": "staff", "slots.hospital": "H2"})
    with refused("FORBIDDEN") as refusal:
        city.ask(colleague, "ReadRecord", trace)
    assert "somebody else" in str(refusal.value)
    city.pass_time(seconds=900)
    assert city.ask(OTHER_STAFF, "ReadRecord", trace) == []
    city.pass_time(seconds=1)
    with refused("TRACE_EXPIRED"):
        city.ask(OTHER_STAFF, "ReadRecord", trace)


def test_a_consent_ends_when_it_says_and_is_revoked_once(city):
    who = city.deposit(1)
    key = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
    city.do(STAFF, "BindResidentKey", "H1", who, key.public_key().public_bytes_raw().hex())

    def give(consent: str, until: int) -> None:
        text = consent_text("give", consent, who, "H2", until)
        city.do(PORTAL_1, "GiveConsent", consent, who, "H2", until, key.sign(text).hex())

    for moment in (city.now, city.now - 1, city.now + 3650 * 86_400 + 1):
        with refused("BAD_ARGUMENT"):
            give("C0", moment)
    until = city.now + 60
    give("C1", until)
    trace = city.do(OTHER_STAFF, "OpenRecord", "C1", "treatment")
    city.pass_time(seconds=60)
    assert city.ask(OTHER_STAFF, "ReadRecord", trace) == []
    city.pass_time(seconds=1)
    for call in (
        lambda: city.ask(OTHER_STAFF, "ReadRecord", trace),
        lambda: city.do(OTHER_STAFF, "OpenRecord", "C1", "treatment"),
    ):
        with refused("NO_CONSENT"):
            call()
    taken_back = key.sign(consent_text("revoke", "C1", who, "H2", until)).hex()
    city.do(PORTAL_2, "RevokeConsent", "C1", taken_back)
    with refused("CONSENT_REVOKED"):
        city.do(PORTAL_2, "RevokeConsent", "C1", taken_back)


def test_a_hospital_cannot_put_its_own_key_in_a_residents_place(city):
    who = city.deposit(1)
    old, new = (Ed25519PrivateKey.from_private_bytes(b * 32) for b in (b"r", b"n"))
    public = {k: k.public_key().public_bytes_raw().hex() for k in (old, new)}
    bound = city.do(STAFF, "BindResidentKey", "H1", who, public[old])
    with refused("KEY_EXISTS"):
        city.do(STAFF, "BindResidentKey", "H1", who, public[new])
    with refused("BAD_SIGNATURE"):
        city.do(STAFF, "BindResidentKey", "H1", who, public[new], new.sign(b"").hex())
    with refused("FORBIDDEN"):
        city.do(STAFF, "WithdrawResidentKey", who, "other")
    signed = old.sign(rebind_text(who, public[new], bound["at"])).hex()
    city.pass_time(seconds=1)
    city.do(STAFF, "BindResidentKey", "H1", who, public[new], signed)
    with refused("BAD_SIGNATURE"):  # a proof counts for the key that it replaced, and for no later one
        city.do(STAFF, "BindResidentKey", "H1", who, public[new], signed)
    city.do(AUTHORITY, "WithdrawResidentKey", who, "other")
    with refused("NO_KEY"):
        city.do(PORTAL_1, "GiveConsent", "C1", who, "H2", city.now + 60, "00" * 64)
    assert city.do(STAFF, "BindResidentKey", "H1", who, public[old])["state"] == "active"
    assert city.ask(PORTAL_2, "GetResidentKey", who)["public"] == public[old]


def test_portals_do_not_replace_an_identity(city):
    city.deposit(1)
    with refused("IDENTITY_EXISTS"):
        city.deposit(1, who=PORTAL_2)
    city.deposit(1, who=STAFF)


def test_people_of_the_platform_act_for_their_own_organisation(city):
    """Certificates of the identities page carry `role`; it counts only where the ledger says so."""
    nurse, official = (
        client(m, "x", role=r) for m, r in (("HospitalMSP", "hospital_staff"), ("HealthMSP", "authority"))
    )
    forged = [client("CopyrightMSP", "x", role="hospital_staff"), client("DataBureauMSP", "x", role="authority")]
    session = city.publish()
    assert city.book(f"{session}.007", 1, nurse)["booker"] == "HospitalMSP/all"
    city.do(official, "SetPolicy", "CITY", {}, "demand")
    with refused("FORBIDDEN"):
        city.book(f"{session}.008", 2, forged[0])
    for who in forged:
        with refused("FORBIDDEN"):
            city.do(who, "SetPolicy", "CITY", {}, "demand")
        with refused("FORBIDDEN"):
            city.ask(forged[0], "GetConduct", resident(1))
    assert city.ask(nurse, "GetConduct", resident(1))["bars"] == 0


def test_a_day_is_settled_only_when_nothing_can_be_dated_into_it_any_more(city):
    city.tester.now = city.tester.now.replace(hour=16, minute=0, second=1)  # one second past midnight in China
    with refused("DAY_NOT_OVER"):
        city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")
    city.pass_time(seconds=300)
    city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")


def test_settings_come_from_an_authority_only(city):
    roles = {"authority": ["HealthMSP", "DataBureauMSP"]}
    for who in (STAFF, PLATFORM, PORTAL_1):
        with refused("FORBIDDEN"):
            city.do(who, "Initialize", roles)
    assert city.do(AUTHORITY, "Initialize", roles)["roles"]["authority"] == ["DataBureauMSP", "HealthMSP"]


def test_themes_do_not_shadow_each_other():
    seen: dict[str, str] = {}
    for theme in HealthSlotsContract.__bases__[:-1]:
        for name in vars(theme):
            if not name.startswith("__"):
                assert name not in seen, f"{name} is in {theme.__name__} and {seen[name]}"
                seen[name] = theme.__name__
