"""The system chaincodes `qscc` (blocks and transactions) and `cscc` (channels and their configuration).

Sources: core/scc/qscc/query.go, core/scc/cscc/configure.go. Error texts are Fabric's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fabric_protos.common.common_pb2 import Block
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.peer.query_pb2 import ChannelInfo, ChannelQueryResponse

from fabric_sdk.chaincode.ledger import Response
from network.embedded.block_reading import processed_transaction
from network.embedded.channel import Channel
from network.embedded.channel_config import ConfigInvalid
from network.embedded.faults import AccessDenied
from network.embedded.state_view import require_body


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a system chaincode on one peer.

    `check` raises AccessDenied unless the creator may use a
    channel's resource; `check_local` the same for the peer's own policies (Admins, Members).
    """

    channels: Mapping[str, Channel]
    check: Callable[[Channel, str], None]
    check_local: Callable[[str], None]
    join: Callable[[bytes], None]


def qscc(request: Request, args: list[bytes]) -> Response:
    """Query a ledger: function, channel, and for all but GetChainInfo a third argument."""
    if len(args) < 2:
        return _error(f"Incorrect number of arguments, {len(args)}")
    function, channel_id = _text(args[0]), _text(args[1])
    channel = request.channels.get(channel_id)
    wrong = ""
    if function != "GetChainInfo" and len(args) < 3:
        wrong = f"missing 3rd argument for {function}"
    elif channel is None:
        wrong = f"Invalid chain ID, {channel_id}"
    elif function not in _QUERIES:
        wrong = f"Requested function {function} not found."
    if wrong or channel is None:
        return _error(wrong)
    try:
        request.check(channel, f"qscc/{function}")
    except AccessDenied as e:
        return _error(f"access denied for [{function}][{channel_id}]: [{e}]")
    return _QUERIES[function](channel, args[2] if len(args) > 2 else b"")


def _chain_info(channel: Channel, _: bytes) -> Response:
    height = channel.height
    newest = Block.FromString(require_body(channel.view, height - 1))
    info = BlockchainInfo(
        height=height, currentBlockHash=channel.last_hash, previousBlockHash=newest.header.previous_hash
    )
    return Response(200, "", info.SerializeToString())


def _block_by_number(channel: Channel, argument: bytes) -> Response:
    text = _text(argument)
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        return _error(f'Failed to parse block number with error strconv.ParseUint: parsing "{text}": invalid syntax')
    number = int(text)
    if number == (1 << 64) - 1:
        number = channel.height - 1
    body = channel.view.block_body(number) if number < channel.height else None
    if body is None:
        return _error(f"Failed to get block number {text}, error no such block number [{text}] in index")
    return Response(200, "", body)


def _block_by_hash(channel: Channel, argument: bytes) -> Response:
    number = channel.view.block_number_by_hash(argument)
    if number is None:
        shown = argument.decode("utf-8", "replace")
        return _error(f"Failed to get block hash {shown}, error no such block hash [{argument.hex()}] in index")
    return Response(200, "", require_body(channel.view, number))


def _block_by_transaction(channel: Channel, argument: bytes) -> Response:
    tx_id = _text(argument)
    row = channel.view.transaction(tx_id)
    if row is None:
        return _error(f"Failed to get block for txID {tx_id}, error no such transaction ID [{tx_id}] in index")
    return Response(200, "", require_body(channel.view, row.block))


def _transaction(channel: Channel, argument: bytes) -> Response:
    tx_id = _text(argument)
    found = processed_transaction(channel.view, tx_id)
    if found is None:
        return _error(f"Failed to get transaction with id {tx_id}, error no such transaction ID [{tx_id}] in index")
    return Response(200, "", found.SerializeToString())


_QUERIES: dict[str, Callable[[Channel, bytes], Response]] = {
    "GetChainInfo": _chain_info,
    "GetBlockByNumber": _block_by_number,
    "GetBlockByHash": _block_by_hash,
    "GetBlockByTxID": _block_by_transaction,
    "GetTransactionByID": _transaction,
}


def cscc(request: Request, args: list[bytes]) -> Response:
    """Join channels, list them, read their configuration."""
    function = _text(args[0]) if args else ""
    if not function or (function != "GetChannels" and len(args) < 2):
        return _error(f"Incorrect number of arguments, {len(args)}")
    try:
        if function == "GetChannels":
            request.check_local("Members")
            channels = [ChannelInfo(channel_id=name) for name in sorted(request.channels)]
            return Response(200, "", ChannelQueryResponse(channels=channels).SerializeToString())
        if function == "JoinChain":
            return _join(request, args[1])
        if function in ("GetConfigBlock", "GetChannelConfig"):
            return _config(request, function, _text(args[1]))
    except AccessDenied as e:
        where = (
            f"[{function}][{_text(args[1])[:100]}]" if len(args) > 1 and function != "JoinChain" else f"[{function}]"
        )
        return _error(f"access denied for {where}: {e}")
    return _error(f"Requested function {function} not found.")


def _join(request: Request, block: bytes) -> Response:
    request.check_local("Admins")
    try:
        request.join(block)
    except ConfigInvalid as e:
        return _error(f'"JoinChain" failed because of validation of configuration block, because of {e}')
    return Response()


def _config(request: Request, function: str, channel_id: str) -> Response:
    channel = request.channels.get(channel_id)
    if channel is None:
        word = "Unknown" if function == "GetConfigBlock" else "unknown"
        return _error(f"{word} channel ID, {channel_id}")
    request.check(channel, f"cscc/{function}")
    if function == "GetConfigBlock":
        return Response(200, "", require_body(channel.view, channel.last_config))
    return Response(200, "", channel.config.proto.SerializeToString())


def _text(argument: bytes) -> str:
    return argument.decode("utf-8", "replace")


def _error(message: str) -> Response:
    return Response(500, message)
