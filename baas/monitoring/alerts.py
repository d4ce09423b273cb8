"""What is not as it should be: rules over samples, and the book of alerts with who has taken them up.

The monitor writes the book (`NETWORK.alerts.json`), people what they have done about it (`NETWORK.handled.json`), so
that neither waits for the other. An alert begins when its rule has held for `hold_s` and ends when it no longer does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from baas.errors import NotFound, Text, translating
from baas.monitoring.sampling import Sample
from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.lock import Moment

Level = Literal["bad", "warn"]
KEEP_ENDED = 200
KEEP_ENDED_S = 30 * 86_400.0
DISK_SHARE, DISK_BYTES = 0.05, 1 << 30
BEHIND_BLOCKS = 50
SLOW_MS = 2_000.0
INVALID_SHARE = 0.2
MANY = 1.0
"""How many transactions a second there have to be before the share of invalid ones says anything."""


@dataclass(frozen=True)
class Rule:
    """A rule: its stable id, what it is called, how bad it is, and how long it must hold (seconds) before it counts."""

    id: str
    title: Text
    hold_s: float = 0.0


RULES = (
    Rule("node.stopped", Text("节点停止", "A node has stopped"), 1.5),
    Rule("node.failed", Text("节点不能写入", "A node cannot write"), 0.0),
    Rule("node.behind", Text("节点落后", "A node is behind"), 10.0),
    Rule("disk.full", Text("磁盘将满", "The disk is nearly full"), 0.0),
    Rule("certificate", Text("证书将到期", "A certificate is about to end"), 0.0),
    Rule("latency", Text("提交变慢", "Commits are slow"), 60.0),
    Rule("invalid", Text("作废交易过多", "Too many invalid transactions"), 60.0),
)
_BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True)
class Finding:
    """What one look found: which rule, about what, and in words."""

    rule: str
    subject: str
    level: Level
    text: Text

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.subject}"


@dataclass(frozen=True)
class Alert:
    """An alert; times in seconds since the epoch. `ended` is 0 while it lasts; `by` has taken it up, at `taken`."""

    key: str
    rule: str
    subject: str
    level: Level
    zh: str
    en: str
    since: float
    ended: float = 0.0
    by: str = ""
    taken: float = 0.0
    silent_until: float = 0.0

    @property
    def title(self) -> Text:
        return _BY_ID[self.rule].title if self.rule in _BY_ID else Text("{r}", "{r}", r=self.rule)

    @property
    def text(self) -> Text:
        return Text("{z}", "{e}", z=self.zh, e=self.en)

    @property
    def open(self) -> bool:
        """Whether somebody still has to take it up."""
        return not self.ended and not self.taken

    def silent(self, now: float) -> bool:
        """Whether nobody is to be told of it now."""
        return now < self.silent_until


def findings(sample: Sample, *, held: bool = False) -> list[Finding]:
    """What the rules find in a sample. `held`: somebody stopped the whole network, so that nothing of it is missed."""
    found: list[Finding] = []
    for node in sample.nodes:
        if node.state == "failed":
            found.append(
                Finding("node.failed", node.name, "bad", Text("{n} 不能写入账本", "{n} cannot write", n=node.name))
            )
        elif node.state != "running" and not held:
            found.append(Finding("node.stopped", node.name, "bad", Text("{n} 已停止", "{n} has stopped", n=node.name)))
        elif node.behind > BEHIND_BLOCKS:
            words = Text("{n} 落后 {b} 个区块", "{n} is {b} blocks behind", n=node.name, b=node.behind)
            found.append(Finding("node.behind", node.name, "warn", words))
    if sample.disk_free < max(DISK_BYTES, DISK_SHARE * sample.disk_total):
        words = Text("剩余 {g} GB", "{g} GB left", g=f"{sample.disk_free / (1 << 30):.1f}")
        found.append(Finding("disk.full", "disk", "bad", words))
    for one in sample.certificates:
        urgency, days = one.urgency(clock.now()), max(0, int(one.days_left(clock.now())))
        if urgency == "ok":
            continue
        expired = urgency == "expired"
        subject = f"{one.owner} {one.kind}"
        words = (
            Text("{o} 的证书已到期", "{o}'s certificate has ended", o=one.owner)
            if expired
            else Text("{o}，{d} 天", "{o}, {d} days", o=one.owner, d=days)
        )
        found.append(Finding("certificate", subject, "warn" if urgency == "soon" else "bad", words))
    if sample.p95_ms is not None and sample.p95_ms > SLOW_MS:
        words = Text("p95 {m} 毫秒", "p95 {m} ms", m=round(sample.p95_ms))
        found.append(Finding("latency", sample.network, "warn", words))
    valid, invalid = sample.valid_rate or 0.0, sample.invalid_rate or 0.0
    if valid + invalid >= MANY and invalid > INVALID_SHARE * (valid + invalid):
        words = Text("{p}% 作废", "{p}% invalid", p=round(100 * invalid / (valid + invalid)))
        found.append(Finding("invalid", sample.network, "warn", words))
    return found


class AlertBook:
    """The alerts of one network."""

    def __init__(self, folder: Path, network: str) -> None:
        self._path = folder / f"{network}.alerts.json"
        self._handled_path = folder / f"{network}.handled.json"
        self._moment = Moment(folder / f"{network}.handled.lock", patience_s=10)
        self._held: dict[str, float] = {}
        self._alerts: dict[str, Alert] = {}
        for one in self._read():
            if not one.ended:
                self._alerts[one.key] = one

    def update(self, found: Iterable[Finding], now: float) -> tuple[list[Alert], list[Alert]]:
        """Take in what a look found; return the alerts that began and those that ended by it."""
        here = {one.key: one for one in found}
        self._held = {key: self._held.get(key, now) for key in here}
        began, ended = [], []
        for key, one in here.items():
            known = self._alerts.get(key)
            if known is not None:
                if (known.level, known.zh) != (one.level, one.text.render("zh")):
                    self._alerts[key] = replace(
                        known, level=one.level, zh=one.text.render("zh"), en=one.text.render("en")
                    )
            elif now - self._held[key] >= _BY_ID[one.rule].hold_s or now < self._held[key]:
                made = Alert(key, one.rule, one.subject, one.level, one.text.render("zh"), one.text.render("en"), now)
                self._alerts[key] = made
                began.append(made)
        for key in [key for key in self._alerts if key not in here]:
            ended.append(replace(self._alerts.pop(key), ended=now))
        if began or ended:
            self._write(ended, now)
        handled = self._handled()
        return [_handled(one, handled) for one in began], [_handled(one, handled) for one in ended]

    def alerts(self) -> tuple[Alert, ...]:
        """All alerts that last, the worst and newest first, then those that ended."""
        handled = self._handled()
        found = [_handled(one, handled) for one in self._read()]
        return tuple(sorted(found, key=lambda one: (bool(one.ended), one.level != "bad", -(one.ended or one.since))))

    def take_up(self, key: str, by: str) -> None:
        """Somebody takes an alert up; `NotFound` if it does not last."""
        lasting = {one.key: one for one in self._read() if not one.ended}
        if key not in lasting:
            raise NotFound(Text("没有这个告警：{k}", "There is no such alert: {k}", k=key[:100]), code="no_alert")
        self._handle(key, {"by": by, "taken": clock.seconds(), "since": lasting[key].since})

    def silence(self, key: str, until: float, by: str) -> None:
        """Tell nobody of a rule (`rule:`) or of one alert until then (seconds since the epoch)."""
        if key.partition(":")[0] not in _BY_ID:
            raise NotFound(Text("没有这条规则：{k}", "There is no such rule: {k}", k=key[:100]), code="no_rule")
        self._handle(key, {"silent_until": until, "silenced_by": by})

    # -- inside --------------------------------------------------------------------------------------
    def _read(self) -> list[Alert]:
        try:
            return [Alert(**one) for one in json.loads(self._path.read_text("utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def _write(self, ended: list[Alert], now: float) -> None:
        before = [one for one in self._read() if one.ended and now - one.ended < KEEP_ENDED_S]
        rows = [*self._alerts.values(), *(before + ended)[-KEEP_ENDED:]]
        _save(self._path, [asdict(one) for one in rows])

    def _handled(self) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(self._handled_path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _handle(self, key: str, what: Mapping[str, Any]) -> None:
        with translating(), self._moment:
            handled = self._handled()
            handled[key] = {**handled.get(key, {}), **what}
            _save(self._handled_path, handled)


def _handled(alert: Alert, handled: Mapping[str, Mapping[str, Any]]) -> Alert:
    """The alert with what people did about it; what was taken up before it began anew does not count."""
    own, rule = handled.get(alert.key, {}), handled.get(f"{alert.rule}:", {})
    silent = max(float(own.get("silent_until", 0)), float(rule.get("silent_until", 0)))
    taken = own if float(own.get("since", -1)) == alert.since else {}
    return replace(alert, by=str(taken.get("by", "")), taken=float(taken.get("taken", 0)), silent_until=silent)


def _save(path: Path, document: Any) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
    replace_file(temporary, path)
