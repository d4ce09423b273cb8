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
from baas.content.store import no_progress

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
