"""What `citychain network` shows people: every word in their language, and for programs the words of the types."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from baas.cli import network_tables
from baas.cli.kit import Cli
from baas.services.network_reading import NetworkSummary
from network.drivers.base import NetworkStatus, NodeState, NodeStatus, StatusKind
from network.plan import Phase
from network.text import Text

STATUS = NetworkStatus(
    "city",
    "embedded",
    tuple(NodeStatus(f"n{n}", "peer", "AMSP", "127.0.0.1:1", s) for n, s in enumerate(get_args(NodeState))),
)


def test_every_word_has_its_sentence() -> None:
    for words, kinds in (
        (network_tables.KINDS, StatusKind),
        (network_tables.STATES, NodeState),
        (network_tables.PHASES, Phase),
    ):
        assert set(words) == set(get_args(kinds))
        for text in words.values():
            assert not text.render("zh").isascii()
            assert text.render("en").isascii()


def test_a_chinese_table_holds_no_english_state(capsys: pytest.CaptureFixture[str]) -> None:
    network_tables.show_status(Cli(lang="zh"), STATUS)
    told = capsys.readouterr().out
    assert "运行中" in told
    assert "记账节点" in told
    assert not [word for word in (*get_args(NodeState), "peer") if word in told]
    network_tables.show_status(Cli(lang="en"), STATUS)
    assert "running" in capsys.readouterr().out


def test_programs_get_the_words_of_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    network_tables.show_status(Cli(lang="zh", json=True), STATUS)
    assert [node["state"] for node in json.loads(capsys.readouterr().out)] == list(get_args(NodeState))


def test_the_list_of_networks() -> None:
    one = NetworkSummary("city", Text("城市", "City"), "embedded", "ready", ("AMSP",), ("c",), True)
    [row] = network_tables.listed([one])
    assert row["phase"].render("zh") == "就绪"
    assert row["title"] is one.title
    assert network_tables.listed([]) == []
