"""What every validation code of a Fabric transaction means, in words.

Source: `peer/transaction.proto` (TxValidationCode) and Fabric's validator. The numbers are part of the ledger format.
"""

from __future__ import annotations

from dataclasses import dataclass

from network.text import Text


@dataclass(frozen=True)
class CodeWords:
    """One validation code: its number and name, what happened, and what to do next."""

    number: int
    name: str
    meaning: Text
    advice: Text

    @property
    def valid(self) -> bool:
        return self.number == 0


_RETRY = Text(
    "请重新办理：合约会按现在的数据再判断一次；对象已归别人时会拒绝，请另选。",
    "Do it again: the contract decides anew on what now stands, and refuses what somebody else has meanwhile.",
)
_REPORT = Text(
    "请用同一客户端版本重试；仍然出现时把交易编号发给维护者。",
    "Try again; if it stays, send the transaction id to the maintainers.",
)
_CERTIFICATE = Text(
    "请检查身份的证书是否过期、被吊销，或不属于本通道的组织。",
    "Check whether the identity's certificate is expired, revoked or foreign to the channel.",
)
_DEFINITION = Text(
    "请检查合约在通道上的定义与已批准的版本。",
    "Check the contract's committed definition and what the organisations approved.",
)

_TABLE: tuple[tuple[int, str, str, str, Text], ...] = (
    (
        0,
        "VALID",
        "交易有效，已写入账本。",
        "The transaction is valid and written.",
        Text("无需处理。", "Nothing to do."),
    ),
    (1, "NIL_ENVELOPE", "交易信封是空的。", "The transaction envelope is empty.", _REPORT),
    (2, "BAD_PAYLOAD", "交易内容无法解析。", "The transaction's payload cannot be read.", _REPORT),
    (3, "BAD_COMMON_HEADER", "交易头无法解析。", "The transaction's common header cannot be read.", _REPORT),
    (
        4,
        "BAD_CREATOR_SIGNATURE",
        "提交者的签名或证书不被接受。",
        "The creator's signature or certificate is not accepted.",
        _CERTIFICATE,
    ),
    (5, "INVALID_ENDORSER_TRANSACTION", "背书交易的结构不正确。", "The endorser transaction is malformed.", _REPORT),
    (
        6,
        "INVALID_CONFIG_TRANSACTION",
        "通道配置交易不被接受。",
        "The channel configuration transaction is not accepted.",
        Text(
            "请检查签名的组织是否满足通道的修改策略。",
            "Check that the signing organisations satisfy the channel's modification policy.",
        ),
    ),
    (7, "UNSUPPORTED_TX_PAYLOAD", "不支持的交易内容。", "The transaction's payload is not supported.", _REPORT),
    (
        8,
        "BAD_PROPOSAL_TXID",
        "交易编号与随机数、提交者不符。",
        "The transaction id does not fit its nonce and creator.",
        _REPORT,
    ),
    (
        9,
        "DUPLICATE_TXID",
        "同一交易编号已在账本上。",
        "A transaction with this id is already on the ledger.",
        Text("原交易已生效，请按编号查询。", "The first one counts: look it up by its id."),
    ),
    (
        10,
        "ENDORSEMENT_POLICY_FAILURE",
        "背书的组织不满足合约、集合或键的背书策略。",
        "The endorsements do not satisfy the policy of the contract, collection or key.",
        Text("请让缺少的组织参与背书后重新提交。", "Have the missing organisations endorse, then submit again."),
    ),
    (
        11,
        "MVCC_READ_CONFLICT",
        "读到的数据在提交前已被另一笔交易修改。",
        "Data that was read had been changed by another transaction before this one committed.",
        _RETRY,
    ),
    (
        12,
        "PHANTOM_READ_CONFLICT",
        "查询范围内的数据在提交前发生了增减。",
        "Keys appeared in or vanished from a range that was read before this one committed.",
        _RETRY,
    ),
    (13, "UNKNOWN_TX_TYPE", "未知的交易类型。", "The transaction type is unknown.", _REPORT),
    (
        14,
        "TARGET_CHAIN_NOT_FOUND",
        "目标通道不存在。",
        "The target channel does not exist.",
        Text("请检查通道名。", "Check the channel's name."),
    ),
    (15, "MARSHAL_TX_ERROR", "交易无法编码。", "The transaction cannot be marshalled.", _REPORT),
    (16, "NIL_TXACTION", "交易中没有动作。", "The transaction holds no action.", _REPORT),
    (17, "EXPIRED_CHAINCODE", "合约版本已过期。", "The contract's version has expired.", _DEFINITION),
    (
        18,
        "CHAINCODE_VERSION_CONFLICT",
        "背书时的合约版本与通道定义不一致。",
        "The contract version at endorsement differs from the channel's definition.",
        _DEFINITION,
    ),
    (19, "BAD_HEADER_EXTENSION", "交易头扩展无法解析。", "The header extension cannot be read.", _REPORT),
    (20, "BAD_CHANNEL_HEADER", "通道头无法解析。", "The channel header cannot be read.", _REPORT),
    (21, "BAD_RESPONSE_PAYLOAD", "背书响应无法解析。", "The endorsers' response payload cannot be read.", _REPORT),
    (22, "BAD_RWSET", "读写集无法解析。", "The read-write set cannot be read.", _REPORT),
    (
        23,
        "ILLEGAL_WRITESET",
        "写入了不允许写入的命名空间。",
        "It writes to a namespace that it may not write to.",
        _DEFINITION,
    ),
    (24, "INVALID_WRITESET", "写集不符合要求。", "The write set is not acceptable.", _DEFINITION),
    (
        25,
        "INVALID_CHAINCODE",
        "合约不存在或定义无效。",
        "The contract does not exist or its definition is invalid.",
        _DEFINITION,
    ),
    (
        254,
        "NOT_VALIDATED",
        "交易还没有经过验证。",
        "The transaction has not been validated yet.",
        Text("请稍后再看。", "Look again in a moment."),
    ),
    (
        255,
        "INVALID_OTHER_REASON",
        "交易因其他原因无效。",
        "The transaction is invalid for another reason.",
        Text("原因见节点日志。", "The peer's log says why."),
    ),
)

CODES: dict[int, CodeWords] = {
    number: CodeWords(number, name, Text(zh, en), advice) for number, name, zh, en, advice in _TABLE
}


def words_of(code: int) -> CodeWords:
    """Return the words for `code`; a number that this version does not know gets words that say so."""
    known = CODES.get(code)
    if known is not None:
        return known
    return CodeWords(
        code,
        f"CODE_{code}",
        Text("未知的验证代码 {code}。", "Unknown validation code {code}.", code=code),
        _REPORT,
    )
