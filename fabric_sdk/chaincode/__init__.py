"""Write contracts for Hyperledger Fabric in Python, run them as a service or in process, test them in memory.

`contract` and `context` are what an author sees, `ledger` is the seam to whatever runs the contract, `shim` and
`server` speak Fabric's chaincode protocol, `testing` needs no network at all.
"""

from fabric_sdk.chaincode.client_identity import ClientIdentity
from fabric_sdk.chaincode.context import Context
from fabric_sdk.chaincode.contract import Contract, query, transaction
from fabric_sdk.chaincode.errors import ChaincodeError, PeerError
from fabric_sdk.chaincode.ledger import (
    Chaincode,
    ChaincodeEvent,
    Invocation,
    KeyModification,
    KeyValue,
    LedgerPort,
    Page,
    QueryMetadata,
    Response,
    Results,
)
from fabric_sdk.chaincode.runtime import ContractChaincode
from fabric_sdk.chaincode.state_policy import StateBasedEndorsement
from fabric_sdk.chaincode.stub import ChaincodeStub

__all__ = [
    "Chaincode",
    "ChaincodeError",
    "ChaincodeEvent",
    "ChaincodeStub",
    "ClientIdentity",
    "Context",
    "Contract",
    "ContractChaincode",
    "Invocation",
    "KeyModification",
    "KeyValue",
    "LedgerPort",
    "Page",
    "PeerError",
    "QueryMetadata",
    "Response",
    "Results",
    "StateBasedEndorsement",
    "query",
    "transaction",
]
