"""The smallest contract that shows whether a network keeps what it has acknowledged."""

from __future__ import annotations

from fabric_sdk.chaincode import Context, Contract, query, transaction


class NotesContract(Contract):
    name = "notes"
    version = "1.0.0"

    @transaction
    def Put(self, ctx: Context, key: str, value: str) -> str:
        ctx.stub.put_state(key, value.encode())
        return key

    @query
    def Get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()


CONTRACTS = [NotesContract()]
