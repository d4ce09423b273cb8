"""Networks of a workspace: from a topology to running nodes, and a client on them.

Everything about one network lives in `networks/NAME/` (state, addresses, certificates, the driver's own files); this
service adds what concerns the workspace: which networks there are, who may touch them, whose keys sign.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services import peers
from baas.services.network_connections import NetworkConnections
from baas.services.network_reading import BRANCH
from baas.services.token_keys import SETTING as TOKEN_SETTING
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.workspace import Workspace
    from network.drivers.base import NetworkStatus, Step
    from network.handle import NetworkHandle
    from network.lapse import Lapse
    from network.plan import PlanResult
    from network.topology import TopologySpec

_log = logging.getLogger(__name__)
HELD = "stopped"
"""A file in the folder of a network that somebody stopped."""
EXPORTED = "exported"
"""A file in the folder of a network that was written down for others to run: there is nothing to stop."""


class NetworkService(NetworkConnections):
    """Creates, runs, grows, stops and removes networks."""

    def __init__(
        self,
        workspace: Workspace,
        keystore: Keystore,
        session: Session,
        events: EventBus,
        kept_elsewhere: Callable[[str], Iterable[str]] = lambda _network: (),
    ) -> None:
        super().__init__(workspace, keystore, session, events)
        self._kept_elsewhere = kept_elsewhere

    @requires(roles.NETWORK_READ)
    def plan(self, spec: TopologySpec) -> Sequence[Step]:
        """The steps from what exists to `spec`; changes nothing."""
        from network.plan import plan

        folder = self._folder(spec.name)
        return plan(self._make_driver(folder, spec.runtime), spec, folder)

    @requires(roles.NETWORK_CHANGE)
    def up(self, spec: TopologySpec, *, ctx: JobContext = NULL_CONTEXT) -> NetworkHandle:
        """Bring the network `spec.name` to `spec`: create it, repair a half-made one, or grow a running one.

        Interrupted at any step, the next call goes on from there.
        """
        self.bring_up(spec, ctx=ctx)
        return self.handle(spec.name)

    @requires(roles.NETWORK_CHANGE)
    def bring_up(self, spec: TopologySpec, *, ctx: JobContext = NULL_CONTEXT) -> PlanResult:
        """Like `up`, but return the steps with their times."""
        from network.plan import run
        from network.renewal import BEGUN, forget

        folder = self._folder(spec.name)
        state = self.state(spec.name) if spec.name in self.names() else None
        if folder.exists():
            made = (state.reached or state.wanted) if state else None
            if made is not None and made.runtime != spec.runtime:
                raise UserError(
                    Text(
                        "网络 {name} 已经以 {old} 方式建立，不能改为 {new}。",
                        "Network {name} exists on {old}; it cannot become {new}.",
                        name=spec.name,
                        old=made.runtime,
                        new=spec.runtime,
                    ),
                    Text("请换一个网络名。", "Choose another name."),
                )
        if state is not None and state.phase == "ready" and spec != state.reached:
            self.require_origin(spec.name, Text("它的组织和节点不能更改", "its organisations and nodes stay"))
        driver = self._make_driver(folder, spec.runtime)
        capability = driver.check(spec)
        if not capability.available:
            from baas.errors import Unavailable

            raise Unavailable(
                capability.reason or Text("本机不能运行 {r}。", "This machine cannot run {r}.", r=spec.runtime),
                capability.hint,
                code="runtime_unavailable",
                details=dict(capability.details),
            )
        self.forget(spec.name)
        apart = self._require_connectable(spec) if state is not None else False
        self._at_work.add(spec.name)
        try:
            same = state is not None and state.phase == "ready" and spec == state.reached
            branch = (folder / BRANCH).exists()
            if same and spec.runtime != "attached" and not apart and not branch:
                spec = self._adopted(spec)
            result = run(driver, spec, folder, PlanProgress(ctx), begun=lambda step: ctx.step(step.id, step.title))
            self._finish_promotion(spec, ctx)
        finally:
            self._at_work.discard(spec.name)
        forget(folder, BEGUN)
        self._events.publish(NetworkChanged(spec.name, "up"))
        return result

    @requires(roles.NETWORK_READ)
    def lapses(self, name: str = "") -> tuple[Lapse, ...]:
        """The network's certificates that have ended or have not begun, read from files; of others' networks none."""
        from network.lapse import lapses

        name = self.resolve(name)
        spec = self.spec(name)
        return () if spec.runtime == "attached" else lapses(self._folder(name), spec, self._keystore)

    def _require_connectable(self, spec: TopologySpec) -> bool:
        """Raise where nobody could connect to what is started; return whether a renewal mends just that."""
        from network.lapse import lapses, require_clock, require_connectable
        from network.mending import mending_steps, nodes_apart

        if spec.runtime == "attached":
            return False
        folder = self._folder(spec.name)
        found = lapses(folder, spec, self._keystore)
        if nodes_apart(folder, spec, self._keystore):
            require_clock(found)
            return True
        require_connectable(found, spec)
        return bool(mending_steps(folder, spec, self._keystore))

    def _finish_promotion(self, spec: TopologySpec, ctx: JobContext) -> None:
        """Do what is left of a promotion that was interrupted after Fabric had taken over."""
        from network.promotion.record import FILE_NAME, PromotionRecord

        folder = self._folder(spec.name)
        if spec.runtime != "native" or not (folder / FILE_NAME).exists():
            return
        record = PromotionRecord.load(folder)
        if record is not None and record.phase == "moved":
            from network.promotion.move import Promotion

            Promotion(folder, self._keystore, PlanProgress(ctx), ctx.step).run()

    def _adopted(self, spec: TopologySpec) -> TopologySpec:
        """The topology with what organisations have changed in its channels from their own desks meanwhile."""
        from baas.services.proposing import adopted

        with translating():
            return adopted(self.handle(spec.name), spec)

    @requires(roles.NETWORK_READ)
    def status(self, name: str = "") -> NetworkStatus:
        """The state of every node; a node that is down is a state, not an error."""
        from network.lapse import judged, unreachable

        name = self.resolve(name)
        return judged(self.driver(name).status(), unreachable(self.lapses(name), self.spec(name)))

    @requires(roles.NETWORK_READ)
    def logs(self, name: str, node: str, lines: int = 200) -> Sequence[str]:
        """The last `lines` lines of a node's log, oldest first."""
        return self.driver(self.resolve(name)).logs(node, lines)

    @requires(roles.NETWORK_CHANGE)
    def start(self, name: str = "", node: str | None = None, *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Start a node, or the whole network, and return when it answers.

        The whole network is first brought to its topology, so that one that was moved or restored finds its files.
        """
        from network.plan import locked

        name = self.resolve(name)
        state = self.state(name)
        mends = self._require_connectable(self.spec(name))
        if node is None and (mends or state.phase == "ready" or state.wanted == state.reached):
            self.bring_up(self.spec(name), ctx=ctx)
        ctx.step("start", Text("启动 {what}", "Start {what}", what=node or name))
        with locked(self._existing(name), PlanProgress(ctx)):
            self.driver(name).start(node)
        if node is None:
            self.hold(name, on=False)
        self.forget(name)
        self._events.publish(NetworkChanged(name, "started"))

    @requires(roles.NETWORK_CHANGE)
    def stop(self, name: str = "", node: str | None = None, *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Stop a node, or the whole network, cleanly."""
        from network.plan import locked

        name = self.resolve(name)
        ctx.step("stop", Text("停止 {what}", "Stop {what}", what=node or name))
        if node is None:
            self.forget(name)
        with locked(self._existing(name), PlanProgress(ctx)):
            self.driver(name).stop(node)
        if node is None:
            self.hold(name)
        self._events.publish(NetworkChanged(name, "stopped"))

    def held(self, name: str) -> bool:
        """Whether somebody stopped the whole network, so that nothing starts it but their wish."""
        return (self._folder(name) / HELD).exists()

    def hold(self, name: str, *, on: bool = True) -> None:
        """Note that the network shall stay as it is now: stopped by somebody, or not."""
        with suppress(OSError):
            (self._folder(name) / HELD).touch() if on else (self._folder(name) / HELD).unlink(missing_ok=True)

    @requires(roles.NETWORK_ATTACH)
    def destroy(self, name: str, *, forget_keys: bool = False, ctx: JobContext = NULL_CONTEXT) -> None:
        """Stop the network and remove everything of it: ledgers, certificates, keys, indexes. Works on half-made ones.

        What people saved elsewhere (certificates of works, exports) stays. A network of others goes on without us: the
        keys that a person has in it, and what applications keep of it, stay too unless `forget_keys` says otherwise.
        """
        from network.plan import remove

        name = self.resolve(name)
        if self.spec(name).runtime != "attached":
            self._session.require(roles.NETWORK_CHANGE)
        ctx.step("destroy", Text("删除网络 {name}", "Remove network {name}", name=name))
        folder = self._folder(name)
        exported = (folder / EXPORTED).exists()
        driver = None if exported else self.driver(name)
        keep = name in self.attached() and not forget_keys
        if keep:
            self._set_keys_aside(name)
        self.forget(name)
        self._events.publish(NetworkChanged(name, "removing"))
        if driver is not None:
            remove(driver, folder)
        else:
            with translating():
                shutil.rmtree(folder)
        for key in () if keep else self._keystore.names():
            if key.startswith(f"{name}/"):
                self._keystore.remove(key)
        self._events.publish(NetworkChanged(name, "destroyed"))
        for pattern in (f"index/{name}~*", *(() if keep else self._kept_elsewhere(name))):
            for path in self._workspace.folder.glob(pattern):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not keep:  # last, when there is space again: a full disk must not keep a network from being removed
            try:
                self._workspace.forget_settings(f"{TOKEN_SETTING}{name}/")
            except (OSError, sqlite3.Error) as error:
                _log.warning("in which tokens keys of %s were made could not be forgotten: %s", name, error)

    def _set_keys_aside(self, name: str) -> None:
        """Before certificates go: each person's key also under its certificate's serial, so that no later one loses it.

        What remains belongs to this very network: another one may not take its name and meet its keys.
        """
        handle = self.handle(name)
        for label in handle.identities():
            msp_id, _, person = label.partition("/")
            handle.authority(msp_id).persons.set_aside(person)
        self._workspace.set_setting(f"left.{name}", self.fingerprint(name))

    def fingerprint(self, name: str) -> str:
        """What tells an attached network from another of the same name: the authority of the person who came in."""
        from hashlib import sha256

        handle = self.handle(name)
        msp_id = peers.own_label(handle).partition("/")[0]
        return sha256(handle.authority(msp_id).ca_certificate_pem.strip()).hexdigest()


class PlanProgress:
    """What a plan tells, for a job; its steps are the job's own."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx

    def progress(self, done: int, total: int, text: Text) -> None:
        self._ctx.progress(done, total, text)

    def check_cancelled(self) -> None:
        self._ctx.check_cancelled()

    def log(self, text: Text | str) -> None:
        self._ctx.log(text)
