"""What booking portals do beyond booking: synchronise, count, look up who and where, ask again after a lost answer."""

from __future__ import annotations

import json

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle

from apps.health_slots.serving.fhir_codes import specialty_of
from apps.health_slots.serving.fhir_search import BadSearch, read_search
from apps.health_slots.serving.patients import PortalPatients
from tests.apps.health_slots.portals import booking


def everything(http, url):
    """All resources of a search, page by page, by id."""
    found = {}
    while url:
        answer = http.get(url)
        assert answer.status_code == 200, answer.text
        Bundle.model_validate(answer.json())
        found |= {e["resource"]["id"]: e["resource"] for e in answer.json().get("entry", [])}
        url = next((link["url"] for link in answer.json()["link"] if link["relation"] == "next"), "")
    return found


def test_a_portal_synchronises_a_day_by_last_updated(town, http, portals):
    """Whatever happens, asking for what changed since the last answer makes the portal's copy equal to the ledger's."""
    town.service.rules.set_policy("CITY", {"per_department_day": 20, "per_day": 20})
    morning, afternoon = town.publish(
        town.row(), town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00")
    )
    copy = {kind: everything(http, f"/fhir/{kind}?_count=50") for kind in ("Slot", "Schedule", "Appointment")}
    assert len(copy["Slot"]) == 24

    def latest():
        return max(r["meta"]["lastUpdated"] for some in copy.values() for r in some.values())

    def synchronise():
        since = latest().replace("+", "%2B")
        news = {}
        for kind, known in list(copy.items()):
            news[kind] = everything(http, f"/fhir/{kind}?_lastUpdated=ge{since}&_count=7")
            copy[kind] = known | news[kind]
        return news

    steps = [
        lambda: portals.service_of("alpha").bookings.cancel(
            http.post("/fhir/Appointment/$book", json=booking(f"{morning}.002", portals.patient(1))).json()["id"]
        ),
        lambda: http.post(f"/fhir/Slot/{morning}.003/$hold", json=booking(f"{morning}.003", portals.patient(2))),
        lambda: http.post("/fhir/Appointment/$book", json=booking(f"{afternoon}.001", portals.patient(3))),
        lambda: town.service.schedules.move(afternoon, "2026-12-04", 30, "meeting"),
        lambda: town.service.schedules.add(morning, 600, 10, "online", "revisit"),
        lambda: town.service.schedules.withdraw(morning, [9], "equipment"),
        lambda: town.publish(town.row(医生编号="D3", 医生="专家三")),
        lambda: town.service.schedules.stop(afternoon, "doctor-ill"),
    ]
    for step in steps:
        town.ledger.pass_time(seconds=5)
        step()
        town.service.refresh()
        synchronise()
        for kind, known in copy.items():
            sessions = ",".join(everything(http, "/fhir/Schedule?_count=50")) if kind == "Slot" else ""
            query = f"?schedule={sessions}&_count=200" if kind == "Slot" else "?_count=200"
            assert everything(http, f"/fhir/{kind}{query}") == known, kind
    town.ledger.pass_time(seconds=5)
    assert len(synchronise()["Slot"]) < 24, "only what changed comes again"


def test_the_same_booking_again_answers_with_the_same_appointment(town, http, portals):
    (session,) = town.publish()
    body = booking(f"{session}.001", portals.patient(1))
    first = http.post("/fhir/Appointment/$book", json=body)
    again = http.post("/fhir/Appointment/$book", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    held = booking(f"{session}.002", portals.patient(2))
    one, two = (http.post(f"/fhir/Slot/{session}.002/$hold", json=held) for _ in range(2))
    assert {one.status_code, two.status_code} <= {200, 201} and one.json()["id"] == two.json()["id"]
    other = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(3)))
    assert other.status_code == 409
    rival = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    assert http.post("/fhir/Appointment/$book", json=body, headers=rival).status_code == 422  # an id of another portal
    body = booking(f"{session}.001", portals.patient(1, "beta"))
    assert http.post("/fhir/Appointment/$book", json=body, headers=rival).status_code == 409


