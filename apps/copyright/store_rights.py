"""What the content store asks this application before it gives a file out, and tells it when one is put in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baas.platform import Platform


def takes(platform: Platform, network: str, cids: Iterable[str]) -> None:
    """Note that whoever acts has put files into the store from bytes of their own: nothing calls them back."""
    from apps.copyright.service import build_service

    label = platform.identities.acting(network).label
    with build_service(platform, network) as service:
        for cid in cids:
            service.files.had(cid, label)


def keeps(platform: Platform, network: str, cid: str) -> bool | None:
    """Whether whoever acts may have a file that this application keeps in the store; None for any other file."""
    from apps.copyright.service import build_service

    if not any(platform.workspace.path("copyright").glob(f"{network}[.-]*db")):
        return None
    with build_service(platform, network) as service:
        return service.files.may_have(cid)
