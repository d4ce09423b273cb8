"""What the parts of an evidence package are called; the verifiers' findings have their own table (`words`)."""

from __future__ import annotations

import re

from baas.errors import Text

_PARTS: tuple[tuple[str, Text], ...] = (
    (r"container\Z", Text("容器", "Container")),
    (r"\Z", Text("证据包", "Package")),
    (r"manifest\.json\Z|manifest\.sha256\Z", Text("清单", "Manifest")),
    (r"chain/config/", Text("通道配置", "Channel configuration")),
    (r"chain/blocks/", Text("区块与交易", "Block and transaction")),
    (r"chain/heads/", Text("最新区块", "Newest block")),
    (r"attestations/", Text("节点签名的答复", "Peers' signed answers")),
    (r"content/", Text("作品文件", "The work's file")),
    (r"certificates/", Text("登记证书", "Certificate of registration")),
    (r"captures/", Text("网页取证", "Captured page")),
    (r"timestamps/", Text("时间戳", "Time-stamp")),
    (r"index\.html\Z|verify\.(py|html)\Z|README", Text("目录与核验程序", "Index and verifiers")),
)


def part_words(part: str) -> Text:
    """What a part of a package is; its own name where it has no other."""
    for pattern, words in _PARTS:
        if re.match(pattern, part):
            return words
    return Text(part, part)
