"""Serve contracts to peers: `python -m fabric_sdk.chaincode.server chaincode.copyright --package-id ID`.

A module names its contracts in `CONTRACTS` (a list of Contract objects) or gives a ready `CHAINCODE`. Once listening,
one JSON line per chaincode is printed: {"address": "127.0.0.1:40123", "package_id": "…"}. SIGTERM and SIGINT let
running transactions finish.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from fabric_sdk.chaincode.loading import LoadError, load_chaincode
from fabric_sdk.chaincode.sealing import KeyFolder
from fabric_sdk.chaincode.service import ChaincodeServer, ServerTls, Service


def parse_serve(text: str) -> tuple[str, str, str]:
    """Split `module=package-id@host:port` into its parts; ValueError otherwise."""
    module, _, rest = text.partition("=")
    package_id, _, address = rest.rpartition("@")
    if not module or not package_id or not address.rpartition(":")[2].isdigit():
        raise ValueError(f"expected module=package-id@host:port, not {text!r}")
    return module, package_id, address


async def serve(server: ChaincodeServer, package_ids: Sequence[str]) -> None:
    """Run until SIGTERM or SIGINT."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, done.set)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(done.set))
    await server.start()
    for package_id, address in zip(package_ids, server.addresses, strict=True):
        print(json.dumps({"address": address, "package_id": package_id}), flush=True)
    await done.wait()
    await server.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Command-line entry: 0 after a signal, 2 for wrong use, 3 if an address is taken."""
    parser = argparse.ArgumentParser(prog="fabric_sdk.chaincode.server", description="Serve contracts to peers.")
    parser.add_argument("module", nargs="?", help="module with CONTRACTS")
    parser.add_argument("--address", default=os.environ.get("CHAINCODE_SERVER_ADDRESS", "127.0.0.1:0"))
    parser.add_argument(
        "--package-id", default=os.environ.get("CHAINCODE_ID") or os.environ.get("CORE_CHAINCODE_ID_NAME", "")
    )
    parser.add_argument("--serve", action="append", default=[], metavar="MODULE=ID@HOST:PORT", help="repeatable")
    parser.add_argument("--msp-id", default=os.environ.get("CORE_PEER_LOCALMSPID", ""), help="the peer's organisation")
    parser.add_argument("--sealing-keys", type=Path, help="folder with the organisation's key files")
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-client-ca", type=Path, help="peers must show a certificate of this CA")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    options = parser.parse_args(argv)
    logging.basicConfig(level=options.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        wanted = [parse_serve(text) for text in options.serve]
        if options.module:
            wanted.append((options.module, options.package_id, options.address))
        if not wanted or not all(package_id for _, package_id, _ in wanted):
            parser.error("name a module and its --package-id, or use --serve")
        tls = _read_tls(options.tls_key, options.tls_cert, options.tls_client_ca)
        sys.path.insert(0, str(Path.cwd()))
        keys = KeyFolder(options.sealing_keys, options.msp_id) if options.sealing_keys else None
        services = [
            Service(load_chaincode(module), package_id, address, tls, options.msp_id, keys)
            for module, package_id, address in wanted
        ]
    except (ValueError, LoadError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return _run(services)


def _run(services: Sequence[Service]) -> int:
    runner = asyncio.run
    with contextlib.suppress(ImportError):
        import uvloop

        runner = uvloop.run

    async def serve_all() -> None:
        await serve(ChaincodeServer(*services), [s.package_id for s in services])

    try:
        runner(serve_all())
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


def _read_tls(key: Path | None, certificate: Path | None, client_ca: Path | None) -> ServerTls | None:
    if key is None and certificate is None and client_ca is None:
        return None
    if key is None or certificate is None:
        raise ValueError("--tls-key and --tls-cert belong together")
    return ServerTls(key.read_bytes(), certificate.read_bytes(), client_ca.read_bytes() if client_ca else None)


if __name__ == "__main__":
    sys.exit(main())