def test_a_service_killed_before_it_noted_an_appointment_still_knows_whose_it_is(town, http, portals):
    """Before, a portal that asked again after such a death was told that somebody else took the slot."""
    (session,) = town.publish()
    body = booking(f"{session}.001", portals.patient(1))
    first = http.post("/fhir/Appointment/$book", json=body)
    portals.patients._write(lambda db: db.execute("DELETE FROM made"))
    stranger = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(2)))
    again = http.post("/fhir/Appointment/$book", json=body)
    assert (first.status_code, stranger.status_code, again.status_code) == (201, 409, 200)
    assert again.json() == first.json()
    with portals.patients._mine() as db:
        assert db.execute("SELECT COUNT(*) FROM made").fetchone() == (1,)


def test_an_id_is_kept_with_the_first_appointment_and_not_for_who_got_none(town, portals, tmp_path):
    patients = PortalPatients(tmp_path / "other.db")
    drawn = patients.draw("alpha", "one")
    assert patients.draw("alpha", "one") == drawn != patients.draw("beta", "one")
    assert patients.resident("alpha", drawn) == ""
    patients.note("alpha", "A1", drawn, "one", "2026-12-01")
    assert (patients.resident("alpha", drawn), patients.used("alpha", "2026-12-01")) == ("one", 1)
    assert patients.draw("alpha", "one") == patients.id_of("alpha", "one") == drawn
    assert PortalPatients(tmp_path / "other.db").patient_of("alpha", "A1") == (drawn, "")


def test_counts_summaries_and_elements(town, http):
    (session,) = town.publish()
    for query in ("_count=0", "_summary=count"):
        found = http.get(f"/fhir/Slot?status=free&{query}").json()
        Bundle.model_validate(found)
        assert found["total"] == 12 and "entry" not in found
    assert http.get("/fhir/Slot?status=free&_total=accurate&_count=5").json()["total"] == 12
    assert "total" not in http.get("/fhir/Slot?status=free&_count=5").json()
    for query, kept in (("_summary=data", "start"), ("_summary=text", "text"), ("_elements=status", "status")):
        resource = http.get(f"/fhir/Slot?schedule={session}&_count=1&{query}").json()["entry"][0]["resource"]
        assert kept in resource and resource["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert "text" not in http.get(f"/fhir/Slot?schedule={session}&_summary=data").json()["entry"][0]["resource"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2026", ("2026-01-01", "2026-12-31")),
        ("2026-12", ("2026-12-01", "2026-12-31")),
        ("2026-12-03T08:00", ("2026-12-03", "2026-12-03")),
        ("2026-12-03T08:00Z", ("2026-12-03", "2026-12-03")),
        ("ap2026-12-03", ("2026-12-02", "2026-12-04")),
        ("2026-12-03,2026-12-07", ("2026-12-03", "2026-12-07")),
        ("ne2026-12-03", ("", "")),
        ("ge2026-12-03,ne2026-12-03", ("", "")),
    ],
)
def test_dates_of_any_precision(text, dates):
    assert read_search([("start", text)], ("start",)).moments("start").dates() == dates


def test_ne_and_lists_hold_what_they_say(town, http):
    town.publish(town.row(), town.row(日期="2026-12-04"), town.row(日期="2026-12-05"))

    def days(query):
        found = everything(http, f"/fhir/Schedule?{query}")
        return sorted({id.split("-")[2][:6] for id in found})

    assert days("date=ne2026-12-04") == ["261203", "261205"]
    assert days("date=2026-12-03,2026-12-05") == ["261203", "261205"]
    assert days("date=ge2026-12-04&date=lt2026-12-05") == ["261204"]
    assert days("date=2026") == ["261203", "261204", "261205"]


