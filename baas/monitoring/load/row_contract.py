"""The contract that load tests call: each call reads and writes a key of its own, and can be cleaned away again."""

from __future__ import annotations

from fabric_sdk.chaincode import Context, Contract, query, transaction


class LoadContract(Contract):
    """Rows of about ninety bytes under the run's own name."""

    name = "loadtest"
    version = "1.0.0"

    @transaction
    def Write(self, ctx: Context, key: str, value: str) -> None:
        """Read a key, then write it."""
        ctx.stub.get_state(key)
        ctx.stub.put_state(key, value.encode())

    @transaction
    def Clear(self, ctx: Context, run: str, first: int, end: int) -> None:
        """Delete a run's rows from number `first` on, to before `end`."""
        for number in range(first, end):
            ctx.stub.del_state(f"{run}-{number}")

    @query
    def Rows(self, ctx: Context) -> int:
        """How many rows are left of all runs."""
        return sum(1 for _ in ctx.stub.get_state_by_range("", ""))
