"""Why a transaction is what it is: at which step it failed, and because of what.

Five steps: propose, endorse, order, validate, write. What is on the ledger was proposed, endorsed by somebody and
ordered; its validation code says whether validation let it through. For read conflicts the index knows who changed
the key; for missing endorsements the policies in force are evaluated over the endorsements that are there.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, LedgerError, Text, render
from baas.services.explorer.detail import detail_of, place
from baas.services.explorer.model import Autopsy, KeyConflict, PolicyGap, Stage, StageState, TransactionRow
from baas.services.explorer.writer import namespaces_of
from baas.services.policies import explain_missing_text, explain_text
from baas.validation import words_of

if TYPE_CHECKING:
    from baas.services.chain import ChainReader
    from baas.services.explorer.reader import IndexReader
    from baas.services.networks import NetworkService
    from fabric_sdk.blocks import DecodedTransaction
    from fabric_sdk.channel import ChannelAuthority

_TITLES = {
    "propose": Text("提案", "Propose"),
    "endorse": Text("背书", "Endorse"),
    "order": Text("排序", "Order"),
    "validate": Text("验证", "Validate"),
    "write": Text("写入", "Write"),
}
_ORDER: tuple[Any, ...] = ("propose", "endorse", "order", "validate", "write")
MVCC, PHANTOM, POLICY = 11, 12, 10
MAX_RANGE_KEYS = 10_000


class Coroner:
    """Examines transactions."""

    def __init__(self, networks: NetworkService, chain: ChainReader) -> None:
        self._networks = networks
        self._chain = chain

    def examine(self, network: str, channel: str, row: TransactionRow, index: IndexReader) -> Autopsy:
        """Examine a transaction of the ledger."""
        block = self._chain.block(network, channel, row.block)
        transaction = block.transactions[row.index]
        said = words_of(row.code)
        conflicts: tuple[KeyConflict, ...] = ()
        gaps: tuple[PolicyGap, ...] = ()
        if row.code == MVCC:
            conflicts = tuple(_read_conflicts(row, transaction, index))
        elif row.code == PHANTOM:
            conflicts = tuple(_phantoms(row, transaction, index))
        elif row.code == POLICY:
            gaps = tuple(self._gaps(network, channel, row, transaction, index))
        return Autopsy(
            tx_id=row.tx_id,
            verdict=_verdict(row, conflicts),
            advice=said.advice,
            code=row.code,
            code_name=said.name,
            stages=_stages(row, transaction, gaps),
            conflicts=conflicts,
            gaps=gaps,
            peers=(),
            transaction=detail_of(row, transaction),
        )

    def _gaps(
        self, network: str, channel: str, row: TransactionRow, transaction: DecodedTransaction, index: IndexReader
    ) -> Iterator[PolicyGap]:
        """Every policy over what was written that the endorsements do not satisfy."""
        from fabric_sdk import policy as policies
        from fabric_sdk.errors import FabricError

        authority = self._chain.authority(network, channel, row.block)
        identities = []
        for endorsement in transaction.endorsements:
            try:
                identities.append(authority.msps.validate(endorsement.serialized))
            except FabricError:
                continue  # a revoked or foreign endorser counts for nothing; that may be the very reason
        endorsed = tuple(e.msp_id for e in transaction.endorsements)
        titles = {o.msp_id: o.title for o in self._networks.spec(network).organizations}
        for scope, envelope in self._policies(network, channel, authority, row, transaction, index):
            try:
                options: Sequence[Counter[str]] = policies.missing(envelope, identities, authority.msps)
            except FabricError:
                continue
            if options:
                yield PolicyGap(
                    scope=scope,
                    policy=policies.format(envelope),
                    meaning=Text(
                        "{policy}{missing}",
                        "{policy} {missing}",
                        policy=explain_text(envelope, titles),
                        missing=explain_missing_text(options, titles),
                    ),
                    endorsed=endorsed,
                    missing=tuple(tuple(sorted(option.elements())) for option in options[:20]),
                )

    def _policies(
        self,
        network: str,
        channel: str,
        authority: ChannelAuthority,
        row: TransactionRow,
        transaction: DecodedTransaction,
        index: IndexReader,
    ) -> Iterator[tuple[Text, Any]]:
        """The policies over everything the transaction wrote: key-level ones, collections', the contract's."""
        from fabric_protos.common.policies_pb2 import SignaturePolicyEnvelope

        from baas.services.definitions import committed_policies

        called = False
        for namespace in namespaces_of(transaction):
            called = called or namespace.name == row.contract
            plain_keys = False
            changed = [("", w.key) for w in namespace.writes] + [("", m.key) for m in namespace.metadata_writes]
            for part in namespace.collections:
                changed += [(part.name, w.key_hash.hex()) for w in part.writes]
            collections: set[str] = set()
            for collection, key in dict.fromkeys(changed):
                own = index.key_policy(namespace.name, collection, key, row.block, row.index)
                if own:
                    scope = Text("键 {k} 自己的策略", "the key {k}'s own policy", k=key)
                    yield scope, SignaturePolicyEnvelope.FromString(own)
                elif collection:
                    collections.add(collection)
                else:
                    plain_keys = True
            try:
                found = committed_policies(self._networks, network, channel, namespace.name, authority)
            except CityChainError:
                continue
            for name in sorted(collections):
                if name in found.collections:
                    yield Text("私有集合 {c} 的策略", "the policy of collection {c}", c=name), found.collections[name]
                else:
                    plain_keys = True
            # As in Fabric's validator: what was only read needs no endorsement, the called contract always does.
            if plain_keys or (not changed and namespace.name == row.contract):
                yield _contract_scope(namespace.name), found.contract
        if row.contract and not called:  # a contract that touched nothing of its own
            with contextlib.suppress(CityChainError):
                found = committed_policies(self._networks, network, channel, row.contract, authority)
                yield _contract_scope(row.contract), found.contract


def _contract_scope(name: str) -> Text:
    return Text("合约 {c} 的策略", "the policy of contract {c}", c=name)


def examine_error(error: LedgerError) -> Autopsy:
    """Examine a transaction that was refused before it reached the ledger."""
    failed = {"evaluate": "endorse", "connect": "propose", "endorse": "endorse", "submit": "order"}.get(
        error.stage, "validate"
    )
    stages = []
    state: StageState = "ok"
    for name in _ORDER:
        if name == failed:
            stages.append(Stage(name, _TITLES[name], "failed", _as_text(error.message)))
            state = "skipped"
        else:
            stages.append(Stage(name, _TITLES[name], state, Text("", "")))
    return Autopsy(
        tx_id=error.tx_id,
        verdict=_as_text(error.message),
        advice=_as_text(error.hint or ""),
        code=None,
        code_name=error.code,
        stages=tuple(stages),
        conflicts=(),
        gaps=(),
        peers=tuple(dict(endpoint) for endpoint in error.endpoints),
        transaction=None,
    )


def _read_conflicts(row: TransactionRow, transaction: DecodedTransaction, index: IndexReader) -> Iterator[KeyConflict]:
    for namespace in namespaces_of(transaction):
        reads = [("", r.key, place(r.version)) for r in namespace.reads]
        for part in namespace.collections:
            reads += [(part.name, r.key_hash.hex(), place(r.version)) for r in part.reads]
        for collection, key, read in reads:
            conflict = _conflict(row, namespace.name, collection, key, read, index)
            if conflict is not None:
                yield conflict


def _phantoms(row: TransactionRow, transaction: DecodedTransaction, index: IndexReader) -> Iterator[KeyConflict]:
    for namespace in namespaces_of(transaction):
        for query in namespace.range_queries:
            seen = {read.key: place(read.version) for read in query.reads}
            keys = index.keys_between(namespace.name, query.start_key, query.end_key, MAX_RANGE_KEYS)
            if seen or not query.merkle_hashes:
                for key in dict.fromkeys([*seen, *keys]):
                    conflict = _conflict(row, namespace.name, "", key, seen.get(key), index)
                    if conflict is not None:
                        yield conflict
                continue
            # A long range is kept as a Merkle summary only: name the newest change in it.
            changes = [(index.last_change(namespace.name, "", key, row.block, row.index), key) for key in keys]
            newest = max(((c.block, c.index, key) for c, key in changes if c), default=None)
            if newest is not None:
                winner = index.transaction_at(newest[0], newest[1])
                yield KeyConflict(namespace.name, "", newest[2], None, newest[:2], winner)


def _conflict(
    row: TransactionRow, contract: str, collection: str, key: str, read: tuple[int, int] | None, index: IndexReader
) -> KeyConflict | None:
    """What was read of the key against what it was when the transaction came to be validated."""
    change = index.last_change(contract, collection, key, row.block, row.index)
    found = None if change is None or change.deleted else (change.block, change.index)
    if found == read:
        return None
    winner = index.transaction_at(change.block, change.index) if change else None
    return KeyConflict(contract, collection, key, read, found, winner)


def _verdict(row: TransactionRow, conflicts: tuple[KeyConflict, ...]) -> Text:
    if row.valid:
        return words_of(0).meaning
    if conflicts and conflicts[0].winner is not None:
        first = conflicts[0]
        winner = conflicts[0].winner
        return Text(
            "没有写入：键 {key} 已先被交易 {tx}（区块 {block}，序号 {index}）修改。",
            "Not written: the key {key} was changed first by transaction {tx} (block {block}, index {index}).",
            key=first.key.replace("\0", " ").strip(),
            tx=f"{winner.tx_id[:8]}…",
            block=winner.block,
            index=winner.index,
        )
    return Text("没有写入：{why}", "Not written: {why}", why=row.meaning)


def _stages(row: TransactionRow, transaction: DecodedTransaction, gaps: tuple[PolicyGap, ...]) -> tuple[Stage, ...]:
    endorsers = ", ".join(dict.fromkeys(e.msp_id for e in transaction.endorsements))
    count = len(transaction.endorsements)
    signed = Text("{n} 个背书：{who}", "{n} endorsements: {who}", n=count, who=endorsers or "-")
    details = {
        "propose": Text("{who}", "{who}", who=row.creator or "-"),
        "endorse": signed,
        "order": Text("进入区块 {b}，序号 {i}", "in block {b}, index {i}", b=row.block, i=row.index),
        "validate": row.meaning,
        "write": Text("已写入", "written") if row.valid else Text("未写入任何数据", "nothing written"),
    }
    states: dict[str, StageState] = dict.fromkeys(_ORDER, "ok")
    if not row.valid:
        states["validate"], states["write"] = "failed", "skipped"
    if row.code == POLICY:
        states["endorse"] = "failed"
        if gaps:
            lacking = min(gaps[0].missing, key=len)
            details["endorse"] = Text(
                "{n} 个背书，还缺 {who}", "{n} endorsements; missing: {who}", n=count, who=", ".join(lacking)
            )
    elif row.code == 4:
        states["propose"] = "failed"
    return tuple(Stage(name, _TITLES[name], states[name], details[name]) for name in _ORDER)


def _as_text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else Text("{t}", "{t}", t=render(value, "en"))
