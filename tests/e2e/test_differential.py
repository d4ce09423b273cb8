"""The same random transactions on Fabric and on the embedded ledger must have the same outcome.

Compared for every transaction: the answer or the refusal's text, the read and write sets as they lie in the block (with
versions named by the transaction that wrote them), and the validation code; at the end the whole state.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.blocks import decode_block
from fabric_sdk.errors import EndorseError
from network.topology import TopologySpec, load_spec, spec_to_mapping, template
from tests.e2e.running import require_fabric
from tests.network.embedded.city import City, patiently

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
TRANSACTIONS = int(os.environ.get("CITYCHAIN_DIFFERENTIAL_TRANSACTIONS", "1000"))
SEED = int(os.environ.get("CITYCHAIN_DIFFERENTIAL_SEED", str(random.randrange(1 << 30))))
BUREAU, COPYRIGHT, HEALTH = "DataBureauMSP", "CopyrightMSP", "HealthMSP"
_HEIGHT = re.compile(r"\{BlockNum: \d+, TxNum: \d+\}")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Step:
    """One transaction to endorse and submit; `by` names the endorsing organisations, () for the Gateway's choice."""

    function: str
    args: tuple[str, ...]
    by: tuple[str, ...] = ()
    chaincode: str = "ledger"
    transient: tuple[tuple[str, str], ...] = ()


@dataclass
class Outcome:
    """What became of a step, with nothing in it that differs between networks by nature."""

    refusal: str = ""
    result: str = ""
    code: str = ""
    rwset: list[Any] = field(default_factory=list)


def batches(seed: int, count: int) -> Iterator[list[Step]]:
    """Random transactions over few keys, so that they meet; each batch is endorsed as a whole before it is ordered."""
    chance = random.Random(seed)
    made = 0
    guarded: set[str] = set()
    while made < count:
        batch = [_step(chance) for _ in range(chance.randint(1, 10))]
        # Alone in its batch: what would make the outcome depend on how batches are cut into blocks. A key's policy is
        # that before the block, and goes with the key; and Fabric 3.1.5's peer panics when a block deletes a key and
        # then changes its policy.
        alone = next((s for s in batch if s.function == "SetPolicy" or _deletes(s) in guarded), None)
        if alone is not None:
            batch = [alone]
            if alone.function == "SetPolicy":
                guarded.add(alone.args[0])
        batch = _cut(batch)
        made += len(batch)
        yield batch


def _cut(batch: list[Step]) -> list[Step]:
    """The batch up to the first step that reads a private key which an earlier one may have deleted.

    A key that was not there, deleted once more, has the same version as before in the next block and is a conflict in
    the same one; Fabric waits for its batch time-out where the embedded ledger cuts at once.
    """
    deleted: set[str] = set()
    for position, step in enumerate(batch):
        if step.function in ("CopyPrivate", "GetPrivate") and step.args[1] in deleted:
            return batch[:position]
        if step.function in ("DeletePrivate", "PurgePrivate"):
            deleted.add(step.args[1])
        if step.function == "CopyPrivate":  # nothing copied is a deletion
            deleted.add(step.args[2])
    return batch


