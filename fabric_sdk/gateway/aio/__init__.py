"""The Gateway client for asyncio: the same nouns as `fabric_sdk.gateway`, for many transactions at once."""

from fabric_sdk.gateway.aio.client import (
    Commit,
    Contract,
    Gateway,
    Network,
    Proposal,
    SubmittedTransaction,
    Transaction,
    connect,
)
from fabric_sdk.gateway.aio.events import EventsRequest, EventStream
from fabric_sdk.gateway.aio.transport import AsyncGrpcTransport, open_async_transport

__all__ = [
    "AsyncGrpcTransport",
    "Commit",
    "Contract",
    "EventStream",
    "EventsRequest",
    "Gateway",
    "Network",
    "Proposal",
    "SubmittedTransaction",
    "Transaction",
    "connect",
    "open_async_transport",
]
