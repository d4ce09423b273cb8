"""The channel card (通道名片): what an organisation publishes so that others can tell this channel from any forged one.

It pins the channel by the hash of block 0 and of one configuration block, and names the institutions in words that a
judge knows. Certificates of the organisations are not on it: they come from the chain, so that a card outlives their
renewal.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NamedTuple

from fabric_sdk.proof.wire import Broken, parse_json

KIND = "citychain-channel-card"
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
MAX_CARD = 32 << 10
_FIELDS = {
    "kind", "version", "channel", "genesis", "config", "made", "organizations", "seals", "timestamps",
}  # fmt: skip


class Institution(NamedTuple):
    """An organisation of the channel: its legal name, contracts that it is the office of, whether it is a witness."""

    msp: str
    name: str
    office: tuple[str, ...]
    witness: bool


class Card(NamedTuple):
    """A channel card. Hashes are SHA-256 in hexadecimal: of block headers, and of certificates (DER)."""

    channel: str
    genesis: str
    config_block: int
    config_hash: str
    made: str
    organizations: tuple[Institution, ...]
    seals: tuple[str, ...]
    timestamps: tuple[str, ...]

    @property
    def names(self) -> dict[str, str]:
        """Legal names by MSP id."""
        return {one.msp: one.name for one in self.organizations}

    def speakers(self, contract: str) -> tuple[list[str], list[str]]:
        """MSP ids of the contract's office, and of the witnesses besides it."""
        office = [one.msp for one in self.organizations if contract in one.office]
        return office, [one.msp for one in self.organizations if one.witness and one.msp not in office]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return {
            "kind": KIND,
            "version": 1,
            "channel": self.channel,
            "genesis": self.genesis,
            "config": {"block": self.config_block, "hash": self.config_hash},
            "made": self.made,
            "organizations": [
                {"msp": one.msp, "name": one.name, "office": list(one.office), "witness": one.witness}
                for one in self.organizations
            ],
            "seals": list(self.seals),
            "timestamps": list(self.timestamps),
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the card in canonical form (sorted names, no spaces): the same however its file is laid out."""
        canonical = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def spaced(fingerprint: str) -> str:
    """A fingerprint in groups of eight, for comparing by eye."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


def read_card(data: bytes) -> Card:
    """Read a card; Broken `card-unreadable` for anything else, whatever it resembles."""
    try:
        value = parse_json(data.strip(), MAX_CARD)
        if not isinstance(value, dict) or set(value) != _FIELDS or value["kind"] != KIND or value["version"] != 1:
            raise Broken("card-unreadable")
        config = value["config"]
        organizations = tuple(_institution(one) for one in _list(value["organizations"], 100))
        if set(config) != {"block", "hash"} or not organizations or not _DAY.match(_text(value["made"])):
            raise Broken("card-unreadable")
        if len({one.msp for one in organizations}) != len(organizations):
            raise Broken("card-unreadable")
        if not isinstance(config["block"], int) or isinstance(config["block"], bool) or config["block"] < 0:
            raise Broken("card-unreadable")
        return Card(
            _text(value["channel"]),
            _hash(value["genesis"]),
            config["block"],
            _hash(config["hash"]),
            value["made"],
            organizations,
            tuple(_hash(one) for one in _list(value["seals"], 20)),
            tuple(_hash(one) for one in _list(value["timestamps"], 20)),
        )
    except (KeyError, TypeError, AttributeError, Broken):
        raise Broken("card-unreadable") from None


def _institution(value: Any) -> Institution:
    if set(value) != {"msp", "name", "office", "witness"} or not isinstance(value["witness"], bool):
        raise Broken("card-unreadable")
    office = tuple(_text(one) for one in _list(value["office"], 20))
    return Institution(_text(value["msp"]), _text(value["name"]), office, value["witness"])


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or not value.isprintable():
        raise Broken("card-unreadable")
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or not _HASH.match(value):
        raise Broken("card-unreadable")
    return value


def _list(value: Any, limit: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > limit:
        raise Broken("card-unreadable")
    return value
