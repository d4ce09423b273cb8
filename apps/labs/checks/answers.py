"""Checks of answers: what was read from blocks and logs, against what stands there."""

from __future__ import annotations

from pathlib import Path

from apps.labs.chain import Happened
from apps.labs.looking import Seen, Wrong, check, missing
from baas.errors import LedgerError, Text
from baas.roles import LEDGER_EXPORT
from baas.services.ledger import verify_file


def _told(seen: Seen, question: str, truth: set[str], hint: Text) -> Wrong | None:
    """None where the answer is among `truth`; capital letters and blanks do not matter."""
    said = seen.answer(question)
    if not said:
        return Wrong(
            Text("还没有回答“{q}”。", "{q} was not answered yet.", q=question),
            Text(
                "在实训页填写，或用 citychain lab answer。", "Answer on the training page, or by citychain lab answer."
            ),
        )
    if said.casefold() in {one.casefold() for one in truth}:
        return None
    return Wrong(Text("“{a}”与账本不符。", "{a} does not agree with what is there.", a=said), hint)


def _collision(seen: Seen) -> Happened:
    found = [one for one in seen.chain.of("things", "Change") if one.code == "MVCC_READ_CONFLICT"]
    if not found:
        raise missing(
            Text("账本上没有冲突的交易。", "The ledger has no transaction in conflict."),
            Text("请重置实训。", "Reset the lab."),
        )
    return found[0]


@check("read-code")
def read_code(seen: Seen) -> Wrong | None:
    """Why the transaction is invalid."""
    hint = Text("列出无效交易，看结果一栏。", "List the invalid transactions and see their result.")
    return _told(seen, "code", {_collision(seen).code}, hint)


@check("read-key")
def read_key(seen: Seen) -> Wrong | None:
    """The key in conflict."""
    hint = Text("解剖这笔交易，看冲突的键。", "Take the transaction apart and see the key.")
    return _told(seen, "key", {_collision(seen).args[0]}, hint)


@check("read-winner")
def read_winner(seen: Seen) -> Wrong | None:
    """Who wrote the key first."""
    lost = _collision(seen)
    valid = [one for one in seen.chain.valid("things", "Change") if one.args[0] == lost.args[0]]
    first = next(one for one in valid if (one.block, one.index) < (lost.block, lost.index))
    hint = Text("看这个键的历史：谁的写入有效。", "See the key's history: whose write counted.")
    return _told(seen, "winner", {first.creator, first.creator.partition("/")[2]}, hint)


@check("read-block")
def read_block(seen: Seen) -> Wrong | None:
    """The block of the invalid transaction."""
    hint = Text("交易的位置写作“区块:序号”。", "A transaction's place is written block:number.")
    return _told(seen, "block", {str(_collision(seen).block)}, hint)


# -- the audit log -------------------------------------------------------------------------------------
@check("audit-exporter", chain=False)
def audit_exporter(seen: Seen) -> Wrong | None:
    """Who exported the ledger."""
    found = [one for one in seen.platform.audit.entries(limit=1000) if LEDGER_EXPORT in one.asks]
    people = {one.who for one in found if one.outcome == "ok" and "/" in one.who}
    hint = Text("按词筛选，看操作人一栏。", "Narrow the list by a word and see who did it.")
    return _told(seen, "exporter", people | {one.partition("/")[2] for one in people}, hint)


@check("audit-refused", chain=False)
def audit_refused(seen: Seen) -> Wrong | None:
    """Who was refused."""
    people = {one.who for one in seen.platform.audit.entries(limit=1000) if _denied(one.outcome) and "/" in one.who}
    hint = Text("被拒绝的操作，结果不是 ok。", "What was refused has another outcome than ok.")
    return _told(seen, "refused", people | {one.partition("/")[2] for one in people}, hint)


@check("audit-right", chain=False)
def audit_right(seen: Seen) -> Wrong | None:
    """Which right they lacked."""
    refused = [one for one in seen.platform.audit.entries(limit=1000) if _denied(one.outcome) and "/" in one.who]
    hint = Text("每行都写明操作要求的权限。", "Each line says which right was asked for.")
    return _told(seen, "right", {one.asks[-1] for one in refused if one.asks}, hint)


def _denied(outcome: str) -> bool:
    return outcome in {"permission_denied", "denied"}


@check("audit-whole", chain=False)
def audit_whole(seen: Seen) -> Wrong | None:
    """Nobody changed the log."""
    found = seen.platform.audit.check(sealed=False)
    if found.whole:
        return None
    return Wrong(
        Text("审计记录有 {n} 处被改动。", "The audit log was changed in {n} places.", n=len(found.findings)),
        Text("被改的记录恢复不了；请重置实训。", "What was changed cannot be mended; reset the lab."),
    )


# -- exports -------------------------------------------------------------------------------------------
def _broken(path: Path) -> int | None:
    """The block in which an export breaks; None where it verifies."""
    try:
        verify_file(path)
    except LedgerError as error:
        return int(error.details.get("block", -1))
    return None


@check("own-export", chain=False)
def own_export(seen: Seen) -> Wrong | None:
    """mine.blocks verifies and is as high as the ledger."""
    path = seen.folder / "mine.blocks"
    if not path.is_file():
        return Wrong(
            Text("实训文件夹里没有 mine.blocks。", "The lab's folder has no mine.blocks."),
            Text("在实训文件夹里运行导出命令。", "Export from within the lab's folder."),
        )
    found = verify_file(path)
    if found.channel != seen.chain.channel:
        return Wrong(
            Text("mine.blocks 是通道 {c} 的。", "mine.blocks is of the channel {c}.", c=found.channel),
            Text("导出实训自己的网络。", "Export the lab's own network."),
        )
    if found.last_hash == seen.chain.tip:
        return None
    return Wrong(
        Text(
            "mine.blocks 只到区块 {h}，账本已到 {n}。",
            "mine.blocks ends at block {h}; the ledger is at {n}.",
            h=found.height - 1,
            n=seen.chain.height - 1,
        ),
        Text("账本又增长了，再导出一次。", "The ledger has grown since; export it again."),
    )


@check("forged-named", chain=False)
def forged_named(seen: Seen) -> Wrong | None:
    """Which file was changed."""
    broken = {name for name in ("one", "two") if _broken(seen.folder / f"{name}.blocks") is not None}
    if len(broken) != 1:
        raise missing(
            Text(
                "one.blocks 和 two.blocks 应恰有一份被改过。",
                "Of one.blocks and two.blocks exactly one should be changed.",
            ),
            Text("它们又被改动过；请重置实训。", "They were changed again; reset the lab."),
        )
    hint = Text("逐一离线校验。", "Verify each of them offline.")
    return _told(seen, "forged", broken | {f"{one}.blocks" for one in broken}, hint)


@check("forged-block", chain=False)
def forged_block(seen: Seen) -> Wrong | None:
    """Which block was changed."""
    blocks = {_broken(seen.folder / f"{name}.blocks") for name in ("one", "two")} - {None}
    hint = Text("校验的结论里有区块号；--json 写得最细。", "The verdict names the block; --json says most.")
    return _told(seen, "block", {str(one) for one in blocks}, hint)
