"""A network whose organisations keep their keys in PKCS#11 tokens (SoftHSM)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from baas.apart import end_waiting, run_apart
from baas.applications import Applications
from baas.cli.root import root
from baas.errors import CityChainError, NotFound, PermissionDenied, Text, Unavailable, UserError
from baas.jobs import NULL_CONTEXT
from baas.platform import Platform
from baas.services.token_keys import parse
from network.hosts import export_share
from network.keys import public_half
from network.material import OrganizationCA
from network.plan import NetworkState
from network.tokens import device
from network.tokens.address import TokenAddress
from network.tokens.pins import PINS
from network.tokens.reference import is_reference
from network.tokens.refusals import missing
from network.topology import template
from tests.hsm import PIN, SoftHsm, forget, private_keys, softhsm


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    with softhsm(tmp_path_factory.mktemp("hsm")) as made:
        yield made


@pytest.fixture(scope="module")
def token(hsm: SoftHsm) -> TokenAddress:
    return hsm.make("city-ca")


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    yield
    forget()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory, token: TokenAddress) -> Iterator[Platform]:
    """A network on paper, whose first organisation's keys are in the token and the others' in the keystore."""
    with Platform.open(tmp_path_factory.mktemp("paper") / "workspace", applications=Applications({})) as platform:
        spec = template("city", network_name="city")
        platform.token_keys.choose(spec, [f"{spec.organizations[0].msp_id}={token}"])
        folder = platform.workspace.path("networks", "city")
        for organization in spec.organizations:
            OrganizationCA(folder, "city", organization, platform.keystore).create()
        NetworkState(phase="ready", wanted=spec, reached=spec).save(folder)
        yield platform


def _first(platform: Platform) -> str:
    return platform.networks.spec("city").organizations[0].msp_id


def command(workspace: Path, *words: str) -> Any:
    return CliRunner().invoke(root, ["--workspace", str(workspace), "--lang", "en", "--json", *words])


# -- what lies open ----------------------------------------------------------------------------------
def nothing_lies_open(platform: Platform, msp_id: str, token: TokenAddress) -> None:
    """No file of the workspace is a key of the organisation, of its authorities or people; the PIN is in none."""
    ca = platform.networks.handle("city").authority(msp_id)
    own = [ca.ca_certificate_pem, ca.tls_certificate_pem]
    own += [ca.certificate_path(name).read_bytes() for name in ca.people()]
    ours = {_plain(load_pem_x509_certificate(pem).public_key()) for pem in own}
    prefix = f"city/{msp_id}/"
    kept = {name: platform.keystore.get(name) for name in platform.keystore.names() if name.startswith(prefix)}
    assert len(ours) == len(own) >= 3 and all(is_reference(pem) for pem in kept.values())
    assert {_plain(public_half(pem)) for pem in kept.values()} >= ours
    places = {one.place for one in platform.token_keys.places("city") if one.msp_id == msp_id}
    assert places == {token.shown}
    folder = platform.workspace.folder
    for path, pem in private_keys(folder):
        assert _plain(load_pem_private_key(pem, None).public_key()) not in ours, path
        assert path.name in {"key.pem", "server.key"}, path
    for path in folder.rglob("*"):
        assert not path.is_file() or PIN.encode() not in path.read_bytes(), path


def _plain(key: Any) -> bytes:
    found: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return found


def test_no_file_is_a_key_of_the_organisation(paper: Platform, token: TokenAddress) -> None:
    first = _first(paper)
    label = paper.identities.issue(first, "nurse")
    before = paper.identities.get(label).serial
    assert paper.identities.renew(label).serial != before
    nothing_lies_open(paper, first, token)


@pytest.mark.slow
def test_a_running_network_whose_every_key_is_in_the_token(token: TokenAddress, tmp_path: Path) -> None:
    """Founded, joined, signed, issued, renewed and revoked; then every file is looked into."""
    workspace = tmp_path / "workspace"
    up = command(workspace, "network", "up", "--template", "single", "--name", "city", "--keys", str(token))
    assert up.exit_code == 0, up.output
    try:
        with Platform.open(workspace) as platform:
            spec = platform.networks.spec("city")
            msp_id = spec.organizations[0].msp_id
            label = platform.identities.issue(msp_id, "nurse")
            platform.identities.renew(label, revoke_old=True)
            chain = platform.networks.connect("city", label).get_contract("qscc")
            assert chain.evaluate("GetChainInfo", spec.channels[0].name)
            nothing_lies_open(platform, msp_id, token)
        shown = json.loads(command(workspace, "keystore", "places").output)
        assert {one["place"] for one in shown} == {token.shown}
    finally:
        gone = command(workspace, "network", "destroy", "city", "--yes")
        assert gone.exit_code == 0, gone.output


def test_a_network_is_not_begun_when_the_token_does_not_open(token: TokenAddress, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text("0000\n")
    cases = {
        f"pkcs11:token=city-ca?module-path={token.module}&pin-source=file:{wrong}": "wrong_pin",
        f"pkcs11:token=absent?module-path={token.module}&pin-source=file:{wrong}": "token_missing",
        f"pkcs11:token=city-ca?module-path={token.module}": "pin_needed",
        "pkcs11:token=city-ca?module-path=/absent.so": "token_module_missing",
        f"NobodyMSP={token}": "unknown_organization",
        "pkcs11:token=city-ca?pin-value=0000": "pin_in_address",
    }
    for address, code in cases.items():
        workspace = tmp_path / code
        done = command(workspace, "network", "up", "--template", "single", "--keys", address)
        assert isinstance(done.exception, CityChainError), done.output
        assert done.exception.code == code
        assert "0000" not in f"{done.exception.message!r}{done.exception.hint!r}"
        assert not list(workspace.glob("networks/*")) and not list(workspace.glob("keystore/*.key.json"))


# -- people ------------------------------------------------------------------------------------------
def test_keys_are_said_to_be_where_they_are_also_while_locked(
    paper: Platform, token: TokenAddress, quick_scrypt: None
) -> None:
    paper.keystore.set_passphrase("a long passphrase")
    paper.keystore.lock()
    places = {f"{one.msp_id}/{one.name}": one.place for one in paper.token_keys.places("city")}
    first = _first(paper)
    assert {place for name, place in places.items() if name.startswith(f"{first}/")} == {token.shown}
    assert {place for name, place in places.items() if not name.startswith(f"{first}/")} == {""}
    paper.keystore.unlock("a long passphrase")
    paper.keystore.set_passphrase(None)


def test_a_locked_keystore_forgets_the_pin(
    paper: Platform, token: TokenAddress, quick_scrypt: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _first(paper)
    signing = paper.networks.handle("city").identity(f"{first}/admin")
    assert signing.sign(b"before") and PINS.lend()
    paper.keystore.set_passphrase("a long passphrase")
    paper.keystore.lock()
    assert not PINS.lend()
    with pytest.raises(Unavailable) as caught:
        signing.sign(b"locked")
    assert caught.value.code == "keystore_locked"
    paper.keystore.unlock("a long passphrase")
    assert signing.sign(b"after")
    paper.keystore.set_passphrase(None)


@pytest.mark.slow
def test_a_process_apart_is_lent_the_pin(paper: Platform, hsm: SoftHsm, token: TokenAddress) -> None:
    """The window's own process asks; what works apart for it must not ask again, and has no terminal."""
    first = _first(paper)
    paper.workspace.set_setting(f"keys.city/{first}", str(TokenAddress(token.token, module=token.module)))
    for name in ("ca", "admin"):  # as if the PIN had been entered by hand
        assert paper.keystore.place(f"city/{first}/{name}") == token.shown
    forget()
    bare = TokenAddress(token.token, module=token.module)
    assert [one.token for one in paper.token_keys.needed("city")] == [token.token]
    with pytest.raises(PermissionDenied):
        paper.token_keys.enter(bare, "no such pin")
    paper.token_keys.enter(bare, PIN)
    assert not paper.token_keys.needed("city")
    aside = hsm.pin_file.rename(hsm.pin_file.with_name("aside-pin"))  # nothing but what is lent can open it there
    try:
        run_apart(paper, "tests.baas.test_token_keys:_issue_apart", first, ctx=NULL_CONTEXT)
    finally:
        aside.rename(hsm.pin_file)
        end_waiting()
    assert paper.keystore.place(f"city/{first}/apart") == token.shown


