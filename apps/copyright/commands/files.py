"""Files between desks: what waits to be handed in, certificates, proofs and evidence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from apps.copyright import permissions
from apps.copyright.commands.root import TARGET, copyright_group, opened
from apps.copyright.model import Registration
from apps.copyright.service import CopyrightService
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import NotFound, Text, UserError
from baas.jobs import JobContext
from baas.roles import WORKSPACE_CHANGE
from chaincode.copyright.content_doors import contents_of
from fabric_sdk.files import write_whole

_WAITING = columns(
    record=("记录", "Record"),
    title=("作品", "Work"),
    bytes=("字节", "Bytes"),
    tries=("已试次数", "Tries"),
    why=("原因", "Why"),
)


class Size(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """Bytes, as 500M or 64G (binary)."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().upper().removesuffix("B")
        factor = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}.get(text[-1:], 1)
        digits = text[:-1] if factor > 1 else text
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            raise UserError(Text("应写作 500M 或 64G：{t}", "Write it as 500M or 64G: {t}", t=text[:40]), code="usage")
        return int(digits) * factor


SIZE = Size()


@copyright_group.command(
    "files",
    help=Text("等待上交内容服务的文件；--now 立即再试。", "Files that wait to be handed in; --now tries again."),
)
@option("--now", is_flag=True, help=Text("现在上交。", "Hand them in now."))
@network_option()
@pass_cli
def files(cli: Cli, now: bool, network: str) -> None:
    """What waits to be handed in."""
    with opened(cli, network) as service:
        service.platform.session.require(permissions.READ)
        if now:
            title = Text("上交文件", "Hand files in")
            cli.run(service.platform, service.files.hand_in, everything=True, title=title)
        rows = [
            {
                "record": one.record,
                "cid": one.cid,
                "title": one.title,
                "bytes": one.size,
                "tries": one.tries,
                "why": one.why,
            }
            for one in service.files.queue.waiting()
        ]
        cli.show(rows, _WAITING, Text("没有等待上交的文件。", "No file waits."))


@copyright_group.command(
    "certificate", help=Text("取出作品的登记证书（PDF）。", "Write a work's certificate of registration (PDF).")
)
@argument("work_id")
@option("--output", "-o", "target", type=TARGET, required=True, help=Text("写到这个文件。", "The file to write."))
@network_option()
@pass_cli
def certificate(cli: Cli, work_id: str, target: Path, network: str) -> None:
    """Write a certificate, fetched and checked against the ledger."""
    with opened(cli, network) as service:
        case = _case(service, work_id)

        def work(*, ctx: JobContext) -> bytes:
            return service.certificate(case, ctx)

        body = cli.run(service.platform, work, title=Text("取出证书", "Write the certificate"))
        _write(target, body)
        cli.show({"number": case.number, "file": str(target), "bytes": len(body), **case.record["certificate"]})


@copyright_group.command(
    "papers", help=Text("取出一条记录的证明和证据文件。", "Write the proofs and evidence of a record to a folder.")
)
@argument("record_id")
@option(
    "--output",
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=Text("写到这个文件夹。", "The folder to write to."),
)
@network_option()
@pass_cli
def papers(cli: Cli, record_id: str, folder: Path, network: str) -> None:
    """Write what a record names, fetched where it is not here."""
    with opened(cli, network) as service:
        record = service.kit.read(record_id)
        named = {cid: what for cid, what in contents_of(record).items() if what != "work"}
        if not named:
            raise NotFound(Text("这条记录没有附件。", "The record names no files."), code="no_papers")

        def work(*, ctx: JobContext) -> list[dict[str, object]]:
            done: list[dict[str, object]] = []
            folder.mkdir(parents=True, exist_ok=True)
            for number, (cid, what) in enumerate(named.items()):
                body = service.files.read(record_id, cid, ctx)
                path = folder / f"{record_id}-{number + 1}-{what}"
                _write(path, body)
                done.append({"file": str(path), "cid": cid, "bytes": len(body)})
            return done

        cli.show(
            cli.run(service.platform, work, title=Text("取出附件", "Write the papers")),
            columns(file=("文件", "File"), cid=("CID", "CID"), bytes=("字节", "Bytes")),
        )


@copyright_group.command(
    "content-policy",
    help=Text("本机内容服务的配额与保留；重启服务后生效。", "Quotas and retention of this desk's content service."),
)
@option(
    "--file", "file_bytes", type=SIZE, help=Text("单个文件的上限（字节，可用 G、M）。", "The most one file may be.")
)
@option("--person", "person_bytes", type=SIZE, help=Text("每人存放的上限。", "The most one person may have here."))
@option("--daily", "daily_bytes", type=SIZE, help=Text("每人每天取用的上限。", "The most one person may fetch a day."))
@option("--free", "free_bytes", type=SIZE, help=Text("磁盘上保留的空间。", "What stays free on the disk."))
@option(
    "--keep-days", type=click.IntRange(0, 36_500), help=Text("记录终止后保留的天数。", "Days after a record's end.")
)
@option("--served", default="", help=Text("谁取用过这条记录的文件。", "Who fetched this record's files."))
@pass_cli
def content_policy(cli: Cli, /, served: str, **changes: int | None) -> None:
    """Quotas and retention of the content service, and whom it served."""
    from apps.copyright.serving import journal_path
    from baas.courier.journal import Journal, set_policy, shown

    with cli.platform() as platform:
        platform.session.require(permissions.SERVE)
        if any(value is not None for value in changes.values()):
            platform.session.require(WORKSPACE_CHANGE)
        policy = shown(set_policy(platform.workspace, **changes))
        if not served:
            cli.show(policy)
            return
        journal = Journal(journal_path(platform))
        try:
            cli.show(
                [one | {"last": moment(one["last"])} for one in journal.fetches(served)],
                columns(party=("身份", "Party"), cid=("CID", "CID"), last=("最近", "Last"), bytes=("字节", "Bytes")),
                Text("没有人取用过。", "Nobody fetched them."),
            )
        finally:
            journal.close()


def moment(seconds: object) -> str:
    """A moment of the journal, in UTC."""
    return dt.datetime.fromtimestamp(float(str(seconds)), dt.UTC).isoformat(timespec="seconds")


def _case(service: CopyrightService, work_id: str) -> Registration:
    if work_id.startswith("DJ"):
        return service.registration(work_id)
    work = service.work(work_id)
    if not work.registration:
        raise NotFound(
            Text("这件作品没有登记。", "The work has no registration."),
            Text("请先申请登记。", "Apply for registration first."),
            code="no_certificate",
        )
    return service.registration(work.registration)


def _write(target: Path, body: bytes) -> None:
    if target.exists():
        raise UserError(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    write_whole(target, body)
