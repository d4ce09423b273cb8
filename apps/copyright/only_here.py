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
    """The reading key, keys of sealed works, and deposited files; read from this desk alone."""
    found = []
    for id, part, title in (
        ("reading-key", "readers", Text("阅读密钥", "Reading keys")),
        ("sealed-works", "copyright", Text("加密作品的密钥", "Keys of sealed works")),
    ):
        names = {name for name in secrets if name.startswith(f"{network}/{part}/")}
        if names:
            found.append(OnlyHere(id, title, len(names), recoverable=True, saved=names <= saved))
    if files := _deposited(platform, network):
        hint = Text("导出：citychain store export。", "Export them: citychain store export.")
        title = Text("从本机存证的文件", "Files deposited from here")
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


def _deposited(platform: Platform, network: str) -> int:
    from apps.copyright.index import WorkIndex

    path = platform.workspace.path("copyright", f"{network}.db")
    if not path.is_file():
        return 0
    index = WorkIndex(path)
    try:
        return len(index)
    finally:
        index.close()
