"""RFC 3161 time-stamps from the authority that the workspace names (setting `copyright.tsa_url`).

What is stamped is a block's header hash, so that one token proves the time of everything in the block: once at each
deposit, and the newest block daily. A reply is checked whole before it is kept: status, imprint, nonce, signature,
usage, dates, and its chain where the authority's root is known.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import httpx

from baas.errors import DeadlineExceeded, Text, Unavailable, UserError
from fabric_sdk.proof.members import Certificate
from fabric_sdk.proof.sentences import WORDS
from fabric_sdk.proof.timestamps import Stamp, check_token
from fabric_sdk.proof.wire import METER, Broken

SETTING = "copyright.tsa_url"
MAX_REPLY = 256 << 10
_SECONDS = 20.0


def _bad(why: str | Text) -> Unavailable:
    return Unavailable(
        Text("时间戳机构的回复不可用：{w}", "The time-stamp authority's reply cannot be used: {w}", w=why),
        Text("请检查设置中的时间戳机构地址。", "Check the authority's address in the settings."),
        code="tsa_reply",
    )


def check_address(url: str) -> str:
    """The address of an authority, or `UserError`."""
    try:
        parsed = httpx.URL(url)
        good = parsed.scheme in ("http", "https") and bool(parsed.host) and len(url) <= 500
    except httpx.InvalidURL:
        good = False
    if not good:
        raise UserError(Text("时间戳机构地址不正确：{u}", "Not a time-stamp authority's address: {u}", u=url[:100]))
    return url


def request_token(
    url: str, digest: bytes, *, roots: Sequence[Certificate] = (), client: httpx.Client | None = None
) -> tuple[bytes, Stamp]:
    """Ask for a token over a SHA-256 digest; returns the TimeStampToken (DER) and what it says.

    With `roots` it must lead to one of them. `Unavailable` for every reply that cannot be used.
    """
    from asn1crypto import algos, tsp

    check_address(url)
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
    body = post(url, request.dump(), client)
    try:
        reply = tsp.TimeStampResp.load(body, strict=True)
        status = reply["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise _bad(f"{status} {reply['status']['status_string'].native or ''}".strip())
        token = reply["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        if info["message_imprint"]["hashed_message"].native != digest or info["nonce"].native != nonce:
            raise _bad("it is about something else")
        found = bytes(token.dump())
    except (ValueError, TypeError, KeyError) as error:
        raise _bad(str(error)[:100]) from error
    try:
        METER.begin()
        stamp = check_token(found, digest, list(roots))
    except Broken as error:
        zh, en = WORDS[error.code]
        raise _bad(Text(zh, en, **error.values)) from error
    if roots and not stamp.root:
        raise _bad(Text("它不出自给定的根证书（{a}）", "it does not lead to the roots given ({a})", a=stamp.authority))
    return found, stamp


def post(url: str, body: bytes, client: httpx.Client | None = None) -> bytes:
    """Hand a query to an authority; its answer, bounded in size and time."""
    headers = {"Content-Type": "application/timestamp-query"}
    client = client or httpx.Client(timeout=_SECONDS, follow_redirects=False)
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
