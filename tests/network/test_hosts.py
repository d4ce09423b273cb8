"""Shares of a network: what is in them, what is not, and what is done with damaged ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.drivers.base import Silent
from network.errors import CityChainError, Conflict, NotFound, UserError
from network.founding import keep_definition, write_definition
from network.groundwork import apply_groundwork, groundwork_steps, share_steps
from network.handle import NetworkHandle
from network.hosts import MAGIC, export_share, hosts, import_share, is_share, local_part, set_local_host
from network.material import OrganizationCA
from network.plan import NetworkState
from network.tokens.address import TokenAddress
from network.tokens.reference import KeyReference
from network.topology import TopologySpec, template
from network.vault import MemoryVault, vault_name

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
    # What has no host runs where the network is planned, not on every machine with a share.
    assert [n.name for n in local_part(directory, there.spec).nodes()] == ["peer0.hospital.city.internal"]
    assert there.endpoint("DataBureauMSP").tls_root_pem == handle.endpoint("DataBureauMSP").tls_root_pem
    with pytest.raises(Conflict):
        import_share(share, PASSPHRASE, tmp_path / "there", vault)


def test_a_token_of_another_machine_is_neither_sent_nor_taken(
    handle: NetworkHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference names a library: taken from somebody's file, it would be loaded here."""
    msp_id = handle.spec.organizations[3].msp_id
    name = vault_name("city", msp_id, "admin")
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    address = TokenAddress.parse("pkcs11:token=a;id=%01?module-path=/tmp/theirs.so")
    handle.vault.put(name, KeyReference(address, public).to_pem())
    with pytest.raises(UserError) as sent:
        export_share(handle, FAR, tmp_path / "hospital.share", PASSPHRASE)
    assert sent.value.code == "key_in_token"
    monkeypatch.setattr("network.hosts.require_here", lambda pem, _what: pem)
    export_share(handle, FAR, tmp_path / "hospital.share", PASSPHRASE)
    vault = MemoryVault()
    with pytest.raises(CityChainError):
        import_share(tmp_path / "hospital.share", PASSPHRASE, tmp_path / "there", vault)
    assert not vault.names() and not (tmp_path / "there" / "city").exists()


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


# -- an organisation with an authority of its own ------------------------------------------------------
@pytest.fixture
def founded(tmp_path: Path) -> tuple[OrganizationCA, MemoryVault]:
    """The hospital's own desk: its authority in its own workspace."""
    hospital = replace(template("city").organizations[3], peers=())
    vault = MemoryVault()
    ca = OrganizationCA(tmp_path / "founded", "founded", hospital, vault)
    ca.create()
    return ca, vault


@pytest.fixture
def keyless(founded: tuple[OrganizationCA, MemoryVault], tmp_path: Path) -> Path:
    """The share for the hospital's machine, made by a host that never had a key of the hospital's."""
    vault, wanted, directory = MemoryVault(), spec(), tmp_path / "planner" / "city"
    definition = write_definition(founded[0], tmp_path / "hospital.json")
    keep_definition(directory, definition, (tmp_path / "hospital.json").read_bytes())
    for step in groundwork_steps(directory, wanted, vault):
        apply_groundwork(directory, wanted, vault, step, Silent())
    assert groundwork_steps(directory, wanted, vault) == []
    assert not [name for name in vault.names() if "HospitalMSP" in name]
    NetworkState(phase="ready", wanted=wanted, reached=wanted).save(directory)
    target = tmp_path / "keyless.share"
    export_share(NetworkHandle(directory, vault), FAR, target, PASSPHRASE)
    return target


def test_a_share_for_an_own_authority_holds_no_key_and_gets_its_certificates_there(
    founded: tuple[OrganizationCA, MemoryVault], keyless: Path, tmp_path: Path
) -> None:
    ca, keys = founded
    vault = MemoryVault()
    root = {"HospitalMSP": ca.ca_certificate_pem}
    directory = import_share(keyless, PASSPHRASE, tmp_path / "there", vault, root)
    assert list(vault.names()) == []
    assert not [p for p in directory.rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert share_steps(directory, spec(), vault) == []  # without the authority nothing can be issued
    for what in ("ca", "tlsca", "admin"):
        vault.put(f"city/HospitalMSP/{what}", keys.get(f"founded/HospitalMSP/{what}"))
    (step,) = share_steps(directory, spec(), vault)
    assert step.target == "hospital"
    apply_groundwork(directory, spec(), vault, step, Silent())
    assert share_steps(directory, spec(), vault) == []
    secrets = {p.relative_to(directory).parts[1] for p in directory.rglob("*") if p.is_file() and p.suffix == ".key"}
    assert secrets == {"hospital"}


def test_elsewhere_the_share_is_refused_and_leaves_nothing(keyless: Path, tmp_path: Path) -> None:
    """By a desk that founded nothing, and by one whose organisation bears the same name."""
    impostor = OrganizationCA(tmp_path / "i", "i", template("city").organizations[3], MemoryVault())
    impostor.create()
    for roots in (None, {}, {"HospitalMSP": impostor.ca_certificate_pem}, {"WritersMSP": b""}):
        with pytest.raises(UserError) as error:
            import_share(keyless, PASSPHRASE, tmp_path / "elsewhere", MemoryVault(), roots)
        assert error.value.code == "authority_elsewhere"
    assert not (tmp_path / "elsewhere").exists()