def _issue_apart(platform: Platform, msp_id: str, *, ctx: Any) -> str:
    return platform.identities.issue(msp_id, "apart", network="city")


def test_a_key_in_a_token_is_never_exported(paper: Platform, tmp_path: Path) -> None:
    label = f"{_first(paper)}/admin"
    handle = paper.networks.handle("city")
    for act in (
        lambda: paper.identities.export_pkcs12(label, "12345678", "city"),
        lambda: paper.identities.export_msp(label, tmp_path / "msp", "city"),
    ):
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.code == "key_in_token"
    assert not (tmp_path / "msp").exists()
    with pytest.raises(NotFound):
        export_share(handle, "elsewhere", tmp_path / "share", "a long passphrase")


def test_a_request_and_its_renewal_stay_in_the_persons_token(
    paper: Platform, token: TokenAddress, tmp_path: Path
) -> None:
    """A person's own key, as on a key stick: asked for, certified by the other side, and followed by the next one."""
    other = paper.networks.spec("city").organizations[1].msp_id
    file = paper.entrance.request(tmp_path / "request.citychain", "nurse", other, str(token))
    (name,) = [n for n in paper.keystore.names() if n.startswith("_request/")]
    assert is_reference(paper.keystore.get(name)) and file.exists()


def test_an_organisation_on_its_own_machine_has_its_keys_in_its_token(
    token: TokenAddress, hsm: SoftHsm, tmp_path: Path
) -> None:
    with Platform.open(tmp_path / "own", applications=Applications({})) as platform:
        title = Text("医院", "Hospital")
        with hsm.away(), pytest.raises(Unavailable):
            platform.organizations.new("hospital", "HospitalMSP", title, token=str(token))
        assert not platform.organizations.list() and not platform.keystore.names()
        platform.organizations.new("hospital", "HospitalMSP", title, token=str(token))
        names = platform.keystore.names()
        assert len(names) == 3 and {platform.keystore.place(name) for name in names} == {token.shown}
        platform.organizations.export(tmp_path / "hospital.json")  # signed by the authority
        assert not list(private_keys(platform.workspace.folder))


