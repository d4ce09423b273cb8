"""Recorded calls: what counts as the same answer, what is carried on, files from strangers."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baas.errors import LedgerError, Text, UserError
from baas.services.json_differences import differences
from baas.services.lifecycle_model import InvokeResult
from baas.services.recordings import RecordedCall, append, begin, compare, load, replay, save


class Ledger:
    """Answers like a contract that numbers what it keeps by its transactions."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.kept: dict[str, str] = {}
        self.asked: list[tuple[str, list[str], dict[str, bytes]]] = []

    def invoke(
        self, network: str, name: str, function: str, arguments: list[str], *, transient: Any, identity: str
    ) -> InvokeResult:
        self.asked.append((function, arguments, dict(transient)))
        tx_id = f"{self._prefix}{len(self.kept):060d}"
        self.kept[f"W-{tx_id[:12]}"] = arguments[0]
        answer = {"id": f"W-{tx_id[:12]}", "at": 1_790_000_000 + len(self._prefix), "tx": tx_id, "title": arguments[0]}
        return InvokeResult(json.dumps(answer).encode(), "invoke", tx_id, 7)

    def query(
        self, network: str, name: str, function: str, arguments: list[str], *, transient: Any, identity: str
    ) -> InvokeResult:
        self.asked.append((function, arguments, dict(transient)))
        if arguments[0] not in self.kept:
            raise LedgerError(
                Text("没有", "none"), code="not_found", details={"contract_message": f"no work {arguments[0]}"}
            )
        return InvokeResult(json.dumps({"id": arguments[0], "title": self.kept[arguments[0]]}).encode(), "query")


def record(ledger: Ledger, *calls: RecordedCall) -> Any:
    from baas.services.recordings import perform

    found = begin("works", "1.0.0", "city")
    for call in calls:
        arguments = call.arguments
        if "?" in arguments:
            arguments = tuple(list(ledger.kept)[-1] if a == "?" else a for a in arguments)
        found = found.added(perform(ledger, "city", "works", replace(call, arguments=arguments)))  # type: ignore[arg-type]
    return found


def test_ids_of_one_network_become_those_of_the_other() -> None:
    found = record(
        Ledger("aaaa"),
        RecordedCall("invoke", "Deposit", ("可园",)),
        RecordedCall("query", "Read", ("?",)),
        RecordedCall("query", "Read", ("nothing",)),
    )
    other = Ledger("bbbb")
    result = replay(other, found, "elsewhere")  # type: ignore[arg-type]
    assert [r.verdict for r in result.results] == ["same", "same", "same"]
    assert result.passed
    assert other.asked[1][1] == [next(iter(other.kept))]


def test_another_answer_is_named_by_its_place() -> None:
    found = record(Ledger("aaaa"), RecordedCall("invoke", "Deposit", ("可园",)))
    changed = replace(found.calls[0], payload=json.dumps({"title": "x"}).encode())
    result = replay(Ledger("aaaa"), replace(found, calls=(changed,)), "city")  # type: ignore[arg-type]
    assert not result.passed
    assert {d.path for d in result.results[0].differences} == {"/title", "/id", "/at", "/tx"}


def test_a_refusal_that_no_longer_comes_differs() -> None:
    ok = RecordedCall("query", "Read", ("a",), payload=b"1")
    refused = replace(ok, payload=b"", refusal="not_found", said="no work a")
    assert compare(refused, ok)
    assert compare(ok, refused)
    assert not compare(refused, refused)
    assert compare(refused, replace(refused, said="no work b"))


def test_transient_data_stays_out_of_the_file_and_its_calls_are_skipped(tmp_path: Path) -> None:
    ledger = Ledger("aaaa")
    found = record(ledger, RecordedCall("invoke", "Deposit", ("可园",), transient={"owner": "样例居民"}))
    save(found, tmp_path / "r.json")
    assert "样例居民" not in (tmp_path / "r.json").read_text("utf-8")
    result = replay(Ledger("bbbb"), load(tmp_path / "r.json"), "city")  # type: ignore[arg-type]
    assert [r.verdict for r in result.results] == ["skipped"]
    save(found, tmp_path / "whole.json", with_transient=True)
    other = Ledger("bbbb")
    assert replay(other, load(tmp_path / "whole.json"), "city").passed  # type: ignore[arg-type]
    assert other.asked[0][2] == {"owner": "样例居民".encode()}


def test_appending_keeps_to_one_contract(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    call = RecordedCall("query", "Read", ("a",), payload=b"\xff\x00")
    append(path, begin("works", "1.0.0", "city"), call)
    append(path, begin("works", "1.0.0", "city"), call)
    assert load(path).calls == (call, call)
    with pytest.raises(UserError):
        append(path, begin("slots", "1.0.0", "city"), call)
    assert len(load(path).calls) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, json_values)
def test_values_differ_exactly_when_they_are_not_equal(one: Any, other: Any) -> None:
    assert not differences(one, one)
    assert bool(differences(one, other)) == (json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))


@given(json_values)
def test_hostile_files_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.mktemp("r") / "r.json"
    path.write_text(json.dumps(value), "utf-8")
    with pytest.raises(UserError):
        load(path)
    head = {"format": "citychain-recording/1", "contract": "c", "version": "1", "network": "n", "recorded": 1}
    path.write_text(json.dumps({**head, "calls": value}), "utf-8")
    with contextlib.suppress(UserError):
        assert load(path).contract == "c"


def test_a_deeply_nested_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("[" * 200_000)
    with pytest.raises(UserError):
        load(path)
