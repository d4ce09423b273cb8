"""Where an index's blocks come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from baas.errors import translating

if TYPE_CHECKING:
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService


class ChainSource:
    """The blocks of one channel, from whichever peer answers."""

    def __init__(self, chain: ChainReader, networks: NetworkService, network: str, channel: str) -> None:
        self._chain = chain
        self._networks = networks
        self._network = network
        self._channel = channel

    @contextmanager
    def open(self, start: int) -> Iterator[Any]:
        with translating():
            client = self._networks.connect(self._network, channel=self._channel, whole=True)
            with client.block_events(start_block=start) as events:
                yield events

    def height(self) -> int:
        return self._chain.info(self._network, self._channel).height
