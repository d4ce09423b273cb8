"""`citychain bench gateway`: our Gateway client against the official Node client, on one real Fabric network.

Both clients run in processes of their own, one after the other in turns, against the same peer with the same contract,
the same number of calls under way and the same deadlines; each figure is the best of its rounds.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from platformdirs import user_cache_path

from network import bench_ledger, bench_load, plan
from network.drivers import make_driver
from network.drivers.base import Silent
from network.errors import CityChainError, Unavailable
from network.handle import NetworkHandle
from network.text import Text
from network.vault import FolderVault, vault_name

NODE_PROGRAMS = Path(__file__).resolve().parent.parent / "tests" / "interop" / "node"
SUBMIT_CLIENTS = 256
EVALUATE_CLIENTS = 64
Report = Callable[[str], None]


def measure(seconds: float = 10.0, rounds: int = 2, report: Report = lambda _: None) -> dict[str, Any]:
    """Figures in calls a second; `node_…` and `ratio` (submit, ours to Node) are None where Node.js is missing.

    `…_cpu_ms` is the client's own processor time for one call, in milliseconds.

    Raises Unavailable if Fabric's programs are not on this machine.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", ignore_cleanup_errors=True) as folder:
        node = _node_folder(Path(folder) / "node")
        if node is None:
            report("Node.js or the official client is missing: only ours is measured")
        with _network(Path(folder) / "n", report) as connection:
            ours = [sys.executable, "-m", "fabric_sdk.gateway.load"]
            theirs = ["node", "bench.mjs"]
            best: dict[str, float] = {}
            cpu: dict[str, float] = {}
            failures = 0
            for round_number in range(1, rounds + 1):
                for name, command, cwd in (("", ours, None), ("node_", theirs, node)):
                    if name and node is None:
                        continue
                    for what, clients in (("submit", SUBMIT_CLIENTS), ("evaluate", EVALUATE_CLIENTS)):
                        report(f"round {round_number}: {name or 'python_'}{what}, {clients} clients")
                        found = _run([*command, str(connection), what, str(clients), str(seconds)], cwd)
                        failures += found["failures"]
                        key = f"{name}{what}_tps_c{clients}"
                        best[key] = max(best.get(key, 0.0), round(found["per_second"], 1))
                        cpu_key = f"{name}{what}_cpu_ms"
                        cpu[cpu_key] = min(cpu.get(cpu_key, float("inf")), round(found["cpu_ms"], 2))
    submit = f"submit_tps_c{SUBMIT_CLIENTS}"
    evaluate = f"evaluate_tps_c{EVALUATE_CLIENTS}"
    figures: dict[str, Any] = {n: best.get(n) for n in (submit, evaluate, f"node_{submit}", f"node_{evaluate}")}
    theirs_submit = best.get(f"node_{submit}")
    figures["ratio"] = round(best[submit] / theirs_submit, 2) if theirs_submit else None
    figures.update(cpu)
    figures["failures"] = failures
    return figures


@contextlib.contextmanager
def _network(directory: Path, report: Report) -> Iterator[Path]:
    """A native network with the benchmark's contract; yields a file that tells a client how to connect."""
    directory.mkdir(parents=True)
    vault = FolderVault(directory / "vault")
    driver = make_driver("native", directory, vault)
    spec = bench_ledger.two_organizations("native")
    capability = driver.check(spec)
    if not capability.available:
        raise Unavailable(
            capability.reason or Text("本机没有 Fabric 的程序。", "Fabric's programs are not on this machine."),
            capability.hint,
        )
    try:
        report("network")
        plan.run(driver, spec, directory, Silent())
        handle = NetworkHandle(directory, vault)
        bench_ledger.deploy_contract(handle, driver)
        bench_ledger.first_commit(handle)
        yield _connection_file(handle, vault, directory / "connection.json")
    finally:
        with contextlib.suppress(CityChainError):
            driver.stop()
        driver.destroy()


def _connection_file(handle: NetworkHandle, vault: FolderVault, path: Path) -> Path:
    msp_id = handle.spec.peer_msp_ids[0]
    endpoint, identity = handle.endpoint(msp_id), handle.admin(msp_id)
    connection = {
        "address": endpoint.address,
        "tlsRoot": (endpoint.tls_root_pem or b"").decode(),
        "serverName": endpoint.server_name,
        "mspId": msp_id,
        "certificate": identity.identity.credentials.decode(),
        "key": vault.get(vault_name(handle.name, msp_id, "admin")).decode(),
        "channel": bench_load.CHANNEL,
        "chaincode": bench_load.CONTRACT,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(connection), "utf-8")
    return path


def _node_folder(folder: Path) -> Path | None:
    """A folder in which `node bench.mjs` runs with the official client, unmodified; None where that is not possible."""
    if shutil.which("node") is None or shutil.which("npm") is None or not (NODE_PROGRAMS / "bench.mjs").exists():
        return None
    shutil.copytree(NODE_PROGRAMS, folder, ignore=shutil.ignore_patterns("node_modules"))
    cache = user_cache_path("citychain") / "interop" / "npm"
    command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(
        [*command, "--cache", str(cache)],
        cwd=folder,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return folder if done.returncode == 0 else None


def _run(command: list[str], cwd: Path | None) -> dict[str, Any]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise Unavailable(
            Text("测量程序失败：{e}", "A load generator failed: {e}", e=done.stderr.strip()[-400:] or done.returncode)
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@click.command(help="Our Gateway client against the official Node client on a real Fabric network.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10.0, show_default=True, help="Length of one load.")
@click.option("--rounds", type=click.IntRange(1, 20), default=2, show_default=True, help="Rounds; the best counts.")
def command(as_json: bool, seconds: float, rounds: int) -> None:
    """Measure, and print the figures."""
    figures = measure(seconds, rounds, report=lambda text: click.echo(text, err=True))
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(bench_ledger.table(figures.items()))
