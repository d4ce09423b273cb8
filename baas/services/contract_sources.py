"""Contracts under development: their sources, whether they changed, and reloading them on the embedded ledger."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from baas.errors import Text, UserError, translating
from fabric_sdk.chaincode.loading import is_path

if TYPE_CHECKING:
    from baas.services.networks import NetworkService


def sources_of(module: str) -> tuple[Path, ...]:
    """The Python files of a contract's module, package or path, sorted; empty when they cannot be found."""
    if is_path(module):
        path = Path(module)
        return tuple(sorted(path.rglob("*.py"))) if path.is_dir() else (path,)
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return ()
    if spec is None or not spec.origin:
        return ()
    origin = Path(spec.origin)
    return tuple(sorted(origin.parent.rglob("*.py"))) if spec.submodule_search_locations else (origin,)


def stamp_of(module: str) -> tuple[tuple[str, int, int], ...]:
    """What changes when a source does: each file with its time (ns) and size."""
    found = []
    for path in sources_of(module):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def reload_contract(networks: NetworkService, network: str, name: str) -> None:
    """Let the embedded ledger run the contract's sources as they are now; `UserError` on other runtimes.

    Every organisation runs the same code there, so the definition in force need not change. On Fabric itself code that
    changes is a new package and a new definition.
    """
    from network.drivers.embedded import EmbeddedDriver

    driver = networks.driver(network)
    if not isinstance(driver, EmbeddedDriver):
        raise UserError(
            Text("只有内置账本能直接重载合约。", "Only the embedded ledger reloads contracts."),
            Text("请改版本号后重新部署。", "Change its version and deploy it again."),
            code="not_embedded",
        )
    with translating():
        driver.reload_contract(name)
