"""The contract that benchmarks call: one key read and written for each transaction."""

from __future__ import annotations

from fabric_sdk.chaincode import Context, Contract, query, transaction


class BenchContract(Contract):
    """An asset of about ninety bytes, read before it is written."""

    name = "bench"
    version = "1.0.0"

    @transaction
    def Write(self, ctx: Context, key: str, value: str) -> None:
        """Read a key, then write it."""
        ctx.stub.get_state(key)
        ctx.stub.put_state(key, value.encode())

    @query
    def Read(self, ctx: Context, key: str) -> str:
        """Return a key's value."""
        return ctx.stub.get_state(key).decode()


CONTRACTS = [BenchContract()]
