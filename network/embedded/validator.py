"""What a committing peer asks of a transaction before it looks at versions: form, creator, duplicates, endorsements.

Sources: core/committer/txvalidator/v20, core/common/validation, core/common/validation/statebased.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from fabric_protos.peer.policy_pb2 import ApplicationPolicy
from fabric_protos.peer.proposal_pb2 import ChaincodeHeaderExtension

from fabric_sdk.chaincode.ledger import VALIDATION_PARAMETER
from fabric_sdk.errors import FabricError
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.policy import signed_by_any
from network.embedded import rwset
from network.embedded.channel_config import ChannelConfig
from network.embedded.config_update import check as check_config
from network.embedded.definitions import LIFECYCLE, Definition, implicit_owner
from network.embedded.faults import EmbeddedFault
from network.embedded.state_view import StateView
from network.embedded.transactions import VALID, NamespaceSets, Transaction, code

_POLICY_FAILURE = code("ENDORSEMENT_POLICY_FAILURE")
_BAD_SIGNATURE = code("BAD_CREATOR_SIGNATURE")
_DUPLICATE = code("DUPLICATE_TXID")
_INVALID_CHAINCODE = code("INVALID_CHAINCODE")
_OTHER = code("INVALID_OTHER_REASON")
_ILLEGAL_WRITESET = code("ILLEGAL_WRITESET")
_BAD_CONFIG = code("INVALID_CONFIG_TRANSACTION")
_BAD_HEADER = code("BAD_COMMON_HEADER")
_BEFORE_DUPLICATES = (
    code("BAD_PROPOSAL_TXID"),
    code("INVALID_ENDORSER_TRANSACTION"),
    code("UNSUPPORTED_TX_PAYLOAD"),
)


class Context(Protocol):
    """What validation needs of its channel, as of the block before."""

    view: StateView
    config: ChannelConfig

    def definition(self, view: StateView, name: str) -> Definition | None: ...

    def has_key_policies(self, namespace: str) -> bool: ...


@dataclass(slots=True)
class BlockValidation:
    """Validates one block's transactions, in order; key-level policies changed inside the block are tracked."""

    context: Context
    _changed_policies: dict[tuple[str, str, object], set[str]] = field(default_factory=dict)
    """(namespace, collection, key or key hash) -> namespaces for which a policy-changing transaction was valid"""
    _seen: set[str] = field(default_factory=set)

    def run(self, transactions: list[Transaction]) -> None:
        """Set every transaction's code to VALID or to the reason why not."""
        for transaction in transactions:
            transaction.code = self._validate(transaction)
        for transaction in transactions:
            if transaction.code == VALID and not transaction.is_config:
                if transaction.tx_id in self._seen:
                    transaction.code = _DUPLICATE
                self._seen.add(transaction.tx_id)

    def _validate(self, transaction: Transaction) -> int:
        view = transaction.view
        if view is None or transaction.flaw == _BAD_HEADER:
            return transaction.flaw or _OTHER
        if self.context.config.signer(view.header.creator, view.payload, view.signature) is None:
            return _BAD_SIGNATURE
        if transaction.is_config:
            return self._validate_config(transaction)
        # A transaction that was seen before is called a duplicate even if its results cannot be read.
        if transaction.flaw not in _BEFORE_DUPLICATES and self.context.view.transaction(transaction.tx_id) is not None:
            return _DUPLICATE
        return self._dispatch(transaction) if transaction.flaw == VALID else transaction.flaw

    def _validate_config(self, transaction: Transaction) -> int:
        if transaction.flaw != VALID or transaction.config is None:
            return transaction.flaw or _BAD_CONFIG
        try:
            check_config(self.context.config, transaction.config)
        except EmbeddedFault:
            return _BAD_CONFIG
        return VALID

    def _dispatch(self, transaction: Transaction) -> int:
        flaw, name = _target(transaction)
        if flaw != VALID:
            return flaw
        by_name = {sets.name: sets for sets in transaction.namespaces}
        if len(by_name) != len(transaction.namespaces):
            return _ILLEGAL_WRITESET
        written = [name, *(n for n, sets in by_name.items() if n != name and sets.writes)]
        endorsers = self._endorsers(transaction)
        for namespace in written:
            verdict = self._check_namespace(namespace, by_name.get(namespace), endorsers)
            if verdict != VALID:
                return verdict
            self._note_policy_changes(transaction, namespace)
        return VALID

    def _endorsers(self, transaction: Transaction) -> list[ValidatedIdentity]:
        action = transaction.action
        assert action is not None
        payload = action.response_payload
        try:
            return self.context.config.msps.signers(
                (e.endorser, payload + e.endorser, e.signature) for e in action.endorsements
            )
        except FabricError:
            return []

    def _note_policy_changes(self, transaction: Transaction, namespace: str) -> None:
        for sets in transaction.namespaces:
            for write in sets.sets.metadata_writes:
                self._changed_policies.setdefault((sets.name, "", write.key), set()).add(namespace)
            for collection in sets.collections:
                for write in collection.sets.metadata_writes:
                    place = (sets.name, collection.name, write.key_hash)
                    self._changed_policies.setdefault(place, set()).add(namespace)

    def _check_namespace(self, namespace: str, sets: NamespaceSets | None, endorsers: list[ValidatedIdentity]) -> int:
        policy = self.validation_policy(namespace)
        if not policy:
            return _INVALID_CHAINCODE
        check = _NamespaceCheck(self, namespace, policy, endorsers)
        return VALID if check.run(sets) else _POLICY_FAILURE

    def validation_policy(self, namespace: str) -> bytes | None:
        """The ApplicationPolicy (bytes) under which a namespace is written, None if it is not defined."""
        config = self.context.config
        if namespace == LIFECYCLE:
            return lifecycle_policy(config)
        definition = self.context.definition(self.context.view, namespace)
        return None if definition is None else definition.validation_parameter

    def key_policy(self, namespace: str, collection: str, key: object) -> bytes | None:
        """A key's own policy as committed; raises _PolicyChanged if a transaction of this block has changed it."""
        if namespace in self._changed_policies.get((namespace, collection, key), ()):
            raise _PolicyChanged
        if not self.context.has_key_policies(namespace):
            return None
        view = self.context.view
        if collection:
            hashed = view.get_hashed(namespace, collection, key)  # type: ignore[arg-type]
            stored = None if hashed is None else hashed.metadata
        else:
            stored = view.get_metadata(namespace, key)  # type: ignore[arg-type]
        return None if stored is None else rwset.decode_metadata(stored).get(VALIDATION_PARAMETER)


