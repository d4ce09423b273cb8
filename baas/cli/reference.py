"""The command reference as Markdown, made from the commands themselves: `python -m baas.cli.reference [zh|en]`.

`docs/commands.md` and `docs/commands.zh-CN.md` are its output; a test fails when they are not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from baas.cli.kit import TextCommand, TextOption
from baas.cli.root import COMMANDS, root
from baas.errors import Lang, Text, render

_TITLE = Text("# 命令参考", "# Command reference")
_INTRO = Text(
    "每个命令都接受 `--workspace`、`--lang`、`--json`、`--as` 和 `--passphrase-file`，放在命令前后均可。"
    "退出码：0 成功，2 用法错误，3 不可用，4 账本拒绝，70 程序缺陷，130 已取消。"
    "本页由 `python -m baas.cli.reference` 生成。",
    "Every command takes `--workspace`, `--lang`, `--json`, `--as` and `--passphrase-file`, before or after its name. "
    "Exit codes: 0, 2 wrong use, 3 unavailable, 4 refused by the ledger, 70 a defect of ours, 130 cancelled. "
    "Made by `python -m baas.cli.reference`.",
)


def reference(lang: Lang) -> str:
    """The whole reference in one language."""
    lines = [_TITLE.render(lang), "", _INTRO.render(lang), ""]
    context = click.Context(root, info_name="citychain")
    for name in root.list_commands(context):
        found = root.get_command(context, name)
        if found is None:
            continue
        entry = COMMANDS.get(name)
        summary = entry.words if entry else getattr(found, "words", "") or found.help or ""
        lines += [f"## {name}", "", render(summary, lang), ""]
        lines += list(_describe(found, f"citychain {name}", lang))
    return "\n".join(lines).rstrip() + "\n"


def _describe(found: click.Command, path: str, lang: Lang) -> Iterator[str]:
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in sorted(found.list_commands(context)):
            inner = found.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _describe(inner, f"{path} {name}", lang)
        return
    arguments = [p for p in found.params if isinstance(p, click.Argument)]
    usage = " ".join([path, *(_argument(a) for a in arguments)])
    yield f"### `{usage}`"
    yield ""
    words = found.words if isinstance(found, TextCommand) else found.help
    yield render(words or "", lang)
    yield ""
    options = [p for p in found.params if isinstance(p, click.Option) and p.expose_value]
    for option in options:
        words = option.words if isinstance(option, TextOption) else option.help
        value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
        yield f"- `{option.opts[0]}{value}`: {render(words or '', lang)}"
    if options:
        yield ""


def _argument(argument: click.Argument) -> str:
    name = (argument.metavar or argument.name or "").upper()
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "en"
    sys.stdout.write(reference("zh" if chosen == "zh" else "en"))
