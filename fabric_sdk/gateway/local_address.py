"""Where an embedded node's local stream is: what its address file says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import local_frames as frames
from fabric_sdk.gateway.status import read_details


@dataclass(frozen=True, slots=True)
class LocalAddress:
    """Where a node listens, what to greet it with, and which of its peers is meant."""

    address: str
    token: str
    target: str


def read_address(local_stream: str) -> LocalAddress:
    """Resolve `FILE#PEER`; GatewayError UNAVAILABLE if the node has not said where it is."""
    file, _, target = local_stream.rpartition("#")
    try:
        document = json.loads(Path(file).read_bytes())
        return LocalAddress(str(document["address"]), str(document["token"]), target)
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise GatewayError("UNAVAILABLE", f"the local node is not running: {file} cannot be read") from e


def failure(status: frames.Status) -> GatewayError:
    return GatewayError(status.code, status.message, read_details(status.details))
