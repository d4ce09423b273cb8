"""Every rule of the right's life over a real network, as people at terminals meet it: what was done before, and the
command that is refused.

A line reads `who: command -> name`; `{name}` is what an earlier line gave. Words in @ stand for people of several
organisations. `deposited` and `registered` are works of Alice's that nobody used before.
"""

from __future__ import annotations

import json
import shlex
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apps.copyright.batch import deposit_folder
from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.platform import Platform
from tests.apps.copyright.office import pass_first
from tests.apps.copyright.terminal import OK, Terminal
from tests.conftest import City, close_city, make_city

PEOPLE = {
    "alice": ("CopyrightMSP", "creator"),
    "bob": ("DataBureauMSP", "creator,licensee"),
    "carol": ("HospitalMSP", "licensee"),
    "dave": ("HealthMSP", "licensee,creator"),
    "zhao": ("CopyrightMSP", "registrar"),
    "qian": ("CopyrightMSP", "registrar"),
    "both": ("CopyrightMSP", "creator,registrar"),
    "foreign": ("HospitalMSP", "registrar"),
    "audit": ("HealthMSP", "auditor"),
}
LABELS = {name: f"{msp_id}/{name}" for name, (msp_id, _) in PEOPLE.items()}
DOCUMENT = "11010519491231002X"
DEPOSITED, REGISTERED = 100, 36
STATEMENT = {"purpose": "记录", "process": "写作", "originality": "文字"}
YEARS = "--from 2026-01-01 --until 2030-12-31"
DEBT = f"--debt 100 --from 2026-01-01 --until 2030-01-01 --contract {'1' * 64}"
CLAIM = "--ground ownership --statement 系本人作品 --evidence file={document}"
FILING = "--owner-name 样例甲 --document-file {document} --purpose 记录 --process 写作 --originality 文字"