def test_references_lead_somewhere(town, http):
    """Every reference of a schedule and a role can be read, and is valid R4."""
    town.publish()
    schedule = next(iter(everything(http, "/fhir/Schedule").values()))
    waiting = [actor["reference"] for actor in schedule["actor"]]
    seen = set()
    waiting += [f"PractitionerRole/{id}" for id in everything(http, "/fhir/PractitionerRole?practitioner=H1.D1")]
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        answer = http.get(f"/fhir/{reference}")
        assert answer.status_code == 200, reference
        resource = answer.json()
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert resource["text"]["div"].startswith("<div")
        waiting += _references(resource)
    kinds = {reference.partition("/")[0] for reference in seen}
    assert kinds == {"Practitioner", "PractitionerRole", "HealthcareService", "Organization", "Location"}
    assert list(everything(http, "/fhir/Organization?name=市第一")) == ["H1"]
    assert list(everything(http, "/fhir/HealthcareService?specialty=03.04")) == ["H1.CARD"]
    assert len(everything(http, "/fhir/CodeSystem")) == 4


def _references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_specialties_are_those_of_the_national_list(town, http):
    assert [specialty_of(n) for n in ("心血管内科", "骨科", "内科门诊", "产科", "美容纹身")] == [
        "03.04", "04.03", "03", "05.02", "",
    ]  # fmt: skip
    town.publish()
    (slot, *_) = everything(http, "/fhir/Slot?specialty=03.04&status=free").values()
    systems = {
        coding["system"] for concept in (*slot["specialty"], *slot["serviceType"]) for coding in concept["coding"]
    }
    known = {one["url"] for one in everything(http, "/fhir/CodeSystem").values()}
    assert systems <= known


def test_changes_are_guarded_by_if_match_and_answered_as_preferred(town, http, portals):
    (session,) = town.publish()
    made = http.post(
        "/fhir/Appointment/$book",
        json=booking(f"{session}.001", portals.patient(1)),
        headers={"Prefer": "return=minimal"},
    )
    assert (made.status_code, made.content) == (201, b"") and made.headers["etag"].startswith('W/"')
    where = made.headers["location"].rpartition("/fhir")[2]
    stale = http.post(f"/fhir{where}/$cancel", json={}, headers={"If-Match": 'W/"1970-booked"'})
    assert stale.status_code == 412
    tag = http.get(f"/fhir{where}").headers["etag"]
    wish = {"If-Match": tag, "Prefer": "return=OperationOutcome"}
    done = http.post(f"/fhir{where}/$cancel", json={}, headers=wish)
    assert done.status_code == 200 and done.json()["issue"][0]["severity"] == "information"
    assert http.get(f"/fhir{where}").headers["etag"] != tag


def test_a_plain_create_books_or_holds_and_a_plain_update_cancels(town, http, portals):
    """What clients do that know REST and no operations."""
    (session,) = town.publish()
    made = http.post("/fhir/Appointment", json=booking(f"{session}.001", portals.patient(1)))
    assert made.status_code == 201 and made.json()["status"] == "booked"
    held = booking(f"{session}.002", portals.patient(2)) | {"status": "pending"}
    assert http.post("/fhir/Appointment", json=held).json()["status"] == "pending"
    wrong = http.post("/fhir/Appointment", json=held | {"status": "fulfilled"})
    assert wrong.status_code == 400 and wrong.json()["issue"][0]["expression"] == ["Appointment.status"]
    where, now = f"/fhir/Appointment/{made.json()['id']}", made.json()
    assert http.put(where, json=now | {"start": "2026-12-09T08:00:00+08:00"}).status_code == 422
    assert http.put(where, json=now | {"id": "A-other", "status": "cancelled"}).status_code == 400
    beta = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    assert http.put(where, json=now | {"status": "cancelled"}, headers=beta).status_code == 404
    assert http.put(where, json=now | {"status": "cancelled"}, headers={"If-Match": 'W/"x"'}).status_code == 412
    gone = http.put(where, json=now | {"status": "cancelled"}, headers={"If-Match": made.headers["etag"]})
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")


