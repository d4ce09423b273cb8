"""Runtimes: each module here makes networks of one kind; `make_driver` finds it."""

from __future__ import annotations

import importlib
from pathlib import Path

from network.drivers.base import Driver
from network.errors import NotFound
from network.text import Text
from network.vault import KeyVault

_MODULES = {
    "embedded": ("network.drivers.embedded", "EmbeddedDriver"),
    "native": ("network.drivers.native", "NativeDriver"),
    "docker": ("network.drivers.docker", "DockerDriver"),
    "attached": ("network.drivers.attached", "AttachedDriver"),
}


def make_driver(runtime: str, directory: Path, vault: KeyVault) -> Driver:
    """Return the driver of `runtime` for one network folder; `NotFound` when there is no such runtime."""
    if runtime in _MODULES:
        module_name, class_name = _MODULES[runtime]
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as e:
            if e.name != module_name:
                raise
        else:
            driver: Driver = getattr(module, class_name)(directory, vault)
            return driver
    raise NotFound(
        Text("没有“{r}”运行方式。", "There is no runtime {r}.", r=runtime),
        Text("可用：{a}。", "Available: {a}.", a=", ".join(_MODULES)),
    )
