"""What the interface answers with. These are its promise to programs: services may change, these do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from baas.api.shapes import Moment, Scalar, about
from baas.errors import Text


@dataclass(frozen=True)
class Network:
    """A network of this workspace."""

    ABOUT: ClassVar[Text] = Text("本工作区的一个网络。", "A network of this workspace.")
    name: str
    title: Text
    runtime: str
    phase: str = field(metadata=about("building、ready 或 removing", "building, ready or removing"))
    organizations: tuple[str, ...] = field(metadata=about("各组织的 MSP 编号", "the organisations' MSP ids"))
    channels: tuple[str, ...]
    default: bool
    branch: bool = field(metadata=about("用于试验的分支", "a branch for trying out"))


@dataclass(frozen=True)
class Node:
    """A node now."""

    ABOUT: ClassVar[Text] = Text("一个节点的现况。", "A node now.")
    name: str
    kind: str
    organization: str
    state: str
    heights: Mapping[str, int] = field(metadata=about("各通道的区块数", "blocks by channel"))


@dataclass(frozen=True)
class NetworkState:
    """A network and its nodes now."""

    ABOUT: ClassVar[Text] = Text("一个网络及其节点的现况。", "A network and its nodes now.")
    network: Network
    state: str = field(metadata=about("running、partial、stopped 或 lapsed", "running, partial, stopped or lapsed"))
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Contract:
    """A contract as a channel has it."""

    ABOUT: ClassVar[Text] = Text("通道上的一份合约。", "A contract as a channel has it.")
    name: str
    version: str
    sequence: int
    policy: str = field(metadata=about("背书策略", "its endorsement policy"))


@dataclass(frozen=True)
class Channel:
    """How far a channel's index is."""

    ABOUT: ClassVar[Text] = Text("通道及其索引的进度。", "A channel, and how far its index is.")
    name: str
    indexed: int = field(metadata=about("已索引的区块数", "blocks in the index"))
    height: int | None = field(
        metadata=about("账本的区块数，无节点应答时为 null", "blocks of the ledger; null where no node answers")
    )
    transactions: int
    invalid: int


@dataclass(frozen=True)
class Block:
    """A block."""

    ABOUT: ClassVar[Text] = Text("一个区块；哈希为十六进制。", "A block; hashes are in hex.")
    number: int
    hash: str
    previous_hash: str
    time: Moment
    transactions: int
    invalid: int
    bytes: int


@dataclass(frozen=True)
class Transaction:
    """A transaction of the ledger."""

    ABOUT: ClassVar[Text] = Text("账本上的一笔交易。", "A transaction of the ledger.")
    id: str
    block: int
    index: int
    type: str
    time: Moment
    creator: str = field(metadata=about("签名者：MSP/证书中的名称", "who signed: MSP/common name"))
    contract: str
    function: str
    valid: bool
    code: str = field(metadata=about("Fabric 的校验码", "Fabric's validation code"))
    meaning: Text


@dataclass(frozen=True)
class Endorsement:
    """Who endorsed."""

    ABOUT: ClassVar[Text] = Text("一个背书者。", "Who endorsed.")
    organization: str
    name: str
    fingerprint: str = field(metadata=about("证书的 SHA-256", "the certificate's SHA-256"))


@dataclass(frozen=True)
class Write:
    """A key that was written."""

    ABOUT: ClassVar[Text] = Text(
        "写入的一个键；私有数据的键和值是哈希。", "A key that was written; of private data key and value are hashes."
    )
    contract: str
    collection: str
    key: str
    deleted: bool
    value: bytes


@dataclass(frozen=True)
class TransactionDetail:
    """A transaction with what it did."""

    ABOUT: ClassVar[Text] = Text("一笔交易及其内容。", "A transaction with what it did.")
    transaction: Transaction
    arguments: tuple[bytes, ...]
    endorsements: tuple[Endorsement, ...]
    writes: tuple[Write, ...]


@dataclass(frozen=True)
class KeyVersion:
    """A key's value as one transaction wrote it."""

    ABOUT: ClassVar[Text] = Text("某笔交易写入的键值。", "A key's value as one transaction wrote it.")
    key: str
    block: int
    index: int
    transaction: str
    time: Moment
    deleted: bool
    value: bytes


@dataclass(frozen=True)
class Hit:
    """One thing that a search found."""

    ABOUT: ClassVar[Text] = Text("查找到的一项。", "One thing that a search found.")
    kind: str = field(
        metadata=about("block、transaction、key、contract 或 identity", "block, transaction, key, contract or identity")
    )
    title: str
    subtitle: str
    block: int | None
    transaction: str
    contract: str
    key: str


@dataclass(frozen=True)
class CallResult:
    """What a contract answered."""

    ABOUT: ClassVar[Text] = Text("合约的应答。", "What a contract answered.")
    payload: bytes
    text: str | None = field(metadata=about("应答为 UTF-8 文字时的内容", "the answer as text where it is UTF-8"))
    transaction: str | None = field(metadata=about("已提交的交易编号", "the id of the transaction that was submitted"))
    block: int | None = field(metadata=about("写入的区块", "the block that holds it"))


