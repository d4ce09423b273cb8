"""A contract with everything that must not hold up a node."""

from __future__ import annotations

import time

from fabric_sdk.chaincode import Context, Contract, query, transaction


class EndlessContract(Contract):
    name = "endless"
    version = "1.0.0"

    @transaction
    def Put(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.put_state(key, value.encode())

    @query
    def Get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()

    @query
    def Wait(self, ctx: Context, how: str) -> None:
        if how == "sleep":
            time.sleep(3600)
        while how == "read":
            ctx.stub.get_state("key")

    @query
    def Stubborn(self, ctx: Context) -> None:
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    @transaction
    def Busy(self, ctx: Context, key: str) -> str:
        """More than the node's own thread is given, less than a contract may take."""
        end = time.monotonic() + 1.0
        rounds = 0
        while time.monotonic() < end:
            rounds += 1
        ctx.stub.put_state(key, b"done")
        return "done"


CONTRACTS = [EndlessContract()]
