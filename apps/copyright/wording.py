"""Sentences that are made in English (by the contract, by the stand-alone verifier), in both languages."""

from __future__ import annotations

from apps.kit.refusals import REASONS as KIT
from apps.kit.refusals import said
from baas.errors import Text

_OWN = (
    (r"must be cid, .*", "应为 cid、sha256、iscc、number 或 certificate"),
    (r"must be at least 32 hexadecimal digits", "应为至少 32 位十六进制数"),
    (r"must be exactly the work's owners", "应恰好是作品的全部权利人"),
    (r".* holds the year .*", "年份与日历内容不符"),
    (r"must be at most .* years by their numbers", "年份太多，或没有按年份编号"),
    (r"[0-9]+: .*", "这一年的日历不完整或自相矛盾"),
    (r"is the newest block's .*", "应为最新区块的序号和散列"),
    (r"is not what the CID says", "与 CID 不符"),
    (r"are more than 16", "超过 16 项"),
    (r"is no compressed point of P-256 in base64", "不是 P-256 公钥"),
    (r"is no valid resident identity number", "不是有效的居民身份证号码"),
    (r"is no valid unified social credit code", "不是有效的统一社会信用代码"),
    (r"moral rights cannot be pledged", "人身权不能质押"),
    (r"a joint work has at least two authors", "合作作品至少有两位作者"),
    (r"the period does not lie within the licence", "超出许可的期限"),
    (r"name nothing that may change", "没有可以变更的项目"),
    (r"an original work has none; .*", "原创作品没有在先作品，请另选创作性质"),
    (r"each names an earlier work .*", "请写明在先作品的登记号、编号或说明"),
    (r"open content names its sha256, .*", "公开内容应写 SHA-256，加密内容应写加盐散列"),
)
REASONS = (*_OWN, *KIT)


def reason(english: str) -> Text:
    """Why the contract refuses a field."""
    return said(english, REASONS)
