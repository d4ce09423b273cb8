"""Which knob limits, by the figures of a load test alone.

Each rule looks for one knob's own trace and says with which figures it was found; the first that finds one names it.
What refuses or undoes calls goes before what makes them wait, and what waits by a setting before what computes: on a
machine that others keep busy, processors are always full.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from baas.monitoring.load.figures import MISMATCH, Setting, Step, Verdict
from network.text import Text

TURNED_AWAY = "RESOURCE_EXHAUSTED"
CONFLICTS = ("MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", MISMATCH)
_LIMIT = re.compile(r"requests for (\S+?),? exceeding concurrency limit \((\d+)\)")
REFUSED, CONFLICTING, FAILING = 0.02, 0.1, 0.05
"""From which share of the calls on refusals, conflicts and other failures limit."""
HALF, FULL, BUSY = 0.5, 0.9, 0.7
MATTERS = 0.4
SLOW_CONTRACT_MS, SLOW_DISK_MS, TIMES = 20.0, 20.0, 5.0

Rule = Callable[[Sequence[Step], Step, Setting], Verdict | None]


def judge(steps: Sequence[Step], setting: Setting) -> Verdict:
    """What limited the network in these steps, which had more and more calls under way."""
    best = max(steps, key=lambda step: step.per_second)
    for rule in RULES:
        found = rule(steps, best, setting)
        if found is not None:
            return found
    return Verdict(
        "none",
        Text("没有碰到限制", "Nothing limits yet"),
        Text(
            "{c} 个并发时每秒 {t} 笔，p95 {p} 毫秒，{f} 笔失败，处理器还有余量。",
            "With {c} under way {t} a second, p95 {p} ms, {f} failed, and processors have room.",
            c=best.clients,
            t=f"{best.per_second:.0f}",
            p=f"{best.p95_ms:.0f}",
            f=sum(best.errors.values()),
        ),
        Text("可用更多并发再测。", "Test again with more under way."),
    )


def _concurrency(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    worst = max(steps, key=lambda step: step.share(TURNED_AWAY))
    if worst.share(TURNED_AWAY) < REFUSED or worst.share(TURNED_AWAY) < _conflicts(worst):
        return None
    said = worst.said.get(TURNED_AWAY, "")
    match = _LIMIT.search(said)
    service, most = (match[1].lstrip("/"), match[2]) if match else ("?", "?")
    option = {
        "gateway.Gateway": "gatewayService",
        "protos.Endorser": "endorserService",
        "protos.Deliver": "deliverService",
    }
    where = (
        Text("内置账本 node.json 的 limits", "`limits` in the embedded ledger's node.json")
        if setting.runtime == "embedded"
        else Text(
            "节点 core.yaml 的 peer.limits.concurrency.{o}",
            "peer.limits.concurrency.{o} in the peer's core.yaml",
            o=option.get(service, service),
        )
    )
    return Verdict(
        "concurrency",
        Text("并发上限（{s}：{n}）", "The limit of concurrent calls ({s}: {n})", s=service, n=most),
        Text(
            "{c} 个并发时，{p} 的请求被拒绝：“{w}”。",
            "With {c} under way, {p} of the calls were turned away: {w}.",
            c=worst.clients,
            p=_percent(worst.share(TURNED_AWAY)),
            w=said[:160],
        ),
        Text("提高{w}，或减少并发。", "Raise {w}, or call less at a time.", w=where),
    )


def _conflicting(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    worst = max(steps, key=_conflicts)
    if _conflicts(worst) < CONFLICTING:
        return None
    codes = {code: worst.errors[code] for code in CONFLICTS if worst.errors.get(code)}
    return Verdict(
        "conflicts",
        Text("合约写同一个键（MVCC 冲突）", "The contract's calls write the same key (MVCC conflicts)"),
        Text(
            "{c} 个并发时，{p} 的交易作废：{k}。",
            "With {c} under way, {p} of the transactions came to nothing: {k}.",
            c=worst.clients,
            p=_percent(_conflicts(worst)),
            k=", ".join(f"{code} × {count}" for code, count in codes.items()),
        ),
        Text(
            "让合约每笔写各自的键（例如用交易号作键，读取时汇总），不要共用计数器。",
            "Let each call write a key of its own (the transaction's id in it, added up when read), no shared counter.",
        ),
    )


def _failing(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    def share(step: Step) -> float:
        return sum(step.share(code) for code in step.errors if code not in (TURNED_AWAY, *CONFLICTS))

    worst = max(steps, key=share)
    if share(worst) < FAILING:
        return None
    code = max((c for c in worst.errors if c not in (TURNED_AWAY, *CONFLICTS)), key=lambda c: worst.errors[c])
    return Verdict(
        "failures",
        Text("调用失败（{c}）", "Calls fail ({c})", c=code),
        Text(
            "{n} 个并发时，{p} 的调用失败：“{w}”。",
            "With {n} under way, {p} of the calls fail: {w}.",
            n=worst.clients,
            p=_percent(share(worst)),
            w=worst.said.get(code, "")[:160] or code,
        ),
        Text("先让调用成功，再看速度。", "Let the calls succeed first; speed comes after."),
    )


def _timeout(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    full = best.in_block >= FULL * setting.max_messages
    waits = best.commit_ms >= max(HALF * best.p50_ms, MATTERS * setting.timeout_ms)
    waits = waits and setting.timeout_ms >= MATTERS * best.p50_ms  # else turning it would change little
    if not setting.waits or full or not waits or _own(best) >= BUSY * setting.cores:
        return None
    return Verdict(
        "batch_timeout",
        Text("出块超时（{t} 毫秒）", "The batch timeout ({t} ms)", t=f"{setting.timeout_ms:.0f}"),
        Text(
            "一笔交易 {w} 毫秒中有 {c} 毫秒在等出块；每块 {n} 笔，上限 {m} 笔，等满时限才出块。",
            "Of a transaction's {w} ms {c} ms are waiting for its block; a block has {n} of at most {m} transactions, "
            "so that it is cut by the clock.",
            w=f"{best.p50_ms:.0f}",
            c=f"{best.commit_ms:.0f}",
            n=f"{best.in_block:.0f}",
            m=setting.max_messages,
        ),
        Text(
            "把 BatchTimeout 调小（例如 200 毫秒），或把 MaxMessageCount 调到接近每块的实际笔数。",
            "Lower BatchTimeout (to 200 ms, say), or MaxMessageCount to about what blocks really hold.",
        ),
    )


def _size(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    full = best.in_block >= FULL * setting.max_messages and best.clients >= 2 * setting.max_messages
    if not full or best.commit_ms < HALF * best.p50_ms or _own(best) >= BUSY * setting.cores:
        return None
    return Verdict(
        "batch_size",
        Text("每块笔数上限（{m}）", "The batch size ({m})", m=setting.max_messages),
        Text(
            "每块都装满：{b} 块，平均 {n} 笔；一笔交易 {w} 毫秒中有 {c} 毫秒在排队等块。",
            "Every block is full: {b} blocks of {n} on average; of a transaction's {w} ms it queues for {c} ms.",
            b=best.blocks,
            n=f"{best.in_block:.1f}",
            w=f"{best.p50_ms:.0f}",
            c=f"{best.commit_ms:.0f}",
        ),
        Text("把 MaxMessageCount 调大（例如 100 到 500）。", "Raise MaxMessageCount (to 100 to 500, say)."),
    )


def _contract(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    first = steps[0]
    slow = first.endorse_ms >= max(SLOW_CONTRACT_MS, TIMES * setting.query_ms)
    if not slow or best.endorse_ms < HALF * best.p50_ms:
        return None
    return Verdict(
        "contract",
        Text("合约自身慢", "The contract itself is slow"),
        Text(
            "单个调用背书要 {e} 毫秒，同一节点的普通查询只要 {q} 毫秒。",
            "Endorsing a single call takes {e} ms, a plain question to the same peer {q} ms.",
            e=f"{first.endorse_ms:.0f}",
            q=f"{setting.query_ms:.1f}",
        ),
        Text(
            "检查合约：循环读键、富查询、外部等待；把逐键读取改成区间读取。",
            "Look at the contract: reads in loops, rich queries, waiting for others; read ranges, not single keys.",
        ),
    )


def _disk(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    if best.disk_ms < SLOW_DISK_MS or best.commit_ms < HALF * best.p50_ms or _own(best) >= BUSY * setting.cores:
        return None
    return Verdict(
        "disk",
        Text("磁盘写入慢", "The disk is slow"),
        Text(
            "一次落盘写入要 {d} 毫秒；一笔交易 {w} 毫秒中有 {c} 毫秒在等提交。",
            "A durable write takes {d} ms; of a transaction's {w} ms {c} ms are waiting for the commit.",
            d=f"{best.disk_ms:.0f}",
            w=f"{best.p50_ms:.0f}",
            c=f"{best.commit_ms:.0f}",
        ),
        Text("把工作区放到更快的磁盘（SSD）。", "Put the workspace onto a faster disk (an SSD)."),
    )


def _cpu(steps: Sequence[Step], best: Step, setting: Setting) -> Verdict | None:
    one_core = setting.runtime == "embedded" and best.node_cpu >= BUSY
    if best.client_cpu >= FULL:
        who = Text("压测程序自身占满一个核心", "this load generator itself uses a core up")
        change = Text(
            "这是本机能发出的极限；要压得更狠，请在另一台机器上运行。",
            "This is what this machine can send; to press harder, run it on another machine.",
        )
    elif one_core or _own(best) >= BUSY * setting.cores:
        who = Text("节点在计算签名与校验", "the nodes compute signatures and checks")
        change = Text(
            "换更快或更多的核心，或把节点分到多台机器。", "Use faster or more cores, or put nodes onto more machines."
        )
    elif best.machine_cpu >= FULL:
        who = Text("本机其他程序占用处理器", "other programs keep this machine busy")
        change = Text("让机器空下来再测。", "Test again when the machine is idle.")
    else:
        return None
    return Verdict(
        "cpu",
        Text("处理器", "Processors"),
        Text(
            "每秒 {t} 笔时：节点用 {n} 个核心，压测程序 {c} 个，全机 {m}（{k} 核）；{w}。",
            "At {t} a second the nodes use {n} cores, the load generator {c}, the machine {m} of its {k}: {w}.",
            t=f"{best.per_second:.0f}",
            n=f"{best.node_cpu:.2f}",
            c=f"{best.client_cpu:.2f}",
            m=_percent(best.machine_cpu),
            k=setting.cores,
            w=who,
        ),
        change,
    )


RULES: tuple[Rule, ...] = (_concurrency, _conflicting, _failing, _timeout, _size, _contract, _disk, _cpu)


def _conflicts(step: Step) -> float:
    return sum(step.share(code) for code in CONFLICTS)


def _own(step: Step) -> float:
    """Cores that the test and the network use."""
    return step.node_cpu + step.client_cpu


def _percent(share: float) -> str:
    return f"{share:.0%}"
