"""A contract that touches every operation of the stub."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from fabric_sdk.chaincode import (
    ChaincodeError,
    Context,
    Contract,
    PeerError,
    StateBasedEndorsement,
    query,
    transaction,
)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Owner:
    name: str
    share: float = 1.0


@dataclass(frozen=True)
class Asset:
    id: str
    colour: Colour
    size: int
    owners: list[Owner]
    note: str | None = None


class Assets(Contract):
    name = "assets"
    version = "1.2.3"
    title = "Assets"

    @transaction
    def Create(self, ctx: Context, asset: Asset) -> Asset:
        """Create an asset.

        Not twice.
        """
        key = ctx.stub.create_composite_key("asset", [asset.colour.value, asset.id])
        if ctx.stub.get_state(key):
            raise ChaincodeError("EXISTS", f"asset {asset.id} exists", status=409)
        ctx.stub.put_state(key, asset.id.encode())
        ctx.stub.put_state(asset.id, str(asset.size).encode())
        ctx.stub.set_event("ignored", b"first")
        ctx.stub.set_event("created", asset.id.encode())
        return asset

    @query
    def Read(self, ctx: Context, asset_id: str) -> int | None:
        value = ctx.stub.get_state(asset_id)
        return int(value) if value else None

    @transaction
    def Put(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.get_state(key)
        ctx.stub.put_state(key, value.encode())

    @transaction
    def Delete(self, ctx: Context, key: str) -> None:
        ctx.stub.del_state(key)

    @transaction
    def ReadOwnWrite(self, ctx: Context, key: str) -> str:
        ctx.stub.put_state(key, b"new")
        return ctx.stub.get_state(key).decode()

    @query
    def Range(self, ctx: Context, start: str, end: str) -> list[str]:
        return [f"{r.key}={r.value.decode()}" for r in ctx.stub.get_state_by_range(start, end)]

    @query
    def FirstOf(self, ctx: Context, start: str, end: str) -> str:
        results = ctx.stub.get_state_by_range(start, end)
        return next(results).key

    @query
    def Page(self, ctx: Context, size: int, bookmark: str) -> dict[str, object]:
        items, metadata = ctx.stub.get_state_by_range_with_pagination("", "", size, bookmark)
        return {
            "keys": [i.key for i in items],
            "bookmark": metadata.bookmark,
            "count": metadata.fetched_records_count,
        }

    @transaction
    def PageThenWrite(self, ctx: Context, write_first: bool) -> None:
        if write_first:
            ctx.stub.put_state("k", b"v")
        ctx.stub.get_state_by_range_with_pagination("", "", 2)
        ctx.stub.put_state("k", b"v")

    @query
    def OfColour(self, ctx: Context, colour: Colour) -> list[str]:
        found = ctx.stub.get_state_by_partial_composite_key("asset", [colour.value])
        return [ctx.stub.split_composite_key(r.key)[1][1] for r in found]

    @query
    def History(self, ctx: Context, key: str) -> list[dict[str, object]]:
        return [
            {"value": h.value.decode(), "deleted": h.is_delete, "at": h.timestamp}
            for h in ctx.stub.get_history_for_key(key)
        ]

    @query
    def Many(self, ctx: Context, keys: list[str]) -> list[str]:
        return [v.decode() for v in ctx.stub.get_multiple_states(*keys)]

    @query
    def Rich(self, ctx: Context, selector: str) -> list[str]:
        return [r.key for r in ctx.stub.get_query_result(selector)]

    @transaction
    def Hide(self, ctx: Context, key: str) -> str:
        ctx.stub.put_private_data("secrets", key, ctx.stub.get_transient()["value"])
        return ctx.stub.get_private_data_hash("secrets", key).hex()

    @query
    def Reveal(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_private_data("secrets", key).decode()

    @query
    def Digest(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_private_data_hash("secrets", key).hex()

    @query
    def Secrets(self, ctx: Context) -> list[str]:
        return [r.key for r in ctx.stub.get_private_data_by_range("secrets", "", "")]

    @transaction
    def Purge(self, ctx: Context, key: str) -> None:
        ctx.stub.purge_private_data("secrets", key)

    @transaction
    def HideQuietly(self, ctx: Context, key: str) -> str:
        try:
            ctx.stub.put_private_data("secrets", key, b"x")
        except PeerError:
            return "refused"
        return "written"

    @transaction
    def Protect(self, ctx: Context, key: str, msp_ids: list[str]) -> list[str]:
        present = StateBasedEndorsement(ctx.stub.get_state_validation_parameter(key))
        ctx.stub.set_state_validation_parameter(key, present.add(*msp_ids).policy)
        return list(present.organizations)

    @query
    def Protectors(self, ctx: Context, key: str) -> list[str]:
        return list(StateBasedEndorsement(ctx.stub.get_state_validation_parameter(key)).organizations)

    @query
    def WhoAmI(self, ctx: Context) -> dict[str, object]:
        return {
            "msp": ctx.client.msp_id,
            "name": ctx.client.common_name,
            "role": ctx.client.attribute("role"),
            "peer": ctx.stub.peer_msp_id,
            "at": ctx.stub.tx_timestamp,
            "channel": ctx.stub.channel_id,
            "function": ctx.stub.function,
        }

    @transaction
    def Guarded(self, ctx: Context) -> str:
        ctx.client.assert_attribute("role", "registrar")
        return "done"

    @transaction
    def Call(self, ctx: Context, name: str, args: list[str], channel: str = "") -> str:
        ctx.stub.put_state("before-call", b"1")
        response = ctx.stub.invoke_chaincode(name, args, channel)
        if not response.successful:
            raise ChaincodeError("CALL_FAILED", response.message)
        return response.payload.decode()

    @query
    def Typed(
        self, ctx: Context, number: float, flag: bool, moment: datetime, data: bytes, extra: int = 7
    ) -> list[object]:
        return [number, flag, moment, data, extra]

    @transaction
    def Crash(self, ctx: Context, secret: str) -> None:
        raise RuntimeError(f"quotes {secret}")


class Other(Contract):
    name = "other"

    @query
    def Hello(self, ctx: Context) -> str:
        return "hello"

    def unknown_transaction(self, ctx: Context) -> str:
        return f"no {ctx.stub.function}"


CONTRACTS = [Assets(), Other()]
