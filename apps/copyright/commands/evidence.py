"""Evidence packages, their check, the time-stamp authority, and Content Credentials."""

from __future__ import annotations

from pathlib import Path

from apps.copyright import credentials, permissions
from apps.copyright.commands.root import FILE, TARGET, copyright_group, opened
from apps.copyright.evidence.terminal import lines
from apps.copyright.proof import check_evidence, export_evidence, load_card, load_roots, told
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import CityChainError, Text
from baas.roles import WORKSPACE_CHANGE
from fabric_sdk.proof.report import AGREES, CONSISTENT, EXIT_CODES, INVALID, UNREADABLE


class InvalidEvidence(CityChainError):
    """A package that was changed, forged or is incomplete."""

    exit_code = EXIT_CODES[INVALID]
    default_code = "evidence_invalid"


class UnconfirmedEvidence(CityChainError):
    """A package that fits itself, but whose origin is not confirmed."""

    exit_code = EXIT_CODES[CONSISTENT]
    default_code = "evidence_unconfirmed"


class UnreadableEvidence(CityChainError):
    """A file that is no package, or more than a check takes on."""

    exit_code = EXIT_CODES[UNREADABLE]
    default_code = "evidence_unreadable"


class BrokenCredentials(CityChainError):
    """Content Credentials that do not fit their file."""

    exit_code = 4
    default_code = "credentials_broken"


_ERRORS = {INVALID: InvalidEvidence, CONSISTENT: UnconfirmedEvidence, UNREADABLE: UnreadableEvidence}


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
        shown |= {"blocks": list(done.blocks), "content": done.has_content, "signed_by": list(done.spoke)}
        cli.show(shown | ({"no_answer": dict(done.missing)} if done.missing else {}))
        for msp, why in done.missing.items():
            cli.say(Text("{m} 没有签名证实：{w}", "{m} did not sign: {w}", m=msp, w=why[:200]))


@copyright_group.command("verify", help=Text("核验证据包。", "Check an evidence package."))
@argument("package", type=FILE)
@option("--card", type=FILE, help=Text("另行取得的通道名片。", "The channel card, got from elsewhere."))
@option("--tsa-roots", type=FILE, help=Text("时间戳机构的根证书（PEM）。", "Roots of time-stamp authorities (PEM)."))
@pass_cli
def verify(cli: Cli, package: Path, card: Path | None, tsa_roots: Path | None) -> None:
    """Check an evidence package."""
    report = check_evidence(package, load_card(card) if card else None, load_roots(tsa_roots) if tsa_roots else ())
    if cli.json:
        cli.show(report.to_dict())
    else:
        cli.say(Text("\n".join(lines(report, "zh")), "\n".join(lines(report, "en"))))
    if report.verdict != AGREES:
        zh, en = told(report, "zh"), told(report, "en")
        raise _ERRORS[report.verdict](
            Text("{v}：{s}", "{v}: {s}", v=Text(zh["verdict"], en["verdict"]), s=Text(zh["sentence"], en["sentence"])),
            Text(
                "请向出具方重新取得，或用通道名片核验。",
                "Get it anew from its issuer, or check it against a card.",
            ),
        )


@copyright_group.command(
    "tsa", help=Text("设置时间戳机构，查看或补取时间戳。", "Set the time-stamp authority; see or take time-stamps.")
)
@argument("url", required=False, default="")
@option("--roots", type=FILE, help=Text("该机构的根证书（PEM）。", "The authority's root certificates (PEM)."))
@option("--off", is_flag=True, help=Text("不再使用时间戳机构。", "Use no authority any more."))
@option("--now", is_flag=True, help=Text("现在补取欠缺的和当日的时间戳。", "Take those owed and today's now."))
@network_option()
@pass_cli
def tsa(cli: Cli, url: str, roots: Path | None, off: bool, now: bool, network: str) -> None:
    """Set the time-stamp authority; see or take time-stamps."""
    with opened(cli, network) as service:
        service.platform.session.require(permissions.READ)
        if url or off:
            service.platform.session.require(WORKSPACE_CHANGE)
            if roots is not None:
                load_roots(roots)
            service.stamps.choose("" if off else url, roots.read_bytes() if roots else None)
        taken = service.stamp_due() if now else ()
        authority = service.stamps.authority
        cli.show(
            {
                "authority": authority.url,
                "roots": [one.fingerprint for one in authority.roots],
                "stamped_blocks": list(service.stamps.blocks),
                "owed_blocks": list(service.stamps.wanted),
                "taken": [{"authority": one.authority, "seconds": one.seconds} for one in taken],
            }
        )


