"""`citychain ledger`: blocks, transactions, keys, proofs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas.cli import archiving
from baas.cli.kit import Cli, argument, channel_option, columns, group, limit_option, network_option, option, pass_cli
from baas.cli.replaying import replay
from baas.errors import Text

if TYPE_CHECKING:
    from baas.platform import Platform


@group("ledger", help=Text("查询和校验账本。", "Read and verify the ledger."))
def ledger() -> None:
    """The ledger."""


def _synced(cli: Cli, platform: Platform, network: str, channel: str) -> None:
    """Bring the index up to date before it is asked."""
    cli.run(platform, platform.explorer.sync, network, channel, title=Text("更新索引", "Update the index"))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


@ledger.command("status", help=Text("通道高度与索引进度。", "The channel's height and the index."))
@network_option()
@channel_option()
@pass_cli
def status(cli: Cli, network: str, channel: str) -> None:
    """The channel's height and the index."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        cli.show(
            platform.explorer.status(network, channel),
            columns(
                channel=("通道", "Channel"),
                ledger_height=("高度", "Height"),
                indexed=("已索引", "Indexed"),
                transactions=("交易", "Transactions"),
                invalid=("无效", "Invalid"),
            ),
        )


@ledger.command("blocks", help=Text("最近的区块。", "The latest blocks."))
@network_option()
@channel_option()
@option("--before", type=click.IntRange(0), default=None, help=Text("从这个区块号往前。", "Only below this number."))
@limit_option()
@pass_cli
def blocks(cli: Cli, network: str, channel: str, before: int | None, limit: int) -> None:
    """The latest blocks."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        found = platform.explorer.blocks(network, channel, before, limit)
        if cli.json:
            cli.show(found)
            return
        rows = [
            {
                "number": b.number,
                "time": _time(b.time),
                "transactions": b.transactions,
                "invalid": b.invalid,
                "hash": b.hash,
            }
            for b in found
        ]
        cli.show(
            rows,
            columns(
                number=("区块", "Block"),
                time=("时间", "Time"),
                transactions=("交易", "Transactions"),
                invalid=("无效", "Invalid"),
                hash=("哈希", "Hash"),
            ),
        )


@ledger.command("block", help=Text("一个区块及其交易。", "One block and its transactions."))
@argument("number", type=click.IntRange(0))
@network_option()
@channel_option()
@pass_cli
def block(cli: Cli, number: int, network: str, channel: str) -> None:
    """One block and its transactions."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        found = platform.explorer.block(network, number, channel)
        transactions = platform.explorer.transactions(network, channel=channel, block=number, limit=1000)
        if cli.json:
            cli.show({"block": found, "transactions": transactions})
            return
        cli.show(
            {
                "number": found.number,
                "hash": found.hash,
                "previous_hash": found.previous_hash,
                "time": _time(found.time),
            }
        )
        _show_transactions(cli, transactions)


def _show_transactions(cli: Cli, transactions: Any) -> None:
    if cli.json:
        cli.show(transactions)
        return
    rows = [
        {
            "place": f"{t.block}:{t.index}",
            "time": _time(t.time),
            "contract": t.contract or t.type,
            "function": t.function,
            "creator": t.creator,
            "code": t.code_name,
            "tx_id": t.tx_id,
        }
        for t in transactions
    ]
    cli.show(
        rows,
        columns(
            place=("位置", "Place"),
            time=("时间", "Time"),
            contract=("合约", "Contract"),
            function=("方法", "Function"),
            creator=("提交者", "Creator"),
            code=("结果", "Result"),
            tx_id=("交易编号", "Transaction"),
        ),
    )


