"""Keys in PKCS#11 tokens: addresses and what stands for a key anywhere, the rest with SoftHSM."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fabric_sdk.errors import MspError
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.signatures import is_low_s, verify
from network.certificates import CertificateAuthority, matches_key
from network.errors import CityChainError, NotFound, PermissionDenied, Unavailable, UserError
from network.keys import fresh_key, open_key, public_half, require_here, signing_identity
from network.material import OrganizationCA
from network.tokens import device, refusals
from network.tokens.address import MODULE, TokenAddress
from network.tokens.pins import PIN_FILE, PINS
from network.tokens.reference import KeyReference, is_reference
from network.topology import template
from network.vault import MemoryVault
from tests.hsm import PIN, SoftHsm, forget, softhsm


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    with softhsm(tmp_path_factory.mktemp("hsm")) as made:
        yield made


@pytest.fixture(scope="module")
def token(hsm: SoftHsm) -> TokenAddress:
    return hsm.make("城市 CA")


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    yield
    forget()


def _reference(address: str = "pkcs11:token=a;id=%01?module-path=/none.so") -> KeyReference:
    return KeyReference(TokenAddress.parse(address), ec.generate_private_key(ec.SECP256R1()).public_key())


# -- addresses ---------------------------------------------------------------------------------------
def test_an_address_says_token_key_library_and_file_of_the_pin() -> None:
    text = "pkcs11:token=%E5%9F%8E%3B;serial=a1;id=%00%FF;type=private?module-path=/usr/l.so&pin-source=file:/run/pin"
    found = TokenAddress.parse(text)
    assert found == TokenAddress("城;", "a1", b"\x00\xff", "/usr/l.so", "/run/pin")
    assert TokenAddress.parse(str(found)) == found
    assert found.shown == "pkcs11:token=%E5%9F%8E%3B;serial=a1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("token=a", "bad_token_address"),
        ("pkcs11:", "bad_token_address"),
        ("pkcs11:serial=1", "bad_token_address"),
        ("pkcs11:token=a;token=b", "bad_token_address"),
        ("pkcs11:token=a;slot-id=1", "bad_token_address"),
        ("pkcs11:token=%FF%FE", "bad_token_address"),
        ("pkcs11:token=a%0Ab", "bad_token_address"),
        ("pkcs11:token=a?module-path=relative.so", "bad_token_address"),
        ("pkcs11:token=a?pin-source=%7C/bin/cat%20/pin", "bad_token_address"),
        ("pkcs11:token=a?pin-source=file://elsewhere/pin", "bad_token_address"),
        ("pkcs11:token=a?pin-value=1234", "pin_in_address"),
    ],
)
def test_what_is_no_address_is_refused_and_a_pin_in_it_is_not_repeated(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        TokenAddress.parse(text)
    assert caught.value.code == code
    assert "1234" not in f"{caught.value.message!r}{caught.value.hint!r}"


def test_the_library_is_named_by_the_address_or_by_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MODULE, raising=False)
    with pytest.raises(UserError) as caught:
        _ = TokenAddress("a").library
    assert caught.value.code == "token_module_unnamed"
    monkeypatch.setenv(MODULE, "/here.so")
    assert TokenAddress("a", module="/there.so").library == "/here.so"


# -- what stands for a key ---------------------------------------------------------------------------
def test_a_reference_knows_its_public_half_and_never_loads_a_library() -> None:
    made = _reference()
    pem = made.to_pem()
    assert is_reference(pem) and KeyReference.from_pem(pem) == made
    assert public_half(pem) == made.public and open_key(pem).public_key() == made.public
    assert copy.deepcopy(open_key(pem)).key_size == 256
    for broken in (pem[:-40], pem.replace(b"\nZ", b"\nY", 1)[:200], b"-----BEGIN CITYCHAIN TOKEN KEY-----\n"):
        with pytest.raises(ValueError):
            KeyReference.from_pem(broken)


def test_what_reads_keys_from_elsewhere_takes_no_reference() -> None:
    """It would name a library, and loading one is running it."""
    authority, _ = CertificateAuthority.create("ca.x", "x")
    reference = _reference()
    certificate = authority.certify(reference.public, "nurse")
    assert matches_key(certificate, reference.to_pem())
    assert signing_identity("XMSP", certificate, reference.to_pem()).msp_id == "XMSP"
    with pytest.raises(MspError):
        SigningIdentity.from_pem("XMSP", certificate, reference.to_pem())


def test_a_token_key_is_not_written_down() -> None:
    key = open_key(_reference().to_pem())
    for act in (
        lambda: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        key.private_numbers,
        lambda: key.exchange(ec.ECDH(), key.public_key()),
        lambda: require_here(_reference().to_pem(), "XMSP/admin"),
    ):
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.code == "key_in_token"


# -- PINs --------------------------------------------------------------------------------------------
def test_a_pin_file_that_others_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    address = TokenAddress("a", pin_file=str(file))
    with pytest.raises(Unavailable) as missing:
        PINS.of(address)
    assert missing.value.code == "pin_file_missing"
    file.write_text("4711\nmore\n")
    file.chmod(0o600)
    assert PINS.of(address) == "4711"
    if os.name == "posix":
        file.chmod(0o640)
        with pytest.raises(UserError) as caught:
            PINS.of(address)
        assert caught.value.code == "pin_file_open"


def test_without_a_file_somebody_is_asked_and_nobody_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PIN_FILE, raising=False)
    with pytest.raises(Unavailable) as caught:
        PINS.of(TokenAddress("a"))
    assert caught.value.code == "pin_needed"
    PINS.ask = lambda address: f"pin of {address.token}"
    assert PINS.of(TokenAddress("a")) == "pin of a"
    assert "pin of" not in repr(PINS)


# -- libraries that fail -----------------------------------------------------------------------------
def test_a_library_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    (tmp_path / "no.so").write_bytes(b"nothing")
    for path in (tmp_path / "no.so", tmp_path / "absent.so"):
        with pytest.raises(Unavailable) as caught:
            device.check(TokenAddress("a", module=str(path)))
        assert caught.value.code == "token_module_missing"


def test_without_the_package_the_platform_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pkcs11", None)
    with pytest.raises(Unavailable) as caught:
        device.check(TokenAddress("a", module="/any.so"))
    assert caught.value.code == "token_support_missing" and "citychain[pkcs11]" in str(caught.value.hint)


def test_a_token_that_does_not_answer_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    answers = threading.Event()

    def tokens() -> list[Any]:
        answers.wait(30)
        return []

    monkeypatch.setattr(refusals, "load", lambda _: SimpleNamespace(initialized=True, get_tokens=tokens))
    monkeypatch.setattr(device, "SECONDS", 0.05)
    address = TokenAddress("far", module="/far.so")
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            device.check(address)
        assert caught.value.code == "token_silent"
    answers.set()
    late = device._DEVICES.of(address)._late
    assert late is not None and late.exception(10) is not None  # the library's thread is free again
    with pytest.raises(Unavailable) as caught:
        device.check(address)
    assert caught.value.code == "token_missing"


@pytest.mark.parametrize(("flag", "code"), [("USER_PIN_LOCKED", "token_locked"), ("", "token_without_pin")])
def test_a_locked_token_is_not_sent_a_pin(monkeypatch: pytest.MonkeyPatch, flag: str, code: str) -> None:
    flags = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed").TokenFlag
    found = SimpleNamespace(
        label="a", serial=b"1", flags=flags.USER_PIN_INITIALIZED | flags[flag] if flag else flags(0)
    )
    library = SimpleNamespace(initialized=True, get_tokens=lambda: [found])
    monkeypatch.setattr(refusals, "load", lambda _: library)
    PINS.ask = lambda _: pytest.fail("asked for a PIN that cannot help")
    with pytest.raises(Unavailable) as caught:
        device.check(TokenAddress("a", module="/locked.so"))
    assert caught.value.code == code


# -- SoftHSM -----------------------------------------------------------------------------------------
def test_a_key_signs_low_s_and_never_leaves(hsm: SoftHsm, token: TokenAddress) -> None:
    from pkcs11 import Attribute, ObjectClass
    from pkcs11.exceptions import AttributeSensitive

    made = device.generate(token, "city/XMSP/admin")
    key = open_key(made.to_pem())
    messages = [f"{i}".encode() for i in range(40)]
    for message in messages:
        signature = key.sign(message, ec.ECDSA(SHA256()))
        assert is_low_s(signature, ec.SECP256R1())
        verify(made.public, signature, message)

    def look(session: Any) -> dict[str, Any]:
        (found,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: made.address.key_id})
        with pytest.raises(AttributeSensitive):
            found[Attribute.VALUE]
        names = ("SENSITIVE", "EXTRACTABLE", "NEVER_EXTRACTABLE", "ALWAYS_SENSITIVE", "PRIVATE", "LOCAL", "DERIVE")
        return {name: found[Attribute[name]] for name in names}

    assert device._DEVICES.of(token).use(token, look) == {
        "SENSITIVE": True,
        "EXTRACTABLE": False,
        "NEVER_EXTRACTABLE": True,
        "ALWAYS_SENSITIVE": True,
        "PRIVATE": True,
        "LOCAL": True,
        "DERIVE": False,
    }
    assert PIN not in repr(key) + repr(made) + str(made.address) + repr(PINS)


def test_many_threads_and_a_forked_child_sign(token: TokenAddress) -> None:
    made = device.generate(token, "city/XMSP/shared")
    key = open_key(made.to_pem())
    with ThreadPoolExecutor(8) as threads:
        for i, signature in enumerate(threads.map(lambda i: key.sign(b"%d" % i, ec.ECDSA(SHA256())), range(80))):
            verify(made.public, signature, b"%d" % i)
    if not hasattr(os, "fork"):
        return
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # the child has neither the parent's thread nor its session
        try:
            os.write(write, key.sign(b"child", ec.ECDSA(SHA256())))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        verify(made.public, stream.read(), b"child")
    os.waitpid(child, 0)
    verify(made.public, key.sign(b"parent", ec.ECDSA(SHA256())), b"parent")


def test_a_token_pulled_out_in_between_is_one_sentence_and_works_again(hsm: SoftHsm, token: TokenAddress) -> None:
    key = open_key(device.generate(token, "city/XMSP/pulled").to_pem())
    key.sign(b"before", ec.ECDSA(SHA256()))
    with hsm.away():
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                key.sign(b"gone", ec.ECDSA(SHA256()))
            assert caught.value.code == "token_missing"
    verify(key.public_key(), key.sign(b"back", ec.ECDSA(SHA256())), b"back")


def test_a_refused_pin_is_not_sent_again(hsm: SoftHsm, token: TokenAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens lock themselves after a few wrong ones, and programs try again by themselves."""
    sent: list[str] = []
    login = device.Device._login

    def counted(self: Any, address: TokenAddress, found: Any, pin: str) -> None:
        sent.append(pin)
        login(self, address, found, pin)

    monkeypatch.setattr(device.Device, "_login", counted)
    address = TokenAddress(token.token, module=token.module)
    PINS.ask = lambda _: "wrong-one"
    for _ in range(3):
        with pytest.raises(PermissionDenied) as caught:
            device.check(address)
        assert caught.value.code == "wrong_pin"
    assert sent == ["wrong-one"]
    PINS.ask = lambda _: PIN
    device.check(address)
    assert sent == ["wrong-one", PIN]


