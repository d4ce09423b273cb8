"""RFC 3161 time-stamps from the authority that the workspace names (setting `copyright.tsa_url`).

What is stamped is a block's header hash, so that one token proves the time of everything in the block. A reply is
checked before it is kept: status, imprint and nonce here, its signature by the evidence verifier.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import httpx

from baas.errors import DeadlineExceeded, Text, Unavailable, UserError

SETTING = "copyright.tsa_url"
MAX_REPLY = 256 << 10
_SECONDS = 20.0


def _bad(why: str) -> Unavailable:
    return Unavailable(
        Text("时间戳机构的回复不可用：{w}", "The time-stamp authority's reply cannot be used: {w}", w=why),
        Text("请检查设置中的时间戳机构地址。", "Check the authority's address in the settings."),
        code="tsa_reply",
    )


def request_token(url: str, digest: bytes, *, client: httpx.Client | None = None) -> bytes:
    """Ask for a token over a SHA-256 digest; returns the TimeStampToken (DER)."""
    from asn1crypto import algos, tsp

    if not url.startswith(("https://", "http://")):
        raise UserError(Text("时间戳机构地址不正确：{u}", "Not a time-stamp authority's address: {u}", u=url[:100]))
    nonce = secrets.randbits(63)
    request = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": tsp.MessageImprint(
                {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
            ),
            "nonce": nonce,
            "cert_req": True,
        }
    )
    body = _post(client or httpx.Client(timeout=_SECONDS, follow_redirects=False), url, request.dump())
    try:
        reply = tsp.TimeStampResp.load(body, strict=True)
        status = reply["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise _bad(f"{status} {reply['status']['status_string'].native or ''}".strip())
        token = reply["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        if info["message_imprint"]["hashed_message"].native != digest or info["nonce"].native != nonce:
            raise _bad("it is about something else")
        return bytes(token.dump())
    except (ValueError, TypeError, KeyError) as error:
        raise _bad(str(error)[:100]) from error


def _post(client: httpx.Client, url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        with client, client.stream("POST", url, content=body, headers=headers) as response:
            if response.status_code != 200:
                raise _bad(f"HTTP {response.status_code}")
            parts, size = [], 0
            for piece in response.iter_bytes():
                size += len(piece)
                if size > MAX_REPLY:
                    raise _bad("it is too long")
                parts.append(piece)
            return b"".join(parts)
    except httpx.TimeoutException as error:
        raise DeadlineExceeded(
            Text("时间戳机构没有按时回答。", "The time-stamp authority did not answer in time.")
        ) from error
    except httpx.HTTPError as error:
        raise Unavailable(
            Text("无法连接时间戳机构 {u}。", "The time-stamp authority {u} cannot be reached.", u=url),
            code="tsa_unreachable",
        ) from error


def describe(token: bytes) -> dict[str, Any]:
    """Time, serial number and policy of a token, for showing."""
    from asn1crypto import cms

    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    return {
        "time": info["gen_time"].native.isoformat(),
        "serial": str(info["serial_number"].native),
        "policy": info["policy"].native,
        "imprint": hashlib.sha256(token).hexdigest(),
    }
