"""The ledger: channels, blocks, transactions, keys, searching, verifying."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from baas.api import answers
from baas.api.declaration import LIMIT, Call, operation
from baas.api.operations.jobs import begin
from baas.api.schema import text, truth, whole
from baas.api.shapes import Moment, Page
from baas.errors import CityChainError, Text
from baas.jobs import JobContext
from baas.services.explorer import BlockRow, TransactionRow

_CHANNEL = "/networks/{network}/channels/{channel}"
_KEY = text(most=1_000, about=Text("键", "The key"))
_COLLECTION = text(most=100, pattern="^[A-Za-z0-9_-]+$", about=Text("私有集合", "The private collection"))


def place(call: Call) -> tuple[str, str]:
    """Network and channel of a call, whose index is kept up from now on."""
    network = call.platform.networks.resolve(call.network)
    channel = call.platform.chain.channel(network, call.path["channel"])
    with suppress(CityChainError):  # a network that is down is still known by its index
        call.platform.explorer.follow(network, channel)
    return network, channel


@operation("GET", "/networks/{network}/channels", "ledger.read",
           Text("列出通道和索引进度", "List channels and how far their indexes are"),
           answer=Page[answers.Channel])  # fmt: skip
def list_channels(call: Call) -> Page[answers.Channel]:
    """A network's channels."""
    rows = [
        answers.Channel(one.channel, one.indexed, one.ledger_height, one.transactions, one.invalid)
        for one in call.platform.explorer.status(call.network)
    ]
    return call.page(rows, None)


@operation("GET", f"{_CHANNEL}/blocks", "ledger.read", Text("列出区块，从新到旧", "List blocks, the newest first"),
           answer=Page[answers.Block],
           query={**LIMIT, "before": whole(0, 10**12, about=Text("只列此号之前的", "Those before this number"))},
           )  # fmt: skip
def list_blocks(call: Call) -> Page[answers.Block]:
    """Blocks from the newest down."""
    network, channel = place(call)
    limit = call.query["limit"]
    found = call.platform.explorer.blocks(network, channel, call.query["before"], limit)
    following = {"before": found[-1].number} if len(found) == limit and found[-1].number > 0 else None
    return call.page([block_of(one) for one in found], following)


@operation("GET", f"{_CHANNEL}/blocks/events", "ledger.read",
           Text("新区块（服务器推送事件）", "New blocks (server-sent events)"),
           answer=answers.Block, streams=True,
           query={"after": whole(0, 10**12, about=Text("只推送此号之后的；没有则从现在起",
                                                       "Those after this number; without it from now on"))},
           )  # fmt: skip
def watch_blocks(call: Call) -> Callable[[], tuple[list[tuple[str, str, Any]], bool]]:
    """Blocks as they are indexed, oldest first."""
    network, channel = place(call)
    explorer, after = call.platform.explorer, call.query["after"]
    newest = explorer.blocks(network, channel, None, 1)
    last = [after if after is not None else newest[0].number if newest else -1]

    def look() -> tuple[list[tuple[str, str, Any]], bool]:
        top = explorer.blocks(network, channel, None, 1)
        if not top or top[0].number <= last[0]:
            return [], False
        before = min(top[0].number, last[0] + 100) + 1
        found = [one for one in explorer.blocks(network, channel, before, 100) if one.number > last[0]]
        found.reverse()
        if found:
            last[0] = found[-1].number
        return [("block", str(one.number), block_of(one)) for one in found], False

    return look


@operation("GET", f"{_CHANNEL}/blocks/{{number}}", "ledger.read", Text("一个区块", "One block"), answer=answers.Block)
def get_block(call: Call) -> answers.Block:
    """One block."""
    network, channel = place(call)
    return block_of(call.platform.explorer.block(network, call.path["number"], channel))


@operation("GET", f"{_CHANNEL}/transactions", "ledger.read",
           Text("列出交易，从新到旧", "List transactions, the newest first"),
           answer=Page[answers.Transaction],
           query={
               **LIMIT,
               "before": text(most=30, pattern="^[0-9]{1,12}[.][0-9]{1,9}$",
                              about=Text("只列此处之前的（区块.序号）", "Those before this place (block.index)")),
               "block": whole(0, 10**12, about=Text("只列这个区块的", "Those of this block")),
               "contract": text(most=100, about=Text("只列这份合约的", "Those of this contract")),
               "valid": truth(Text("只列有效的或无效的", "Those that are valid, or are not")),
           })  # fmt: skip
def list_transactions(call: Call) -> Page[answers.Transaction]:
    """Transactions from the newest down; those of one block in its order."""
    network, channel = place(call)
    query, limit = call.query, call.query["limit"]
    before = None
    if query["before"] is not None:
        block, _, index = query["before"].partition(".")
        before = int(block), int(index)
    found = call.platform.explorer.transactions(
        network,
        channel=channel,
        block=query["block"],
        contract=query["contract"] or "",
        valid=query["valid"],
        before=before,
        limit=limit,
    )
    following = {"before": f"{found[-1].block}.{found[-1].index}"} if len(found) == limit else None
    return call.page([transaction_of(one) for one in found], following)


