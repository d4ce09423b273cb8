"""Our contract runtime beside the official Node one, on the same real Fabric network under the same load.

    python -m tests.chaincode_runtime.bench_shims --node-modules DIR [--seconds 8] [--json]

DIR holds `node_modules` with fabric-shim and fabric-contract-api. Both contracts do one read and one write (Put) or
one read (Get); load comes from our asyncio Gateway client, so that only the contract server differs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from fabric_sdk.admin import ChaincodeDefinition, Lifecycle
from fabric_sdk.chaincode import Context, Contract, query, transaction
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.gateway import aio
from network import plan
from network.ports import port_is_free
from network.topology import template
from tests.e2e.running import CHANNEL, RunningNetwork, retry

NODE_CONTRACT = """
const { Contract } = require('fabric-contract-api');
class Bench extends Contract {
  constructor() { super('bench'); }
  async Put(ctx, key, value) { await ctx.stub.getState(key); await ctx.stub.putState(key, Buffer.from(value)); }
  async Get(ctx, key) { return (await ctx.stub.getState(key)).toString(); }
}
module.exports.contracts = [Bench];
"""


class Bench(Contract):
    """The same contract in Python."""

    name = "bench"

    @transaction
    def Put(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.get_state(key)
        ctx.stub.put_state(key, value.encode())

    @query
    def Get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()


CONTRACTS = [Bench()]


PORTS = iter(range(20_100, 30_000, 7))


def free_port() -> int:
    return next(p for p in PORTS if port_is_free(p))


def start_server(kind: str, identifier: str, port: int, node_modules: Path) -> subprocess.Popen[bytes]:
    address = f"127.0.0.1:{port}"
    if kind == "python":
        command = [sys.executable, "-m", "fabric_sdk.chaincode.server", __spec__.name, "--package-id", identifier]
        return subprocess.Popen([*command, "--address", address], stdout=subprocess.DEVNULL)
    (node_modules / "index.js").write_text(NODE_CONTRACT)
    (node_modules / "package.json").write_text(
        json.dumps({"name": "bench", "version": "1.0.0", "main": "index.js", "scripts": {"start": "x"}})
    )
    program = node_modules / "node_modules" / ".bin" / "fabric-chaincode-node"
    command = ["node", str(program), "server", f"--chaincode-address={address}", f"--chaincode-id={identifier}"]
    environment = {**os.environ, "CORE_CHAINCODE_LOGGING_LEVEL": "ERROR", "CORE_CHAINCODE_LOGGING_SHIM": "ERROR"}
    return subprocess.Popen(
        command, cwd=node_modules, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def deploy(network: RunningNetwork, kind: str, node_modules: Path) -> subprocess.Popen[bytes]:
    port = free_port()
    package = build_package(f"{kind}_1", f"127.0.0.1:{port}")
    server = start_server(kind, package_id(package), port, node_modules)
    handle = network.handle
    definition = ChaincodeDefinition(kind, "1")
    for node in handle.channel_peers(CHANNEL):
        with handle.peer_connection(node) as peer:
            Lifecycle(peer).install(package)
            Lifecycle(peer).approve(CHANNEL, definition, package_id(package))
    with handle.peer_connection(handle.channel_peers(CHANNEL)[0]) as peer:
        retry(lambda: Lifecycle(peer).commit(CHANNEL, definition))
    return server


async def load(
    network: RunningNetwork, contract_name: str, clients: int, seconds: float, submit: bool
) -> dict[str, Any]:
    handle = network.handle
    msp_id = handle.spec.peer_msp_ids[0]
    times: list[float] = []
    async with aio.connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract(contract_name)
        end = time.monotonic() + seconds

        async def client(number: int) -> None:
            turn = 0
            while time.monotonic() < end:
                started = time.monotonic()
                if submit:
                    await contract.submit("Put", f"k{number}-{turn}", "v" * 90)
                else:
                    await contract.evaluate("Get", f"k{number}")
                times.append(time.monotonic() - started)
                turn += 1

        await asyncio.gather(*(client(n) for n in range(clients)))
    times.sort()
    return {"per_s": round(len(times) / seconds, 1), "p50_ms": round(times[len(times) // 2] * 1000, 1)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--node-modules", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--template", default="single")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        network = RunningNetwork(Path(folder) / "net", template(options.template).with_(runtime="native", name="bench"))
        servers = {}
        try:
            network.up()
            for kind in ("python", "node"):
                servers[kind] = deploy(network, kind, options.node_modules)

            async def warm(kind: str) -> None:
                await load(network, kind, 1, 0.5, True)

            for kind in servers:
                retry(lambda k=kind: asyncio.run(warm(k)))
            for turn in range(2):  # twice, in turn, so that neither has the quieter moment
                for kind, server in servers.items():
                    for clients, submit in ((1, False), (64, False), (64, True)):
                        name = f"{kind}_{'submit' if submit else 'evaluate'}_c{clients}_{turn + 1}"
                        process = psutil.Process(server.pid)
                        before = sum(process.cpu_times()[:2])
                        found[name] = asyncio.run(load(network, kind, clients, options.seconds, submit))
                        found[name]["server_cpu_s"] = round(sum(process.cpu_times()[:2]) - before, 2)
                        print(name, found[name], file=sys.stderr)
        finally:
            for server in servers.values():
                server.terminate()
                server.wait(10)
            plan.remove(network.driver, network.directory)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
