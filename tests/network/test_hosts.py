"""Shares of a network: what is in them, what is not, and what is done with damaged ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.drivers.base import Silent
from network.errors import CityChainError, Conflict, NotFound, UserError
from network.groundwork import apply_groundwork, groundwork_steps
from network.handle import NetworkHandle
from network.hosts import MAGIC, export_share, hosts, import_share, is_share, local_part, set_local_host
from network.plan import NetworkState
from network.topology import TopologySpec, template
from network.vault import MemoryVault

PASSPHRASE = "a good passphrase"
FAR = "203.0.113.7"


def spec() -> TopologySpec:
    city = template("city", runtime="native")
    hospital = city.organizations[3]
    far = replace(hospital, peers=tuple(replace(p, host=FAR) for p in hospital.peers))
    return city.with_(organizations=(*city.organizations[:3], far, *city.organizations[4:]))


@pytest.fixture
def handle(tmp_path: Path) -> NetworkHandle:
    vault, wanted = MemoryVault(), spec()
    directory = tmp_path / "here" / "city"
    for step in groundwork_steps(directory, wanted, vault):
        apply_groundwork(directory, wanted, vault, step, Silent())
    NetworkState(phase="ready", wanted=wanted, reached=wanted).save(directory)
    return NetworkHandle(directory, vault)


@pytest.fixture
def share(handle: NetworkHandle, tmp_path: Path) -> Path:
    target = tmp_path / "hospital.share"
    assert export_share(handle, FAR, target, PASSPHRASE) == ("peer0.hospital.city.internal",)
    return target


def test_only_local_nodes_are_ours(tmp_path: Path) -> None:
    assert hosts(spec()) == (FAR,)
    assert FAR not in {n.host for n in local_part(tmp_path, spec()).nodes()}
    set_local_host(tmp_path, FAR)
    assert FAR in {n.host for n in local_part(tmp_path, spec()).nodes()}
    assert local_part(tmp_path, template("city")) == template("city")


def test_a_share_carries_its_nodes_and_no_other_secret(handle: NetworkHandle, share: Path, tmp_path: Path) -> None:
    vault = MemoryVault()
    directory = import_share(share, PASSPHRASE, tmp_path / "there", vault)
    assert is_share(directory)
    assert list(vault.names()) == ["city/HospitalMSP/admin"]
    secrets = [p for p in directory.rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert {p.relative_to(directory).parts[1] for p in secrets} == {"hospital"}
    assert {oct(p.stat().st_mode & 0o777) for p in secrets} == {"0o600"}
    there = NetworkHandle(directory, vault)
    assert there.spec == handle.spec
    assert there.admin("HospitalMSP").msp_id == "HospitalMSP"
    assert there.endpoint("DataBureauMSP").tls_root_pem == handle.endpoint("DataBureauMSP").tls_root_pem
    with pytest.raises(Conflict):
        import_share(share, PASSPHRASE, tmp_path / "there", vault)


def test_the_file_tells_nothing_without_the_passphrase(share: Path, tmp_path: Path) -> None:
    assert b"PRIVATE" not in share.read_bytes()
    assert b"hospital" not in share.read_bytes()
    with pytest.raises(UserError) as error:
        import_share(share, "another passphrase", tmp_path / "there", MemoryVault())
    assert error.value.code == "share_locked"
    assert not (tmp_path / "there").exists()


def test_wrong_requests(handle: NetworkHandle, tmp_path: Path) -> None:
    for host in ("", "nowhere"):
        with pytest.raises(NotFound):
            export_share(handle, host, tmp_path / "x", PASSPHRASE)
    with pytest.raises(UserError):
        export_share(handle, FAR, tmp_path / "x", "short")
    with pytest.raises(NotFound):
        import_share(tmp_path / "absent", PASSPHRASE, tmp_path, MemoryVault())
    assert not (tmp_path / "x").exists()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(share: Path, tmp_path: Path, position: int, bit: int) -> None:
    raw = bytearray(share.read_bytes())
    raw[position % len(raw)] ^= 1 << bit
    damaged = tmp_path / "damaged.share"
    damaged.write_bytes(raw)
    with pytest.raises(UserError):
        import_share(damaged, PASSPHRASE, tmp_path / "there", MemoryVault())
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("raw", [b"", b"x", MAGIC, MAGIC + b"0" * 43, MAGIC + b"0" * 100])
def test_other_files_are_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.share"
    path.write_bytes(raw)
    with pytest.raises(CityChainError):
        import_share(path, PASSPHRASE, tmp_path / "there", MemoryVault())
