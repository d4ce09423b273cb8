"""The root command: which commands there are, loaded when they are used, and how errors leave the program.

`citychain --help` imports no service and no application beyond its manifest, so it answers at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import locale
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from baas.cli.kit import Cli, TextGroup, log_to
from baas.cli.output import error_record, unicode
from baas.errors import CityChainError, InternalError, Lang, Text, Unavailable, UserError, render, translate
from network.encodings import console_encoding, shows_chinese, spoken_encoding, understood

if TYPE_CHECKING:
    from baas.applications import ApplicationManifest


@dataclass(frozen=True)
class Entry:
    """A command that is loaded when it is used: "module:attr" and its line in the overview."""

    reference: str
    words: Text


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry(
        "baas.cli.demo:demo", Text("一键体验：从零到运行中的城市平台。", "From nothing to a running city platform.")
    ),
    "console": Entry("baas.cli.console:console", Text("打开桌面控制台。", "Open the desktop console.")),
    "enter": Entry("baas.cli.enter:enter", Text("凭收到的文件进入网络。", "Come into a network by a file.")),
    "network": Entry("baas.cli.network:network", Text("建立和管理网络。", "Create and run networks.")),
    "chaincode": Entry("baas.cli.chaincode:chaincode", Text("部署和调用合约。", "Deploy and call contracts.")),
    "organization": Entry(
        "baas.cli.organization:organization", Text("有自己 CA 的组织。", "Organisations with their own authority.")
    ),
    "identity": Entry("baas.cli.identity:identity", Text("签发和管理身份。", "Issue and keep identities.")),
    "keystore": Entry("baas.cli.keystore:keystore", Text("密钥库的口令。", "The keystore's passphrase.")),
    "ledger": Entry("baas.cli.ledger:ledger", Text("查询和校验账本。", "Read and verify the ledger.")),
    "store": Entry("baas.cli.store:store", Text("内容库（IPFS）。", "The content store (IPFS).")),
    "serve": Entry(
        "baas.cli.serve:serve", Text("不开桌面地提供服务：节点、接口、看板。", "Serve nodes, interfaces, board.")
    ),
    "api": Entry("baas.cli.api:api", Text("服务接口的令牌和公示页。", "The service API's tokens and public page.")),
    "monitor": Entry(
        "baas.cli.monitor:monitor", Text("监控：现况、历史、告警。", "The monitor: state, history, alerts.")
    ),
    "audit": Entry("baas.cli.audit:audit", Text("审计：谁做了什么。", "Audit: who did what.")),
    "application": Entry(
        "apps.kit.new:application", Text("应用：列出、新建。", "Applications: list them, begin a new one.")
    ),
    "lab": Entry(
        "apps.labs.commands:lab", Text("实训：在自己的小网络里动手。", "Labs, done in a small network of one's own.")
    ),
    "bench": Entry("baas.cli.bench:bench", Text("测量性能。", "Measure performance.")),
    "inbox": Entry("baas.cli.inbox:inbox", Text("等我办理的事。", "What waits for me.")),
    "doctor": Entry("baas.cli.doctor:doctor", Text("检查本机和工作区。", "Check this machine and the workspace.")),
    "backup": Entry("baas.cli.backup:backup", Text("备份工作区。", "Back up the workspace.")),
    "restore": Entry("baas.cli.backup:restore", Text("从备份恢复。", "Restore from a backup.")),
}


class Root(TextGroup):
    """Our own commands and those of the installed applications."""

    _torn: Mapping[str, str] = {}
    """Why applications cannot be loaded, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *self._manifests]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from baas.applications import load

        entry = COMMANDS.get(cmd_name)
        if entry is not None:
            return cast(click.Command, load(entry.reference))
        manifest = self._manifests.get(cmd_name)
        if manifest is None:
            if cmd_name in self._torn:
                raise _torn(cmd_name, self._torn[cmd_name])
            return None
        try:
            return manifest.command_group()
        except Exception as error:  # an application's own code, which is no defect of ours
            raise _torn(cmd_name, f"{type(error).__name__}: {error}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = _lang_of(ctx)
        rows = [(name, entry.words.render(lang)) for name, entry in COMMANDS.items()]
        rows += [(name, m.summary.render(lang)) for name, m in self._manifests.items()]
        with formatter.section(Text("命令", "Commands").render(lang)):
            formatter.write_dl(rows)

    @cached_property
    def _manifests(self) -> dict[str, ApplicationManifest]:
        from baas.applications import Applications

        logging.getLogger("baas.applications").setLevel(logging.CRITICAL)
        found = Applications()
        manifests = {manifest.command: manifest for manifest in found.all()}
        self._torn = found.broken
        return manifests


def _torn(name: str, why: str) -> Unavailable:
    return Unavailable(
        Text("应用 {n} 不能载入：{w}", "The application {n} cannot be loaded: {w}", n=name, w=why),
        Text("请改正，或重新安装；见 citychain doctor。", "Mend it, or install it again; see citychain doctor."),
        code="application_torn",
    )


def _lang_of(ctx: click.Context) -> Lang:
    found = ctx.find_object(Cli)
    return found.lang if found else "zh"


@click.group("citychain", cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="citychain", message="%(version)s")
def root() -> None:
    """CityChain 城链."""


root.words = Text(
    "城链：一座城市的区块链服务平台。退出码：0 成功，2 用法错误，3 不可用，4 账本拒绝，70 程序缺陷。",
    "CityChain: a city's blockchain service platform. Exit codes: 0, 2 wrong use, 3 unavailable, "
    "4 refused by the ledger, 70 a defect of ours.",
)


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code. This is the only place that reads the environment."""
    spoken = _speak()
    # The log goes to the workspace's file (once one is open), never between the lines a person reads.
    logging.getLogger().addHandler(logging.NullHandler())
    chosen = os.environ.get("CITYCHAIN_WORKSPACE")
    cli = Cli(lang=_system_lang() if shows_chinese(spoken) else "en", workspace=Path(chosen) if chosen else None)
    try:
        result = root.main(args=understood(arguments, spoken), prog_name="citychain", standalone_mode=False, obj=cli)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except click.ClickException as misuse:
        return _report(_misuse(misuse), cli)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - whoever read us has gone
        return 0
    except Exception as error:
        translated = translate(error)
        if isinstance(translated, InternalError):
            _log_defect(error, cli)
        return _report(translated, cli)


def _misuse(error: click.ClickException) -> UserError:
    """What click found wrong, in the reader's language where it says nothing but the fact."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "citychain"
    parameter = getattr(error, "param", None)
    name = parameter.get_error_hint(context) if parameter is not None else getattr(error, "param_hint", "") or ""
    message: Text | str = error.format_message()
    if isinstance(error, click.NoSuchOption):
        message = Text("没有选项 {o}。", "There is no option {o}.", o=error.option_name)
    elif isinstance(error, click.MissingParameter):
        message = Text("缺少 {p}。", "{p} is missing.", p=name)
    elif isinstance(error, click.BadParameter):
        message = Text("{p} 不正确：{t}", "{p} is wrong: {t}", p=name, t=error.message)
    elif isinstance(error, click.UsageError) and str(message).startswith("No such command"):
        message = Text("没有命令 {c}。", "There is no command {c}.", c=str(message).split("'")[1])
    return UserError(message, Text("用法见：{path} --help", "For usage: {path} --help", path=path), code="usage")


def _report(error: CityChainError, cli: Cli) -> int:
    if error.exit_code == 130:
        return 130
    if cli.json:
        sys.stderr.write(json.dumps(error_record(error, cli.lang), ensure_ascii=not unicode(sys.stderr)) + "\n")
        return error.exit_code
    sys.stderr.write(render(error.message, cli.lang) + "\n")
    if error.hint:
        sys.stderr.write(render(error.hint, cli.lang) + "\n")
    for endpoint in error.details.get("endpoints", ()):
        sys.stderr.write(f"  {endpoint.get('msp_id')} {endpoint.get('address')}: {endpoint.get('message')}\n")
    return error.exit_code


def _log_defect(error: Exception, cli: Cli) -> None:
    """Keep the traceback in the workspace's log, if there is a workspace to keep it in."""
    from baas.workspace import default_folder

    folder = cli.workspace or default_folder()
    if not (folder / "logs").is_dir():
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return
    with log_to(folder):
        logging.getLogger("citychain").error("defect", exc_info=error)


def _speak() -> str:
    """Let the streams speak the terminal's encoding, with something readable for what it cannot show; returns it."""
    chosen = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    spoken = chosen or spoken_encoding(os.environ, console_encoding())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError, LookupError):
                stream.reconfigure(encoding=_of(stream, spoken), errors="citychain-readable")
    if isinstance(sys.stdin, io.TextIOWrapper):
        with contextlib.suppress(ValueError, LookupError, io.UnsupportedOperation):
            sys.stdin.reconfigure(encoding=_of(sys.stdin, spoken), errors="surrogateescape")
    return _of(sys.stdout, spoken)


def _of(stream: TextIO | None, spoken: str) -> str:
    """`spoken`, but UTF-8 at a Windows console itself: Python talks Unicode to it, whatever its code page."""
    return "utf-8" if os.name == "nt" and stream is not None and stream.isatty() else spoken


def _system_lang() -> Lang:
    chosen = os.environ.get("CITYCHAIN_LANG", "")
    if chosen in {"zh", "en"}:
        return cast(Lang, chosen)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value and value not in {"C", "POSIX", "C.UTF-8"}:
            return "zh" if value.lower().startswith("zh") else "en"
    with contextlib.suppress(ValueError):
        found = locale.getlocale()[0] or ""
        if found.lower().startswith(("zh", "chinese")):
            return "zh"
    return "en"
