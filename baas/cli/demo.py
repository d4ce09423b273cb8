"""`citychain demo`: the whole platform from nothing, and a summary of what really happened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from baas.cli import output
from baas.cli.kit import Cli, command, option, pass_cli
from baas.errors import Text, Unavailable, UserError

STANDARD_OUTPUT = "-"


@command(
    "demo",
    help=Text(
        "一键体验：建立城市平台网络，部署合约，登记作品，发布并预约号源，校验账本。",
        "Set up a city's network, deploy the contracts, register works, publish and book slots, verify the ledger.",
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
    "--works",
    type=click.Path(path_type=Path),
    help=Text(
        "登记这个文件夹里的每个文件（默认用自带的样例）。", "Register every file of this folder (default: samples)."
    ),
)
@option(
    "--schedule",
    type=click.Path(path_type=Path),
    help=Text(
        "医院排班表，CSV 或 XLSX（默认用自带的样例）。", "A hospital's schedule, CSV or XLSX (default: a sample)."
    ),
)
@option(
    "--json",
    "json_file",
    metavar="[FILE]",
    is_flag=False,
    flag_value=STANDARD_OUTPUT,
    help=Text("把结果写成 JSON 文件；不给文件名则输出到屏幕。", "Write the result as JSON to FILE, or print it."),
)
@pass_cli
def demo(cli: Cli, runtime: Any, works: Path | None, schedule: Path | None, json_file: str | None) -> None:
    from baas.applications import DemoOptions
    from baas.demo import run_demo

    if works is not None and not works.is_dir():
        raise UserError(
            Text("{p} 不是可以读取的文件夹。", "{p} is not a folder that can be read.", p=works),
            Text("请用 --works 指定存放作品的文件夹。", "Name a folder of works with --works."),
        )
    if schedule is not None and not schedule.is_file():
        raise UserError(
            Text("找不到排班表 {p}。", "There is no schedule {p}.", p=schedule),
            Text("请用 --schedule 指定 CSV 或 XLSX 文件。", "Name a CSV or XLSX file with --schedule."),
        )
    cli.json = cli.json or json_file == STANDARD_OUTPUT
    with cli.platform() as platform:
        result = cli.run(
            platform, run_demo, platform, DemoOptions(works, schedule), runtime, title=Text("一键体验", "Demonstration")
        )
    if cli.json:
        output.write_json(result, cli.lang)
        return
    if json_file:
        write_atomically(Path(json_file), json.dumps(output.plain(result, cli.lang), ensure_ascii=False, indent=2))
    show_summary(cli, result)


def write_atomically(path: Path, text: str) -> None:
    """Write the whole of `text` to `path` or nothing."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Unavailable(
            Text(
                "结果没能写入 {p}：{why}", "The result could not be written to {p}: {why}", p=path, why=error.strerror
            ),
            Text("请换一个可写的位置。", "Choose a place that can be written."),
        ) from error


def show_summary(cli: Cli, result: dict[str, Any]) -> None:
    """Print what the demonstration did: network, works, slots, ledger, certificate."""
    network, ledger = result["network"], result["ledger"]
    works, slots = result.get("works", []), result.get("slots")
    if works:
        cli.show(
            works,
            {
                "title": Text("作品", "Work"),
                "id": Text("登记号", "Id"),
                "block": Text("区块", "Block"),
                "cid": Text("内容标识 CID", "CID"),
            },
        )
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
    if slots:
        lines.append(
            (
                Text("号源", "Slots"),
                Text(
                    "发布 {p} 个，已约 {b} 个；重复预约{r}",
                    "{p} published, {b} booked; double booking {r}",
                    p=slots["published"],
                    b=slots["booked"],
                    r=Text("已被拒绝", "refused")
                    if slots["double_booking_refused"]
                    else Text("未被拒绝", "NOT refused"),
                ),
            )
        )
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
    if result.get("certificate"):
        lines.append((Text("证书", "Certificate"), str(result["certificate"])))
    output.write_fields({title.render(cli.lang): value for title, value in lines}, cli.lang)
