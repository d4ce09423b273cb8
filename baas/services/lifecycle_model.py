"""What the contract service answers with: deployed contracts, the lifecycle board, policies in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from baas.errors import Text


@dataclass(frozen=True)
class Definition:
    """A contract's definition on a channel, as Fabric's lifecycle keeps it.

    `endorsement_policy` is in Fabric's text form, or "/Channel/Application/Endorsement" style for a channel policy;
    `collections` is in the form of Fabric's collection JSON.
    """

    name: str
    version: str
    sequence: int
    endorsement_policy: str
    collections: tuple[dict[str, Any], ...] = ()
    init_required: bool = False


@dataclass(frozen=True)
class DeployedContract:
    """A contract that is committed on a channel; `changed` is False when it already was as wanted."""

    network: str
    channel: str
    definition: Definition
    package_id: str
    changed: bool

    @property
    def name(self) -> str:
        return self.definition.name


@dataclass(frozen=True)
class BoardRow:
    """One organisation on the lifecycle board.

    `installed` maps peer to whether the package is there (None: the peer does not answer). `approval`: what this
    organisation approved for the board's sequence; `approved` says whether it is the board's definition. `held` is
    False for an organisation whose administrator is elsewhere: of it only approvals are known, from the ledger.
    """

    msp_id: str
    title: Text
    installed: dict[str, bool | None]
    approved: bool | None
    approval: Definition | None
    differences: tuple[str, ...] = ()
    package_id: str = ""
    held: bool = True


@dataclass(frozen=True)
class LifecycleBoard:
    """Organisations x install, approve, commit for one contract on one channel.

    `pending` is the definition that is being agreed on (the next sequence), `committed` the one in force. `needed`
    approvals make it committable.
    """

    network: str
    channel: str
    contract: str
    committed: Definition | None
    pending: Definition | None
    rows: tuple[BoardRow, ...]
    approvals: int
    needed: int
    can_commit: bool


@dataclass(frozen=True)
class PolicyOption:
    """One set of organisations that satisfies a policy, and whether enough of their peers run now."""

    msp_ids: tuple[str, ...]
    online: bool


@dataclass(frozen=True)
class PolicyExplanation:
    """An endorsement policy in plain words and who can satisfy it now; `warnings` name single points of failure."""

    policy: str
    meaning: Text
    options: tuple[PolicyOption, ...]
    warnings: tuple[Text, ...]


@dataclass(frozen=True)
class InvokeResult:
    """What a direct call of a contract gave; `tx_id` and `block` are empty for a query."""

    payload: bytes
    kind: Literal["query", "invoke"]
    tx_id: str = ""
    block: int | None = None
