"""Reading keys (阅读密钥): with which somebody opens sealed works, whatever becomes of their certificate.

A person makes one key once and puts its public half here by an act signed with their certificate of that day. Keys of
works are wrapped for it, so a renewed certificate opens what was sealed before. It signs nothing.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from chaincode.copyright.records import CopyrightContext
from chaincode.kit.fields import invalid
from fabric_sdk.chaincode import query, transaction

KIND = "reading-key"
_POINT_BYTES = 33


class ReadingKeys:
    """One key a party; the newest counts, `number` says how many there were."""

    @transaction
    def PutReadingKey(self, ctx: CopyrightContext, public: str) -> dict[str, Any]:
        """The caller's own reading key: a compressed point of P-256 (SEC 1), base64. Replaces an earlier one."""
        _check_point(public)
        earlier = ctx.indexed_value(KIND, ctx.party)
        before: dict[str, Any] = json.loads(earlier) if earlier else {}
        if before.get("public") == public:
            return before
        record = {"public": public, "since": ctx.now, "number": int(before.get("number", 0)) + 1}
        ctx.index(KIND, ctx.party, value=json.dumps(record, sort_keys=True))
        return record

    @query
    def ReadReadingKey(self, ctx: CopyrightContext, party: str) -> dict[str, Any]:
        """A party's reading key with its time and number; an empty `public` when there is none."""
        found = ctx.indexed_value(KIND, party)
        return json.loads(found) if found else {"public": "", "since": "", "number": 0}


def _check_point(public: str) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    try:
        point = base64.b64decode(public, validate=True)
        if len(point) != _POINT_BYTES:
            raise ValueError(len(point))
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        invalid("public", "is no compressed point of P-256 in base64")
