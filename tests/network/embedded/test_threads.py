"""Calls of a function that nobody knows yet: the first ones run in threads, those that wait need none afterwards."""

from __future__ import annotations

import asyncio

import pytest

from network.embedded.apart import Apart, NotNeeded


def test_those_that_waited_for_the_first_start_no_thread() -> None:
    async def work() -> tuple[int, int, int]:
        apart = Apart(10.0, most=4)
        known = False
        threads = ended = 0

        def call() -> int:
            nonlocal threads, known
            threads += 1
            known = True
            return 1

        def end() -> None:
            nonlocal ended
            ended += 1

        results = await asyncio.gather(
            *(apart.run(call, end, lambda: not known) for _ in range(256)), return_exceptions=True
        )
        assert {type(r) for r in results} == {int, NotNeeded}
        assert await apart.run(call, end) == 1  # the places are free again
        apart.close()
        return threads, ended, sum(isinstance(r, NotNeeded) for r in results)

    threads, ended, spared = asyncio.run(work())
    assert threads <= 5
    assert ended == 257
    assert spared >= 252


@pytest.mark.parametrize("needed", [True, False])
def test_a_call_is_run_or_refused_at_once(needed: bool) -> None:
    async def work() -> object:
        apart = Apart(10.0)
        try:
            return await apart.run(lambda: "ran", lambda: None, lambda: needed)
        except NotNeeded:
            return "spared"
        finally:
            apart.close()

    assert asyncio.run(work()) == ("ran" if needed else "spared")