@ledger.command("transactions", help=Text("最近的交易，可筛选。", "The latest transactions, filtered."))
@network_option()
@channel_option()
@option("--contract", default="", help=Text("只看这份合约。", "Only this contract."))
@option("--invalid", is_flag=True, help=Text("只看无效的。", "Only invalid ones."))
@limit_option()
@pass_cli
def transactions(cli: Cli, network: str, channel: str, contract: str, invalid: bool, limit: int) -> None:
    """The latest transactions."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        found = platform.explorer.transactions(
            network, channel=channel, contract=contract, valid=False if invalid else None, limit=limit
        )
        _show_transactions(cli, found)


@ledger.command(
    "tx", help=Text("一笔交易：读写集、背书与诊断。", "One transaction: read and write sets, endorsements, diagnosis.")
)
@argument("tx_id")
@network_option()
@channel_option()
@pass_cli
def tx(cli: Cli, tx_id: str, network: str, channel: str) -> None:
    """One transaction with its diagnosis."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        autopsy = platform.explorer.autopsy(network, tx_id, channel)
        if cli.json:
            cli.show(autopsy)
            return
        cli.say(autopsy.verdict)
        detail = autopsy.transaction
        if detail is not None:
            row = detail.row
            cli.show(
                {
                    "tx_id": row.tx_id,
                    "block": f"{row.block}:{row.index}",
                    "time": _time(row.time),
                    "creator": row.creator,
                    "contract": row.contract,
                    "function": row.function,
                    "code": f"{row.code} {row.code_name}",
                }
            )
        cli.show(autopsy.stages, columns(title=("步骤", "Step"), state=("结果", "State"), detail=("说明", "Detail")))
        for conflict in autopsy.conflicts:
            winner = conflict.winner.tx_id if conflict.winner else "-"
            cli.say(
                Text(
                    "冲突的键 {k}：读到 {r}，当时已是 {f}，由交易 {w} 修改。",
                    "Conflicting key {k}: read {r}, was {f}, changed by {w}.",
                    k=conflict.key.replace("\0", " ").strip(),
                    r=conflict.read or "-",
                    f=conflict.found or "-",
                    w=winner,
                )
            )
        for gap in autopsy.gaps:
            cli.say(Text("{s}：{m}", "{s}: {m}", s=gap.scope, m=gap.meaning))
        if autopsy.code:
            cli.say(autopsy.advice)


@ledger.command("history", help=Text("一个键的全部写入。", "Every write of a key."))
@argument("contract")
@argument("key")
@option("--collection", default="", help=Text("私有集合。", "The private collection."))
@network_option()
@channel_option()
@limit_option()
@pass_cli
def history(cli: Cli, contract: str, key: str, collection: str, network: str, channel: str, limit: int) -> None:
    """Every write of a key."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        found = platform.explorer.history(network, contract, key, collection=collection, channel=channel, limit=limit)
        _show_versions(cli, found)


def _show_versions(cli: Cli, versions: Any) -> None:
    if cli.json:
        cli.show(versions)
        return
    rows = [
        {
            "key": v.key.replace("\0", " ").strip(),
            "place": f"{v.block}:{v.index}",
            "time": _time(v.time),
            "value": Text("（已删除）", "(deleted)") if v.deleted else v.value.decode("utf-8", "replace")[:200],
            "tx_id": v.tx_id,
        }
        for v in versions
    ]
    cli.show(
        rows,
        columns(
            key=("键", "Key"),
            place=("位置", "Place"),
            time=("时间", "Time"),
            value=("值", "Value"),
            tx_id=("交易编号", "Transaction"),
        ),
    )


@ledger.command(
    "state",
    help=Text("合约的键和当前值；也可看某个区块时的值。", "A contract's keys and values, now or as of a block."),
)
@argument("contract")
@argument("prefix", required=False, default="")
@option(
    "--at",
    "at",
    type=click.IntRange(0),
    default=None,
    help=Text("该区块之后的值（一个键）。", "As of this block (one key)."),
)
@option("--collection", default="", help=Text("私有集合。", "The private collection."))
@network_option()
@channel_option()
@limit_option()
@pass_cli
def state(
    cli: Cli, contract: str, prefix: str, at: int | None, collection: str, network: str, channel: str, limit: int
) -> None:
    """A contract's keys and values."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        if at is not None:
            found = platform.explorer.state_at(network, contract, prefix, at, collection=collection, channel=channel)
            _show_versions(cli, [found] if found else [])
            return
        _show_versions(
            cli,
            platform.explorer.keys(
                network, contract, prefix=prefix, collection=collection, channel=channel, limit=limit
            ),
        )


@ledger.command("search", help=Text("按任何内容查找。", "Search by anything."))
@argument("text")
@network_option()
@channel_option()
@limit_option()
@pass_cli
def search(cli: Cli, text: str, network: str, channel: str, limit: int) -> None:
    """Search by anything."""
    with cli.platform(write=False, create=False) as platform:
        _synced(cli, platform, network, channel)
        cli.show(
            platform.explorer.search(network, text, channel=channel, limit=limit),
            columns(
                kind=("类型", "Kind"), title=("内容", "What"), subtitle=("说明", "Detail"), block=("区块", "Block")
            ),
            empty=Text("没有找到。", "Nothing found."),
        )


