"""The part `monitor`: looks at the networks every second and shows Prometheus what it saw."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, Text
from baas.serving.parts import Part, Request, Running

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from baas.platform import Platform


@contextlib.contextmanager
def _open(request: Request) -> Iterator[Running]:
    from baas.serving.web import serving

    platform = request.platform
    names = [request.network] if request.network else list(platform.networks.names())
    own = [name for name in names if name not in platform.networks.attached()]
    try:
        taken = [name for name in own if not platform.monitor.watch(name)]
        if taken:
            raise Conflict(
                Text("网络 {n} 已由另一个程序监控。", "Another program watches {n} already.", n=", ".join(taken)),
                Text("请关闭该程序，或用 --network 指定其他网络。", "Close it, or name another network by --network."),
                code="watched",
            )
        with serving(
            platform, request.network, application(platform, own), "monitor", request.web, "metrics"
        ) as server:
            yield server
    finally:
        platform.monitor.close()


def application(platform: Platform, networks: list[str]) -> Starlette:
    """`/metrics` for Prometheus and `/healthz` for whoever only asks whether it is alive."""
    from starlette.applications import Starlette
    from starlette.requests import Request as HttpRequest
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    from baas.monitoring.prometheus import CONTENT_TYPE, exposition

    def metrics(_request: HttpRequest) -> Response:
        samples = [found for name in networks if (found := platform.monitor.last(name)) is not None]
        body = exposition(samples, {name: platform.monitor.alerts(name) for name in networks})
        return Response(body, media_type=CONTENT_TYPE)

    def health(_request: HttpRequest) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", health)])


MONITOR = Part("monitor", Text("监控", "The monitor"), roles.NETWORK_READ, _open, signs=False)
