"""Sentences that are made in English (by the contract, by the stand-alone verifier), in both languages."""

from __future__ import annotations

import re

from apps.kit.refusals import REASONS, said
from baas.errors import Text

_REASONS = (
    (r"must be cid, .*", "应为 cid、sha256、iscc、number 或 certificate"),
    (r"must be at least 32 hexadecimal digits", "应为至少 32 位十六进制数"),
    (r"must be exactly the work's owners", "应恰好是作品的全部权利人"),
    (r"is not what the CID says", "与 CID 不符"),
    (r"are more than 16", "超过 16 项"),
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
_FINDINGS = (
    (r"(\S+) does not belong to the ordering service", "{0} 不属于排序服务"),
    (r"(\S+) ordering signatures, (\S+) are needed", "有 {0} 个排序签名，需要 {1} 个"),
    (r"(.*): the signature of (\S+) is wrong", "{0}：{1} 的签名不正确"),
    (r"DER is cut short|bad DER length", "证书或签名的编码已损坏"),
    (r"a certificate does not lead to a root of (\S+)", "有一张证书不能追溯到 {0} 的根证书"),
    (r"a certificate of (\S+) was not in date", "{0} 的一张证书当时不在有效期内"),
    (r"a field is cut short|bad varint|unknown wire type", "消息的编码已损坏"),
    (r"the endorsed result does not belong to this proposal", "背书的结果不属于这个提案"),
    (r"the ordering service's signature is wrong", "排序服务的签名不正确"),
    (r"the organisation (\S+) is not in the channel's configuration", "通道配置中没有组织 {0}"),
    (r"the time-stamp authority's certificate is missing", "缺少时间戳机构的证书"),
    (r"the time-stamp is over something else", "时间戳盖的是别的内容"),
    (r"the time-stamp uses a digest that is not supported", "时间戳使用了不支持的散列算法"),
    (r"the time-stamp's digest is wrong", "时间戳的散列不符"),
    (r"the time-stamp's signature is wrong", "时间戳的签名不正确"),
    (r"the transaction has no endorsements", "交易没有背书"),
    (r"the transaction's identifier does not follow from its author and nonce", "交易号与签名人和随机数不符"),
    (r"(\d+) parts, nothing between them", "共 {0} 个部分，之间没有多余内容"),
    (r"(\d+) parts have their digests", "{0} 个部分的散列都相符"),
    (r"every organisation's root is among the trusted ones", "各组织的根证书都在信任之列"),
    (r"roots that are not among the trusted ones: (.+)", "根证书不在信任之列：{0}"),
    (r"compare the organisations' root fingerprints .*", "请把各组织根证书的指纹与公布的核对"),
    (r"the work's file has the CID (\S+), not (\S+)", "作品文件的 CID 是 {0}，不是 {1}"),
    (r"the work's file has the CID (\S+)", "作品文件的 CID 是 {0}"),
    (r"the work's file is not inside; its CID is (\S+)", "不含作品文件，其 CID 是 {0}"),
    (r"(\S+) (\S+)… at (.+) UTC by (.+), endorsed by (.+)", "{0} {1}…，{2} UTC，由 {3} 提交，{4} 背书"),
    (r"blocks (\d+) to (\d+) are chained; (\d+) ordering .*", "区块 {0} 至 {1} 首尾相连，末块有 {2} 个排序签名"),
    (r"the record is what the transaction wrote on the ledger", "记录就是交易写入账本的内容"),
    (r"this is not what the transaction wrote", "与交易写入账本的内容不符"),
    (r"the record does not name the work's CID", "记录中没有作品的 CID"),
    (r"the transaction that wrote the record did not hold", "写入记录的交易不成立"),
    (r"no trusted time-stamp is inside; .*", "没有可信时间戳，时间以账本为准"),
    (r"block (\d+) existed at (.+) UTC, says (.+)", "区块 {0} 在 {1} UTC 已存在，时间戳机构：{2}"),
    (r"the time-stamp does not hold: (.+)", "时间戳不成立：{0}"),
    (r"its bytes were changed", "内容被改动"),
    (r"this part is missing", "缺少这一部分"),
    (r"this part is too large", "这一部分过大"),
    (r"the manifest does not name this part", "清单中没有这一部分"),
    (r"the manifest does not have its digest", "清单与其散列不符"),
    (r"its checksum in the zip is wrong", "压缩包中的校验和不符"),
    (r"its header in the zip is damaged", "压缩包中的文件头已损坏"),
    (r"the zip's directory is damaged", "压缩包目录已损坏"),
    (r"the zip's end record does not fit the file", "压缩包尾部记录与文件不符"),
    (r"not an evidence package: .*", "不是证据包：压缩包尾部记录缺失或损坏"),
    (r"the directory entry (\d+) is not in canonical form", "压缩包目录第 {0} 项被改写"),
    (r"a part's name is not UTF-8", "有部分的名称不是 UTF-8"),
    (r"a part has a name that is not allowed: (.+)", "有部分的名称不允许：{0}"),
    (r"there are bytes between the parts", "各部分之间有多余内容"),
    (r"the file ends too early", "文件提前结束"),
    (r"block (\d+) does not follow block (\d+)", "区块 {0} 与区块 {1} 不相连"),
    (r"the block's contents do not have the hash .*", "区块内容与区块头链中的散列不符"),
    (r"the peers did not accept this transaction", "节点没有接受这笔交易"),
    (r"the channel's configuration cannot be read: (.+)", "通道配置读不出：{0}"),
    (r"the format (.+) is not known here", "不认识的格式：{0}"),
    (r"last block (\d+): (.+)", "末块 {0}：{1}"),
    (r"damaged: (.+)", "已损坏：{0}"),
)


def reason(english: str) -> Text:
    """Why the contract refuses a field."""
    return said(english, (*_REASONS, *REASONS))


def finding(english: str) -> Text:
    """What the verifier of evidence packages found; a finding told within another (after a colon) too."""
    for pattern, chinese in _FINDINGS:
        if found := re.fullmatch(pattern, english):
            return Text(chinese.format(*(finding(one or "").zh for one in found.groups())), english)
    return Text(english, english)
