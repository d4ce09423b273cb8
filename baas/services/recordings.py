"""Calls of a contract recorded as a test: kept as a file, replayed against a network, compared with what was answered.

A recording holds no private keys and, unless asked for, no transient data (it often is personal data); calls that need
it are then skipped at replay. What a network makes anew each time is not compared: transaction ids, times, and whatever
holds the id of a recorded transaction. An answer that a later call used as its argument (an id, say) is used as this
network gave it now, so that a recording can be replayed on another network.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from baas.errors import CityChainError, LedgerError, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.json_differences import Difference, differences, is_time
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.services.contracts import ContractService
    from baas.services.lifecycle_model import InvokeResult

FORMAT = "citychain-recording/1"
MAX_BYTES = 16 * 1024 * 1024
MAX_CALLS = 10_000
Kind = Literal["query", "invoke"]
Verdict = Literal["same", "different", "skipped"]


@dataclass(frozen=True)
class RecordedCall:
    """One call and its answer. `refusal` is "" or the contract's or network's code; `transient` None when left out."""

    kind: Kind
    function: str
    arguments: tuple[str, ...]
    identity: str = ""
    transient: Mapping[str, str] | None = field(default_factory=dict)
    payload: bytes = b""
    tx_id: str = ""
    refusal: str = ""
    said: str = ""


@dataclass(frozen=True)
class Recording:
    """Calls of one contract in their order; `recorded` is seconds since the epoch."""

    contract: str
    version: str
    network: str
    recorded: float
    calls: tuple[RecordedCall, ...] = ()

    def added(self, call: RecordedCall) -> Recording:
        return replace(self, calls=(*self.calls, call))


@dataclass(frozen=True)
class ReplayedCall:
    """One call replayed: what differs, and what was answered now."""

    number: int
    call: RecordedCall
    verdict: Verdict
    now: RecordedCall | None = None
    differences: tuple[Difference, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True)
class Replay:
    """The outcome of a whole recording."""

    contract: str
    network: str
    results: tuple[ReplayedCall, ...]

    def count(self, verdict: Verdict) -> int:
        return sum(1 for result in self.results if result.verdict == verdict)

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.count("different")


def perform(
    contracts: ContractService,
    network: str,
    contract: str,
    call: RecordedCall,
) -> RecordedCall:
    """Make `call` now and return it with its answer; a refusal is an answer, a network that is gone is raised."""
    transient = {key: value.encode() for key, value in (call.transient or {}).items()}
    make = contracts.query if call.kind == "query" else contracts.invoke
    try:
        result = make(
            network, contract, call.function, list(call.arguments), transient=transient, identity=call.identity
        )
    except LedgerError as error:
        return refused(call, error)
    return answered(call, result)


def answered(call: RecordedCall, result: InvokeResult) -> RecordedCall:
    """`call` with what answered it."""
    return replace(call, payload=result.payload, tx_id=result.tx_id, refusal="", said="")


def refused(call: RecordedCall, error: CityChainError) -> RecordedCall:
    """`call` with the refusal that answered it."""
    said = str(error.details.get("contract_message") or error.message)
    return replace(call, payload=b"", tx_id=str(getattr(error, "tx_id", "")), refusal=error.code, said=said)


# -- files -------------------------------------------------------------------------------------------


def save(recording: Recording, target: Path, *, with_transient: bool = False) -> None:
    """Write a recording as JSON, whole or not at all; transient data only when asked for."""
    from network.vault import write_private

    document = {
        "format": FORMAT,
        "contract": recording.contract,
        "version": recording.version,
        "network": recording.network,
        "recorded": recording.recorded,
        "calls": [_written(call, with_transient) for call in recording.calls],
    }
    with translating():
        write_private(target, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())


def load(source: Path) -> Recording:
    """Read a recording; `UserError` when the file is something else, too large or damaged."""
    with translating():
        data = source.read_bytes() if source.stat().st_size <= MAX_BYTES else b""
    try:
        document: dict[str, Any] = json.loads(data)
        if document["format"] != FORMAT or len(document["calls"]) > MAX_CALLS:
            raise ValueError("another format")
        return Recording(
            _text(document["contract"]),
            _text(document["version"]),
            _text(document["network"]),
            float(document["recorded"]),
            tuple(_read(entry) for entry in document["calls"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            Text("{f} 不是调用录制文件，或已损坏。", "{f} is not a recording, or is damaged.", f=source.name),
            Text("请选择“保存录制”得到的文件。", "Choose a file that a recording was saved to."),
            code="bad_recording",
        ) from error


def append(target: Path, recording: Recording, call: RecordedCall) -> None:
    """Add one call to the recording in `target`, made when there is none; `UserError` for another contract's."""
    kept = load(target) if target.exists() else recording
    if kept.contract != recording.contract:
        raise UserError(
            Text("这个文件录的是合约 {c}。", "The file records the contract {c}.", c=kept.contract),
            Text("请换一个文件名。", "Choose another file."),
            code="other_contract",
        )
    save(kept.added(call), target, with_transient=any(c.transient for c in kept.calls))