@dataclass
class Stage:
    """A network with people on it, and works to use up."""

    terminal: Terminal
    deposited: list[str]
    registered: list[str]
    folder: Path

    def play(self, script: str, following: str = "") -> dict[str, str]:
        """Run every line; what the named ones gave. `following` is run later with the same works."""
        needed = script + following
        known: dict[str, str] = {
            "work": self.deposited.pop() if "{work}" in needed else "",
            "registered": self.registered.pop() if "{registered}" in needed else "",
            "document": str(self.folder / "document"),
            "folder": str(self.folder),
        }
        for line in filter(None, (one.strip() for one in script.splitlines())):
            self.line(line, known)
        return known

    def line(self, line: str, known: dict[str, str]) -> Any:
        """Run one line that must succeed."""
        line, _, name = line.partition(" -> ")
        who, arguments = self.read(line, known)
        done = self.terminal.do(*arguments, as_=who)
        if name:
            known[name] = done["id"]
        return done

    def read(self, line: str, known: dict[str, str]) -> tuple[str, list[str]]:
        """Who runs what."""
        who, _, command = line.partition(": ")
        for person, label in LABELS.items():
            command = command.replace(f"@{person}", label)
        for name, value in known.items():
            command = command.replace(f"{{{name}}}", value)
        return LABELS[who], shlex.split(command)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("rules")
    city = make_city(folder / "workspace")
    platform = city.platform
    try:
        for name, (msp_id, role) in PEOPLE.items():
            platform.identities.issue(msp_id, name, role, network=city.network)
        works = folder / "works"
        works.mkdir()
        for number in range(DEPOSITED + REGISTERED):
            (works / f"{number:03}.txt").write_text(f"{uuid.uuid4().hex}\n" * 9, encoding="utf-8")
        form = WorkForm(title="", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
        alice = platform.identities.actor(LABELS["alice"], city.network)
        with platform.session.acting_as(alice), CopyrightService(platform, city.network) as service:
            ids = [line.work_id for line in deposit_folder(service, works, defaults=form).lines]
            cases = [_apply(service, work_id) for work_id in ids[DEPOSITED:]]
        zhao = platform.identities.actor(LABELS["zhao"], city.network)
        with platform.session.acting_as(zhao), CopyrightService(platform, city.network) as service:
            for case in cases:
                for step in ("verify", "accept", "examine"):
                    service.review(case, step)
                pass_first(service, case)
        qian = platform.identities.actor(LABELS["qian"], city.network)
        with platform.session.acting_as(qian), CopyrightService(platform, city.network) as service:
            for case in cases:
                service.review(case, "approve", "同意")
                service.review(case, "issue")
        (folder / "document").write_text(f"{DOCUMENT}\n", encoding="utf-8")
        person = {"party": LABELS["alice"], "name": "样例甲", "kind": "natural"}
        form = {"acquisition": "original", "attribution": "individual", "rights": "all", "statement": STATEMENT}
        (folder / "correction.json").write_text(json.dumps(form | {"owners": [person]}), encoding="utf-8")
    finally:
        platform.close()
    made = Stage(Terminal(folder / "workspace"), ids[:DEPOSITED], ids[DEPOSITED:], folder)
    yield made
    close_city(City(Platform.open(folder / "workspace"), city.network))


def _apply(service: CopyrightService, work_id: str) -> str:
    person = {"party": LABELS["alice"], "name": "样例甲", "kind": "natural"}
    service.put_owner_documents(work_id, [person | {"document_type": "resident_id", "document_number": DOCUMENT}])
    form = {"acquisition": "original", "attribution": "individual", "rights": "all", "statement": STATEMENT}
    return service.apply(work_id, form | {"owners": [person]}).value.id


def shared(work: str) -> str:
    """Alice gives Bob four tenths of a work."""
    return f"""
        alice: transfer propose {work} --to @bob --share 4000 -> part
        bob: transfer accept {{part}}
    """


def granted(work: str, to: str, options: str) -> str:
    """A licence in force."""
    return f"""
        alice: license offer {work} --to @{to} {options} {YEARS} -> licence
        {to}: license accept {{licence}}
    """


def pledged(work: str) -> str:
    """A registered pledge to Dave."""
    return f"""
        alice: pledge propose {work} --to @dave {DEBT} -> pledge
        dave: pledge accept {{pledge}}
        zhao: pledge decide {{pledge}}
    """


EXAMINING = (
    f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify\nzhao: review {{case}} accept\n"
    "zhao: review {case} examine"
)
EXCLUSIVE = "--kind exclusive --rights all --territory CN"

# rule: (what was done before, the command that is refused, the refusal's code)
RULES: dict[str, tuple[str, str, str]] = {
    # -- 登记 --
    "only the office's registrar reviews": (
        f"alice: register {{work}} {FILING} -> case",
        "foreign: review {case} verify",
        "forbidden",
    ),
    "a registrar does not review a case of their own": (
        f"alice: transfer propose {{work}} --to @both -> sale\nboth: transfer accept {{sale}}\n"
        f"both: register {{work}} {FILING} -> case",
        "both: review {case} verify",
        "conflict_of_interest",
    ),
    "no step of the review is skipped": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify",
        "zhao: review {case} approve",
        "wrong_state",
    ),
    "a work is compared before it is passed": (EXAMINING, "zhao: review {case} pass", "not_compared"),
    "first examination and review are two people's": (
        EXAMINING + "\nzhao: compare {case}\nzhao: review {case} pass",
        "zhao: review {case} approve",
        "same_person",
    ),
    "nobody sends back what they passed themselves": (
        EXAMINING + "\nzhao: compare {case}\nzhao: review {case} pass",
        "zhao: review {case} return --reason x",
        "same_person",
    ),
    "what was sent back is compared anew": (
        EXAMINING + "\nzhao: compare {case}\nzhao: review {case} pass\nqian: review {case} return --reason 重查",
        "zhao: review {case} pass",
        "not_compared",
    ),
    "an opinion is about a work that was found": (
        EXAMINING + "\nzhao: compare {case}",
        "zhao: opinion {case} {registered} different --reason x",
        "not_compared",
    ),
    "the office does not cancel for the owners without their application": (
        EXAMINING + "\nzhao: compare {case}\nzhao: review {case} pass\nqian: review {case} approve\n"
        "qian: review {case} issue",
        "zhao: cancel {case} --ground owner_request --reason 申请人要求",
        "application_needed",
    ),
    "a cancellation needs all owners": (
        shared("{registered}") + "\nalice: cancellation request {registered} --reason x -> asked",
        "zhao: cancellation approve {asked} --reason 同意",
        "consent_missing",
    ),
    "a change needs all owners": (
        shared("{registered}") + """\nalice: change {registered} '{"note": "补"}' --reason 更正 -> change""",
        "zhao: decide-change {change} --reason 属实",
        "consent_missing",
    ),
    "the category stands in the number": (
        "",
        """alice: change {registered} '{"category": "art"}' --reason 更正""",
        "invalid_field",
    ),
    "a correction changes what the office named": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify\n"
        "zhao: review {case} correct --reason 请更正题名 --fields title",
        "alice: correct {case} @{folder}/correction.json",
        "not_corrected",
    ),
    "a correction names fields that there are": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify",
        "zhao: review {case} correct --reason 请更正 --fields mood",
        "invalid_field",
    ),
    "a step takes no option of another": (
        f"alice: register {{work}} {FILING} -> case",
        "zhao: review {case} verify --reason 没有用",
        "option_does_not_apply",
    ),
    "fields are for a correction": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify",
        "zhao: review {case} refuse --reason x --fields title",
        "option_does_not_apply",
    ),
    "co-owners or one owner": (
        "",
        f"alice: register {{work}} {FILING} --owners {{document}}",
        "option_does_not_apply",
    ),
    "a registered work is not amended": ("", "alice: amend {registered} --title 新名 --reason 更正", "already_filed"),
    "nobody else amends": ("", "bob: amend {work} --title 新名 --reason 更正", "not_owner"),
    "registering does not change what is filed": (
        f"alice: register {{work}} {FILING}",
        f"alice: register {{work}} --title 新名 {FILING}",
        "already_filed",
    ),
    "one sentence is no dispute": ("", "bob: dispute open {work} --statement 系本人作品", "evidence_missing"),
    "another's deposit is no evidence": (
        "",
        "bob: dispute open {registered} --statement x --earlier {work}",
        "evidence_missing",
    ),
    "a lifted dispute needs other evidence": (
        f"dave: dispute open {{work}} {CLAIM} -> dispute\nzhao: dispute lift {{dispute}} --reason 无关",
        f"dave: dispute open {{work}} {CLAIM}",
        "evidence_used",
    ),
    "only the office lifts a dispute": (
        f"dave: dispute open {{work}} {CLAIM} -> dispute",
        "carol: dispute lift {dispute} --reason 无关",
        "permission_denied",
    ),
    "a freeze does not end before the office's days have passed": (
        f"bob: dispute open {{work}} {CLAIM} -> dispute",
        "bob: dispute lapse {dispute}",
        "deadline_running",
    ),
    "only registrars compare": (EXAMINING, "foreign: compare {case}", "forbidden"),
    "a refusal gives reasons": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify",
        "zhao: review {case} refuse",
        "invalid_field",
    ),
    "a correction is not closed before its two months have passed": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify\n"
        "zhao: review {case} correct --reason 请补充",
        "zhao: review {case} lapse",
        "deadline_running",
    ),
    "only the applicant takes an application back": (
        f"alice: register {{work}} {FILING} -> case",
        "bob: withdraw {case}",
        "not_applicant",
    ),
    "a work is registered once": ("", f"alice: register {{registered}} {FILING}", "wrong_state"),
    "an attribution comes with its proof": (
        "",
        f"alice: register {{work}} {FILING} --attribution commissioned",
        "proof_missing",
    ),
    "a joint work has two authors": (
        "",
        f"alice: register {{work}} {FILING} --attribution joint --proof cooperation_agreement={{document}}",
        "invalid_field",
    ),
    "an application names every co-owner": (shared("{work}"), f"alice: register {{work}} {FILING}", "invalid_field"),
    "a disputed work is not registered": (
        f"bob: dispute open {{work}} {CLAIM}",
        f"alice: register {{work}} {FILING}",
        "disputed",
    ),
    "a certificate is issued for the owners who applied": (
        f"alice: register {{work}} {FILING} -> case\nzhao: review {{case}} verify\nzhao: review {{case}} accept\n"
        "zhao: review {case} examine\nzhao: compare {case}\n"
        "alice: transfer propose {work} --to @bob -> sale\nbob: transfer accept {sale}",
        "zhao: review {case} pass",
        "owners_changed",
    ),
    "only registered works are changed by the office": (
        "",
        """alice: change {work} '{"title": "新名"}' --reason 更正""",
        "not_registered",
    ),
    "a change is asked for by an owner": (
        "",
        """bob: change {registered} '{"title": "新名"}' --reason 更正""",
        "not_owner",
    ),
    "a change is decided once": (
        """alice: change {registered} '{"title": "新名"}' --reason 更正 -> change
        zhao: decide-change {change} --reason 属实""",
        "zhao: decide-change {change} --refuse --reason 不实",
        "wrong_state",
    ),
    "a registration is cancelled on one of the grounds": (
        f"alice: register {{work}} {FILING} -> case",
        "zhao: cancel {case} --ground mood --reason x",
        "unknown_code",
    ),
    "what is registered is not revoked by its owner alone": (
        "",
        "alice: revoke {registered} --reason 误存",
        "work_bound",
    ),
    # -- 许可 --
    "an exclusive licence leaves room for no other": (
        granted("{work}", "carol", EXCLUSIVE),
        f"alice: license offer {{work}} --to @bob --territory CN-GD {YEARS}",
        "licence_conflict",
    ),
    "a sole licence leaves room for no other": (
        granted("{work}", "carol", "--kind sole --rights network"),
        f"alice: license offer {{work}} --to @bob --rights network {YEARS}",
        "licence_conflict",
    ),
    "an ordinary licence stands in an exclusive one's way": (
        granted("{work}", "carol", "--rights network"),
        f"alice: license offer {{work}} --to @bob {EXCLUSIVE} {YEARS}",
        "licence_conflict",
    ),
    "of two exclusive offers one is accepted": (
        f"alice: license offer {{work}} --to @carol {EXCLUSIVE} {YEARS} -> one\n"
        f"alice: license offer {{work}} --to @bob {EXCLUSIVE} {YEARS} -> two\ncarol: license accept {{one}}",
        "bob: license accept {two}",
        "licence_conflict",
    ),
    "a licence is offered by an owner": ("", f"bob: license offer {{work}} --to @carol {YEARS}", "not_owner"),
    "a licence is signed by its licensee": (
        f"alice: license offer {{work}} --to @carol {YEARS} -> licence",
        "bob: license accept {licence}",
        "not_licensee",
    ),
    "co-owners consent to an exclusive licence": (
        shared("{work}") + f"alice: license offer {{work}} --to @carol {EXCLUSIVE} {YEARS} -> licence",
        "carol: license accept {licence}",
        "consent_missing",
    ),
    "a pledgee consents to a licence": (
        pledged("{registered}") + f"alice: license offer {{registered}} --to @carol {YEARS} -> licence",
        "carol: license accept {licence}",
        "consent_missing",
    ),
    "nobody consents who was not asked": (
        f"alice: license offer {{work}} --to @carol {YEARS} -> licence",
        "bob: license consent {licence}",
        "not_asked",
    ),
    "a sublicence needs the licence's leave": (
        granted("{work}", "carol", "--rights network"),
        f"carol: license offer {{work}} --to @bob --parent {{licence}} {YEARS}",
        "no_sublicensing",
    ),
    "a sublicence stays within its licence": (
        granted("{work}", "carol", "--rights network --sublicensing"),
        f"carol: license offer {{work}} --to @bob --parent {{licence}} --rights translation {YEARS}",
        "beyond_licence",
    ),
    "a disputed work is not licensed": (
        f"bob: dispute open {{work}} {CLAIM}",
        f"alice: license offer {{work}} --to @carol {YEARS}",
        "disputed",
    ),
    "use is reported by the licensee": (
        granted("{work}", "carol", "--royalty 1000"),
        "bob: license use {licence} --from 2026-01-01 --until 2026-01-31 --quantity 1",
        "not_licensee",
    ),
    "use is reported once": (
        granted("{work}", "carol", "--royalty 1000")
        + "carol: license use {licence} --from 2026-01-01 --until 2026-01-31 --quantity 1",
        "carol: license use {licence} --from 2026-01-15 --until 2026-02-15 --quantity 1",
        "usage_counted",
    ),
    "use is settled by the licensor": (
        granted("{work}", "carol", "--royalty 1000")
        + "carol: license use {licence} --from 2026-01-01 --until 2026-01-31 --quantity 1 -> usage",
        "bob: license settle {usage}",
        "not_licensor",
    ),
    # -- 转让 --
    "a transfer is proposed by an owner": ("", "bob: transfer propose {work} --to @carol", "not_owner"),
    "nobody sells more than they have": (
        shared("{work}"),
        "bob: transfer propose {work} --to @carol --share 4001",
        "invalid_field",
    ),
    "a transfer is accepted by its buyer": (
        "alice: transfer propose {work} --to @carol -> sale",
        "bob: transfer accept {sale}",
        "not_buyer",
    ),
    "all co-owners consent to a transfer": (
        shared("{work}") + "alice: transfer propose {work} --to @carol -> sale",
        "carol: transfer accept {sale}",
        "consent_missing",
    ),
    "a pledgee consents to a transfer": (
        pledged("{registered}") + "alice: transfer propose {registered} --to @carol -> sale",
        "carol: transfer accept {sale}",
        "consent_missing",
    ),
    "a dispute freezes a transfer under way": (
        f"alice: transfer propose {{work}} --to @carol -> sale\nbob: dispute open {{work}} {CLAIM}",
        "carol: transfer accept {sale}",
        "disputed",
    ),
    "a dispute freezes new transfers": (
        f"bob: dispute open {{work}} {CLAIM}",
        "alice: transfer propose {work} --to @carol",
        "disputed",
    ),
    "a revoked deposit is not sold": (
        "alice: revoke {work} --reason 误存",
        "alice: transfer propose {work} --to @carol",
        "wrong_state",
    ),
    # -- 质押 --
    "a pledge needs a registration": ("", f"alice: pledge propose {{work}} --to @dave {DEBT}", "not_registered"),
    "a pledge is offered by an owner": ("", f"bob: pledge propose {{registered}} --to @dave {DEBT}", "not_owner"),
    "a disputed work is not pledged": (
        f"bob: dispute open {{registered}} {CLAIM}",
        f"alice: pledge propose {{registered}} --to @dave {DEBT}",
        "disputed",
    ),
    "a work is pledged once": (
        pledged("{registered}"),
        f"alice: pledge propose {{registered}} --to @bob {DEBT}",
        "pledged",
    ),
    "an expired right is not pledged": (
        """alice: change {registered} '{"authors": [{"name": "样例甲", "died": "1950-01-01"}]}' --reason 更正 -> change
        zhao: decide-change {change} --reason 属实""",
        f"alice: pledge propose {{registered}} --to @dave {DEBT}",
        "right_expired",
    ),
    "a debt does not outlive the right": (
        """alice: change {registered} '{"authors": [{"name": "样例甲", "died": "1978-01-01"}]}' --reason 更正 -> change
        zhao: decide-change {change} --reason 属实""",
        f"alice: pledge propose {{registered}} --to @dave {DEBT}",
        "right_expires",
    ),
    "all co-owners consent to a pledge": (
        shared("{registered}") + f"alice: pledge propose {{registered}} --to @dave {DEBT} -> pledge",
        "dave: pledge accept {pledge}",
        "consent_missing",
    ),
    "a pledge is filed by both sides": (
        f"alice: pledge propose {{registered}} --to @dave {DEBT} -> pledge",
        "zhao: pledge decide {pledge}",
        "wrong_state",
    ),
    "a pledge is registered by the office": (
        f"alice: pledge propose {{registered}} --to @dave {DEBT} -> pledge\ndave: pledge accept {{pledge}}",
        "foreign: pledge decide {pledge}",
        "forbidden",
    ),
    "a pledge is discharged by its pledgee": (
        pledged("{registered}"),
        "alice: pledge discharge {pledge}",
        "not_pledgee",
    ),
    # -- 异议, 侵权 --
    "nobody contests their own work": ("", f"alice: dispute open {{work}} {CLAIM}", "same_party"),
    "one dispute each": (
        f"bob: dispute open {{work}} {CLAIM}",
        f"bob: dispute open {{work}} {CLAIM}",
        "already_filed",
    ),
    "a dispute is decided by the office": (
        f"bob: dispute open {{work}} {CLAIM} -> dispute",
        "foreign: dispute resolve {dispute} dismissed --reason x",
        "forbidden",
    ),
    "a dispute is given up by its claimant": (
        f"bob: dispute open {{work}} {CLAIM} -> dispute",
        "carol: dispute withdraw {dispute} --reason x",
        "not_claimant",
    ),
    "infringements are reported by owners": (
        granted("{work}", "carol", "--rights network"),
        "carol: infringement report {work} --where http://localhost/ --description 转载",
        "not_owner",
    ),
    "a case is closed by its reporter": (
        "alice: infringement report {work} --where http://localhost/ --description 转载 -> case",
        "bob: infringement close {case} removed --note x",
        "not_reporter",
    ),
    "keys are given for sealed works": ("", "alice: grant {work} @carol", "not_encrypted"),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(stage: Stage, rule: str) -> None:
    before, refused, code = RULES[rule]
    known = stage.play(before, refused)
    who, arguments = stage.read(refused, known)
    answer = stage.terminal.ask(*arguments, as_=who)
    assert answer.code != OK, answer.json
    assert answer.error["code"] == code, answer.error
    assert answer.error["message"]
    assert answer.out == b""


