"""Chaincode packages: deterministic, in Fabric's form, and nothing else is read."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabric_sdk.chaincode.package import ClientTls, PackageError, build_package, package_id, read_package

INDEX = {"META-INF/statedb/couchdb/indexes/owner.json": b'{"index":{"fields":["owner"]},"type":"json"}'}


def test_a_package_has_fabrics_form() -> None:
    package = build_package("assets_1.0", "host:9999{{.peername}}", files=INDEX)
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as outer:
        assert json.load(outer.extractfile("metadata.json")) == {"type": "ccaas", "label": "assets_1.0"}
        code = outer.extractfile("code.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(code), mode="r:gz") as inner:
        assert inner.getnames() == sorted(["connection.json", *INDEX])
        assert json.load(inner.extractfile("connection.json")) == {
            "address": "host:9999{{.peername}}",
            "dial_timeout": "10s",
            "tls_required": False,
        }


def test_equal_input_gives_equal_bytes() -> None:
    package = build_package("assets_1.0", "127.0.0.1:9999")
    assert package == build_package("assets_1.0", "127.0.0.1:9999")
    # fixed, so that a change of the form (which gives every chaincode a new id) is noticed
    assert package_id(package) == "assets_1.0:c95ac250d31191b3521b3cdf6a2483d952baec988a32e833b4def7276e71263e"
    assert package_id(package) != package_id(build_package("assets_1.0", "127.0.0.1:9998"))


def test_tls_material_goes_into_the_connection() -> None:
    read = read_package(build_package("a_1", "h:1", tls=ClientTls("ROOT", "CERT", "KEY")))
    assert (read.label, read.type, read.address) == ("a_1", "ccaas", "h:1")
    assert read.connection["client_auth_required"] is True
    assert (read.connection["root_cert"], read.connection["client_cert"]) == ("ROOT", "CERT")
    assert "KEY" not in repr(ClientTls("ROOT", "CERT", "KEY")) + repr(read)
    with pytest.raises(PackageError):
        build_package("a_1", "h:1", tls=ClientTls("ROOT", "CERT"))


@pytest.mark.parametrize(
    ("label", "address", "more"),
    [
        ("", "h:1", {}),
        ("bad label", "h:1", {}),
        ("../up", "h:1", {}),
        ("a", "", {}),
        ("a", "h: 1", {}),
        ("a", "h:1", {"dial_timeout": "soon"}),
        ("a", "h:1", {"files": {"main.py": b"{}"}}),
        ("a", "h:1", {"files": {"META-INF/statedb/couchdb/indexes/x.json": b"{"}}),
        ("a", "h:1", {"files": {"META-INF/statedb/couchdb/indexes/../../x.json": b"{}"}}),
    ],
)
def test_what_fabric_would_refuse_is_refused_here(label: str, address: str, more: dict[str, object]) -> None:
    with pytest.raises(PackageError):
        build_package(label, address, **more)


def _archive(files: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(data), kind
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


META = b'{"type":"ccaas","label":"a"}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not gzip",
        gzip.compress(b"not tar", mtime=0),
        gzip.compress(b"\0" * (17 * 1024 * 1024)),
        _archive({"metadata.json": META}),
        _archive({"metadata.json": b"[]", "code.tar.gz": _archive({})}),
        _archive({"metadata.json": META, "code.tar.gz": b"no"}),
        _archive({"metadata.json": META, "code.tar.gz": _archive({})}),
        _archive({"metadata.json": META, "code.tar.gz": _archive({"../connection.json": b"{}"})}),
        _archive({"metadata.json": META, "code.tar.gz": _archive({"connection.json": b"{}"})}),
        _archive({"metadata.json": META, "code.tar.gz": _archive({"connection.json": b""}, tarfile.SYMTYPE)}),
        _archive({"metadata.json": META, "code.tar.gz": _archive({}), "extra": b""}),
    ],
)
def test_broken_packages_are_refused(data: bytes) -> None:
    with pytest.raises(PackageError):
        read_package(data)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_damaged_packages_never_do_worse_than_refuse(noise: bytes, at: int) -> None:
    package = build_package("a_1", "h:1")
    with contextlib.suppress(PackageError):
        read_package(package[:at] + noise + package[at + len(noise) :])
