"""The verifier's English findings in Chinese. The verifier itself travels inside packages and stays one language."""

from __future__ import annotations

import re

from baas.errors import Text

_PARTS: tuple[tuple[str, Text], ...] = (
    (r"container\Z", Text("容器", "Container")),
    (r"package\Z", Text("证据包", "Package")),
    (r"manifest\.json\Z|manifest\.sha256\Z", Text("清单", "Manifest")),
    (r"channel/config\.pb\Z", Text("通道配置与组织根证书", "Channel configuration and roots")),
    (r"content(/.*)?\Z", Text("作品文件", "The work's file")),
    (r"headers\.json\Z", Text("区块头链", "Chain of headers")),
    (r"blocks/", Text("区块与交易", "Block and transaction")),
    (r"record\.json\Z", Text("规范记录", "Canonical record")),
    (r"timestamps", Text("可信时间戳", "Trusted time-stamp")),
    (r"verify\.(py|html)\Z|README", Text("离线核验程序", "Offline verifier")),
)

_SAID: tuple[tuple[str, str], ...] = (
    (r"(\d+) parts, nothing between them", r"共 \1 个部分，之间没有多余的字节"),
    (r"(\d+) parts have their digests", r"\1 个部分的散列都与清单一致"),
    (r"DER is cut short|bad DER length", "证书或签名的编码已损坏"),
    (r"a field is cut short|bad varint|unknown wire type", "消息的编码已损坏"),
    (r"damaged: (.*)", r"已损坏：\1"),
    (r"not an evidence package: the zip's end record is missing or damaged", "不是证据包：zip 的结尾记录缺失或损坏"),
    (r"the zip's end record does not fit the file", "zip 的结尾记录与文件不符"),
    (r"the zip's directory is damaged", "zip 的目录已损坏"),
    (r"the directory entry (.*) is not in canonical form", r"目录的第 \1 项不是规范形式"),
    (r"a part's name is not UTF-8", "有一个部分的名称不是 UTF-8"),
    (r"a part has a name that is not allowed: (.*)", r"有一个部分的名称不允许：\1"),
    (r"its header in the zip is damaged", "它在 zip 中的头部已损坏"),
    (r"there are bytes between the parts", "各部分之间有多余的字节"),
    (r"the file ends too early", "文件提前结束"),
    (r"this part is missing", "缺少这一部分"),
    (r"this part is too large", "这一部分过大"),
    (r"the manifest does not have its digest", "清单与它的散列不符"),
    (r"its checksum in the zip is wrong", "它在 zip 中的校验和不符"),
    (r"the format (.*) is not known here", r"不认识的格式 \1"),
    (r"the manifest does not name this part", "清单中没有这一部分"),
    (r"its bytes were changed", "内容被改动"),
    (r"the channel's configuration cannot be read: (.*)", r"读不了通道配置：\1"),
    (r"roots that are not among the trusted ones: (.*)", r"有不在信任之列的根证书：\1"),
    (r"every organisation's root is among the trusted ones", "各组织的根证书都在信任之列"),
    (
        r"compare the organisations' root fingerprints below with the published ones",
        "请把下列根证书指纹与各组织公布的比对",
    ),
    (r"the work's file has the CID (\S+), not (.*)", r"作品文件的 CID 是 \1，应为 \2"),
    (r"the work's file has the CID (.*)", r"作品文件的 CID 是 \1，与记录一致"),
    (r"the work's file is not inside; its CID is (.*)", r"包里没有作品文件，它的 CID 是 \1"),
    (r"(\S+) (\S+) at (.*) by (.*), endorsed by (.*)", r"\1（\2）\3，由 \4 签名，\5 背书"),
    (r"block (.*) does not follow block (.*)", r"区块 \1 没有接在区块 \2 之后"),
    (r"last block (\S+): (.*)", r"最后的区块 \1：\2"),
    (
        r"blocks (\S+) to (\S+) are chained; (\S+) ordering signature\(s\) on the last",
        r"区块 \1 至 \2 前后相连，最后一块有 \3 个排序节点签名",
    ),
    (
        r"the block's contents do not have the hash in the chain of headers",
        "区块内容与区块头链中的散列不符",
    ),
    (r"the peers did not accept this transaction", "这笔交易没有被节点接受"),
    (r"the transaction that wrote the record did not hold", "写入记录的交易没有通过核对"),
    (r"this is not what the transaction wrote", "它不是交易写入的内容"),
    (r"the record does not name the work's CID", "记录中没有作品的 CID"),
    (r"the record is what the transaction wrote on the ledger", "记录正是交易写在账本上的内容"),
    (r"no trusted time-stamp is inside; the time is that of the ledger", "包里没有可信时间戳，时间以账本为准"),
    (r"the time-stamp does not hold: (.*)", r"时间戳不成立：\1"),
    (r"block (\S+) existed at (.*) UTC, says (.*)", r"\3 证明区块 \1 在 \2 UTC 已存在"),
    (r"(.*): the signature of (\S+) is wrong", r"\1：\2 的签名不正确"),
    (r"(\S+) does not belong to the ordering service", r"\1 不属于排序服务"),
    (r"the ordering service's signature is wrong", "排序服务的签名不正确"),
    (r"(\S+) ordering signatures, (\S+) are needed", r"有 \1 个排序签名，需要 \2 个"),
    (
        r"the transaction's identifier does not follow from its author and nonce",
        "交易号与签名人和随机数不符",
    ),
    (r"the endorsed result does not belong to this proposal", "背书的结果不属于这个提案"),
    (r"the transaction has no endorsements", "交易没有背书"),
    (r"the time-stamp is over something else", "时间戳盖的是别的内容"),
    (r"the time-stamp uses a digest that is not supported", "时间戳使用了不支持的散列算法"),
    (r"the time-stamp's digest is wrong", "时间戳的散列不符"),
    (r"the time-stamp authority's certificate is missing", "缺少时间戳机构的证书"),
    (r"the time-stamp's signature is wrong", "时间戳的签名不正确"),
    (r"the organisation (\S+) is not in the channel's configuration", r"通道配置中没有组织 \1"),
    (r"a certificate of (\S+) was not in date", r"\1 的一张证书当时不在有效期内"),
    (r"a certificate does not lead to a root of (\S+)", r"有一张证书不能追溯到 \1 的根证书"),
)


def part_words(part: str) -> Text:
    """What a part of a package is; its own name where it has no other."""
    for pattern, words in _PARTS:
        if re.match(pattern, part):
            return words
    return Text(part, part)


def _filled(words: str, groups: list[str]) -> str:
    """Put groups in the places \\1, \\2, … of a template."""
    return re.sub(r"\\(\d)", lambda mark: groups[int(mark[1]) - 1], words)


def said(text: str) -> str:
    """A finding in Chinese; one within another (after a colon) too. What is not known stays as it is."""
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return _filled(words, [said(group) if group else "" for group in found.groups()])
    return text
