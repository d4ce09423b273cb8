"""Amounts of lots: everybody's stock, what is on its way, and the sums, exact to the millionth."""

from __future__ import annotations

import json

from chaincode.kit.records import KitContext, dump, refuse

Amount = dict[str, int | None]
"""Unit → millionths; None where nobody said how much."""


def add(one: Amount, two: Amount) -> Amount:
    total = dict(one)
    for unit, number in two.items():
        before = total.get(unit, 0)
        total[unit] = None if before is None or number is None else before + number
    return total


def split(stock: Amount, wanted: Amount, name: str) -> tuple[Amount, Amount]:
    """What is left of a stock, and what is taken out; a wanted amount that is not said takes all there is."""
    if not stock:
        raise refuse("NOT_HELD", f"you hold nothing of {name}", 403)
    left, taken = dict(stock), Amount()
    for unit, number in wanted.items():
        if number is None:
            taken = add(taken, left)
            left = {one: None for one, there in left.items() if there is None}
            continue
        there = left.get(unit, None if None in left.values() else 0)
        if there is not None:
            if there < number:
                raise refuse("TOO_MUCH", f"there is less of {name} than that")
            left[unit] = there - number
            if not left[unit]:
                del left[unit]
        taken[unit] = number
    return left, taken


class Stocks:
    """Amounts by table (`stock` of somebody, `transit` to somebody from somebody)."""

    def __init__(self, ctx: KitContext) -> None:
        self.ctx = ctx

    def _stock(self, *key: str) -> Amount:
        table, *attributes = key
        found = self.ctx.get(self.ctx.stub.create_composite_key(table, attributes))
        return json.loads(found) if found else {}

    def _take(self, name: str, amount: Amount, table: str, *owner: str) -> Amount:
        left, taken = split(self._stock(table, name, *owner), amount or {"": None}, name)
        if left:
            self.ctx.put(self.ctx.stub.create_composite_key(table, [name, *owner]), dump(left))
        else:
            self.ctx.unindex(table, name, *owner)
        return taken

    def _give(self, name: str, amount: Amount, *owner: str, table: str = "stock") -> None:
        total = add(self._stock(table, name, *owner), amount)
        self.ctx.put(self.ctx.stub.create_composite_key(table, [name, *owner]), dump(total))