def test_if_none_exist_makes_at_most_one(town, http, portals):
    """The patient has one at that department on that day already: the portal is told which, and no second is made."""
    morning, later = town.publish(town.row(), town.row(日期="2026-12-04"))
    patient = portals.patient(1)
    condition = {"If-None-Exist": f"patient={patient}&practitioner=Practitioner/H1.D1&status=booked"}
    first = http.post("/fhir/Appointment", json=booking(f"{morning}.001", patient), headers=condition)
    again = http.post("/fhir/Appointment", json=booking(f"{morning}.002", patient), headers=condition)
    assert (first.status_code, again.status_code) == (201, 200) and again.json()["id"] == first.json()["id"]
    assert again.headers["location"] == first.headers["location"]
    other = {"If-None-Exist": f"patient={patient}&date=2026-12-04"}
    assert http.post("/fhir/Appointment", json=booking(f"{later}.001", patient), headers=other).status_code == 201
    several = {"If-None-Exist": f"patient={patient}"}
    refused = http.post("/fhir/Appointment", json=booking(f"{later}.002", patient), headers=several)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (412, "multiple-matches")
    for nothing in ("", "_count=1", "status="):
        answer = http.post(
            "/fhir/Appointment", json=booking(f"{later}.002", patient), headers={"If-None-Exist": nothing}
        )
        assert answer.status_code == 400, nothing
    unknown = http.post(
        "/fhir/Appointment", json=booking(f"{later}.002", patient), headers={"If-None-Exist": "nonsense=1"}
    )
    assert unknown.status_code == 400 and unknown.json()["issue"][0]["expression"] == ["http.nonsense"]
    entry = {"request": {"method": "POST", "url": "Appointment", "ifNoneExist": other["If-None-Exist"]}}
    entry["resource"] = booking(f"{later}.003", patient)
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    assert http.post("/fhir", json=batch).json()["entry"][0]["response"]["status"][:3] == "200"
    entry["request"]["ifNoneExist"] = "patient=x\r\nAuthorization: Bearer y"
    assert http.post("/fhir", json=batch).status_code == 400
    assert len(everything(http, "/fhir/Appointment")) == 2


def test_two_conditional_creates_at_once_make_one(town, http, portals):
    from concurrent.futures import ThreadPoolExecutor

    (session,) = town.publish()
    patient = portals.patient(1)
    condition = {"If-None-Exist": f"patient={patient}"}

    def create(number):
        body = booking(f"{session}.{number:03d}", patient)
        return http.post("/fhir/Appointment", json=body, headers=condition).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, (1, 2, 3, 4))) == [200, 200, 200, 201]
    assert len(everything(http, "/fhir/Appointment")) == 1


def test_errors_point_at_what_is_wrong(http):
    outcome = http.get("/fhir/Slot?start=soon").json()
    assert outcome["issue"][0]["expression"] == ["http.start"]
    body = {"resourceType": "Appointment", "slot": [{"reference": "nowhere"}]}
    outcome = http.post("/fhir/Appointment/$book", json=body).json()
    assert outcome["issue"][0]["expression"] == ["Appointment.slot[0].reference"]
    with pytest.raises(BadSearch) as wrong:
        read_search([("nonsense", "1")], ("start",))
    assert wrong.value.parameter == "nonsense"


def test_several_requests_in_one_are_answered_one_by_one(town, http, portals):
    """A batch: what is good is done, what is refused says so, and nothing of another portal is seen through it."""
    (session,) = town.publish()
    patient = portals.patient(1)
    entries = [
        {"request": {"method": "GET", "url": f"Slot?schedule={session}&_count=1"}},
        {"request": {"method": "POST", "url": "Appointment/$book"}, "resource": booking(f"{session}.001", patient)},
        {"request": {"method": "POST", "url": "Appointment/$book"}, "resource": booking(f"{session}.001", "R" * 27)},
        {"request": {"method": "GET", "url": f"Patient/{patient}"}},
        {"request": {"method": "GET", "url": "Nothing/1"}},
    ]
    answer = http.post("/fhir", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    Bundle.model_validate(answer.json())
    found = answer.json()["entry"]
    assert [e["response"]["status"][:3] for e in found] == ["200", "201", "422", "200", "404"]
    assert found[1]["response"]["location"].endswith(found[1]["resource"]["id"])
    assert found[2]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert found[3]["resource"]["identifier"][0]["value"] == patient
    beta = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    assert http.get(f"/fhir/Patient/{patient}", headers=beta).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": "Slot"}}]},
        {"resourceType": "Bundle", "type": "batch", "entry": []},
        {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 21},
        *(
            {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": url}}]}
            for url in ("http://elsewhere/fhir/Slot", "/metadata", "../secret", "Slot/../../x", "", 7, "S" * 3000)
        ),
        {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "DELETE", "url": "Slot/1"}}]},
        {"resourceType": "Bundle", "type": "batch", "entry": [{"request": "GET"}]},
        {"resourceType": "Slot"},
    ],
)
def test_what_is_no_batch_is_refused_whole(http, body):
    answer = http.post("/fhir", json=body)
    assert answer.status_code == 400 and answer.json()["issue"][0]["expression"]


