"""From a gRPC status's details to this SDK's errors."""

from __future__ import annotations

from fabric_protos.gateway.gateway_pb2 import ErrorDetail as ErrorDetailMessage
from google.rpc.status_pb2 import Status

from fabric_sdk.errors import ErrorDetail, GatewayError

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


def raised_as(kind: type[GatewayError], error: GatewayError, transaction_id: str = "") -> GatewayError:
    """The same failure, named after the step in which it happened."""
    return kind(error.code, error.status_message, error.details, transaction_id)