def _step(chance: random.Random) -> Step:
    key = f"k{chance.randrange(12)}"
    other = f"k{chance.randrange(12)}"
    value = str(chance.randrange(1000))
    private = f"p{chance.randrange(6)}"
    both = (BUREAU, COPYRIGHT)
    choices: list[tuple[int, Step]] = [
        (20, Step("Put", (key, value))),
        (5, Step("Put", (key, value), (BUREAU,))),
        (5, Step("Put", (key, value), (BUREAU, COPYRIGHT, HEALTH))),
        (8, Step("Put", (key, value), (HEALTH,))),
        (8, Step("Delete", (key,))),
        (12, Step("Increment", (f"n{chance.randrange(4)}",))),
        (6, Step("Move", (key, other))),
        (8, Step("CountRange", (min(key, other), max(key, other) + "~", f"count{value[:1]}"))),
        (4, Step("FirstOfRange", (key, "", "first"))),
        (3, Step("CountRange", ("", "", "all"))),
        (4, Step("PutComposite", ("color", key, other, value))),
        (10, Step("PutPrivateValue", ("open", private, value), both)),
        (4, Step("PutPrivate", ("open", private), (), "ledger", (("value", value),))),
        (4, Step("CopyPrivate", ("open", private, f"p{chance.randrange(6)}"), both)),
        (4, Step("DeletePrivate", ("open", private), both)),
        (2, Step("PurgePrivate", ("open", private), both)),
        (2, Step("PutPrivateValue", ("none", private, value), both)),
        (2, Step("GetPrivate", ("open", private), (HEALTH,))),
        (5, Step("SetPolicy", (key, chance.choice([BUREAU, COPYRIGHT, HEALTH])))),
        (3, Step("Announce", ("news", value))),
        (4, Step("Call", ("single", "Increment", "theirs", ""))),
        (2, Step("Call", ("nowhere", "Get", "x", ""))),
        (2, Step("Fail", (value,))),
        (2, Step("PageAndPut", (key, "", other))),
        (3, Step("PutMany", (f"m{value[:1]}-", str(chance.choice([2, 60, 110])), value))),
        (3, Step("CountRange", ("m", "n", "many"))),
        (2, Step("Increment", ("theirs",), (), "single")),
    ]
    return chance.choices([s for _, s in choices], [w for w, _ in choices])[0]


def _deletes(step: Step) -> str:
    """The key that a step deletes, "" if none."""
    return step.args[0] if step.function in ("Delete", "Move") else ""


