"""The command palette: no two entries read the same, and each leads to the thing that it names."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from console.i18n import use_language
from console.shell import finding
from console.shell.commands import commands, finder
from console.shell.palette import Command, shown_note


def entries(desk: Any, text: str) -> list[Command]:
    """Everything that the palette offers for `text`: its own commands and what it finds."""
    found: dict[str, list[Command]] = {}
    find = finder(desk.window)
    assert find is not None
    find(text, found.__setitem__)
    desk.until(lambda: len(found) == (2 if len(text) >= 4 else 1))
    hay = text.lower()
    own = [one for one in commands(desk.window) if hay in f"{one.text} {one.note} {one.words}".lower()]
    return own + [one for part in found.values() for one in part]


def test_no_two_entries_read_the_same(desk: Any) -> None:
    """On every page, for nodes, people, contracts, keys and transactions, as they are painted."""
    platform, network = desk.platform, desk.window.context.network
    platform.explorer.sync(network)
    row = next(r for r in platform.explorer.transactions(network, limit=50) if r.contract)
    node = platform.networks.status(network).nodes[0].name
    texts = ["", "peer", "order", "admin", "MSP", "citychain", "city", row.contract, row.tx_id[:10], node, "lifecycle"]
    width = QFontMetrics(QApplication.font())
    for page in [spec.id for spec in desk.window.specs]:
        desk.go(page)
        twice = [one for one, n in Counter((c.text, c.note) for c in commands(desk.window)).items() if n > 1]
        assert not twice, (page, twice)
    for text in texts:
        painted = Counter((one.text, shown_note(one.note, width)) for one in entries(desk, text))
        twice = [one for one, n in painted.items() if n > 1]
        assert not twice, (text, twice)


def test_a_nodes_two_certificates_are_told_apart_and_each_opens_itself(desk: Any) -> None:
    platform, network = desk.platform, desk.window.context.network
    node = next(one.name for one in platform.networks.status(network).nodes if one.kind == "peer")
    found = finding.identities(platform, network, node)
    assert [(one.title.endswith(node), one.note) for one in found] == [
        (True, "身份 · 证书类型：签名"),
        (True, "身份 · 证书类型：TLS"),
    ]
    for one in found:
        desk.go(one.address)
        page = desk.window.page
        assert page.timeline.current == one.address.partition("/")[2], "it led to an empty panel"
        assert page.inspecting
        desk.window.context.inspect(None)


def test_in_english_too(desk: Any) -> None:
    platform, network = desk.platform, desk.window.context.network
    node = platform.networks.status(network).nodes[0].name
    use_language("en")
    try:
        notes = [one.note for one in finding.identities(platform, network, node)]
    finally:
        use_language("zh")
    assert len(set(notes)) == len(notes) == 2 and all(note.isascii() or "·" in note for note in notes), notes