def _written(call: RecordedCall, with_transient: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": call.kind, "function": call.function, "arguments": list(call.arguments)}
    if call.identity:
        entry["identity"] = call.identity
    if call.transient or call.transient is None:
        entry["transient"] = dict(call.transient) if with_transient and call.transient else None
    if call.tx_id:
        entry["tx_id"] = call.tx_id
    if call.refusal:
        entry |= {"refusal": call.refusal, "said": call.said}
    try:
        entry["payload"] = call.payload.decode("utf-8")
    except UnicodeDecodeError:
        entry["payload_base64"] = base64.b64encode(call.payload).decode()
    return entry


def _read(entry: dict[str, Any]) -> RecordedCall:
    if entry["kind"] not in ("query", "invoke"):
        raise ValueError("no such kind of call")
    transient = entry.get("transient", {})
    coded = entry.get("payload_base64")
    return RecordedCall(
        cast(Kind, entry["kind"]),
        _text(entry["function"]),
        tuple(_text(a) for a in entry["arguments"]),
        _text(entry.get("identity", "")),
        None if transient is None else {_text(k): _text(v) for k, v in transient.items()},
        base64.b64decode(coded, validate=True) if coded is not None else _text(entry.get("payload", "")).encode(),
        _text(entry.get("tx_id", "")),
        _text(entry.get("refusal", "")),
        _text(entry.get("said", "")),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


# -- replay ------------------------------------------------------------------------------------------


def replay(
    contracts: ContractService,
    recording: Recording,
    network: str,
    *,
    identity: str = "",
    identities: Sequence[str] = (),
    ctx: JobContext = NULL_CONTEXT,
) -> Replay:
    """Make every call again on `network` and say what is answered differently.

    `identity` signs all calls; else each is signed by the identity that made it, if it is among `identities` (those
    whose keys are here), or by the acting person.
    """
    results: list[ReplayedCall] = []
    known: list[tuple[RecordedCall, RecordedCall]] = []
    ctx.step("replay", Text("重放 {n} 次调用", "Replay {n} calls", n=len(recording.calls)))
    for number, call in enumerate(recording.calls, 1):
        ctx.check_cancelled()
        ctx.progress(number - 1, len(recording.calls), call.function)
        if call.transient is None:
            words = Text("录制中没有保存瞬态数据。", "The recording holds no transient data.")
            results.append(ReplayedCall(number, call, "skipped", reason=words))
            continue
        who = identity or (call.identity if call.identity in identities else "")
        wanted = replace(call, identity=who, arguments=tuple(_carried(a, known) for a in call.arguments))
        now = perform(contracts, network, recording.contract, wanted)
        known.append((call, now))
        found = compare(call, now, known)
        results.append(ReplayedCall(number, call, "different" if found else "same", now, found))
    ctx.progress(len(recording.calls), len(recording.calls), "")
    return Replay(recording.contract, network, tuple(results))


def compare(
    recorded: RecordedCall, now: RecordedCall, known: Sequence[tuple[RecordedCall, RecordedCall]] = ()
) -> tuple[Difference, ...]:
    """What `now` answers otherwise than was recorded; ids of the transactions in `known` stand for each other."""
    if recorded.refusal != now.refusal:
        return (Difference("", recorded.refusal or "ok", now.refusal or "ok"),)
    ids = {before.tx_id: after.tx_id for before, after in known if before.tx_id and after.tx_id}
    if recorded.refusal:
        said = _renamed(recorded.said, ids)
        return () if said == now.said else (Difference("", said, now.said),)
    before, after = _value(recorded.payload), _value(now.payload)
    names = ids | _answers(known)
    return differences(before, after, lambda text: _renamed(text, names), _both_times)


def _both_times(one: Any, other: Any) -> bool:
    """Whether two values are moments: RFC 3339 texts, or seconds or milliseconds since 1970 between 2020 and 2100."""
    if is_time(one) and is_time(other):
        return True
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (one, other))
    return numbers and any(
        all(low <= v <= high for v in (one, other)) for low, high in ((1.577e9, 4.1e9), (1.577e12, 4.1e12))
    )


def _carried(argument: str, known: Sequence[tuple[RecordedCall, RecordedCall]]) -> str:
    """An argument in which what earlier calls answered then is replaced by what they answered now."""
    return _renamed(argument, {b.tx_id: n.tx_id for b, n in known if b.tx_id and n.tx_id} | _answers(known))


def _answers(known: Sequence[tuple[RecordedCall, RecordedCall]]) -> dict[str, str]:
    """Texts of eight characters or more that a call answered then, with what the same place holds now."""
    found: dict[str, str] = {}
    for before, after in known:
        if before.payload != after.payload and before.kind == "invoke":
            _pair(_value(before.payload), _value(after.payload), found)
    return found


def _pair(before: Any, after: Any, found: dict[str, str]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() & after.keys():
            _pair(before[key], after[key], found)
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after, strict=False):
            _pair(one, other, found)
    elif isinstance(before, str) and isinstance(after, str) and before != after and len(before) >= 8:
        found.setdefault(before, after)


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for old in sorted(names, key=len, reverse=True):
        text = text.replace(old, names[old])
    return text


def _value(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload.decode("utf-8", "replace")


def begin(contract: str, version: str, network: str) -> Recording:
    """A new recording without calls."""
    return Recording(contract, version, network, clock.seconds())