def test_absent_ambiguous_and_replaced(hsm: SoftHsm, token: TokenAddress) -> None:
    def code(address: TokenAddress) -> str:
        with pytest.raises(CityChainError) as caught:
            device.sign(address, bytes(32))
        return caught.value.code

    assert code(TokenAddress("none", key_id=b"1", module=token.module)) == "token_missing"
    assert code(token.key(b"no such key")) == "token_key_missing"
    twins = [hsm.make("twin") for _ in range(2)]
    assert code(twins[0].key(b"1")) == "token_ambiguous"
    serials = [t.serial for t in device.tokens(token) if t.token == "twin"]
    assert len(set(serials)) == 2
    device.check(TokenAddress("twin", serials[0], module=token.module, pin_file=token.pin_file))
    # Another key under the same id, as somebody with the PIN can make it:
    made = device.generate(token, "city/XMSP/replaced")
    other = KeyReference(made.address, ec.generate_private_key(ec.SECP256R1()).public_key())
    with pytest.raises(Unavailable) as caught:
        open_key(other.to_pem()).sign(b"x", ec.ECDSA(SHA256()))
    assert caught.value.code == "token_other_key"


def test_what_comes_to_nothing_leaves_nothing_in_the_token(hsm: SoftHsm, token: TokenAddress) -> None:
    from pkcs11 import Attribute

    class Vault(MemoryVault):
        def token_of(self, name: str) -> str:
            return str(token)

        def put(self, name: str, pem: bytes) -> None:
            raise OSError(28, "No space left on device")

    def objects(session: Any) -> int:
        return len(list(session.get_objects({Attribute.LABEL: "city/XMSP/late"})))

    with pytest.raises(OSError, match="No space"), fresh_key(Vault(), "city/XMSP/late") as made:
        assert device._DEVICES.of(token).use(token, objects) == 2
        Vault().put("city/XMSP/late", made)
    assert device._DEVICES.of(token).use(token, objects) == 0


