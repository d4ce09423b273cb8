"""Calling contracts as the token's identity."""

from __future__ import annotations

from baas import roles
from baas.api import answers
from baas.api.declaration import Call, operation
from baas.api.schema import listing, record, text
from baas.errors import Text
from baas.services.lifecycle_model import InvokeResult

_CONTRACT = "/networks/{network}/channels/{channel}/contracts/{contract}"
_BODY = record(
    {"function": text(most=200, about=Text("方法名", "The function's name"))},
    {"arguments": listing(text(least=0, most=20_000), 16, Text("参数，按次序", "Its arguments in order"))},
)
INDEXED_S = 5.0


@operation("POST", f"{_CONTRACT}/query", "contracts.query",
           Text("查询合约，不改变账本", "Query a contract; nothing changes"),
           answer=answers.CallResult, body=_BODY, permission=roles.CONTRACT_INVOKE, writes=True)  # fmt: skip
def query_contract(call: Call) -> answers.CallResult:
    """Call a function on one peer, as the token's identity."""
    network, channel = _place(call)
    made = call.platform.contracts.query(
        network,
        call.path["contract"],
        call.body["function"],
        call.body.get("arguments", ()),
        identity=call.token.identity,
        channel=channel,
    )
    return _result(made)


@operation("POST", f"{_CONTRACT}/submit", "contracts.submit",
           Text("提交交易并等它写入账本", "Submit a transaction and wait until the ledger has it"),
           answer=answers.CallResult, body=_BODY, permission=roles.CONTRACT_INVOKE, writes=True)  # fmt: skip
def submit_transaction(call: Call) -> answers.CallResult:
    """Call a function as a transaction that the token's identity signs; it is in the index when this answers."""
    network, channel = _place(call)
    made = call.platform.contracts.invoke(
        network,
        call.path["contract"],
        call.body["function"],
        call.body.get("arguments", ()),
        identity=call.token.identity,
        channel=channel,
    )
    call.platform.explorer.follow(network, channel)
    if made.block is not None:
        call.platform.explorer.wait_for(network, made.block, channel=channel, timeout=INDEXED_S)
    return _result(made)


def _place(call: Call) -> tuple[str, str]:
    network = call.platform.networks.resolve(call.network)
    return network, call.platform.chain.channel(network, call.path["channel"])


def _result(made: InvokeResult) -> answers.CallResult:
    try:
        said: str | None = made.payload.decode()
    except UnicodeDecodeError:
        said = None
    return answers.CallResult(made.payload, said, made.tx_id or None, made.block)
