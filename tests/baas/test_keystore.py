from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baas import keystore as module
from baas.errors import NotFound, PermissionDenied, Unavailable, UserError
from baas.keystore import DEVICE, MASTER, Keystore
from network.vault import KeyVault

KEY = b"-----BEGIN PRIVATE KEY-----\nnot a real one\n-----END PRIVATE KEY-----\n"


pytestmark = pytest.mark.usefixtures("quick_scrypt")


def test_keys_come_back_and_lie_encrypted(tmp_path: Path) -> None:
    store: KeyVault = Keystore(tmp_path)
    store.put("city/CopyrightMSP/张三", KEY)
    assert Keystore(tmp_path).get("city/CopyrightMSP/张三") == KEY
    assert Keystore(tmp_path).names() == ("city/CopyrightMSP/张三",)
    assert not any(b"PRIVATE" in p.read_bytes() for p in tmp_path.iterdir())
    if os.name == "posix":
        assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}


def test_a_passphrase_locks(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    store.put("a/b/c", KEY)
    store.set_passphrase("correct horse")
    assert not (tmp_path / DEVICE).exists()
    assert store.get("a/b/c") == KEY
    store.lock()
    assert store.locked
    with pytest.raises(Unavailable) as locked:
        store.get("a/b/c")
    assert locked.value.code == "keystore_locked"
    with pytest.raises(PermissionDenied):
        store.unlock("wrong horse")
    assert store.locked
    store.unlock("correct horse")
    assert store.get("a/b/c") == KEY
    store.set_passphrase("another one")
    other = Keystore(tmp_path)
    other.unlock("another one")
    assert other.get("a/b/c") == KEY
    other.set_passphrase(None)
    assert Keystore(tmp_path).get("a/b/c") == KEY


def test_short_passphrases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        Keystore(tmp_path).set_passphrase("short")


def test_it_locks_itself_when_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module, "_elapsed", lambda: now[0])
    store = Keystore(tmp_path, idle_seconds=60)
    store.put("a/b/c", KEY)
    store.set_passphrase("correct horse")
    now[0] += 59
    store.get("a/b/c")
    now[0] += 59
    store.get("a/b/c")
    now[0] += 61
    assert store.locked
    with pytest.raises(Unavailable):
        store.get("a/b/c")


def test_without_a_passphrase_idleness_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module, "_elapsed", lambda: now[0])
    store = Keystore(tmp_path, idle_seconds=1)
    store.put("a/b/c", KEY)
    now[0] += 3600
    assert store.get("a/b/c") == KEY


def test_a_key_under_another_name_is_damage(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    store.put("a/b/one", KEY)
    store.put("a/b/two", b"other")
    one, two = store._file("a/b/one"), store._file("a/b/two")
    two.write_bytes(one.read_bytes())
    with pytest.raises(Unavailable) as damaged:
        store.get("a/b/two")
    assert damaged.value.code == "keystore_damaged"


def test_any_flipped_byte_is_one_clear_error(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    store.put("a/b/c", KEY)
    path = store._file("a/b/c")
    good = path.read_bytes()
    for position in range(0, len(good), 7):
        bad = bytearray(good)
        bad[position] ^= 1
        path.write_bytes(bad)
        try:
            # Only the label and the format number are not part of what is sealed.
            assert store.get("a/b/c") == KEY
        except Unavailable as error:
            assert error.code == "keystore_damaged"
    path.write_bytes(good)
    (tmp_path / MASTER).write_text("[]")
    with pytest.raises(Unavailable):
        Keystore(tmp_path).get("a/b/c")


def test_absurd_stretching_parameters_do_not_hang(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    store.set_passphrase("correct horse")
    header = json.loads((tmp_path / MASTER).read_text())
    header["scrypt"]["n"] = 2**40
    (tmp_path / MASTER).write_text(json.dumps(header))
    with pytest.raises(Unavailable):
        Keystore(tmp_path).unlock("correct horse")


@pytest.mark.parametrize(
    "header",
    [
        {"scrypt": "x"},
        {"scrypt": {}},
        {"scrypt": {"salt": "AAAA", "n": 2**14, "r": 8, "p": 1, "nonce": "", "sealed": ""}},
        {"scrypt": {"salt": "A" * 24, "n": "many", "r": 8, "p": 1}},
        {"scrypt": {"salt": "A" * 24, "n": 2**14, "r": 8, "p": 1, "nonce": [], "sealed": 3}},
        {"scrypt": {"salt": "A" * 24, "n": 2**14, "r": 8, "p": 1, "nonce": "AAAA", "sealed": "AAAA"}},
        {"device": []},
        {"device": {"nonce": 1, "sealed": 2}},
    ],
)
def test_any_damaged_header_is_one_clear_error(tmp_path: Path, header: dict[str, object]) -> None:
    store = Keystore(tmp_path)
    store.put("a/b/c", KEY)
    (tmp_path / MASTER).write_text(json.dumps(header))
    again = Keystore(tmp_path)
    with pytest.raises(Unavailable) as damaged:
        if "scrypt" in header:
            again.unlock("correct horse")
        else:
            again.get("a/b/c")
    assert damaged.value.code == "keystore_damaged"


def test_a_passphrase_is_the_same_however_it_is_composed(tmp_path: Path) -> None:
    Keystore(tmp_path).set_passphrase("caf\u00e9 de la gare")
    Keystore(tmp_path).unlock("cafe\u0301 de la gare")
    with pytest.raises(PermissionDenied):
        Keystore(tmp_path).unlock("\udcff not text")


def test_a_full_disk_leaves_the_keystore_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Keystore(tmp_path)
    store.put("a/b/c", KEY)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("network.vault.os.fsync", full)
    for change in (lambda: store.put("a/b/c", b"new"), lambda: store.set_passphrase("correct horse")):
        with pytest.raises(OSError, match="No space"):
            change()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_no_nonce_is_used_twice(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    nonces = set()
    for number in range(300):
        store.put("a/b/c", str(number).encode())
        nonces.add(json.loads(store._file("a/b/c").read_bytes())["nonce"])
    assert len(nonces) == 300


def test_a_lost_device_key_is_said(tmp_path: Path) -> None:
    Keystore(tmp_path).put("a/b/c", KEY)
    (tmp_path / DEVICE).unlink()
    with pytest.raises(Unavailable) as lost:
        Keystore(tmp_path).get("a/b/c")
    assert lost.value.code == "device_key_missing"


def test_absent_keys_and_bad_names(tmp_path: Path) -> None:
    store = Keystore(tmp_path)
    with pytest.raises(NotFound):
        store.get("a/b/c")
    store.remove("a/b/c")
    for name in ("", "../x", "a/../b", "/etc/passwd", "a\0b", "a//b", "x" * 300):
        with pytest.raises(UserError):
            store.put(name, KEY)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abc张三 .@-_", min_size=1, max_size=60), st.binary(max_size=2000))
def test_any_name_and_content_round_trip(tmp_path: Path, name: str, content: bytes) -> None:
    store = Keystore(tmp_path)
    if ".." in name:
        return
    store.put(f"n/{name}", content)
    assert store.get(f"n/{name}") == content
    assert f"n/{name}" in store.names()
