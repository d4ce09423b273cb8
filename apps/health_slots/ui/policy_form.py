"""Writing the next version of the rules: a form, and beside it in plain words what changes and from when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.health_slots.cast import Part
from apps.health_slots.model import REASON_TITLES
from apps.health_slots.ui.phrases import minute_of_day, tr
from apps.health_slots.ui.policy_words import Rule, describe, differences, groups, label_of
from chaincode.health_slots.policy import CITY, Policy
from console.appkit.act_dialog import carry_out
from console.i18n import say
from console.i18n.formats import number
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import Field, Form, check_field, choice_field, number_field, text_field
from fabric_sdk.chaincode import ChaincodeError
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.services.trials import Trial
    from apps.health_slots.ui.page import SlotsPage


class PolicyDialog(Dialog):
    """All rules as fields; the right side says what the new version would mean."""

    def __init__(self, page: SlotsPage, owner: str, rules: dict[str, Any], counts: dict[str, int]) -> None:
        title = tr("全市规则：新版本") if owner == CITY else tr("本院规则：新版本")
        part: Part = "authority" if owner == CITY else "staff"
        super().__init__(page, title, accept=tr("写上账本"), width=980, signs=page.signs_as(part))
        self._page, self._owner, self._old = page, owner, rules
        self._committed = sum(counts.values())
        self.fields: dict[str, Field] = {}
        row = hbox(spacing=16)
        scroll = Scroll(margins=(2, 2, 12, 2), spacing=8)
        for group, found in groups():
            form = Form(3)
            for rule in found:
                if rule.name in rules:
                    self.fields[rule.name] = form.add(rule.name, _field(rule, rules[rule.name]))
            scroll.column.addWidget(Label(group, "strong"))
            scroll.column.addWidget(form)
            scroll.column.addSpacing(6)
            form.edited.connect(self._explain)
        scroll.column.addStretch(1)
        scroll.setMinimumHeight(430)
        row.addWidget(scroll, 3)
        self._side = Card(tr("会有什么变化"))
        self._lines = vbox(spacing=8)
        self._side.add(self._lines)
        self.trial = Button(tr("按过去 30 天试算"), self._try, icon="refresh")
        self._side.add(self.trial)
        self.told = vbox(spacing=4)
        self._side.add(self.told)
        self._side.body.addStretch(1)
        reasons = [(key, say(words)) for key, words in REASON_TITLES.items()]
        self.why = choice_field(tr("理由，写入账本"), reasons)
        self.why.set_value("demand")
        self._side.add(self.why)
        self._side.setFixedWidth(300)
        row.addWidget(self._side)
        self.body.addLayout(row)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)
        self._explain()

    @property
    def values(self) -> dict[str, Any]:
        """The rules as the form has them; ValueError names the field that makes no sense."""
        found = dict(self._old)
        for _, group in groups():
            for rule in group:
                if rule.name in self.fields:
                    found[rule.name] = _value(rule, self.fields[rule.name].value)
        return found

    def _explain(self) -> None:
        clear(self._lines)
        clear(self.told)
        self.trial.setEnabled(False)
        try:
            changed = differences(self._old, self.values)
            problem = _refused(self.values)
        except ValueError as error:
            self._lines.addWidget(Status(tr("有一项写法不对：{what}").format(what=str(error)), "bad", role="body"))
            self.accept_button.setEnabled(False)
            return
        for name, before, after in changed:
            self._lines.addWidget(Label(label_of(name), "strong"))
            words = tr("原来：{a}").format(a=describe(name, before))
            self._lines.addWidget(Label(words, "caption", "text2", wrap=True))
            self._lines.addWidget(Label(describe(name, after), "body", wrap=True))
        if not changed:
            self._lines.addWidget(Label(tr("还没有改动。"), "body", "text2"))
        words = tr("写上账本后立即起用，只管此后承诺的出诊单元。已承诺的 {n} 个仍按原来的版本，一直到结束。")
        self._lines.addWidget(Label(words.format(n=number(self._committed)), "caption", "text2", wrap=True))
        if problem:
            self._lines.addWidget(Status(problem, "bad", role="body"))
        self.accept_button.setEnabled(bool(changed) and not problem)
        self.trial.setEnabled(bool(changed) and not problem)
        self.reason.setText("" if changed else tr("还没有改动"))

    def _try(self) -> None:
        """Say beside the form what the rules as it has them would have done; nothing is written."""
        service, owner = self._page.service, self._owner
        if service is None:
            return
        changes = {name: after for name, _, after in differences(self._old, self.values)}
        self.trial.setEnabled(False)
        self._page.context.job(
            lambda *, ctx: service.trials.run(owner, changes),
            title=Text("试算规则", "Try the rules"),
            network=self._page.context.network,
            done=self._show_trial,
            failed=self.show_error,
        )

    def _show_trial(self, trial: Trial) -> None:
        clear(self.told)
        self.trial.setEnabled(True)
        words = tr("{a} 至 {b} 的 {n} 个预约：现行 → 试算")
        said = words.format(a=trial.first, b=trial.last, n=number(trial.appointments))
        self.told.addWidget(Label(said, "caption", "text2", wrap=True))
        for one in trial.effects:
            tone = "body" if one.now == one.tried else "strong"
            line = f"{say(one.title)}  {number(one.now)} → {number(one.tried)}"
            self.told.addWidget(Label(line, tone, wrap=True))
        if trial.not_told:
            names = tr("、").join(label_of(name) for name in trial.not_told)
            said = tr("账本上看不出的：{names}").format(names=names)
            self.told.addWidget(Label(said, "caption", "text2", wrap=True))

    def _attempt(self) -> None:
        service, page, owner = self._page.service, self._page, self._owner
        if service is None:
            return
        changes = {name: after for name, _, after in differences(self._old, self.values)}
        reason = self.why.value

        def done(receipt: Any) -> None:
            page.context.notice(tr("规则第 {n} 版已写上账本").format(n=receipt.result["version"]))

        write = lambda *, ctx: service.rules.set_policy(owner, changes, reason)  # noqa: E731
        carry_out(page, self, write, Text("更改规则", "Change the rules"), "", done=done)


def _field(rule: Rule, value: Any) -> Field:
    if rule.kind == "choice":
        field = choice_field(rule.label, rule.choices)
        field.set_value(value)
        return field
    if rule.kind == "flag":
        return check_field(rule.label, checked=bool(value))
    if rule.kind == "number":
        return number_field(rule.label, int(value), 0, 10_000)
    if rule.kind == "seconds":
        return number_field(rule.label, int(value), 0, 604_800, unit=tr("秒"))
    field = text_field(rule.label)
    if rule.kind == "minute":
        field.set_value(minute_of_day(int(value)))
    else:
        field.set_value(", ".join(str(entry) for entry in value))
    return field


def _value(rule: Rule, text: Any) -> Any:
    if rule.kind == "minute":
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
        if match is None:
            raise ValueError(rule.label)
        return int(match[1]) * 60 + int(match[2])
    if rule.kind in {"days", "dates"}:
        entries = [part.strip() for part in re.split(r"[,，、\s]+", text) if part.strip()]
        if rule.kind == "dates":
            return entries
        if not all(entry.isascii() and entry.isdigit() for entry in entries):
            raise ValueError(rule.label)
        return [int(entry) for entry in entries]
    return text


def _refused(values: dict[str, Any]) -> str:
    """What the contract would refuse of these rules, "" if nothing; the same code checks."""
    try:
        Policy.from_mapping(values)
    except ChaincodeError as refusal:
        name = refusal.message.partition(" ")[0]
        return tr("账本不会接受：{what}").format(what=label_of(name))
    return ""


def ask_policy(page: SlotsPage, owner: str, rules: dict[str, Any], counts: dict[str, int]) -> None:
    """Write the next version of `owner`'s rules."""
    mine = {key: n for key, n in counts.items() if owner == CITY or key.startswith((f"{owner}/", f"{CITY}/"))}
    PolicyDialog(page, owner, rules, mine).exec()
