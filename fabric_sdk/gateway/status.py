"""Failures named after the step of a transaction in which they happened."""

from __future__ import annotations

from fabric_sdk.errors import GatewayError


def raised_as(kind: type[GatewayError], error: GatewayError, transaction_id: str = "") -> GatewayError:
    """The same failure, named after the step in which it happened."""
    return kind(error.code, error.status_message, error.details, transaction_id)
