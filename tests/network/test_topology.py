"""Topology files: what is accepted round-trips, what is broken gives one sentence naming its place."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from network.errors import CityChainError, NotFound, UserError
from network.topology import TEMPLATE_NAMES, load_spec, spec_to_mapping, template, templates


def single() -> dict[str, Any]:
    return spec_to_mapping(template("single"))


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_templates_round_trip_with_titles_in_both_languages(name: str, tmp_path: Path) -> None:
    spec = template(name)
    assert load_spec(spec_to_mapping(spec)) == spec
    for suffix, dump in (("yaml", yaml.safe_dump), ("json", json.dumps)):
        path = tmp_path / f"spec.{suffix}"
        path.write_text(dump(spec_to_mapping(spec)), "utf-8")
        assert load_spec(path) == spec
    assert spec.title.zh != spec.title.en
    assert all(o.title.zh != o.title.en for o in spec.organizations)
    assert [c.name for c in spec.channels] == ["citychannel"]


def test_templates_are_the_promised_ones() -> None:
    by_name = {t.name: t for t in templates()}
    assert [o.msp_id for o in by_name["city"].organizations] == [
        "DataBureauMSP",
        "CopyrightMSP",
        "HealthMSP",
        "HospitalMSP",
        "PublicMSP",
    ]
    for name in ("city", "city-ha", "city-bft"):
        public = by_name[name].organization("PublicMSP")
        assert (public.peers, public.orderers) == ((), ())
        assert public.name in by_name[name].channels[0].organizations
    assert len(list(by_name["city-bft"].orderers())) == 4
    assert by_name["city-bft"].consensus == "bft"
    assert len(list(by_name["city-ha"].orderers())) == 3


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(name="../evil"), "name"),
        (lambda d: d.update(name="a" * 32), "name"),
        (lambda d: d.update(nmae="x"), "nmae"),
        (lambda d: d.update(runtime="podman"), "runtime"),
        (lambda d: d.update(fabric_version="latest"), "fabric_version"),
        (lambda d: d.update(organizations=[]), "organizations"),
        (lambda d: d.update(organizations="x"), "organizations"),
        (lambda d: d.update(channels=None), "channels"),
        (lambda d: d["organizations"][0].update(name="a/b"), "organizations[0].name"),
        (lambda d: d["organizations"][0].update(msp_id="M S P"), "organizations[0].msp_id"),
        (lambda d: d["organizations"][0].update(domain="..", title="x"), "organizations[0].domain"),
        (lambda d: d["organizations"][0]["peers"][0].update(name="peer/../.."), "organizations[0].peers[0].name"),
        (lambda d: d["organizations"][0]["peers"][0].update(state_database="oracle"), "state_database"),
        (lambda d: d["organizations"][0]["peers"].append({"name": "peer0"}), "nodes"),
        (lambda d: d["organizations"][0].update(orderers=[]), "organizations"),
        (lambda d: d["organizations"].append(d["organizations"][0]), "organizations.name"),
        (lambda d: d["channels"][0].update(name="Channel!"), "channels[0].name"),
        (lambda d: d["channels"][0].update(organizations=["nobody"]), "channels[0].organizations"),
        (lambda d: d["channels"][0]["batch"].update(max_messages=0), "channels[0].batch.max_messages"),
        (lambda d: d["channels"][0]["batch"].update(max_messages=True), "channels[0].batch.max_messages"),
        (lambda d: d["channels"][0]["batch"].update(preferred_max_bytes=99 * 1024 * 1024), "preferred_max_bytes"),
        (lambda d: d["channels"][0]["policies"].update(endorsement=""), "channels[0].policies.endorsement"),
        (lambda d: d.update(consensus="bft"), "consensus"),
        (lambda d: d["organizations"][0].update(name="Org-One"), "lower-case letters, digits and hyphens"),
        (lambda d: d["organizations"][0].update(name="org-"), "the last no hyphen"),
        (lambda d: d["organizations"][0].update(msp_id="数据局MSP"), "letters, digits, dots and hyphens"),
        (lambda d: d["channels"][0].update(name="channelA"), "a channel is named by lower-case letters"),
        (lambda d: d["organizations"][0].update(domain="a" * 64 + ".cn"), "at most 63 characters"),
        (lambda d: d["organizations"][0].update(domain="a-.cn"), "not at its ends"),
        (
            lambda d: d["organizations"][0].update(
                domain="registration.copyright.blockchain.chengdu.sichuan.gov.internal"
            ),
            "has 71 characters, a certificate's name at most 64",
        ),
    ],
)
def test_a_broken_place_is_named(change: Any, place: str) -> None:
    document = single()
    change(document)
    with pytest.raises(UserError) as error:
        load_spec(document)
    assert place in error.value.message.en  # type: ignore[union-attr]
    assert error.value.message.zh != error.value.message.en  # type: ignore[union-attr]


def test_two_organizations_may_not_differ_in_case_only() -> None:
    document = spec_to_mapping(template("city"))
    document["organizations"][1]["msp_id"] = "databureaumsp"
    with pytest.raises(UserError, match=r"organizations\.msp_id"):
        load_spec(document)


def test_bft_needs_fabric_3() -> None:
    document = spec_to_mapping(template("bft")) | {"fabric_version": "2.5.16"}
    with pytest.raises(UserError, match="Fabric 3"):
        load_spec(document)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00bad",
        b"a: [1, 2",
        b"name: x\nname: y",
        b"a: &a [1]\nb: *a",
        b"!!python/object/apply:os.system ['true']",
        b"? [complex]\n: 1",
        b"[" * 100_000,
        b"{a: " * 5_000,
        b"- just\n- a list",
        b"name: " + b"x" * 900_000,
        b" " * (1024 * 1024 + 1),
    ],
)
def test_hostile_files_are_refused_in_bounded_time(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(raw)
    began = time.process_time()
    with pytest.raises(UserError):
        load_spec(path)
    assert time.process_time() - began < 20


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_spec(tmp_path / "absent.yaml")
    with pytest.raises(CityChainError):
        load_spec(tmp_path)


def test_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    with path.open("wb") as stream:
        stream.truncate(10 * 1024**3)
    with pytest.raises(UserError, match="1 MB"):
        load_spec(path)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_spec_or_one_sentence(raw: bytes) -> None:
    from network.spec_reader import parse_document
    from network.text import Text

    try:
        document = parse_document(raw, Text("x", "x"))
        load_spec(document)  # type: ignore[arg-type]
    except CityChainError:
        pass
    except TypeError:
        assert not isinstance(document, dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(single())), JSON)
def test_any_value_in_any_place_gives_a_spec_or_one_sentence(key: str, value: object) -> None:
    document = single() | {key: value}
    try:
        assert load_spec(document).name
    except UserError as e:
        assert str(e)
