"""What of 数字版权 is on one desk only, and what goes into its recovery file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from apps.copyright import permissions
from baas.errors import LedgerError, Text
from baas.services.recovery import OnlyHere

if TYPE_CHECKING:
    from baas.platform import Platform


def only_here(platform: Platform, network: str, secrets: frozenset[str], saved: frozenset[str]) -> list[OnlyHere]:
    """The reading key, keys of sealed works, and deposited files; read from this desk alone.

    A work's key that the ledger holds for the reading key is as safe as that is.
    """
    readers = _named(secrets, network, "readers")
    works = _named(secrets, network, "copyright")
    files, wrapped = _indexed(platform, network)
    found = []
    if readers:
        title = Text("阅读密钥", "Reading keys")
        found.append(OnlyHere("reading-key", title, len(readers), recoverable=True, saved=readers <= saved))
    if works:
        on_ledger = {f"{network}/copyright/{cid}" for cid in wrapped} if readers and readers <= saved else set()
        title = Text("加密作品的密钥", "Keys of sealed works")
        kept = works <= saved | on_ledger
        found.append(OnlyHere("sealed-works", title, len(works), recoverable=True, saved=kept))
    files -= _elsewhere(platform, network)
    if files > 0:
        hint = Text(
            "上交：citychain copyright files --now；或导出：citychain store export。",
            "Hand them in: citychain copyright files --now; or export them: citychain store export.",
        )
        title = Text("从本机存证、还没有上交的文件", "Files deposited from here that no service has")
        found.append(OnlyHere("files", title, files, recoverable=False, hint=hint))
    return found


def prepare(platform: Platform, network: str) -> None:
    """Before a recovery file is made: own sealed works open by the reading key, those of others have their key here."""
    from apps.copyright.service import build_service

    if not platform.session.allows(permissions.READ) or not platform.identities.acting(network).msp_id:
        return
    with suppress(LedgerError), build_service(platform, network) as service:  # a network may run without this contract
        service.access.rewrap()
        service.access.gather()


def _named(secrets: frozenset[str], network: str, part: str) -> frozenset[str]:
    return frozenset(name for name in secrets if name.startswith(f"{network}/{part}/"))


def _indexed(platform: Platform, network: str) -> tuple[int, frozenset[str]]:
    """How many files were deposited from here, and the sealed contents whose keys the ledger holds."""
    from apps.copyright.local import LocalDeposits

    path = platform.workspace.path("copyright", f"{network}.db")
    if not path.is_file():
        return 0, frozenset()
    local = LocalDeposits(path)
    try:
        return len(local), local.wrapped()
    finally:
        local.close()


def _elsewhere(platform: Platform, network: str) -> int:
    """How many of these files some content service has."""
    from baas.courier.handing import Handing

    path = platform.workspace.path("copyright", f"{network}-files.db")
    if not path.is_file():
        return 0
    queue = Handing(path)
    try:
        return queue.elsewhere("CZ")
    finally:
        queue.close()
