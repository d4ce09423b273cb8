"""CIDs and archives equal Kubo's. The values were made with Kubo 0.42.0:

ipfs add -Q --only-hash --cid-version=1 --raw-leaves --chunker=size-N --max-file-links=W file
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from baas.bench.generated import Generated
from baas.content import CLASSIC, PROFILE_2025, Chunking, LocalStore, unixfs
from baas.content.cid import parse, spelled
from baas.content.store import ContentError, no_progress

MIB = 1 << 20
VECTORS = [
    (0, CLASSIC, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
    (0, PROFILE_2025, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
    (1024, CLASSIC, "bafkreibuta6t2m4meoocsiaw4pjbye6u57i22ngbpqy4ab6or5hrqfprhy"),
    (1024, PROFILE_2025, "bafkreibuta6t2m4meoocsiaw4pjbye6u57i22ngbpqy4ab6or5hrqfprhy"),
    (262145, CLASSIC, "bafybeicwn434mzi2o3rv37sx73tresyndk3va6bscmge5gyi7vhm4bfmle"),
    (262145, PROFILE_2025, "bafkreiczhjdod3k6gtkuzptegcoysbk7hgquiuqvtpganj3jw6puxmppvi"),
    (10 * MIB, CLASSIC, "bafybeih6jstsiyzv3qasz4k74boyv5i7t6ahtvcjhpgid55s6bpp5q7uum"),
    (10 * MIB, PROFILE_2025, "bafybeiehcn3obh55koo6c74mp2676ht3gbwq26rlvg6gmm3dvtj2fvnqou"),
    (100 * MIB, CLASSIC, "bafybeiaisrbb54pq6qxsielxsn3zvan4rgoiedm4yeksbvv3u2l33gcbbq"),
    (100 * MIB, PROFILE_2025, "bafybeidsrzxt5xfu3sc5n32qxv6l7pvyfywqwlit5vurhncz67sw7s2cmy"),
]
LARGE = [
    (500 * MIB, CLASSIC, "bafybeie6zoewa7eyp3kz3sv6c3z2a3fzrtjwhhnnzlecczrwv6wxwiciia"),
    (500 * MIB, PROFILE_2025, "bafybeiemnez3q3xipws7hqmewfd4x36ww5qwbwarzna7e4cmsppexmyd5m"),
]


@pytest.mark.parametrize(("size", "chunking", "expected"), VECTORS)
def test_cid_equals_kubos(size: int, chunking: Chunking, expected: str) -> None:
    assert unixfs.cid_of(Generated(size), chunking, no_progress).text == expected


@pytest.mark.slow
@pytest.mark.parametrize(("size", "chunking", "expected"), LARGE)
def test_cid_of_half_a_gigabyte_equals_kubos(size: int, chunking: Chunking, expected: str) -> None:
    assert unixfs.cid_of(Generated(size), chunking, no_progress).text == expected


def test_stored_cid_is_the_hashed_one(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.add(Generated(10 * MIB)) == VECTORS[6][2]
    store.close()


# sha256 of `ipfs dag export CID` with Kubo 0.42.0
CAR_SHA256 = {
    262145: "1613a8d83ffbec53b25fcd5b17ffb3820b3ae2433622fea7c8b703d7b447af05",
    10 * MIB: "0d77d2f99dbeb66131365662f160b23bf0d1cd68bfe8e6658accf7aaa4ebbc91",
}


@pytest.mark.parametrize("size", CAR_SHA256)
def test_archive_is_byte_for_byte_kubos(tmp_path: Path, size: int) -> None:
    store = LocalStore(tmp_path)
    archive = io.BytesIO()
    store.export_car(store.add(Generated(size)), archive)
    assert hashlib.sha256(archive.getvalue()).hexdigest() == CAR_SHA256[size]
    store.close()


SPELLED = "bafkreievfeavfgs434z4huy4yucyqcpi4mccc2ramvs6zkgeeyp6ukx5ri"


@pytest.mark.parametrize(
    "text",
    [
        SPELLED,
        f"/ipfs/{SPELLED}",
        f"ipfs://{SPELLED}",
        f"ipfs://{SPELLED}/",
        f"https://gateway.example/ipfs/{SPELLED}",
        f"  {SPELLED}\n",
        SPELLED.upper(),
        f"/IPFS/{SPELLED.upper()}",
        "f" + parse(SPELLED).binary.hex(),
        "F" + parse(SPELLED).binary.hex().upper(),
    ],
)
def test_people_spell_a_cid_in_many_ways(text: str) -> None:
    assert spelled(text) == SPELLED


def test_base58_is_read_and_other_things_are_no_cid() -> None:
    number, out = int.from_bytes(parse(SPELLED).binary, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + out
    assert spelled(f"z{out}") == SPELLED
    first = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG"
    assert spelled(f"/ipfs/{first}") == first
    for wrong in ("", "ipfs://", "/ipfs/", f"{SPELLED}/inner", "f0", "fzz", "z0", "B", "b" * 400, SPELLED[:-1]):
        with pytest.raises(ContentError):
            spelled(wrong)
    with pytest.raises(ContentError):
        parse(SPELLED.upper())  # what programs say has one spelling


def test_a_carv2_is_read_as_the_carv1_inside(tmp_path: Path) -> None:
    """The pragma, a header of 40 bytes, padding, the archive, an index that is passed over."""
    store = LocalStore(tmp_path / "one")
    cid = store.add(io.BytesIO(b"x" * 300_000))
    plain = io.BytesIO()
    store.export_car(cid, plain)
    body = plain.getvalue()

    def second(padding: int = 0, size: int = len(body), offset: int | None = None) -> bytes:
        at = 51 + padding if offset is None else offset
        head = bytes(16) + at.to_bytes(8, "little") + size.to_bytes(8, "little") + bytes(8)
        return b"\x0a\xa1\x67version\x02" + head + bytes(padding) + body + b"\x81\x08 an index"

    for number, archive in enumerate((second(), second(padding=77))):
        other = LocalStore(tmp_path / f"other-{number}")
        assert other.import_car(io.BytesIO(archive)) == [cid]
        assert b"".join(other.cat(cid)) == b"x" * 300_000
        other.close()
    other = LocalStore(tmp_path / "bad")
    for archive in (second(size=100), second(offset=3), second(offset=1 << 40), second(size=0), second()[:60]):
        with pytest.raises(ContentError):
            other.import_car(io.BytesIO(archive))
    assert other.pins() == []
    other.close()
    store.close()