@operation("GET", f"{_CHANNEL}/transactions/{{transaction}}", "ledger.read",
           Text("一笔交易及其内容", "One transaction with what it did"), answer=answers.TransactionDetail)  # fmt: skip
def get_transaction(call: Call) -> answers.TransactionDetail:
    """One transaction, read from its block."""
    network, channel = place(call)
    found = call.platform.explorer.transaction(network, call.path["transaction"], channel)
    return answers.TransactionDetail(
        transaction_of(found.row),
        found.args,
        tuple(answers.Endorsement(one.msp_id, one.name, one.fingerprint) for one in found.endorsements),
        tuple(answers.Write(one.contract, one.collection, one.key, one.deleted, one.value) for one in found.writes),
    )


@operation("GET", f"{_CHANNEL}/contracts/{{contract}}/keys", "ledger.read",
           Text("列出合约的键和当前值", "List a contract's keys and their values"),
           answer=Page[answers.KeyVersion],
           query={
               **LIMIT,
               "prefix": text(most=1_000, about=Text("键的开头", "How the keys begin")),
               "after": text(most=1_000, about=Text("上一页最后一个键", "The last key of the page before")),
               "collection": _COLLECTION,
           })  # fmt: skip
def list_keys(call: Call) -> Page[answers.KeyVersion]:
    """Keys in order, each with its latest version."""
    network, channel = place(call)
    query, limit = call.query, call.query["limit"]
    found = call.platform.explorer.keys(
        network,
        call.path["contract"],
        prefix=query["prefix"] or "",
        after=query["after"] or "",
        collection=query["collection"] or "",
        channel=channel,
        limit=limit,
    )
    return call.page([_version(one) for one in found], {"after": found[-1].key} if len(found) == limit else None)


@operation("GET", f"{_CHANNEL}/contracts/{{contract}}/history", "ledger.read",
           Text("一个键的历史，从新到旧", "A key's history, the newest first"),
           answer=Page[answers.KeyVersion],
           query={**LIMIT, "key": _KEY, "collection": _COLLECTION}, needed=("key",))  # fmt: skip
def list_history(call: Call) -> Page[answers.KeyVersion]:
    """Every valid write of a key; none for one that was never written."""
    network, channel = place(call)
    found = call.platform.explorer.history(
        network,
        call.path["contract"],
        call.query["key"],
        collection=call.query["collection"] or "",
        channel=channel,
        limit=call.query["limit"],
    )
    return call.page([_version(one) for one in found], None)


@operation("GET", f"{_CHANNEL}/search", "ledger.read",
           Text("按区块号、编号、哈希、键或文字查找", "Search by block number, id, hash, key or words"),
           answer=Page[answers.Hit],
           query={**LIMIT, "q": text(most=200, about=Text("要找的内容", "What to look for"))},
           needed=("q",))  # fmt: skip
def search_ledger(call: Call) -> Page[answers.Hit]:
    """Everything that the words may mean."""
    network, channel = place(call)
    found = call.platform.explorer.search(network, call.query["q"], channel=channel, limit=call.query["limit"])
    rows = [
        answers.Hit(one.kind, one.title, one.subtitle, one.block, one.tx_id, one.contract, one.key) for one in found
    ]
    return call.page(rows, None)


@operation("POST", f"{_CHANNEL}/verify", "ledger.read",
           Text("从区块校验整条链", "Verify the whole chain from its blocks"),
           answer=answers.Job, status=202)  # fmt: skip
def verify_ledger(call: Call) -> answers.Job:
    """Verify the chain, as a job whose result says what was verified."""
    network = call.platform.networks.resolve(call.network)
    channel = call.platform.chain.channel(network, call.path["channel"])

    def verify(*, ctx: JobContext) -> dict[str, Any]:
        found = asdict(call.platform.ledger.verify(network, channel, ctx=ctx))
        return {name: value for name, value in found.items() if isinstance(value, str | int | bool)}

    return begin(call, verify, title=Text("校验 {c}", "Verify {c}", c=channel), queue=f"verify:{network}:{channel}")


def block_of(one: BlockRow) -> answers.Block:
    """A block as the interface answers it."""
    return answers.Block(
        one.number, one.hash, one.previous_hash, Moment(one.time), one.transactions, one.invalid, one.size
    )


def transaction_of(one: TransactionRow) -> answers.Transaction:
    """A transaction as the interface answers it."""
    return answers.Transaction(
        one.tx_id, one.block, one.index, one.type, Moment(one.time), one.creator, one.contract, one.function, one.valid,
        one.code_name, one.meaning,
    )  # fmt: skip


def _version(one: Any) -> answers.KeyVersion:
    return answers.KeyVersion(one.key, one.block, one.index, one.tx_id, Moment(one.time), one.deleted, one.value)
