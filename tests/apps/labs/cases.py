"""How a learner does each lab, and one way to do it wrong: which check says so, and with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.apps.labs.bench import Bench


@dataclass(frozen=True)
class Case:
    """`wrong` is told by the check `by` with the words `says`; after it `right` still comes to the end."""

    wrong: Callable[[Bench], object]
    by: str
    says: str
    right: Callable[[Bench], object]


# -- networks --------------------------------------------------------------------------------------------
def unnamed_network(bench: Bench) -> None:
    bench.do("citychain network up --template single --name first")


def first_network(bench: Bench) -> None:
    bench.do("citychain network destroy first --yes")
    for number in (1, 2, 3, 4):
        bench.step(number)
    name = f"first-{bench.code}"
    bench.do(f"citychain network stop {name}")
    assert "nodes-run" in bench.wrong(), "a network that is stopped is told"
    bench.do(f"citychain network start {name}")


def another_msp(bench: Bench) -> None:
    bench.step(1)
    bench.step(2)
    bench.do("citychain network grow --add-organization town:TownMSP:社区诊所")


def join_channel(bench: Bench) -> None:
    bench.do("citychain network grow --add-organization clinic:ClinicMSP:社区诊所")
    peer = next(one["name"] for one in bench.do("citychain network status")["nodes"] if one["msp_id"] == "ClinicMSP")
    bench.do(f"citychain network stop --node {peer}")
    assert "没有运行" in bench.wrong()["clinic-peer"]["wrong"]
    bench.do(f"citychain network start --node {peer}")
    bench.do("citychain identity issue ClinicMSP/wang --role client")
    bench.do("citychain chaincode invoke things Create C-1 听诊器 300 --identity ClinicMSP/wang")


def stopped_peer(bench: Bench) -> None:
    bench.do("citychain network stop --node peer0.hospital.city.internal")


def fault_drill(bench: Bench) -> None:
    assert "nodes-run" in bench.wrong()
    bench.do("citychain network start --node peer0.hospital.city.internal")
    bench.step(1)
    bench.step(2)
    bench.do("citychain monitor drill peer0.databureau.city.internal --seconds 1")


# -- contracts -------------------------------------------------------------------------------------------
def other_value(bench: Bench) -> None:
    bench.step(1)
    bench.step(2)
    bench.step(3)
    bench.do("citychain chaincode query things Read A-1")


def first_contract(bench: Bench) -> None:
    bench.do("citychain chaincode invoke things Change A-1 850")
    bench.do("citychain chaincode invoke things Create B-1 书架 120")


def half_a_rule(bench: Bench) -> None:
    rule = '        if amount > 10:\n            raise ChaincodeError("TOO_MANY", "ten at most", status=400)\n'
    bench.edit("tally/contract.py", "        total = ", f"{rule}        total = ")
    bench.step(2)
    bench.step(3)


def own_contract(bench: Bench) -> None:
    bench.edit("tally/contract.py", "if amount > 10:", "if not 1 <= amount <= 10:")
    bench.step(4)


RENAME = '''
    @transaction
    def Rename(self, ctx: Context, thing_id: str, description: str) -> None:
        """Change the description. Example: Rename A-1 "a tricycle" """
        thing = self.Read(ctx, thing_id)
        if thing["owner"] != ctx.client.id:
            raise ChaincodeError("NOT_OWNER", f"{thing_id} is somebody else's", status=403)
        self._write(ctx, thing_id, thing | {"description": description})

    @query'''


def another_name(bench: Bench) -> None:
    bench.step(1)
    bench.edit("things/contract.py", "\n    @query", RENAME)
    bench.edit("things/contract.py", '"1.0.0"', '"1.1.0"')
    bench.do("citychain chaincode deploy things2 --source things")


def contract_upgrade(bench: Bench) -> None:
    bench.step(3)
    bench.do('citychain chaincode invoke things Rename A-1 "电动自行车"')


def one_is_enough(bench: Bench) -> None:
    bench.step(1)
    bench.step(2)
    policy = "OR('DataBureauMSP.peer', 'HospitalMSP.peer')"
    bench.do(f'citychain chaincode deploy things --source things --policy "{policy}"')


def endorsement_policy(bench: Bench) -> None:
    policy = "AND('DataBureauMSP.peer', 'HospitalMSP.peer')"
    bench.do(f'citychain chaincode deploy things --source things --policy "{policy}"')
    bench.step(3)
    alone = bench.lab.steps[3].commands[0]
    assert bench.ask(alone).code == 4, "it is judged invalid"
    bench.step(5)


def everybody_keeps_it(bench: Bench) -> None:
    bench.step(2)
    bench.edit("price.json", "128000", "731955")
    bench.step(3)


def private_data(bench: Bench) -> None:
    bench.edit("collections.json", "OR('DataBureauMSP.member', 'HospitalMSP.member')", "OR('HospitalMSP.member')")
    bench.step(2)
    bench.step(3)
    hospital, bureau = bench.lab.steps[3].commands
    assert "731955" in str(bench.do(hospital))
    refused = bench.ask(bureau)
    assert refused.code != 0 or b"731955" not in refused.out


# -- people ----------------------------------------------------------------------------------------------
def somebody_else(bench: Bench) -> None:
    bench.step(1)
    bench.step(2)
    bench.do("citychain identity revoke DataBureauMSP/guest --yes")


def revocation(bench: Bench) -> None:
    bench.step(3)
    assert bench.ask("citychain chaincode invoke things Create L-2 镜头 900 --identity DataBureauMSP/lin").code != 0
    bench.do("citychain chaincode invoke things Create M-1 话筒 500")


# -- reading ---------------------------------------------------------------------------------------------
def wrong_answers(bench: Bench) -> None:
    bench.step(1)
    bench.do("citychain lab answer reading-blocks code=PHANTOM_READ_CONFLICT key=A-1 winner=admin block=1")


def read_blocks(bench: Bench) -> None:
    (invalid,) = bench.do("citychain ledger transactions --invalid")
    taken = bench.do(f"citychain ledger tx {invalid['tx_id']}")
    (conflict,) = taken["conflicts"]
    history = bench.do(f"citychain ledger history things {conflict['key']}")
    winner = conflict["winner"]["creator"]
    assert history
    bench.do(
        f"citychain lab answer reading-blocks code={invalid['code_name']} key={conflict['key']} winner={winner} "
        f"block={invalid['block']}"
    )


def wrong_people(bench: Bench) -> None:
    bench.step(1)
    bench.do("citychain lab answer audit-reading exporter=owner refused=owner right=ledger.read")


def read_audit(bench: Bench) -> None:
    bench.step(2)
    bench.step(3)
    entries = bench.do("citychain audit list")
    exporter = next(one for one in entries if one["who"] != "owner" and "ledger.export" in one["asks"])
    refused = next(one for one in entries if one["outcome"] == "permission_denied")
    bench.do(
        f"citychain lab answer audit-reading exporter={exporter['who']} refused={refused['who']} "
        f"right={refused['asks'][-1]}"
    )


def wrong_file(bench: Bench) -> None:
    bench.step(1)
    broken = _broken(bench)
    other = {"one": "two", "two": "one"}[broken[0]]
    bench.do(f"citychain lab answer ledger-evidence forged={other} block={broken[1]}")


def ledger_evidence(bench: Bench) -> None:
    name, block = _broken(bench)
    bench.do(f"citychain lab answer ledger-evidence forged={name} block={block}")


def _broken(bench: Bench) -> tuple[str, Any]:
    for name in ("one", "two"):
        done = bench.ask(f"citychain ledger verify --file {name}.blocks")
        if done.code:
            return name, done.error["details"]["block"]
    raise AssertionError("neither export is broken")


# -- safekeeping -----------------------------------------------------------------------------------------
def backed_up_too_early(bench: Bench) -> None:
    bench.step(2)
    bench.step(1)


def backup_restore(bench: Bench) -> None:
    bench.step(2)
    bench.step(3)
    bench.do("citychain --workspace restored restore lab.ccb")


# -- applications ----------------------------------------------------------------------------------------
def nobody_accepted(bench: Bench) -> None:
    poem = bench.files / "poem.txt"
    poem.write_text(poem.read_text("utf-8") + f"潮声里有人念着{bench.code}\n", "utf-8")
    work = bench.step(1)["id"]
    bench.step(2, WORK_ID=work)


def copyright_life(bench: Bench) -> None:
    works = bench.do("citychain copyright list")
    work = works[0]["id"]
    (licence,) = list(bench.do("citychain copyright inbox --as PublicMSP/press"))
    bench.step(3, LICENCE_ID=licence["id"])
    bench.step(4)
    assert "没有 evidence.zip" in bench.wrong()["evidence-holds"]["wrong"]
    bench.do(f"citychain copyright evidence {work} --output evidence.zip")
    bench.do("citychain copyright verify evidence.zip --card card.json")


def kept_the_slot(bench: Bench) -> None:
    bench.step(1)
    bench.step(2)
    slot = bench.do("citychain slots search --hospital H0001")["slots"][0]["id"]
    bench.do(f"citychain slots book {slot} --identity one.json")
    assert bench.ask(f"citychain slots book {slot} --identity two.json").error["code"] == "slot_taken"


def slots_booking(bench: Bench) -> None:
    booked = bench.do("citychain slots appointments --hospital H0001")[0]
    bench.do(f"citychain slots cancel {booked['id']}")
    slot = bench.do("citychain slots search --hospital H0001")["slots"][-1]["id"]
    bench.do(f"citychain slots book {slot} --identity one.json")


def other_parts(bench: Bench) -> None:
    line = bench.do(bench.command(1, 1))
    bench.do(bench.command(1, 2, LINE_ID=line["id"]))
    rows = bench.do(bench.command(2, 1, LINE_ID=line["id"]))
    first, second = (str(one["certificate"]) for one in rows[:2])
    bench.kept["certificate"] = first
    bench.do(bench.command(2, 2, CERTIFICATE_ID=first))
    bench.do(f"citychain finance certificate accept {second}")
    rest = bench.do(f"citychain finance certificate show {second}")["amount_fen"] - 100_000
    bench.do(f"citychain finance certificate split {second} {rest / 100:.2f} 1000")


def finance_certificate(bench: Bench) -> None:
    whole = bench.kept["certificate"]
    part = bench.do(f"citychain finance certificate split {whole} 600000 400000")["children"][0]
    bench.do(f"citychain finance certificate transfer {part} --to PublicMSP/supplier-2")
    assert "还没有接受" in bench.wrong()["part-passed-on"]["wrong"]
    bench.do(f"citychain finance certificate take {part} --as PublicMSP/supplier-2")
    bench.step(4, CERTIFICATE_ID=whole)


CASES: dict[str, Case] = {
    "first-network": Case(unnamed_network, "nodes-run", "没有网络", first_network),
    "first-contract": Case(other_value, "first-thing", "是 900，不是 850", first_contract),
    "own-contract": Case(half_a_rule, "tally-refuses", "接受了数量 0", own_contract),
    "contract-upgrade": Case(another_name, "things-upgraded", "另外部署了合约 things2", contract_upgrade),
    "endorsement-policy": Case(one_is_enough, "policy-both", "背书就够了", endorsement_policy),
    "private-data": Case(everybody_keeps_it, "prices-kept", "DataBureauMSP, HospitalMSP 存放", private_data),
    "revocation": Case(somebody_else, "lin-revoked", "林工的证书仍然有效", revocation),
    "join-channel": Case(another_msp, "clinic-member", "TownMSP", join_channel),
    "reading-blocks": Case(wrong_answers, "read-code", "PHANTOM_READ_CONFLICT”与账本不符", read_blocks),
    "audit-reading": Case(wrong_people, "audit-exporter", "“owner”与账本不符", read_audit),
    "backup-restore": Case(backed_up_too_early, "backup-newest", "备份只到区块", backup_restore),
    "fault-drill": Case(stopped_peer, "drilled-hospital", "没有演练过", fault_drill),
    "ledger-evidence": Case(wrong_file, "forged-named", "与账本不符", ledger_evidence),
    "copyright-life": Case(nobody_accepted, "licence-in-force", "还没有接受", copyright_life),
    "slots-booking": Case(kept_the_slot, "slot-given-back", "没有退过号", slots_booking),
    "finance-certificate": Case(other_parts, "certificate-split", "凭证拆成了 1,000.00", finance_certificate),
}
QUICK = ("reading-blocks", "first-contract")
"""Done in the quick tier; the others are slow."""
