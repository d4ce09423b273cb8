"""A client of Fabric's Gateway service (Fabric 2.4 and later): evaluate, submit, and listen.

The blocking client is here, the asyncio client with the same nouns in `fabric_sdk.gateway.aio`:

    with connect(Endpoint("peer0.org1.example.com:7051", tls_root_pem), identity) as gateway:
        contract = gateway.get_network("mychannel").get_contract("basic")
        contract.submit("CreateAsset", "asset1", "blue")
        print(contract.evaluate("ReadAsset", "asset1"))
"""

from typing import TYPE_CHECKING

from fabric_sdk.lazy import attributes

if TYPE_CHECKING:
    from fabric_sdk.gateway.blocking import GrpcTransport
    from fabric_sdk.gateway.checkpoint import Checkpoint, FileCheckpointer, MemoryCheckpointer
    from fabric_sdk.gateway.client import (
        Commit,
        Contract,
        Gateway,
        Network,
        Proposal,
        SubmittedTransaction,
        Transaction,
        connect,
    )
    from fabric_sdk.gateway.endpoint import Deadlines, Endpoint
    from fabric_sdk.gateway.events import EventsRequest, EventStream
    from fabric_sdk.gateway.messages import CommitStatus
    from fabric_sdk.gateway.requests import (
        BlockWithPrivateData,
        ChaincodeEvent,
        FilteredBlock,
        FilteredTransaction,
    )
    from fabric_sdk.gateway.transport import Transport, open_transport

__all__ = [
    "BlockWithPrivateData",
    "ChaincodeEvent",
    "Checkpoint",
    "Commit",
    "CommitStatus",
    "Contract",
    "Deadlines",
    "Endpoint",
    "EventStream",
    "EventsRequest",
    "FileCheckpointer",
    "FilteredBlock",
    "FilteredTransaction",
    "Gateway",
    "GrpcTransport",
    "MemoryCheckpointer",
    "Network",
    "Proposal",
    "SubmittedTransaction",
    "Transaction",
    "Transport",
    "connect",
    "open_transport",
]

__getattr__ = attributes(
    __name__,
    {
        "blocking": "GrpcTransport",
        "checkpoint": "Checkpoint FileCheckpointer MemoryCheckpointer",
        "client": "Commit Contract Gateway Network Proposal SubmittedTransaction Transaction connect",
        "endpoint": "Deadlines Endpoint",
        "events": "EventsRequest EventStream",
        "messages": "CommitStatus",
        "requests": "BlockWithPrivateData ChaincodeEvent FilteredBlock FilteredTransaction",
        "transport": "Transport open_transport",
    },
)
