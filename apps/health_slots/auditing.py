"""The audit from blocks alone: what was promised, what was opened, what changed, and who signed each of it.

Nothing here trusts the contract or the index. Commitments are recomputed from what transactions wrote, so an endorsed
but wrong write (an altered contract, colluding endorsers) is found as well as an honest 停诊.

Findings, by kind:

    alarm   hidden (committed, due, never opened; or of a published schedule, never committed), differs (committed
            otherwise than in the published schedule), mismatch (opened otherwise than committed), uncommitted, early
            (opened or taken before its release), delayed (opened more than an hour after it), altered (promised slots
            changed or removed), double, illegal (a move of an appointment or a slot), queue (offered past somebody who
            waited longer), unbalanced (money or points), draw, stuck-draw (overdue), reopened (not at the
            beacon's moment), unreferred (a reserved slot given before its hour without a
            referral), reserve (its hour is not the rules')
    notice  late (committed after the release was due), deferred (a release later than the rules name), delayed (by more
            than ten minutes), withdrawn, stopped, moved, substituted, untimed, roles (who may give which role changed),
            weak-draw (not all three parties committed), re-rolled (a party was silent), void-draw (never finished),
            late-close
    info    added (加号), reserved (share of a session that is not for everybody), open-draw
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.health_slots.audit_findings import Findings
from apps.health_slots.audit_referrals import Reserves
from apps.health_slots.ledger import LedgerBlock, LedgerTransaction
from apps.health_slots.model import AuditReport
from apps.health_slots.schedule import SessionDraft
from apps.health_slots.services.draws import rerun
from baas.errors import Text
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots import grid
from chaincode.health_slots.calendar import local_date
from chaincode.health_slots.context import PORTAL_DAY
from chaincode.health_slots.policy import Policy
from chaincode.health_slots.terms import APPOINTMENT_MOVES, SLOT_MOVES
from chaincode.health_slots.waiting import reopening

_PROMISE = (
    "offset",
    "department",
    "campus",
    "date",
    "part",
    "kind",
    "start",
    "end",
    "fee",
    "count",
    "root",
    "release_at",
    "referral_hours",
    "committed_at",
)
_OPEN = ("runs", "secret", "published_at")
_OPENING_S, _DELAY_S = 600, 3600
"""Seconds after its release from which an opening is noted, and from which it counts as hiding."""


def audit_blocks(
    blocks: Iterable[LedgerBlock],
    *,
    hospital: str = "",
    as_of: int = 0,
    expected: Iterable[str] = (),
    schedule: Mapping[str, SessionDraft] | None = None,
    ctx: JobContext = NULL_CONTEXT,
) -> AuditReport:
    """Audit every block from the first on.

    `hospital` narrows the findings, not what is read. Sessions whose release was due before `as_of` (seconds since
    1970; the last block's time if 0) count as hidden when they were never opened. `expected` names sessions
    (`hospital.session`) that must be on the ledger; `schedule` has the sessions of a published schedule by such names,
    which must be there with the same hours, fee and number of slots, and the same slots once they are open.
    """
    auditor = _Auditor(hospital)
    for block in blocks:
        if block.number % 200 == 0:
            ctx.check_cancelled()
            ctx.progress(block.number, 0, Text("审计区块 {n}", "Auditing block {n}", n=block.number))
        auditor.block(block)
    return auditor.report(as_of, expected, schedule or {})


class _Auditor:
    def __init__(self, hospital: str) -> None:
        self._findings = Findings(hospital)
        self._find = self._findings.add
        self._sessions: dict[str, dict[str, Any]] = {}
        self._where: dict[str, tuple[LedgerTransaction, int]] = {}
        self._slots: dict[str, dict[str, Any]] = {}
        self._appointments: dict[str, dict[str, Any]] = {}
        self._policies: dict[tuple[str, int], dict[str, Any]] = {}
        self._beacons: dict[str, dict[str, Any]] = {}
        self._reopened: list[tuple[str, dict[str, Any], LedgerTransaction, int]] = []
        self._offsets: dict[str, int] = {}
        self._draws: dict[str, list[str]] = {}
        self._open_draws: dict[str, tuple[dict[str, Any], LedgerTransaction, int]] = {}
        self._queues: dict[str, dict[tuple[str, str], str]] = {}
        self._settings: dict[str, Any] | None = None
        self._counts = dict.fromkeys(("blocks", "transactions", "bookings", "added", "withdrawn", "late"), 0)
        self._doors: dict[tuple[str, str], int] = {}
        self._reserves = Reserves()
        self._time = 0
        self._head = ""
        self._next: int | None = None

    # Reading

    def block(self, block: LedgerBlock) -> None:
        if self._next is not None and (block.number != self._next or block.previous_hash != self._head):
            self._find("chain", "alarm", "", None, block.number, Text("区块不相接", "The blocks do not connect"))
        self._next, self._head = block.number + 1, block.hash
        self._counts["blocks"] += 1
        for transaction in block.transactions:
            if not transaction.valid:
                continue
            self._counts["transactions"] += 1
            self._time = max(self._time, transaction.time)
            order = {"hospital": 0, "policy": 1, "session": 2, "appointment": 3, "slot": 4}
            for kind, attributes, record in sorted(transaction.writes, key=lambda w: order.get(w[0], 5)):
                handler = getattr(self, f"_on_{kind.replace('-', '_')}", None)
                if handler is not None:
                    handler(attributes, record, transaction, block.number)
            self._offered(transaction, block.number)

    def _on_hospital(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        self._offsets[key[0]] = record["utc_offset_minutes"]

    def _on_policy(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        place = (key[0], int(key[1]))
        if place in self._policies:
            text = Text("规则的旧版本被改写", "An old version of the rules was rewritten")
            self._find("altered", "alarm", f"{key[0]} v{place[1]}", tx, block, text)
        self._policies[place] = record["rules"]

    def _on_beacon(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        self._beacons[key[0]] = record

    def _on_session(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        name = ".".join(key)
        before = self._sessions.get(name)
        if record is None:
            self._find("altered", "alarm", name, tx, block, Text("出诊单元被删除", "The session was deleted"))
            return
        self._sessions[name] = record
        if before is None:
            self._where[name] = (tx, block)
            self._committed(name, record, tx, block)
            return
        made = {c.get("what") for c in record.get("changes", [])[len(before.get("changes", [])) :]}
        allowed = {"date": "moved", "shift": "moved", "doctor": "substituted"}
        for field in (*_PROMISE, "doctor", "shift"):
            if record.get(field) != before.get(field) and allowed.get(field) not in made:
                text = Text("承诺的内容被改写：{f}", "What was promised was rewritten: {f}", f=field)
                self._find("altered", "alarm", name, tx, block, text)
        if "runs" in record and "runs" not in before:
            self._opened(name, record, tx, block)
        elif any(record.get(f) != before.get(f) for f in _OPEN):
            text = Text("放号后改动了承诺的号源", "Promised slots were changed after the release")
            self._find("altered", "alarm", name, tx, block, text)
        for change in record.get("changes", [])[len(before.get("changes", [])) :]:
            self._changed(name, record, change, tx, block)

    def _committed(self, name: str, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record["state"] != "committed":
            text = Text("没有放号前的承诺", "There was no commitment before the release")
            self._find("uncommitted", "alarm", name, tx, block, text)
        rules = self._policies.get((record["policy"][0], record["policy"][1]))
        if rules is None:
            return
        if record.get("referral_hours", 0) != rules.get("referral_hours", 0):
            text = Text("社区预留的时间与规则不符", "The hour of the reserve for referrals is not the rules'")
            self._find("reserve", "alarm", name, tx, block, text)
        if rules["release_mode"] != "daily":
            if record["release_at"] > tx.time + rules["release_delay_s"]:
                self._deferred(name, record["release_at"] - tx.time - rules["release_delay_s"], tx, block)
            return
        due = Policy.trusted(rules).due_release(record["date"], self._offsets.get(name.partition(".")[0], 480))
        if tx.time >= due:
            self._counts["late"] += 1
            text = Text("在应放号时间之后才承诺", "Committed after the release was due")
            self._find("late", "notice", name, tx, block, text)
        if record["release_at"] > max(due, tx.time):
            self._deferred(name, record["release_at"] - due, tx, block)

    def _deferred(self, name: str, seconds: int, tx: LedgerTransaction, block: int) -> None:
        text = Text("放号时间比规则晚 {n} 分钟", "To be released {n} minutes later than the rules say", n=seconds // 60)
        self._find("deferred", "notice", name, tx, block, text)

    def _opened(self, name: str, record: Any, tx: LedgerTransaction, block: int) -> None:
        runs = record["runs"]
        try:
            root = grid.commitment(name, runs, bytes.fromhex(record["secret"]))
        except (ValueError, TypeError, KeyError):
            root = ""
        if root != record["root"] or sum(run[2] for run in runs) != record["count"]:
            text = Text("放出的号源与承诺不符", "The opened slots are not those committed")
            self._find("mismatch", "alarm", name, tx, block, text)
        if tx.time < record["release_at"]:
            self._find("early", "alarm", name, tx, block, Text("早于放号时间放号", "Opened before its release"))
        behind = tx.time - record["release_at"]
        if behind > _OPENING_S:
            text = Text("比放号时间晚 {n} 分钟才放出", "Opened {n} minutes after its release", n=behind // 60)
            self._find("delayed", "alarm" if behind > _DELAY_S else "notice", name, tx, block, text)
        reserved = sum(run[2] for run in runs if run[3] == "reserved")
        if reserved:
            text = Text(
                "{n}/{all} 个号预留，不对外预约", "{n} of {all} slots are reserved", n=reserved, all=record["count"]
            )
            self._find("reserved", "info", name, tx, block, text)

    def _changed(self, name: str, record: Any, change: Any, tx: LedgerTransaction, block: int) -> None:
        words = {
            "stopped": Text("停诊", "The session was stopped"),
            "moved": Text("改诊", "The session was moved"),
            "substituted": Text("替诊", "Another doctor took the session"),
        }
        what = change["what"]
        if what == "stopped":
            self._counts["withdrawn"] += record["count"]
        self._find(what, "notice", name, tx, block, words.get(what, Text(what, what)), change["reason"])

    def _on_slot(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        name = ".".join(key)
        session = self._sessions.get(f"{key[0]}.{key[1]}")
        before = self._slots.get(name)
        if record is None:
            self._find("altered", "alarm", name, tx, block, Text("号源被删除", "The slot was deleted"))
            return
        if session is None or "runs" not in session:
            self._find("early", "alarm", name, tx, block, Text("放号前已被占用", "Taken before the release"))
        elif before is None and grid.slot_at(session["runs"], int(key[2])) is None:
            if "added" in record:
                self._counts["added"] += 1
                text = Text("放号后加号", "Added after the release")
                self._find("added", "info", name, tx, block, text, record["added"]["reason"])
            else:
                text = Text("不在承诺中，也不是加号", "Neither promised nor added")
                self._find("uncommitted", "alarm", name, tx, block, text)
        self._slots[name] = record
        state = record["state"]
        self._slot_moved(name, before, state, tx, block)
        if state == "stopped" and (before or {}).get("state") != "stopped":
            self._counts["withdrawn"] += 1
            text = Text("号源被撤回", "The slot was withdrawn")
            self._find("withdrawn", "notice", name, tx, block, text, record.get("reason", ""))
        if state in ("booked", "held"):
            self._taken(name, before, record, tx, block)
            given = record.get("appointment") != (before or {}).get("appointment")
            if (
                given
                and session
                and "runs" in session
                and self._reserves.broken(key, record, session, tx.time, tx.writes)
            ):
                text = Text("预留号在开放前给了未转诊的人", "Reserved for referrals, given before its hour without one")
                self._find("unreferred", "alarm", name, tx, block, text)
        if "reopened_at" in record:
            self._reopened.append((name, record, tx, block))

    def _slot_moved(self, name: str, before: Any, state: str, tx: LedgerTransaction, block: int) -> None:
        was = before["state"] if before else "free"
        if was != state and state not in SLOT_MOVES.get(was, ()):
            text = Text("号源状态不合规：{a} → {b}", "Illegal move of a slot: {a} → {b}", a=was, b=state)
            self._find("illegal", "alarm", name, tx, block, text)

    def _taken(self, name: str, before: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record["state"] == "booked" and (before is None or before["state"] != "booked"):
            self._counts["bookings"] += 1
        old = (before or {}).get("appointment")
        if old and old != record["appointment"] and before["state"] in ("booked", "held"):
            state = self._appointments.get(old, {}).get("state")
            if state not in ("cancelled", "noshow"):
                text = Text("一号两约", "One slot, two appointments")
                self._find("double", "alarm", name, tx, block, text)

    def _on_appointment(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        before = self._appointments.get(key[0])
        self._appointments[key[0]] = {"state": record["state"], "slot": record["slot"]}
        if before is None:
            self._made(record, tx, block)
            return
        same_slot = before["slot"] == record["slot"]
        legal = before["state"] == record["state"] or record["state"] in APPOINTMENT_MOVES[before["state"]]
        if not legal or not same_slot:
            text = Text("预约状态不合规：{a} → {b}", "Illegal move: {a} → {b}", a=before["state"], b=record["state"])
            self._find("illegal", "alarm", key[0], tx, block, text, of=record["slot"].partition(".")[0])

    def _made(self, record: Any, tx: LedgerTransaction, block: int) -> None:
        """Count what each door made on a day of China; the one that is too many stands out."""
        door = record["booker"], local_date(record["created_at"], 480)
        self._doors[door] = self._doors.get(door, 0) + 1
        if self._doors[door] == PORTAL_DAY + 1:
            text = Text("{d} 一天超过 {n} 次预约", "{d} made more than {n} bookings in a day", d=door[0], n=PORTAL_DAY)
            self._find("busy-door", "notice", "", tx, block, text)

    def _on_closed(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record is not None and record["at"] > record["limit"] + _OPENING_S:
            late = (record["at"] - record["limit"]) // 60
            text = Text("退号截止晚了 {n} 分钟才关闭", "The time to cancel was closed {n} minutes late", n=late)
            self._find("late-close", "notice", ".".join(key), tx, block, text)

    def _on_posting(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record is None or sum(line[1] for line in record["lines"]) != 0:
            text = Text("记账不平", "A posting does not balance")
            self._find("unbalanced", "alarm", f"{key[0]}.{key[2]}", tx, block, text)

    def _on_points_entry(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record is None or sum(line[1] for line in record["lines"]) != 0:
            self._find("unbalanced", "alarm", key[0], tx, block, Text("积分不平", "Points do not balance"), of="")

    def _on_settings(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if self._settings is not None and record is not None and record["roles"] != self._settings["roles"]:
            text = Text("可授予角色的组织被更改", "Who may give which role was changed")
            self._find("roles", "notice", "", tx, block, text)
        self._settings = record

    def _on_referral(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        self._reserves.written(tuple(key), record)

    def _on_waiting(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        queue = self._queues.setdefault(f"{key[0]}.{key[1]}", {})
        if record is None:
            queue.pop((key[2], key[3]), None)
        else:
            queue[key[2], key[3]] = record["resident"]

    def _offered(self, tx: LedgerTransaction, block: int) -> None:
        """A returned slot that was offered: nobody who had waited longer may still be in the queue behind it."""
        if tx.function != "OfferReturned":
            return
        gone = [(w[1][2], w[1][3]) for w in tx.writes if w[0] == "waiting" and w[2] is None]
        for kind, attributes, record in tx.writes:
            if kind != "slot" or record is None or not record.get("offered"):
                continue
            queue = self._queues.get(f"{attributes[0]}.{attributes[1]}", {})
            last = max(gone, default=("", ""))
            if not gone or any(place < last for place in queue):
                text = Text("没有按候补先后分配", "Offered past somebody who waited longer")
                self._find("queue", "alarm", ".".join(attributes), tx, block, text)

    def _on_draw_application(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        self._draws.setdefault(key[0], []).append(key[-1])

    def _on_draw(self, key: Any, record: Any, tx: LedgerTransaction, block: int) -> None:
        if record is None:
            return
        if record["state"] not in ("done", "void"):
            self._open_draws[key[0]] = (record, tx, block)
            return
        self._open_draws.pop(key[0], None)
        for voided in record.get("void_rounds", []):
            who = str(voided.get("silent", "?"))
            text = Text("摇号一轮作废：{p} 未揭示", "A round of the draw is void: the {p} was silent", p=who)
            self._find("re-rolled", "notice", key[0], tx, block, text, of=record["hospital"])
        if record["state"] == "void":
            text = Text("摇号没有完成，号源退回", "The draw was never finished; its slots were returned")
            self._find("void-draw", "notice", key[0], tx, block, text, of=record["hospital"])
            return
        if len(record["commitments"]) < 3:
            text = Text("没有三方承诺种子", "Not all three parties committed to seeds")
            self._find("weak-draw", "notice", key[0], tx, block, text, of=record["hospital"])
        proof = rerun(key[0], record, self._draws.get(key[0], []))
        for problem in proof.problems:
            text = Text("摇号重算不一致：{p}", "The draw re-run differs: {p}", p=problem)
            self._find("draw", "alarm", key[0], tx, block, text, of=record["hospital"])

    # The end

    def report(self, as_of: int, expected: Iterable[str], schedule: Mapping[str, SessionDraft]) -> AuditReport:
        """Judge what can be judged only at the end, and sum up."""
        moment = as_of or self._time
        hidden = 0
        for name, session in self._sessions.items():
            if session["state"] == "committed" and session["release_at"] < moment:
                hidden += 1
                tx, block = self._where[name]
                text = Text("已承诺的号源到时没有放出", "Committed slots were not opened when due")
                self._find("hidden", "alarm", name, tx, block, text)
        for name in dict.fromkeys((*expected, *schedule)):
            if name not in self._sessions:
                hidden += 1
                text = Text("排班公布的出诊单元不在账本上", "A session of the schedule is not on the ledger")
                self._find("hidden", "alarm", name, None, 0, text)
        for name, draft in schedule.items():
            if name in self._sessions:
                self._compare(name, self._sessions[name], draft)
        for name, record, tx, block in self._reopened:
            self._check_reopening(name, record, tx, block)
        for name, (record, tx, block) in self._open_draws.items():
            self._unfinished(name, record, moment, tx, block)
        counts = self._counts
        return AuditReport(
            blocks=counts["blocks"],
            transactions=counts["transactions"],
            sessions=len(self._sessions),
            slots=sum(s["count"] for s in self._sessions.values()) + counts["added"],
            bookings=counts["bookings"],
            added=counts["added"],
            withdrawn=counts["withdrawn"],
            late=counts["late"],
            hidden=hidden,
            findings=self._findings.all(),
            head=self._head,
        )

    def _unfinished(self, name: str, record: dict[str, Any], moment: int, tx: LedgerTransaction, block: int) -> None:
        """Slots in a draw are out of sight: open ones are named, and an alarm is what could have been finished."""
        count = len(record["slots"])
        due = record["apply_until"] + 3 * record["turn_s"] + _DELAY_S
        if moment > due:
            # Once its first slot has begun anybody could have closed it; before that its parties may still finish.
            severity = "alarm" if moment > record.get("ends", due) + _DELAY_S else "notice"
            text = Text("摇号逾期未完成，{n} 个号被占住", "An overdue draw keeps {n} slots out of sight", n=count)
            self._find("stuck-draw", severity, name, tx, block, text, of=record["hospital"])
        else:
            text = Text("{n} 个号在摇号中", "{n} slots are in a draw", n=count)
            self._find("open-draw", "info", name, tx, block, text, of=record["hospital"])

    def _compare(self, name: str, record: dict[str, Any], draft: SessionDraft) -> None:
        """A session against the schedule that its hospital published: hiding is also to promise fewer slots."""
        tx, block = self._where[name]
        hours = (record["count"], record["start"], record["end"], record["fee"], record["kind"])
        promised = (*hours, record.get("campus", ""))
        if promised != (draft.count, draft.start, draft.end, draft.fee, draft.kind, draft.campus):
            text = Text(
                "承诺 {n} 个号，排班公布 {m} 个（或时间、费用、院区不同）",
                "{n} slots promised, {m} in the published schedule (or other hours, fee or campus)",
                n=record["count"],
                m=draft.count,
            )
            self._find("differs", "alarm", name, tx, block, text)
        elif "runs" in record and [list(run) for run in record["runs"]] != [list(run) for run in draft.runs]:
            text = Text("放出的号源与公布的排班不同", "The opened slots are not those of the published schedule")
            self._find("differs", "alarm", name, tx, block, text)

    def _check_reopening(self, name: str, record: Any, tx: LedgerTransaction, block: int) -> None:
        if not record["timed"]:
            text = Text("重开时间没有随机种子约束", "Reopened without a beacon")
            self._find("untimed", "notice", name, tx, block, text)
            return
        session = self._sessions.get(name.rpartition(".")[0], {})
        rules = self._policies.get(tuple(session.get("policy", ())), None)
        beacon = self._beacons.get(local_date(record["returned_at"], self._offsets.get(name.partition(".")[0], 480)))
        if rules is None or beacon is None or "secret" not in beacon:
            return
        due = reopening(
            bytes.fromhex(beacon["secret"]), name, record["returned_at"], rules["reopen_min_s"], rules["reopen_max_s"]
        )
        if record["reopened_at"] < due:
            text = Text("早于随机时刻重开", "Reopened before the beacon's moment")
            self._find("reopened", "alarm", name, tx, block, text)
