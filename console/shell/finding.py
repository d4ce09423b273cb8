"""Finds the platform's own things for the command palette: networks, contracts, identities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from baas import roles
from console.finding import Found, fits
from console.i18n import say, tr
from console.pages.identities.certificate_cells import kind_title
from console.titles import runtime_title

if TYPE_CHECKING:
    from baas.platform import Platform

MOST = 6


def networks(platform: Platform, network: str, text: str) -> Sequence[Found]:
    """Networks of the workspace, by name and title."""
    if not platform.session.allows(roles.NETWORK_READ):
        return ()
    return [
        Found(
            say(one.title),
            f"{tr('网络')} · {one.name} · {runtime_title(one.runtime)}",
            f"networks/{one.name}",
            "network",
        )
        for one in platform.networks.list()
        if fits(text, one.name, say(one.title))
    ][:MOST]


def contracts(platform: Platform, network: str, text: str) -> Sequence[Found]:
    """Contracts in force, by name and by what their application calls them."""
    if not network or not platform.session.allows(roles.CONTRACT_READ):
        return ()
    titles = {manifest.contract.name: say(manifest.contract.title) for manifest in platform.applications.all()}
    return [
        Found(
            titles.get(one.name, one.name),
            f"{tr('合约')} · {one.name} {one.version}",
            f"contracts/{one.name}",
            "contract",
        )
        for one in platform.contracts.list(network)
        if fits(text, one.name, titles.get(one.name, ""))
    ][:MOST]


def identities(platform: Platform, network: str, text: str) -> Sequence[Found]:
    """Certificates of the network's organisations, by label and serial number; a node's two are told apart."""
    if not network or not platform.session.allows(roles.IDENTITY_READ):
        return ()
    found = []
    for record in platform.identities.list(network):
        if fits(text, record.label, record.serial):
            note = tr("身份 · 证书类型：{kind}").format(kind=kind_title(record.kind))
            found.append(Found(record.label, note, f"identities/{record.label}:{record.kind}", "identity"))
            if len(found) == MOST:
                break
    return found
