"""The Docker Engine: found, asked what it is, and its errors put into words.

Engine 20.10 (API 1.41) and later will do. Only an engine of this machine is used: nodes' ports are published on
loopback and contract servers run beside the engine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from network.drivers.base import Progress
from network.errors import CityChainError, Unavailable
from network.text import Text

MINIMUM_API = (1, 41)
CALL_SECONDS = 120
_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock")

_SAID: dict[tuple[str, tuple[str, ...]], str] = {}
"""What images have said, by their digest: they do not change."""

__all__ = ["APIError", "Engine", "EngineInfo", "NotFound", "engine_errors", "find_engine_address"]


@dataclass(frozen=True)
class EngineInfo:
    """What the engine says about itself; `desktop` is true for Docker Desktop, whose containers run in a machine."""

    version: str
    api: tuple[int, int]
    system: str
    desktop: bool


def find_engine_address() -> str | None:
    """Return where the engine listens: `DOCKER_HOST`, else the first socket there is, else None."""
    named = os.environ.get("DOCKER_HOST", "")
    if named:
        return named
    if sys.platform == "win32":
        try:
            pipes = os.listdir("//./pipe/")  # noqa: PTH208 - this folder is none that pathlib knows
        except OSError:
            pipes = ["docker_engine"]
        return "npipe:////./pipe/docker_engine" if "docker_engine" in pipes else None
    candidates = [Path(p).expanduser() for p in _SOCKETS]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        candidates.append(Path(runtime) / "docker.sock")
    for path in candidates:
        if path.exists():
            return f"unix://{path}"
    return None


class Engine:
    """A lazily opened connection to the engine."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._client: Any = None

    @property
    def client(self) -> Any:
        """The Engine API's client; `Unavailable` with the reason when there is no usable engine."""
        if self._client is None:
            self._client = self._open()
        return self._client

    @property
    def address(self) -> str:
        """Where the engine listens; "" where none was found."""
        return self._address or find_engine_address() or ""

    def info(self) -> EngineInfo:
        """Return the engine's version; `Unavailable` when it does not answer or is too old."""
        with engine_errors():
            version = self.client.version()
            api = _numbers(str(version.get("ApiVersion", "0.0")))
            system = str(self.client.info().get("OperatingSystem", ""))
        if api < MINIMUM_API:
            raise Unavailable(
                Text(
                    "Docker {v} 过旧，需要 20.10 或更高版本。",
                    "Docker {v} is too old; 20.10 or later is needed.",
                    v=str(version.get("Version", "?")),
                ),
                Text("请升级 Docker Engine。", "Upgrade the Docker Engine."),
                code="docker_too_old",
            )
        if str(version.get("Os", "linux")) != "linux":
            raise Unavailable(
                Text("Docker 正在运行 Windows 容器。", "Docker runs Windows containers."),
                Text("请切换到 Linux 容器。", "Switch it to Linux containers."),
                code="docker_windows_containers",
            )
        return EngineInfo(str(version.get("Version", "")), api, system, "desktop" in system.lower())

    def has_image(self, name: str) -> bool:
        """Say whether an image is on this machine."""
        with engine_errors():
            try:
                self.client.images.get(name)
            except NotFound:
                return False
        return True

    def pull(self, name: str, ctx: Progress) -> None:
        """Pull an image with progress in bytes; `Unavailable` when no registry gives it."""
        repository, _, tag = name.rpartition(":")
        layers: dict[str, tuple[int, int]] = {}
        title = Text("下载镜像 {n}", "Pull image {n}", n=name)
        try:
            for line in self.client.api.pull(repository, tag, stream=True, decode=True):
                ctx.check_cancelled()
                if "error" in line:
                    raise _no_image(name, str(line["error"]))
                detail = line.get("progressDetail") or {}
                if line.get("id") and detail.get("total"):
                    layers[line["id"]] = (int(detail.get("current", 0)), int(detail["total"]))
                    ctx.progress(sum(c for c, _ in layers.values()), sum(t for _, t in layers.values()), title)
        except (APIError, DockerException, OSError) as e:
            raise _no_image(name, _reason(e)) from e

    def data_root(self) -> str:
        """Return the engine's folder, as its machine names it; "" where it does not say."""
        with engine_errors():
            return str(self.client.info().get("DockerRootDir", ""))

    def said(self, image: str, command: tuple[str, ...]) -> str:
        """Return what a command of an image says, in a container without a network that is gone afterwards."""
        with engine_errors():
            key = (str(self.client.images.get(image).id), command)
            if key not in _SAID:
                try:
                    raw: bytes = self.client.containers.run(
                        image, list(command), entrypoint="", remove=True, network_disabled=True
                    )
                except docker.errors.ContainerError:
                    raw = b""
                _SAID[key] = raw.decode("utf-8", "replace")
        return _SAID[key]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> Any:
        address = self._address or find_engine_address()
        if address is None:
            raise Unavailable(
                Text("本机没有运行 Docker。", "Docker is not running on this machine."),
                Text(
                    "请安装并启动 Docker，或改用官方程序、内置账本。",
                    "Install and start Docker, or use the native or embedded runtime.",
                ),
                code="docker_absent",
            )
        if not address.startswith(("unix:", "npipe:")):
            raise Unavailable(
                Text("Docker 引擎 {a} 不在本机。", "The Docker engine {a} is not on this machine.", a=address),
                Text("请取消 DOCKER_HOST，使用本机的 Docker。", "Unset DOCKER_HOST and use this machine's Docker."),
                code="docker_remote",
            )
        with engine_errors():
            return docker.DockerClient(base_url=address, version="auto", timeout=CALL_SECONDS)


@contextmanager
def engine_errors() -> Iterator[None]:
    """Translate the Engine API's failures."""
    try:
        yield
    except CityChainError:
        raise
    except APIError as e:
        raise Unavailable(
            Text("Docker 拒绝了请求：{e}", "Docker refused: {e}", e=_reason(e)),
            Text("请按提示处理后重试。", "Mend what it says and try again."),
            code="docker_refused",
        ) from e
    except (DockerException, OSError) as e:
        reason = _reason(e)
        if "Permission denied" in reason or isinstance(e, PermissionError):
            raise Unavailable(
                Text("当前用户无权使用 Docker。", "This user may not use Docker."),
                Text("请把用户加入 docker 组并重新登录。", "Add the user to the group docker and log in again."),
                code="docker_forbidden",
            ) from e
        raise Unavailable(
            Text("Docker 没有响应：{e}", "Docker does not answer: {e}", e=reason),
            Text("请启动 Docker 后重试。", "Start Docker and try again."),
            code="docker_absent",
        ) from e


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def _reason(error: BaseException) -> str:
    text = getattr(error, "explanation", None) or str(error)
    return str(text).splitlines()[0][:300] if text else type(error).__name__


def _no_image(name: str, reason: str) -> Unavailable:
    return Unavailable(
        Text("无法获得镜像 {n}：{e}", "Image {n} cannot be had: {e}", n=name, e=reason),
        Text(
            "请检查网络或镜像加速设置，或用 docker load 导入该镜像。",
            "Check the network or the registry mirror, or import the image with docker load.",
        ),
        code="docker_image_missing",
    )
