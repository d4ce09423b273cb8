"""A locked keystore signs nothing, wherever the person's identity is open; services with own keys go on.

Before, gateways that were open went on signing after the idle lock, in the console and in every other program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from baas.errors import CityChainError, Unavailable
from baas.keystore import Keystore
from baas.platform import Platform
from network.handle import NetworkHandle
from tests.conftest import City, close_city, make_city

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A network whose keystore has a passphrase; nobody else's."""
    made = make_city(tmp_path_factory.mktemp("locks") / "workspace")
    made.platform.keystore.set_passphrase(PASSPHRASE)
    yield made
    made.platform.keystore.unlock(PASSPHRASE)
    made.platform.keystore.set_passphrase(None)
    close_city(made)


@pytest.fixture(autouse=True)
def unlocked(own):
    own.platform.keystore.unlock(PASSPHRASE)
    own.platform.keystore.idle_seconds = 900.0


def height(own, label="DataBureauMSP/admin"):
    network = own.platform.networks.connect(own.network, label)
    return network.get_contract("qscc").evaluate("GetChainInfo", network.name)


def test_an_open_gateway_signs_no_more_once_it_is_locked(own):
    network = own.platform.networks.connect(own.network, "DataBureauMSP/admin")
    contract = network.get_contract("qscc")
    assert contract.evaluate("GetChainInfo", network.name)
    own.platform.keystore.lock()
    with pytest.raises(Unavailable) as refusal:
        contract.evaluate("GetChainInfo", network.name)
    assert refusal.value.code == "keystore_locked"
    own.platform.keystore.unlock(PASSPHRASE)
    assert contract.evaluate("GetChainInfo", network.name)  # the same gateway goes on


def test_the_idle_lock_ends_signatures(own, monkeypatch):
    assert height(own)
    own.platform.keystore.idle_seconds = 30.0
    here = time.monotonic()
    monkeypatch.setattr("baas.keystore._elapsed", lambda: here + 10_000)
    with pytest.raises(CityChainError):
        height(own)
    own.platform.keystore.unlock(PASSPHRASE)
    assert height(own)
    # Somebody who presses keys is there; followers that sign in the background are not somebody.
    monkeypatch.setattr("baas.keystore._elapsed", lambda: here + 10_025)
    own.platform.keystore.touch()
    monkeypatch.setattr("baas.keystore._elapsed", lambda: here + 10_050)
    assert height(own)
    monkeypatch.setattr("baas.keystore._elapsed", lambda: here + 10_060)
    with pytest.raises(CityChainError):
        height(own)


def test_locking_in_one_program_ends_the_others(own):
    """Another program of the same workspace: its signer asks before each signature, so within the next one."""
    folder = own.platform.workspace.folder
    with Platform.open(folder, read_only=True) as other:
        other.keystore.unlock(PASSPHRASE)
        handle: NetworkHandle = other.networks.handle(own.network)
        signer = handle.identity("DataBureauMSP/admin")
        assert signer.sign(b"message")
        own.platform.keystore.lock()
        with pytest.raises(Unavailable):
            signer.sign(b"message")
        assert other.keystore.locked
        # Who unlocks there again goes on there alone.
        other.keystore.unlock(PASSPHRASE)
        assert signer.sign(b"message") and own.platform.keystore.locked


def test_the_end_of_a_program_locks_nobody_else(own):
    with Platform.open(own.platform.workspace.folder, read_only=True) as other:
        other.keystore.unlock(PASSPHRASE)
    assert height(own)


def test_a_service_with_its_own_key_goes_on(own):
    keystore = own.platform.keystore
    name = f"{own.network}/DataBureauMSP/admin"
    keystore.lend(name, keystore.get(name))
    try:
        signer = own.platform.networks.handle(own.network).identity("DataBureauMSP/admin")
        keystore.lock()
        assert signer.sign(b"message")
    finally:
        keystore._lent.clear()
    with pytest.raises(Unavailable):
        signer.sign(b"message")


def test_a_command_counts_its_signatures_as_use(tmp_path: Path, monkeypatch):
    keystore = Keystore(tmp_path, idle_seconds=30.0)
    keystore.put("a", b"pem")
    keystore.set_passphrase(PASSPHRASE)
    keystore.signing_is_use = True
    here = time.monotonic()
    for second in range(0, 300, 20):
        monkeypatch.setattr("baas.keystore._elapsed", lambda at=here + second: at)
        keystore.allow_signing("a")
    monkeypatch.setattr("baas.keystore._elapsed", lambda: here + 400)
    with pytest.raises(Unavailable):
        keystore.allow_signing("a")