class _PolicyChanged(EmbeddedFault):
    """An earlier transaction of the same block changed the policy of a key."""


@dataclass(slots=True)
class _NamespaceCheck:
    """Endorsement policies of one namespace's writes: of the key, else of its collection, else of the chaincode."""

    block: BlockValidation
    namespace: str
    policy: bytes
    endorsers: list[ValidatedIdentity]
    _passed: set[str] = field(default_factory=set)
    _any: bool = False

    def run(self, sets: NamespaceSets | None) -> bool:
        if sets is not None:
            try:
                if not all(self._may_write(collection, key) for collection, key in _writes(sets)):
                    return False
            except _PolicyChanged:
                return False
        return self._any or self._chaincode_policy()

    def _may_write(self, collection: str, key: object) -> bool:
        own = self.block.key_policy(self.namespace, collection, key)
        config = self.block.context.config
        if own:
            self._any = True
            return config.endorsed(_as_application_policy(own), self.endorsers)
        if collection and collection not in self._passed:
            policy = self._collection_policy(collection)
            if policy is None:
                return False
            if policy:
                if not config.endorsed(policy, self.endorsers):
                    return False
                self._passed.add(collection)
                self._any = True
        if collection in self._passed:
            return True
        return self._chaincode_policy()

    def _chaincode_policy(self) -> bool:
        if "" in self._passed:
            return True
        if not self.block.context.config.endorsed(self.policy, self.endorsers):
            return False
        self._passed.add("")
        self._any = True
        return True

    def _collection_policy(self, collection: str) -> bytes | None:
        """b"" where the collection leaves it to the chaincode, None if there is no such collection."""
        context = self.block.context
        owner = implicit_owner(collection)
        if owner is not None:
            return implicit_policy(context.config, owner)
        definition = context.definition(context.view, self.namespace)
        config = None if definition is None else definition.explicit.get(collection)
        if config is None:
            return None
        if not config.HasField("endorsement_policy"):
            return b""
        data: bytes = config.endorsement_policy.SerializeToString()
        return data


def _target(transaction: Transaction) -> tuple[int, str]:
    """VALID and the called chaincode's name, or what is wrong with the call."""
    action = transaction.action
    if action is None or transaction.view is None:
        return _OTHER, ""
    try:
        extension = ChaincodeHeaderExtension.FromString(transaction.view.header.extension)
    except Exception:
        return code("BAD_HEADER_EXTENSION"), ""
    name: str = extension.chaincode_id.name
    event_differs = transaction.event is not None and transaction.event.chaincode_id != name
    if not extension.HasField("chaincode_id"):
        return _OTHER, name
    if not name or name != action.chaincode or not action.chaincode_version:
        return _INVALID_CHAINCODE, name
    return (_OTHER if event_differs else VALID), name


def _writes(sets: NamespaceSets) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [("", w.key) for w in sets.sets.writes]
    found += [("", w.key) for w in sets.sets.metadata_writes]
    found += [(c.name, w.key_hash) for c in sets.collections for w in c.sets.hashed_writes]
    found += [(c.name, w.key_hash) for c in sets.collections for w in c.sets.metadata_writes]
    return found


def _as_application_policy(signature_policy: bytes) -> bytes:
    """Key-level policies are bare SignaturePolicyEnvelope bytes: put them into field 1 of an ApplicationPolicy."""
    size, length = bytearray(), len(signature_policy)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    return b"\x0a" + bytes(size) + signature_policy


def lifecycle_policy(config: ChannelConfig) -> bytes:
    """What `_lifecycle` writes must satisfy: the channel's LifecycleEndorsement, or a majority of its members."""
    path = "/Channel/Application/LifecycleEndorsement"
    data: bytes
    if config.has_policy(path):
        data = ApplicationPolicy(channel_config_policy_reference=path).SerializeToString()
        return data
    msp_ids = sorted(config.application_msp_ids)
    policy = signed_by_any(msp_ids)
    policy.rule.n_out_of.n = len(msp_ids) // 2 + 1
    data = ApplicationPolicy(signature_policy=policy).SerializeToString()
    return data


def implicit_policy(config: ChannelConfig, msp_id: str) -> bytes | None:
    """Who endorses writes to an organisation's implicit collection; None if the channel does not know it."""
    for name, msp in config.application_orgs.items():
        if msp.msp_id == msp_id:
            path = f"/Channel/Application/{name}/Endorsement"
            policy = (
                ApplicationPolicy(channel_config_policy_reference=path)
                if config.has_policy(path)
                else ApplicationPolicy(signature_policy=signed_by_any([msp_id]))
            )
            data: bytes = policy.SerializeToString()
            return data
    return None
