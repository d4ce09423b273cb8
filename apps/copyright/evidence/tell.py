"""The outcome for a lay judge: one sentence, then what is shown, by whom, when, what is not, what to compare."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any, NamedTuple

from apps.copyright.evidence.sentences import ACTS, ROLES
from apps.copyright.evidence.sentences import WORDS as OWN
from fabric_sdk.proof.report import AGREES, CONSISTENT, Report
from fabric_sdk.proof.sentences import WORDS

SIGNS = {"ok": "✓", "note": "·", "low": "!", "cap": "?", "bad": "✗"}


class Section(NamedTuple):
    """A heading and its lines."""

    heading: str
    lines: list[str]


class Teller:
    """Sentences in one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self._place = 0 if language == "zh" else 1

    def say(self, code: str, **values: Any) -> str:
        """A sentence by its code; the code itself where there is none."""
        words = WORDS.get(code) or OWN.get(code)
        sentence = words[self._place] if words else code
        for key, value in values.items():
            sentence = sentence.replace("{" + key + "}", self.moment(value) if key == "seconds" else plain(value))
        return sentence

    def moment(self, seconds: Any) -> str:
        """A time: Beijing's in Chinese, UTC in English."""
        if not isinstance(seconds, int):
            return self.say("clock-unknown")
        shift = 8 if self._place == 0 else 0
        try:
            at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds, hours=shift)
        except OverflowError:
            return plain(seconds)
        zone = "（北京时间）" if self._place == 0 else " UTC"
        return f"{at:%Y-%m-%d %H:%M:%S}{zone}"

    def verdict(self, report: Report) -> tuple[str, str]:
        """The verdict, and the sentence under it."""
        code = report.verdict
        if code == AGREES and not report.complete:
            code = "agrees-low"
        speakers = self._organizations(report, report.facts.get("counted", []))
        return self.say(code), self.say(f"{code}-text", speakers=speakers, block=report.facts.get("as_of"))

    def finding(self, code: str, values: dict[str, Any]) -> str:
        """One finding."""
        return self.say(code, **values)

    def sections(self, report: Report) -> list[Section]:
        """The answers to the five questions; facts of a package that does not hold are not told."""
        facts = report.facts
        work = facts.get("work")
        if report.verdict not in (AGREES, CONSISTENT) or not isinstance(work, dict):
            return []
        head = [self.say("claims")] if report.verdict == CONSISTENT else []
        return [
            Section(self.say("what"), head + self._what(report, work)),
            Section(self.say("who"), self._who(report, work)),
            Section(self.say("when"), self._when(facts, work)),
            Section(self.say("not"), self._not(report)),
            Section(self.say("compare"), self._compare(facts, work)),
        ]

    def _what(self, report: Report, work: dict[str, Any]) -> list[str]:
        lines = [self.say("shown-work", title=work["title"], work=work["id"], cid=work["cid"])]
        if any(one.code == "content" for one in report.findings):
            lines.append(self.say("shown-file"))
        for act in report.facts["acts"]:
            known = ACTS.get(act["function"]) if act["contract"] == "copyright" else None
            name = known[self._place] if known else f"{act['contract']}.{act['function']}"
            person = self._person(act["by"])
            lines.append(self.say("shown-act", time=self.moment(act["time"]), act=name, person=person))
        if report.facts["certificates"]:
            lines.append(self.say("shown-certificate", sha256=report.facts["certificates"][-1]))
        return lines

    def _person(self, person: dict[str, str]) -> str:
        roles = [ROLES[one][self._place] if one in ROLES else one for one in person["role"].split(",")]
        legal = f"{person['organization']} {person['msp']}" if person["organization"] else person["msp"]
        return self.say("by", name=person["name"], role=", ".join(roles), organization=legal)

    def _organizations(self, report: Report, msps: list[str]) -> str:
        names = report.facts.get("names", {})
        return ("、" if self._place == 0 else ", ").join(names.get(one) or one for one in msps)

    def _who(self, report: Report, work: dict[str, Any]) -> list[str]:
        facts = report.facts
        first = next(one for one in facts["acts"] if one["tx"] == work["tx"])
        lines = [self._person(first["by"]), self.say("endorsed", names=self._organizations(report, first["endorsed"]))]
        if facts.get("spoke"):
            names = self._organizations(report, facts["spoke"])
            return [*lines, self.say("attested", names=names, block=facts["as_of"])]
        return [*lines, self.say("attested-none")]

    def _when(self, facts: dict[str, Any], work: dict[str, Any]) -> list[str]:
        first = next(one for one in facts["acts"] if one["tx"] == work["tx"])
        before, after = self.moment(first["before"]), self.moment(first["after"])
        lines = [self.say("clock-author", time=self.moment(first["time"]))]
        lines.append(self.say("clock-between", before=before, after=after))
        stamps = [one for one in facts["stamps"] if one["block"] >= first["block"]]
        for one in [one for one in stamps if one["known"]][:1] or stamps[:1]:
            code = "clock-stamp" if one["known"] else "clock-stamp-unknown"
            time = self.moment(one["seconds"])
            lines.append(self.say(code, time=time, authority=one["authority"], block=one["block"]))
        return lines if len(lines) > 2 else [*lines, self.say("clock-stamp-none")]

    def _not(self, report: Report) -> list[str]:
        lines = [self.say("not-original"), self.say("not-infringing"), self.say("not-names")]
        if report.facts.get("as_of") is not None:
            lines.append(self.say("not-later", block=report.facts["as_of"]))
        if report.verdict == CONSISTENT:
            lines.insert(0, self.say("not-anything"))
        for one in report.findings:
            if one.state in ("low", "cap"):
                lines.append(f"{SIGNS[one.state]} {self.finding(one.code, one.values)}")
        return lines

    def _compare(self, facts: dict[str, Any], work: dict[str, Any]) -> list[str]:
        lines = []
        if "card" in facts:
            lines.append(self.say("compare-card", fingerprint=facts["card"]["fingerprint"]))
        else:
            lines += [self.say("compare-none")]
        if facts.get("genesis"):
            lines.append(self.say("compare-genesis", channel=facts["channel"], hash=facts["genesis"]))
        if work["sha256"]:
            lines.append(self.say("compare-file", sha256=work["sha256"]))
        else:
            lines.append(self.say("compare-cid", cid=work["cid"]))
        return lines


def plain(value: Any) -> str:
    """A value for a line of text: nothing in it may steer a terminal, hide or turn around what stands beside it."""
    text = str(value)[:2000]
    return "".join(one if unicodedata.category(one)[0] not in "CZ" or one == " " else "�" for one in text)
