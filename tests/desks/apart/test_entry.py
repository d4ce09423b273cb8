"""Coming in: by request, invitation, or a plain .p12; and what is wrong with a file is said in one true sentence."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from baas.errors import CityChainError
from baas.letters import read_letter, unseal, write_letter
from baas.services.identity_requests import load_key, make_request, new_key_pem
from fabric_sdk import clock
from network.material import OrganizationCA
from tests.desks.conftest import Office, Person
from tests.moments import shift


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def test_an_invitation_asks_for_the_real_certificate_and_is_used_up(
    hire: Callable[[str], Person], office: Office
) -> None:
    name = unique("li")
    label = f"DataBureauMSP/{name}"
    invitation = office.platform.invitations.invite(label, office.post / f"{name}", "tell it by phone", "licensee")
    first, second = hire(name), hire("thief")
    for one in (first, second):
        one.write("code", "tell it by phone\n")
        office_file = one.receive(invitation)
        assert office_file.read_bytes().find(b"PRIVATE") < 0
    wrong = first.write("wrong", "something else\n")
    refused = first.fails("enter", first.folder / "inbox" / invitation.name, "--password-file", wrong)
    assert refused["code"] == "wrong_passphrase"
    assert not list((first.desk / "networks").iterdir()) if (first.desk / "networks").exists() else True
    requests = []
    for one in (first, second):  # a file cannot know that it was copied
        entered = one.run(
            "enter", one.folder / "inbox" / invitation.name, "--password-file", "code", "--request", "back.citychain"
        )
        assert entered["request"]
        assert one.fails("copyright", "list")["code"] in {"no_network", "no_workspace"}
        requests.append(Path(shutil.copy(one.folder / "back.citychain", office.post / f"{one.folder.name}.citychain")))
    entry = office.answer(requests[0])
    assert office.platform.identities.get(label).roles == {"licensee"}
    with pytest.raises(Exception, match="used already"):
        office.answer(requests[1])
    assert first.run("enter", first.receive(entry))["party"] == label
    assert second.fails("enter", second.receive(entry))["code"] == "no_request_here"
    # What lay in the invitation counts nowhere any more.
    assert second.fails("enter", second.folder / "inbox" / invitation.name, "--password-file", "code")["code"] == (
        "identity_revoked"
    )


def test_an_invitation_is_good_for_three_days_and_until_it_is_withdrawn(
    hire: Callable[[str], Person], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitations, code = office.platform.invitations, "tell it by phone"
    name = unique("late")
    person = hire(name)
    person.write("code", f"{code}\n")
    with monkeypatch.context() as patch:
        shift(patch, -(72 * 3600 + 60))
        old = person.receive(invitations.invite(f"PublicMSP/{name}", office.post / name, code, "creator"))
    enter = ("--password-file", "code", "--request", "back.citychain")
    assert person.fails("enter", old, *enter)["code"] == "certificate_expired"
    # Nor does a request count that was signed in time and is handed in afterwards, or one that is made past the desk.
    opened = unseal(read_letter(old), code)
    key = opened.text("key").encode()
    body = make_request(
        name, "PublicMSP", new_key_pem(), signer_certificate=opened.text("certificate").encode(), signer_key=key
    )
    with pytest.raises(CityChainError) as refused:
        office.answer(write_letter(office.post / "late.citychain", "request", body))
    assert refused.value.code == "certificate_expired"
    # The name is free again; what is withdrawn opens nothing, whether a request was made with it or not.
    new = invitations.invite(f"PublicMSP/{name}", office.post / f"{name}-2", code, "creator")
    damaged = bytearray(new.read_bytes())
    damaged[damaged.rindex(b'"') - 9] ^= 1
    assert person.fails("enter", person.write("damaged.citychain", bytes(damaged)), *enter)["code"]
    person.run("enter", person.receive(new), *enter)
    assert invitations.withdraw(f"PublicMSP/{name}") == 2
    assert person.fails("enter", person.inbox / new.name, *enter)["code"] == "identity_revoked"
    with pytest.raises(CityChainError) as refused:
        office.answer(person.folder / "back.citychain")
    assert refused.value.code == "certificate_revoked"
    nothing_kept(person)


def test_a_p12_with_a_profile_is_enough(hire: Callable[[str], Person], office: Office) -> None:
    name = unique("zhao")
    identities = office.platform.identities
    label = identities.issue("HospitalMSP", name, "hospital_staff", {"slots.role": "staff"})
    person = hire(name)
    person.write("zhao.p12", identities.export_pkcs12(label, "a long password"))
    person.write("pass", "a long password\n")
    profile = person.receive(office.profile("HospitalMSP"))
    assert person.fails("enter", "zhao.p12", "--password-file", "pass")["code"] == "profile_needed"
    other = person.receive(office.profile("CopyrightMSP"))
    wrong = person.fails("enter", "zhao.p12", "--profile", other, "--password-file", "pass")
    assert wrong["code"] == "foreign_certificate"
    entered = person.run("enter", "zhao.p12", "--profile", profile, "--password-file", "pass")
    assert entered["party"] == label
    # Titles came with the profile, and this desk claims no authority that it has not.
    (hospital,) = [o for o in person.run("identity", "organizations") if o["msp_id"] == "HospitalMSP"]
    assert (hospital["title"], hospital["has_ca"]) == (
        office.platform.networks.spec("city").organization("HospitalMSP").title.en,
        False,
    )


@pytest.fixture
def came(hire: Callable[[str], Person], office: Office) -> tuple[Person, Path, str]:
    """Somebody with a request out, and the entry that answers it."""
    name = unique("sun")
    person = hire(name)
    person.run("identity", "request", "ask.citychain", "--name", name)
    return person, office.answer(person.folder / "ask.citychain", f"PublicMSP/{name}", "creator"), name


def nothing_kept(person: Person) -> None:
    networks = person.desk / "networks"
    assert not networks.exists() or not list(networks.iterdir())
    assert person.fails("copyright", "list")["code"] in {"no_network", "no_workspace"}


def test_whatever_is_wrong_with_an_entry_is_said_and_nothing_is_kept(
    came: tuple[Person, Path, str], office: Office
) -> None:
    person, entry, name = came
    document: dict[str, Any] = json.loads(entry.read_text("utf-8"))

    def tried(change: Callable[[dict[str, Any]], None]) -> str:
        wrong = json.loads(json.dumps(document))
        change(wrong)
        code = person.fails("enter", person.write("wrong.citychain", json.dumps(wrong)))["code"]
        nothing_kept(person)
        return str(code)

    def each_peer(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        return lambda wrong: [change(peer) for peer in wrong["profile"]["peers"].values()] and None

    # An organisation without peers: no node has a certificate of this authority.
    foreign = office.platform.networks.handle("city").authority("PublicMSP").tls_certificate_pem.decode()
    cut = person.write("cut.citychain", entry.read_bytes()[: entry.stat().st_size // 2])
    assert person.fails("enter", cut)["code"] == "letter_damaged"
    assert person.fails("enter", person.write("junk.citychain", b"\x00" * 50))["code"] == "letter_damaged"
    assert person.fails("enter", person.write("big.citychain", b'{"citychain"' + b" " * 2_000_000))["code"] == (
        "letter_damaged"
    )
    assert person.fails("enter", person.write("deep.citychain", '{"citychain":' + "[" * 100_000))["code"] == (
        "letter_damaged"
    )
    assert person.fails("enter", person.folder / "ask.citychain")["code"] == "not_an_entry"
    assert tried(lambda d: d.update(version=2)) == "newer_letter"
    assert tried(lambda d: d.update(certificate="x")) == "certificate_damaged"
    assert tried(lambda d: d.update(certificate=7)) == "letter_damaged"
    assert tried(lambda d: d.pop("profile")) == "letter_damaged"
    assert tried(lambda d: d["profile"].update(peers={})) == "bad_profile"
    assert tried(lambda d: d["profile"]["organizations"].update(X={"mspid": "X", "peers": 7})) == "bad_profile"
    assert tried(lambda d: d.update(msp_id="HospitalMSP")) == "foreign_certificate"
    assert tried(each_peer(lambda p: p.update(tlsCACerts={"pem": foreign}))) == "foreign_roots"
    assert tried(each_peer(lambda p: p.update(url="grpcs://no-such-host.invalid:7051"))) == "name_unknown"
    assert tried(each_peer(lambda p: p.update(url="grpcs://127.0.0.1:1"))) == "network_unreachable"
    named = {"ssl-target-name-override": "elsewhere.example"}
    assert tried(each_peer(lambda p: p.update(grpcOptions=named))) == "another_name"
    # Somebody else's certificate in this person's entry, and an entry that somebody else was sent.
    other = office.platform.identities.issue("PublicMSP", unique("other"), "creator")
    swapped = office.platform.identities.certificate(other).decode()
    assert tried(lambda d: d.update(certificate=swapped)) == "no_request_here"
    # What a profile says of the authority is compared with the certificate; what is shown is the network's own.
    health = office.platform.networks.handle("city").authority("HealthMSP").ca_certificate_pem.decode()
    own = ("profile", "x-citychain", "organizations", "PublicMSP")
    assert tried(lambda d: d[own[0]][own[1]][own[2]][own[3]].update(root=health)) == "foreign_certificate"
    # And the file as it was sent still opens the door, once and again.
    entered = person.run("enter", person.receive(entry))
    (told,) = [o for o in office.platform.identities.organizations("city") if o.msp_id == "PublicMSP"]
    assert (entered["party"], entered["authority"]) == (f"PublicMSP/{name}", told.fingerprint)
    assert person.run("enter", person.folder / "inbox" / entry.name)["renewed"] is True


def test_revoked_expired_and_clocks_apart_are_told_from_each_other(
    came: tuple[Person, Path, str], office: Office
) -> None:
    person, entry, name = came
    document = json.loads(entry.read_text("utf-8"))
    authority = office.platform.networks.handle("city").authority("PublicMSP")
    request = office.platform.invitations.read(person.folder / "ask.citychain")

    def dated(days: int) -> Path:
        """The same key, certified for two days around `days` from now."""
        moment = clock.now() + dt.timedelta(days=days)
        signing = authority.signing
        builder = (
            x509.CertificateBuilder()
            .subject_name(signing.certificate.subject)
            .issuer_name(signing.certificate.subject)
            .public_key(request.public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment)
            .not_valid_after(moment + dt.timedelta(days=2))
        )
        pem = builder.sign(load_key(authority._vault.get("city/PublicMSP/ca")), SHA256()).public_bytes(Encoding.PEM)
        return person.write("dated.citychain", json.dumps(document | {"certificate": pem.decode()}))

    assert person.fails("enter", dated(-30))["code"] == "certificate_expired"
    assert person.fails("enter", dated(+30))["code"] == "clock_apart"
    office.platform.identities.revoke(f"PublicMSP/{name}")
    refused = person.fails("enter", person.receive(entry))
    assert refused["code"] == "identity_revoked"
    nothing_kept(person)


def test_another_network_of_the_same_name_is_not_written_over(
    came: tuple[Person, Path, str], hire: Callable[[str], Person], office: Office, tmp_path: Path
) -> None:
    person, entry, _ = came
    person.run("enter", person.receive(entry))
    document = json.loads(entry.read_text("utf-8"))
    # A desk whose "city" is another one: its authorities are not those that the peers show.
    folder = person.desk / "networks" / "city"
    from network.vault import MemoryVault

    stranger = OrganizationCA(tmp_path, "city", office.platform.networks.spec("city").organizations[0], MemoryVault())
    stranger.create()
    for place in folder.glob("organizations/*/ca/ca.crt"):
        place.write_bytes(stranger.ca_certificate_pem)
    refused = person.fails("enter", person.folder / "inbox" / entry.name)
    assert refused["code"] == "network_exists"
    again = person.run("enter", person.folder / "inbox" / entry.name, "--name", "second")
    assert (again["network"], again["renewed"]) == ("second", False)
    assert document["network"] == "city"
