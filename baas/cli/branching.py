"""`citychain network branch`, `network rehearse`: a chain for trying out, and a contract upgrade tried on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from baas.cli.kit import Cli, TextGroup, argument, columns, option, pass_cli
from baas.errors import LedgerError, Text
from network.branching.report import VERDICTS

if TYPE_CHECKING:
    from network.branching.report import Finding, Rehearsal

_FILE = click.Path(dir_okay=False, path_type=Path)


def add_to(network: TextGroup) -> None:
    """Mount the commands in the group `network`."""

    @network.command(
        "branch",
        help=Text(
            "把网络的链（截至某个区块）变成本机的试验分支；原网络不受任何影响。",
            "Make a local branch of a network's chain, up to a block, for trying out; the network is not touched.",
        ),
    )
    @argument("origin", metavar="NETWORK")
    @option("--name", default="", help=Text("分支名；总以 -branch 结尾。", "The branch's name; it ends in -branch."))
    @option("--channel", default="", help=Text("通道名。", "The channel's name."))
    @option(
        "--at", type=click.IntRange(0), default=None, metavar="BLOCK",
        help=Text("最后一个区块；默认最新的。", "The last block to take; the newest by default."),
    )  # fmt: skip
    @option(
        "--private", is_flag=True,
        help=Text("带上本组织的私有数据（不含其他组织的）。", "Take your own organisation's private data along."),
    )  # fmt: skip
    @option("--identity", default="", metavar="LABEL", help=Text("以此身份读取。", "Read as this identity."))
    @pass_cli
    def branch(cli: Cli, origin: str, name: str, channel: str, at: int | None, private: bool, identity: str) -> None:
        """Make a local branch of a network's chain."""
        with cli.platform(create=False) as platform:
            made = cli.run(
                platform, platform.branches.make, origin, name, channel, last=at, private=private, identity=identity,
                title=Text("建立分支", "Make a branch"),
            )  # fmt: skip
        record = made.record
        cli.show(
            {
                "branch": made.spec.name,
                "origin": record.origin,
                "channel": record.channel,
                "last_block": record.last_block,
                "first_own_block": made.first_own,
                "transactions": record.transactions,
                "private_of": record.private_of,
                "private_sets": record.private_sets,
                "judged_otherwise": record.otherwise,
                "contracts": list(made.contracts),
                "not_run_here": list(made.without),
                "people": len(made.people),
                "seconds": round(made.seconds, 2),
                "transactions_per_second": round(made.rate),
            }
        )
        for one in made.otherwise[:20]:
            cli.say(
                Text(
                    "区块 {b} 的交易 {t}：原网络判为 {o}，内置账本会判为 {h}。",
                    "Transaction {t} of block {b}: its network says {o}, the embedded ledger would say {h}.",
                    b=one.block, t=one.transaction, o=one.there, h=one.here,
                )
            )  # fmt: skip
        cli.say(
            Text(
                "这是分支：其上的一切都不是证据，也到不了网络 {o}。试完后删除：citychain network destroy {n}",
                "This is a branch: nothing on it is evidence, and nothing of it reaches {o}. When you are done:"
                " citychain network destroy {n}",
                o=record.origin,
                n=made.spec.name,
            )
        )

    @network.command(
        "rehearse",
        help=Text(
            "在分支上用合约的当前版本重做原网络记录的调用，报告状态、事件和拒绝有何不同。",
            "Make the recorded calls of a contract again with the version in force on a branch; tells what differs.",
        ),
    )
    @argument("branch", metavar="BRANCH")
    @argument("contract")
    @option(
        "--calls",
        type=click.IntRange(1, 1_000_000),
        default=500,
        help=Text("最近几次调用。", "How many calls, the newest."),
    )
    @option("--from-block", type=click.IntRange(0), default=None, help=Text("从这个区块起。", "From this block on."))
    @option("--to-block", type=click.IntRange(0), default=None, help=Text("到这个区块为止。", "Up to this block."))
    @option(
        "--function",
        "functions",
        multiple=True,
        help=Text("只重做这个方法，可多次。", "Only this function; repeatable."),
    )
    @option("--report", type=_FILE, help=Text("把完整报告写成 JSON。", "Write the whole report as JSON."))
    @pass_cli
    def rehearse(
        cli: Cli,
        branch: str,
        contract: str,
        calls: int,
        from_block: int | None,
        to_block: int | None,
        functions: tuple[str, ...],
        report: Path | None,
    ) -> None:
        """Make recorded calls again with another version."""
        with cli.platform(create=False) as platform:
            found = cli.run(
                platform, platform.branches.rehearse, branch, contract,
                calls=calls, first=from_block, last=to_block, functions=functions, title=Text("演练升级", "Rehearse"),
            )  # fmt: skip
        if report is not None:
            import json

            from baas.errors import translating
            from network.vault import write_public

            with translating():
                write_public(report, json.dumps(found.to_dict(), ensure_ascii=False, indent=1).encode())
        _show(cli, found)
        if not found.passed:
            raise LedgerError(
                Text(
                    "{d} 次调用与记录不同，{o} 次其他合约的调用受影响。",
                    "{d} calls come out otherwise than recorded, {o} calls of other contracts are hurt.",
                    d=found.judged - found.counts.get("same", 0),
                    o=found.others,
                ),
                stage="rehearse",
                code="rehearsal_differs",
            )


def _show(cli: Cli, found: Rehearsal) -> None:
    if cli.json:
        cli.show(found.to_dict())
        return
    cli.say(
        Text(
            "合约 {c}：{b} → {n}（序号 {s}），区块 {f}–{l}，{k} 次调用，{t} 秒。",
            "{c}: {b} → {n} (sequence {s}), blocks {f}–{l}, {k} calls, {t} s.",
            c=found.contract, b=found.before or "-", n=found.now, s=found.sequence,
            f=found.first, l=found.last, k=found.calls, t=found.seconds,
        )
    )  # fmt: skip
    cli.show(
        [{"verdict": VERDICTS[key], "calls": count} for key, count in found.counts.items()],
        columns(verdict=("结果", "Result"), calls=("调用", "Calls")),
    )
    rows = [_row(one) for one in found.findings]
    if rows:
        cli.show(
            rows,
            columns(
                block=("区块", "Block"), function=("方法", "Function"), arguments=("参数", "Arguments"),
                caller=("调用者", "Caller"), verdict=("结果", "Result"), what=("说明", "Remark"),
            ),
        )  # fmt: skip
    if found.keys:
        cli.show(
            [{"key": k.name, "before": k.before, "now": k.now} for k in found.keys],
            columns(
                key=("最终不同的键", "Key that ends otherwise"), before=("原网络", "Origin"), now=("演练", "Rehearsal")
            ),
        )

    for count, words in (
        (found.more_findings, Text("还有 {n} 次调用不同。", "{n} more calls differ.", n=found.more_findings)),
        (found.more_keys, Text("还有 {n} 个键不同。", "{n} more keys differ.", n=found.more_keys)),
    ):
        if count:
            cli.say(words)


def _row(one: Finding) -> dict[str, object]:
    return {
        "block": one.block,
        "function": one.function,
        "arguments": ", ".join(a.replace("\0", " ")[:40] for a in one.arguments),
        "caller": one.caller,
        "verdict": VERDICTS[one.verdict],
        "what": one.remark,
    }
