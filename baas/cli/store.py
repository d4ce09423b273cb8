"""`citychain store`: the content store, addressed by IPFS CIDs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas import roles
from baas.cli import swarm
from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import LedgerError, NotFound, Text, UserError, translating
from baas.jobs import JobContext
from fabric_sdk.files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baas.platform import Platform


@group("store", help=Text("内容库（IPFS）。", "The content store (IPFS)."))
def store() -> None:
    """The content store."""


def _file(**kwargs: object) -> object:
    return click.Path(dir_okay=False, path_type=Path, **kwargs)  # type: ignore[arg-type]


@store.command("add", help=Text("存入文件，得到 CID。", "Store files and print their CIDs."))
@argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--no-pin", is_flag=True, help=Text("不固定（清理时可能删除）。", "Do not pin (collection may remove it)."))
@pass_cli
def add(cli: Cli, files: tuple[Path, ...], no_pin: bool) -> None:
    """Store files."""
    with cli.platform() as platform:
        platform.session.require(roles.CONTENT_WRITE)
        content = platform.content

        def work(*, ctx: JobContext) -> list[dict[str, object]]:
            done: list[dict[str, object]] = []
            for path in files:
                ctx.step(f"add-{path.name}", Text("存入 {f}", "Store {f}", f=path.name))
                size = path.stat().st_size

                def watch(count: int, size: int = size) -> None:
                    ctx.check_cancelled()
                    ctx.progress(count, size)

                with translating(), path.open("rb") as stream:
                    cid = content.add(stream, watch, name=path.name, pin=not no_pin)
                done.append({"file": path.name, "cid": cid, "bytes": size})
            return done

        added = cli.run(platform, work, title=Text("存入文件", "Store files"))
        _note_own(platform, (str(one["cid"]) for one in added))
        cli.show(added, columns(file=("文件", "File"), cid=("CID", "CID"), bytes=("字节", "Bytes")))


def _check_right(platform: Platform, cid: str) -> None:
    """Somebody who works in a workspace beside others takes out no file that an application keeps for those others."""
    from baas.applications import load

    actor = platform.session.actor
    if not actor.msp_id:
        return
    for manifest in platform.applications.all():
        if manifest.keeps and load(manifest.keeps)(platform, actor.network, cid) is False:
            raise NotFound(
                Text("{c} 不归您取用。", "{c} is not yours to have.", c=cid),
                Text("请在应用里打开您有权取用的文件。", "Open files that you have a right to in the application."),
                code="content_not_yours",
            )


def _note_own(platform: Platform, cids: Iterable[str]) -> None:
    """Somebody who works in a workspace beside others had these files in hand, and may take them out again."""
    from baas.applications import load

    actor = platform.session.actor
    if not actor.msp_id:
        return
    for manifest in platform.applications.all():
        if manifest.takes:
            load(manifest.takes)(platform, actor.network, cids)


@store.command("cat", help=Text("取出内容。", "Write content out."))
@argument("cid")
@option(
    "--output",
    "-o",
    "target",
    type=_file(),
    help=Text("写入文件；不给则输出到屏幕。", "Write to a file; else to standard output."),
)
@option("--offset", type=click.IntRange(0), default=0, help=Text("从第几个字节开始。", "First byte."))
@option("--length", type=click.IntRange(0), default=None, help=Text("字节数。", "Number of bytes."))
@pass_cli
def cat(cli: Cli, cid: str, target: Path | None, offset: int, length: int | None) -> None:
    """Write content out."""
    from baas.content.cid import spelled

    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        _check_right(platform, spelled(cid))
        chunks = platform.content.cat(spelled(cid), offset, length)
        if target is None:
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        with translating(), whole_file(target) as file:
            written = sum(file.write(chunk) for chunk in chunks)
        cli.show({"cid": cid, "target": target, "bytes": written})


@store.command("pin", help=Text("固定内容，清理时保留。", "Pin content: collection keeps it."))
@argument("cid")
@option("--name", default="", help=Text("名称。", "A name."))
@pass_cli
def pin(cli: Cli, cid: str, name: str) -> None:
    """Pin content."""
    from baas.content.cid import spelled

    with cli.platform(create=False) as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        platform.content.pin(spelled(cid), name)
        cli.show({"pinned": cid})


@store.command("unpin", help=Text("取消固定。", "Unpin content."))
@argument("cid")
@pass_cli
def unpin(cli: Cli, cid: str) -> None:
    """Unpin content."""
    from baas.content.cid import spelled

    with cli.platform(create=False, frees=True) as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        platform.content.unpin(spelled(cid))
        cli.show({"unpinned": cid})


@store.command("ls", help=Text("列出固定的内容。", "List pinned content."))
@pass_cli
def ls(cli: Cli) -> None:
    """List pinned content."""
    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        cli.show(
            platform.content.pins(),
            columns(cid=("CID", "CID"), name=("名称", "Name"), created=("固定于", "Pinned")),
            empty=Text("还没有固定的内容。", "Nothing is pinned."),
        )


@store.command(
    "stat", help=Text("内容的大小；不给 CID 则说明所用的引擎。", "A content's sizes; without a CID, the engine.")
)
@argument("cid", required=False, default="")
@pass_cli
def stat(cli: Cli, cid: str) -> None:
    """Sizes of a content, or the engine."""
    from baas.content.cid import spelled

    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        cli.show(platform.content.stat(spelled(cid)) if cid else platform.content.capabilities())


@store.command("gc", help=Text("删除没有固定的内容。", "Remove what is not pinned."))
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@pass_cli
def gc(cli: Cli, yes: bool) -> None:
    """Remove what is not pinned."""
    with cli.platform(create=False, frees=True) as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        cli.confirm_by_name(
            "gc", Text("没有固定的内容将被删除。", "Content that is not pinned will be removed."), yes=yes
        )
        cli.show(platform.content.gc())


_COPIES = 2
"""Fewer copies at services and desks than these are a danger."""


@store.command(
    "verify",
    help=Text(
        "重读并校验每一个数据块；--ledger 列出账本上全部文件在哪里、有几份。",
        "Read every block back and check it; --ledger tells where all files are that the ledger names.",
    ),
)
@option("--ledger", "everywhere", is_flag=True, help=Text("核对账本上的全部文件。", "All files that the ledger names."))
@network_option()
@pass_cli
def verify(cli: Cli, everywhere: bool, network: str) -> None:
    """Check every block, or where all files are."""
    if everywhere:
        _survey(cli, network)
        return
    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        content = platform.content

        def work(*, ctx: JobContext) -> object:
            def watch(count: int) -> None:
                ctx.check_cancelled()
                ctx.progress(count, 0)

            return content.verify(watch)

        report = cli.run(platform, work, title=Text("校验内容库", "Check the content store"))
        cli.show(report)
        damaged = getattr(report, "damaged", ())
        if damaged:
            raise LedgerError(
                Text("有 {n} 个数据块损坏。", "{n} blocks are damaged.", n=len(damaged)),
                Text("请从备份或其他节点恢复这些内容。", "Restore them from a backup or another node."),
                stage="verify",
                code="content_damaged",
            )


def _survey(cli: Cli, network: str) -> None:
    """Where every file is that the ledger names, those in danger first; exit code 4 when some are nowhere."""
    from baas.applications import load

    with cli.platform() as platform:
        platform.session.require(roles.CONTENT_READ)
        name = platform.networks.resolve(network)
        hooks = [one.survey for one in platform.applications.all() if one.survey]

        def work(*, ctx: JobContext) -> list[dict[str, Any]]:
            return [load(hook)(platform, name, ctx) for hook in hooks]

        found = cli.run(platform, work, title=Text("核对账本上的文件", "Look for the ledger's files"))
        files = [one | {"copies": len(one["at"])} for part in found for one in part["files"]]
        files.sort(key=lambda one: (one["copies"], one["record"]))
        silent = sorted({msp for part in found for msp, why in part["services"].items() if why})
        nowhere = [one for one in files if not one["copies"]]
        danger = [one for one in files if one["copies"] < _COPIES]
        if cli.json:
            cli.show({"files": files, "in_danger": len(danger), "nowhere": len(nowhere), "no_answer": silent})
        else:
            cli.show(
                [one | {"at": "、".join(one["at"])} for one in danger],
                columns(
                    record=("记录", "Record"),
                    what=("文件", "File"),
                    title=("作品", "Work"),
                    copies=("份数", "Copies"),
                    at=("在哪里", "Where"),
                ),
                empty=Text("每个文件都有足够的副本。", "Every file has copies enough."),
            )
            cli.say(
                Text(
                    "共 {n} 个文件，{d} 个副本太少，{m} 个哪里都没有。",
                    "{n} files, {d} with too few copies, {m} found nowhere.",
                    n=len(files),
                    d=len(danger),
                    m=len(nowhere),
                )
            )
        for msp in silent:
            cli.say(Text("{m} 的内容服务没有回答。", "{m}'s content service does not say.", m=msp))
        if nowhere:
            raise LedgerError(
                Text("有 {n} 个文件哪里都没有找到。", "{n} files were found nowhere.", n=len(nowhere)),
                Text(
                    "请文件的主人从自己的桌面上交。",
                    "Let their owners hand them in from their desks.",
                ),
                stage="verify",
                code="content_nowhere",
            )


@store.command("export", help=Text("导出为 CAR 文件。", "Export as a CAR file."))
@argument("cid")
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@pass_cli
def export(cli: Cli, cid: str, target: Path) -> None:
    """Export as a CAR file."""
    from baas.content.cid import spelled

    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        _check_right(platform, spelled(cid))
        with translating(), whole_file(target) as file:
            written = platform.content.export_car(spelled(cid), file)
        cli.show({"cid": cid, "target": target, "bytes": written})


@store.command("import", help=Text("从 CAR 文件导入并固定。", "Import a CAR file and pin its roots."))
@argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_cli
def import_(cli: Cli, source: Path) -> None:
    """Import a CAR file."""
    from baas.content.car import whole_in

    with cli.platform() as platform:
        platform.session.require(roles.CONTENT_WRITE)
        with translating(), source.open("rb") as file:
            roots = platform.content.import_car(file)
        if not roots:
            raise UserError(Text("{f} 中没有内容。", "{f} holds no content.", f=source.name))
        with translating(), source.open("rb") as file:
            _note_own(platform, whole_in(file, platform.content.block))
        cli.show({"roots": roots})


@store.command("move", help=Text("把内容移到另一引擎，CID 不变。", "Move content to another engine; its CIDs stay."))
@option(
    "--to",
    "engine",
    type=click.Choice(["local", "kubo", "kubo-managed", "kubo-docker"]),
    required=True,
    help=Text(
        "目标引擎：本机、现有 Kubo、由平台运行的 Kubo 程序或容器。",
        "Local, a Kubo of yours, or one run by the platform as a program or a container.",
    ),
)
@option("--url", default="", help=Text("现有 Kubo 的 RPC 地址。", "RPC address of a Kubo of yours."))
@option("--keep", is_flag=True, help=Text("原处也保留。", "Keep it where it is, too."))
@option(
    "--public",
    is_flag=True,
    help=Text("确认目标节点连接公共网络。", "Confirm that the target is on the public network."),
)
@pass_cli
def move(cli: Cli, engine: str, url: str, keep: bool, public: bool) -> None:
    """Move all pinned content to another engine, which the workspace uses from then on."""
    from baas.content import Cid, open_engine
    from baas.content import move as move_content

    with cli.platform() as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        platform.session.require(roles.WORKSPACE_CHANGE)
        if engine == platform.workspace.setting("content.engine", "local"):
            raise UserError(
                Text("内容已经在这个引擎中。", "The content is in this engine already."), code="same_engine"
            )
        target = open_engine(platform.workspace, engine, url)
        try:
            if target.capabilities().public and not public:
                raise UserError(
                    Text(
                        "目标节点连接公共 IPFS 网络，内容可能被任何人取得。",
                        "The target is on the public IPFS network.",
                    ),
                    Text("确认公开请加 --public。", "Add --public to publish all the same."),
                    code="public_network",
                )

            def work(*, ctx: JobContext) -> dict[str, object]:
                def step(done: int, total: int, cid: Cid) -> None:
                    ctx.check_cancelled()
                    ctx.progress(done, total, cid)

                report = move_content(platform.content, target, keep=keep, step=step)
                return {"moved": len(report.moved), "present": len(report.present), "bytes": report.bytes}

            done = cli.run(platform, work, title=Text("移动内容", "Move content"))
        finally:
            target.close()
        platform.workspace.set_setting("content.engine", engine)
        if url:
            platform.workspace.set_setting("content.kubo_url", url)
        cli.show({"engine": engine} | done)


store.add_command(swarm.swarm)
