"""A contract as an application calls it: signed by a person's certificate, JSON in and out, refusals in words.

One client for all: it tries again when another transaction was faster, and before it asks a peer of a real network it
waits until that peer has what this client committed (a commit status speaks for the Gateway's own peer only). The
nodes of the embedded ledger share their state, so there is nothing to wait for.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from apps.kit.refusals import REASONS, RETRY_CODES, pointed
from baas.errors import LedgerError, Text, Unavailable, contract_code, translating
from fabric_sdk.errors import CommitError, FabricError

if TYPE_CHECKING:
    from baas.applications import FirstCall
    from baas.platform import Platform
    from fabric_sdk.gateway import Contract, Network
    from network.topology import TopologySpec

T = TypeVar("T")
ATTEMPTS = 6
PATIENT_ATTEMPTS = 100
CATCH_UP_S = 15.0
UNHEARD = "failed to find any endorsing peers"
"""How Fabric's Gateway says that gossip has not told its peer yet who runs a contract (`baas.services.endorsers`)."""


@dataclass(frozen=True)
class Committed(Generic[T]):
    """Something that is on the ledger now: the transaction, its block and what the contract answered."""

    tx_id: str
    block: int
    value: T


class LedgerClient:
    """Calls to one contract on one network. `signer` is the label of an identity of the workspace: who signs.

    `words` are the contract's refusals for people, `steps` what to do next after them, `at` the fields of a form at
    which they stand. `first_call` makes what a contract that is not set up is told, `queries` are the functions that
    only read; `committed` is what an application calls a commit.
    """

    committed: type[Committed[Any]] = Committed
    once: frozenset[str] = frozenset()
    """Functions that are not tried again as they are when another transaction was faster."""
    patient: frozenset[str] = frozenset()
    """Functions that all callers meet at one key, such as a counter: tried again longer, a little apart."""

    def __init__(
        self,
        platform: Platform,
        network: str,
        contract: str,
        *,
        words: Mapping[str, Text],
        titles: Mapping[str, Text] | Callable[[], Mapping[str, Text]] = dict,
        reasons: Iterable[tuple[str, str]] = REASONS,
        retry: frozenset[str] = RETRY_CODES,
        first_call: Callable[[TopologySpec], FirstCall] | None = None,
        queries: Callable[[], frozenset[str]] = frozenset,
        steps: Mapping[str, Text] | None = None,
        at: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.platform = platform
        self.network = platform.networks.resolve(network)
        self.spec = platform.networks.spec(self.network)
        self.contract = contract
        self._words, self._titles, self._reasons, self._retry = words, titles, tuple(reasons), retry
        self._one_process = self.spec.runtime == "embedded"
        self._committed = -1
        self._reached: dict[str, int] = {}
        self._named: dict[str, str] = {}
        self._unmade: dict[str, Callable[[], object]] = {}
        self._first_call = first_call(self.spec) if first_call else None
        self._queries, self._steps, self._at = queries, steps, at

    def label(self, signer: str) -> str:
        """The identity whose key signs."""
        return signer

    def made_later(self, label: str, make: Callable[[], object]) -> None:
        """An identity that `make` issues when it first signs; until then its organisation's administrator reads."""
        self._unmade[label] = make

    def make(self, signer: str) -> None:
        """Issue the identity that signs next, where it is none yet."""
        make = self._unmade.pop(self.label(signer), None)
        if make is not None:
            make()

    def _unissued(self, label: str) -> bool:
        """Whether an identity that is made later is still none: another page or program may have made it meanwhile."""
        msp_id, _, name = label.partition("/")
        if label in self._unmade and self.platform.identities.is_issued(msp_id, name, network=self.network):
            self.make(label)
        return label in self._unmade

    def evaluate(
        self, signer: str, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Any:
        """Ask the contract (the peers of the MSP `only` names); the decoded JSON answer.

        Whoever asks writes nothing: of a contract that is not set up the refusal says whose business that is.
        """
        more: dict[str, Any] = {"transient": dict(transient)} if transient else {}
        if only:
            more["endorsing_organizations"] = (only,)
        try:
            return self._asked(signer, function, args, more)
        except LedgerError as error:
            if error.code == "not_configured" and self._first_call is not None:
                error.hint = self._way_out(self._first_call)
            raise

    def to_set_up(self, signer: str) -> FirstCall | None:
        """The call that the contract still waits for before anything else; None where it is set up."""
        call = self._first_call
        if call is not None:
            try:
                self._asked(signer, call.question, ())
            except LedgerError as error:
                if error.code != "not_configured":
                    raise
                return call
        return None

    def _way_out(self, call: FirstCall) -> Text:
        return Text(
            "请 {m} 的管理员完成初始设置：在控制台打开这个应用，或执行 citychain chaincode deploy {c}"
            "（合约已部署时只补做这一步）。",
            "Ask an administrator of {m} to set it up: open the application in the console, or run citychain chaincode "
            "deploy {c} (which does only this where the contract is deployed).",
            m=call.msp_id,
            c=self.contract,
        )

    def _asked(self, signer: str, function: str, args: Sequence[Any], more: Mapping[str, Any] | None = None) -> Any:
        self.before(signer)
        self._catch_up(signer)
        contract = self._opened(signer)
        try:
            with translating(words=self._words):
                return decode(contract.evaluate(function, *(encode(one) for one in args), **(more or {})))
        except LedgerError as error:
            raise self._pointed(error) from error

    def configure(self) -> None:
        """Set the contract up where deploying it did not, as when other organisations deployed it."""
        call, self._first_call = self._first_call, None
        if call is None:
            return
        actor = self.platform.identities.acting(self.network)
        signer = actor.label if actor.msp_id else f"{call.msp_id}/admin"
        try:
            self._asked(signer, call.question, ())
        except LedgerError as error:
            if error.code != "not_configured":
                self._first_call = call
                raise
            try:
                self._sent(signer, call.function, call.arguments, {}, ())
            except LedgerError as refusal:
                self._first_call = call
                if refusal.code != "forbidden":
                    raise
                error.hint = self._way_out(call)
                raise error from refusal

    def submit(
        self,
        signer: str,
        function: str,
        *args: Any,
        transient: Mapping[str, bytes] | None = None,
        only: str = "",
    ) -> Committed[Any]:
        """Commit a call; tries again when another transaction was faster. `only` names the one endorsing MSP."""
        self.configure()
        return self._sent(signer, function, args, transient or {}, (only,) if only else ())

    def _sent(
        self, signer: str, function: str, args: Sequence[Any], transient: Mapping[str, bytes], endorsers: Sequence[str]
    ) -> Committed[Any]:
        self.make(signer)
        self.platform.session.note(f"{self.contract}:{function}", self._signing(signer))
        contract = self._opened(signer)
        self.before(signer)
        wire = [encode(one) for one in args]
        patient = function in self.patient
        attempts = 1 if function in self.once else PATIENT_ATTEMPTS if patient else ATTEMPTS
        for attempt in range(attempts):
            self._catch_up(signer)
            try:
                with translating(words=self._words):
                    endorsed = contract.endorse(
                        function, *wire, transient=dict(transient), endorsing_organizations=endorsers
                    )
                    answer = decode(endorsed.result)
                    if not self.changes(function, answer):
                        return self.committed(endorsed.transaction_id, self._committed, answer)
                    sent = endorsed.submit()
                    status = sent.status()
                    if not status.successful:
                        raise CommitError(sent.transaction_id, status.code, status.code_name, status.block_number)
                    self._committed = max(self._committed, status.block_number)
                    return self.committed(sent.transaction_id, status.block_number, answer)
            except Unavailable as error:
                if attempt == attempts - 1 or not self._unheard(error):
                    raise
                time.sleep(0.1 * (attempt + 1))
            except LedgerError as error:
                if attempt == 0 and self.mended(signer, error):
                    continue
                last = attempt == attempts - 1
                if last or not (self._passing(error) or self._outrun(contract, error, function, wire, transient)):
                    raise self._pointed(error) from error
                if patient:
                    time.sleep(random.uniform(0, min(1.0, 0.02 * (attempt + 1))))
                elif not self._one_process:
                    time.sleep(0.1 * (attempt + 1))
        raise AssertionError("unreachable")

    def _signing(self, signer: str) -> str:
        """How the ledger names whoever signs, "" for the acting person."""
        if self.platform.session.actor.msp_id:
            return ""
        label = self.label(signer)
        if self._unissued(label):
            return label
        if label not in self._named:
            self._named[label] = self.platform.identities.party(label, self.network)
        return self._named[label]

    def changes(self, function: str, answer: Any) -> bool:
        """Whether a call that was endorsed with this answer has anything to be ordered for."""
        return True

    def before(self, signer: str) -> None:
        """Called before each call: what an application must know first, such as the peers' clock."""

    def mended(self, signer: str, error: LedgerError) -> bool:
        """Whether the cause of a refusal could be mended here, so that the call is tried once more."""
        return False

    def _passing(self, error: LedgerError) -> bool:
        """Whether the same call may succeed when it is tried again: another transaction or peer was faster."""
        said = [str(error.details.get("text", "")), *(e["message"] for e in error.endpoints)]
        return error.code in self._retry or any("ProposalResponsePayloads do not match" in text for text in said)

    def _unheard(self, error: Unavailable) -> bool:
        """Whether the Gateway's peer has not heard yet who runs the contract; embedded ones know at once."""
        return not self._one_process and UNHEARD in str(error.details.get("text", ""))

    def _outrun(
        self, contract: Contract, error: LedgerError, function: str, wire: Sequence[Any], transient: Mapping[str, bytes]
    ) -> bool:
        """Whether another organisation's peer refused what the signer's own one, which has all this client committed,
        would do: then it lacks the last blocks, and may say yes in a moment."""
        if self._one_process or self._committed < 0 or not contract_code(error):
            return False
        try:
            contract.evaluate(function, *wire, transient=dict(transient))
        except FabricError:
            return False
        return True

    def _pointed(self, error: LedgerError) -> LedgerError:
        """A refusal with its field, its whole sentence and the next step."""
        titles = self._titles() if callable(self._titles) else self._titles
        return pointed(error, titles, self._reasons, self._steps, self._at)

    def _catch_up(self, signer: str) -> None:
        if self._one_process:
            return
        msp_id = self.label(signer).partition("/")[0]
        if self._reached.get(msp_id, 0) <= self._committed:
            self._reached[msp_id] = self.height(signer, self._committed + 1)

    @property
    def committed_height(self) -> int:
        """The height that a peer has which knows all that this client committed."""
        return self._committed + 1

    def height(self, signer: str, wanted: int = 0) -> int:
        """The height of the signer's peer, as soon as it is `wanted`; what it is after some seconds otherwise."""
        from fabric_protos.common.ledger_pb2 import BlockchainInfo

        deadline = time.monotonic() + CATCH_UP_S
        network = self.connected(signer)
        while True:
            with translating():
                answer = network.get_contract("qscc").evaluate("GetChainInfo", network.name)
            height = int(BlockchainInfo.FromString(answer).height)
            if height >= wanted or time.monotonic() > deadline:
                return height
            time.sleep(0.05)

    def _opened(self, signer: str) -> Contract:
        """The contract, told which functions only read: those are never submitted."""
        return self.connected(signer).get_contract(self.contract, queries=self._queries())

    def connected(self, signer: str) -> Network:
        """The network as an identity of the workspace sees it."""
        label = self.label(signer)
        reader = f"{label.partition('/')[0]}/admin" if self._unissued(label) else label
        with translating():
            return self.platform.networks.connect(self.network, reader)


def encode(value: Any) -> str | bytes:
    """An argument as contracts read it: text raw, everything else JSON."""
    if isinstance(value, str | bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(data: bytes) -> Any:
    """A result: JSON where it is, text otherwise, None for nothing."""
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()
