"""Whether somebody's contract service is there and registers as the package that it shall serve.

Asked as a peer asks: Fabric's chaincode protocol opens a stream and the contract names itself first.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from baas.errors import CityChainError, Text, Unavailable, UserError
from baas.jobs import JobContext

if TYPE_CHECKING:
    from network.handle import NetworkHandle

PATIENCE_SECONDS = 10.0
ANSWER_SECONDS = 5.0
_CONNECT = "/protos.Chaincode/Connect"


def await_service(handle: NetworkHandle, package_id: str, address: str, ctx: JobContext) -> None:
    """Wait up to 10 s until the service at `address` registers as `package_id`; else say which of all things it is.

    Only where the peers run on this machine and see what it sees: containers and other people's peers dial from
    elsewhere. A package's TLS settings are the peers' business: then a listening port is all that is asked.
    """
    ctx.step("serve", Text("等待合约服务 {a}", "Wait for the contract's service {a}", a=address))
    if handle.runtime not in ("embedded", "native") or "{{" in address:
        return
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        error = look(address, package_id)
        if error is None:
            return
        if time.monotonic() > deadline or error.code == "name_unknown":
            raise error
        ctx.check_cancelled()
        time.sleep(0.5)


def look(address: str, package_id: str) -> CityChainError | None:
    """What keeps the service at host:port from serving the package; None when nothing does."""
    host, _, port = address.rpartition(":")
    start = Text(
        "启动合约服务后重试，环境变量 CHAINCODE_ID={i}、CHAINCODE_SERVER_ADDRESS={a}。已完成的步骤会保留。",
        "Start it and try again, with CHAINCODE_ID={i} and CHAINCODE_SERVER_ADDRESS={a}. Finished steps are kept.",
        i=package_id,
        a=address,
    )
    details = {"address": address, "package_id": package_id}
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
    except socket.gaierror:
        return Unavailable(
            Text("主机名 {h} 无法解析。", "The host name {h} does not resolve.", h=host),
            Text(
                "请检查地址，以及本机的 DNS 或 hosts 文件。", "Check the address, and this machine's DNS or hosts file."
            ),
            code="name_unknown",
            details=details,
        )
    except ConnectionRefusedError:
        return Unavailable(
            Text("{a} 上没有程序在监听。", "Nobody listens at {a}.", a=address),
            start,
            code="nobody_listens",
            details=details,
        )
    except OSError:
        return Unavailable(
            Text("{a} 没有应答。", "{a} does not answer.", a=address),
            Text("请检查地址和防火墙，再重试。", "Check the address and the firewall, then try again."),
            code="no_answer",
            details=details,
        )
    registered = _registered_as(address)
    if registered in ("", package_id):
        return None
    return UserError(
        Text(
            "{a} 上的合约登记为 {r}，不是这个包。",
            "The contract at {a} registers as {r}, not as this package.",
            a=address,
            r=registered[:160],
        ),
        start,
        code="another_package",
        details=details,
    )


def _registered_as(address: str) -> str:
    """As what a contract names itself to a peer; "" where it speaks TLS or says nothing in time."""
    import grpc
    from fabric_protos.peer.chaincode_pb2 import ChaincodeID
    from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage

    from fabric_sdk.errors import DecodeError
    from fabric_sdk.wire import decode

    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    asked = threading.Event()

    def nothing() -> Iterator[bytes]:
        asked.wait(ANSWER_SECONDS)  # a peer keeps its side open
        yield from ()

    with grpc.insecure_channel(address, options=options) as channel:
        call = channel.stream_stream(_CONNECT)(nothing(), timeout=ANSWER_SECONDS)
        try:
            message = decode(ChaincodeMessage, next(call), "chaincode message")
            return str(decode(ChaincodeID, message.payload, "chaincode id").name)
        except (grpc.RpcError, StopIteration, DecodeError):
            return ""
        finally:
            call.cancel()
            asked.set()