def test_an_organisation_whose_every_key_is_in_a_token(hsm: SoftHsm, token: TokenAddress, tmp_path: Path) -> None:
    """Authority, people, renewal, succession, revocation; and a token pulled out before a certificate."""

    class Vault(MemoryVault):
        def token_of(self, name: str) -> str:
            return str(token)

    vault = Vault()
    ca = OrganizationCA(tmp_path, "city", template("single", network_name="city").organizations[0], vault)
    ca.create()
    first = ca.persons.issue("nurse", "client")
    second = ca.persons.issue("nurse", "client")
    ca.announce_authority()
    ca.switch_authority()
    third = ca.persons.issue("nurse", "client")
    assert len({first.certificate_pem, second.certificate_pem, third.certificate_pem}) == 3
    ca.revoke(f"{first.certificate.serial_number:x}")
    assert all(is_reference(vault.get(name)) for name in vault.names())
    signer = signing_identity(ca.spec.msp_id, third.certificate_pem, vault.get(f"city/{ca.spec.msp_id}/nurse"))
    verify(signer.certificate.public_key(), signer.sign(b"m"), b"m")  # type: ignore[arg-type]
    names, journal = vault.names(), ca.issued()
    with hsm.away():
        with pytest.raises(Unavailable) as caught:
            ca.persons.issue("late", "client")
        assert caught.value.code == "token_missing"
        with pytest.raises(NotFound):
            ca.person("late")
    assert (vault.names(), ca.issued()) == (names, journal)
    ca.persons.issue("late", "client")
