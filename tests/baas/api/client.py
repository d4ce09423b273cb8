"""A client that knows nothing of CityChain but its OpenAPI document: what to call, with what, what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx


class DocumentClient:
    """Calls operations by their ids: `client.call("listBlocks", network="city", channel="city", limit=5)`."""

    def __init__(self, base: str, token: str) -> None:
        self._http = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.document = self._http.get("/api/v1/openapi.json").json()
        self._known = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def __enter__(self) -> DocumentClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _request(self, id: str, values: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        method, path, operation = self._known[id]
        query = {}
        for one in operation["parameters"]:
            if one["in"] == "path":
                path = path.replace("{" + one["name"] + "}", str(values.pop(one["name"])))
            elif one["name"] in values:
                query[one["name"]] = values.pop(one["name"])
            elif one["required"]:
                raise TypeError(f"{id} needs {one['name']}")
        more: dict[str, Any] = {"params": query} if query else {}
        if "requestBody" in operation:
            members = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
            more["json"] = {name: values.pop(name) for name in list(values) if name in members}
        if values:
            raise TypeError(f"{id} takes no {', '.join(values)}")
        return method.upper(), path, more

    def call(self, id: str, **values: Any) -> Any:
        method, path, more = self._request(id, values)
        answer = self._http.request(method, path, **more)
        known = self._known[id][2]["responses"]
        assert str(answer.status_code) in known, answer.status_code
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def pages(self, id: str, **values: Any) -> Iterator[Any]:
        """Every item of every page."""
        found = self.call(id, **values)
        while True:
            yield from found["items"]
            if found["next"] is None:
                return
            found = self._http.get(found["next"]).raise_for_status().json()

    def events(self, id: str, **values: Any) -> Iterator[tuple[str, Any]]:
        """The server-sent events of a stream, until it ends."""
        method, path, more = self._request(id, values)
        with self._http.stream(method, path, **more) as answer:
            answer.raise_for_status()
            name = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, json.loads(line.removeprefix("data: "))