@ledger.command(
    "verify",
    help=Text(
        "从区块校验整条链；内置账本的网络还校验状态。",
        "Verify the whole chain from its blocks (embedded: the state too).",
    ),
)
@network_option()
@channel_option()
@option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("校验导出的文件，不需要网络。", "Verify an export; no network is needed."),
)
@option(
    "--anew",
    "anew",
    is_flag=True,
    help=Text(
        "重新校验每个签名，包括此前在本工作区校验过的。",
        "Check every signature once more, those checked in this workspace before, too.",
    ),
)
@pass_cli
def verify(cli: Cli, network: str, channel: str, file: Path | None, anew: bool) -> None:
    """Verify the whole chain."""
    if file is not None:
        # A stranger who was sent an export has no workspace, and needs none.
        from baas.services.ledger import verify_file

        result = verify_file(file)
    else:
        with cli.platform(write=False, create=False) as platform:
            result = cli.run(platform, platform.ledger.verify, network, channel, anew=anew)
    if cli.json:
        cli.show(result)
    else:
        cli.say(
            Text(
                "校验通过：{b} 个区块，{t} 笔交易，高度 {h}。",
                "Verified: {b} blocks, {t} transactions, height {h}.",
                b=f"{result.blocks:,}",
                t=f"{result.transactions:,}",
                h=f"{result.height:,}",
            )
        )
        cli.say(
            Text(
                "通道 {c}，区块 {first} 至 {last}。\n创世区块哈希：{g}\n区块 {last} 的提交哈希：{h}\n"
                "哪些交易已生效没有排序节点签名，其可信程度取决于核对：创世区块哈希与通道名片核对，"
                "提交哈希与同一高度的节点核对（在对方处运行 citychain ledger verify）。",
                "Channel {c}, blocks {first} to {last}.\nGenesis hash: {g}\nCommit hash of block {last}: {h}\n"
                "No orderer signs which transactions counted. That is as good as your comparison: of the genesis hash "
                "with the channel card, of the commit hash with a peer of the same height (`citychain ledger verify`).",
                c=result.channel,
                first=result.first_block,
                last=result.height - 1,
                g=result.genesis,
                h=result.commit_hash or "-",
            )
        )
        if result.signatures_known:
            cli.say(
                Text(
                    "其中 {n} 个区块的签名此前已在本工作区校验过（逐字节相同），其余各项均已重新校验；"
                    "--anew 全部重新校验。",
                    "The signatures of {n} blocks had been checked in this workspace before, byte for byte the same; "
                    "all else was verified anew. --anew checks them again, too.",
                    n=f"{result.signatures_known:,}",
                )
            )
        if result.notes_ignored:
            cli.say(
                Text(
                    "工作区 index 文件夹中存放校验记录的位置不是普通文件，未读取也未写入，请移除。",
                    "What lies in the workspace's index folder where the notes of earlier verifications belong is no "
                    "ordinary file: it was neither read nor written. Please remove it.",
                )
            )


@ledger.command("people", help=Text("签署过的人：组织、角色。", "Who has signed: organisation and role."))
@network_option()
@channel_option()
@pass_cli
def people(cli: Cli, network: str, channel: str) -> None:
    """Who has signed."""
    with cli.platform(create=False) as platform:
        cli.run(platform, platform.explorer.sync, network, channel)
        cli.show(
            platform.explorer.people(network, channel),
            columns(
                party=("人员", "Person"),
                roles=("角色", "Roles"),
                unit=("类别", "Kind"),
                transactions=("交易", "Transactions"),
                last_block=("最近区块", "Last block"),
            ),
            empty=Text("还没有人签署过。", "Nobody has signed yet."),
        )


@ledger.command("export", help=Text("把整条链导出为文件。", "Export the whole chain to a file."))
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@network_option()
@channel_option()
@pass_cli
def export(cli: Cli, target: Path, network: str, channel: str) -> None:
    """Export the whole chain."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(cli.run(platform, platform.ledger.export, target, network, channel))


@ledger.command("reindex", help=Text("重建索引。", "Make the index anew."))
@network_option()
@channel_option()
@pass_cli
def reindex(cli: Cli, network: str, channel: str) -> None:
    """Make the index anew."""
    with cli.platform(write=False, create=False) as platform:
        cli.run(platform, platform.explorer.rebuild, network, channel, title=Text("重建索引", "Rebuild the index"))
        cli.show(
            platform.explorer.status(network, channel),
            columns(channel=("通道", "Channel"), indexed=("已索引", "Indexed")),
        )


archiving.add_to(ledger)
ledger.add_command(replay)
