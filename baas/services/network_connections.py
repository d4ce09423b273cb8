"""Being connected to networks: handles that follow what other programs write, Gateway clients, clocks."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.events import EventBus, NetworkChanged
from baas.ledger_clock import LedgerClock
from baas.roles import requires
from baas.services import peers
from baas.services.network_reading import NetworkReader
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.session import Actor
    from baas.workspace import Workspace
    from fabric_sdk.gateway import Gateway, Network
    from network.handle import NetworkHandle

Written = tuple[tuple[int, int], tuple[int, int]]
FRESH_S = 0.05
"""How long a connection is handed out again without a look at the network's files."""


class NetworkConnections(NetworkReader):
    """Keeps one handle a network and one client an identity, until the network changes."""

    def __init__(self, workspace: Workspace, keystore: Keystore, session: Session, events: EventBus) -> None:
        super().__init__(workspace, keystore, session)
        self._events = events
        self._guard = threading.RLock()
        self._handles: dict[str, tuple[Written, NetworkHandle]] = {}
        self._gateways: dict[tuple[str, str, bool], Gateway] = {}
        self._clocks: dict[str, LedgerClock] = {}
        self._seen: dict[str, Written] | None = None
        self._at_work: set[str] = set()
        self._fresh: dict[tuple[str, str, str, bool], tuple[float, Actor, Network]] = {}

    def handle(self, name: str = "") -> NetworkHandle:
        """What others need to use the network: endpoints, identities, organisations, channels."""
        from network.handle import NetworkHandle

        name = self.resolve(name)
        folder = self._existing(name)
        written = _written(folder)
        with self._guard:
            kept = self._handles.get(name)
            if kept is not None and kept[0] == written:
                return kept[1]
            if kept is not None and kept[0][1] != written[1]:
                self.disconnect(name)  # another program has moved its nodes
            self._handles[name] = written, NetworkHandle(folder, self._keystore)
            return self._handles[name][1]

    @requires(roles.LEDGER_READ)
    def connect(self, name: str = "", identity: str = "", channel: str = "", *, whole: bool = False) -> Network:
        """A Gateway client on the network's channel, signing as `identity` ("MSP/name").

        Without `identity` the acting person's own, or for the owner the first organisation's administrator. The
        connection is kept and used again until the network stops. `whole` asks for a peer that has the chain from its
        first block, of another organisation if need be.
        """
        wanted, actor = (name, identity, channel, whole), self._session.actor
        fresh = self._fresh.get(wanted)
        if fresh is not None and fresh[1] is actor and time.monotonic() < fresh[0]:
            return fresh[2]
        name = self.resolve(name)
        handle = self.handle(name)
        label = identity or peers.own_label(handle, self._session.actor)
        own = self._session.is_acting(label, name) or label == peers.desk_label(handle)
        if not own and self._session.actor.msp_id:
            # Somebody who acts as themselves borrows nobody else's key.
            self._session.require(roles.IDENTITY_ISSUE, label.partition("/")[0])
        with self._guard:
            apart = whole and self._partial(handle)
            gateway = self._gateways.get((name, label, apart))
            if gateway is None:
                gateway = self._gateways[name, label, apart] = self._open_gateway(handle, label, whole=apart)
            network = gateway.get_network(channel or handle.spec.channels[0].name)
            if own or not actor.msp_id:
                self._fresh[wanted] = time.monotonic() + FRESH_S, actor, network
        return network

    def party(self, name: str = "", identity: str = "") -> str:
        """How the ledger names whoever signs what `connect` sends: by the certificate, whatever its key is called."""
        from network.persons import person_of

        handle = self.handle(self.resolve(name))
        label = identity or peers.own_label(handle, self._session.actor)
        return person_of(label.partition("/")[0], handle.identity(label).certificate).party

    def clock(self, name: str) -> LedgerClock:
        """The clock by which transactions on a network are written from here; one for all its connections."""
        with self._guard:
            return self._clocks.setdefault(name, LedgerClock())

    def disconnect(self, name: str) -> None:
        """Close every client connection to the network; the next `connect` makes new ones."""
        with self._guard:
            self._fresh.clear()
            for key in [k for k in self._gateways if k[0] == name]:
                with suppress(Exception):
                    self._gateways.pop(key).close()
            if name in self._handles:
                self._handles[name][1].close()

    def close(self) -> None:
        """Close every connection."""
        for name in {*self._handles, *(key[0] for key in self._gateways)}:
            self.disconnect(name)

    def look_around(self) -> tuple[str, ...]:
        """Tell listeners of the networks that other programs have changed since the last look; returns their names.

        The first look only remembers. What this service does itself it tells at once, and here once more at most.
        """
        now = {name: _written(self._folder(name)) for name in self.names()}
        before, self._seen = self._seen, now
        if before is None:
            return ()
        changed = tuple(sorted(n for n in {*before, *now} if before.get(n) != now.get(n)))
        for name in changed:
            if name not in self._at_work:
                self.forget(name)
                self._events.publish(NetworkChanged(name, "elsewhere" if name in now else "destroyed"))
        return changed

    def _partial(self, handle: NetworkHandle) -> bool:
        """Whether some peer of the network has joined from a snapshot, and lacks earlier blocks."""
        from network.native.ledger_snapshots import FILE_NAME

        return (handle.directory / FILE_NAME).exists()

    def _open_gateway(self, handle: NetworkHandle, label: str, *, whole: bool = False) -> Gateway:
        from fabric_sdk.gateway import connect
        from network.native.ledger_snapshots import SnapshotNotes

        msp_id = label.partition("/")[0]
        own = handle.peers(msp_id)
        others = tuple(node for node in handle.peers() if node not in own)
        nodes = [*own, *others]
        if self._partial(handle):
            notes = SnapshotNotes(handle.directory)
            lacking = {n.name for n in nodes if any(notes.first_block(n.name, c) for c in handle.channels)}
            # Its own organisation's peers first; where the whole chain is asked for, those that have it.
            nodes.sort(key=lambda n: (n.name in lacking, n not in own) if whole else (n not in own, n.name in lacking))
        node = peers.first_answering(handle, nodes)
        return connect(
            handle.node_endpoint(node), handle.identity(label), time_ns=self.clock(handle.spec.name).nanoseconds
        )

    def forget(self, name: str) -> None:
        """Close connections and drop what has been read of a network that has changed."""
        self.disconnect(name)
        with self._guard:
            self._handles.pop(name, None)


def _written(folder: Path) -> Written:
    """When a network's state and its addresses were last written, by whatever program."""

    def of(name: str) -> tuple[int, int]:
        try:
            found = (folder / name).stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    return of("state.json"), of("addresses.json")
