"""The part `api`: the service API and the page for everybody, on one address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Text
from baas.serving.parts import Part, Request, Running

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from baas.api.page import PublicPage
    from baas.api.server import Api


@contextlib.contextmanager
def _open(request: Request) -> Iterator[Running]:
    from baas.api.page import PublicPage
    from baas.api.server import Api
    from baas.serving.hosts import names_of
    from baas.serving.web import secured, serving

    platform = request.platform
    tls = secured(platform, request.network, request.web)
    names = names_of(request.web, tls[0] if tls else None)
    api, page = Api(platform, names), PublicPage(platform, names)
    try:
        with serving(platform, request.network, application(api, page), "api", request.web) as server:
            try:
                yield server
            finally:
                api.end_streams()
    finally:
        api.close()
        page.close()


def application(api: Api, page: PublicPage) -> Starlette:
    """The interface under `/api`, the page for everybody beside it."""
    from starlette.applications import Starlette

    return Starlette(routes=[*api.routes(), *page.routes()])


API = Part("api", Text("服务接口", "The service API"), roles.API_MANAGE, _open, signs=False)
