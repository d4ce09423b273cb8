"""From an empty machine to the first own work; and requests that an office must not answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest

from tests.desks.conftest import Office, Person
from tests.desks.machines import walls_refusal


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def test_from_an_empty_machine_to_the_first_own_deposit_in_three_commands(
    hire: Callable[[str], Person], office: Office
) -> None:
    name = unique("wang")
    wang = hire(name)
    work = wang.write("work.txt", f"{uuid.uuid4().hex} 一个作品\n" * 30)
    began = time.monotonic()
    wang.run("identity", "request", "ask.citychain", "--name", name)
    entry = office.answer(wang.folder / "ask.citychain", f"PublicMSP/{name}", "creator")
    entered = wang.run("enter", wang.receive(entry))
    assert (entered["party"], entered["roles"]) == (f"PublicMSP/{name}", ["creator"])
    deposited = wang.run("copyright", "deposit", work, "--title", "作品")
    assert time.monotonic() - began < 60
    assert deposited["owners"] == [{"party": f"PublicMSP/{name}", "share": 10_000}] or name in str(deposited["owners"])
    # No private key lies open on this disk, and none was sent.
    for path in [*wang.folder.rglob("*"), entry]:
        assert not path.is_file() or b"PRIVATE KEY" not in path.read_bytes()
    # After a restart wang still is who sits here.
    wang.restart()
    assert wang.run("copyright", "list", "--mine")[0]["id"] == deposited["id"]


def test_a_person_who_looks_at_anothers_folder_is_caught(hire: Callable[[str], Person], office: Office) -> None:
    snoop = hire("snoop")
    for words in (
        ("enter", office.profile("CopyrightMSP")),
        ("--workspace", office.platform.workspace.folder, "identity", "list"),
    ):
        try:
            said = snoop.say(*words)
        except AssertionError as error:
            assert "looked at" in str(error)
        else:  # on this machine there is no such file at all
            assert not walls_refusal() and said.code == 2
    with pytest.raises(AssertionError, match="looked at"):
        snoop.say("identity", "request", office.post / "ask.citychain", "--name", "snoop")


def test_names_that_are_taken_or_reserved_are_refused_at_the_issuing_desk(
    hire: Callable[[str], Person], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baas.errors import CityChainError
    from baas.letters import write_letter
    from baas.services.identity_requests import make_request, new_key_pem

    person = hire("taker")
    name = unique("qian")
    office.platform.identities.issue("PublicMSP", name, "creator")
    person.run("identity", "request", "ask.citychain", "--name", name)
    for reserved in ("admin", "ca", "tlsca", "../x", "con"):
        assert person.fails("identity", "request", "no.citychain", "--name", reserved)["code"] == "bad_name"
    with pytest.raises(CityChainError) as taken:
        office.answer(person.folder / "ask.citychain", f"PublicMSP/{name}", "creator")
    assert taken.value.code == "identity_exists"
    # Somebody who makes the file by other means gets no further.
    for reserved, code in (("admin", "identity_exists"), ("ca", "bad_name"), ("..", "bad_name")):
        body = make_request(reserved, "CopyrightMSP", new_key_pem())
        file = write_letter(office.post / "forged.citychain", "request", body)
        with pytest.raises(CityChainError) as refused:
            office.answer(file, role="organization_admin")
        assert refused.value.code == code, reserved
    node = next(office.platform.networks.spec("city").peers()).name
    body = make_request(node, "", new_key_pem())
    file = write_letter(office.post / "node.citychain", "request", body)
    msp_id = next(office.platform.networks.spec("city").peers()).organization.msp_id
    with pytest.raises(CityChainError) as refused:
        office.answer(file, f"{msp_id}/{node}", "client")
    assert refused.value.code == "identity_exists"


def test_a_request_that_shows_anothers_certificate_is_refused(office: Office) -> None:
    """Who steals a file with a certificate cannot renew with it: the request is not signed by its key."""
    from baas.errors import CityChainError
    from baas.letters import write_letter
    from baas.services.identity_requests import make_request, new_key_pem

    name = unique("zhou")
    label = office.platform.identities.issue("CopyrightMSP", name, "registrar")
    certificate = office.platform.identities.certificate(label)
    thief = new_key_pem()
    body = make_request(name, "CopyrightMSP", new_key_pem(), signer_certificate=certificate, signer_key=thief)
    file = write_letter(office.post / "stolen.citychain", "request", body)
    with pytest.raises(CityChainError) as refused:
        office.answer(file)
    assert refused.value.code == "request_forged"
    # Nor does somebody else's own certificate help to another's name.
    other = office.platform.identities.issue("CopyrightMSP", unique("wu"), "creator")
    key = office.platform.keystore.get(f"city/{other}")
    body = make_request(
        name,
        "CopyrightMSP",
        new_key_pem(),
        signer_certificate=office.platform.identities.certificate(other),
        signer_key=key,
    )
    file = write_letter(office.post / "other.citychain", "request", body)
    with pytest.raises(CityChainError) as refused:
        office.answer(file)
    assert refused.value.code == "foreign_certificate"


def test_the_casts_invitations_lead_to_desks(
    hire: Callable[[str], Person], office: Office, tmp_path_factory: pytest.TempPathFactory, quick_scrypt: None
) -> None:
    """Every part of every application, the code told by another way; names that are taken are told."""
    from baas.services.cast import invite_cast

    folder = tmp_path_factory.mktemp("invitations")
    done = invite_cast(office.platform, folder)
    written = {one.label: one for one in done if one.file is not None}
    assert {"PublicMSP/creator", "CopyrightMSP/registrar", "HospitalMSP/nurse1"} <= {one.label for one in done}
    invited = next(one for label, one in written.items() if label.startswith("HospitalMSP/nurse"))
    nurse = hire("nurse")
    file = nurse.receive(invited.file)
    nurse.write("code", invited.code + "\n")
    asked = nurse.run("enter", file, "--password-file", "code", "--request", nurse.folder / "ask.citychain")
    assert asked["request"]
    entered = nurse.run("enter", nurse.receive(office.answer(nurse.folder / "ask.citychain")))
    assert (entered["party"], entered["roles"]) == (invited.label, ["hospital_staff"])
    again = {one.label: one for one in invite_cast(office.platform, folder)}
    assert again[invited.label].file is None and again[invited.label].note