class Side:
    """One of the two networks, and what it has done so far."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.outcomes: list[Outcome] = []
        self._names: dict[tuple[int, int], str] = {}
        self._blocks: dict[int, Any] = {}

    def deploy(self) -> None:
        members = f"OR('{BUREAU}.member', '{COPYRIGHT}.member')"
        collection = CollectionConfig("open", members, member_only_read=False, member_only_write=False)
        self.city.deploy("ledger", policy=f"AND('{BUREAU}.peer', '{COPYRIGHT}.peer')", collections=[collection])
        self.city.deploy("single", policy=f"OR('{BUREAU}.peer')")
        for msp_id in self.city.msp_ids:
            patiently(lambda m=msp_id: self.city.contract(msp_id=m).evaluate("WhoAmI"))  # type: ignore[misc]
        patiently(lambda: self.city.contract().new_proposal("Put", "warm", "up").endorse())
        patiently(lambda: self.city.contract().submit("PutPrivate", "open", "warm", transient={"value": "up"}))
        patiently(lambda: self.city.contract("single").new_proposal("Put", "warm", "up").endorse())

    def run(self, batch: list[Step]) -> None:
        submitted: list[tuple[Outcome, Any]] = []
        for step in batch:
            outcome = Outcome()
            self.outcomes.append(outcome)
            contract = self.city.contract(step.chaincode)
            try:
                transaction = contract.new_proposal(
                    step.function, *step.args, transient=dict(step.transient), endorsing_organizations=step.by
                ).endorse()
            except EndorseError as e:
                outcome.refusal = _refusal(e)
                continue
            outcome.result = _HEX.sub("TX", transaction.result.decode())
            submitted.append((outcome, transaction))
        # In order, so that both networks order them alike; how they are cut into blocks does not matter.
        pending = [(outcome, transaction.submit()) for outcome, transaction in submitted]
        newest = 0
        for outcome, commit in pending:
            status = commit.status()
            outcome.code = status.code_name
            newest = max(newest, status.block_number)
            self._note(status.block_number)
        for outcome, commit in pending:
            outcome.rwset = self._sets(commit.transaction_id, commit.status().block_number)
        self._settle(newest)

    def _settle(self, block: int) -> None:
        """Wait until every peer has the block: endorsements must meet the same state."""
        for msp_id in self.city.msp_ids:
            end = time.monotonic() + 30
            while self._height(msp_id) <= block:
                assert time.monotonic() < end, "a peer does not follow"
                time.sleep(0.02)

    def _height(self, msp_id: str) -> int:
        from fabric_protos.common.ledger_pb2 import BlockchainInfo

        contract = self.city.network(msp_id).get_contract("qscc")
        raw = contract.evaluate("GetChainInfo", "citychannel", endorsing_organizations=[msp_id])
        return int(BlockchainInfo.FromString(raw).height)

    def _note(self, number: int) -> None:
        """Give every transaction of a block a name that is the same on both networks."""
        if number in self._blocks:
            return
        qscc = self.city.network().get_contract("qscc")
        block = decode_block(qscc.evaluate("GetBlockByNumber", "citychannel", str(number)))
        self._blocks[number] = block
        for transaction in block.transactions:
            self._names[number, transaction.index] = f"#{len(self._names)}"

    def _sets(self, tx_id: str, number: int) -> list[Any]:
        transaction = next(t for t in self._blocks[number].transactions if t.tx_id == tx_id)
        return [self._namespace(n) for n in transaction.rwset.namespaces]

    def _namespace(self, n: Any) -> Any:
        return {
            "name": n.name,
            "reads": [(r.key, self._version(r.version)) for r in n.reads],
            "writes": [(w.key, w.is_delete, w.value) for w in n.writes],
            "ranges": [
                (
                    q.start_key,
                    q.end_key,
                    q.exhausted,
                    [(r.key, self._version(r.version)) for r in q.reads],
                    (q.merkle_degree, q.merkle_level, len(q.merkle_hashes)),
                )
                for q in n.range_queries
            ],
            "metadata": [(m.key, sorted(m.entries.items())) for m in n.metadata_writes],
            "collections": [
                (
                    c.name,
                    [(r.key_hash, self._version(r.version)) for r in c.reads],
                    [(w.key_hash, w.value_hash, w.is_delete, w.is_purge) for w in c.writes],
                    [m.key_hash for m in c.metadata_writes],
                )
                for c in n.collections
            ],
        }

    def _version(self, version: Any) -> str:
        if version is None:
            return "absent"
        return self._names.get((version.block, version.transaction), "before")

    def state(self) -> dict[str, Any]:
        contract = self.city.contract()
        keys = [f"k{i}" for i in range(12)] + [f"n{i}" for i in range(4)]
        return {
            "public": json.loads(contract.evaluate("Range", "", "")),
            "single": json.loads(self.city.contract("single").evaluate("Range", "", "")),
            "composite": [json.loads(contract.evaluate("Composite", "color", k)) for k in keys[:12]],
            "private": json.loads(contract.evaluate("PrivateRange", "open", "", "")),
            "hashes": [contract.evaluate("PrivateHash", "open", f"p{i}") for i in range(6)],
            "policies": [contract.evaluate("Policy", k) for k in keys],
            "history": [[h.partition(":")[2] for h in json.loads(contract.evaluate("History", k))] for k in keys],
        }


def _refusal(error: EndorseError) -> str:
    text = f"{error.code} {error.status_message} {sorted((d.msp_id, d.message) for d in error.details)}"
    # Over the chaincode stream writes travel in batches and are refused as such.
    text = _HEIGHT.sub("HEIGHT", _HEX.sub("TX", text))
    return text.replace("WRITE_BATCH_STATE failed", "PUT_STATE failed")


def _spec(runtime: str) -> TopologySpec:
    mapping = spec_to_mapping(template("city", runtime=runtime))  # type: ignore[arg-type]
    mapping["organizations"] = mapping["organizations"][:3]
    mapping["channels"][0]["organizations"] = [o["name"] for o in mapping["organizations"]]
    mapping["channels"][0]["batch"]["timeout_ms"] = 50
    return load_spec(mapping)


def test_same_transactions_same_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = _spec("native")
    require_fabric(spec.fabric_version)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    print(f"seed {SEED}, {TRANSACTIONS} transactions")
    with City(tmp_path / "native", spec) as native, City(tmp_path / "embedded", _spec("embedded")) as embedded:
        fabric, ours = Side(native), Side(embedded)
        fabric.deploy()
        ours.deploy()
        steps: list[Step] = []
        for batch in batches(SEED, TRANSACTIONS):
            steps += batch
            fabric.run(batch)
            ours.run(batch)
            first = len(steps) - len(batch)
            for i in range(first, len(steps)):
                assert vars(ours.outcomes[i]) == vars(fabric.outcomes[i]), f"step {i} of seed {SEED}: {steps[i]}"
        assert ours.state() == fabric.state()
        codes = [o.code for o in ours.outcomes]
        assert {"VALID", "MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", "ENDORSEMENT_POLICY_FAILURE"} <= set(codes)
