"""Sentences in both languages: words that follow a figure."""

from __future__ import annotations

from network.text import Text


def test_a_word_follows_its_figure_and_other_sentences_stay_as_they_are() -> None:
    said = Text("已撤下 {n} 个号", "{n} {n:slot|slots} withdrawn", n=1)
    assert (said.zh, said.en) == ("已撤下 1 个号", "1 slot withdrawn")
    assert Text("{n} 个号", "{n} {n:slot|slots}", n="1,000").en == "1,000 slots"
    assert Text("{n:.2f} 元 | {w}", "{n:.2f} yuan | {w}", n=1, w=Text("一", "one")).en == "1.00 yuan | one"
    assert Text("a|{b}", "a|{b}").en == "a|{b}"
