"""What single nodes said about a call that failed: the Gateway's details inside a gRPC status."""

from __future__ import annotations

from fabric_protos.gateway.gateway_pb2 import ErrorDetail as ErrorDetailMessage
from google.rpc.status_pb2 import Status

from fabric_sdk.errors import ErrorDetail

DETAILS_KEY = "grpc-status-details-bin"
_MAX_DETAILS = 256


def read_details(data: bytes) -> tuple[ErrorDetail, ...]:
    """The Gateway's details out of a serialised `google.rpc.Status`; whatever is unreadable is left out."""
    status = Status()
    try:
        status.ParseFromString(data)
    except Exception:
        return ()
    found = []
    for entry in status.details[:_MAX_DETAILS]:
        detail = ErrorDetailMessage()
        try:
            if entry.Unpack(detail):
                found.append(ErrorDetail(detail.address, detail.msp_id, detail.message))
        except Exception:
            continue
    return tuple(found)
