"""The error tree for everything above the network, and the translation of foreign errors into it.

    from baas.errors import LedgerError, translating

    with translating(words=COPYRIGHT_WORDS):
        contract.submit("Deposit", …)

A contract refuses with a message of the form ``"CODE: English sentence"``; `contract_code` finds the CODE in a
translated error, and `words` gives the sentence that people read for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from baas.ledger_clock import SET_CLOCK, clocks_apart, outside_validity
from baas.storage_errors import storage_error
from network.errors import (
    Cancelled,
    CityChainError,
    Conflict,
    DeadlineExceeded,
    LedgerError,
    NotFound,
    PermissionDenied,
    Unavailable,
    UserError,
)
from network.text import Lang, Text, render

__all__ = [
    "Cancelled",
    "CityChainError",
    "Conflict",
    "DeadlineExceeded",
    "InternalError",
    "Lang",
    "LedgerError",
    "NotFound",
    "PermissionDenied",
    "Text",
    "Unavailable",
    "UserError",
    "contract_code",
    "contract_refusal",
    "render",
    "translate",
    "translating",
]

_CONTRACT_CODE = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): ")
_CHAINCODE_RESPONSE = re.compile(r"chaincode response (\d{3}), (.*)", re.DOTALL)


class InternalError(CityChainError):
    """Something we did not foresee: our bug, exit code 70. `details` carries what a report needs."""

    exit_code = 70
    default_code = "internal"


def contract_code(error: BaseException) -> str | None:
    """Return the CODE with which a contract refused, or None when `error` is no contract's refusal."""
    if isinstance(error, CityChainError):
        code = error.details.get("contract_code")
        return str(code) if code else None
    return None


