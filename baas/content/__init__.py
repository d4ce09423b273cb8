"""Where files live: one port (`ContentStore`), two engines with the same CIDs.

`LocalStore` is a local IPFS-compatible store (no network node); `KuboStore` speaks to a Kubo daemon.
"""

from baas.content.store import (
    CLASSIC,
    PROFILE_2025,
    Capabilities,
    Chunking,
    Cid,
    ContentError,
    ContentStat,
    ContentStore,
    GcReport,
    Pin,
    VerifyReport,
)

__all__ = [
    "CLASSIC",
    "PROFILE_2025",
    "Capabilities",
    "Chunking",
    "Cid",
    "ContentError",
    "ContentStat",
    "ContentStore",
    "GcReport",
    "Pin",
    "VerifyReport",
]
