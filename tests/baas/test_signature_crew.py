"""Signatures checked by other processes, and those known from before: whatever is done to either, no lie passes."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, Envelope, Metadata

from baas.keystore import Keystore
from baas.services import signature_crew
from baas.services.signature_crew import KEY, SignatureCrew, Verdicts
from fabric_sdk.blocks import verify_chain
from fabric_sdk.blocks.postponed import entry_of, rules_of, verify_postponed
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import BlockError
from tests.sdk.test_blocks import CHAINS, read_chain

SECRET = b"k" * 32


@pytest.fixture(scope="module", params=CHAINS[1:])
def chain(request: pytest.FixtureRequest) -> list[bytes]:
    return read_chain(request.param)


@pytest.fixture(scope="module")
def crew() -> Iterator[SignatureCrew]:
    with SignatureCrew(1) as made:
        yield made


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give even a few signatures to another process."""
    monkeypatch.setattr(signature_crew, "_FEW", 0)


def unsigned(raw: bytes, where: str) -> bytes:
    """The block with one signature that does not fit: an orderer's, or a creator's (its hashes made to fit again)."""
    block = Block.FromString(raw)
    signed = Metadata.FromString(block.metadata.metadata[0])
    if where == "orderer":
        for one in signed.signatures:
            one.signature = one.signature[:-1] + bytes([one.signature[-1] ^ 1])
        block.metadata.metadata[0] = signed.SerializeToString()
    else:
        envelope = Envelope.FromString(block.data.data[0])
        envelope.signature = envelope.signature[:-1] + bytes([envelope.signature[-1] ^ 1])
        block.data.data[0] = envelope.SerializeToString()
    return block.SerializeToString()


@pytest.mark.usefixtures("apart")
def test_a_chain_has_the_same_report_whoever_checks_its_signatures(chain: list[bytes], tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path / "v", SECRET)
    with SignatureCrew(2) as crew:
        assert verify_postponed(chain, crew, verdicts) == verify_chain(chain)
        verdicts.keep()
        again = Verdicts(tmp_path / "v", SECRET)
        assert verify_postponed(chain, crew, again) == verify_chain(chain)
    assert again.counted == len(chain) - 1 and verdicts.counted == 0


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("where", ["orderer", "creator"])
def test_a_signature_that_does_not_fit_is_named_as_ever(
    chain: list[bytes], crew: SignatureCrew, tmp_path: Path, where: str
) -> None:
    bad = [*chain[:6], unsigned(chain[6], where), *chain[7:]]
    with pytest.raises(BlockError) as plain:
        verify_chain(bad)
    with pytest.raises(BlockError) as told:
        verify_postponed(bad, crew, Verdicts(tmp_path / "v", SECRET))
    assert (str(told.value), told.value.block_number) == (str(plain.value), 6)


@pytest.mark.usefixtures("apart")
def test_the_first_block_that_does_not_hold_is_named_though_a_later_one_is_seen_sooner(
    chain: list[bytes], crew: SignatureCrew
) -> None:
    bad = [*chain[:4], unsigned(chain[4], "orderer"), *chain[5:9], chain[8]]
    with pytest.raises(BlockError) as told:
        verify_postponed(bad, crew, Verdicts(None, SECRET))
    assert told.value.block_number == 4


def test_no_edit_of_the_notes_makes_a_bad_block_pass(chain: list[bytes], crew: SignatureCrew, tmp_path: Path) -> None:
    """Whoever changes the ledger changes the notes, too; without the key that only costs time."""
    path = tmp_path / "v"
    good = Verdicts(path, SECRET)
    verify_postponed(chain, crew, good)
    good.keep()
    bad_block = unsigned(chain[6], "orderer")
    bad = [*chain[:6], bad_block, *chain[7:]]
    rules = rules_of(ChannelAuthority.from_block(chain[0]))
    entry = entry_of(bad_block, rules)
    other = Verdicts(tmp_path / "w", b"another key".ljust(32))
    other.add(entry)
    other.keep()
    noted = path.read_bytes()
    chance = random.Random(7)
    forged = [
        noted + entry,
        entry * 20,
        (tmp_path / "w").read_bytes() + noted,
        noted[5:] + entry,
        b"\0" * 320,
        bytes(chance.randbytes(3200)) + noted,
        noted[::-1],
    ]
    for content in forged:
        path.write_bytes(content)
        with pytest.raises(BlockError, match="block 6"):
            verify_postponed(bad, crew, Verdicts(path, SECRET))
    path.write_bytes(noted)
    for wrong in (bad, [*chain[:5], *chain[6:]], [*chain, chain[-1]]):  # changed, left out, repeated
        with pytest.raises(BlockError):
            verify_postponed(wrong, crew, Verdicts(path, SECRET))