def test_a_founding_that_breaks_off_leaves_nothing_and_can_be_done_again(
    token: TokenAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, destroyed = [], []
    generate, destroy = device.generate, device.destroy

    def twice(address: TokenAddress, label: str) -> Any:
        if len(made) == 2:
            raise missing(address)
        made.append(generate(address, label))
        return made[-1]

    def seen(address: TokenAddress) -> None:
        destroyed.append(address)
        destroy(address)

    with Platform.open(tmp_path / "own", applications=Applications({})) as platform:
        with monkeypatch.context() as patch:
            patch.setattr(device, "generate", twice)
            patch.setattr(device, "destroy", seen)
            with pytest.raises(Unavailable):
                platform.organizations.new("hospital", "HospitalMSP", Text("医院", "Hospital"), token=str(token))
        assert not platform.organizations.list() and not platform.keystore.names()
        assert {one.address for one in made} == set(destroyed)
        platform.organizations.new("hospital", "HospitalMSP", Text("医院", "Hospital"), token=str(token))
        assert len(platform.keystore.names()) == 3


def test_nobody_says_another_place_of_a_key(paper: Platform, token: TokenAddress) -> None:
    """The page shows it without opening the key: what is shown is sealed together with it."""
    name = f"city/{_first(paper)}/ca"
    (path,) = [
        p for p in paper.workspace.path("keystore").glob("*.key.json") if json.loads(p.read_bytes())["label"] == name
    ]
    entry = json.loads(path.read_bytes())
    for forged in ({**entry, "place": "pkcs11:token=mine"}, {k: v for k, v in entry.items() if k != "place"}):
        path.write_text(json.dumps(forged))
        with pytest.raises(Unavailable):
            paper.keystore.get(name)
    path.write_text(json.dumps(entry))
    assert paper.keystore.get(name) and paper.keystore.place(name) == token.shown


def test_words_for_some_organisations_and_for_none() -> None:
    address = "pkcs11:token=a"
    chosen = parse([address, "BMSP=keystore"], ["AMSP", "BMSP"])
    assert chosen == {"AMSP": TokenAddress("a"), "BMSP": None}
    assert parse(["keystore"], ["AMSP"]) == {"AMSP": None}


def test_a_network_made_again_under_the_name_begins_without_the_token(paper: Platform) -> None:
    """The last one of this file: the network goes."""
    first = _first(paper)
    assert paper.workspace.setting(f"keys.city/{first}")
    paper.networks.destroy("city")
    assert not paper.workspace.setting(f"keys.city/{first}")
    assert not [name for name in paper.keystore.names() if name.startswith("city/")]
