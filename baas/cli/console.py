"""`citychain console`: the desktop console, or its pages as pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from baas.applications import load
from baas.cli.kit import Cli, argument, command, option, pass_cli, sequence_of
from baas.errors import Text, Unavailable, UserError


@command(
    "console",
    help=Text("打开桌面控制台；可带一个收到的文件。", "Open the desktop console; FILE is one you were sent."),
)
@argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--screenshots",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("不打开窗口，把每一页存成图片。", "Open no window; save every page as a picture."),
)
@option(
    "--fill",
    is_flag=True,
    help=Text(
        "空的工作区先用演示填充，再拍图片。", "Fill an empty workspace by the demonstration before the pictures."
    ),
)
@option("--theme", type=click.Choice(["light", "dark"]), default=None, help=Text("浅色或深色。", "Light or dark."))
@option(
    "--tray",
    is_flag=True,
    help=Text(
        "不打开窗口，只在系统托盘里：有新事待办时提示。", "No window, only the tray: tells when something new waits."
    ),
)
@option("--langs", default="zh,en", help=Text("图片的语言。", "The pictures' languages."))
@option(
    "--size",
    default="1440x900",
    metavar="WIDTHxHEIGHT",
    help=Text("图片的大小，像素，如 1024x700。", "The pictures' size in pixels, such as 1024x700."),
)
@pass_cli
def console(
    cli: Cli,
    file: Path | None,
    screenshots: Path | None,
    fill: bool,
    theme: str | None,
    tray: bool,
    langs: str,
    size: str,
) -> None:
    """Open the desktop console."""
    if tray:
        if code := _load("console.tray:run")(cli.workspace, cli.lang):
            raise click.exceptions.Exit(code)
        return
    if fill and screenshots is None:
        raise UserError(Text("--fill 与 --screenshots 一起用。", "--fill goes with --screenshots."), code="usage")
    if screenshots is not None:
        window = _size(size)
        if fill:
            _fill_empty(cli)
        _refuse_nothing(cli)
        render = _load("console.screenshots:render")
        themes = (theme,) if theme else ("light", "dark")
        files = render(cli.workspace, screenshots, tuple(sequence_of(langs)), themes, size=window)
        cli.show({"files": files})
        return
    code = _load("console.app:run")(cli.workspace, cli.lang, theme, file)
    if code:
        raise click.exceptions.Exit(code)


def _size(text: str) -> tuple[int, int]:
    """Read `1024x700`."""
    found = re.fullmatch(r"(\d{3,5})[x×](\d{3,5})", text.strip().lower())
    if found is None:
        raise UserError(
            Text(
                "大小 {t} 看不懂：写成 宽x高，单位像素，如 1024x700。",
                "{t} is no size: write WIDTHxHEIGHT in pixels, such as 1024x700.",
                t=text,
            ),
            code="usage",
        )
    return int(found[1]), int(found[2])


def _fill_empty(cli: Cli) -> None:
    """Run the demonstration where the workspace has no network yet; what somebody has made is left alone."""
    from baas.applications import DemoOptions
    from baas.demo import run_demo

    with cli.platform() as platform:
        if not platform.networks.names():
            cli.run(platform, run_demo, platform, DemoOptions(), title=Text("演示", "Demonstration"))


def _refuse_nothing(cli: Cli) -> None:
    """Pictures of an empty workspace show nothing: say so, and how to fill it."""
    with cli.platform(create=False) as platform:
        if platform.networks.names():
            return
        folder = platform.workspace.folder
    raise UserError(
        Text(
            "工作区 {f} 是空的，没有可拍的页面。",
            "The workspace {f} is empty: there is nothing to show.",
            f=str(folder),
        ),
        Text("请加 --fill，先用演示填充它。", "Add --fill to fill it by the demonstration first."),
        code="empty_workspace",
    )


def _load(reference: str) -> Any:
    # Named by string, because imports point down: the console knows the platform, not the other way round.
    try:
        return load(reference)
    except ImportError as error:
        raise Unavailable(
            Text("控制台不能打开：{t}", "The console cannot be opened: {t}", t=str(error)),
            Text("请安装 PySide6 和它需要的系统库。", "Install PySide6 and the system libraries that it needs."),
            code="no_console",
        ) from error