def test_schedules_bring_their_slots_along(town, http):
    town.publish(town.row(), town.row(医生编号="D2", 医生="专家二"))
    found = http.get("/fhir/Schedule?_revinclude=Slot:schedule&_count=1").json()["entry"]
    assert [e["search"]["mode"] for e in found] == ["match"] + ["include"] * 12
    assert {e["resource"]["schedule"]["reference"] for e in found[1:]} == {f"Schedule/{found[0]['resource']['id']}"}
    assert http.get("/fhir/Schedule?_revinclude=Appointment:slot").status_code == 400


def test_links_of_the_capability_statement_lead_somewhere(http):
    """Before, each operation's definition answered 404."""
    links = [
        operation["definition"]
        for resource in http.get("/fhir/metadata").json()["rest"][0]["resource"]
        for operation in resource.get("operation", [])
    ]
    assert len(links) == 3
    for link in links:
        answer = http.get(link, headers={"Authorization": ""})
        assert answer.status_code == 200
        found = get_fhir_model_class("OperationDefinition").model_validate(answer.json())
        assert found.url == link and link.endswith(found.id) and found.instance is not found.type
    assert http.get("/fhir/OperationDefinition/Slot-burn").status_code == 404


def test_an_appointment_is_of_when_it_was_changed_last(town, http, portals):
    """Before, what $book answered was of 1970, and so was its entity tag."""
    (session,) = town.publish()
    booked = http.post("/fhir/Appointment/$book", json=booking(f"{session}.002", portals.patient(1)))
    made, tag = booked.json()["meta"]["lastUpdated"], booked.headers["etag"]
    assert made == booked.json()["created"] != "1970-01-01T08:00:00+08:00"
    assert http.get(f"/fhir/Appointment/{booked.json()['id']}").headers["etag"] == tag
    (found,) = everything(http, "/fhir/Appointment").values()
    assert found["meta"]["lastUpdated"] >= made
    town.ledger.pass_time(seconds=60)
    ended = http.post(f"/fhir/Appointment/{booked.json()['id']}/$cancel", headers={"If-Match": tag})
    assert ended.status_code == 200 and ended.json()["meta"]["lastUpdated"] > made


def test_a_narrative_is_of_its_language(http, town):
    town.publish()
    refused = http.get("/fhir/Slot?start=nonsense").json()
    assert 'lang="en"' in refused["text"]["div"]
    (slot, *_) = everything(http, "/fhir/Slot").values()
    assert 'lang="zh-CN"' in slot["text"]["div"]


def test_resources_written_by_hand_are_what_the_library_makes_of_them(town, http, portals):
    """Nothing that R4 does not know, nothing missing, every value as the library writes it."""
    (session,) = town.publish()
    http.post("/fhir/Appointment/$book", json=booking(f"{session}.002", portals.patient(1)))
    answers = [http.get(f"/fhir/{kind}?_total=accurate").json() for kind in ("Slot", "Schedule", "Appointment")]
    answers += [http.get("/fhir/Slot/nope").json(), http.get(f"/fhir/Patient/{portals.patient(1)}").json()]
    answers += [entry["resource"] for answer in answers for entry in answer.get("entry", [])]
    kinds = {answer["resourceType"] for answer in answers}
    assert kinds == {"Bundle", "Slot", "Schedule", "Appointment", "OperationOutcome", "Patient"}
    for answer in answers:
        made = get_fhir_model_class(answer["resourceType"]).model_validate(answer)
        assert json.loads(made.model_dump_json()) == answer
