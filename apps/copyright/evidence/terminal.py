"""The verifier as a program: `python verify.py PACKAGE.zip --card CARD.json`."""

from __future__ import annotations

import argparse
import json
import locale
import os
import sys

from apps.copyright.evidence.check import check_package
from apps.copyright.evidence.tell import SIGNS, Teller, plain
from fabric_sdk.proof.cards import MAX_CARD, read_card
from fabric_sdk.proof.members import Certificate, read_pem
from fabric_sdk.proof.report import EXIT_CODES, UNREADABLE, Report
from fabric_sdk.proof.wire import Broken

MARK = b"-----BEGIN CERTIFICATE-----"


def read_roots(data: bytes) -> list[Certificate]:
    """The certificates of a PEM file; Broken if there is none or one cannot be read."""
    found = [read_pem(MARK + one) for one in data.split(MARK)[1:51]]
    if not found:
        raise Broken("certificate-unreadable")
    return found


def lines(report: Report, language: str, details: bool = True) -> list[str]:
    """The outcome as lines for a terminal."""
    teller = Teller(language)
    verdict, sentence = teller.verdict(report)
    out = [f"【{verdict}】" if language == "zh" else f"[{verdict}]", sentence]
    for section in teller.sections(report):
        out += ["", section.heading, *(f"  - {one}" for one in section.lines)]
    if details or report.first_bad:
        out += ["", teller.say("checks")]
        for one in report.findings:
            if details or one.state == "bad":
                out.append(f"  {SIGNS[one.state]} {plain(one.part)}: {teller.finding(one.code, one.values)}")
    return out


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def main(arguments: list[str] | None = None) -> int:
    """Check a package; the exit code: 0 agrees with the card, 5 consistent only, 4 does not hold, 2 unreadable."""
    parser = argparse.ArgumentParser(
        description="核验城链证据包 / Check a CityChain evidence package.",
        epilog="0 与名片一致 agrees with the card · 5 仅自身一致 consistent in itself only · 4 不成立 does not hold · "
        "2 无法核验 cannot be checked",
    )
    parser.add_argument("package", help="证据包 evidence package (.zip)")
    parser.add_argument("--card", help="另行取得的通道名片 channel card, got from elsewhere (.json)")
    parser.add_argument("--tsa-roots", help="时间戳机构根证书 roots of time-stamp authorities (PEM)")
    parser.add_argument("--lang", choices=("zh", "en"), default=_language())
    parser.add_argument("--json", action="store_true", help="JSON")
    options = parser.parse_args(arguments)
    try:
        card, roots = None, []
        if options.card:
            with open(options.card, "rb") as file:
                card = read_card(file.read(MAX_CARD + 1))
        if options.tsa_roots:
            with open(options.tsa_roots, "rb") as file:
                roots = read_roots(file.read(1 << 20))
        with open(options.package, "rb") as stream:
            report = check_package(stream, card, roots)
    except (OSError, Broken) as error:
        said = Teller(options.lang).say(error.code) if isinstance(error, Broken) else str(error)
        print(said, file=sys.stderr)
        return EXIT_CODES[UNREADABLE]
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(report, options.lang)))
    return EXIT_CODES[report.verdict]
