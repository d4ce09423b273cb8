"""Work in a process of its own: what it tells, how it is refused, cancelled and left alone, and what it may read."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from baas.apart import end_waiting, run_apart
from baas.jobs import NULL_CONTEXT, Jobs
from baas.platform import Platform
from baas.services.apart_work import bring_up_apart
from network.errors import Cancelled, CityChainError, LedgerError, PermissionDenied, Unavailable
from network.text import Text


def tell(platform: Platform, what: str, *, ctx: Any) -> str:
    """In the other process: say what it is told, in a step with progress."""
    print("this must not come between the frames")
    ctx.step("say", Text("说 {w}", "Say {w}", w=what))
    ctx.progress(1, 2, "half")
    return f"{what} by {platform.session.actor.label}"


def refuse(platform: Platform, *, ctx: Any) -> None:
    raise LedgerError(Text("不行", "No"), Text("等", "Wait"), tx_id="ab", stage="endorse", code="no", details={"a": 1})


def endless(platform: Platform, *, ctx: Any) -> None:
    while True:
        ctx.check_cancelled()
        time.sleep(0.01)


def dies(platform: Platform, *, ctx: Any) -> None:
    import os

    os._exit(7)


def keys(platform: Platform, *, ctx: Any) -> bytes:
    return bytes(platform.keystore.get("a"))


@pytest.fixture
def platform(tmp_path: Path, quick_scrypt: None) -> Any:
    with Platform.open(tmp_path / "workspace") as opened:
        yield opened
    end_waiting()


def processes() -> list[int]:
    """The processes of this kind that this one has started."""
    mine = psutil.Process().children(recursive=True)
    return [p.pid for p in mine if p.is_running() and "baas.apart" in " ".join(p.cmdline())]


def test_one_process_waits_for_more_work(platform: Platform) -> None:
    for _ in range(2):
        run_apart(platform, f"{__name__}:tell", "x", ctx=NULL_CONTEXT)
    kept = processes()
    assert len(kept) == 1
    with pytest.raises(LedgerError):
        run_apart(platform, f"{__name__}:refuse", ctx=NULL_CONTEXT)
    assert processes() == kept
    psutil.Process(kept[0]).kill()
    assert run_apart(platform, f"{__name__}:tell", "y", ctx=NULL_CONTEXT) == "y by owner"
    end_waiting()
    assert processes() == []


def test_it_tells_and_answers(platform: Platform) -> None:
    jobs = Jobs()
    job = jobs.submit(lambda ctx: run_apart(platform, f"{__name__}:tell", "城", ctx=ctx))
    assert job.wait(30)
    assert job.result == "城 by owner"
    assert [str(step.title) for step in job.steps] == ["Say 城"]
    assert (job.steps[0].done, job.steps[0].total) == (1, 2)
    jobs.close()


def test_a_refusal_comes_back_whole(platform: Platform) -> None:
    with pytest.raises(LedgerError) as refused:
        run_apart(platform, f"{__name__}:refuse", ctx=NULL_CONTEXT)
    error = refused.value
    assert (error.code, error.tx_id, error.stage, error.message) == ("no", "ab", "endorse", Text("不行", "No"))
    assert error.hint == Text("等", "Wait")


def test_a_process_that_dies_is_said(platform: Platform) -> None:
    with pytest.raises(Unavailable) as refused:
        run_apart(platform, f"{__name__}:dies", ctx=NULL_CONTEXT)
    assert refused.value.code == "process_ended"


def test_cancelling_ends_it_and_leaves_no_process(platform: Platform) -> None:
    jobs = Jobs()
    job = jobs.submit(lambda ctx: run_apart(platform, f"{__name__}:endless", ctx=ctx))
    time.sleep(1.0)
    job.cancel()
    assert job.wait(20)
    assert job.state == "cancelled"
    jobs.close()
    assert processes() == []


def test_whoever_acts_acts_there_too(platform: Platform) -> None:
    from baas.roles import Role
    from baas.session import Actor

    spec = platform.networks.template("single", name="one", runtime="embedded")
    with platform.session.acting_as(Actor("A/x", "A", frozenset({Role.AUDITOR}))), pytest.raises(PermissionDenied):
        bring_up_apart(platform, spec, ctx=NULL_CONTEXT)
    assert platform.networks.names() == ()


def test_an_open_keystore_is_read_and_a_locked_one_is_not(platform: Platform) -> None:
    platform.keystore.put("a", b"secret")
    assert run_apart(platform, f"{__name__}:keys", ctx=NULL_CONTEXT) == b"secret"
    platform.keystore.set_passphrase("correct horse")
    assert run_apart(platform, f"{__name__}:keys", ctx=NULL_CONTEXT) == b"secret"
    platform.keystore.lock()
    with pytest.raises(CityChainError) as refused:
        run_apart(platform, f"{__name__}:keys", ctx=NULL_CONTEXT)
    assert refused.value.code == "keystore_locked"


def test_a_network_comes_up_apart_and_is_known_here(platform: Platform) -> None:
    spec = platform.networks.template("single", name="one", runtime="embedded")
    heard: list[object] = []
    from baas.events import NetworkChanged

    platform.events.subscribe(NetworkChanged, heard.append)
    try:
        result = bring_up_apart(platform, spec, ctx=NULL_CONTEXT)
        assert result.steps
        assert platform.networks.status("one").state == "running"
        assert NetworkChanged("one", "up") in heard
        bring_up_apart(platform, spec, ctx=NULL_CONTEXT)
    finally:
        began = time.monotonic()
        platform.networks.destroy("one")
    # Its node is a child of the process that waits for more work: before, its end was waited for in vain, for 60 s.
    assert time.monotonic() - began < 15


def test_cancelled_before_it_began(platform: Platform) -> None:
    class Gone:
        def check_cancelled(self) -> None:
            raise Cancelled()

    before = threading.active_count()
    with pytest.raises(Cancelled):
        run_apart(platform, f"{__name__}:endless", ctx=Gone())  # type: ignore[arg-type]
    assert threading.active_count() <= before
