"""What the interface can do, each thing declared once: its address, its scope, what it takes, what it answers.

    @operation("GET", "/networks/{network}", "networks.read", Text("…", "…"), answer=NetworkState)
    def get_network(call: Call) -> NetworkState: …

Routing, checking, rights, the audit log's line and the OpenAPI document all come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from baas.api.schema import Schema, text, whole
from baas.api.shapes import Page
from baas.api.tokens import Token
from baas.errors import Lang, Text

if TYPE_CHECKING:
    from baas.api.jobs import JobBook
    from baas.platform import Platform

Method = Literal["GET", "POST", "DELETE"]
PREFIX = "/api/v1"
MOST_ROWS = 200

PATH: Mapping[str, Schema] = {
    "network": text(most=60, pattern="^[a-z][a-z0-9-]*$", about=Text("网络名", "The network's name")),
    "channel": text(most=120, pattern="^[a-z][a-z0-9.-]*$", about=Text("通道名", "The channel's name")),
    "contract": text(
        most=100, pattern="^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$", about=Text("合约名", "The contract's name")
    ),
    "number": whole(0, 10**12, about=Text("区块号", "The block's number")),
    "transaction": text(least=64, most=64, pattern="^[0-9a-f]{64}$", about=Text("交易编号", "The transaction's id")),
    "job": text(least=12, most=12, pattern="^[0-9a-f]{12}$", about=Text("任务编号", "The job's id")),
    "alert": text(most=200, pattern="^[A-Za-z0-9:._-]+$", about=Text("告警编号", "The alert's key")),
}
"""The parameters that stand in addresses."""
LIMIT: Mapping[str, Schema] = {"limit": whole(1, MOST_ROWS, 50, Text("最多几项", "At most how many"))}


@dataclass(frozen=True)
class Call:
    """One request that is let through: who asks, and what for."""

    platform: Platform
    token: Token
    lang: Lang
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    jobs: JobBook
    operation: Operation

    @property
    def network(self) -> str:
        return str(self.path["network"])

    def page(self, rows: list[Any], following: Mapping[str, Any] | None) -> Page[Any]:
        """One page of an answer; `following` are the parameters of the next, None after the last."""
        if following is None:
            return Page(tuple(rows), None)
        kept = {name: value for name, value in self.query.items() if value is not None} | dict(following)
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in kept.items()}
        address = self.operation.path.format(**{name: quote(str(one), safe="") for name, one in self.path.items()})
        return Page(tuple(rows), f"{PREFIX}{address}?{urlencode(words)}")


@dataclass(frozen=True)
class Operation:
    """One thing that the interface can do.

    `scope` is what a token must be for ("" for any token, None for everybody), `permission` what the platform is asked
    for where that changes something, `needed` the query's parameters that must be there. An operation that `streams`
    answers with server-sent events; one that `writes` waits for the ledger.
    """

    id: str
    method: Method
    path: str
    scope: str | None
    summary: Text
    run: Callable[[Call], Any]
    answer: Any = None
    status: int = 200
    query: Mapping[str, Schema] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    body: Schema | None = None
    permission: str = ""
    streams: bool = False
    writes: bool = False

    @property
    def parameters(self) -> Mapping[str, Schema]:
        """The parameters in its address, in order."""
        return {name: PATH[name] for part in self.path.split("/") if part.startswith("{") for name in [part[1:-1]]}


OPERATIONS: list[Operation] = []
"""Every operation, in the document's order; `baas.api.operations` fills it."""


def operation(
    method: Method,
    path: str,
    scope: str | None,
    summary: Text,
    *,
    answer: Any = None,
    status: int = 200,
    query: Mapping[str, Schema] | None = None,
    needed: tuple[str, ...] = (),
    body: Schema | None = None,
    permission: str = "",
    streams: bool = False,
    writes: bool = False,
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Declare what the function below does; its name in camel case is the operation's id.

    `writes`: it waits for the ledger, and so for others; it gets a worker that those who only read do not need.
    """

    def declare(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
        first, *rest = run.__name__.split("_")
        id = first + "".join(word.capitalize() for word in rest)
        made = Operation(
            id,
            method,
            path,
            scope,
            summary,
            run,
            answer,
            status,
            query or {},
            needed,
            body,
            permission,
            streams,
            writes,
        )
        OPERATIONS.append(made)
        return run

    return declare
