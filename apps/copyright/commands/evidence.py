"""Evidence packages, their check, and Content Credentials."""

from __future__ import annotations

from pathlib import Path

from apps.copyright import credentials
from apps.copyright.commands.root import FILE, TARGET, copyright_group, opened
from apps.copyright.proof import check_evidence, export_evidence
from apps.copyright.wording import finding
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import CityChainError, Text


class InvalidEvidence(CityChainError):
    """A package that was changed or is incomplete (exit code 4)."""

    exit_code = 4
    default_code = "evidence_invalid"


@copyright_group.command("evidence", help=Text("导出作品的证据包。", "Write a work's evidence package."))
@argument("work_id")
@option("--output", "-o", "target", type=TARGET, help=Text("写到这个 zip。", "The zip to write."))
@option("--without-content", is_flag=True, help=Text("不含作品文件。", "Leave the work's file out."))
@network_option()
@pass_cli
def evidence(cli: Cli, work_id: str, target: Path | None, without_content: bool, network: str) -> None:
    """Write an evidence package."""
    with opened(cli, network) as service:
        work = service.work(work_id)
        path = target or Path(f"{work.id}.evidence.zip")
        done = cli.run(
            service.platform,
            export_evidence,
            service,
            work.id,
            path,
            with_content=not without_content,
            title=Text("导出证据包", "Write the evidence package"),
        )
        shown = {"file": str(done.path), "bytes": done.size, "sha256": done.sha256}
        cli.show(shown | {"blocks": list(done.blocks), "content": done.has_content})


@copyright_group.command("verify", help=Text("核验证据包。", "Check an evidence package."))
@argument("package", type=FILE)
@option("--roots", type=FILE, help=Text("信任的根证书（PEM）。", "Root certificates that are trusted (PEM)."))
@pass_cli
def verify(cli: Cli, package: Path, roots: Path | None) -> None:
    """Check an evidence package."""
    found = check_evidence(package, roots)
    if cli.json:
        cli.show(found)
    else:
        shown = [check | {"text": finding(check["text"])} for check in found["checks"]]
        cli.show(shown, columns(state=("结果", "State"), part=("部分", "Part"), text=("说明", "Text")))
        cli.say(Text("有效", "Valid") if found["valid"] else Text("无效", "Invalid"))
    if not found["valid"]:
        bad = next(check for check in found["checks"] if check["state"] == "bad")
        raise InvalidEvidence(
            Text("证据包无效：{p}：{t}", "The package is invalid: {p}: {t}", p=bad["part"], t=finding(bad["text"])),
            Text("请向出具方重新取得。", "Get it anew from whoever issued it."),
        )


@copyright_group.command(
    "credentials", help=Text("读取文件的内容凭证（C2PA）。", "Read a file's Content Credentials (C2PA).")
)
@argument("file", type=FILE)
@pass_cli
def read_credentials(cli: Cli, file: Path) -> None:
    """Read Content Credentials."""
    found = credentials.read(file)
    cli.show(found or {"found": False})


@copyright_group.command(
    "embed-credentials",
    help=Text("把登记信息写入副本的内容凭证。", "Write the registration into a copy's Content Credentials."),
)
@argument("work_id")
@argument("file", type=FILE)
@option("--output", "-o", "target", type=TARGET, required=True, help=Text("写到这个文件。", "The file to write."))
@network_option()
@pass_cli
def embed_credentials(cli: Cli, work_id: str, file: Path, target: Path, network: str) -> None:
    """Write Content Credentials."""
    with opened(cli, network) as service:
        credentials.embed(service, service.work(work_id), file, target)
        cli.show({"file": str(target), "bytes": target.stat().st_size})