def test_what_was_judged_by_another_configuration_counts_for_nothing(chain: list[bytes], tmp_path: Path) -> None:
    """The block is good under its own channel's rules; under an invented genesis it has to be judged anew."""
    first = ChannelAuthority.from_block(chain[0])
    config = type(first.config)()
    config.CopyFrom(first.config)
    config.sequence += 1
    assert entry_of(chain[5], rules_of(first)) != entry_of(chain[5], rules_of(ChannelAuthority.from_config(config)))


def test_a_verification_that_was_stopped_goes_on_where_it_was(chain: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "v"

    def until(stop: int) -> Iterator[bytes]:
        for number, raw in enumerate(chain):
            if number == stop:
                raise KeyboardInterrupt
            yield raw

    first = Verdicts(path, SECRET)
    with pytest.raises(KeyboardInterrupt), SignatureCrew(1) as crew:
        try:
            verify_postponed(until(10), _Prompt(crew), first)
        finally:
            first.keep()
    with path.open("ab") as file:
        file.write(b"cut off")  # an interrupted writer
    second = Verdicts(path, SECRET)
    with SignatureCrew(1) as crew:
        verify_postponed(chain, crew, second)
    second.keep()
    assert 0 < second.counted < 10
    third = Verdicts(path, SECRET)
    with SignatureCrew(1) as crew:
        verify_postponed(chain, crew, third)
    assert third.counted == len(chain) - 1


class _Prompt:
    """A crew whose verdicts are there at once, so that they are noted before the next block is read."""

    def __init__(self, crew: SignatureCrew) -> None:
        self._crew = crew

    def submit(self, claims: list[tuple[bytes, bytes, bytes]]) -> object:
        outcome = self._crew.submit(claims)
        outcome.result()
        return outcome


@pytest.mark.usefixtures("apart")
def test_a_process_that_dies_is_done_without(
    chain: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = []
    start = signature_crew._start

    def dying() -> object:
        process = start()
        started.append(process)
        if len(started) == 1:
            process.kill()
            process.wait()
        return process

    monkeypatch.setattr(signature_crew, "_start", dying)
    with SignatureCrew(1) as crew:
        assert verify_postponed(chain, crew, Verdicts(None, SECRET)) == verify_chain(chain)
    assert len(started) == 2 and all(p.poll() is not None for p in started)
    monkeypatch.setattr(signature_crew, "_start", lambda: (_ for _ in ()).throw(OSError("no more processes")))
    with SignatureCrew(1) as crew, pytest.raises(BlockError, match="block 6"):
        verify_postponed([*chain[:6], unsigned(chain[6], "orderer")], crew, Verdicts(None, SECRET))


def test_the_key_is_the_keystores_and_a_locked_one_keeps_nothing(tmp_path: Path) -> None:
    keystore = Keystore(tmp_path / "keystore")
    path = tmp_path / "index" / "n.c.signatures"
    one = Verdicts.of(keystore, path)
    one.add(b"entry")
    one.keep()
    assert path.stat().st_size == 32 and b"entry" in Verdicts.of(keystore, path)
    assert b"entry" not in Verdicts(path, os.urandom(32))
    assert keystore.get(KEY) not in path.read_bytes()
    keystore.set_passphrase("a long passphrase 1")
    keystore.lock()
    locked = Verdicts.of(keystore, path)
    locked.add(b"other")
    locked.keep()
    assert b"entry" not in locked and path.stat().st_size == 32


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
@pytest.mark.parametrize("what", ["pipe", "link", "dangling", "second name", "folder"])
def test_what_is_no_file_of_notes_is_neither_read_nor_written(tmp_path: Path, what: str) -> None:
    path, other = tmp_path / "n.c.signatures", tmp_path / "other"
    good = Verdicts(other, SECRET)
    good.add(b"entry")
    good.keep()
    before = other.read_bytes()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "second name":
        path.hardlink_to(other)
    else:
        path.symlink_to(other if what == "link" else tmp_path / "nowhere")
    # A pipe holds whoever opens it; a thread of its own may be left behind, the test may not.
    seen: list[Verdicts] = []

    def verify() -> None:
        found = Verdicts(path, SECRET)
        found.add(b"new")
        found.keep()
        seen.append(found)

    thread = threading.Thread(target=verify, daemon=True)
    thread.start()
    thread.join(10)
    assert seen, "held by a pipe"
    assert other.read_bytes() == before and not (tmp_path / "nowhere").exists()
    assert seen[0].strange and b"entry" not in seen[0]