@dataclass(frozen=True)
class Identity:
    """A certificate and how long it counts."""

    ABOUT: ClassVar[Text] = Text("一份证书及其期限。", "A certificate and how long it counts.")
    label: str
    party: str
    organization: str
    kind: str
    roles: tuple[str, ...]
    fingerprint: str = field(metadata=about("证书的 SHA-256", "the certificate's SHA-256"))
    state: str
    not_before: Moment
    not_after: Moment


@dataclass(frozen=True)
class NodeSample:
    """A node as the monitor saw it."""

    ABOUT: ClassVar[Text] = Text("监控看到的一个节点。", "A node as the monitor saw it.")
    name: str
    organization: str
    state: str
    height: int | None
    behind: int = field(metadata=about("落后几个区块", "how many blocks it is behind"))


@dataclass(frozen=True)
class Sample:
    """What the monitor saw last."""

    ABOUT: ClassVar[Text] = Text(
        "监控最近一次看到的情况；速率为每秒，时延为毫秒。",
        "What the monitor saw last; rates are per second, latencies in milliseconds.",
    )
    at: Moment
    valid_rate: float | None
    invalid_rate: float | None
    block_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    height: int
    disk_free: int = field(metadata=about("剩余磁盘空间（字节）", "free disk space in bytes"))
    nodes: tuple[NodeSample, ...]


@dataclass(frozen=True)
class Point:
    """A step of a series."""

    ABOUT: ClassVar[Text] = Text("曲线上的一段。", "A step of a series.")
    at: Moment
    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Alert:
    """An alert."""

    ABOUT: ClassVar[Text] = Text("一个告警。", "An alert.")
    key: str
    level: str = field(metadata=about("bad 或 warn", "bad or warn"))
    title: Text
    text: Text
    since: Moment
    ended: Moment | None
    taken_by: str
    silent_until: Moment | None


@dataclass(frozen=True)
class AuditEntry:
    """Something that was done, or asked for."""

    ABOUT: ClassVar[Text] = Text("做过或请求过的一件事。", "Something that was done, or asked for.")
    line: int
    at: Moment
    who: str
    party: str
    door: str
    what: str
    asks: tuple[str, ...]
    on: Mapping[str, str]
    outcome: str = field(metadata=about("ok 或拒绝的代码", "ok, or a refusal's code"))


@dataclass(frozen=True)
class AuditCheck:
    """Whether the audit log is whole."""

    ABOUT: ClassVar[Text] = Text("审计记录是否完整。", "Whether the audit log is whole.")
    whole: bool
    lines: int
    head: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """The token that asks."""

    ABOUT: ClassVar[Text] = Text("请求所用的令牌。", "The token that asks.")
    id: str
    name: str
    scopes: tuple[str, ...]
    network: str | None = field(metadata=about("限定的网络，null 为全部", "the only network it reaches; null for all"))
    identity: str
    contracts: tuple[str, ...] = field(
        metadata=about("限定的合约，空为全部", "the only contracts it may call; none named: all")
    )
    per_second: float
    expires: Moment


@dataclass(frozen=True)
class JobError:
    """Why a job failed."""

    ABOUT: ClassVar[Text] = Text("任务失败的原因。", "Why a job failed.")
    code: str
    detail: Text
    hint: Text | None


@dataclass(frozen=True)
class Job:
    """Work that takes longer than a request."""

    ABOUT: ClassVar[Text] = Text("比一次请求更久的工作。", "Work that takes longer than a request.")
    id: str
    operation: str
    state: str = field(
        metadata=about("queued、running、done、failed 或 cancelled", "queued, running, done, failed or cancelled")
    )
    step: Text | None = field(metadata=about("正在做什么", "what it is doing"))
    done: float = field(metadata=about("当前步骤完成的份数", "how much of the step is done"))
    total: float = field(metadata=about("当前步骤的总份数，0 为未知", "of how much; 0 where nobody knows"))
    created: Moment
    finished: Moment | None
    error: JobError | None
    result: Mapping[str, Scalar] | None = field(metadata=about("完成后的结果", "what came of it, once it is done"))


@dataclass(frozen=True)
class End:
    """The last event of a stream."""

    ABOUT: ClassVar[Text] = Text(
        "推送的最后一个事件：complete、come_again、token_ended 或错误代码。",
        "The last event of a stream: complete, come_again, token_ended or an error's code.",
    )
    code: str


@dataclass(frozen=True)
class Problem:
    """Why a request was refused (RFC 9457)."""

    ABOUT: ClassVar[Text] = Text("请求被拒绝的原因（RFC 9457）。", "Why a request was refused (RFC 9457).")
    type: str
    title: str
    status: int
    detail: str
    code: str = field(metadata=about("稳定的代码，供程序判断", "a stable code for programs"))
