"""Where files live: one port (`ContentStore`), two engines with the same CIDs.

`LocalStore` is a local IPFS-compatible store (no network node); `KuboStore` speaks to a Kubo daemon.
"""

from baas.content.engines import open_engine, open_store
from baas.content.kubo import KuboStore
from baas.content.kubo_daemon import KuboDaemon
from baas.content.local import LocalStore
from baas.content.move import MoveReport, move
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
    "KuboDaemon",
    "KuboStore",
    "LocalStore",
    "MoveReport",
    "Pin",
    "VerifyReport",
    "move",
    "open_engine",
    "open_store",
]
