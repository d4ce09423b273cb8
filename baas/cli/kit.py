"""What every command is made of: bilingual help, the common options, opening the platform, jobs with a progress bar.

    @group("slots", help=Text("号源链", "The ledger of appointment slots"))
    def slots() -> None: ...

    @slots.command("publish", help=Text("发布号源。", "Publish slots."))
    @argument("file", type=click.Path(exists=True, path_type=Path))
    @option("--date", help=Text("日期", "The day"))
    @pass_cli
    def publish(cli: Cli, file: Path, date: str | None) -> None:
        with cli.platform() as platform:
            result = cli.run(platform, service.publish, file, title=Text("发布号源", "Publish slots"))
            cli.show(result)

`--workspace`, `--lang`, `--json`, `--as` and `--passphrase-file` may stand before or after the command's name.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from baas.cli import output
from baas.errors import Lang, Text, UserError, render
from network.encodings import read_text
from network.tokens.pins import PINS

if TYPE_CHECKING:
    from baas.jobs import Job
    from baas.platform import Platform
    from network.tokens.address import TokenAddress

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@dataclass
class Cli:
    """The common options of one run, and the doors to the platform and the terminal."""

    lang: Lang = "zh"
    json: bool = False
    workspace: Path | None = None
    act_as: str = ""
    passphrase_file: str = ""

    @contextlib.contextmanager
    def platform(self, *, write: bool = True, create: bool = True, frees: bool = False) -> Iterator[Platform]:
        """Open the workspace, unlock the keystore and act as whom `--as` names.

        `write=False` takes no lock, for commands that only read the workspace; `frees` is for those that give space
        back or write elsewhere, and so also run on a full disk.
        """
        from baas.platform import Platform

        with (
            Platform.open(self.workspace, create=create, read_only=not write, needs_space=not frees) as platform,
            log_to(platform.workspace.folder),
        ):
            platform.keystore.signing_is_use = True
            PINS.ask = self._ask_pin if self._can_ask() else None
            if platform.keystore.has_passphrase and (self.passphrase_file or self._can_ask()):
                platform.keystore.unlock(self.read_passphrase())
            if self.act_as:
                platform.act_as(self.act_as)
            yield platform

    def read_passphrase(self, *, confirm: bool = False) -> str:
        """The keystore's passphrase, from `--passphrase-file` (first line; "-" is standard input) or asked for."""
        if self.passphrase_file == "-":
            return sys.stdin.readline().rstrip("\r\n")
        if self.passphrase_file:
            try:
                lines = read_text(Path(self.passphrase_file)).splitlines()
            except (OSError, ValueError) as error:
                raise UserError(
                    Text("读不了口令文件。", "The passphrase file cannot be read."), details={"text": str(error)}
                ) from error
            return lines[0] if lines else ""
        if not self._can_ask():
            raise UserError(
                Text("需要密钥库口令。", "The keystore's passphrase is needed."),
                Text("请使用 --passphrase-file。", "Use --passphrase-file."),
                code="passphrase_needed",
            )
        prompt = Text("密钥库口令", "Keystore passphrase").render(self.lang)
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))

    def _ask_pin(self, address: TokenAddress) -> str:
        prompt = Text("令牌“{t}”的 PIN", "PIN of the token {t}", t=address.token).render(self.lang)
        return str(click.prompt(prompt, hide_input=True, err=True))

    def run(self, platform: Platform, fn: Callable[..., T], *args: Any, title: Text | str = "", **kwargs: Any) -> T:
        """Run `fn(*args, ctx=…, **kwargs)` as a job here, with its steps and progress on standard error."""
        with self.watching() as watch:
            return platform.jobs.run(fn, *args, title=title, watch=watch, **kwargs)

    def show(self, value: Any, columns: Mapping[str, Text] | None = None, empty: Text | None = None) -> None:
        """Print a result: JSON with `--json`, otherwise a table (rows and `columns`) or key and value."""
        if self.json:
            output.write_json(value, self.lang)
        elif columns is not None:
            rows = list(value)
            if rows:
                output.write_table(rows, columns, self.lang)
            else:
                self.say(empty or Text("没有内容。", "Nothing here."))
        else:
            output.write_fields(value, self.lang)

    def say(self, text: Text | str) -> None:
        """Print a sentence for people; nothing with `--json`."""
        if not self.json:
            output.console().print(render(text, self.lang))

    def offer_recovery(self, platform: Platform, network: str) -> None:
        """Say so where this desk now has something that nobody else has and no recovery file holds."""
        network = platform.networks.resolve(network)
        if network in platform.networks.attached() and platform.recovery.unsaved(network):
            self.say(
                Text(
                    "现在有内容只有这台电脑能解开，请制作恢复文件：citychain identity recovery FILE",
                    "This machine alone can open it now. Make a recovery file: citychain identity recovery FILE",
                )
            )

    def confirm_by_name(self, name: str, loss: Text, *, yes: bool) -> None:
        """Ask for `name` to be typed before something is lost; `--yes` answers beforehand."""
        if yes:
            return
        if not self._can_ask():
            raise UserError(loss, Text("确认请加 --yes。", "Add --yes to confirm."), code="not_confirmed")
        self.say(loss)
        prompt = Text("请输入 {name} 确认", "Type {name} to confirm", name=name).render(self.lang)
        if click.prompt(prompt, default="", show_default=False, err=True) != name:
            raise UserError(
                Text("没有确认，什么都没有改变。", "Not confirmed; nothing was changed."), code="not_confirmed"
            )

    def _can_ask(self) -> bool:
        return sys.stdin.isatty() and not self.json

    @contextlib.contextmanager
    def watching(self) -> Iterator[Callable[[Job[Any]], None]]:
        """A listener that shows a job on standard error: bars on a terminal, a line a step elsewhere."""
        if self.json or not sys.stderr.isatty():
            seen: set[str] = set()

            def lines(job: Job[Any]) -> None:
                step = job.current
                if not self.json and step is not None and step.id not in seen:
                    seen.add(step.id)
                    sys.stderr.write(f"{render(step.title, self.lang)}\n")

            yield lines
            return
        from baas.cli.progress import ProgressView

        with ProgressView(self.lang) as view:
            yield view.update


