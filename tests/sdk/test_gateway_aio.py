"""The asyncio client against the same peer as the blocking one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from fabric_sdk.blocks import decode_block
from fabric_sdk.errors import CommitError, EndorseError, EvaluateError, FabricError, GatewayError
from fabric_sdk.gateway import Deadlines, MemoryCheckpointer, aio
from fabric_sdk.msp import MspManager
from tests.sdk.gateway_server import CHANNEL, FakePeer
from tests.sdk.material import Organization

Run = Callable[[Callable[[aio.Gateway, aio.Network, aio.Contract], Awaitable[None]]], None]


@pytest.fixture
def peer(org1: Organization, msps: MspManager) -> Iterator[FakePeer]:
    fake = FakePeer(org1, msps)
    yield fake
    fake.stop()


@pytest.fixture
def run(peer: FakePeer, org1: Organization) -> Run:
    def run(work: Callable[[aio.Gateway, aio.Network, aio.Contract], Awaitable[None]]) -> None:
        async def main() -> None:
            async with aio.connect(peer.endpoint, org1.client) as gateway:
                network = gateway.get_network(CHANNEL)
                await asyncio.wait_for(work(gateway, network, network.get_contract("basic")), 30)

        asyncio.run(main())

    return run


def test_evaluate_and_submit(run: Run, peer: FakePeer) -> None:
    async def work(_: aio.Gateway, __: aio.Network, contract: aio.Contract) -> None:
        assert await contract.evaluate("echo", "a") == b"echo a"
        answers = await asyncio.gather(*(contract.submit("echo", str(i)) for i in range(50)))
        assert answers == [f"echo {i}".encode() for i in range(50)]

    run(work)
    assert len(peer.blocks) == 51


def test_errors(run: Run) -> None:
    async def work(_: aio.Gateway, __: aio.Network, contract: aio.Contract) -> None:
        with pytest.raises(EvaluateError) as caught:
            await contract.evaluate("fail")
        assert caught.value.details[0].msp_id == "Org1MSP"
        with pytest.raises(EndorseError):
            await contract.submit("fail")
        with pytest.raises(CommitError) as invalid:
            await contract.submit("conflict")
        assert invalid.value.code_name == "MVCC_READ_CONFLICT"
        with pytest.raises(EvaluateError, match="DEADLINE_EXCEEDED"):
            await contract.new_proposal("hang").evaluate(0.1)

    run(work)


def test_offline_signing(peer: FakePeer, org1: Organization) -> None:
    async def main() -> None:
        signer = org1.client.signer
        async with aio.connect(peer.endpoint, org1.client.identity, deadlines=Deadlines(5, 5, 5, 5)) as gateway:
            unsigned = gateway.get_network(CHANNEL).get_contract("basic").new_proposal("echo", "x")
            with pytest.raises(FabricError, match="no signer"):
                await unsigned.evaluate()
            proposal = gateway.new_signed_proposal(unsigned.bytes, signer(unsigned.digest))
            endorsed = await proposal.endorse()
            transaction = gateway.new_signed_transaction(endorsed.bytes, signer(endorsed.digest))
            submitted = await transaction.submit()
            commit = gateway.new_signed_commit(submitted.bytes, signer(submitted.digest))
            assert (await commit.status()).successful

    asyncio.run(main())


def test_events(run: Run) -> None:
    async def work(gateway: aio.Gateway, network: aio.Network, contract: aio.Contract) -> None:
        for i in range(3):
            await contract.submit("event", str(i))
        checkpoint = MemoryCheckpointer()
        async with network.chaincode_events("basic", 1, checkpoint) as events:
            checkpoint.checkpoint_chaincode_event(await anext(events))
        async with network.chaincode_events("basic", 1, checkpoint) as events:
            assert (await anext(events)).payload == b"1"
        async with network.block_events(2) as blocks:
            assert decode_block(await anext(blocks)).number == 2
        async with network.filtered_block_events(1) as filtered:
            assert (await anext(filtered)).transactions[0].events[0].event_name == "happened"
        async with network.block_and_private_data_events(1) as private:
            assert (await anext(private)).private_data[0][0].collection == "secret"
        async with gateway.get_network("otherchannel").block_events(0) as blocks:
            with pytest.raises(GatewayError) as caught:
                await anext(blocks)
        assert caught.value.code == "NOT_FOUND"

    run(work)


def test_closing_ends_a_waiting_listener(run: Run) -> None:
    async def work(gateway: aio.Gateway, network: aio.Network, _: aio.Contract) -> None:
        async def listen(stream: aio.EventStream[object]) -> list[object]:
            return [event async for event in stream]

        first, second = network.chaincode_events("basic"), network.block_events()
        tasks = [asyncio.create_task(listen(first)), asyncio.create_task(listen(second))]  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        first.close()
        assert await tasks[0] == []
        await gateway.close()
        assert await tasks[1] == []

    run(work)


def test_a_cancelled_listener_is_cancelled(run: Run) -> None:
    async def work(_: aio.Gateway, network: aio.Network, __: aio.Contract) -> None:
        stream = network.block_events()
        task = asyncio.create_task(anext(stream))  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stream.close()

    run(work)
