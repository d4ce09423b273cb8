"""The command of the stranger's audit: `python audit.py CHAIN.blocks --card CARD.json [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from apps.health_slots.recount.chain import Recount, blocks_of
from fabric_sdk.proof.cards import read_card
from fabric_sdk.proof.wire import Broken, TooMuch

AGREES, UNREADABLE, ALARMS, CONSISTENT = 0, 2, 4, 5
SAYS = {
    AGREES: "Agrees with the card: every promise was kept as far as the chain shows. 与通道名片一致：链上未见失信。",
    ALARMS: "Promises were broken, or the chain does not hold. 有失信之处，或链本身不成立。",
    CONSISTENT: "Consistent in itself; WHOSE chain it is was NOT checked (no card). 自洽；未核对是谁的链（无名片）。",
    UNREADABLE: "This cannot be audited. 无法审计。",
}
LATER = (
    "Begins as the card says and is consistent in itself; it ends before the configuration that the card names. "
    "起点与名片一致，链自洽；但链止于名片所载配置之前。"
)
UNRECHECKED = (
    "Called refused, and this file cannot recheck why: {n}. Treat these transactions as if they counted, or compare "
    "their blocks with a peer. 有 {n} 笔交易被标为未通过，凭本文件无法复核原因：请视同已生效，或与节点核对其所在区块。"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit an exported chain; returns the exit code: 0 agrees, 5 in part, 4 alarms, 2 unreadable."""
    parser = argparse.ArgumentParser(description="Recount the slots ledger from an exported chain and a channel card.")
    parser.add_argument("chain", help="the export: citychain ledger export, or the open board")
    parser.add_argument("--card", help="the channel card, from the institution itself")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    recount = None
    try:
        card = read_card(Path(given.card).read_bytes()) if given.card else None
        recount = Recount(card)
        with Path(given.chain).open("rb") as file:
            for data in blocks_of(file):
                recount.take(data)
        facts = recount.end()
    except (OSError, Broken, TooMuch) as error:
        broken = isinstance(error, Broken) and recount is not None and error.code != "export-unreadable"
        code, reason = (ALARMS if broken else UNREADABLE), getattr(error, "code", "") or str(error)
        if given.json:
            print(json.dumps({"exit": code, "reason": reason}))
        else:
            print(f"{SAYS[code]}\n  {reason}", file=sys.stderr)
        return code
    alarms = [one for one in recount.found if one.grade == "alarm"]
    unchecked = facts["unchecked"]
    code = ALARMS if alarms else AGREES if facts["card"] and not unchecked else CONSISTENT
    if given.json:
        found = [one._asdict() for one in recount.found]
        print(json.dumps({"exit": code, "facts": facts, "found": found}, ensure_ascii=False))
        return code
    if any(one.code == "card-later" for one in recount.found):
        print(SAYS[code] if alarms else LATER)
    elif code != CONSISTENT or not facts["card"]:
        print(SAYS[code])
    if unchecked:
        print(UNRECHECKED.format(n=unchecked))
    for name, value in facts.items():
        print(f"  {name}: {value}")
    for one in recount.found:
        print(f"  {'!' if one.grade == 'alarm' else '-'} block {one.block} {one.code} {one.where}: {one.text}")
    return code
