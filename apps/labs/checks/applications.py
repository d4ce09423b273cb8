"""Checks of the applications: what their contracts have on the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from apps.labs.chain import Chain
from apps.labs.looking import Seen, Wrong, check
from baas.errors import Text
from fabric_sdk.chaincode.keys import create_composite_key

COPYRIGHT, SLOTS, FINANCE = "copyright", "health_slots", "supply_finance"
PRESS, SUPPLIER = "PublicMSP/press", "PublicMSP/supplier-2"
HALVES = [40_000_000, 60_000_000]
"""The parts of a certificate of a million yuan, in fen."""


def records(chain: Chain, contract: str, kind: str = "") -> list[dict[str, Any]]:
    """The records of a contract as they are now, of one kind where it is named."""
    found = []
    for value in chain.states(contract).values():
        try:
            one = json.loads(value)
        except ValueError:
            continue
        if isinstance(one, dict) and (not kind or one.get("type") == kind):
            found.append(one)
    return found


# -- copyright -----------------------------------------------------------------------------------------
@check("work-deposited")
def work_deposited(seen: Seen) -> Wrong | None:
    """A work is deposited that is not the file as it was given."""
    works = records(seen.chain, COPYRIGHT, "work")
    if not works:
        return Wrong(
            Text("账本上没有存证。", "The ledger has no deposit."),
            Text("在实训文件夹里运行存证命令。", "Deposit from within the lab's folder."),
        )
    given = _as_given(seen)
    if any(one.get("sha256") not in given for one in works):
        return None
    return Wrong(
        Text(
            "存证的是原样的 poem.txt，不是您写的。",
            "What is deposited is poem.txt as it was given, none of your lines.",
        ),
        Text(
            "内容不同，散列就不同；改写后再存证一次。",
            "Other words have another hash: change it, then deposit it again.",
        ),
    )


def _as_given(seen: Seen) -> set[str]:
    import hashlib

    return {hashlib.sha256(text.encode()).hexdigest() for text in seen.lab.files.values()}


def _licences(seen: Seen) -> Iterator[dict[str, Any]]:
    return (one for one in records(seen.chain, COPYRIGHT, "licence") if one.get("licensee") == PRESS)


@check("licence-in-force")
def licence_in_force(seen: Seen) -> Wrong | None:
    """A licence to the press is in force."""
    states = [one.get("state") for one in _licences(seen)]
    if "ACTIVE" in states:
        return None
    if "OFFERED" in states:
        return Wrong(
            Text("授权已提出，印社还没有接受。", "The licence is offered; the press has not accepted it."),
            Text("要以印社的身份接受；看看等它办理的事。", "It takes the press to accept; see what waits for it."),
        )
    others = ", ".join(str(one.get("licensee")) for one in records(seen.chain, COPYRIGHT, "licence")) or "—"
    return Wrong(
        Text(
            "没有给 {p} 的授权；现有的授权给：{o}。",
            "There is no licence to {p}; there are to: {o}.",
            p=PRESS,
            o=others,
        ),
        Text("被许可人写作 MSP/名称。", "A licensee is written MSP/name."),
    )


@check("evidence-holds", chain=False)
def evidence_holds(seen: Seen) -> Wrong | None:
    """evidence.zip holds and is about a work of this ledger."""
    from apps.copyright.evidence.check import check_package

    path = seen.folder / "evidence.zip"
    if not path.is_file():
        return Wrong(
            Text("实训文件夹里没有 evidence.zip。", "The lab's folder has no evidence.zip."),
            Text("在 copyright 的命令里找。", "Look among the commands of copyright."),
        )
    with path.open("rb") as file:
        report = check_package(file)
    if report.verdict == "invalid" or report.first_bad is not None:
        return Wrong(
            Text("证据包不成立。", "The evidence does not hold."),
            Text("重新写出；写出后不要改动。", "Write it anew, and leave it as it is."),
        )
    with path.open("rb") as file:
        data = file.read()
    known = [str(one["id"]) for one in records(seen.chain, COPYRIGHT, "work")]
    if any(_names(data, one) for one in known):
        return None
    return Wrong(
        Text("证据包讲的不是这里的作品。", "The evidence is about no work of this ledger."),
        Text("写出自己作品的证据包。", "Write the evidence of your own work."),
    )


def _names(package: bytes, work: str) -> bool:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return any(work.encode() in archive.read(name) for name in archive.namelist() if name.endswith(".json"))


# -- slots ---------------------------------------------------------------------------------------------
def _appointments(seen: Seen) -> list[dict[str, Any]]:
    prefix = create_composite_key("appointment", [])
    found = []
    for key, value in seen.chain.states(SLOTS).items():
        if key.startswith(prefix):
            found.append(json.loads(value))
    return found


@check("slots-released")
def slots_released(seen: Seen) -> Wrong | None:
    """Sessions were committed to, then published."""
    if seen.chain.valid(SLOTS, "PublishSessions"):
        return None
    if seen.chain.valid(SLOTS, "CommitSessions"):
        return Wrong(
            Text("号源已承诺，还没有放出。", "The slots are committed to, but not released."),
            Text("承诺和放号是两步。", "To commit and to release are two moves."),
        )
    return Wrong(
        Text("账本上没有号源。", "The ledger has no slots."),
        Text("预览不写账本。", "A preview writes nothing."),
    )


@check("slot-given-back")
def slot_given_back(seen: Seen) -> Wrong | None:
    """An appointment was cancelled."""
    found = _appointments(seen)
    if any(one.get("state") == "cancelled" for one in found):
        return None
    if found:
        return Wrong(
            Text("有 {n} 个预约，没有退过号。", "There are {n} appointments; none was given back.", n=len(found)),
            Text("退号之后，号源会重新出现。", "A slot that is given back appears again."),
        )
    return Wrong(
        Text("账本上没有预约。", "The ledger has no appointment."),
        Text("先查空号，再预约。", "Look for a free slot first, then book it."),
    )


@check("slot-booked")
def slot_booked(seen: Seen) -> Wrong | None:
    """An appointment stands that was made after another one was cancelled."""
    cancelled = seen.chain.valid(SLOTS, "CancelAppointment")
    standing = [one for one in _appointments(seen) if one.get("state") in {"booked", "pending", "checked-in"}]
    if not standing:
        return Wrong(
            Text("没有有效的预约。", "No appointment stands."),
            Text("退号之后再约一个。", "Book another one after giving one back."),
        )
    books = [one for one in seen.chain.transactions if one.contract == SLOTS and one.valid and "Book" in one.function]
    if cancelled and books and (books[-1].block, books[-1].index) > (cancelled[0].block, cancelled[0].index):
        return None
    return Wrong(
        Text("有效的预约是退号之前约的。", "What stands was booked before any was given back."),
        Text("退号之后再约一个。", "Book another one after giving one back."),
    )


# -- finance -------------------------------------------------------------------------------------------
@check("line-accepted")
def line_accepted(seen: Seen) -> Wrong | None:
    """A line is in force."""
    states = [one.get("state") for one in records(seen.chain, FINANCE, "line")]
    if "ACTIVE" in states:
        return None
    if states:
        return Wrong(
            Text("授信已提出，核心企业还没有接受。", "The line is offered; the core enterprise has not accepted it."),
            Text("两方都要办理，授信才生效。", "It takes both sides for a line to be in force."),
        )
    return Wrong(
        Text("账本上没有授信。", "The ledger has no line."),
        Text("由银行提出。", "A bank grants one."),
    )


@check("certificate-split")
def certificate_split(seen: Seen) -> Wrong | None:
    """A certificate of a million yuan is split into the two parts that were asked for."""
    known = records(seen.chain, FINANCE, "certificate")
    if not known:
        return Wrong(
            Text("账本上没有凭证。", "The ledger has no certificate."),
            Text("按表开立；有错的行会逐条说明。", "Issue them from the table; rows that do not fit are told."),
        )
    for whole in (one for one in known if one.get("state") == "SPLIT"):
        parts = sorted(int(one["amount_fen"]) for one in known if one.get("parent") == whole["id"])
        if parts == HALVES:
            return None
        return Wrong(
            Text("凭证拆成了 {p} 元。", "The certificate was split into {p} yuan.", p=_yuan(parts)),
            Text("拆分不能撤回；可以拆另一张，或重置实训。", "A split stands; split another one, or reset the lab."),
        )
    return Wrong(
        Text("没有拆分过凭证。", "No certificate was split."),
        Text(
            "供应商接受之后才能拆分，各份之和等于原额。",
            "It can be split once the supplier accepted it; parts add up to it.",
        ),
    )


def _yuan(parts: list[int]) -> str:
    return " + ".join(f"{one / 100:,.2f}" for one in parts)


@check("part-passed-on")
def part_passed_on(seen: Seen) -> Wrong | None:
    """A part was passed on to the other supplier."""
    parts = [one for one in records(seen.chain, FINANCE, "certificate") if one.get("parent")]
    if any(one.get("holder") == SUPPLIER for one in parts):
        return None
    if any(one.get("to") == SUPPLIER for one in parts):
        return Wrong(
            Text("已转给 supplier-2，它还没有接受。", "It was passed on to supplier-2, who has not accepted it."),
            Text("流转要两方办理；看看等它办理的事。", "It takes both sides; see what waits for it."),
        )
    holders = ", ".join(sorted({str(one.get("holder")) for one in parts})) or "—"
    return Wrong(
        Text("拆分出来的凭证由 {h} 持有。", "The parts are held by {h}.", h=holders),
        Text("转给的人写作 MSP/名称。", "To whom it goes is written MSP/name."),
    )
