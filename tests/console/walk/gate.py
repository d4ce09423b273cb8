"""A demonstration that stands still after its acts until somebody has looked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from apps.kit.ledger import LedgerClient
from baas.session import OWNER_ACTOR, Actor, Session

PATIENCE_S = 1800


class Gate:
    """Stops every writer after an act of a kind that was not looked at often enough, and at every step of the job.

    Whoever looks does so while `standing`: then no act is under way and none begins until `pass_on`.
    """

    def __init__(self, looks: int) -> None:
        self._looks, self._turn = looks, threading.Condition()
        self._under_way = 0
        self._shut = self._open = False
        self.at = ""
        self.seen: Counter[str] = Counter()
        """How often each act (`contract:function`) was done."""

    @property
    def standing(self) -> bool:
        with self._turn:
            return self._shut and not self._under_way

    def act(self, name: str, do: Callable[[], Any]) -> Any:
        """Called by a writer in place of its act."""
        with self._turn:
            self._wait()
            self._under_way += 1
        try:
            return do()
        finally:
            with self._turn:
                self._under_way -= 1
                self.seen[name] += 1
                if self.seen[name] <= self._looks:
                    self._stand(name)

    def step(self, id: str) -> None:
        """Called by the job as it goes to its next step."""
        with self._turn:
            self._stand(f"before {id}")

    def pass_on(self) -> None:
        with self._turn:
            self._shut = False
            self._turn.notify_all()

    def leave_open(self) -> None:
        """Stop nobody from now on."""
        self._open = True
        self.pass_on()

    def _stand(self, at: str) -> None:
        if not self._open:
            self.at, self._shut = at, True
        self._wait()

    def _wait(self) -> None:
        assert self._turn.wait_for(lambda: not self._shut, PATIENCE_S), "nobody let the demonstration go on"


class Context:
    """A job's context with a gate at its steps."""

    def __init__(self, ctx: Any, gate: Gate) -> None:
        self._ctx, self._gate = ctx, gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def step(self, id: str, title: Any) -> None:
        self._ctx.step(id, title)
        self._gate.step(id)


def guard(patch: pytest.MonkeyPatch, gate: Gate) -> None:
    """Let every act on a ledger of applications pass through the gate."""
    sent = LedgerClient._sent

    def guarded(self: LedgerClient[Any], signer: str, function: str, *rest: Any) -> Any:
        return gate.act(f"{self.contract}:{function}", lambda: sent(self, signer, function, *rest))

    patch.setattr(LedgerClient, "_sent", guarded)


def owner_demonstrates(patch: pytest.MonkeyPatch) -> None:
    """Whoever sits at the window is one person, and who demonstrates beside them is the workspace's owner."""
    sits = Session.actor.fget
    assert sits is not None

    def actor(self: Session) -> Actor:
        name = threading.current_thread().name
        return sits(self) if name == "MainThread" or name.startswith("read") else OWNER_ACTOR

    patch.setattr(Session, "actor", property(actor))
