"""What the parts of an evidence package are called; the verifier's findings are in `apps.copyright.wording`."""

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


def part_words(part: str) -> Text:
    """What a part of a package is; its own name where it has no other."""
    for pattern, words in _PARTS:
        if re.match(pattern, part):
            return words
    return Text(part, part)