@contextlib.contextmanager
def log_to(folder: Path) -> Iterator[None]:
    """Write warnings and errors to the workspace's log inside the block; a folder that cannot be written gets none."""
    import logging

    from network.logs import BoundedLog

    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    try:
        handler = BoundedLog(folder / "logs" / "citychain.log", 1_000_000, 3, form, logging.WARNING)
    except OSError:
        yield
        return
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()


pass_cli = click.make_pass_decorator(Cli, ensure=True)


def _lang() -> Lang:
    context = click.get_current_context(silent=True)
    cli = context.find_object(Cli) if context else None
    return cli.lang if cli else "zh"


class TextOption(click.Option):
    """An option with help in both languages."""

    def __init__(self, *args: Any, help: Text | str | None = None, **kwargs: Any) -> None:
        self.words = help
        kwargs["help"] = render(help, "en") if help else None
        super().__init__(*args, **kwargs)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        if self.words is not None:
            self.help = render(self.words, _lang())
        return super().get_help_record(ctx)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(ctx: click.Context, _param: click.Parameter, value: Any) -> Any:
        cli = ctx.ensure_object(Cli) if ctx.parent is None else ctx.find_object(Cli)
        if cli is not None and value not in (None, False, ""):
            setattr(cli, name, value)
        return value

    return callback


def common_options() -> list[click.Option]:
    """The options that every command takes, before or after its name."""
    eager: dict[str, Any] = {"expose_value": False, "is_eager": True}
    return [
        TextOption(
            ["--workspace"],
            type=click.Path(file_okay=False, path_type=Path),
            callback=_remember("workspace"),
            help=Text("工作区文件夹。", "The workspace folder."),
            **eager,
        ),
        TextOption(
            ["--lang"],
            type=click.Choice(["zh", "en"]),
            callback=_remember("lang"),
            help=Text("语言。", "Language."),
            **eager,
        ),
        TextOption(
            ["--json"],
            is_flag=True,
            callback=_remember("json"),
            help=Text("以 JSON 输出结果。", "Print the result as JSON."),
            **eager,
        ),
        TextOption(
            ["--as", "act_as"],
            metavar="LABEL",
            callback=_remember("act_as"),
            help=Text("以哪个身份操作，如 HospitalMSP/nurse。", "Act as this identity, such as HospitalMSP/nurse."),
            **eager,
        ),
        TextOption(
            ["--passphrase-file"],
            type=click.Path(dir_okay=False, allow_dash=True),
            callback=_remember("passphrase_file"),
            help=Text(
                "密钥库口令所在文件，- 为标准输入。", "File with the keystore's passphrase; - is standard input."
            ),
            **eager,
        ),
    ]


