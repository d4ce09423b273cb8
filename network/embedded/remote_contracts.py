"""Contracts that other processes serve (CCaaS): which streams to them are open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fabric_sdk.chaincode.ledger import Invocation, Response
from network.embedded.execution import Executor, Run
from network.embedded.faults import Refusal

if TYPE_CHECKING:
    from network.embedded.ccaas import ContractStream


class RemoteContracts:
    """All streams to contracts of other processes."""

    def __init__(self) -> None:
        self.executor: Executor | None = None
        self._streams: dict[tuple[str, str], ContractStream] = {}
        self._opening: dict[tuple[str, str], asyncio.Lock] = {}

    async def execute(self, run: Run, package_id: str, invocation: Invocation, init: bool) -> Response:
        """Run one transaction; Refusal if the contract cannot be reached, dies or takes too long."""
        try:
            stream = await self._stream(run, package_id)
            return await stream.execute(run, invocation, init)
        except Refusal as e:
            prefix = "error in simulation: " if not run.depth else "execute failed: "
            raise Refusal(f"{prefix}failed to execute transaction {invocation.tx_id}: {e}") from e

    async def _stream(self, run: Run, package_id: str) -> ContractStream:
        key = (run.peer.name, package_id)
        async with self._opening.setdefault(key, asyncio.Lock()):
            stream = self._streams.get(key)
            if stream is None or stream.ended:
                package = run.peer.packages.package(package_id)
                if package is None or self.executor is None:
                    raise Refusal(f"could not launch chaincode {package_id}: the package is not installed")
                from network.embedded.ccaas import ContractStream  # grpcio, which most networks never need

                stream = ContractStream(package, run.peer.name, self.executor)
                await stream.open()
                self._streams[key] = stream
            return stream

    async def close(self) -> None:
        for stream in self._streams.values():
            await stream.close()
        self._streams.clear()
