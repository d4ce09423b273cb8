"""Is everything as it should be: this machine, the workspace, its networks; each finding with a next step.

Works without opening the workspace for writing, so that it can be asked while the console runs, and on a machine where
nothing has been made yet.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import platform as machine
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from baas.applications import load
from baas.errors import CityChainError, Text, render
from baas.ledger_clock import check_machine
from baas.workspace import MINIMUM_FREE_BYTES
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.platform import Platform

CheckState = Literal["ok", "info", "warn", "bad"]
LOW_SPACE_BYTES = 1024**3


@dataclass(frozen=True)
class Check:
    """One finding. `id` is stable for programs; `hint` is the next step, None when there is nothing to do."""

    id: str
    title: Text
    state: CheckState
    detail: Text
    hint: Text | None = None


def examine(folder: Path, platform: Platform | None = None) -> tuple[Check, ...]:
    """Every check, the machine's first. `platform` is an opened one (the console's); else the folder is only read."""
    checks = [_python(), _packages(), machine_clock(), *_folder(folder)]
    if platform is not None:
        checks += _of_platform(platform)
    elif (folder / "citychain.db").is_file():
        from baas.platform import Platform as Opened

        try:
            with Opened.open(folder, create=False, read_only=True) as opened:
                checks += _of_platform(opened)
        except CityChainError as error:
            checks.append(_failed("workspace", Text("打开工作区", "Open the workspace"), error))
    return tuple(checks)


def _of_platform(platform: Platform) -> list[Check]:
    from baas.services.audit import audit_log

    found: list[Check] = []
    for gather in (_database, _keystore, _applications, _runtimes, _content, _networks, audit_log, _duties):
        try:
            found += gather(platform)
        except CityChainError as error:
            name = gather.__name__.lstrip("_")
            found.append(_failed(name, Text("检查 {n}", "Check {n}", n=name), error))
    return found


def _python() -> Check:
    detail = Text("{v}，{s}", "{v} on {s}", v=machine.python_version(), s=machine.platform(terse=True))
    title = Text("Python", "Python")
    return Check("python", title, "ok", detail)


def _packages() -> Check:
    needed = ("click", "cryptography", "grpc", "fabric_protos", "PySide6", "sqlite_utils", "reportlab", "av")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    title = Text("程序包", "Packages")
    if missing:
        return Check(
            "packages",
            title,
            "bad",
            Text("缺少：{m}", "Missing: {m}", m=", ".join(missing)),
            Text("请运行 python3 dev.py run 重新安装。", "Run python3 dev.py run to install them again."),
        )
    return Check("packages", title, "ok", Text("齐全", "complete"))


def machine_clock() -> Check:
    """Whether this machine's clock can be right; what it says."""
    title = Text("本机时钟", "This machine's clock")
    try:
        check_machine()
    except CityChainError as error:
        return _failed("clock", title, error)
    return Check("clock", title, "ok", Text("{t}", "{t}", t=f"{clock.now():%Y-%m-%d %H:%M} UTC"))