# What is allowed, to the end: the same people, over several organisations.
STORIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "an exclusive licence with a co-owner's consent": (
        shared("{work}")
        + f"""
        alice: license offer {{work}} --to @carol {EXCLUSIVE} {YEARS} -> licence
        bob: license consent {{licence}}
        carol: license accept {{licence}}
        """,
        "alice: license end {licence} --reason 改版",
        {"state": "ACTIVE"},
    ),
    "a sublicence is offered, accepted and used": (
        granted("{work}", "carol", "--rights network --sublicensing --royalty 500")
        + f"""
        carol: license offer {{work}} --to @bob --parent {{licence}} --rights network --royalty 800 {YEARS} -> sub
        bob: license accept {{sub}}
        bob: license use {{sub}} --from 2026-01-01 --until 2026-01-31 --revenue 10000 -> usage
        """,
        "carol: license settle {usage} --dispute 金额不符",
        {"state": "DISPUTED", "royalty_fen": 800, "split": [{"party": LABELS["carol"], "fen": 800}]},
    ),
    "a pledged work is sold with everybody's consent": (
        shared("{registered}")
        + f"""
        alice: pledge propose {{registered}} --to @dave {DEBT} -> pledge
        bob: pledge consent {{pledge}}
        dave: pledge accept {{pledge}}
        zhao: pledge decide {{pledge}}
        alice: transfer propose {{registered}} --to @carol --price 100 -> sale
        bob: transfer consent {{sale}}
        dave: transfer consent {{sale}}
        """,
        "carol: transfer accept {sale}",
        {"state": "COMPLETED"},
    ),
    "an offer is declined, another taken back": (
        f"""
        alice: license offer {{work}} --to @carol {EXCLUSIVE} {YEARS} -> one
        carol: license reject {{one}}
        alice: license offer {{work}} --to @bob {EXCLUSIVE} {YEARS} -> two
        alice: license withdraw {{two}}
        alice: transfer propose {{work}} --to @bob -> sale
        """,
        "bob: transfer reject {sale} --reason 价格",
        {"state": "REJECTED"},
    ),
    "a pledge is refused by the office, another given up": (
        f"""
        alice: pledge propose {{registered}} --to @dave {DEBT} -> one
        dave: pledge reject {{one}} --reason 改主意
        alice: pledge propose {{registered}} --to @dave {DEBT} -> two
        dave: pledge accept {{two}}
        """,
        "zhao: pledge decide {two} --refuse 合同无效",
        {"state": "REFUSED"},
    ),
    "a frivolous dispute is lifted and the work sold": (
        f"""
        dave: dispute open {{work}} {CLAIM} -> dispute
        zhao: dispute lift {{dispute}} --reason 证据与本件无关
        alice: transfer propose {{work}} --to @carol -> sale
        """,
        "carol: transfer accept {sale}",
        {"state": "COMPLETED"},
    ),
    "a dispute is admitted and decided": (
        f"""
        bob: dispute open {{work}} {CLAIM} -> dispute
        zhao: dispute admit {{dispute}} --reason 证据成立
        """,
        "zhao: dispute resolve {dispute} dismissed --reason 无据",
        {"state": "DECIDED"},
    ),
    "co-owners change an entry together": (
        shared("{registered}")
        + """
        alice: change {registered} '{"note": "第二版"}' --reason 更正 -> change
        bob: consent-change {change}
        """,
        "zhao: decide-change {change} --reason 属实",
        {"state": "APPROVED"},
    ),
    "a dispute is opened, given up, and the work sold": (
        f"""
        bob: dispute open {{work}} {CLAIM} -> dispute
        bob: dispute withdraw {{dispute}} --reason 误会
        alice: transfer propose {{work}} --to @carol -> sale
        """,
        "carol: transfer accept {sale}",
        {"state": "COMPLETED"},
    ),
    "an infringement is reported by an exclusive licensee and closed": (
        granted("{work}", "carol", EXCLUSIVE)
        + """
        carol: infringement report {work} --where http://localhost/ --description 转载 --suspect 某网站 -> case
        """,
        "carol: infringement close {case} removed --note 已删除",
        {"state": "CLOSED", "outcome": "removed"},
    ),
    "a registration is cancelled and the work withdrawn": (
        f"""
        alice: register {{work}} {FILING} -> case
        zhao: review {{case}} verify
        zhao: review {{case}} accept
        zhao: review {{case}} examine
        zhao: compare {{case}}
        zhao: review {{case}} pass
        qian: review {{case}} approve
        zhao: review {{case}} issue
        alice: cancellation request {{work}} --reason 不再需要 -> asked
        zhao: cancellation approve {{asked}} --reason 同意
        """,
        "alice: revoke {work} --reason 不再使用",
        {"state": "REVOKED"},
    ),
    "a change is approved": (
        """alice: change {registered} '{"title": "定稿", "note": "第二版"}' --reason 更正 -> change""",
        "zhao: decide-change {change} --reason 属实",
        {"state": "APPROVED"},
    ),
    "an application is taken back and filed again": (
        f"""
        alice: register {{work}} {FILING} -> case
        alice: withdraw {{case}}
        """,
        f"alice: register {{work}} {FILING} --acquisition inheritance --proof inheritance={{document}}",
        {"state": "SUBMITTED", "acquisition": "inheritance"},
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_story(stage: Stage, story: str) -> None:
    script, last, wanted = STORIES[story]
    known = stage.play(script, last)
    done = stage.line(last, known)
    assert {name: done[name] for name in wanted} == wanted


def test_co_owners_apply_together(stage: Stage, tmp_path: Path) -> None:
    known = stage.play(shared("{work}"))
    people = [
        {"party": LABELS[name], "name": name, "kind": "natural", "document_type": kind, "document_number": number}
        for name, kind, number in (("alice", "resident_id", DOCUMENT), ("bob", "passport", "E12345678"))
    ]
    owners = tmp_path / "owners.json"
    owners.write_text(json.dumps(people), encoding="utf-8")
    options = "--purpose 记录 --process 写作 --originality 文字"
    case = stage.line(f"alice: register {{work}} --owners {owners} {options}", known)
    assert [one["party"] for one in case["owners"]] == [LABELS["alice"], LABELS["bob"]]
    assert DOCUMENT not in str(case)


def test_deadlines_are_computed_and_shown(stage: Stage) -> None:
    """Two months for a correction, thirty working days for the examination (作品自愿登记试行办法)."""
    from datetime import date

    from chaincode.copyright import policy

    known = stage.play(f"alice: register {{work}} {FILING} -> case")
    stage.line("zhao: review {case} verify", known)
    corrected = stage.line("zhao: review {case} correct --reason 请补充", known)
    rules = policy.load()
    asked = date.fromisoformat(corrected["log"][-1]["at"][:10])
    due = date.fromisoformat(corrected["deadlines"]["correction"])
    assert due in (rules.months_after(asked, 2), rules.months_after(date.fromordinal(asked.toordinal() + 1), 2))
    form = {"acquisition": "original", "attribution": "individual", "rights": "all", "statement": STATEMENT}
    owners = [{"party": LABELS["alice"], "name": "样例甲", "kind": "natural"}]
    body = shlex.quote(json.dumps(form | {"owners": owners}, ensure_ascii=False))
    stage.line(f"alice: correct {{case}} {body}", known)
    stage.line("zhao: review {case} verify", known)
    accepted = stage.line("zhao: review {case} accept", known)
    days = [rules.working_days.after(date.fromordinal(asked.toordinal() + later), 30) for later in (0, 1)]
    assert date.fromisoformat(accepted["deadlines"]["examination"]) in days
    shown = stage.terminal.plain("queue", "--state", "accepted").out.decode()
    assert accepted["deadlines"]["examination"] in shown


def test_no_document_number_is_left_on_the_ledger_or_in_any_answer(stage: Stage) -> None:
    known = stage.play(f"alice: register {{work}} {FILING} -> case")
    for command in ("show {work}", "history {case}", "history {work}", "list", "queue"):
        assert DOCUMENT not in stage.terminal.ask(*shlex.split(command.format(**known))).out.decode()
