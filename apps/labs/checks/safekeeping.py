"""Checks of backups and what was restored from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.labs.looking import Seen, Wrong, check
from baas.errors import Text
from baas.services import restoring

if TYPE_CHECKING:
    from baas.services.backup import BackedLedger

BACKUP, RESTORED = "lab.ccb", "restored"


def _ledger(seen: Seen) -> BackedLedger | None:
    """What the backup says of the lab's own ledger, after every file of it was compared."""
    found = restoring.check(seen.folder / BACKUP)
    place = f"networks/{seen.network}/"
    return next((one for one in found.ledgers if one.file.startswith(place)), None)


@check("backup-whole", chain=False)
def backup_whole(seen: Seen) -> Wrong | None:
    """lab.ccb is a whole backup of this workspace."""
    if not (seen.folder / BACKUP).is_file():
        return Wrong(
            Text("实训文件夹里没有 lab.ccb。", "The lab's folder has no lab.ccb."),
            Text("在实训文件夹里运行备份命令。", "Back up from within the lab's folder."),
        )
    if _ledger(seen) is not None:
        return None
    return Wrong(
        Text("备份里没有实训网络的账本。", "The backup does not have the ledger of the lab's network."),
        Text("备份的应是实训工作区。", "It is the lab's workspace that should be backed up."),
    )


@check("backup-newest", chain=False)
def backup_newest(seen: Seen) -> Wrong | None:
    """The backup holds B-1 and all that the ledger has."""
    if not any(one.args[:1] == ("B-1",) for one in seen.chain.valid("things", "Create")):
        return Wrong(
            Text("账本上没有物品 B-1。", "The ledger has no thing B-1."),
            Text("先写入，再备份。", "Write first, then back up."),
        )
    backed = _ledger(seen)
    if backed is None or (backed.height, backed.block_hash) == (seen.chain.height, seen.chain.tip):
        return None
    return Wrong(
        Text(
            "备份只到区块 {h}，账本已到 {n}。",
            "The backup ends at block {h}; the ledger is at {n}.",
            h=backed.height - 1,
            n=seen.chain.height - 1,
        ),
        Text("备份之后写入的内容，备份里没有。", "What is written after a backup is not in it."),
    )


@check("restored-same", chain=False)
def restored_same(seen: Seen) -> Wrong | None:
    """The ledger in `restored` is the one of the backup, and nobody runs it."""
    from network.embedded.pinned import ledger_facts

    folder = seen.folder / RESTORED
    place = Text("restore 恢复到 --workspace 指定的文件夹。", "restore fills the folder that --workspace names.")
    if not folder.is_dir():
        return Wrong(Text("实训文件夹里没有 restored。", "The lab's folder has no restored."), place)
    backed = _ledger(seen)
    path = folder / backed.file if backed is not None else folder
    if backed is None or not path.is_file():
        return Wrong(Text("restored 里没有实训网络的账本。", "restored does not have the lab's ledger."), place)
    facts = ledger_facts(path)
    if facts is not None and (facts.height, facts.block_hash) == (backed.height, backed.block_hash):
        return None
    return Wrong(
        Text("restored 中的账本与备份不同。", "The ledger in restored differs from the backup."),
        Text(
            "恢复后不要启动它：两处同时出块，就分成两条链。清空后再恢复一次。",
            "Do not start it: two that make blocks become two chains. Empty the folder and restore again.",
        ),
    )
