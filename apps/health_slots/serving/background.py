"""The open board or the FHIR interface in a thread of its own, for a console that starts and stops it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

from apps.health_slots.serving.following import Follower
from baas.errors import Text, Unavailable

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.serving.portals import PlatformPortals

HOST = "127.0.0.1"
START_S = 10.0
STOP_S = 5.0


class BackgroundServer:
    """Serves one application on this machine only (`127.0.0.1`) until `stop`."""

    def __init__(self, app: Starlette, service: HealthSlotsService, path: str = "", *, follow_s: float = 0.5) -> None:
        self._app = app
        self._path = path
        self._follower = Follower(service.index, service.ledger, seconds=follow_s)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._closing = contextlib.ExitStack()
        self.address = ""

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, port: int = 0) -> str:
        """Listen on `port` (0 picks a free one) and return the address; Unavailable when the port cannot be used."""
        import uvicorn

        try:
            bound = socket.create_server((HOST, port))
        except OSError as error:
            raise Unavailable(
                Text("端口 {port} 不能使用。", "Port {port} cannot be used.", port=port),
                Text("请换一个端口，或填 0 任选一个。", "Choose another port, or 0 for a free one."),
                details={"text": str(error)},
            ) from error
        self._closing.enter_context(self._follower)
        self._closing.callback(bound.close)
        from apps.health_slots.serving.listening import server_config

        server = self._server = uvicorn.Server(server_config(self._app, log_config=None))
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [bound]}, name="slots-server", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(Text("网页服务没有启动。", "The web server did not start."))
            time.sleep(0.02)
        self.address = f"http://{HOST}:{bound.getsockname()[1]}/{self._path}"
        return self.address

    def stop(self) -> None:
        """Stop listening and following; harmless when it is stopped already."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=STOP_S)
        self._server, self._thread, self.address = None, None, ""
        self._closing.close()


def board_server(service: HealthSlotsService) -> BackgroundServer:
    """The open board of a network."""
    from apps.health_slots.serving.board import board_app

    return BackgroundServer(board_app(service), service)


def fhir_server(portals: PlatformPortals, service: HealthSlotsService) -> BackgroundServer:
    """The FHIR interface of a network for its portals; it follows closely, because portals read what they wrote."""
    from apps.health_slots.serving.fhir import fhir_app

    return BackgroundServer(fhir_app(portals), service, "fhir", follow_s=0.2)
