"""By which names the nodes of a network know each other: containers by the nodes' own, everybody else by addresses."""

from __future__ import annotations

from pathlib import Path

from network.addresses import AddressBook


def name_nodes(directory: Path) -> None:
    """Have the nodes know each other by name: that is what a container network's name service resolves."""
    _write(directory, named=True)


def unname_nodes(directory: Path) -> None:
    """Have the nodes know each other by their addresses again."""
    _write(directory, named=False)


def _write(directory: Path, *, named: bool) -> None:
    book = AddressBook.load(directory)
    others = [name for name in book.names() if book[name].node_host != (name if named else "")]
    for name in others:
        book.update(name, node_host=name if named else "")
    if others:
        book.save(directory)
