"""`citychain demo`: the whole platform from nothing, and a summary of what really happened."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from baas.cli import output
from baas.cli.kit import Cli, command, option, pass_cli
from baas.errors import CityChainError, Text, Unavailable, UserError
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from baas.applications import DemoOptions, DemoTold

F = TypeVar("F", bound=Callable[..., Any])
STANDARD_OUTPUT = "-"


def _application_options(function: F) -> F:
    """Add what the installed applications take."""
    from baas.applications import Applications

    for one in reversed(Applications().demo_options()):
        function = option(f"--{one.name}", type=click.Path(path_type=Path), help=one.help)(function)
    return function


@command(
    "demo",
    help=Text(
        "一键体验：建立城市平台网络，部署合约，让每个应用各做一遍，校验账本。",
        "Set up a city's network, deploy the contracts, let every application show what it does, verify the ledger.",
    ),
)
@option(
    "--network",
    "runtime",
    type=click.Choice(["embedded", "native", "docker"]),
    default="embedded",
    show_default=True,
    help=Text("在哪种网络上运行。", "The kind of network to run on."),
)
@option(
    "--json",
    "json_file",
    metavar="[FILE]",
    is_flag=False,
    flag_value=STANDARD_OUTPUT,
    help=Text("把结果写成 JSON 文件；不给文件名则输出到屏幕。", "Write the result as JSON to FILE, or print it."),
)
@_application_options
@pass_cli
def demo(cli: Cli, /, runtime: Any, json_file: str | None, **given: Path | None) -> None:
    from baas.applications import DemoOptions
    from baas.demo import network_name, run_demo

    options = DemoOptions({name: path for name, path in given.items() if path is not None})
    _check(options)
    cli.json = cli.json or json_file == STANDARD_OUTPUT
    with cli.platform() as platform:
        manifests = platform.applications.all()
        try:
            result = cli.run(platform, run_demo, platform, options, runtime, title=Text("一键体验", "Demonstration"))
        except CityChainError as error:
            if network_name(runtime) in platform.networks.names():
                error.hint = _afresh(network_name(runtime), error.hint)
            raise
    if cli.json:
        output.write_json(result, cli.lang)
        return
    if json_file:
        write_atomically(Path(json_file), json.dumps(output.plain(result, cli.lang), ensure_ascii=False, indent=2))
    show_summary(cli, result, [manifest.told(result) for manifest in manifests])
    cli.say(
        Text(
            "网络 {n} 继续运行。接下来可打开控制台：citychain console；停止网络：citychain network stop {n}",
            "Network {n} runs on. Next, open the console: citychain console; stop it: citychain network stop {n}",
            n=result["network"]["name"],
        )
    )


def _afresh(network: str, hint: Text | str | None) -> Text:
    """What to do next after a failure: the demonstration goes on where it ended, unless its network is removed."""
    return Text(
        "{h}再次运行 citychain demo 会从中断处继续；如要重新开始，请先运行 citychain network destroy {n}。",
        "{h}citychain demo goes on where it ended; to begin afresh, first run citychain network destroy {n}.",
        h=Text("{h}\n", "{h}\n", h=hint) if hint else "",
        n=network,
    )


def _check(options: DemoOptions) -> None:
    """Refuse what is not there before anything is set up."""
    from baas.applications import Applications

    for one in Applications().demo_options():
        path = options.get(one.name)
        if path is None or (path.is_dir() if one.folder else path.is_file()):
            continue
        if one.folder:
            said = Text("{p} 不是可以读取的文件夹。", "{p} is not a folder that can be read.", p=path)
        else:
            said = Text("没有文件 {p}。", "There is no file {p}.", p=path)
        raise UserError(said, Text("--{o}：{h}", "--{o}: {h}", o=one.name, h=one.help))


def write_atomically(path: Path, text: str) -> None:
    """Write the whole of `text` to `path` or nothing."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        replace_file(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Unavailable(
            Text(
                "结果没能写入 {p}：{why}", "The result could not be written to {p}: {why}", p=path, why=error.strerror
            ),
            Text("请换一个可写的位置。", "Choose a place that can be written."),
        ) from error


def show_summary(cli: Cli, result: dict[str, Any], told: Sequence[DemoTold]) -> None:
    """Print what the demonstration did: what each application tells, network and ledger."""
    network, ledger = result["network"], result["ledger"]
    for one in told:
        if one.rows:
            cli.show(one.rows, dict(one.columns))
    lines: list[tuple[Text, Text | str]] = [
        (
            Text("网络", "Network"),
            Text(
                "{name}（{runtime}），{n} 个组织",
                "{name} ({runtime}), {n} organisations",
                name=network["name"],
                runtime=network["runtime"],
                n=len(network["organizations"]),
            ),
        )
    ]
    if network["first_commit_s"] is not None:
        lines.append(
            (
                Text("从零到合约上链", "From nothing to the first contract"),
                Text("{s:.2f} 秒", "{s:.2f} s", s=network["first_commit_s"]),
            )
        )
    lines += [line for one in told for line in one.lines]
    lines.append(
        (
            Text("账本", "Ledger"),
            Text(
                "高度 {h}，{v}",
                "height {h}, {v}",
                h=ledger["height"],
                v=Text("校验通过", "verified") if ledger["verified"] else Text("校验未通过", "NOT verified"),
            ),
        )
    )
    output.write_fields({title.render(cli.lang): value for title, value in lines}, cli.lang)
