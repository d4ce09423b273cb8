"""Whatever bytes come: one clear refusal, within bounds. `CITYCHAIN_FUZZ=100000` runs as many cases as one likes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.copyright.evidence.check import check_bytes
from apps.copyright.proof import export_evidence
from apps.copyright.service import CopyrightService
from fabric_sdk.proof import wire
from fabric_sdk.proof.blocks import ENDORSER, Block, read_call, writes
from fabric_sdk.proof.bundle import made
from fabric_sdk.proof.cards import read_card
from fabric_sdk.proof.configuration import Chain, Configuration
from fabric_sdk.proof.container import NoPackage, Package
from fabric_sdk.proof.members import read_der, read_pem
from fabric_sdk.proof.timestamps import check_token
from fabric_sdk.proof.views import Question, read_view
from fabric_sdk.proof.wire import METER, Broken, TooMuch
from network.processes import NO_WINDOW
from tests.conftest import City
from tests.proof.conftest import card_of, form
from tests.proof.forging import Parts, pack, unpack
from tests.proof.tokens import made_token

ROOT = Path(__file__).parents[2]

CASES = int(os.environ.get("CITYCHAIN_FUZZ", "1500"))
Target = Callable[[bytes], object]


@pytest.fixture(scope="module")
def genuine(city: City, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "work.txt").write_text("随手一记" * 100, encoding="utf-8")
    with CopyrightService(city.platform, city.network) as service:
        work = service.deposit(folder / "work.txt", form("随手一记")).work
        export_evidence(service, work.id, folder / "evidence.zip")
    return unpack((folder / "evidence.zip").read_bytes())


def targets(parts: Parts, card: bytes) -> dict[str, tuple[bytes, Target]]:
    """A genuine example of everything that is parsed, with what parses it."""
    chain = Chain()
    first = Block(parts["chain/config/0.pb"])
    channel, config = first.configuration()
    chain.add(0, first.hash, channel, config, first.header, first.signatures)
    name, payload = _transaction(parts)
    block = Block(parts[name])
    digest = bytes(32)
    question = Question("copyright", "ListTransactions", "x")
    organization = next(iter(chain.newest.organizations.values()))
    der = organization.roots[0].der

    def container(data: bytes) -> None:
        package = Package(io.BytesIO(data))
        for one in package.parts:
            package.digest(one)

    return {
        "block": (parts[name], lambda data: Block(data).last_config),
        "orderers": (block.signatures, lambda data: chain.newest.check_orderers(block.header, data)),
        "configuration": (config, lambda data: Configuration(data, 0, {})),
        "call": (payload, read_call),
        "writes": (read_call(payload).results, writes),
        "view": (parts["attestations/CopyrightMSP.pb"], lambda data: read_view(data, channel, chain.newest, question)),
        "card": (card, read_card),
        "token": (made_token(digest), lambda data: check_token(data, digest, [])),
        "certificate": (der, read_der),
        "pem": (organization.roots[0].certificate.public_bytes(_pem()), read_pem),
        "json": (parts["manifest.json"], wire.parse_json),
        "container": (pack({"a": b"1", "b": b"2" * 100}), container),
    }


def _transaction(parts: Parts) -> tuple[str, bytes]:
    """A block of the package whose first envelope is a transaction, and that one's payload: others' may be settings."""
    for name in (one for one in parts if one.startswith("chain/blocks/")):
        payload = wire.raw(wire.fields(Block(parts[name]).envelopes[0]), 1)
        channel = wire.fields(wire.raw(wire.fields(wire.raw(wire.fields(payload), 1)), 1))
        if wire.number(channel, 1) == ENDORSER:
            return name, payload
    raise AssertionError("the package has no block with a transaction")


def _pem() -> Any:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.PEM


def mutated(data: bytes, chosen: random.Random) -> bytes:
    """A few changes of the kinds that break parsers: bits, cuts, copies, extreme numbers."""
    out = bytearray(data)
    for _ in range(chosen.randint(1, 4)):
        place = chosen.randrange(len(out) or 1)
        kind = chosen.randrange(6)
        if kind == 0 and out:
            out[place] ^= 1 << chosen.randrange(8)
        elif kind == 1:
            del out[place : place + chosen.randrange(64)]
        elif kind == 2:
            out[place:place] = out[place : place + chosen.randrange(64)]
        elif kind == 3:
            out[place : place + 4] = chosen.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x80\x80\x80\x80", b"\x7f" * 4])
        elif kind == 4:
            out[place:place] = chosen.randbytes(chosen.randrange(16))
        else:
            out = out[: max(1, place)]
    return bytes(out)


def test_nothing_but_a_clear_refusal(genuine: Parts, city: City) -> None:
    chosen = random.Random(int(os.environ.get("CITYCHAIN_FUZZ_SEED", "20261129")))
    found = list(targets(genuine, card_of(city)).items())
    slowest = 0.0
    for number in range(CASES):
        name, (example, parse) = found[number % len(found)]
        data = mutated(example, chosen)
        METER.begin()
        began = time.process_time()
        try:
            parse(data)
        except (Broken, TooMuch, NoPackage):
            pass
        except Exception as error:
            pytest.fail(f"{name}: {error!r} for {data[:200].hex()}")
        slowest = max(slowest, time.process_time() - began)
    assert slowest < 2


def test_whole_packages_are_checked_within_bounds(genuine: Parts, city: City) -> None:
    chosen = random.Random(7)
    card = read_card(card_of(city))
    names = [name for name in genuine if name.startswith(("chain/", "attestations/"))]
    for _ in range(max(10, CASES // 100)):
        name = chosen.choice(names)
        began = time.process_time()
        report = check_bytes(pack({**genuine, name: mutated(genuine[name], chosen)}), card)
        assert time.process_time() - began < 2
        assert report.verdict in ("agrees", "consistent", "invalid", "unreadable")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_as_nothing_or_refused(data: bytes) -> None:
    METER.begin()
    for parse in (wire.fields, wire.elements, wire.parse_json, read_card, read_der, Block):
        try:
            parse(data)
        except (Broken, TooMuch):
            continue


@given(st.lists(st.tuples(st.integers(1, 30), st.one_of(st.integers(0, 1 << 52), st.binary(max_size=20))), max_size=8))
def test_what_protobuf_writes_is_read_back(entries: list[tuple[int, int | bytes]]) -> None:
    from fabric_sdk.proof.content import put_varint

    METER.begin()
    out = b""
    for number, value in entries:
        if isinstance(value, int):
            out += put_varint(number << 3) + put_varint(value)
        else:
            out += put_varint(number << 3 | 2) + put_varint(len(value)) + value
    expected: dict[int, list[int | bytes]] = {}
    for number, value in entries:
        expected.setdefault(number, []).append(value)
    assert wire.fields(out) == expected


def test_every_installation_of_a_version_makes_the_same_verifiers(tmp_path: Path) -> None:
    """Of a copy of the sources elsewhere, with other ends of lines, by another process with other hashes."""
    for part in ("fabric_sdk", "apps", "chaincode"):
        for source in (ROOT / part).rglob("*"):
            if source.suffix in (".py", ".js", ".json") or source.name == "frame.html":
                copy = tmp_path / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    packages = ("apps.copyright.evidence", "apps.catalogue.evidence", "apps.health_slots.recount")
    code = (
        "from fabric_sdk.proof import bundle; import hashlib, json, sys; print(bundle.__file__); print(json.dumps({"
        "one: {n: hashlib.sha256(d).hexdigest() for n, d in bundle.made(one).items()} for one in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *packages], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONHASHSEED": "7"}, creationflags=NO_WINDOW,
    )  # fmt: skip
    where, made_there = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path)
    here = {one: {name: hashlib.sha256(data).hexdigest() for name, data in made(one).items()} for one in packages}
    assert json.loads(made_there) == here


def test_two_modules_with_one_name_cannot_be_bundled() -> None:
    from fabric_sdk.proof.bundle import _refuse_doubles

    with pytest.raises(ValueError, match="two bundled modules define x"):
        _refuse_doubles("x = 1\n\n\ndef x(): ...\n")


def test_it_compiles_for_python_3_9() -> None:
    import ast

    tree = ast.parse(made("apps.copyright.evidence")["verify.py"], feature_version=(3, 9))
    names = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names - set(sys.stdlib_module_names) == {"cryptography"}
