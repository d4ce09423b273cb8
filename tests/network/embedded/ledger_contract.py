"""A contract with one function for each thing that a ledger can do."""

from __future__ import annotations

import json
import random
import sys
import time

from fabric_sdk.chaincode import ChaincodeError, Context, Contract, StateBasedEndorsement, query, transaction


class LedgerContract(Contract):
    name = "ledger"
    version = "1.0.0"

    @transaction
    def Put(self, ctx: Context, key: str, value: str) -> str:
        ctx.stub.put_state(key, value.encode())
        return value

    @transaction
    def PutMany(self, ctx: Context, prefix: str, count: int, value: str) -> None:
        for i in range(count):
            ctx.stub.put_state(f"{prefix}{i:05d}", value.encode())

    @query
    def Get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()

    @transaction
    def Increment(self, ctx: Context, key: str) -> str:
        value = str(int(ctx.stub.get_state(key) or b"0") + 1)
        ctx.stub.put_state(key, value.encode())
        return value

    @transaction
    def Delete(self, ctx: Context, key: str) -> None:
        ctx.stub.del_state(key)

    @transaction
    def Move(self, ctx: Context, source: str, target: str) -> None:
        value = ctx.stub.get_state(source)
        if not value:
            raise ChaincodeError("NOT_FOUND", f"{source} does not exist")
        ctx.stub.del_state(source)
        ctx.stub.put_state(target, value)

    @query
    def Range(self, ctx: Context, start: str, end: str) -> list[str]:
        with ctx.stub.get_state_by_range(start, end) as results:
            return [f"{item.key}={item.value.decode()}" for item in results]

    @transaction
    def CountRange(self, ctx: Context, start: str, end: str, target: str) -> int:
        with ctx.stub.get_state_by_range(start, end) as results:
            count = sum(1 for _ in results)
        ctx.stub.put_state(target, str(count).encode())
        return count

    @transaction
    def FirstOfRange(self, ctx: Context, start: str, end: str, target: str) -> str:
        with ctx.stub.get_state_by_range(start, end) as results:
            first = next(results, None)
        key = first.key if first else ""
        ctx.stub.put_state(target, key.encode() or b"-")
        return key

    @query
    def Page(self, ctx: Context, start: str, end: str, size: int, bookmark: str) -> list[str]:
        items, metadata = ctx.stub.get_state_by_range_with_pagination(start, end, size, bookmark)
        return [*(i.key for i in items), str(metadata.fetched_records_count), metadata.bookmark]

    @transaction
    def PageAndPut(self, ctx: Context, start: str, end: str, key: str) -> None:
        ctx.stub.get_state_by_range_with_pagination(start, end, 2)
        ctx.stub.put_state(key, b"x")

    @query
    def Query(self, ctx: Context, selector: str) -> list[str]:
        with ctx.stub.get_query_result(selector) as results:
            return [f"{item.key}={item.value.decode()}" for item in results]

    @query
    def QueryPage(self, ctx: Context, selector: str, size: int, bookmark: str) -> list[str]:
        items, metadata = ctx.stub.get_query_result_with_pagination(selector, size, bookmark)
        return [*(i.key for i in items), str(metadata.fetched_records_count), metadata.bookmark]

    @query
    def History(self, ctx: Context, key: str) -> list[str]:
        with ctx.stub.get_history_for_key(key) as results:
            return [f"{h.tx_id}:{'deleted' if h.is_delete else h.value.decode()}" for h in results]

    @transaction
    def PutComposite(self, ctx: Context, kind: str, first: str, second: str, value: str) -> None:
        ctx.stub.put_state(ctx.stub.create_composite_key(kind, [first, second]), value.encode())

    @query
    def Composite(self, ctx: Context, kind: str, first: str) -> list[str]:
        with ctx.stub.get_state_by_partial_composite_key(kind, [first]) as results:
            return ["/".join(ctx.stub.split_composite_key(i.key)[1]) + "=" + i.value.decode() for i in results]

    # Private data

    @transaction
    def PutPrivate(self, ctx: Context, collection: str, key: str) -> None:
        ctx.stub.put_private_data(collection, key, ctx.stub.get_transient()["value"])

    @transaction
    def PutPrivateValue(self, ctx: Context, collection: str, key: str, value: str) -> None:
        ctx.stub.put_private_data(collection, key, value.encode())

    @query
    def GetPrivate(self, ctx: Context, collection: str, key: str) -> str:
        return ctx.stub.get_private_data(collection, key).decode()

    @transaction
    def CopyPrivate(self, ctx: Context, collection: str, key: str, target: str) -> None:
        ctx.stub.put_private_data(collection, target, ctx.stub.get_private_data(collection, key))

    @query
    def PrivateHash(self, ctx: Context, collection: str, key: str) -> str:
        return ctx.stub.get_private_data_hash(collection, key).hex()

    @transaction
    def DeletePrivate(self, ctx: Context, collection: str, key: str) -> None:
        ctx.stub.del_private_data(collection, key)

    @transaction
    def PurgePrivate(self, ctx: Context, collection: str, key: str) -> None:
        ctx.stub.purge_private_data(collection, key)

    @transaction
    def PutAllPrivate(self, ctx: Context, collection: str) -> None:
        for key, value in json.loads(ctx.stub.get_transient()["values"]).items():
            ctx.stub.put_private_data(collection, key, value.encode())

    @transaction
    def PurgeAllPrivate(self, ctx: Context, collection: str, keys: list[str]) -> None:
        for key in keys:
            ctx.stub.purge_private_data(collection, key)

    @query
    def PrivateRange(self, ctx: Context, collection: str, start: str, end: str) -> list[str]:
        with ctx.stub.get_private_data_by_range(collection, start, end) as results:
            return [f"{item.key}={item.value.decode()}" for item in results]

    @query
    def PrivateQuery(self, ctx: Context, collection: str, selector: str) -> list[str]:
        with ctx.stub.get_private_data_query_result(collection, selector) as results:
            return [item.key for item in results]

    # Policies, events, calls

    @transaction
    def SetPolicy(self, ctx: Context, key: str, msp_id: str) -> None:
        ctx.stub.set_state_validation_parameter(key, StateBasedEndorsement().add(msp_id).policy)

    @query
    def Policy(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state_validation_parameter(key).hex()

    @transaction
    def Announce(self, ctx: Context, name: str, text: str) -> None:
        ctx.stub.put_state("announced", text.encode())
        ctx.stub.set_event(name, text.encode())

    @transaction
    def Call(self, ctx: Context, chaincode: str, function: str, argument: str, channel: str) -> str:
        ctx.stub.put_state("called", chaincode.encode())
        response = ctx.stub.invoke_chaincode(chaincode, [function.encode(), argument.encode()], channel)
        return f"{response.status}:{response.message}:{response.payload.decode()}"

    @query
    def WhoAmI(self, ctx: Context) -> str:
        return f"{ctx.client.msp_id}/{ctx.stub.peer_msp_id}"

    # Misbehaviour

    @transaction
    def Fail(self, ctx: Context, message: str) -> None:
        ctx.stub.put_state("never", b"x")
        raise ChaincodeError("REFUSED", message)

    @transaction
    def Random(self, ctx: Context) -> None:
        ctx.stub.put_state("random", str(random.random()).encode())

    @transaction
    def WhichPeer(self, ctx: Context) -> None:
        ctx.stub.put_state("peer", ctx.stub.peer_msp_id.encode())

    @query
    def Exit(self, ctx: Context) -> None:
        sys.exit(1)

    @query
    def Sleep(self, ctx: Context, seconds: float) -> None:
        time.sleep(seconds)

    @query
    def Spin(self, ctx: Context) -> None:
        while True:
            pass


CONTRACTS = [LedgerContract()]