def translate(error: BaseException, words: Mapping[str, Text] | None = None) -> CityChainError:
    """Return the `CityChainError` that says what `error` means; one of our own passes through unchanged.

    `words` maps a contract's CODE to the sentence for people. Whoever raises the result does so `from error`.
    """
    if isinstance(error, CityChainError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Cancelled()
    fabric = _fabric_error(error, words or {})
    if fabric is not None:
        return fabric
    return (
        storage_error(error)
        or _connection_error(error)
        or InternalError(
            Text(
                "程序出现未预料的错误（{kind}），这是城链的缺陷。",
                "Something unexpected happened ({kind}). This is a defect in CityChain.",
                kind=type(error).__name__,
            ),
            Text("请把详细信息发给维护者。", "Please send the details to the maintainers."),
            details={"exception": type(error).__name__, "text": str(error)},
        )
    )


@contextmanager
def translating(words: Mapping[str, Text] | None = None) -> Iterator[None]:
    """Turn foreign errors (Fabric, disk, SQLite) inside the block into `CityChainError`s.

    Errors that nothing is known about are left alone, so that their traceback stays whole for the log.
    """
    try:
        yield
    except CityChainError:
        raise
    except Exception as error:
        translated = translate(error, words)
        if isinstance(translated, InternalError):
            raise
        raise translated from error


def _connection_error(error: BaseException) -> CityChainError | None:
    if isinstance(error, TimeoutError):
        return DeadlineExceeded(
            Text("等待超时。", "Timed out."),
            Text("请检查网络是否在运行后重试。", "Check that the network is running, then try again."),
        )
    if isinstance(error, ConnectionError):
        return Unavailable(
            Text("连接被拒绝或中断。", "The connection was refused or cut."),
            Text("请用 citychain network status 查看节点状态。", "See `citychain network status`."),
            details={"text": str(error)},
        )
    return None


def _fabric_error(error: BaseException, words: Mapping[str, Text]) -> CityChainError | None:
    from fabric_sdk import errors as fabric

    if isinstance(error, fabric.CommitError):
        return _commit_error(error)
    if isinstance(error, fabric.GatewayError):
        return _gateway_error(error, words)
    if isinstance(error, fabric.QuerySubmitted):
        return UserError(
            Text("{f} 只用于查询，不能作为交易提交。", "{f} only answers; it is not submitted.", f=error.function),
            Text("请改用查询（citychain chaincode query）。", "Query it (citychain chaincode query)."),
            code="query_submitted",
        )
    if isinstance(error, fabric.FabricError):
        return LedgerError(
            Text(
                "账本数据或请求无法处理：{text}",
                "Ledger data or a request cannot be processed: {text}",
                text=str(error),
            ),
            code=_snake(type(error).__name__),
            details={"exception": type(error).__name__},
        )
    return None


def _commit_error(error: BaseException) -> LedgerError:
    from baas.validation import words_of

    code = int(getattr(error, "code", 255))
    said = words_of(code)
    block = getattr(error, "block_number", None)
    tx_id = str(getattr(error, "transaction_id", ""))
    return LedgerError(
        said.meaning,
        said.advice,
        tx_id=tx_id,
        stage="commit",
        code=said.name.lower(),
        details={"validation_code": said.name, "block": block, "tx_id": tx_id},
    )


def _gateway_error(error: BaseException, words: Mapping[str, Text]) -> CityChainError:
    status = str(getattr(error, "code", "UNKNOWN"))
    endpoints = tuple(
        {"address": d.address, "msp_id": d.msp_id, "message": d.message} for d in getattr(error, "details", ())
    )
    tx_id = str(getattr(error, "transaction_id", "") or "")
    stage = type(error).__name__.removesuffix("Error").removesuffix("Status").lower()
    stage = stage if stage in {"evaluate", "endorse", "submit", "commit"} else "connect"
    said = [e["message"] for e in endpoints] + [str(error)]
    details = {"status": status, "text": str(error), "endpoints": list(endpoints), "tx_id": tx_id}
    if any("event stream ended with status BAD_REQUEST" in s or "authentication.timewindow" in s for s in said):
        # Fabric's orderers and peers refuse what is asked with a time more than 15 minutes from their own.
        return Unavailable(
            Text(
                "节点拒绝了请求：多半是本机时钟与节点相差 15 分钟以上。",
                "The node refused the request: this machine's clock is probably over 15 minutes from the node's.",
            ),
            Text("请校准本机时钟后重试。", "Set this machine's clock, then try again."),
            code="clock_wrong",
            details=details,
        )
    if status == "UNAVAILABLE":
        return _unavailable(error, details)
    if status == "DEADLINE_EXCEEDED":
        return DeadlineExceeded(
            Text("网络在规定时间内没有完成请求。", "The network did not finish the request in time."),
            Text(
                "交易可能已经提交，请先按交易编号查询再重试。",
                "The transaction may still have been committed: look it up by its id before trying again.",
            ),
            details=details,
        )
    if status == "CANCELLED":
        return Cancelled()
    for message in said:
        refusal = _contract_refusal(message, words, tx_id, stage, endpoints, details)
        if refusal is not None:
            return refusal
    return _refused_by_network(said, tx_id, stage, endpoints, details)


def _unavailable(error: BaseException, details: Mapping[str, object]) -> Unavailable:
    if untimely := outside_validity(str(error)):
        return Unavailable(untimely, SET_CLOCK, code="clock_apart", details=details)
    if "handshake" in str(error).lower():
        return Unavailable(
            Text("与节点的加密连接没有建立。", "No encrypted connection to the node came about."),
            Text(
                "请检查本机时钟和证书有效期：citychain network certificates。",
                "Check this machine's clock and the certificates' dates: citychain network certificates.",
            ),
            code="handshake_failed",
            details=details,
        )
    return Unavailable(
        Text("网络没有应答，或所需节点已停止。", "The network does not answer, or a needed node is stopped."),
        Text(
            "请用 citychain network status 查看，再用 citychain network up 恢复。",
            "See `citychain network status`, then bring it back with `citychain network up`.",
        ),
        details=details,
    )


def _contract_refusal(
    message: str,
    words: Mapping[str, Text],
    tx_id: str,
    stage: str,
    endpoints: tuple[Mapping[str, str], ...],
    details: Mapping[str, object],
) -> LedgerError | None:
    response = _CHAINCODE_RESPONSE.search(message)
    if response is None:
        return None
    sentence = response.group(2).strip()
    found = _CONTRACT_CODE.match(sentence)
    code = found.group(1) if found else ""
    plain = sentence[found.end() :] if found else sentence
    return contract_refusal(code, plain, words, tx_id=tx_id, stage=stage, endpoints=endpoints, details=details)


def contract_refusal(
    code: str,
    message: str,
    words: Mapping[str, Text],
    *,
    tx_id: str = "",
    stage: str = "endorse",
    endpoints: tuple[Mapping[str, str], ...] = (),
    details: Mapping[str, object] | None = None,
) -> LedgerError:
    """What people are told when a contract says no with `code` and an English sentence."""
    meaning = (
        clocks_apart(message)
        or words.get(code)
        or Text("合约拒绝了请求：{text}", "The contract refused: {text}", text=message)
    )
    return LedgerError(
        meaning,
        tx_id=tx_id,
        stage=stage,
        endpoints=endpoints,
        code=code.lower() or "contract_refused",
        details={**(details or {}), "contract_code": code, "contract_message": message},
    )


_NETWORK_REFUSALS: tuple[tuple[str, Text, Text], ...] = (
    (
        "No metadata was found for chaincode",
        Text("通道上没有部署这份合约。", "This contract is not deployed on the channel."),
        Text("请先部署：citychain chaincode deploy。", "Deploy it first: citychain chaincode deploy."),
    ),
    (
        "no peer combination can satisfy",
        Text("在线的组织不足以满足背书策略。", "Too few organisations are up to satisfy the endorsement policy."),
        Text("请启动停止的节点后重试。", "Start the stopped nodes and try again."),
    ),
    (
        "no combination of peers",
        Text("没有能满足背书策略的节点组合。", "No combination of peers can satisfy the endorsement policy."),
        Text("请启动停止的节点，或检查策略。", "Start the stopped nodes, or check the policy."),
    ),
    (
        "ProposalResponsePayloads do not match",
        Text("各组织执行合约的结果不一致。", "The organisations' results of running the contract differ."),
        Text(
            "合约必须是确定性的；也可能有人刚改了同一条数据，请重试。",
            "Contracts must be deterministic; or the same data just changed: try again.",
        ),
    ),
    (
        "identity expired",
        Text("签名身份的证书已过期。", "The signing identity's certificate has expired."),
        Text("请在身份页续期后重新提交。", "Renew it on the identities page, then submit again."),
    ),
    (
        "access denied",
        Text("网络拒绝了这个身份。", "The network refused this identity."),
        Text(
            "证书可能已吊销、过期或不属于本通道。", "The certificate may be revoked, expired or foreign to the channel."
        ),
    ),
    (
        "'Writers' sub-policies",
        Text("排序服务拒绝了这个身份。", "The ordering service refused this identity."),
        Text(
            "证书可能已吊销、过期或不属于本通道。", "The certificate may be revoked, expired or foreign to the channel."
        ),
    ),
    (
        "creator",
        Text("网络拒绝了这个身份。", "The network refused this identity."),
        Text(
            "证书可能已吊销、过期或不属于本通道。", "The certificate may be revoked, expired or foreign to the channel."
        ),
    ),
)


_ABOUT_IDENTITY = {"access denied", "creator", "identity expired", "'Writers' sub-policies"}


def _refused_by_network(
    said: list[str],
    tx_id: str,
    stage: str,
    endpoints: tuple[Mapping[str, str], ...],
    details: Mapping[str, object],
) -> LedgerError:
    for needle, meaning, hint in _NETWORK_REFUSALS:
        if any(needle in message for message in said):
            code = "identity_refused" if needle in _ABOUT_IDENTITY else "policy_unsatisfiable"
            if needle.startswith("No metadata"):
                code = "contract_not_deployed"
            return LedgerError(meaning, hint, tx_id=tx_id, stage=stage, endpoints=endpoints, code=code, details=details)
    return LedgerError(
        Text("网络拒绝了请求：{text}", "The network refused: {text}", text=said[0]),
        tx_id=tx_id,
        stage=stage,
        endpoints=endpoints,
        details=details,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
