"""Renewing, a new laptop, leaving a network: what was sealed before opens after, or the doctor had said so."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baas.errors import CityChainError
from tests.desks.conftest import Office, Person


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def sealed(person: Person) -> tuple[str, bytes]:
    """A sealed work of somebody, and its content."""
    path = person.write(f"{uuid.uuid4().hex}.txt", f"{uuid.uuid4().hex} 秘密\n" * 40)
    return str(person.run("copyright", "deposit", path, "--encrypt", "--title", "秘密")["id"]), path.read_bytes()


def opened(person: Person, work: str) -> bytes:
    target = person.folder / f"{uuid.uuid4().hex}.out"
    person.run("copyright", "open", work, "-o", target)
    return target.read_bytes()


def carried(one: Person, other: Person, work: str) -> None:
    """The sealed file itself by CAR, as long as content travels by hand."""
    cid = one.run("copyright", "show", work)["record"]["content"]["cid"]
    one.run("store", "export", cid, one.folder / f"{work}.car")
    other.run("store", "import", other.receive(one.folder / f"{work}.car"))


def only_here(person: Person) -> dict[str, Any]:
    found = person.say("doctor")
    return next(check for check in json.loads(found.out) if check["id"] == "only-here-city")


def test_a_renewal_at_ones_own_desk_keeps_everything(hire: Callable[[str], Person], office: Office) -> None:
    name = unique("wang")
    wang = hire(name)
    wang.run("identity", "request", "ask.citychain", "--name", name)
    entry = office.answer(wang.folder / "ask.citychain", f"PublicMSP/{name}", "creator", days=300)
    wang.run("enter", wang.receive(entry))
    early = wang.run("identity", "renew", "--request", "early.citychain")["request"]
    with pytest.raises(CityChainError) as refused:
        office.answer(wang.folder / early)
    assert refused.value.code == "renewal_early"
    # Lost and replaced meanwhile: the older certificate's request counts no more.
    second = hire(f"{name}-2")
    second.run("identity", "request", "ask.citychain", "--name", name)
    with pytest.raises(CityChainError):
        office.answer(second.folder / "ask.citychain", f"PublicMSP/{name}", "creator")

    li = hire(unique("li"))
    li.run("identity", "request", "ask.citychain", "--name", li.name)
    entry = office.answer(li.folder / "ask.citychain", f"PublicMSP/{li.name}", "creator", days=30)
    li.run("enter", li.receive(entry))
    work, content = sealed(li)
    before = li.run("identity", "show", f"PublicMSP/{li.name}")["serial"]
    li.run("identity", "renew", "--request", "renew.citychain")
    renewed = office.answer(li.folder / "renew.citychain")
    result = li.run("enter", li.receive(renewed))
    assert (result["renewed"], result["roles"]) == (True, ["creator"])
    assert li.run("identity", "show", f"PublicMSP/{li.name}")["serial"] != before
    assert opened(li, work) == content
    assert opened(li, sealed(li)[0])
    # The older entry does not come back over it.
    assert li.fails("enter", li.folder / "inbox" / entry.name)["code"] in {"older_certificate", "no_request_here"}


def test_a_new_laptop_with_the_recovery_file_opens_what_was_sealed(
    seat: Callable[..., Person], hire: Callable[[str], Person], office: Office
) -> None:
    name = unique("zhao")
    old = seat(name, "PublicMSP", "creator")
    path = old.write("first.txt", f"{uuid.uuid4().hex} 秘密\n" * 40)
    offered = "Make a recovery file: citychain identity recovery FILE"
    assert offered in old.plain("copyright", "deposit", path, "--encrypt", "--title", "秘密")
    work, content = old.run("copyright", "list", "--mine")[0]["id"], path.read_bytes()
    warned = only_here(old)
    assert warned["state"] == "warn"
    made = old.run("identity", "recovery", "zhao.recovery.citychain")
    assert len(made["code"].replace("-", "")) == 26
    assert only_here(old)["state"] == "info"
    # What is sealed from now on opens by the reading key that the file holds: the doctor has nothing new to say.
    second = old.write("second.txt", f"{uuid.uuid4().hex} 秘密\n" * 40)
    later = old.run("copyright", "deposit", second, "--encrypt", "--title", "秘密二")["id"]
    assert only_here(old)["state"] == "info"
    body = Path(old.folder / "zhao.recovery.citychain").read_bytes()
    assert b"PRIVATE KEY" not in body and made["code"].encode() not in body

    new = hire(f"{name}-new")
    new.run("identity", "request", "ask.citychain", "--name", name)
    with pytest.raises(CityChainError):  # the name is taken, and nobody showed its key
        office.answer(new.folder / "ask.citychain", f"PublicMSP/{name}", "creator")
    entry = office.answer(new.folder / "ask.citychain", f"PublicMSP/{name}", replace=True)
    assert new.run("enter", new.receive(entry))["roles"] == ["creator"]
    # The lost laptop is refused at once, whoever has it.
    assert old.fails("copyright", "deposit", old.write("x.txt", uuid.uuid4().hex * 9))["code"]
    for one in (work, later):
        old.run("store", "export", _cid(new, one), old.folder / f"{one}.car")
        new.run("store", "import", new.receive(old.folder / f"{one}.car"))
    # Without the recovery file exactly what the doctor had named is gone.
    assert "Reading keys 1" in warned["detail"] and "Keys of sealed works 1" in warned["detail"]
    assert new.fails("copyright", "open", work, "-o", "no.out")["code"] in {"no_key", "seal_broken"}
    assert not (new.folder / "no.out").exists()
    new.write("code", made["code"].lower().replace("-", " ") + "\n")
    new.write("wrong", "0000-0000-0000-0000-0000-0000-00\n")
    file = new.receive(old.folder / "zhao.recovery.citychain")
    assert new.fails("identity", "recovery", file, "--restore", "--password-file", "wrong")["code"] == (
        "wrong_passphrase"
    )
    assert new.run("identity", "recovery", file, "--restore", "--password-file", "code")["recovered"] == 2
    assert opened(new, work) == content
    assert opened(new, later) == second.read_bytes()
    # It is zhao's file: at somebody else's desk it does not open anything.
    thief = seat(unique("thief"), "PublicMSP", "creator")
    thief.write("code", made["code"])
    stolen = thief.receive(file)
    refused = thief.fails("identity", "recovery", stolen, "--restore", "--password-file", "code")
    assert refused["code"] == "another_person"


def _cid(person: Person, work: str) -> str:
    return str(person.run("copyright", "show", work)["record"]["content"]["cid"])


def test_leaving_a_network_keeps_its_keys_and_coming_back_finds_them(
    seat: Callable[..., Person], office: Office
) -> None:
    name = unique("sun")
    sun = seat(name, "PublicMSP", "creator")
    work, content = sealed(sun)
    left = sun.run("network", "destroy", "city", "--yes")
    assert {one["id"] for one in left["kept"]} >= {"reading-key", "sealed-works", "signing"}
    assert sun.fails("copyright", "list")["code"] == "no_network"
    (entry,) = (sun.folder / "inbox").glob("*.citychain")
    assert sun.run("enter", entry)["party"] == f"PublicMSP/{name}"
    assert opened(sun, work) == content
    sun.run("network", "destroy", "city", "--yes", "--forget-keys")
    assert sun.fails("enter", entry)["code"] == "no_request_here"


def test_a_licensee_opens_a_sealed_work_before_and_after_a_renewal(
    hire: Callable[[str], Person], office: Office, seat: Callable[..., Person]
) -> None:
    owner = seat(unique("owner"), "PublicMSP", "creator")
    reader = hire(unique("reader"))
    reader.run("identity", "request", "ask.citychain", "--name", reader.name)
    entry = office.answer(reader.folder / "ask.citychain", f"DataBureauMSP/{reader.name}", "licensee", days=20)
    reader.run("enter", reader.receive(entry))
    work, content = sealed(owner)
    terms = ("--rights", "network", "--from", "2026-01-01", "--until", "2029-12-31")
    licence = owner.run("copyright", "license", "offer", work, "--to", f"DataBureauMSP/{reader.name}", *terms)["id"]
    reader.run("copyright", "license", "accept", licence)
    owner.run("copyright", "grant", work, f"DataBureauMSP/{reader.name}")
    carried(owner, reader, work)
    assert opened(reader, work) == content
    reader.run("identity", "renew", "--request", "renew.citychain")
    reader.run("enter", reader.receive(office.answer(reader.folder / "renew.citychain")))
    assert opened(reader, work) == content