class TextCommand(click.Command):
    """A command with help in both languages and the common options."""

    words: Text | str = ""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, as one operation of the audit log."""
        if isinstance(self, click.Group):
            return super().invoke(ctx)
        from baas import audit

        ours = getattr(self.callback, "__module__", "").startswith("baas.")
        path = ctx.command_path.partition(" ")[2]
        with audit.operation(path, on=audit.told(ctx.params) if ours else None, door="command", whole=True):
            return super().invoke(ctx)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        taken = {name for param in own for name in (*param.opts, *param.secondary_opts)}
        return [*own, *(o for o in _COMMON if not taken & set(o.opts))]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = Text("显示这段说明。", "Show this text.").render(_lang())
        return found

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        prefix = Text("用法：", "Usage: ").render(_lang())
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [found for param in self.get_params(ctx) if (found := param.get_help_record(ctx))]
        with formatter.section(Text("选项", "Options").render(_lang())):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return _first_sentence(render(self.words, _lang()))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = render(self.words, _lang())
        super().format_help_text(ctx, formatter)


class TextGroup(TextCommand, click.Group):
    """A group whose commands speak both languages."""

    def command(  # type: ignore[override]
        self, *args: Any, help: Text | str = "", **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Declare a command; `help` says in both languages what it is for."""
        kwargs.setdefault("cls", TextCommand)

        def decorate(function: Callable[..., Any]) -> click.Command:
            made: click.Command = click.Group.command(self, *args, **kwargs)(function)
            if isinstance(made, TextCommand):
                made.words = help
            return made

        return decorate

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        named = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, made.get_short_help_str()) for name, made in named if made is not None and not made.hidden]
        with formatter.section(Text("命令", "Commands").render(_lang())):
            formatter.write_dl(rows)

    def group(  # type: ignore[override]
        self, *args: Any, help: Text | str = "", **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Group]:
        """Declare a group inside this one."""
        kwargs.setdefault("cls", TextGroup)

        def decorate(function: Callable[..., Any]) -> click.Group:
            made: click.Group = click.Group.group(self, *args, **kwargs)(function)
            if isinstance(made, TextGroup):
                made.words = help
            return made

        return decorate


def group(
    name: str, *, help: Text | str, cls: type[TextGroup] = TextGroup
) -> Callable[[Callable[..., Any]], TextGroup]:
    """Declare a top group of commands."""

    def decorate(function: Callable[..., Any]) -> TextGroup:
        made = click.group(name, cls=cls)(function)
        made.words = help
        return made

    return decorate


def command(name: str, *, help: Text | str) -> Callable[[Callable[..., Any]], TextCommand]:
    """Declare a command that stands alone."""

    def decorate(function: Callable[..., Any]) -> TextCommand:
        made = click.command(name, cls=TextCommand)(function)
        made.words = help
        return made

    return decorate


def option(*declarations: str, help: Text | str, **kwargs: Any) -> Callable[[F], F]:
    """Declare an option with help in both languages."""
    return click.option(*declarations, cls=TextOption, help=help, **kwargs)


def argument(*declarations: str, **kwargs: Any) -> Callable[[F], F]:
    """Declare an argument."""
    return click.argument(*declarations, **kwargs)


def network_option() -> Callable[[F], F]:
    """`--network NAME`: the network to work on; without it the default one."""
    return option("--network", "network", metavar="NAME", default="", help=Text("网络名。", "The network's name."))


def channel_option() -> Callable[[F], F]:
    """`--channel NAME`: the channel; without it the network's first."""
    return option("--channel", default="", help=Text("通道名。", "The channel's name."))


def limit_option() -> Callable[[F], F]:
    """`--limit N`: how many rows at most."""
    return option("--limit", type=click.IntRange(1, 1000), default=20, help=Text("最多几条。", "At most how many."))


def columns(**titles: tuple[str, str]) -> dict[str, Text]:
    """Column headings: field = (zh, en)."""
    return {name: Text(zh, en) for name, (zh, en) in titles.items()}


def _first_sentence(text: str) -> str:
    for end in ("。", ". "):
        head, found, _ = text.partition(end)
        if found:
            return head + end.strip()
    return text


def sequence_of(text: str) -> Sequence[str]:
    """A comma-separated list; blanks and empty parts do not count."""
    return [part.strip() for part in text.split(",") if part.strip()]


_COMMON = common_options()


def first_line(path: Path) -> str:
    """A passphrase out of a file: its first line, "" for an empty file."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(Text("读不了口令文件。", "The passphrase file cannot be read.")) from e
    return lines[0] if lines else ""
