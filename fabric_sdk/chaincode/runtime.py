"""Several contracts made into one chaincode: name a function, run it, answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import PurePath
from types import TracebackType

from fabric_sdk.chaincode import metadata, values
from fabric_sdk.chaincode.contract import Contract
from fabric_sdk.chaincode.errors import ChaincodeError, PeerError
from fabric_sdk.chaincode.ledger import ERROR, OK, Invocation, LedgerPort, Response
from fabric_sdk.chaincode.stub import ChaincodeStub

log = logging.getLogger(__name__)


class ContractChaincode:
    """A `Chaincode` made of contracts; calls without a contract's name go to the first.

    Whatever a contract raises becomes a Response: ChaincodeError with its own status, PeerError with the peer's text,
    anything else as `INTERNAL: …` naming only the kind of error, because messages may quote private data. The place
    of such an error is logged, never its message or the call's arguments.
    """

    def __init__(self, contracts: Sequence[Contract] | Contract) -> None:
        listed = [contracts] if isinstance(contracts, Contract) else list(contracts)
        if not listed:
            raise ValueError("a chaincode needs at least one contract")
        self._contracts = {c.name: c for c in listed}
        if len(self._contracts) != len(listed) or metadata.SYSTEM_CONTRACT in self._contracts:
            raise ValueError("contracts of one chaincode need different names")
        self._default = listed[0]
        self._metadata = values.dump_json(metadata.describe(listed))

    @property
    def contracts(self) -> tuple[Contract, ...]:
        return tuple(self._contracts.values())

    @property
    def metadata(self) -> bytes:
        """The answer to `org.hyperledger.fabric:GetMetadata`, JSON."""
        return self._metadata

    def init(self, invocation: Invocation, ledger: LedgerPort) -> Response:
        """Fabric's optional Init: run the named function if there is one, else do nothing."""
        return self.invoke(invocation, ledger) if invocation.args else Response()

    def invoke(self, invocation: Invocation, ledger: LedgerPort) -> Response:
        stub = ChaincodeStub(invocation, ledger)
        try:
            payload = self._run(stub)
            stub.close()
        except ChaincodeError as error:
            return Response(error.status if error.status >= 400 else ERROR, _sayable(str(error)))
        except PeerError as error:
            return Response(ERROR, _sayable(str(error)))
        except Exception as error:
            log.error(
                "[%s] %s failed: %s at %s",
                invocation.tx_id[:8],
                stub.function[:128],
                type(error).__name__,
                _place(error.__traceback__),
            )
            return Response(ERROR, f"INTERNAL: the contract failed ({type(error).__name__})")
        return Response(OK, "", payload, stub.event)

    def _run(self, stub: ChaincodeStub) -> bytes:
        args = stub.args
        contract_name, _, function = stub.function.rpartition(":")
        if contract_name == metadata.SYSTEM_CONTRACT and function == metadata.GET_METADATA:
            return self._metadata
        contract = self._contracts.get(contract_name) if contract_name else self._default
        if contract is None:
            raise ChaincodeError("UNKNOWN_CONTRACT", f"there is no contract {contract_name[:128]}", status=404)
        return contract.run(contract.context_class(stub), function, args[1:])


def _sayable(text: str) -> str:
    """A sentence that can be sent: a refusal may quote half a character, which no message can hold."""
    return text.encode("utf-8", "replace").decode()


def _place(trace: TracebackType | None) -> str:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{PurePath(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return " < ".join(reversed(places[-4:]))
