"""One lab: what it is about, its steps with their commands, its questions, and what the last check found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from apps.labs.lab import Lab, Step, course
from console.i18n import say, tr
from console.widgets.basic import HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import Form, text_field
from console.widgets.states import Note

if TYPE_CHECKING:
    from apps.labs.service import Checked, Result, Standing

LONGEST_SHOWN = 96
"""Letters of a command that are shown; all of it is copied."""


class LabView(Scroll):
    """A column of cards, made anew for each lab; what is typed into its questions is read by `answers`."""

    def __init__(self) -> None:
        super().__init__((0, 0, 4, 0))
        self.form: Form | None = None
        self._lab = ""

    def show_lab(
        self,
        standing: Standing,
        steps: Sequence[Step],
        answers: Mapping[str, str],
        files: Path | None,
        checked: Checked | None,
    ) -> None:
        """Show a lab; `files` is its learner's folder, None before it was started."""
        typed = self.answers() if self.form is not None and self._lab == standing.lab.id else {}
        self._lab = standing.lab.id
        clear(self.column)
        self.form = None
        self.column.addWidget(_about(standing, files))
        if checked is not None and checked.lab.id == standing.lab.id:
            self.column.addWidget(_found(checked.results))
        self.column.addWidget(_steps(steps))
        if standing.lab.questions:
            self.column.addWidget(self._questions(standing.lab, {**answers, **typed}, files is not None))
        if checked is None:
            self.column.addWidget(_looked_at(standing.lab))
        self.column.addStretch(1)

    def _questions(self, lab: Lab, answers: Mapping[str, str], open_: bool) -> Card:
        card = Card(tr("问题"), tr("检查时一并保存"))
        self.form = Form()
        for one in lab.questions:
            field = self.form.add(one.id, text_field(say(one.words)))
            field.set_value(answers.get(one.id, ""))
            field.setEnabled(open_)
        card.add(self.form)
        return card

    def answers(self) -> dict[str, str]:
        """What is typed in, without what is empty."""
        found = self.form.values() if self.form is not None else {}
        return {name: value for name, value in found.items() if value}


def _about(standing: Standing, files: Path | None) -> Card:
    lab = standing.lab
    card = Card(say(lab.title), tr("约 {n} 分钟").format(n=lab.minutes))
    card.add(Label(say(lab.goal), "body", wrap=True))
    if standing.unsound:
        card.add(Note(tr("这项实训的通过记录被改动过，不算数；请再检查一次。"), "warn"))
    if standing.older:
        card.add(Note(tr("通过之后，这项实训有了改动。")))
    facts = Facts()
    if lab.after:
        facts.add(tr("先做"), tr("、").join(say(course()[one].title) for one in lab.after))
    if files is not None:
        facts.add(tr("文件夹"), HashLabel(str(files), _tail(files), what=tr("文件夹")))
    if lab.after or files is not None:
        card.add(facts)
    return card


def _tail(path: Path) -> str:
    return "…/" + "/".join(path.parts[-3:])


def _steps(steps: Sequence[Step]) -> Card:
    card = Card(tr("步骤"))
    for number, step in enumerate(steps, 1):
        row = QWidget()
        line = hbox(row, spacing=10)
        badge = Label(str(number), "strong", "text2")
        badge.setFixedWidth(22)
        line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        words = vbox(spacing=4)
        words.addWidget(Label(say(step.words), "body", wrap=True))
        for command in step.commands:
            words.addWidget(HashLabel(command, _short(command), what=tr("命令")))
        line.addLayout(words, 1)
        row.setAccessibleName(f"{number}. {say(step.words)}")
        card.add(row)
    return card


def _short(command: str) -> str:
    return command if len(command) <= LONGEST_SHOWN else f"{command[:LONGEST_SHOWN]}…"


def _looked_at(lab: Lab) -> Card:
    card = Card(tr("检查什么"))
    for one in lab.checks:
        card.add(Status(say(one.words), "none", role="body", wrap=True))
    return card


def _found(results: Sequence[Result]) -> Card:
    right = sum(1 for one in results if one.wrong is None)
    card = Card(tr("检查结果"), tr("{n} / {all} 项正确").format(n=right, all=len(results)))
    for one in results:
        card.add(Status(say(one.words), "ok" if one.wrong is None else "bad", role="body", wrap=True))
        if one.wrong is not None:
            card.add(Label(say(one.wrong.what), "body", "text", wrap=True))
            card.add(Label(tr("提示：{h}").format(h=say(one.wrong.hint)), "caption", "text2", wrap=True))
    return card
