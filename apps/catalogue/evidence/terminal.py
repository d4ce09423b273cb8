"""The verifier as a program: `python verify.py PACKAGE.zip --card CARD.json`."""

from __future__ import annotations

import argparse
import datetime
import json
import locale
import os
import sys
import unicodedata
from typing import Any

from apps.catalogue.evidence.check import RESULTS, STATUS_DAYS, check_package
from apps.catalogue.evidence.sentences import WORDS as OWN
from fabric_sdk.proof.cards import MAX_CARD, read_card
from fabric_sdk.proof.report import AGREES, CONSISTENT, EXIT_CODES, UNREADABLE, Report
from fabric_sdk.proof.sentences import WORDS
from fabric_sdk.proof.wire import Broken

SIGNS = {"ok": "✓", "note": "·", "low": "!", "cap": "?", "bad": "✗"}


class Speaker:
    """Sentences in one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self.language, self._place = language, 0 if language == "zh" else 1

    def say(self, code: str, **values: Any) -> str:
        words = OWN.get(code) or WORDS.get(code)
        sentence = words[self._place] if words else code
        for key, value in values.items():
            sentence = sentence.replace("{" + key + "}", moment(value) if key == "seconds" else visible(value))
        return sentence

    def lines(self, report: Report) -> list[str]:
        """The outcome: verdict, what the record says, the checks one by one."""
        code, facts = report.verdict, report.facts
        word = "agrees-low" if code == AGREES and not report.complete else code
        names = facts.get("names", {})
        speakers = ", ".join(names.get(one) or one for one in facts.get("counted", []))
        out = [f"【{self.say(word)}】", self.say(f"{word}-text", speakers=speakers, block=facts.get("as_of"))]
        if code in (AGREES, CONSISTENT):
            out += ["", *self._told(facts)]
        out += ["", self.say("checks")]
        out += [f"  {SIGNS[o.state]} {visible(o.part)}: {self.say(o.code, **o.values)}" for o in report.findings]
        if card := facts.get("card"):
            out += ["", self.say("compare-card", fingerprint=card["fingerprint"])]
        return out

    def _told(self, facts: dict[str, Any]) -> list[str]:
        out = [f"  {moment(one['time'])}  {one['function']}  {visible(one['by'])}" for one in facts.get("acts", ())]
        if facts.get("as_of_seconds"):
            out.append("  " + self.say("as-of", seconds=facts["as_of_seconds"]))
        for name, value in facts.get("claims", {}).items():
            out.append(f"  {visible(name)}: {visible(value)}")
        clauses = {one["clause"]: one for one in facts.get("clauses", ())}
        if found := facts.get("assessment"):
            out.append(f"  {visible(found['code'])}/{found['number']} {visible(found['title'][self.language])}")
        for one in facts.get("results", ()):
            words, measured = clauses[one["clause"]][self.language], one["measured"][self.language]
            must = "*" if clauses[one["clause"]]["must"] else " "
            out.append(f"  {RESULTS[one['result']]}{must} {one['clause']:5} {visible(words)} — {visible(measured)}")
            out += [f"           {visible(each)}" for each in one["against"]]
        return out


def visible(value: Any) -> str:
    """A value on one line, without marks that would show it as something else."""
    return "".join(c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in str(value)[:300])


def moment(seconds: Any) -> str:
    try:
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
    except (OverflowError, ValueError, TypeError):
        return visible(seconds)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def main(arguments: list[str] | None = None) -> int:
    """Check a package; the exit code: 0 agrees with the card, 5 consistent only, 4 does not hold, 2 unreadable."""
    parser = argparse.ArgumentParser(
        description="核验城链服务目录的证据包 / Check a package of CityChain's service catalogue.",
        epilog="0 与名片一致 agrees with the card · 5 仅自身一致 consistent in itself only · 4 不成立 does not hold · "
        "2 无法核验 cannot be checked",
    )
    parser.add_argument("package", help="证据包 package (.zip)")
    parser.add_argument("--card", help="另行取得的通道名片 channel card, got from elsewhere (.json)")
    parser.add_argument(
        "--within", type=int, default=STATUS_DAYS, help="凭证证明最多几天 days that a credential's proof counts"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default=_language())
    parser.add_argument("--json", action="store_true", help="JSON")
    options = parser.parse_args(arguments)
    speaker = Speaker(options.lang)
    try:
        card = None
        if options.card:
            with open(options.card, "rb") as file:
                card = read_card(file.read(MAX_CARD + 1))
        with open(options.package, "rb") as stream:
            report = check_package(stream, card, within=options.within)
    except (OSError, Broken) as error:
        print(speaker.say(error.code) if isinstance(error, Broken) else str(error), file=sys.stderr)
        return EXIT_CODES[UNREADABLE]
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(speaker.lines(report)))
    return EXIT_CODES[report.verdict]