def _folder(folder: Path) -> Iterator[Check]:
    title = Text("工作区文件夹", "Workspace folder")
    if not folder.exists():
        yield Check(
            "folder",
            title,
            "info",
            Text("还没有工作区：{p}", "None yet: {p}", p=str(folder)),
            Text("运行 citychain demo 或 citychain network up。", "Run citychain demo or citychain network up."),
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Check(
            "folder",
            title,
            "bad",
            Text("不能写入：{p}", "Not writable: {p}", p=str(folder)),
            Text("请检查文件夹权限。", "Check the folder's permissions."),
        )
        return
    yield Check("folder", title, "ok", Text("{p}", "{p}", p=str(folder)))
    free = shutil.disk_usage(folder).free
    detail = Text("剩余 {g} GB", "{g} GB free", g=f"{free / 1024**3:.1f}")
    hint = Text("请腾出至少 1 GB。", "Free at least 1 GB.") if free < LOW_SPACE_BYTES else None
    state: CheckState = "bad" if free < MINIMUM_FREE_BYTES else "warn" if hint else "ok"
    yield Check("disk", Text("磁盘空间", "Disk space"), state, detail, hint)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        yield Check(
            "private",
            Text("文件夹权限", "Folder permissions"),
            "warn",
            Text("其他用户可以读取。", "Other users may read it."),
            Text("请执行 chmod 700。", "Run chmod 700 on it."),
        )


def _database(platform: Platform) -> list[Check]:
    title = Text("工作区数据库", "Workspace database")
    (answer,) = platform.workspace.db.execute("PRAGMA quick_check").fetchone()
    if answer != "ok":
        return [
            Check(
                "database",
                title,
                "bad",
                Text("已损坏：{a}", "Damaged: {a}", a=answer),
                Text("请恢复备份：citychain restore。", "Restore a backup: citychain restore."),
            )
        ]
    return [Check("database", title, "ok", Text("完好", "sound"))]


def _keystore(platform: Platform) -> list[Check]:
    title = Text("密钥库", "Keystore")
    store = platform.keystore
    count = len(store.names())
    if store.has_passphrase:
        return [Check("keystore", title, "ok", Text("{n} 个私钥，口令保护", "{n} keys, under a passphrase", n=count))]
    return [
        Check(
            "keystore",
            title,
            "info",
            Text("{n} 个私钥，由本机设备密钥加密", "{n} keys, encrypted under this device's key", n=count),
            Text(
                "设置口令更安全：citychain keystore passphrase。",
                "A passphrase is safer: citychain keystore passphrase.",
            ),
        )
    ]


def _applications(platform: Platform) -> list[Check]:
    title = Text("应用", "Applications")
    healthy, broken = [], dict(platform.applications.broken)
    for one in platform.applications.all():
        try:
            one.check_parts()
            healthy.append(one)
        except Exception as error:
            broken[one.id] = f"{type(error).__name__}: {error}"
    own = [check for one in healthy if one.checks for check in load(one.checks)(platform)]
    if not broken:
        names = ", ".join(manifest.id for manifest in healthy)
        return [Check("applications", title, "ok", Text("{n}", "{n}", n=names or "-")), *own]
    names_of = Text("、".join(broken), ", ".join(broken))
    told = Text("{n} 不能载入：{e}", "{n} cannot be loaded: {e}", n=names_of, e="; ".join(broken.values()))
    hint = Text("请改正，或重新安装。", "Mend it, or install it again.")
    return [Check("applications", title, "bad", told, hint), *own]


_RUNTIMES = {
    "embedded": Text("内置账本", "embedded ledger"),
    "native": Text("官方程序", "official programs"),
    "docker": Text("Docker", "Docker"),
}


def _runtimes(platform: Platform) -> list[Check]:
    found = []
    for runtime, capability in platform.networks.capabilities().items():
        if runtime not in _RUNTIMES:
            continue  # nothing of this machine: a network somewhere else is attached by its profile
        title = Text("运行方式：{r}", "Runtime: {r}", r=_RUNTIMES[runtime])
        if capability.available:
            found.append(
                Check(f"runtime-{runtime}", title, "ok", Text("可用 {v}", "available {v}", v=capability.version))
            )
        else:
            reason = capability.reason or Text("不可用", "not available")
            found.append(Check(f"runtime-{runtime}", title, "info", reason, capability.hint))
    return found


def _content(platform: Platform) -> list[Check]:
    known = platform.content.capabilities()
    return [
        Check(
            "content", Text("内容库", "Content store"), "ok", Text("{t} {v}", "{t} {v}", t=known.title, v=known.version)
        )
    ]


def _networks(platform: Platform) -> list[Check]:
    found: list[Check] = []
    for name in platform.networks.names():
        for check in (_network_status, _certificates, _key_files, _trustee, _only_here):
            title = Text("网络 {n}", "Network {n}", n=name)
            found += _guarded(f"network-{name}", title, functools.partial(check, platform, name))
    return found


def _network_status(platform: Platform, name: str) -> list[Check]:
    title = Text("网络 {n}", "Network {n}", n=name)
    phase = platform.networks.state(name).phase
    from network.config_updates import pending_path

    folder, channels = platform.networks.folder(name), platform.networks.spec(name).channels
    if phase != "removing" and any(pending_path(folder, channel.name).exists() for channel in channels):
        waits = Text("一项更改等待其他组织签名", "a change waits for other organisations' signatures")
        hint = Text("查看：citychain network pending。", "Look: citychain network pending.")
        return [Check(f"network-{name}", title, "warn", waits, hint)]
    if phase != "ready":
        return [
            Check(
                f"network-{name}",
                title,
                "warn",
                Text("没有建完（{p}）", "not finished ({p})", p=phase),
                Text(
                    "再次运行 citychain network up --name {n}。", "Run citychain network up --name {n} again.", n=name
                ),
            )
        ]
    status = platform.networks.status(name)
    down = [node.name for node in status.nodes if node.state != "running"]
    if not down:
        return [
            Check(f"network-{name}", title, "ok", Text("{n} 个节点全部运行", "all {n} nodes run", n=len(status.nodes)))
        ]
    lapsed = next((node for node in status.nodes if node.state == "lapsed"), None)
    if lapsed is not None and lapsed.detail is not None:
        return [Check(f"network-{name}", title, "bad", lapsed.detail, _mend(platform, name))]
    hint = Text("启动：citychain network start {n}", "Start: citychain network start {n}", n=name)
    if len(down) == len(status.nodes):
        return [Check(f"network-{name}", title, "info", Text("已停止", "stopped"), hint)]
    return [Check(f"network-{name}", title, "warn", Text("未运行：{d}", "not running: {d}", d=", ".join(down)), hint)]


def _certificates(platform: Platform, name: str) -> list[Check]:
    title = Text("网络 {n} 的证书", "Certificates of {n}", n=name)
    early = [r for r in platform.identities.list(name) if r.state == "not_yet"]
    if early:
        detail = Text(
            "{n} 张尚未生效，最晚自 {d} 起有效",
            "{n} are not valid yet, the last from {d}",
            n=len(early),
            d=f"{max(r.not_before for r in early):%Y-%m-%d}",
        )
        return [Check(f"certificates-{name}", title, "bad", detail, _CLOCK)]
    due = platform.identities.expiring(name)
    if not due:
        return [Check(f"certificates-{name}", title, "ok", Text("30 天内无到期", "none expires within 30 days"))]
    first = due[0]
    state: CheckState = "bad" if first.state == "expired" else "warn"
    detail = Text(
        "{n} 张，最早 {l}（剩 {d} 天）", "{n}, first {l} ({d} days left)", n=len(due), l=first.label, d=first.days_left
    )
    hint = Text("续期：citychain identity renew {l}", "Renew: citychain identity renew {l}", l=first.label)
    if first.state == "expired" or first.kind != "person":
        hint = _mend(platform, name)
    return [Check(f"certificates-{name}", title, state, detail, hint)]


_CLOCK = Text("请先校正本机时钟，不要续期。", "Set this machine's clock right first, and renew nothing.")


def _mend(platform: Platform, name: str) -> Text:
    """What mends certificates that have ended: a renewal, unless the clock is behind; with others, a request."""
    from network.lapse import renew_hint

    if any(lapse.early for lapse in platform.networks.lapses(name)):
        return _CLOCK
    if name in platform.networks.attached():
        return Text(
            "向您的组织申请：citychain identity renew --request FILE",
            "Ask your organisation: citychain identity renew --request FILE",
        )
    return renew_hint(name)


def _key_files(platform: Platform, name: str) -> list[Check]:
    """Whether the key files that seal private data are there, readable by their owner alone, and not of years ago."""
    if name in platform.networks.attached():
        return []
    title = Text("网络 {n} 的密钥文件", "Key files of {n}", n=name)
    rows = platform.contract_keys.files(name)
    missing = sorted(platform.contract_keys.without(name))
    if missing:
        detail = Text("没有：{m}", "missing: {m}", m=", ".join(missing))
        hint = Text(
            "从本组织的另一台机器取得：citychain chaincode keys export、import。",
            "Take it over from the organisation's other machine: citychain chaincode keys export, import.",
        )
        return [Check(f"key-files-{name}", title, "bad", detail, hint)]
    open_ = sorted(path.name for path in platform.contract_keys.readable_by_others(name))
    if open_:
        detail = Text("其他用户可读：{f}", "other users can read {f}", f=", ".join(open_))
        return [Check(f"key-files-{name}", title, "bad", detail, Text("请执行 chmod 600。", "Run chmod 600 on them."))]
    old = sorted({row.msp_id for row in rows if row.old})
    if old:
        detail = Text("超过一年：{m}", "older than a year: {m}", m=", ".join(old))
        hint = Text("更新：citychain chaincode keys renew MSP", "Make newer ones: citychain chaincode keys renew MSP")
        return [Check(f"key-files-{name}", title, "warn", detail, hint)]
    return [Check(f"key-files-{name}", title, "ok", Text("{n} 个", "{n}", n=len(rows)))]


def _trustee(platform: Platform, name: str) -> list[Check]:
    """Whether several organisations are one holder here, as is right for trying out and for nothing else."""
    held = platform.networks.authorities(name)
    if len(held) < 2:
        return []
    return [
        Check(
            f"trustee-{name}",
            Text("网络 {n} 的组织", "Organisations of {n}", n=name),
            "info",
            Text(
                "本工作区持有 {k} 个组织的 CA，等于同一个持有者：适合试用",
                "This workspace holds the CAs of {k} organisations, so one holder has them all: good for trying out",
                k=len(held),
            ),
            Text(
                "正式使用时，组织在自己的机器上建立：citychain organization new。",
                "For real use, found each organisation on its own machine: citychain organization new.",
            ),
        )
    ]


def _only_here(platform: Platform, name: str) -> list[Check]:
    """What of this desk nobody else has; of a workspace that runs the network itself, the backup is the answer."""
    if name not in platform.networks.attached():
        return []
    title = Text("只在本机：网络 {n}", "Only at this desk: network {n}", n=name)
    found = platform.recovery.only_here(name)
    if not found:
        return [Check(f"only-here-{name}", title, "ok", Text("没有", "nothing"))]
    kept = Text("（已存入恢复文件）", " (in the recovery file)")
    words = [Text("{t} {n}{k}", "{t} {n}{k}", t=f.title, n=f.count, k=kept if f.saved else "") for f in found]
    detail = Text("；".join(w.render("zh") for w in words), "; ".join(w.render("en") for w in words))
    if any(one.recoverable and not one.saved for one in found):
        hint = Text("制作恢复文件：citychain identity recovery FILE", "Make the file: citychain identity recovery FILE")
        return [Check(f"only-here-{name}", title, "warn", detail, hint)]
    return [Check(f"only-here-{name}", title, "info", detail)]


def _guarded(id: str, title: Text, gather: Callable[[], list[Check]]) -> list[Check]:
    try:
        return gather()
    except CityChainError as error:
        return [_failed(id, title, error)]


def _failed(id: str, title: Text, error: CityChainError) -> Check:
    def text(value: Text | str) -> Text:
        return value if isinstance(value, Text) else Text("{t}", "{t}", t=render(value, "en"))

    return Check(id, title, "bad", text(error.message), text(error.hint) if error.hint else None)


def _duties(platform: Platform) -> list[Check]:
    """What recurs while `citychain serve` runs: when it was last done, and what came of it."""

    from baas.serving.duties import records

    found = []
    for record in records(platform.workspace):
        minutes = max(0, round((clock.seconds() - record.at) / 60))
        said = Text("{z}", "{e}", z=record.zh, e=record.en)
        title = Text("定期任务：{z}", "Duty: {e}", z=record.title_zh, e=record.title_en)
        detail = Text("{n} 分钟前；{s}", "{n} min ago; {s}", n=minutes, s=said) if record.zh else None
        detail = detail or Text("{n} 分钟前，无异常", "{n} min ago, nothing to say", n=minutes)
        late = clock.seconds() - record.at > 3 * record.seconds + 60
        hint = Text("没有程序在做它：citychain serve。", "No program does it: citychain serve.") if late else None
        found.append(Check(f"duty-{record.name}", title, "warn" if record.failed or late else "ok", detail, hint))
    return found