@copyright_group.command(
    "seal",
    help=Text("登记机构的印章根：查看、离线保管、放回。", "The office's seal root: see it, keep it off line."),
)
@option("--take-out", type=TARGET, help=Text("把根密钥移到这个文件。", "Move the root's key to this file."))
@option("--put-back", type=FILE, help=Text("从这个文件放回根密钥。", "Take the root's key back from this file."))
@option("--passphrase-file", type=FILE, help=Text("口令文件（第一行）。", "A file whose first line is the passphrase."))
@option("--issue", is_flag=True, help=Text("签发登记员申请的印章。", "Issue the seals that registrars asked for."))
@option(
    "--refuse", default="", help=Text("不签发这位登记员申请的印章。", "Refuse the seal that this registrar asked for.")
)
@option("--ask", is_flag=True, help=Text("被拒绝后再次申请。", "Ask again after a refusal."))
@option(
    "--withdraw", default="", help=Text("宣告这位登记员的印章失效。", "Say that this registrar's seal counts no more.")
)
@option("--reason", default="", help=Text("拒绝或失效的原因。", "Why it is refused, or counts no more."))
@network_option()
@pass_cli
def seal(
    cli: Cli,
    take_out: Path | None,
    put_back: Path | None,
    passphrase_file: Path | None,
    issue: bool,
    refuse: str,
    ask: bool,
    withdraw: str,
    reason: str,
    network: str,
) -> None:
    """See the office's seal root, take its key off line or put it back."""
    from apps.copyright import seal as seals

    secret = (passphrase_file.read_bytes().splitlines() or [b""])[0] if passphrase_file else b""
    with opened(cli, network) as service:
        if take_out is not None:
            seals.take_out(service, take_out, secret)
        if put_back is not None:
            seals.put_back(service, put_back, secret)
        if withdraw:
            seals.withdraw(service, withdraw, reason)
        if refuse:
            seals.refuse(service, refuse, reason)
            cli.show({"refused": refuse, "reason": reason})
            return
        if issue:
            cli.show({"issued": seals.issue_waiting(service)})
            return
        cli.show(seals.describe(service, ask_again=ask))


@copyright_group.command(
    "credentials", help=Text("读取文件的内容凭证（C2PA）。", "Read a file's Content Credentials (C2PA).")
)
@argument("file", type=FILE)
@option(
    "--trust",
    type=FILE,
    help=Text("信任的签名人根证书（PEM）。", "Trusted roots of signers (PEM)."),
)
@pass_cli
def read_credentials(cli: Cli, file: Path, trust: Path | None) -> None:
    """Read Content Credentials: the verdict first; exit code 4 for a file that they do not fit."""
    found = credentials.examine(file, trust)
    sentence = credentials.WORDS[found.state]
    if cli.json:
        cli.show(
            {
                "state": found.state,
                "found": found.store is not None,
                "problems": list(found.problems),
                "store": found.store,
            }
        )
    else:
        cli.say(sentence)
        if found.store is not None:
            cli.show(found.store)
    if found.state == credentials.BROKEN:
        raise BrokenCredentials(sentence, Text("原因：{p}", "Because: {p}", p=", ".join(found.problems[:5])))


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
