"""Calls under way on a network: so many at a time, timed by stage."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from baas.monitoring.load.figures import MISMATCH, Step
from baas.monitoring.load.machine import Machine
from fabric_sdk.errors import CommitError, FabricError, GatewayError
from fabric_sdk.gateway import aio

Arguments = Callable[[int], Sequence[str]]
"""The arguments of a call, by its number."""
QUESTIONS = 5


class Driver:
    """Makes calls of one function of a contract; every call has a number of its own, from 0 on."""

    def __init__(self, gateway: aio.Gateway, channel: str, contract: str, function: str, arguments: Arguments) -> None:
        self._network = gateway.get_network(channel)
        self._contract = self._network.get_contract(contract)
        self._channel, self._function, self._arguments = channel, function, arguments
        self._numbers = itertools.count()
        self.made = 0
        """How many calls were begun."""

    async def warm_up(self) -> float:
        """One call, so that connections are there and the contract runs; then what a plain question takes, in ms."""
        await self.call(_Found())
        own = self._network.get_contract("qscc")
        took = []
        for _ in range(QUESTIONS):
            begin = time.perf_counter()
            await own.evaluate("GetChainInfo", self._channel)
            took.append(time.perf_counter() - begin)
        return _ms(statistics.median(took))

    async def step(self, clients: int, seconds: float, machine: Machine) -> Step:
        """Keep `clients` calls under way for `seconds`; those that are under way at the end are waited for."""
        found = _Found()
        until = time.perf_counter() + seconds
        machine.begin()
        began = time.perf_counter()
        await asyncio.gather(*(self._client(until, found) for _ in range(clients)))
        took = time.perf_counter() - began
        return found.step(clients, took, machine.end())

    async def _client(self, until: float, found: _Found) -> None:
        while time.perf_counter() < until:
            await self.call(found)

    async def call(self, found: _Found) -> None:
        """One call, through its stages."""
        number = self.made = next(self._numbers)
        begin = time.perf_counter()
        try:
            proposal = self._contract.new_proposal(self._function, *self._arguments(number))
            transaction = await proposal.endorse()
            endorsed = time.perf_counter()
            submitted = await transaction.submit()
            ordered = time.perf_counter()
            status = await submitted.status()
            end = time.perf_counter()
            found.blocks[status.block_number] += 1
            if not status.successful:
                raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
        except CommitError as e:
            found.failed(e.code_name, str(e))
        except GatewayError as e:
            found.failed(MISMATCH if "ProposalResponsePayloads do not match" in _told(e) else e.code, _told(e))
            await asyncio.sleep(0.01)  # what is turned away at once would come back at once
        except FabricError as e:
            found.failed(type(e).__name__, str(e))
        else:
            found.stages.append((endorsed - begin, ordered - endorsed, end - ordered))


class _Found:
    """What the clients of one step found."""

    def __init__(self) -> None:
        self.stages: list[tuple[float, float, float]] = []
        self.errors: Counter[str] = Counter()
        self.said: dict[str, str] = {}
        self.blocks: Counter[int] = Counter()

    def failed(self, code: str, said: str) -> None:
        self.errors[code] += 1
        self.said.setdefault(code, said[:300])

    def step(self, clients: int, seconds: float, machine: dict[str, Any]) -> Step:
        whole = sorted(sum(stages) for stages in self.stages)
        medians = [_ms(statistics.median(stage)) for stage in zip(*self.stages, strict=True)] or [0.0, 0.0, 0.0]
        return Step(
            clients=clients,
            seconds=round(seconds, 2),
            done=len(whole),
            per_second=round(len(whole) / seconds, 1),
            p50_ms=_ms(statistics.median(whole)) if whole else 0.0,
            p95_ms=_ms(whole[min(len(whole) - 1, int(len(whole) * 0.95))]) if whole else 0.0,
            endorse_ms=medians[0],
            order_ms=medians[1],
            commit_ms=medians[2],
            blocks=len(self.blocks),
            in_block=round(sum(self.blocks.values()) / len(self.blocks), 1) if self.blocks else 0.0,
            most_in_block=max(self.blocks.values(), default=0),
            errors=dict(self.errors),
            said=self.said,
            **machine,
        )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _told(error: GatewayError) -> str:
    """What was said, by whoever said most: a Gateway repeats its peers' words in the details."""
    return "; ".join(dict.fromkeys([error.status_message, *(str(one) for one in error.details)]))
