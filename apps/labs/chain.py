"""What stands on a lab's channel, from its blocks alone: whether a peer gives them or a file that was handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fabric_sdk.admin import ChaincodeDefinition
from fabric_sdk.admin.lifecycle import read_commit
from fabric_sdk.blocks import decode_block
from fabric_sdk.blocks.model import DecodedBlock, DecodedTransaction
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import FabricError
from network.persons import person_of

LIFECYCLE = "_lifecycle"


@dataclass(frozen=True)
class Happened:
    """A contract's transaction: `creator` is "MSP/common name", `code` Fabric's word for its verdict, `writes` its
    public writes by (contract, key) with None for what was deleted, `hidden` the collections that it wrote to."""

    block: int
    index: int
    tx_id: str
    contract: str
    function: str
    args: tuple[str, ...]
    creator: str
    serial: int
    endorsers: frozenset[str]
    code: str
    reads: frozenset[tuple[str, str]]
    writes: Mapping[tuple[str, str], bytes | None]
    hidden: frozenset[tuple[str, str]]

    @property
    def valid(self) -> bool:
        return self.code == "VALID"


class Chain:
    """A channel from its first block to its last."""

    def __init__(self, blocks: Iterable[Any]) -> None:
        """`blocks` are `common.Block` messages or their bytes, in order; `FabricError` for what is none."""
        self.blocks: tuple[DecodedBlock, ...] = tuple(decode_block(block) for block in blocks)

    def until(self, block: int) -> Chain:
        """The channel as it stood before this block."""
        before = Chain(())
        before.blocks = self.blocks[:block]
        return before

    @property
    def height(self) -> int:
        """How many blocks there are."""
        return len(self.blocks)

    @property
    def channel(self) -> str:
        """The channel's name, "" where there is no block."""
        return self.blocks[0].channel_id if self.blocks else ""

    @property
    def tip(self) -> str:
        """The newest block's hash in hex, "" where there is none."""
        return self.blocks[-1].hash.hex() if self.blocks else ""

    @cached_property
    def transactions(self) -> tuple[Happened, ...]:
        """Every transaction that called a contract, the platform's own (`_lifecycle`) among them."""
        return tuple(
            _happened(block.number, one) for block in self.blocks for one in block.transactions if one.chaincode
        )

    def of(self, contract: str, function: str = "") -> tuple[Happened, ...]:
        """The calls of a contract, valid or not, the oldest first."""
        return tuple(one for one in self.transactions if one.contract == contract and function in ("", one.function))

    def valid(self, contract: str, function: str = "") -> tuple[Happened, ...]:
        """The calls of a contract that counted."""
        return tuple(one for one in self.of(contract, function) if one.valid)

    @cached_property
    def _states(self) -> dict[tuple[str, str], bytes | None]:
        found: dict[tuple[str, str], bytes | None] = {}
        for one in self.transactions:
            if one.valid:
                found.update(one.writes)
        return found

    def state(self, contract: str, key: str) -> bytes | None:
        """A key's value now, None where there is none."""
        return self._states.get((contract, key))

    def states(self, contract: str) -> dict[str, bytes]:
        """All keys of a contract with their values."""
        return {key: value for (of, key), value in self._states.items() if of == contract and value is not None}

    def definitions(self, contract: str) -> tuple[tuple[int, ChaincodeDefinition], ...]:
        """The definitions of a contract that came into force, with the block of each, the oldest first."""
        return tuple((block, definition) for block, definition in self._committed if definition.name == contract)

    @cached_property
    def contracts(self) -> tuple[str, ...]:
        """The contracts with a definition in force."""
        return tuple(dict.fromkeys(definition.name for _block, definition in self._committed))

    @cached_property
    def _committed(self) -> tuple[tuple[int, ChaincodeDefinition], ...]:
        found = []
        for block in self.blocks:
            for one in block.transactions:
                if one.valid and one.chaincode == LIFECYCLE and one.function == "CommitChaincodeDefinition":
                    found.append((block.number, read_commit(one.args[1])))
        return tuple(found)

    @cached_property
    def authority(self) -> ChannelAuthority:
        """The channel as it is configured now."""
        last = next(block for block in reversed(self.blocks) if block.is_config)
        config = last.transactions[0].config
        assert config is not None
        return ChannelAuthority.from_config(config)

    @cached_property
    def members(self) -> frozenset[str]:
        """The MSP ids of the channel's organisations."""
        return frozenset(self.authority.organizations["Application"].values())

    def revoked(self, msp_id: str) -> frozenset[int]:
        """Serial numbers that the channel refuses of an organisation."""
        from cryptography import x509

        msp = self.authority.config.channel_group.groups["Application"].groups
        found: set[int] = set()
        for group in msp.values():
            settings = _msp_settings(bytes(group.values["MSP"].value))
            if settings.name == msp_id:
                for raw in settings.revocation_list:
                    found |= {one.serial_number for one in x509.load_pem_x509_crl(raw)}
        return frozenset(found)

    def holds(self, words: bytes) -> int | None:
        """The first block in which these bytes stand in clear, in what was asked, answered, announced or written."""
        for block in self.blocks:
            for one in block.transactions:
                if any(words in part for part in (*one.args, one.results, one.response_payload)):
                    return block.number
        return None


def _msp_settings(value: bytes) -> Any:
    from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

    return FabricMSPConfig.FromString(MSPConfig.FromString(value).config)


def _happened(block: int, one: DecodedTransaction) -> Happened:
    reads: set[tuple[str, str]] = set()
    writes: dict[tuple[str, str], bytes | None] = {}
    hidden: set[tuple[str, str]] = set()
    try:
        for part in one.rwset.namespaces:
            reads |= {(part.name, read.key) for read in part.reads}
            writes |= {(part.name, write.key): None if write.is_delete else write.value for write in part.writes}
            hidden |= {(part.name, collection.name) for collection in part.collections if collection.writes}
    except FabricError:
        pass  # such a transaction is invalid, and writes nothing
    certificate = one.creator.certificate if one.creator else None
    return Happened(
        block=block,
        index=one.index,
        tx_id=one.tx_id,
        contract=one.chaincode,
        function=one.function,
        args=tuple(arg.decode("utf-8", "replace") for arg in one.args[1:]),
        creator=person_of(one.creator.msp_id, certificate).party if one.creator and certificate else "",
        serial=certificate.serial_number if certificate else 0,
        endorsers=frozenset(each.msp_id for each in one.endorsements),
        code=one.validation_code_name,
        reads=frozenset(reads),
        writes=writes,
        hidden=frozenset(hidden),
    )
